"""What a checkout adds to a cause that its log alone leaves general: which job, which rule.

A run may be of another state of the repository than the checkout: what is added names places, and changes no cause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.workflows.permissions import id_token

if TYPE_CHECKING:
    from trustpub.domain.failures import Found
    from trustpub.rules.facts import Facts

PERMISSION = "id-token-permission"
REFUSED_TAG = "environment-refuses-tag"


def with_places(cause: Found, facts: Facts) -> Found:
    """Add to the fix what the checkout shows; most causes stay as they are."""
    more = {PERMISSION: _jobs, REFUSED_TAG: _declared_tags}.get(cause.code)
    added = more(cause, facts) if more is not None else ""
    return cause._replace(fix=f"{cause.fix} {added}") if added else cause


def _jobs(_cause: Found, facts: Facts) -> str:
    """Name the publishing jobs that nothing grants an ID token."""
    sites = [site for site, _ in facts.trusted()]
    jobs = {(site.workflow.path, site.job.id): id_token(site.workflow, site.job).granted for site in sites}
    bare = [f"`{job}` in `{path}`" for (path, job), granted in jobs.items() if not granted]
    if bare:
        return f"In this checkout {' and '.join(bare)} lack{'s' if len(bare) == 1 else ''} it."
    if jobs and not any(site.calls for site in sites):  # of a called one the caller decides as well
        return (
            "In this checkout every publishing job has it: the run was of another state of the repository, or another job asked."
        )
    return ""


def _declared_tags(cause: Found, facts: Facts) -> str:
    """Say that the wanted rule is declared already."""
    declared = facts.declaration.environment(cause.caught.get("environment", ""))
    if declared is None or not declared.tags:
        return ""
    tags = ", ".join(f"`{tag}`" for tag in declared.tags)
    return f"`{facts.declaration.path}` declares the tags {tags} for it: `trustpub setup` makes that so."
