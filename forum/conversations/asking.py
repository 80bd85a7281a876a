"""The one question between a form and its post: these words may tell who somebody is, or have a word of the group's list.

The gate says what to ask, and nothing of it is kept. Whoever says "post it as it is" is not asked again.
"""

from dataclasses import replace
from typing import Any

from flask import render_template, request

from forum.base.characters import normalise
from forum.base.pools import look_through, render_pool
from forum.base.text import MAX_BODY
from forum.base.words import lazy
from forum.conversations.prepare import Words
from forum.policy import gate

#: What each kind of detail is called, for its author.
KINDS = {
    "phone": lazy("a phone number"),
    "email": lazy("an email address"),
    "postcode": lazy("a postcode"),
    "address": lazy("a street and house number"),
    "handle": lazy("a name on another site or app"),
    "name": lazy("a full name"),
    "nhs": lazy("an NHS number"),
    "nino": lazy("a National Insurance number"),
    "born": lazy("a date of birth"),
}
#: The buttons of the question, and fields that stand on its page by themselves.
ANSWER, KEEP, COVER = "details", "keep", "cover"
_OWN_FIELDS = frozenset({ANSWER, "body", "csrf_token"})


def find_question(words: Words, group_words: frozenset[str], title: str = "") -> Any:
    """What to ask before these words are posted; false if nothing, or if it was answered.

    :param title: of the topic that they begin.
    """
    return None if request.form.get(ANSWER) in (KEEP, COVER) else find_question_of(words, group_words, title)


def find_question_of(words: Words, group_words: frozenset[str], title: str = "") -> Any:
    """The same of words that came without a form, and so without an answer to it."""
    if len(words.body) > MAX_BODY:
        return None
    said = normalise(f"{title}\n\n{words.body}" if title else words.body)
    return look_through(said, gate.questions, said, group_words)


def answered(words: Words, title: str = "") -> tuple[Words, str]:
    """The words and the title as their author wants them posted: covered, if they chose that."""
    if request.form.get(ANSWER) != COVER:
        return words, title
    return replace(words, body=_covered(words.body)), _covered(title)


def _covered(text: str) -> str:
    """If a detail cannot be covered the text stays as it is, and goes the way of all posts."""
    return (render_pool.run(gate.cover, normalise(text)) or text) if text and len(text) <= MAX_BODY else text


def show_question(asked: Any, words: Words, address: str) -> str:
    """The page of the question: the same form, with what was typed, to post as it is, with details covered, or changed.

    :param asked: from `find_question`. :param address: of the group.
    """
    return render_template(
        "conversations/asking.html",
        own=[KINDS[kind] for kind in asked.own],
        others=[KINDS[kind] for kind in asked.others],
        listed=asked.words,
        rules=asked.rules,
        covered=_covered(words.body) if asked.covered else "",
        words=words,
        here=request.path,
        address=address,
        fields=[pair for pair in request.form.items(multi=True) if pair[0] not in _OWN_FIELDS],
        most_letters=MAX_BODY,
    )
