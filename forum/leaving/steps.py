"""What leaving is made of, inside the transaction of a use case. Nothing here names an account beside a persona."""

import secrets
from typing import Any

from sqlalchemy import delete, select, update

from forum.base import erasures, tagged
from forum.base.db import row
from forum.base.keyring import Scope, the_keyring
from forum.base.parts import in_parts
from forum.base.transaction import here
from forum.conversations import choices, drafts, lines, markers, masks, persona_page, polls, reactions, shelves, slow
from forum.groups import given_up
from forum.leaving import copies
from forum.leaving.held import all_places, own_posts
from forum.models import (
    Agreement,
    Draft,
    MailAddress,
    Mention,
    Persona,
    Post,
    PostState,
    ReadMarker,
    Restriction,
    Role,
    Standing,
    Welcomer,
)
from forum.policy import answered, forgetting, stepping_away
from forum.policy.members import SUSPENDED
from forum.rooms import held as rooms
from forum.web.sign_ins import announce_end

#: What stands over the empty places of somebody whose name is erased. No member can be called so.
NOBODYS_NAME = "Someone who left"
#: Bound values in one statement.
AT_ONCE = 400


def set_persona(persona_id: bytes, **columns: Any) -> None:
    """Step: change one persona."""
    here().execute(
        update(Persona).where(Persona.id == persona_id).values(**columns).execution_options(synchronize_session=False)
    )


def written_now() -> dict[str, str]:
    """The column that says which keys made a tag."""
    return {"key_id": the_keyring().writing_id}


def step_out(scope: Scope, persona_id: bytes) -> None:
    """Step: somebody is a stranger in the group from now on, on every page and every open socket."""
    set_persona(persona_id, standing=Standing.LEFT, role=Role.MEMBER)
    announce_end(f"persona:{persona_id.hex()}")
    stepping_away.note_out(scope, persona_id)


def let_go(persona_id: bytes) -> None:
    """Step: no sign-in leads to this persona any more."""
    set_persona(persona_id, holder_tag=secrets.token_bytes(16))
    announce_end(f"persona:{persona_id.hex()}")


def forget_persona(scope: Scope, persona_id: bytes) -> None:
    """Step: for good: what was kept for this persona goes, nothing leads to it or from it to its aliases, and its name
    goes too unless words stand under it. Noted for whoever restores an older copy."""
    erasures.note("persona", persona_id)
    places = all_places(scope, persona_id, own_posts(scope, persona_id))
    rooms.forget(scope, persona_id)
    forgetting.forget(scope, persona_id)  # before their aliases lead nowhere: a concern about one may still be open
    masks.forget_wearer(scope, persona_id)
    lines.let_go(scope, persona_id)
    copies.forget(scope, persona_id)
    reactions.forget(scope, persona_id)
    polls.forget(scope, persona_id)
    persona_page.forget(persona_id)
    persona_page.drop_put_by(scope, persona_id)
    choices.forget(scope, persona_id)
    for model, kind in KEPT_BY_PLACE:
        _drop_all(model, [tag for place in places for tag in tagged.tags(scope, kind, persona_id, place)])
    for model, kind in KEPT_ONCE:
        tagged.drop(model, scope, kind, (persona_id,))
    for plain in (Agreement, Mention, Welcomer):
        here().execute(delete(plain).where(plain.persona_id == persona_id))
    let_go(persona_id)
    set_persona(persona_id, standing=Standing.LEFT, role=Role.MEMBER, agreed_version_id=None, joined_on=None)
    if not has_words(persona_id):
        _erase_name(scope, persona_id)


#: Rows under the tag of a persona and a conversation, a board or an own post.
KEPT_BY_PLACE = ((Draft, drafts.KIND), (ReadMarker, markers.KIND), (Restriction, slow.KIND))
#: Rows under the tag of a persona alone.
KEPT_ONCE = (
    (Restriction, "hold_posts"),
    (Restriction, "bound"),
    (Restriction, "agreed"),
    (Restriction, "adjusted"),
    (Restriction, answered.KIND),
    (Restriction, SUSPENDED),
    *((shelf.model, shelf.kind) for shelf in shelves.SHELVES),
    (MailAddress, "mail_address"),
)


def _drop_all(model: Any, tags: list[bytes]) -> None:
    for some in in_parts(tags, AT_ONCE):
        gone = delete(model).where(model.tag.in_(some))
        here().execute(gone.execution_options(synchronize_session=False))


def has_words(persona_id: bytes) -> bool:
    """Whether anything stands under this name."""
    stands = select(Post.id).where(Post.persona_id == persona_id, Post.state != PostState.WITHDRAWN).limit(1)
    return row(stands) is not None


def _erase_name(scope: Scope, persona_id: bytes) -> None:
    """The name stays free of others for a month, as when somebody changes theirs."""
    found = row(select(Persona.skeleton).where(Persona.id == persona_id))
    if found is None:
        return
    given_up.keep(scope, found.skeleton, persona_id)
    set_persona(persona_id, name=NOBODYS_NAME, skeleton=f"left{secrets.token_hex(16)}")
