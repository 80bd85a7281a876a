"""What detectors do once words are posted: they ask a person to look. Folding and holding are the gate's.

Nothing here delays a post, puts words out of sight or touches a person (M15).
"""

from datetime import timedelta

from sqlalchemy import Row, delete, func, insert, select

from forum.base import clock, jobs
from forum.base.db import row
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here
from forum.conversations import masks
from forum.models import Mask, Persona, Post
from forum.policy.gate import Verdict, Waiting
from moderation import items, reports
from moderation.evidence import Copy
from moderation.hit_models import DetectorHit
from moderation.models import CaseKind, Source, Target
from moderation.report_targets import Told, named_in
from moderation.screening import VERSION

#: As long as somebody can disagree with what came of it.
KEPT = timedelta(days=183)
#: How heavy such words are to read (moderation.md §1.9): somebody in danger; somebody's address.
HEAVY, LIGHT = 3, 1
CONCERN, OWN, OTHERS = "concern", "own_details", "others_details"


def open_for(scope: Scope, post: Waiting, verdict: Verdict) -> None:
    """Step: ask the team to look at what was found in words that are being posted.

    Details in words that wait for a person anyway need no second item; somebody in danger does, which is looked at first.
    """
    details = () if verdict.hold else (*verdict.own, *verdict.others)
    if not (verdict.concern or details):
        return
    words = _words(post.post_id)
    if verdict.concern:
        _open(scope, words, CaseKind.WELFARE, CONCERN, verdict.concern, verdict)
    if details:
        _open(scope, words, CaseKind.PRIVACY, OTHERS if verdict.others else OWN, details, verdict)


def _words(post_id: int) -> Row:
    """The post as it was just written, with the name that stands on it."""
    found = row(
        select(
            Post.id,
            Post.body,
            Post.lang,
            Post.conversation_id,
            Post.persona_id,
            Post.mask_id,
            func.coalesce(Persona.name, Mask.alias).label("author"),
        )
        .outerjoin(Persona, Persona.id == Post.persona_id)
        .outerjoin(Mask, Mask.id == Post.mask_id)
        .where(Post.id == post_id)
    )
    if found is None:
        raise LookupError("Words without a post.")
    return found


def _open(scope: Scope, words: Row, kind: CaseKind, why: str, rules: tuple[str, ...], verdict: Verdict) -> None:
    """Nobody whom the words name looks at them, nor their author, also of an alias: as with what people tell."""
    author = words.persona_id or masks.wearer_of(scope, words.mask_id)
    names = frozenset({author, *named_in(scope, words.body, words.conversation_id)})
    item_id = items.open_item(
        scope,
        kind,
        about=words.id,
        source=Source.DETECTOR,
        target=Target.POST,
        reasons=(why,),
        lang=words.lang,
        intensity=HEAVY if kind is CaseKind.WELFARE else LIGHT,
        screened=verdict.screened,
        names=names,
    )
    told = Told(scope, Target.POST, words.id.to_bytes(16), Copy(words.body, words.lang, "", author=words.author), names)
    reports.join_detected(told, item_id)
    for rule in sorted(set(rules)):
        _note(scope, rule, item_id)


def _note(scope: Scope, rule: str, item_id: bytes) -> None:
    day = clock.today()
    values = {"id": new_ident(), "group_id": scope.group_id, "item_id": item_id, "rule": rule, "version": VERSION}
    here().execute(insert(DetectorHit).values(**values, day=day))
    over = clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + KEPT
    jobs.enqueue("forget_hits", {}, over, dedupe_key=f"forget_hits:{day}")


@jobs.step("forget_hits")
def _forget(_payload: jobs.Payload) -> None:
    gone = delete(DetectorHit).where(DetectorHit.day <= clock.today() - KEPT)
    here().execute(gone.execution_options(synchronize_session=False))
