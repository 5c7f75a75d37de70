"""The files of a checkout: whatever a stranger's file names, only regular files below the root are given."""

from __future__ import annotations

from pathlib import Path

import pytest

from trustpub.parties.files import MAX_FILE, CheckoutFiles


@pytest.mark.parametrize(
    "path", ["../other", "/etc/hostname", "a\0b", "\ud800", "x" * 5000, "link", "pipe", "folder", "large", "none"]
)
def test_what_is_no_file_of_the_checkout(tmp_path: Path, path: str) -> None:
    """Paths that leave it, paths that are none, links to elsewhere, folders, and files that are too large."""
    import os

    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    (tmp_path / "other").write_text("x")
    (root / "link").symlink_to(tmp_path / "other")
    os.mkfifo(root / "pipe")
    (root / "large").write_bytes(b"x" * (MAX_FILE + 1))
    (root / "file").write_bytes(b"x")
    files = CheckoutFiles(f"{root}")

    assert files.read(path) is None
    assert files.names(path) == ()
    assert b"x" == files.read("file")
    assert ("file", "folder/", "large", "link", "pipe") == files.names("")
