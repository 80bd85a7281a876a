"""Starting a group's ground rules, and joining it by answering them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from sqlalchemy import delete, insert, update

from forum.accounts import usecases as accounts
from forum.accounts.usecases import Entered
from forum.base import clock
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.content.charter import StarterClause, starter_clauses
from forum.ground_rules import arrivals, queries
from forum.ground_rules.queries import Rules
from forum.ground_rules.versions import text_sha256
from forum.groups import doors
from forum.groups import usecases as groups
from forum.groups.usecases import NewPersona
from forum.models import Agreement, Charter, CharterVersion, Clause, Persona, SignInKind, Standing, VersionStatus
from forum.policy import answered
from forum.policy.actor import Actor, Membership
from forum.policy.members import find_membership

#: A starter set is a beginning, not an agreement: the group makes its own within four weeks (ground-rules.md §2.2).
STARTER_DAYS = 28


@dataclass(frozen=True)
class Answers:
    """What somebody answered when joining.

    :param given: for each clause with a question its uid, and the uid of the answer.
    :param method: "self", "read_aloud" or "with_supporter".
    """

    given: Mapping[str, str]
    locale: str = "en"
    method: str = "self"


@dataclass(frozen=True)
class Joined:
    """A new member: who they are, and the cookie if this browser was not signed in.

    :param waiting: a person of the team has to let them in first.
    """

    name: str
    entered: Entered | None
    waiting: bool = False


def start_charter(group_id: bytes) -> bytes:
    """Step: version 1 of a group's ground rules, from the starter set."""
    clauses = starter_clauses()
    version_id = new_ident()
    now = clock.now()
    here().execute(
        insert(CharterVersion).values(
            id=version_id,
            group_id=group_id,
            n=1,
            status=VersionStatus.PROVISIONAL,
            text_sha256=text_sha256(clauses),
            effective_at=now,
            review_on=(now + timedelta(days=STARTER_DAYS)).date(),
        )
    )
    for clause in clauses:
        here().execute(insert(Clause).values(version_id=version_id, **_columns(clause)))
    here().execute(insert(Charter).values(group_id=group_id, version_id=version_id))
    return version_id


def _columns(clause: StarterClause) -> dict[str, object]:
    names = ("uid", "ord", "heading", "body", "why", "kind", "question", "binding_key", "binding_value")
    answers = json.dumps([asdict(a) for a in clause.answers], ensure_ascii=False)
    told = {"why": clause.why, "easy": clause.easy, "origin": "starter"}
    return {name: getattr(clause, name) or None for name in names} | {"answers": answers} | told


@retrying
def join_group(actor: Actor, scope: Scope, name: str, answers: Answers, shared: bool, token: str = "") -> Joined:
    """Become a member under a pseudonym, having read and answered the ground rules.

    A visitor gets an account on the way: nothing is asked for but the answers. Joining twice is harmless. Where the
    group lets people in by request they wait, as strangers, until a person of the team says yes.

    :param shared: other people use this device, so its session is short.
    :param token: of the form; the same one sent again soon comes back with what the first became.
    :raises Invalid: a question is not answered, or the name cannot be used.
    :raises NotAllowed: an answer says "not now", the message is the clause's own reply; or the door does not open.
    """
    rules = queries.find_rules(scope.group_id)
    if rules is None:
        raise NotFound(_("There is no such page here."))
    check_answers(rules, answers)
    try:
        return _join(actor, scope, name, rules, answers, shared, token)
    except (Invalid, NotAllowed):
        if arrived := _arrived(actor, scope, token):  # both taps at once: the other one took the name meanwhile
            return arrived
        raise


def _join(actor: Actor, scope: Scope, name: str, rules: Rules, answers: Answers, shared: bool, token: str) -> Joined:
    with transaction():
        if arrived := _arrived(actor, scope, token):
            return arrived
        if membership := find_membership(actor.account_id, scope):
            keep_agreement(membership.persona_id, rules, answers)
            return Joined(membership.name, None)
        account_id, persona, standing = _take_place(actor, scope, name)
        keep_agreement(persona.id, rules, answers)
        kind = SignInKind.SHARED if shared else SignInKind.OWN
        entered = None if actor.account_id else accounts.enter(account_id, kind, actor.sign_in)
        if entered:
            arrivals.keep(actor, scope, token, account_id, entered)
        return Joined(persona.name, entered, standing is Standing.WAITING)


def _take_place(actor: Actor, scope: Scope, name: str) -> tuple[bytes, NewPersona, Standing]:
    """Come through the door as somebody new, or as who one asked to be before."""
    asked = groups.find_persona(actor.account_id, scope)
    standing = doors.come_back(scope, asked, actor.sign_in) if asked else doors.admit(scope, actor.sign_in)
    account_id = actor.account_id or accounts.make_account()
    if asked:
        return account_id, groups.take_up(scope, asked, standing), standing
    return account_id, groups.add_persona(scope, account_id, name, standing=standing), standing


def _arrived(actor: Actor, scope: Scope, token: str) -> Joined | None:
    """What this form became already, if the answer to its first tap was lost."""
    found = arrivals.find(actor, scope, token)
    persona = groups.find_persona(found[0], scope) if found else None
    if found is None or persona is None or persona.standing is Standing.LEFT:
        return None
    return Joined(persona.name, found[1], persona.standing is Standing.WAITING)


def agree(actor: Actor, scope: Scope, answers: Answers) -> None:
    """Agree to the version in force, as somebody who is a member already.

    :raises Invalid: a question is not answered. :raises NotFound: not a member.
    """
    rules, membership = queries.find_rules(scope.group_id), actor.membership_in(scope.group_id)
    if rules is None or membership is None:
        raise NotFound(_("There is no such page here."))
    check_answers(rules, answers)
    with transaction():
        keep_answer(membership, rules, answers)


def check_answers(rules: Rules, answers: Answers) -> None:
    """Whether every question of these rules is answered, with answers that open the group.

    :raises Invalid: one is not answered. :raises NotAllowed: one says "not now", in the clause's own words.
    """
    try:
        reply = rules.refusal(answers.given)
    except KeyError as error:
        message = _("Please answer the question about what we may have to tell others.")
        raise Invalid(message, str(error.args[0])) from error
    if reply is not None:
        raise NotAllowed(reply)
    if answers.method not in ("self", "read_aloud", "with_supporter"):
        raise NotAllowed(_("Please choose how you read the rules."))


def keep_answer(membership: Membership, rules: Rules, answers: Answers) -> None:
    """Step: a member agreed to the version in force. It counts at once, and stands in the tables from the Monday on."""
    answered.keep_now(membership.scope, membership.persona_id, rules.version_id, answers.method, answers.locale)


def keep_agreement(persona_id: bytes, rules: Rules, answers: Answers, on: date | None = None) -> None:
    """Step: write down that somebody agreed to this version, and how they answered.

    :param on: the day that stands beside it; today for somebody who comes in, whose name is new today.
    """
    here().execute(
        delete(Agreement).where(Agreement.persona_id == persona_id, Agreement.version_id == rules.version_id)
    )
    here().execute(
        insert(Agreement).values(
            persona_id=persona_id,
            version_id=rules.version_id,
            text_sha256=rules.text_sha256,
            locale=answers.locale,
            method=answers.method,
            acknowledged="\n".join(c.uid for c in rules.given),
            agreed_on=on or clock.today(),
        )
    )
    here().execute(
        update(Persona)
        .where(Persona.id == persona_id)
        .values(agreed_version_id=rules.version_id)
        .execution_options(synchronize_session=False)
    )
