"""What use cases say of a problem, in Korean: by the sentence, so that the values in it are kept.

A key is the English sentence as the use case says it, with `{name}` where a value stands; without the name of the field before
it and the full stop at its end. What is not here is said by the problem's code (`problems.py`), else in English.
"""

from __future__ import annotations

import re
from functools import cache

REFUSALS = {
    "valid token, but no corresponding publisher (Missing claim '{claim}')": "유효한 토큰이지만 맞는 게시자가 없습니다. `{claim}` 클레임이 없습니다.",
    "valid token, but no corresponding publisher ({why})": "유효한 토큰이지만 맞는 게시자가 없습니다. 이유: {why}",
    "That was tried too often. Try again in a minute": "너무 여러 번 시도했습니다. 1분 뒤에 다시 시도하세요.",
    "That was tried too often. Try again in {n} minutes": "너무 여러 번 시도했습니다. {n}분 뒤에 다시 시도하세요.",
    "This is none of the recovery codes. Check every character": "복구 코드가 올바르지 않습니다. 한 글자씩 확인해 다시 입력하세요.",
    "This user name is kept for the index itself. Choose another one": "인덱스가 쓰는 이름이라 사용할 수 없습니다. 다른 이름을 고르세요.",
    "You have no such session. It may be over already": "그런 세션이 없습니다. 이미 종료되었을 수 있습니다.",
    "You have no such token. It may be revoked already": "그런 토큰이 없습니다. 이미 폐기되었을 수 있습니다.",
    "There is no such account. Look at the list again": "그런 계정이 없습니다. 목록을 다시 확인하세요.",
    "This invitation is unknown, answered or too old. Ask for a new one": "알 수 없거나 이미 답했거나 기한이 지난 초대입니다. 새 초대를 요청하세요.",
    "You have sent as many invitations as one may in a day. Try again later": "오늘 보낼 수 있는 초대를 모두 보냈습니다. 나중에 다시 시도하세요.",
    "You have registered as many publishers as one may in a day. Try again later": "오늘 등록할 수 있는 게시자를 모두 등록했습니다. 나중에 다시 시도하세요.",
    "`{who}` has a role in the project. Change it instead": "`{who}` 님은 이미 이 프로젝트의 담당자입니다. 초대하는 대신 역할을 바꾸세요.",
    "You have a role in `{project}` already. Nothing was changed": "이미 `{project}` 프로젝트의 담당자입니다. 바뀐 것은 없습니다.",
    "this is no e-mail address": "이메일 주소가 아닙니다. `name@host.example`처럼 쓰세요.",
    "there is no user of this name. Give an e-mail address to invite somebody": "그런 사용자가 없습니다. 계정이 없는 사람은 이메일 주소로 초대하세요.",
    "there is no invitation of this id": "그런 초대가 없습니다. 목록을 다시 확인하세요.",
    "nobody of this name has a role in the project": "이 프로젝트에 그런 담당자가 없습니다. 목록을 다시 확인하세요.",
    "there is no user of this name with a verified address": "이메일 주소를 확인한 사용자 가운데 그런 이름이 없습니다. 목록에서 고르세요.",
    "`{user}` has no role in the project. Invite them first: nobody gets a project without agreeing": "`{user}` 님은 이 프로젝트의 담당자가 아닙니다. 먼저 초대하세요. 동의 없이 프로젝트를 넘길 수는 없습니다.",
    "the project is `{user}`'s alone already": "이미 `{user}` 님 혼자 소유한 프로젝트입니다.",
    "user `{user}` has no role in the project `{project}`": "`{user}` 님은 `{project}` 프로젝트의 담당자가 아닙니다.",
    "This invitation is for another account or address. Sign in with that account, or ask for an invitation of yours": "다른 계정이나 주소로 보낸 초대입니다. 그 계정으로 로그인하거나 새 초대를 요청하세요.",
    "the project `{name}` is {state}, not {others}": "`{name}` 프로젝트의 상태가 이미 바뀌어 처리하지 않았습니다. 페이지를 새로 고쳐 확인하세요.",
    "A project has an owner. Make somebody else an owner first, or transfer or delete the project": "프로젝트에는 소유자가 있어야 합니다. 먼저 다른 사람을 소유자로 정하거나, 프로젝트를 이전하거나 삭제하세요.",
    "user `{user}` is no owner of the project `{project}`": "`{user}` 님은 `{project}` 프로젝트의 소유자가 아닙니다. 소유자에게 부탁하세요.",
    "the project `{project}` is in quarantine. Ask whoever runs this index": "`{project}` 프로젝트는 격리되어 있습니다. 인덱스 운영자에게 문의하세요.",
    "there is no such project": "그런 프로젝트가 없습니다. 이름을 확인하세요.",
    "there is no publisher of this id": "그런 게시자가 없습니다. 목록을 다시 확인하세요.",
    "the project has no file of this name": "이 프로젝트에 그런 파일이 없습니다. 목록을 다시 확인하세요.",
    "the project has no release of this version": "이 프로젝트에 그런 버전이 없습니다. 목록을 다시 확인하세요.",
    "type the project's name to confirm: `{name}`": "확인을 위해 프로젝트 이름 `{name}`을(를) 그대로 입력하세요.",
    "type the version to confirm: `{version}`": "확인을 위해 버전 `{version}`을(를) 그대로 입력하세요.",
    "at most {n} characters on one line": "{n}자 이하의 한 줄로 쓰세요.",
    "at most {n} characters": "{n}자 이하로 줄이세요.",
    "use `owner` or `maintainer`": "목록에서 역할을 고르세요.",
    "paste the claims as a JSON object, without the token around them": "클레임을 JSON 객체로 붙여 넣으세요.",
    "the name is too similar to the project `{name}`": "이미 있는 `{name}` 프로젝트와 이름이 너무 비슷합니다. 다른 이름을 고르세요.",
    "This project name is, or looks like, the name of a project that was deleted": "삭제된 프로젝트와 이름이 같거나 비슷합니다. 다른 이름을 고르세요.",
    "Invalid project name": "프로젝트 이름으로 쓸 수 없습니다. 영문자, 숫자, 점, 하이픈, 밑줄로 쓰고 처음과 끝은 영문자나 숫자로 하세요.",
    "This project name isn't allowed (conflict with the Python standard library module name)": "파이썬 표준 라이브러리 모듈과 이름이 같아 쓸 수 없습니다. 다른 이름을 고르세요.",
    "the project `{name}` exists: register without `pending`": "`{name}` 프로젝트가 이미 있습니다. 그 프로젝트의 게시 설정에서 등록하세요.",
    "this publisher is pending for it already": "이 게시자는 이미 이 프로젝트를 기다리고 있습니다.",
    "this publisher is pending for it already, for another user": "다른 사용자가 이미 등록해 대기 중인 게시자입니다.",
    "a publisher like that is pending for it already": "비슷한 게시자가 이미 대기 중입니다.",
    "it is pending already, held to other refs or events. Change what it is held to instead": "참조나 이벤트 제한이 다른 같은 게시자가 이미 대기 중입니다. 그 게시자의 제한을 바꾸세요.",
    "the project has this publisher, held to other refs or events. Change what it is held to instead": "참조나 이벤트 제한이 다른 같은 게시자가 이미 있습니다. 그 게시자의 제한을 바꾸세요.",
    "the project has a publisher like that already": "같은 게시자가 이미 있습니다.",
    "at most {n} pending publishers wait for one user. Use or remove some first": "한 사람이 등록할 수 있는 대기 중인 게시자는 {n}개까지입니다. 일부를 쓰거나 제거한 뒤 다시 등록하세요.",
    "a {kind} publisher has no environment": "{kind} 게시자에는 환경이 없습니다. 비워 두세요.",
    "it has one already. Register a new publisher and remove this one": "이미 정해진 환경이 있습니다. 새 게시자를 등록하고 이 게시자를 제거하세요.",
    "GitHub's number for the owner is needed: a name can change hands, the number cannot. `{command}` shows it": "GitHub의 소유자 번호를 숫자로 쓰세요. 이름은 다른 사람에게 넘어갈 수 있지만 번호는 그렇지 않습니다. `{command}`로 알 수 있습니다.",
    "`{issuer}` is no {kind} issuer of this index; whoever runs it can add it as `[[issuers]]`": "`{issuer}`은(는) 이 인덱스가 신뢰하는 {kind} 발급자가 아닙니다. 운영자가 `[[issuers]]`에 추가할 수 있습니다.",
    "give at most {n} patterns": "패턴은 {n}개까지 쓸 수 있습니다.",
    "A pattern has at most {n} characters": "패턴은 {n}자까지 쓸 수 있습니다.",
    "`{pattern}` is no whole ref. Write `{tags}` for tags, or `{branches}` for branches": "`{pattern}`은(는) 온전한 참조가 아닙니다. 태그는 `{tags}`, 브랜치는 `{branches}`처럼 쓰세요.",
    "`{pattern}` holds what no ref holds: only letters, digits, signs, and `*` or `**` for anything": "`{pattern}`에 참조에 쓸 수 없는 문자가 있습니다. 영문자, 숫자, 기호와 `*`, `**`만 쓰세요.",
    "a {kind} token names no ref, so that nothing could match": "{kind} 토큰에는 참조가 없어 맞는 것이 없습니다. 비워 두세요.",
    "of GitHub's events these may be allowed: {events}; all others are": "GitHub 이벤트 가운데 따로 허용할 수 있는 것은 {events}뿐이며, 나머지는 모두 허용됩니다.",
    "write each claim once, on a line of its own: `name = value`": "클레임을 한 줄에 하나씩, 한 번만 쓰세요: `이름 = 값`",
    "Give the repository's name": "저장소 이름을 입력하세요.",
    "Give the workflow's file name": "워크플로 파일 이름을 입력하세요.",
    "Give the repository's owner: a GitHub user or organization": "저장소 소유자인 GitHub 사용자나 조직을 입력하세요.",
    "A GitHub owner is letters, digits and hyphens, and starts with no hyphen": "GitHub 소유자 이름은 영문자, 숫자, 하이픈으로 되어 있고 하이픈으로 시작하지 않습니다.",
    "A repository's name is letters, digits, hyphens, dots and underscores, without its owner": "저장소 이름은 영문자, 숫자, 하이픈, 점, 밑줄로 쓰세요. 소유자는 빼고 씁니다.",
    "No repository has this name at GitHub: leave `.git` away": "GitHub에는 이런 이름의 저장소가 없습니다. `.git`을 빼세요.",
    "A workflow's file name ends in .yml or .yaml": "워크플로 파일 이름은 .yml 또는 .yaml로 끝나야 합니다.",
    "Give the file's name only, without its folder": "폴더는 빼고 파일 이름만 쓰세요.",
    "The file needs a name before its ending": "확장자 앞에 파일 이름이 있어야 합니다.",
    "An environment's name has at most 255 characters, this one {n}": "환경 이름은 255자까지입니다. 지금은 {n}자입니다.",
    "An environment's name starts and ends with no blank": "환경 이름의 처음과 끝에 공백을 쓸 수 없습니다.",
    "An environment's name holds no control characters and none of {signs}": "환경 이름에 제어 문자와 {signs} 기호를 쓸 수 없습니다.",
    "An environment's name is letters, digits, blanks and - _ / $ { }": "환경 이름에는 영문자, 숫자, 공백과 - _ / $ { } 기호만 쓸 수 있습니다.",
    "Give the namespace: a GitLab user, group or group/subgroup": "네임스페이스를 입력하세요. GitLab 사용자, 그룹 또는 그룹/하위 그룹입니다.",
    "Give the project's name": "프로젝트 이름을 입력하세요.",
    "Give the path of the top-level pipeline file": "최상위 파이프라인 파일의 경로를 입력하세요.",
    "The top-level pipeline file ends in .yml or .yaml": "최상위 파이프라인 파일은 .yml 또는 .yaml로 끝나야 합니다.",
    "The path starts with no slash: it is counted from the repository's root": "경로는 저장소 루트를 기준으로 하며, 슬래시로 시작하지 않습니다.",
    "GitLab gives no name that ends in .git or .atom": "GitLab 이름은 .git이나 .atom으로 끝날 수 없습니다.",
    "It has two characters or more and starts and ends with a letter or a digit": "두 자 이상이며 처음과 끝은 영문자나 숫자여야 합니다.",
    "No two of . _ - stand side by side": ". _ - 기호를 연달아 쓸 수 없습니다.",
    "Choose one of: {issuers}": "다음 가운데 하나를 고르세요: {issuers}",
    "Give the account's e-mail address": "계정의 이메일 주소를 입력하세요.",
    "This is no e-mail address": "이메일 주소가 아닙니다. `name@host.example`처럼 쓰세요.",
    "Give the ActiveState organization": "ActiveState 조직을 입력하세요.",
    "Give the ActiveState project": "ActiveState 프로젝트를 입력하세요.",
    "Give the ActiveState user that publishes": "게시하는 ActiveState 사용자를 입력하세요.",
    "ActiveState was not asked about this name": "이 이름의 ActiveState 사용자 ID를 알 수 없습니다. 작업자 ID를 입력하세요.",
    "A project's name is 3 to 40 letters, digits, dots and hyphens": "프로젝트 이름은 영문자, 숫자, 점, 하이픈 3~40자입니다.",
    "No two hyphens stand side by side": "하이픈을 연달아 쓸 수 없습니다.",
    "A project's name starts and ends with no hyphen": "프로젝트 이름은 하이픈으로 시작하거나 끝날 수 없습니다.",
    "Give the exact `iss` of its tokens": "토큰의 정확한 `iss` 값을 입력하세요.",
    "An issuer is a URL": "발급자는 URL이어야 합니다.",
    "Name at least one claim and its exact value: the issuer alone would let everybody in": "클레임과 정확한 값을 하나 이상 쓰세요. 발급자만으로는 누구나 들어올 수 있습니다.",
    "Give the claim's exact value": "클레임의 정확한 값을 쓰세요.",
}  # fmt: skip
_VALUE = re.compile(r"\{([a-z]+)\}")
_NAMED = re.compile(r"(`[^`]+`: )(.+)", re.DOTALL)
_BETWEEN = re.compile(r"(?<=\.) (?=[A-Z])")


