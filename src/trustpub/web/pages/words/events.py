"""What the events of an account are called in a log: `event.KIND`. A kind that is nowhere in the catalogue is shown as it is."""

from __future__ import annotations

WORDS = {
    "event.account:registered": ("Account made", "계정 생성"),
    "event.account:invited": ("Invitation to the index sent", "인덱스 초대 보냄"),
    "event.account:email-verified": ("E-mail address verified", "이메일 주소 확인"),
    "event.account:email-change-asked": ("Another e-mail address given", "이메일 주소 변경 요청"),
    "event.account:email-changed": ("E-mail address changed", "이메일 주소 변경"),
    "event.account:profile-changed": ("Profile changed", "프로필 변경"),
    "event.account:signed-in": ("Signed in", "로그인"),
    "event.account:sign-in-failed": ("A sign-in failed", "로그인 실패"),
    "event.account:session-ended": ("Session ended", "세션 종료"),
    "event.account:sessions-ended": ("All other sessions ended", "다른 모든 세션 종료"),
    "event.account:password-changed": ("Password changed", "비밀번호 변경"),
    "event.account:password-forgotten": ("Link for a new password asked for", "비밀번호 재설정 링크 요청"),
    "event.account:password-reset": ("New password set by a mailed link", "메일 링크로 비밀번호 재설정"),
    "event.account:totp-added": ("Authenticator app added", "인증 앱 추가"),
    "event.account:totp-removed": ("Authenticator app removed", "인증 앱 삭제"),
    "event.account:key-added": ("Security key added", "보안 키 추가"),
    "event.account:key-removed": ("Security key removed", "보안 키 삭제"),
    "event.account:recovery-codes": ("New recovery codes made", "복구 코드 새로 생성"),
    "event.account:closed": ("Account closed", "계정 닫힘"),
    "event.account:opened": ("Account opened again", "계정 다시 열림"),
    "event.api-token:created": ("API token made", "API 토큰 생성"),
    "event.api-token:revoked": ("API token revoked", "API 토큰 폐기"),
    "event.user:added": ("Account made by whoever runs the index", "운영자가 계정 생성"),
    "event.reader:added": ("Reader added", "읽기 권한 추가"),
    "event.reader:removed": ("Reader removed", "읽기 권한 제거"),
}  # fmt: skip
