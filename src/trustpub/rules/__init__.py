"""The rules of `check`: one file each, loaded only when they are needed.

A rule's file holds `RULE`, which says what it is, and `check(facts)`, which yields findings. To add one, write the file and its
line in `MODULES` (docs/recipes/rule.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustpub.domain.findings import Finding
    from trustpub.domain.findings import Rule as RuleText
    from trustpub.rules.facts import Facts

MODULES = {
    "M01": "publisher_differs",
    "M02": "id_token",
    "M03": "project_missing",
    "M04": "reusable",
    "M05": "testpypi_leg",
    "M06": "project_name",
    "M07": "shared_identity",
    "M08": "identity_changed",
    "M09": "pending_expires",
    "M10": "never_runs",
    "M11": "pull_request_target",
    "M12": "call_permissions",
    "M13": "registered_differs",
    "F01": "refused_file",
    "E01": "environment_missing",
    "E02": "environment_unguarded",
    "E03": "environment_refuses",
    "E04": "environment_bypass",
    "E05": "environment_undeployed",
    "E07": "environment_case",
    "E08": "environment_drift",
    "E09": "environment_unbound",
    "G01": "tags_unprotected",
    "G02": "trigger_too_wide",
    "G03": "tag_by_token",
    "G04": "workflow_unreviewed",
    "G05": "cancelled",
    "G06": "tags_drift",
    "G07": "tags_locked",
    "T01": "stored_token",
    "T02": "other_uploads",
    "T03": "co_owners",
    "T04": "leftover_secret",
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
    "W08": "default_token",
    "I01": "issuer",
    "D03": "unpinned_tools",
    "D04": "project_urls",
    "N01": "package_name",
    "N02": "name_of_others",
    "V01": "tag_and_version",
    "V02": "unexplained_files",
    "V03": "certificate_odd",
    "V04": "skip_existing",
    "R01": "release_closed",
    "P01": "project_frozen",
    "O01": "action_blocked",
    "X01": "subject_custom",
    "S01": "suppress_unused",
    "S02": "suppress_reason",
    "S03": "suppress_unknown",
}
"""Every rule: its code and its file, in the order in which they are listed."""
AFTERWARDS = frozenset(("S01", "S02", "S03"))
"""The rules on comments that suppress findings: they speak when all others have, so they are not asked with them."""


_OF_GITHUB = ("E02", "E04", "E08", "G01", "G04", "G06", "G07", "T04", "W08", "O01", "X01")
_OF_INDEXES = ("E09", "M03", "M09", "M13", "T03", "N02", "V02", "V03", "R01", "P01")
ONLY_IF: Mapping[str, str] = {
    "M01": "declared", "M04": "called", "M05": "testpypi", "M06": "declared", "M07": "several", "M08": "asked", "M10": "skipped",
    "M11": "pull_request_target", "M12": "called", "E01": "bare", "E03": "ruled", "E05": "deployment",
    "G05": "concurrency", "T01": "stored", "W05": "ruled", "W07": "write", "I01": "enterprise", "V04": "skip",
    "F01": "files",
    **dict.fromkeys(_OF_GITHUB, "github"),
    **dict.fromkeys(_OF_INDEXES, "indexes"),
}  # fmt: skip
"""What a rule cannot speak without (see `_there`); every other rule needs an upload. One that cannot speak is not even loaded."""
_WORDS = ("pull_request_target", "deployment", "concurrency", "write", "skip")


ASKING = frozenset((*_OF_GITHUB, *_OF_INDEXES, "M08", "E03", "E05", "G02", "W02", "W05"))
"""The rules that speak otherwise, or only, when GitHub or an index told something: with nobody asked they miss nothing."""


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
    """Ask every rule that may have something to say."""
    there = _there(facts)
    for code in MODULES:
        if code not in AFTERWARDS and ONLY_IF.get(code, "uploads") in there:
            yield from load(code).check(facts)


def may_speak(code: str, facts: Facts) -> bool:
    """Say whether a rule is asked about a checkout at all."""
    return ONLY_IF.get(code, "uploads") in _there(facts)


def _there(facts: Facts) -> set[str]:
    """List what a checkout has, as far as rules hang on it: cheap to see, and never missing where a rule would speak."""
    sites = [site for site, _ in facts.sites()]
    every = [each for upload in facts.uploads for each in upload.predictions]
    texts = [workflow.source.text for workflow in facts.workflows.values()] if facts.uploads else []
    seen = {
        "files": True,
        "uploads": bool(facts.uploads),
        "declared": bool(facts.declaration.publishers),
        "ruled": bool(facts.declaration.environments) or facts.github is not None,
        "enterprise": facts.host not in ("", "github.com"),
        "several": len(facts.packages) > 1 or len(facts.declaration.publishers) > 1,
        "called": len(sites) < len(facts.uploads) or any(site.calls for site in sites),
        "bare": any(site.job.environment is None for site in sites),
        "testpypi": any(each.index == "testpypi" for each in every),
        "stored": any(each.credential != "trusted-publishing" for each in every),
        "skipped": not all(each.reached for each in every),
        "github": facts.github is not None,
        "indexes": bool(facts.indexes),
        "asked": facts.github is not None or bool(facts.indexes),
        **{word: any(word in text for text in texts) for word in _WORDS},
    }
    return {name for name, there in seen.items() if there}
