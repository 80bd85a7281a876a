"""What is unread in my groups: how far I read there, counted from the places that the group can see; and what my lines
to the team and what is vouched about me say. The third question of home, and what it meant the last time."""

from bisect import bisect_right
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from forum.base import tagged
from forum.base.hot import Asked
from forum.base.keyring import Keyring, Scope
from forum.groups.home_questions import (
    ANSWERED,
    ASKED,
    COPIED,
    LINE,
    MARKER,
    MOST_COUNTED,
    SHOWN,
    TOPICS,
    VOUCHED,
    WRITTEN,
    numbered,
    reading,
)
from forum.groups.mine import Draft, Mine, Unread, mine_of
from forum.models import ReadMarker, Restriction, Vouch
from forum.policy import answered, waiting_word
from forum.policy.lines import line_tags, open_line

#: Read markers and tags of people, and the shown places of conversations, kept in memory.
PEOPLE_KEPT, TAILS_KEPT = 20_000, 5_000

#: The places shown in a conversation at one of its feed numbers: they change only when that does.
_tails: OrderedDict[tuple[bytes, int], tuple[int, ...]] = OrderedDict()


def forget() -> None:
    """Begin anew (another database)."""
    _tails.clear()


#: Keys, day (some boards are for members of more than n days), and facts.
MadeOf = tuple[Keyring, date, Sequence[Any]]


@dataclass(slots=True)
class Plan:
    """What follows from one person's facts: where to read on. Kept, for most visits find the facts as they were.

    :param made_of: it holds while these are the same. :param values: of the third question. :param feeds: the feed
        number of each topic. :param again: that question when memory has the shown places of all topics.
    :param last: what it was answered with the last time, and what that meant.
    """

    made_of: MadeOf
    drafts: Sequence[Draft]
    tags: Sequence[Sequence[bytes]]
    scopes: Mapping[bytes, Scope]
    whose: Mapping[bytes, tuple[int, Scope]]
    values: Mapping[str, bytearray]
    places: tuple[int, int, int, int]
    feeds: Mapping[bytes, int]
    again: Asked | None = None
    last: tuple[Any, list[Mine]] | None = None


def plan_from(drafts: Sequence[Draft], made_of: MadeOf) -> Plan:
    """Where to read on in these groups. :param made_of: what they were made of."""
    ring = made_of[0]
    tags = [_marker_tags(ring, d.scope, d.member.ident, tuple([t.ident for t in d.topics])) for d in drafts]
    own = [_own_tags(ring, d.scope, d.member.ident) for d in drafts]
    by_marker = {tag: d.scope for d, of_topics in zip(drafts, tags, strict=True) for tag in of_topics}
    markers, lines = _in_steps(list(by_marker) or [b""]), [tag for one in own for tag in one.lines]
    vouches = [tag for one in own for tag in one.vouches]
    answers = {tag: d.scope for d in drafts if not d.member.one for tag in _answer_tags(ring, d.scope, d.member.ident)}
    values = {**numbered("marker", markers), **numbered("vouch", vouches), **numbered("line", lines)}
    values |= numbered("answer", list(answers))
    return Plan(
        made_of=made_of,
        drafts=drafts,
        tags=tags,
        scopes=by_marker,
        whose={tag: whose for one in own for tag, whose in one.whose.items()}
        | {tag: (ANSWERED, scope) for tag, scope in answers.items()},
        values=values,
        places=(len(markers), len(vouches), len(lines), len(answers)),
        feeds={t.ident: t.one for d in drafts for t in d.topics},
    )


def read_on(plan: Plan) -> list[Mine]:
    """The groups with what is unread in them, what the team answered, and what it vouched for."""
    unknown = [ident for ident, feed_no in plan.feeds.items() if (ident, feed_no) not in _tails]
    rows = _ask_reading(plan, unknown)
    if plan.last is None or unknown or plan.last[0] != rows:
        plan.last = (rows, _make_out(plan, rows, unknown))
    return plan.last[1]


