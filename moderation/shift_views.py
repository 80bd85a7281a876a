"""My shift: what waits, what is mine to take next, who else is here, how much I took on; and what I choose about it."""

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from forum.base import clock
from forum.base.errors import Invalid, NotFound
from forum.base.idents import read_ident, write_ident
from forum.conversations import choices, news_times
from forum.groups import rota
from forum.groups.queries import duty_sentence, find_address, scope_of
from forum.groups.views import card_for_team
from forum.policy.actor import Actor
from forum.policy.permissions import Denial
from forum.web import forms
from forum.web.actors import current_actor_in
from moderation import care, exposure, handover, own, own_choices, shifts, sight
from moderation.care import Enough

bp = Blueprint("shifts", __name__)

#: Classes of content notes have small numbers.
MOST_BIT = 31

#: Of what waits; more would be a list to work through, and the list is one tap away.
SHOWN = 5


@bp.get("/g/<address>/shift")
def show_shift(address: str) -> str:
    """My shift."""
    card, actor = card_for_team(address)
    return _shift(card, actor, [])


def _shift(card: Row, actor: Actor, errors: list[forms.Error]) -> str:
    scope = scope_of(card)
    shift = shifts.get_shift(actor, scope, card.zone)
    due_on = own_choices.supervision_day(shift.own)
    first = shift.waiting[:SHOWN]
    return render_template(
        "moderation/shift.html",
        card=card,
        shift=shift,
        first=first,
        not_theirs=shifts.list_not_theirs(actor, first),
        duty=duty_sentence(card.id, card.zone),
        notes=handover.list_notes(actor, scope),
        buddies=own_choices.find_buddies(actor, scope),
        write=write_ident,
        supervision=due_on,
        is_due=due_on is not None and due_on <= date.fromordinal(shift.now.day),
        limits={"row": exposure.IN_A_ROW, "day": exposure.A_DAY, "most": exposure.MOST_A_DAY},
        words=request.form.get("words", ""),
        errors=errors,
        now=clock.now(),
    )


@bp.post("/g/<address>/shift")
def act(address: str) -> AnyResponse | tuple[str, int]:
    """Leave a note for the next shift, or say that something of one's own is seen to."""
    card, actor = card_for_team(address)
    scope, what = scope_of(card), request.form.get("act", "note")
    try:
        if what == "talked":
            own_choices.end_talk(actor, scope)
        elif what == "supervised":
            own_choices.had_supervision(actor, scope)
        elif what in ("buddy-yes", "buddy-no"):
            own_choices.answer_buddy(actor, scope, _persona(), yes=what == "buddy-yes")
        else:
            handover.leave(actor, scope, request.form.get("words", ""))
    except Invalid as error:
        return _shift(card, actor, forms.errors_of(error)), error.status
    return redirect(url_for("shifts.show_shift", address=address), 303)


def _persona() -> bytes:
    found = read_ident(request.form.get("persona", ""))
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return found


@bp.get("/g/<address>/shift/choices")
def show_choices(address: str) -> str:
    """What I take on, and when the team's work may reach me."""
    card, actor = card_for_team(address)
    return _choices(card, actor, [])


def _choices(card: Row, actor: Actor, errors: list[forms.Error]) -> str:
    scope, membership = scope_of(card), actor.memberships[card.id]
    mine, now, chosen = own.find(membership), exposure.at(clock.now(), card.zone), choices.find(membership)
    team = {one: name for one, name in rota.list_team(scope).items() if one != membership.persona_id}
    return render_template(
        "moderation/shift_choices.html",
        card=card,
        classes=own_choices.list_classes(scope),
        away=mine.away,
        today=mine.away_today if mine.away_on == now.day else 0,
        langs=mine.langs,
        team=rota.options(team),
        buddy=write_ident(bytes.fromhex(mine.buddy)) if mine.buddy else "",
        weeks=mine.supervision_weeks,
        all_weeks=own_choices.WEEKS,
        hours=news_times.HOURS,
        team_from=chosen.team_from,
        team_until=chosen.team_until,
        done=request.method == "GET" and request.args.get("done") == "kept",
        errors=errors,
    )


@bp.post("/g/<address>/shift/choices")
def choose(address: str) -> AnyResponse | tuple[str, int]:
    """Keep it."""
    card, actor = card_for_team(address)
    scope = scope_of(card)
    try:
        news_times.keep_team_hours(actor, card.id, _hour("team_from"), _hour("team_until"))
        own_choices.choose_topics(actor, scope, _bits("away"), _bits("today"))
        own_choices.choose_langs(actor, scope, request.form.getlist("langs"))
        own_choices.ask_buddy(actor, scope, request.form.get("buddy", ""))
        own_choices.set_supervision(actor, scope, forms.sent_number("weeks", 0))
    except Invalid as error:
        return _choices(card, actor, forms.errors_of(error)), error.status
    return redirect(url_for("shifts.show_choices", address=address, done="kept"), 303)


def _hour(name: str) -> int | None:
    hour = forms.sent_number(name, -1)
    return hour if hour >= 0 else None


def _bits(name: str) -> set[int]:
    return {int(one) for one in request.form.getlist(name) if one.isascii() and one.isdigit() and len(one) < 3} & {
        *range(MOST_BIT + 1)
    }


# --- On one item ----------------------------------------------------------------------------------------------------


@bp.post("/cases/<ident:item_id>/not-me")
def pass_on(item_id: bytes) -> AnyResponse:
    """Not me: it stays for others, and I see what else there is."""
    scope = care.pass_on(_actor_of(item_id), item_id)
    return redirect(url_for("shifts.show_shift", address=find_address(scope.group_id)), 303)


@bp.post("/cases/<ident:item_id>/weight")
def say_weight(item_id: bytes) -> AnyResponse:
    """How heavy it is to read, for those who come after."""
    topics = sum(1 << bit for bit in _bits("topic"))
    care.say_weight(_actor_of(item_id), item_id, forms.sent_number("intensity", 0), topics)
    return redirect(f"/cases/{write_ident(item_id)}", 303)


def _actor_of(item_id: bytes) -> Actor:
    actor = current_actor_in(sight.find_scope(item_id))
    if actor.account_id is None:
        raise Unauthorized
    return actor


@bp.app_errorhandler(Enough)
def show_enough(error: Enough) -> AnyResponse | tuple[str, int]:
    """Time for something lighter, or for a pause: said before they go on, with what else there is."""
    asked = request.view_args or {}
    item_id = asked.get("item_id")
    scope = sight.find_scope(item_id) if item_id else None
    if scope is None:
        return redirect(url_for("shifts.show_shift", address=asked.get("address", "")), 303)
    actor = current_actor_in(scope)
    page = render_template(
        "moderation/enough.html",
        address=find_address(scope.group_id),
        item_id=item_id,
        error=error,
        lighter=shifts.find_lighter(actor, scope),
        buddies=own_choices.find_buddies(actor, scope),
        kept={name: value for name, value in request.form.items() if name in ("reason", "version", "gen")},
        path=request.path,
        write=write_ident,
        now=clock.now(),
    )
    return page, error.status
