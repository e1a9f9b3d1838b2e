"""The command line run by the tests: as a process of its own, or, where many runs are needed, in this one."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from csc_indicators.cli import main

ROOT = Path(__file__).resolve().parents[2]
REGION = "fixtures/region"
PARTLY = "fixtures/faulty/partly"
GATESHEAD = "fixtures/region/390"

# What is said on standard error of `PARTLY`.
LOSS = (
    "children: 120 rows read, 120 kept, 0 rejected, 0 superseded by later returns\n"
    "episodes: 129 rows read, 128 kept, 1 rejected (unreadable_date 1), 0 superseded by later returns\n"
    "assessments: 125 rows read, 124 kept, 1 rejected (parent_left_out 1), 0 superseded by later returns\n"
    "3 findings; `validate` lists them\n"
)
INCOMPLETE = (
    "note: rereferrals (published) is incomplete for 390, 391, 840 in 2025: their returns begin on "
    "2024-04-01; it would be complete from 2025-04-01.\n"
)
RESTRICTED = "RESTRICTED: small numbers are shown; not for publication\n"


@dataclass(frozen=True)
class Outcome:
    """How a run ended and what it wrote."""

    code: int
    stdout: str
    stderr: str

    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def said(self) -> list[str]:
        """The lines on standard error."""
        return self.stderr.splitlines()


def environment() -> dict[str, str]:
    """The environment of a run: the checkout's package, UTF-8, and nothing that changes how a terminal is treated."""
    unset = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TERMINAL_WIDTH", "GITHUB_ACTIONS")
    kept = {name: value for name, value in os.environ.items() if name not in unset}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "TERM": "xterm"}


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "csc_indicators", *map(str, arguments)]


def run(*arguments: str | Path) -> Outcome:
    """Run the command line from the root of the repository as a process of its own."""
    done = subprocess.run(
        command(*arguments), cwd=ROOT, env=environment(), capture_output=True, encoding="utf-8", check=False
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def run_here(*arguments: str | Path) -> Outcome:
    """Run the command line's `main` from the root of the repository in this process: the same code, without a start."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with (
        mock.patch.object(sys, "argv", ["csc-indicators", *map(str, arguments)]),
        contextlib.chdir(ROOT),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as ended:
            code = ended.code or 0
    return Outcome(int(str(code)), out.getvalue(), err.getvalue())


def unpadded(text: str) -> list[str]:
    """A table's lines without the spaces that fill them up to its width."""
    return [line.rstrip() for line in text.splitlines()]
