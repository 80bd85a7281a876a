"""The form components of nhsuk-frontend, for templates that forbid undefined names.

The macros of nhsuk-frontend-jinja read parameters that were never passed, so they need `ChainableUndefined`,
which would also hide our own spelling mistakes. They are therefore loaded in an environment of their own, and
only the ready callables are handed to the application's `StrictUndefined` one.
"""

from collections.abc import Callable
from functools import cache
from types import SimpleNamespace

from jinja2 import ChainableUndefined, Environment, PackageLoader
from markupsafe import Markup

#: What our templates use: attribute name in `nhs`, its folder and its macro.
COMPONENTS = {
    "checkboxes": ("checkboxes", "checkboxes"),
    "details": ("details", "details"),
    "error_summary": ("error-summary", "errorSummary"),
    "input": ("input", "input"),
    "radios": ("radios", "radios"),
    "select": ("select", "select"),
    "summary_list": ("summary-list", "summaryList"),
    "task_list": ("task-list", "taskList"),
    "textarea": ("textarea", "textarea"),
}

Component = Callable[[dict[str, object]], Markup]

#: On every page that can be written on, and empty there: the macros take longer for one field than all else on the page.
REMEMBERED = frozenset({"input", "textarea"})
MOST_REMEMBERED = 500


@cache
def _lenient_environment() -> Environment:
    return Environment(
        loader=PackageLoader("nhsuk_frontend_jinja"),
        undefined=ChainableUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def compile_all() -> None:
    """Compile every component now, so that no form waits for it later."""
    environment = _lenient_environment()
    for name in environment.list_templates():
        environment.get_template(name)


@cache
def nhs() -> SimpleNamespace:
    """Each component as a callable that takes nhsuk-frontend's own parameters: `nhs.input({"name": "title", …})`.

    For `app.jinja_env.globals["nhs"] = nhs()`. Text parameters are escaped; only `Markup` is taken as HTML.
    """
    environment = _lenient_environment()
    macros: dict[str, Component] = {}
    for name, (folder, macro) in COMPONENTS.items():
        module = environment.get_template(f"nhsuk/components/{folder}/macro.jinja").module
        component = getattr(module, macro)
        macros[name] = _remembering(component) if name in REMEMBERED else component
    return SimpleNamespace(**macros)


def _remembering(component: Component) -> Component:
    """The component, rendered once for each way it is asked for empty. What somebody wrote is never kept."""
    kept: dict[str, Markup] = {}

    def render(params: dict[str, object]) -> Markup:
        if str(params.get("value", "")).strip():
            return component(params)
        asked = repr(params)  # tells text from Markup, which is not escaped
        if asked not in kept:
            if len(kept) >= MOST_REMEMBERED:
                kept.clear()
            kept[asked] = component(params)
        return kept[asked]

    return render
