"""Telling the team as pages: the forms, what becomes of it, the team's list. Each works as a plain form."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Invalid, NotFound
from forum.base.idents import write_post_id
from forum.base.keyring import Scope
from forum.base.words import lazy
from forum.conversations import filtering, fragments, places
from forum.conversations.places import Place
from forum.conversations.views import post_here
from forum.ground_rules.queries import find_rules
from forum.groups.queries import duty_sentence, scope_of
from forum.groups.views import card_here
from forum.models import ConversationKind
from forum.policy.actor import Actor
from forum.policy.permissions import Denial
from forum.web import forms
from forum.web.actors import current_actor, current_actor_in
from forum.web.csrf import current
from forum.web.pages import show_crisis_of
from moderation import in_rooms, report_queries, report_targets, reports
from moderation.models import CaseKind, Target
from moderation.report_targets import Told
from moderation.reports import LAW, OTHER, Saying
from moderation.safeguarding import arming, doors
from moderation.safeguarding.detail_views import offered_at

bp = Blueprint("reports", __name__)

#: True whomever it names: what is kept from one of them is not said to anybody.
IN_ROOM = lazy("Those who look after this room can see it now. If it is about one of them, that one cannot.")


# --- Telling ---------------------------------------------------------------------------------------------------------


@bp.get("/p/<post:post_id>/report")
def show_report(post_id: int) -> str:
    """This breaks our rules."""
    return _post_form(post_id, CaseKind.REPORT, Target.POST, [])


@bp.post("/p/<post:post_id>/report")
def report(post_id: int) -> AnyResponse | tuple[str, int]:
    """Send it."""
    return _tell_about_post(post_id, CaseKind.REPORT, Target.POST, report_targets.of_post)


@bp.get("/p/<post:post_id>/report-person")
def show_person_report(post_id: int) -> str:
    """This person breaks our rules, and not with this post alone."""
    return _post_form(post_id, CaseKind.REPORT, Target.PERSON, [])


@bp.post("/p/<post:post_id>/report-person")
def report_person(post_id: int) -> AnyResponse | tuple[str, int]:
    """Send it."""
    return _tell_about_post(post_id, CaseKind.REPORT, Target.PERSON, report_targets.of_author)


@bp.get("/c/<ident:conversation_id>/report")
def show_topic_report(conversation_id: bytes) -> str:
    """This whole topic breaks our rules."""
    return _topic_form(conversation_id, [])


@bp.post("/c/<ident:conversation_id>/report")
def report_topic(conversation_id: bytes) -> AnyResponse | tuple[str, int]:
    """Send it."""
    actor, _place = _topic_here(conversation_id)
    look = report_targets.of_topic
    try:
        item_id = reports.tell(actor, CaseKind.REPORT, lambda now: look(now, conversation_id), _saying())
    except Invalid as error:
        return _topic_form(conversation_id, forms.errors_of(error)), error.status
    return redirect(url_for("reports.show_receipt", item_id=item_id, done="sent"), 303)


def _topic_form(conversation_id: bytes, errors: list[forms.Error]) -> str:
    _actor, place = _topic_here(conversation_id)
    facts = {"group_address": place.group_address, "duty": _who_looks(place)}
    back = url_for("conversations.show_conversation", conversation_id=conversation_id)
    return _form(place.scope, CaseKind.REPORT, Target.TOPIC, errors, back=back, title=place.title, **facts)


def _who_looks(place: Place) -> str:
    """When somebody is due, for the form. In an open room its people are there now."""
    return str(IN_ROOM) if in_rooms.is_open(place.id) else duty_sentence(place.group_id, place.zone)


def _topic_here(conversation_id: bytes) -> tuple[Actor, Place]:
    place = places.find_place(conversation_id)
    actor = current_actor_in(place.scope if place else None)
    if actor.account_id is None:
        raise Unauthorized
    entered = places.get_place(actor, conversation_id)
    if entered.kind not in (ConversationKind.TOPIC, ConversationKind.ROOM):
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return actor, entered


@bp.get("/p/<post:post_id>/worry")
def show_worry(post_id: int) -> str:
    """I am worried about this person."""
    return _post_form(post_id, CaseKind.WELFARE, Target.PERSON, [])


@bp.post("/p/<post:post_id>/worry")
def worry(post_id: int) -> AnyResponse | str | tuple[str, int]:
    """Send it: to the people who are called about a concern, or where there are none yet, to the team."""
    _row, place, _own, actor = post_here(post_id)
    if not arming.is_armed(place.scope.organisation_id):
        return _tell_about_post(post_id, CaseKind.WELFARE, Target.PERSON, report_targets.of_author)
    told = report_targets.of_author(actor, post_id)
    try:
        done = doors.worry_about_author(actor, told, request.form.get("body", ""), forms.token())
    except Invalid as error:
        return _post_form(post_id, CaseKind.WELFARE, Target.PERSON, forms.errors_of(error)), error.status
    contact_at = offered_at(actor, place.scope, place.group_address)
    return render_template("safeguarding/told.html", done=done, back=f"/g/{place.group_address}", contact_at=contact_at)


def _tell_about_post(
    post_id: int, kind: CaseKind, target: Target, look: Callable[[Actor, int], Told]
) -> AnyResponse | tuple[str, int]:
    *_post, actor = post_here(post_id)
    saying = _saying()
    by_law = kind is CaseKind.REPORT and target is Target.POST and saying.rule == LAW
    try:
        told_as = CaseKind.ILLEGAL if by_law else kind
        item_id = reports.tell(actor, told_as, lambda now: look(now, post_id), saying)
    except Invalid as error:
        return _post_form(post_id, kind, target, forms.errors_of(error)), error.status
    return redirect(url_for("reports.show_receipt", item_id=item_id, done="sent"), 303)


def _saying() -> Saying:
    return Saying(request.form.get("rule", OTHER), request.form.get("body", ""))


def _post_form(post_id: int, kind: CaseKind, target: Target, errors: list[forms.Error]) -> str:
    row, place, own, actor = post_here(post_id)
    facts = {"group_address": place.group_address, "duty": _who_looks(place)}
    to_team = url_for("outside.show_report", conversation_id=place.id) if place.kind is ConversationKind.TEAM else ""
    back = f"/p/{write_post_id(post_id)}/more"
    shown = fragments.shown(row, place.zone)
    look = filtering.look_alone(actor.membership_in(place.group_id), place, shown, own)
    return _form(place.scope, kind, target, errors, post=shown, look=look, back=back, outside=to_team, **facts)


@bp.get("/g/<address>/report")
def show_group_report(address: str) -> str:
    """Something is wrong with a group's page. Anybody may say so who can open it."""
    return _group_form(address, [])


