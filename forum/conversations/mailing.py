"""Short mails that say no more than that something is new: asked for by a member, confirmed by a number, ended in one tap.

A mail goes when the page of news would show something new in that group: once a day at most, never twice about the same,
never in quiet time. A round looks after all addresses in turn, outside of every page; what it could not hand over it
tries again with the same id for a day.
"""

import hashlib
import hmac
import logging
from collections import OrderedDict
from dataclasses import dataclass, replace

from flask_babel import force_locale
from sqlalchemy import select

from forum.base import clock, jobs, mail
from forum.base.config import site_address, the_settings
from forum.base.db import row
from forum.base.errors import Invalid, NotAllowed, TooMany
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.pace import TimeLeft
from forum.base.transaction import retrying, transaction
from forum.base.words import _
from forum.conversations import choices, mail_addresses, news_times, notices
from forum.conversations.mail_addresses import HOURS, Kept
from forum.models import Group
from forum.policy.actor import Actor, Membership
from forum.policy.members import get_membership_of, get_scope
from forum.policy.permissions import MailFacts, may_ask_for_mail, may_hold_choices, require

log = logging.getLogger(__name__)

JOB = "mail_round"
#: A slip of the thumb and one more; in this process, which is enough against a flood.
ASKS_A_DAY, MOST_ASKED = 4, 5_000
_asked: OrderedDict[bytes, list[int]] = OrderedDict()
#: A round ends here and another goes on, well within the lease of its job (jobs.LEASE) though a server may be slow.
ROUND_S = 12.0


def offered() -> bool:
    """Whether this site sends mail at all."""
    return bool(the_settings().smtp_url)


@retrying
def ask(actor: Actor, scope: Scope, typed: str, *, shared_device: bool, lang: str = "en") -> None:
    """Send a number to an address; nothing else goes there before it is typed in.

    :param lang: what they read, of `forum.web.language.LANGUAGES`. :raises Invalid: no address. :raises NotFound: not a member. :raises NotAllowed: on a device that others use, too.
    """
    require(may_ask_for_mail, actor, MailFacts(scope.group_id, shared_device))
    if not offered():
        raise NotAllowed(_("This site sends no mail."))
    kept = mail_addresses.fresh(mail_addresses.check(typed), lang)
    _check_pace(_me(actor, scope).persona_id)
    with transaction():
        mail_addresses.keep(scope, _me(actor, scope).persona_id, kept)
        jobs.enqueue(JOB, {}, dedupe_key=JOB)


def _check_pace(persona_id: bytes) -> None:
    """Nobody has number after number sent to a stranger."""
    today = _today()
    asked = [one for one in _asked.get(persona_id, []) if one == today]
    if len(asked) >= ASKS_A_DAY:
        raise TooMany(_("You asked for many numbers today. Please try again tomorrow."), 24 * 3600)
    _asked[persona_id] = [*asked, today]
    while len(_asked) > MOST_ASKED:
        _asked.popitem(last=False)


def forget() -> None:
    """Begin anew (another database)."""
    _asked.clear()


def find(actor: Actor, scope: Scope) -> Kept | None:
    """What this member asked for. :raises NotFound: not a member."""
    return mail_addresses.find(scope, _me(actor, scope).persona_id)


def confirm(actor: Actor, scope: Scope, typed: str, lang: str = "en") -> None:
    """Type in the number that came; from now on short mails go there, in this language.

    :raises Invalid: another number, too many tries, or none was sent.
    """
    membership = _me(actor, scope)
    with transaction():
        kept = mail_addresses.find(scope, membership.persona_id, lock=True)
        if kept is None or kept.confirmed:
            return
        in_time = kept.tries > 0 and mail_addresses.this_hour() - kept.asked_hour < HOURS
        right = in_time and hmac.compare_digest("".join(typed.split()).encode(), kept.code.encode())
        now = replace(kept, code="", going="", lang=lang) if right else replace(kept, tries=max(0, kept.tries - 1))
        mail_addresses.keep(scope, membership.persona_id, now)
    if not right:
        raise Invalid(_("That is not the number we sent. Look once more, or ask for another."), "code")


def stop(actor: Actor, scope: Scope) -> None:
    """No mail any more. Twice is harmless."""
    membership = _me(actor, scope)
    with transaction():
        mail_addresses.forget(scope, membership.persona_id)


def stop_by_link(token: str) -> None:
    """The same for whoever has the link of a mail, signed in or not. One that is over does nothing."""
    found = mail_addresses.read_stop(token)
    if found is not None:
        with transaction():
            mail_addresses.forget(*found)


