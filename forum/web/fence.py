"""The fence around every route: what needs no sign-in, what needs no form token, what is kept on a full disk.

One page, so that whoever reviews the program sees at once what is open. What stands on none of these lists is shut.
"""

from flask import Flask, abort, request
from flask_login import current_user

from forum.base import reserve
from forum.base.config import Settings
from forum.web import csrf, limits

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
        "rooms.say",
        "rooms.go",
        "room_signals.say_struggling",
        "writing.ask_check_in",
        "writing.withdraw_post",
        "leaving.take_words_back",
        "leaving.hide_words",
        "leaving.leave_group",
        "moderation.hide",
        "moderation.hold_author",
        "decisions.decide",
        *(
            f"concern_doors.{name}"
            for name in ("need_help", "need_help_outside", "worried", "worried_in_group", "raise_new")
        ),
        "concern_ways.go",
        *(f"talk.{name}" for name in ("show", "show_by_secret", "write", "write_by_secret")),
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
        "accounts.take_numbers",
        "team.show_help",
        "accounts.show_safe",
        "accounts.show_privacy",
        "officers.healthz",
        "officers.show_link",
        "officers.accept",
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
        "concern_doors.need_help",
        "concern_doors.show_need_help",
        "concern_doors.need_help_outside",
        "concern_doors.show_worried",
        "concern_doors.worried",
        "concern_doors.show_worried_in_group",
        "concern_doors.worried_in_group",
        "talk.show_by_secret",
        "talk.write_by_secret",
        "talk.choose_readers_by_secret",
        "talk.wish_no_action_by_secret",
    }
)
#: Blueprints whose every view asks who it is in the query that opens what it shows.
CHECKING = frozenset({"conversations", "writing", "moderation"})
#: What asks for help is taken from a page that was open all night, and after the sign-in ended: these forms need no token.
DOORS = frozenset(
    {
        "concern_doors.need_help",
        "concern_doors.need_help_outside",
        "concern_doors.worried",
        "concern_doors.worried_in_group",
        "concern_doors.raise_new",
        "talk.write",
        "talk.write_by_secret",
        "talk.choose_readers",
        "talk.choose_readers_by_secret",
        "talk.wish_no_action",
        "talk.wish_no_action_by_secret",
        "talk.say_young",
    }
)
#: Forms that do nothing for or against anybody: taken on the browser's own word about their origin.
HARMLESS = frozenset({"accounts.choose_language", "display.save", "demo.take_seat", "guide.try_practice"})


def put_up(app: Flask, settings: Settings) -> None:
    """Have every request pass here before any view."""
    if settings.trusted_hosts:
        app.config["TRUSTED_HOSTS"] = list(settings.trusted_hosts)
    app.before_request(_note_urgency)
    app.before_request(_deny_by_default)
    limits.init_limits(app)
    app.before_request(_check_form)


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
    if request.endpoint in HARMLESS or request.endpoint in DOORS:
        if not csrf.same_origin(request):
            abort(403)
        return
    csrf.check()
