"""Setting how one is called: for an officer, and for a facilitator in their group. Each sets their own and tries it at once."""

from forum.base import jobs
from forum.base.errors import NotFound
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import retrying, transaction
from forum.base.words import _
from forum.policy.actor import Actor
from forum.policy.permissions import Denial
from moderation.safeguarding import channels, responders, sending
from moderation.safeguarding.channels import Way
from moderation.safeguarding.people_models import ChannelKind
from moderation.safeguarding.responders import Responder

JOB = "channel_test"


def get_me(actor: Actor, scope: Scope | None) -> Responder:
    """Who the actor is: an officer (None), or a facilitator of a group.

    :raises NotFound: neither.
    """
    found = responders.find(actor, scope) if scope else responders.find_officer(actor)
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return found


@retrying
def set_channel(me: Responder, kind: ChannelKind, address: str, to: str) -> None:
    """Keep a channel and send a number over it; it counts once that was typed in.

    :raises Invalid: an address that cannot be used.
    """
    way = channels.check_hook(address, to) if kind is ChannelKind.HOOK else channels.check_mail(address)
    with transaction():
        _try(me, kind, way)


@retrying
def try_again(me: Responder, kind: ChannelKind) -> None:
    """Send another number over a channel there is. What was tried before stays tried. :raises NotFound: there is none."""
    with transaction():
        way = channels.find(me.id, kind, lock=True)
        if way is None:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        _try(me, kind, way)


def _try(me: Responder, kind: ChannelKind, way: Way) -> None:
    channels.keep_here(me.id, kind, channels.fresh_code(way))
    jobs.enqueue(JOB, {"responder": me.id.hex(), "channel": kind.value, "once": new_ident().hex()})


@jobs.delivery(JOB)
def send_number(payload: jobs.Payload) -> None:
    """Send the number that lies sealed with the channel; one that was typed in or replaced meanwhile is not sent."""
    kind = ChannelKind(payload["channel"])
    way = channels.find(bytes.fromhex(payload["responder"]), kind)
    if way is None or not way.code:
        return
    text = _("This is a test, and nobody is in danger. Your number is %(code)s.", code=way.code)
    sending.send_text(kind, way, sending.Message(payload["once"], text))
