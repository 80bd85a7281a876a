"""Words that somebody may look for when they need a person more than a list of posts.

They only bring the numbers nearer. Nothing is kept, counted or told to anybody because of them: who is afraid of being
noticed would not look.
"""

#: Folded (forum.base.characters.fold) beginnings of words; several words stand one after the other. English and Urdu.
BEGINNINGS = (
    "suicid",
    "kill myself",
    "killing myself",
    "end my life",
    "ending my life",
    "end it all",
    "take my life",
    "want to die",
    "wanna die",
    "wish i was dead",
    "better off dead",
    "overdos",
    "hang myself",
    "hurt myself",
    "hurting myself",
    "cut myself",
    "cutting myself",
    "self harm",
    "selfharm",
    "no reason to live",
    "خودکشی",
    "خود کشی",
    "مرنا چاہت",
    "جان دے دو",
    "خود کو نقصان",
)


def speaks_of_it(words: list[str]) -> bool:
    """Whether folded words may be those of somebody in danger.

    :param words: in their order, as forum.conversations.search_words gives them.
    """
    said = f" {' '.join(words)}"
    return any(f" {beginning}" in said for beginning in BEGINNINGS)
