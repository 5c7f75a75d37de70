"""Mails to the people of a project: about its roles, its state and its releases."""

from __future__ import annotations

LETTERS: dict[str, tuple[str, str]] = {
    "role-accepted": (
        """{user} is now {role} of {project}

{user} accepted the invitation of {by} and is now {role} of the project {project}.

If that should not be, remove {user} under “People” of the project.
""",
        """{user} 님이 {project}의 {role}가 되었습니다

{user} 님이 {by} 님의 초대를 수락해 {project} 프로젝트의 {role}가 되었습니다.

의도한 일이 아니라면 프로젝트의 “담당자”에서 {user} 님을 제거해 주세요.
""",
    ),
    "role-changed": (
        """{user} is now {role} of {project}

{by} made {user} {role} of the project {project}. Before: {before}.

If that should not be, an owner can change it back under “People” of the project.
""",
        """{user} 님이 {project}의 {role}가 되었습니다

{by} 님이 {user} 님을 {project} 프로젝트의 {role}로 바꾸었습니다. 이전 역할: {before}.

의도한 일이 아니라면 소유자가 프로젝트의 “담당자”에서 되돌릴 수 있습니다.
""",
    ),
    "role-left": (
        """{user} has no role in {project} any more

{user} left the project {project}. Before: {before}.

There is nothing to do. An owner can invite {user} again under “People” of the project.
""",
        """{user} 님은 이제 {project}의 담당자가 아닙니다

{user} 님이 {project} 프로젝트에서 나갔습니다. 이전 역할: {before}.

하실 일은 없습니다. 소유자가 프로젝트의 “담당자”에서 다시 초대할 수 있습니다.
""",
    ),
    "role-removed": (
        """{user} has no role in {project} any more

{by} removed {user} from the project {project}. Before: {before}.

If that should not be, an owner can invite {user} again under “People” of the project.
""",
        """{user} 님은 이제 {project}의 담당자가 아닙니다

{by} 님이 {user} 님을 {project} 프로젝트에서 제거했습니다. 이전 역할: {before}.

의도한 일이 아니라면 소유자가 프로젝트의 “담당자”에서 다시 초대할 수 있습니다.
""",
    ),
    "transferred": (
        """{project} belongs to {heir} now

{by} transferred the project {project} to {heir}, who is its only owner now. Nobody else has a role in it.

If that should not be, write to {heir}, or to whoever runs the index.
""",
        """{project} 프로젝트의 소유자가 {heir} 님으로 바뀌었습니다

{by} 님이 {project} 프로젝트를 {heir} 님에게 이전했습니다. 이제 {heir} 님이 유일한 소유자이며 다른 담당자는 없습니다.

의도한 일이 아니라면 {heir} 님이나 인덱스 운영자에게 문의해 주세요.
""",
    ),
    "received": (
        """{project} belongs to you now

{by} transferred the project {project} to {heir}: you are its only owner now.

{rows}

Look at “Publishing” of the project, and remove every publisher that you do not know: it may still upload.
""",
        """{project} 프로젝트의 소유자가 되었습니다

{by} 님이 {project} 프로젝트를 {heir} 님에게 이전했습니다. 이제 유일한 소유자입니다.

{rows}

프로젝트의 “게시”에서 모르는 게시자를 제거해 주세요. 남아 있는 게시자는 계속 업로드할 수 있습니다.
""",
    ),
    "deleted": (
        """The project {project} was deleted

{by} deleted the project {project} with all its files. Nobody can register its name again.

If that should not be, write to whoever runs the index: a backup may have the files.
""",
        """{project} 프로젝트가 삭제되었습니다

{by} 님이 {project} 프로젝트를 모든 파일과 함께 삭제했습니다. 이 이름은 다시 등록할 수 없습니다.

의도한 일이 아니라면 인덱스 운영자에게 문의해 주세요. 백업에 파일이 있을 수 있습니다.
""",
    ),
    "archived": (
        """{project} is archived now

{by} archived the project {project}. Before: {before}. It takes no more files; what is there stays.

{rows}

An owner can take it from the archive under “Settings” of the project.
""",
        """{project} 프로젝트가 보관되었습니다

{by} 님이 {project} 프로젝트를 보관했습니다. 이전 상태: {before}. 더는 파일을 올릴 수 없으며, 기존 파일은 그대로 남습니다.

{rows}

소유자가 프로젝트의 “설정”에서 보관을 해제할 수 있습니다.
""",
    ),
    "quarantined": (
        """{project} is in quarantine now

{by} put the project {project} into quarantine. Before: {before}. Its files are hidden, and its owners cannot change it.

{rows}

Write to whoever runs the index: they can end the quarantine.
""",
        """{project} 프로젝트가 격리되었습니다

{by} 님이 {project} 프로젝트를 격리했습니다. 이전 상태: {before}. 파일이 숨겨지며 소유자가 변경할 수 없습니다.

{rows}

인덱스 운영자에게 문의해 주세요. 운영자가 격리를 해제할 수 있습니다.
""",
    ),
    "active": (
        """{project} is active now

{by} made the project {project} active again. Before: {before}. Its files can be installed, and it takes new ones.

{rows}

If that should not be, an owner can archive it under “Settings” of the project.
""",
        """{project} 프로젝트가 다시 활성화되었습니다

{by} 님이 {project} 프로젝트를 활성 상태로 되돌렸습니다. 이전 상태: {before}. 파일을 설치하고 새로 올릴 수 있습니다.

{rows}

의도한 일이 아니라면 소유자가 프로젝트의 “설정”에서 보관할 수 있습니다.
""",
    ),
    "trusted-only": (
        """{project} takes uploads only by Trusted Publishing now

{by} changed how files get to the project {project}: API tokens are refused from now on.

An owner can change that under “Settings” of the project.
""",
        """{project} 프로젝트는 이제 신뢰된 게시만 허용합니다

{by} 님이 {project} 프로젝트의 업로드 방식을 바꾸었습니다. 이제 API 토큰 업로드를 거절합니다.

소유자가 프로젝트의 “설정”에서 바꿀 수 있습니다.
""",
    ),
    "tokens-again": (
        """{project} takes uploads by API tokens again

{by} changed how files get to the project {project}: API tokens of its people are accepted again.

If that should not be, an owner can change it back under “Settings” of the project.
""",
        """{project} 프로젝트는 다시 API 토큰 업로드를 허용합니다

{by} 님이 {project} 프로젝트의 업로드 방식을 바꾸었습니다. 이제 담당자의 API 토큰으로도 업로드할 수 있습니다.

의도한 일이 아니라면 소유자가 프로젝트의 “설정”에서 되돌릴 수 있습니다.
""",
    ),
    "file-deleted": (
        """A file of {project} was deleted

{by} deleted a file of the project {project}: {filename}. No other file gets its name.

If that should not be, yank the release and upload a new version.
""",
        """{project} 프로젝트의 파일이 삭제되었습니다

{by} 님이 {project} 프로젝트의 파일을 삭제했습니다: {filename}. 이 파일 이름은 다시 쓸 수 없습니다.

의도한 일이 아니라면 릴리스를 철회하고 새 버전을 올려 주세요.
""",
    ),
    "release-deleted": (
        """A release of {project} was deleted

{by} deleted the release {version} of the project {project}. Its files went with it: {files}. Their names are never used again.

If that should not be, upload a new version.
""",
        """{project} 프로젝트의 릴리스가 삭제되었습니다

{by} 님이 {project} 프로젝트의 릴리스 {version}을(를) 삭제했습니다. 함께 삭제된 파일 수: {files}. 파일 이름은 다시 쓸 수 없습니다.

의도한 일이 아니라면 새 버전을 올려 주세요.
""",
    ),
    "yanked": (
        """{project} {version} was yanked

{by} yanked the release {version} of the project {project}: installers choose it only when somebody asks for exactly this version.

{rows}

An owner or a maintainer can take the yank back under “Releases” of the project.
""",
        """{project} {version} 릴리스가 철회되었습니다

{by} 님이 {project} 프로젝트의 릴리스 {version}을(를) 철회했습니다. 이 버전을 정확히 지정할 때만 설치됩니다.

{rows}

소유자나 관리자가 프로젝트의 “릴리스”에서 철회를 취소할 수 있습니다.
""",
    ),
    "unyanked": (
        """{project} {version} was put back

{by} took the yank of the release {version} of the project {project} back: installers choose it again.

If that should not be, yank it again under “Releases” of the project.
""",
        """{project} {version} 릴리스의 철회가 취소되었습니다

{by} 님이 {project} 프로젝트의 릴리스 {version}의 철회를 취소했습니다. 다시 설치됩니다.

의도한 일이 아니라면 프로젝트의 “릴리스”에서 다시 철회해 주세요.
""",
    ),
}
"""By kind, in English and Korean."""
