"""What is recorded of the assessments and plans of cases: the factors found, and the reviews held."""

from __future__ import annotations

import numpy as np
import polars as pl

from csc_indicators.synthetic.codes_of_their_time import in_codes_of_their_time
from csc_indicators.synthetic.days import working_day_from
from csc_indicators.synthetic.draws import Draws, Whole
from csc_indicators.synthetic.rates import rates, weights

CASES_OF_A_CHILD = 256
STAGES_OF_A_CASE = 64
TURNS = 16
"""Keys of draws are `((child * CASES + case) * STAGES + stage) * TURNS + turn`."""
NO_FACTORS = "21"


def _keys(table: pl.DataFrame) -> Whole:
    """A key for every row of a table in order: its case, and which row of the case it is."""
    turn = table.select(pl.int_range(pl.len()).over("child", "case")).to_series().to_numpy()
    child, case = table["child"].to_numpy().astype(np.int64), table["case"].to_numpy().astype(np.int64)
    return (child * CASES_OF_A_CHILD + case) * STAGES_OF_A_CASE + turn


def factors_of(draws: Draws, assessments: pl.DataFrame) -> pl.DataFrame:
    """One to four different factors of each assessment, or the code for none."""
    codes, heavy = weights("factor", "")
    rate, key = rates()["assessment"], _keys(assessments)
    none = draws.happens("no factors", key, rate["no_factors"])
    several = np.where(none, 1, draws.of_spans("several factors", key, rate["several"]))
    row = np.repeat(np.arange(key.size), several)
    turn = np.arange(row.size) - np.repeat(np.cumsum(several) - several, several)
    factor = np.asarray(codes)[draws.chosen("factor", key[row] * TURNS + turn, heavy)]
    factor[none[row]] = NO_FACTORS
    found = in_codes_of_their_time("assessment_factors", assessments[row].with_columns(factor=pl.Series(factor)))
    return found.unique().sort("child", "case", "start_date", "factor")


def reviews_of(draws: Draws, plans: pl.DataFrame) -> pl.DataFrame:
    """Reviews of each plan, one after another until it ends."""
    rate, key = rates()["plan"], _keys(plans)
    row, due, turn = np.arange(key.size), plans["start_date"].to_numpy().astype(np.int64), 0
    ends = plans["end_date"].to_numpy().astype(np.int64)
    found = [plans.clear().select("child", "case", "start_date", review_date="end_date")]
    while row.size:
        spans = rate["first_review" if turn == 0 else "next_review"]
        due = working_day_from(due + draws.of_spans("review", key[row] * TURNS + turn, spans))
        held = due <= ends[row]
        row, due = row[held], due[held]
        found.append(plans[row].select("child", "case", "start_date", review_date=pl.Series(due.astype(np.int32))))
        turn += 1
    return pl.concat(found).sort("child", "case", "start_date", "review_date")
