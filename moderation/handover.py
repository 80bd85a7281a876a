"""What one shift tells the next: a few sentences that the whole team reads, sealed, gone after fourteen days."""

import json
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, insert, select

from forum.base import clock, jobs, rotation
from forum.base.blocks import pack
from forum.base.db import rows
from forum.base.errors import Invalid
from forum.base.idents import new_ident
from forum.base.keyring import Scope, the_keyring
from forum.base.rotation import Pass
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.models import Persona
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in, get_scope
from forum.policy.permissions import may_look_after, require
from moderation.shift_models import HandOver

PLACE = "hand_over"
JOB = "purge_hand_over"
MOST_WORDS = 1_000
#: Two weeks of shifts. What should last longer belongs into the notes of an item.
KEPT = timedelta(days=14)
#: The page shows the newest; older ones are out of date before they are gone.
SHOWN = 6
#: Sealed in whole blocks: the length would say how much happened.
BLOCK = 512


@dataclass(frozen=True)
class Note:
    """What somebody left for the next shift. :param name: as they are called now, or as they were."""

    day: date
    name: str
    words: str


def leave(actor: Actor, scope: Scope, typed: str) -> None:
    """Leave a note for the next shift.

    :param typed: 1 to 1 000 characters. :raises Invalid: none, or too many. :raises NotFound: not of the team.
    """
    words = typed.strip()
    if not words:
        raise Invalid(_("Write what the next person should know."), "words")
    if len(words) > MOST_WORDS:
        raise Invalid(_("Make it shorter: at most %(n)s characters.", n=MOST_WORDS), "words")
    with transaction():
        now = actor_in(actor, scope)
        require(may_look_after, now, scope.group_id)
        leave_here(now.memberships[scope.group_id], words)


def leave_here(membership: Membership, words: str) -> None:
    """Step: the same within a transaction."""
    scope, note_id, ring = membership.scope, new_ident(), the_keyring()
    said = pack([membership.persona_id.hex(), membership.name, clock.now().isoformat(timespec="minutes"), words], BLOCK)
    sealed = ring.seal(scope, PLACE, note_id, said)
    values = {"id": note_id, "group_id": scope.group_id, "day": clock.today(), "sealed": sealed}
    here().execute(insert(HandOver).values(**values, key_id=ring.writing_id))
    jobs.enqueue(JOB, {}, clock.now() + KEPT + timedelta(days=1), dedupe_key=f"{JOB}:{clock.today()}")


def list_notes(actor: Actor, scope: Scope) -> list[Note]:
    """What was left for this shift, the newest first. :raises NotFound: not of the team."""
    require(may_look_after, actor, scope.group_id)
    wanted = (HandOver.group_id == scope.group_id, HandOver.day > clock.today() - KEPT)
    found = rows(select(HandOver.id, HandOver.day, HandOver.sealed).where(*wanted).order_by(HandOver.day.desc()))
    said = [(one.day, json.loads(the_keyring().unseal(scope, PLACE, one.id, one.sealed))) for one in found]
    newest = sorted(said, key=lambda pair: pair[1][2], reverse=True)[:SHOWN]
    people = [bytes.fromhex(parts[0]) for _day, parts in newest]
    names = {r.id.hex(): r.name for r in rows(select(Persona.id, Persona.name).where(Persona.id.in_(people)))}
    return [Note(day, names.get(who, name), words) for day, (who, name, _at, words) in newest]


@jobs.step(JOB)
def purge(_payload: jobs.Payload) -> None:
    """Notes whose time is over are gone for good."""
    past = delete(HandOver).where(HandOver.day <= clock.today() - KEPT)
    here().execute(past.execution_options(synchronize_session=False))


def renewal() -> Pass:
    """How a rotation renews these notes."""
    return Pass(HandOver, HandOver.id, rotation.renew_sealed(HandOver, get_scope))
