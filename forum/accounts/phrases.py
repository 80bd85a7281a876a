"""The return phrase: six plain words that bring a person back, on any device, with no e-mail and no reset.

The words are EFF’s short list 2, as shipped by xkcdpass: 1,296 words that differ in their first three letters, and of
which no two are fewer than three letters' changes apart. So three letters of each word are enough, and one slip in a
word can still only mean one word.

Never put a phrase, or anything typed into its field, into a log line, an error message or an address.
"""

import importlib.resources
import re
import secrets
from functools import cache

from forum.base.characters import fold, normalise

WORDS_IN_A_PHRASE = 6  # 1,116 words to the sixth: 60.7 bits, each try at the cost of one Argon2id stretch
LETTERS_ENOUGH = 3

# In the list and understood when typed, but never given out: a phrase is met at a bad hour, alone, and is kept for
# years. Nothing about death, illness, drugs, weapons, crime, bodies, violence, insult, faith, peoples or loss.
_UNKIND = """
abandoned abhorrence abnormal abyss aggressor aghast agonizing aimlessly ambulance ammunition anesthesia
anxiety apnea arsonist asbestos ashamed asinine atrocious badass bazooka body buddhist caucasian cesspool
clergyman coathanger culprit cynicism dagger dastardly deranged dizziness droppings dwarfism dynamite
dyslexia eerie ecstasy eggnog egomaniac eliminator enforcer epidemic eskimo estrogen eulogy euthanize
exorcist explode femur feverish fleshiness gallstone gaslight ghoulishly goatskin guerrilla gullible gutless
gynecology hacking haggard handgun haughty hefty heinously hugeness hurricane hypnotist ibuprofen icepack
idiocy imbecile immigrant jailhouse jaundice jealous jeopardize jezebel jockstrap kamikaze kerosene knickers
laxative lazybones leukemia lewdness listless luscious maimed malformed massager monastery moonshine
mortuary mugshot mummy mutation nastiness natives nefarious nemesis nervously nicotine nirvana nuclear
nuisance numbing obituary obliterate obnoxious opium outhouse pantyhose pauper pesticide pharmacy physician
plank pneumonia poison poking policeman prune psychopath punchbowl railroad rancidity ravishing reservoir
revolver riptide rupture sabotage sacrifice sainthood samurai savage scythe sedative segregator serpent
severely skeleton slapping smelliness smitten spur suffocate sword synagogue syringes tavern throat
thwarting timid tirade tyrannical ultrasound underwear unbuttoned unhinge unjustly unmarked unnoticed
vagrancy vanquished virus vixen vulnerable widow wifeless womb wound wreckage wrongdoing yiddish zealot
zombie
"""
UNKIND = frozenset(_UNKIND.split())

_LETTERS = re.compile(r"[^\W\d_]+")
_APOSTROPHES = re.compile("['’‘ʼ`´]")


def new_phrase() -> str:
    """Return six words drawn by the system's own generator, with spaces between. Shown once, kept nowhere."""
    return " ".join(secrets.choice(kind_words()) for _ in range(WORDS_IN_A_PHRASE))


def read_phrase(typed: str) -> str | None:
    """Return the phrase that was meant, spelt as it was given out, or None if it cannot be one.

    Forgives capitals, accents, commas, hyphens, numbers before the words, curly quotation marks, words cut after
    three letters, and one slip in a word: a letter too many, too few, wrong, or swapped with the next.
    None tells nothing about any account: it says only that these are not six words of the list.

    :param typed: anything a person or a keyboard may put into the field.
    """
    typed = _APOSTROPHES.sub("", fold(normalise(typed[:400])))
    meant = [_meant(word) for word in _LETTERS.findall(typed)]
    return " ".join(filter(None, meant)) if None not in meant and len(meant) == WORDS_IN_A_PHRASE else None


@cache
def all_words() -> frozenset[str]:
    """Return every word understood in a phrase. "yo-yo" is left out: nobody would know how to write it down."""
    listed = importlib.resources.files("xkcdpass").joinpath("static", "eff-special").read_text("ascii").split()
    return frozenset(word for word in listed if word.isalpha())


@cache
def kind_words() -> tuple[str, ...]:
    """Return the words given out, in a fixed order."""
    return tuple(sorted(all_words() - UNKIND))


def _meant(typed: str) -> str | None:
    """Return the one word of the list that was meant, or None.

    A slip anywhere is tried before the first three letters: "acod" is "acid" mistyped, not a start of "acorn".
    """
    if typed in all_words():
        return typed
    begun = _by_start().get(typed[:LETTERS_ENOUGH])
    if begun and begun.startswith(typed):
        return begun
    close = _one_slip_from(typed) & all_words() if len(typed) <= 12 else set()
    return close.pop() if len(close) == 1 else begun


@cache
def _by_start() -> dict[str, str]:
    return {word[:LETTERS_ENOUGH]: word for word in all_words()}


def _one_slip_from(word: str) -> set[str]:
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    letters = "abcdefghijklmnopqrstuvwxyz"
    fewer = {a + b[1:] for a, b in cuts if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    other = {a + c + b[1:] for a, b in cuts if b for c in letters}
    more = {a + c + b for a, b in cuts for c in letters}
    return fewer | swapped | other | more
