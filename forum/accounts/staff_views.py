"""Becoming an admin, the second step, and the page that asks for a code and keeps the form it came from."""

from collections.abc import Callable

from flask import Blueprint, Response, current_app, g, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from forum.accounts import links, new_devices, queries, second_factor, staff, totp
from forum.accounts.second_factor import StepUpNeeded
from forum.accounts.usecases import Entered
from forum.accounts.views import take
from forum.base.errors import Conflict, ForumError, Invalid, NotAllowed, NotFound, TooMany
from forum.base.words import _
from forum.models import LinkPurpose
from forum.policy.actor import Actor
from forum.policy.permissions import Denial
from forum.web import csrf, forms, sign_ins
from forum.web.actors import current_actor
from forum.web.qr import qr_svg

bp = Blueprint("staff", __name__)

#: The field that the asking page adds to the form it keeps.
CODE = "step_up_code"
#: Fields that are made anew, or that are the code itself.
NOT_KEPT = (csrf.FIELD, CODE)


@bp.get("/staff/<secret>")
def show_link(secret: str) -> str:
    """Become an admin: choose a private name and a password."""
    if links.find_link(secret, LinkPurpose.ADMIN) is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return _link_form(secret, [])


def _link_form(secret: str, errors: list[forms.Error]) -> str:
    return render_template("admin/accept.html", secret=secret, typed=request.form.get("name", ""), errors=errors)


@bp.post("/staff/<secret>")
def accept(secret: str) -> AnyResponse | tuple[str, int]:
    """Make the account; what comes next is its second step."""
    return come_in(secret, staff.accept, _link_form)


def come_in(
    secret: str, accept: Callable[[Actor, str, str, str], Entered], form: Callable[[str, list[forms.Error]], str]
) -> AnyResponse | tuple[str, int]:
    """Make the sign-in that a link is for; what comes next is its second step.

    :param form: shows the page of this link again, with what has to change.
    """
    try:
        entered = accept(current_actor(), secret, request.form.get("name", ""), request.form.get("password", ""))
    except Invalid as error:
        return form(secret, forms.errors_of(error)), error.status
    except Conflict as error:
        return form(secret, [forms.Error("name", error.message)]), error.status
    take(entered)
    return redirect(url_for("staff.show_second_step"), 303)


@bp.get("/sign-in/code")
def show_code() -> AnyResponse | str:
    """The second step of an admin's sign-in."""
    half = second_factor.find_half(current_actor())
    if half is None:
        return redirect(url_for("accounts.sign_in"), 303)
    if not second_factor.has_factor(half):
        return redirect(url_for("staff.show_second_step"), 303)
    return _code_form([])


def _code_form(errors: list[forms.Error]) -> str:
    onward = forms.local_path(request.values.get("next"), "/")
    return render_template("admin/code.html", next=onward, errors=errors)


@bp.post("/sign-in/code")
def submit_code() -> AnyResponse | tuple[str, int]:
    """Sign in if the code fits."""
    try:
        entered = staff.finish_sign_in(current_actor(), request.form.get("code", ""), _device())
    except (NotAllowed, TooMany) as error:
        return _code_form([forms.Error("code", error.message)]), error.status
    take(entered)
    onward = forms.local_path(request.form.get("next"), "/")
    return _remembered(redirect(_landing(entered) if onward == "/" else onward, 303))


def _device() -> str:
    """The mark of this device, a new one if it has none; the same within one request."""
    if "device" not in g:
        g.device = request.cookies.get(new_devices.COOKIE, "")[:64] or sign_ins.new_secret()
    return str(g.device)


def _remembered(answer: AnyResponse) -> AnyResponse:
    """With the mark in its cookie, which only this site reads, and only over https."""
    about = {"path": "/", "secure": True, "httponly": True, "samesite": "Lax"}
    answer.set_cookie(new_devices.COOKIE, _device(), max_age=new_devices.COOKIE_S, **about)  # type: ignore[arg-type]
    return answer


