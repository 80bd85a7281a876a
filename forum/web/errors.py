"""Error pages: nothing technical, what to do next, the words kept, crisis contacts on every one."""

import logging
import re
import secrets
from typing import Any

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed

from forum.base.errors import AgreeFirst, Busy, ForumError, Invalid, TooMany, origin
from forum.base.transaction import database_is_away
from forum.base.words import _
from forum.content import crisis
from forum.web.headers import PERSONAL

log = logging.getLogger(__name__)

#: Form fields that hold what somebody wrote. They come back on an error page; nothing else does: a field called "name"
#: may be a secret sign-in name.
WORDS = re.compile(
    r"body|title|reason|words(-\d)?|benefits|who_for|expect|hours|facilitators|purpose|boards|complaints"
)
AWAY_RETRY_S = 5


def init_errors(app: Flask) -> None:
    """Every error becomes a page of ours."""
    app.register_error_handler(ForumError, on_forum_error)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(Exception, on_crash)
    # Flask's own would write the traceback, and with it what somebody typed.
    app.log_exception = _say_nothing  # type: ignore[method-assign,assignment]


def _say_nothing(_exc_info: Any) -> None:
    """`on_crash` logs what may be logged."""


def on_forum_error(error: ForumError) -> Response:
    """Something a person can be told."""
    answer = page(error.status, error.message or title_of(error.status), rules_first=isinstance(error, AgreeFirst))
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, Busy):
        answer.headers["Retry-After"] = str(AWAY_RETRY_S)
    return answer


def on_http_error(error: HTTPException) -> Response:
    """Flask's own: no such page, wrong method, too large."""
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    if isinstance(error, InternalServerError) and isinstance(error.original_exception, Exception):
        return on_crash(error.original_exception)  # raised while the answer was being finished
    answer = page(error.code, message_of(error.code))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return answer


def on_crash(error: Exception) -> Response:
    """Ours to mend. The log has a reference and the kind of error, never its text: it may hold somebody's words."""
    reference = secrets.token_hex(4)
    if database_is_away(error):
        log.error("database away ref=%s kind=%s", reference, type(error).__name__)
        answer = page(503, message_of(503), reference)
        answer.headers["Retry-After"] = str(AWAY_RETRY_S)
        return answer
    log.error("crash ref=%s %s", reference, origin(error))
    return page(500, message_of(500), reference)


def page(status: int, message: str, reference: str = "", *, rules_first: bool = False) -> Response:
    """The error page, or its JSON for a script that asked. No cache keeps it, also where files are that it may keep.

    :param rules_first: the reader has only to answer the rules of the group that the page is about.
    """
    answer = _page(status, message, reference, rules_first)
    answer.headers.update(PERSONAL)
    return answer


def _page(status: int, message: str, reference: str, rules_first: bool) -> Response:
    if request.accept_mimetypes.best == "application/json":
        answer = jsonify({"error": message, "status": status} | ({"reference": reference} if reference else {}))
        answer.status_code = status
        return answer
    kept = _kept()
    try:
        html = render_template(
            "errors/page.html",
            title=_("First the rules") if rules_first else title_of(status),
            rules_first=rules_first,
            message=message,
            reference=reference,
            kept_text=kept.get("body"),
            kept_title=kept.get("title"),
            status=status,
            route="",  # what is not there for somebody must not say what it would be, nor whose
            **({"team_address": ""} if status == 404 else {}),
        )
    except Exception as error:  # noqa: BLE001 - whatever the layout misses, the words and the numbers to call stay
        return _bare_page(status, error, kept)
    return make_response(html, status)


def _bare_page(status: int, error: Exception, kept: dict[str, str]) -> Response:
    """The page that leans on nothing: the layout asks who is signed in, and with the database away it cannot."""
    away = database_is_away(error)
    if not away:
        log.error("error page failed %s", origin(error))
    words = "\n\n".join(kept[name] for name in ("title", "body") if kept.get(name))
    answer = make_response(back_soon(current_app, words), 503 if away else status)
    if away:
        answer.headers["Retry-After"] = str(AWAY_RETRY_S)
    return answer


def back_soon(app: Flask, kept_text: str = "") -> str:
    """The page for when nothing else can be shown: whom to call, and the words that somebody sent. Needs no context."""
    settings = app.extensions["settings"]
    return app.jinja_env.get_template("errors/offline.html").render(
        crisis=crisis.contacts(settings.nation, settings.crisis_file),
        site_name=settings.site_name,
        kept_text=kept_text,
    )


def _kept() -> dict[str, str]:
    """What somebody wrote, to be shown again: a title, and everything else one below the other."""
    if request.method != "POST":
        return {}
    typed = {name: text for name, text in _form().items() if WORDS.fullmatch(name) and text.strip()}
    title = typed.pop("title", "")
    return {"title": title, "body": "\n\n".join(typed.values())}


def _form() -> dict[str, str]:
    """The form, unless reading it is what failed (too large)."""
    try:
        return request.form.to_dict()
    except HTTPException:
        return {}


def title_of(status: int) -> str:
    """A heading that is neutral and true."""
    return {
        401: _("Please sign in"),
        403: _("That did not work"),
        404: _("No such page"),
        409: _("Somebody was quicker"),
        413: _("That was too long"),
        422: _("Please change one thing"),
        429: _("A little slower, please"),
        503: _("We cannot keep this just now"),
    }.get(status, _("Something went wrong here"))


def message_of(status: int) -> str:
    """What happened and what to do."""
    return {
        401: _("You are not signed in on this device. Sign in and you come back to the same page."),
        404: _("There is no such page here."),
        405: _("That page cannot be opened this way. Go back and use its button."),
        413: _(
            "That was too much to send at once. Press Back now: your words are in the box there. "
            "Copy them to a safe place. Then post them in two parts."
        ),
        503: _("Your words are still on your screen. Wait a moment, then send them again."),
    }.get(status, _("This was our fault, not yours. Please try again in a moment."))


__all__ = ["Invalid", "init_errors", "page"]
