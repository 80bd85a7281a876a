"""Links that look sold rather than shared. Any link waits for a person already; these are said to be something else."""

import re
from collections.abc import Collection
from functools import lru_cache

from moderation.detectors.contacts import has_link

#: They hide where they lead. Video, chat and payment sites have short names of their own, which hide nothing.
_SHORTENERS = (
    (
        "bit.ly tinyurl.com t.co goo.gl ow.ly is.gd buff.ly cutt.ly rb.gy rebrand.ly shorturl.at tiny.cc v.gd bl.ink "
        "t.ly s.id lnkd.in adf.ly shorte.st"
    )
    .replace(".", r"\.")
    .replace(" ", "|")
)
_SHORT = re.compile(rf"(?<![\w.-])(?:{_SHORTENERS})/\w")
#: An address in letters that only look like the ones of a known name.
_PUNYCODE = re.compile(r"(?<![\w])xn--[\w-]{2,}\.")
#: What is sold in groups like these. Only beside a link: people speak of debts, tablets and scams.
_SELLING = re.compile(
    r"\b(?:buy now|order now|click here|limited offer|discount code|promo code|free trial|no prescription|without (?:a )?prescription"
    r"|guaranteed (?:cure|results|loan|income)|miracle cure|cures? (?:depression|anxiety|adhd|diabetes)|earn £?\d+|make £?\d+ (?:a|per)"
    r"|work from home|passive income|crypto|bitcoin|forex|investment opportunity|loans? approved|spell ?caster|love spell"
    r"|whatsapp me|dm me for|inbox me for|check out my (?:shop|store|channel|page)|my affiliate|sign up (?:here|now|with my))\b"
)
#: Three addresses in one post of a few words are a leaflet.
_MANY = 3
_ADDRESS = re.compile(r"\bhttps?://|\bwww\.")
_FEW_WORDS = 40


def looks_sold(folded: str) -> bool:
    """Say whether a text that has a link looks like spam.

    :param folded: text from `characters.fold`, in which a link was found.
    """
    if _SHORT.search(folded) or _PUNYCODE.search(folded) or _SELLING.search(folded):
        return True
    return len(_ADDRESS.findall(folded)) >= _MANY and len(folded.split()) < _FEW_WORDS


def all_known(folded: str, places: Collection[str]) -> bool:
    """Say whether every link in a text that has one leads to one of these places.

    What only looks like one of them does not count: "nhs.uk.example.com", "nhs.uk@example.com".

    :param places: host names; what stands before them and a dot belongs to them.
    """
    return not has_link(_known_link(tuple(sorted(places))).sub(" ", folded))


@lru_cache(maxsize=4)
def _known_link(places: tuple[str, ...]) -> re.Pattern[str]:
    hosts = "|".join(map(re.escape, places))
    return re.compile(rf"(?<![\w@.:/-])(?:https?://)?(?:[\w-]+\.)*(?:{hosts})(?![\w@:-]|\.\w)(?:/[\w/.~%#?=&+-]*)?")
