"""Whose return some files are, and of which year, where the files themselves do not say it.

Both come from the arguments, from a `return.toml` beside the files (`la_code = "302"`, `year = 2025`) or from the
folders they lie in (`302/2025/`), in that order; what none of them says is asked for.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from csc_indicators.codes import LA_CODE_PATTERN
from csc_indicators.errors import UnreadableFile

MANIFEST = "return.toml"
YEAR_PATTERN = r"20\d{2}"


@dataclass(frozen=True, order=True)
class ReturnOf:
    """Whose return, and for the year that ends in which year."""

    la_code: str
    year: int


def return_of(path: Path, la_code: str | None, year: int | None) -> ReturnOf:
    """Whose return a file belongs to, and of which year; asked for when nothing says it."""
    said: dict[str, Any] = {"la_code": la_code, "year": year}
    manifest = path.parent / MANIFEST
    if None in said.values() and manifest.is_file():
        try:
            written = tomllib.loads(manifest.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError):
            raise UnreadableFile(f'{manifest}: not TOML. Write two lines: la_code = "302" and year = 2025.') from None
        said = {name: written.get(name) if value is None else value for name, value in said.items()}
    folders = [folder.name for folder in path.resolve().parents]
    for inner, outer in pairwise(folders):
        if re.fullmatch(YEAR_PATTERN, inner, re.ASCII) and re.fullmatch(LA_CODE_PATTERN, outer, re.ASCII):
            said = {
                "la_code": said["la_code"] if said["la_code"] is not None else outer,
                "year": said["year"] if said["year"] is not None else int(inner),
            }
            break
    for name, what in (("la_code", "authority's"), ("year", "year's")):
        if said[name] is None:
            raise UnreadableFile(
                f"{path}: nothing says which {what} return this is. Put its files in a folder <authority>/<year>, such "
                f'as 302/2025, or beside a file {MANIFEST} with la_code = "302" and year = 2025.'
            )
    if not re.fullmatch(LA_CODE_PATTERN, str(said["la_code"]), re.ASCII):
        raise UnreadableFile(f'{path}: la_code must be the three digits of an authority, as text, such as "302".')
    if not re.fullmatch(YEAR_PATTERN, str(said["year"]), re.ASCII):
        raise UnreadableFile(f"{path}: year must be the year in which the reporting year ends, such as 2025.")
    return ReturnOf(str(said["la_code"]), int(said["year"]))
