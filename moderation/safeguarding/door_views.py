"""The doors as pages: two taps from every page, signed in or not, without a script, whatever else is shut.

Their forms are taken without a form token (fence.DOORS): a page that was open for a night must still let somebody ask for
help. A sign-in that ended does not shut them either; whoever sends them is then somebody without a group.
"""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Invalid, NotFound
from forum.base.idents import read_ident
from forum.base.keyring import Scope
from forum.conversations.team_views import group_here
from forum.policy.actor import Actor
from forum.web import forms
from forum.web.actors import current_actor
from forum.web.language import language_of_words
from forum.web.pages import nation_asked_for, show_crisis_asked_for
from moderation.safeguarding import doors, guidance, places
from moderation.safeguarding.detail_views import offered_at
from moderation.safeguarding.doors import Done, Worry
from moderation.safeguarding.models import Kind, Level

bp = Blueprint("concern_doors", __name__)

#: What the form of worry asks, in the order of the page.
KINDS = (Kind.ADULT, Kind.CHILD, Kind.DEATH, Kind.STAFF)
#: How urgent a facilitator's form says it is.
URGENT = {"now": Level.IMMEDIATE, "": Level.UNASSESSED, "later": Level.LOW}

Answer = AnyResponse | str | tuple[str, int]


def _group(address: str) -> tuple[Row, Scope, Actor] | None:
    """The group for somebody who may write to its team; nobody else is turned away, they are somebody without a group."""
    try:
        return group_here(address)
    except NotFound:
        return None


# --- I need help -----------------------------------------------------------------------------------------------------


@bp.post("/g/<address>/need-help")
def need_help(address: str) -> Answer:
    """Somebody of a group asks for help."""
    found = _group(address)
    if found is None:
        return _need_help_outside()
    _card, scope, actor = found
    done = doors.need_help(actor, scope, forms.token(), language_of_words(request))
    if done.talk_id is not None:
        return redirect(url_for("talk.show", talk_id=done.talk_id, done="asked", nation=nation_asked_for()), 303)
    return redirect(url_for("team.show_line", conversation_id=done.line_id, done="sent"), 303)


@bp.get("/need-help")
def show_need_help() -> str:
    """The same for somebody in no group here."""
    return _outside_form()


@bp.post("/need-help")
def need_help_outside() -> Answer:
    """Send it."""
    return _need_help_outside()


def _need_help_outside() -> Answer:
    """Where one organisation's people are called it goes to them at once; else the next page asks which, or says truly
    that nobody can be called."""
    armed = places.list_armed()
    chosen = armed if len(armed) == 1 else [one for one in armed if one == read_ident(request.form.get("place", ""))]
    if not chosen:
        return redirect(url_for("concern_doors.show_need_help", nation=nation_asked_for()), 303)
    done = doors.need_help_outside(chosen[0], forms.token())
    return redirect(url_for("talk.show_by_secret", secret=done.secret, done="asked", nation=nation_asked_for()), 303)


def _outside_form() -> str:
    show_crisis_asked_for()
    listed, asked = places.list_organisations(), nation_asked_for()
    return render_template("safeguarding/need_help.html", places=listed, token=forms.token(), asked=asked)


# --- I'm worried about someone ---------------------------------------------------------------------------------------


@bp.get("/worried")
def show_worried() -> str:
    """I am worried about someone, told by somebody whose group is not known."""
    return _worried_outside([])


@bp.post("/worried")
def worried() -> Answer:
    """Send it."""
    try:
        done = doors.worry_outside(request.form.get("place", ""), _worry(), forms.token())
    except Invalid as error:
        return _worried_outside(forms.errors_of(error)), error.status
    if done.told:
        return redirect(url_for("outsiders.show_told", secret=done.told, done="sent"), 303)
    return _told(done, "/help")


def _worried_outside(errors: list[forms.Error]) -> str:
    mine = doors.Door().list_ways(current_actor(), "")
    listed = places.list_places()
    return _form("/worried", errors, back="/help", places=listed, mine=mine, calls=bool(places.list_armed()))


