"""A defect of trustpub is told without the secrets that the process holds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from trustpub.main.defect import without_secrets

BREAKING = """
import sys
from trustpub.main import console

def breaks(args):
    header = {"Authorization": "Bearer canary-one-two"}
    raise KeyError(f"pypi-AgEIcanarycanarycanary {header} {args}")

console.command_line = breaks
sys.exit(console.main())
"""


def test_a_defect_is_neither_yes_nor_no(tmp_path: Path) -> None:
    """The process ends with 2, says where it broke, and repeats neither the environment's secrets nor what looks like a token."""
    environment = {**os.environ, "GH_TOKEN": "canary-one-two"}
    done = subprocess.run([sys.executable, "-c", BREAKING], capture_output=True, text=True, env=environment, check=False)

    assert 2 == done.returncode
    assert "KeyError" in done.stderr
    assert "defect of trustpub" in done.stderr
    assert "canary" not in done.stderr.replace(BREAKING, "")


def test_the_longer_secret_goes_first() -> None:
    """A secret that begins with another one leaves no rest."""
    environment = {"A_TOKEN": "canary", "B_TOKEN": "canary-long", "HOME": "canary-home"}

    assert "(secret) (secret) x" == without_secrets("canary-long canary x", environment)
