"""For officers: how soon people are called at each level, and how long records are kept. The lead or a deputy sets both."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from forum.accounts.second_factor import StepUpNeeded
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.policy.permissions import Denial
from forum.web import forms
from forum.web.actors import current_actor
from moderation.safeguarding import choosing, keeping, ladder, policy
from moderation.safeguarding.models import Level

bp = Blueprint("safe_choices", __name__, url_prefix="/safeguarding")

Answer = AnyResponse | str | tuple[str, int]
#: From the most urgent on; what nobody looked at yet counts as high.
LEVELS = (Level.IMMEDIATE, Level.HIGH, Level.MEDIUM, Level.LOW)


@bp.get("/times")
@login_required
def show_times() -> str:
    """What holds at each level; `level` in the address opens the form of one."""
    me = choosing.get_reader(current_actor())
    numbers = policy.of_organisation(me.organisation_id)
    return render_template(
        "safeguarding/times.html",
        can_set=me.role in choosing.MAY_SET,
        times=[(level, policy.in_order(numbers[level.value]), policy.ours(level), _whom(level)) for level in LEVELS],
        done=request.args.get("done", ""),
    )


def _whom(level: Level) -> dict[str, str]:
    """Whom each later step calls, by its name."""
    steps = enumerate(ladder.of_level(level.value).steps, start=1)
    return {policy.step_name(n): one.whom[0].value for n, one in steps if n > 1}


@bp.get("/times/change")
@login_required
def show_change() -> str:
    """The form of one level."""
    return _form(_level(request.args), [])


def _level(sent: Any) -> Level:
    """:raises NotFound: no level of the list."""
    found = next((level for level in LEVELS if level.value == sent.get("level", Level.HIGH.value)), None)
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return found


def _form(level: Level, errors: list[forms.Error]) -> str:
    me = choosing.get_reader(current_actor())
    return render_template(
        "safeguarding/times_change.html",
        level=level,
        can_set=me.role in choosing.MAY_SET,
        numbers=policy.in_order(policy.of_organisation(me.organisation_id)[level.value]),
        ours=policy.ours(level),
        bounds={name: policy.bounds(level, name) for name in policy.ours(level)},
        steps=_whom(level),
        typed=request.form,
        errors=errors,
    )


@bp.post("/times")
@login_required
def choose_times() -> Answer:
    """Set the times of one level."""
    level, actor = _level(request.form), current_actor()
    try:
        choosing.choose_times(actor, level, _numbers(policy.ours(level)))
    except (Invalid, NotAllowed) as error:
        return _form(level, _errors(error)), error.status
    return redirect(url_for("safe_choices.show_times", done="kept"), 303)


def _numbers(names: Any) -> dict[str, int]:
    """Those of the fields that were sent; what is no number is out of bounds."""
    return {name: forms.sent_number(name, -1) for name in names if name in request.form}


def _errors(error: Invalid | NotAllowed) -> list[forms.Error]:
    """A code that is missing has a page of its own, which keeps the form."""
    if isinstance(error, StepUpNeeded):
        raise error
    return [forms.Error((error.field if isinstance(error, Invalid) else "") or "", error.message)]


@bp.get("/keeping")
@login_required
def show_keeping() -> str:
    """How long a record is kept, by what came of it."""
    return _keeping([])


def _keeping(errors: list[forms.Error]) -> str:
    me = choosing.get_reader(current_actor())
    return render_template(
        "safeguarding/keeping.html",
        can_set=me.role in choosing.MAY_SET,
        years=keeping.years_of(me.organisation_id),
        choosable=keeping.CHOOSABLE,
        ours=keeping.YEARS,
        least=keeping.least,
        most=keeping.MOST,
        typed=request.form,
        done=request.args.get("done", ""),
        errors=errors,
    )


@bp.post("/keeping")
@login_required
def choose_years() -> Answer:
    """Set how many years it is."""
    try:
        choosing.choose_years(current_actor(), _numbers(keeping.CHOOSABLE))
    except (Invalid, NotAllowed) as error:
        return _keeping(_errors(error)), error.status
    return redirect(url_for("safe_choices.show_keeping", done="kept"), 303)
