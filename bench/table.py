"""How a row reports: what was measured, beside what, against which budget."""

from __future__ import annotations

import statistics
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One figure of one side: its runs, and the budget when it has one."""

    row: str
    side: str
    figure: str
    runs: tuple[float, ...]
    budget: str = ""
    met: bool | None = None


def say(line: Line) -> None:
    """Print one line as it becomes known: median, then the runs."""
    verdict = "" if line.met is None else ("  met" if line.met else "  MISSED")
    budget = f"  budget {line.budget}" if line.budget else ""
    runs = ", ".join(f"{run:,.2f}".rstrip("0").rstrip(".") for run in line.runs)
    middle = f"{statistics.median(line.runs):,.2f}".rstrip("0").rstrip(".")
    sys.stdout.write(f"{line.row:<12} {line.side:<22} {line.figure:<18} {middle:>12}   [{runs}]{budget}{verdict}\n")
    sys.stdout.flush()