@bp.post("/g/<address>/report")
def report_group(address: str) -> AnyResponse | tuple[str, int]:
    """Send it to the organisation: the page is the team's own words."""
    card, _actor = card_here(address)
    try:
        item_id = reports.tell(_whoever(), CaseKind.REPORT, lambda _now: report_targets.of_group(card), _saying())
    except Invalid as error:
        return _group_form(address, forms.errors_of(error)), error.status
    return redirect(url_for("reports.show_receipt", item_id=item_id, done="sent"), 303)


def _whoever() -> Actor:
    """Who asks; for somebody without a sign-in a visit begins, so that this browser finds its report again."""
    session = current()
    return Actor(session.account_id, session.hash_for_visit())


def _group_form(address: str, errors: list[forms.Error]) -> str:
    card, _actor = card_here(address)
    facts = {"group_address": address, "duty": "", "organisation": card.organisation, "complaints": card.complaints}
    return _form(scope_of(card), CaseKind.REPORT, Target.GROUP, errors, back=f"/g/{address}", **facts)


def _form(scope: Scope, kind: CaseKind, target: Target, errors: list[forms.Error], **facts: Any) -> str:
    rules = find_rules(scope.group_id) if kind is CaseKind.REPORT else None
    named = [{"value": clause.uid, "label": clause.heading} for clause in rules.clauses] if rules else []
    return render_template(
        "moderation/tell.html",
        worry=kind is CaseKind.WELFARE,
        target=target.value,
        here=request.path,
        rules=named,
        other=OTHER,
        law=LAW if kind is CaseKind.REPORT and target is Target.POST else "",
        saying=_saying(),
        errors=errors,
        most_letters=reports.MOST_WORDS,
        **{"post": None, "look": None, "outside": "", "organisation": "", "complaints": "", "title": "", **facts},
    )


# --- What became of it, for whoever told ----------------------------------------------------------------------------


@bp.get("/my-reports")
def show_mine() -> str:
    """My reports, found by tag: in this sign-in's groups, and what this browser said about groups' pages."""
    return render_template("moderation/my_reports.html", reports=report_queries.list_mine(current_actor()))


@bp.get("/my-reports/<ident:item_id>")
def show_receipt(item_id: bytes) -> str:
    """What happens with a report, and what became of it."""
    mine = report_queries.get_mine(current_actor(), item_id)
    scope = report_queries.find_scope(item_id)
    inside = scope is not None and bool(current_actor_in(scope).memberships)
    show_crisis_of(mine.nation, mine.address if inside else "")
    return render_template(
        "moderation/receipt.html",
        report=mine,
        worry=mine.kind is CaseKind.WELFARE,
        headings=_headings(scope),
        duty=_duty_of(scope, mine),
        sent=request.args.get("done") == "sent",
    )


def _duty_of(scope: Scope | None, mine: report_queries.Mine) -> str:
    """When somebody looks. Of a group's page nobody can say."""
    if scope is None or mine.target is Target.GROUP:
        return ""
    return str(IN_ROOM) if mine.kind is CaseKind.LIVE else duty_sentence(scope.group_id, mine.zone)


def _headings(scope: Scope | None) -> Mapping[str, str]:
    rules = find_rules(scope.group_id) if scope else None
    return {clause.uid: clause.heading for clause in rules.clauses} if rules else {}
