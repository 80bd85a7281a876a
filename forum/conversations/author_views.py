"""Who wrote a post, in their own words; and the page where a member says something of themselves."""

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Invalid
from forum.base.idents import write_post_id
from forum.conversations import choices, filtering, fragments, persona_page, queries
from forum.conversations.persona_page import MOST_LETTERS, TIMES, About
from forum.conversations.views import post_here
from forum.groups.queries import scope_of
from forum.groups.views import card_for_member
from forum.policy.actor import Actor
from forum.policy.permissions import may_block
from forum.web import forms

bp = Blueprint("author", __name__)


@bp.get("/p/<post:post_id>/author")
def show_author(post_id: int) -> str:
    """What the author of a post says of themselves, and what a reader can do about them. Nothing else is on it."""
    row, place, own, actor = post_here(post_id)
    author = persona_page.find_author(actor, post_id)
    if author is None:
        return render_template("people_page/hidden.html", post_id=write_post_id(post_id), place=place)
    treated = choices.find(actor.membership_in(place.group_id)).treat(author.persona_id, 0, author.about.text)
    return render_template(
        "people_page/author.html",
        post_id=write_post_id(post_id),
        place=place,
        author=author,
        role=fragments.role_word(row.role),
        mine=own,
        away=None if own else filtering.away(treated),
        may_block=may_block(actor, queries.facts_of(row, place, own)) is None,
    )


@bp.get("/g/<address>/about-me")
def show_mine(address: str) -> str:
    """What I say of myself here."""
    card, actor, _membership = card_for_member(address)
    return _form(card, actor, persona_page.find_mine(actor, card.id), [])


@bp.post("/g/<address>/about-me")
def save_mine(address: str) -> AnyResponse | tuple[str, int]:
    """Keep it."""
    card, actor, _membership = card_for_member(address)
    said = _said()
    try:
        persona_page.save(actor, scope_of(card), said)
    except Invalid as error:
        return _form(card, actor, said, forms.errors_of(error)), error.status
    return redirect(url_for("author.show_mine", address=address, saved="yes"), 303)


def _said() -> About:
    bits = {str(n): 1 << n for n in range(len(TIMES))}
    awake = sum(bits.get(chosen, 0) for chosen in set(request.form.getlist("awake")))
    words = {name: request.form.get(name, "") for name in MOST_LETTERS}
    return About(**words, awake=awake, shows_new=forms.checked("shows_new"))


def _form(card: Row, actor: Actor, said: About, errors: list[forms.Error]) -> str:
    return render_template(
        "people_page/mine.html",
        card=card,
        me=actor.membership_in(card.id),
        said=said,
        most=MOST_LETTERS,
        times=[{"value": n, "words": words, "on": said.awake & 1 << n} for n, words in enumerate(TIMES)],
        saved=request.method == "GET" and request.args.get("saved") == "yes",
        errors=errors,
    )
