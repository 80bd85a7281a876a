"""What waits for a person, as facilitators choose it; and the brakes that anybody of the team can pull in one tap."""

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Invalid
from forum.base.idents import read_ident, write_ident
from forum.base.words import _
from forum.groups import brakes, holds
from forum.groups.brakes import Pull
from forum.groups.queries import scope_of
from forum.groups.views import card_for_facilitator, card_for_team, card_here
from forum.models import Brake, Hold
from forum.policy.actor import Actor
from forum.web import forms

bp = Blueprint("holding", __name__)
#: Stands in a form for the whole group, where a board's id would be.
WHOLE = "group"


@bp.get("/g/<address>/holds")
def show_holds(address: str) -> str:
    """What waits for a person, in the group and on each board."""
    card, actor = card_for_facilitator(address)
    return render_template(
        "groups/holds.html",
        card=card,
        spots=[(_key(spot.board_id), spot) for spot in holds.list_spots(actor, scope_of(card))],
        labels=[(int(hold), words[:1].upper() + words[1:], hold) for hold, words in holds.labels().items()],
        every=Hold.EVERYTHING,
        saved=request.args.get("saved") == "yes",
    )


@bp.post("/g/<address>/holds")
def save_holds(address: str) -> AnyResponse | str:
    """Keep it, once its consequences were seen."""
    card, actor = card_for_facilitator(address)
    wanted = {spot.board_id: _sent(_key(spot.board_id)) for spot in holds.list_spots(actor, scope_of(card))}
    said = holds.consequences(actor, scope_of(card), card.zone, wanted)
    if said and not forms.checked("sure"):
        kept = [(k, v) for k, v in request.form.items(multi=True) if k not in ("csrf_token", "sure")]
        return render_template(
            "groups/settings_preview.html", card=card, said=said, kept=kept, onward=request.path, back=request.path
        )
    holds.save(actor, scope_of(card), wanted)
    return redirect(url_for("holding.show_holds", address=address, saved="yes"), 303)


def _key(board_id: bytes | None) -> str:
    return WHOLE if board_id is None else write_ident(board_id)


def _sent(key: str) -> Hold:
    """The boxes that were ticked; what the form does not offer is left out."""
    ticked = request.form.getlist(key)
    return Hold(sum(hold for hold in Hold if str(int(hold)) in ticked))


@bp.get("/g/<address>/brakes")
def show_brakes(address: str) -> str:
    """What can be braked, and what is."""
    card, actor = card_for_team(address)
    return _brakes(card, actor, "", [])


def _brakes(card: Row, actor: Actor, words: str, errors: list[forms.Error]) -> str:
    spots = brakes.list_spots(actor, scope_of(card))
    return render_template(
        "groups/brakes.html",
        card=card,
        spots=[(_key(one.place_id), one, brakes.sentences(one.brake, card.zone)) for one in spots],
        hours=brakes.HOURS,
        most_hours=brakes.MOST_HOURS,
        words=words,
        errors=errors,
    )


@bp.post("/g/<address>/brakes")
def pull_brake(address: str) -> AnyResponse | tuple[str, int]:
    """One tap: hold, stop, or let go."""
    card, actor = card_here(address)
    act, _at, key = request.form.get("act", "").partition(" ")
    place_id = None if key == WHOLE else read_ident(key) or b""
    try:
        if act == "off":
            brakes.let_go(actor, scope_of(card), place_id)
        else:
            brakes.pull(actor, scope_of(card), place_id, _pull(act))
    except Invalid as error:
        return _brakes(card, actor, request.form.get("words", ""), forms.errors_of(error)), error.status
    return redirect(url_for("holding.show_brakes", address=address), 303)


def _pull(act: str) -> Pull:
    if act not in list(Brake):
        raise Invalid(_("Choose one of the answers."), "words")
    return Pull(Brake(act), forms.sent_number("hours", 0), request.form.get("words", ""))
