"""What every screen must pass, whoever reads it. Each check returns what is wrong, in words; an empty list is good.

The numbers are those of the accessibility goals: WCAG 2.2 AA everywhere, AAA for contrast, keyboard, focus and targets.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

from playwright.sync_api import Page

from tests.browser.harness import HERE, axe, known_incomplete

PROBES = (HERE / "probes.js").read_text("utf-8")
TARGET_PX = 44  #: WCAG 2.5.5: a thumb that shakes
NARROW_PX = 320  #: WCAG 1.4.10; the same as 1280 px at 400 %
DOUBLED = "html { font-size: 200% !important }"  #: WCAG 1.4.4
SPACED = (  #: WCAG 1.4.12
    "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
    "p { margin-bottom: 2em !important }"
)


def _probe(page: Page, call: str, argument: object = None) -> list:
    page.evaluate(f"window.probes = window.probes || {PROBES}")
    return page.evaluate(f"argument => window.probes.{call}(argument)", argument)


def _axe_words(results: list[dict]) -> list[str]:
    return [f"{rule['id']}: {' '.join(node['target'][0] for node in rule['nodes'][:3])}" for rule in results]


#: Contrast (X2), asked for together with everything else: axe takes longest of all checks.
CONTRAST = ("color-contrast", "color-contrast-enhanced")  #: the second is silent below 4.5:1


def by_axe(page: Page) -> dict[str, list[str]]:
    """X1: no axe violation, and nothing axe could not tell that a person has not looked at.
    X2: 7:1 for text, 4.5:1 for large text (AAA), in the theme the page is in."""
    result = axe(page, besides=CONTRAST)
    contrast = {key: [rule for rule in result[key] if rule["id"] in CONTRAST] for key in result}
    others = {key: [rule for rule in result[key] if rule["id"] not in CONTRAST] for key in result}
    return {"X1": _words(page, others), "X2": _words(page, contrast)}


def _words(page: Page, result: dict[str, list[dict]]) -> list[str]:
    return _axe_words(result["violations"]) + _unjudged(page, result["incomplete"])


def x1_axe(page: Page) -> list[str]:
    """X1 alone."""
    return by_axe(page)["X1"]


def x2_contrast(page: Page) -> list[str]:
    """X2 alone."""
    return by_axe(page)["X2"]


def _unjudged(page: Page, incomplete: list[dict]) -> list[str]:
    found = [(rule["id"], str(node["target"][0])) for rule in incomplete for node in rule["nodes"]]
    judged = known_incomplete()
    return [
        f"unjudged {rule}: {target}"
        for rule, target in found
        if rule not in judged or not page.locator(target).first.evaluate("(e, s) => e.matches(s)", judged[rule])
    ]


def _tab_through(page: Page) -> tuple[list[str], list[dict]]:
    """Every place the Tab key reaches from the top of the page, until it leaves the page or repeats."""
    expected = _probe(page, "start")
    _probe(page, "follow")
    _press_tab(page, len(expected) + 1)
    stops, ended = _until_end(page)
    if not ended:
        _press_tab(page, 4)
        stops, ended = _until_end(page)
    return expected, stops if ended else [*stops, {"index": -2, "name": "no end: the keyboard is trapped"}]


def _press_tab(page: Page, times: int) -> None:
    for _press in range(times):
        page.keyboard.press("Tab")


def _until_end(page: Page) -> tuple[list[dict], bool]:
    stops = page.evaluate("() => window.probes.followed()")
    for n, stop in enumerate(stops):
        left_the_page = stop["name"] == "page"
        came_round = n > 1 and stop["index"] == 0
        if left_the_page or came_round:
            return stops[:n], True
    return stops, False


def by_keyboard(page: Page) -> dict[str, list[str]]:
    """X3: the Tab key reaches every control, in the order of the document, and comes out again.
    X4: at every stop the focus shows, and nothing lies over it (WCAG 2.4.12, 2.4.13)."""
    expected, stops = _tab_through(page)
    return {"X3": _order(expected, stops), "X4": _focus(stops)}


def _focus_by_script(page: Page) -> list[str]:
    """X4 again, where the order of the Tab key is known already: hundreds of key presses less on each page."""
    _probe(page, "start")
    _press_tab(page, 1)
    return _focus(_probe(page, "eachFocused"))


def _order(expected: list[str], stops: list[dict]) -> list[str]:
    trapped = [stop["name"] for stop in stops if stop["index"] == -2]
    order = [stop["index"] for stop in stops if stop["index"] >= 0]
    missed = [name for index, name in enumerate(expected) if index not in order]
    backwards = [expected[b] for a, b in pairwise(order) if b <= a]
    return trapped + [f"never reached: {name}" for name in missed] + [f"out of order: {name}" for name in backwards]


def _focus(stops: list[dict]) -> list[str]:
    reached = [stop for stop in stops if stop["index"] >= 0]
    unseen = [f"focus does not show: {stop['name']}" for stop in reached if not stop["seen"]]
    covered = [f"{stop['name']} is under {', '.join(stop['covered'])}" for stop in reached if stop["covered"]]
    return unseen + covered + ([] if reached else ["nothing can be reached with the Tab key"])


def x3_keyboard(page: Page) -> list[str]:
    """X3 alone."""
    return by_keyboard(page)["X3"]


def x4_focus(page: Page) -> list[str]:
    """X4 alone."""
    return by_keyboard(page)["X4"]


def x5_targets(page: Page) -> list[str]:
    """44 × 44 pixels to press, except for links inside a sentence."""
    return _probe(page, "small", TARGET_PX)


@contextmanager
def _sized(page: Page, width: int, height: int) -> Iterator[None]:
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": height})
    try:
        yield
    finally:
        if before:
            page.set_viewport_size(before)


def x6_reflow(page: Page) -> list[str]:
    """No sideways scrolling at 320 pixels."""
    with _sized(page, NARROW_PX, 640):
        return _probe(page, "tooWide")


def x7_text_size(page: Page) -> list[str]:
    """Twice the text size, then WCAG text spacing: nothing is cut off or pushed sideways."""
    problems: list[str] = []
    with _sized(page, 1280, 800):
        for what, css in (("200 %", DOUBLED), ("spacing", SPACED)):
            _probe(page, "sheet", css)
            problems += [f"{what}: {words}" for words in _probe(page, "cutOff") + _probe(page, "tooWide")]
            _probe(page, "unsheet")
    return problems


def x8_forced_colours(page: Page) -> list[str]:
    """With the reader's own colours every control keeps an edge, and the focus shows."""
    page.emulate_media(forced_colors="active")
    try:
        return _probe(page, "edgeless") + _focus_by_script(page)
    finally:
        page.emulate_media(forced_colors="none")


