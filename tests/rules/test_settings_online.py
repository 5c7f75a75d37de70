"""Actions that may not run, default tokens that may write, secrets that are left, and how `sub` is made."""

from __future__ import annotations

import pytest

from tests.rules.online_samples import ACTIONS, IN_ORDER, UNTOLD, online
from tests.rules.releases import CHECKOUT, DOWNLOAD, PIN, TAGS, one_job, two_jobs
from tests.rules.samples import facts, found, spanned
from tests.workflows.samples import publishing
from trustpub.domain.github_settings import ActionsPolicy, GitHubSide, Secret, Subject
from trustpub.rules.leftover_secret import is_upload_token

PUBLISH = f"pypa/gh-action-pypi-publish@{PIN}"
LOCAL = ACTIONS._replace(allowed="local_only")
CHOSEN = ACTIONS._replace(allowed="selected")


def allowing(policy: ActionsPolicy) -> GitHubSide:
    """A GitHub with these settings of Actions."""
    return IN_ORDER._replace(actions=policy)


@pytest.mark.parametrize(
    ("policy", "words", "why"),
    [
        (CHOSEN, {PUBLISH}, "allows chosen actions only, and `{}` is not among them"),
        (
            CHOSEN._replace(patterns=("pypa/build*", "octo/*")),
            {PUBLISH},
            "allows chosen actions only, and `{}` is not among them",
        ),
        (CHOSEN._replace(patterns=("pypa/gh-action-pypi-publish@v1",)), {PUBLISH}, "allows chosen actions only, and"),
        (
            LOCAL,
            {PUBLISH, CHECKOUT.split()[1], DOWNLOAD.split()[1], f"actions/upload-artifact@{PIN}"},
            "allows actions of its owner only, and not `{}`, ",
        ),
    ],
)
def test_actions_that_may_not_run(policy: ActionsPolicy, words: set[str], why: str) -> None:
    """Each is pointed at, on the way to the upload only; one setting is one finding."""
    seen = online(facts(two_jobs()), allowing(policy))
    (finding,) = found("action_blocked", seen)
    pointed = [spanned(seen, finding.span), *(spanned(seen, each.span) for each in finding.related)]
    assert words == set(pointed)
    assert finding.message.startswith(f"`octo/tool` {why.format(pointed[0])}")
    assert all(f"`{word}`" in finding.message for word in words)
    assert "blocker" == finding.severity
    assert finding.help.endswith("https://github.com/octo/tool/settings/actions")


def test_an_action_without_its_commit() -> None:
    """Where commits are asked for, a tag is refused; a called workflow may have one."""
    seen = online(facts(publishing(TAGS, "environment: pypi")), allowing(ACTIONS._replace(sha_pinning=True)))
    (finding,) = found("action_blocked", seen)
    expected = "`octo/tool` asks for full commit ids, and `pypa/gh-action-pypi-publish@release/v1` names a tag or branch"
    assert f"{expected}: GitHub does not start the run" == finding.message
    calling = "on: push\njobs: {publish: {uses: octo/flows/.github/workflows/publish.yml@v1}}\n"
    assert [] == found("action_blocked", online(facts(calling), allowing(ACTIONS._replace(sha_pinning=True))))


def test_actions_that_are_switched_off() -> None:
    """That is said once."""
    (finding,) = found("action_blocked", online(facts(two_jobs()), allowing(ACTIONS._replace(enabled=False))))
    assert "GitHub Actions is switched off in `octo/tool`: no run starts" == finding.message


@pytest.mark.parametrize(
    "side",
    [
        None,
        IN_ORDER,
        IN_ORDER._replace(actions=UNTOLD),
        allowing(ACTIONS._replace(sha_pinning=True)),
        allowing(CHOSEN._replace(patterns=("pypa/*",))),
        allowing(CHOSEN._replace(patterns=("pypa/gh-action-pypi-publish@*",))),
        allowing(CHOSEN._replace(patterns=("PyPA/gh-action-pypi-publish",))),
        allowing(CHOSEN._replace(verified=True)),
    ],
)
def test_silence_where_every_action_may_run_or_nobody_knows(side: GitHubSide | None) -> None:
    """Whose creator GitHub has verified, nobody else can tell."""
    assert [] == found("action_blocked", online(facts(two_jobs()), side))


