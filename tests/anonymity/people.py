"""World W's people: when they come, what they read, what they write and when they hide their name. Made from a seed."""

import math
import random
from dataclasses import dataclass, field

#: With seed 7, 20 groups and 40 days: 1,844 masked of 13,025 posts.
MASKED = 0.066
VISITS_A_DAY = 1.04
POSTS_A_VISIT = 0.72
#: Written, and kept for later instead of sent.
KEEPS_FOR_LATER = 0.06
#: What people without a phone of their own use: the library, a friend's tablet.
SHARED_DEVICES = 0.15

OPENINGS = ("Today was", "This week was", "Last night was", "The morning was", "My visit was", "The phone call was")
FEELINGS = ("hard", "better", "slow", "quiet", "long", "too much", "kind", "strange", "all right", "heavy")
ENDINGS = (
    "I wanted to say it here.",
    "Thank you for reading.",
    "Does anyone know this?",
    "I hear you.",
    "One day more.",
)


@dataclass
class Habits:
    """One person's ways.

    :param visits: a day, on average. :param peak: the hour of the day around which most visits fall.
    :param hides: how likely they are to hide their name in a topic they never wrote in.
    """

    visits: float
    peak: float
    spread: float
    hides: float
    shared: bool
    named_in: set[bytes] = field(default_factory=set)
    hidden_in: set[bytes] = field(default_factory=set)


def habits(chance: random.Random) -> Habits:
    """Somebody new."""
    return Habits(
        visits=VISITS_A_DAY * chance.lognormvariate(-0.25, 0.7),
        peak=chance.choice((8, 13, 20, 22, 2)) + chance.uniform(-1.5, 1.5),
        spread=chance.uniform(1.5, 4.0),
        hides=MASKED * chance.lognormvariate(-0.4, 0.9),
        shared=chance.random() < SHARED_DEVICES,
    )


def times_of_visits(one: Habits, chance: random.Random) -> list[float]:
    """Seconds after midnight at which somebody comes on one day."""
    hours = (chance.gauss(one.peak, one.spread) % 24 for _n in range(poisson(one.visits, chance)))
    return [hour * 3600 for hour in hours]


def poisson(mean: float, chance: random.Random) -> int:
    """A number of things that happen independently."""
    limit, n, product = math.exp(-mean), 0, chance.random()
    while product > limit:
        n, product = n + 1, product * chance.random()
    return n


def hides_name(one: Habits, conversation_id: bytes, chance: random.Random) -> bool:
    """Whether they write under an alias here. Who did or did not before mostly stays with it."""
    if conversation_id in one.hidden_in:
        return chance.random() < 0.88
    return chance.random() < (0.02 if conversation_id in one.named_in else one.hides)


def words(chance: random.Random) -> str:
    """A post in nobody's own style: how somebody writes is no part of this trial. Now and then a link, which waits."""
    said = f"{chance.choice(OPENINGS)} {chance.choice(FEELINGS)}. {chance.choice(ENDINGS)}"
    return f"{said} https://example.org" if chance.random() < 0.015 else said
