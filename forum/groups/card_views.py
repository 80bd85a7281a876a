"""What somebody can read about a group before they join, and a short look around after."""

from flask import Blueprint, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import Row

from forum.base.errors import NotFound
from forum.base.words import _
from forum.groups import examples, holds, invitations, queries, readers
from forum.groups.examples import Conversation
from forum.groups.views import card_for_member, card_here
from forum.models import Listing
from forum.policy import audience, terms
from forum.policy.actor import Actor
from forum.policy.permissions import may_facilitate
from forum.web import forms
from forum.web.csrf import current
from forum.web.qr import qr_svg

bp = Blueprint("cards", __name__)

TOUR_STEPS = 3


def _told_card(address: str) -> tuple[Row, Actor]:
    """The card of a group that tells this person more than its name.

    :raises NotFound: it does not, or there is no such group for them.
    """
    card, actor = card_here(address)
    scope = queries.scope_of(card)
    inside = actor.writer_in(card.id) is not None
    if card.listing is Listing.BY_NAME and not inside and not invitations.holds_one(current().cookie_sha256, scope):
        raise NotFound(_("There is no such page here."))
    return card, actor


@bp.get("/g/<address>/examples")
def show_examples(address: str) -> str:
    """Conversations that the facilitators made up."""
    card, actor = _told_card(address)
    return render_template(
        "groups/examples.html",
        card=card,
        examples=[shown(example) for example in examples.list_examples(card.id)],
        may_write=may_facilitate(actor, card.id) is None,
    )


def shown(example: Conversation) -> dict[str, object]:
    """An example as a template wants it; its HTML was sanitised when it was written."""
    voices = [{"name": v.name, "html": Markup(v.html)} for v in example.voices]  # noqa: S704 - forum.base.text made it
    return {"id": example.id, "title": example.title, "voices": voices}


@bp.get("/g/<address>/inside")
def show_inside(address: str) -> str:
    """What a board is like, before one has to be on it."""
    card, _actor = _told_card(address)
    here = terms.of_group(card.id)
    return render_template(
        "groups/inside.html",
        card=card,
        examples=examples.count_examples(card.id),
        what_waits=holds.words_for_newcomers(here, card),
        can_hide=here.values["identity.anon_post"] == "on",
    )


@bp.get("/g/<address>/who-reads")
def show_readers(address: str) -> str:
    """Who can read what."""
    card, _actor = _told_card(address)
    return render_template(
        "groups/readers.html",
        card=card,
        lines=readers.list_lines(queries.scope_of(card)),
        size=readers.size_class(queries.count_members(card.id)),
        team=queries.count_members(card.id, audience.TEAM),
    )


@bp.get("/g/<address>/paper")
def show_paper(address: str) -> str:
    """The card on one sheet of paper. Its address is on it only if it opens for a stranger who types it."""
    card, _actor = _told_card(address)
    opens = card.listing is not Listing.UNLISTED
    where = request.host_url.rstrip("/") + url_for("conversations.show_group", address=address)
    return render_template(
        "groups/paper.html",
        card=card,
        where=where.partition("://")[2] if opens else "",
        code=qr_svg(where) if opens else "",
    )


@bp.get("/g/<address>/tour")
def show_tour(address: str) -> str:
    """The first visit: three small pages, each with the way past them."""
    card, _actor, me = card_for_member(address)
    step = min(forms.number("step", 1), TOUR_STEPS)
    return render_template("groups/tour.html", card=card, me=me, step=step, steps=TOUR_STEPS)
