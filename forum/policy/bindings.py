"""What a clause can bind: each setting with its values from loose to strict, and what holds where a group decided nothing.

A clause names a key and a value; the organisation's floor may ask for more. What counts is computed from both and never
stored, so that no page and no old row can say anything else. No code in rules: a value is one of a few fixed words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forum.base.errors import Invalid
from forum.base.words import _, lazy


@dataclass(frozen=True)
class Binding:
    """One setting that ground rules can decide.

    :param values: from the loosest to the strictest. :param default: holds where no clause says anything.
    :param name: what it is about, as a heading. :param words: what each value means for members, a sentence each.
    :param exists: the program does as it says; else no page shows what it is about, as the strictest value asks.
    """

    key: str
    values: tuple[str, ...]
    default: str
    name: Any
    words: Mapping[str, Any]
    exists: bool = True


def _binding(key: str, name: Any, default: str, words: Mapping[str, Any], *, exists: bool = True) -> Binding:
    return Binding(key, tuple(words), default, name, words, exists)


_ALL = (
    _binding(
        "identity.names",
        lazy("What people call themselves"),
        "first names ok",
        {
            "first names ok": lazy("You can use your first name, or a made-up one."),
            "pseudonym only": lazy("Everyone uses a made-up name of our words, so no name tells who you are."),
        },
    ),
    _binding(
        "identity.cross_group",
        lazy("The same name in two groups"),
        "separate handle",
        {
            "same handle": lazy("You can use a name that you have in another group. We tell you what that shows."),
            "separate handle": lazy("You need a name here that you use in no other group."),
        },
    ),
    _binding(
        "identity.anon_post",
        lazy("Hiding your name"),
        "on",
        {
            "off": lazy("You write under your name in the group."),
            "on": lazy("You can hide your name when you write. The team does not learn it either."),
        },
    ),
    _binding(
        "links",
        lazy("Links"),
        "facilitator posts",
        {
            "open": lazy("A link goes out at once, if nothing else holds the post."),
            "known-safe list": lazy("A link to a place that we know goes out at once. Other links wait for a person."),
            "facilitator posts": lazy("A post with a link waits for a person. The team can post links at once."),
            "none": lazy("Nobody posts links here."),
        },
    ),
    _binding(
        "attachments",
        lazy("Pictures and files"),
        "none",
        {"none": lazy("There are no pictures or files here. You can describe them in words.")},
    ),
    _binding(
        "premod",
        lazy("Reading posts before others see them"),
        "none",
        {
            "none": lazy("Posts go out at once, if nothing else holds them."),
            "newcomers": lazy("First posts of new people wait for a person. So do all posts under a hidden name."),
            "named topics": lazy("A post with a content note waits for a person, and so do first posts."),
            "all": lazy("A person reads each post before others see it."),
        },
    ),
    _binding(
        "content_notes",
        lazy("A note before hard words"),
        "optional",
        {
            "optional": lazy("You can put a note before words that may be hard to read."),
            "required": lazy("Words about what the team lists need a note first."),
        },
    ),
    _binding(
        "dm",
        lazy("Private messages"),
        "off",
        {"off": lazy("Members cannot message each other here. You can always write to the team.")},
    ),
    _binding(
        "board.retention",
        lazy("How long words are kept"),
        "keep",
        {
            "keep": lazy("Words stay until you take them back."),
            "2 years": lazy("A topic goes two years after its last answer."),
            "1 year": lazy("A topic goes one year after its last answer."),
            "90 days": lazy("A topic goes 90 days after its last answer."),
        },
    ),
    _binding(
        "chat.retention",
        lazy("How long words in live rooms are kept"),
        "90 days",
        {
            "90 days": lazy("Words in live rooms go after 90 days."),
            "30 days": lazy("Words in live rooms go after 30 days."),
            "24 hours": lazy("Words in live rooms go after a day."),
            "end of session": lazy("Words in live rooms go when the meeting ends."),
        },
    ),
    _binding(
        "chat.hands",
        lazy("Raising hands in live rooms"),
        "off",
        {
            "off": lazy("Everyone speaks when they like."),
            "on": lazy("You can raise a hand to speak next."),
            "when called": lazy("You speak when the facilitator calls you."),
        },
    ),
    _binding(
        "chat.slow_mode",
        lazy("A pause between words in live rooms"),
        "0 seconds",
        {
            "0 seconds": lazy("You can write again at once."),
            "10 seconds": lazy("You can write again after 10 seconds."),
            "30 seconds": lazy("You can write again after 30 seconds."),
            "60 seconds": lazy("You can write again after a minute."),
        },
    ),
    _binding(
        "chat.late_entry",
        lazy("Coming late to a meeting"),
        "open",
        {
            "open": lazy("You can come in at any time."),
            "first 15 minutes": lazy("You can come in for the first 15 minutes."),
        },
    ),
    _binding(
        "chat.presence",
        lazy("Who sees that you are there"),
        "show",
        {
            "show": lazy("Others can see that you are there."),
            "hide lurkers": lazy("Others see you only once you speak."),
        },
        exists=False,
    ),
    _binding(
        "crisis_talk",
        lazy("Talking about wanting to die"),
        "open with note",
        {
            "open with note": lazy("You can talk about it here, with a note before it."),
            "supported space": lazy("You can talk about it where a person of the team reads first."),
            "redirect kindly": lazy(
                "We do not go into it here. You see at once who can listen. A person of the team reads first, "
                "and a content note always stands before such words."
            ),
        },
    ),
    _binding(
        "mod.transparency",
        lazy("What the team tells about its work"),
        "none",
        {
            "none": lazy("The team tells each author what it decided about their words."),
            "monthly counts": lazy("Each month the group reads how often the team acted, in numbers."),
        },
    ),
    _binding(
        "mod.premod_hours",
        lazy("Posts while nobody of the team is here"),
        "staffed only",
        {
            "staffed only": lazy("Posts go out at night as they do by day."),
            "always": lazy("What is written while nobody of the team is here waits for them."),
        },
    ),
)

REGISTRY: Mapping[str, Binding] = {binding.key: binding for binding in _ALL}
RETENTION = "board.retention"
#: Its values in days.
DAYS = {"2 years": 730, "1 year": 365, "90 days": 90}


def days_of(value: str | None) -> int | None:
    """A time of the setting RETENTION in days; None: words stay. What this program does not know counts as the shortest."""
    if value is None or value == REGISTRY[RETENTION].default:
        return None
    return DAYS.get(value, min(DAYS.values()))


def check(key: str, value: str) -> Binding:
    """The setting, if it has this value.

    :raises Invalid: there is no such setting, or no such value of it.
    """
    binding = REGISTRY.get(key)
    if binding is None or value not in binding.values:
        raise Invalid(_("Choose one of the values on offer."), "binding_value")
    return binding


def is_looser(key: str, one: str, other: str) -> bool:
    """Whether `one` allows more than `other`. :raises Invalid: no such setting or value."""
    values = check(key, one).values
    check(key, other)
    return values.index(one) < values.index(other)


def strictest(key: str, *values: str) -> str:
    """The one that allows least. :raises Invalid: no such setting or value."""
    for value in values:
        check(key, value)
    return max(values, key=REGISTRY[key].values.index)
