"""My things: pages with what is mine alone in one group."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.base.idents import read_ident, read_post_id, write_ident, write_post_id
from forum.conversations import shelves, things
from forum.groups.queries import scope_of
from forum.groups.views import card_for_member
from forum.policy import asking

bp = Blueprint("things", __name__)


@bp.get("/g/<address>/mine")
def show_mine(address: str) -> str:
    """What I began, follow and put aside, and the ways to all else that is mine."""
    card, actor, membership = card_for_member(address)
    aside = things.list_aside(actor, membership)
    return render_template(
        "notices/mine.html",
        card=card,
        begun=things.list_begun(actor, membership),
        followed=[(write_ident(ident), topic, away) for ident, topic, away in aside.followed],
        bookmarks=[(write_post_id(ident), post) for ident, post in aside.bookmarks],
        asked=[one for one in asking.list_about(actor, scope_of(card)) if one.asked],
        done=request.args.get("done", ""),
    )


@bp.get("/g/<address>/mine/words")
def show_words(address: str) -> str:
    """What I wrote here, under my name and under hidden names."""
    card, actor, membership = card_for_member(address)
    before = read_post_id(request.args.get("before", ""))
    words, onward = things.list_words(actor, membership, before)
    return render_template(
        "notices/words.html",
        card=card,
        words=words,
        newest=before is None,
        onward=write_post_id(onward) if onward is not None else "",
    )


@bp.post("/g/<address>/mine/follows")
def drop_follow(address: str) -> AnyResponse:
    """Follow one of them no more, also one that is not for me any more."""
    card, actor, _membership = card_for_member(address)
    ident = read_ident(request.form.get("which", ""))
    if ident is not None:
        shelves.unfollow(actor, card.id, ident)
    return redirect(url_for("things.show_mine", address=address, done="off"), 303)


@bp.post("/g/<address>/mine/bookmarks")
def drop_bookmark(address: str) -> AnyResponse:
    """Take one of them off the list."""
    card, actor, _membership = card_for_member(address)
    ident = read_post_id(request.form.get("which", ""))
    if ident is not None:
        shelves.drop_bookmark(actor, card.id, ident)
    return redirect(url_for("things.show_mine", address=address, done="off"), 303)
