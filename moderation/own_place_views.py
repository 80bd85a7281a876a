"""What two people decided about one's own place in a group, as pages: also for whoever is out of the group now."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.base import clock
from forum.base.errors import Conflict, Invalid
from forum.web import forms
from forum.web.actors import current_actor
from forum.web.pages import show_crisis_of
from moderation import former, own_place, threads

bp = Blueprint("own_place", __name__)


@bp.get("/about-my-place")
def show_mine() -> str:
    """All of it, in each of the reader's groups, and what was decided about words that they cannot open any more."""
    actor = current_actor()
    mine = own_place.list_mine(actor)
    outside = {one.scope for one in mine if not one.inside}
    return render_template(
        "moderation/about_my_place.html",
        mine=mine,
        posts=[post_id for scope in outside for post_id in former.list_decided(actor, scope)],
    )


@bp.get("/about-my-place/<ident:decision_id>")
def show(decision_id: bytes) -> str:
    """Why, for how long, and how to disagree."""
    return _page(decision_id, "", [])


@bp.post("/about-my-place/<ident:decision_id>")
def disagree(decision_id: bytes) -> AnyResponse | tuple[str, int]:
    """Ask that somebody else looks at it, or say more."""
    words = request.form.get("words", "")
    try:
        own_place.disagree(current_actor(), decision_id, words)
    except (Invalid, Conflict) as error:
        return _page(decision_id, words, [forms.Error("words", error.message)]), error.status
    return redirect(url_for("own_place.show", decision_id=decision_id, done="sent"), 303)


def _page(decision_id: bytes, words: str, errors: list[forms.Error]) -> str:
    mine = own_place.get_mine(current_actor(), decision_id)
    show_crisis_of(mine.decision.nation, mine.decision.address if mine.inside else "")
    return render_template(
        "moderation/about_my_place_one.html",
        mine=mine,
        asked=own_place.list_asked(mine),
        words=words,
        errors=errors,
        most_letters=threads.MOST_WORDS,
        sent=request.args.get("done") == "sent",
        now=clock.now(),
    )
