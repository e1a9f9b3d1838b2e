"""Reads a data file and its metadata file and puts them to every rule, stage by stage."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import polars as pl

from csc_indicators.errors import UnreadableFile
from csc_indicators.extracts.text_tables import read_csv
from csc_indicators.extracts.xml_files import why_not_opened
from csc_indicators.outputs.screening import (
    api,
    columns,
    filenames,
    filters,
    general,
    geography,
    harmonised,
    indicators,
    metadata,
    time_periods,
)
from csc_indicators.outputs.screening.filenames import ENDING, META_ENDING
from csc_indicators.outputs.screening.model import Check, Files, Rule

RULES: tuple[Rule, ...] = (
    *filenames.RULES,
    *columns.RULES,
    *metadata.RULES,
    *time_periods.FORM_RULES,
    *filters.FORM_RULES,
    *geography.FORM_RULES,
    *time_periods.RULES,
    *filters.RULES,
    *geography.RULES,
    *general.RULES,
    *indicators.RULES,
    *harmonised.RULES,
    *api.RULES,
)
"""Every rule, in the order in which files are put to them: stage after stage."""


def screen(data: Path | str, meta: Path | str | None = None) -> tuple[Check, ...]:
    """Whether a pair of tidy files keeps the rules of Explore Education Statistics.

    Any such pair can be screened, whoever made it. Cells are read as text. Rules come in stages, and later ones rely on
    earlier ones: after a stage in which a rule fails, no more are asked. Messages name columns, and rows by number, the
    first below the header being 1; they hold no value of a row.

    Args:
        data: The data file, `<name>.csv`.
        meta: Its metadata file; `<name>.meta.csv` beside it when left out.

    Returns:
        A check for each rule that was asked, in order: PASS, WARNING (can be published, should be looked at) or FAIL.

    Raises:
        UnreadableFile: a file is not there, or not CSV in UTF-8 with a header and lines of one length.

    >>> checks = screen("tests/screening_fixtures/pass/years.csv")
    >>> {check.result for check in checks}
    {'PASS'}
    """
    data = Path(data)
    meta = data.with_name(data.name.removesuffix(ENDING) + META_ENDING) if meta is None else Path(meta)
    files = Files(data.name, meta.name, _read(data), _read(meta))
    checks: list[Check] = []
    for _, rules in groupby(RULES, key=lambda rule: rule.stage):
        of_stage = [rule.put_to(files) for rule in rules]
        checks += of_stage
        if any(check.result == "FAIL" for check in of_stage):
            break
    return tuple(checks)


def _read(path: Path) -> pl.DataFrame:
    try:
        text = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"{path}: {why_not_opened(error)}") from None
    return read_csv(text, path).with_columns(pl.all().fill_null(""))
