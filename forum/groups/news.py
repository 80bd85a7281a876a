"""Everything home shows, found in three questions: who asks and where they sit, what is there, how far they read.

Seats and read markers are found by tag. What is unread is counted from posts that the group can see, so that words that
wait change no number; and nobody's own words are left out, for then an alias would differ from its wearer's neighbours.
"""

from bisect import bisect_right
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Row

from forum.base import clock, tagged
from forum.base.hot import Asked
from forum.base.keyring import HOUSE, Keyring, Scope, the_keyring
from forum.groups.home_questions import (
    ASKED,
    BOARD,
    COPIED,
    GROUP,
    LINE,
    MARKER,
    MEMBER,
    MOST_COUNTED,
    SHOWN,
    SLOT,
    TOPIC,
    TOPICS,
    VOUCHED,
    facts,
    numbered,
    reading,
    sitting,
)
from forum.models import (
    ReadMarker,
    Role,
    Seat,
    Standing,
    Vouch,
)
from forum.policy import audience
from forum.policy.lines import line_tags, open_line
from forum.policy.members import SEATS, holder_tags, read_seat
from forum.web import sign_ins

#: Accounts behind cookies, and the shown places of conversations, kept in memory; some 10 MB together.
ACCOUNTS_KEPT, TAILS_KEPT = 20_000, 5_000
#: Some 20 kB each: the people who come back within minutes.
PLANS_KEPT = 500


@dataclass(frozen=True)
class Unread:
    """Posts not read yet. :param more: there may be more than that."""

    posts: int
    more: bool


#: Weekday, start, end, whether somebody holds it, and the dates on which another took it and whether they hold it.
Weekly = tuple[int, str, str, bool, tuple[tuple[str, bool], ...]]


@dataclass(slots=True)
class Mine:
    """One of my groups.

    :param slots: its duty times; `others` are the dates that differ, and whether somebody holds them.
    :param answers: on how many of my lines to its team there is something that I have not read. :param vouched: what the team is about to do with my name here;
        `asked` is what it does for me; `copied`: a copy of my words is being made (forum.groups.vouching reads all three).
    """

    scope: Scope
    persona_id: bytes
    name: str
    group_name: str
    address: str
    zone: str
    role: Role
    standing: Standing
    agreed: bool
    unread: Unread
    slots: tuple[Weekly, ...] = ()
    others: tuple[tuple[str, str, str, bool], ...] = ()
    answers: int = 0
    vouched: bytes | None = None
    asked: bytes | None = None
    copied: bytes | None = None


@dataclass(frozen=True)
class Home:
    """What home shows. `sign_in` is the live row behind the cookie."""

    sign_in: Row[Any]
    has_way_back: bool
    groups: Sequence[Mine] = field(default_factory=list)
    out_of_some: bool = False  #: they left a group, wait to be let in, or were put out


_accounts: OrderedDict[bytes, bytes] = OrderedDict()
#: The places shown in a conversation at one of its feed numbers: they change only when that does.
_tails: OrderedDict[tuple[bytes, int], tuple[int, ...]] = OrderedDict()
_plans: "OrderedDict[bytes, _Plan]" = OrderedDict()
#: Accounts that found topics among the latest which are not for them: a busy board of the team would hide all others.
_narrowed: OrderedDict[bytes, bool] = OrderedDict()


def forget() -> None:
    """Begin anew (another database)."""
    _accounts.clear()
    _tails.clear()
    _plans.clear()
    _narrowed.clear()
    _sitting.cache_clear()
    _facts.cache_clear()


