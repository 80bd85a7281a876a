"""A form is taken only from a page of ours: a token masked afresh in every answer, and what the browser says of its origin."""

import base64
import secrets

from flask import Request, request, session
from markupsafe import Markup

from forum.base.errors import NotAllowed
from forum.base.idents import random_bytes
from forum.base.words import _
from forum.web.sessions import SignInSession

FIELD = "csrf_token"
HEADER = "X-CSRF-Token"
PAD = 16


def current() -> SignInSession:
    """This request's session."""
    mine = session._get_current_object()  # type: ignore[attr-defined]
    assert isinstance(mine, SignInSession)
    return mine


def token() -> str:
    """A token for a form of this request's session; a visitor without one gets it now."""
    mine = current()
    mine.start_visit()
    return token_of(mine)


def token_of(mine: SignInSession) -> str:
    """The session's secret under a new random mask, so that no two answers repeat a byte (BREACH)."""
    if mine.form_token is None:
        pad = random_bytes(PAD)
        mine.form_token = base64.urlsafe_b64encode(pad + _xor(pad, mine.csrf_secret())).decode().rstrip("=")
    return mine.form_token


def field() -> Markup:
    """The hidden field of every form that acts for somebody."""
    return field_with(token())


def field_with(token: str) -> Markup:
    """The hidden field with this token."""
    return Markup(f'<input type="hidden" name="{FIELD}" value="{token}">')  # noqa: S704 - letters of base64 alone


def _xor(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left) ^ int.from_bytes(right)).to_bytes(PAD)


def is_valid(typed: str, secret: bytes) -> bool:
    """Whether `typed` is a mask of `secret`."""
    try:
        raw = base64.urlsafe_b64decode(typed + "=" * (-len(typed) % 4))
    except ValueError:
        return False
    return len(raw) == 2 * PAD and secrets.compare_digest(_xor(raw[:PAD], raw[PAD:]), secret)


def same_origin(asked: Request) -> bool:
    """What the browser itself says: forms of other sites are not taken, whatever they carry.

    Under our own `Referrer-Policy: no-referrer` browsers send `Origin: null` with our own forms, so "null" says nothing;
    newer ones say the rest in Sec-Fetch-Site, and for older ones the token stands alone.
    """
    if asked.headers.get("Sec-Fetch-Site") not in (None, "same-origin", "none"):
        return False
    origin = asked.headers.get("Origin")
    return origin in (None, "null", asked.host_url.rstrip("/"))


def check() -> None:
    """Refuse a form that no page of this session sent.

    :raises NotAllowed: the page says so and keeps the words.
    """
    typed = request.headers.get(HEADER) or request.form.get(FIELD, "")
    if not same_origin(request) or not is_valid(typed, current().csrf_secret()):
        raise NotAllowed(
            _("This page was open for a long time. Your words are still here. Please send them once more.")
        )
