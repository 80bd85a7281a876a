"""What one member chose for their own reading: whom they blocked, words they muted, how they like content notes.

Found by the tag of their persona and sealed, in a row of one size (docs/decisions/0040). It changes what they get and
nobody else's bytes: nobody is told, and no query over others' rows asks about it.
"""

import enum
import json
import unicodedata
from base64 import b85decode, b85encode
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from functools import lru_cache

from forum.base import broadcast, tagged
from forum.base.characters import fold
from forum.base.errors import Invalid
from forum.base.keyring import Scope
from forum.base.transaction import after_commit, retrying, transaction
from forum.base.words import _
from forum.models import ReaderChoice
from forum.policy.actor import Actor, Membership
from forum.policy.permissions import may_hold_choices, require

KIND = "reader_choice"
#: The sealed size of everybody's choices: it must not tell how many people somebody hides from.
SIZE = 8_192
#: What a person can still look through and undo; together they fit in SIZE in every script.
MOST_BLOCKED, MOST_WORDS, MOST_LETTERS = 150, 40, 30
#: Opened choices kept in memory: those of everybody who reads just now; at most some 20 MB.
OPENED_KEPT = 2_000


class Treatment(enum.StrEnum):
    """How a text is kept from a reader. Only NOTE may still be unfolded in its place."""

    BLOCKED = "blocked"  #: they blocked its author
    WORD = "word"  #: it has a word that they muted
    HIDDEN = "hidden"  #: it has a content note that they hide
    NOTE = "note"  #: it has a content note, and they did not say that they want such words open


@dataclass(frozen=True)
class Choices:
    """What one persona chose. Add what else is theirs alone as a field with a default, in JSON's own types.

    :param expanded: mask of note classes whose words stand open; `hidden`: of those put away. All others are folded.
    :param blocked: personas and masks, which share no id: a mask and its wearer are blocked apart (L16).
    :param words: muted words as they were typed.
    :param quiet_from: hour of the day by the group's clock from which notices wait; `quiet_until`: when they come.
    :param daily_hour: hour of the day at which the news of the day before come all at once; None: each at once.
    :param boards_seen: the beginnings of the ids of the boards there were when they last caught up.
    :param team_from: hour of the day from which the team's work may reach them off duty; `team_until`: until which.
    """

    expanded: int = 0
    hidden: int = 0
    blocked: frozenset[bytes] = frozenset()
    words: tuple[str, ...] = ()
    quiet_from: int | None = None
    quiet_until: int | None = None
    daily_hour: int | None = None
    boards_seen: str = ""
    team_from: int | None = None
    team_until: int | None = None

    @property
    def any_for_reading(self) -> bool:
        """Whether a page of words may look different for this reader."""
        return bool(self.expanded or self.hidden or self.blocked or self.words)

    def treat(self, author: bytes | None, notes: int, text: str = "") -> Treatment | None:
        """How to keep a text from this reader on any surface; None to show it. Never ask about their own words.

        :param author: the post's persona_id or mask_id. :param text: what would be shown, with its title.
        """
        if author in self.blocked:
            return Treatment.BLOCKED
        if notes & self.hidden:
            return Treatment.HIDDEN
        if self.mutes(text):
            return Treatment.WORD
        return Treatment.NOTE if notes & ~self.expanded else None

    def mutes(self, text: str) -> bool:
        """Whether a muted word stands in a text."""
        return bool(self.words and text) and self.finds_in(plain(text))

    def finds_in(self, folded: str) -> bool:
        """`mutes` for a text that went through `plain` before."""
        return any(wanted in folded for wanted in _wanted(self.words))


#: Who chose nothing, and who is nobody.
NOTHING = Choices()


def find(membership: Membership | None) -> Choices:
    """What this member chose."""
    if membership is None:
        return NOTHING
    value = tagged.find(ReaderChoice, membership.scope, KIND, (membership.persona_id,))
    return NOTHING if value is None else _unpack(value)


@retrying
def keep(actor: Actor, group_id: bytes, change: Callable[[Choices], Choices]) -> Choices:
    """Change what the actor chose in a group; gives what now holds.

    :param change: from what was chosen to what shall be; called again when another tab was quicker.
    :raises NotFound: not a member. :raises Invalid: more than can be kept.
    """
    require(may_hold_choices, actor, group_id)
    membership = actor.membership_in(group_id)
    assert membership is not None
    with transaction():
        return keep_here(membership, change)


