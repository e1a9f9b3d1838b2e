"""A return on looked-after children as one XML file, made of the tables that its CSV form has.

The form has no place for social workers: what a return says of them is in its CSV form alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from csc_indicators.synthetic.care_returns import COLUMNS
from csc_indicators.synthetic.case_documents import around, joined_up, leaf, with_inside

WHO = ("CHILD", "SEX", "DOB")
BLOCKS = {"missing": "AMISSING", "reviews": "AREVIEW", "oc2": "OC2"}
"""Elements of a child's header that it may have several of, by the table that they are made of."""
LOOSE = ("ad1", "oc3", "uasc")
"""Tables whose items stand in the header itself."""
RENAMED = {"CHILD": "CHILDID", "PLACE": "PL"}


def care_document(tables: Mapping[str, pl.DataFrame]) -> bytes:
    """The file of one authority's return for one year."""
    children = tables["header"]
    for name in LOOSE:
        # Whoever stands in two rows of such a table, as adopted twice, could be told of once only.
        items = tables[name].select("CHILD", *_items(name)).unique("CHILD", keep="first", maintain_order=True)
        flag = [pl.lit("1").alias("UASC")] if name == "uasc" else []
        children = children.join(items.with_columns(flag), on="CHILD", how="left", maintain_order="left")
    for name, element in BLOCKS.items():
        children = with_inside(children, ("CHILD",), _elements(tables[name], name, element).rename({"inside": name}))
    children = with_inside(children, ("CHILD",), _elements(tables["episodes"], "episodes", "EPISODE"))
    items = [*COLUMNS["header"], "UASC", *(item for name in LOOSE for item in _items(name))]
    header = around("HEADER", *(_leaf(item) for item in items), *(pl.col(name) for name in BLOCKS))
    lines = children.select(around("CHILD", header, pl.col("inside")).alias("child"))["child"]
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', "<EXPSSDA903>", *lines, "</EXPSSDA903>", ""]).encode()


def _items(name: str) -> list[str]:
    """The columns of a table that do not say whose a row is."""
    return [column for column in COLUMNS[name] if column not in WHO]


def _elements(table: pl.DataFrame, name: str, element: str) -> pl.DataFrame:
    items = [_leaf(item) for item in _items(name)]
    return joined_up(table, ("CHILD",), around(element, *items))


def _leaf(column: str) -> pl.Expr:
    """The element of a column; a cell of CSV that is empty is none."""
    cell = pl.when(pl.col(column) != "").then(column).alias(column)
    return leaf(RENAMED.get(column, column), cell)
