"""The reading round as pages: what there is to read, the stretch that one took, and "read"."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.base import clock
from forum.base.idents import read_post_id
from forum.groups.queries import scope_of
from forum.groups.views import card_for_team
from forum.web import forms
from moderation import round_pages, rounds

bp = Blueprint("rounds", __name__)

#: A page has at most as many conversations as posts; a form that says more was not made by us.
MOST_SENT = 2 * rounds.STRETCH


@bp.get("/g/<address>/round")
def show(address: str) -> str:
    """What nobody of the team has read yet, and what I took of it."""
    card, actor = card_for_team(address)
    scope = scope_of(card)
    mine, left = rounds.list_mine(actor, scope), rounds.list_left(actor, scope)[: rounds.STRETCH]
    return render_template(
        "moderation/round.html",
        card=card,
        waiting=rounds.count_waiting(actor, scope),
        topics=round_pages.show(actor, scope, card.zone, mine),
        left=round_pages.show(actor, scope, card.zone, left),
        marks=round_pages.marks_of(mine),
        done=request.args.get("done", ""),
        now=clock.now(),
    )


@bp.post("/g/<address>/round/take")
def take(address: str) -> AnyResponse:
    """Read on."""
    card, actor = card_for_team(address)
    rounds.take(actor, scope_of(card))
    return _back(address)


@bp.post("/g/<address>/round/read")
def mark_read(address: str) -> AnyResponse:
    """I read these; then the next ones, or enough for today."""
    card, actor = card_for_team(address)
    rounds.mark_read(actor, scope_of(card), forms.sent_places("marks", MOST_SENT), _ticked("leave"))
    if request.form.get("then") == "next":
        rounds.take(actor, scope_of(card))
    return _back(address, "read")


@bp.post("/g/<address>/round/left")
def mark_left_read(address: str) -> AnyResponse:
    """I read what a colleague left."""
    card, actor = card_for_team(address)
    rounds.mark_left_read(actor, scope_of(card), _ticked("read"))
    return _back(address, "read")


def _ticked(name: str) -> list[int]:
    sent = (read_post_id(typed) for typed in request.form.getlist(name)[:MOST_SENT])
    return [post_id for post_id in sent if post_id is not None]


def _back(address: str, done: str | None = None) -> AnyResponse:
    return redirect(url_for("rounds.show", address=address, done=done), 303)
