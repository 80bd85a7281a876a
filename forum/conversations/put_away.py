"""Words that their author takes back and may bring back within three weeks: sealed copies, and the errands that move them.

A copy is found by the tag of its post. An errand says for which name or alias words go or come back, sealed; its job
knows the errand alone. So no copy of the database tells which aliases are one person's, nor whose they are.
"""

import enum
import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, delete, func, insert, not_, or_, select, update

from forum.base import blocks, clock, erasures, jobs, tagged
from forum.base.db import row, rows
from forum.base.idents import first_of_hour, new_ident, post_hour
from forum.base.keyring import Scope, the_keyring
from forum.base.parts import in_parts
from forum.base.rotation import Pass
from forum.base.transaction import here, transaction
from forum.content.notes import ANY_FOLD
from forum.conversations import lifecycle, lines, masks, opening
from forum.conversations.prepare import Meant, Prepared
from forum.models import Conversation, ConversationKind, Copy, Errand, Mask, Poll, Post, PostMark, PostState, PutAway
from forum.policy import gate
from forum.policy.gate import Verdict, Waiting
from forum.policy.members import get_scope

#: Long enough to think better of it after a bad week; what is promised on every page about leaving.
UNDO = timedelta(days=21)
#: Words under aliases that go in the same minute are seen to be one person's: each alias has an hour of its own.
SPREAD = timedelta(hours=72)
#: Posts in one transaction: nobody who writes meanwhile waits longer than for one of their own.
BATCH = 20
#: What a request does itself, some 300 posts; the job does the rest within seconds.
BATCHES_AT_ONCE = 15
#: A copy's sealed size is a multiple of this: short words all look alike.
BLOCK = 1_024
KIND, PLACE, JOB = "put_away", "errand", "errand"
#: Why words that waited wait again: they were taken back meanwhile.
RETURNED = Verdict(hold=True, reasons=("returned",))


class Deed(enum.IntEnum):
    """What an errand does."""

    AWAY = 1  #: the words of one name or alias go
    BACK = 2  #: they come back
    SPREAD_AWAY = 3  #: the words of all aliases of a persona go, each at its own hour
    SPREAD_BACK = 4
    ALL_AWAY = 5  #: the same at once, as somebody asked who knew that it shows
    COPY = 6  #: a copy of what is held about a persona is made, or thrown away


_MOVES = frozenset(Deed) - {Deed.COPY}


_OF_EACH = {Deed.SPREAD_AWAY: Deed.AWAY, Deed.ALL_AWAY: Deed.AWAY, Deed.SPREAD_BACK: Deed.BACK}


@dataclass(frozen=True)
class Task:
    """An errand's secret.

    :param face: the persona, or the mask. :param to_team: words written to the team, too.
    :param asked_hour: of an alias: the hour, as ids of posts count, in which its wearer took these words back. What they
        wrote since stays. :param upto: the last place they had written at by then, for words of that very hour.
    """

    deed: Deed
    face: bytes
    masked: bool = False
    to_team: bool = False
    asked_hour: int = 0
    upto: int = 0

    def packed(self) -> bytes:
        """As it is sealed: all of one size."""
        when = self.asked_hour.to_bytes(4) + self.upto.to_bytes(4)
        return bytes([self.deed, self.masked, self.to_team]) + when + self.face


def read_task(value: bytes) -> Task:
    """What `Task.packed` made."""
    asked_hour, upto = int.from_bytes(value[3:7]), int.from_bytes(value[7:11])
    return Task(Deed(value[0]), value[11:], bool(value[1]), bool(value[2]), asked_hour, upto)


# --- Errands ---


