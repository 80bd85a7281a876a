"""The layout and components on their own, served to a browser without a server: what they promise, every page inherits."""

import json
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

from jinja2 import DictLoader, Environment, FileSystemLoader, StrictUndefined
from jinja2.loaders import ChoiceLoader
from markupsafe import Markup
from playwright.sync_api import BrowserContext, Route

from forum.web.assets import asset
from forum.web.design import nhs
from tests.browser.harness import ROOT

ORIGIN = "http://forum.test"
AWAY = "http://elsewhere.test"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; require-trusted-types-for 'script'; trusted-types fragment"
)

TOPIC = """{% extends "layouts/base.html" %}{% from "components/posts.html" import post, you_were_here, new_below, paging, back_link %}
{% from "components/notes.html" import posts_held %}
{% block title %}Conversation{% endblock %}{% block heading %}Sleep{% endblock %}
{% block back_link %}{{ back_link("/b", "All conversations") }}{% endblock %}
{% block content %}{{ posts_held(1, "aaaaaaaaaaaa") }}
<div data-behaviour="changes reading" data-changes="/changes" data-feed="11" data-mark-url="/mark" data-read="2">
{% for p in posts %}{% if loop.index == 5 %}{{ you_were_here() }}{% endif %}{{ post(**p) }}{% endfor %}</div>
{{ new_below() }}{{ paging("/1", "/3", "Pages of this conversation") }}{% endblock %}"""

FORM = """{% extends "layouts/base.html" %}
{% from "components/forms.html" import error_summary, text_field, textarea_field, radios, button, composer_status %}
{% from "components/notes.html" import notice, task_list %}
{% block title %}Write a post{% endblock %}{% block heading %}Write{% endblock %}
{% block before_heading %}{{ error_summary(errors) }}{% endblock %}
{% block content %}{% call notice("Your words are posted", "done") %}<p>Somebody will read them tonight.</p>{% endcall %}
<form method="post" action="/names" data-behaviour="reroll" data-into="names">{{ csrf_field() }}{{ button("Other names", "secondary") }}</form>
<p id="names">{{ name }}</p>
<form method="post" action="/send" data-behaviour="composer">{{ csrf_field() }}
{{ text_field("title", "Title", hint="A few words.", errors=errors, width="20") }}
{{ textarea_field("body", "Your words", value="\\nkept", errors=errors, limit=100) }}{{ composer_status() }}
{{ radios("who", "Who is writing?", [{"value": "me", "label": "Quiet Heron"}, {"value": "mask", "label": "A new name", "hint": "Only here."}], "me", errors=errors) }}
{{ button("Post") }} {{ button("Delete", "warning", about="this draft") }}</form>
{{ task_list([{"title": "Choose hours", "href": "/a", "hint": "So that somebody is there.", "status": "To do"}]) }}
{% endblock %}"""

WORDS = Markup('<p>{words}</p><blockquote><p>Quoted.</p></blockquote><p>{long} <a href="/x">a link</a></p>')


def _said(message: str, **values: object) -> str:
    """Like Flask-Babel's gettext in English: without values the marks stay, for a template to fill with markup."""
    return message % values if values else message


def _counted(one: str, many: str, num: int, **values: object) -> str:
    return (one if num == 1 else many) % {"num": num, **values}


_environment = Environment(
    loader=ChoiceLoader([DictLoader({"topic": TOPIC, "form": FORM}), FileSystemLoader(ROOT / "templates")]),
    undefined=StrictUndefined,
    autoescape=True,
)
_environment.globals.update(nhs=nhs(), asset=asset, _=_said, ngettext=_counted)


def specimen_post(number: float, words: str = "I have not slept well.", **changed: object) -> dict[str, object]:
    """The arguments of the `post` macro, for one believable post."""
    return {
        "id": f"P{number}", "number": number, "name": "Quiet Heron" if number % 2 else "Calm " + "o" * 60,
        "html": WORDS.format(words=words * 8, long="w" * 60),
        "lang": "en", "when": "Tuesday, 3 am", "more_url": f"/p/{number}/more", "unread": number > 4,
        "state": ["visible", "held", "sending", "hidden", "withdrawn"][int(number) % 5] if number < 5 else "visible",
        "answers": SimpleNamespace(href="#post-P1", number=1, name="Quiet Heron") if number == 2 else None,
    } | changed  # fmt: skip


def _csrf() -> Markup:
    return Markup('<input type="hidden" name="csrf_token" value="token">')


def page_html(name: str, *, theme: str = "", language: str = "en", errors: bool = False) -> str:
    """One whole page as the application would send it."""
    contact = SimpleNamespace(name="Samaritans", tel="116 123", sms="", hours="Always")
    seats = [SimpleNamespace(value="a", label="Newcomer", current=True)]
    wrong = [SimpleNamespace(field="body", message="Write some words first.")] if errors else []
    return _environment.get_template(name).render(
        locale=language, direction="rtl" if language == "ur" else "ltr", site_name="Notes", crisis=[contact, contact],
        csrf_field=_csrf, csrf_if_any=_csrf, demo_seats=seats,
        signed_in=True, shared_device=True, idle_s=1200, pseudo_offered=True, look=Markup(f'data-theme="{theme}"'), exit_url=AWAY, errors=wrong,
        team_address="amber-kettle", route="conversations.show_conversation", return_to="/topic",
        name="Calm Wren", posts=[specimen_post(n) for n in range(1, 9)],
        title="We could not keep that", message="Try again soon.", reference="K7Q2", kept_text="my words",
    )  # fmt: skip


def changes_json() -> str:
    """One post edited, one gone, one released between others and one new, as the changes address answers."""
    macro = _environment.get_template("components/posts.html").module.post  # type: ignore[attr-defined]
    shown = {1: specimen_post(1, "EDITED "), 6.5: specimen_post(6.5), 99: specimen_post(99)}
    changes = [{"post": f"P{number}", "html": str(macro(**post))} for number, post in shown.items()]
    return json.dumps({"to": 12, "changes": [*changes, {"post": "P2"}]})


class Specimen:
    """Answers a browser's requests, and remembers what was sent."""

    def __init__(self, context: BrowserContext) -> None:
        self.sent: list[tuple[str, dict[str, list[str]]]] = []
        context.route("**/*", self._answer)

    def _answer(self, route: Route) -> None:
        url = urlsplit(route.request.url)
        if route.request.method == "POST":
            body = route.request.post_data or ""
            self.sent.append((url.path, parse_qs(body)))
        if url.path.startswith("/static/"):
            route.fulfill(path=ROOT / url.path.lstrip("/"))
        elif url.path == "/changes":
            route.fulfill(body=changes_json(), content_type="application/json")
        elif url.path == "/leave" or route.request.url.startswith(AWAY):
            route.fulfill(body="<title>Weather</title>Sun", content_type="text/html")
        else:
            self._page(route, url.path.lstrip("/"), parse_qs(url.query))

    def _page(self, route: Route, name: str, query: dict[str, list[str]]) -> None:
        known = name if name in ("topic", "form", "errors/page.html") else "form"
        html = page_html(
            known, errors="errors" in query, **{k: query[k][0] for k in ("theme", "language") if k in query}
        )
        route.fulfill(body=html, content_type="text/html", headers={"Content-Security-Policy": POLICY})
