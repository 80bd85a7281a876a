"""Which languages the people who moderate read: what is written in one of them is offered to them first.

Nothing is hidden, and the list keeps its order: what nobody has said that they read is everybody's.
"""

from collections.abc import Iterable

from forum.base.errors import Invalid
from forum.base.keyring import Scope
from forum.base.words import _
from forum.groups import rota
from forum.policy.actor import Actor
from forum.policy.permissions import may_look_after, require
from forum.web.language import TAG
from moderation import own
from moderation.detectors.languages import MEASURED
from moderation.own import Own

#: More than anybody reads well; a row has one size.
MOST = 8


def base(lang: str) -> str:
    """The language of a tag without its country or script: "pt" of "pt-BR"."""
    return lang.partition("-")[0].lower()


def is_marked(lang: str) -> bool:
    """Whether the page says in which language words are: all but those in which the program looks by itself."""
    return bool(lang) and base(lang) not in MEASURED


def clean(typed: Iterable[str]) -> tuple[str, ...]:
    """What a form says. :raises Invalid: too many. What is no language is left out."""
    known = dict.fromkeys(base(one) for one in typed if TAG.fullmatch(one))
    if len(known) > MOST:
        raise Invalid(_("Choose at most %(n)s languages.", n=MOST), "langs")
    return tuple(known)


def reads(mine: Own, lang: str) -> bool:
    """Whether they said that they read it."""
    return base(lang) in mine.langs


def list_of_others(scope: Scope, me: bytes) -> set[str]:
    """The languages that colleagues read, and not who of them: as one set, so that it names nobody."""
    others = [one for one in rota.list_team(scope) if one != me]
    return {lang for one in own.find_of(scope, others).values() for lang in one.langs}


def is_for_others(mine: Own, lang: str, others: set[str]) -> bool:
    """Whether somebody else reads it and they do not."""
    return is_marked(lang) and not reads(mine, lang) and base(lang) in others


def who_reads(actor: Actor, scope: Scope, lang: str) -> str:
    """Of the words of one item: "me", "other", "nobody"; "" where the page says nothing. :raises NotFound: not of the team."""
    require(may_look_after, actor, scope.group_id)
    if not is_marked(lang):
        return ""
    membership = actor.memberships[scope.group_id]
    if reads(own.find(membership), lang):
        return "me"
    return "other" if base(lang) in list_of_others(scope, membership.persona_id) else "nobody"
