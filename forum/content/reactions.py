"""The kind words that a quiet reaction can say."""

from collections.abc import Iterable

from forum.base.words import lazy

#: The n-th stands for the bit 1 << n of `post.reacted`. None of them agrees, praises or counts. New ones go to the end.
KINDS = (
    lazy("I am with you"),
    lazy("Thank you"),
    lazy("I have been there too"),
    lazy("I see you"),
)
EVERY_KIND = (1 << len(KINDS)) - 1


def kinds_of(mask: int) -> tuple[str, ...]:
    """The kinds in words."""
    return tuple(str(words) for n, words in enumerate(KINDS) if mask & 1 << n)


def read_mask(chosen: Iterable[str]) -> int:
    """What a form says; nonsense is nothing said."""
    known = {str(n): 1 << n for n in range(len(KINDS))}
    return sum(known.get(one, 0) for one in set(chosen))
