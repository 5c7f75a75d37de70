"""Mails to whoever registered a pending publisher."""

from __future__ import annotations

LETTERS: dict[str, tuple[str, str]] = {
    "pending-used": (
        """The project {project} was created

Your pending publisher was used: the project {project} exists now, and you own it. Its first publisher:

{rows}

If that was not you, remove the publisher under “Publishing” of the project.
""",
        """{project} 프로젝트가 만들어졌습니다

대기 중인 게시자가 쓰여 {project} 프로젝트가 만들어졌고, 회원님이 소유자가 되었습니다. 첫 게시자는 다음과 같습니다.

{rows}

본인이 한 일이 아니라면 프로젝트의 “게시”에서 게시자를 제거해 주세요.
""",
    ),
    "pending-dropped": (
        """The pending publisher of {project} was removed

Somebody else created a project of the name {project}. Your pending publisher was removed:

{rows}

Choose another name for the project, and register the publisher for it.
""",
        """{project} 프로젝트의 대기 중인 게시자가 제거되었습니다

다른 사람이 {project} 프로젝트를 먼저 만들어 대기 중인 게시자가 제거되었습니다.

{rows}

프로젝트의 이름을 다르게 정해 게시자를 다시 등록해 주세요.
""",
    ),
    "pending-removed": (
        """The pending publisher of {project} was removed

{by} removed your pending publisher of the project {project}:

{rows}

If that should not be, ask {by}, or register it again under “Publishing”.
""",
        """{project} 프로젝트의 대기 중인 게시자가 제거되었습니다

{by} 님이 {project} 프로젝트의 대기 중인 게시자를 제거했습니다.

{rows}

의도한 일이 아니라면 {by} 님에게 문의하거나 “게시 설정”에서 다시 등록해 주세요.
""",
    ),
    "pending-expired": (
        """The pending publisher of {project} has expired

Nobody used your pending publisher of the project {project} in time, so it was removed:

{rows}

If you still need it, register it again under “Publishing”.
""",
        """{project} 프로젝트의 대기 중인 게시자가 만료되었습니다

{project} 프로젝트의 대기 중인 게시자를 기한 안에 쓰지 않아 제거했습니다.

{rows}

아직 필요하다면 “게시 설정”에서 다시 등록해 주세요.
""",
    ),
    "pending-expiring": (
        """The pending publisher of {project} expires on {day}

Nobody has used your pending publisher of the project {project} yet. It is removed on {day}:

{rows}

Publish with it before that day. If you do not need it any more, there is nothing to do.
""",
        """{project} 프로젝트의 대기 중인 게시자가 {day}에 만료됩니다

{project} 프로젝트의 대기 중인 게시자를 아직 쓰지 않았습니다. {day}에 제거됩니다.

{rows}

그 전에 게시해 주세요. 더 이상 필요하지 않다면 아무것도 하지 않으셔도 됩니다.
""",
    ),
}
"""By kind, in English and Korean."""
