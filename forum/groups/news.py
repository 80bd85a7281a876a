"""Everything home shows, found in three questions: who asks and where they sit, what is there, how far they read.

Seats and read markers are found by tag. What is unread is counted from posts that the group can see, so that words that
wait change no number; and nobody's own words are left out, for then an alias would differ from its wearer's neighbours.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Row

from forum.base import clock, tagged
from forum.base.hot import Asked
from forum.base.keyring import HOUSE, Keyring, Scope, the_keyring
from forum.groups import unread
from forum.groups.home_questions import facts, numbered, sitting
from forum.groups.mine import Mine, looked_at_others, sort_out
from forum.groups.unread import Plan, plan_from, read_on
from forum.models import Seat
from forum.policy import audience
from forum.policy.members import SEATS, holder_tags, read_seat
from forum.web import sign_ins

#: Accounts behind cookies, kept in memory.
ACCOUNTS_KEPT = 20_000
#: Some 20 kB each: the people who come back within minutes.
PLANS_KEPT = 500


@dataclass(frozen=True)
class Home:
    """What home shows. `sign_in` is the live row behind the cookie."""

    sign_in: Row[Any]
    has_way_back: bool
    groups: Sequence[Mine] = field(default_factory=list)
    out_of_some: bool = False  #: they left a group, wait to be let in, or were put out


_accounts: OrderedDict[bytes, bytes] = OrderedDict()
_plans: OrderedDict[bytes, Plan] = OrderedDict()
#: Accounts that found topics among the latest which are not for them: a busy board of the team would hide all others.
_narrowed: OrderedDict[bytes, bool] = OrderedDict()


def forget() -> None:
    """Begin anew (another database)."""
    _accounts.clear()
    unread.forget()
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


def _groups(account_id: bytes, scopes: Sequence[Scope]) -> list[Mine]:
    ring, today = the_keyring(), clock.today()
    counted_to = audience.counted_to() if account_id in _narrowed else None
    found = _facts(ring, account_id, tuple(scopes), today, counted_to).rows()
    made_of = (ring, today, found)
    plan = _plans.get(account_id)
    if plan is None or plan.made_of != made_of:
        drafts = sort_out(scopes, found)
        if account_id not in _narrowed and looked_at_others(drafts, found):
            _keep(_narrowed, account_id, True, ACCOUNTS_KEPT)
            return _groups(account_id, scopes)
        plan = plan_from(drafts, made_of)
        _keep(_plans, account_id, plan, PLANS_KEPT)
    return read_on(plan) if plan.drafts else []


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
