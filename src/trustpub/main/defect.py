"""What is said when trustpub itself breaks: where, without any secret that the process was given.

An exception's text may quote anything: a header, an address, a line of a file. So nothing of it is shown as it is.
"""

from __future__ import annotations

import os
import re
import sys
import traceback
from typing import TYPE_CHECKING

from trustpub.workflows.secrecy import hidden

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STATUS = 2
"""Neither yes nor no: nobody may take a defect for a finding."""
_SECRET = re.compile(r"TOKEN|PASS|SECRET|KEY|CREDENTIAL", re.IGNORECASE)
_SHORTEST = 6


def report() -> int:
    """Say on stderr what broke, and return the exit status. Call it while the exception is being handled."""
    sys.stderr.write(without_secrets(traceback.format_exc(), os.environ))
    sys.stderr.write("trustpub: this is a defect of trustpub. Please report it with the lines above.\n")
    sys.stderr.flush()
    return STATUS


def without_secrets(text: str, environment: Mapping[str, str]) -> str:
    """Take every secret of the environment, and whatever looks like a secret, out of a text."""
    for value in secrets(environment):
        text = text.replace(value, "(secret)")
    return "".join(hidden(line) for line in text.splitlines(keepends=True))


def secrets(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the values of the variables that hold secrets by their names, the longest first."""
    values = {value for name, value in environment.items() if _SECRET.search(name) and len(value) >= _SHORTEST}
    yield from sorted(values, key=len, reverse=True)