def open_home(cookie_sha256: bytes | None) -> Home | None:
    """What whoever holds this cookie finds at home; None for a visitor.

    Three queries; one more when this process has not met the cookie yet, and one when it learns that boards of theirs
    are not for them.
    """
    account_id = _account_of(cookie_sha256) if cookie_sha256 else None
    if cookie_sha256 is None or account_id is None:
        return None
    found = _sitting(the_keyring(), account_id, cookie_sha256).rows()
    if not found or found[0].account_id != account_id or clock.now() >= min(found[0].ends_on, found[0].last_end):
        return None
    scopes = {scope for r in found if r.tag is not None for scope in [_scope_of_seat(r.tag, r.sealed)]}
    groups = _groups(account_id, sorted(scopes, key=lambda s: s.group_id)) if scopes else []
    named = sorted(groups, key=lambda one: one.group_name)
    return Home(found[0], bool(found[0].has_way_back), named, out_of_some=len(scopes) > len(groups))


def _account_of(cookie_sha256: bytes) -> bytes | None:
    """Whose cookie it is never changes; whether it is still good is asked each time."""
    if cookie_sha256 not in _accounts:
        found = sign_ins.find(cookie_sha256)
        if found is None or found.account_id is None:
            return None
        _keep(_accounts, cookie_sha256, found.account_id, ACCOUNTS_KEPT)
    return _accounts[cookie_sha256]


def _keep(where: OrderedDict[Any, Any], key: Any, value: Any, most: int) -> None:
    where[key] = value
    if len(where) > most:
        where.popitem(last=False)


@lru_cache(maxsize=ACCOUNTS_KEPT)
def _sitting(_ring: Keyring, account_id: bytes, cookie_sha256: bytes) -> Asked:
    """The first question: all seats, taken or free, so that their number tells nothing."""
    seats = numbered("seat", [tag for n in range(SEATS) for tag in tagged.tags(HOUSE, "seat", account_id, n)])
    return sitting(len(seats)).asked({"cookie": cookie_sha256, **seats})


@lru_cache(maxsize=ACCOUNTS_KEPT)
def _scope_of_seat(tag: bytes, sealed: bytes) -> Scope:
    return read_seat(tagged.open_value(Seat, HOUSE, tag, sealed))[1]


@dataclass(slots=True)
class _Draft:
    """A group while its rows come in."""

    scope: Scope
    member: Any = None
    card: Any = None
    slots: dict[bytes, Weekly] = field(default_factory=dict)
    others: list[tuple[str, str, str, bool]] = field(default_factory=list)
    topics: list[Any] = field(default_factory=list)

    def add_slot(self, r: Any) -> None:
        """One row of a time of the week: with each of its swaps there is another."""
        *_hours, swaps = self.slots.get(r.ident, (0, "", "", False, ()))
        swapped = (*swaps, (r.c, r.d == "1")) if r.c else swaps
        self.slots[r.ident] = (r.one, r.a, r.b, bool(r.two), swapped)


#: Keys, day (some boards are for members of more than n days), and facts.
_MadeOf = tuple[Keyring, date, Sequence[Any]]


@dataclass(slots=True)
class _Plan:
    """What follows from one person's facts: where to read on. Kept, for most visits find the facts as they were.

    :param made_of: it holds while these are the same. :param values: of the third question. :param feeds: the feed
        number of each topic. :param again: that question when memory has the shown places of all topics.
    :param last: what it was answered with the last time, and what that meant.
    """

    made_of: _MadeOf
    drafts: Sequence[_Draft]
    tags: Sequence[Sequence[bytes]]
    scopes: Mapping[bytes, Scope]
    whose: Mapping[bytes, tuple[int, Scope]]
    values: Mapping[str, bytearray]
    places: tuple[int, int, int]
    feeds: Mapping[bytes, int]
    again: Asked | None = None
    last: tuple[Any, list[Mine]] | None = None


def _groups(account_id: bytes, scopes: Sequence[Scope]) -> list[Mine]:
    ring, today = the_keyring(), clock.today()
    counted_to = audience.counted_to() if account_id in _narrowed else None
    found = _facts(ring, account_id, tuple(scopes), today, counted_to).rows()
    made_of = (ring, today, found)
    plan = _plans.get(account_id)
    if plan is None or plan.made_of != made_of:
        drafts = _sort_out(scopes, found)
        if account_id not in _narrowed and _looked_at_others(drafts, found):
            _keep(_narrowed, account_id, True, ACCOUNTS_KEPT)
            return _groups(account_id, scopes)
        plan = _plan(drafts, made_of)
        _keep(_plans, account_id, plan, PLANS_KEPT)
    return _read_on(plan) if plan.drafts else []


