"""Reading our own source for the architecture tests: modules as syntax trees, templates as tokens.

Every rule is a function of a `Module` or a template's text, so each test file can also show it a small
made-up violation: a rule that never bites would protect nobody.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path

import jinja2

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Module:
    """One Python file: its dotted name (packages without ``__init__``) and its text."""

    name: str
    text: str
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    def imports(self) -> Iterator[str]:
        """Every dotted thing imported anywhere in the file, inside functions too; relative ones resolved.

        ``from a.b import c`` gives ``a.b.c``: whether c is a module or a name in it makes no difference here.
        """
        package = self.name.split(".") if self.is_package else self.name.split(".")[:-1]
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = package[: len(package) - node.level + 1] if node.level else []
                stem = ".".join([*base, *([node.module] if node.module else [])])
                yield from (f"{stem}.{alias.name}" for alias in node.names)
            elif isinstance(node, ast.Call) and _called(node) in {"import_module", "__import__"}:
                yield from (a.value for a in node.args[:1] if isinstance(a, ast.Constant) and isinstance(a.value, str))

    def calls(self) -> Iterator[tuple[str, str]]:
        """Every call as (what stands before the last dot, the name called): ``db.session.commit()`` is ("db.session", "commit")."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                if isinstance(node.func, ast.Attribute):
                    yield ast.unparse(node.func.value), node.func.attr
                elif isinstance(node.func, ast.Name):
                    yield "", node.func.id

    def attributes(self) -> Iterator[tuple[str, str]]:
        """Every ``x.y``, called or not, as ("x", "y")."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute):
                yield ast.unparse(node.value), node.attr

    def strings(self) -> Iterator[str]:
        """Every string but docstrings; the constant parts of f-strings one by one."""
        prose = {id(n.value) for n in ast.walk(self.tree) if isinstance(n, ast.Expr)}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
                yield node.value


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def modules(*tops: str) -> list[Module]:
    """The Python files under these top-level packages, or these single files."""
    found = []
    for top in tops:
        path = ROOT / top
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            parts = file.relative_to(ROOT).with_suffix("").parts
            is_package = parts[-1] == "__init__"
            found.append(Module(".".join(parts[:-1] if is_package else parts), file.read_text(), is_package))
    return found


def program() -> list[Module]:
    """Everything that runs on a server."""
    return modules("forum", "moderation") + ([*modules("wsgi.py")] if (ROOT / "wsgi.py").exists() else [])


# --- Templates ---------------------------------------------------------------------------------------------------

ENVIRONMENT = jinja2.Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"])  # noqa: S701


def templates() -> list[tuple[str, str]]:
    """Every template as (path inside templates/, text)."""
    folder = ROOT / "templates"
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return [(str(file.relative_to(folder)), file.read_text()) for file in files]


def without_jinja(text: str) -> str:
    """The text outside Jinja's own braces, with ``{% trans %}`` blocks left out: they are translated."""
    kept, in_trans, block = [], False, []
    for _line, kind, value in ENVIRONMENT.lex(text):
        if kind == "block_begin":
            block = []
        elif kind == "block_end":
            in_trans = block[:1] == ["trans"] or (in_trans and block[:1] != ["endtrans"])
        elif kind == "name":
            block.append(value)
        elif kind == "data" and not in_trans:
            kept.append(value)
    return "".join(kept)


class Markup(HTMLParser):
    """The tags and the text of a template, as a browser would meet them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(without_jinja(text))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())
