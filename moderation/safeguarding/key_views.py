"""Keys as pages: an officer's own and the organisation's, and a facilitator's own half of one."""

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from forum.accounts import digits, second_factor
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.idents import read_ident, write_ident
from forum.base.keyring import Scope
from forum.groups.queries import scope_of
from forum.groups.views import card_for_facilitator
from forum.policy.permissions import Denial
from forum.web import forms
from forum.web.actors import current_actor
from moderation.safeguarding import changing, key_queries, keys, officers, responders
from moderation.safeguarding.responders import Responder

bp = Blueprint("safe_keys", __name__)

Answer = AnyResponse | str | tuple[str, int]


# --- For officers ---


@bp.get("/safeguarding/keys")
@login_required
def show() -> str:
    """One's own key, the organisation's, who holds a share, and what is wrong."""
    return _page(_officer(), [])


def _officer() -> Responder:
    """The actor, if they are an officer who may open anything. :raises NotFound: anybody else."""
    me = officers.get_officer(current_actor())
    if not me.may_own:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return me


def _page(me: Responder, errors: list[forms.Error]) -> str:
    holders = key_queries.list_holders(me.organisation_id)
    people = {one.id: one for one in responders.of_organisation(me.organisation_id)}
    return render_template(
        "safeguarding/keys.html",
        me=me,
        own=next((one for one in holders if one.responder_id == me.id), None),
        key=key_queries.find_key(me.organisation_id),
        others=[(_named(people, one), one) for one in holders if one.responder_id != me.id],
        gaps=key_queries.gaps(me.organisation_id),
        write_ident=write_ident,
        done=request.args.get("done", ""),
        errors=errors,
    )


def _named(people: dict[bytes, Responder], one: key_queries.Holder) -> str:
    if one.responder_id in people:
        return people[one.responder_id].name
    found = responders.get(Scope(one.organisation_id, one.group_id or b""), one.responder_id)
    return found.name if found else ""


@bp.post("/safeguarding/keys/own")
@login_required
def make_own() -> str:
    """Make one's own key; its words are shown this once."""
    me = _officer()
    second_factor.require_step_up(current_actor())
    return _words_page(keys.make_own(me), url_for("safe_keys.try_own"), url_for("safe_keys.show"))


def _words_page(phrase: str, try_at: str, back: str) -> str:
    spelt = digits.in_groups(digits.of_phrase(phrase))
    return render_template("safeguarding/key_words.html", phrase=phrase, digits=spelt, try_at=try_at, back=back)


@bp.post("/safeguarding/keys/try")
@login_required
def try_own() -> Answer:
    """Open a test envelope."""
    me = _officer()
    return _answer(me, lambda: keys.try_key(me, _typed()), "tried")


@bp.post("/safeguarding/keys/make")
@login_required
def make() -> Answer:
    """Make the organisation's key."""
    me = _officer()
    second_factor.require_step_up(current_actor())
    return _answer(me, lambda: keys.found_key(me), "made")


@bp.post("/safeguarding/keys/share")
@login_required
def share() -> Answer:
    """Give somebody a share."""
    me, to = _officer(), read_ident(request.form.get("to", "")) or b""
    second_factor.require_step_up(current_actor())
    return _answer(me, lambda: keys.share(me, _typed(), to), "shared")


@bp.post("/safeguarding/keys/change")
@login_required
def change() -> Answer:
    """Change the organisation's key, and seal everything to the new one."""
    me = _officer()
    second_factor.require_step_up(current_actor())
    return _answer(me, lambda: changing.change_key(me, _typed()), "changed")


def _typed() -> str:
    """The words of a key. Never in a log, an address or an error."""
    return request.form.get("words", "")


def _answer(me: Responder, act: Callable[[], None], done: str) -> Answer:
    try:
        act()
    except (Invalid, NotAllowed, Conflict) as error:
        field = error.field if isinstance(error, Invalid) else ""
        return _page(me, [forms.Error(field or "", error.message)]), error.status
    return redirect(url_for("safe_keys.show", done=done), 303)


# --- For facilitators ---


@bp.get("/g/<address>/key")
@login_required
def show_half(address: str) -> str:
    """What a facilitator's key is for, and whether it works."""
    return _half_page(address, [])


def _team(address: str) -> Responder:
    card, actor = card_for_facilitator(address)
    scope = scope_of(card)
    me = actor.memberships[scope.group_id]
    return next(one for one in responders.of_group(scope) if one.id == me.persona_id)


def _half_page(address: str, errors: list[forms.Error]) -> str:
    me = _team(address)
    own, done = key_queries.find_holder(me.id), request.args.get("done", "")
    return render_template("safeguarding/key_half.html", address=address, own=own, done=done, errors=errors)


@bp.post("/g/<address>/key")
@login_required
def make_half(address: str) -> str:
    """Make a facilitator's own key; its words are shown this once."""
    me = _team(address)
    second_factor.require_step_up(current_actor())
    back = url_for("safe_keys.show_half", address=address)
    return _words_page(keys.make_own(me), url_for("safe_keys.try_half", address=address), back)


@bp.post("/g/<address>/key/try")
@login_required
def try_half(address: str) -> Answer:
    """Try it."""
    me = _team(address)
    try:
        keys.try_key(me, _typed())
    except (Invalid, NotAllowed) as error:
        return _half_page(address, [forms.Error("words", error.message)]), error.status
    return redirect(url_for("safe_keys.show_half", address=address, done="tried"), 303)
