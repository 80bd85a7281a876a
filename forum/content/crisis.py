"""Crisis lines: whom a person in danger or distress can turn to at once.

Read without a database, so that the help page still works when everything else is down.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from forum.content.reading import ContentError, Entry, read_entry

SHIPPED = Path(__file__).with_name("crisis.toml")
DEFAULT = "default"  #: shown to whoever has not chosen; we never guess where a person is
NATIONS = (DEFAULT, "england", "scotland", "wales", "northern-ireland")


@dataclass(frozen=True)
class Contact:
    """One way to reach help; tel or sms may be empty, never both."""

    name: str
    why: str
    tel: str  #: as people read it, with spaces
    sms: str
    hours: str
    about: str = ""  #: what it is for, where a page shows only such lines: "abuse"

    @property
    def tel_digits(self) -> str:
        """The number as a tel: link wants it."""
        return _digits(self.tel)

    @property
    def sms_digits(self) -> str:
        """The number as an sms: link wants it."""
        return _digits(self.sms)


@dataclass(frozen=True)
class _Listed:
    contact: Contact
    nations: tuple[str, ...]
    verified_on: date | None


def contacts(nation: str, path: Path | None = None) -> tuple[Contact, ...]:
    """List the crisis contacts of a nation, most urgent first.

    :param nation: one of NATIONS.
    :param path: the organisation's own file; None for the one that comes with the product.
    :raises ContentError: unknown nation, or a file that cannot be used. Call it once at start-up, so that a
        mistake in the file stops the start and not somebody's night.
    """
    if nation not in NATIONS:
        raise ContentError(f"“{nation}” is not a nation we know; use one of: {', '.join(NATIONS)}.")
    return tuple(listed.contact for listed in _load(path or SHIPPED) if nation in listed.nations)


def abuse_lines(every: tuple[Contact, ...]) -> tuple[Contact, ...]:
    """Of a nation's contacts those for people whom somebody close to them hurts or frightens."""
    return tuple(contact for contact in every if contact.about == "abuse")


def numbers(path: Path | None = None) -> frozenset[str]:
    """Give every crisis number, digits only, so that screening never hides one that a member passes on."""
    every = {n for listed in _load(path or SHIPPED) for n in (listed.contact.tel_digits, listed.contact.sms_digits)}
    return frozenset(every - {""})


def unverified(path: Path | None = None) -> tuple[str, ...]:
    """Name the contacts that nobody has checked yet, for the operator's health report."""
    return tuple(listed.contact.name for listed in _load(path or SHIPPED) if listed.verified_on is None)


@cache
def _load(path: Path) -> tuple[_Listed, ...]:
    whole = read_entry(path).only("note", "contact")
    every = tuple(_listed(entry) for entry in whole.entries("contact"))
    for nation in NATIONS:
        if not any(nation in listed.nations and listed.contact.tel for listed in every):
            raise whole.wrong("contact", f"no telephone number is left for {nation}; put at least one back")
    return every


def _listed(entry: Entry) -> _Listed:
    entry.only("nations", "name", "why", "tel", "sms", "hours", "about", "source", "verified")
    entry.text("source")
    nations = entry.texts("nations")
    for nation in nations:
        if nation not in NATIONS:
            raise entry.wrong("nations", f"“{nation}” is not known; use some of: {', '.join(NATIONS)}")
    contact = Contact(
        name=entry.text("name"),
        why=entry.text("why"),
        tel=_number(entry, "tel"),
        sms=_number(entry, "sms"),
        hours=entry.text("hours"),
        about=entry.text("about", default=""),
    )
    if not contact.tel and not contact.sms:
        raise entry.wrong("tel", "give a number to call (tel) or to text (sms)")
    return _Listed(contact, nations, _verified_on(entry))


def _number(entry: Entry, key: str) -> str:
    """Digits and single spaces only: a plus sign or letter would break the link on an old phone."""
    number = entry.text(key, default="")
    if number and not re.fullmatch(r"\d+( \d+)*", number):
        raise entry.wrong(key, f"“{number}” must be digits with single spaces, as in 116 123")
    return number


def _verified_on(entry: Entry) -> date | None:
    value = entry.values.get("verified")
    if value == "unverified":
        return None
    if type(value) is not date:
        raise entry.wrong("verified", 'write "unverified", or the date it was checked, as in 2026-01-31')
    return value


def _digits(number: str) -> str:
    return number.replace(" ", "")
