"""For facilitators: giving a lost name back, and taking away the words of somebody who cannot come back."""

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Invalid
from forum.base.idents import read_ident, write_ident
from forum.groups import people, vouching
from forum.groups.queries import scope_of
from forum.groups.views import card_here
from forum.models import Role
from forum.policy.actor import Actor
from forum.web import forms
from moderation import vouching as usecases
from moderation.vouching import Why

bp = Blueprint("vouching", __name__)


@bp.get("/g/<address>/people/<ident:persona_id>/lost")
def show_lost(address: str, persona_id: bytes) -> str:
    """Which name did they lose?"""
    card, actor = card_here(address)
    return _lost_page(card, actor, persona_id, [])


def _lost_page(card: Row, actor: Actor, asker: bytes, errors: list[forms.Error]) -> str:
    scope = scope_of(card)
    one = people.get_person(actor, scope, asker)
    me = actor.memberships[card.id].persona_id
    others = [p for p in people.list_people(actor, scope) if p.role is Role.MEMBER and p.id not in (asker, me)]
    names = [{"value": write_ident(p.id), "name": p.name} for p in others]
    return render_template("people/lost.html", card=card, one=one, names=names, errors=errors)


@bp.post("/g/<address>/people/<ident:persona_id>/lost")
def vouch(address: str, persona_id: bytes) -> AnyResponse | tuple[str, int]:
    """Begin the week of notice."""
    card, actor = card_here(address)
    lost = read_ident(request.form.get("lost", "")) or persona_id
    try:
        usecases.vouch(actor, scope_of(card), lost, persona_id)
    except Invalid as error:
        return _lost_page(card, actor, persona_id, forms.errors_of(error)), error.status
    return _to_person(address, lost)


@bp.get("/g/<address>/people/<ident:persona_id>/left")
def show_left(address: str, persona_id: bytes) -> str:
    """What taking away their words means; or what is under way about their name."""
    card, actor = card_here(address)
    return _left_page(card, actor, persona_id, [])


def _left_page(card: Row, actor: Actor, persona_id: bytes, errors: list[forms.Error]) -> str:
    one = people.get_person(actor, scope_of(card), persona_id)
    running = vouching.find(scope_of(card), persona_id)
    return render_template("people/left.html", card=card, one=one, running=running, whys=list(Why), errors=errors)


@bp.post("/g/<address>/people/<ident:persona_id>/left")
def withdraw(address: str, persona_id: bytes) -> AnyResponse | tuple[str, int]:
    """Begin the week of notice before their words go."""
    card, actor = card_here(address)
    try:
        usecases.withdraw_left_words(actor, scope_of(card), persona_id, request.form.get("why", ""))
    except Invalid as error:
        return _left_page(card, actor, persona_id, forms.errors_of(error)), error.status
    return _to_person(address, persona_id)


@bp.post("/g/<address>/people/<ident:persona_id>/stop")
def stop(address: str, persona_id: bytes) -> AnyResponse:
    """Let nothing happen at the end of the week."""
    card, actor = card_here(address)
    usecases.stop(actor, scope_of(card), persona_id)
    return _to_person(address, persona_id)


def _to_person(address: str, persona_id: bytes) -> AnyResponse:
    return redirect(url_for("vouching.show_left", address=address, persona_id=persona_id), 303)
