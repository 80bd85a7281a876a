"""Restricting a person for a time: one of the team proposes it, a second one agrees, and only then it begins.

No program and no number of reports restricts anybody. Whoever proposes reads the same whether or not somebody is worried
about the person; whoever agrees says each time that they looked (docs/decisions/0058).
"""

from datetime import datetime, timedelta

from sqlalchemy import Row, insert, select, update

from forum.base import clock, jobs
from forum.base.db import row, rows
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.conversations import masks, restrictions
from forum.conversations.places import find_place_of_post
from forum.groups import kept_out, successor
from forum.models import ConversationKind, Persona, Post, Role
from forum.policy import guard
from forum.policy.actor import Actor, Membership
from forum.policy.members import NOT_IN, actor_in, get_scope
from forum.policy.permissions import Denial, may_look_after, require
from moderation import audit, impartial, items, leases, not_for, queries, statements
from moderation.models import CaseItem, CaseKind, Choice, Decision, Effect, EffectKind, Source, Target

#: A week is long for somebody who comes here for company (moderation.md §1.6). Being out for longer than four is leaving.
MOST_DAYS = {Choice.SLOW_MEMBER: 7, Choice.PAUSE_POSTING: 7, Choice.SUSPEND: 28}
WHAT = tuple(MOST_DAYS)
#: Time for a second thought before the person reads of it.
SHOWN_AFTER = timedelta(seconds=10)


@retrying
def propose(actor: Actor, post_id: int, what: Choice, days: int, words: str, clause_uid: str) -> bytes:
    """Ask a second person to restrict whoever wrote a post; nothing changes for them until then. Gives the item.

    :param what: one of WHAT. :param days: 1 to MOST_DAYS of it. :param words: for the person; 20 to 2 000 characters.
    :raises NotFound, NotAllowed: not of the team, one's own words. :raises Invalid: see above.
    :raises Conflict: somebody proposed something for this person already.
    """
    if what not in WHAT or not 1 <= days <= MOST_DAYS[what]:
        raise Invalid(_("Choose what, and for how many days."), "what")
    clean = statements.clean_words(Choice.HIDE, words)
    with transaction():
        post, scope, me = _post(actor, post_id)
        face = post.mask_id or post.persona_id or b""
        if what is Choice.SUSPEND:
            _check_named(post)
        if items.find_open(scope, CaseKind.PROPOSED, face) is not None:
            raise Conflict(_("Someone from the team asked for this already. It waits."))
        item_id = items.open_item(
            scope,
            CaseKind.PROPOSED,
            about=face,
            target=Target.PERSON,
            source=Source.TEAM,
            reasons=(what.value,),
            names={post.persona_id or masks.wearer_of(scope, face)},
        )
        _record(me, item_id, post, what, clean, clause_uid, days)
        return item_id


def _post(actor: Actor, post_id: int) -> tuple[Post, Scope, Membership]:
    place, post = find_place_of_post(post_id), here().get(Post, post_id)
    if place is None or post is None or place.kind is ConversationKind.TEAM:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    now = actor_in(actor, place.scope)
    require(may_look_after, now, place.group_id)
    if queries.is_mine(now, place.group_id, post_id):
        raise NotAllowed(str(Denial.OWN_WORDS.value))
    require(_may_judge, now, (place.scope, post_id))
    return post, place.scope, now.memberships[place.group_id]


def _check_named(post: Post) -> None:
    """Who is out of the group is in no list of its people: under an alias that would say whose it is."""
    if post.mask_id is not None:
        raise Invalid(_("The name is hidden here. Ask that they cannot post for a time instead."), "what")
    found = row(select(Persona.standing).where(Persona.id == post.persona_id))
    if found is None or found.standing in NOT_IN:
        raise Conflict(_("They are not in the group now. Nothing was changed."))


def _may_judge(actor: Actor, subject: tuple[Scope, int]) -> Denial | None:
    return impartial.may_judge_post(actor, *subject)


def _record(me: Membership, item_id: bytes, post: Post, what: Choice, words: str, clause_uid: str, days: int) -> None:
    """The proposal is a decision that does nothing: it names no post, so no page of the person tells of it."""
    version_id = statements.check_clause(post, clause_uid)
    decision_id, until = new_ident(), clock.now() + timedelta(days=days)
    made = statements.make(post, Source.TEAM, what, words, clause_uid, until)
    here().execute(
        insert(Decision).values(
            id=decision_id,
            group_id=me.scope.group_id,
            item_id=item_id,
            post_id=None,
            choice=what,
            decided_by=me.persona_id,
            decided_at=clock.now(),
            clause_uid=clause_uid,
            rules_version=version_id,
            statement=statements.keep(me.scope, made),
            until_at=until,
        )
    )
    named = update(CaseItem).where(CaseItem.id == item_id).values(decision_id=decision_id, post_id=post.id)
    here().execute(named.execution_options(synchronize_session=False))
    audit.note("restrict.propose", me.persona_id, item_id, f"{what.value},{days}")


# --- The second person ------------------------------------------------------------------------------------------------


