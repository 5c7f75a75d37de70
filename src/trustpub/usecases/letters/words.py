"""The words of values in mails: `VALUE'S NAME.VALUE`, and `row.NAME` for what stands before a value on a line of its own.

What pages say too is called here as there: a test holds the two together.
"""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "role.owner": ("owner", "소유자"),
    "role.maintainer": ("maintainer", "관리자"),
    "before.owner": ("owner", "소유자"),
    "before.maintainer": ("maintainer", "관리자"),
    "before.active": ("active", "활성"),
    "before.archived": ("archived", "보관됨"),
    "before.quarantined": ("in quarantine", "격리됨"),
    "by.operator": ("Whoever runs the server", "서버 운영자"),
    "change.password": ("there is a new password", "새 비밀번호가 정해졌습니다"),
    "change.address": ("another e-mail address counts now", "이메일 주소가 다른 주소로 바뀌었습니다"),
    "change.totp-added": ("an authenticator app was added", "인증 앱이 추가되었습니다"),
    "change.totp-removed": ("the authenticator app was removed", "인증 앱이 삭제되었습니다"),
    "change.key-added": ("a security key was added", "보안 키가 추가되었습니다"),
    "change.key-removed": ("a security key was removed", "보안 키가 삭제되었습니다"),
    "change.recovery-codes": ("there are new recovery codes", "복구 코드가 새로 만들어졌습니다"),
    "change.recovery-code": ("somebody signed in with a recovery code", "복구 코드로 로그인했습니다"),
    "change.api-token": ("there is a new API token", "새 API 토큰이 만들어졌습니다"),
    "change.api-token-revoked": ("an API token was revoked", "API 토큰이 폐기되었습니다"),
    "change.factors-reset": ("there is no second factor any more, and no session", "2단계 인증이 삭제되고 세션이 끝났습니다"),
    "change.closed": (
        "it is closed: sessions ended, API tokens revoked, pending publishers removed",
        "계정이 닫히고 세션과 API 토큰이 끝났으며 대기 중인 게시자가 제거되었습니다",
    ),
    "change.opened": ("it is open again", "계정이 다시 열렸습니다"),
    "row.provider": ("Provider", "제공자"),
    "row.issuer": ("Issuer", "발급자"),
    "row.repository_owner": ("Owner", "소유자"),
    "row.repository_owner_id": ("Owner id", "소유자 ID"),
    "row.repository_name": ("Repository", "저장소"),
    "row.workflow_filename": ("Workflow file", "워크플로 파일"),
    "row.environment": ("Environment", "환경"),
    "row.namespace": ("Namespace", "네임스페이스"),
    "row.project": ("Project", "프로젝트"),
    "row.workflow_filepath": ("Pipeline file", "파이프라인 파일"),
    "row.email": ("E-mail", "이메일"),
    "row.sub": ("Subject", "주체"),
    "row.organization": ("Organization", "조직"),
    "row.activestate_project_name": ("Project", "프로젝트"),
    "row.actor": ("Actor", "작업자"),
    "row.actor_id": ("Actor id", "작업자 ID"),
    "row.refs": ("Refs", "참조"),
    "row.allowed_events": ("Further events", "추가 이벤트"),
    "row.publisher": ("Publisher", "게시자"),
    "row.reason": ("Reason", "이유"),
    "row.name": ("Name", "이름"),
}  # fmt: skip


def row_said(name: str, column: int) -> str:
    """What a row is called; a claim that only its issuer knows keeps its own name."""
    known = WORDS.get(f"row.{name}")
    return known[column] if known else name
