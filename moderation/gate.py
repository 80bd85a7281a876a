"""Moderation's gate: what waits for a person before others read it, what is folded meanwhile, and what is only listed.

It never rejects, hides or restricts. What waits does so by a choice of the group or a decision of its team; words after
which somebody should look in on their author go out as they were written.
"""

from collections.abc import Iterator

from sqlalchemy import Row, Select, bindparam, select, update

from forum.base import clock
from forum.base.db import row
from forum.base.hot import Hot
from forum.base.keyring import Scope
from forum.base.transaction import here
from forum.content import crisis
from forum.content.notes import DANGER, Fold
from forum.groups.duty import next_look
from forum.groups.queries import list_turns
from forum.models import Group, Hold
from forum.policy.actor import Actor
from forum.policy.gate import Situation, Urgent, Verdict, Wait, Waiting
from moderation import detected, evidence, in_rooms, items, returned, screening
from moderation.evidence import Copy
from moderation.models import CaseItem, CaseKind, Source
from moderation.queries import is_in_appeal

#: Reasons that hold only where the group or the board chose so. Its own words and sold links wait everywhere.
CHOSEN = {"link": Hold.LINKS, "phone": Hold.CONTACTS}
#: Kinds whose open item keeps a post back.
HOLDING = (CaseKind.HOLD, CaseKind.SPAM)
SOLD = "sold"


class ModerationGate:
    """The forum's port, filled."""

    def screen(self, body: str, words: frozenset[str], lang: str) -> screening.Findings:
        """What stands in the text; crisis numbers are never held against anyone."""
        return screening.screen(body, words, crisis.numbers(), lang)

    def questions(self, body: str, words: frozenset[str]) -> screening.Questions:
        """What to ask the author before posting; of a cry for help nothing."""
        return screening.ask_about(body, words, crisis.numbers())

    def cover(self, body: str) -> str:
        """The text without details of people; crisis numbers stay."""
        return screening.cover(body, crisis.numbers())

    def is_concerned(self, body: str) -> bool:
        """Whether to show help and to ask if somebody may check in."""
        return screening.has_risk(body)

    def decide(self, findings: screening.Findings, situation: Situation) -> Verdict:
        """Hold what the group's rules hold; a first post otherwise goes out at once and is listed for a welcome.

        Somebody else's details are folded at once, unless the post waits anyway. Nothing else that is found delays it.
        """
        reasons = (
            *_of_words(findings, situation),
            *_of_rules(findings, situation),
            *_of_place(situation),
            *_of_author(situation),
        )
        fold = Fold.PRIVACY if findings.others and not reasons else Fold(0)
        return Verdict(
            hold=bool(reasons),
            reasons=reasons,
            welcome=situation.newcomer,
            fold=fold,
            own=findings.own,
            others=findings.others,
            concern=findings.risk,
            screened=findings.screened,
            refused=tuple(_refused(findings, situation)),
            notes=_notes(findings, situation),
        )

    def record(self, post: Waiting, verdict: Verdict) -> None:
        """Open what a person has to look at. The text is sealed now, so that no edit can take it away."""
        if not post.new:
            _have_read_anew(post.post_id)
        if not (verdict.hold or verdict.welcome or verdict.own or verdict.others or verdict.concern):
            return
        scope = _scope_of(post.group_id)
        if verdict.hold:
            _hold(scope, post, verdict)
        if verdict.welcome:
            items.open_item(scope, CaseKind.WELCOME, about=post.post_id, source=Source.RULE, screened=verdict.screened)
        detected.open_for(scope, post, verdict)

    def needs_versions(self, post_id: int) -> bool:
        """Whether an undecided case is open on the post, or the team put it away and somebody can still disagree.

        Not while somebody told the team about it: the author must not learn that, and a copy is sealed.
        """
        return row(_open_case(post_id)) is not None or is_in_appeal(post_id, clock.now() - evidence.KEPT)

    def find_wait(self, post_id: int) -> Wait | None:
        """Why a post waits, and by when a look is promised; no time where nobody of the team is due."""
        found = row(_open_case(post_id).order_by(CaseItem.due_at).limit(1))
        if found is None:
            return None
        codes = tuple(code for code in found.reasons.split(",") if code)
        return Wait(codes, found.due_at if _is_anybody_due(found) else None)

    def urgent(self, actor: Actor, scope: Scope) -> list[Urgent]:
        """What people told about open rooms, and worries; what names the reader is not among it."""
        return in_rooms.list_urgent(actor, scope)

    def came_back(self, post: Waiting) -> Fold:
        """What people told about words, and was dealt with while these were away, waits again."""
        return returned.reopen(_scope_of(post.group_id), post.post_id)