def _me(actor: Actor, scope: Scope) -> Membership:
    require(may_hold_choices, actor, scope.group_id)
    membership = actor.membership_in(scope.group_id)
    assert membership is not None
    return membership


# --- The round ---


def begin_round() -> None:
    """Have all addresses looked after soon; one round at a time."""
    if offered() and mail_addresses.any_in_all():
        with transaction():
            jobs.enqueue(JOB, {}, dedupe_key=JOB)


@dataclass(frozen=True)
class _Going:
    """A mail to hand over now."""

    persona_id: bytes
    kept: Kept
    subject: str
    body: str


@jobs.delivery(JOB)
def go_round(_payload: jobs.Payload) -> None:
    """Hand over what is due. It does not fail: what did not go goes with a later round, under the same id."""
    time_left = TimeLeft(ROUND_S)
    for group_id in mail_addresses.any_in_all():
        scope = get_scope(group_id)
        if scope is None or not offered():
            continue
        due = _reserve(scope)
        sent = {one.persona_id: _after(one.kept) for one in due if not time_left.is_over() and _hand_over(scope, one)}
        if sent:
            with transaction():
                mail_addresses.keep_all(scope, sent)


def _reserve(scope: Scope) -> list[_Going]:
    """Which mails go now: each is written down with its id before it goes, and has that id however often it is tried."""
    zone = _zone_of(scope)
    found = {who: _with_going(scope, who, kept, zone) for who, kept in mail_addresses.list_in(scope).items()}
    if any(changed for changed, _kept in found.values()):
        with transaction():
            mail_addresses.keep_all(scope, {who: kept for who, (_changed, kept) in found.items()})
    return [_write(scope, who, kept) for who, (_changed, kept) in found.items() if kept.going]


def _zone_of(scope: Scope) -> str:
    found = row(select(Group.zone).where(Group.id == scope.group_id))
    return str(found.zone) if found else "UTC"


def _with_going(scope: Scope, persona_id: bytes, kept: Kept, zone: str) -> tuple[bool, Kept]:
    """Whether an address changes now, and how: a mail that is a day late is given up, one about news begins."""
    hour = mail_addresses.this_hour()
    if kept.going:
        late = hour - kept.going_hour >= HOURS
        return late, replace(kept, going="") if late else kept
    told = _digest_of_news(scope, persona_id, zone) if kept.confirmed and kept.mailed_on != _today() else ""
    if not told or told == kept.told:
        return False, kept
    return True, replace(kept, going=new_ident().hex(), going_hour=hour, told=told)


def _digest_of_news(scope: Scope, persona_id: bytes, zone: str) -> str:
    """What is new for them now, as a digest; empty if nothing is, or if it is their quiet time."""
    membership = get_membership_of(scope, persona_id)
    chosen = choices.find(membership)
    if membership is None or news_times.quiet_until(chosen, zone, clock.now()) is not None:
        return ""
    news = notices.find(membership, chosen, zone)
    if not news.any:
        return ""
    posts = sorted(one.post_id for one in (*news.followed, *news.mentions))
    answers = sorted(f"{line.conversation_id.hex()}.{line.answer_seq}" for line in news.answers)
    steps = sorted(f"{one.about.hex()}.{one.n}" for one in news.rules)
    told = (posts, answers, steps) if steps else (posts, answers)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _today() -> int:
    return clock.today().toordinal()


def _after(kept: Kept) -> Kept:
    """An address after its mail went. A number to confirm it is no news, and counts for no day."""
    return replace(kept, going="", mailed_on=_today() if kept.confirmed else kept.mailed_on)


def _write(scope: Scope, persona_id: bytes, kept: Kept) -> _Going:
    """In the language of the page on which its owner said yes to it."""
    link = f"{site_address()}/mail/{mail_addresses.stop_token(scope, persona_id, kept)}"
    with force_locale(kept.lang):
        words = (
            _("There is something new for you.") if kept.confirmed else _("Your number is %(code)s.", code=kept.code)
        )
        subject = _("A short note") if kept.confirmed else _("Your number")
        end = _("No more of these mails:")
    return _Going(persona_id, kept, subject, f"{words}\n\n{end}\n{link}\n")


def _hand_over(scope: Scope, one: _Going) -> bool:
    settings = the_settings()
    letter = mail.write(settings.mail_from, one.kept.address, one.subject, one.body, one.kept.going, clock.now())
    try:
        mail.send(mail.read_server(settings.smtp_url), letter)
    except OSError as error:
        log.warning("a mail was not taken and is tried again error=%s", type(error).__name__)
        return False
    return True
