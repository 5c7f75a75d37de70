"""The pages of those who run the index."""

from __future__ import annotations

WORDS = {
    "users.title": ("Accounts", "계정"),
    "users.admin": ("runs the index", "운영자"),
    "users.closed": ("closed", "닫힘"),
    "users.since": ("since {day}", "{day}부터"),
    "users.close": ("Close", "닫기"),
    "users.open": ("Open again", "다시 열기"),
    "users.invite": ("Invite somebody", "초대하기"),
    "users.invite.hint": ("They get a mail with a link that is good for seven days.", "7일 동안 쓸 수 있는 링크를 메일로 보냅니다."),
    "users.invite.button": ("Send the invitation", "초대 보내기"),
    "users.mails": ("Mails that wait to be sent: {count}.", "보내기를 기다리는 메일: {count}통"),
}  # fmt: skip
