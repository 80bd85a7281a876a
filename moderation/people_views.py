"""The people of a group, for its facilitators; roles by link; removals, which a second person decides."""

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Invalid
from forum.base.idents import read_ident
from forum.base.keyring import Scope
from forum.conversations import adjustments, welcoming
from forum.groups import doors, people, reading
from forum.groups.queries import find_address, scope_of
from forum.groups.views import card_for_facilitator, card_here
from forum.models import Role
from forum.policy.actor import Actor
from forum.web import forms
from forum.web.actors import current_actor
from forum.web.csrf import current
from moderation import removals, roles
from moderation.roles import Why

bp = Blueprint("people", __name__)

GIVEN = (Role.FACILITATOR, Role.MODERATOR)


@bp.get("/g/<address>/people")
def show_people(address: str) -> str:
    """Who is in the group and who asks to come in; what waits for a second facilitator; what was unusual."""
    card, actor = card_for_facilitator(address)
    scope = scope_of(card)
    everybody = people.list_people(actor, scope)
    names, me = {one.id: one.name for one in everybody}, actor.memberships[card.id].persona_id
    return render_template(
        "people/people.html",
        card=card,
        requests=doors.list_requests(actor, scope),
        people=everybody,
        proposals=[
            {"who": p.persona_id, "name": names[p.persona_id], "reason": p.reason, "day": p.day}
            | {"mine": p.by == me, "about_me": p.persona_id == me}
            for p in removals.list_to_decide(actor, scope)
            if p.persona_id in names
        ],
        facts=reading.list_facts(actor, scope),
        given=GIVEN,
    )


@bp.get("/g/<address>/people/<ident:persona_id>")
def show_person(address: str, persona_id: bytes) -> str:
    """One of them: what can be done about a request, a role, or somebody's place in the group."""
    card, actor = card_here(address)
    return _person(card, actor, persona_id, [])


def _person(card: Row, actor: Actor, persona_id: bytes, errors: list[forms.Error]) -> str:
    return render_template(
        "people/person.html",
        card=card,
        one=people.get_person(actor, scope_of(card), persona_id),
        mine=actor.memberships[card.id].persona_id == persona_id,
        welcomes=welcoming.is_welcomer(persona_id),
        no_pause=adjustments.has_no_pause(scope_of(card), persona_id),
        whys=list(Why),
        clauses=removals.list_clauses(scope_of(card)),
        clause=request.form.get("clause", ""),
        typed=request.form.get("words", ""),
        errors=errors,
    )


@bp.post("/g/<address>/people/<ident:persona_id>/let-in")
def let_in(address: str, persona_id: bytes) -> AnyResponse:
    """Say yes to a request."""
    card, actor = card_here(address)
    doors.let_in(actor, scope_of(card), persona_id)
    return _back(address)


@bp.post("/g/<address>/people/<ident:persona_id>/say-no")
def say_no(address: str, persona_id: bytes) -> AnyResponse | tuple[str, int]:
    """Say no to a request, in kind words."""
    return _with_words(doors.say_no, address, persona_id)


@bp.post("/g/<address>/people/<ident:persona_id>/end-role")
def end_role(address: str, persona_id: bytes) -> AnyResponse | tuple[str, int]:
    """Make somebody of the team a member again, with a reason."""
    card, actor = card_here(address)
    try:
        why = roles.read_why(request.form.get("why", ""))
        roles.end_role(actor, scope_of(card), persona_id, why)
    except Invalid as error:
        return _person(card, actor, persona_id, forms.errors_of(error)), error.status
    mine = actor.memberships[card.id].persona_id == persona_id
    return redirect(url_for("conversations.show_group", address=address), 303) if mine else _back(address)


@bp.post("/g/<address>/people/<ident:persona_id>/propose")
def propose_removal(address: str, persona_id: bytes) -> AnyResponse | tuple[str, int]:
    """Ask that somebody leaves the group; a second person decides."""

    def propose(actor: Actor, scope: Scope, one: bytes, words: str) -> None:
        removals.propose_removal(actor, scope, one, words, request.form.get("clause", ""))

    return _with_words(propose, address, persona_id)


@bp.post("/g/<address>/people/<ident:persona_id>/decide")
def decide_removal(address: str, persona_id: bytes) -> AnyResponse:
    """A second facilitator agrees or says no."""
    card, actor = card_here(address)
    agree = request.form.get("choice") == "agree"
    removals.decide_as_facilitator(actor, scope_of(card), persona_id, agree=agree)
    return _back(address)


def _with_words(
    act: Callable[[Actor, Scope, bytes, str], object], address: str, persona_id: bytes
) -> AnyResponse | tuple[str, int]:
    """Do to a person what needs words; words that are refused come back on the person's page."""
    card, actor = card_here(address)
    try:
        act(actor, scope_of(card), persona_id, request.form.get("words", ""))
    except Invalid as error:
        wrong = [
            forms.Error("clause" if error.field == "clause" else "words", one.message) for one in forms.errors_of(error)
        ]
        return _person(card, actor, persona_id, wrong), error.status
    return _back(address)


def _back(address: str) -> AnyResponse:
    return redirect(url_for("people.show_people", address=address), 303)


# --- Roles by link ---


@bp.post("/g/<address>/people/links")
def make_link(address: str) -> str:
    """A link that gives a role, shown this once."""
    card, actor = card_here(address)
    role = next((r for r in GIVEN if r.value == request.form.get("role")), Role.MEMBER)
    secret = roles.make_link(actor, scope_of(card), role)
    link = url_for("people.show_role_link", secret=secret, _external=True)
    return render_template("people/link.html", card=card, link=link, role=role)


@bp.get("/role/<secret>")
def show_role_link(secret: str) -> str:
    """What a link offers, to whoever opened it."""
    offer = roles.find_offer(current_actor(), secret)
    return render_template("people/offer.html", offer=offer, secret=secret)


@bp.post("/role/<secret>")
def accept_role(secret: str) -> AnyResponse:
    """Take the role."""
    before = roles.accept_role(current_actor(), secret)
    return redirect(url_for("conversations.show_group", address=find_address(before.scope.group_id)), 303)


@bp.post("/role/<secret>/come-in")
def come_in(secret: str) -> AnyResponse:
    """Somebody who was offered a role is not in the group yet: the door opens for them as with an invitation."""
    session = current()
    group_id = roles.come_in_with(Actor(session.account_id, session.hash_for_visit()), secret)
    return redirect(url_for("ground_rules.begin", address=find_address(group_id)), 303)


# --- For the organisation ---


@bp.get("/removals")
def show_removals() -> str:
    """What waits for an admin as the second person."""
    return render_template("people/removals.html", waiting=removals.list_for_admin(current_actor()))


@bp.post("/removals")
def decide_as_admin() -> AnyResponse:
    """An admin agrees or says no."""
    group_id, persona_id = (read_ident(request.form.get(name, "")) or b"" for name in ("group", "ref"))
    agree = request.form.get("choice") == "agree"
    removals.decide_as_admin(current_actor(), group_id, persona_id, agree=agree)
    return redirect(url_for("people.show_removals"), 303)
