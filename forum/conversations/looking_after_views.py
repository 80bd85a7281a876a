"""Looking after a topic as pages: one form for the team, and what it changed for everybody who reads there."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.base import clock
from forum.base.errors import Invalid, NotFound
from forum.base.idents import read_ident, write_ident
from forum.base.words import _, ngettext
from forum.conversations import board_queries, fragments, history, looking_after, slow, tending
from forum.conversations.entrance import Entrance
from forum.conversations.views import enter_conversation, post_here
from forum.groups.queries import count_members
from forum.models import ConversationKind
from forum.policy.permissions import Denial, may_look_after, require
from forum.web import forms

bp = Blueprint("tending", __name__)


def _enter(conversation_id: bytes) -> Entrance:
    """A topic for somebody of its team; to anybody else there is no such page."""
    found = enter_conversation(conversation_id)
    require(may_look_after, found.actor, found.place.group_id)
    if found.place.kind is not ConversationKind.TOPIC:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return found


@bp.get("/c/<ident:conversation_id>/look-after")
def show(conversation_id: bytes) -> str:
    """What the team can do with a topic."""
    return _page(_enter(conversation_id), [])


def _page(found: Entrance, errors: list[forms.Error]) -> str:
    place, board_id = found.place, found.place.board_id
    assert board_id is not None
    boards = [b for b in board_queries.list_boards(found.actor, place.group_id) if b.id != board_id]
    topics = [t for t in board_queries.list_topics(found.actor, board_id) if t.id != place.id]
    return render_template(
        "conversations/look_after.html",
        place=place,
        boards=[(write_ident(board.id), board.name, "") for board in boards],
        topics=[
            (write_ident(t.id), t.title or _("A topic without its title"), t.lang if t.title else None) for t in topics
        ],
        minutes=[(n, _minutes(n), None) for n in slow.CHOICES],
        typed={name: request.form.get(name, "") for name in ("reason", "board", "into")},
        errors=errors,
    )


def _minutes(n: int) -> str:
    return ngettext("%(num)d minute", "%(num)d minutes", n) if n else _("as often as they like")


@bp.post("/c/<ident:conversation_id>/look-after")
def act(conversation_id: bytes) -> AnyResponse | str | tuple[str, int]:
    """Do one of them."""
    found = _enter(conversation_id)
    try:
        if request.form.get("act") == "move" and not forms.checked("sure"):
            return _before_moving(found)
        _do(found, conversation_id)
    except Invalid as error:
        return _page(found, forms.errors_of(error)), error.status
    return redirect(url_for("tending.show_history", conversation_id=conversation_id), 303)


def _do(found: Entrance, conversation_id: bytes) -> None:
    actor, reason, what = found.actor, request.form.get("reason", ""), request.form.get("act", "")
    if what in ("pin", "unpin"):
        looking_after.pin(actor, conversation_id, what == "pin", reason)
    elif what in ("lock", "unlock"):
        looking_after.lock(actor, conversation_id, what == "lock", reason)
    elif what == "slow":
        looking_after.slow_down(actor, conversation_id, forms.sent_number("minutes", -1), reason)
    elif what == "move":
        looking_after.move(actor, conversation_id, _sent_ident("board"), reason)
    elif what == "merge":
        looking_after.merge(actor, conversation_id, _sent_ident("into"), reason)
    else:
        raise Invalid(_("Choose what to do."), "act")


def _sent_ident(name: str) -> bytes:
    return read_ident(request.form.get(name, "")) or b""


def _before_moving(found: Entrance) -> str:
    """For how many people it changes who can read."""
    place, wanted = found.place, _sent_ident("board")
    boards = board_queries.list_boards(found.actor, place.group_id)
    board = next((b for b in boards if b.id == wanted and b.id != place.board_id), None)
    if board is None:
        raise Invalid(_("Choose another board of this group."), "board")
    if not request.form.get("reason", "").strip():
        raise Invalid(_("Write one sentence for the members: why."), "reason")
    return render_template(
        "conversations/look_after_move.html",
        place=place,
        board={"ident": write_ident(board.id), "name": board.name},
        before=count_members(place.group_id, place.readers),
        after=count_members(place.group_id, board.readers),
        reason=request.form["reason"],
    )


@bp.get("/c/<ident:conversation_id>/history")
def show_history(conversation_id: bytes) -> str:
    """What the team changed here, and why: for everybody who reads there."""
    return _history(enter_conversation(conversation_id), [])


def _history(found: Entrance, errors: list[forms.Error], undoing: str = "") -> str:
    return render_template(
        "conversations/history.html",
        place=found.place,
        events=[{**event._mapping, "ident": write_ident(event.id)} for event in history.list_events(found.place.id)],
        undoable=[kind.value for kind in tending.INVERSES],
        on_team=found.membership.on_team,
        undoing=undoing,
        typed=request.form.get("reason", ""),
        errors=errors,
        now=clock.now(),
    )


@bp.post("/c/<ident:conversation_id>/history/<ident:event_id>/undo")
def undo(conversation_id: bytes, event_id: bytes) -> AnyResponse | tuple[str, int]:
    """Undo one of these."""
    found = _enter(conversation_id)
    event = history.find_event(event_id)
    if event is None or event.conversation_id != conversation_id:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    try:
        looking_after.undo(found.actor, event_id, request.form.get("reason", ""))
    except Invalid as error:
        undoing = write_ident(event_id)
        wrong = [forms.Error(f"reason-{undoing}", one.message) for one in forms.errors_of(error)]
        return _history(found, wrong, undoing), error.status
    return redirect(url_for("tending.show_history", conversation_id=conversation_id), 303)


@bp.get("/p/<post:post_id>/split")
def show_split(post_id: int) -> str:
    """Begin a new topic at this post."""
    return _split_form(post_id, [])


@bp.post("/p/<post:post_id>/split")
def split(post_id: int) -> AnyResponse | tuple[str, int]:
    """Do it."""
    *_post, actor = post_here(post_id)
    try:
        made = looking_after.split(actor, post_id, request.form.get("title", ""), request.form.get("reason", ""))
    except Invalid as error:
        return _split_form(post_id, forms.errors_of(error)), error.status
    return redirect(url_for("conversations.show_conversation", conversation_id=made), 303)


def _split_form(post_id: int, errors: list[forms.Error]) -> str:
    row, place, _own, actor = post_here(post_id)
    require(may_look_after, actor, place.group_id)
    if place.kind is not ConversationKind.TOPIC:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return render_template(
        "conversations/look_after_split.html",
        place=place,
        post=fragments.shown(row, place.zone),
        title=request.form.get("title", ""),
        reason=request.form.get("reason", ""),
        errors=errors,
    )
