"""What holds in a group now: the strictest of what its rules in force say and of its organisation's floor.

Computed, never stored (ground-rules.md §2.4). Neither a version nor a floor ever changes under its id, so what is
computed from both is kept in the process: a request costs no question, or one that finds its rows by key.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import format_date
from sqlalchemy import Boolean, CompoundSelect, SmallInteger, String, bindparam, cast, literal, null, select, union_all

from forum.base.db import UtcDateTime, rows
from forum.base.hot import Hot
from forum.base.words import _
from forum.models import Charter, CharterVersion, Clause, Floor, Group, Organisation, VersionStatus
from forum.policy.bindings import REGISTRY, strictest

#: More groups than one process serves; a set that was forgotten costs one more question.
KEPT = 2_000
#: `Clause.origin` of what a facilitator put in force alone, for safety, until the group has decided.
EMERGENCY = "emergency"


@dataclass(frozen=True)
class Rule:
    """A clause that binds something: its number on the page of rules and its heading.

    :param since: when its version came into force. :param agreed: the group agreed it; else it came with the group.
    """

    n: int
    heading: str
    since: datetime
    agreed: bool


@dataclass(frozen=True, eq=False)
class Terms:
    """Every setting of one version over one floor. Each is made once, so what is kept by a place can be kept by it too.

    :param values: by key, of every setting there is. :param rules: the clause that binds a key, where there is one.
    :param floor: what the organisation asks for at least, by key.
    """

    values: Mapping[str, str]
    rules: Mapping[str, Rule]
    floor: Mapping[str, str]

    def says(self, key: str) -> bool:
        """Whether the group's rules decide this; else the choice of its team counts, above the floor."""
        return key in self.rules

    def asks(self, key: str) -> bool:
        """Whether a rule or the floor says anything about this."""
        return key in self.rules or key in self.floor

    def cite(self, key: str) -> str:
        """Whose rule it is, as a sentence that follows what it does; "" if nobody made one."""
        rule = self.rules.get(key)
        if rule is not None and self.floor.get(key) != self.values[key]:
            return cite(rule)
        return _("The organisation that runs this group asks for it.") if key in self.floor else _cite_known(rule)


def cite(rule: Rule) -> str:
    """One clause and its date, as a sentence."""
    day = format_date(rule.since, "d MMMM")
    if rule.agreed:
        return _("This is our rule %(n)s, agreed %(day)s.", n=rule.n, day=day)
    return _("This is our rule %(n)s, here since %(day)s.", n=rule.n, day=day)


def _cite_known(rule: Rule | None) -> str:
    return cite(rule) if rule else ""


def effective(clauses: Iterable[tuple[str, str]], floor: Mapping[str, str]) -> dict[str, str]:
    """The value of every setting: what a clause says, or the default where none does, and never looser than the floor.

    A value that this program does not know counts as the strictest: it fails closed.

    :param clauses: keys and values that are bound. :param floor: by key.
    """
    said: dict[str, str] = {}
    for key, value in clauses:
        if key in REGISTRY:
            said[key] = strictest(key, said.get(key, _known(key, value)), _known(key, value))
    return {
        key: strictest(key, said.get(key, binding.default), _known(key, floor.get(key, binding.values[0])))
        for key, binding in REGISTRY.items()
    }


def _known(key: str, value: str) -> str:
    values = REGISTRY[key].values
    return value if value in values else values[-1]


_kept: OrderedDict[tuple[bytes | None, bytes | None], Terms] = OrderedDict()


def find(version_id: bytes | None, organisation_id: bytes, floor_id: bytes | None) -> Terms:
    """What holds under a version of a group's rules.

    :param version_id: in force now; None: there are none yet. :param floor_id: `Organisation.floor_id`; None: no floor.
    """
    key = (version_id, floor_id)
    found = _kept.get(key)
    if found is None:
        found = _kept[key] = _read(version_id, organisation_id, floor_id)
        if len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found


def of_group(group_id: bytes) -> Terms:
    """What holds in a group now; pages that read it with their own rows use `find`."""
    found = _GROUP.row({"group": group_id})
    return find(found.version_id, found.organisation_id, found.floor_id) if found else NOTHING_SAID


_GROUP = Hot(
    select(Group.organisation_id, Organisation.floor_id, Charter.version_id)
    .join(Organisation, Organisation.id == Group.organisation_id)
    .outerjoin(Charter, Charter.group_id == Group.id)
    .where(Group.id == bindparam("group"))
)


def forget() -> None:
    """Ask the database anew: another one is in use."""
    _kept.clear()


def _read(version_id: bytes | None, organisation_id: bytes, floor_id: bytes | None) -> Terms:
    if version_id is None and floor_id is None:
        return NOTHING_SAID
    found = rows(_BOTH, {"version": version_id or b"", "organisation": organisation_id if floor_id else b""})
    clauses = sorted((r for r in found if not r.of_floor), key=lambda r: r.n)
    floor = {r.key: _known(r.key, r.value) for r in found if r.of_floor and r.key in REGISTRY}
    numbered = {r.key: _rule(n, r) for n, r in enumerate(clauses, start=1) if r.key in REGISTRY}
    return Terms(effective(((r.key, r.value) for r in clauses if r.key), floor), numbered, floor)


def _rule(n: int, found: Any) -> Rule:
    agreed = found.status is not VersionStatus.PROVISIONAL and found.origin != EMERGENCY
    return Rule(n, found.heading, found.since, agreed)


#: Nothing said, nothing asked for: what every setting begins with.
NOTHING_SAID = Terms(effective((), {}), {}, {})

#: One question for both. Every clause, for its number is its place on the page of rules.
_BOTH: CompoundSelect[Any] = union_all(
    select(
        Clause.binding_key.label("key"),
        Clause.binding_value.label("value"),
        Clause.ord.label("n"),
        Clause.heading.label("heading"),
        CharterVersion.effective_at.label("since"),
        CharterVersion.status.label("status"),
        Clause.origin.label("origin"),
        literal(False, Boolean).label("of_floor"),
    )
    .join(CharterVersion, CharterVersion.id == Clause.version_id)
    .where(Clause.version_id == bindparam("version")),
    select(
        Floor.key,
        Floor.value,
        cast(null(), SmallInteger),
        cast(null(), String),
        cast(null(), UtcDateTime),
        cast(null(), String),
        cast(null(), String),
        literal(True, Boolean),
    ).where(Floor.organisation_id == bindparam("organisation")),
)
