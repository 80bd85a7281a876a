"""Notes on an item as forms: a note, a question to a colleague, an answer."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Invalid, NotFound
from forum.policy.permissions import Denial
from forum.web import forms
from moderation import item_page, notes
from moderation.round_models import NoteKind

bp = Blueprint("case_notes", __name__)


@bp.post("/cases/<ident:item_id>/notes")
def write(item_id: bytes) -> AnyResponse | tuple[str, int]:
    """Keep a note. Whoever looks at the item goes on looking at it."""
    here = item_page.item_here(item_id)
    kind, words = request.form.get("kind", NoteKind.NOTE.value), request.form.get("note_words", "")
    if kind not in set(NoteKind):
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    try:
        notes.write(here.actor, item_id, NoteKind(kind), words)
    except Invalid as error:
        return item_page.render(here, {"note_words": words}, forms.errors_of(error)), error.status
    return redirect(f"{url_for('items.show', item_id=item_id)}#notes", 303)
