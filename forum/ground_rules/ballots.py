"""Ballots: who may take part in one vote, and what they chose, so that nobody can join the two.

Each elector has a row from the opening on, found by a tag under the ballot key, which never leaves the keyring. What it
holds is sealed in one size and sealed afresh before each backup, so that two nights do not tell which were used. When
the result has stood for some time the rows are deleted, and with them the last way from a member to a choice.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterable

from sqlalchemy import Row, delete, insert, select, update

from forum.base.db import rows
from forum.base.keyring import TAG_BYTES, Purpose, Scope, the_keyring
from forum.base.rotation import Pass
from forum.base.transaction import here
from forum.models import CharterBallot, CharterCall, CharterProposal, CharterVote
from forum.policy.members import get_scope

NONE, YES, NO, AGREE, OBJECT, ABSTAIN = "none", "yes", "no", "agree", "object", "abstain"
#: Their order is their number in the seal; new ones go to the end.
CHOICES = (NONE, YES, NO, AGREE, OBJECT, ABSTAIN)
PLACE = "charter_ballot"


def tags(scope: Scope, kind: str, about: bytes, persona_id: bytes) -> list[bytes]:
    """Where a persona's row may be, under every ballot key that is read; the active one first."""
    parts = (scope.organisation_id, scope.group_id, kind.encode(), about, persona_id)
    data = b"".join(len(part).to_bytes(4) + part for part in parts)
    keys = the_keyring().readable(Purpose.BALLOT)
    return [hmac.digest(key.secret, data, hashlib.sha256)[:TAG_BYTES] for key in keys]


def open_for(scope: Scope, vote_id: bytes, personas: Iterable[bytes]) -> int:
    """Step: freeze who may take part; gives how many. Written in the order of their tags, which tells nothing."""
    found = sorted(tags(scope, "ballot", vote_id, one)[0] for one in personas)
    for tag in found:
        here().execute(insert(CharterBallot).values(tag=tag, vote_id=vote_id, **_sealed(scope, tag, NONE)))
    return len(found)


def _sealed(scope: Scope, tag: bytes, choice: str) -> dict[str, object]:
    ring = the_keyring()
    return {"sealed": ring.seal(scope, PLACE, tag, bytes([CHOICES.index(choice)])), "key_id": ring.writing_id}


def _choice(scope: Scope, found: Row) -> str:
    return CHOICES[the_keyring().unseal(scope, PLACE, found.tag, found.sealed)[0]]


def find(scope: Scope, vote_id: bytes, persona_id: bytes) -> str | None:
    """What somebody chose, for themselves alone; None: they are no elector, or the rows are gone."""
    wanted = select(CharterBallot.tag, CharterBallot.sealed)
    found = rows(wanted.where(CharterBallot.tag.in_(tags(scope, "ballot", vote_id, persona_id))))
    return _choice(scope, found[0]) if found else None


def put(scope: Scope, vote_id: bytes, persona_id: bytes, choice: str) -> bool:
    """Step: choose, or choose anew; whether they are an elector. Nobody else's row can be reached."""
    for tag in tags(scope, "ballot", vote_id, persona_id):
        change = update(CharterBallot).where(CharterBallot.tag == tag, CharterBallot.vote_id == vote_id)
        change = change.values(**_sealed(scope, tag, choice)).returning(CharterBallot.vote_id)
        if here().execute(change.execution_options(synchronize_session=False)).first():
            return True
    return False


def count(scope: Scope, vote_id: bytes) -> dict[str, int]:
    """How many chose what, those who chose nothing left out. For closing alone: a running count would tell who just did."""
    found = rows(select(CharterBallot.tag, CharterBallot.sealed).where(CharterBallot.vote_id == vote_id))
    chosen = Counter(_choice(scope, one) for one in found)
    return {choice: chosen[choice] for choice in CHOICES if choice != NONE and chosen[choice]}


def forget(vote_id: bytes) -> None:
    """Step: nothing leads from anybody to this vote any more."""
    here().execute(delete(CharterBallot).where(CharterBallot.vote_id == vote_id))


def note_call(scope: Scope, proposal_id: bytes, persona_id: bytes) -> int:
    """Step: somebody wants the group to decide now; gives how many do. Twice is as once."""
    at = tags(scope, "call", proposal_id, persona_id)
    if not rows(select(CharterCall.tag).where(CharterCall.tag.in_(at))):
        here().execute(insert(CharterCall).values(tag=at[0], proposal_id=proposal_id))
    return len(rows(select(CharterCall.tag).where(CharterCall.proposal_id == proposal_id)))


def forget_calls(proposal_id: bytes) -> None:
    """Step: nobody asks for it any more."""
    here().execute(delete(CharterCall).where(CharterCall.proposal_id == proposal_id))


def _renew(found: Row) -> None:
    """Seal it afresh. Its tag is of the ballot key, which outlives every vote that it made tags for."""
    group = rows(
        select(CharterProposal.group_id)
        .join(CharterVote, CharterVote.proposal_id == CharterProposal.id)
        .where(CharterVote.id == found.vote_id)
    )
    scope = get_scope(group[0].group_id)
    assert scope is not None
    values = _sealed(scope, found.tag, _choice(scope, found))
    change = update(CharterBallot).where(CharterBallot.tag == found.tag).values(**values)
    here().execute(change.execution_options(synchronize_session=False))


def renewal() -> Pass:
    """What rotations and the nightly upkeep do with ballots."""
    return Pass(CharterBallot, CharterBallot.tag, _renew)
