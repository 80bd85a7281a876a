"""Between a form and its post when the ground rules changed: the words are kept, what changed stands beside them, and
agreeing there posts the very same words.

Words that sound like danger reach the team whatever their author answers.
"""

import logging
from dataclasses import dataclass

from flask import render_template, request

from forum.base.errors import Conflict, Invalid, NotAllowed, origin
from forum.base.idents import read_ident, write_ident
from forum.base.keyring import Scope
from forum.base.text import MAX_BODY
from forum.conversations import drafts, unsent
from forum.conversations.prepare import Words
from forum.conversations.writing_forms import begun, kept_of
from forum.ground_rules import agreeing
from forum.ground_rules.agreeing import Again
from forum.ground_rules.views import ANSWER, answers_here
from forum.groups.queries import duty_sentence
from forum.policy.actor import Actor
from forum.web import forms

log = logging.getLogger(__name__)

#: The field that says to which version the button on the page agrees, and those that stand on the page by themselves.
VERSION = "rules-version"
_OWN_FIELDS = frozenset({VERSION, "method", "body", "csrf_token", "later"})


@dataclass(frozen=True)
class Blocked:
    """A form that cannot be posted before its author answered the rules.

    :param keep_at: where its words are kept, as in `drafts.keep_draft`. :param address: of the group. :param back: a page
        to read on. :param conversation_id: where the words were to stand, if that is there already.
    """

    actor: Actor
    scope: Scope
    keep_at: bytes
    address: str
    zone: str
    back: str
    words: Words
    title: str = ""
    conversation_id: bytes | None = None


def stop(form: Blocked) -> str | None:
    """The page that asks, with the words in it; None if they may be posted: nothing is asked, or it was answered here.

    :raises Invalid: too long to keep; the form itself comes back with its words.
    """
    membership = form.actor.membership_in(form.scope.group_id)
    if membership is None or membership.agreed:
        return None
    again = agreeing.find_again(form.actor, form.scope)
    if again is None:
        return None
    errors, reply = _take_answer(form)
    if errors is None:
        return None
    return _page(form, again, errors, reply)


def _take_answer(form: Blocked) -> tuple[list[forms.Error] | None, str]:
    """What to show beside the question: mistakes, or what a rule says to "not now". None: they agreed."""
    if VERSION not in request.form:
        return [], ""
    try:
        agreeing.agree_again(form.actor, form.scope, read_ident(request.form[VERSION]), answers_here())
    except Invalid as error:
        return forms.errors_of(error), ""
    except Conflict as error:
        return [forms.Error("", error.message)], ""
    except NotAllowed as error:
        return [], error.message
    return None, ""


def _page(form: Blocked, again: Again, errors: list[forms.Error], reply: str) -> str:
    drafts.keep_draft(form.actor, form.scope.group_id, form.keep_at, kept_of(form.words, form.title), begun())
    hard = unsent.sounds_hard(form.words, form.title)
    return render_template(
        "conversations/rules_first.html",
        again=again,
        rules=again.rules,
        version=write_ident(again.rules.version_id),
        errors=errors,
        reply=reply,
        method=request.form.get("method", "self"),
        words=form.words,
        here=request.path,
        address=form.address,
        back=form.back,
        fields=_others(),
        most_letters=MAX_BODY,
        hard=hard,
        told=hard and _tell_team(form),
        duty=duty_sentence(form.scope.group_id, form.zone),
    )


def _others() -> list[tuple[str, str]]:
    """Everything else that the form said, so that what is posted in the end is what was meant. A form without a token
    gets its own here: sent again, it is the same."""
    said = [(name, value) for name, value in request.form.items(multi=True) if not _is_own(name)]
    return said if "token" in request.form else [*said, ("token", forms.token())]


def _is_own(name: str) -> bool:
    return name in _OWN_FIELDS or name.startswith(ANSWER)


def _tell_team(form: Blocked) -> bool:
    """Whether the team has these words now. If it cannot be told, the page must not say that it was."""
    try:
        unsent.tell_team(form.actor, form.scope, form.words, forms.token(), form.conversation_id, form.title)
    except (Invalid, NotAllowed) as error:
        log.error("words that sound like danger could not be shown to a team. %s", origin(error))
        return False
    return True
