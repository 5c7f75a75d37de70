"""The rules of `check`: one file each, loaded only when they are needed.

A rule's file holds `RULE`, which says what it is, and `check(facts)`, which yields findings. To add one, write the file and its
line in `MODULES` (docs/recipes/rule.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.findings import Finding
    from trustpub.domain.findings import Rule as RuleText
    from trustpub.rules.facts import Facts

MODULES = {
    "M01": "publisher_differs",
    "M02": "id_token",
    "M04": "reusable",
    "M05": "testpypi_leg",
    "M06": "project_name",
    "M07": "shared_identity",
    "M10": "never_runs",
    "M11": "pull_request_target",
    "M12": "call_permissions",
    "F01": "refused_file",
    "E01": "environment_missing",
    "E03": "environment_refuses",
    "E05": "environment_undeployed",
    "E07": "environment_case",
    "G02": "trigger_too_wide",
    "G03": "tag_by_token",
    "G05": "cancelled",
    "T01": "stored_token",
    "T02": "other_uploads",
    "A01": "attestations",
    "A02": "upload_client",
    "C01": "untrusted_triggers",
    "C02": "untrusted_expressions",
    "C03": "unpinned_actions",
    "C04": "checkout_credentials",
    "C05": "caches",
    "W01": "build_and_publish",
    "W02": "default_permissions",
    "W03": "condition",
    "W04": "extra_work",
    "W05": "dispatch",
    "W06": "publish_on_linux",
    "W07": "id_token_too_wide",
    "I01": "issuer",
    "D03": "unpinned_tools",
    "D04": "project_urls",
    "N01": "package_name",
    "V01": "tag_and_version",
    "V04": "skip_existing",
    "S01": "suppress_unused",
    "S02": "suppress_reason",
    "S03": "suppress_unknown",
}
"""Every rule: its code and its file, in the order in which they are listed."""
AFTERWARDS = frozenset(("S01", "S02", "S03"))
"""The rules on comments that suppress findings: they speak when all others have, so they are not asked with them."""


class RuleFile(Protocol):
    """What a rule's file holds."""

    RULE: RuleText

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield what is wrong."""


def load(code: str) -> RuleFile:
    """Import one rule. Raises `KeyError` for a code that does not exist."""
    from importlib import import_module

    return cast("RuleFile", import_module(f"trustpub.rules.{MODULES[code]}"))


def check(facts: Facts) -> Iterator[Finding]:
    """Ask every rule."""
    for code in MODULES:
        if code not in AFTERWARDS:
            yield from load(code).check(facts)
