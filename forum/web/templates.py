"""Templates compiled once for each language with their words already in them.

Looking up some forty sentences for each page took a third of its time. Here `_("…")` is replaced by the translation when
a template is compiled, so a page in any language is mostly ready text.
"""

from collections import deque
from collections.abc import Iterator, MutableMapping
from typing import Any

from babel import Locale
from flask.templating import Environment
from flask_babel import get_locale
from jinja2 import StrictUndefined, Template
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from forum.base.words import _


def filled(text: str, **values: object) -> str:
    """What `_` does once its words are found."""
    return text % values if values else text


class Words(Extension):
    """Puts the words of the present language in place of `_("…")`.

    Values to fill in stay for later: `_("Page %(n)s", n=n)` becomes `filled("Seite %(n)s", n=n)`.
    """

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """The template's tokens, translated."""
        window: deque[Token] = deque()
        for token in stream:
            window.append(token)
            if len(window) == len(_CALL):
                _translate(window)
                yield window.popleft()
        yield from window


#: `_(`, one string, and then the bracket's end or a value to fill in.
_CALL = ({"name"}, {"lparen"}, {"string"}, {"rparen", "comma"})


def _translate(window: deque[Token]) -> None:
    """Put the words in place of a call at the window's beginning, if there is one."""
    name, bracket, said, after = window
    if name.value != "_" or any(token.type not in wanted for token, wanted in zip(window, _CALL, strict=True)):
        return
    words = Token(said.lineno, "string", _(said.value))
    window.clear()
    if after.type == "rparen":
        window.append(words)
    else:
        window.extend((Token(name.lineno, "name", "filled"), bracket, words, after))


class TranslatedEnvironment(Environment):
    """Keeps one compiled template for each name and language; unknown names in a template are errors."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        self.add_extension(Words)
        self.globals["filled"] = filled
        self._compiled: dict[tuple[str, Locale | None], Template] = {}

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002
    ) -> Template:
        """The template in the language of this request."""
        if isinstance(name, Template) or globals:
            return super().get_template(name, parent, globals)
        key = (name, get_locale())
        kept = self._compiled.get(key)
        if kept is None or (self.auto_reload and not kept.is_up_to_date):
            assert self.loader is not None
            kept = self._compiled[key] = self.loader.load(self, name, self.make_globals(None))
        return kept

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The environment's own where a template adds none: a ChainMap of both takes longer than the page it serves."""
        return super().make_globals(d) if d else self.globals
