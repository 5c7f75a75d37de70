"""Valid uploads changed at random: archives, bodies, forms, attestations. Each ends in a refusal with words, or in what is true.

Archives are changed where it hurts: inside the tar before it is packed, in members before the ZIP is written, in structure fields
of a finished file. A random byte of a finished archive mostly breaks a checksum, and would test nothing but that.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import Scale
from tests.distributions import (
    METADATA,
    SDIST_NAME,
    TAR_END,
    WHEEL_NAME,
    Entry,
    entries_of,
    gz,
    record,
    sdist_members,
    tar_member,
    wheel,
    wheel_files,
    zip_bytes,
)
from tests.domain.test_attestations import GITHUB
from tests.parties.attestations.signing import FILENAME, SHA256, Signing, trust_root
from tests.parties.attestations.test_verifying import SIGNER
from tests.web.forms import BOUNDARY, CLIENTS, form
from trustpub.domain.attestations import attestations_problem
from trustpub.domain.core_metadata import CoreMetadata, Problem, Rules, first_problem, read
from trustpub.domain.release import Submission, agreement_problem, submission
from trustpub.parties.archives.inspection import inspect_bytes
from trustpub.parties.archives.port import Inspected, Job, Limits, Rejected
from trustpub.parties.attestations.port import Attested, NotAttested, Statements
from trustpub.parties.attestations.sigstore import Verifying
from trustpub.web.multipart import Unreadable, UploadForm

LIMITS = Limits(members=200, metadata=64 * 1024, inflated_always=4 * 1024**2)
WHEEL_JOB = Job(WHEEL_NAME, "bdist_wheel", limits=LIMITS)
SDIST_JOB = Job(SDIST_NAME, "sdist", limits=LIMITS)
ODD = tuple(b'\x00|\xff|\r\n|\n|--|"|..|/|\\|:|=|PK\x01\x02|PK\x05\x06|ustar|\xe2\x80\xae'.split(b"|"))
RULES = Rules()


@st.composite
def mutated(draw: st.DrawFn, whole: bytes, most: int = 4) -> bytes:
    """These bytes with a few places replaced, removed, doubled, moved or cut."""
    data = whole
    for _ in range(draw(st.integers(1, most))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        length = draw(st.sampled_from((1, 1, 2, 4, 8, 32, 512)))
        other = draw(st.binary(min_size=1, max_size=8) | st.sampled_from(ODD))
        kind = draw(st.sampled_from(("replace", "replace", "insert", "remove", "double", "swap", "cut", "splice")))
        piece, rest = data[at : at + length], data[at + length :]
        if kind == "replace":
            data = data[:at] + other + data[at + len(other) :]
        elif kind == "insert":
            data = data[:at] + other + data[at:]
        elif kind == "remove":
            data = data[:at] + rest
        elif kind == "double":
            data = data[:at] + piece * 2 + rest
        elif kind == "swap":
            data = data[:at] + rest[:length] + piece + rest[length:]
        elif kind == "splice":
            start = draw(st.integers(0, max(len(data) - 1, 0)))
            data = data[:at] + data[start : start + length] + rest
        elif draw(st.integers(0, 9)) == 0:
            data = data[:at]
    return data


def sound(found: Inspected | Rejected) -> None:
    """A refusal with words that fit a status line, or metadata that names the project."""
    if isinstance(found, Rejected):
        assert found.message
        assert "\n" not in found.message
        assert not found.spent
    else:
        assert found.core.one("name")
        assert first_problem(found.core, RULES) is None


def test_changed_archives(scale: Scale) -> None:
    """Finished files, members before they are packed, and metadata."""
    small = wheel()
    tar = sdist_members() + tar_member(b"tiny_demo-1.0/setup.py", b"print()\n") + TAR_END
    members = wheel_files()

    @settings(max_examples=scale(100, 80_000), deadline=None, database=None)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        kind = data.draw(st.sampled_from(("zip", "tar", "gzip", "member", "header", "metadata")))
        if kind == "zip":
            sound(inspect_bytes(memoryview(data.draw(mutated(small))), WHEEL_JOB))
        elif kind == "tar":
            sound(inspect_bytes(memoryview(gz(data.draw(mutated(tar)))), SDIST_JOB))
        elif kind == "gzip":
            sound(inspect_bytes(memoryview(data.draw(mutated(gz(tar)))), SDIST_JOB))
        elif kind == "member":
            name = data.draw(st.sampled_from(sorted(members)))
            changed = {**members, name: data.draw(mutated(members[name]))}
            if not name.endswith("RECORD"):
                plain = {each: content for each, content in changed.items() if not each.endswith("RECORD")}
                changed = {**plain, next(each for each in members if each.endswith("RECORD")): record(plain)}
            sound(inspect_bytes(memoryview(zip_bytes(entries_of(changed))), WHEEL_JOB))
        elif kind == "header":
            sound(inspect_bytes(memoryview(zip_bytes(_odd_headers(data, entries_of(members)))), WHEEL_JOB))
        else:
            metadata = data.draw(mutated(METADATA.replace(b"text/plain", b"text/x-rst")))
            sound(inspect_bytes(memoryview(wheel(metadata)), WHEEL_JOB))

    check()


def _odd_headers(data: st.DataObject, entries: list[Entry]) -> list[Entry]:
    """One member whose headers say something else than its bytes, or than each other."""
    at = data.draw(st.integers(0, len(entries) - 1))
    number = st.integers(0, 0xFFFFFFFF) | st.sampled_from((0, 1, 0xFFFF, 0xFFFFFFFF))
    small = st.integers(0, 0xFFFF)
    fields: dict[str, st.SearchStrategy[object]] = {
        "name": mutated(entries[at].name),
        "flags": small,
        "method": small,
        "crc": number,
        "size": number,
        "compressed": number,
        "extra": st.binary(max_size=40),
        "raw": mutated(entries[at].stream),
    }
    name = data.draw(st.sampled_from(sorted(fields)))
    value = data.draw(fields[name])
    if name != "raw" and data.draw(st.booleans()):
        changed = replace(entries[at], central={name: value})
    else:
        changed = replace(entries[at], **{name: value})  # type: ignore[arg-type]
    return [*entries[:at], changed, *entries[at + 1 :]]


def test_changed_bodies(scale: Scale) -> None:
    """Any client's body with a few places changed is read or refused, and alike however the network cuts it."""
    wholes = [form(WHEEL_NAME, wheel()[:200], client) for client in CLIENTS.values()]

    def told(data: bytes, step: int) -> object:
        reading = UploadForm(BOUNDARY.encode(), 10**6)
        try:
            for at in range(0, len(data), step):
                reading.feed(data[at : at + step])
            reading.finish()
        except Unreadable as problem:
            return problem.what or None
        return reading.fields, reading.filename, reading.content_type, bytes(reading.take())

    @settings(max_examples=scale(80, 50_000), deadline=None, database=None)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        body = data.draw(st.sampled_from(wholes).flatmap(mutated))
        whole = told(body, max(len(body), 1))
        assert whole is not None
        assert whole == told(body, data.draw(st.integers(1, 200)))

    check()


