"""The best guess that we know how to make of who hid their name, from public pages and from stolen backups.

Three kinds of evidence, each a logarithm of "how much more likely if this person wrote it" for every person of a group:

- what every member sees: usual hours, names seen in the same visit, names seen in the same conversation;
- what one row says: a table that puts a person beside a post, or beside a conversation and how far they read;
- what was written after what: a visit is a chain of commits, and the journal of each night keeps the last of them.

    python -m tests.anonymity.attack FOLDER OUT.json [--public] [--without TABLE ...]
"""

import argparse
import json
import math
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from forum.base.idents import read_post_id
from tests.anonymity import order, stolen

Guesses = dict[str, str]
Weights = dict[str, float]  #: persona -> logarithm of how likely
Evidence = dict[str, Weights]  #: mask -> persona -> the same

#: How the public evidence counts; found on worlds of other seeds than the tests'.
HOURS_COUNT, HOURS_WIDTH, LEAST = 0.45, 1.5, 0.25
VISIT_COUNTS, VISIT_TIMES, VISIT_MIN, SPAN_MIN = 0.375, 9.4, 3.0, 15.0
#: Chains that lead nowhere leave everybody this likely.
CHAIN_COUNTS, CHAIN_LEAST = 1.5, 0.01


@dataclass
class Mask:
    """One alias: where, among whom, and between which minutes each of its posts was written."""

    id: str
    conversation: str
    people: dict[str, list[tuple[float, str]]]  #: persona -> when and where they wrote under their name
    posts: list[str] = field(default_factory=list)
    spans: list[tuple[float, float]] = field(default_factory=list)


def public_guesses(folder: Path) -> Guesses:
    """From public.json alone."""
    return _firsts(_public(_masks(folder)))


def dump_guesses(folder: Path, without: Collection[str] = (), *, journals: bool = True) -> Guesses:
    """From all that lies in the folder.

    :param without: tables to close one's eyes to, as if they had not been planted.
    :param journals: whether the thief also copied the live database's journal, which no backup holds.
    """
    masks, nights = _masks(folder), stolen.nights(folder, without)
    if not journals:
        return _firsts(_sum(_public(masks), _told_by_rows(masks, nights)))
    _pin(masks, order.minutes_of_posts(folder))
    return _firsts(_sum(_public(masks), _told_by_rows(masks, nights), _told_by_order(masks, folder, nights)))


def _firsts(evidence: Evidence) -> Guesses:
    return {mask: max(sorted(weights), key=lambda who: weights[who]) for mask, weights in evidence.items()}


def _sum(*kinds: Evidence) -> Evidence:
    return {m: {who: sum(kind.get(m, {}).get(who, 0.0) for kind in kinds) for who in kinds[0][m]} for m in kinds[0]}


# --- What everyone sees


def _masks(folder: Path) -> list[Mask]:
    found: dict[str, Mask] = {}
    for group in json.loads((folder / "public.json").read_text())["groups"]:
        ids = {member["name"]: member["persona_id"] for member in group["members"]}
        people: dict[str, list[tuple[float, str]]] = {persona: [] for persona in ids.values()}
        for conversation in group["conversations"]:
            place, posts = conversation["conversation_id"], conversation["posts"]
            for at, post in enumerate(posts):
                if "mask_id" in post:
                    mask = found.setdefault(post["mask_id"], Mask(post["mask_id"], place, people))
                    mask.spans.append(_between(posts, at))
                    mask.posts.append(post["post"])
                elif post["author"] in ids:
                    people[ids[post["author"]]].append((_minute(post["time"]), place))
    return list(found.values())


def _between(posts: list[dict[str, Any]], at: int) -> tuple[float, float]:
    """The hour of a masked post, cut where the posts before and after it in the same conversation begin and end."""
    hour = _minute(posts[at]["time"])
    first = max([hour, *(_minute(p["time"]) for p in posts[:at])])
    last = min([hour + 60, *(_minute(p["time"]) + (60 if "mask_id" in p else 1) for p in posts[at + 1 :])])
    return (first, last) if first < last else (hour, hour + 60)


def _minute(time: str) -> float:
    return datetime.fromisoformat(time).timestamp() / 60


