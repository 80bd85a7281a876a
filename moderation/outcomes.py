"""What becomes of things, by rule and by hour of the day: so that a team sees if it judges harder at night.

No number under five is shown, and none from which one could be worked out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select

from forum.base import clock
from forum.base.db import rows
from forum.base.keyring import Scope
from forum.ground_rules.queries import find_rules
from forum.policy.actor import Actor
from forum.policy.permissions import may_look_after, require
from moderation import sight
from moderation.models import CaseItem, Choice, Decision
from moderation.shift_models import SecondLook
from moderation.small_numbers import LEAST, shown

#: As long as somebody can disagree.
SPAN = timedelta(days=183)
MOST_LOOKED = 5_000
#: Hours are counted in blocks: of single hours hardly any has five.
BLOCK_HOURS = 3
#: What the choices come to, from the mildest on. What ends without judging (a welcome, an answer) is not counted.
LEFT, MILDER, AWAY, PERSON = "left", "milder", "away", "person"
OUTCOMES: Mapping[Choice, str] = {
    Choice.RELEASE: LEFT,
    Choice.LOOKED: LEFT,
    Choice.ASK_AUTHOR: MILDER,
    Choice.FOLD: MILDER,
    Choice.LIMIT: MILDER,
    Choice.MOVE: MILDER,
    Choice.LOCK: MILDER,
    Choice.KEEP_BACK: AWAY,
    Choice.HIDE: AWAY,
    Choice.TAKE_DOWN: AWAY,
    Choice.HOLD_AUTHOR: PERSON,
    Choice.SLOW_MEMBER: PERSON,
    Choice.PAUSE_POSTING: PERSON,
    Choice.SUSPEND: PERSON,
    Choice.REMOVE: PERSON,
}
COLUMNS = (LEFT, MILDER, AWAY, PERSON)
#: Stands for things of which nobody named a rule.
NO_RULE = ""
Table = Mapping[str, Mapping[str, int | None]]


@dataclass(frozen=True)
class Numbers:
    """What the page shows.

    :param rules: by the code of what a rule found, or the uid of a ground rule. :param headings: of ground rules.
    :param hours: by the first hour of a block. :param agreed: of `looked` second looks that came to the same, or None.
    """

    rules: Table
    headings: Mapping[str, str]
    hours: Table
    looked: int | None
    agreed: int | None


def get_numbers(actor: Actor, scope: Scope, zone: str) -> Numbers:
    """What became of things in the last half year. :raises NotFound: not of the team."""
    require(may_look_after, actor, scope.group_id)
    found = _decided(actor, scope)
    looked, agreed = _second(found)
    rules = find_rules(scope.group_id)
    return Numbers(
        rules=shown(_table((rule, one.choice) for one in found for rule in _rules_of(one))),
        headings={clause.uid: clause.heading for clause in rules.clauses} if rules else {},
        hours=shown(_table((_block(one, ZoneInfo(zone)), one.choice) for one in found)),
        looked=looked,
        agreed=agreed,
    )


def _decided(actor: Actor, scope: Scope) -> list[Row]:
    """Decisions about things that exist for this reader; what was undone or is an appeal's end counts where it began."""
    wanted = (
        select(*sight.COLUMNS, CaseItem.reasons, Decision.id.label("decision"), Decision.choice, Decision.clause_uid)
        .add_columns(Decision.decided_at, SecondLook.agreed)
        .join(Decision, Decision.item_id == CaseItem.id)
        .outerjoin(SecondLook, SecondLook.decision_id == Decision.id)
        .where(Decision.group_id == scope.group_id, Decision.decided_at >= clock.now() - SPAN)
        .where(Decision.choice.in_(list(OUTCOMES)), CaseItem.outside_id.is_(None))
        .order_by(Decision.decided_at.desc())
        .limit(MOST_LOOKED)
    )
    found = rows(wanted)
    hidden = sight.hidden(actor, scope, found)
    return [one for one in found if one.id not in hidden]


def _rules_of(one: Row) -> Sequence[str]:
    """The ground rule it rests on, else what the item was opened for."""
    codes = [one.clause_uid] if one.clause_uid else [code for code in one.reasons.split(",") if code]
    return codes or [NO_RULE]


def _block(one: Row, zone: ZoneInfo) -> str:
    hour = one.decided_at.astimezone(zone).hour // BLOCK_HOURS * BLOCK_HOURS
    return f"{hour:02}"


def _table(pairs: Iterable[tuple[str, Choice]]) -> dict[str, dict[str, int]]:
    counted = Counter((line, OUTCOMES[choice]) for line, choice in pairs)
    lines = sorted({line for line, _column in counted})
    return {line: {column: counted[line, column] for column in COLUMNS} for line in lines}


def _second(found: Sequence[Row]) -> tuple[int | None, int | None]:
    """How many second looks there were, and how many came to the same."""
    answers = [one.agreed for one in found if one.agreed is not None]
    same = sum(answers)
    if min(same, len(answers) - same) < LEAST:
        return (len(answers) if len(answers) >= LEAST else None), None
    return len(answers), same
