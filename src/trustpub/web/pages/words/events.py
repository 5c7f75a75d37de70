"""What events are called in a log: `event.KIND`. A kind that is not here is shown as it is."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {}
