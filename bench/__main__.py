"""`./x bench [ROW...]`: measure against the budgets, beside the peers. Timed here, never in a test."""

from __future__ import annotations

import importlib
import os
import platform
import sys

ROWS = ("startup", "check", "exchanges", "uploads", "reads", "growth", "postgresql", "profile")


def main(wanted: list[str]) -> int:
    """Run the rows that were asked for (all, when none was named)."""
    unknown = [name for name in wanted if name not in ROWS]
    if unknown:
        sys.stderr.write(f"./x bench: there is no row `{unknown[0]}`. Rows: {', '.join(ROWS)}\n")
        return 2
    sys.stdout.write(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}\n"
    )
    for name in wanted or ROWS:
        importlib.import_module(f"bench.rows.{name}").run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
