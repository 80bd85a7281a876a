"""What a newcomer's browser fetches for its first page: the group's card, with nothing in its cache."""

from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks.dataset import Forum
from benchmarks.places import Place, serving
from tests import services


def measure(place: Place, forum: Forum) -> dict[str, float | None]:
    """first_visit_kb: bytes on the wire, headers included, in thousands. first_visit_requests: how many.

    None where Chromium is not installed.
    """
    path = services.chromium()
    if path is None:
        return {"first_visit_kb": None, "first_visit_requests": None}
    with serving("wsgi:create_app()", place.environment) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--headless", "--no-sandbox"])
        sizes = _load(browser, f"{url}/g/{forum.group.address}")
        browser.close()
    return {"first_visit_kb": sum(sizes) / 1000, "first_visit_requests": len(sizes)}


def _load(browser: Any, address: str) -> list[int]:
    """The size of each answer, as Chromium's network log has it."""
    page = browser.new_page()
    session, sizes = page.context.new_cdp_session(page), []
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda said: sizes.append(int(said["encodedDataLength"])))
    answer = page.goto(address, wait_until="networkidle")
    if answer is None or answer.status != 200 or answer.headers.get("content-encoding") not in ("br", "gzip"):
        raise RuntimeError(f"{address} did not come as a compressed page.")
    return sizes
