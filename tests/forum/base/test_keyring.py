"""The keyring as a file, what a rotation asks of its owner, and that its keys stand nowhere else."""

import base64
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, select

import wsgi
from forum.base import keyring, rotation
from forum.base.config import Settings
from forum.base.db import db, rows
from forum.base.keyring import Keyring, KeyringError, Purpose, Scope, the_keyring
from forum.base.transaction import here, transaction
from forum.models import Draft, Role
from tests.conftest import Database
from tests.services.raw import raw_bytes
from tests.world import World, conversation_url


def test_a_rotation_makes_the_copy_in_the_safe_out_of_date(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    keyring.save(keyring.marked_exported(keyring.fresh()), path)
    assert keyring.load(path).exported_on

    keyring.save(keyring.load(path).rotated(Purpose.SEAL), path)
    assert keyring.load(path).exported_on is None  # `flask doctor` asks for a new copy

    keyring.save(keyring.marked_exported(keyring.load(path)), path)
    keyring.save(keyring.load(path).finished(), path)
    assert keyring.load(path).exported_on  # retiring makes no key


# --- The file ----------------------------------------------------------------------------------------------------


def test_sec_s28_only_its_owner_can_read_the_file(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        keyring.init(tmp_path / "keys" / "keyring.json")
    finally:
        os.umask(before)
    assert (tmp_path / "keys" / "keyring.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o602, 0o610])
def test_a_file_that_others_can_open_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "keyring.json"
    keyring.init(path)
    path.chmod(mode)
    with pytest.raises(KeyringError, match="chmod 600"):
        keyring.load(path)
    path.chmod(0o600)
    keyring.load(path)


def test_a_keyring_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    first = keyring.init(path)
    with pytest.raises(KeyringError, match="never overwritten"):
        keyring.init(path)
    assert keyring.load(path) == first


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    ring = keyring.fresh(demonstration=True).rotated(Purpose.TAG).rotated(Purpose.SEAL).finished()
    keyring.save(ring, tmp_path / "keyring.json")
    assert keyring.load(tmp_path / "keyring.json") == ring


def test_a_save_cut_short_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "keyring.json"
    first = keyring.init(path)

    def full_disk(_file: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="no space"):
        keyring.save(first.rotated(Purpose.SEAL), path)
    assert keyring.load(path) == first


def test_a_file_that_changes_is_read_anew(tmp_path: Path, ring: Keyring) -> None:
    path = tmp_path / "keyring.json"
    keyring.save(ring, path)
    try:
        keyring.use_file(path)
        keyring.refresh()
        assert the_keyring() == ring
        keyring.save(ring.rotated(Purpose.TAG), path)
        keyring.refresh()
        assert len(the_keyring().readable(Purpose.TAG)) == 2
    finally:
        keyring.use(ring)


@pytest.mark.parametrize("how", ["gone", "damaged", "open"])
def test_r6_a_file_that_cannot_be_used_any_more_stops_nobody(
    tmp_path: Path, ring: Keyring, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    """People go on with the keys in memory, and the log says so once, not each second."""
    path = tmp_path / "keyring.json"
    keyring.save(ring, path)
    keyring.use_file(path)
    if how == "gone":
        path.unlink()
    elif how == "damaged":
        path.write_text("{")
    else:
        path.chmod(0o644)
    for _n in range(3):
        keyring.refresh()
    assert the_keyring() == ring
    assert [r.levelname for r in caplog.records if "keyring" in r.message] == ["ERROR"]
    path.unlink(missing_ok=True)
    keyring.save(ring.rotated(Purpose.SEAL), path)
    keyring.refresh()
    assert the_keyring() != ring, "mended, it is used"
    keyring.use(ring)


def damaged() -> dict[str, Callable[[str], str]]:
    """Ways in which a file can be broken."""

    def without(purpose: str) -> Callable[[str], str]:
        def change(text: str) -> str:
            body = json.loads(text)
            body["entries"] = [e for e in body["entries"] if e["purpose"] != purpose]
            return json.dumps(body)

        return change

    def entry(**changes: object) -> Callable[[str], str]:
        def change(text: str) -> str:
            body = json.loads(text)
            body["entries"][0].update(changes)
            return json.dumps(body)

        return change

    cut: dict[str, Callable[[str], str]] = {f"cut at {n} %": lambda text, n=n: text[: len(text) * n // 100] for n in range(0, 100, 7)}  # fmt: skip
    return {
        **cut,
        **{f"without {p}": without(p.value) for p in keyring.OWN_PURPOSES},
        "not JSON": lambda _text: "keys",
        "a list": lambda _text: "[]",
        "no entries": lambda _text: "{}",
        "an unknown purpose": entry(purpose="anything"),
        "an unknown state": entry(state="lost"),
        "a key that is no base64": entry(key="!"),
        "a key that is no text": entry(key=7),
        "a key that is too short": entry(key="AAAA"),
        "two active keys": lambda text: json.dumps(
            {**json.loads(text), "entries": json.loads(text)["entries"] + [{**json.loads(text)["entries"][1], "id": "ffffffff"}]}
        ),
    }  # fmt: skip


@pytest.mark.parametrize("how", damaged())
def test_a_damaged_file_is_refused_and_its_keys_are_not_told(tmp_path: Path, how: str) -> None:
    path = tmp_path / "keyring.json"
    ring = keyring.init(path)
    path.write_text(damaged()[how](path.read_text()))
    with pytest.raises(KeyringError, match="safe") as refused:
        keyring.load(path)
    assert found_in(str(refused.value).encode(), ring) == []


# --- Starting ----------------------------------------------------------------------------------------------------


def settings(folder: Path, **changes: object) -> Settings:
    plain = Settings(f"sqlite:///{folder / 'forum.db'}", folder / "keyring.json", folder, ticker=False)
    return replace(plain, trusted_hosts=("forum.example.org",), **changes)  # type: ignore[arg-type]


def test_without_a_keyring_the_program_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["gunicorn", "wsgi:app"])
    with pytest.raises(KeyringError, match="flask keys init"):
        wsgi.create_app(settings(tmp_path))


def test_the_demonstration_keyring_is_for_demonstrations(tmp_path: Path) -> None:
    keyring.init(tmp_path / "keyring.json", demonstration=True)
    with pytest.raises(KeyringError, match="demonstrations"):
        wsgi.create_app(settings(tmp_path))
    assert wsgi.create_app(settings(tmp_path, demo=True))


def test_a_keyring_of_ones_own_is_for_everything(tmp_path: Path) -> None:
    keyring.init(tmp_path / "keyring.json")
    assert wsgi.create_app(settings(tmp_path))


# --- Tags and seals ----------------------------------------------------------------------------------------------

HERE, THERE = Scope(b"o" * 16, b"g" * 16), Scope(b"o" * 16, b"h" * 16)


def test_a_tag_fits_one_place_alone() -> None:
    ring = keyring.fresh()
    tag = ring.tag(HERE, "mask", b"ab", b"c")
    others = [
        ring.tag(THERE, "mask", b"ab", b"c"),
        ring.tag(Scope(b"p" * 16, HERE.group_id), "mask", b"ab", b"c"),
        ring.tag(HERE, "seat", b"ab", b"c"),
        ring.tag(HERE, "mask", b"a", b"bc"),
        ring.tag(HERE, "mask", b"abc"),
        keyring.fresh().tag(HERE, "mask", b"ab", b"c"),
    ]
    assert tag == ring.tag(HERE, "mask", b"ab", b"c")
    assert len({tag, *others}) == 7


def test_a_seal_opens_in_its_own_row_alone() -> None:
    ring = keyring.fresh()
    sealed = ring.seal(HERE, "draft", b"row", b"words")
    assert ring.unseal(HERE, "draft", b"row", sealed) == b"words"
    assert sealed != ring.seal(HERE, "draft", b"row", b"words"), "two nights differ"
    moved = [(THERE, "draft", b"row"), (HERE, "seat", b"row"), (HERE, "draft", b"other")]
    for scope, place, row in moved:
        with pytest.raises(KeyringError):
            ring.unseal(scope, place, row, sealed)
    for n in range(len(sealed)):
        with pytest.raises(KeyringError):
            ring.unseal(HERE, "draft", b"row", sealed[:n] + bytes([sealed[n] ^ 1]) + sealed[n + 1 :])
    with pytest.raises(KeyringError):
        ring.unseal(HERE, "draft", b"row", b"")


# --- No key anywhere else ----------------------------------------------------------------------------------------


def spellings(secret: bytes) -> dict[str, bytes]:
    """How a key could be written down."""
    plain, for_urls = base64.b64encode(secret), base64.urlsafe_b64encode(secret)
    return {
        "raw": secret,
        "hex": secret.hex().encode(),
        "HEX": secret.hex().upper().encode(),
        "base64": plain.rstrip(b"="),
        "base64 for addresses": for_urls.rstrip(b"="),
        "base32": base64.b32encode(secret).rstrip(b"="),
        "escaped": repr(secret)[2:-1].encode(),
    }


def found_in(data: bytes, ring: Keyring) -> list[str]:
    """Keys of the ring that stand in `data`, whole or their first half."""
    return [
        f"{key.purpose} as {how}"
        for key in ring.keys
        for how, spelled in spellings(key.secret).items()
        if spelled[: len(spelled) // 2] in data
    ]


def everything_kept(database: Database) -> bytes:
    """Every row of every table, and for SQLite the very bytes of its files."""
    kept = [repr(rows(select(*table.c))).encode() for table in db.metadata.sorted_tables]
    raw = [v for table in db.metadata.sorted_tables for r in rows(select(*table.c)) for v in r if isinstance(v, bytes)]
    if database.name == "sqlite":
        file = Path(database.url.removeprefix("sqlite:///"))
        kept += [raw_bytes(p) for p in file.parent.glob(f"{file.name}*")]
    return b"\n".join([*kept, *raw])


def live(world: World) -> None:
    """A bit of everything that uses keys, with a rotation and an error in between."""
    group = world.group()
    wren, heron = world.person(group), world.person(group, Role.MODERATOR)
    topic = world.topic(wren)
    world.reply(wren, topic, "Masked.", masked=True)
    wren.send(f"{conversation_url(topic)}/posts", {"body": "Held: https://example.org", "token": "t"})
    wren.send(f"{conversation_url(topic)}/read", {"seq": "1"})
    wren.get(conversation_url(topic))
    wren.send("/way-back")
    heron.get(f"/g/{group.address}/team")
    wren.client.post("/sign-out", base_url="https://localhost")
    keyring.use(the_keyring().rotated(Purpose.TAG).rotated(Purpose.SEAL))
    with world.app.app_context():
        list(rotation.renew_old())
        with pytest.raises(KeyringError):
            the_keyring().unseal(group.scope, "draft", b"row", b"nonsense" * 8)


def test_sec_s28_no_key_stands_in_the_database_the_log_or_the_environment(
    world: World, database: Database, ring: Keyring, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    live(world)
    said = capfd.readouterr()
    with world.app.app_context():
        kept = everything_kept(database)
    environment = "\n".join(f"{k}={v}" for k, v in os.environ.items())
    pages = repr(world.app.config) + repr(vars(world.app.extensions["settings"]))
    assert len(kept) > 10_000
    for used in (ring, the_keyring()):
        for where in (kept, caplog.text.encode(), (said.out + said.err).encode(), environment.encode(), pages.encode()):
            assert found_in(where, used) == []


@pytest.mark.parametrize("how", spellings(b"k" * 32))
def test_the_search_finds_a_key_that_was_kept(world: World, database: Database, ring: Keyring, how: str) -> None:
    secret = ring.active(Purpose.SEAL).secret
    planted = spellings(secret)[how]
    with world.app.app_context():
        with transaction():
            value = planted if how == "raw" else b"before " + planted + b" after"
            here().execute(insert(Draft).values(tag=b"t" * 16, sealed=value, key_id="k"))
        assert f"seal as {how}" in found_in(everything_kept(database), ring)
