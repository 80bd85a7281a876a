"""The desk of those who look after a meeting: one page, and one address for each kind of act."""

from collections.abc import Callable, Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.idents import read_ident, read_post_id, write_ident, write_post_id
from forum.base.words import _
from forum.content.prompts import prompts_for
from forum.ground_rules import queries as rules_queries
from forum.policy.actor import Actor
from forum.policy.permissions import Denial
from forum.rooms import answering, desk, desk_acts, floor, opening, run, run_state, run_steps, side_rooms
from forum.rooms.here import Here
from forum.rooms.run import Step
from forum.rooms.views import meeting_here
from forum.web import display, forms

bp = Blueprint("room_desk", __name__)

#: Seconds after which the desk comes anew by itself, if its facilitator wants that.
REFRESH = (10, 30)


@bp.get("/m/<ident:meeting_id>/desk")
def show_desk(meeting_id: bytes) -> str:
    """The desk."""
    _meeting, actor = meeting_here(meeting_id)
    return _page(desk.enter(actor, meeting_id), [])


def _page(here_now: Here, errors: list[forms.Error]) -> str:
    found, meeting = desk.show(here_now), here_now.meeting
    rules = rules_queries.find_rules(meeting.scope.group_id)
    now = run_steps.now_of(meeting)
    refresh = forms.number("refresh")
    return render_template(
        "rooms/desk.html",
        meeting=meeting,
        desk=found,
        leads=meeting.host_id == here_now.me.persona_id,
        runs=here_now.runs,
        state=run_state.of(here_now.actor, meeting),
        agenda=[(part, part_words(part.step)) for part in run.read_agenda(meeting.agenda)],
        place=now.place,
        put_in=[(step.value, part_words(step), minutes) for step, minutes in desk_acts.PUT_IN.items()],
        prompts=prompts_for(now.step or ""),
        quiet_prompts=prompts_for("quiet"),
        clauses=rules.clauses if rules else [],
        slow=desk_acts.SLOW,
        some=desk_acts.SOME,
        most=desk_acts.MOST_NOTE,
        id_of=write_ident,
        post_id_of=write_post_id,
        errors=errors,
        typed=request.form,
        refresh=refresh if refresh in REFRESH else 0,
        low=display.chosen(display.here())["low"],
        choices=REFRESH,
    )


def part_words(step: Step) -> str:
    """What a step is called."""
    return str(run_state.WORDS[step][0])


@bp.post("/m/<ident:meeting_id>/desk/<act>")
def do(meeting_id: bytes, act: str) -> AnyResponse | tuple[str, int]:
    """One of ACTS; then the desk again, or where the act leads."""
    _meeting, actor = meeting_here(meeting_id)
    if act not in ACTS:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    try:
        onward = ACTS[act](actor, meeting_id)
    except (Invalid, Conflict, NotAllowed) as error:
        here_now = desk.enter(actor, meeting_id)
        field = error.field if isinstance(error, Invalid) else None
        return _page(here_now, [forms.Error(field or "desk", error.message)]), error.status
    return onward or redirect(url_for("room_desk.show_desk", meeting_id=meeting_id), 303)


Act = Callable[[Actor, bytes], AnyResponse | None]


def _step(actor: Actor, meeting_id: bytes) -> AnyResponse | None:
    typed = request.form.get("step", "")
    if typed in set(Step):
        desk_acts.put_in(actor, meeting_id, Step(typed))
    return None


def _slow(actor: Actor, meeting_id: bytes) -> AnyResponse | None:
    desk_acts.set_slow(actor, meeting_id, forms.sent_number("seconds", 0))
    return None


def _prompt(actor: Actor, meeting_id: bytes) -> AnyResponse | None:
    own = request.form.get("own_prompt", "").strip()
    desk_acts.set_prompt(actor, meeting_id, own or request.form.get("prompt", ""))
    return None


def _quiet(actor: Actor, meeting_id: bytes) -> AnyResponse | None:
    own = request.form.get("own_quiet", "").strip()
    desk_acts.write_quietly(actor, meeting_id, own or request.form.get("quiet_prompt", ""))
    return None


def _wind_down(actor: Actor, meeting_id: bytes) -> AnyResponse | None:
    opening.wind_down(actor, meeting_id)
    return None


def _close(actor: Actor, meeting_id: bytes) -> AnyResponse | None:
    opening.close_meeting(actor, meeting_id)
    return redirect(url_for("rooms.show_meeting", meeting_id=meeting_id), 303)


def _hand_over(actor: Actor, meeting_id: bytes) -> AnyResponse | None:
    opening.hand_over(actor, meeting_id, _ident("persona"))
    return None


def _take_out(actor: Actor, meeting_id: bytes) -> AnyResponse | None:
    desk_acts.take_out(actor, meeting_id, read_post_id(request.form.get("post", "")) or 0)
    return None


