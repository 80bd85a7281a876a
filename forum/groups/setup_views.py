"""For a group's facilitators: setting it up, its boards, its settings. Each change says what it does before it is kept."""

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Invalid
from forum.base.words import _
from forum.groups import boards, settings, setup
from forum.groups.boards import Wanted
from forum.groups.queries import duty_sentence, scope_of
from forum.groups.settings import Choices
from forum.groups.views import card_for_facilitator, card_here
from forum.policy import audience
from forum.policy.actor import Actor
from forum.policy.permissions import may_facilitate, require
from forum.web import forms
from forum.web.pages import crisis_of

bp = Blueprint("setup", __name__)


@bp.get("/g/<address>/setup")
def show_setup(address: str) -> str:
    """What is left to do before the group opens (A1)."""
    card, actor = card_here(address)
    tasks = setup.list_tasks(actor, scope_of(card))
    return render_template(
        "groups/setup.html",
        card=card,
        tasks=tasks,
        ready=all(task.done for task in tasks),
        opened=setup.find_opened(card.id),
        may_change=may_facilitate(actor, card.id) is None,
    )


@bp.get("/g/<address>/setup/<step>")
def show_step(address: str, step: str) -> AnyResponse | str:
    """One of the two things that only a person can say: the ground rules were read, the numbers are right."""
    card, _actor = card_for_facilitator(address)
    if step not in setup.BY_WORD:
        return redirect(url_for("setup.show_setup", address=address), 303)
    return render_template(
        "groups/setup_step.html",
        card=card,
        step=step,
        contacts=crisis_of(card.nation),
        duty=duty_sentence(card.id, card.zone),
    )


@bp.post("/g/<address>/setup/<step>")
def confirm_step(address: str, step: str) -> AnyResponse:
    """Say that it is done."""
    card, actor = card_here(address)
    setup.confirm(actor, scope_of(card), step)
    return redirect(url_for("setup.show_setup", address=address), 303)


@bp.post("/g/<address>/open")
def open_group(address: str) -> AnyResponse:
    """Let the group be known."""
    card, actor = card_here(address)
    setup.open_group(actor, scope_of(card))
    return redirect(url_for("setup.show_setup", address=address), 303)


# --- Boards ---


@bp.get("/g/<address>/boards")
def show_boards(address: str) -> str:
    """The boards in their order, and making one."""
    card, actor = card_here(address)
    found = boards.list_all(actor, scope_of(card))
    return render_template(
        "groups/boards.html",
        card=card,
        boards=[b for b in found if b.retired_at is None],
        retired=[b for b in found if b.retired_at is not None],
        words={n: audience_words(n) for n in {x for b in found for x in (b.readers, b.starters, b.repliers)}},
    )


@bp.get("/g/<address>/boards/new")
def show_new_board(address: str) -> str:
    """A form for a new board."""
    card, _actor = card_for_facilitator(address)
    return _board_form(card, None, Wanted(""), [])


@bp.get("/g/<address>/boards/<ident:board_id>")
def show_board(address: str, board_id: bytes) -> str:
    """A form for another name, purpose or audience."""
    card, actor = card_here(address)
    board = boards.get_board(actor, scope_of(card), board_id)
    wanted = Wanted(
        board.name, board.purpose, board.readers, board.starters, board.repliers, board.searched, board.template
    )
    return _board_form(card, board_id, wanted, [])


def _board_form(card: Row, board_id: bytes | None, wanted: Wanted, errors: list[forms.Error]) -> str:
    return render_template(
        "groups/board_form.html",
        card=card,
        board_id=board_id,
        wanted=wanted,
        choices=_audiences(),
        most_template=boards.MOST_TEMPLATE,
        errors=errors,
    )


def _audiences() -> list[dict[str, str]]:
    return [{"value": str(n), "label": audience_words(n)} for n in boards.OFFERED]


def audience_words(who: int) -> str:
    """Who that is, in words."""
    if who == audience.EVERYONE:
        return _("Everyone in the group")
    if who == audience.TEAM:
        return _("Only the team")
    return _("People who have been here for more than %(n)s days, and the team", n=who)