def test_an_enterprise_may_hold_the_owner_of_an_action() -> None:
    """Its actions count as one's own; GitHub's and PyPA's are of no other enterprise."""
    hosted = IN_ORDER.repository._replace(plan="enterprise")
    text = one_job(f"uses: acme/build@{PIN}", f"uses: {PUBLISH}", job="permissions: {id-token: write}\nenvironment: pypi")
    seen = online(facts(text), allowing(LOCAL)._replace(repository=hosted))
    assert [PUBLISH] == [spanned(seen, finding.span) for finding in found("action_blocked", seen)]


def test_the_default_token_writes() -> None:
    """One finding for all jobs that say nothing, with the command."""
    seen = online(facts(two_jobs(top="")), allowing(ACTIONS._replace(default_permissions="write", may_approve=True)))
    (finding,) = found("default_token", seen)
    start = "the default GitHub token of `octo/tool` may write and approve pull requests, and on the way to the upload "
    assert f"{start}the job `build` gets it" == finding.message
    assert "build" == spanned(seen, finding.span)
    assert "`gh api -X PUT repos/octo/tool/actions/permissions/workflow -f default_workflow_permissions=read`" in finding.help


@pytest.mark.parametrize(
    ("top", "side"),
    [
        ("", None),
        ("", IN_ORDER),
        ("", IN_ORDER._replace(actions=UNTOLD)),
        ("", allowing(ACTIONS._replace(default_permissions=""))),
        ("permissions: {}", allowing(ACTIONS._replace(default_permissions="write"))),
    ],
)
def test_silence_where_the_token_reads_or_the_file_says_so(top: str, side: GitHubSide | None) -> None:
    """Written permissions go before the default."""
    assert [] == found("default_token", online(facts(two_jobs(top=top)), side))


def test_a_default_that_only_reads_needs_no_word() -> None:
    """The rule on what files leave unsaid is silent where GitHub told what the settings give."""
    bare = facts(two_jobs(top=""))
    assert ["low"] == [finding.severity for finding in found("default_permissions", bare)]
    assert [] == found("default_permissions", online(bare))
    for policy in (ACTIONS._replace(default_permissions="write"), ACTIONS._replace(default_permissions="")):
        assert 1 == len(found("default_permissions", online(bare, allowing(policy))))
    assert 1 == len(found("default_permissions", online(bare, IN_ORDER._replace(actions=UNTOLD))))


@pytest.mark.parametrize(
    ("secret", "where", "command"),
    [
        (
            Secret("PYPI_API_TOKEN", "repository", "2024-05-06T07:08:09Z"),
            "`PYPI_API_TOKEN` is still in the secrets of the repository, last changed on 2024-05-06",
            "gh secret delete PYPI_API_TOKEN --repo octo/tool`",
        ),
        (
            Secret("TWINE_PASSWORD", "environment pypi"),
            "`TWINE_PASSWORD` is still in the environment `pypi`",
            "gh secret delete TWINE_PASSWORD --repo octo/tool --env pypi`",
        ),
        (
            Secret("TEST_PYPI_TOKEN", "organization"),
            "`TEST_PYPI_TOKEN` is still in the secrets of the organization",
            "gh secret delete TEST_PYPI_TOKEN --org octo`",
        ),
        (
            Secret("UV_PUBLISH_TOKEN", "dependabot"),
            "`UV_PUBLISH_TOKEN` is still in the secrets of the dependabot",
            "gh secret delete UV_PUBLISH_TOKEN --repo octo/tool --app dependabot`",
        ),
    ],
)
def test_a_token_that_is_left_over(secret: Secret, where: str, command: str) -> None:
    """Where it lies, since when, and the command that deletes it."""
    seen = online(facts(two_jobs()), IN_ORDER._replace(secrets=(Secret("CODECOV_TOKEN", "repository"), secret)))
    (finding,) = found("leftover_secret", seen)
    assert f"the uploads here need no stored token, but {where}".replace(
        "secrets of the dependabot", "secrets of Dependabot"
    ) == (finding.message)
    assert command in finding.help
    assert PUBLISH == spanned(seen, finding.span)


