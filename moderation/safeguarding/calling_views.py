"""How I am called: the same page for an officer, and for a facilitator in their group."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.base import clock
from forum.base.errors import Invalid, NotFound
from forum.groups.queries import scope_of
from forum.groups.views import card_for_facilitator
from forum.policy.members import get_scope
from forum.policy.permissions import Denial
from forum.web import forms
from forum.web.actors import current_actor
from moderation.safeguarding import calling, channels, paging, responders, watchdog
from moderation.safeguarding.people_models import ChannelKind
from moderation.safeguarding.responders import Responder

bp = Blueprint("calling", __name__)


@bp.get("/safeguarding/channels")
def show_mine() -> str:
    """An officer's channels."""
    return _page(calling.get_me(current_actor(), None), "", [])


@bp.post("/safeguarding/channels")
def change_mine() -> AnyResponse | tuple[str, int]:
    """Set, try or remove one."""
    return _change(calling.get_me(current_actor(), None), "")


@bp.get("/g/<address>/calls")
def show_in_group(address: str) -> str:
    """A facilitator's channels for one group."""
    return _page(_facilitator(address), address, [])


@bp.post("/g/<address>/calls")
def change_in_group(address: str) -> AnyResponse | tuple[str, int]:
    """Set, try or remove one."""
    return _change(_facilitator(address), address)


def _facilitator(address: str) -> Responder:
    card, actor = card_for_facilitator(address)
    return calling.get_me(actor, scope_of(card))


def _page(me: Responder, address: str, errors: list[forms.Error]) -> str:
    return render_template(
        "safeguarding/channels.html",
        address=address,
        ways={kind.value: way for kind, way in channels.of(me.id).items()},
        typed=request.form,
        errors=errors,
    )


def _change(me: Responder, address: str) -> AnyResponse | tuple[str, int]:
    kind = _kind()
    try:
        _do(me, kind)
    except Invalid as error:
        prefix = kind.value
        wrong = [forms.Error(f"{prefix}-{one.field}", one.message) for one in forms.errors_of(error)]
        return _page(me, address, wrong), error.status
    return redirect(url_for("calling.show_in_group", address=address) if address else url_for("calling.show_mine"), 303)


def _do(me: Responder, kind: ChannelKind) -> None:
    act = request.form.get("act")
    if act == "remove":
        channels.remove(me.id, kind)
    elif act == "again":
        calling.try_again(me, kind)
    elif act == "confirm":
        channels.confirm(me.id, kind, request.form.get("code", ""))
    else:
        calling.set_channel(me, kind, request.form.get("address", ""), request.form.get("to", ""))


def _kind() -> ChannelKind:
    wanted = request.form.get("kind", "")
    found = next((kind for kind in channels.OUTSIDE if kind.value == wanted), None)
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return found


def count_calls_to_me(group_id: bytes) -> int | None:
    """For pages of a group's team: how many calls wait for whoever reads; None for somebody who answers for nobody here."""
    scope = get_scope(group_id)
    me = responders.find(current_actor(), scope) if scope else None
    return paging.count_open([me.id]) if me else None


def are_calls_late() -> bool:
    """For pages of a team: whether a call is late that whoever reads may know of."""
    if not watchdog.is_late():
        return False
    return watchdog.overdue_for(responders.every_hat(current_actor()), clock.now()) > watchdog.LATE_S
