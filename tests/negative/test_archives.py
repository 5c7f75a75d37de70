"""Archives that two readers could take differently, that lie, or that want more than a file should: each one refused.

Every row differs in one thing from a file that is accepted in the same module. Rows of facts about PyPI's gaps (traversal names,
links, wrong hashes, a second dist-info) are refused here too.
"""

from __future__ import annotations

import io
import struct
import tarfile
import zlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.distributions import (
    INFO,
    METADATA,
    SDIST_NAME,
    TAR_END,
    WHEEL,
    WHEEL_NAME,
    Entry,
    entries_of,
    gz,
    pax,
    record,
    sdist,
    sdist_members,
    tar_header,
    tar_member,
    wheel,
    wheel_files,
    zip_bytes,
)
from trustpub.domain.core_metadata import Rules
from trustpub.parties.archives.inspection import inspect_bytes
from trustpub.parties.archives.port import Inspected, Job, Limits, Rejected

WHEEL_JOB = Job(WHEEL_NAME, "bdist_wheel")
SDIST_JOB = Job(SDIST_NAME, "sdist")
SMALL = Limits(members=50, inflated_always=64 * 1024, metadata=4096)


def look(data: bytes, job: Job = WHEEL_JOB) -> Inspected | Rejected:
    """Inspect these bytes in this process."""
    return inspect_bytes(memoryview(data), job)


def why(data: bytes, job: Job = WHEEL_JOB) -> str:
    """The reason of a rejection; empty when the file is accepted."""
    found = look(data, job)
    return found.message if isinstance(found, Rejected) else ""


def good() -> list[Entry]:
    """The members of the good wheel."""
    return entries_of(wheel_files())


def with_first(**changes: object) -> bytes:
    """The good wheel, with its first member changed."""
    first, *rest = good()
    return zip_bytes([replace(first, **changes), *rest])  # type: ignore[arg-type]


def with_member(name: bytes, data: bytes = b"", **changes: object) -> bytes:
    """The good wheel with one further member, which RECORD lists when its name is text."""
    files = wheel_files(extra={name.decode("utf-8", "replace"): data})
    entries = [replace(each, name=name, **changes) if each.name == name else each for each in entries_of(files)]  # type: ignore[arg-type]
    if all(each.name != name for each in entries):
        entries = [Entry(name, data, **changes) if b"\xef\xbf\xbd" in each.name else each for each in entries]  # type: ignore[arg-type]
    return zip_bytes(entries)


def central(**changes: object) -> bytes:
    """The good wheel, whose central directory tells something else about its first member."""
    return with_first(central=changes)


FIRST = good()[0]
ZIP64_LOCAL = struct.pack("<HHQQ", 1, 16, len(FIRST.data), len(FIRST.stream))
MAX32 = 0xFFFFFFFF


def zip64_end(data: bytes) -> bytes:
    """The same ZIP file with a 64-bit end record and its locator."""
    start = data.rindex(b"PK\x05\x06")
    _, _, _, here, total, length, offset, _ = struct.unpack("<IHHHHIIH", data[start:])
    long = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, here, total, length, offset)
    locator = struct.pack("<IIQI", 0x07064B50, 0, start, 1)
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, MAX32, MAX32, 0)
    return data[:start] + long + locator + end


ACCEPTED_WHEELS: dict[str, bytes] = {
    "deflated": wheel(),
    "stored": zip_bytes([replace(each, deflated=False) for each in good()]),
    "archive comment": zip_bytes(good(), comment=b"built with care"),
    "utf-8 flag and name": with_member("tiny_demo/café.py".encode(), b"1", flags=0x800),
    "deflate speed bits": with_first(flags=0x0006),
    "unix file mode": central(attributes=0o100644 << 16),
    "folder member": zip_bytes([Entry(b"tiny_demo/", b"", deflated=False), *good()]),
    "timestamp extra": with_first(extra=struct.pack("<HHBI", 0x5455, 5, 1, 0)),
    "64-bit sizes in the local header": with_first(
        size=MAX32, compressed=MAX32, extra=ZIP64_LOCAL, central={"size": None, "compressed": None, "extra": b""}
    ),
    "64-bit end": zip64_end(wheel()),
    "record signature": zip_bytes([*good(), Entry(f"{INFO}/RECORD.jws".encode(), b"{}")]),
    "entry points": wheel(extra={f"{INFO}/entry_points.txt": b"[console_scripts]\ntiny-demo = tiny_demo:main\n"}),
    "a description in reStructuredText": wheel(METADATA.replace(b"text/plain", b"text/x-rst; charset=UTF-8")),
    "a broken description in Markdown": wheel(METADATA.replace(b"text/plain", b"text/markdown") + b"`open <x\n=\n"),
    "a classifier": wheel(METADATA.replace(b"Summary", b"Classifier: Topic :: Security\nSummary")),
    "licence file": wheel(METADATA.replace(b"Summary", b"License-File: LICENSE\nSummary"), {f"{INFO}/licenses/LICENSE": b"x"}),
}


