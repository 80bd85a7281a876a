"""Deciding about several items of one kind at once: each gets a decision, reasons and an undo of its own (§1.8).

What may be about a person in need, about the law, or about a decision is never decided in a row.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Row, func, select

from forum.base.db import rows
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.words import _
from forum.models import Mask, Persona, Post
from forum.policy.actor import Actor
from forum.policy.permissions import may_look_after, require
from moderation import decisions, sight, statements
from moderation.decisions import Verdict
from moderation.models import CaseItem, CaseKind, Choice

#: What one person can read before they decide.
MOST = 50
KINDS = (CaseKind.HOLD, CaseKind.SPAM, CaseKind.WELCOME)


@dataclass(frozen=True)
class Outcome:
    """What became of it. :param failed: items that were left as they are, and why."""

    done: Sequence[bytes]
    failed: Sequence[tuple[bytes, str]]


def list_kind(actor: Actor, scope: Scope, kind: CaseKind) -> Sequence[Row]:
    """The earliest open items of a kind, at most MOST, with their words; without what names this reader.

    :raises NotFound: not of the team. :raises Conflict: a kind that is decided one by one.
    """
    require(may_look_after, actor, scope.group_id)
    if kind not in KINDS:
        raise Conflict(_("These are looked at one by one."))
    waiting = (CaseItem.group_id == scope.group_id, CaseItem.kind == kind, CaseItem.decided.is_(False))
    author = func.coalesce(Persona.name, Mask.alias).label("author")
    found = rows(
        select(*sight.COLUMNS, Post.html, Post.lang, author)
        .join(Post, Post.id == CaseItem.post_id)
        .outerjoin(Persona, Persona.id == Post.persona_id)
        .outerjoin(Mask, Mask.id == Post.mask_id)
        .where(*waiting)
        .order_by(CaseItem.due_at, CaseItem.opened_hour, CaseItem.id)
        .limit(2 * MOST)
    )
    hidden = sight.hidden(actor, scope, found)
    return [item for item in found if item.id not in hidden][:MOST]


def decide_all(actor: Actor, chosen: Sequence[tuple[bytes, int, int]], verdict: Verdict) -> Outcome:
    """Decide about each as `decisions.decide` would; one that cannot be decided stops none of the others.

    :param chosen: item, its version and its lease as they were read; at most MOST. :param verdict: for all of them.
    :raises Invalid: none or too many are chosen, or words are missing.
    """
    if not 1 <= len(chosen) <= MOST:
        raise Invalid(_("Choose between one and %(n)s.", n=MOST), "chosen")
    statements.clean_words(verdict.choice, verdict.words)
    together, done, failed = replace(verdict, bulk_id=new_ident()), list[bytes](), list[tuple[bytes, str]]()
    for item_id, version, gen in chosen:
        try:
            _require_kind(item_id)
            done.append(decisions.decide(actor, item_id, replace(together, version=version, gen=gen)))
        except (Conflict, Invalid, NotAllowed, NotFound) as error:
            failed.append((item_id, error.message))
    return Outcome(done, failed)


def _require_kind(item_id: bytes) -> None:
    found = rows(select(CaseItem.kind).where(CaseItem.id == item_id))
    if found and found[0].kind not in KINDS:
        raise Conflict(_("These are looked at one by one."))


def choices_of(kind: CaseKind) -> list[Choice]:
    """What can be decided about several of a kind."""
    return [choice for choice in decisions.CHOICES[kind] if choice is not Choice.ASK_AUTHOR]
