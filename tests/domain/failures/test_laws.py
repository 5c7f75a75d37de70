"""Laws of the catalogue: it never fails on any bytes, repeats no credential, points at lines that are there, and stays linear."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.conftest import Scale
from tests.domain.failures.samples import samples
from trustpub.domain.failures import CATALOGUE, Found, known
from trustpub.domain.failures.clue import CONFIDENCES
from trustpub.domain.failures.presented import presented
from trustpub.domain.logs import BREAK, LONGEST_EVIDENCE, cleaned, masked

SAYS = sorted({clue.says for cause in CATALOGUE for clue in cause.clues})
LOGS = [sample.log for sample in samples()]
CANARIES = (
    "pypi-AgEIcHlwaS5vcmcCJDAwMDAwMDAwLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDAwMA",
    "pypi-tp_K7gNU3sdo-OL0wNhqoVWhr3g6s1xYv72ol_pe_Unols",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "ghs_16C7e42F292c6912E7710c838347Ae178B4a",
    "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz0123456789",
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyZXBvOm8vciJ9.c2lnbmF0dXJl",
    "glpat-ABCDEFGHIJKLMNOPQRST",
)
PIECES = st.one_of(
    st.sampled_from(SAYS).map(str.encode),
    st.sampled_from(LOGS).flatmap(lambda log: st.integers(0, len(log)).map(lambda at: log[at : at + 200])),
    st.binary(max_size=40),
    st.sampled_from(
        [b"\n", b"\r", b"%0A", b"##[group]Run x\n", b"##[endgroup]", b"\x1b[", b"\x1b]", b"\xff\xfe", b"repository: `"]
    ),
)


def all_of(text: str) -> tuple[Found, ...]:
    """Everything that is found, claims read as well."""
    found = known(text)
    for one in found:
        presented(text, one.place)
    return found


@given(st.lists(PIECES, max_size=30).map(b"".join))
@example(b"\xff\xfe")
@example(b"\xfe\xff\xd8")
@example(b"\x1b" * 100)
def test_any_bytes_are_read(log: bytes) -> None:
    """Lines stay lines, every place and confidence is one, evidence is short and has no control character."""
    text = cleaned(log)
    for one in all_of(text):
        assert one.confidence in CONFIDENCES
        assert 0 <= one.place <= len(text)
        for evidence in one.evidence:
            assert 1 <= evidence.line <= text.count("\n") + 1
            assert len(evidence.text) <= LONGEST_EVIDENCE
            assert "\n" not in evidence.text
            assert BREAK not in evidence.text


@given(st.binary(max_size=300))
def test_lines_keep_their_numbers(log: bytes) -> None:
    """Cleaning takes no line feed away and adds none."""
    if log[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        assert log.count(b"\n") == cleaned(log).count("\n")


@pytest.mark.parametrize("canary", CANARIES)
@given(data=st.data())
@settings(max_examples=50)
def test_no_credential_is_repeated(canary: str, data: st.DataObject) -> None:
    """A credential beside a phrase, before it, after it or in the place of a captured word is never in what is said."""
    says = data.draw(st.sampled_from(SAYS))
    filled = says.replace("{", "").replace("}", "") if data.draw(st.booleans()) else _filled(says, canary)
    before = data.draw(
        st.sampled_from(["", canary + " ", "token=" + canary + " ", "x" * 2500 + " " + canary + " ", canary * 40 + " "])
    )
    after = data.draw(st.sampled_from(["", " " + canary, f" repository: `{canary}` sub: `{canary}`"]))
    for one in all_of(cleaned(f"{before}{filled}{after}\n".encode())):
        said = repr(one)
        assert canary not in said
        assert canary[-12:] not in said


def _filled(says: str, word: str) -> str:
    import re

    return re.sub(r"\{\w+\}", word, says)


@pytest.mark.parametrize(
    "canary", [*CANARIES, "Basic X190b2tlbl9fOnB5cGktQWdFSWNIbHdhUzV2", "https://mona:hunter2hunter2@x.example/"]
)
def test_credentials_are_masked(canary: str) -> None:
    """Each kind of credential, wherever it stands in a line."""
    for text in (canary, f"x={canary};", f'"{canary}"', f"::add-mask::{canary}", f"({canary})"):
        secret = canary.removeprefix("Basic ").removeprefix("https://mona:").partition("@")[0]
        assert secret not in masked(text)


UNITS = (
    b"publish\tPublish\t2026-11-22T10:02:03.1234567Z Uploading demo-1.0-py3-none-any.whl 100%\n",
    b"a",
    b" ",
    b"valid token, but no corresponding \n",
    b"invalid-publisher ",
    b"File already exists KeyError: 'token' 404 /_/oidc/audience ",
    b"\x1b[38;5;1",
    b"##[group]Run x\n",
    b'Tag "v1 ',
    b"repository: Some( ",
    b"eyJhbGciOi.",
)


@pytest.mark.parametrize("unit", UNITS)
def test_it_takes_linear_time(unit: bytes, scale: Scale) -> None:
    """A log many times as long takes not much more than as many times as long; the full count is 50 MB."""
    size = scale(200_000, 50_000_000 // 8)
    short, long = (_seconds((unit * (length // len(unit) + 1))[:length]) for length in (size, size * 8))

    assert long < max(0.5, short * 24)


def _seconds(log: bytes) -> float:
    began = time.process_time()
    all_of(cleaned(log))
    return time.process_time() - began
