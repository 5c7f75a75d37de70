"""Workflow files in every way in which people write them: what an editor of files must leave as it is."""

from __future__ import annotations

STYLES: dict[str, str] = {
    "plain": """\
name: release
on:
  push:
    tags: ['v*']

permissions:
  contents: read

jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
      - run: |
          python -m build
          ls dist

  publish:
    needs: build
    runs-on: ubuntu-latest
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
""",
    "comments everywhere": """\
# the release
name: release  # its name
# when
on: push   # every push
# what

jobs: # all of them
  # the only one
  publish: # here
    # above the runner
    runs-on: ubuntu-latest # a runner
    # above permissions
    permissions: # all of them
      # above the token
      id-token: write # needed
      # below the token
    # above steps
    steps: # two
      # first
      - name: one # its name
        # between
        run: echo 1 # not a comment of the shell
      # second
      - uses: pypa/gh-action-pypi-publish@release/v1 # the action
        # its settings
        with: # none
          verbose: true # loud
# the end
""",
    "compact lists": """\
on:
- push
- workflow_dispatch
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
    - uses: actions/checkout@v4
      with:
        fetch-depth: 0
    - uses: pypa/gh-action-pypi-publish@release/v1
      if: github.event_name == 'push'
    -   name: wide dash
        run: echo
""",
    "odd indentation": """\
on:
     push:
        tags:
           - "v*"
jobs:
 publish:
      runs-on: ubuntu-latest
      permissions:
       id-token: write
      steps:
         -  uses: actions/checkout@v4
            with:
                  fetch-depth: 0
         -  uses: pypa/gh-action-pypi-publish@release/v1
""",
    "flow": """\
on: {push: {tags: ['v*']}, workflow_dispatch: }
permissions: {}
jobs:
  publish: {runs-on: ubuntu-latest, permissions: {id-token: write, contents: read}, steps: [{run: echo}, {uses: a/b@v1}]}
  other:
    runs-on: [self-hosted, linux]
    permissions: { id-token: write }
    steps: []
""",
    "flow over lines": """\
on: {
  push: {tags: ['v*']},
  workflow_dispatch: {}
}
jobs: {
  publish: {
    runs-on: ubuntu-latest,  # comment
    steps: [
      {uses: a/b@v1},
      key: value,
    ]
  }
}
""",
    "block texts last": """\
on: push
jobs:
  one:
    runs-on: ubuntu-latest
    steps:
      - run: |
          echo 1

          echo 2

      - run: >-
          folded
          text

      - name: kept
        run: |+
          echo 3

  # a comment below kept lines
  two:
    runs-on: ubuntu-latest
    steps:
      - run: |2
            indented
      - run: |  # header comment
          echo # in the shell
        env:
          A: >+
            text


  three:
    runs-on: x
    steps:
      - run: |
          echo \n          \n            \n  four:
    runs-on: y
""",
    "nothing behind keys": """\
on:
  push:
  workflow_dispatch:   # by hand
permissions:
env:

jobs:
  publish:
    permissions:
    runs-on: ubuntu-latest
    steps:
      -
      - uses: actions/checkout@v4
        with:
""",
    "quotes": """\
"on": 'push'
'permissions': "read-all"
jobs:
  "publish":
    'runs-on': "ubuntu-latest"
    name: 'it''s "quoted"'
    env:
      A: "tab\\tand \\"quote\\""
      B: 'two
        lines'
      C: plain over
        two lines
    steps:
      - uses: "pypa/gh-action-pypi-publish@release/v1"  # pinned
      - run: "echo 'a: b' # no comment"
""",
    "anchors": """\
on: push
x-env: &env
  A: 1
jobs:
  one: &one
    runs-on: &runner ubuntu-latest
    env: *env
    steps: &steps
      - uses: actions/checkout@v4
      - &build
        run: echo
  two:
    runs-on: *runner
    permissions:
      contents: read
    steps: *steps
  three: *one
  four:
    runs-on: x
    steps:
      - *build
      - run: echo 4
""",
    "anchor without alias": """\
on: push
jobs:
  one: &one
    runs-on: &runner ubuntu-latest
    permissions: &none
    steps:
      - run: echo
""",
    "document marks": """\
%YAML 1.1
---
on: push
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
      - run: echo
...
""",
    "one line": '{on: push, jobs: {a: {runs-on: x, steps: [{run: echo}], b, c: , "d":}}}',
    "no end of line": "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: echo",
    "block text without end of line": "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: |\n          echo",
    "carriage returns": (
        "on: push # c\r\njobs:\r\n  a:\r\n    runs-on: x\r\n"
        "    permissions:\r\n    steps:\r\n      - run: |\r\n          echo\r\n"
    ),
    "byte order mark": "\N{ZERO WIDTH NO-BREAK SPACE}on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: echo\n",
    "wide characters": """\
name: 🚀 릴리스 # 注
on: push
jobs:
  a:
    name: é
    runs-on: x
    steps:
      - name: '✨'
        run: echo 🎉 # not
""",
    "explicit keys": "? on\n: push\n? jobs\n: ? a\n  : runs-on: x\n    ? steps\n    : - run: echo\n",
    "nested dashes": "on: push\nx:\n- - a: 1\n    b: 2\n  - c\n- - - d\n- -  e: 3\n     f: 4\n",
    "only comments between": "on: push\n\n\n# a\n\n\npermissions: {}\n# b\n\n\n\njobs: {}\n\n# c\n",
    "line breaks of other kinds": "on: push # a\x85jobs:\u2028  a:\r    runs-on: x\n    steps: []\n",
    "tagged": """\
on: !!str push
jobs: !!map
  a: !!map
    runs-on: !!str x
    steps: !!seq
      - !!map
        run: !!str echo
""",
    "spaces before colons": "on : push\njobs :\n  a :\n    runs-on : x\n    steps :\n      - run : echo\n        name : b\n",
}
