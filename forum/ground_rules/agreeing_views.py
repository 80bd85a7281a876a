"""Pages to agree again when the rules changed, to see what one agreed to, and how many did."""

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Conflict, Invalid, NotAllowed
from forum.base.idents import read_ident, write_ident
from forum.ground_rules import agreeing
from forum.ground_rules.agreeing import Again
from forum.ground_rules.views import answers_here
from forum.groups.queries import scope_of
from forum.groups.views import card_for_member
from forum.policy.actor import Membership
from forum.web import forms

bp = Blueprint("agreeing", __name__)


@bp.get("/g/<address>/rules/agree")
def show(address: str) -> AnyResponse | str:
    """What changed since this member agreed, or what they agreed to. Who agreed to nothing answers as a newcomer does."""
    card, actor, me = card_for_member(address)
    again = agreeing.find_again(actor, scope_of(card))
    if again is not None and again.before is not None:
        return _page(card, me, again, [])
    if again is not None:
        return redirect(url_for("ground_rules.begin", address=address), 303)
    mine = agreeing.find_mine(actor, scope_of(card))
    return render_template("ground_rules/my_agreement.html", card=card, mine=mine, just_now="agreed" in request.args)


def _page(card: Row, me: Membership, again: Again, errors: list[forms.Error]) -> str:
    return render_template(
        "ground_rules/agree.html",
        card=card,
        me=me,
        again=again,
        rules=again.rules,
        version=write_ident(again.rules.version_id),
        errors=errors,
        method=request.form.get("method", "self"),
    )


@bp.post("/g/<address>/rules/agree")
def agree(address: str) -> AnyResponse | tuple[str, int] | str:
    """Agree to what stood on the page."""
    card, actor, me = card_for_member(address)
    scope = scope_of(card)
    try:
        agreeing.agree_again(actor, scope, read_ident(request.form.get("version", "")), answers_here())
    except (Invalid, Conflict) as error:
        again = agreeing.find_again(actor, scope)
        if again is None or again.before is None:
            return redirect(url_for("ground_rules.begin", address=address), 303)
        return _page(card, me, again, forms.errors_of(error)), error.status
    except NotAllowed as error:
        return render_template("ground_rules/not_now.html", card=card, reply=error.message)
    return redirect(url_for("agreeing.show", address=address, agreed="yes"), 303)


@bp.post("/g/<address>/rules/agree/take-back")
def take_back(address: str) -> AnyResponse:
    """Agree no more: reading stays open."""
    card, actor, _me = card_for_member(address)
    agreeing.take_back(actor, scope_of(card))
    return redirect(url_for("conversations.show_group", address=address), 303)


@bp.get("/g/<address>/rules/agreed")
def show_agreed(address: str) -> str:
    """How many agreed to the rules in force; for facilitators, who."""
    card, actor, _me = card_for_member(address)
    return render_template("ground_rules/agreed.html", card=card, found=agreeing.find_agreed(actor, scope_of(card)))