def _public(masks: list[Mask]) -> Evidence:
    """Hours and visits; then how telling a name in the same conversation is, which the masks say themselves."""
    evidence = {mask.id: {who: _at_such_hours(mask, who) + _visits(mask, who) for who in mask.people} for mask in masks}
    return _sum(evidence, _same_place(masks, evidence))


def _at_such_hours(mask: Mask, who: str) -> float:
    hours = [minute / 60 % 24 for minute, _place in mask.people[who]]
    told = 0.0
    for first, last in mask.spans:
        middle = (first + last) / 120 % 24
        told += math.log((LEAST / 24 + sum(_near(h, middle) for h in hours)) / (LEAST + len(hours)))
    return HOURS_COUNT * told


def _near(one: float, other: float) -> float:
    apart = min((one - other) % 24, (other - one) % 24)
    return math.exp(-((apart / HOURS_WIDTH) ** 2) / 2)


def _visits(mask: Mask, who: str) -> float:
    return sum(_same_visit(span, mask.people[who]) for span in mask.spans)


def _same_visit(span: tuple[float, float], named: list[tuple[float, str]]) -> float:
    """Who wrote under a name minutes away was there; the more so, the better we know the minute."""
    first, last = span
    away = min((max(first - minute, minute - last, 0.0) for minute, _place in named), default=math.inf)
    return VISIT_COUNTS * math.log(1 + VISIT_TIMES * math.exp(-away / VISIT_MIN) * SPAN_MIN / (SPAN_MIN + last - first))


def _same_place(masks: list[Mask], evidence: Evidence) -> Evidence:
    """Somebody who stands there under a name: rather, or rather not? Estimated from what else is known (EM)."""
    share = 0.2
    for _round in range(30):
        sums = _sum(evidence, {mask.id: _weigh_place(mask, share) for mask in masks})
        likely = [sum(p for who, p in _shares(sums[m.id]).items() if who in _named_there(m)) for m in masks]
        share = min(max(sum(likely) / max(1, len(likely)), 0.02), 0.98)
    return {mask.id: _weigh_place(mask, share) for mask in masks}


def _named_there(mask: Mask) -> set[str]:
    return {who for who, wrote in mask.people.items() if any(place == mask.conversation for _time, place in wrote)}


def _weigh_place(mask: Mask, share: float) -> Weights:
    named = _named_there(mask)
    there, elsewhere = max(1, len(named)), max(1, len(mask.people) - len(named))
    return {who: math.log(share / there if who in named else (1 - share) / elsewhere) for who in mask.people}


def _shares(weights: Weights) -> Weights:
    top = max(weights.values())
    whole = sum(math.exp(w - top) for w in weights.values())
    return {who: math.exp(w - top) / whole for who, w in weights.items()}


# --- What one row says


def _told_by_rows(masks: list[Mask], nights: list[stolen.Night]) -> Evidence:
    """Any table whose rows put a person beside a post, or beside a conversation."""
    told: Evidence = {mask.id: defaultdict(float) for mask in masks}
    if not nights:
        return told
    for table in nights[-1].tables.values():
        person = nights[-1].column_of(table, nights[-1].personas)
        post, place = (nights[-1].column_of(table, ids) for ids in (nights[-1].posts, nights[-1].conversations))
        if person and post:
            _beside_a_post(told, masks, nights, table.name, person, post)
        elif person and place and (number := nights[-1].number_of(table)):
            _how_far(told, masks, nights, (table.name, person, place, number))
        elif person or table.name == "persona":
            _whose_rows_changed(told, masks, nights, table.name, person or "id")
    return told


def _whose_rows_changed(told: Evidence, masks: list[Mask], nights: list[stolen.Night], table: str, person: str) -> None:
    """Whose rows are new or other in the night after a post: who did something that day may have written that day.

    What is sealed or found by a tag differs each night for everybody, so only what can be read counts. How telling it
    is, the named posts say. A table in which a person's every post changes a row would be a public fact.
    """
    read = [_readable(night, table, person) for night in nights]
    born = stolen.born(nights)
    groups = {who: mask.people for mask in masks for who in mask.people}

    def seen(who: str, night: int) -> str:
        return str(night > 0 and read[night].get(who) != read[night - 1].get(who))

    authors, others = Counter[str](), Counter[str]()
    for post in nights[-1].posts.values():
        if post.persona in groups:
            authors[seen(post.persona, born[post.id])] += 1
            others.update(seen(who, born[post.id]) for who in groups[post.persona] if who != post.persona)
    more = {k: _log_ratio(authors, others, k) for k in authors | others}
    for mask in masks:
        for night in {born[_post_id(p)] for p in mask.posts if _post_id(p) in born}:
            for who in mask.people:
                told[mask.id][who] += more.get(seen(who, night), 0.0)