@bp.post("/g/<address>/boards/new")
def make_board(address: str) -> AnyResponse | str | tuple[str, int]:
    """Make a board, once its maker has seen whom it is for."""
    card, actor = card_here(address)
    return _save_board(card, actor, None)


@bp.post("/g/<address>/boards/<ident:board_id>")
def change_board(address: str, board_id: bytes) -> AnyResponse | str | tuple[str, int]:
    """Change a board, once its facilitator has seen what that does."""
    card, actor = card_here(address)
    return _save_board(card, actor, board_id)


def _save_board(card: Row, actor: Actor, board_id: bytes | None) -> AnyResponse | str | tuple[str, int]:
    require(may_facilitate, actor, card.id)
    wanted = Wanted(
        request.form.get("name", ""),
        request.form.get("purpose", ""),
        _audience("readers"),
        _audience("starters"),
        _audience("repliers"),
        not forms.checked("unsearched"),
        request.form.get("template", ""),
    )
    onward = f"/g/{card.address}/boards"
    try:
        clean = boards.check(wanted)
        said = boards.consequences(actor, scope_of(card), board_id, clean)
        if said and not forms.checked("sure"):
            return _preview(card, said, onward)
        if board_id is None:
            boards.make_board(actor, scope_of(card), clean)
        else:
            boards.change_board(actor, scope_of(card), board_id, clean)
    except Invalid as error:
        return _board_form(card, board_id, wanted, forms.errors_of(error)), error.status
    return redirect(onward, 303)


def _audience(name: str) -> int:
    """What a choice of the form says; nonsense is no choice that the form offers."""
    typed = request.form.get(name, "")
    return int(typed) if typed.lstrip("-").isdigit() and typed.isascii() and len(typed) < 5 else boards.OFFERED[-1] - 1


def _preview(card: Row, said: list[str], back: str) -> str:
    kept = [(k, v) for k, v in request.form.items(multi=True) if k not in ("csrf_token", "sure")]
    return render_template(
        "groups/settings_preview.html", card=card, said=said, kept=kept, onward=request.path, back=back
    )


@bp.post("/g/<address>/boards/<ident:board_id>/move")
def move_board(address: str, board_id: bytes) -> AnyResponse:
    """One place up or down."""
    card, actor = card_here(address)
    boards.move_board(actor, scope_of(card), board_id, request.form.get("to") == "up")
    return redirect(url_for("setup.show_boards", address=address), 303)


@bp.post("/g/<address>/boards/<ident:board_id>/retire")
def retire_board(address: str, board_id: bytes) -> AnyResponse:
    """Let nobody write there any more, or use it again."""
    card, actor = card_here(address)
    act = boards.bring_back_board if request.form.get("back") == "yes" else boards.retire_board
    act(actor, scope_of(card), board_id)
    return redirect(url_for("setup.show_boards", address=address), 303)


# --- Settings ---


@bp.get("/g/<address>/settings")
def show_settings(address: str) -> str:
    """The group's card, and what waits for a person."""
    card, actor = card_here(address)
    return _settings_form(card, settings.find_choices(actor, scope_of(card)), [])


def _settings_form(card: Row, choices: Choices, errors: list[forms.Error]) -> str:
    saved = request.method == "GET" and request.args.get("saved") == "yes"
    rule = settings.newcomers_rule(card.id)
    return render_template(
        "groups/settings.html", card=card, choices=choices, saved=saved, errors=errors, newcomers_rule=rule
    )


@bp.post("/g/<address>/settings")
def save_settings(address: str) -> AnyResponse | str | tuple[str, int]:
    """Keep them, once their consequences were seen."""
    card, actor = card_for_facilitator(address)
    texts = {name: request.form.get(name, "") for name in settings.TEXTS}
    wanted = Choices(**texts, hold_newcomers=forms.checked("hold_newcomers"), words=request.form.get("words", ""))
    try:
        clean = settings.check(wanted)
        said = settings.consequences(actor, scope_of(card), card.zone, clean)
        if said and not forms.checked("sure"):
            return _preview(card, said, f"/g/{card.address}/settings")
        settings.save(actor, scope_of(card), clean)
    except Invalid as error:
        return _settings_form(card, wanted, forms.errors_of(error)), error.status
    return redirect(url_for("setup.show_settings", address=address, saved="yes"), 303)
