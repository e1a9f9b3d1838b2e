"""Rules on the names of the two files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from csc_indicators.outputs.screening.model import Files, Rule

STAGE = "File names"
ENDING, META_ENDING = ".csv", ".meta.csv"


def filename_spaces(files: Files) -> Iterator[str]:
    """File names with a space."""
    return (name for name in (files.data_name, files.meta_name) if " " in name)


def filename_special(files: Files) -> Iterator[str]:
    """File names with a character that is neither a letter, a digit, a hyphen nor an underscore."""
    stems = {
        files.data_name: files.data_name.removesuffix(ENDING),
        files.meta_name: files.meta_name.removesuffix(META_ENDING),
    }
    # A space has a rule of its own.
    return (name for name, stem in stems.items() if not re.fullmatch(r"[A-Za-z0-9_ -]+", stem))


def filenames_match(files: Files) -> Iterator[str]:
    """The name of a metadata file that is not that of its data file."""
    if files.meta_name != files.data_name.removesuffix(ENDING) + META_ENDING:
        yield f"{files.meta_name} beside {files.data_name}"


RULES = (
    Rule(filename_spaces, STAGE, "FAIL", "File names have no space", "Put an underscore in place of each space."),
    Rule(
        filename_special,
        STAGE,
        "FAIL",
        "File names have only letters, digits, hyphens and underscores",
        "Take the other characters out of the names.",
    ),
    Rule(
        filenames_match,
        STAGE,
        "FAIL",
        "The metadata file is named as the data file, with `.meta.csv` in place of `.csv`",
        "Rename one of the two files.",
    ),
)
