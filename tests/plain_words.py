"""How plain a text is: school grade and longest sentence, for the tests of what people read.

textstat counts syllables with a dictionary that it downloads on first use; a test may not reach the network, and
without it the count comes from hyphenation, which is too kind. So syllables are counted here, by groups of vowels.
"""

import re

MOST_WORDS_IN_A_SENTENCE = 20
HIGHEST_GRADE = 6.0  #: US school grade 6 is a reading age of 11
#: Easy Read: two years of school less, one short sentence a line, so that each line is one idea.
EASY_GRADE, MOST_EASY_WORDS = 4.0, 12


def grade(text: str) -> float:
    """Give the Flesch-Kincaid grade: 0.39 × words per sentence + 11.8 × syllables per word − 15.59.

    :param text: English; Kincaid and others, Navy report 8-75 (1975), is the source of the formula.
    """
    parts = sentences(text)
    words = [word for part in parts for word in words_of(part)]
    return 0.39 * len(words) / len(parts) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def longest_sentence(text: str) -> int:
    """Count the words of the longest sentence."""
    return max(len(words_of(part)) for part in sentences(text))


def is_easy(text: str) -> bool:
    """Whether it is Easy Read: each line is one short sentence, in words of the first years of school."""
    parts = [sentences(line) for line in text.splitlines()]
    one_each = bool(parts) and all(len(part) == 1 for part in parts)
    return one_each and grade(text) <= EASY_GRADE and longest_sentence(text) <= MOST_EASY_WORDS


def sentences(text: str) -> list[str]:
    """Cut at full stops, question and exclamation marks, colons, and ends of lines."""
    return [part for part in re.split(r"[.!?:…]+(?=\s|[\"”')]|$)|\n+", text) if words_of(part)]


def words_of(text: str) -> list[str]:
    """Words with a letter in them; an apostrophe belongs to its word."""
    return re.findall(r"[a-z]+(?:['’][a-z]+)*", text.lower())


def syllables(word: str) -> int:
    """Estimate the syllables of one English word, at least one."""
    word = re.sub(r"['’]", "", word)
    word = re.sub(r"(?<=[^aeiouyl])e$|(?<=[aeiouy]l)e$|(?<=[^aeiouytd])ed$|(?<=[^aeiouycgsxz])es$", "", word)
    return max(
        1, len(re.findall(r"[aeiouy]+", word)) + len(re.findall(r"[aeiouy]ing$|(?<![tscgx])i[ao]|eo(?!u|p)", word))
    )