@pytest.mark.parametrize("name", ACCEPTED_WHEELS)
def test_good_wheels_are_accepted(name: str) -> None:
    """The twins of the attacks: what honest build tools write."""
    assert why(ACCEPTED_WHEELS[name]) == ""


def bad_record(change: Callable[[bytes], bytes]) -> bytes:
    """The good wheel with its RECORD changed."""
    return zip_bytes(
        [Entry(each.name, change(each.data)) if each.name.endswith(b"/RECORD") else each for each in good()],
    )


def without(name: str) -> bytes:
    """The good wheel without one file of its dist-info, which RECORD does not miss."""
    files = {path: data for path, data in wheel_files().items() if not path.endswith((name, "RECORD"))}
    if name != "RECORD":
        files[f"{INFO}/RECORD"] = record(files)
    return zip_bytes(entries_of(files))


def with_field(line: bytes) -> bytes:
    """The good wheel with one more line of metadata."""
    return wheel(METADATA.replace(b"Summary", line + b"\nSummary"))


BOMB = b"\0" * (1024 * 1024)

ZIP_ATTACKS: dict[str, tuple[bytes, str]] = {
    "prefix": (zip_bytes(good(), prefix=b"#!/bin/sh\n"), "none of a ZIP"),
    "trailing bytes": (zip_bytes(good(), suffix=b"x"), "bytes follow its end"),
    "a second archive behind it": (wheel() + wheel(), "bytes follow its end"),
    "bytes before the central directory": (zip_bytes(good(), between=b"\0\0\0\0"), "leaves members out"),
    "cut in the end": (wheel()[:-1], "ends too early"),
    "cut in a member": (wheel()[:60], "ends too early"),
    "empty": (b"PK", "ends too early"),
    "no zip": (b"hello, this is no archive at all", "none of a ZIP"),
    "duplicate name": (zip_bytes([FIRST, *good()]), "stands more than once"),
    "a name missing in the central directory": (zip_bytes(good(), leave_out=[FIRST.name]), "leaves members out"),
    "a name only in the central directory": (central(name=b"tiny_demo/__evil__.py"), "does not tell what its local headers"),
    "another size in the central directory": (central(size=1), "does not tell what its local headers"),
    "another compressed size in the central directory": (central(compressed=1), "does not tell what its local headers"),
    "another checksum in the central directory": (central(crc=1), "does not tell what its local headers"),
    "another method in the central directory": (central(method=0), "does not tell what its local headers"),
    "another offset in the central directory": (central(offset=1), "does not tell what its local headers"),
    "wrong count": (zip_bytes(good(), count=3), "does not tell the count"),
    "wrong offset of the directory": (zip_bytes(good(), end_offset=1), "does not tell the count"),
    "data descriptor": (with_first(flags=0x0008), "another flag"),
    "encrypted": (with_first(flags=0x0001), "another flag"),
    "strong encryption": (with_first(flags=0x0040), "another flag"),
    "masked headers": (with_first(flags=0x2000), "another flag"),
    "bzip2": (with_first(method=12), "compressed by another method"),
    "lzma": (with_first(method=14), "compressed by another method"),
    "stored with two sizes": (with_first(deflated=False, size=3), "two sizes"),
    "wrong checksum": (with_first(crc=1), "size or the checksum"),
    "larger than it says": (with_first(size=3), "larger than it says"),
    "smaller than it says": (with_first(size=999), "size or the checksum"),
    "bytes behind its stream": (with_first(raw=FIRST.stream + b"hidden"), "behind the end of its stream"),
    "a stream without end": (with_first(raw=FIRST.stream[:-2]), "does not end"),
    "no deflate stream": (with_first(raw=b"\xff\xff\xff\xff"), "cannot be inflated"),
    "member comment": (central(comment=b"read me"), "has a comment"),
    "symbolic link": (central(attributes=0o120777 << 16), "a link or a device"),
    "symbolic link made on a Mac": (central(attributes=0o120777 << 16, made_by=0x1314), "a link or a device"),
    "device": (central(attributes=0o020666 << 16), "a link or a device"),
    "a file that says it is a folder": (central(attributes=0o040755 << 16), "says that it is a folder"),
    "a folder with content": (with_member(b"tiny_demo/sub/", b"x"), "has content"),
    "malformed extra": (with_first(extra=b"\x01\x00\xff"), "extra fields are malformed"),
    "extra longer than it is": (with_first(extra=struct.pack("<HH", 0x5455, 9)), "extra fields are malformed"),
    "64-bit extra twice": (with_first(size=MAX32, compressed=MAX32, extra=ZIP64_LOCAL * 2), "extra fields are malformed"),
    "64-bit extra without need": (with_first(extra=ZIP64_LOCAL), "64-bit sizes"),
    "64-bit sizes without extra": (with_first(size=MAX32), "64-bit sizes"),
    "another name in the unicode extra": (
        with_first(extra=struct.pack("<HHBI", 0x7075, 9, 1, 0) + b"evil"),
        "two names",
    ),
    "64-bit end without locator": (zip64_end(wheel()).replace(b"PK\x06\x07", b"PK\x06\x08"), "locator"),
    "64-bit end of another size": (
        zip64_end(wheel()).replace(struct.pack("<IQ", 0x06064B50, 44), struct.pack("<IQ", 0x06064B50, 45)),
        "64-bit end",
    ),
    "parent folder": (with_member(b"../../evil.pth", b"x"), "not a plain relative path"),
    "parent folder inside": (with_member(b"tiny_demo/../../evil.pth", b"x"), "not a plain relative path"),
    "this folder": (with_member(b"./evil.py", b"x"), "not a plain relative path"),
    "absolute": (with_member(b"/etc/evil", b"x"), "not a plain relative path"),
    "two slashes": (with_member(b"tiny_demo//evil.py", b"x"), "not a plain relative path"),
    "backslash": (with_member(b"tiny_demo\\evil.py", b"x"), "backslash"),
    "drive letter": (with_member(b"C:evil.py", b"x"), "colon"),
    "empty name": (with_member(b"", b"x"), "not a plain relative path"),
    "control character": (with_member(b"tiny_demo/e\nvil.py", b"x"), "cannot be printed"),
    "NUL": (with_member(b"tiny_demo/evil.py\0.txt", b"x"), "cannot be printed"),
    "right-to-left override": (with_member("tiny_demo/\u202egpj.py".encode(), b"x", flags=0x800), "cannot be printed"),
    "not UTF-8": (with_member(b"tiny_demo/\xff.py", b"x", flags=0x800), "not UTF-8"),
    "letters beyond ASCII without the flag": (with_member("tiny_demo/é.py".encode(), b"x"), "without saying"),
    "long name": (with_member(b"tiny_demo/" + b"a" * 600, b"x"), "longer than 512 bytes"),
    "deep name": (with_member(b"a/" * 70 + b"b", b"x"), "deeper than 64"),
    "both file and folder": (wheel(extra={"tiny_demo/a": b"x", "tiny_demo/a/b": b"x"}), "both a file and a folder"),
    "second dist-info": (wheel(extra={"tiny_demo-2.0.dist-info/METADATA": METADATA}), "where only"),
    "second dist-info in capitals": (wheel(extra={"Tiny_Demo-1.0.DIST-INFO/METADATA": METADATA}), "where only"),
    "no WHEEL": (without("WHEEL"), "WHEEL not found"),
    "no METADATA": (without("METADATA"), "does not contain the required METADATA file"),
    "no RECORD": (without("RECORD"), "does not contain the required RECORD file"),
    "dist-info of another version": (wheel(info="tiny_demo-2.0.dist-info"), "where only"),
    "WHEEL of a later generation": (
        zip_bytes(
            entries_of(
                {
                    **(files := {**wheel_files(), f"{INFO}/WHEEL": WHEEL.replace(b"1.0", b"2.0")}),
                    f"{INFO}/RECORD": record({name: data for name, data in files.items() if not name.endswith("RECORD")}),
                }
            )
        ),
        "Wheel-Version 1",
    ),
    "wrong hash in RECORD": (bad_record(lambda text: text.replace(b"sha256=", b"sha256=A", 1)), "another hash"),
    "wrong size in RECORD": (bad_record(lambda text: text.replace(b",10\n", b",11\n", 1)), "another size"),
    "md5 in RECORD": (bad_record(lambda text: text.replace(b"sha256=", b"md5=", 1)), "sha256 (or stronger)"),
    "no hash in RECORD": (bad_record(lambda text: text.replace(b"sha256=", b"", 1)), "sha256 (or stronger)"),
    "a file that RECORD does not list": (zip_bytes([*good(), Entry(b"tiny_demo/evil.py", b"x")]), "is not in it"),
    "a file that only RECORD lists": (bad_record(lambda text: b"ghost.py,sha256=x,1\n" + text), "not in the wheel"),
    "a path twice in RECORD": (bad_record(lambda text: text + text.split(b"\n")[0]), "stands twice"),
    "two fields in RECORD": (bad_record(lambda text: text + b"a,b\n"), "three fields"),
    "RECORD not UTF-8": (bad_record(lambda text: text + b"\xff,,\n"), "cannot be read"),
    "entry points without a section": (wheel(extra={f"{INFO}/entry_points.txt": b"tiny = tiny:main\n"}), "cannot be read"),
    "entry point with a path": (
        wheel(extra={f"{INFO}/entry_points.txt": b"[console_scripts]\n../tiny = tiny:main\n"}),
        "invalid entry point name",
    ),
    "licence file that is not there": (
        wheel(METADATA.replace(b"Summary", b"License-File: LICENSE\nSummary")),
        "License-File LICENSE does not exist in distribution file",
    ),
    "metadata not UTF-8": (wheel(METADATA + b"\xff"), "not UTF-8"),
    "a classifier that is none": (with_field(b"Classifier: Fun :: Games"), "'Fun :: Games' is not a valid classifier."),
    "a classifier that is deprecated": (
        with_field(b"Classifier: Natural Language :: Ukranian"),
        "The classifier 'Natural Language :: Ukranian' has been deprecated, use one of ['Natural Language :: Ukrainian']",
    ),
    "a description that does not render": (
        wheel(METADATA.replace(b"text/plain", b"text/x-rst") + b"\n.. nonsense::\n\n`open\n"),
        "The description failed to render for 'text/x-rst'.",
    ),
    "a description that does not render by default": (
        wheel(METADATA.replace(b"Description-Content-Type: text/plain\n", b"") + b"\n`open <x\n=\n"),
        "The description failed to render in the default format of reStructuredText.",
    ),
}