def _landing(entered: Entered) -> str:
    """Where an admin, or an officer who answers for people's safety, has their work."""
    found = sign_ins.find(sign_ins.hash_of(entered.secret))
    is_admin = found is not None and found.account_id is not None and queries.is_admin(found.account_id)
    return "/admin" if is_admin else "/safeguarding"


@bp.get("/second-step")
def show_second_step() -> str:
    """What a second step is, before one is made or changed."""
    account_id = _somebody()
    known = second_factor.has_factor(account_id)
    both = second_factor.has_both(account_id)
    return render_template("admin/second_step.html", has_factor=known, has_both=both, demo_code=_demo_code())


def _demo_code() -> str:
    """What the app of a demonstration's seat would show now; empty anywhere else."""
    tell = current_app.extensions.get("demo_code")
    return tell() if tell else ""


def _somebody() -> bytes:
    """Who is signed in here, or an admin who lacks nothing but the second step."""
    actor = current_actor()
    account_id = actor.account_id or second_factor.find_half(actor)
    if account_id is None:
        raise Unauthorized
    return account_id


@bp.post("/second-step")
def begin_second_step() -> AnyResponse:
    """Make a secret for an app, on this phone or on a second one."""
    _somebody()
    which = second_factor.SECOND if request.form.get("which") == "second" else second_factor.FIRST
    second_factor.begin(current_actor(), which)
    return redirect(url_for("staff.show_new_secret"), 303)


@bp.get("/second-step/new")
def show_new_secret() -> AnyResponse | str:
    """The secret, to be put into an app, and the field for its first code."""
    _somebody()
    return _secret_form([]) or redirect(url_for("staff.show_second_step"), 303)


def _secret_form(errors: list[forms.Error]) -> str | None:
    actor = current_actor()
    secret = second_factor.find_new(actor)
    if secret is None:
        return None
    written = totp.written(secret)
    link = totp.link_of(secret, current_app.extensions["settings"].site_name)
    return render_template(
        "admin/new_secret.html",
        groups=[written[n : n + 4] for n in range(0, len(written), 4)],
        link=link,
        square=qr_svg(link),
        has_factor=actor.account_id is not None and second_factor.has_factor(actor.account_id),
        errors=errors,
    )


@bp.post("/second-step/new")
def keep_second_step() -> AnyResponse | str | tuple[str, int]:
    """Take the secret into use; the spare codes are shown this once."""
    _somebody()
    actor, code, onward = current_actor(), request.form.get("code", ""), "/"
    try:
        if actor.account_id is None:
            spares, entered = staff.set_up(actor, code, _device())
            take(entered)
            onward = _landing(entered)
        else:
            spares = second_factor.keep(actor, code, request.form.get("old_code", ""))
    except (NotAllowed, TooMany) as error:
        page = _secret_form([forms.Error("code", error.message)])
        if page is None:
            raise NotFound(_("Please begin again.")) from error
        return page, error.status
    answer = make_response(render_template("admin/spare_codes.html", spares=spares, onward=onward))
    return answer if actor.account_id else _remembered(answer)


# --- Asked for a code in the middle of something ---


@bp.before_app_request
def _take_code() -> Response | None:
    """A form that comes with a code: check the code, then go on with the form as if nothing had been asked."""
    if request.method != "POST" or CODE not in request.form:
        return None
    try:
        second_factor.step_up(current_actor(), request.form[CODE])
    except (NotAllowed, TooMany) as error:
        return _ask(error, [forms.Error(CODE, error.message)])
    return None


@bp.app_errorhandler(StepUpNeeded)
def _ask_for_code(error: StepUpNeeded) -> Response:
    return _ask(error, [])


def _ask(error: ForumError, errors: list[forms.Error]) -> Response:
    """The page that asks; it carries the form on, so that nothing has to be typed twice."""
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_KEPT]
    missing = isinstance(error, StepUpNeeded) and not error.has_factor
    html = render_template(
        "admin/step_up.html",
        kept=kept,
        onward=request.full_path.rstrip("?"),
        missing=missing,
        errors=errors,
        demo_code=_demo_code(),
    )
    return make_response(html, error.status)
