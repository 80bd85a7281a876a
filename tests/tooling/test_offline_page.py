"""R18: the page that nginx answers with while the program is away, made and served as docs/operators.md says."""

import getpass
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

import wsgi
from forum.content import crisis
from tests import services

GUIDE = (wsgi.ROOT / "docs" / "operators.md").read_text("utf-8")
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")


class Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer here, and nothing to follow: it leads to another site."""

    def redirect_request(self, *_arguments: object) -> None:
        """Do not go there."""


def made_as_told(folder: Path) -> None:
    """The offline page, by the guide's own command."""
    script = re.search(r"offline\.html <<'EOF'\n(.*?)^EOF", GUIDE, re.S | re.M)
    assert script
    done = subprocess.run([sys.executable, "-c", script[1]], cwd=wsgi.ROOT, capture_output=True, check=True, text=True)
    (folder / "offline.html").write_text(done.stdout, "utf-8")


def configured_as_told(folder: Path, port: int, away: int) -> Path:
    """The guide's own server block, without its certificate, on a port of ours; behind it nobody listens."""
    block = re.search(r"^ +error_page 502.*?^ +location / \{.*?$", GUIDE, re.S | re.M)
    assert block
    inside = block[0].replace("/var/www/common-ground", str(folder))
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    file = folder / "nginx.conf"
    file.write_text(
        f"user {getpass.getuser()}; daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log crit; events {{}}\n"
        f"http {{ access_log off; {temporary} upstream forum {{ server 127.0.0.1:{away}; }}\n"
        f"server {{ listen 127.0.0.1:{port};\n{inside}\n}} }}"
    )
    return file


@pytest.fixture
def without_program(tmp_path: Path) -> Iterator[str]:
    """nginx as the guide sets it up, and the program stopped."""
    if NGINX is None:
        pytest.skip("no nginx program; scripts/services.sh installs it")
    tmp_path.chmod(0o755)
    port = services.free_port()
    made_as_told(tmp_path)
    file = configured_as_told(tmp_path, port, services.free_port())
    server = subprocess.Popen([NGINX, "-c", str(file), "-e", str(tmp_path / "error.log")])
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


def ask(url: str, data: bytes | None = None) -> tuple[int, dict[str, str], str]:
    """What nginx says, as soon as it listens."""
    opener = urllib.request.build_opener(Stay)
    for _try in range(100):
        try:
            with opener.open(url, data, timeout=5) as answer:
                return answer.status, dict(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, dict(answer.headers), answer.read().decode()
        except urllib.error.URLError:
            time.sleep(0.05)
    raise AssertionError("nginx does not answer")


def test_r18_while_the_program_is_away_every_page_has_the_numbers_and_the_way_out_works(without_program: str) -> None:
    numbers = [line.tel_digits for line in crisis.contacts("england") if line.tel]
    assert numbers
    for path, form in (("/", None), ("/c/aaaa/posts", b"body=My+words"), ("/help", None), ("/static/none.css", None)):
        status, headers, page = ask(without_program + path, form)
        assert status == 503, path
        assert headers["Retry-After"] == "60"
        assert headers["Cache-Control"] == "no-store"
        assert all(f'href="tel:{number}"' in page for number in numbers), path
        assert 'href="/leave"' in page
    status, headers, _page = ask(without_program + "/leave")
    assert status == 303
    assert headers["Location"].startswith("https://")
    assert "cookies" in headers["Clear-Site-Data"]