@pytest.mark.parametrize("name", ZIP_ATTACKS)
def test_zip_attacks_are_refused(name: str) -> None:
    """Each row is refused, and for its own reason."""
    data, reason = ZIP_ATTACKS[name]

    assert reason in why(data)


def test_a_bomb_is_counted_not_believed() -> None:
    """What inflates beyond the limit is refused at that byte, whatever the headers say."""
    job = replace(WHEEL_JOB, limits=SMALL)

    assert "compression ratio" in why(wheel(extra={"tiny_demo/bomb": BOMB}), job)
    lying = zip_bytes(
        [Entry(each.name, each.data, size=10) if each.name == b"tiny_demo/bomb" else each
         for each in entries_of(wheel_files(extra={"tiny_demo/bomb": BOMB}))]
    )  # fmt: skip
    assert "larger than it says" in why(lying, job)
    assert why(wheel(extra={"tiny_demo/bomb": BOMB[: 32 * 1024]}), job) == ""


def test_limits_of_members_and_metadata() -> None:
    """One member too many, one byte of METADATA too many."""
    job = replace(WHEEL_JOB, limits=SMALL)

    assert why(wheel(extra={f"tiny_demo/{number}.py": b"" for number in range(46)}), job) == ""
    assert "more than 50 members" in why(wheel(extra={f"tiny_demo/{number}.py": b"" for number in range(47)}), job)
    assert why(wheel(METADATA + b"x" * (4096 - len(METADATA))), job) == ""
    assert "more than 4096 bytes" in why(wheel(METADATA + b"x" * (4097 - len(METADATA))), job)


