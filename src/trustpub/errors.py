"""One tree of errors, each with what happened, why, and what to do next.

    TrustpubError
    ├── BadInput      what the person gave cannot be used           exit 2
    │   └── BrokenFile   ... and it is one place in one file         exit 2
    ├── Broken        this machine lacks what the command needs     exit 2
    ├── Denied        a party outside understood, and will not      exit 1
    └── Unreachable   a party outside did not answer                exit 3

Refusals, findings and drift are *outcomes*, never exceptions. Only the command line turns an error into an exit status.
"""

from __future__ import annotations

from typing import ClassVar


class TrustpubError(Exception):
    """An error that a person can act on.

    `what` is one line that names the field or the file, `why` the reason, `next_step` the thing to do, `detail` further lines
    that are shown as they are (another program's output, a line of a file). None of them may carry a secret.
    """

    code: ClassVar[str] = "error"
    exit_status: ClassVar[int] = 2

    def __init__(self, what: str, *, why: str = "", next_step: str = "", detail: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.next_step = next_step
        self.detail = detail

    def __str__(self) -> str:
        line = f"{self.what}: {self.why}" if self.why else self.what
        return f"{line}. {self.next_step}" if self.next_step else line


class BadInput(TrustpubError):
    """What the person gave (an option, a file, a field) cannot be used."""

    code = "bad-input"


class BrokenFile(BadInput):
    """One place in one file cannot be read. Line and column count from 1, columns in code points."""

    code = "broken-file"

    def __init__(self, path: str, why: str, *, line: int = 0, column: int = 0, text: str = "", next_step: str = "") -> None:
        place = f"{path}:{line}:{column}" if line else path
        caret = f"    {text}\n    {' ' * (column - 1)}^" if text and column else text
        super().__init__(place, why=why, next_step=next_step, detail=caret)
        self.path = path
        self.line = line
        self.column = column
        self.text = text


class Broken(TrustpubError):
    """This machine lacks what the command needs: a program, a port, a folder."""

    code = "broken"


class Denied(TrustpubError):
    """A party outside understood what it was asked to do, and will not do it: a missing permission, a plan, a rule of its own.

    `permission` is what the token lacks, when the party said so.
    """

    code = "denied"
    exit_status = 1

    def __init__(self, what: str, *, why: str = "", next_step: str = "", detail: str = "", permission: str = "") -> None:
        super().__init__(what, why=why, next_step=next_step, detail=detail)
        self.permission = permission


class Unreachable(TrustpubError):
    """A party outside did not answer, or answered something that is not its own protocol."""

    code = "unreachable"
    exit_status = 3
