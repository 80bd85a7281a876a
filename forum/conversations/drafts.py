"""Words not sent yet, kept for their writer alone: found by tag, sealed, and padded so that their size tells little.

One row for each conversation, for each board's new topic and for each post that is being changed. Two pages that write
at once each keep their own version in it, so that neither takes the other's words away (docs/decisions/0043).
"""

import json
from dataclasses import asdict, dataclass, fields, replace

from forum.base import blocks, tagged
from forum.base.errors import Invalid, NotFound
from forum.base.keyring import Scope
from forum.base.text import MAX_BODY
from forum.base.transaction import retrying, transaction
from forum.base.words import _
from forum.models import Draft
from forum.policy.actor import Actor, Membership
from forum.policy.permissions import Denial

#: A draft's sealed size is a multiple of this: short thoughts all look alike.
BLOCK = 1_024
#: A phone, a computer, and one more that was left open somewhere. Of further ones nobody could keep track.
MOST_VERSIONS = 3
#: Twice what can be posted: a text that became too long is kept while its writer makes it shorter. A title likewise.
MOST_BODY, MOST_TITLE = 2 * MAX_BODY, 1_000
KIND = "draft"


@dataclass(frozen=True)
class Kept:
    """What somebody was writing, and how they meant to send it: a name meant to be hidden stays hidden.

    :param answers_id: the post they were answering; it may be gone by now. :param notes: mask of content notes.
    :param mark: what they say the words are. :param page: the open page that wrote this version.
    :param token: of its form, so that words sent, and sent again from elsewhere, are one post.
    :param board: where a new topic shall stand, as in addresses. :param names_only: it shall have answers with names only.
    :param as_team: in the voice of the team: a name meant to be left out stays left out.
    :param others: what other pages keep for the same place, newest first.
    """

    body: str
    title: str = ""
    masked: bool = False
    lang: str = ""
    answers_id: int | None = None
    notes: int = 0
    mark: str = ""
    page: str = ""
    token: str = ""
    board: str = ""
    names_only: bool = False
    as_team: bool = False
    others: tuple["Kept", ...] = ()

    @property
    def any_words(self) -> bool:
        """Whether there is anything to keep."""
        return bool(self.body.strip() or self.title.strip())


@retrying
def keep_draft(actor: Actor, group_id: bytes, place_id: bytes, kept: Kept, begun: str = "") -> Kept | None:
    """Keep what a page holds, instead of what it kept before; nothing to keep forgets it. Gives all that is kept now.

    :param place_id: the conversation, the board for a new topic, or `place_of_post`.
    :param begun: the page whose version stood in this page when it was opened: that one is gone on with.
    :raises NotFound: not a member. :raises Invalid: far longer than a post may be, or from too many pages at once.
    """
    membership = _member(actor, group_id)
    if len(kept.body) > MOST_BODY or len(kept.title) > MOST_TITLE:
        raise Invalid(_("That is too long to keep. A text can have %(most)s characters.", most=MAX_BODY), "body")
    with transaction():
        gone_on_with = {kept.page, begun} if begun else {kept.page}
        versions = _without(_versions(membership, place_id, lock=True), gone_on_with)
        if kept.any_words:
            versions = (replace(kept, others=()), *versions)
        if len(versions) > MOST_VERSIONS:
            raise Invalid(_("You wrote here on other devices, too. Copy these words: there is no room to keep them."))
        _keep(membership, place_id, versions)
        return _together(versions)


def find_draft(actor: Actor, group_id: bytes, place_id: bytes) -> Kept | None:
    """What this person kept here, the newest version first."""
    return _together(_versions(_member(actor, group_id), place_id))


def find_drafts(actor: Actor, group_id: bytes, place_ids: list[bytes]) -> dict[bytes, Kept]:
    """`find_draft` for several places, in one query."""
    membership = _member(actor, group_id)
    wanted = {place_id: (membership.persona_id, place_id) for place_id in place_ids}
    found = tagged.find_many(Draft, membership.scope, KIND, wanted)
    return {place_id: kept for place_id, value in found.items() if (kept := _together(_unpack(value)))}


@retrying
def discard_draft(actor: Actor, group_id: bytes, place_id: bytes, *of: str) -> None:
    """The words were posted, or are not wanted. In a transaction of its own: the one that wrote a masked post names
    nobody's draft.

    :param of: pages or tokens of forms whose versions go; none for all. What other pages keep stays.
    """
    if find_draft(actor, group_id, place_id) is None:
        return
    membership = _member(actor, group_id)
    with transaction():
        versions = _versions(membership, place_id, lock=True)
        _keep(membership, place_id, _without(versions, set(of) - {""}) if of else ())


def picked(kept: Kept, page: str) -> Kept:
    """The same with the version of `page` in front, if it is there."""
    versions = (replace(kept, others=()), *kept.others)
    return _together(tuple(sorted(versions, key=lambda one: one.page != page))) or kept


def place_of_post(post_id: int) -> bytes:
    """Where changes to a post are kept until they are posted."""
    return post_id.to_bytes(8)


def draft_tags(scope: Scope, persona_id: bytes, place_id: bytes) -> list[bytes]:
    """Where a draft is kept, for a query that reads it with something else."""
    return tagged.tags(scope, KIND, persona_id, place_id)


def open_draft(scope: Scope, tag: bytes, sealed: bytes) -> Kept | None:
    """What a draft read with something else says."""
    return _together(_unpack(tagged.open_value(Draft, scope, tag, sealed)))


def words_in(value: bytes) -> list[str]:
    """The words of a draft that was found by its tag. For its writer's own copy."""
    return [one.body for one in _unpack(value)]


def _member(actor: Actor, group_id: bytes) -> Membership:
    """Also who waits to be let in: they write to the team, and change those words."""
    membership = actor.writer_in(group_id)
    if membership is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return membership


Versions = tuple[Kept, ...]


def _without(versions: Versions, gone: set[str]) -> Versions:
    return tuple(one for one in versions if one.page not in gone and (not one.token or one.token not in gone))


def _together(versions: Versions) -> Kept | None:
    return replace(versions[0], others=versions[1:]) if versions else None


def _versions(membership: Membership, place_id: bytes, *, lock: bool = False) -> Versions:
    value = tagged.find(Draft, membership.scope, KIND, (membership.persona_id, place_id), lock=lock)
    return _unpack(value) if value is not None else ()


def _keep(membership: Membership, place_id: bytes, versions: Versions) -> None:
    ids = (membership.persona_id, place_id)
    if versions:
        tagged.keep(Draft, membership.scope, KIND, ids, _pack(versions))
    else:
        tagged.drop(Draft, membership.scope, KIND, ids)


def _pack(versions: Versions) -> bytes:
    said = [{name: value for name, value in asdict(one).items() if name != "others"} for one in versions]
    return blocks.pack(said, BLOCK)


def _unpack(value: bytes) -> Versions:
    """The inverse; also of what the first version of this program kept: one version, its fields in order."""
    said = json.loads(value)
    known = [one.name for one in fields(Kept)]
    if said and not isinstance(said[0], dict):
        said = [dict(zip(known, said, strict=False)) | {"page": "before"}]
    return tuple(Kept(**{name: part for name, part in one.items() if name in known}) for one in said)
