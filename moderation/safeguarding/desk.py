"""What a room learns becomes a concern: that somebody struggles, or that their line broke while they did."""

from forum.base import clock
from forum.base.idents import new_ident
from forum.policy.concern import Signal
from moderation.safeguarding import cases, chronology, concerns, queries, settings, ticking
from moderation.safeguarding.concerns import Raise
from moderation.safeguarding.models import EventKind, Kind, Origin


class Desk:
    """The forum's port, filled."""

    def note(self, signal: Signal) -> None:
        """Step: raise it, or add it to the concern that is open about the same person in this place already.

        Where nobody can be called the follow-up of the room alone is kept, as its pages say.
        """
        if not settings.is_armed(signal.scope.organisation_id):
            return
        subject = signal.persona_id or signal.mask_id or b""
        concern_id = _open_one(signal, subject) or _raise(signal, subject)
        case = cases.lock(concern_id)
        chronology.note(case, EventKind.TOLD_MORE, None, codes={"signal": signal.kind})
        ticking.call_holder(case, clock.now())


def _open_one(signal: Signal, subject: bytes) -> bytes | None:
    found = queries.list_open_about(signal.scope, [subject] if subject else [])
    return next((case.id for case in found if case.origin is Origin.ROOM), None)


def _raise(signal: Signal, subject: bytes) -> bytes:
    kind = "persona" if signal.persona_id else "mask" if signal.mask_id else "nobody"
    whose = {"subject_kind": kind, "subject_id": subject, "raiser_kind": kind, "raiser_id": subject}
    place = {"place_id": signal.conversation_id}
    return concerns.raise_here(
        Raise(signal.scope, Kind.ADULT, Origin.ROOM, new_ident(), **whose, **place)  # type: ignore[arg-type]
    ).concern_id