def x9_motion(page: Page) -> list[str]:
    """Nothing moves, or could, for somebody who asked for stillness."""
    page.emulate_media(reduced_motion="reduce")
    try:
        return [f"moves: {name}" for name in _probe(page, "moving")]
    finally:
        page.emulate_media(reduced_motion="no-preference")


def _tree(page: Page) -> list[dict]:
    """What a screen reader is given; works without scripts too."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return [node for node in nodes if not node.get("ignored")]


def _with_role(nodes: list[dict], role: str) -> list[dict]:
    return [node for node in nodes if node.get("role", {}).get("value") == role]


def _name(node: dict) -> str:
    return str(node.get("name", {}).get("value", "")).strip()


def _level(node: dict) -> int:
    return next((p["value"]["value"] for p in node.get("properties", []) if p["name"] == "level"), 0)


def x19_structure(page: Page) -> list[str]:
    """One first heading, no level left out, one main part, and no two buttons that sound the same."""
    nodes = _tree(page)
    levels = [_level(node) for node in _with_role(nodes, "heading")]
    buttons = Counter(_name(node) for node in _with_role(nodes, "button"))
    problems = [] if levels.count(1) == 1 else [f"{levels.count(1)} first headings"]
    problems += [f"heading level {a} is followed by {b}" for a, b in pairwise(levels) if b > a + 1]
    mains = len(_with_role(nodes, "main"))
    problems += [] if mains == 1 else [f"{mains} main parts"]
    problems += [f"button without a name ({count})" for name, count in buttons.items() if not name]
    return problems + [f"{count} buttons called “{name}”" for name, count in buttons.items() if count > 1 and name]


#: Goal → check. X2 is to be run once in each theme.
CHECKS = {
    "X1": x1_axe,
    "X2": x2_contrast,
    "X3": x3_keyboard,
    "X4": x4_focus,
    "X5": x5_targets,
    "X6": x6_reflow,
    "X7": x7_text_size,
    "X8": x8_forced_colours,
    "X9": x9_motion,
    "X19": x19_structure,
}


#: Checks that share one look at the page.
TOGETHER = {"X1": by_axe, "X2": by_axe, "X3": by_keyboard, "X4": by_keyboard}


def all_problems(page: Page) -> list[str]:
    """Run every check on an open page that has scripts; each problem starts with its goal."""
    shared = [check(page) for check in dict.fromkeys(TOGETHER.values())]
    alone = {goal: check(page) for goal, check in CHECKS.items() if goal not in TOGETHER}
    found = alone | {goal: problems for one in shared for goal, problems in one.items()}
    return [f"{goal} {problem}" for goal in CHECKS for problem in found[goal]]
