"""The indicators on events once more, row by row, written from the words of their specs and from nothing else.

Slow, plain and meant to be read beside `specs/indicators/*.toml`. Tables are lists of dicts with the columns of the
validated tables; a result is a list of units, one dict each:

    la_code, unit_table, unit_row, date, numerator, denominator, complete, decided_by

A candidate that fails a clause of the denominator (of any clause, for a rate) is listed with nothing in numerator and
denominator, because the question "why is this one not counted" is asked of those as well; `units_of` leaves them out
unless asked. Units may also have `awaiting`, `followed_days` and `assessment_factor`.
"""

from tests.lib.oracles import (
    assessments,
    care_leavers,
    care_outcomes,
    deescalation,
    looked_after,
    need,
    plans,
    section_47,
)

ORACLES = {
    **assessments.ORACLES,
    **need.ORACLES,
    **section_47.ORACLES,
    **plans.ORACLES,
    **deescalation.ORACLES,
}

CARE_ORACLES = {**looked_after.ORACLES, **care_outcomes.ORACLES, **care_leavers.ORACLES}
"""Those of children looked after: their tables are named `ssda903.episodes` and so on."""


def units_of(indicator, tables, period, *, why=False, **parameters):
    """The unit records of an indicator in a period; with `why`, also the candidates that are none."""
    units = ORACLES[indicator](tables, period.start, period.end, **parameters)
    return [unit for unit in units if why or unit["listed"]]
