"""Rehearsals to render: one that went well, one with a hole, one that stopped."""

from __future__ import annotations

from dataclasses import replace

from trustpub.usecases.rehearsal import STEPS, ClientOutcome, ControlOutcome, Leg, Reason, Rehearsal, Step

GOOD_LEG = Leg(
    index="pypi",
    project="demo",
    workflow=".github/workflows/pypi.yml",
    job="publish",
    event="push",
    ref="refs/tags/v1.0",
    environment="pypi",
    publisher={
        "repository_owner": "octo",
        "repository_owner_id": "1001",
        "repository_name": "demo",
        "workflow_filename": "pypi.yml",
        "environment": "pypi",
    },
    claims={
        "repository": "octo/demo",
        "repository_owner": "octo",
        "repository_owner_id": "1001",
        "job_workflow_ref": "octo/demo/.github/workflows/pypi.yml@refs/tags/v1.0",
        "environment": "pypi",
    },
    steps=tuple(Step(name, ok=True, evidence=f"{name} was seen") for name in STEPS),
    clients={
        "uv": ClientOutcome(ok=True, version="0.13.9", evidence="uploads 200, 200", command="uv publish demo.whl"),
        "twine": ClientOutcome(ok=True, version="7.0.0", evidence="uploads 200, 200", command="twine upload demo.whl"),
        "pip": ClientOutcome(ok=True, version="26.3", evidence="demo.whl came back", command="pip download demo==1.0"),
    },
    controls=(
        ControlOutcome("alg none", refused=True, status=422, code="invalid-token"),
        ControlOutcome("missing environment", refused=None, status=None, code="invalid-publisher", why="no environment"),
    ),
    files=(("demo.whl", "ab" * 32),),
    unproven=("the real index's record was not read: the publisher is as trustpub.toml states",),
)
GOOD = Rehearsal("demo", (GOOD_LEG,), 3.14159, notes=("a note",))

HOLE = replace(
    GOOD,
    legs=(
        replace(
            GOOD_LEG,
            controls=(ControlOutcome("foreign key", refused=False, status=200, code="", why="ACCEPTED: anybody", accepted=True),),
        ),
    ),
)

STOPPED = Rehearsal(
    "demo",
    (
        replace(
            GOOD_LEG,
            steps=(
                Step(STEPS[0], ok=True, evidence="asked"),
                *(Step(name, ok=False, evidence="not reached") for name in STEPS[1:]),
            ),
            clients={
                "uv": ClientOutcome(
                    False, "0.13.9", "exchange 422 invalid-publisher", "uv publish", "error:\n  \x1b[31m<b>no</b>"
                ),
                "twine": ClientOutcome(None, "7.0.0", "twine does only the public indexes"),
            },
            controls=(),
            reasons=(
                Reason(
                    "invalid-publisher",
                    "valid token, but no corresponding publisher",
                    "environment",
                    "pypi",
                    "release",
                    "Fix it.",
                ),
            ),
            refused_hosts=("elsewhere.test:443",),
        ),
    ),
    1.0,
)
