"""What the group's rules keep from being written at all: said with the rule and its date, and the words stay.

Every way to write asks here: a post, an edit, a question to everybody, words about oneself, an import.
"""

from dataclasses import replace

from forum.base.errors import Invalid
from forum.base.words import _
from forum.policy.gate import Verdict
from forum.policy.terms import Terms


def require_words(verdict: Verdict, terms: Terms, field: str = "body") -> None:
    """Step: nothing in these words is against the group's rules. :raises Invalid: something is; says what to do."""
    for key in verdict.refused:
        raise Invalid(f"{_what_to_do(key)} {terms.cite(key)}", field)


def require_no_link(verdict: Verdict, terms: Terms, field: str) -> None:
    """Step: the same for words that no content note can stand before. :raises Invalid: they have a link."""
    require_words(replace(verdict, refused=tuple(key for key in verdict.refused if key == "links")), terms, field)


def require_face(terms: Terms, masked: bool) -> None:
    """Step: a name may be hidden here. :raises Invalid: the rules say that names show."""
    if masked and terms.values["identity.anon_post"] != "on":
        raise Invalid(f"{_what_to_do('identity.anon_post')} {terms.cite('identity.anon_post')}")


def _what_to_do(key: str) -> str:
    """What is in the way, and what to do; the rule itself follows."""
    words = {
        "links": _("Nobody posts links here. Please leave the link out. Your words are kept. Nothing is posted."),
        "content_notes": _(
            "These words need a content note first. Please choose one and post again. Your words are kept."
        ),
        "identity.anon_post": _(
            "Names show here, so you cannot hide yours. Your words are kept. Nothing is posted. "
            "You can write to the team under a hidden name."
        ),
    }
    return words[key]
