"""Caches that are restored on the way to an upload."""

from __future__ import annotations

import pytest

from tests.rules.releases import BUILD, CHECKOUT, DOWNLOAD, PIN, PUBLISH, UPLOAD, one_job, two_jobs
from tests.rules.samples import facts, fixed, found, spanned

PYTHON = f"uses: actions/setup-python@{PIN}\nwith:\n  python-version: '3.14'\n  cache: pip"
UV = f"uses: astral-sh/setup-uv@{PIN} # v7.1.0"


def test_beside_the_token() -> None:
    """The span is the value that switches the cache on; the fix takes the input away."""
    seen = facts(one_job(PYTHON, BUILD, PUBLISH))
    (finding,) = found("caches", seen)
    assert ("medium", "the job `publish` publishes, and restores a cache: `cache: pip`", "pip") == (
        finding.severity,
        finding.message,
        spanned(seen, finding.span),
    )
    assert one_job(PYTHON.removesuffix("\n  cache: pip"), BUILD, PUBLISH) == fixed(seen, finding)


def test_in_jobs_that_feed_the_upload() -> None:
    """All of a file are one finding, of low severity."""
    build = (CHECKOUT, PYTHON, f"uses: Swatinem/rust-cache@{PIN}", BUILD, UPLOAD)
    (finding,) = found("caches", facts(two_jobs(build=build)))
    assert ("low", "the job `build` feeds the upload, and restores a cache: `cache: pip`", 1) == (
        finding.severity,
        finding.message,
        len(finding.related),
    )


def test_setup_uv_caches_by_default() -> None:
    """The finding is at the action, and the fix tells it not to."""
    seen = facts(two_jobs(build=(CHECKOUT, UV, BUILD, UPLOAD)))
    (finding,) = found("caches", seen)
    assert (
        "the job `build` feeds the upload, and restores a cache: `astral-sh/setup-uv` does unless it is told not to"
        == finding.message
    )
    after = fixed(seen, finding)
    assert "with:\n          enable-cache: false\n" in after
    assert [] == found("caches", facts(after))


@pytest.mark.parametrize(
    "step",
    [
        f"uses: actions/cache@{PIN}\nwith: {{path: x, key: y}}",
        f"uses: actions/cache/restore@{PIN}\nwith: {{path: x, key: y}}",
        f"{UV}\nwith: {{enable-cache: true}}",
        f"uses: PyO3/maturin-action@{PIN}\nwith: {{sccache: true}}",
        f"uses: docker/build-push-action@{PIN}\nwith: {{cache-from: type=gha}}",
    ],
)
def test_other_caches(step: str) -> None:
    """Every known way to restore one."""
    assert ["C05"] == [each.rule for each in found("caches", facts(two_jobs(build=(step, BUILD, UPLOAD))))]


@pytest.mark.parametrize(
    "step",
    [
        PYTHON.removesuffix("\n  cache: pip"),
        PYTHON.replace("pip", "${{ github.ref_type == 'branch' && 'pip' || '' }}"),
        f"{PYTHON}\nif: github.ref_type == 'branch'",
        f"{UV}\nwith: {{enable-cache: false}}",
        f"{UV}\nwith: {{enable-cache: '${{{{ github.event_name == 0 }}}}'}}",
        f"uses: astral-sh/setup-uv@{PIN} # v4.2.0",
        f"uses: astral-sh/setup-uv@{PIN}",
        f"{UV}\nwith: {{restore-cache: false}}",
        f"uses: actions/cache/save@{PIN}\nwith: {{path: x, key: y}}",
        f"uses: actions/cache@{PIN}\nwith: {{path: x, key: y, lookup-only: true}}",
    ],
)
def test_silent(step: str) -> None:
    """No cache, a cache that may be off, a version whose default is not known, and steps that only save."""
    assert [] == found("caches", facts(two_jobs(build=(step, BUILD, UPLOAD))))


def test_setup_uv_spares_releases_from_version_10() -> None:
    """By default it restores nothing for a release, but does for a tag."""
    uv = UV.replace("v7.1.0", "v10.0.1")
    released = two_jobs(build=(uv, BUILD, UPLOAD), on="{release: {types: [published]}}")
    assert (0, 1) == (
        len(found("caches", facts(released))),
        len(found("caches", facts(two_jobs(build=(uv, BUILD, UPLOAD))))),
    )


def test_silent_where_caches_are_switched_off() -> None:
    """A variable of the runner's switches all of them off."""
    assert [] == found("caches", facts(two_jobs(build=(UV, BUILD, UPLOAD), top="env: {ACTIONS_CACHE_MODE: none}")))


def test_a_test_job_may_cache() -> None:
    """A job that hands nothing to the upload is no matter of this rule."""
    text = two_jobs().replace("needs: build", "needs: [build, test]")
    text += f"  test:\n    runs-on: ubuntu-latest\n    steps: [{{uses: 'actions/cache@{PIN}', with: {{path: x, key: y}}}}]\n"
    assert [] == found("caches", facts(text))


def test_inside_an_action_of_the_checkout() -> None:
    """A cache that a composite action restores is restored by the job that uses it."""
    action = "name: x\nruns:\n  using: composite\n  steps:\n    - uses: actions/cache@v4\n      with: {path: x, key: y}\n"
    release = two_jobs(publish=(DOWNLOAD, "uses: ./.github/actions/setup", PUBLISH))
    (finding,) = found("caches", facts({"release.yml": release, ".github/actions/setup/action.yml": action}))
    assert ("medium", ".github/actions/setup/action.yml", None) == (finding.severity, finding.span.path, finding.fix)
