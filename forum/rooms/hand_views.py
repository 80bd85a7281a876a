"""In a meeting: what goes on, raising a hand, words for one's turn, showing a card."""

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Invalid, NotAllowed
from forum.base.text import MAX_ROOM_BODY
from forum.conversations.prepare import Words
from forum.policy.permissions import require
from forum.policy.room_desk import may_take_part
from forum.rooms import cards, floor, rules, run_state, struggling
from forum.rooms import here as being
from forum.rooms.here import Here
from forum.rooms.views import face_shown, meeting_here
from forum.web import forms
from forum.web.language import spoken

bp = Blueprint("room_hands", __name__)


def _here(meeting_id: bytes) -> Here:
    """Somebody who is in. :raises NotFound: anybody else."""
    _meeting, actor = meeting_here(meeting_id)
    return being.enter(actor, meeting_id)


def _as_shown(meeting_id: bytes) -> Here:
    """The same, with the face that their page shows them. :raises NotAllowed: they have another one here now."""
    here_now = _here(meeting_id)
    rules.require_face(here_now.meeting, face_shown(here_now.hides_names), here_now.duty is not None)
    return here_now


@bp.get("/m/<ident:meeting_id>/state")
def show_state(meeting_id: bytes) -> Response:
    """What goes on now, for a page that has an earlier number: `{no, html}`; html is null if nothing changed since.

    A page that asks with none gets it anyhow: those who look after people are told apart from the number.
    """
    here_now = _here(meeting_id)
    struggling.heard(meeting_id, here_now.me)
    meeting = here_now.meeting
    if request.args.get("after", "") == str(meeting.state_no):
        return jsonify(no=meeting.state_no, html=None)
    state = run_state.of(here_now.actor, meeting)
    return jsonify(no=meeting.state_no, html=render_template("rooms/_state.html", meeting=meeting, state=state))


@bp.post("/m/<ident:meeting_id>/hand")
def change_hand(meeting_id: bytes) -> AnyResponse:
    """Raise a hand, or lower it; who has the floor passes it on so."""
    here_now = _as_shown(meeting_id)
    if request.form.get("do") == "raise":
        floor.raise_hand(here_now.actor, meeting_id)
    else:
        floor.lower_hand(here_now.actor, meeting_id)
    return to_room(meeting_id)


@bp.post("/m/<ident:meeting_id>/card")
def show_card(meeting_id: bytes) -> AnyResponse:
    """Show how one is without a word, or take that away."""
    here_now = _as_shown(meeting_id)
    cards.show(here_now.actor, meeting_id, request.form.get("card", ""))
    return to_room(meeting_id)


@bp.get("/m/<ident:meeting_id>/turn")
def show_turn(meeting_id: bytes) -> str:
    """Words for one's turn, got ready in peace."""
    return _turn(_here(meeting_id), None, [], forms.new_token())


@bp.post("/m/<ident:meeting_id>/turn")
def take_turn(meeting_id: bytes) -> AnyResponse | tuple[str, int]:
    """Keep them, or send them as the turn."""
    here_now, body, do = _here(meeting_id), request.form.get("turn_body", ""), request.form.get("do", "keep")
    try:
        if do == "keep":
            floor.keep_words(here_now.actor, meeting_id, body)
        else:
            words = Words(body, forms.language(spoken()), masked=face_shown(here_now.hides_names))
            floor.take_turn(here_now.actor, meeting_id, words, forms.token(), pass_on=do == "pass")
    except (Invalid, NotAllowed) as error:
        return _turn(here_now, body, [forms.Error("turn_body", error.message)], forms.token()), error.status
    return to_room(meeting_id)


def _turn(here_now: Here, typed: str | None, errors: list[forms.Error], token: str) -> str:
    require(may_take_part, here_now.actor, being.facts_of(here_now))
    state = run_state.of(here_now.actor, here_now.meeting)
    return render_template(
        "rooms/turn.html",
        meeting=here_now.meeting,
        state=state,
        typed=state.prepared if typed is None else typed,
        errors=errors,
        token=token,
        most_letters=MAX_ROOM_BODY,
    )


def to_room(meeting_id: bytes) -> AnyResponse:
    """Back to the room."""
    return redirect(url_for("rooms.show_meeting", meeting_id=meeting_id), 303)