def made_with_tarfile(format_: int, name: str = "tiny_demo-1.0/PKG-INFO") -> bytes:
    """A source distribution as Python's own tarfile writes it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format_) as archive:
        for path, data in {name: METADATA, f"tiny_demo-1.0/{'a' * 120}/é.py": b"x"}.items():
            info = tarfile.TarInfo(path)
            info.size = len(data)
            info.mtime = 1.5 if format_ == tarfile.PAX_FORMAT else 1
            archive.addfile(info, io.BytesIO(data))
    return gz(out.getvalue())


TOP = b"tiny_demo-1.0/"

ACCEPTED_SDISTS: dict[str, bytes] = {
    "plain": sdist(),
    "as tarfile writes pax": made_with_tarfile(tarfile.PAX_FORMAT),
    "as tarfile writes GNU": made_with_tarfile(tarfile.GNU_FORMAT),
    "prefix": sdist(more=tar_member(b"b.py", b"x", prefix=TOP + b"sub")),
    "one zero block": gz(sdist_members() + bytes(512)),
    "git's comment": gz(pax({"comment": b"0" * 40}, b"g") + sdist_members() + TAR_END),
    "old regular file": sdist(more=tar_member(TOP + b"a.py", b"x", kind=b"\0")),
}


@pytest.mark.parametrize("name", ACCEPTED_SDISTS)
def test_good_sdists_are_accepted(name: str) -> None:
    """The twins of the attacks: what honest build tools write."""
    assert why(ACCEPTED_SDISTS[name], SDIST_JOB) == ""


def odd(**header: object) -> bytes:
    """A source distribution with one odd member."""
    return sdist(more=tar_member(TOP + b"odd", b"data", **header))  # type: ignore[arg-type]


TAR_ATTACKS: dict[str, tuple[bytes, str]] = {
    "not gzip": (sdist_members() + TAR_END, "not a gzip member"),
    "two gzip members": (sdist() + gz(b""), "bytes follow its gzip member"),
    "bytes behind gzip": (sdist() + b"x", "bytes follow its gzip member"),
    "zeros behind gzip": (sdist() + bytes(512), "bytes follow its gzip member"),
    "cut gzip": (sdist()[:-9], "does not end"),
    "wrong gzip checksum": (sdist()[:-8] + b"\0\0\0\0" + sdist()[-4:], "not a gzip member"),
    "no end": (gz(sdist_members()), "ends too early"),
    "bytes behind the end": (gz(sdist_members() + bytes(512) + b"x" * 512), "bytes follow its end"),
    "a second archive behind the end": (gz(sdist_members() + TAR_END + sdist_members() + TAR_END), "bytes follow its end"),
    "cut in a member": (gz(sdist_members() + tar_header(TOP + b"a", 4096) + b"x" * 512), "ends too early"),
    "wrong checksum": (odd(checksum=1), "checksum"),
    "old header": (odd(magic=bytes(8)), "neither POSIX's nor GNU's"),
    "GNU header with times": (odd(magic=b"ustar  \0", prefix=b"00000000000"), "neither POSIX's nor GNU's"),
    "hard link": (odd(kind=b"1", link=b"tiny_demo-1.0/PKG-INFO"), "only files and folders"),
    "symbolic link": (odd(kind=b"2", link=b"/etc/passwd"), "only files and folders"),
    "character device": (odd(kind=b"3"), "only files and folders"),
    "block device": (odd(kind=b"4"), "only files and folders"),
    "fifo": (odd(kind=b"6"), "only files and folders"),
    "contiguous file": (odd(kind=b"7"), "only files and folders"),
    "GNU sparse": (odd(kind=b"S"), "only files and folders"),
    "GNU long link": (odd(kind=b"K"), "only files and folders"),
    "GNU volume label": (odd(kind=b"V"), "only files and folders"),
    "sparse in pax": (
        sdist(more=pax({"GNU.sparse.major": b"1", "GNU.sparse.name": b"x"}) + tar_member(TOP + b"a", b"1\n")),
        "GNU.sparse.major",
    ),
    "size in pax": (sdist(more=pax({"size": b"1"}) + tar_member(TOP + b"a", b"data")), "'size'"),
    "link in pax": (sdist(more=pax({"linkpath": b"/etc"}) + tar_member(TOP + b"a")), "'linkpath'"),
    "path for all members": (gz(pax({"path": b"evil"}, b"g") + sdist_members() + TAR_END), "for all members"),
    "path twice in pax": (
        sdist(more=pax({"path": TOP + b"a"}) + pax({"path": TOP + b"b"}) + tar_member(TOP + b"c")),
        "two names",
    ),
    "path in pax and GNU": (
        sdist(more=pax({"path": TOP + b"a"}) + tar_member(b"././@LongLink", TOP + b"b\0", b"L") + tar_member(TOP + b"c")),
        "two names",
    ),
    "keyword twice in pax": (
        sdist(more=tar_member(b"x", b"11 mtime=1\n11 mtime=2\n", b"x") + tar_member(TOP + b"a")),
        "twice",
    ),
    "malformed pax": (sdist(more=tar_member(b"x", b"99 mtime=1\n", b"x") + tar_member(TOP + b"a")), "malformed"),
    "long pax": (sdist(more=tar_member(b"x", b"x" * 70_000, b"x") + tar_member(TOP + b"a")), "more than 65536"),
    "a name without a member": (sdist(more=pax({"path": TOP + b"a"})), "ends with the name"),
    "size that is no number": (odd(size_field=b"0x10"), "number cannot be read"),
    "size in base 256": (odd(size_field=b"\x80" + bytes(10) + b"\x04"), "number cannot be read"),
    "negative size": (odd(size_field=b"-1"), "number cannot be read"),
    "size with underscores": (odd(size_field=b"0_4"), "number cannot be read"),
    "parent folder": (sdist(more=tar_member(TOP + b"../evil")), "not a plain relative path"),
    "parent folder in pax": (sdist(more=pax({"path": b"../evil"}) + tar_member(TOP + b"a")), "not a plain relative path"),
    "absolute": (sdist(more=tar_member(b"/etc/evil")), "not a plain relative path"),
    "backslash": (sdist(more=tar_member(TOP + b"a\\b")), "backslash"),
    "control character": (sdist(more=tar_member(TOP + b"a\nb")), "cannot be printed"),
    "not UTF-8": (sdist(more=tar_member(TOP + b"\xff")), "not UTF-8"),
    "duplicate name": (sdist(more=tar_member(TOP + b"PKG-INFO", METADATA)), "stands more than once"),
    "file named like a folder": (sdist(more=tar_member(TOP + b"sub/")), "ends like a folder"),
    "folder with content": (sdist(more=tar_member(TOP + b"sub/", b"x", b"5")), "has content"),
    "file and folder": (sdist(more=tar_member(TOP + b"a") + tar_member(TOP + b"a/b")), "both a file and a folder"),
    "two top folders": (sdist(more=tar_member(b"evil/setup.py")), "top-level directories"),
    "a second top folder without files": (sdist(more=tar_member(b"evil/", kind=b"5")), "top-level directories"),
    "file at the top": (sdist(more=tar_member(b"setup.py")), "top-level directories"),
    "no PKG-INFO": (gz(tar_member(TOP + b"setup.py", b"x") + TAR_END), "PKG-INFO not found"),
    "PKG-INFO deeper": (gz(tar_member(TOP + b"src/PKG-INFO", METADATA) + TAR_END), "PKG-INFO not found"),
    "empty": (gz(TAR_END), "top-level directories"),
    "a wheel's bytes": (wheel(), "not a gzip member"),
}


@pytest.mark.parametrize("name", TAR_ATTACKS)
def test_tar_attacks_are_refused(name: str) -> None:
    """Each row is refused, and for its own reason."""
    data, reason = TAR_ATTACKS[name]

    assert reason in why(data, SDIST_JOB)


def test_a_tar_bomb_is_counted() -> None:
    """The limit counts what is inflated, also of files that nobody reads."""
    job = replace(SDIST_JOB, limits=SMALL)

    assert "compression ratio" in why(sdist(more=tar_member(TOP + b"bomb", BOMB)), job)
    assert why(sdist(more=tar_member(TOP + b"bomb", BOMB[: 32 * 1024])), job) == ""


def test_pkg_info_is_capped() -> None:
    """PKG-INFO is read only up to its limit."""
    job = replace(SDIST_JOB, limits=SMALL)

    assert "more than 4096 bytes" in why(sdist(METADATA + b"x" * 4096), job)


def test_rules_of_the_index_reach_the_metadata() -> None:
    """What the metadata may say is a matter of the index's rules."""
    direct = METADATA.replace(b"Summary", b"Requires-Dist: a @ https://example.org/a.whl\nSummary")

    assert "Can't have direct dependency" in why(wheel(direct))
    assert why(wheel(direct), replace(WHEEL_JOB, rules=Rules(direct_urls=True))) == ""


