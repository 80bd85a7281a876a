"""Small things that every form needs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from flask import request

from forum.base.errors import Conflict, Invalid
from forum.base.idents import new_ident, read_ident, write_ident
from forum.base.words import _

#: A token made by us: 26 letters of base32. Anything longer was not.
LONGEST_TOKEN = 40
#: What the column holds; "zh-Hant-TW" has 10.
LONGEST_LANGUAGE = 35
_LANGUAGE = re.compile("[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True)
class Error:
    """What to change, and where."""

    field: str
    message: str


def errors_of(error: Invalid | Conflict, field: str | None = None) -> list[Error]:
    """An error as the list that templates show.

    :param field: where one points that names no field itself; None: at the words, or for a Conflict at the form as a whole.
    """
    own, usual = (error.field, "body") if isinstance(error, Invalid) else (None, "")
    return [Error(own or (usual if field is None else field), error.message)]


def errors_under(prefix: str, error: Invalid | Conflict, *alone: str) -> list[Error]:
    """The same for the second of two forms on a page, whose fields begin with `prefix`, save those that stand `alone`."""
    return [Error(e.field if e.field in alone else f"{prefix}{e.field}", e.message) for e in errors_of(error)]


def new_token() -> str:
    """Goes into a form, so that sending it twice makes one post."""
    return write_ident(new_ident())


def token() -> str:
    """The token of the form that was sent; a form without one gets its own, so it still works once."""
    return request.form.get("token", "")[:LONGEST_TOKEN] or new_token()


def checked(name: str) -> bool:
    """Whether a box was ticked."""
    return request.form.get(name) == "yes"


def number(name: str, least: int = 0) -> int:
    """A whole number from the address, or `least`. Nonsense is read as nothing asked for."""
    return max(least, _whole(request.args.get(name, ""), least))


def stretch(found: Sequence[Any], most: int) -> tuple[Sequence[Any], str]:
    """A page of a list that was asked for one more than it shows, and after which of its things the next one begins.

    :param found: things with an `id`. :returns: the page, and `?after=` of the next one or an empty text.
    """
    shown = found[:most]
    return shown, write_ident(shown[-1].id) if len(found) > most else ""


def sent_number(name: str, otherwise: int) -> int:
    """A whole number from the form, or `otherwise`."""
    return _whole(request.form.get(name, ""), otherwise)


def sent_date(name: str) -> date:
    """A date from the form. :raises Invalid: none, or in another order."""
    try:
        return date.fromisoformat(request.form.get(name, "").strip())
    except ValueError as error:
        raise Invalid(_("Write the date as 2026-12-24."), name) from error


def sent_places(name: str, most: int) -> dict[bytes, int]:
    """How far conversations were read, as a form with the way back says it: `id.place id.place`. Nonsense is left out.

    :param most: of how many the form may speak.
    """
    parts = [one.partition(".") for one in request.form.get(name, "").split()[:most]]
    return {
        ident: seq for typed, _dot, place in parts if (ident := read_ident(typed)) and (seq := _whole(place, -1)) >= 0
    }


def _whole(typed: str, otherwise: int) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else otherwise


def language(otherwise: str) -> str:
    """The language of somebody's words as the form names it (BCP 47), or `otherwise`."""
    typed = request.form.get("lang", "")
    return typed if len(typed) <= LONGEST_LANGUAGE and _LANGUAGE.fullmatch(typed) else otherwise


def local_path(typed: str | None, otherwise: str) -> str:
    """A path on this site to go on to, never an address elsewhere."""
    if not typed or not typed.startswith("/") or typed.startswith("//") or "\\" in typed or not typed.isprintable():
        return otherwise
    parts = urlsplit(typed)
    return otherwise if parts.scheme or parts.netloc else typed
