"""The search of a group. What somebody looks for is sent in a form: it must not stand in addresses, histories or logs."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from sqlalchemy import Row
from werkzeug.exceptions import Unauthorized

from forum.base.errors import Invalid
from forum.base.idents import read_ident, read_post_id, write_ident, write_post_id
from forum.base.words import _
from forum.content import distress
from forum.content.notes import names_of
from forum.conversations import fragments, search, search_words
from forum.conversations.search import Hit, Order, Results
from forum.conversations.search_index import END
from forum.conversations.search_words import Piece, Query
from forum.groups.views import card_here
from forum.web import forms
from forum.web.csrf import current

bp = Blueprint("search", __name__)


@dataclass(frozen=True)
class Asked:
    """What stands in the form."""

    words: str = ""
    board: bytes | None = None
    order: Order = Order.NEWEST


@dataclass(frozen=True)
class Shown:
    """One hit for the template. No title: its reader put such words away. `folded`: the words stay where they are."""

    id: str
    title: list[Piece]
    title_lang: str
    excerpt: list[Piece]
    lang: str
    author: str
    role: str
    board: str
    when: str
    notes: list[str]
    folded: bool


@bp.get("/g/<address>/search")
def show_form(address: str) -> str:
    """Where to type words; of one board, if one comes from there."""
    card, actor = card_here(address)
    boards = search.list_boards(actor, card.id).searched
    return _page(card, boards, Asked(board=_board_of(request.args.get("board", ""), boards)))


@bp.post("/g/<address>/search")
def find(address: str) -> str | tuple[str, int]:
    """What was found. Older results are asked for by the same form again."""
    card, actor = card_here(address)
    boards, session = search.list_boards(actor, card.id).searched, current()
    asked = Asked(
        request.form.get("words", ""),
        _board_of(request.form.get("board", ""), boards),
        Order.BEST if request.form.get("order") == Order.BEST else Order.NEWEST,
    )
    try:
        query = search_words.read(asked.words)
    except Invalid as error:
        return _page(card, boards, asked, errors=forms.errors_of(error)), error.status
    if session.cookie_sha256 is None:
        raise Unauthorized
    search.check_pace(session.cookie_sha256)
    before = read_post_id(request.form.get("before", "")) or END
    results = search.find(actor, card.id, query, board=asked.board, order=asked.order, before=before)
    return _page(card, boards, asked, query, results)


def _board_of(typed: str, boards: Sequence[Row]) -> bytes | None:
    """The board that a form or a link names, if it is one where this member can search; else all of them."""
    ident = read_ident(typed)
    return ident if any(board.id == ident for board in boards) else None


def _page(
    card: Row,
    boards: Sequence[Row],
    asked: Asked,
    query: Query | None = None,
    results: Results | None = None,
    errors: list[forms.Error] | None = None,
) -> str:
    hits = [_shown(hit, query, card.zone) for hit in results.hits] if results and query else []
    return render_template(
        "conversations/search.html",
        card=card,
        boards=[{"ident": write_ident(board.id), "name": board.name} for board in boards],
        words=asked.words[: search_words.MOST_TYPED],
        board=write_ident(asked.board) if asked.board else "",
        order=asked.order.value,
        best_of=search.BEST_OF,
        errors=errors or [],
        searched=results is not None,
        hits=hits,
        left_out=results is not None and results.left_out,
        more_before=write_post_id(results.more_before) if results and results.more_before is not None else "",
        cut=query is not None and query.cut,
        most_words=search_words.MOST_WORDS,
        near_help=query is not None and distress.speaks_of_it(query.words),
    )


def _shown(hit: Hit, query: Query, zone: str) -> Shown:
    post, folded = hit.post, hit.away is not None
    return Shown(
        id=write_post_id(post.id),
        title=[] if hit.title_away else search_words.marked(post.title or _("A topic without its title"), query),
        title_lang=post.title_lang,
        excerpt=[] if folded else search_words.excerpt(post.body, query),
        lang=post.lang,
        author=post.author,
        role=fragments.role_word(post.role),
        board=post.board_name,
        when=fragments.when(post.written_at, zone, post.mask_id is not None),
        notes=names_of(post.notes, post.own_notes) if post.notes else [],
        folded=folded,
    )
