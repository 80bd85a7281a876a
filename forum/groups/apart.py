"""Keeping a group apart: its persona moves to a sign-in of its own, and the first keeps nothing of it.

Two transactions on purpose (docs/decisions/0033): one knows the new account, the other only tags, so that no copy of
the database joins either account to the persona or to the other. If the second fails, the same words finish it.
"""

from sqlalchemy import update

from forum.accounts import phrases, usecases
from forum.accounts import queries as accounts
from forum.accounts.digits import to_phrase, typed_digits
from forum.base import hashing, tagged
from forum.base.errors import Invalid, NotAllowed
from forum.base.keyring import HOUSE, Purpose, Scope, the_keyring
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.groups.usecases import take_seat
from forum.models import Persona, Seat, SignInKind, WayBack
from forum.policy.actor import Actor
from forum.policy.members import SEATS, actor_in, holder_tags, list_scopes, read_seat
from forum.policy.permissions import may_keep_apart, require
from forum.web.sign_ins import announce_end


def offer_phrase(actor: Actor, scope: Scope) -> tuple[str, str]:
    """Words for the sign-in to be, and a token that knows them again. Nothing is kept yet.

    :raises NotFound, NotAllowed: as for `keep_apart`.
    """
    _check(actor, scope)
    phrase = phrases.new_phrase()
    return phrase, _token(actor, scope, phrase)


def keep_apart(actor: Actor, scope: Scope, typed: str, token: str) -> None:
    """Move the actor's persona to a sign-in that only these words open.

    :param typed: the words offered, typed from where they were written down: so they are not lost with this page.
    :param token: what came with them.
    :raises Invalid: these are not the words offered. :raises NotFound: not a member.
    :raises NotAllowed: on a shared device, or one of the team, or there is nothing to keep it apart from.
    """
    _check(actor, scope)
    numbers = typed_digits(typed)
    phrase = (to_phrase(numbers) if numbers else phrases.read_phrase(typed)) or ""
    if not phrase or token not in _tokens(actor, scope, phrase):
        raise Invalid(_("These are not the words we showed you. Check each one, then try again."), "phrase")
    _move(actor, scope, _account_for(phrase))


def _check(actor: Actor, scope: Scope) -> None:
    require(may_keep_apart, actor, scope.group_id)
    if accounts.device_kind(actor) is not SignInKind.OWN:
        raise NotAllowed(_("Others use this device too. Please do this on a device of your own."))
    if len(set(list_scopes(usecases.account_of(actor)))) < 2:
        raise NotAllowed(_("You are in no other group here, so there is nothing to keep it apart from."))


def _account_for(phrase: str) -> bytes:
    """The account behind these words, made now unless an earlier try made it."""
    halves = hashing.stretch(phrase, accounts.phrase_salts()[0])
    with transaction():
        found = accounts.find_credential(halves.lookup)
        if found:
            return bytes(found.account_id)
        account_id = usecases.make_account()
        usecases.add_credential(account_id, halves, WayBack.WORDS)
        return account_id


def _move(actor: Actor, scope: Scope, account_id: bytes) -> None:
    """Nothing in this transaction names an account: tags alone."""
    with transaction():
        now = actor_in(actor, scope)
        require(may_keep_apart, now, scope.group_id)
        persona_id = now.memberships[scope.group_id].persona_id
        here().execute(
            update(Persona)
            .where(Persona.id == persona_id)
            .values(holder_tag=holder_tags(account_id, scope)[0], key_id=the_keyring().writing_id)
            .execution_options(synchronize_session=False)
        )
        leave_seat(usecases.account_of(actor), scope)
        take_seat(account_id, persona_id, scope)
        announce_end(f"persona:{persona_id.hex()}")


def leave_seat(account_id: bytes, scope: Scope) -> None:
    """Step: forget that this account sits in a group."""
    for n in range(SEATS):
        value = tagged.find(Seat, HOUSE, "seat", (account_id, n))
        if value is not None and read_seat(value)[1] == scope:
            tagged.drop(Seat, HOUSE, "seat", (account_id, n))


def _token(actor: Actor, scope: Scope, phrase: str) -> str:
    return _tokens(actor, scope, phrase)[0]


def _tokens(actor: Actor, scope: Scope, phrase: str) -> list[str]:
    """Stands on the page beside the words themselves and nowhere else; good for this browser and this group."""
    ring = the_keyring()  # not through its memory of tags: that would hold the words
    keys = ring.readable(Purpose.TAG)
    return [ring.tag(scope, "apart", actor.sign_in or b"", phrase, key=key).hex() for key in keys]
