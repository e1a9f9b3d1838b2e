"""Rules on clauses: the named rules of a definition, the denominator's first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csc_indicators.linting.issues import WARNING, issue, parameters_of, specs, unknown

if TYPE_CHECKING:
    from csc_indicators.catalogue import Catalogue, Issue

WITHOUT_DENOMINATOR = ("rate_per_10000", "count")
"""Units whose records have no denominator: the population supplies it, or there is none."""

PARTS_OF_A_WHOLE = ("percent", "share", "survival")
"""Units whose numerator is part of the denominator."""


def clause_parameter(catalogue: Catalogue) -> list[Issue]:
    """S020: a clause names a parameter that the indicator does not have."""
    return [
        issue(
            file,
            ("clause", position, "parameters"),
            "S020",
            f'clause "{clause.id}": {unknown("parameter", name, parameters_of(spec))}',
        )
        for spec, file in specs(catalogue)
        for position, clause in enumerate(spec.clause)
        for name in clause.parameters
        if name not in parameters_of(spec)
    ]


def parameter_without_clause(catalogue: Catalogue) -> list[Issue]:
    """S021: no clause depends on a parameter; one that only enters the value of a mean or the span read need not."""
    return [
        issue(
            file,
            ("parameter", position),
            "S021",
            f'parameter "{parameter.name}": no clause names it. Add it to the parameters of the clause it changes.',
            WARNING,
        )
        for spec, file in specs(catalogue)
        for position, parameter in enumerate(spec.parameter)
        if spec.unit not in ("mean", "months")
        and parameter.name not in (spec.look_back, spec.follow_up)
        and not any(parameter.name in clause.parameters for clause in spec.clause)
    ]


def denominator_first(catalogue: Catalogue) -> list[Issue]:
    """S022: a clause of the denominator stands after one of the numerator."""
    return [
        issue(
            file,
            ("clause", position),
            "S022",
            f'clause "{clause.id}" is of the denominator and stands after one of the numerator. '
            "Move it up: a record is put to the clauses of the denominator first.",
        )
        for spec, file in specs(catalogue)
        for position, clause in enumerate(spec.clause)
        if clause.side == "denominator" and any(before.side == "numerator" for before in spec.clause[:position])
    ]


def sides_of_unit(catalogue: Catalogue) -> list[Issue]:
    """S023: the clauses do not go with the unit: a rate has no denominator, a percentage needs a numerator."""
    found: list[Issue] = []
    for spec, file in specs(catalogue):
        if not spec.clause:
            message = "there is no clause. Name at least one rule that decides what counts."
            found.append(issue(file, ("clause",), "S023", message))
        elif spec.unit in PARTS_OF_A_WHOLE and not any(clause.side == "numerator" for clause in spec.clause):
            message = (
                f'unit "{spec.unit}": no clause is of the numerator, so every record would count. '
                "Add the clause that tells the numerator from the denominator."
            )
            found.append(issue(file, ("clause", 0), "S023", message))
        found += [
            issue(
                file,
                ("clause", position, "side"),
                "S023",
                f'clause "{clause.id}": an indicator of unit "{spec.unit}" has no records outside its numerator. '
                'Write side = "numerator".',
            )
            for position, clause in enumerate(spec.clause)
            if spec.unit in WITHOUT_DENOMINATOR and clause.side == "denominator"
        ]
    return found
