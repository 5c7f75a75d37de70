"""Mails to the people of a project about its publishers."""

from __future__ import annotations

LETTERS: dict[str, tuple[str, str]] = {
    "publisher-added": (
        """A publisher was added to {project}

{by} let a publisher upload to the project {project}:

{rows}

If you do not know it, remove it under “Publishing” of the project.
""",
        """{project} 프로젝트에 게시자가 추가되었습니다

{by} 님이 {project} 프로젝트에 업로드할 수 있는 게시자를 추가했습니다.

{rows}

모르는 게시자라면 프로젝트의 “게시”에서 제거해 주세요.
""",
    ),
    "publisher-removed": (
        """A publisher was removed from {project}

{by} removed a publisher from the project {project}. It may not upload any more:

{rows}

If that should not be, an owner can add it again under “Publishing” of the project.
""",
        """{project} 프로젝트에서 게시자가 제거되었습니다

{by} 님이 {project} 프로젝트에서 게시자를 제거했습니다. 이 게시자는 더 이상 업로드할 수 없습니다.

{rows}

의도한 일이 아니라면 소유자가 프로젝트의 “게시”에서 다시 추가할 수 있습니다.
""",
    ),
    "publisher-changed": (
        """A publisher of {project} was changed

{by} changed what a publisher of the project {project} is held to. It is now:

{rows}

If that should not be, an owner can change it back under “Publishing” of the project.
""",
        """{project} 프로젝트의 게시자가 바뀌었습니다

{by} 님이 {project} 프로젝트의 게시자 제한을 바꾸었습니다. 이제 다음과 같습니다.

{rows}

의도한 일이 아니라면 소유자가 프로젝트의 “게시”에서 되돌릴 수 있습니다.
""",
    ),
    "repository-renamed": (
        """The repository {repository} was renamed

The repository {repository} seems to be called {renamed} now. A job of it asked for an upload token for the project
{project} and was refused, because this publisher names the old one:

{rows}

If the new name is yours, register it under “Publishing” of the project, and remove the old one.
""",
        """저장소 {repository}의 이름이 바뀌었습니다

저장소 {repository}의 이름이 {renamed}(으)로 바뀐 것 같습니다. 이 저장소의 작업이 {project} 프로젝트의 업로드 토큰을
요청했지만, 다음 게시자가 이전 이름으로 등록되어 있어 거절되었습니다.

{rows}

새 이름이 맞다면 프로젝트의 “게시”에서 새 이름으로 등록하고 이전 것은 제거해 주세요.
""",
    ),
    "owner-renamed": (
        """The owner {repository} was renamed

The account {repository} seems to be called {renamed} now: its number is the same. A job of it asked for an upload token for the
project {project} and was refused, because this publisher names the old one:

{rows}

If the new name is yours, register it under “Publishing” of the project, and remove the old one: somebody else
may take the old name.
""",
        """소유자 {repository}의 이름이 바뀌었습니다

{repository} 계정의 이름이 {renamed}(으)로 바뀐 것 같습니다. 계정 번호는 그대로입니다. 이 계정의 작업이 {project} 프로젝트의
업로드 토큰을 요청했지만, 다음 게시자가 이전 이름으로 등록되어 있어 거절되었습니다.

{rows}

새 이름이 맞다면 프로젝트의 “게시”에서 새 이름으로 등록하고 이전 것은 제거해 주세요. 이전 이름은 다른 사람이 가져갈 수 있습니다.
""",
    ),
    "name-taken": (
        """The name {repository} belongs to another account

A job asked for an upload token for the project {project} and was refused: the name {repository} now belongs to the account with
the number {renamed}, and not to the one that this publisher was registered for or last used by:

{rows}

Remove the publisher under “Publishing” of the project. If the account is yours, register it again.
""",
        """{repository} 이름은 이제 다른 계정의 것입니다

어떤 작업이 {project} 프로젝트의 업로드 토큰을 요청했지만 거절되었습니다. {repository} 이름은 이제 번호가 {renamed}인 계정의
것이며, 다음 게시자가 등록되었거나 마지막으로 사용된 계정의 것이 아닙니다.

{rows}

프로젝트의 “게시”에서 이 게시자를 제거해 주세요. 이 계정이 맞다면 다시 등록해 주세요.
""",
    ),
}
"""By kind, in English and Korean."""
