"""The tables that stand between markers on pages written by hand: rules, columns, policies and exit codes."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from csc_indicators.catalogue import catalogue
from csc_indicators.codes import CODE_SETS, LA_CODE
from csc_indicators.disclosure import Policy, read_policies
from csc_indicators.errors import CscError, FatalFindings, NothingComputed, UnreadableFile, UsageError
from csc_indicators.extracts import raw_workforce
from csc_indicators.extracts.context_shapes import CONTEXT_TABLES
from csc_indicators.extracts.parsing import UNREADABLE, Column
from csc_indicators.extracts.raw import RAW_TABLES
from csc_indicators.extracts.raw_ssda903 import TABLES
from csc_indicators.extracts.tabular import key_columns
from csc_indicators.extracts.xml_files import FAULTS
from csc_indicators.markdown import bullet, code, paragraph, table
from csc_indicators.tables import ssda903, ssda903_rules, workforce, workforce_rules
from csc_indicators.tables.cin import CONTRACTS, RETURNED, TableContract
from csc_indicators.tables.cross_rules import CROSS_RULES
from csc_indicators.tables.row_rules import ROW_RULES
from csc_indicators.tables.rules import CrossRule, RowRule

ROOT = Path(__file__).resolve().parent.parent
BECOMES = {"reject": "is left out", "blank": "is kept without the cell", "keep": "is kept"}
WORDS = ("What is wrong", "What to do")
TYPES = {
    pl.String: "text",
    pl.Date: "date",
    pl.Boolean: "true or false",
    pl.Categorical: "text",
    pl.UInt16: "whole number",
    pl.UInt32: "whole number",
    pl.Int16: "whole number",
    pl.Int32: "whole number",
    pl.Float64: "number",
}
NEVER_MISSING = {"la_code", "child_id", "worker_id", "episode", "census_year", "source_file", "source_row"}
ERRORS: tuple[type[CscError], ...] = (UsageError, UnreadableFile, FatalFindings, NothingComputed)


def reference_parts() -> dict[str, dict[str, str]]:
    """The generated parts of each page, by the page's path below `docs` and the part's name."""
    return {
        "concepts/validation.md": {
            "row rules": _row_rules(ROW_RULES),
            "cross rules": _cross_rules(CROSS_RULES),
            "cell rules": _cell_rules(),
            "reader findings": _reader_findings(),
        },
        "concepts/disclosure.md": {"policies": _policies()},
        "reference/tables.md": {
            "tables": "\n\n".join(_contract(contract, RETURNED[name]) for name, contract in CONTRACTS.items())
        },
        "reference/looked-after.md": {
            "files": "\n\n".join(_returned(name) for name in TABLES),
            "tables": "\n\n".join(
                _contract(contract, ssda903.RETURNED[name]) for name, contract in ssda903.CONTRACTS.items()
            ),
            "row rules": _row_rules(ssda903_rules.ROW_RULES),
            "rules across episodes": _cross_rules(ssda903_rules.ACROSS_RULES),
        },
        "reference/workforce.md": {
            "files": "\n\n".join(_census_table(name) for name in raw_workforce.TABLES),
            "tables": "\n\n".join(
                _contract(contract, workforce.RETURNED[name]) for name, contract in workforce.CONTRACTS.items()
            ),
            "row rules": _row_rules(workforce_rules.ROW_RULES),
            "rules across rows": _cross_rules(workforce_rules.ACROSS_RULES),
        },
        "reference/context.md": {"tables": "\n\n".join(_supplied(name) for name in CONTEXT_TABLES)},
        "reference/tabular-input.md": {"files": "\n\n".join(_file(name) for name in RAW_TABLES)},
        "reference/exit-codes.md": {"exit codes": _exit_codes()},
    }


def _census_table(name: str) -> str:
    shape = raw_workforce.TABLES[name]
    columns = ", ".join(f"`{theirs}` as `{ours}`" for theirs, ours in shape.columns.items())
    lines = [
        bullet(f"Recognised by {code(shape.recognised_by)}"),
        bullet(f"Columns, in any letter case: {columns}"),
    ]
    if name == raw_workforce.WORKERS:
        several = ", ".join(f"`{theirs}` as `{ours}`" for theirs, ours in raw_workforce.REPEATED.items())
        lines.append(bullet(f"Items that a worker may have several of: {several}"))
    return f"### {name} as returned\n\n" + "\n".join(lines)


def _supplied(name: str) -> str:
    shape = CONTEXT_TABLES[name]
    used = [
        spec.id
        for spec in catalogue().indicators.values()
        if {f"context.{name}", name} & {*spec.tables, *spec.optional_tables}
    ]
    rows = [
        [
            f"`{column.name}`",
            column.about + (f": {code(CODE_SETS[column.code_set].codes)}" if column.code_set else ""),
            "yes" if column.required else "no",
            f"`{column.example}`" if column.example else "",
        ]
        for column in shape.columns
    ]
    lines = [
        f"### {name}",
        paragraph(shape.about),
        table(["Column", "What it holds", "Needed", "Example"], rows),
        f"Not given twice: {code(shape.key)}.",
        f"Used by {', '.join(f'[{indicator}](../indicators/{indicator}.md)' for indicator in used)}.",
    ]
    return "\n\n".join(lines)


def _row_rules(rules: Sequence[RowRule]) -> str:
    sections: list[str] = []
    for name in dict.fromkeys(rule.table for rule in rules):
        rows = [
            [f"`{rule.id}` on `{rule.column}`", BECOMES[rule.action], rule.message, rule.advice]
            for rule in rules
            if rule.table == name
        ]
        sections.append(f"### {name}\n\n{table(['Rule', 'The row', *WORDS], rows)}")
    return "\n\n".join(sections)


def _cross_rules(rules: Sequence[CrossRule]) -> str:
    rows = [
        [f"`{rule.id}` of `{rule.table}`" + (f" on `{rule.column}`" if rule.column else ""), rule.message, rule.advice]
        for rule in rules
    ]
    return table(["Rule", *WORDS], rows)


def _cell_rules() -> str:
    rows = [[f"`{rule}`", kind, what] for kind, (rule, what) in UNREADABLE.items()]
    return table(["Rule", "Column holds", "What is wrong"], rows)


def _reader_findings() -> str:
    rows = [[f"`{rule}`", message.format(what="An element"), advice] for rule, (message, advice) in FAULTS.items()]
    return table(["Rule", *WORDS], rows)


def _policies() -> str:
    text = (ROOT / "specs" / "policies.toml").read_text(encoding="utf-8")
    policies: Mapping[str, Policy] = read_policies(text)
    order = list(tomllib.loads(text))
    return "\n\n".join(_policy(policies[name]) for name in order)


def _hidden_by(policy: Policy) -> str:
    if not policy.threshold:
        return "Nothing is hidden."
    if policy.of_counts:
        return f"Counts of 1 to {policy.threshold} are hidden."
    return f"A figure of 1 to {policy.threshold} units (workers, children) is hidden, whatever its numbers are."


def _policy(policy: Policy) -> str:
    lines = [
        bullet(_hidden_by(policy)),
        bullet(
            "Further counts are hidden where one could be worked out."
            if policy.secondary
            else "Nothing further is hidden."
        ),
        bullet(f"Percentages, rates and means come from {policy.ratio_from} counts."),
    ]
    rows = [
        [level, "not rounded" if base == 1 else f"rounded to the nearest {base}"]
        for level, base in policy.rounding.items()
    ]
    return "\n\n".join(
        [
            f"### `{policy.name}`",
            f"{policy.title}.",
            "\n".join(lines),
            table(["Level", "Counts that remain"], rows),
            f"Source: {policy.source}",
        ]
    )


def _type(dtype: pl.DataType) -> str:
    if dtype == LA_CODE:
        return "authority code: text of three digits"
    if isinstance(dtype, pl.Enum):
        name = next((name for name, code_set in CODE_SETS.items() if code_set.dtype == dtype), None)
        listed = code(tuple(dtype.categories))
        return f"code: [{name}](../definitions/codes.md#{name})" if name else f"one of {listed}"
    return TYPES[type(dtype)]


def _contract(contract: TableContract, columns: Sequence[Column]) -> str:
    required = {column.name for column in columns if column.required}
    rows = [
        [
            f"`{name}`",
            _type(dtype),
            "never missing" if name in required or name in NEVER_MISSING or name.endswith("_key") else "",
        ]
        for name, dtype in contract.schema.items()
    ]
    key = f"One row for each `{contract.key}`." if contract.key else "No key of its own."
    return f"## {contract.name}\n\n{key}\n\n{table(['Column', 'Holds', ''], rows)}"


def _file(name: str) -> str:
    keys = key_columns(name)
    others = [column for column in RAW_TABLES[name].columns if column not in keys]
    lines = [bullet(f"Keys, in every row: {code(keys)}")]
    if others:
        lines.append(bullet(f"Columns: {code(others)}"))
    return f"### {name}\n\n" + "\n".join(lines)


def _returned(name: str) -> str:
    shape = TABLES[name]
    lines = [
        bullet(f"Usual file: `{shape.file}`; recognised by {code(('CHILD', *shape.recognised_by))}"),
        bullet("Columns: " + ", ".join(f"`{theirs}` as `{ours}`" for theirs, ours in shape.names.items())),
    ]
    if shape.derived:
        lines.append(bullet(f"Not asked for by the return, read when they are there: {code(tuple(shape.derived))}"))
    return f"### {name}\n\n" + "\n".join(lines)


def _exit_codes() -> str:
    rows = [
        ["0", "", "done"],
        ["1", "", "the package itself failed; the message names the place and nothing of the data"],
    ]
    rows += [
        [str(error.exit_code), f"`{error.__name__}`", (error.__doc__ or "").split("(exit code")[0].strip().rstrip(".")]
        for error in ERRORS
    ]
    return table(["Code", "Error", "Meaning"], rows, right=["Code"])
