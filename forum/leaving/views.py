"""Taking leave of a group: what one can do with one's own words and name there, and undoing it."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import login_required
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from forum.accounts.usecases import account_of
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.keyring import Scope
from forum.content import crisis
from forum.groups import own_names, queries
from forum.groups.doors import NOWHERE
from forum.groups.usecases import offer_names
from forum.leaving import farewells, receipts, usecases
from forum.leaving.farewells import Going, Kind
from forum.leaving.usecases import read_hidden
from forum.models import Door
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in
from forum.policy.permissions import Denial, may_begin_afresh, may_take_leave, require
from forum.web import forms
from forum.web.actors import current_actor
from forum.web.pages import crisis_of, show_crisis_of

bp = Blueprint("leaving", __name__)


@dataclass(frozen=True)
class Here:
    """A group for somebody who is in it, or left it lately.

    :param words: until when words can come back; `left` and `fresh` what else can be undone.
    """

    card: Row
    scope: Scope
    actor: Actor
    me: Membership | None
    words: Going | None
    left: Going | None
    fresh: Going | None

    @property
    def persona_id(self) -> bytes:
        """Who they are in it, or were."""
        known = self.me or self.left or self.fresh
        assert known is not None  # `here` refuses everybody else
        return known.persona_id


def here(address: str) -> Here:
    """The group, for a member or for somebody who can still undo something there; to all others there is none."""
    card = queries.find_card(address)
    scope = queries.scope_of(card) if card is not None else NOWHERE
    actor = actor_in(current_actor(), scope)
    account_id = account_of(actor)
    left, fresh = (farewells.find(scope, account_id, kind) for kind in (Kind.LEFT, Kind.FRESH))
    me = actor.membership_in(scope.group_id)
    if card is None or not (me or left or fresh):
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    gone = usecases.can_bring_back(account_id, scope)  # after the refusal: for who left long ago this asks more
    words = farewells.find(scope, gone[-1], Kind.WORDS) if gone else None
    show_crisis_of(card.nation, card.address if me else "")
    return Here(card, scope, actor, me, words, left, fresh)


def inside(address: str) -> Here:
    """The same for members alone."""
    found = here(address)
    require(may_take_leave, found.actor, found.card.id)
    return found


def _wears_any(found: Here) -> bool:
    return found.me is not None and receipts.wears_any(found.scope, found.me.persona_id)


@bp.get("/g/<address>/going")
@login_required
def show_choices(address: str) -> str:
    """All that somebody can do with what is theirs here, and what they can undo."""
    return render_template("leaving/choices.html", here=here(address), done=request.args.get("done", ""))


@bp.get("/g/<address>/going/words")
@login_required
def ask_words(address: str) -> str:
    """Before taking all words back."""
    found = inside(address)
    return render_template("leaving/words.html", here=found, hidden=_wears_any(found))


@bp.post("/g/<address>/going/words")
@login_required
def take_words_back(address: str) -> AnyResponse:
    """Take all one's words in the group back."""
    found = inside(address)
    usecases.take_words_back(found.actor, found.scope, read_hidden(request.form.get("hidden", "")))
    return redirect(url_for("leaving.show_choices", address=address, done="words"), 303)


@bp.get("/g/<address>/going/leave")
@login_required
def ask_leave(address: str) -> str:
    """Before leaving the group."""
    found = inside(address)
    return render_template("leaving/leave.html", here=found, hidden=_wears_any(found), error="")


@bp.post("/g/<address>/going/leave")
@login_required
def leave_group(address: str) -> AnyResponse | tuple[str, int]:
    """Leave the group."""
    found = inside(address)
    hidden = read_hidden(request.form.get("hidden", "")) if request.form.get("words") == "take" else None
    try:
        usecases.leave_group(found.actor, found.scope, hidden)
    except NotAllowed as error:
        page = render_template("leaving/leave.html", here=found, hidden=_wears_any(found), error=error.message)
        return page, error.status
    return redirect(url_for("leaving.show_choices", address=address, done="left"), 303)


@bp.post("/g/<address>/going/undo")
@login_required
def undo(address: str) -> AnyResponse:
    """Think better of one of them."""
    found, what = here(address), request.form.get("what", "")
    undoing = {
        "words": usecases.bring_words_back,
        "left": usecases.come_back,
        "fresh": usecases.take_old_name_again,
    }.get(what)
    if undoing is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    undoing(found.actor, found.scope)
    return redirect(url_for("leaving.show_choices", address=address, done=f"{what}-undone"), 303)


@bp.get("/g/<address>/going/kept")
@login_required
def show_kept(address: str) -> str:
    """What is kept, why and until when, and what others still see: to print."""
    found = here(address)
    return render_template("leaving/kept.html", here=found, receipts=[receipts.receipt(found.scope, found.persona_id)])


# --- Being recognised ---


@bp.get("/g/<address>/known")
@login_required
def ask_known(address: str) -> str:
    """“Someone here may know me”: what one tap does, and what else can help."""
    found = inside(address)
    return render_template("leaving/known.html", here=found, hidden=_wears_any(found), **_what_helps(found))


def _what_helps(found: Here) -> dict[str, object]:
    return {
        "may_begin_afresh": may_begin_afresh(found.actor, found.card.id) is None,
        "open_door": found.card.door is Door.OPEN,
        "abuse_lines": crisis.abuse_lines(crisis_of(found.card.nation)),
    }


@bp.post("/g/<address>/known")
@login_required
def hide_words(address: str) -> AnyResponse:
    """Put all my named words in this group out of sight, and ask about the others. Nobody is told."""
    found = inside(address)
    usecases.take_words_back(found.actor, found.scope, read_hidden(request.form.get("hidden", "")))
    return redirect(url_for("leaving.ask_known", address=address, done="yes"), 303)


@bp.get("/g/<address>/known/name")
@login_required
def ask_fresh(address: str) -> str:
    """Before going on under a name that nothing joins to the old one."""
    found = here(address)
    usecases.check_afresh(found.actor, found.scope)
    return _fresh_form(found, [])


@bp.post("/g/<address>/known/name")
@login_required
def begin_afresh(address: str) -> AnyResponse | tuple[str, int]:
    """Go on as somebody new."""
    found = here(address)
    name = request.form.get("own_name", "").strip() or request.form.get("name", "")
    try:
        own_names.warn(found.actor, found.scope, name, forms.checked(own_names.MEANT))
        usecases.begin_afresh(found.actor, found.scope, name)
    except Invalid as error:
        return _fresh_form(found, forms.errors_of(error)), error.status
    return redirect(url_for("leaving.show_choices", address=address, done="fresh"), 303)


def _fresh_form(found: Here, errors: list[forms.Error]) -> str:
    return render_template(
        "leaving/fresh.html",
        here=found,
        offered=offer_names(found.card.id),
        typed=request.form.get("own_name", ""),
        errors=errors,
        **_what_helps(found),
    )
