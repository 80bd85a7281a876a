"""The person's own page: what was said, who has seen it, and a box to write in. Open at any hour, whatever else is shut.

Its forms are taken without a form token, as those of the doors are (fence.DOORS).
"""

from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from forum.base import clock
from forum.base.db import row
from forum.base.errors import Invalid
from forum.content.crisis import Contact
from forum.groups import queries as groups
from forum.models import Group, Organisation
from forum.policy.members import actor_in
from forum.web import forms
from forum.web.actors import current_actor
from forum.web.csrf import current
from forum.web.pages import crisis_of, nation_asked_for, show_crisis_asked_for, show_crisis_of
from moderation.safeguarding import here, talk, talking
from moderation.safeguarding.cases import Case
from moderation.safeguarding.detail_views import offered_at
from moderation.safeguarding.models import Kind
from moderation.safeguarding.talk import Talk

bp = Blueprint("talk", __name__)

Answer = AnyResponse | tuple[str, int]


@bp.get("/talk/<ident:talk_id>")
def show(talk_id: bytes) -> str:
    """The talk of somebody who is signed in."""
    return _page(_own(talk_id), url_for("talk.show", talk_id=talk_id), own=True)


@bp.post("/talk/<ident:talk_id>/words")
def write(talk_id: bytes) -> Answer:
    """Their words."""
    return _write(_own(talk_id), url_for("talk.show", talk_id=talk_id), own=True)


@bp.post("/talk/<ident:talk_id>/readers")
def choose_readers(talk_id: bytes) -> AnyResponse:
    """Who reads along."""
    return _choose_readers(_own(talk_id), url_for("talk.show", talk_id=talk_id))


@bp.post("/talk/<ident:talk_id>/no-action")
def wish_no_action(talk_id: bytes) -> AnyResponse:
    """They want nothing done. It is written down; a person still looks."""
    return _wish_no_action(_own(talk_id), url_for("talk.show", talk_id=talk_id))


@bp.post("/talk/<ident:talk_id>/young")
def say_young(talk_id: bytes) -> AnyResponse:
    """They say that they are under 18."""
    talking.say_young(_own(talk_id))
    return _again(url_for("talk.show", talk_id=talk_id), "young")


@bp.get("/talk/by/<secret>")
def show_by_secret(secret: str) -> str:
    """The talk of somebody who is not signed in."""
    return _page(talk.get_by_secret(secret), url_for("talk.show_by_secret", secret=secret), own=False)


@bp.post("/talk/by/<secret>/words")
def write_by_secret(secret: str) -> Answer:
    """Their words."""
    return _write(talk.get_by_secret(secret), url_for("talk.show_by_secret", secret=secret), own=False)


@bp.post("/talk/by/<secret>/readers")
def choose_readers_by_secret(secret: str) -> AnyResponse:
    """Who reads along."""
    return _choose_readers(talk.get_by_secret(secret), url_for("talk.show_by_secret", secret=secret))


@bp.post("/talk/by/<secret>/no-action")
def wish_no_action_by_secret(secret: str) -> AnyResponse:
    """They want nothing done."""
    return _wish_no_action(talk.get_by_secret(secret), url_for("talk.show_by_secret", secret=secret))


def _own(talk_id: bytes) -> Talk:
    return talk.get_own(current_actor(), talk_id)


def _page(found: Talk, here_: str, *, own: bool, errors: list[forms.Error] | None = None) -> str:
    """With the numbers of the nation they chose, else of whoever answers for them, and who is here now."""
    case = found.case
    organisation = row(select(Organisation.nation).where(Organisation.id == case.organisation_id))
    address = groups.find_address(case.group_id) if case.group_id else None
    show_crisis_of(organisation.nation if organisation else "", address if own and address else "")
    show_crisis_asked_for()
    now = clock.now()
    return render_template(
        "safeguarding/talk.html",
        here=here_,
        said=talking.list_for_person(found),
        child=case.kind is Kind.CHILD,
        lines=_child_lines_first() if case.kind is Kind.CHILD else crisis_here(),
        zone=ZoneInfo(_zone(case)),
        sentence=here.sentence(case.scope, now) if case.group_id else here.of_organisation(case.organisation_id, now),
        seen=case.looked_at,
        open=case.is_open,
        shared=found.shared,
        own=own,
        contact_at=offered_at(actor_in(current_actor(), case.scope), case.scope, address or "") if own else "",
        asked=nation_asked_for(),
        token=forms.token(),
        typed=request.form,
        errors=errors or [],
        most_letters=talking.MOST_WORDS,
        done=request.args.get("done", ""),
    )


def crisis_here() -> tuple[Contact, ...]:
    """The numbers of this page's nation, once it is known."""
    return crisis_of(current().nation or "")


def _child_lines_first() -> tuple[Contact, ...]:
    return tuple(sorted(crisis_here(), key=lambda one: one.about != "child"))


def _zone(case: Case) -> str:
    found = row(select(Group.zone).where(Group.id == case.group_id)) if case.group_id else None
    return str(found.zone) if found else "Europe/London"


def _write(found: Talk, here_: str, *, own: bool) -> Answer:
    try:
        going_on = talking.write_as_person(found, request.form.get("body", ""), forms.token())
    except Invalid as error:
        return _page(found, here_, own=own, errors=forms.errors_of(error)), error.status
    onward = url_for("talk.show", talk_id=going_on) if own and going_on else here_
    return _again(onward, "sent")


def _choose_readers(found: Talk, here_: str) -> AnyResponse:
    talking.let_others_read(found, request.form.get("shared") == "yes")
    return _again(here_, "readers")


def _wish_no_action(found: Talk, here_: str) -> AnyResponse:
    talking.wish_no_action(found)
    return _again(here_, "wished")


def _again(here_: str, done: str) -> AnyResponse:
    """Back to the talk, with the numbers that they asked for."""
    asked = nation_asked_for()
    return redirect(f"{here_}?done={done}{'&nation=' + asked if asked else ''}", 303)
