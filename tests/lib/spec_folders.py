"""A small folder of sound specs to change in tests: `tests/lint_fixtures/good`."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from csc_indicators.catalogue import spec_hash

if TYPE_CHECKING:
    from collections.abc import Iterable

FIXTURES = Path(__file__).parents[1] / "lint_fixtures"
GOOD = FIXTURES / "good"


class Edit(NamedTuple):
    """Some text of one file, which must occur in it once, and what stands in its place."""

    file: str
    replace: str
    by: str


def written(folder: Path, edits: Iterable[Edit] = ()) -> Path:
    """Write the sound specs with some edits into a folder.

    In history.toml, `hash of <id>` becomes the fingerprint of the spec as edited, so that an edit is a change of
    definition that was recorded.
    """
    shutil.copytree(GOOD, folder, dirs_exist_ok=True)
    for edit in edits:
        path = folder / edit.file
        text = path.read_text(encoding="utf-8")
        assert text.count(edit.replace) == 1, f"{edit.replace!r} occurs {text.count(edit.replace)} times in {edit.file}"
        path.write_text(text.replace(edit.replace, edit.by), encoding="utf-8")
    history = folder / "history.toml"
    recorded = history.read_text(encoding="utf-8")
    for path in sorted((folder / "indicators").iterdir()):
        fingerprint = spec_hash(tomllib.loads(path.read_text(encoding="utf-8")))
        recorded = recorded.replace(f'"hash of {path.stem}"', f'"{fingerprint}"')
    history.write_text(recorded, encoding="utf-8")
    return folder