def require_second(item: CaseItem | Row, me: Membership, choice: Choice, *, looked: bool) -> None:
    """Step: whether this person may agree. Whoever proposed may only take it back.

    :param looked: they say that they looked whether somebody is worried about the person. It is asked every time.
    :raises NotAllowed: not a second person, or it cannot begin now (forum.policy.guard). :raises Invalid: they did not say so.
    """
    if choice is not Choice.CONFIRM:
        return
    proposal = _proposal(item)
    if proposal is None or me.persona_id == proposal.decided_by:
        raise NotAllowed(_("A second person of the team has to agree to this."))
    of_group = guard.may_agree(me.scope, me) is None
    if of_group and me.role is not Role.FACILITATOR and _has_other_facilitator(item, me.scope, proposal.decided_by):
        raise NotAllowed(_("A facilitator has to say yes to this."))
    if not looked:
        raise Invalid(_("Look first whether somebody is worried about this person. Then say that you did."), "looked")
    guard.require_free(me.scope, _wearer(item, me.scope), me)


def _proposal(item: CaseItem | Row) -> Decision | None:
    return here().get(Decision, item.decision_id) if item.decision_id is not None else None


def _has_other_facilitator(item: CaseItem | Row, scope: Scope, proposer: bytes) -> bool:
    """Somebody else who looks after the group and may see the item."""
    of_group = (Persona.group_id == scope.group_id, Persona.role == Role.FACILITATOR, Persona.standing.not_in(NOT_IN))
    others = [r.id for r in rows(select(Persona.id).where(*of_group)) if r.id != proposer]
    return any(not not_for.list_hidden(scope, [one], [item.id]) for one in others)


def answer(item: CaseItem | Row, me: Membership, choice: Choice) -> bytes:
    """Step: agree, and it begins now for as many days as were proposed; or not, and nothing does. Gives the decision."""
    proposal, decision_id, now = _proposal(item), new_ident(), clock.now()
    if proposal is None or proposal.until_at is None:
        raise Conflict(_("That does not fit what waits here."))
    agreed = choice is Choice.CONFIRM
    until = now + (proposal.until_at - proposal.decided_at) if agreed else None
    here().execute(
        insert(Decision).values(
            id=decision_id,
            group_id=me.scope.group_id,
            item_id=item.id,
            post_id=item.post_id if agreed else None,
            choice=choice,
            decided_by=me.persona_id,
            decided_at=now,
            clause_uid=proposal.clause_uid,
            rules_version=proposal.rules_version,
            statement=_restate(me.scope, proposal, until) if until is not None else None,
            shown_from=now + SHOWN_AFTER if agreed else None,
            until_at=until,
        )
    )
    if until is not None:
        _begin(item, me, decision_id, proposal, until)
    audit.note(f"restrict.{choice.value}", me.persona_id, item.id, proposal.choice.value)
    return decision_id


def _restate(scope: Scope, proposal: Decision, until: datetime) -> bytes | None:
    """The reasons as they were proposed, with the days counted from now."""
    made = statements.find(scope, proposal.statement) if proposal.statement is not None else None
    return statements.keep(scope, statements.begins_now(made, until)) if made is not None else None


def _begin(item: CaseItem | Row, me: Membership, decision_id: bytes, proposal: Decision, until: datetime) -> None:
    if proposal.choice is Choice.SUSPEND:
        _keep_out(item, me.scope, until, decision_id)
    else:
        restrict = restrictions.slow if proposal.choice is Choice.SLOW_MEMBER else restrictions.pause
        restrict(me.scope, _wearer(item, me.scope), until, decision_id)
    agreed = update(Decision).where(Decision.id == proposal.id).values(confirmed_by=me.persona_id)
    here().execute(agreed.execution_options(synchronize_session=False))
    values = {"decision_id": decision_id, "group_id": me.scope.group_id, "kind": EffectKind.RESTRICT}
    here().execute(insert(Effect).values(id=new_ident(), **values, until_at=until))


def _keep_out(item: CaseItem | Row, scope: Scope, until: datetime, decision_id: bytes) -> None:
    persona_id = item.about or b""
    found = row(select(Persona.standing).where(Persona.id == persona_id).with_for_update())
    if found is None or found.standing in NOT_IN:
        raise Conflict(_("They are not in the group now. Nothing was changed."))
    successor.check_successor(scope, persona_id)
    kept_out.suspend(scope, persona_id, until, decision_id)
    leases.free_all(scope, persona_id)
    jobs.enqueue("end_suspension", {"decision": decision_id.hex()}, until)


@jobs.step("end_suspension")
def _end_suspension(payload: jobs.Payload) -> None:
    """The weeks are over: they are in again as who they were. If somebody ended it before, there is nothing to end."""
    decision = here().get(Decision, bytes.fromhex(payload["decision"]))
    scope = get_scope(decision.group_id) if decision is not None else None
    if decision is not None and scope is not None:
        _let_back(scope, decision)


def _let_back(scope: Scope, decision: Decision) -> None:
    item = here().get(CaseItem, decision.item_id) if decision.item_id else None
    if item is not None and item.about is not None:
        kept_out.let_back(scope, item.about, decision.id)


def _wearer(item: CaseItem | Row, scope: Scope) -> bytes:
    """Whom it binds, under each of their faces. Nothing of it is written down but under their tag."""
    face = item.about or b""
    named = row(select(Persona.id).where(Persona.id == face)) is not None
    return face if named else masks.wearer_of(scope, face)


def end(decision_id: bytes, me: Membership) -> None:
    """Step: the inverse: this very restriction is over, and no later one."""
    decision = here().get(Decision, decision_id)
    item = here().get(CaseItem, decision.item_id) if decision is not None and decision.item_id else None
    if decision is None or item is None:
        return
    _let_back(me.scope, decision)
    if decision.choice is not Choice.REMOVE:
        restrictions.end(me.scope, _wearer(item, me.scope), decision_id)