def _sort_out(scopes: Sequence[Scope], found: Sequence[Any]) -> list[_Draft]:
    """The rows by group. Who somebody is comes before the boards, and those before the topics."""
    drafts = {scope.group_id: _Draft(scope) for scope in scopes}
    boards: dict[bytes, _Draft] = {}
    for r in sorted(found, key=attrgetter("kind")):
        if r.kind == TOPIC:
            if r.group_id in boards:
                boards[r.group_id].topics.append(r)
            continue
        draft = drafts[r.group_id]
        if r.kind == BOARD:
            if _may_read(draft.member, r.one):
                boards[r.ident] = draft
        elif r.kind == MEMBER:
            draft.member = r
        elif r.kind == GROUP:
            draft.card = r
        elif r.kind == SLOT:
            draft.add_slot(r)
        else:
            draft.others.append((r.a, r.b, r.c, bool(r.one)))
    return [d for d in drafts.values() if d.member is not None and d.member.c != Standing.LEFT.value]


def _looked_at_others(drafts: Sequence[_Draft], found: Sequence[Any]) -> bool:
    """Whether there were topics that are not for them."""
    return sum(r.kind == TOPIC for r in found) > sum(len(draft.topics) for draft in drafts)


def _plan(drafts: Sequence[_Draft], made_of: _MadeOf) -> _Plan:
    ring = made_of[0]
    tags = [_marker_tags(ring, d.scope, d.member.ident, tuple([t.ident for t in d.topics])) for d in drafts]
    own = [_own_tags(ring, d.scope, d.member.ident) for d in drafts]
    by_marker = {tag: d.scope for d, of_topics in zip(drafts, tags, strict=True) for tag in of_topics}
    markers, lines = _in_steps(list(by_marker) or [b""]), [tag for one in own for tag in one.lines]
    vouches = [tag for one in own for tag in one.vouches]
    values = {**numbered("marker", markers), **numbered("vouch", vouches), **numbered("line", lines)}
    return _Plan(
        made_of=made_of,
        drafts=drafts,
        tags=tags,
        scopes=by_marker,
        whose={tag: whose for one in own for tag, whose in one.whose.items()},
        values=values,
        places=(len(markers), len(vouches), len(lines)),
        feeds={t.ident: t.one for d in drafts for t in d.topics},
    )


@lru_cache(maxsize=PLANS_KEPT)
def _facts(_ring: Keyring, account_id: bytes, scopes: tuple[Scope, ...], today: date, counted_to: date | None) -> Asked:
    """The second question.

    :param counted_to: for whom it looks past the boards that are not for them.
    """
    holders = [tag for scope in scopes for tag in holder_tags(account_id, scope)]
    groups = numbered("group", [scope.group_id for scope in scopes])
    days = {"yesterday": today - timedelta(days=1)} | ({"counted_to": counted_to} if counted_to else {})
    values = {**numbered("holder", holders), **groups, **days}
    return facts(len(scopes), len(holders), counted_to is not None).asked(values)


def _may_read(member: Any, readers: int) -> bool:
    """Whether a board is for them."""
    if member is None or member.c == Standing.WAITING.value:
        return False
    if readers == audience.EVERYONE:
        return True
    on_team, joined_on = member.b != Role.MEMBER.value, date.fromisoformat(member.d) if member.d else None
    return audience.admits(readers, on_team=on_team, joined_on=joined_on)


def _read_on(plan: _Plan) -> list[Mine]:
    """The groups with what is unread in them, what the team answered, and what it vouched for."""
    unknown = [ident for ident, feed_no in plan.feeds.items() if (ident, feed_no) not in _tails]
    rows = _ask_reading(plan, unknown)
    if plan.last is None or unknown or plan.last[0] != rows:
        plan.last = (rows, _make_out(plan, rows, unknown))
    return plan.last[1]


