"""A description that its own markup cannot render is refused, as on PyPI: people would see its source instead of it.

Only reStructuredText can fail; Markdown and plain text always become something. The libraries take a quarter of a second to load,
so they are loaded by the first description that needs them, in the process that looks at files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustpub.domain.core_metadata import CoreMetadata

LONGEST = 256 * 1024
"""Characters that are rendered to see whether it works; a longer text is let through."""
HELP = "See the help of this index for more information."


def description_problem(core: CoreMetadata) -> str:
    """Why the description cannot be shown; empty when it can, or when there is none.

    Mirrors: warehouse/forklift/legacy.py @6b62157.
    """
    told = core.one("description-content-type")
    text = core.description
    if not text or len(text) > LONGEST or told.partition(";")[0].strip().lower() not in ("", "text/x-rst"):
        return ""
    if _renders(text):
        return ""
    kind = f"for '{told}'" if told else "in the default format of reStructuredText"
    return f"The description failed to render {kind}. {HELP}"


def _renders(text: str) -> bool:
    try:
        from readme_renderer import rst
    except ImportError:
        return True  # an index without the library shows descriptions as they are written
    try:
        return rst.render(text) is not None
    except Exception:  # noqa: BLE001 - libraries that read text from strangers raise whatever they like
        return False