@bp.get("/g/<address>/worried")
def show_worried_in_group(address: str) -> AnyResponse | str:
    """I am worried about someone, told by somebody of a group."""
    found = _group(address)
    return _worried_here(*found, []) if found else redirect(url_for("concern_doors.show_worried"), 303)


@bp.post("/g/<address>/worried")
def worried_in_group(address: str) -> Answer:
    """Send it."""
    found = _group(address)
    if found is None:
        return worried()
    card, scope, actor = found
    try:
        done = doors.worry_in_group(actor, scope, _worry(), forms.token(), language_of_words(request))
    except Invalid as error:
        return _worried_here(card, scope, actor, forms.errors_of(error)), error.status
    return _told(done, f"/g/{card.address}", offered_at(actor, scope, card.address))


def _worried_here(card: Row, scope: Scope, actor: Actor, errors: list[forms.Error]) -> str:
    ways = doors.Door().list_ways(actor, card.address)
    here = {"sentence": ways[0].sentence, "calls": ways[0].calls} if ways else {}
    named = [one for one in places.list_team(scope) if actor.membership_in(scope.group_id)]
    return _form(f"/g/{card.address}/worried", errors, back=f"/g/{card.address}/help", team=named, **here)


def _form(here: str, errors: list[forms.Error], **facts: Any) -> str:
    return render_template(
        "safeguarding/worried.html",
        here=here,
        token=forms.token(),
        typed=request.form,
        kinds=KINDS,
        guidance=guidance.of_step("raise"),
        errors=errors,
        most_letters=doors.MOST_WORDS,
        **{"places": [], "mine": [], "team": [], "sentence": "", "calls": False, **facts},
    )


def _worry() -> Worry:
    kind = request.form.get("kind", "")
    ticked = {ident for typed in request.form.getlist("involved") if (ident := read_ident(typed))}
    return Worry(
        who=request.form.get("title", ""),
        words=request.form.get("body", ""),
        kind=Kind(kind) if kind in set(KINDS) else Kind.ADULT,
        involved=frozenset(ticked),
        do_not_write=forms.checked("do_not_write"),
    )


def _told(done: Done, back: str, contact_at: str = "") -> str:
    """The same words for everybody, whatever was found. :param contact_at: from `offered_at`, for whoever told."""
    return render_template("safeguarding/told.html", done=done, back=back, contact_at=contact_at)


# --- A facilitator's form --------------------------------------------------------------------------------------------


@bp.get("/g/<address>/concerns/new")
def show_new(address: str) -> str:
    """F8: what a facilitator saw, in three fields."""
    return _new_form(address, [])


@bp.post("/g/<address>/concerns/new")
def raise_new(address: str) -> Answer:
    """Keep it at once."""
    card, scope, actor = group_here(address)
    worry = Worry(
        request.form.get("title", ""),
        request.form.get("body", ""),
        level=URGENT.get(request.form.get("urgent", ""), Level.UNASSESSED),
    )
    try:
        done, concern_id = doors.raise_as_facilitator(actor, scope, worry, forms.token(), language_of_words(request))
    except Invalid as error:
        return _new_form(address, forms.errors_of(error)), error.status
    if concern_id is None:
        return _told(done, f"/g/{card.address}/team")
    return redirect(url_for("concerns.show", concern_id=concern_id, done="raised"), 303)


def _new_form(address: str, errors: list[forms.Error]) -> str:
    card, scope, actor = group_here(address)
    doors.require_facilitator(actor, scope)
    ways = doors.Door().list_ways(actor, card.address)
    return render_template(
        "safeguarding/new.html",
        here=f"/g/{card.address}/concerns/new",
        back=f"/g/{card.address}/team",
        token=forms.token(),
        typed=request.form,
        guidance=guidance.of_step("raise"),
        way=ways[0] if ways else None,
        urgent=tuple(URGENT),
        errors=errors,
        most_letters=doors.MOST_WORDS,
    )