def send_errand(scope: Scope, task: Task, due_at: datetime | None = None, job: str = JOB) -> bytes:
    """Step: have words go or come back, now or later; gives the errand's id.

    :param job: what does it; another kind of job takes its errand with `take_errand`.
    """
    errand_id, ring = new_ident(), the_keyring()
    sealed = ring.seal(scope, PLACE, errand_id, task.packed())
    here().execute(insert(Errand).values(id=errand_id, group_id=scope.group_id, sealed=sealed, key_id=ring.writing_id))
    jobs.enqueue(job, {"errand": errand_id.hex()}, due_at)
    return errand_id


def go_now(errand_id: bytes) -> None:
    """Do an errand here, so that words are gone when the page comes; very many are left to its job."""
    for _n in range(BATCHES_AT_ONCE):
        with transaction():
            if not _do_some(errand_id):
                return


@jobs.step(JOB)
def _go(payload: jobs.Payload) -> None:
    if _do_some(bytes.fromhex(payload["errand"])):
        jobs.enqueue(JOB, payload)


def _do_some(errand_id: bytes) -> bool:
    """Step: some of an errand; whether any is left. One that was called off is done."""
    errand = row(select(Errand.id, Errand.group_id, Errand.sealed).where(Errand.id == errand_id).with_for_update())
    scope = get_scope(errand.group_id) if errand else None
    if errand is None or scope is None:
        return False
    task = _open(scope, errand)
    if task.deed in _OF_EACH:
        _send_for_each(scope, task)
    elif (_put_away_some if task.deed is Deed.AWAY else _bring_back_some)(scope, task) == BATCH:
        return True
    _call_off([errand_id])
    return False


def _open(scope: Scope, errand: Any) -> Task:
    return read_task(the_keyring().unseal(scope, PLACE, errand.id, errand.sealed))


def _send_for_each(scope: Scope, task: Task) -> None:
    """Step: an errand for each alias of a persona, each at its own hour."""
    worn = {mask.id for mask in masks.list_worn(scope, task.face)}
    _call_off([ident for ident, sent in _list_errands(scope) if sent.masked and sent.face in worn])
    for mask_id in worn:
        one = Task(_OF_EACH[task.deed], mask_id, masked=True, to_team=task.to_team)
        if one.deed is Deed.AWAY:
            one = replace(one, asked_hour=post_hour(clock.now()), upto=_last_place(mask_id))
        elif not keep_longer(scope, one):
            continue
        send_errand(scope, one, None if task.deed is Deed.ALL_AWAY else own_hour())


def _last_place(mask_id: bytes) -> int:
    """Where somebody wrote last under an alias, in the conversation where it was born."""
    last = select(func.max(Post.seq)).where(Post.mask_id == mask_id, Post.conversation_id == _born_in(mask_id))
    return here().scalar(last) or 0


def _born_in(mask_id: bytes) -> ScalarSelect[bytes]:
    return select(Mask.conversation_id).where(Mask.id == mask_id).scalar_subquery()


def own_hour() -> datetime:
    """Some moment within the next three days."""
    return clock.now() + timedelta(seconds=60 + secrets.randbelow(int(SPREAD.total_seconds()) - 60))


def _list_errands(scope: Scope) -> list[tuple[bytes, Task]]:
    found = rows(select(Errand.id, Errand.sealed).where(Errand.group_id == scope.group_id))
    return [(r.id, _open(scope, r)) for r in found]


def call_off(scope: Scope, face: bytes, deeds: Collection[Deed] = _MOVES) -> None:
    """Step: what has not gone or come back for this name yet will not; aliases have errands of their own."""
    _call_off([ident for ident, task in _list_errands(scope) if task.face == face and task.deed in deeds])


def take_errand(scope: Scope, errand_id: bytes) -> Task | None:
    """Step: what an errand of another job was to do, which is done with that; None if it was called off."""
    errand = row(select(Errand.id, Errand.sealed).where(Errand.id == errand_id).with_for_update())
    _call_off([errand_id])
    return _open(scope, errand) if errand else None


def _call_off(errand_ids: list[bytes]) -> None:
    here().execute(delete(Errand).where(Errand.id.in_(errand_ids)).execution_options(synchronize_session=False))


