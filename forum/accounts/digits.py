"""Secrets as digits in groups of four: for people who read no Latin letters, dictate them, or have only a number pad.

A return phrase and its twenty digits are the same secret written twice. The last digit checks the others (ISO 7064,
MOD 11,10): it finds every wrong digit, and tells nothing about any account.
"""

import secrets
import unicodedata
from functools import cache

from forum.accounts.phrases import WORDS_IN_A_PHRASE, all_words
from forum.base.characters import normalise

#: 1,295 words to the sixth have nineteen digits; the twentieth is the check.
PHRASE_DIGITS = 20
#: For a device at hand: a hundred thousand million, ten minutes, and tries that slow down.
CODE_DIGITS = 12
GROUP = 4
#: Longer than anybody writes twenty digits, with whatever stands between them.
_LONGEST = 200


def of_phrase(phrase: str) -> str:
    """The digits of a phrase as `phrases.read_phrase` spells it, without spaces."""
    number = 0
    for word in phrase.split():
        number = number * len(_ordered()) + _ordered().index(word)
    return _checked(f"{number:0{PHRASE_DIGITS - 1}}")


def to_phrase(digits: str) -> str | None:
    """The phrase that these digits are, or None if they cannot be one."""
    if len(digits) != PHRASE_DIGITS or not is_whole(digits):
        return None
    number, words = int(digits[:-1]), []
    for _word in range(WORDS_IN_A_PHRASE):
        number, n = divmod(number, len(_ordered()))
        words.append(_ordered()[n])
    return " ".join(reversed(words)) if number == 0 else None


def new_code() -> str:
    """Twelve digits for the next device, drawn by the system's own generator."""
    return _checked(f"{secrets.randbelow(10 ** (CODE_DIGITS - 1)):0{CODE_DIGITS - 1}}")


def typed_digits(typed: str) -> str | None:
    """The digits of what was typed, in any script and with anything between; None if there are letters, or no digit."""
    typed = normalise(typed[:_LONGEST])
    if any(character.isalpha() for character in typed):
        return None
    return "".join(str(unicodedata.decimal(character)) for character in typed if character.isdecimal()) or None


def is_whole(digits: str) -> bool:
    """Whether the last digit fits the others."""
    return len(digits) > 1 and _checked(digits[:-1]) == digits


def in_groups(digits: str) -> list[str]:
    """The digits four by four, as people read them out."""
    return [digits[n : n + GROUP] for n in range(0, len(digits), GROUP)]


def _checked(digits: str) -> str:
    product = 10
    for digit in digits:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return digits + str((11 - product) % 10)


@cache
def _ordered() -> tuple[str, ...]:
    """Every word in an order that must never change: a card printed today is typed in years (a test holds it)."""
    return tuple(sorted(all_words()))
