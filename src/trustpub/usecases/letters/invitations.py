"""Invitations: to the index, and to a role in a project. Whoever has no account yet reads the language of who invites."""

from __future__ import annotations

LETTERS: dict[str, tuple[str, str]] = {
    "join": (
        """You are invited to {index}

`{user}` invites you to make an account on {index}. The link is good for seven days, once:

{link}
""",
        """{index}에 초대합니다

`{user}` 님이 {index}에 계정을 만들도록 초대했습니다. 링크는 7일 동안 한 번 쓸 수 있습니다.

{link}
""",
    ),
    "invited": (
        """Invitation to the project {project}

{by} invites you to be {role} of the project {project}.

Open this link within {days} days to accept or to decline; nothing changes until you do:

{link}
""",
        """{project} 프로젝트에 초대합니다

{by} 님이 {project} 프로젝트에 {role} 역할로 초대했습니다.

{days}일 안에 아래 링크를 열어 수락하거나 거절해 주세요. 그때까지는 아무것도 바뀌지 않습니다.

{link}
""",
    ),
}
"""By kind, in English and Korean."""
