"""Deleting one's sign-in, and taking it up again."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from forum.accounts import queries as accounts
from forum.accounts.usecases import account_of
from forum.base.errors import NotAllowed
from forum.groups.queries import list_mine
from forum.leaving import farewells, receipts, sign_in_ends
from forum.leaving.put_by import list_left
from forum.leaving.usecases import read_hidden
from forum.web.actors import current_actor
from forum.web.csrf import current

bp = Blueprint("ending", __name__)


@bp.get("/going")
@login_required
def show() -> str:
    """Where I can take leave, and what I can still undo."""
    return _page("")


@bp.post("/going")
@login_required
def delete_account() -> str | tuple[str, int]:
    """Delete my sign-in; the answer is the receipt, for there is nobody to come back to it."""
    actor = current_actor()
    try:
        gone = sign_in_ends.delete_account(actor, read_hidden(request.form.get("hidden", "")))
    except NotAllowed as error:
        return _page(error.message), error.status
    kept = [receipts.receipt(one.scope, one.persona_id) for one in gone]
    going = farewells.find_ending(account_of(actor))
    has_way_back = accounts.has_way_back(actor)
    current().finish()
    return render_template("leaving/gone.html", receipts=kept, going=going, has_way_back=has_way_back)


@bp.post("/going/undo")
@login_required
def take_up_again() -> AnyResponse:
    """Take my sign-in up again."""
    sign_in_ends.take_account_up_again(current_actor())
    return redirect(url_for("groups.show_home"), 303)


def _page(error: str) -> str:
    actor = current_actor()
    return render_template(
        "leaving/account.html",
        mine=[card for card, _inside in list_mine(actor)],
        left=list_left(actor),
        ending=farewells.find_ending(account_of(actor)),
        has_way_back=accounts.has_way_back(actor),
        error=error,
    )
