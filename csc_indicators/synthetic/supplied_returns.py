"""The supplied tables of an authority, as text: one file a table, for all years."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from csc_indicators.synthetic.days import year_end

YEARLY: Mapping[str, tuple[str, ...]] = {
    "finance": ("year", "line", "funding", "amount"),
    "population": ("year", "population"),
    "deprivation": ("year", "score"),
    "injury_admissions": ("year", "admissions", "population"),
    "posts": ("year", "post", "vacancies", "in_post"),
}
"""Tables of the authority by year: their columns after its code."""
OF_CHILDREN_YEARLY: Mapping[str, tuple[str, ...]] = {
    "attendance": ("year", "birth_date", "social_care_group", "sessions_possible", "sessions_missed"),
    "attainment": ("year", "key_stage", "social_care_group", "expected_standard", "progress", "attainment_8"),
    "lasting_relationships": ("year", "identified"),
}
OF_CHILDREN: Mapping[str, tuple[str, ...]] = {
    "court_outcomes": ("birth_date", "end_date", "outcome"),
    "school_history": ("school", "start_date", "end_date"),
    "family_group_decisions": ("start_date", "offered", "held"),
    "early_help": ("start_date", "end_date"),
}
"""Lists of what happened to children, up to a day."""
LISTS: Mapping[str, tuple[str, ...]] = {
    "post_holders": ("post", "interim", "start_date", "end_date"),
    "inspections": ("inspection_date", "judgement"),
    "conference_attendance": ("conference_id", "conference_date", "agency", "attended"),
}
"""Other lists of what happened, up to a day."""
HUNDREDTHS, TENTHS, THOUSANDTHS = ("vacancies", "in_post"), ("progress", "attainment_8"), ("score",)
ENDS_LATER = ("post_holders", "school_history", "early_help")
"""Lists whose rows may last beyond the day up to which they are known, and then have no end."""


def supplied_tables(histories: Mapping[str, pl.DataFrame], la_code: str, years: range) -> dict[str, pl.DataFrame]:
    """The tables by name, every cell a text, an empty one where nothing is known."""
    known_to = year_end(years[-1])
    children = histories["children"].select(pl.col("child").cast(pl.Int32), "child_id", "birth_date")
    tables: dict[str, pl.DataFrame] = {}
    for name, columns in {**YEARLY, **OF_CHILDREN_YEARLY, **OF_CHILDREN, **LISTS}.items():
        rows = histories["posts_by_kind" if name == "posts" else name]
        if name == "conference_attendance":
            rows = rows.with_columns(conference_id=pl.format("C{}-{}", "child", "conference_date"))
        of_children = name in OF_CHILDREN or name in OF_CHILDREN_YEARLY
        if of_children:
            rows = rows.join(children, on="child", how="left", maintain_order="left")
        if name in ENDS_LATER:
            rows = rows.with_columns(end_date=pl.when(pl.col("end_date") <= known_to).then("end_date"))
        cells = [_text(rows, column) for column in columns]
        who = [pl.col("child_id")] if of_children else []
        lists = name in OF_CHILDREN or name in LISTS
        day = [pl.lit(known_to).cast(pl.Date).dt.strftime(DAY_FIRST).alias("known_to")] if lists else []
        tables[name] = rows.select(pl.lit(la_code).alias("la_code"), *who, *cells, *day).with_columns(
            pl.all().fill_null("")
        )
    return tables


DAY_FIRST = "%d/%m/%Y"


def _text(rows: pl.DataFrame, column: str) -> pl.Expr:
    if column not in rows.columns:  # the social care group, which the returns tell
        return pl.lit(None, pl.String).alias(column)
    cell = pl.col(column)
    if column.endswith("_date"):
        return cell.cast(pl.Int32).cast(pl.Date).dt.strftime(DAY_FIRST)
    if rows.schema[column] == pl.Boolean():
        return pl.when(cell).then(pl.lit("true")).when(~cell).then(pl.lit("false")).alias(column)
    for columns, digits in ((TENTHS, 1), (HUNDREDTHS, 2), (THOUSANDTHS, 3)):
        if column in columns:
            size = cell.abs()
            whole, rest = (each.cast(pl.String) for each in (size // 10**digits, size % 10**digits))
            sign = pl.when(cell < 0).then(pl.lit("-")).otherwise(pl.lit(""))
            return (sign + whole + pl.lit(".") + rest.str.zfill(digits)).alias(column)
    return cell.cast(pl.String)