# --- Words ---


def _written_by(task: Task) -> list[ColumnElement[bool]]:
    whose = [Post.mask_id == task.face if task.masked else Post.persona_id == task.face]
    if task.asked_hour:
        whose.append(not_(_written_since(task)))
    return whose if task.to_team else [*whose, Conversation.kind != ConversationKind.TEAM]


def _written_since(task: Task) -> ColumnElement[bool]:
    """Words under an alias that are newer than the wish that its others go: of that very hour those at later places."""
    later = and_(Post.seq > task.upto, Post.conversation_id == _born_in(task.face))
    return or_(Post.id >= first_of_hour(task.asked_hour + 1), and_(Post.id >= first_of_hour(task.asked_hour), later))


def _posts(task: Task, *states: ColumnElement[bool]) -> Sequence[int]:
    joined = select(Post.id).join(Conversation, Conversation.id == Post.conversation_id)
    return [r.id for r in rows(joined.where(*_written_by(task), *states).order_by(Post.id))]


def _put_away_some(scope: Scope, task: Task) -> int:
    found = _posts(task, Post.state != PostState.WITHDRAWN)[:BATCH]
    for post_id in found:
        post = lifecycle.lock_post(post_id)
        if post is not None and post.state is not PostState.WITHDRAWN:
            _put_away(scope, post)
    return len(found)


def _put_away(scope: Scope, post: Post) -> None:
    """Step: the words go everywhere at once, and a sealed copy waits for their author."""
    kept = tagged.sealed_row(PutAway, scope, KIND, (_key(post.id),), _pack(post, opening.find_poll(post)))
    tagged.drop(PutAway, scope, KIND, (_key(post.id),))
    here().execute(insert(PutAway).values(**kept, until_on=last_day()))
    lifecycle.withdraw(post, for_good=False)
    if _is_to_team(post):
        lines.note_withdrawn(scope, post)
    erasures.note("post", post.id.to_bytes(16))  # first: what is not noted comes back with a restore


def last_day() -> date:
    """Until when what is done today can be undone."""
    return (clock.now() + UNDO).date()


def _is_to_team(post: Post) -> bool:
    kind = here().scalar(select(Conversation.kind).where(Conversation.id == post.conversation_id))
    return kind is ConversationKind.TEAM


def _bring_back_some(scope: Scope, task: Task) -> int:
    found = _with_copy(scope, _posts(task, Post.state == PostState.WITHDRAWN))[:BATCH]
    for post_id in found:
        post = lifecycle.lock_post(post_id)
        if post is not None and post.state is PostState.WITHDRAWN:
            _bring_back(scope, post)
    return len(found)


def _bring_back(scope: Scope, post: Post) -> None:
    value = tagged.find(PutAway, scope, KIND, (_key(post.id),))
    if value is None:
        return
    before, words, title, poll = _unpack(value)
    lifecycle.put_back(post, words, title, before)
    opening.give_poll_back(post, poll)
    returned = Waiting(post.id, scope.group_id, words.body)
    lifecycle.unfold(post, ANY_FOLD & ~gate.came_back(returned))
    if before is PostState.HELD:
        gate.record(returned, RETURNED)
    elif before is PostState.SENDING and _is_to_team(post):
        lines.note_asked(post.conversation_id, post.seq, clock.now(), ())  # nobody read it yet, so it is due now
    tagged.drop(PutAway, scope, KIND, (_key(post.id),))
    erasures.note_back("post", post.id.to_bytes(16))


def _with_copy(scope: Scope, post_ids: Sequence[int]) -> list[int]:
    """Those of which a copy waits."""
    found: list[int] = []
    for some in in_parts(post_ids, _AT_ONCE):
        by_tag = {t: i for i in some for t in tagged.tags(scope, KIND, _key(i))}
        found += [by_tag[r.tag] for r in rows(select(PutAway.tag).where(PutAway.tag.in_(list(by_tag))))]
    return found


