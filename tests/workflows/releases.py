"""Thirty workflows that release a package, each in its own style, each with something that can be fixed."""

from __future__ import annotations

RELEASES: dict[str, str] = {
    "no permissions at all": """\
name: Publish
on:
  release:
    types: [published]
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: pypi
    steps:
      - uses: actions/checkout@v4
      - run: python -m build
      - uses: pypa/gh-action-pypi-publish@release/v1
""",
    "a map without the token": """\
on: push  # all pushes
permissions:
  contents: read # to check out
jobs:
  publish: # the job
    # comment above
    runs-on: ubuntu-latest
    permissions: # what it may do
      contents: read   # read only
      # nothing else
    environment: pypi
    steps:
      # upload it
      - uses: pypa/gh-action-pypi-publish@release/v1 # here
""",
    "an empty map": """\
on: {push: {tags: ["v*"]}}
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: {name: pypi, url: "https://example.com"}
    permissions: {}   # none
    steps: [{uses: pypa/gh-action-pypi-publish@release/v1}]
""",
    "a map in braces": """\
on: {push: {tags: ["v*"]}}
permissions: {contents: read}
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions: { contents: read, packages: write } # two
    steps:
    - { uses: pypa/gh-action-pypi-publish@release/v1 }
""",
    "a token that is read": """\
on:
    push:
        tags:
            - 'v*'
jobs:
    publish:
        runs-on: ubuntu-latest
        environment: pypi
        permissions:
            id-token: 'read'
        steps:
            -   name: Upload
                uses: pypa/gh-action-pypi-publish@release/v1
""",
    "no value behind permissions": """\
on:
- push
jobs:
  publish:
    permissions:   # later
    runs-on: ubuntu-latest
    environment: pypi # trustpub: ignore[C05] no more
    steps:
    - uses: pypa/gh-action-pypi-publish@release/v1
      with:
        attestations: no   # not yet
""",
    "carriage returns": (
        "on: push # c\r\njobs:\r\n  publish:\r\n    runs-on: ubuntu-latest\r\n    environment: pypi\r\n    permissions:\r\n"
        "      contents: read # c\r\n    steps:\r\n      - uses: pypa/gh-action-pypi-publish@release/v1 # c\r\n"
    ),
    "a byte order mark": (
        "\N{ZERO WIDTH NO-BREAK SPACE}on: push\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    environment: pypi\n"
        "    permissions: {}\n    steps:\n      - uses: pypa/gh-action-pypi-publish@release/v1\n"
    ),
    "no end of the last line": """\
on: push
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
    permissions:
      contents: read""",
    "wide characters": """\
name: 🚀 릴리스 # 注
on: push
jobs:
  publish:
    name: Veröffentlichen ✨
    runs-on: ubuntu-latest
    environment: pypi # 環境
    permissions: # 許可
      contents: read # 読
    steps:
      - name: '✨ upload'
        uses: pypa/gh-action-pypi-publish@release/v1 # 🎉
""",
    "document marks": """\
%YAML 1.1
---
# the release
on: push
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions:
      contents: read
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
...
""",
    "block texts around": """\
on: push
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    steps:
      - run: |
          # build it
          python -m build

          ls dist # what is there

      - run: >-
          echo folded
          text
      - uses: pypa/gh-action-pypi-publish@release/v1
      - run: |+
          echo done

    permissions:
      contents: read

  # the end
""",
    "the token above the jobs": """\
on: push
permissions:
  id-token: write # for the upload
  contents: write # for the release
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: pytest
  publish:
    needs: test
    runs-on: ubuntu-latest
    environment: pypi
    steps:
      - uses: actions/checkout@v4 # the tag
      - uses: pypa/gh-action-pypi-publish@release/v1
""",
    "a stored token": """\
on:
  push:
    tags: ['v*']
permissions:
  contents: read
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions:
      id-token: write
    steps:
      - name: upload # by token
        uses: pypa/gh-action-pypi-publish@release/v1
        with: # settings
          # the secret
          password: ${{ secrets.PYPI_API_TOKEN }} # secret
          verbose: true
""",
    "a stored token alone": """\
on: {push: {tags: ['v*']}}
permissions: {contents: read}
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions: {id-token: write}
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
        with:
          password: ${{ secrets.PYPI_API_TOKEN }}
      - run: echo done
""",
    "no attestations": """\
on: {push: {tags: ['v*']}}
permissions: {contents: read}
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions:
      id-token: write
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
        with:
          attestations: false # too slow
          print-hash: "true"
""",
    "a checkout that keeps its token": """\
on: {push: {tags: ['v*']}}
permissions: {contents: read}
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions:
      id-token: write
      contents: write
    steps:
      - name: source # all of it
        uses: actions/checkout@v4 # the code
      - uses: actions/checkout@v4
        with: # all
          fetch-depth: 0 # tags too
      - uses: pypa/gh-action-pypi-publish@release/v1
""",
    "a cache": """\
on: {push: {tags: ['v*']}}
permissions: {contents: read}
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions:
      id-token: write
    steps:
      - uses: astral-sh/setup-uv@v5
        with:
          enable-cache: true # faster
          version: latest
      - run: uv build
      - run: uv publish
""",
    "a cache of packages": """\
on: {push: {tags: ['v*']}}
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with: {persist-credentials: false}
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
          cache: pip # faster
      - run: python -m build
      - uses: actions/upload-artifact@v4
        with: {name: dist, path: dist}
  publish:
    needs: [build]
    runs-on: ubuntu-latest
    environment: pypi
    permissions: {id-token: write}
    steps:
      - uses: actions/download-artifact@v4
        with: {name: dist, path: dist}
      - uses: pypa/gh-action-pypi-publish@release/v1
""",
    "an unused comment": """\
on: {push: {tags: ['v*']}}
permissions: {contents: read}
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi # trustpub: ignore[M02] it was missing once
    permissions: {id-token: write}
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
""",
    "unused comments of every kind": """\
# trustpub: ignore[M02] above all
on: {push: {tags: ['v*']}}
permissions: {contents: read} # pinned # trustpub: ignore[M02, T01] two of them # and more
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    # other words
    # trustpub: ignore[T01] between
    permissions: {id-token: write}
    steps:
      - run: |
          # trustpub: ignore[C05] in the script
          echo
      - uses: pypa/gh-action-pypi-publish@release/v1
""",
    "an expression in a script": """\
on:
  pull_request_target: {types: [closed]}
  push: {tags: ['v*']}
permissions: {contents: read}
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions: {id-token: write}
    steps:
      - name: title
        run: |
          # say it
          echo "${{ github.event.pull_request.title }}" # the title
          echo done
      - uses: pypa/gh-action-pypi-publish@release/v1
""",
    "quotes everywhere": """\
"name": 'Publish'
"on": {"push": {"tags": ["v*"]}}
"jobs":
  "publish":
    'runs-on': "ubuntu-latest"
    "environment": "pypi"
    "permissions":
      "contents": 'read'
    "steps":
      - "uses": "pypa/gh-action-pypi-publish@release/v1"
        "with":
          "attestations": "false"
""",
    "odd indentation": """\
on:
 push:
   tags:
        - v*
jobs:
   publish:
         runs-on:     ubuntu-latest
         environment:   pypi
         permissions:
          contents:   read
         steps:
               -     uses: actions/checkout@v4
                     with:
                      fetch-depth: 0
               -     uses: pypa/gh-action-pypi-publish@release/v1
""",
    "a called workflow": """\
on:
  workflow_call:
    inputs:
      index: {type: string}
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions:
      contents: read
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
""",
    "two jobs": """\
on: {push: {tags: ['v*']}}
jobs:

  testpypi:
    runs-on: ubuntu-latest
    environment: testpypi
    permissions:
      contents: read
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
        with:
          repository-url: https://test.example/legacy/


  pypi:
    needs: testpypi
    runs-on: ubuntu-latest
    environment: pypi
    permissions:
      contents: read
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
""",
    "anchors elsewhere": """\
on: {push: {tags: ['v*']}}
x-checkout: &checkout
  uses: actions/checkout@v4
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - *checkout
      - run: pytest
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions:
      contents: read
    steps:
      - *checkout
      - uses: pypa/gh-action-pypi-publish@release/v1
""",
    "a matrix": """\
on: {push: {tags: ['v*']}}
jobs:
  publish:
    strategy:
      matrix:
        include:
          - index: pypi # the real one
            url: ""
          - index: testpypi
            url: https://test.example/legacy/
    runs-on: ubuntu-latest
    environment: ${{ matrix.index }}
    permissions: {contents: read}
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
        with: {repository-url: "${{ matrix.url }}"}
""",
    "uv": """\
on: {push: {tags: ['v*']}}
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@v4
      - uses: astral-sh/setup-uv@v6
      - run: uv build && uv publish --trusted-publishing always
""",
    "skips what is there": """\
on: {push: {tags: ['v*']}}
permissions: {contents: read}
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions: {id-token: write}
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
        with:
          # do not fail twice
          skip-existing: true
          attestations: false
""",
}