def keep_here(membership: Membership, change: Callable[[Choices], Choices]) -> Choices:
    """Step: the same within a transaction."""
    ids = (membership.persona_id,)
    value = tagged.find(ReaderChoice, membership.scope, KIND, ids, lock=True)
    chosen = change(NOTHING if value is None else _unpack(value))
    if chosen == NOTHING:
        forget(membership.scope, membership.persona_id)
    else:
        tagged.keep(ReaderChoice, membership.scope, KIND, ids, _pack(chosen))
    if chosen.any_for_reading:
        after_commit(lambda: broadcast.fetch_alone(membership.persona_id))
    return chosen


def forget(scope: Scope, persona_id: bytes) -> None:
    """Step: nothing is chosen any more (a persona that goes)."""
    tagged.drop(ReaderChoice, scope, KIND, (persona_id,))


def choice_tags(scope: Scope, persona_id: bytes) -> list[bytes]:
    """Where a persona's choices are kept, for a query that reads them with something else."""
    return tagged.tags(scope, KIND, persona_id)


#: By tag, with the seal that was opened: to compare 8 kB takes a tenth of the time that hashing them takes.
_opened: OrderedDict[bytes, tuple[bytes, Choices]] = OrderedDict()


def open_choices(scope: Scope, tag: bytes, sealed: bytes) -> Choices:
    """What choices read with something else say."""
    kept = _opened.get(tag)
    if kept is None or kept[0] != sealed:
        kept = _opened[tag] = sealed, _unpack(tagged.open_value(ReaderChoice, scope, tag, sealed))
        if len(_opened) > OPENED_KEPT:
            _opened.popitem(last=False)
    return kept[1]


def plain(text: str) -> str:
    """A text for comparing: folded words of any script with one space around each."""
    return f" {' '.join(''.join(c if _is_of_word(c) else ' ' for c in fold(text)).split())} "


def clean_word(typed: str) -> str:
    """A word or a few as they are muted.

    :raises Invalid: nothing to look for, or more than a few words.
    """
    word = " ".join(typed.split())
    if not plain(word).strip():
        raise Invalid(_("Write the word that you do not want to see."), "word")
    if len(word) > MOST_LETTERS:
        raise Invalid(_("That is too long. A word can have %(most)s letters.", most=MOST_LETTERS), "word")
    return word


@lru_cache(maxsize=OPENED_KEPT)
def _wanted(words: tuple[str, ...]) -> tuple[str, ...]:
    """What to look for in a plain text: whole words; in scripts that put no space between words, their letters."""
    found = [plain(word) for word in words]
    return tuple(one.strip() if any(map(_has_no_spaces, one)) else one for one in found)


def _is_of_word(character: str) -> bool:
    """Letters, digits and the vowel signs that hang on letters in the scripts of India."""
    return character.isalnum() or unicodedata.category(character)[0] == "M"


#: Thai to Myanmar, Khmer, Japanese, Chinese.
_NO_SPACES = (
    (0x0E00, 0x0FFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3040, 0x30FF),
    (0x3400, 0x9FFF),
    (0x20000, 0x3FFFF),
)


def _has_no_spaces(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in _NO_SPACES)


def _pack(chosen: Choices) -> bytes:
    """JSON of one size.

    :raises Invalid: more than the size holds.
    """
    values = asdict(chosen) | {"blocked": sorted(b85encode(ident).decode() for ident in chosen.blocked)}
    said = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
    if max(len(chosen.blocked) - MOST_BLOCKED, len(chosen.words) - MOST_WORDS, len(said) - SIZE) > 0:
        raise Invalid(_("Your list is full. Take something off it first."))
    return said.ljust(SIZE)


def _unpack(value: bytes) -> Choices:
    """The inverse; what a newer or an older program kept besides is left out."""
    found = json.loads(value)
    known = {one.name: found[one.name] for one in fields(Choices) if one.name in found}
    known |= {"blocked": frozenset(map(b85decode, found["blocked"])), "words": tuple(found["words"])}
    return Choices(**known)
