"""Home and group cards."""

from collections.abc import Callable

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Invalid, NotFound
from forum.base.words import _
from forum.groups import doors, home, invitations, own_names, queries, usecases, vouching
from forum.groups.news import open_home
from forum.policy.actor import Actor, Membership
from forum.policy.members import writer_in
from forum.policy.permissions import Denial, may_facilitate, may_look_after, require
from forum.web import forms
from forum.web.actors import current_actor
from forum.web.csrf import current
from forum.web.pages import show_crisis_of

bp = Blueprint("groups", __name__)


@bp.get("/")
def show_home() -> str:
    """My groups; for a visitor the groups that show themselves."""
    session = current()
    found = open_home(session.cookie_sha256)
    if found is None:
        return render_template("groups/welcome.html", cards=queries.list_cards())
    session.know(found.sign_in)
    return home.show(found)


@bp.get("/groups")
def show_all() -> str:
    """The groups that show themselves, for members as well."""
    return render_template("groups/all.html", cards=queries.list_cards())


def card_here(address: str) -> tuple[Row, Actor]:
    """A group's card with who is asking there: a member, somebody who waits to be let in, or an outsider.

    For outsiders a hidden group is answered as one that does not exist, by asking the same questions.

    :raises NotFound: no such group for this person.
    """
    card = queries.find_card(address)
    scope = queries.scope_of(card) if card is not None else doors.NOWHERE
    actor = writer_in(current_actor(), scope)
    knows = actor.writer_in(scope.group_id) is not None
    if (card is None or doors.is_hidden(card)) and not knows:
        knows = invitations.holds_one(current().cookie_sha256, scope)
    if card is None or (doors.is_hidden(card) and not knows):
        raise NotFound(_("There is no such page here."))
    show_crisis_of(card.nation, card.address if actor.writer_in(card.id) else "")
    return card, actor


def card_for_member(address: str) -> tuple[Row, Actor, Membership]:
    """The same, for a member of the group.

    :raises Unauthorized: not signed in. :raises NotFound: anybody else.
    """
    card, actor = card_here(address)
    if actor.account_id is None:
        raise Unauthorized
    membership = actor.membership_in(card.id)
    if membership is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return card, actor, membership


def card_for_facilitator(address: str) -> tuple[Row, Actor]:
    """The same, for a facilitator of the group.

    :raises NotAllowed: a moderator of it. :raises NotFound: anybody else.
    """
    return _card_for(address, may_facilitate)


def card_for_team(address: str) -> tuple[Row, Actor]:
    """The same, for somebody of the group's team.

    :raises NotFound: anybody else.
    """
    return _card_for(address, may_look_after)


def _card_for(address: str, rule: Callable[[Actor, bytes], Denial | None]) -> tuple[Row, Actor]:
    card, actor = card_here(address)
    require(rule, actor, card.id)
    return card, actor


@bp.get("/g/<address>/name")
def show_names(address: str) -> str:
    """Your name here (M5): three on offer, or one's own."""
    card, actor = card_here(address)
    return _names_form(card, actor, [])


def _names_form(card: Row, actor: Actor, errors: list[forms.Error]) -> str:
    membership = actor.membership_in(card.id)
    return render_template(
        "groups/names.html",
        card=card,
        offered=usecases.offer_names(card.id),
        current_name=membership.name if membership else None,
        typed=request.form.get("own_name", ""),
        errors=errors,
    )


@bp.get("/g/<address>/names")
def offer_names(address: str) -> Response:
    """Three other names, as a fragment for the page that has them."""
    card, _actor = card_here(address)
    return Response(render_template("groups/offered.html", offered=usecases.offer_names(card.id), card=card))


@bp.post("/g/<address>/rename")
def rename(address: str) -> AnyResponse | tuple[str, int]:
    """Change one's own name in this group."""
    card, actor = card_here(address)
    if actor.account_id is None:
        raise Unauthorized
    try:
        own_names.warn(actor, queries.scope_of(card), chosen_name(), forms.checked(own_names.MEANT))
        usecases.rename(actor, queries.scope_of(card), chosen_name())
    except Invalid as error:
        return _names_form(card, actor, forms.errors_of(error)), error.status
    return redirect(url_for("conversations.show_group", address=address), 303)


def chosen_name() -> str:
    """The name somebody typed, else the one they picked."""
    return request.form.get("own_name", "").strip() or request.form.get("name", "")


@bp.post("/g/<address>/object")
def object_to(address: str) -> AnyResponse:
    """No, I am here: one tap stops what the team is about to do with my name."""
    card, actor = card_here(address)
    vouching.object_to(actor, queries.scope_of(card))
    return redirect(url_for("groups.show_home"), 303)


@bp.post("/g/<address>/told")
def put_away(address: str) -> AnyResponse:
    """The asker has read how it ended."""
    card, actor = card_here(address)
    vouching.put_away(actor, queries.scope_of(card))
    return redirect(url_for("groups.show_home"), 303)
