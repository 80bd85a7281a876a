"""Which languages the detectors were measured in, and whether a text is in one of them.

A text in another language is not "clean": nobody looked. The team reads "not screened" beside it.
"""

from moderation.detectors.tokens import letters_in

#: In these the sentences of tests/moderation/sentences were labelled and the figures of docs/decisions/0064 hold.
MEASURED = frozenset({"en"})
#: Shorter texts do not tell their language; then the one that their author chose counts.
ENOUGH_WORDS = 6
#: English in any dialect that we collected has more words from this list; other languages nearly none.
LEAST_SHARE = 1 / 8

_LATIN_END = "\u024f"
#: No word of one letter, and none of two that other languages have as well: "i", "do", "to" and "no" are Polish, too.
_COMMON = frozenset(
    letters_in(
        """about after again all am and any are back because been bed but can cant come could day did didnt dont down each feel for
        from get getting going got had has have her here him his how if ill im it its ive just keep know last like long made make
        many more most much my myself need never new night not now of off one out over own people really said same say she some
        still take tell than that thats the their them then there they thing things think this time today too took up us very
        want was wasnt way we week went were which what when where who why will with without work would year years you your
        me he she at so in on be live email add call ring number stop stopped wanting cut head usual nothing wanna good
        zero two three four five six seven eight nine ten double dinnae cannae wee aye owt nowt tae ah ahm ahll oot aboot"""
    )
)


def is_screened(folded: str, chosen: str) -> bool:
    """Whether the detectors know the language of a text.

    :param folded: text from `characters.fold`. :param chosen: the language its author chose, as in "en" or "en-GB".
    """
    words = letters_in(folded.replace("'", "").replace("’", ""))
    if not words:
        return True  # figures and signs are the same in every language
    if len(words) < ENOUGH_WORDS:
        return chosen.partition("-")[0] in MEASURED and _is_latin(words)
    return sum(word in _COMMON for word in words) >= len(words) * LEAST_SHARE


def _is_latin(words: list[str]) -> bool:
    return all(character <= _LATIN_END for word in words for character in word)
