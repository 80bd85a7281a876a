"""Templates show no account, trust no text, hold no code, and speak through translations."""

import re

import jinja2
import pytest
from jinja2 import nodes

from tests.architecture.source import ENVIRONMENT, Markup, templates

#: What a component would take from the air instead of its arguments.
AMBIENT = {"request", "session", "g", "config", "current_user"}
SPOKEN_ATTRIBUTES = {"alt", "title", "aria-label", "aria-description", "placeholder", "label", "summary", "content"}
#: Attributes and their tags whose words no person reads.
UNSPOKEN = {("meta", "content"), ("track", "label")}
#: Served when the forum cannot answer, so no translation can be asked for; it carries its own few languages.
SPEAKS_FOR_ITSELF = {"errors/offline.html"}
WORD = re.compile(r"[^\W\d_]{2,}")


def names_an_account(text: str) -> list[str]:
    tree = ENVIRONMENT.parse(text)
    dotted = [node.attr for node in tree.find_all(nodes.Getattr)]
    keyed = [n.arg.value for n in tree.find_all(nodes.Getitem) if isinstance(n.arg, nodes.Const)]
    return [str(name) for name in [*dotted, *keyed] if str(name).startswith("account")]


def trusts_text(text: str) -> list[str]:
    tree = ENVIRONMENT.parse(text)
    filters = [f"|{node.name}" for node in tree.find_all(nodes.Filter) if node.name == "safe"]
    return filters + re.findall(r"{%-?\s*autoescape\s+false", text)


def holds_code(text: str) -> list[str]:
    found = []
    for tag, attributes in Markup(text).tags:
        found += [f"<{tag} {name}>" for name in attributes if name == "style" or name.startswith("on")]
        found += [f"<{tag} {n}={v}>" for n, v in attributes.items() if v.strip().lower().startswith("javascript:")]
        if tag == "style" or (tag == "script" and "src" not in attributes):
            found.append(f"<{tag}>")
    return found


def speaks_untranslated(text: str) -> list[str]:
    markup = Markup(text)
    spoken = [words for words in markup.words if WORD.search(words)]
    for tag, attributes in markup.tags:
        spoken += [
            f'{name}="{value}"'
            for name, value in attributes.items()
            if name in SPOKEN_ATTRIBUTES and (tag, name) not in UNSPOKEN and WORD.search(value)
        ]
    return spoken


def takes_from_the_air(text: str) -> list[str]:
    loaded = (node.name for node in ENVIRONMENT.parse(text).find_all(nodes.Name) if node.ctx == "load")
    return [name for name in loaded if name in AMBIENT]


def found_in_templates(rule, only: str = "") -> list[str]:
    return [f"{path}: {what}" for path, text in templates() if path.startswith(only) for what in rule(text)]


def test_no_template_reads_an_account():
    assert found_in_templates(names_an_account) == []


def test_no_template_trusts_text():
    assert found_in_templates(trusts_text) == []


def test_no_template_holds_code_or_style():
    assert found_in_templates(holds_code) == []


def test_every_word_for_people_can_be_translated():
    untranslated = found_in_templates(speaks_untranslated)
    assert [line for line in untranslated if line.split(":")[0] not in SPEAKS_FOR_ITSELF] == []


def test_components_live_on_their_arguments():
    assert found_in_templates(takes_from_the_air, "components/") == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (names_an_account, "{{ post.author.account.name }}"),
        (names_an_account, "{{ post['account_id'] }}"),
        (trusts_text, "{{ body | safe }}"),
        (trusts_text, "{% autoescape false %}{{ body }}{% endautoescape %}"),
        (holds_code, '<p style="color: red">'),
        (holds_code, '<a href="#" {% if x %}onclick="go()"{% endif %}>'),
        (holds_code, "<script>go()</script>"),
        (holds_code, '<a href="javascript:go()">'),
        (speaks_untranslated, "<p>Hello there</p>"),
        (speaks_untranslated, '<input placeholder="Your name">'),
        (takes_from_the_air, "{% macro m() %}{{ request.path }}{% endmacro %}"),
        (takes_from_the_air, "{% if current_user.role %}x{% endif %}"),
    ],
)
def test_the_rules_bite(rule, text):
    assert rule(text)


def test_an_ordinary_template_passes():
    text = (
        '{% from "a.html" import b %}<p title="{{ _("Hello") }}" class="x{% if y %} z{% endif %}">{{ _("Hello") }} · 3</p>'
        '{% trans %}Hello there{% endtrans %}<script src="{{ asset("app.js") }}" defer></script>{# a note #}'
    )
    rules = (names_an_account, trusts_text, holds_code, speaks_untranslated, takes_from_the_air)
    assert [what for rule in rules for what in rule(text)] == []


def test_every_template_is_valid():
    for path, text in templates():
        try:
            ENVIRONMENT.parse(text)
        except jinja2.TemplateSyntaxError as error:
            pytest.fail(f"{path}: {error}")