def _side(actor: Actor, meeting_id: bytes) -> AnyResponse | None:
    chosen = [ident for typed in request.form.getlist("face") if (ident := read_ident(typed))]
    if not chosen:
        raise Invalid(_("Choose who shall come to the side room."), "face")
    people = desk_acts.people_of(actor, meeting_id, chosen)
    side_id = side_rooms.open_side_room(actor, meeting_id, people)
    return redirect(url_for("rooms.show_meeting", meeting_id=side_id), 303)


def _take_signal(actor: Actor, _meeting_id: bytes) -> AnyResponse | None:
    side_id = answering.take(actor, _ident("signal"))
    return redirect(url_for("rooms.show_meeting", meeting_id=side_id), 303) if side_id else None


def _ident(field: str) -> bytes:
    found = read_ident(request.form.get(field, ""))
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return found


def _plain(act: Callable[[Actor, bytes], None]) -> Act:
    def run_it(actor: Actor, meeting_id: bytes) -> AnyResponse | None:
        act(actor, meeting_id)
        return None

    return run_it


def _about(act: Callable[[Actor, bytes], None], field: str) -> Act:
    return _plain(lambda actor, _meeting_id: act(actor, _ident(field)))


def _of_person(act: Callable[[Actor, bytes, bytes], None]) -> Act:
    return _plain(lambda actor, meeting_id: act(actor, meeting_id, _ident("face")))


#: What the desk's forms ask for, by the last part of their address.
ACTS: Mapping[str, Act] = {
    "next": _plain(desk_acts.next_step),
    "longer": _plain(lambda actor, one: desk_acts.change_time(actor, one, desk_acts.SOME)),
    "shorter": _plain(lambda actor, one: desk_acts.change_time(actor, one, -desk_acts.SOME)),
    "end-later": _plain(lambda actor, one: desk_acts.change_end(actor, one, desk_acts.SOME)),
    "end-sooner": _plain(lambda actor, one: desk_acts.change_end(actor, one, -desk_acts.SOME)),
    "step": _step,
    "prompt": _prompt,
    "pause": _plain(lambda actor, one: desk_acts.pause(actor, one, on=True)),
    "go-on": _plain(lambda actor, one: desk_acts.pause(actor, one, on=False)),
    "slow": _slow,
    "quiet": _quiet,
    "release": _plain(desk_acts.release),
    "least-heard": _plain(lambda actor, one: floor.order_by_least_heard(actor, one, on=True)),
    "hand-order": _plain(lambda actor, one: floor.order_by_least_heard(actor, one, on=False)),
    "call": _about(floor.call, "hand"),
    "put-back": _about(floor.put_back, "hand"),
    "lower": _about(floor.lower_for, "hand"),
    "take-out": _take_out,
    "mute": _of_person(desk_acts.mute),
    "unmute": _of_person(desk_acts.unmute),
    "pin": _plain(lambda actor, one: desk_acts.pin_clause(actor, one, request.form.get("clause", ""))),
    "note": _plain(lambda actor, one: desk_acts.write_note(actor, one, request.form.get("note", ""))),
    "side": _side,
    "take": _take_signal,
    "finish": _about(answering.finish, "signal"),
    "hand-over": _hand_over,
    "wind-down": _wind_down,
    "close": _close,
}


@bp.get("/m/<ident:meeting_id>/desk/person/<ident:face_id>")
def show_person(meeting_id: bytes, face_id: bytes) -> str:
    """Asking somebody to leave this room: what it means, and the words to them and to those who stay."""
    _meeting, actor = meeting_here(meeting_id)
    return _person_page(desk.enter(actor, meeting_id), face_id, [], forms.new_token())


@bp.post("/m/<ident:meeting_id>/desk/person/<ident:face_id>")
def send_out(meeting_id: bytes, face_id: bytes) -> AnyResponse | tuple[str, int]:
    """Do it."""
    _meeting, actor = meeting_here(meeting_id)
    words, to_room = request.form.get("words", ""), request.form.get("to_room", "")
    try:
        desk_acts.send_out(actor, meeting_id, face_id, words, to_room, forms.token())
    except Invalid as error:
        return _person_page(desk.enter(actor, meeting_id), face_id, forms.errors_of(error), forms.token()), error.status
    return redirect(url_for("room_desk.show_desk", meeting_id=meeting_id), 303)


def _person_page(here_now: Here, face_id: bytes, errors: list[forms.Error], token: str) -> str:
    typed = request.form
    return render_template(
        "rooms/send_out.html",
        meeting=here_now.meeting,
        name=desk.name_of(here_now.meeting, face_id),
        words=typed.get("words", str(desk_acts.LEAVING_WORDS)),
        to_room=typed.get("to_room", str(desk_acts.ROOM_WORDS)),
        most=desk_acts.MOST_NOTE,
        errors=errors,
        token=token,
    )