def _make_out(plan: _Plan, rows: Sequence[Any], unknown: Sequence[bytes]) -> list[Mine]:
    answers: Counter[bytes] = Counter()
    read: dict[bytes, int] = {}
    shown: dict[bytes, list[int]] = {ident: [] for ident in unknown}
    said: dict[tuple[int, bytes], bytes] = {}
    for kind, tag, sealed, seq in rows:
        if kind == MARKER:
            read[tag] = _open_marker(plan.scopes[tag], tag, sealed)
        elif kind == SHOWN:
            shown[tag].append(seq)
        elif kind == LINE:
            _kind, scope = plan.whose[tag]
            answers[scope.group_id] += seq > open_line(scope, tag, sealed)[1]
        else:
            which, scope = plan.whose[tag]
            said[which, scope.group_id] = tagged.open_value(Vouch, scope, tag, sealed)
    for ident in unknown:
        _keep(_tails, (ident, plan.feeds[ident]), tuple(sorted(shown[ident])), TAILS_KEPT)
    pairs = zip(plan.drafts, plan.tags, strict=True)
    return [_mine(draft, _count(draft, tags, read), answers, said) for draft, tags in pairs]


@dataclass(frozen=True)
class _Own:
    """Where a persona's lines to the team are kept, and what is vouched about it. `whose` says which each of them is."""

    lines: tuple[bytes, ...]
    vouches: tuple[bytes, ...]
    whose: Mapping[bytes, tuple[int, Scope]]


@lru_cache(maxsize=ACCOUNTS_KEPT)
def _own_tags(_ring: Keyring, scope: Scope, persona_id: bytes) -> _Own:
    """The same for as long as the keys are, and asked for on each visit."""
    lines = dict.fromkeys(line_tags(scope, persona_id), (LINE, scope))
    vouched = dict.fromkeys(tagged.tags(scope, "vouch", persona_id), (VOUCHED, scope))
    asked = dict.fromkeys(tagged.tags(scope, "vouch_asker", persona_id), (ASKED, scope))
    copied = dict.fromkeys(tagged.tags(scope, "copy", persona_id), (COPIED, scope))
    return _Own(tuple(lines), (*vouched, *asked, *copied), {**lines, **vouched, **asked, **copied})


def _ask_reading(plan: _Plan, unknown: list[bytes]) -> Sequence[Any]:
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


@lru_cache(maxsize=ACCOUNTS_KEPT)
def _marker_tags(ring: Keyring, scope: Scope, persona_id: bytes, topics: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Where this member's places in these topics are kept: under the active key all in order, then those of older ones."""
    by_topic = [ring.tags(scope, "read_marker", persona_id, ident) for ident in topics]
    return tuple(tag for by_key in zip(*by_topic, strict=True) for tag in by_key)


@lru_cache(maxsize=ACCOUNTS_KEPT)
def _open_marker(scope: Scope, tag: bytes, sealed: bytes) -> int:
    return int.from_bytes(tagged.open_value(ReadMarker, scope, tag, sealed))


def _count(draft: _Draft, tags: Sequence[bytes], read: Mapping[bytes, int]) -> Unread:
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


def _mine(draft: _Draft, unread: Unread, answers: Mapping[bytes, int], said: Mapping[tuple[int, bytes], bytes]) -> Mine:
    member, card, group_id = draft.member, draft.card, draft.scope.group_id
    return Mine(
        scope=draft.scope,
        persona_id=member.ident,
        name=member.a,
        group_name=card.a,
        address=card.b,
        zone=card.c,
        role=Role(member.b),
        standing=Standing(member.c),
        agreed=bool(member.one),
        unread=unread,
        answers=answers.get(group_id, 0),
        slots=tuple(sorted(draft.slots.values())),
        others=tuple(sorted(draft.others)),
        vouched=said.get((VOUCHED, group_id)),
        asked=said.get((ASKED, group_id)),
        copied=said.get((COPIED, group_id)),
    )