FORM = [(name, value) for name, value in (("metadata_version", "2.4"), ("name", "tiny-demo"), ("version", "1.0"),
        ("filetype", "bdist_wheel"), ("pyversion", "py3"), ("sha256_digest", "0" * 64), ("requires_python", ">=3.9"),
        ("requires_dist", "click>=8"), ("protocol_version", "1"))]  # fmt: skip


def test_changed_forms_and_metadata(scale: Scale) -> None:
    """Any fields are understood or refused with the field's name, and compared with any metadata that can be read."""
    texts = st.text(max_size=40) | st.sampled_from(("", "UNKNOWN", "\x00", "1.0+local", ">=3", "a @ https://x", "٣", "1" * 300))

    @settings(max_examples=scale(80, 50_000), deadline=None, database=None)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        fields = list(FORM)
        for _ in range(data.draw(st.integers(1, 3))):
            at = data.draw(st.integers(0, len(fields) - 1))
            other = data.draw(texts)
            kind = data.draw(st.sampled_from(("value", "again", "remove", "name")))
            name, value = fields[at]
            change = {"value": [(name, other)], "again": [(name, value), (name, other)], "remove": [], "name": [(other, value)]}
            fields = fields[:at] + change[kind] + fields[at + 1 :] or [("name", other)]
        found = submission(fields)
        assert isinstance(found, Submission) or found.message
        metadata = read(data.draw(mutated(METADATA)))
        if isinstance(found, Submission) and isinstance(metadata, CoreMetadata) and first_problem(metadata, RULES) is None:
            problem = agreement_problem(found, metadata)
            assert problem is None or isinstance(problem, Problem)

    check()


def test_changed_attestations(scale: Scale, tmp_path: Path) -> None:
    """A true attestation changed anywhere is refused with words, unless it still says the same."""
    (tmp_path / "root.json").write_text(trust_root())
    verifying = Verifying(tmp_path / "root.json")
    true = json.dumps([Signing().attestation()]).encode()

    @settings(max_examples=scale(40, 20_000), deadline=None, database=None)
    @given(mutated(true, most=2))
    def check(changed: bytes) -> None:
        text = changed.decode("utf-8", "replace")
        if attestations_problem(text, GITHUB, required=False) is not None:
            return
        found = verifying.verify(Statements(text, FILENAME, SHA256, SIGNER))
        assert isinstance(found, Attested | NotAttested)
        if isinstance(found, NotAttested):
            assert found.message
            assert "\n" not in found.message
        else:
            (kept,) = json.loads(found.provenance)["attestation_bundles"][0]["attestations"]
            assert kept["envelope"]["statement"] == json.loads(true)[0]["envelope"]["statement"]

    check()
