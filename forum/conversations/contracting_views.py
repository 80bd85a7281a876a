"""Pages on which a group changes its ground rules: proposing, talking, deciding, what came of it, and every version."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Conflict, Invalid, NotFound
from forum.base.idents import new_ident, read_post_id, write_ident, write_post_id
from forum.base.words import _
from forum.conversations import contracting, notices
from forum.conversations.contracting import Saying
from forum.conversations.prepare import Words
from forum.ground_rules import agreeing, checks, objections, proposals, versions, votes
from forum.ground_rules.agreeing import ChangedClause
from forum.ground_rules.patches import ADD, EDIT, REMOVE, Change, Patch, Rule, apply
from forum.ground_rules.proposals import Proposal, Wish
from forum.groups.queries import scope_of
from forum.groups.views import card_for_facilitator, card_for_member
from forum.models import ClauseKind, ProposalState, VoteMode
from forum.policy import contracting as rules
from forum.policy import terms
from forum.policy.actor import Actor, Membership
from forum.policy.bindings import REGISTRY
from forum.policy.permissions import Denial, may_facilitate, require
from forum.web import forms
from forum.web.language import language_of_words

bp = Blueprint("contracting", __name__)

#: In place of a clause's uid: one that is not there yet; and none, for the rules are to stay.
NEW, STAYS = "new", "stays"
CLOSED = (ProposalState.ADOPTED, ProposalState.REJECTED, ProposalState.LAPSED, ProposalState.WITHDRAWN)


@bp.get("/g/<address>/rules/changes")
def show_all(address: str) -> str:
    """What members want to change, and what became of it."""
    card, actor, _me = card_for_member(address)
    found = proposals.list_for(actor, card.id)
    return render_template(
        "ground_rules/changes.html",
        card=card,
        open=[one for one in found if one.state not in CLOSED],
        closed=[one for one in found if one.state in CLOSED],
        tip=versions.get_tip(card.id),
        may_propose=rules.may_propose(actor, card.id) is None,
        may_add_for_safety=may_facilitate(actor, card.id) is None,
    )


@bp.get("/g/<address>/rules/history")
def show_history(address: str) -> str:
    """Every version, and what is different between any two."""
    card, _actor, _me = card_for_member(address)
    all_ = versions.list_all(card.id)
    ids = {one.n: one.id for one in all_}
    to = versions.get(ids.get(forms.number("to"), all_[0].id))
    before = versions.get(ids.get(forms.number("since"), ids.get(to.base_n or to.n, to.id)))
    changed = _changed(card, before.rules, to.rules)
    return render_template("ground_rules/history.html", card=card, versions=all_, since=before, to=to, changed=changed)


def _changed(card: Row, before: Any, now: Any) -> list[ChangedClause]:
    bound = [(one.binding_key, one.binding_value) for one in now if one.binding_key]
    return agreeing.changes(before, now, terms.effective(bound, checks.floor_of(card.organisation_id)))


@bp.get("/g/<address>/rules/propose")
def show_form(address: str) -> str:
    """A form for one rule: other words for it, another setting, without it, or a new one."""
    card, actor, me = card_for_member(address)
    require(rules.may_propose, actor, card.id)
    return _form(card, me, [])


def _form(card: Row, me: Membership, errors: list[forms.Error]) -> str:
    tip = versions.get_tip(card.id)
    uid = request.values.get("rule", "")
    rule = next((one for one in tip.rules if one.uid == uid and one.kind != ClauseKind.GIVEN), None)
    return render_template(
        "ground_rules/propose.html",
        card=card,
        me=me,
        rules=[one for one in tip.rules if one.kind != ClauseKind.GIVEN],
        rule=rule,
        is_new=uid == NEW,
        stays=uid == STAYS,
        review_is_due=tip.review_is_due,
        binding=REGISTRY.get(rule.binding_key or "") if rule else None,
        typed=request.form,
        most=checks,
        errors=errors,
    )


@bp.post("/g/<address>/rules/propose")
def propose(address: str) -> AnyResponse | tuple[str, int]:
    """Keep it as a draft."""
    card, actor, me = card_for_member(address)
    try:
        patch = _patch(versions.get_tip(card.id).rules)
        said = request.form.get("summary", ""), request.form.get("rationale", "")
        wish = Wish(patch, *said, is_material=bool(patch) and not forms.checked("editorial"))
        made = proposals.begin(actor, me.scope, wish)
    except (Invalid, Conflict) as error:
        return _form(card, me, forms.errors_of(error)), error.status
    return redirect(url_for("contracting.show", address=address, proposal_id=made), 303)


def _patch(now: tuple[Rule, ...]) -> Patch:
    """What the form says: one clause, or that all stay as they are, which is a decision as well."""
    uid = request.form.get("rule", "")
    return () if uid == STAYS else (_change(uid, now),)


def _change(uid: str, now: tuple[Rule, ...]) -> Change:
    said: dict[str, str | None] = {
        name: request.form.get(name, "").replace("\r\n", "\n").strip() for name in ("heading", "body", "why")
    }
    if uid == NEW:
        return Change(f"own-{write_ident(new_ident())[:8]}", ADD, {**said, "origin": "own"}, len(now) + 1)
    if forms.checked("remove"):
        return Change(uid, REMOVE)
    rule = next((one for one in now if one.uid == uid), None)
    if rule and rule.binding_key and request.form.get("binding_value"):
        said["binding_value"] = request.form["binding_value"]
    kept = {name: value for name, value in said.items() if rule and value != (getattr(rule, name) or "").strip()}
    if "body" in kept and rule and rule.easy:
        kept["easy"] = ""  # its Easy Read says the old rule
    return Change(uid, EDIT, kept)


@bp.get("/g/<address>/rules/safety")
def show_safety(address: str) -> str:
    """A form for a facilitator who cannot wait for the group."""
    card, _actor = card_for_facilitator(address)
    return _safety(card, [])


def _safety(card: Row, errors: list[forms.Error]) -> str:
    token, typed = forms.new_token(), request.form
    return render_template("ground_rules/safety.html", card=card, most=checks, token=token, typed=typed, errors=errors)


@bp.post("/g/<address>/rules/safety")
def add_for_safety(address: str) -> AnyResponse | tuple[str, int]:
    """Put it in force."""
    card, actor = card_for_facilitator(address)
    said = request.form.get("heading", ""), request.form.get("body", "")
    reason = Words(request.form.get("reason", ""), language_of_words(request))
    try:
        made = contracting.add_for_safety(actor, scope_of(card), *said, reason, forms.token())
    except (Invalid, Conflict) as error:
        return _safety(card, forms.errors_of(error)), error.status
    return redirect(url_for("contracting.show", address=address, proposal_id=made), 303)


def proposal_here(address: str, proposal_id: bytes) -> tuple[Row, Actor, Membership, Proposal]:
    """A proposal of this group, for a member of it.

    :returns: the group's card, the actor, who they are there, the proposal. :raises NotFound: none, or no member.
    """
    card, actor, me = card_for_member(address)
    found, scope = proposals.get(actor, proposal_id)
    if scope != me.scope:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return card, actor, me, found


@bp.get("/g/<address>/rules/changes/<ident:proposal_id>")
def show(address: str, proposal_id: bytes) -> str:
    """One proposal: what it changes, what people say of it, and what one can do now."""
    return _page(*proposal_here(address, proposal_id), [])


def _page(card: Row, actor: Actor, me: Membership, found: Proposal, errors: list[forms.Error]) -> str:
    base, decided = versions.get(found.base_id), votes.list_of(found.id)
    vote = next((one for one in decided if one.result is None), None)
    mine = votes.find_mine(actor, vote, me.scope) if vote else None
    facts = contracting.facts_now(found, me, vote, mine)
    after = apply(found.patch, base.rules)
    may: dict[str, Callable[[Actor, Any], Any]] = {
        "second": rules.may_second,
        "give_up": rules.may_give_up,
        "amend": rules.may_amend,
        "call": rules.may_call,
        "choose": rules.may_choose,
        "object": rules.may_object,
        "answer": rules.may_answer_objection,
    }
    touched = [one for one in (*after, *base.rules) if one.uid in {change.uid for change in found.patch}]
    return render_template(
        "ground_rules/change.html",
        card=card,
        me=me,
        found=found,
        author=proposals.find_author(found),
        base=base,
        changed=_changed(card, base.rules, after),
        clauses={one.uid: one for one in reversed(touched)},
        may={name: rule(actor, facts) is None for name, rule in may.items()},
        may_talk=found.conversation_id is not None and rules.may_propose(actor, card.id) is None,
        vote=vote,
        ended=[one for one in decided if one.result is not None],
        mine=mine,
        offered=votes.OFFERED[vote.mode] if vote else (),
        objections=objections.list_of(found.id),
        remarks=contracting.list_remarks(found.id),
        token=forms.new_token(),
        post_ref=write_post_id,
        typed=request.form,
        done=request.args.get("done", ""),
        errors=errors,
    )


def _done(address: str, proposal_id: bytes, what: str, act: Callable[[Actor], Any]) -> AnyResponse | tuple[str, int]:
    """Do it, and show the page again: with what happened, or with what has to change."""
    card, actor, me, found = proposal_here(address, proposal_id)
    try:
        act(actor)
    except (Invalid, Conflict) as error:
        return _page(card, actor, me, found, forms.errors_of(error)), error.status
    return redirect(url_for("contracting.show", address=address, proposal_id=proposal_id, done=what), 303)


@bp.post("/g/<address>/rules/changes/<ident:proposal_id>/second")
def second(address: str, proposal_id: bytes) -> AnyResponse | tuple[str, int]:
    """Bring it to the group."""
    words = Words(request.form.get("body", ""), language_of_words(request))
    return _done(
        address, proposal_id, "seconded", lambda actor: contracting.second(actor, proposal_id, words, forms.token())
    )


@bp.post("/g/<address>/rules/changes/<ident:proposal_id>/say")
def say(address: str, proposal_id: bytes) -> AnyResponse | tuple[str, int]:
    """Say something about one rule, or object with a reason."""
    instead, objects = request.form.get("instead", "").strip(), forms.checked("objects")
    body = "\n\n".join(part for part in (request.form.get("body", "").strip(), instead) if part)
    words = Words(body, language_of_words(request), masked=forms.checked("masked"))
    saying = Saying(request.form.get("rule", "")[:40], words, objects)

    def act(actor: Actor) -> None:
        if objects and not (instead and request.form.get("body", "").strip()):
            raise Invalid(_("Say why, and what should stand there instead. Then people can meet it."), "instead")
        contracting.say(actor, proposal_id, saying, forms.token())

    return _done(address, proposal_id, "objected" if objects else "said", act)


@bp.post("/g/<address>/rules/changes/<ident:proposal_id>/answer")
def answer(address: str, proposal_id: bytes) -> AnyResponse | tuple[str, int]:
    """Answer an objection."""
    post_id, said = read_post_id(request.form.get("post", "")) or 0, request.form.get("answer", "")
    return _done(
        address,
        proposal_id,
        "answered",
        lambda actor: proposals.answer_objection(actor, proposal_id, post_id, said),
    )


@bp.post("/g/<address>/rules/changes/<ident:proposal_id>/call")
def call(address: str, proposal_id: bytes) -> AnyResponse | tuple[str, int]:
    """Ask that the group decides now."""
    mode = VoteMode.VOTE if request.form.get("mode") == "vote" else VoteMode.CONSENT
    return _done(address, proposal_id, "called", lambda actor: votes.call(actor, proposal_id, mode))


@bp.post("/g/<address>/rules/changes/<ident:proposal_id>/choose")
def choose(address: str, proposal_id: bytes) -> AnyResponse | tuple[str, int]:
    """Choose, or take one's choice back."""
    choice = request.form.get("choice", "")

    def act(actor: Actor) -> None:
        votes.choose(actor, proposal_id, choice)
        found, _scope = proposals.get(actor, proposal_id)
        notices.note_seen(actor.memberships[found.group_id], proposal_id)

    return _done(address, proposal_id, "chosen", act)


@bp.post("/g/<address>/rules/changes/<ident:proposal_id>/give-up")
def give_up(address: str, proposal_id: bytes) -> AnyResponse | tuple[str, int]:
    """Take one's own proposal back."""
    return _done(address, proposal_id, "given_up", lambda actor: proposals.give_up(actor, proposal_id))
