"""Which language a page is in: chosen on the first screen, kept without an account."""

import re
from functools import lru_cache

from babel import Locale
from flask import Request, Response, current_app, has_request_context, request
from flask_babel import Babel, get_locale
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

COOKIE = "__Host-lang"
#: Each in its own script, in the order shown. Urdu is marked unreviewed until a speaker has read it.
LANGUAGES = {"en": "English", "ur": "اردو"}
#: Accents and +40 % length, to see what is not translated or does not fit.
PSEUDO = "pseudo"
#: Where a request keeps the name of its page's language.
SPOKEN = "forum.spoken"
RTL = frozenset({"ur", "ar", "fa", "he"})
#: As in HTML: `ur`, `pt-BR`. Longer ones fit no column.
TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
ARABIC_LETTER = re.compile(r"[\u0620-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]")
YEAR_S = 365 * 24 * 3600
#: A few hundred browsers send the same list; a stranger's inventions push each other out.
HEADERS_KEPT = 500


def offered() -> dict[str, str]:
    """The languages on offer."""
    extra = {PSEUDO: "[Ƥşḗŭḓǿ]"} if current_app.extensions["settings"].pseudo else {}
    return LANGUAGES | extra


def locale_of(asked: Request) -> str:
    """The reader's choice, else what their browser prefers, else English."""
    chosen = asked.cookies.get(COOKIE)
    return chosen if chosen and chosen in offered() else preferred(asked.headers.get("Accept-Language", ""))


def of_mail(asked: Request) -> str:
    """The language for mails to whoever asks: made-up English is for pages in tests alone."""
    chosen = locale_of(asked)
    return chosen if chosen in LANGUAGES else "en"


@lru_cache(maxsize=HEADERS_KEPT)
def preferred(header: str) -> str:
    """The first language of a browser's list that there is, else English.

    Not best_match(): it takes en-GB for no English, and gives "en-GB, ur;q=0.2" Urdu.
    """
    wishes = parse_accept_header(header, LanguageAccept)
    wished = (re.split("[-_]", tag)[0].lower() for tag, quality in wishes if quality)
    return next((wish for wish in wished if wish in LANGUAGES), "en")


def select_locale() -> Locale:
    """For Flask-Babel; English outside a request."""
    chosen = locale_of(request) if has_request_context() else "en"
    return pseudo_locale() if chosen == PSEUDO else Locale.parse(chosen)


def spoken() -> str:
    """The language of this request's page. Found out once: Flask-Babel looks in a dozen places each time."""
    environ = request.environ
    kept = environ.get(SPOKEN)
    if kept is None:
        kept = environ[SPOKEN] = str(get_locale())
    return str(kept)


def pseudo_locale() -> Locale:
    """English dates and plurals under the name `en_XA`, by which browsers and CLDR know made-up English."""
    locale = Locale("en")
    locale.territory = "XA"  # afterwards: Babel has no data of its own under that name and would refuse it
    return locale


def language_of_words(asked: Request, otherwise: str = "") -> str:
    """The language in which somebody says they wrote, as a tag for HTML.

    :param otherwise: if the form says nothing; empty for the page's own.

    The page's own counts only if the words are in its letters: one member who reads in Urdu and writes in English would
    have every post marked, also those under an alias.
    """
    typed = asked.form.get("lang", "")
    if TAG.fullmatch(typed):
        return typed
    page = locale_of(asked)
    body = asked.form.get("body", "")
    fits = page not in RTL or not body or ARABIC_LETTER.search(body) is not None
    return otherwise or (page if fits and page != PSEUDO else "en")


def direction(locale: str) -> str:
    """Which way the page runs."""
    return "rtl" if locale in RTL else "ltr"


def keep(response: Response, locale: str) -> Response:
    """Remember a choice for a year, on this device only."""
    response.set_cookie(COOKIE, locale, max_age=YEAR_S, path="/", secure=True, httponly=True, samesite="Lax")
    return response


babel = Babel()
