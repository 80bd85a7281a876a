"""Flask's session is the SignIn row behind an opaque cookie. Nothing is stored in the browser but the cookie's 22 letters.

It is read lazily: a page that reads the row together with something else (a conversation, in one query) does so itself
and hands it over through `SignInSession.know`.
"""

import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import Row

from forum.base.keyring import Purpose, the_keyring
from forum.base.transaction import transaction
from forum.models import SignInKind
from forum.web import sign_ins

COOKIE = "__Host-s"
#: 128 bits in base64 (forum.web.sign_ins.new_secret).
SECRET_LETTERS = 22
#: Where a request keeps its session until Flask opens it.
KNOWN = "forum.session"
#: Whoever has a page open asks again every 20 seconds.
SESSIONS_KEPT = 5_000


class SignInSession(SessionMixin, dict):
    """One request's view of the sign-in behind its cookie.

    :param secret: what the browser sent, or None.
    `nation` is whose crisis contacts this request's page shows, once a group's page was opened; None for the site's.
    `team` is that group's address, if this person can write to its team.
    """

    def __init__(self, secret: str | None) -> None:
        super().__init__()
        self.secret = secret
        self.cookie_sha256 = sign_ins.hash_of(secret) if secret else None
        self._found: Row[Any] | None = None
        self._asked = secret is None
        self.replaced_by: tuple[str, SignInKind] | None = None
        self.over = False
        self.visit_wanted = False
        self.form_token: str | None = None  #: masked once for each answer, for all its forms
        self.nation: str | None = None
        self.team: str = ""
        self.opened: Any = None  #: what was found already when a page could not be answered before Flask

    def know(self, found: Row[Any] | None) -> None:
        """Take a row that was read elsewhere: account_id, device, ends_on, last_end; None if there is no live one."""
        self._found, self._asked = found, True

    @property
    def found(self) -> Row[Any] | None:
        """The live row, read once for each request."""
        if not self._asked and self.cookie_sha256:
            self.know(sign_ins.find(self.cookie_sha256))
        return self._found

    @property
    def account_id(self) -> bytes | None:
        """Who is signed in."""
        return self.found.account_id if self.found is not None else None

    @property
    def kind(self) -> SignInKind | None:
        """What kind of device this is."""
        return self.found.device if self.found is not None else None

    def start_visit(self) -> None:
        """Give a visitor a session when a form needs one; written when the answer is sent."""
        if self.found is None and self.replaced_by is None:
            self.secret = sign_ins.new_secret()
            self.visit_wanted = True
            self.replaced_by = (self.secret, SignInKind.VISITOR)

    def hash_for_visit(self) -> bytes:
        """The hash of this browser's cookie, to keep something under; a visitor without one gets one with the answer."""
        self.start_visit()
        if self.found is not None and self.cookie_sha256:
            return self.cookie_sha256
        return sign_ins.hash_of(self.secret or "")

    def replace(self, secret: str, kind: SignInKind) -> None:
        """Use a new cookie from the next answer on: a session begun before signing in must not outlive it."""
        self.replaced_by, self.visit_wanted, self.over = (secret, kind), False, False

    def finish(self) -> None:
        """Take the cookie away with this answer."""
        self.over, self.visit_wanted, self.replaced_by = True, False, None

    def csrf_secret(self) -> bytes:
        """What this session's form tokens are made of; bound to the cookie and the keyring, stored nowhere."""
        return _csrf_secret(the_keyring().active(Purpose.COOKIE).secret, self.secret or "")

    def __iter__(self) -> Iterator[Any]:
        return iter(())


@lru_cache(maxsize=SESSIONS_KEPT)
def _csrf_secret(key: bytes, secret: str) -> bytes:
    return hmac.digest(key, b"csrf" + secret.encode(), hashlib.sha256)[:16]


class SignInSessions(SessionInterface):
    """Reads the cookie, writes it only when it changes."""

    def open_session(self, app: Flask, request: Request) -> SignInSession:
        """The session of this request; no query yet, unless somebody looked already (forum.web.quick)."""
        known = request.environ.get(KNOWN)
        if known is not None:
            assert isinstance(known, SignInSession)
            return known
        secret = request.cookies.get(COOKIE)
        return SignInSession(secret if secret and len(secret) == SECRET_LETTERS else None)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the new cookie, if there is one, and keep the one in use alive."""
        assert isinstance(session, SignInSession)
        if session.over:
            response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Lax")
        elif session.visit_wanted and response.status_code >= 500:
            return  # the database is likely away, and an error page has no form that needs a visit
        elif session.replaced_by:
            secret, kind = session.replaced_by
            if session.visit_wanted:
                with transaction():
                    sign_ins.begin(secret, SignInKind.VISITOR)
            _send(response, secret, kind)
        elif session._found is not None and session.cookie_sha256:
            sign_ins.touch(session.cookie_sha256, session._found.device, session._found.ends_on)


def _send(response: Response, secret: str, kind: SignInKind) -> None:
    """A cookie of one's own device outlives the browser; a shared one goes when it is closed."""
    expires: datetime | None = sign_ins.last_end(kind) if kind is SignInKind.OWN else None
    response.set_cookie(COOKIE, secret, expires=expires, path="/", secure=True, httponly=True, samesite="Lax")
