"""Tags and releases that start nothing."""

from __future__ import annotations

import pytest

from tests.rules.samples import RELEASE, facts, found, spanned
from tests.workflows.samples import publishing

CHECKOUT = "      - uses: actions/checkout@v6\n"
PUSH = "      - run: |\n          git tag v1.2.3\n          git push origin v1.2.3\n"
WAITS_FOR_TAG = publishing("{push: {tags: ['v*']}}")
WAITS_FOR_RELEASE = publishing("{release: {types: [published]}}")


def maker(steps: str, on: str = "workflow_dispatch", env: str = "") -> str:
    """A file that makes a tag."""
    return f"on: {on}\n{env}jobs:\n  tag:\n    runs-on: ubuntu-latest\n    steps:\n{steps}"


def uses(action: str, **inputs: str) -> str:
    """One step that uses an action."""
    given = "".join(f"          {name.replace('_', '_')}: {value}\n" for name, value in inputs.items())
    return f"      - uses: {action}@v1\n" + (f"        with:\n{given}" if inputs else "")


@pytest.mark.parametrize(
    ("steps", "under"),
    [
        (CHECKOUT + PUSH, "git push origin v1.2.3"),
        (CHECKOUT + '      - run: git push --tags "origin"\n', 'git push --tags "origin"'),
        (CHECKOUT + "      - run: git push origin refs/tags/v2 && echo done\n", "git push origin refs/tags/v2"),
        (CHECKOUT.rstrip() + "\n        with: {token: '${{ github.token }}'}\n" + PUSH, "git push origin v1.2.3"),
        (uses("softprops/action-gh-release", tag_name="v${{ inputs.version }}"), "softprops/action-gh-release@v1"),
        (uses("softprops/action-gh-release", token="${{ secrets.GITHUB_TOKEN }}"), "softprops/action-gh-release@v1"),
        (uses("googleapis/release-please-action"), "googleapis/release-please-action@v1"),
        (
            "      - run: gh release create v1.2.3 --notes x\n        env: {GH_TOKEN: '${{ github.token }}'}\n",
            "gh release create v1.2.3 --notes x",
        ),
    ],
)
def test_the_tag_starts_nothing(steps: str, under: str) -> None:
    """The step is pointed at, and the trigger that waits in vain."""
    seen = facts({"release.yml": WAITS_FOR_TAG, "tag.yml": maker(steps)})
    (finding,) = found("tag_by_token", seen)
    assert "the tag that this step makes with `GITHUB_TOKEN` never starts `release.yml`, which publishes it" == finding.message
    assert ("G03", "high", under) == (finding.rule, finding.severity, spanned(seen, finding.span))
    assert [(RELEASE, "push")] == [(each.span.path, spanned(seen, each.span)) for each in finding.related]
    assert "gh workflow run release.yml --ref TAG" in finding.help


def test_the_release_starts_nothing() -> None:
    """A release that is made at once, not a draft."""
    seen = facts(
        {"release.yml": WAITS_FOR_RELEASE, "tag.yml": maker(uses("ncipollo/release-action"), "{push: {branches: [main]}}")}
    )
    (finding,) = found("tag_by_token", seen)
    assert (
        "the release that this step makes with `GITHUB_TOKEN` never starts `release.yml`, which publishes it" == finding.message
    )


@pytest.mark.parametrize(
    "steps",
    [
        CHECKOUT.rstrip() + "\n        with: {token: '${{ secrets.PAT }}'}\n" + PUSH,
        CHECKOUT.rstrip() + "\n        with: {persist-credentials: false}\n" + PUSH,
        CHECKOUT.rstrip() + "\n        with: {ssh-key: '${{ secrets.KEY }}'}\n" + PUSH,
        CHECKOUT + "      - run: git remote set-url origin https://x:$PAT@github.com/octo/tool\n" + PUSH,
        CHECKOUT + "      - run: git push origin main\n",
        CHECKOUT + "      - run: git tag nightly && git push origin nightly\n",
        CHECKOUT + "      - run: git push --delete origin refs/tags/v1\n",
        CHECKOUT + PUSH + "      - run: gh workflow run release.yml --ref v1.2.3\n",
        PUSH,
        uses("softprops/action-gh-release", token="${{ secrets.PAT }}"),
        uses("softprops/action-gh-release", draft="true"),
        uses("softprops/action-gh-release", tag_name="nightly"),
        uses("actions/create-release", tag_name="v1"),
        uses("python-semantic-release/python-semantic-release", github_token="${{ steps.app.outputs.token }}"),
        "      - run: gh release create v1 --draft\n        env: {GH_TOKEN: '${{ github.token }}'}\n",
        "      - run: gh release create v1\n        env: {GH_TOKEN: '${{ secrets.PAT }}'}\n",
    ],
)
def test_silence_where_another_token_or_nothing_is_made(steps: str) -> None:
    """Other credentials, drafts, branches, rolling tags, and a workflow that is started by name."""
    assert [] == found("tag_by_token", facts({"release.yml": WAITS_FOR_TAG, "tag.yml": maker(steps)}))


@pytest.mark.parametrize("on", ["{push: {tags: ['v*']}}", "release", "workflow_call", "push"])
def test_silence_where_the_tag_is_there_already(on: str) -> None:
    """A run that a tag or a release started makes none, and nobody knows who calls a called file."""
    step = uses("softprops/action-gh-release")
    assert [] == found("tag_by_token", facts({"release.yml": WAITS_FOR_TAG, "tag.yml": maker(step, on)}))


@pytest.mark.parametrize("on", ["{push: {tags: ['v*']}, workflow_dispatch: }", "{push: {branches: [main]}}", "workflow_dispatch"])
def test_silence_where_the_upload_can_be_started_otherwise(on: str) -> None:
    """By hand, or by a push."""
    assert [] == found("tag_by_token", facts({"release.yml": publishing(on), "tag.yml": maker(CHECKOUT + PUSH)}))


def test_a_pushed_tag_is_no_release() -> None:
    """Somebody makes the release of it."""
    assert [] == found("tag_by_token", facts({"release.yml": WAITS_FOR_RELEASE, "tag.yml": maker(CHECKOUT + PUSH)}))
