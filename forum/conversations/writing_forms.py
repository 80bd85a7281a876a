"""What the forms to write say and show: what was typed, what was kept for later, which post is answered, who reads first."""

from dataclasses import replace

from flask import request
from markupsafe import Markup

from forum.base.characters import normalise
from forum.base.errors import Invalid, NotFound
from forum.base.idents import read_post_id
from forum.base.words import _
from forum.content import notes
from forum.conversations import drafts, filtering, fragments, queries, steps
from forum.conversations.drafts import Kept
from forum.conversations.entrance import Entrance
from forum.conversations.prepare import Meant, Words
from forum.groups.queries import duty_sentence, is_staffed
from forum.models import Hold, PostMark, Standing
from forum.policy.actor import Actor, Membership
from forum.policy.holding import BEFORE_WRITING
from forum.web import forms
from forum.web.language import language_of_words


def read_words() -> Words:
    """What the form says."""
    return Words(
        body=request.form.get("body", ""),
        lang=language_of_words(request),
        masked=request.form.get("masked") == "yes",
        as_team=request.form.get("masked") == "team",
        answers_id=read_post_id(request.form.get("answers", "")),
        notes=notes.mask_of(request.form.getlist("note")),
        mark=read_mark(request.form.get("mark", "")),
        names_only=forms.checked("names_only"),
    )


def read_mark(typed: str) -> PostMark | None:
    """What a form says its words are; nonsense is nothing said."""
    return PostMark(typed) if typed in set(PostMark) else None


def meant_of(words: Words) -> Meant:
    """What a form says of its words."""
    return Meant(words.notes, words.mark)


def refuse_files() -> None:
    """Nothing but words can be sent.

    :raises Invalid: with what to do instead; the form comes back with its words.
    """
    if any(sent.filename or sent.read(1) for sent in request.files.values()):
        raise Invalid(
            _(
                "Pictures and files cannot be sent here. Your words are still here. You can say in words what the picture shows."
            ),
            "body",
        )


def kept_of(words: Words, title: str = "") -> Kept:
    """What is kept of a form for later. A page without a script has no name for itself: each of its forms is one."""
    return Kept(
        words.body,
        title,
        words.masked,
        words.lang,
        words.answers_id,
        words.notes,
        words.mark or "",
        page=_cut("page") or (forms.new_token() if "draft" in request.form else "form"),
        token=forms.token(),
        board=_cut("board"),
        names_only=words.names_only,
        as_team=words.as_team,
    )


def _cut(name: str) -> str:
    return request.form.get(name, "")[: forms.LONGEST_TOKEN]


def begun() -> str:
    """The version that stood in the form when its page was opened."""
    return _cut("draft")


def of_this_form() -> tuple[str, ...]:
    """What a form that was posted may be kept under; all that is kept here for one that knows nothing of versions."""
    return (begun(), _cut("page"), forms.token()) if "draft" in request.form else ()


def kept_here(kept: Kept | None) -> Kept:
    """What a page to write shows of what is kept: the newest version, or another that was asked for."""
    return drafts.picked(kept, request.args.get("draft", "")) if kept else Kept("")


def sent_back() -> Kept:
    """For a form that is shown again: what it went on with."""
    return Kept("", page=begun(), token=forms.token(), board=_cut("board"))


def was_sent(actor: Actor, group_id: bytes, place_id: bytes, kept: Kept) -> bool:
    """Whether a post was made of this form and these words already: a page may save them once more while it sends them."""
    membership = actor.writer_in(group_id)
    if membership is None:
        return False
    titled = (" ".join(normalise(kept.title).split()),) if kept.title else ()
    form = steps.form_of(kept.token, place_id, *titled, normalise(kept.body))
    return queries.find_resend(membership, form) is not None


def words_of(kept: Kept) -> Words:
    """What was kept, to go on writing."""
    lang = kept.lang or language_of_words(request)
    mark = read_mark(kept.mark)
    return Words(
        kept.body,
        lang,
        kept.masked,
        kept.answers_id,
        notes=kept.notes,
        mark=mark,
        names_only=kept.names_only,
        as_team=kept.as_team,
    )


def answering(found: Entrance, kept_id: int | None = None) -> fragments.Shown | None:
    """The post that the writer chose to answer, if they may see it; without a choice the one of their kept words."""
    typed = request.form if request.method == "POST" else request.args
    post_id = read_post_id(typed["answers"]) if "answers" in typed else kept_id
    if post_id is None:
        return None
    try:
        row, place, _own = queries.get_row(found.actor, post_id)
    except NotFound:
        if "answers" in typed:
            raise
        return None  # gone since they kept their words
    return _as_seen(found, fragments.shown(row, place.zone)) if place.id == found.place.id and row.changed_in else None


def _as_seen(found: Entrance, post: fragments.Shown) -> fragments.Shown:
    """The post to answer; words that this reader put away are not read out beside the form either."""
    put_away = filtering.away(filtering.look_of(found, post).words)
    return replace(post, html=Markup("")) if put_away else post


def first_waits(me: Membership | None, holds: Hold, zone: str) -> str | None:
    """What it costs that somebody reads such posts before others do; said before they post, whatever the words are."""
    if me is None or not holds & BEFORE_WRITING:
        return None
    if Hold.EVERYTHING in holds:
        cost = _("Someone from the team reads each post here before the group does.")
    elif Hold.UNSTAFFED in holds and not is_staffed(me.scope.group_id, zone):
        cost = _("No one from the team is here now. Someone of them reads your post before the group does.")
    elif Hold.NEWCOMERS not in holds:
        return None
    elif me.standing is Standing.NEWCOMER:
        cost = _("Someone from the team reads your first post before the group does.")
    else:
        cost = _("If you hide your name, someone from the team reads your post before the group does.")
    return f"{cost} {duty_sentence(me.scope.group_id, zone)}"
