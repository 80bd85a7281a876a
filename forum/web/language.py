"""Which language a page is in: chosen on the first screen, kept without an account."""

from flask import Request, Response, current_app, has_request_context, request
from flask_babel import Babel

COOKIE = "__Host-lang"
#: Each in its own script, in the order shown. Urdu is marked unreviewed until a speaker has read it.
LANGUAGES = {"en": "English", "ur": "اردو"}
#: Accents and +40 % length, to see what is not translated or does not fit.
PSEUDO = "pseudo"
RTL = frozenset({"ur", "ar", "fa", "he"})
YEAR_S = 365 * 24 * 3600


def offered() -> dict[str, str]:
    """The languages on offer."""
    extra = {PSEUDO: "[Ƥşḗŭḓǿ]"} if current_app.extensions["settings"].pseudo else {}
    return LANGUAGES | extra


def locale_of(asked: Request) -> str:
    """The reader's choice, else what their browser prefers, else English."""
    chosen = asked.cookies.get(COOKIE)
    if chosen in offered():
        return str(chosen)
    return asked.accept_languages.best_match(list(LANGUAGES), "en") or "en"


def select_locale() -> str:
    """For Flask-Babel; English outside a request. The pseudo-language lies in a folder named like a real one (`en_XA`)."""
    if not has_request_context():
        return "en"
    chosen = locale_of(request)
    return "en_XA" if chosen == PSEUDO else chosen


def direction(locale: str) -> str:
    """Which way the page runs."""
    return "rtl" if locale in RTL else "ltr"


def keep(response: Response, locale: str) -> Response:
    """Remember a choice for a year, on this device only."""
    response.set_cookie(COOKIE, locale, max_age=YEAR_S, path="/", secure=True, httponly=True, samesite="Lax")
    return response


babel = Babel()
