"""Pages rendered once with holes in them, and filled for each reader.

Half of what a topic's page costs is putting together what is the same for all its readers. A shell is that page with a
mark wherever it depends on who reads; filling it is joining strings. Whether something stands on the page at all is
never a hole: that belongs to the shell's key, with all else that the template looks at.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from flask import current_app, render_template, request
from markupsafe import Markup, escape

from forum.web import csrf, language
from forum.web.csrf import current

#: Some 20 kB each.
SHELLS_KEPT = 1_000

#: Nobody can write a mark into a post: it changes with each start, and stands only where a template put it.
_MARK = secrets.token_hex(16)

Values = Callable[[Mapping[str, str]], Mapping[str, Any]]

_shells: OrderedDict[Hashable, list[str]] = OrderedDict()


def page(template: str, key: Hashable, holes: Mapping[str, str], values: Values) -> str:
    """A page, from its shell if that is in memory.

    :param key: all that `values` gives apart from the holes. What the layout shows is added here.
    :param holes: what differs from reader to reader; text is escaped, Markup is not.
    :param values: what the template wants, made of the holes' marks; asked only when there is no shell yet.
    """
    whole = (template, key, _layout_key())
    shell = _shells.get(whole)
    if shell is None:
        shell = _shells[whole] = _render(template, holes, values)
        if len(_shells) > SHELLS_KEPT:
            _shells.popitem(last=False)
    else:
        _shells.move_to_end(whole)
    return _fill(shell, {**holes, "csrf": csrf.field(), "return_to": return_to()})


def whole(template: str, holes: Mapping[str, str], values: Values) -> str:
    """The same page without a shell, where what it shows is one reader's alone."""
    return render_template(template, **values(holes))


def forget() -> None:
    """Begin anew (another database)."""
    _shells.clear()


def return_to() -> str:
    """The address that the small forms on every page lead back to."""
    return request.full_path.rstrip("?") if request.method == "GET" else ""


def _layout_key() -> Hashable:
    """What the layout looks at for somebody who is signed in (forum.web.pages.layout)."""
    session = current()
    seats = current_app.extensions["demo_seats"]()
    return (language.spoken(), session.nation, session.kind, tuple(seats))


def _render(template: str, holes: Mapping[str, str], values: Values) -> list[str]:
    """Literal text and names of holes in turn, beginning with text."""
    marks = {name: f"{_MARK}{name}{_MARK}" for name in (*holes, "csrf", "return_to")}
    field = Markup(marks["csrf"])  # noqa: S704 - letters and digits
    own = {"csrf_field": lambda: field, "csrf_if_any": lambda: field, "return_to": marks["return_to"]}
    return render_template(template, **own, **values(marks)).split(_MARK)


def _fill(shell: list[str], holes: Mapping[str, str]) -> str:
    return "".join([str(escape(holes[part])) if n % 2 else part for n, part in enumerate(shell)])
