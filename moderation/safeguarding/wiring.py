"""What safeguarding gives the forum: who is told of a worry, pages, commands, and what is done between requests."""

from flask import Flask

from forum.base import restored, rotation
from forum.leaving import held
from forum.live import ticker
from forum.policy import concern, forgetting, guard, help_door, opened
from moderation.safeguarding import (
    calling_views,
    channels,
    choosing_views,
    cli,
    concern_views,
    deletion_views,
    detail_views,
    details,
    details_ends,
    door_views,
    drills,
    exclusions,
    export_views,
    item_calls,
    key_steps,
    key_views,
    lapsed,
    lazily,
    officer_views,
    opening_told,
    opening_views,
    quarter_views,
    restoring,
    sending,
    setup_views,
    talk,
    talk_views,
    ticking,
    tier_views,
    watchdog,
    way_views,
    without_role,
    words,
)
from moderation.safeguarding.desk import Desk
from moderation.safeguarding.doors import Door
from moderation.safeguarding.guard import Guard

VIEWS = (
    door_views,
    officer_views,
    quarter_views,
    calling_views,
    tier_views,
    setup_views,
    talk_views,
    detail_views,
    key_views,
    opening_views,
    export_views,
    deletion_views,
    choosing_views,
    concern_views,
    way_views,
)


def plug() -> None:
    """Fill the forum's ports, and have what is sealed here renewed, told to its owner, and forgotten with them."""
    concern.plug(Desk())
    guard.plug(Guard())
    help_door.plug(Door())
    opened.plug(opening_told.has_new)
    for part in (words, exclusions, channels, key_steps, details, opening_told, talk):
        rotation.register(part.renewal())
    forgetting.register("contact details", details_ends.forget)
    held.add_chapter("contact_details", opening_told.held)


def add_to(app: Flask) -> None:
    """Its pages and commands, what other pages ask of it, and the calls, beside the ticker and after requests."""
    for views in VIEWS:
        app.register_blueprint(views.bp)
    cli.register(app)
    app.jinja_env.globals.update(calls_late=calling_views.are_calls_late, calls_to_me=calling_views.count_calls_to_me)
    watchdog.forget()
    lazily.init(app)
    ticker.also("concerns", ticking.work)
    ticker.also("worries", lapsed.raise_lapsed_now, lapsed.EVERY_S)
    ticker.also("late items", item_calls.work, item_calls.EVERY_S)
    ticker.also("drills", drills.work, drills.LOOK_S)
    ticker.also("without role", without_role.work, without_role.EVERY_S)
    for name, work in sending.WORKERS:
        ticker.also(name, work)
    restored.after_restore("open concerns call people anew.", restoring.call_anew)
