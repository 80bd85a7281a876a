"""Statements of reasons: what an author reads about a decision, sealed with it (moderation.md §1.7).

How it came to the team is kept and not shown: "somebody reported it" would set people against each other, and these words
are the same whether or not anybody did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, select

from forum.base import clock
from forum.base.db import row
from forum.base.errors import Invalid
from forum.base.hot import Hot
from forum.base.keyring import Scope
from forum.base.words import _, lazy
from forum.models import CharterVersion, Clause, Conversation, Post
from moderation import evidence
from moderation.models import Choice, Source

#: One sentence that helps. Below it stand words such as "no" and "rude" (moderation.md §1.7).
LEAST_WORDS, MOST_WORDS = 20, 2_000
#: The words that a decision is about, so that the author knows which.
MOST_QUOTE = 300
#: What somebody cannot do or show any more, and what they are asked: all of it with reasons.
NEEDED_FOR = (
    Choice.KEEP_BACK,
    Choice.HIDE,
    Choice.TAKE_DOWN,
    Choice.FOLD,
    Choice.LIMIT,
    Choice.MOVE,
    Choice.LOCK,
    Choice.ASK_AUTHOR,
)
#: Sentences that have helped, to begin with; each is only a start, and can be changed before it is sent.
PHRASES: Mapping[str, Any] = {
    "thanks": lazy("Thank you for sharing this with the group. We read it with care."),
    "names": lazy("Please leave out what could show who somebody is, such as a name or a place."),
    "contact": lazy("Please do not share phone numbers or addresses here. This keeps you safe, too."),
    "method": lazy("Please leave out how somebody could hurt themselves. Others who read it may be at risk."),
    "kinder": lazy("You may disagree. Please say it in a way that is kind to the person."),
    "link": lazy("Please leave the link out, and say in your own words what helped you."),
    "welcome": lazy("You are still welcome here. You can write it again in other words."),
    "talk": lazy("If you would like to talk about this, write to the team. Somebody answers."),
}


@dataclass(frozen=True)
class Statement:
    """What is kept. :param found: how it came to the team. :param automated: a program pointed to it; none decides.

    :param until: when it ends, as ISO 8601, or empty. :param appeal_until: the last day to disagree, as ISO 8601.
    """

    choice: Choice
    words: str
    quote: str
    lang: str
    found: str
    automated: bool
    clause_uid: str
    rules_version: str
    until: str
    appeal_until: str

    @property
    def rules_id(self) -> bytes:
        """The version of the rules; only where there is one."""
        return bytes.fromhex(self.rules_version)

    @property
    def until_at(self) -> datetime | None:
        """When it ends by itself."""
        return datetime.fromisoformat(self.until) if self.until else None

    @property
    def appeal_on(self) -> date:
        """The last day to disagree."""
        return date.fromisoformat(self.appeal_until)


def clean_words(choice: Choice, typed: str) -> str:
    """What was typed, without space around it. :raises Invalid: too long, or too little where somebody reads it."""
    clean = typed.strip()
    if choice in NEEDED_FOR and len(clean) < LEAST_WORDS:
        raise Invalid(_("Write one sentence for the author: why, and what they could do."), "words")
    if not clean and choice is Choice.SPOKEN:
        raise Invalid(_("Write one sentence for the team: how they are, and what you agreed."), "words")
    if len(clean) > MOST_WORDS:
        raise Invalid(_("Make it shorter: at most %(n)s characters.", n=MOST_WORDS), "words")
    return clean


def rules_of(post: Post | Row) -> bytes | None:
    """The version of the ground rules that was in force when the words were written: nobody is held to a later one."""
    if post.charter_version_id is not None:
        return bytes(post.charter_version_id)
    group = select(Conversation.group_id).where(Conversation.id == post.conversation_id).scalar_subquery()
    before = (CharterVersion.effective_at <= post.written_at, CharterVersion.group_id == group)
    found = row(select(CharterVersion.id).where(*before).order_by(CharterVersion.n.desc()).limit(1))
    return found.id if found else None


def find_post(post_id: int | None) -> Row | None:
    """A post with what its statement needs; not a permission."""
    columns = (Post.id, Post.charter_version_id, Post.conversation_id, Post.written_at, Post.changed_in)
    return row(select(*columns, Post.body, Post.lang).where(Post.id == post_id)) if post_id is not None else None


def list_clauses(version_id: bytes | None) -> Sequence[Row]:
    """The rules of one version in their order."""
    if version_id is None:
        return []
    return _CLAUSES.rows({"version": version_id})


_RULE = (Clause.uid, Clause.heading, Clause.body, Clause.why, Clause.ord)
_CLAUSES = Hot(select(*_RULE).where(Clause.version_id == bindparam("version")).order_by(Clause.ord))


def check_clause(post: Post | Row, uid: str) -> bytes | None:
    """The version in which the rule stands that was named. :raises Invalid: it names none that held for these words."""
    version_id = rules_of(post)
    if version_id is not None and uid not in {clause.uid for clause in list_clauses(version_id)}:
        raise Invalid(_("Choose the ground rule that this is about."), "clause")
    return version_id


def make(
    post: Post | Row, source: Source, choice: Choice, words: str, clause_uid: str, until: datetime | None
) -> Statement:
    """The statement of one decision; nothing is written yet, so it can be shown before.

    :param source: who opened the item; TEAM where nothing waited.
    """
    version_id = rules_of(post)
    return Statement(
        choice=choice,
        words=words,
        quote="" if choice is Choice.TAKE_DOWN else post.body[:MOST_QUOTE],  # nobody is handed what the law forbids
        lang=post.lang,
        found=source.value,
        automated=source in (Source.RULE, Source.DETECTOR),
        clause_uid=clause_uid,
        rules_version=version_id.hex() if version_id else "",
        until=until.isoformat() if until else "",
        appeal_until=(clock.now() + evidence.KEPT).date().isoformat(),
    )


def about_person(version_id: bytes | None, choice: Choice, words: str, clause_uid: str) -> Statement:
    """The statement of a decision about somebody's place in the group, which hangs on no words of theirs.

    :param version_id: of the rules that are in force.
    """
    return Statement(
        choice=choice,
        words=words,
        quote="",
        lang="",
        found=Source.TEAM.value,
        automated=False,
        clause_uid=clause_uid,
        rules_version=version_id.hex() if version_id else "",
        until="",
        appeal_until=(clock.now() + evidence.KEPT).date().isoformat(),
    )


def begins_now(statement: Statement, until: datetime) -> Statement:
    """What was proposed, as it holds from now on."""
    last = (clock.now() + evidence.KEPT).date().isoformat()
    return replace(statement, until=until.isoformat(), appeal_until=last)


def keep(scope: Scope, statement: Statement) -> bytes:
    """Step: seal it."""
    return evidence.keep_statement(scope, list(astuple(statement)))


def find(scope: Scope, statement_id: bytes) -> Statement | None:
    """A sealed statement; the caller asks who may know."""
    fields = evidence.open_statement(scope, statement_id)
    return Statement(Choice(fields[0]), *fields[1:]) if fields else None


def find_clause(statement: Statement) -> Row | None:
    """The rule that a statement names, in the words it had then."""
    if not statement.rules_version:
        return None
    known = list_clauses(statement.rules_id)
    return next((clause for clause in known if clause.uid == statement.clause_uid), None)
