"""Keeping a group apart, step by step: what it means, its words, typing them back, done."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import login_required
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from forum.accounts import digits
from forum.base.errors import Invalid
from forum.groups import apart
from forum.groups.queries import scope_of
from forum.groups.views import card_here
from forum.policy.permissions import may_keep_apart, require
from forum.web import forms

bp = Blueprint("apart", __name__)


@bp.get("/g/<address>/apart")
@login_required
def explain(address: str) -> str:
    """What keeping a group apart means, before anything is done."""
    card, actor = card_here(address)
    require(may_keep_apart, actor, card.id)
    return render_template("groups/apart.html", card=card)


@bp.post("/g/<address>/apart/words")
@login_required
def show_words(address: str) -> str:
    """The words of the sign-in to be, shown this once."""
    card, actor = card_here(address)
    phrase, token = apart.offer_phrase(actor, scope_of(card))
    return _words_form(card, token, phrase, [])


def _words_form(card: Row, token: str, phrase: str, errors: list[forms.Error]) -> str:
    numbers = digits.in_groups(digits.of_phrase(phrase)) if phrase else []
    return render_template(
        "groups/apart_words.html", card=card, token=token, phrase=phrase, digits=numbers, errors=errors
    )


@bp.post("/g/<address>/apart")
@login_required
def keep_apart(address: str) -> AnyResponse | tuple[str, int]:
    """The words were typed back: from now on the group has a sign-in of its own."""
    card, actor = card_here(address)
    token = request.form.get("token", "")
    try:
        apart.keep_apart(actor, scope_of(card), request.form.get("phrase", ""), token)
    except Invalid as error:
        return _words_form(card, token, "", forms.errors_of(error)), error.status
    return redirect(url_for("apart.show_done"), 303)


@bp.get("/apart")
@login_required
def show_done() -> str:
    """What to do from now on. It names no group: this sign-in knows nothing of it any more."""
    return render_template("groups/apart_done.html")
