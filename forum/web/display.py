"""How a page looks to one reader: kept in a cookie of their browser, without an account, and for nobody but them.

The cookie is nine digits whatever was chosen, so its size tells nothing; it survives signing out and "Leave now", for
who needs large letters needs them on the next page, too (docs/decisions/0044).
"""

import re
from functools import lru_cache

from flask import Response, has_request_context, request
from markupsafe import Markup

COOKIE = "__Host-look"
#: Each setting with what its digit may mean, in the order of the digits; the first is what a page looks like by itself.
SETTINGS: dict[str, tuple[str, ...]] = {
    "size": ("", "1", "2", "3"),
    "space": ("", "1", "2"),
    "measure": ("", "1", "2"),
    "font": ("", "atkinson", "lexend", "dyslexic"),
    "theme": ("light", "auto", "cream", "calm", "dark"),
    "still": ("", "1"),
    "low": ("", "1"),
    "aloud": ("", "1"),
    "keys": ("", "1"),
}
PLAIN = "0" * len(SETTINGS)
_DIGITS = re.compile("".join(f"[0-{len(meant) - 1}]" for meant in SETTINGS.values()))
YEAR_S = 365 * 24 * 3600


def read(cookie: str | None) -> str:
    """What a browser sent, or how pages look by themselves if that is nothing of ours."""
    return cookie if cookie and _DIGITS.fullmatch(cookie) else PLAIN


def here() -> str:
    """How this request's page looks."""
    return read(request.cookies.get(COOKIE)) if has_request_context() else PLAIN


def chosen(look: str) -> dict[str, str]:
    """What each setting means in a look."""
    return {name: meant[int(look[n])] for n, (name, meant) in enumerate(SETTINGS.items())}


def changed(look: str, name: str, value: str) -> str:
    """The look with one setting changed; the same look if there is no such choice."""
    if value not in SETTINGS.get(name, ()):
        return look
    place = list(SETTINGS).index(name)
    return f"{look[:place]}{SETTINGS[name].index(value)}{look[place + 1 :]}"


@lru_cache(maxsize=1_000)
def attributes(look: str) -> Markup:
    """A look as attributes of the page's outermost element, where style sheets and scripts find it."""
    said = [f'data-{name}="{meant}"' for name, meant in chosen(look).items() if meant]
    return Markup(" ".join(said))  # noqa: S704 - our own words


def keep(response: Response, look: str) -> Response:
    """Remember a look for a year, on this device only."""
    response.set_cookie(COOKIE, look, max_age=YEAR_S, path="/", secure=True, httponly=True, samesite="Lax")
    return response


def forget(response: Response) -> Response:
    """Let no trace of it stay on this device."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Lax")
    return response
