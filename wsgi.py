"""The composition root: forum, moderation and live hints are put together here and nowhere else.

`gunicorn -k gevent -w 1 "wsgi:create_app()"` serves pages and sockets from one process.
"""

import atexit
import gc
import logging
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

import forum.ground_rules.deadlines  # noqa: F401 - so that jobs about ground rules are done
from forum import commands, demo
from forum.accounts import staff_views
from forum.accounts import views as accounts
from forum.accounts import way_back_views as ways_back
from forum.base import config, erasures, keyring, rotation
from forum.base.config import Settings
from forum.base.db import db, init_db, read_engine
from forum.base.keyring import KeyringError
from forum.content import charter, crisis
from forum.conversations import (
    adjustments,
    author_views,
    board_page,
    choosing_views,
    coming_back_views,
    contracting_views,
    draft_views,
    entrance,
    fading,
    fading_views,
    following_views,
    fragments,
    looking_after_views,
    mail_views,
    notices_views,
    outside_views,
    outward,
    persona_page,
    poll_views,
    polls,
    quick,
    reaction_views,
    reactions,
    renewal,
    rewriting_views,
    search_views,
    showing_rules_views,
    team_views,
    things,
    things_views,
    waiting_views,
    welcoming,
    welcoming_views,
    writing_views,
)
from forum.conversations import views as conversations
from forum.ground_rules import admin_views, agreeing_views, floor_views, library_views, own_part
from forum.ground_rules import views as ground_rules
from forum.groups import (
    apart_views,
    card_views,
    door_views,
    duty_views,
    example_views,
    holding_views,
    home,
    next_meeting,
    note_views,
    setup_views,
)
from forum.groups import views as groups
from forum.help import display_views, guides
from forum.help import views as helping
from forum.leaving import account_views as ending
from forum.leaving import copy_views, finishing, held
from forum.leaving import views as leaving
from forum.live import readiness, sockets, ticker
from forum.policy import (
    room_rules,
)
from forum.rooms import after_views as room_after
from forum.rooms import desk_views as room_desk
from forum.rooms import follow_up_views, hand_views, room_page, signal_views
from forum.rooms import held as rooms_held
from forum.rooms import rules as live_rules
from forum.rooms import sealed as room_seals
from forum.rooms import set_up_views as room_set_up
from forum.rooms import views as rooms
from forum.web import access_log, assets, fence, language, notices, pages, shells
from forum.web.actors import login
from forum.web.compression import compress
from forum.web.converters import IdentConverter, PostConverter
from forum.web.errors import back_soon, init_errors
from forum.web.fairness import Fair
from forum.web.headers import Fenced, Wsgi
from forum.web.overload import Overload
from forum.web.program import Program
from forum.web.quick import Quickly
from forum.web.sessions import SignInSessions
from forum.web.sign_ins import flush_touched
from moderation import queue_quick
from moderation import wiring as moderation
from moderation.safeguarding import guidance

ROOT = Path(__file__).resolve().parent

#: Some hundred pages' worth. Python's own 700 has it look in every second page.
OBJECTS_BEFORE_LOOKING = 50_000


def create_app(settings: Settings | None = None) -> Flask:
    """The whole program.

    :raises SettingsError: a setting would put people at risk. :raises KeyringError: no usable keyring.
    """
    settings = settings or config.settings_from()
    config.check(settings)
    app = Program(
        __name__,
        static_url_path=assets.URL_PREFIX.rstrip("/"),
        static_folder=str(assets.DIST),  # what was built, never what it was built from
        template_folder=str(ROOT / "templates"),
    )
    app.config.update(
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "forum" / "translations"),
    )
    app.extensions["settings"] = settings
    app.extensions["schema_head"] = schema_head()
    app.extensions["demo_seats"] = pages.no_seats
    _open_keyring(app, settings)
    erasures.use(settings.erasure_ledger)
    _build(app, settings)
    return app


