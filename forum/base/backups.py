"""A copy of the whole database that this machine cannot read again: one file in the age format, for a key kept elsewhere.

Inside: `manifest.json`, which says what was copied, and the copy itself. Only logical copies: `VACUUM INTO` and `pg_dump`
keep nothing of the order in which things were written (decisions.md §2). A file that was cut, changed or made for another
key is refused before anything is touched.
"""

import hashlib
import json
import os
import sqlite3
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pyrage
from sqlalchemy import func, make_url, select, table

from forum.base import clock
from forum.base.db import db, read_engine

#: What is read at a time while a hash is made.
PIECE_BYTES = 1024 * 1024
MANIFEST, COPY = "manifest.json", "database"


class BackupError(Exception):
    """It cannot be made, read or put back. The message says why and what to do."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself.

    :param made_on: the day. :param kind: "sqlite" or "postgresql". :param schema: the migration it was made at.
    :param sha256: of the copy. :param rows: how many each table had.
    """

    made_on: str
    kind: str
    schema: str
    sha256: str
    rows: dict[str, int]


def make_pair(file: Path) -> str:
    """Write a new private key to `file` (mode 0600) and give the public one.

    :raises BackupError: the file is there already.
    """
    identity = pyrage.x25519.Identity.generate()
    try:
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(f"{identity}\n")
    except FileExistsError as error:
        raise BackupError(f"{file} exists already; give another name.") from error
    return str(identity.to_public())


def make(database_url: str, folder: Path, public_key: str, schema: str) -> Path:
    """Copy the database while people read and write; gives the file, which only the private key opens.

    :param folder: on another disk, best on another machine. :param schema: the newest migration.
    :raises BackupError: the database cannot be copied.
    """
    recipient = pyrage.x25519.Recipient.from_str(public_key)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"common-ground-{clock.now():%Y-%m-%dT%H%M}.age"
    with TemporaryDirectory(dir=folder, prefix=".making-") as made:
        copy = Path(made, COPY)
        url = make_url(database_url)
        kind = url.get_backend_name()
        rows = _copy_sqlite(url.database or "", copy) if kind == "sqlite" else _dump(database_url, copy)
        manifest = Manifest(clock.today().isoformat(), kind, schema, _sha256(copy), rows)
        Path(made, MANIFEST).write_text(json.dumps(asdict(manifest), indent=1))
        packed, sealed = Path(made, "packed"), Path(made, "sealed")
        with tarfile.open(packed, "w") as tar:
            for part in (MANIFEST, COPY):
                tar.add(Path(made, part), part)
        pyrage.encrypt_file(str(packed), str(sealed), [recipient])
        _sync(sealed)
        return sealed.rename(folder / name)


def _copy_sqlite(database: str, copy: Path) -> dict[str, int]:
    source = sqlite3.connect(database)
    try:
        source.execute("VACUUM INTO ?", (str(copy),))
    except sqlite3.Error as error:
        raise BackupError(f"The database could not be copied: {error}. Is there room on that disk?") from error
    finally:
        source.close()
    copied = sqlite3.connect(copy)
    try:
        return _counted(copied)
    finally:
        copied.close()


def _counted(connection: sqlite3.Connection) -> dict[str, int]:
    known = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    ours = sorted(set(db.metadata.tables) & known)
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in ours}  # noqa: S608


def _dump(database_url: str, copy: Path) -> dict[str, int]:
    """Rows are counted in the same snapshot that is dumped."""
    with read_engine().execution_options(isolation_level="REPEATABLE READ").connect() as connection:
        snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
        _run(database_url, "pg_dump", "--format=plain", "--no-owner", f"--snapshot={snapshot}", f"--file={copy}")
        names = sorted(db.metadata.tables)
        return {name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}


