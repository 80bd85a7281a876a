"""The page from which a member shows one of the group's rules in a conversation, with one tap."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from forum.conversations import places, showing_rules
from forum.conversations.entrance import Entrance
from forum.conversations.views import enter_conversation
from forum.ground_rules.queries import find_rules
from forum.policy.permissions import may_post, require
from forum.web import forms
from forum.web.csrf import current
from forum.web.language import language_of_words

bp = Blueprint("showing_rules", __name__)


@bp.get("/c/<ident:conversation_id>/rule")
def show(conversation_id: bytes) -> str:
    """Which rule."""
    found = _here(conversation_id)
    rules = find_rules(found.place.group_id)
    clauses = rules.clauses if rules else []
    return render_template("conversations/show_rule.html", place=found.place, clauses=clauses, token=forms.new_token())


def _here(conversation_id: bytes) -> Entrance:
    if current().account_id is None:
        raise Unauthorized
    found = enter_conversation(conversation_id)
    require(may_post, found.actor, places.facts_here(found.place))
    return found


@bp.post("/c/<ident:conversation_id>/rule")
def post(conversation_id: bytes) -> AnyResponse:
    """Show it."""
    found = _here(conversation_id)
    uid = request.form.get("rule", "")
    written = showing_rules.show_rule(found.actor, found.place, uid, language_of_words(request), forms.token())
    return redirect(url_for("conversations.show_sent", post_id=written.id), 303)
