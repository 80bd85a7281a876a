"""The whole program with rooms that let every member in and speak: the wire alone is looked at. Served by gunicorn."""

from typing import Any

from flask import Flask, jsonify, render_template_string, request

import wsgi
from forum.base import broadcast
from forum.base.errors import ForumError
from forum.base.idents import read_ident, write_post_id
from forum.conversations import fragments, usecases
from forum.conversations.prepare import Words
from forum.conversations.views import enter_conversation
from forum.policy import room_rules
from forum.policy.actor import Membership
from forum.policy.room_rules import Heard, Speaking

#: The parts of a room's page that its script and the wire need, and nothing of how a meeting runs.
PAGE = """{% extends "layouts/base.html" %}
{% from "components/forms.html" import button, textarea_field %}
{% from "rooms/_live.html" import around, outbox, status %}
{% block title %}Room{% endblock %}
{% block head %}<script src="{{ asset("socket.io.js") }}" defer></script>{% endblock %}
{% block heading %}Room{% endblock %}
{% block content %}
<div class="cg-room" data-behaviour="room" data-conversation="{{ ident }}" data-feed="{{ feed }}" data-changes="/c/{{ ident }}/changes"
  data-state-url="/-/now/{{ ident }}" data-state-no="0">
  <div data-room-state><p>Nothing yet.</p></div>
  {{ around() }}
  <div data-room-log role="log" aria-live="off" aria-label="Messages" tabindex="0">{{ messages }}</div>
  <p data-room-plain><a href="">Show new messages</a></p>
  {{ outbox() }}
  <form method="post" action="/-/say/{{ ident }}" data-room-form>
    {{ csrf_field() }}<input type="hidden" name="token" value="{{ ident }}">
    {{ textarea_field("body", "Your message", "", rows=2, limit=2000) }}
    {{ status() }}
    {{ button("Send") }}
  </form>
</div>
{% endblock %}"""


class Open:
    """Everybody is in, by name."""

    def may_enter(self, membership: Membership, conversation_id: bytes) -> bool:
        """Yes."""
        return True

    def is_masked(self, membership: Membership, conversation_id: bytes) -> bool:
        """By name."""
        return False

    def note_spoken(self, conversation_id: bytes, membership: Membership) -> None:
        """Nothing to note."""

    def check(self, speaking: Speaking) -> Heard:
        """Go on."""
        return Heard()

    def quiet_until(self, conversation_id: bytes) -> None:
        """Nobody writes for themselves."""

    def note_brake(self, group_id: bytes, room_id: bytes | None) -> None:
        """Nothing to tell."""


def create_app() -> Flask:
    """As wsgi.py, with open rooms."""
    app = wsgi.create_app()
    room_rules.plug(Open())
    app.add_url_rule("/-/<any(state, desk):what>/<conversation>/<int:number>", view_func=_tell, endpoint="tell")
    app.add_url_rule("/-/room/<conversation>", view_func=_show, endpoint="show")
    app.add_url_rule("/-/now/<conversation>", view_func=_now, endpoint="now")
    app.add_url_rule("/-/say/<conversation>", view_func=_say, endpoint="say", methods=["POST"])
    return app


def _tell(what: str, conversation: str, number: int) -> str:
    """As the rooms' own use cases do after a commit."""
    tell = {"state": broadcast.changed_state, "desk": broadcast.changed_desk}[what]
    tell(read_ident(conversation) or b"", number)
    return "told"


def _show(conversation: str) -> str:
    found = enter_conversation(read_ident(conversation) or b"")
    posts = fragments.page_of(found, found.place.pages).posts
    messages = fragments.Markup(fragments.joined(posts, 0, "en").decode())
    return render_template_string(PAGE, ident=conversation, feed=found.place.feed_no, messages=messages)


def _now(conversation: str) -> Any:
    after = int(request.args["after"])
    return jsonify(no=after + 1, html="<p>It winds down.</p>")


def _say(conversation: str) -> Any:
    """As the room's own form does for a page without a line."""
    found = enter_conversation(read_ident(conversation) or b"")
    try:
        words = Words(request.form["body"])
        written = usecases.submit_post(found.actor, found.place.id, words, request.form["token"])
    except ForumError as error:
        return jsonify(error="refused", words=error.message), error.status
    return jsonify(post=write_post_id(written.id), seq=written.seq, state=written.state.value)
