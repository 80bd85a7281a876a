"""What must be said when a concern is passed on to a body outside: typed answers, kept in the record and in its copies.

The law's questions are for the organisation's own adviser to check. In danger to life nobody waits for a form: then the name of
the body is enough, and the rest is asked for afterwards; nothing is closed before it is there.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields

from forum.base.errors import Invalid
from forum.base.words import _, lazy
from moderation.safeguarding.acting import MOST_WORDS
from moderation.safeguarding.cases import Case
from moderation.safeguarding.chronology import Line
from moderation.safeguarding.models import EventKind, Kind, Level, State


class Basis(enum.StrEnum):
    """What allows sharing. An organisation's own adviser checks the wording."""

    VITAL = "vital_interests"
    SAFEGUARDING = "safeguarding"
    CONSENT = "consent"
    DUTY = "legal_duty"


class Consent(enum.StrEnum):
    """Whether the person agreed."""

    GIVEN = "given"
    REFUSED = "refused"
    NOT_SOUGHT = "not_sought"


class Answer(enum.StrEnum):
    """To one of the three questions of section 42 of the Care Act 2014. Nobody is made to guess."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Threshold(enum.StrEnum):
    """Of a child: what is feared (sections 47 and 17 of the Children Act 1989)."""

    HARM = "significant_harm"
    NEED = "in_need"
    UNKNOWN = "unknown"


S42 = ("needs_care", "at_risk", "cannot_protect")
CHILD = ("child_threshold", "known")
#: What each choice can be.
CHOICES: Mapping[str, type[enum.StrEnum]] = {
    "basis": Basis,
    "consent": Consent,
    **dict.fromkeys(S42, Answer),
    "child_threshold": Threshold,
}
#: What is asked again, by field.
ASK = {
    "body": lazy("Write to whom you pass it on."),
    "basis": lazy("Choose what allows you to share it."),
    "consent": lazy("Choose whether the person agreed."),
    "why": lazy("They did not agree, or nobody asked. Write why you share it all the same."),
    "wants": lazy("Write what the person wants to happen."),
    "needs_care": lazy("Do they need care or support? Choose an answer."),
    "at_risk": lazy("Are they hurt, neglected or at risk? Choose an answer."),
    "cannot_protect": lazy("Can they not protect themselves? Choose an answer."),
    "child_threshold": lazy("What is feared for the child? Choose an answer."),
    "known": lazy("Write what harm there is, and who is with the child now."),
}


@dataclass(frozen=True)
class Referral:
    """What was said. Empty is not said. :param known: what is known of it, in words."""

    body: str = ""
    basis: str = ""
    consent: str = ""
    why: str = ""
    wants: str = ""
    needs_care: str = ""
    at_risk: str = ""
    cannot_protect: str = ""
    child_threshold: str = ""
    known: str = ""

    def packed(self) -> dict[str, str]:
        """As a line of the record keeps it."""
        return {name: value for name, value in asdict(self).items() if value}


NAMES = tuple(one.name for one in fields(Referral))


def read(said: Mapping[str, str]) -> Referral:
    """The answers of a form. :raises Invalid: a choice that is none, or too many words."""
    clean = {name: said.get(name, "").strip() for name in NAMES}
    for name, value in clean.items():
        if len(value) > MOST_WORDS:
            raise Invalid(_("Make it shorter: at most %(n)s characters.", n=MOST_WORDS), name)
        if value and name in CHOICES and value not in set(CHOICES[name]):
            raise Invalid(str(ASK[name]), name)
    if clean["basis"] == Basis.CONSENT and clean["consent"] not in ("", Consent.GIVEN):
        raise Invalid(_("The person did not say yes. Choose what else allows you to share it."), "basis")
    return Referral(**clean)


def missing(told: Referral, kind: Kind) -> list[str]:
    """The fields that are still to be answered, in the order of the form. :param kind: of the concern."""
    wanted = ["body", "basis", "consent"]
    if told.consent not in ("", Consent.GIVEN):
        wanted.append("why")
    if told.consent not in ("", Consent.NOT_SOUGHT):
        wanted.append("wants")
    answers = told.packed()
    return [name for name in (*wanted, *_of_law(told, kind)) if name not in answers]


def _of_law(told: Referral, kind: Kind) -> tuple[str, ...]:
    """Of somebody of the team it may be an adult or a child who was hurt; of the dead nobody asks what they need."""
    if kind is Kind.STAFF:
        return CHILD if told.child_threshold else S42
    return {Kind.CHILD: CHILD, Kind.DEATH: ()}.get(kind, S42)


def require_whole(told: Referral, kind: Kind) -> None:
    """Go on only if nothing is missing. :raises Invalid: with the first field that is."""
    for name in missing(told, kind):
        raise Invalid(str(ASK[name]), name)


def may_wait(case: Case) -> bool:
    """Whether this is an emergency, in which the body outside is told first and the form is filled in later."""
    return case.state is State.EMERGENCY or case.level is Level.IMMEDIATE


def owed(lines: Sequence[Line]) -> Referral | None:
    """What was said when it was passed on in a hurry, if nobody has said the rest since."""
    last = next((line for line in reversed(lines) if "referral" in line.codes), None)
    return None if last is None or last.codes.get("whole", True) else Referral(**last.codes["referral"])


#: Ends that say that it was passed on, and the answers without which nobody can say so.
_ENDS: Mapping[str, tuple[str, ...]] = {
    "adult_referred_s42": S42,
    "adult_below_threshold": S42,
    "child_referred": CHILD,
    "staff_allegation_referred": (),
    "police": (),
    "health_team": (),
}
#: Who came to an emergency was called then, and that is in the record.
_CALLED = ("police", "health_team")


def require_for_end(outcome: str, lines: Sequence[Line]) -> None:
    """Go on only if the record holds what an end says. :raises Invalid: it was never passed on with these answers."""
    if outcome not in _ENDS or (outcome in _CALLED and any(one.kind is EventKind.EMERGENCY_RECORDED for one in lines)):
        return
    told = [line.codes["referral"] for line in lines if "referral" in line.codes]
    if not any(set(_ENDS[outcome]) <= set(one) for one in told):
        raise Invalid(_("Pass it on first, with all of its questions. Or choose another end."), "outcome")
