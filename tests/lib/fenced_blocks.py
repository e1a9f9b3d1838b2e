"""The fenced blocks of a Markdown page: what language each is in, its text, and the line it begins on."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FENCE = re.compile(r"^```(?P<language>[a-z]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
PROMPT = "$ "
ELLIPSIS = "..."
THE_COMMAND = ["python", "-m", "csc_indicators"]


@dataclass(frozen=True)
class Block:
    """A fenced block."""

    language: str
    text: str
    line: int


@dataclass(frozen=True)
class Command:
    """A command of the package's command line on a page, and what the page says it prints."""

    arguments: tuple[str, ...]
    shown: tuple[str, ...]


def blocks(page: str) -> list[Block]:
    """Every fenced block of a page, in order."""
    return [
        Block(match["language"], match["text"], page.count("\n", 0, match.start("text")) + 1)
        for match in FENCE.finditer(page)
    ]


def python_with_output(page: str) -> list[tuple[Block, str | None]]:
    """The Python blocks of a page, each with the text block that stands right after it, or None."""
    return [
        (block, after.text if after and after.language == "text" else None)
        for block, after in pairwise([*blocks(page), None])
        if block and block.language == "python"
    ]


def commands(page: str) -> Iterator[Command]:
    """The commands of the package on a page, from `console` blocks (with what they print) and from `sh` blocks."""
    for block in blocks(page):
        if block.language == "console":
            for part in re.split(r"^(?=\$ )", block.text, flags=re.MULTILINE):
                first, *shown = part.splitlines() or [""]
                words = shlex.split(first.removeprefix(PROMPT))
                if words[:3] == THE_COMMAND:
                    yield Command(tuple(words[3:]), tuple(shown))
        elif block.language == "sh":
            for line in block.text.splitlines():
                for step in line.split("&&"):
                    words = shlex.split(step)
                    if words[:3] == THE_COMMAND:
                        yield Command(tuple(words[3:]), ())


def first_missing(shown: tuple[str, ...], printed: list[str]) -> str | None:
    """The first line shown that was not printed where the page has it; None when all were.

    Lines shown one after the other must be printed so; `...` stands for any number of lines.
    """
    at, skipping = 0, True
    for line in shown:
        if line.strip() == ELLIPSIS:
            skipping = True
        elif skipping:
            if line not in printed[at:]:
                return line
            at = printed.index(line, at) + 1
            skipping = False
        elif at >= len(printed) or printed[at] != line:
            return line
        else:
            at += 1
    return None
