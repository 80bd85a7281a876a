"""Which languages the detectors were measured in, and whether a text is in one of them.

A text in another language is not "clean": nobody looked. The team reads "not screened" beside it.
"""

import re

#: In these the sentences of tests/moderation/sentences were labelled and the figures of docs/decisions/0064 hold.
MEASURED = frozenset({"en"})
#: Shorter texts do not tell their language; then the one that their author chose counts.
ENOUGH_WORDS = 6
#: English in any dialect that we collected has every sixth word from this list; other languages nearly none.
LEAST_SHARE = 1 / 8

_WORD = re.compile(r"[^\W\d_]+")
_LATIN_END = "\u024f"
_COMMON = frozenset(
    _WORD.findall(
        """a about after all am an and are as at back be because been but by can cant come could day did didnt do dont for from
    get go going got had has have he her here him his how i id if ill im in is it its ive just keep know last like me
    more my myself need never no not now of off on one or out over really said she so some still take that thats the
    them then there they this to too up us was wasnt we were what when where who why will with without would you your
    dinnae cannae wee aye owt nowt wi tae ah"""
    )
)


def is_screened(folded: str, chosen: str) -> bool:
    """Whether the detectors know the language of a text.

    :param folded: text from `characters.fold`. :param chosen: the language its author chose, as in "en" or "en-GB".
    """
    words = _WORD.findall(folded.replace("'", "").replace("’", ""))
    if not words:
        return True  # figures and signs are the same in every language
    if len(words) < ENOUGH_WORDS:
        return chosen.partition("-")[0] in MEASURED and _is_latin(words)
    return sum(word in _COMMON for word in words) >= len(words) * LEAST_SHARE


def _is_latin(words: list[str]) -> bool:
    return all(character <= _LATIN_END for word in words for character in word)
