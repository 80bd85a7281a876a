"""Short mails about news, one group at a time: asked for, confirmed by a number, ended in one tap from here or from a mail."""

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Invalid
from forum.base.words import _
from forum.conversations import mailing
from forum.groups.queries import scope_of
from forum.groups.views import card_for_member
from forum.models import SignInKind
from forum.policy.actor import Actor
from forum.web import forms
from forum.web.csrf import current
from forum.web.language import of_mail

bp = Blueprint("mail", __name__)


@bp.get("/g/<address>/mail")
def show_mail(address: str) -> str:
    """Whether short mails come, and what to do next."""
    card, actor, _membership = card_for_member(address)
    return _page(card, actor)


def _shared() -> bool:
    return current().kind is SignInKind.SHARED


def _page(
    card: Row, actor: Actor, errors: tuple[forms.Error, ...] = (), typed: str = "", *, doubt: bool = False
) -> str:
    return render_template(
        "notices/mail.html",
        card=card,
        kept=mailing.find(actor, scope_of(card)),
        offered=mailing.offered(),
        shared=_shared(),
        errors=[] if _shared() or not mailing.offered() else list(errors),  # there is no form to change
        typed=typed,
        doubt=doubt,
    )


@bp.post("/g/<address>/mail")
def ask(address: str) -> AnyResponse | str | tuple[str, int]:
    """Have a number sent to an address. Who shares the inbox is asked once more."""
    card, actor, _membership = card_for_member(address)
    typed, others = request.form.get("address", ""), request.form.get("others", "")
    if others not in ("yes", "no"):
        wrong = forms.Error("others", _("Say whether somebody else reads this inbox."))
        return _page(card, actor, (wrong,), typed), 422
    if others == "yes" and not forms.checked("sure"):
        return _page(card, actor, typed=typed, doubt=True)
    try:
        mailing.ask(actor, scope_of(card), typed, shared_device=_shared(), lang=of_mail(request))
    except Invalid as error:
        return _page(card, actor, tuple(forms.errors_of(error)), typed), error.status
    return redirect(url_for("mail.show_mail", address=address), 303)


@bp.post("/g/<address>/mail/code")
def confirm(address: str) -> AnyResponse | tuple[str, int]:
    """Type in the number that came."""
    card, actor, _membership = card_for_member(address)
    try:
        mailing.confirm(actor, scope_of(card), request.form.get("code", ""), of_mail(request))
    except Invalid as error:
        return _page(card, actor, tuple(forms.errors_of(error))), error.status
    return redirect(url_for("mail.show_mail", address=address), 303)


@bp.post("/g/<address>/mail/stop")
def stop(address: str) -> AnyResponse:
    """No mail any more."""
    card, actor, _membership = card_for_member(address)
    mailing.stop(actor, scope_of(card))
    return redirect(url_for("mail.show_mail", address=address), 303)


@bp.get("/mail/<token>")
def show_stop(token: str) -> str:
    """Where the link in each mail leads. It asks first, for mail programs open links by themselves."""
    return render_template("notices/mail_stop.html", token=token, done=False)


@bp.post("/mail/<token>")
def stop_by_link(token: str) -> str:
    """No mail any more, signed in or not. The answer is the same for a link that is over."""
    mailing.stop_by_link(token)
    return render_template("notices/mail_stop.html", token="", done=True)
