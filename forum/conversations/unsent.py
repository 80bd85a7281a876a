"""Words that could not be posted yet, because their author has not answered new ground rules, and that sound like danger.

They reach the team all the same, on the author's own line, under the face they were to have (ground-rules.md §2.3): a cry
for help does not wait for an answer about rules. The group does not see them.
"""

from forum.base.characters import normalise
from forum.base.keyring import Scope
from forum.base.pools import render_pool
from forum.base.text import MAX_BODY
from forum.base.transaction import retrying, transaction
from forum.base.words import _
from forum.conversations import lines, masks, queries, steps, team
from forum.conversations.lifecycle import Written
from forum.conversations.lines import Line
from forum.conversations.places import Place, find_place
from forum.conversations.prepare import Prepared, Words, prepare
from forum.models import ConversationKind
from forum.policy import gate
from forum.policy.actor import Actor, Membership
from forum.policy.lines import Face
from forum.policy.permissions import ConversationFacts


def sounds_hard(words: Words, title: str = "") -> bool:
    """Whether these words sound like somebody in danger."""
    said = normalise(f"{title}\n\n{words.body}"[:MAX_BODY])
    return bool(said.strip()) and render_pool.run(gate.is_concerned, said)


def tell_team(
    actor: Actor, scope: Scope, words: Words, token: str, conversation_id: bytes | None, title: str = ""
) -> Written:
    """Show the team what somebody wanted to post; the same form sent again tells it once.

    :param conversation_id: where a reply was to stand; None for a new topic. :param title: of the topic.
    :raises NotFound: not a member. :raises NotAllowed: they wrote to the team under many hidden names already.
    """
    said = "\n\n".join(part for part in (title.strip(), words.body.strip()) if part)
    told = _(
        "This is not posted: the new rules are not answered yet. The site shows it to the team, as it sounds hard."
    )
    body = f"{told}\n\n{said}"
    ready = prepare(body if len(body) <= MAX_BODY else said[:MAX_BODY], words.lang, ConversationKind.TEAM, frozenset())
    return _tell(actor, scope, words, ready, token, conversation_id)


@retrying
def _tell(
    actor: Actor, scope: Scope, words: Words, ready: Prepared, token: str, conversation_id: bytes | None
) -> Written:
    with transaction():
        membership = steps.member_now(actor, ConversationFacts(scope.group_id, to_team=True), scope)
        place = _line(membership, words, conversation_id)
        form = steps.form_of(token, place.id, ready.body)
        conversation = steps.lock(place.id)
        if resent := queries.find_resend(membership, form):
            return steps.as_written(resent)
        return steps.add(place, conversation, membership, Words(ready.body, words.lang), ready, form)


def _line(membership: Membership, words: Words, conversation_id: bytes | None) -> Place:
    """Step: the author's line under their name; or, hidden, under their alias of the place where the words were to stand.

    A new topic has no alias yet: it is born on the line itself, and is the same the next time.
    """
    if not words.masked:
        return team.open_line(membership, lang=words.lang)
    if conversation_id is not None:
        mask = masks.wear(membership.scope, membership.persona_id, conversation_id)
        return team.open_line(membership, mask.id, words.lang)
    own = next((line for line in lines.list_own([membership]) if _alias_was_born_there(membership, line)), None)
    place = find_place(own.conversation_id if own else _open(membership, words.lang))
    assert place is not None
    return place


def _alias_was_born_there(membership: Membership, line: Line) -> bool:
    worn = masks.find_mask(membership.scope, membership.persona_id, line.conversation_id) if line.face.masked else None
    return worn is not None and worn.id == line.face.id


def _open(membership: Membership, lang: str) -> bytes:
    opened = steps.open_conversation(membership.scope.group_id, None, ConversationKind.TEAM, "", lang)
    mask = masks.wear(membership.scope, membership.persona_id, opened)
    lines.add(membership, opened, Face(mask.id, masked=True))
    return opened