def _readable(night: stolen.Night, table: str, person: str) -> dict[str, Counter[tuple[Any, ...]]]:
    """What can be read of each person's rows: ids, days and numbers, no tags and no seals."""
    found: dict[str, Counter[tuple[Any, ...]]] = defaultdict(Counter)
    for row in night.rows(table):
        plain = tuple(v for name, v in row.items() if "tag" not in name and name not in ("sealed", "key_id"))
        if row[person]:
            found[row[person].hex()][plain] += 1
    return found


def _beside_a_post(
    told: Evidence, masks: list[Mask], nights: list[stolen.Night], table: str, person: str, post: str
) -> None:
    beside: dict[int, str] = {}
    for night in nights:
        beside |= {row[post]: row[person].hex() for row in night.rows(table) if row[person] and row[post]}
    for mask in masks:
        for who in filter(None, (beside.get(_post_id(p)) for p in mask.posts)):
            if who in mask.people:  # a moderator's name beside a post says nothing
                told[mask.id][who] += 20.0


def _how_far(told: Evidence, masks: list[Mask], nights: list[stolen.Night], columns: tuple[str, str, str, str]) -> None:
    """How far people read, night by night: who wrote had read so far that night, and often no further.

    How much more often is counted with the named posts, whose authors are known.
    """
    table, person, place, number = columns
    read = [{(r[person].hex(), r[place]): r[number] for r in night.rows(table)} for night in nights]
    born = stolen.born(nights)
    people = {who for mask in masks for who in mask.people}
    groups = {who: mask.people for mask in masks for who in mask.people}

    def seen(who: str, post: stolen.Post) -> str:
        night = born[post.id]
        now, before = read[night].get((who, post.place), 0), read[night - 1].get((who, post.place), 0) if night else 0
        return f"{(now > post.seq) - (now < post.seq)} {now > before}"

    authors, others = Counter[str](), Counter[str]()
    for post in nights[-1].posts.values():
        if post.persona in people:
            authors[seen(post.persona, post)] += 1
            others.update(seen(who, post) for who in groups[post.persona] if who != post.persona)
    more = {k: _log_ratio(authors, others, k) for k in authors | others}
    for mask in masks:
        for post in (nights[-1].posts[_post_id(p)] for p in mask.posts if _post_id(p) in nights[-1].posts):
            for who in mask.people:
                told[mask.id][who] += more.get(seen(who, post), 0.0)


def _log_ratio(some: Counter[str], others: Counter[str], key: str) -> float:
    return math.log((some[key] + 0.5) / (some.total() + 1)) - math.log((others[key] + 0.5) / (others.total() + 1))


def _post_id(spelt: str) -> int:
    return read_post_id(spelt) or 0


# --- What was written after what


def _pin(masks: list[Mask], minutes: dict[int, float]) -> None:
    """Put the exact minute in the place of the hour where a journal tells it."""
    for mask in masks:
        exact = (minutes.get(_post_id(post)) for post in mask.posts)
        mask.spans = [(at, at) if at else span for at, span in zip(exact, mask.spans, strict=True)]


def _told_by_order(masks: list[Mask], folder: Path, nights: list[stolen.Night]) -> Evidence:
    names = order.names_by_mask(folder, nights)
    led = {m.id: {who: names.get(m.id, {}).get(who, 0.0) for who in m.people} for m in masks}
    return {m: {who: CHAIN_COUNTS * math.log(CHAIN_LEAST + s) for who, s in to.items()} for m, to in led.items()}


def main() -> None:
    """Write guesses for score.py."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", type=Path)
    asked.add_argument("out", type=Path)
    asked.add_argument("--public", action="store_true")
    asked.add_argument("--without", nargs="*", default=[])
    a = asked.parse_args()
    guesses = public_guesses(a.folder) if a.public else dump_guesses(a.folder, a.without)
    a.out.write_text(json.dumps(guesses))


if __name__ == "__main__":
    main()
