"""The difference between an area and its comparator, as formulas, by the rule that comparisons have everywhere.

The interval is made from the two intervals (square and add), as if the two values did not depend on each other; a
median of neighbours has none and is taken as it stands. No difference is called better or worse, none of a figure that
may still change is called anything, and an area that is one authority alone is nothing to compare that authority with.
"""

from __future__ import annotations

from math import sqrt

from csc_indicators.area_membership import STATISTICAL_NEIGHBOURS
from csc_indicators.outputs.workbook.figures import Figures
from csc_indicators.outputs.workbook.workings import ALONE, FULL, Cell, Line
from csc_indicators.outputs.workbook.workings import SHEET as WORKINGS

HIGHER, LOWER, CHANCE = "higher", "lower", "within chance"


def difference_cells(
    figures: Figures, line: Line, row: int, workings_row: int, decimals: int, comparator: str
) -> list[tuple[str, Cell, str]]:
    """Formula, value and style of the difference, its lower and upper bound, and whether it is more than chance.

    Args:
        figures: The table of figures.
        line: The figure and its comparator, and what that is good for.
        row: The sheet's row, counted from 1: the value is in column B, its bounds in F and G, whether it is complete
            in H, the comparator's value in M.
        workings_row: The row of the workings where the comparator's bounds are, and what it is good for.
        decimals: Those of the indicator; a difference is exact to one more.
        comparator: What is compared with, as it is chosen.
    """
    value, lower, upper = (figures.shown(line.figure, name) for name in ("value", "lower", "upper"))
    other = figures.shown(line.comparator, "value")
    alone = comparator == STATISTICAL_NEIGHBOURS
    least, most = (other if alone else figures.shown(line.comparator, name) for name in ("lower", "upper"))
    comparable = "" not in (value, other) and line.comparison != ALONE
    difference: Cell = _rounded(value - other, decimals) if comparable else ""
    below = above = verdict = ""
    if "" not in (difference, lower, most):
        below = _rounded(value - other - sqrt((value - lower) ** 2 + (most - other) ** 2), decimals)
    if "" not in (difference, upper, least):
        above = _rounded(value - other + sqrt((upper - value) ** 2 + (other - least) ** 2), decimals)
    if "" not in (below, above) and figures.shown(line.figure, "complete") != "no" and line.comparison == FULL:
        verdict = HIGHER if float(below) > 0 else LOWER if float(above) < 0 else CHANCE
    r, least_at, most_at, comparison_at = row, *(f"{WORKINGS}!${letter}{workings_row}" for letter in "FGJ")
    to = "Chosen_decimals+1"
    return [
        (f'=IF(AND(ISNUMBER(B{r}),ISNUMBER(M{r}),{comparison_at}<>"{ALONE}"),ROUND(B{r}-M{r},{to}),"")',
         difference, "value_1"),
        ((f"=IF(AND(ISNUMBER(Q{r}),ISNUMBER(F{r}),ISNUMBER({most_at})),"
         f'ROUND(B{r}-M{r}-SQRT((B{r}-F{r})^2+({most_at}-M{r})^2),{to}),"")'), below, "value_1"),
        ((f"=IF(AND(ISNUMBER(Q{r}),ISNUMBER(G{r}),ISNUMBER({least_at})),"
         f'ROUND(B{r}-M{r}+SQRT((G{r}-B{r})^2+(M{r}-{least_at})^2),{to}),"")'), above, "value_1"),
        ((f'=IF(AND(ISNUMBER(R{r}),ISNUMBER(S{r}),H{r}<>"no",{comparison_at}="{FULL}"),'
          f'IF(R{r}>0,"{HIGHER}",IF(S{r}<0,"{LOWER}","{CHANCE}")),"")'), verdict, "right"),
    ]  # fmt: skip


def _rounded(number: float, decimals: int) -> float:
    return round(number, decimals + 1)
