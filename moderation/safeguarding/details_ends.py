"""What becomes of contact details when whoever left them leaves the group for good."""

from datetime import timedelta

from sqlalchemy import select

from forum.base import clock, jobs, tagged
from forum.base.db import row, rows
from forum.base.keyring import KeyringError, Scope
from forum.conversations import masks
from forum.conversations.renewal import all_scopes
from forum.models import Persona, Standing
from moderation.safeguarding import cases, details, key_steps, opening_told, queries, ticking, words
from moderation.safeguarding.cases import Case
from moderation.safeguarding.key_models import ContactDetail
from moderation.safeguarding.models import Concern

LOOK_AGAIN = "contact_details_after"
#: As long as somebody answers for their safety, asked so often whether that is over.
AGAIN = timedelta(days=1)


def forget(scope: Scope, persona_id: bytes) -> None:
    """Step: their details go, and what they could read of openings; while a concern about them is open or held, when it is
    over, under an alias of theirs too.

    A key of their own goes at once: whoever left looks after nobody.
    """
    key_steps.forget_holder(persona_id)
    ticking.let_go(persona_id)
    faces = [persona_id, *(worn.id for worn in masks.list_worn(scope, persona_id))]
    _settle(scope, persona_id, queries.list_about_any(scope, faces))


def _settle(scope: Scope, persona_id: bytes, about: list[Case]) -> None:
    if not details.has_details(scope, persona_id):
        opening_told.forget(scope, persona_id)
        return
    kept = [case for case in about if case.is_open or case.legal_hold]
    for case in about:
        _remember(case, persona_id if case in kept else b"")
    if kept:
        _look_later()
        return
    details.drop(scope, persona_id)
    opening_told.forget(scope, persona_id)


def _remember(case: Case, persona_id: bytes) -> None:
    """Nothing else leads from an alias to whoever left: as long as the concern needs it, its own sealed row does."""
    inside = words.open_inside(case)
    if inside.subject_kind == "mask" and inside.wearer_id != persona_id:
        words.change_inside(cases.lock(case.id), wearer_id=persona_id)


def _look_later() -> None:
    """The job names nobody: it would say of whom somebody is worried about."""
    later = clock.now() + AGAIN
    jobs.enqueue(LOOK_AGAIN, {}, later, dedupe_key=f"{LOOK_AGAIN}:{later.date()}")


@jobs.step(LOOK_AGAIN)
def look_again(_payload: jobs.Payload) -> None:
    """The same for all about whom a concern was open when they left."""
    scopes = all_scopes()
    for found in rows(select(ContactDetail.tag, ContactDetail.sealed)):
        owner = _owner(scopes, found)
        if owner is not None and _is_gone(owner[1]):
            _settle(*owner, [*queries.list_about_any(owner[0], [owner[1]]), *_remembered(*owner)])


def _remembered(scope: Scope, persona_id: bytes) -> list[Case]:
    """Concerns about an alias of somebody who left."""
    of_group = cases.list_by(Concern.group_id == scope.group_id, Concern.gone_on.is_(None))
    return [case for case in of_group if words.open_inside(case).wearer_id == persona_id]


def _owner(scopes: list[Scope], found: object) -> tuple[Scope, bytes] | None:
    for scope in scopes:
        try:
            _kind, _value, ids = tagged.open_whole(ContactDetail, scope, found.tag, found.sealed)  # type: ignore[attr-defined]
        except KeyringError:
            continue
        return scope, ids[0]
    return None


def _is_gone(persona_id: bytes) -> bool:
    """Whether nothing can bring them back: who left, and can still undo it, keeps what they agreed to."""
    found = row(select(Persona.standing, Persona.agreed_version_id).where(Persona.id == persona_id))
    return found is None or (found.standing is Standing.LEFT and found.agreed_version_id is None)
