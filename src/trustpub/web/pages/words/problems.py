"""What may be wrong, by the codes of the use cases: `problem.CODE`. English is what a use case says where it has more to tell."""

from __future__ import annotations

WORDS = {
    "problem.sign-in-first": ("This page is for people who are signed in.", "로그인한 사람만 볼 수 있는 페이지입니다."),
}
