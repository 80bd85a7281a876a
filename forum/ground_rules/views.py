"""The ground rules page, and joining by answering them (M2, M6)."""

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from forum.accounts.views import take
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.words import _
from forum.ground_rules import agreeing, queries, reading, usecases
from forum.ground_rules.queries import Rules
from forum.ground_rules.usecases import Answers, Joined
from forum.groups import crowds, doors, invitations, own_names
from forum.groups import usecases as groups
from forum.groups.queries import scope_of
from forum.groups.views import card_here, chosen_name
from forum.models import Door
from forum.policy import terms
from forum.policy.actor import Actor
from forum.web import forms
from forum.web.csrf import current
from forum.web.language import locale_of

bp = Blueprint("ground_rules", __name__)

ANSWER = "answer-"


def rules_here(card: Row) -> Rules:
    """The rules in force; a group without any is not open yet."""
    rules = queries.find_rules(card.id)
    if rules is None:
        raise NotFound(_("There is no such page here."))
    return rules


@bp.get("/g/<address>/rules")
def show_rules(address: str) -> str:
    """The ground rules (M6): open to everyone before joining."""
    card, actor = card_here(address)
    rules, easy = rules_here(card), request.args.get("easy") == "yes"
    return render_template(
        "ground_rules/rules.html",
        card=card,
        rules=rules,
        cards=reading.cards(rules, scope_of(card), easy=easy),
        easy=easy,
        has_easy=any(clause.easy for clause in rules.clauses),
        me=actor.membership_in(card.id),
        tells_counts=terms.of_group(card.id).values["mod.transparency"] == "monthly counts",
    )


@bp.get("/g/<address>/write")
def begin(address: str) -> AnyResponse | str:
    """ "Write something now": for a member the page to write, for a newcomer first how to leave fast, and the rules."""
    card, actor = card_here(address)
    membership = actor.membership_in(card.id)
    if membership and membership.agreed:
        return redirect(url_for("writing.choose_board", address=address), 303)
    if membership and agreeing.has_agreed_before(membership):
        return redirect(url_for("agreeing.show", address=address), 303)
    name = membership.name if membership else groups.offer_names(card.id, 1)[0]
    return _no_way_in(card, actor) or _join_form(card, actor, name, [])


@bp.post("/g/<address>/name")
def pick_name(address: str) -> str:
    """A newcomer chose a name: back to the rules with it."""
    card, actor = card_here(address)
    return _no_way_in(card, actor) or _join_form(card, actor, chosen_name(), _warning(card, actor, chosen_name()))


def _warning(card: Row, actor: Actor, name: str) -> list[forms.Error]:
    """That they have this name elsewhere: told to them alone, and said again until they say that they mean it."""
    try:
        own_names.warn(actor, scope_of(card), name, forms.checked(own_names.MEANT))
    except Invalid as error:
        return forms.errors_of(error)
    return []


@bp.post("/g/<address>/join")
def join(address: str) -> AnyResponse | tuple[str, int] | str:
    """Answer the rules and come in; for a member, agree to the version in force."""
    card, actor = card_here(address)
    membership = actor.membership_in(card.id)
    answers = answers_here()
    try:
        if membership:
            usecases.agree(actor, scope_of(card), answers)
        elif warned := _warning(card, actor, request.form.get("name", "")):
            return _join_form(card, actor, request.form.get("name", ""), warned), Invalid.status
        elif _come_in(card, actor, answers).waiting:
            return redirect(url_for("conversations.show_group", address=address), 303)
    except Invalid as error:
        return _join_form(card, actor, request.form.get("name", ""), forms.errors_of(error)), error.status
    except NotAllowed as error:
        return render_template("ground_rules/not_now.html", card=card, reply=error.message)
    return redirect(url_for("writing.choose_board", address=address), 303)


def _come_in(card: Row, actor: Actor, answers: Answers) -> Joined:
    before, address = Actor(actor.account_id, current().cookie_sha256), request.remote_addr or ""
    if not _invited(card):  # somebody of the team expects them, however many come
        crowds.joins.check(address, before.sign_in)
    joined = usecases.join_group(
        before,
        scope_of(card),
        request.form.get("name", ""),
        answers,
        forms.checked("shared"),
        request.form.get("token", ""),
    )
    crowds.joins.joined(address, before.sign_in)
    if joined.entered:
        take(joined.entered)
    return joined


def _invited(card: Row) -> bool:
    asked = card.door in (Door.REQUEST, Door.INVITATION) or doors.is_hidden(card)
    return asked and invitations.holds_one(current().cookie_sha256, scope_of(card))


def _no_way_in(card: Row, actor: Actor) -> str | None:
    """What a newcomer reads in place of the form when the door does not open for them."""
    if (
        actor.writer_in(card.id)
        or card.door in (Door.OPEN, Door.REQUEST)
        or (card.door is not Door.SHUT and _invited(card))
    ):
        return None
    return render_template("ground_rules/not_now.html", card=card, reply=doors.refusal(card.door))


def answers_here() -> Answers:
    """What this form answers to the questions of the rules, and how they were read."""
    given = {name.removeprefix(ANSWER): value for name, value in request.form.items() if name.startswith(ANSWER)}
    return Answers(given, locale_of(request), request.form.get("method", "self"))


def _join_form(card: Row, actor: Actor, name: str, errors: list[forms.Error]) -> str:
    return render_template(
        "ground_rules/join.html",
        card=card,
        rules=rules_here(card),
        name=name,
        me=actor.membership_in(card.id),
        errors=errors,
        token=forms.new_token(),
        method=request.form.get("method", "self"),
        looks=doors.looks_at_requests(card) if _by_request(card, actor) else None,
    )


def _by_request(card: Row, actor: Actor) -> bool:
    """Whether somebody of the team has to say yes first."""
    return card.door is Door.REQUEST and actor.membership_in(card.id) is None and not _invited(card)