def _make_out(plan: Plan, rows: Sequence[Any], unknown: Sequence[bytes]) -> list[Mine]:
    answers: Counter[bytes] = Counter()
    read: dict[bytes, int] = {}
    shown: dict[bytes, list[int]] = {ident: [] for ident in unknown}
    said: dict[tuple[int, bytes], bytes] = {}
    agreed: set[bytes] = set()  # whose answer stands in no table yet
    for kind, tag, sealed, seq in rows:
        if kind == MARKER:
            read[tag] = _open_marker(plan.scopes[tag], tag, sealed)
        elif kind == SHOWN:
            shown[tag].append(seq)
        elif kind == ANSWERED:
            _kind, scope = plan.whose[tag]
            if answered.read(tagged.open_value(Restriction, scope, tag, sealed)).holds:
                agreed.add(scope.group_id)
        elif kind == LINE:
            _kind, scope = plan.whose[tag]
            answers[scope.group_id] += seq > open_line(scope, tag, sealed)[1]
        else:
            which, scope = plan.whose[tag]
            said[which, scope.group_id] = tagged.open_value(Vouch, scope, tag, sealed)
    for ident in unknown:
        _tails[ident, plan.feeds[ident]] = tuple(sorted(shown[ident]))
        if len(_tails) > TAILS_KEPT:
            _tails.popitem(last=False)
    pairs = zip(plan.drafts, plan.tags, strict=True)
    return [mine_of(draft, _count(draft, tags, read), answers, said, agreed) for draft, tags in pairs]


@dataclass(frozen=True)
class _Own:
    """Where a persona's lines to the team are kept, and what is vouched about it. `whose` says which each of them is."""

    lines: tuple[bytes, ...]
    vouches: tuple[bytes, ...]
    whose: Mapping[bytes, tuple[int, Scope]]


@lru_cache(maxsize=PEOPLE_KEPT)
def _own_tags(_ring: Keyring, scope: Scope, persona_id: bytes) -> _Own:
    """The same for as long as the keys are, and asked for on each visit."""
    lines = dict.fromkeys(line_tags(scope, persona_id), (LINE, scope))
    vouched = dict.fromkeys(tagged.tags(scope, "vouch", persona_id), (VOUCHED, scope))
    asked = dict.fromkeys(tagged.tags(scope, "vouch_asker", persona_id), (ASKED, scope))
    copied = dict.fromkeys(tagged.tags(scope, "copy", persona_id), (COPIED, scope))
    written = dict.fromkeys(tagged.tags(scope, waiting_word.KIND, persona_id), (WRITTEN, scope))
    of_vouch = {**vouched, **asked, **copied, **written}
    return _Own(tuple(lines), tuple(of_vouch), {**lines, **of_vouch})


def _ask_reading(plan: Plan, unknown: list[bytes]) -> Sequence[Any]:
    """The third question. Its lists grow in steps, the last value repeated, so that few statements serve all."""
    if unknown:
        missing = _in_steps(unknown)
        return reading(*plan.places, len(missing)).rows({**plan.values, **numbered("unknown", missing)})
    if plan.again is None:
        plan.again = reading(*plan.places, 0).asked(plan.values)
    return plan.again.rows()


def _in_steps(values: list[bytes]) -> list[bytes]:
    missing = -len(values) % TOPICS
    return values + values[-1:] * missing


@lru_cache(maxsize=PEOPLE_KEPT)
def _answer_tags(_ring: Keyring, scope: Scope, persona_id: bytes) -> list[bytes]:
    return tagged.tags(scope, answered.KIND, persona_id)


@lru_cache(maxsize=PEOPLE_KEPT)
def _marker_tags(ring: Keyring, scope: Scope, persona_id: bytes, topics: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Where this member's places in these topics are kept: under the active key all in order, then those of older ones."""
    by_topic = [ring.tags(scope, "read_marker", persona_id, ident) for ident in topics]
    return tuple(tag for by_key in zip(*by_topic, strict=True) for tag in by_key)


@lru_cache(maxsize=PEOPLE_KEPT)
def _open_marker(scope: Scope, tag: bytes, sealed: bytes) -> int:
    return int.from_bytes(tagged.open_value(ReadMarker, scope, tag, sealed))


def _count(draft: Draft, tags: Sequence[bytes], read: Mapping[bytes, int]) -> Unread:
    """Posts that the group can see after the places where this member stopped."""
    unread, topics, everywhere = 0, draft.topics, len(draft.topics) == TOPICS
    for n, topic in enumerate(topics):
        tail = _tails.get((topic.ident, topic.one), ())
        marker = read.get(tags[n], 0)
        if not marker and len(tags) > len(topics):  # while keys are rotated
            marker = next((read[tag] for tag in tags[n :: len(topics)] if tag in read), 0)
        new = len(tail) - bisect_right(tail, marker)
        unread, everywhere = unread + new, everywhere and new > 0
        if unread > MOST_COUNTED:
            return Unread(MOST_COUNTED, True)
    return Unread(unread, everywhere)
