"""What every template may rely on, and the two addresses that machines ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from flask_babel import get_locale
from markupsafe import Markup
from sqlalchemy import text as sql

from forum.base.db import rows
from forum.base.words import _, ngettext
from forum.content import crisis
from forum.models import SignInKind
from forum.web import csrf, display, language, sign_ins
from forum.web.assets import asset
from forum.web.design import nhs

bp = Blueprint("pages", __name__)


@dataclass(frozen=True)
class DemoSeat:
    """One of the people a visitor of the demonstration can be."""

    value: str
    label: str
    current: bool = False


def init_pages(app: Flask) -> None:
    """Templates get what the layout needs."""
    app.jinja_env.globals.update(_=_, gettext=_, ngettext=ngettext, asset=asset, nhs=nhs())
    app.context_processor(layout)
    app.register_blueprint(bp)


def layout() -> dict[str, Any]:
    """What the layout shows."""
    settings, session = current_app.extensions["settings"], csrf.current()
    locale = str(get_locale())
    return {
        "locale": locale,
        "direction": language.direction(locale),
        "site_name": settings.site_name,
        "crisis": crisis_of(session.nation or settings.nation),
        "csrf_field": csrf.field,
        "csrf_if_any": _csrf_if_any,
        "demo_seats": current_app.extensions["demo_seats"](),
        "signed_in": session.account_id is not None,
        "team_address": session.team,
        "shared_device": session.kind is SignInKind.SHARED,
        "idle_s": sign_ins.idle_s(session.kind) if session.account_id is not None else 0,
        "pseudo_offered": settings.pseudo,
        "look": display.attributes(display.here()),
        "exit_url": settings.exit_url,
        "route": request.endpoint or "",  # one for each template that has a shell (forum.web.shells)
        "return_to": request.full_path.rstrip("?") if request.method == "GET" else "",
    }


def crisis_of(nation: str) -> tuple[crisis.Contact, ...]:
    """A nation's crisis contacts; the site's own for a nation that this version does not know."""
    settings = current_app.extensions["settings"]
    known = nation if nation in crisis.NATIONS else settings.nation
    return crisis.contacts(known, settings.crisis_file)


def show_crisis_of(nation: str, team: str = "") -> None:
    """From here on this request's page, also an error page, shows the numbers of the group's organisation.

    Call it once the reader may know of the group: a stranger's page must not differ.

    :param team: the address of the group, for somebody who may write to its team: the page then leads there.
    """
    session = csrf.current()
    session.nation, session.team = nation, team


def show_crisis_asked_for() -> str:
    """Show the numbers of the nation that the reader chose in the address, if they did; gives whose are shown.

    Nothing of it is kept: where somebody is, or whom they ask for, is theirs.
    """
    session, asked = csrf.current(), nation_asked_for()
    if asked:
        session.nation = asked
    return session.nation or current_app.extensions["settings"].nation


def nation_asked_for() -> str | None:
    """The nation that the reader chose in the address, to hand on to the next one; None: none that is known."""
    asked = request.args.get("nation", "")
    return asked if asked in crisis.NATIONS else None


def _csrf_if_any() -> Markup:
    """For the small forms on every page: a visitor who only reads gets no session for their sake."""
    return csrf.field() if csrf.current().found is not None else Markup("")


def no_seats() -> Sequence[DemoSeat]:
    """Outside demonstration mode nobody can change seats."""
    return ()


@bp.get("/healthz")
def healthz() -> Response:
    """The process answers. No database is asked."""
    return jsonify(alive=True)


@bp.get("/readyz")
def readyz() -> Response:
    """The database answers and has the tables this program was made for: yes or no, nothing else."""
    try:
        found = rows(sql("SELECT version_num FROM alembic_version"))
        ready = [r.version_num for r in found] == [current_app.extensions["schema_head"]]
    except Exception:  # noqa: BLE001 - whatever is wrong, the answer is no
        ready = False
    answer = jsonify(ready=ready)
    answer.status_code = 200 if ready else 503
    return answer
