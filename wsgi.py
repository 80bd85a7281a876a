"""The composition root: forum, moderation and live hints are put together here and nowhere else.

`gunicorn -k gevent -w 1 "wsgi:create_app()"` serves pages and sockets from one process.
"""

import atexit
import gc
import logging
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Flask, abort, request
from flask_login import current_user
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

import forum.ground_rules.deadlines  # noqa: F401 - so that jobs about ground rules are done
import moderation.appeal_views
import moderation.cli
import moderation.decision_views
import moderation.health_views
import moderation.item_views
import moderation.note_views
import moderation.outsider_views
import moderation.own_place_views
import moderation.people_views
import moderation.queue_views
import moderation.report_views
import moderation.reviewer_views
import moderation.round_views
import moderation.second_look_views
import moderation.shift_views
import moderation.together_views
import moderation.transparency_views
import moderation.views
import moderation.vouching_views
from forum import commands, demo
from forum.accounts import staff_views
from forum.accounts import views as accounts
from forum.accounts import way_back_views as ways_back
from forum.base import config, erasures, keyring, reserve, rotation
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
    search_views,
    team_views,
    things,
    things_views,
    waiting_views,
    welcoming,
    welcoming_views,
    writing_views,
)
from forum.conversations import views as conversations
from forum.ground_rules import admin_views, agreeing_views, floor_views, library_views
from forum.ground_rules import views as ground_rules
from forum.groups import (
    apart_views,
    card_views,
    door_views,
    duty_views,
    example_views,
    holding_views,
    home,
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
from forum.policy import asking, gate, kept, record, stepping_away
from forum.web import access_log, assets, csrf, language, limits, notices, pages, shells
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
from moderation import (
    asks,
    audit,
    evidence,
    handover,
    leases,
    not_for,
    notes,
    outsiders,
    own,
    own_copy,
    queue_quick,
    reports,
    reviewers,
    threads,
)
from moderation import kept as moderation_kept
from moderation.gate import ModerationGate

ROOT = Path(__file__).resolve().parent

#: What is kept also when the disk is full: telling of harm, words to the team, ways in and out, taking words back.
URGENT = frozenset(
    {
        "accounts.sign_in",
        "accounts.submit_sign_in",
        "accounts.leave",
        "accounts.sign_out",
        "accounts.end_device",
        "staff.submit_code",
        "reports.report",
        "reports.report_person",
        "reports.worry",
        "reports.show_group_report",
        "reports.report_group",
        "outside.report",
        "outsiders.show_form",
        "outsiders.tell",
        "team.ask",
        "team.ask_hidden",
        "team.write",
        "writing.ask_check_in",
        "writing.withdraw_post",
        "leaving.take_words_back",
        "leaving.hide_words",
        "leaving.leave_group",
        "moderation.hide",
        "moderation.hold_author",
        "decisions.decide",
    }
)

#: Endpoints that need no sign-in. Everything else refuses, also when somebody forgets to think about it.
PUBLIC = frozenset(
    {
        "static",
        "pages.healthz",
        "pages.readyz",
        "groups.show_home",
        "groups.show_all",
        "doors.show_entry",
        "doors.show_code",
        "doors.submit_entry",
        "people.show_role_link",
        "people.accept_role",
        "people.come_in",
        "groups.show_names",
        "groups.offer_names",
        "conversations.show_group",
        "outward.show_leaving",
        "ground_rules.show_rules",
        "ground_rules.begin",
        "ground_rules.pick_name",
        "ground_rules.join",
        "accounts.sign_in",
        "accounts.submit_sign_in",
        "accounts.leave",
        "accounts.choose_language",
        "accounts.show_help",
        "team.show_help",
        "accounts.show_safe",
        "accounts.show_privacy",
        "staff.show_link",
        "staff.accept",
        "staff.show_code",
        "staff.submit_code",
        "staff.show_second_step",
        "staff.begin_second_step",
        "staff.show_new_secret",
        "staff.keep_second_step",
        "cards.show_examples",
        "cards.show_inside",
        "cards.show_readers",
        "cards.show_paper",
        "guide.show_index",
        "guide.show_guide",
        "guide.show_easy",
        "guide.show_practice",
        "guide.try_practice",
        "guide.show_using",
        "guide.show_feedback",
        "guide.send_feedback",
        "guide.show_thanks",
        "display.show",
        "display.save",
        "demo.take_seat",
        "mail.show_stop",
        "mail.stop_by_link",
        "reports.show_group_report",
        "reports.report_group",
        "reports.show_mine",
        "reports.show_receipt",
        "appeals.show_complaint",
        "appeals.complain",
        "reviewers.show_link",
        "reviewers.begin",
        "reviewers.show_item",
        "reviewers.answer",
        "reviewers.conclude",
        "outsiders.show",
        "outsiders.tell",
        "outsiders.show_told",
        "outsiders.say_more",
    }
)
#: Blueprints whose every view asks who it is in the query that opens what it shows.
CHECKING = frozenset({"conversations", "writing", "moderation"})
#: Some hundred pages' worth. Python's own 700 has it look in every second page.
OBJECTS_BEFORE_LOOKING = 50_000
#: Forms that do nothing for or against anybody: taken on the browser's own word about their origin.
HARMLESS = frozenset({"accounts.choose_language", "display.save", "demo.take_seat", "guide.try_practice"})


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
    gate.plug(ModerationGate())
    record.plug(audit.note)
    kept.plug(moderation_kept.list_kept)
    asking.plug(asks.Desk())
    stepping_away.plug(leases.Hands())
    finishing.register()
    held.add_chapter("about_me", persona_page.held)
    held.add_chapter("how_long_your_words_stay", fading.held)
    held.add_chapter("made_easier_for_you", adjustments.held)
    held.add_chapter("my_things", things.held)
    held.add_chapter("reactions", reactions.held)
    held.add_chapter("answers_to_questions", polls.held)
    held.add_chapter("told_the_team", moderation_kept.held)
    held.add_chapter("decided_about_you", own_copy.decided)
    held.add_chapter("asked_the_team_again", own_copy.asked)
    held.add_chapter("as_a_moderator", own.held)
    notices.plug(home.objections)
    renewal.register()
    rotation.register(evidence.renewal())
    rotation.register(not_for.renewal())
    rotation.register(notes.renewal())
    rotation.register(reports.renewal())
    rotation.register(threads.renewal())
    rotation.register(reviewers.renewal())
    rotation.register(outsiders.renewal())
    rotation.register(own.renewal())
    rotation.register(handover.renewal())
    app.session_interface = SignInSessions()
    app.login_manager = login  # type: ignore[attr-defined]  # not init_app(): it would look for cookies we never set
    language.babel.init_app(app, locale_selector=language.select_locale)
    access_log.init(app)
    if not (settings.demo or settings.testing):
        access_log.write_to_stderr()
    pages.init_pages(app)
    init_errors(app)
    _fence(app, settings)
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
        team_views,
        outside_views,
        outward,
        looking_after_views,
        leaving,
        ending,
        copy_views,
        moderation.views,
        moderation.decision_views,
        moderation.together_views,
        moderation.queue_views,
        moderation.item_views,
        moderation.note_views,
        moderation.people_views,
        moderation.report_views,
        moderation.appeal_views,
        moderation.own_place_views,
        moderation.reviewer_views,
        moderation.outsider_views,
        moderation.round_views,
        moderation.shift_views,
        moderation.health_views,
        moderation.transparency_views,
        moderation.second_look_views,
        moderation.vouching_views,
    ):
        app.register_blueprint(views.bp)
    commands.register(app)
    moderation.cli.register(app)
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
    if settings.ticker:
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


def _fence(app: Flask, settings: Settings) -> None:
    if settings.trusted_hosts:
        app.config["TRUSTED_HOSTS"] = list(settings.trusted_hosts)
    app.before_request(_note_urgency)
    app.before_request(_deny_by_default)
    limits.init_limits(app)
    app.before_request(_check_form)
    app.after_request(compress)


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


def _note_urgency() -> None:
    """What must be kept on a full disk may use the room that is there for it."""
    reserve.set_urgent(request.endpoint in URGENT)


def _deny_by_default() -> None:
    """A route that nobody listed needs a sign-in."""
    if request.endpoint is None or request.endpoint in PUBLIC or request.blueprint in CHECKING:
        return
    if not current_user.is_authenticated:
        abort(401)


def _check_form() -> None:
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    if request.endpoint in HARMLESS:
        if not csrf.same_origin(request):
            abort(403)
        return
    csrf.check()


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
