"""Moderation's gate: holds links, contact details and the group's own words for a person; lists first posts for a welcome."""

from datetime import timedelta

from sqlalchemy import Select, bindparam, func, insert, select, update

from forum.base import clock
from forum.base.db import row
from forum.base.hot import Hot
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here
from forum.content import crisis
from forum.groups.duty import next_look
from forum.groups.queries import list_turns
from forum.models import Group
from forum.policy.gate import Situation, Verdict, Waiting
from moderation import evidence, screening
from moderation.evidence import Copy
from moderation.models import CaseItem, CaseKind
from moderation.queries import is_in_appeal

#: moderation.md §1.2: a held post is looked at within two hours while somebody is here, else when somebody next is.
HOLD_LOOK = timedelta(hours=2)
#: Nobody is due at all: the case is overdue from now on rather than promised for a time that nobody holds.
NO_PROMISE = timedelta(0)


class ModerationGate:
    """The forum's port, filled."""

    def screen(self, body: str, words: frozenset[str]) -> screening.Findings:
        """What stands in the text; crisis numbers are never held against anyone."""
        return screening.screen(body, words, allowed_numbers=crisis.numbers())

    def decide(self, findings: screening.Findings, situation: Situation) -> Verdict:
        """Hold what the group's rules hold; a first post otherwise goes out at once and is listed for a welcome.

        The team's own links go out at once, as the starter rules promise: else one person alone could post none.
        Where first posts wait, all under an alias do, and none says whose first it is: newcomers are few, and a team
        that knew an alias for one of them would know whose it is.
        """
        reasons = tuple(r for r in screening.reasons(findings) if not (r == "link" and situation.by_team))
        if situation.held_author:
            reasons = (*reasons, "held_author")
        if situation.new_alias:
            reasons = (*reasons, "new_alias")
        if situation.holds_newcomers:
            reasons = (*reasons, "newcomer" if situation.newcomer else "alias")
        return Verdict(hold=bool(reasons), reasons=reasons, welcome=situation.newcomer)

    def record(self, post: Waiting, verdict: Verdict) -> None:
        """Open what a person has to look at. The text is sealed now, so that no edit can take it away."""
        group = _GROUP.row({"group": post.group_id})
        if group is None:
            raise LookupError("A post without its group.")
        _have_read_anew(post.post_id)
        if verdict.hold:
            scope = Scope(group.organisation_id, post.group_id)
            evidence.keep_waiting(scope, post.post_id, Copy(post.body, "", ",".join(verdict.reasons)))
            _open(post, CaseKind.HOLD, verdict.reasons, group.zone)
        if verdict.welcome:
            _open(post, CaseKind.WELCOME, (), group.zone)

    def needs_versions(self, post_id: int) -> bool:
        """Whether an undecided case is open on the post, or the team put it away and somebody can still disagree.

        Not while somebody told the team about it: the author must not learn that, and a copy is sealed.
        """
        return row(_open_case(post_id)) is not None or is_in_appeal(post_id, clock.now() - evidence.KEPT)


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
_GROUP = Hot(select(Group.organisation_id, Group.zone).where(Group.id == bindparam("group")))


def _open_case(post_id: int) -> Select[bytes]:
    return select(CaseItem.id).where(
        CaseItem.post_id == post_id, CaseItem.kind == CaseKind.HOLD, CaseItem.decided.is_(False)
    )


def _open(post: Waiting, kind: CaseKind, reasons: tuple[str, ...], zone: str) -> None:
    """Step: one open case for each post and kind; a post held again after an edit gets a new round."""
    if kind is CaseKind.HOLD and row(_open_case(post.post_id)):
        return
    before = row(select(func.count().label("n")).where(CaseItem.post_id == post.post_id, CaseItem.kind == kind))
    now = clock.now()
    look = next_look(list_turns(post.group_id, zone, now), now)
    due_at = look + HOLD_LOOK if look else now + NO_PROMISE
    here().execute(
        insert(CaseItem).values(
            id=new_ident(),
            group_id=post.group_id,
            post_id=post.post_id,
            kind=kind,
            round=before.n if before else 0,
            reasons=",".join(reasons),
            opened_hour=clock.this_hour(),
            due_at=clock.floor_hour(due_at),  # to the minute it would tell when a masked post was written
            decided=False,
            version=0,
        )
    )
