"""What a page says first after something was done: `?note=KEY` shows `note.KEY`, and nothing that is not here."""

from __future__ import annotations

WORDS = {
    "note.welcome": ("Welcome! We sent a mail to your address: open the link in it to verify it.", "환영합니다! 메일을 보냈습니다. 메일 안의 링크를 열어 주소를 확인해 주세요."),
    "note.welcome-verified": ("Welcome! Your account is ready, and your e-mail address is verified by the invitation.", "환영합니다! 계정을 만들었습니다. 초대 링크로 이메일 주소도 확인되었습니다."),
    "note.recovery-used": ("You signed in with a recovery code, which is used up now. If the app or the key is lost, add another one under “Second factors” in your account.", "복구 코드로 로그인했습니다. 쓴 코드는 없어졌습니다. 인증 앱이나 키를 잃어버렸다면 내 계정의 2단계 인증에서 새로 등록하세요."),
    "note.session-over": ("Your session is over, so nothing was changed. Sign in, and send the form again.", "세션이 끝나서 바뀐 것은 없습니다. 로그인한 뒤 양식을 다시 보내 주세요."),
    "note.verified": ("Your e-mail address is verified.", "이메일 주소가 확인되었습니다."),
    "note.mail-sent": ("We sent the mail again.", "메일을 다시 보냈습니다."),
    "note.signed-out": ("You are signed out.", "로그아웃했습니다."),
    "note.password-set": ("Your new password is set. All sessions were ended: sign in with it.", "새 비밀번호를 설정하고 모든 세션을 종료했습니다. 새 비밀번호로 로그인해 주세요."),
    "note.password-changed": ("Your password is changed, and all other sessions were ended.", "비밀번호를 변경하고 다른 모든 세션을 종료했습니다."),
    "note.saved": ("Saved.", "저장했습니다."),
    "note.email-changing": ("Saved. The new address counts once you open the link in the mail that we sent to it.", "저장했습니다. 새 주소로 보낸 메일의 링크를 열면 주소가 바뀝니다."),
    "note.totp-on": ("The authenticator app is your second factor now. Make recovery codes, in case you lose it.", "이제 인증 앱이 2단계 인증 수단입니다. 잃어버릴 때를 대비해 복구 코드를 만들어 두세요."),
    "note.totp-off": ("The authenticator app is removed.", "인증 앱을 삭제했습니다."),
    "note.key-added": ("The security key is added. Make recovery codes, in case you lose it.", "보안 키를 추가했습니다. 잃어버릴 때를 대비해 복구 코드를 만들어 두세요."),
    "note.key-removed": ("The security key is removed.", "보안 키를 삭제했습니다."),
    "note.session-ended": ("The session is ended.", "세션을 종료했습니다."),
    "note.sessions-ended": ("All other sessions are ended.", "다른 모든 세션을 종료했습니다."),
    "note.token-revoked": ("The token is worth nothing from now on.", "이제 이 토큰은 사용할 수 없습니다."),
    "note.proven": ("Thank you. Go on with what you were doing.", "감사합니다. 하던 작업을 계속하세요."),
    "note.invited": ("The invitation is on its way.", "초대 메일을 보냈습니다."),
    "note.account-closed": ("The account is closed: its sessions are ended and its tokens revoked.", "계정을 닫았습니다. 세션을 종료하고 토큰을 폐기했습니다."),
    "note.account-opened": ("The account is open again.", "계정을 다시 열었습니다."),
    "note.accepted": ("You accepted the invitation.", "초대를 수락했습니다."),
    "note.declined": ("You declined the invitation.", "초대를 거절했습니다."),
    "note.verify-email-first": ("Before that, verify your e-mail address.", "먼저 이메일 주소를 확인해 주세요."),
    "note.second-factor-first": ("Before that, add a second factor.", "먼저 2단계 인증을 추가해 주세요."),
}  # fmt: skip