def _run(database_url: str, *command: str) -> None:
    url = make_url(database_url)
    said = {"PGHOST": url.host, "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password}
    given = {name: str(value) for name, value in said.items() if value}  # never in the arguments, which everybody sees
    try:
        subprocess.run(
            command, env={**os.environ, **given, "PGDATABASE": url.database or ""}, check=True, capture_output=True
        )
    except FileNotFoundError as error:
        raise BackupError(f"{command[0]} is not here. Install PostgreSQL's client programs.") from error
    except subprocess.CalledProcessError as error:
        raise BackupError(f"{command[0]} failed: {error.stderr.decode(errors='replace').strip()[:500]}") from error


@contextmanager
def opened(file: Path, private_key: Path, beside: Path) -> Iterator[tuple[Manifest, Path]]:
    """What a backup says of itself, and its copy, checked against each other; gone again afterwards.

    :param beside: a folder with room for the copy twice.
    :raises BackupError: it was cut or changed, or is for another key.
    """
    for needed in (file, private_key):
        if not needed.is_file():
            raise BackupError(f"There is no file {needed}. Nothing was touched.")
    beside.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=beside, prefix=".opening-") as opening:
        packed = Path(opening, "packed")
        try:
            identity = pyrage.x25519.Identity.from_str(_read_key(private_key))
            pyrage.decrypt_file(str(file), str(packed), [identity])
            with tarfile.open(packed) as tar:
                tar.extractall(opening, filter="data")
            manifest = Manifest(**json.loads(Path(opening, MANIFEST).read_text()))
        except (pyrage.DecryptError, pyrage.IdentityError, tarfile.TarError, OSError, ValueError, TypeError) as error:
            raise BackupError(
                f"{file} cannot be opened: it was cut or changed, or was made for another key. Nothing was touched."
            ) from error
        copy = Path(opening, COPY)
        if not copy.exists() or _sha256(copy) != manifest.sha256:
            raise BackupError(f"The copy in {file} is not what its manifest says. Nothing was touched.")
        if manifest.kind == "sqlite":
            _check_sqlite(copy, manifest)
        yield manifest, copy


def _read_key(file: Path) -> str:
    """The line of an age key file that is not a comment."""
    lines = [line.strip() for line in file.read_text().splitlines()]
    return next((line for line in lines if line and not line.startswith("#")), "")


def _check_sqlite(copy: Path, manifest: Manifest) -> None:
    connection = sqlite3.connect(copy)
    try:
        whole = connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        if not whole or _counted(connection) != manifest.rows:
            raise BackupError("The copy is damaged. Nothing was touched. Take the backup of another night.")
    finally:
        connection.close()


def put_back(database_url: str, manifest: Manifest, copy: Path) -> None:
    """Make the copy the database: into an empty place only, wholly or not at all.

    :raises BackupError: something is there already, or the copy is of the other kind of database.
    """
    url = make_url(database_url)
    if url.get_backend_name() != manifest.kind:
        raise BackupError(f"This backup is of {manifest.kind}; DATABASE_URL names {url.get_backend_name()}.")
    if manifest.kind == "sqlite":
        _put_file(copy, Path(url.database or ""))
    else:
        _read_dump(database_url, copy)


def _put_file(copy: Path, target: Path) -> None:
    there = [
        one for one in (target, *(target.with_name(target.name + end) for end in ("-wal", "-shm"))) if one.exists()
    ]
    if there:
        raise BackupError(f"{there[0]} is there already. Stop the program and move it away, with its -wal and -shm.")
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(target.name + ".restoring")
    with copy.open("rb") as source, open(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        while piece := source.read(PIECE_BYTES):
            out.write(piece)
    _sync(scratch)
    scratch.rename(target)


def _read_dump(database_url: str, copy: Path) -> None:
    with read_engine().connect() as connection:
        used = connection.exec_driver_sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").scalar_one()
    if used:
        raise BackupError("The database is not empty. Make a new one and name it in DATABASE_URL.")
    _run(database_url, "psql", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--file={copy}")


def differences(manifest: Manifest) -> list[str]:
    """Tables of the database at hand that have another number of rows than the manifest says."""
    with read_engine().connect() as connection:
        found = {n: connection.scalar(select(func.count()).select_from(table(n))) or 0 for n in manifest.rows}
    return [f"{name}: {found[name]} of {n}" for name, n in manifest.rows.items() if found[name] != n]


def _sha256(file: Path) -> str:
    with file.open("rb") as opened_file:
        return hashlib.file_digest(opened_file, "sha256").hexdigest()


def _sync(file: Path) -> None:
    """On the disk, and not on its way there."""
    with file.open("rb") as opened_file:
        os.fsync(opened_file.fileno())
