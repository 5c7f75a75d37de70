"""Mails about one's own account. A stranger can choose nothing in them but a user name, which holds no blanks and no markup."""

from __future__ import annotations

LETTERS: dict[str, tuple[str, str]] = {
    "verify": (
        """Verify your e-mail address

The account `{user}` on {index} gave this address as its own. If that was you, open this link within
24 hours:

{link}

If it was not you, do nothing: without the link the address stays unverified.
""",
        """이메일 주소를 확인해 주세요

{index}의 계정 `{user}`이(가) 이 주소를 등록했습니다. 본인이라면 24시간 안에 아래 링크를 열어
주세요.

{link}

본인이 아니라면 아무것도 하지 않으셔도 됩니다. 링크를 열지 않으면 주소는 확인되지 않습니다.
""",
    ),
    "taken": (
        """Your e-mail address was given again

The account `{other}` on {index} gave your address as its own. The address belongs to your account
`{user}` already, so the other account cannot verify it.

If that was you, sign in as `{user}`. If you forgot the password, ask for a new one here:

{link}

If it was not you, there is nothing to do.
""",
        """내 이메일 주소가 다시 등록되었습니다

{index}의 계정 `{other}`이(가) 회원님의 주소를 등록했습니다. 이 주소는 이미 회원님의 계정
`{user}`의 것이므로 다른 계정은 이 주소를 확인할 수 없습니다.

본인이라면 `{user}` 계정으로 로그인해 주세요. 비밀번호를 잊었다면 여기에서 새로 정할 수 있습니다.

{link}

본인이 아니라면 아무것도 하지 않으셔도 됩니다.
""",
    ),
    "reset": (
        """A new password for `{user}`

Somebody asked for a new password for your account `{user}` on {index}. If that was you, open this
link within an hour:

{link}

If it was not you, do nothing: your password stays as it is.
""",
        """`{user}` 계정의 새 비밀번호

{index}의 계정 `{user}`에 새 비밀번호를 정하겠다는 요청이 있었습니다. 본인이라면 한 시간 안에
아래 링크를 열어 주세요.

{link}

본인이 아니라면 아무것도 하지 않으셔도 됩니다. 비밀번호는 그대로입니다.
""",
    ),
    "address-changing": (
        """The e-mail address of `{user}` is about to change

Your account `{user}` on {index} was given another e-mail address. It counts as soon as it is
verified.

If that was not you, change your password now, which ends all other sessions, and tell whoever runs
the index:

{link}
""",
        """`{user}` 계정의 이메일 주소가 곧 바뀝니다

{index}의 계정 `{user}`에 다른 이메일 주소가 등록되었습니다. 새 주소가 확인되면 바로 바뀝니다.

본인이 아니라면 지금 비밀번호를 바꿔 주세요. 다른 세션이 모두 끝납니다. 그리고 인덱스 운영자에게 알려
주세요.

{link}
""",
    ),
    "changed": (
        """The security of `{user}` changed

On {index}, this changed in your account `{user}`: {change}.

{rows}

If that was not you, ask for a new password, which ends all sessions, and tell whoever runs the
index:

{link}
""",
        """`{user}` 계정의 보안 설정이 바뀌었습니다

{index}의 계정 `{user}`에서 다음이 바뀌었습니다: {change}.

{rows}

본인이 아니라면 새 비밀번호를 요청해 주세요. 모든 세션이 끝납니다. 그리고 인덱스 운영자에게 알려 주세요.

{link}
""",
    ),
    "operated": (
        """The security of `{user}` changed

Whoever runs the index changed something in your account `{user}`: {change}.

If you did not expect that, ask them.
""",
        """`{user}` 계정의 보안 설정이 바뀌었습니다

인덱스 운영자가 계정 `{user}`에서 다음을 바꾸었습니다: {change}.

예상하지 못한 일이라면 운영자에게 문의해 주세요.
""",
    ),
    "new-network": (
        """A sign-in to `{user}` from a new network

Somebody signed in to your account `{user}` on {index} by its password alone, from an address that it was
not used from in the last 30 days: {address}.

If that was you, there is nothing to do; a second factor makes a stolen password worthless. If it was not
you, ask for a new password, which ends all sessions:

{link}
""",
        """새 네트워크에서 `{user}` 계정에 로그인했습니다

{index}의 계정 `{user}`에 비밀번호만으로 로그인했습니다. 최근 30일 동안 이 계정을 쓴 적이 없는
주소입니다: {address}.

본인이라면 하실 일은 없습니다. 2단계 인증을 추가하면 비밀번호가 도난당해도 안전합니다. 본인이 아니라면 새
비밀번호를 요청해 주세요. 모든 세션이 끝납니다.

{link}
""",
    ),
}
"""By kind, in English and Korean."""
