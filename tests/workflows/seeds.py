"""What broken files are made of: every style of writing, and every way of releasing."""

from __future__ import annotations

from tests.workflows.releases import RELEASES
from tests.workflows.styles import STYLES

SEEDS = {**STYLES, **{f"release: {name}": text for name, text in RELEASES.items()}}