def in_korean(text: str) -> str | None:
    """The sentence in Korean, its values in their places; sentence by sentence where several came. None: it is not known."""
    whole = _translated(text)
    if whole is not None:
        return whole
    named = _NAMED.fullmatch(text)
    if named is not None:
        rest = in_korean(named[2])
        return None if rest is None else named[1] + rest
    said = [_translated(each) for each in _BETWEEN.split(text)]
    return None if None in said else " ".join(filter(None, said))


def _translated(text: str) -> str | None:
    plain = text.rstrip().removesuffix(".")
    for pattern, korean in _patterns():
        found = pattern.fullmatch(plain)
        if found is not None:
            return _filled(korean, found)
    return None


def _filled(korean: str, values: re.Match[str]) -> str:
    return _VALUE.sub(lambda value: values[value[1]], korean)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """The sentences as patterns; those without a value first, since they are the more exact ones."""
    ordered = sorted(REFUSALS.items(), key=lambda each: len(_VALUE.findall(each[0])))
    return tuple((re.compile(_as_pattern(english), re.DOTALL | re.IGNORECASE), korean) for english, korean in ordered)


def _as_pattern(english: str) -> str:
    pieces = _VALUE.split(english)
    return "".join(f"(?P<{piece}>.+?)" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces))
