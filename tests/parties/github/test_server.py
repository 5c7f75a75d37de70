"""The fake GitHub over real HTTP: the same answers, the logs on another port, and deaths as a program sees them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.parties.github.server import serve
from tests.parties.github.worlds import ANN, LAMP, ask, rich, told
from trustpub.errors import Unreachable
from trustpub.parties.github.fake import Made
from trustpub.parties.http import send


def test_it_answers_over_http_as_it_does_in_memory() -> None:
    """Addresses in an answer are those of the server; everything else is the same."""
    fake = rich()

    with serve(fake) as server:
        over_http = ask(send, "GET", LAMP, api=server.api)
        enterprise = ask(send, "GET", LAMP, api=server.enterprise_api)
        in_memory = ask(fake.send, "GET", LAMP, api=server.api)

    assert told(in_memory) == told(over_http)
    assert f"{server.api}/api/v3{LAMP}" == told(enterprise)["url"]
    assert in_memory.headers["etag"] == over_http.headers["etag"]
    assert [Made("GET", LAMP, 200)] * 3 == fake.requests


def test_it_takes_bodies_and_keeps_what_they_change() -> None:
    """What was put is there for the next one who asks, and a conditional question has an empty answer."""
    with serve(rich()) as server:
        assert 200 == ask(send, "PUT", f"{LAMP}/environments/fresh", {"wait_timer": 7}, api=server.api).status
        again = ask(send, "GET", f"{LAMP}/environments/fresh", api=server.api)
        known = ask(send, "GET", f"{LAMP}/environments/fresh", api=server.api, If_None_Match=again.headers["etag"])
        gone = ask(send, "DELETE", f"{LAMP}/environments/fresh", api=server.api)

    assert (200, 304, b"", 204) == (again.status, known.status, known.body, gone.status)


def test_a_log_stands_on_another_port() -> None:
    """It is led to, and given to whoever asks without credentials."""
    fake = rich()
    run = fake.add_run("acme/lamp")
    job = fake.add_job("acme/lamp", run, log="all is well\n")

    with serve(fake) as server:
        address = ask(send, "GET", f"{LAMP}/actions/jobs/{job.id}/logs", api=server.api).headers["location"]
        assert address.startswith(f"{server.storage}/")
        assert b"all is well\n" == ask(send, "GET", "", api=address, token=None).body
        assert 403 == ask(send, "GET", "", api=address).status


@pytest.mark.parametrize(("mode", "made"), [("before", False), ("after", True)])
def test_a_death_is_a_connection_without_an_answer(mode: str, made: bool) -> None:
    """The call was carried out or not, and nobody is told which; the next one is answered again."""
    fake, deaths = rich(), list[str]()

    with serve(fake) as server:
        server.on_death = lambda: deaths.append("killed")
        fake.die_at(2, "after" if mode == "after" else "before")
        ask(send, "GET", LAMP, api=server.api)
        with pytest.raises(Unreachable):
            ask(send, "PUT", f"{LAMP}/environments/fresh", {}, api=server.api)
        assert (200 if made else 404) == ask(send, "GET", f"{LAMP}/environments/fresh", api=server.api).status

    assert ["killed"] == deaths


def test_an_answer_can_be_cut_in_half() -> None:
    """Half of an answer is no answer."""
    with serve(rich()) as server:
        server.cut_at(1)
        with pytest.raises(Unreachable):
            ask(send, "GET", LAMP, api=server.api)
        assert 200 == ask(send, "GET", LAMP, api=server.api).status


def test_nothing_of_a_request_is_printed(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Neither the server nor its evidence tells a token."""
    fake = rich()

    with serve(fake) as server:
        ask(send, "GET", f"{LAMP}/environments", api=server.api)

    shown = capfd.readouterr()
    assert ("", "") == (shown.out, shown.err)
    assert ANN not in repr((fake.requests, fake.tokens.values()))