#: Bound values in one statement, twice as many during a rotation.
_AT_ONCE = 400


def keep_longer(scope: Scope, task: Task) -> bool:
    """Step: copies that come back at a later hour are not thrown away before it; whether there are any."""
    found = _with_copy(scope, _posts(task, Post.state == PostState.WITHDRAWN))
    until = (clock.now() + SPREAD).date() + timedelta(days=1)
    for post_id in found:
        at = tagged.tags(scope, KIND, _key(post_id))
        late = update(PutAway).where(PutAway.tag.in_(at), PutAway.until_on < until).values(until_on=until)
        here().execute(late.execution_options(synchronize_session=False))
    return bool(found)


def open_copies(scope: Scope, post_ids: Sequence[int]) -> list[tuple[int, str, date]]:
    """What was taken back and can still come back: post, words and last day. For their author's own copy alone."""
    found = []
    for post_id in _with_copy(scope, post_ids):
        at = tagged.tags(scope, KIND, _key(post_id))
        kept = row(select(PutAway.tag, PutAway.sealed, PutAway.until_on).where(PutAway.tag.in_(at)))
        if kept:
            words = _unpack(tagged.open_value(PutAway, scope, kept.tag, kept.sealed))[1]
            found.append((post_id, words.body, kept.until_on))
    return found


def purge() -> None:
    """What could come back until yesterday is gone for good, and so are copies that nobody took along."""
    for model in (PutAway, Copy):
        over = model.until_on < clock.today()
        if rows(select(model.tag).where(over).limit(1)):
            with transaction():
                here().execute(delete(model).where(over))
    with transaction():
        _drop_lost_polls()


def _drop_lost_polls() -> None:
    """Step: questions whose words can no longer come back are gone with their answers."""
    opener = and_(Post.conversation_id == Poll.conversation_id, Post.seq == 1)
    empty = select(Poll.conversation_id, Post.id, Conversation.group_id).outerjoin(Post, opener)
    for r in rows(empty.join(Conversation, Conversation.id == Poll.conversation_id).where(Poll.question == "")):
        scope = get_scope(r.group_id)
        if scope is not None and (r.id is None or not _with_copy(scope, [r.id])):
            opening.drop_poll(r.conversation_id)


def drop_copy(scope: Scope, post_id: int) -> None:
    """Step: words that somebody took back cannot come back any more."""
    tagged.drop(PutAway, scope, KIND, (_key(post_id),))


def _key(post_id: int) -> bytes:
    return post_id.to_bytes(8)


def _pack(post: Post, poll: list[str]) -> bytes:
    said = [post.state.value, post.body, post.html, post.renderer, post.lang, opening.title_of(post)]
    return blocks.pack([*said, post.notes, post.mark.value if post.mark else "", *poll], BLOCK)


def _unpack(value: bytes) -> tuple[PostState, Prepared, str, list[str]]:
    """The inverse: state, words, title and what its topic asked."""
    state, body, html, renderer, lang, title, notes, mark, *poll = json.loads(value)
    meant = Meant(notes, PostMark(mark) if mark else None)
    return PostState(state), Prepared(body, html, renderer, lang, None, meant), title, poll


# --- Keys ---


def renewal() -> Pass:
    """How a rotation renews errands."""
    return Pass(Errand, Errand.id, _renew)


def _renew(found: Any) -> None:
    scope, ring = get_scope(found.group_id), the_keyring()
    if scope is None:
        raise LookupError("An errand without a group: the database was changed by hand.")
    value = ring.unseal(scope, PLACE, found.id, found.sealed)
    here().execute(
        update(Errand)
        .where(Errand.id == found.id)
        .values(sealed=ring.seal(scope, PLACE, found.id, value), key_id=ring.writing_id)
        .execution_options(synchronize_session=False)
    )