def test_where_a_left_over_token_is_named() -> None:
    """The place in a workflow is pointed at."""
    other = "on: push\njobs:\n  a:\n    steps: [{run: make, env: {T: '${{ secrets.PYPI_TOKEN }}'}}]\n"
    side = IN_ORDER._replace(secrets=(Secret("PYPI_TOKEN", "repository"),))
    seen = online(facts({"release.yml": two_jobs(), "other.yml": other}), side)
    (finding,) = found("leftover_secret", seen)
    assert ("secrets.PYPI_TOKEN", "medium") == (spanned(seen, finding.span), finding.severity)
    assert finding.message.endswith("in the secrets of the repository, and `other.yml` names it")
    assert finding.help.startswith("Find out what `.github/workflows/other.yml` needs it for. Once a release")


def test_silence_about_secrets_that_are_needed() -> None:
    """An upload uses it, a workflow elsewhere may, or nothing is published by trusted publishing yet."""
    side = IN_ORDER._replace(secrets=(Secret("PYPI_TOKEN", "repository"),))
    stored = publishing(TAGS, "environment: pypi", f"uses: {PUBLISH}\nwith: {{password: '${{{{ secrets.PYPI_TOKEN }}}}'}}")
    elsewhere = "on: push\njobs: {publish: {uses: OpenAstronomy/github-actions-workflows/.github/workflows/publish.yml@v1, "
    for other in (stored, elsewhere + "secrets: inherit}}\n", elsewhere + "secrets: {t: '${{ secrets.PYPI_TOKEN }}'}}}\n"):
        assert [] == found("leftover_secret", online(facts({"release.yml": two_jobs(), "other.yml": other}), side))
    assert [] == found("leftover_secret", online(facts(stored), side))
    assert [] == found("leftover_secret", online(facts(two_jobs()), None))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("PYPI_TOKEN", True),
        ("pypi_api_token", True),
        ("PYPI_PASSWORD_TEST", True),
        ("MY_PYPI_TOKEN", True),
        ("TESTPYPI_TOKEN", True),
        ("PYPI", True),
        ("POETRY_PYPI_TOKEN_PYPI", True),
        ("HATCH_INDEX_AUTH", True),
        ("PYPI_USERNAME", False),
        ("NEXUS_PYPI_TOKEN", False),
        ("PYPIRC_PATH", False),
        ("PYPI_SIGNING_KEY", False),
        ("PYPI_MIRROR_PASSWORD", False),
        ("GITHUB_TOKEN", False),
        ("NPM_TOKEN", False),
        ("PYPIES_TOKEN", False),
    ],
)
def test_names_of_upload_tokens(name: str, expected: bool) -> None:
    """A user name opens nothing, and other indexes have names of their own."""
    assert expected is is_upload_token(name)


@pytest.mark.parametrize(
    ("subject", "how"),
    [
        (Subject(use_default=False, keys=("repo", "context", "job_workflow_ref")), "is made of `repo`, `context` and"),
        (
            Subject(use_default=True, immutable=True, prefix="repo:octo@7/tool@70"),
            "has ids in it, beginning `repo:octo@7/tool@70`",
        ),
    ],
)
def test_a_subject_that_is_not_the_classic_one(subject: Subject, how: str) -> None:
    """PyPI does not mind; who compares it elsewhere has to know."""
    (finding,) = found("subject_custom", online(facts(two_jobs()), IN_ORDER._replace(subject=subject)))
    assert finding.message.startswith(f"`sub` of this repository's ID tokens {how}")
    assert "info" == finding.severity


def test_a_subject_of_the_environment_for_a_job_without() -> None:
    """GitHub has nothing to put there."""
    subject = Subject(use_default=False, keys=("repo", "environment"))
    seen = online(facts(publishing(TAGS)), IN_ORDER._replace(subject=subject))
    first, _ = found("subject_custom", seen)
    assert ("medium", "publish") == (first.severity, spanned(seen, first.span))


@pytest.mark.parametrize(
    "side",
    [None, IN_ORDER, IN_ORDER._replace(subject=UNTOLD), IN_ORDER._replace(subject=Subject(use_default=True, keys=("repo",)))],
)
def test_silence_where_the_subject_is_the_classic_one(side: GitHubSide | None) -> None:
    """Or where nobody knows."""
    assert [] == found("subject_custom", online(facts(two_jobs()), side))
