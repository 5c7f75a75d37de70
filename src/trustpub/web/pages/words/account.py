"""Signing in, the account and its security."""

from __future__ import annotations

WORDS = {
    "sign-in.title": ("Sign in", "로그인"),
    "sign-in.username": ("User name or e-mail address", "사용자 이름 또는 이메일 주소"),
    "sign-in.button": ("Sign in", "로그인"),
    "sign-in.forgot": ("Forgot your password?", "비밀번호를 잊으셨나요?"),
    "sign-in.new": ("No account yet?", "계정이 없으신가요?"),
    "sign-in.invited": ("Accounts on this index are by invitation: ask whoever runs it.", "이 인덱스는 초대를 받아 가입합니다. 운영자에게 문의하세요."),
    "sign-in.closed": ("Accounts on this index are made by whoever runs it.", "이 인덱스의 계정은 운영자가 만듭니다."),
}  # fmt: skip
