"""The facilitators' pages for example conversations."""

from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Invalid
from forum.groups import examples, queries
from forum.groups.card_views import shown
from forum.groups.examples import MOST_VOICES, Voice
from forum.groups.views import card_for_facilitator
from forum.web import forms

bp = Blueprint("examples", __name__)

#: A form with room for everybody at once would be eight boxes long on a phone: two more than are used.
SPARE_VOICES = 2
LEAST_BOXES = 4


@bp.get("/g/<address>/examples/list")
def show_list(address: str) -> str:
    """All examples, to change their order."""
    card, _actor = card_for_facilitator(address)
    found = [shown(example) for example in examples.list_examples(card.id)]
    return render_template("groups/example_list.html", card=card, examples=found, most=examples.MOST_EXAMPLES)


@bp.get("/g/<address>/examples/new")
def show_new(address: str) -> str:
    """The form for a new one."""
    card, _actor = card_for_facilitator(address)
    return _form(card, None, "", [], [])


@bp.post("/g/<address>/examples/new")
def add(address: str) -> AnyResponse | tuple[str, int]:
    """Keep a new one."""
    return _save(address, None)


@bp.get("/g/<address>/examples/<ident:example_id>")
def show_edit(address: str, example_id: bytes) -> str:
    """The form to change one."""
    card, actor = card_for_facilitator(address)
    found = examples.get_example(actor, card.id, example_id)
    return _form(card, example_id, found.title, found.voices, [])


@bp.post("/g/<address>/examples/<ident:example_id>")
def save(address: str, example_id: bytes) -> AnyResponse | tuple[str, int]:
    """Keep one that was changed."""
    return _save(address, example_id)


def _save(address: str, example_id: bytes | None) -> AnyResponse | tuple[str, int]:
    card, actor = card_for_facilitator(address)
    title, voices = request.form.get("title", ""), _typed_voices()
    try:
        examples.save_example(actor, queries.scope_of(card), example_id, title, voices)
    except Invalid as error:
        return _form(card, example_id, title, voices, forms.errors_of(error)), error.status
    return redirect(url_for("examples.show_list", address=address), 303)


def _typed_voices() -> list[Voice]:
    form = request.form
    return [Voice(form.get(f"name-{n}", ""), form.get(f"words-{n}", "")) for n in range(1, MOST_VOICES + 1)]


def _form(card: Row, example_id: bytes | None, title: str, voices: Sequence[Voice], errors: list[forms.Error]) -> str:
    used = max((n for n, v in enumerate(voices, 1) if v.name.strip() or v.body.strip()), default=0)
    boxes = min(MOST_VOICES, max(LEAST_BOXES, used + SPARE_VOICES))
    rows = [*voices, *[Voice("", "")] * MOST_VOICES][:boxes]
    return render_template(
        "groups/example_form.html",
        card=card,
        example_id=example_id,
        title=title,
        voices=rows,
        errors=errors,
        most_letters=examples.MOST_LETTERS,
    )


@bp.post("/g/<address>/examples/<ident:example_id>/up")
def move(address: str, example_id: bytes) -> AnyResponse:
    """Show one earlier."""
    card, actor = card_for_facilitator(address)
    examples.move_up(actor, queries.scope_of(card), example_id)
    return redirect(url_for("examples.show_list", address=address), 303)


@bp.get("/g/<address>/examples/<ident:example_id>/remove")
def ask_to_remove(address: str, example_id: bytes) -> str:
    """Show once more what would be gone."""
    card, actor = card_for_facilitator(address)
    found = shown(examples.get_example(actor, card.id, example_id))
    return render_template("groups/example_remove.html", card=card, example=found)


@bp.post("/g/<address>/examples/<ident:example_id>/remove")
def remove(address: str, example_id: bytes) -> AnyResponse:
    """Take one away."""
    card, actor = card_for_facilitator(address)
    examples.remove_example(actor, queries.scope_of(card), example_id)
    return redirect(url_for("examples.show_list", address=address), 303)
