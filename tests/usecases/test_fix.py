"""Fixes: made, checked again, and written only when nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.usecases.checking import RELEASE, addresses, codes, written
from trustpub.errors import BadInput, Broken
from trustpub.parties.git import Checkout
from trustpub.parties.rewriting import rewrite
from trustpub.usecases import check
from trustpub.usecases.fix import Changed, Fixed, diff, fixed, write
from trustpub.usecases.report import Change, Excerpt, Repair, Report, Reported

TWO = """\
on: push # every push
jobs:
  publish:
    runs-on: ubuntu-latest # a runner
    environment: pypi # trustpub: ignore[M02, S02] nothing here
    permissions: # none yet
      contents: read
    steps:
      # the upload
      - uses: pypa/gh-action-pypi-publish@release/v1
"""


def checkout_of(folder: Path, text: str = TWO) -> Checkout:
    """A checkout with one workflow."""
    return Checkout.open(str(written(folder, text)))


def fixes(folder: Path, text: str = TWO, *, unsafe: bool = True) -> Fixed:
    """Make the fixes of a checkout, in memory."""
    checkout = checkout_of(folder, text)
    return fixed(checkout, addresses(folder), check.run(checkout, addresses(folder)), unsafe=unsafe)


def own(report: Report) -> list[str]:
    """The rules of these tests that spoke."""
    return [code for code in codes(report) if code in ("M02", "S01")]


def test_fixes_follow_each_other_in_rounds(tmp_path: Path) -> None:
    """Two fixes of one comment cannot be made at once, so they come one after the other; each line but theirs stays."""
    done = fixes(tmp_path)
    (file,) = [each for each in done.files if each.path == RELEASE]
    lines = file.after.decode().splitlines()

    assert [] == own(done.report)
    assert {"M02", "S01"} <= {each.rule for each in done.made}
    assert "    environment: pypi" in lines
    assert "      id-token: write" in lines
    assert set(TWO.splitlines()) - {TWO.splitlines()[4]} <= set(lines)


def test_nothing_is_written_before_it_is_asked_for(tmp_path: Path) -> None:
    """Fixes are values; `write` writes them, keeps the mode, and a second turn has nothing to do."""
    done = fixes(tmp_path)
    path = tmp_path / RELEASE
    assert TWO == path.read_text()
    path.chmod(0o640)

    write(checkout_of_there(tmp_path), done.files)

    assert 0o640 == path.stat().st_mode & 0o777
    assert [(done.files[0].after)] == [path.read_bytes()]
    assert [path] == list(path.parent.iterdir())
    again = fixes(tmp_path, path.read_text())
    assert () == again.files


def checkout_of_there(folder: Path) -> Checkout:
    """The checkout that is there already."""
    return Checkout.open(str(folder))


def test_safe_fixes_only_unless_asked(tmp_path: Path) -> None:
    """A comment of the shell may be text of a here-document, so taking it out is not safe."""
    text = TWO.replace("      # the", "      - run: |\n          # trustpub: ignore[M02] why\n          make\n      # the")

    assert "# trustpub: ignore[M02] why" in after(fixes(tmp_path, text, unsafe=False))
    assert "# trustpub: ignore[M02] why" not in after(fixes(tmp_path, text, unsafe=True))


def after(done: Fixed) -> str:
    """The workflow after the fixes."""
    (file,) = [each for each in done.files if each.path == RELEASE]
    return file.after.decode()


def repaired(report: Report, changes: tuple[Change, ...]) -> Report:
    """A report whose first finding has another fix."""
    (first, *rest) = report.findings
    return report._replace(findings=(first._replace(fix=Repair("other", True, changes)), *rest))


@pytest.mark.parametrize(
    ("piece", "text", "why"),
    [
        ("# a runner", "# the runner", "would still be found"),
        ("contents: read", "contents: 'read", "could not be read any more"),
        ("contents: read", "contents: read\nx:", "a value outside the change would be read otherwise"),
        ("# a runner", "a runner", "a value outside the change would be read otherwise"),
        ("on: push", "on: push\non: push", "GitHub would refuse"),
        ("contents: read", "contents: write", "would still be found"),
    ],
)
def test_a_fix_that_does_more_or_less_is_dropped(tmp_path: Path, piece: str, text: str, why: str) -> None:
    """The file is read again and checked again, and the fix is left out with a reason."""
    checkout = checkout_of(tmp_path, TWO.replace(" # trustpub: ignore[M02, S02] nothing here", ""))
    report = check.run(checkout, addresses(tmp_path))
    source = checkout.files[RELEASE].decode()
    start = source.index(piece)
    place = Excerpt(RELEASE, 1, 1, 1, 1, (), start, start + len(piece))
    only = report._replace(findings=tuple(each for each in report.findings if each.rule == "M02"))
    done = fixed(checkout, addresses(tmp_path), repaired(only, (Change(place, text),)), unsafe=False)

    assert () == done.files
    assert [why] == [why for left in done.left if why in left.why], done.left


def test_a_fix_that_makes_another_finding_graver_is_dropped(tmp_path: Path) -> None:
    """A file that GitHub refuses is a note while nothing in it looks like an upload."""
    other = tmp_path / ".github/workflows/other.yml"
    checkout_of(tmp_path, TWO.replace(" # trustpub: ignore[M02, S02] nothing here", ""))
    other.write_text("on: push\non: push\njobs: {a: {runs-on: x, steps: [{run: make}]}}\n")
    checkout = checkout_of_there(tmp_path)
    report = check.run(checkout, addresses(tmp_path))
    missing = next(each for each in report.findings if each.rule == "M02")
    assert missing.fix is not None
    end = len(other.read_text())
    word = Change(Excerpt(".github/workflows/other.yml", 4, 1, 4, 1, (), end, end), "# twine\n")
    only = report._replace(findings=(missing, *(each for each in report.findings if each.rule == "F01")))
    done = fixed(checkout, addresses(tmp_path), repaired(only, (*missing.fix.changes, word)), unsafe=False)

    assert () == done.files
    assert ["`F01` would then be found in `.github/workflows/other.yml`"] == [left.why for left in done.left]


def test_a_diff_can_be_applied(tmp_path: Path) -> None:
    """Lines end as they do in the file, and a last line without an end is said to be one."""
    changes = [Changed("a.yml", b"a: b\r\nc: d", b"a: x\r\nc: d"), Changed("b.yml", b"a\x85b\n", b"a\x85c\n")]
    expected = (
        "--- a/a.yml\n+++ b/a.yml\n@@ -1,2 +1,2 @@\n-a: b\r\n+a: x\r\n c: d\n\\ No newline at end of file\n"
        "--- a/b.yml\n+++ b/b.yml\n@@ -1 +1 @@\n-a\x85b\n+a\x85c\n"
    )
    assert expected == diff(
        each._replace(before=each.before.decode("latin-1").encode(), after=each.after.decode("latin-1").encode())
        for each in changes
    )


def test_rewriting_keeps_to_the_checkout(tmp_path: Path) -> None:
    """No link is followed, no folder left, and what somebody else changed is not overwritten."""
    outside = tmp_path / "outside.yml"
    outside.write_bytes(b"a")
    root = tmp_path / "root"
    (root / "real").mkdir(parents=True)
    (root / "real/file.yml").write_bytes(b"a")
    (root / "link.yml").symlink_to(outside)
    (root / "folder").symlink_to(root / "real")

    for path in ("link.yml", "folder/file.yml", "../outside.yml"):
        with pytest.raises(BadInput, match=r"a link"):
            rewrite(str(root), path, b"a", b"b")
    with pytest.raises(BadInput, match="changed while it was checked"):
        rewrite(str(root), "real/file.yml", b"other", b"b")
    with pytest.raises(BadInput, match="not a regular file"):
        rewrite(str(root), "real", b"a", b"b")
    with pytest.raises(Broken, match="cannot be written"):
        rewrite(str(root), "real/none.yml", b"a", b"b")
    assert b"a" == outside.read_bytes() == (root / "real/file.yml").read_bytes()


def test_what_is_put_off_is_not_fixed(tmp_path: Path) -> None:
    """Findings that do not count keep their lines."""
    checkout = checkout_of(tmp_path)
    report = check.run(checkout, addresses(tmp_path))
    done = fixed(
        checkout, addresses(tmp_path), report, unsafe=True, counting=lambda each: each._replace(findings=tuple[Reported, ...]())
    )

    assert ((), ()) == (done.files, done.made)
