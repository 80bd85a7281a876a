"""A group's door: for its team who may come in, for newcomers the words of an invitation."""

from collections.abc import Mapping
from dataclasses import asdict

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import format_date
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from forum.base import clock
from forum.base.errors import Invalid, NotAllowed
from forum.base.idents import read_ident, write_ident
from forum.groups import doors, invitations
from forum.groups.examples import count_examples
from forum.groups.invitations import Terms
from forum.groups.queries import list_hours, scope_of
from forum.groups.views import card_for_facilitator, card_for_team, card_here
from forum.models import Door, Listing
from forum.policy.actor import Actor
from forum.policy.permissions import may_facilitate
from forum.web import forms
from forum.web.csrf import current
from forum.web.qr import qr_svg

bp = Blueprint("doors", __name__)


def show_outside(card: Row, actor: Actor) -> str:
    """A group's address for whoever is not in it: its card, or for somebody who waits what became of their request."""
    me = actor.waiting.get(card.id)
    if me is None:
        return render_template(
            "groups/card.html",
            card=card,
            hours=list_hours(card.id),
            signed_in_elsewhere=actor.account_id is not None,
            invited=invitations.holds_one(current().cookie_sha256, scope_of(card)),
            examples=count_examples(card.id),
        )
    answer = doors.find_answer(actor, scope_of(card))
    may_ask = answer is not None and clock.today() >= answer.ask_again_on
    return render_template(
        "doors/waiting.html", card=card, me=me, looks=doors.looks_at_requests(card), answer=answer, may_ask=may_ask
    )


# --- For the team ---


@bp.get("/g/<address>/door")
def show_door(address: str) -> str:
    """Who may come in and who learns of the group; anybody of the team may shut it here."""
    card, actor = card_for_team(address)
    return _door_form(card, actor, [])


def _door_form(card: Row, actor: Actor, errors: list[forms.Error]) -> str:
    may_change = may_facilitate(actor, card.id) is None
    return render_template(
        "doors/door.html", card=card, may_change=may_change, doors=list(Door), listings=list(Listing), errors=errors
    )


@bp.post("/g/<address>/door/shut")
def shut_door(address: str) -> AnyResponse:
    """One tap: nobody comes in from now on."""
    card, actor = card_here(address)
    doors.shut_door(actor, scope_of(card))
    return redirect(url_for("doors.show_door", address=address), 303)


@bp.post("/g/<address>/door")
def set_door(address: str) -> AnyResponse | tuple[str, int] | str:
    """Choose who may come in: first what it means, then, confirmed, it holds."""
    card, actor = card_for_facilitator(address)
    try:
        door, listing = Door(request.form.get("door", "")), Listing(request.form.get("listing", ""))
    except ValueError:
        return _door_form(card, actor, [forms.Error("door", doors.choose_one())]), Invalid.status
    if not forms.checked("confirm"):
        return render_template("doors/confirm.html", card=card, door=door, listing=listing)
    doors.set_door(actor, scope_of(card), door, listing)
    return redirect(url_for("doors.show_door", address=address), 303)


@bp.get("/g/<address>/invitations")
def show_invitations(address: str) -> str:
    """The invitations that work now, and making one."""
    card, actor = card_here(address)
    return _invitations_form(card, actor, asdict(Terms()), [])


def _invitations_form(card: Row, actor: Actor, typed: Mapping[str, object], errors: list[forms.Error]) -> str:
    found = [
        {"ref": write_ident(one.id), "uses_left": one.uses_left, "day": format_date(one.ends_on, rebase=False)}
        for one in invitations.list_invitations(actor, scope_of(card))
    ]
    return render_template("doors/invitations.html", card=card, invitations=found, typed=typed, errors=errors)


@bp.post("/g/<address>/invitations")
def make_invitation(address: str) -> str | tuple[str, int]:
    """A new invitation. Its words and its printed code are on this page and never shown again."""
    card, actor = card_here(address)
    terms = Terms(forms.sent_number("uses", 0), forms.sent_number("days", 0))
    try:
        words = invitations.make_invitation(actor, scope_of(card), terms)
    except Invalid as error:
        return _invitations_form(card, actor, request.form, forms.errors_of(error)), error.status
    link = url_for("doors.show_code", code=words.replace(" ", "-"), _external=True)
    plain = url_for("doors.show_entry", _external=True)
    return render_template(
        "doors/made.html", card=card, words=words, link=link, plain=plain, picture=qr_svg(link), terms=terms
    )


@bp.post("/g/<address>/invitations/end")
def revoke_invitation(address: str) -> AnyResponse:
    """Take one invitation back."""
    card, actor = card_here(address)
    invitations.revoke_invitation(actor, scope_of(card), read_ident(request.form.get("ref", "")) or b"")
    return redirect(url_for("doors.show_invitations", address=address), 303)


# --- For whoever was invited ---


@bp.get("/invitation")
def show_entry() -> str:
    """Somebody has the words of an invitation. The page is the same for every group."""
    return _entry("", [])


@bp.get("/i/<code>")
def show_code(code: str) -> str:
    """The same page with the words of a printed code filled in. They are looked at only when the form is sent, so that
    neither a preview nor a camera uses up a try."""
    return _entry(invitations.read_words(code), [])


def _entry(words: str, errors: list[forms.Error]) -> str:
    return render_template("doors/entry.html", words=words[: invitations.LONGEST], errors=errors)


@bp.post("/invitation")
def submit_entry() -> AnyResponse | tuple[str, int]:
    """Show the words; right ones lead on to the group."""
    typed = request.form.get("words", "")
    try:
        address = invitations.show_words(current().hash_for_visit(), typed, request.remote_addr or "")
    except NotAllowed as error:
        return _entry(typed, [forms.Error("words", error.message)]), error.status
    return redirect(url_for("conversations.show_group", address=address), 303)


@bp.post("/g/<address>/withdraw-request")
def withdraw_request(address: str) -> AnyResponse:
    """Take back one's own request to come in, in one tap."""
    card, actor = card_here(address)
    doors.withdraw_request(actor, scope_of(card))
    return redirect(url_for("groups.show_home"), 303)
