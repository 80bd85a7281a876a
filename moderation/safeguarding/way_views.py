"""What a responder does with a concern, each as a plain form on its page. A refused one comes back with its words."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.base import clock
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.idents import read_ident
from forum.base.words import _
from forum.policy.actor import Actor
from forum.web import forms
from moderation.safeguarding import (
    closing,
    concern_views,
    death,
    handing,
    queries,
    record_page,
    referral,
    remembering,
    talking,
    transitions,
    watching,
)
from moderation.safeguarding.models import EventKind, Kind, Level
from moderation.safeguarding.transitions import Assessment

bp = Blueprint("concern_ways", __name__, url_prefix="/concerns")

Go = Callable[[Actor, bytes, int], object]


@bp.post("/<ident:concern_id>/<way>")
def go(concern_id: bytes, way: str) -> AnyResponse | tuple[str, int]:
    """Do one thing, and read the record again."""
    actor, _case, _me = concern_views.concern_here(concern_id)
    if way not in WAYS:
        raise NotFound(_("There is no such page here."))
    try:
        done = WAYS[way](actor, concern_id, forms.sent_number("version", -1))
    except (Invalid, Conflict, NotAllowed) as error:
        return concern_views.page(concern_id, _errors(error, way), way), error.status
    if way in ("recuse", "triage") and not _is_left(concern_id):
        return redirect(url_for("concerns.show_list"), 303)
    said = "asked" if done is False else done if isinstance(done, str) else way
    return redirect(url_for("concerns.show", concern_id=concern_id, done=said), 303)


def _errors(error: Invalid | Conflict | NotAllowed, way: str) -> list[forms.Error]:
    """At the field of the one form that was sent: the page has several with fields of one name."""
    field = error.field if isinstance(error, Invalid) and error.field else ""
    return [forms.Error(f"{way}-{field}" if field else "", error.message)]


def _is_left(concern_id: bytes) -> bool:
    """Whether it still exists for whoever said that somebody must not see it: that may have been themselves."""
    try:
        concern_views.concern_here(concern_id)
    except NotFound:
        return False
    return True


def _said(name: str) -> str:
    return request.form.get(name, "")


def _level(name: str = "level") -> Level:
    try:
        return Level(_said(name))
    except ValueError:
        raise Invalid(_("Choose how serious it is."), name) from None


def _moment(name: str, concern_id: bytes, actor: Actor) -> datetime:
    """A date and a time as a browser sends them, by the clock of the group. :raises Invalid: it is none."""
    case, _me = queries.get(actor, concern_id)
    try:
        typed = datetime.fromisoformat(_said(name))
    except ValueError:
        raise Invalid(_("Choose a day and a time."), name) from None
    return typed.replace(tzinfo=ZoneInfo(record_page.where(case).zone)).astimezone(UTC)


def _acknowledge(actor: Actor, concern_id: bytes, version: int) -> None:
    transitions.acknowledge(actor, concern_id, version)


def _triage(actor: Actor, concern_id: bytes, version: int) -> None:
    kind = Kind(_said("kind")) if _said("kind") in set(Kind) else None
    said = Assessment(
        _level(), _said("rationale"), _said("wants"), _said("why_not_asked"), _said("raiser_danger"), kind
    )
    transitions.triage(actor, concern_id, version, said)


def _set_level(actor: Actor, concern_id: bytes, version: int) -> bool:
    return transitions.set_level(actor, concern_id, version, _level(), _said("why"))


def _emergency(actor: Actor, concern_id: bytes, _version: int) -> None:
    transitions.emergency(actor, concern_id)


def _record_emergency(actor: Actor, concern_id: bytes, _version: int) -> None:
    at = _moment("at", concern_id, actor) if _said("at") else clock.now()
    transitions.record_emergency(actor, concern_id, _said("who"), at, _said("ref"), _said("shared"))


def _refer(actor: Actor, concern_id: bytes, version: int) -> None:
    transitions.refer(actor, concern_id, version, {name: _said(name) for name in referral.NAMES})


def _complete_referral(actor: Actor, concern_id: bytes, _version: int) -> None:
    transitions.complete_referral(actor, concern_id, {name: _said(name) for name in referral.NAMES})


def _received(actor: Actor, concern_id: bytes, version: int) -> None:
    transitions.received(actor, concern_id, version, _said("words"))


def _plan(actor: Actor, concern_id: bytes, version: int) -> None:
    transitions.plan(actor, concern_id, version, _said("agreed"), _moment("next_contact", concern_id, actor))


def _monitor(actor: Actor, concern_id: bytes, version: int) -> None:
    transitions.monitor(actor, concern_id, version, _moment("until", concern_id, actor), _said("why"))


def _offer(actor: Actor, concern_id: bytes, version: int) -> None:
    handing.offer(actor, concern_id, version, read_ident(_said("to")) or b"", _said("briefing"))


def _accept(actor: Actor, concern_id: bytes, version: int) -> None:
    handing.accept(actor, concern_id, version)


def _recuse(actor: Actor, concern_id: bytes, _version: int) -> str:
    done = handing.recuse(actor, concern_id, read_ident(_said("responder")) or b"", _said("why"))
    return "recuse" if done else "outside"


def _leave_in(actor: Actor, concern_id: bytes, _version: int) -> None:
    handing.leave_in(actor, concern_id)


def _propose_close(actor: Actor, concern_id: bytes, version: int) -> None:
    try:
        outcome = closing.Outcome(_said("outcome"))
    except ValueError:
        raise Invalid(_("Choose what came of it."), "outcome") from None
    offered = forms.checked("help_offered")
    closing.propose_close(actor, concern_id, version, outcome, _said("words"), help_offered=offered)


def _confirm_close(actor: Actor, concern_id: bytes, version: int) -> None:
    closing.confirm_close(actor, concern_id, version)


def _reject_close(actor: Actor, concern_id: bytes, version: int) -> None:
    closing.reject_close(actor, concern_id, version, _said("why"))


def _reopen(actor: Actor, concern_id: bytes, version: int) -> None:
    closing.reopen(actor, concern_id, version, _said("why"))


def _merge(actor: Actor, concern_id: bytes, version: int) -> None:
    closing.merge(actor, concern_id, version, read_ident(_said("into")) or concern_id)


def _not_spoken(actor: Actor, concern_id: bytes, _version: int) -> None:
    transitions.spoken(actor, concern_id, _said("why_not"))


def _seen_by_lead(actor: Actor, concern_id: bytes, _version: int) -> None:
    transitions.seen_by_lead(actor, concern_id)


def _note(actor: Actor, concern_id: bytes, _version: int) -> None:
    try:
        kind = EventKind(_said("kind"))
    except ValueError:
        raise Invalid(_("Choose what kind of note it is."), "kind") from None
    at = _moment("at", concern_id, actor) if _said("at") else None
    corrects = forms.sent_number("corrects", 0) or None
    transitions.write_note(actor, concern_id, kind, _said("words"), at, corrects)


def _write(actor: Actor, concern_id: bytes, _version: int) -> None:
    talking.write_as_owner(actor, concern_id, _said("body"), forms.token())


def _hold(actor: Actor, concern_id: bytes, _version: int) -> None:
    closing.set_hold(actor, concern_id, _said("on") == "yes", _said("why"))


def _death(step: death.Step) -> Go:
    return lambda actor, concern_id, _version: death.note_step(actor, concern_id, step, _said("words"))


def _not_dead(actor: Actor, concern_id: bytes, _version: int) -> None:
    death.undo(actor, concern_id, _said("why"))


def _watch(actor: Actor, concern_id: bytes, _version: int) -> None:
    due = _moment("due", concern_id, actor)
    watching.begin(actor, concern_id, _said("who"), read_ident(_said("owner")) or b"", due)


def _watched(actor: Actor, concern_id: bytes, _version: int) -> None:
    again = _moment("due", concern_id, actor) if _said("due") else None
    watching.looked(actor, concern_id, forms.sent_number("watch", 0), _said("words"), again)


def _propose_memorial(actor: Actor, concern_id: bytes, _version: int) -> None:
    remembering.propose(actor, concern_id, _said("title"), _said("words"))


def _agree_memorial(actor: Actor, concern_id: bytes, _version: int) -> None:
    remembering.agree(actor, concern_id, read_ident(_said("board")) or b"")


WAYS: dict[str, Go] = {
    "acknowledge": _acknowledge,
    "triage": _triage,
    "level": _set_level,
    "emergency": _emergency,
    "record-emergency": _record_emergency,
    "refer": _refer,
    "refer-rest": _complete_referral,
    "received": _received,
    "plan": _plan,
    "monitor": _monitor,
    "offer": _offer,
    "accept": _accept,
    "recuse": _recuse,
    "leave-in": _leave_in,
    "propose-close": _propose_close,
    "confirm-close": _confirm_close,
    "reject-close": _reject_close,
    "reopen": _reopen,
    "merge": _merge,
    "not-spoken": _not_spoken,
    "seen": _seen_by_lead,
    "note": _note,
    "write": _write,
    "hold": _hold,
    **{f"death-{step.value}": _death(step) for step in death.Step},
    "death-undone": _not_dead,
    "memorial": _propose_memorial,
    "memorial-open": _agree_memorial,
    "watch": _watch,
    "watched": _watched,
}
