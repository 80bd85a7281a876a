"""How much may be sent at once. Forms with somebody's words get room, so that a text far too long comes back to its writer."""

import threading

from flask import Flask, g, request

from forum.base.errors import Busy
from forum.base.pools import render_pool
from forum.base.words import _
from forum.web import csrf

#: Every form but those below: names, answers, reasons and buttons stay far under it.
MOST_REQUEST_BYTES = 64 * 1024
#: A whole diary pasted by mistake. It is read so that it can be shown again, not kept (docs/decisions/0010).
MOST_WORDS_BYTES = 4 * 1024 * 1024
#: A percent sign for each byte makes reading dear (4 MiB took 330 MB of memory), and our own forms do not send it.
#: 20,000 characters of four bytes each are 240 kB that way.
MOST_ENCODED_BYTES = 1024 * 1024
#: 4 MiB took 29 MB of memory until they were answered; eight at once bear a small server.
MOST_LONG_FORMS = 8

#: Forms that carry what somebody wrote.
WORDY = frozenset(
    {
        "writing.submit_post",
        "writing.start_topic",
        "writing.edit_post",
        "drafting.keep_reply",
        "drafting.keep_topic",
        "drafting.keep_change",
        "team.ask",
        "team.ask_hidden",
        "team.write",
        "outside.report",
        "reports.report",
        "reports.report_person",
        "reports.worry",
        "examples.add",
        "examples.save",
        "setup.save_settings",
        "concern_doors.worried_in_group",
        "concern_doors.raise_new",
        "talk.write",
    }
)

_places = threading.BoundedSemaphore(MOST_LONG_FORMS)


def init_limits(app: Flask) -> None:
    """Keep requests small, save for long texts of people who are signed in."""
    app.config.update(MAX_CONTENT_LENGTH=MOST_REQUEST_BYTES, MAX_FORM_PARTS=100)
    app.before_request(_make_room)
    app.teardown_request(_give_back)


def _make_room() -> None:
    """Let a signed-in person send a long text, and read it beside the event loop: others want their pages meanwhile.

    A stranger's long text is refused unread.
    """
    length = request.content_length or 0
    if request.endpoint not in WORDY or length <= MOST_REQUEST_BYTES or csrf.current().account_id is None:
        return
    if not _places.acquire(blocking=False):
        raise Busy(_("A lot of people send long texts right now. Go back, wait a moment, then send yours again."))
    g.long_form = True
    most = MOST_WORDS_BYTES if request.mimetype == "multipart/form-data" else MOST_ENCODED_BYTES
    request.max_content_length = request.max_form_memory_size = most
    asked = request._get_current_object()  # type: ignore[attr-defined]
    asked.get_data()
    render_pool.run(lambda: asked.form)


def _give_back(_error: BaseException | None) -> None:
    if g.pop("long_form", False):
        _places.release()