def _refused(findings: screening.Findings, situation: Situation) -> Iterator[str]:
    """What the group's rules keep from being posted at all. A cry for help is never refused for want of a note."""
    said = situation.terms.values
    if said["links"] == "none" and findings.links:
        yield "links"
    if said["content_notes"] == "required" and findings.words and not situation.noted and not findings.risk:
        yield "content_notes"


def _notes(findings: screening.Findings, situation: Situation) -> int:
    """Where the group agreed not to talk about it, such words never stand open on a board, also if a person of the team
    lets them through: others chose the group because they need not meet them there."""
    elsewhere = situation.terms.values["crisis_talk"] == "redirect kindly"
    return DANGER if elsewhere and findings.risk and not situation.by_team else 0


def _of_rules(findings: screening.Findings, situation: Situation) -> Iterator[str]:
    """What the group agreed that a person reads first, beside what its holds say."""
    said = situation.terms.values
    if situation.by_team:
        return
    if said["premod"] == "named topics" and situation.noted:
        yield "noted"
    if said["crisis_talk"] != "open with note" and findings.risk:
        yield "crisis_talk"


def _of_words(findings: screening.Findings, situation: Situation) -> Iterator[str]:
    """The team's own links go out at once, as the starter rules promise: else one person alone could post none."""
    known = findings.known and situation.terms.values["links"] == "known-safe list"
    for code in screening.reasons(findings):
        if code == "link" and known:
            continue
        chosen = code not in CHOSEN or CHOSEN[code] in situation.holds
        if chosen and not (code in ("link", SOLD) and situation.by_team):
            yield code


def _of_place(situation: Situation) -> Iterator[str]:
    """What the team says under its own names goes out: somebody has to be able to say why everything waits."""
    if situation.by_team:
        return
    if situation.braked:
        yield "brake"
    if Hold.EVERYTHING in situation.holds:
        yield "everything"
    elif Hold.UNSTAFFED in situation.holds and situation.nobody_here:
        yield "hours"


def _of_author(situation: Situation) -> Iterator[str]:
    """Where first posts wait, all under an alias do, and none says whose first it is: newcomers are few, and a team
    that knew an alias for one of them would know whose it is."""
    if situation.held_author:
        yield "held_author"
    if situation.new_alias:
        yield "new_alias"
    if situation.holds_newcomers:
        yield "newcomer" if situation.newcomer else "alias"


def _have_read_anew(post_id: int) -> None:
    """Step: the words are new, so whoever read the ones before does not decide about these unread."""
    if _UNDECIDED.row({"post": post_id}):
        here().execute(
            update(CaseItem)
            .where(CaseItem.post_id == post_id, CaseItem.decided.is_(False))
            .values(version=CaseItem.version + 1)
            .execution_options(synchronize_session=False)
        )


_UNDECIDED = Hot(select(CaseItem.id).where(CaseItem.post_id == bindparam("post"), CaseItem.decided.is_(False)).limit(1))
_GROUP = Hot(select(Group.organisation_id).where(Group.id == bindparam("group")))


def _scope_of(group_id: bytes) -> Scope:
    group = _GROUP.row({"group": group_id})
    if group is None:
        raise LookupError("A post without its group.")
    return Scope(group.organisation_id, group_id)


def _open_case(post_id: int) -> Select[bytes, str, object, bytes]:
    columns = (CaseItem.id, CaseItem.reasons, CaseItem.due_at, CaseItem.group_id)
    return select(*columns).where(CaseItem.post_id == post_id, CaseItem.kind.in_(HOLDING), CaseItem.decided.is_(False))


def _is_anybody_due(item: Row) -> bool:
    group, now = row(select(Group.zone).where(Group.id == item.group_id)), clock.now()
    return group is not None and next_look(list_turns(item.group_id, group.zone, now), now) is not None


def _hold(scope: Scope, post: Waiting, verdict: Verdict) -> None:
    """Step: one open case keeps a post back, whatever an edit adds to the reasons; held again later it gets a new round."""
    evidence.keep_waiting(scope, post.post_id, Copy(post.body, "", ",".join(verdict.reasons)))
    if row(_open_case(post.post_id)):
        return
    kind = CaseKind.SPAM if SOLD in verdict.reasons else CaseKind.HOLD
    source = Source.DETECTOR if kind is CaseKind.SPAM else Source.RULE
    reasons = (*verdict.reasons, *(["others"] if verdict.others else []))
    items.open_item(scope, kind, about=post.post_id, source=source, reasons=reasons, screened=verdict.screened)
