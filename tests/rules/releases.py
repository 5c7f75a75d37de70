"""Release workflows for the tests of the rules: a job that builds, and one that publishes."""

from __future__ import annotations

PIN = "0123456789012345678901234567890123456789"
DOWNLOAD = f"uses: actions/download-artifact@{PIN} # v8\nwith: {{name: dist, path: dist/}}"
PUBLISH = f"uses: pypa/gh-action-pypi-publish@{PIN} # v1.14.0"
CHECKOUT = f"uses: actions/checkout@{PIN} # v7\nwith: {{persist-credentials: false}}"
BUILD = "run: python -m build"
UPLOAD = f"uses: actions/upload-artifact@{PIN} # v7\nwith: {{name: dist, path: dist/}}"
TAGS = "{push: {tags: ['v*']}}"


def two_jobs(
    build: tuple[str, ...] = (CHECKOUT, BUILD, UPLOAD),
    publish: tuple[str, ...] = (DOWNLOAD, PUBLISH),
    on: str = TAGS,
    top: str = "permissions: {}",
    build_job: str = "",
    publish_job: str = "permissions: {id-token: write}\nenvironment: pypi",
) -> str:
    """A workflow whose job `build` hands `dist` to the job `publish`. Texts are lines that are not indented yet."""
    jobs = (
        f"  build:\n    runs-on: ubuntu-latest\n{_lines(build_job, 4)}    steps:\n{_steps(build)}"
        f"  publish:\n    needs: build\n    runs-on: ubuntu-latest\n{_lines(publish_job, 4)}    steps:\n{_steps(publish)}"
    )
    return f"on: {on}\n{_lines(top, 0)}jobs:\n{jobs}"


def one_job(
    *steps: str, on: str = TAGS, top: str = "", job: str = "permissions: {id-token: write}", runner: str = "ubuntu-latest"
) -> str:
    """A workflow with the one job `publish`."""
    return f"on: {on}\n{_lines(top, 0)}jobs:\n  publish:\n    runs-on: {runner}\n{_lines(job, 4)}    steps:\n{_steps(steps)}"


def _steps(steps: tuple[str, ...]) -> str:
    made = []
    for step in steps:
        first, *rest = step.splitlines()
        made.append(f"      - {first}\n" + _lines("\n".join(rest), 8))
    return "".join(made)


def _lines(text: str, indent: int) -> str:
    return "".join(f"{' ' * indent}{line}\n" for line in text.splitlines())
