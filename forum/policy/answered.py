"""Answers to new rules that nobody can read off the tables yet: kept under the tag of the persona, sealed, until the Monday.

Somebody who answers at night so that they can post under an alias would else be named by the day on which their row changed:
among twenty-five members mostly one answers on a given day (docs/decisions/0078).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from forum.base import clock, tagged
from forum.base.keyring import Scope
from forum.models import Restriction

KIND = "answered"
METHODS = ("self", "read_aloud", "with_supporter")
#: What a language tag of ours has at most.
_LOCALE = 10


@dataclass(frozen=True)
class Answered:
    """One member's answer to one version, as it will stand in `agreement`.

    :param holds: that version is in force. :param week: the Monday of the week of the answer.
    """

    version_id: bytes
    week: date
    method: str
    locale: str
    holds: bool = True


def find(scope: Scope, persona_id: bytes) -> Answered | None:
    """The answer of somebody that waits for its Monday."""
    value = tagged.find(Restriction, scope, KIND, (persona_id,))
    return read(value) if value is not None else None


def find_all(scope: Scope, persona_ids: Iterable[bytes]) -> dict[bytes, Answered]:
    """The same for several people of a group, in one query."""
    wanted = {one: (one,) for one in persona_ids}
    found = tagged.find_many(Restriction, scope, KIND, wanted) if wanted else {}
    return {one: read(value) for one, value in found.items()}


def keep(scope: Scope, persona_id: bytes, answered: Answered) -> None:
    """Step: it waits."""
    tagged.keep(Restriction, scope, KIND, (persona_id,), _packed(answered))


def keep_now(scope: Scope, persona_id: bytes, version_id: bytes, method: str, locale: str) -> None:
    """Step: somebody answered the version in force just now."""
    keep(scope, persona_id, Answered(version_id, clock.monday(), method, locale))


def drop(scope: Scope, persona_id: bytes) -> None:
    """Step: it does not wait any more."""
    tagged.drop(Restriction, scope, KIND, (persona_id,))


def change_version(scope: Scope, persona_ids: Iterable[bytes], same: Iterable[bytes], now: bytes) -> None:
    """Step: another version is in force. Answers to one that asks the same are answers to it; others hold no more."""
    alike = {now, *same}
    for persona_id, one in sorted(find_all(scope, persona_ids).items()):
        keep(scope, persona_id, replace(one, version_id=now) if one.version_id in alike else replace(one, holds=False))


def read(value: bytes) -> Answered:
    """What a sealed value says."""
    day, method = date.fromordinal(int.from_bytes(value[16:20])), METHODS[value[20]]
    return Answered(value[:16], day, method, value[22:].decode().strip(), holds=bool(value[21]))


def _packed(one: Answered) -> bytes:
    """Always of one size."""
    facts = bytes((METHODS.index(one.method), one.holds))
    return one.version_id + one.week.toordinal().to_bytes(4) + facts + one.locale[:_LOCALE].encode().ljust(_LOCALE)
