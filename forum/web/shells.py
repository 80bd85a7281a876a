"""Pages rendered once with holes in them, and filled for each reader.

Half of what a topic's page costs is putting together what is the same for all its readers. A shell is that page with a
mark wherever it depends on who reads; filling it is joining strings. Whether something stands on the page at all is
never a hole: that belongs to the shell's key, with all else that the template looks at.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app, render_template, request
from markupsafe import Markup, escape

from forum.web import csrf, display, language
from forum.web.csrf import current
from forum.web.sessions import SignInSession

#: Some 20 kB each.
SHELLS_KEPT = 1_000

#: Nobody can write a mark into a post: it changes with each start, and stands only where a template put it.
_MARK = secrets.token_hex(16)

Values = Callable[[Mapping[str, str]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who a page is filled for, as far as the layout looks (forum.web.pages.layout).

    :param spoken: the page's language. :param address: where the small forms on every page lead back to.
    :param seats: in a demonstration, who one can be. :param look: how pages look to them: it fills a hole, so that what
        somebody chose makes no shell of its own.
    """

    session: SignInSession
    spoken: str
    address: str
    seats: tuple[Any, ...] = ()
    look: str = display.PLAIN

    @property
    def layout_key(self) -> Hashable:
        """What two readers of one shell have in common."""
        session = self.session
        return (self.spoken, session.nation, session.team, session.kind, self.seats)


#: Literal text as it is sent, and names of holes in turn.
Shell = list[bytes | str]
_shells: OrderedDict[Hashable, Shell] = OrderedDict()


def page(template: str, key: Hashable, holes: Mapping[str, str], values: Values) -> str:
    """A page, from its shell if that is in memory.

    :param key: all that `values` gives apart from the holes. What the layout shows is added here.
    :param holes: what differs from reader to reader; text is escaped, Markup is not.
    :param values: what the template wants, made of the holes' marks; asked only when there is no shell yet.
    """
    reader = reader_here()
    shell = _find(template, key, reader)
    if shell is None:
        shell = _shells[template, key, reader.layout_key] = _render(template, holes, values)
        if len(_shells) > SHELLS_KEPT:
            _shells.popitem(last=False)
    return _fill(shell, holes, csrf.field(), reader).decode()


def kept(template: str, key: Hashable, holes: Mapping[str, str | bytes], reader: Reader) -> bytes | None:
    """The same page without Flask, if its shell is in memory.

    :param holes: ready HTML may come as bytes. :param reader: signed in, with the row behind their session known.
    """
    shell = _find(template, key, reader)
    if shell is None:
        return None
    return _fill(shell, holes, csrf.field_with(csrf.token_of(reader.session)), reader)


def whole(template: str, holes: Mapping[str, str], values: Values) -> str:
    """The same page without a shell, where what it shows is one reader's alone."""
    return render_template(template, **values(holes))


def make(template: str, values: Mapping[str, Any]) -> Shell:
    """A page that somebody keeps by themselves: all but what every layout has of its reader is in it."""
    return _render(template, {}, lambda _marks: values)


def fill(shell: Shell, reader: Reader) -> bytes:
    """What `make` gave, for the reader it was made for or one with the same `layout_key`."""
    return _fill(shell, {}, csrf.field_with(csrf.token_of(reader.session)), reader)


def forget() -> None:
    """Begin anew (another database)."""
    _shells.clear()


def return_to() -> str:
    """The address that the small forms on every page lead back to."""
    return request.full_path.rstrip("?") if request.method == "GET" else ""


def reader_here() -> Reader:
    """Who asks just now."""
    seats = tuple(current_app.extensions["demo_seats"]())
    return Reader(current(), language.spoken(), return_to(), seats, display.here())


def _find(template: str, key: Hashable, reader: Reader) -> Shell | None:
    whole = (template, key, reader.layout_key)
    shell = _shells.get(whole)
    if shell is not None:
        _shells.move_to_end(whole)
    return shell


def _render(template: str, holes: Mapping[str, str], values: Values) -> Shell:
    """The template with a mark in each hole, cut at the marks; it begins with text."""
    marks = {name: f"{_MARK}{name}{_MARK}" for name in (*holes, "csrf", "return_to", "look")}
    field, look = Markup(marks["csrf"]), Markup(marks["look"])  # noqa: S704 - letters and digits
    own = {"csrf_field": lambda: field, "csrf_if_any": lambda: field, "return_to": marks["return_to"], "look": look}
    parts = render_template(template, **own, **values(marks)).split(_MARK)
    return [part if n % 2 else part.encode() for n, part in enumerate(parts)]


def _fill(shell: Shell, holes: Mapping[str, str | bytes], csrf_field: Markup, reader: Reader) -> bytes:
    """The page with everything in its place; each hole is escaped once, however often it stands there."""
    texts = {name: _escaped(value) for name, value in holes.items()}
    texts |= {"csrf": csrf_field.encode(), "return_to": _escaped(reader.address)}
    texts["look"] = display.attributes(reader.look).encode()
    filled: list[Any] = shell.copy()
    filled[1::2] = [texts[name] for name in filled[1::2]]
    return b"".join(filled)


def _escaped(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else escape(value).encode()