def _build(app: Flask, settings: Settings) -> None:
    init_db(app, settings)
    Migrate(app, db, directory=str(ROOT / "migrations"))
    _check_content(settings)
    room_rules.plug(live_rules.RoomRules())
    next_meeting.plug(room_page.next_on_card)
    finishing.register()
    held.add_chapter("about_me", persona_page.held)
    held.add_chapter("how_long_your_words_stay", fading.held)
    held.add_chapter("made_easier_for_you", adjustments.held)
    held.add_chapter("my_things", things.held)
    held.add_chapter("reactions", reactions.held)
    held.add_chapter("answers_to_questions", polls.held)
    held.add_chapter("live_rooms", rooms_held.held)
    held.add_chapter("changing_the_rules", own_part.held)
    notices.plug(home.objections)
    renewal.register()
    for one in room_seals.renewals():
        rotation.register(one)
    moderation.plug()
    app.session_interface = SignInSessions()
    app.login_manager = login  # type: ignore[attr-defined]  # not init_app(): it would look for cookies we never set
    language.babel.init_app(app, locale_selector=language.select_locale)
    access_log.init(app)
    if not (settings.demo or settings.testing):
        access_log.write_to_stderr()
    pages.init_pages(app)
    init_errors(app)
    fence.put_up(app, settings)
    app.after_request(compress)
    app.url_map.converters.update(ident=IdentConverter, post=PostConverter)
    for views in (
        accounts,
        ways_back,
        staff_views,
        setup_views,
        holding_views,
        note_views,
        admin_views,
        floor_views,
        groups,
        door_views,
        apart_views,
        card_views,
        duty_views,
        example_views,
        helping,
        display_views,
        ground_rules,
        agreeing_views,
        library_views,
        contracting_views,
        rewriting_views,
        conversations,
        writing_views,
        waiting_views,
        draft_views,
        coming_back_views,
        search_views,
        choosing_views,
        following_views,
        notices_views,
        mail_views,
        things_views,
        author_views,
        fading_views,
        welcoming_views,
        reaction_views,
        poll_views,
        showing_rules_views,
        team_views,
        outside_views,
        outward,
        looking_after_views,
        rooms,
        hand_views,
        signal_views,
        room_desk,
        follow_up_views,
        room_after,
        room_set_up,
        leaving,
        ending,
        copy_views,
    ):
        app.register_blueprint(views.bp)
    commands.register(app)
    moderation.add_to(app)
    if settings.demo:
        demo.register(app)
    sockets.init(app, settings)
    entrance.forget_all()
    fragments.forget()
    shells.forget()
    board_page.forget()
    welcoming.forget()
    home.forget()
    _surround(app, settings)
    readiness.make_ready(app)
    if settings.ticker and not commands.is_one():
        ticker.start(app)
        _keep_what_is_loaded()
    atexit.register(_last_words, app)


def _keep_what_is_loaded() -> None:
    """Look for rubbish in what pages leave behind, seldom, and never again in the program itself."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BEFORE_LOOKING)


def _open_keyring(app: Flask, settings: Settings) -> None:
    """Refuse to start without a keyring, or with the demonstration's outside demonstrations."""
    try:
        ring = keyring.load(settings.keyring_file)
    except KeyringError:
        if not commands.makes_keys():
            raise
        return
    if ring.demonstration and not (settings.demo or settings.testing):
        raise KeyringError("This keyring was made for demonstrations. Run `flask keys init` with another file.")
    keyring.use_file(settings.keyring_file)


def _check_content(settings: Settings) -> None:
    """A mistake in a content file stops the start, and not somebody's night."""
    crisis.contacts(settings.nation, settings.crisis_file)
    charter.starter_clauses()
    guides.check()
    guidance.check(settings.guidance_file)


def _surround(app: Flask, settings: Settings) -> None:
    """What stands before Flask: who asks, turns for everyone, our headers, pages from memory, and the built files."""
    inner = app.wsgi_app
    if assets.DIST.is_dir():  # without it each page says to run `make assets`
        inner = WhiteNoise(
            inner,
            root=assets.DIST,
            prefix=assets.URL_PREFIX,
            allow_all_origins=False,
            immutable_file_test=assets.is_immutable,
        )
    if not settings.demo:  # whose pages show who else one can be
        with app.app_context():
            inner = Quickly(inner, read_engine(), settings, (*quick.PAGES, *home.PAGES, *queue_quick.PAGES))
    overload = Overload(lambda: back_soon(app).encode())
    app.wsgi_app = behind_proxies(Fair(Fenced(inner), overload), settings)  # type: ignore[method-assign,assignment]


def behind_proxies(inner: Wsgi, settings: Settings) -> Wsgi:
    """So that all that follows knows who asked, and how, as the proxies of ours say it and nobody before them."""
    hops = settings.proxy_hops
    return ProxyFix(inner, x_for=hops, x_proto=hops, x_host=0) if hops else inner


def schema_head() -> str:
    """The newest migration that this program was made for."""
    migrations = Config()
    migrations.set_main_option("script_location", str(ROOT / "migrations"))
    return ScriptDirectory.from_config(migrations).get_current_head() or ""


def _last_words(app: Flask) -> None:
    """Keep alive the devices used since the last weekly batch."""
    try:
        with app.app_context():
            flush_touched()
    except Exception:  # noqa: BLE001 - the process is going away whatever happens
        logging.getLogger(__name__).warning("sign-ins used lately were not kept alive; they end a little sooner")
