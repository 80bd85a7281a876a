"""A question to everybody in a topic, over HTTP: asking it, answering it, and what came of it."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Invalid
from forum.conversations import places, polls
from forum.conversations.entrance import Entrance
from forum.conversations.polls import DAYS, MOST_OPTION, MOST_OPTIONS, MOST_QUESTION
from forum.conversations.views import enter_conversation
from forum.policy.permissions import PollFacts, may_answer_poll
from forum.web import forms
from forum.web.csrf import current

bp = Blueprint("polls", __name__)


@bp.get("/c/<ident:conversation_id>/poll")
def show_poll(conversation_id: bytes) -> str:
    """The question with its answers, what came of it once it is closed, or the form to ask one."""
    return _page(_here(conversation_id), [])


def _here(conversation_id: bytes) -> Entrance:
    if current().account_id is None:
        raise Unauthorized
    return enter_conversation(conversation_id)


def _page(found: Entrance, errors: list[forms.Error]) -> str:
    place, poll = polls.find_poll(found.actor, found.place.id)
    facts = PollFacts(places.facts_here(place), is_open=poll is not None and poll.is_open)
    return render_template(
        "conversations/poll.html",
        place=place,
        poll=poll,
        may_start=poll is None and polls.may_start(found.actor, place),
        may_answer=may_answer_poll(found.actor, facts) is None,
        typed=request.form,
        days=DAYS,
        most={"question": MOST_QUESTION, "option": MOST_OPTION, "options": MOST_OPTIONS},
        done=request.args.get("done", "") if request.method == "GET" else "",
        errors=errors,
    )


@bp.post("/c/<ident:conversation_id>/poll")
def start_poll(conversation_id: bytes) -> AnyResponse | tuple[str, int]:
    """Ask."""
    found = _here(conversation_id)
    options = [request.form.get(f"option-{n}", "") for n in range(MOST_OPTIONS)]
    try:
        question, days = request.form.get("question", ""), forms.sent_number("days", 0)
        polls.start_poll(found.actor, conversation_id, question, options, days)
    except Invalid as error:
        wrong = [forms.Error(error.field or "question", error.message)]
        return _page(found, wrong), error.status
    return redirect(url_for("polls.show_poll", conversation_id=conversation_id, done="asked"), 303)


@bp.post("/c/<ident:conversation_id>/poll/answer")
def answer(conversation_id: bytes) -> AnyResponse | tuple[str, int]:
    """Choose an answer, or take it back."""
    found = _here(conversation_id)
    option = None if forms.checked("back") else forms.sent_number("option", MOST_OPTIONS)
    try:
        polls.answer(found.actor, conversation_id, option)
    except Invalid as error:
        return _page(found, forms.errors_of(error)), error.status
    return redirect(url_for("polls.show_poll", conversation_id=conversation_id, done="answered"), 303)
