"""The door to the pages: nothing of them is loaded before somebody comes."""

from __future__ import annotations

import subprocess
import sys

from tests.web.site import Site

FOR_PEOPLE = ("jinja2", "argon2", "pyotp", "webauthn", "segno", "readme_renderer", "trustpub.web.pages")


def test_an_index_that_serves_programs_loads_no_pages() -> None:
    """Neither by being imported nor by being put together."""
    code = f"import sys, trustpub.main.serve; print([name for name in {FOR_PEOPLE} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_program_that_asks_for_nothing_is_answered_without_pages(site: Site) -> None:
    """In JSON; and a page is a page."""
    assert site.get("/nothing").headers["content-type"] == "application/json"
    assert site.get("/account/login/", Host=f"127.0.0.1:{site.server.port}").headers["content-type"].startswith("text/html")


def test_static_files_are_kept_for_ever_under_a_name_of_their_content(site: Site) -> None:
    """Small, zipped when asked, and 404 under any other name."""
    page = site.get("/account/login/", Host=f"127.0.0.1:{site.server.port}").body.decode()
    path = page.split('rel="stylesheet" href="')[1].split('"')[0]
    plain, zipped = site.get(path), site.get(path, Accept_Encoding="gzip")
    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["content-type"] == "text/css; charset=utf-8"
    assert zipped.headers["content-encoding"] == "gzip"
    assert len(zipped.body) < len(plain.body) / 2
    assert site.get("/static/app.css").status == 404


def test_an_address_without_a_path_is_nobodys(site: Site) -> None:
    """`OPTIONS *` asks for no page, whoever asks."""
    for accept in ("*/*", "text/html"):
        answer = site.ask("OPTIONS", "*", {"Accept": accept})
        assert (404, []) == (answer.status, site.log)
