"""Crisis lines: whom a person in danger or distress can turn to at once.

Read without a database, so that the help page still works when everything else is down.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from forum.content.reading import ContentError, Entry, read_entry

SHIPPED = Path(__file__).with_name("crisis.toml")
DEFAULT = "default"  #: shown to whoever has not chosen; we never guess where a person is
NATIONS = (DEFAULT, "england", "scotland", "wales", "northern-ireland")
#: A number that changed hands is found within a quarter, unless its entry says otherwise.
VERIFY_EVERY_DAYS = 90


@dataclass(frozen=True)
class Contact:
    """One way to reach help; tel or sms may be empty, never both."""

    name: str
    why: str
    tel: str  #: as people read it, with spaces
    sms: str
    hours: str
    about: str = ""  #: what it is for, where a page shows only such lines: "abuse"
    web: str = ""  #: https address of its own page
    for_whom: str = ""  #: "" for everybody
    languages: tuple[str, ...] = ()  #: as their speakers call them; () says nothing
    access: str = ""  #: how somebody reaches it who cannot hear or speak on the telephone

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
    always: bool
    verified_on: date | None
    verified_by: str
    verify_every: timedelta


@dataclass(frozen=True)
class ToCheck:
    """A contact whose check is due. It is shown all the same: a number that may be old beats none.

    :param last_on: when somebody last checked it; None: never. :param by: who, in their own words, or "".
    """

    name: str
    nations: tuple[str, ...]
    last_on: date | None
    by: str = ""


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


@cache
def numbers(path: Path | None = None) -> frozenset[str]:
    """Give every crisis number, digits only, so that screening never hides one that a member passes on."""
    every = {n for listed in _load(path or SHIPPED) for n in (listed.contact.tel_digits, listed.contact.sms_digits)}
    return frozenset(every - {""})


def list_to_check(today: date, path: Path | None = None) -> tuple[ToCheck, ...]:
    """Name the contacts that nobody has checked yet, or not for too long, for admins and the operator."""
    return tuple(
        ToCheck(one.contact.name, one.nations, one.verified_on, one.verified_by)
        for one in _load(path or SHIPPED)
        if one.verified_on is None or one.verified_on + one.verify_every <= today
    )


@cache
def _load(path: Path) -> tuple[_Listed, ...]:
    whole = read_entry(path).only("note", "contact")
    every = tuple(_listed(entry) for entry in whole.entries("contact"))
    for nation in NATIONS:
        if not any(nation in one.nations and one.contact.tel and one.always for one in every):
            raise whole.wrong("contact", f"no number with always = true is left for {nation}; put at least one back")
    return every


def _listed(entry: Entry) -> _Listed:
    entry.only(*_KEYS)
    entry.text("source")
    nations = entry.texts("nations")
    for nation in nations:
        if nation not in NATIONS:
            raise entry.wrong("nations", f"“{nation}” is not known; use some of: {', '.join(NATIONS)}")
    return _Listed(
        _contact(entry),
        nations,
        always=entry.flag("always"),
        verified_on=_verified_on(entry),
        verified_by=entry.text("verified_by", default=""),
        verify_every=timedelta(days=entry.number("verify_every", 1, 366, default=VERIFY_EVERY_DAYS)),
    )


#: All that an entry may say.
_KEYS = (
    *("nations", "name", "why", "tel", "sms", "web", "hours", "about", "for_whom", "languages", "access"),
    *("always", "source", "verified_on", "verified_by", "verify_every"),
)


def _contact(entry: Entry) -> Contact:
    contact = Contact(
        name=entry.text("name"),
        why=entry.text("why"),
        tel=_number(entry, "tel"),
        sms=_number(entry, "sms"),
        hours=entry.text("hours"),
        about=entry.text("about", default=""),
        web=_web(entry),
        for_whom=entry.text("for_whom", default=""),
        languages=entry.texts("languages") if "languages" in entry.values else (),
        access=entry.text("access", default=""),
    )
    if not contact.tel and not contact.sms:
        raise entry.wrong("tel", "give a number to call (tel) or to text (sms)")
    return contact


def _web(entry: Entry) -> str:
    address = entry.text("web", default="")
    if address and not re.fullmatch(r"https://[\w.-]+(/[\w./-]*)?", address):
        raise entry.wrong("web", f"“{address}” must begin with https:// and name the service's own page")
    return address


def _number(entry: Entry, key: str) -> str:
    """Digits and single spaces only: a plus sign or letter would break the link on an old phone."""
    number = entry.text(key, default="")
    if number and not re.fullmatch(r"\d+( \d+)*", number):
        raise entry.wrong(key, f"“{number}” must be digits with single spaces, as in 116 123")
    return number


def _verified_on(entry: Entry) -> date | None:
    value = entry.values.get("verified_on")
    if value == "unverified":
        return None
    if type(value) is not date:
        raise entry.wrong("verified_on", 'write "unverified", or the date it was checked, as in 2026-01-31')
    return value


def _digits(number: str) -> str:
    return number.replace(" ", "")
