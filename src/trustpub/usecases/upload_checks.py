"""What the index knows that decides an upload: the token, the project, the names and bytes that are there already.

Each question is asked twice: before the file is looked at, to answer early, and again inside the transaction that stores it,
where the answer counts. Order and words mirror warehouse/forklift/legacy.py and warehouse/macaroons/caveats @6b62157.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.domain.filenames import SDIST
from trustpub.domain.names import project_name_problem
from trustpub.storage.accounts import ApiToken
from trustpub.storage.files import filename_used, find_file, find_same_bytes, token_for_upload
from trustpub.storage.projects import similar_project
from trustpub.storage.retired_names import retired_alike
from trustpub.storage.tokens import UploadToken
from trustpub.storage.uploads import sdist_of_release, standing
from trustpub.usecases.upload_credential import HELP, UNKNOWN, UploadRefused

if TYPE_CHECKING:
    from trustpub.domain.release import Submission
    from trustpub.storage.database import Connection
    from trustpub.storage.files import File, Right
    from trustpub.storage.projects import Project
    from trustpub.storage.uploads import Standing
    from trustpub.usecases.upload_credential import Admission

SCOPE = "upload"

NON_USER = UploadRefused(
    400,
    "Non-user identities cannot create new projects. This was probably caused by successfully using a pending publisher but "
    f"specifying the project name incorrectly (either in the publisher or in your project's metadata). {HELP}",
)

RETIRED = "This project name is, or looks like, the name of a project that was deleted"
TRUSTED_ONLY = "Its owners allow Trusted Publishing only: upload from a workflow that is registered as its publisher."
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Stored:
    """The file is in the index; `new` is False when it was there before, byte for byte."""

    filename: str
    new: bool = True


def right_of(connection: Connection, admission: Admission) -> Right | UploadRefused:
    """What the token allows now. Burnt, revoked and never issued are one answer: nobody learns which."""
    right = token_for_upload(connection, admission.digest, api_first=admission.personal)
    if right is None or (isinstance(right, UploadToken) and right.burnt):
        return UNKNOWN
    if isinstance(right, ApiToken) and right.scope != SCOPE:
        return UploadRefused(403, f"Invalid API Token: API tokens with the scope '{right.scope}' are not valid for uploads")
    return right


def standing_of(connection: Connection, right: Right, form: Submission, filename: str, digests: dict[str, str]) -> Standing:
    """Everything that `project_of` and `conflict` look at when nothing is in the way."""
    return standing(connection, right, form.name, str(form.version), filename, digests["blake2_256"])


def project_of(
    connection: Connection, right: Right, form: Submission, there: Standing, now: float
) -> Project | UploadRefused | None:
    """The project that the upload is for; None when it does not exist and this token may create it."""
    project = there.project
    if project is None:
        return _may_create(connection, right, form, now)
    problems = _token_problems(right, project, now)
    if problems:
        return UploadRefused(403, f"Invalid API Token: {', '.join(problems)}")
    if not project.open or not there.allowed:
        who = f"The user '{right.user}'" if isinstance(right, ApiToken) else "The given token"
        return UploadRefused(403, f"{who} isn't allowed to upload to project '{project.name}'. {HELP}")
    if project.trusted_only and isinstance(right, ApiToken):
        return UploadRefused(403, f"The project '{project.name}' takes no uploads by API tokens. {TRUSTED_ONLY}")
    return project


def too_old(there: Standing, old_release_days: int, now: float) -> UploadRefused | None:
    """Why this release takes no more files; None when it does. It closes when its first file is so many days old (0: never)."""
    if not old_release_days or there.released is None or now - there.released <= old_release_days * DAY:
        return None
    return UploadRefused(400, f"Uploading new files to releases older than {old_release_days} days is not allowed.")


def _token_problems(right: Right, project: Project, now: float) -> list[str]:
    """Why the token itself does not reach this project, each reason in PyPI's words."""
    problems = []
    if _expired(right, now):
        problems.append("token is expired")
    if isinstance(right, UploadToken) and project.id not in right.projects:
        problems.append(f"OIDC scoped token is not valid for project '{project.name}'")
    if isinstance(right, ApiToken) and right.project_id not in (None, project.id):
        problems.append(f"project-scoped token is not valid for project: '{project.name}'")
    return problems


def _expired(right: Right, now: float) -> bool:
    """A token that expires now has expired."""
    return right.expires is not None and right.expires <= now


def _may_create(connection: Connection, right: Right, form: Submission, now: float) -> UploadRefused | None:
    if isinstance(right, UploadToken):
        return NON_USER
    if _expired(right, now):
        return UploadRefused(403, "Invalid API Token: token is expired")
    if right.project_id is not None:
        return UploadRefused(403, f"Invalid API Token: project-scoped token is not valid for project: '{form.name}'")
    problem = project_name_problem(form.name)
    if problem:
        return UploadRefused(400, f"The name '{form.name}' cannot be registered. {problem}. {HELP}")
    if similar_project(connection, form.name) is not None:
        return UploadRefused(400, f"The name '{form.name}' is too similar to an existing project. {HELP}")
    if retired_alike(connection, form.name) is not None:
        return UploadRefused(400, f"The name '{form.name}' cannot be registered. {RETIRED}. {HELP}")
    return None


def conflict(
    connection: Connection, there: Standing, form: Submission, filename: str, digests: dict[str, str]
) -> Stored | UploadRefused | None:
    """What stands in the way of this name with these bytes: nothing, the very same file, or why it may never be stored."""
    taken = _taken(connection, filename, digests) if there.taken else None
    if taken is not None:
        return taken
    project = there.project
    if form.filetype == SDIST and project is not None and sdist_of_release(connection, project.id, str(form.version)):
        return UploadRefused(400, "Only one sdist may be uploaded per release.")
    return None


def _taken(connection: Connection, filename: str, digests: dict[str, str]) -> Stored | UploadRefused | None:
    """By which file the name or the bytes are taken."""
    same = find_file(connection, filename)
    if same is not None and same.sha256 == digests["sha256"] and same.blake2_256 == digests["blake2_256"]:
        return Stored(filename, new=False)
    other = same or find_same_bytes(connection, digests["blake2_256"])
    if other is not None:
        return _exists(other)
    if filename_used(connection, filename):
        return UploadRefused(
            400,
            f"This filename was previously used by a file that has since been deleted. Use a different version. {HELP}",
        )
    return None


def _exists(other: File) -> UploadRefused:
    """Clients skip what starts with these words."""
    return UploadRefused(400, f"File already exists ('{other.filename}', with blake2_256 hash '{other.blake2_256}'). {HELP}")
