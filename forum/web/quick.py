"""The pages asked for most, answered before Flask when there is nothing special about them (docs/decisions/0039).

Most requests are an open page asking whether there is anything new, and most pages are in memory already but for what
is the reader's own. Flask's part of such an answer took longer than ours. Whoever answers here says exactly what Flask
would have said, or nothing at all, and then Flask is asked: a visitor, a form, an error, anything out of the ordinary.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Engine
from werkzeug.sansio.utils import host_is_trusted

from forum.base import clock, db
from forum.base.config import Settings
from forum.web import access_log, compression, display, language, sessions, sign_ins
from forum.web.headers import Wsgi
from forum.web.sessions import SignInSession
from forum.web.shells import Reader

#: Ours alone; in a header with quotes or anything twice Flask finds out what is meant.
_COOKIES = re.compile(rf"(?:^|; )({sessions.COOKIE}|{language.COOKIE}|{display.COOKIE})=([^;,\"\s]*)(?=$|;)")
#: A host name is said in a few ways at most; a stranger's inventions push each other out.
HOSTS_KEPT = 100


@dataclass(frozen=True)
class Quick:
    """One address that can be answered so.

    :param route: as the program spells it, for the access log. :param address: path and query, with what to take out.
    :param answer: gives the body, or None to leave the request to Flask; it only reads.
    """

    route: str
    address: re.Pattern[str]
    answer: Callable[..., bytes | None]
    mimetype: str = "text/html; charset=utf-8"


class Quickly:
    """WSGI in front of Flask.

    :param inner: Flask. :param engine: where to read. :param pages: what can be answered here.
    """

    def __init__(self, inner: Wsgi, engine: Engine, settings: Settings, pages: Sequence[Quick]) -> None:
        self._inner, self._engine, self._settings, self._pages = inner, engine, settings, pages

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = self._answer(environ)
        if answer is None:
            return self._inner(environ, start_response)
        headers, body = answer
        start_response("200 OK", headers)
        return [body]

    def _answer(self, environ: dict[str, Any]) -> tuple[list[tuple[str, str]], bytes] | None:
        began = clock.now()
        address = f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}"
        for page in self._pages:
            found = page.address.fullmatch(address)
            if found:
                break
        else:
            return None
        reader = self._reader(environ, address)
        if reader is None:
            return None
        try:
            with db.reading_from(self._engine):
                said = page.answer(reader, *found.groups())
        except Exception:  # noqa: BLE001 - Flask will meet it as well, and knows what to say
            return None
        if said is None or not _is_kept_alive(reader.session):
            environ[sessions.KNOWN] = reader.session
            return None
        access_log.note(page.route, 200, began)
        return _packed(environ, page.mimetype, said)

    def _reader(self, environ: dict[str, Any], address: str) -> Reader | None:
        """Somebody with one session and one language, who plainly reads."""
        if environ["REQUEST_METHOD"] != "GET" or environ.get("CONTENT_LENGTH") not in (None, "", "0"):
            return None
        if not _is_ours(environ.get("HTTP_HOST", ""), self._settings.trusted_hosts):
            return None
        cookies = _COOKIES.findall(environ.get("HTTP_COOKIE", ""))
        secrets = [value for name, value in cookies if name == sessions.COOKIE]
        spoken = [value for name, value in cookies if name == language.COOKIE]
        looks = [value for name, value in cookies if name == display.COOKIE]
        if len(secrets) != 1 or len(secrets[0]) != sessions.SECRET_LETTERS or len(spoken) > 1 or len(looks) > 1:
            return None
        if spoken and spoken[0] not in language.LANGUAGES:
            return None
        chosen = spoken[0] if spoken else language.preferred(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
        look = display.read(looks[0] if looks else None)
        return Reader(SignInSession(secrets[0]), chosen, address.rstrip("?"), look=look)


@lru_cache(maxsize=HOSTS_KEPT)
def _is_ours(host: str, trusted: tuple[str, ...]) -> bool:
    return bool(host) and (not trusted or host_is_trusted(host, trusted))


def _is_kept_alive(session: SignInSession) -> bool:
    """Whether the sign-in is noted as used, which for one's own device takes no writing."""
    found = session.found
    if found is None or session.cookie_sha256 is None or not sign_ins.is_noted(found.device, found.ends_on):
        return False
    sign_ins.touch(session.cookie_sha256, found.device, found.ends_on)
    return True


def _packed(environ: dict[str, Any], mimetype: str, plain: bytes) -> tuple[list[tuple[str, str]], bytes]:
    headers = [("Content-Type", mimetype)]
    encoding = compression.wanted(environ) if len(plain) >= compression.LEAST_BYTES else None
    if encoding:
        plain = compression.small(plain, encoding)
        headers.append(("Content-Encoding", encoding))
    headers.append(("Content-Length", str(len(plain))))
    return headers, plain
