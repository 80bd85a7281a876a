"""Who did what right after what: the journal of each night keeps its last commits in order, pages and all.

A visit is a chain of commits: somebody signs in on a shared device, reads (a marker is kept by its tag), keeps a draft,
posts, reads on. Under a name the post says whose chain it is. The tag of a marker or draft and the account of a sign-in
stay the same from visit to visit, so the names spread from chain to chain until they reach the masks.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from forum.base.idents import read_post_id
from tests.anonymity import journal, stolen

Trace = tuple[str, bytes]  #: kind and id: "persona", "mask", "tag" of a sealed row, "account" of a sign-in
Near = dict[Trace, dict[Trace, float]]

#: How far the next link of a chain may be, in commits that show anybody, and in minutes; how fast trust fades.
REACH, VISIT_MIN, FADE = 4, 15.0, 0.3
#: Whoever posted has read so far: their marker mostly moves next.
MARKER_COUNTS = 6.0
ROUNDS, DOUBT = 8, 0.3
#: A shared device's sign-in is written with an end 20 to 25 minutes away; a post is due ten seconds after it was sent.
IDLE_MIN, SENDING_MIN = 22.5, 10 / 60


@dataclass(frozen=True)
class Seen:
    """One commit that shows somebody.

    :param who: several where the page is new to us and more than one of its rows changed since the backup before.
    :param minute: when, if the commit says so.
    """

    who: frozenset[Trace]
    minute: float | None = None
    posted: bool = False


def names_by_mask(folder: Path, nights: list[stolen.Night]) -> dict[str, dict[str, float]]:
    """For each mask how strongly its chains lead to each persona, 0 to 1."""
    near: Near = defaultdict(lambda: defaultdict(float))
    for chain in _chains(folder, nights):
        _link(near, chain)
    spread = _spread(near)
    return {t[1].hex(): {who.hex(): s for who, s in names.items()} for t, names in spread.items() if t[0] == "mask"}


def minutes_of_posts(folder: Path) -> dict[int, float]:
    """When exactly a post was sent, for those whose job is still in a journal: the job says when it is due."""
    return {
        post: minute
        for file in sorted(folder.glob("wal-*"))
        for commit in journal.commits(file, _is_job)
        for values in _values(commit)
        if _is_publishing(values)
        for post, minute in [_sent(values)]
    }


def _link(near: Near, chain: list[Seen]) -> None:
    for at, one in enumerate(chain):
        for gap, other in enumerate(chain[at + 1 : at + 1 + REACH]):
            if one.minute and other.minute and abs(other.minute - one.minute) > VISIT_MIN:
                continue
            weight = FADE**gap / (len(one.who) * len(other.who))
            if gap == 0 and one.posted and not other.posted:
                weight *= MARKER_COUNTS
            for a in one.who:
                for b in other.who - {a}:
                    near[a][b] += weight
                    near[b][a] += weight


def _spread(near: Near) -> dict[Trace, dict[bytes, float]]:
    """Names go from each trace to those near it, round by round; a trace near many is sure of none."""
    names: dict[Trace, dict[bytes, float]] = {t: {t[1]: 1.0} for t in near if t[0] == "persona"}
    for _round in range(ROUNDS):
        names |= {trace: _heard(names, around) for trace, around in near.items() if trace[0] != "persona"}
    return names


def _heard(names: dict[Trace, dict[bytes, float]], around: dict[Trace, float]) -> dict[bytes, float]:
    heard: dict[bytes, float] = defaultdict(float)
    for other, weight in around.items():
        for who, share in names.get(other, {}).items():
            heard[who] += weight * share
    whole = sum(around.values()) + DOUBT
    return {who: share / whole for who, share in heard.items() if share / whole > 0.001}


def _chains(folder: Path, nights: list[stolen.Night]) -> Iterator[list[Seen]]:
    by_number = {night.number: night for night in nights}
    for file in sorted(folder.glob("wal-*")):
        number = int(file.name.split("-")[1])
        if number in by_number:
            yield list(_shown(file, _kept(by_number.get(number - 1)), _authors(by_number[number])))


def _shown(file: Path, kept: dict[bytes, Any], authors: dict[int, Trace]) -> Iterator[Seen]:
    for commit in journal.commits(file, _shows_somebody):
        new = [values for values in _values(commit) if _moved(kept, values)]
        tags = frozenset(("tag", v[0]) for v in new if _is_tagged(v))
        accounts = [v for v in new if _is_sign_in(v)]
        posts = [_sent(v) for v in new if _is_publishing(v)]
        if posts and posts[-1][0] in authors:
            yield Seen(frozenset({authors[posts[-1][0]]}), posts[-1][1], posted=True)
        elif tags:
            yield Seen(tags)
        elif accounts:
            latest = max(accounts, key=lambda v: str(v[4]))
            yield Seen(frozenset({("account", latest[1])}), _minute(latest[4]) - IDLE_MIN)


def _values(commit: list[journal.Page]) -> Iterator[journal.Values]:
    for page in commit:
        for _number, values in page.rows:
            yield values


def _moved(kept: dict[bytes, Any], values: journal.Values) -> bool:
    """Whether a row is new or changed; remembers it."""
    state = values[4] if _is_sign_in(values) else values[1]
    moved = kept.get(values[0]) != state
    kept[values[0]] = state
    return moved


def _shows_somebody(values: journal.Values) -> bool:
    return _is_tagged(values) or _is_sign_in(values) or _is_job(values)


def _is_tagged(v: journal.Values) -> bool:
    return len(v) == 3 and isinstance(v[0], bytes) and isinstance(v[1], bytes) and len(v[0]) == 16 and len(v[1]) > 50


def _is_sign_in(v: journal.Values) -> bool:
    return len(v) == 6 and isinstance(v[0], bytes) and len(v[0]) == 32 and isinstance(v[1], bytes)


def _is_job(v: journal.Values) -> bool:
    return len(v) == 10 and isinstance(v[0], bytes) and isinstance(v[2], str)


def _is_publishing(v: journal.Values) -> bool:
    return _is_job(v) and v[1] == "publish_post"


def _sent(job: journal.Values) -> tuple[int, float]:
    """The post of a job and the minute in which it was written."""
    return read_post_id(json.loads(job[2])["post"]) or 0, _minute(job[4]) - SENDING_MIN


def _minute(time: str) -> float:
    return datetime.fromisoformat(f"{time}+00:00").timestamp() / 60


def _kept(night: stolen.Night | None) -> dict[bytes, Any]:
    """Every sealed row and every sign-in as the backup before showed it."""
    kept: dict[bytes, Any] = {}
    for table in night.tables.values() if night else ():
        if "tag" in table.columns and "sealed" in table.columns:
            kept |= {row["tag"]: row["sealed"] for row in night.rows(table.name)} if night else {}
        if "cookie_sha256" in table.columns:
            kept |= {row["cookie_sha256"]: row["ends_on"] for row in night.rows(table.name)} if night else {}
    return kept


def _authors(night: stolen.Night) -> dict[int, Trace]:
    return {
        row["id"]: ("mask", row["mask_id"]) if row["mask_id"] else ("persona", row["persona_id"])
        for row in night.rows("post")
    }