@given(at=st.integers(min_value=0), byte=st.integers(0, 255), data=st.sampled_from(["wheel", "sdist"]))
def test_no_changed_byte_crashes_or_changes_the_metadata(at: int, byte: int, data: str) -> None:
    """Whatever byte is changed, the file is refused with words, or it is accepted with the same metadata."""
    whole, job = (wheel(), WHEEL_JOB) if data == "wheel" else (sdist(), SDIST_JOB)
    changed = bytearray(whole)
    changed[at % len(whole)] = byte

    found = look(bytes(changed), job)

    assert isinstance(found, Rejected) or found.metadata == METADATA


@given(st.binary(max_size=2000))
def test_no_bytes_crash(data: bytes) -> None:
    """Noise, and noise that starts like an archive or hides in a gzip member, is refused."""
    for noise, job in ((data, WHEEL_JOB), (b"PK\x03\x04" + data, WHEEL_JOB), (data, SDIST_JOB), (gz(data), SDIST_JOB)):
        assert why(noise, job) != ""


NAMES = st.text(st.sampled_from("abcé-_. "), min_size=1, max_size=150).filter(lambda name: name.strip(". ") == name)


@given(st.dictionaries(NAMES, st.binary(max_size=1500), max_size=6), st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]))
def test_the_walk_agrees_with_tarfile(files: dict[str, bytes], format_: int) -> None:
    """Whatever tarfile writes from plain files is walked to the same names, and PKG-INFO is the same bytes."""
    out = io.BytesIO()
    files = {name: data for name, data in files.items() if name != "PKG-INFO"} | {"PKG-INFO": METADATA}
    with tarfile.open(fileobj=out, mode="w", format=format_) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(f"tiny_demo-1.0/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))

    found = look(gz(out.getvalue()), SDIST_JOB)

    assert isinstance(found, Inspected)
    assert found.metadata == METADATA


@given(st.binary(max_size=5000))
def test_members_are_read_as_they_are(data: bytes) -> None:
    """Any content, stored or deflated, has the hash that RECORD says."""
    files = wheel_files(extra={"tiny_demo/data": data})

    assert why(zip_bytes(entries_of(files))) == ""
    assert why(zip_bytes([replace(each, deflated=False) for each in entries_of(files)])) == ""


def test_deflate_without_compression_is_read() -> None:
    """A stream of stored deflate blocks, longer than one slice, is read to its end."""
    data = b"0123456789" * 60_000
    deflate = zlib.compressobj(0, zlib.DEFLATED, -15)
    raw = deflate.compress(data) + deflate.flush()
    files = wheel_files(extra={"tiny_demo/data": data})
    entries = [replace(each, raw=raw) if each.name == b"tiny_demo/data" else each for each in entries_of(files)]

    assert why(zip_bytes(entries)) == ""
