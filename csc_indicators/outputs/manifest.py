"""The manifest: from what, by which definitions and with what loss a set of figures was made.

It holds no time and no machine, so the same inputs and parameters give the same bytes; and no value of any row.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl

import csc_indicators
from csc_indicators.catalogue import catalogue, spec_hash
from csc_indicators.engines.local import Computation
from csc_indicators.geography import reference_sources
from csc_indicators.outputs.row_numbers import rows_shown
from csc_indicators.tables.accounting import RowAccount

CHUNK = 1 << 20


def manifest(computation: Computation) -> dict[str, Any]:
    """What a computation was made from and how, as plain values."""
    loaded = catalogue()
    specs = {request.indicator for request in computation.requests}
    extracts = computation.extracts
    restricted = computation.published.restricted
    findings: dict[str, dict[str, Any]] = {}
    for finding in extracts.findings:
        entry = findings.setdefault(
            f"{finding.table}.{finding.rule}", {"severity": finding.severity, "rows": 0, "message": finding.message}
        )
        entry["rows"] += finding.rows
    for entry in findings.values():
        entry["rows"] = rows_shown(entry["rows"], restricted=restricted).plain
    cells = computation.frame
    return {
        "package": {"name": "csc_indicators", "version": csc_indicators.__version__},
        "engine": "local",
        "disclosure": {
            "policies": list(computation.published.policies),
            "restricted": computation.published.restricted,
        },
        "definitions": {
            name: {
                "version": loaded.definition_version(name),
                "spec_hash": spec_hash(loaded.files[f"indicators/{name}.toml"].data),
            }
            for name in sorted(specs)
        },
        "parameters": cells.select("indicator", "reading", "parameters", "period")
        .unique(maintain_order=True)
        .to_dicts(),
        "areas": {
            "levels": list(computation.levels),
            "joined": computation.joined,
            "neighbours": computation.neighbours,
        },
        "reference": {name: source.vintage for name, source in sorted(reference_sources().items())},
        "inputs": [_described(file) for file in computation.extracts.files],
        "coverage": extracts.coverage.with_columns(
            pl.col(pl.Date).dt.to_string(), pl.col("la_code").cast(pl.String)
        ).to_dicts(),
        "rows": [_account(account, restricted=restricted) for account in extracts.accounts],
        "findings": dict(sorted(findings.items())),
        "notes": list(computation.notes),
    }


def _account(account: RowAccount, *, restricted: bool) -> dict[str, Any]:
    """An account of rows, its small numbers not shown, nor what they could be worked out from."""
    kept, superseded = (rows_shown(rows, restricted=restricted) for rows in (account.kept, account.superseded))
    rejected = {why: rows_shown(rows, restricted=restricted) for why, rows in account.rejected.items()}
    read = sum((*rejected.values(), superseded), start=kept)
    return {
        "table": account.table,
        "rows_read": read.plain,
        "rows_kept": kept.plain,
        "rows_rejected": {why: rows.plain for why, rows in rejected.items()},
        "rows_superseded": superseded.plain,
    }


def write_manifest(computation: Computation, folder: Path) -> Path:
    """Write `manifest.json` to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "manifest.json"
    file.write_text(
        json.dumps(manifest(computation), indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
    )
    return file


def _described(file: Path) -> dict[str, Any]:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return {"file": str(file), "bytes": file.stat().st_size, "sha256": digest.hexdigest()}
