"""What mails say, in English and Korean.

A stranger can choose nothing in them but a user name, which holds no blanks and no markup.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

KOREAN = "ko"


@dataclass(frozen=True, slots=True)
class Text:
    """A mail without its recipient."""

    subject: str
    body: str = field(repr=False)
    """May hold a link that is somebody's key."""


_LETTERS: Mapping[tuple[str, str], str] = {
    ("verify", "en"): """Verify your e-mail address

The account `{user}` on {index} gave this address as its own. If that was you, open this link within
24 hours:

{link}

If it was not you, do nothing: without the link the address stays unverified.
""",
    ("verify", "ko"): """이메일 주소를 확인해 주세요

{index}의 계정 `{user}`이(가) 이 주소를 등록했습니다. 본인이라면 24시간 안에 아래 링크를 열어
주세요.

{link}

본인이 아니라면 아무것도 하지 않으셔도 됩니다. 링크를 열지 않으면 주소는 확인되지 않습니다.
""",
    ("taken", "en"): """Your e-mail address was given again

The account `{other}` on {index} gave your address as its own. The address belongs to your account
`{user}` already, so the other account cannot verify it.

If that was you, sign in as `{user}`. If you forgot the password, ask for a new one here:

{link}

If it was not you, there is nothing to do.
""",
    ("taken", "ko"): """내 이메일 주소가 다시 등록되었습니다

{index}의 계정 `{other}`이(가) 회원님의 주소를 등록했습니다. 이 주소는 이미 회원님의 계정
`{user}`의 것이므로 다른 계정은 이 주소를 확인할 수 없습니다.

본인이라면 `{user}` 계정으로 로그인해 주세요. 비밀번호를 잊었다면 여기에서 새로 정할 수 있습니다.

{link}

본인이 아니라면 아무것도 하지 않으셔도 됩니다.
""",
    ("reset", "en"): """A new password for `{user}`

Somebody asked for a new password for your account `{user}` on {index}. If that was you, open this
link within an hour:

{link}

If it was not you, do nothing: your password stays as it is.
""",
    ("reset", "ko"): """`{user}` 계정의 새 비밀번호

{index}의 계정 `{user}`에 새 비밀번호를 정하겠다는 요청이 있었습니다. 본인이라면 한 시간 안에
아래 링크를 열어 주세요.

{link}

본인이 아니라면 아무것도 하지 않으셔도 됩니다. 비밀번호는 그대로입니다.
""",
    ("join", "en"): """You are invited to {index}

`{user}` invites you to make an account on {index}. The link is good for seven days, once:

{link}
""",
    ("join", "ko"): """{index}에 초대합니다

`{user}` 님이 {index}에 계정을 만들도록 초대했습니다. 링크는 7일 동안 한 번 쓸 수 있습니다.

{link}
""",
    ("address-changing", "en"): """The e-mail address of `{user}` is about to change

Your account `{user}` on {index} was given another e-mail address. It counts as soon as it is
verified.

If that was not you, change your password now, which ends all other sessions, and tell whoever runs
the index:

{link}
""",
    ("address-changing", "ko"): """`{user}` 계정의 이메일 주소가 곧 바뀝니다

{index}의 계정 `{user}`에 다른 이메일 주소가 등록되었습니다. 새 주소가 확인되면 바로 바뀝니다.

본인이 아니라면 지금 비밀번호를 바꿔 주세요. 다른 세션이 모두 끝납니다. 그리고 인덱스 운영자에게 알려
주세요.

{link}
""",
    ("changed", "en"): """The security of `{user}` changed

On {index}, this changed in your account `{user}`: {change}.

If that was not you, ask for a new password, which ends all sessions, and tell whoever runs the
index:

{link}
""",
    ("changed", "ko"): """`{user}` 계정의 보안 설정이 바뀌었습니다

{index}의 계정 `{user}`에서 다음이 바뀌었습니다: {change}.

본인이 아니라면 새 비밀번호를 요청해 주세요. 모든 세션이 끝납니다. 그리고 인덱스 운영자에게 알려 주세요.

{link}
""",
}
"""By kind and language: a line for the subject, a blank one, the body."""

CHANGES: Mapping[str, Mapping[str, str]] = {
    "password": {"en": "there is a new password", "ko": "새 비밀번호가 정해졌습니다"},
    "address": {"en": "another e-mail address counts now", "ko": "이메일 주소가 다른 주소로 바뀌었습니다"},
    "totp-added": {"en": "an authenticator was turned on", "ko": "인증 앱이 켜졌습니다"},
    "totp-removed": {"en": "the authenticator was turned off", "ko": "인증 앱이 꺼졌습니다"},
    "key-added": {"en": "a security key was added", "ko": "보안 키가 추가되었습니다"},
    "key-removed": {"en": "a security key was removed", "ko": "보안 키가 삭제되었습니다"},
    "recovery-codes": {"en": "there are new recovery codes", "ko": "복구 코드가 새로 만들어졌습니다"},
    "recovery-code": {"en": "somebody signed in with a recovery code", "ko": "복구 코드로 로그인했습니다"},
    "api-token": {"en": "there is a new API token", "ko": "새 API 토큰이 만들어졌습니다"},
}


def letter(kind: str, language: str, **values: str) -> Text:
    """The letter of this kind in this language, English when we have no other."""
    subject, _, body = _LETTERS[kind, _tag(language)].partition("\n\n")
    return Text(subject.format_map(values), body.format_map(values))


def change(kind: str, language: str) -> str:
    """What changed, in words for the letter `changed`."""
    return CHANGES[kind][_tag(language)]


def _tag(language: str) -> str:
    return KOREAN if language.partition("-")[0] == KOREAN else "en"
