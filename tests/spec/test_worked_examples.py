"""Specs and code agree: every worked example runs, and every clause, parameter and reading of a spec is a live one."""

from __future__ import annotations

import functools
import inspect

import polars as pl
import pytest

from csc_indicators.catalogue import load_catalogue
from csc_indicators.census_years import periods_in
from csc_indicators.examples import EXAMPLE_TABLES_OF, tables_of_example
from csc_indicators.linting.clauses import WITHOUT_DENOMINATOR
from csc_indicators.periods import parse_period, year
from csc_indicators.rounding import SUM_DECIMALS
from csc_indicators.specification import specs_folder

CATALOGUE = load_catalogue(specs_folder())
SPECS = tuple(CATALOGUE.indicators.values())
NOT_PARAMETERS = ("periods", "why")
NUMBERS_TRIED = (1, 2, 3, 6, 13, 24, 36)


def period_of_example(spec, example):
    return periods_in(spec.collection, [parse_period(example.period)])[0]


def run(spec, example, *, reading=None, overrides=None, why=False, kind=lambda frame: frame):
    """The unit records of an example, one row of the example after the other."""
    period = period_of_example(spec, example)
    parameters = CATALOGUE.parameters(spec.id, reading=reading, overrides=overrides, on=period.end)
    records = computed(spec, example.tables, [period], kind=kind, why=why, **parameters)
    return in_order(records.collect())


def total(records, side):
    """A sum as the engine makes it: full-time equivalents have six decimals, and an order of adding leaves no trace."""
    return round(records[side].sum(), SUM_DECIMALS)


def in_order(records):
    """By the rows that stand for the units, and several units of one row by their factor."""
    order = ["unit_table", "unit_row", "unit_id", *({"assessment_factor"} & set(records.columns))]
    return records.sort(order, maintain_order=True)


def computed(spec, tables, periods, *, kind=lambda frame: frame, **keywords):
    tables = tables_of_example(spec.collection, tables)
    positional = [kind(tables[name]) for name in spec.tables]
    held = {name: kind(tables[name]) for name in spec.optional_tables if name in tables}
    return CATALOGUE.function(spec.id)(*positional, periods=periods, **held, **keywords)


def unit_of(spec, *, reading=None, overrides=None, on=None):
    return spec.unit_under(CATALOGUE.parameters(spec.id, reading=reading, overrides=overrides, on=on))


def in_group(records, group):
    for attribute, text in group.items():
        records = records.filter(pl.col(attribute).cast(pl.String) == text)
    return records


def sums(records):
    """Numerator and denominator; the denominator is None where the records have none."""
    denominator = None if records["denominator"].is_null().all() else total(records, "denominator")
    return total(records, "numerator"), denominator


def example_ids():
    return [
        pytest.param(spec, example, expectation, id=f"{spec.id}: {example.name}: {described(spec, expectation)}")
        for spec in SPECS
        for example in spec.example
        for expectation in example.expect
    ]


def described(spec, expectation):
    changes = [f"{name}={value}" for name, value in expectation.set.items()]
    groups = [f"{name} {text}" for name, text in expectation.group.items()]
    return " ".join([expectation.reading or spec.default_reading, *changes, *groups])


every_spec = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.id)


def test_every_spec_loads():
    assert [str(issue) for issue in CATALOGUE.issues] == []
    assert SPECS


@pytest.mark.parametrize(("spec", "example", "expectation"), example_ids())
def test_worked_example(spec, example, expectation, frame_kind):
    chosen = {"reading": expectation.reading, "overrides": expectation.set}
    records = in_group(run(spec, example, kind=frame_kind, **chosen), expectation.group)

    assert total(records, "numerator") == round(expectation.numerator, SUM_DECIMALS)
    if unit_of(spec, on=period_of_example(spec, example).end, **chosen) in WITHOUT_DENOMINATOR:
        assert expectation.denominator is None
        assert records["denominator"].null_count() == records.height
    else:
        assert total(records, "denominator") == round(expectation.denominator, SUM_DECIMALS)
    if expectation.complete is not None:
        assert records["complete"].all() == expectation.complete

    explained = in_group(run(spec, example, kind=frame_kind, why=True, **chosen), expectation.group)
    assert sums(explained.filter(pl.col("numerator") > 0)) == sums(records.filter(pl.col("numerator") > 0))
    if expectation.decided_by is not None:
        assert tuple(explained["decided_by"]) == expectation.decided_by


@pytest.mark.parametrize(
    ("spec", "example"),
    [
        pytest.param(spec, example, id=f"{spec.id}: {example.name}")
        for spec in SPECS
        for example in spec.example
        if example.decided_by is not None
    ],
)
def test_the_default_reading_decides_as_the_example_says(spec, example, frame_kind):
    assert tuple(run(spec, example, why=True, kind=frame_kind)["decided_by"]) == example.decided_by


@every_spec
def test_examples_show_a_typical_a_boundary_and_an_excluded_case(spec):
    assert {example.case for example in spec.example} == {"typical", "boundary", "exclusion"}


@every_spec
def test_every_clause_decides_some_unit_of_some_example(spec):
    decided_by = {
        decided
        for example in spec.example
        for expectation in example.expect
        for decided in run(spec, example, reading=expectation.reading, overrides=expectation.set, why=True)[
            "decided_by"
        ]
    }

    assert decided_by == {"counted", *(clause.id for clause in spec.clause)}


@every_spec
def test_clauses_of_the_spec_are_those_of_the_code_in_order(spec):
    decided_by = run(spec, spec.example[0], why=True).schema["decided_by"]

    assert [name for name in decided_by.categories if name != "counted"] == [clause.id for clause in spec.clause]
    assert "counted" in list(decided_by.categories)


@every_spec
def test_keywords_and_defaults_of_the_function_are_the_parameters_of_the_spec(spec):
    signature = inspect.signature(CATALOGUE.function(spec.id)).parameters
    positional = [name for name, given in signature.items() if given.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    keywords = {name: given for name, given in signature.items() if name not in (*positional, *NOT_PARAMETERS)}

    assert positional == [name.rpartition(".")[2] for name in spec.tables]
    optional = {name: given.default for name, given in keywords.items() if name in spec.optional_tables}
    assert optional == dict.fromkeys(spec.optional_tables)
    parameters = {name: given.default for name, given in keywords.items() if name not in spec.optional_tables}
    assert parameters == spec.defaults
    assert list(parameters) == [parameter.name for parameter in spec.parameter]
    assert all(given.kind is inspect.Parameter.KEYWORD_ONLY for given in keywords.values())


def alternatives(parameter):
    """Values of a parameter other than its default, as a spec writes them."""
    tried = {
        "integer": list(NUMBERS_TRIED),
        "boolean": [True, False],
        "choice": list(parameter.choices),
        "choices": [[choice] for choice in parameter.choices],
        "codes": [[choice] for choice in parameter.choices],
    }[parameter.type]
    if parameter.none is not None:
        tried.append(parameter.none)
    return [value for value in tried if parameter.python_value(value) != parameter.python_value(parameter.default)]


@pytest.mark.parametrize(
    ("spec", "parameter"),
    [pytest.param(spec, parameter, id=f"{spec.id}.{parameter.name}") for spec in SPECS for parameter in spec.parameter],
)
def test_every_parameter_is_live(spec, parameter):
    """Under the default reading, or under another: some parameters belong to one way of counting."""
    usual = functools.cache(lambda reading, number: sums(run(spec, spec.example[number], reading=reading)))
    readings = sorted((reading.name for reading in spec.reading), key=lambda name: name != spec.default_reading)

    assert any(
        sums(run(spec, example, reading=reading, overrides={parameter.name: value})) != usual(reading, number)
        for reading in readings
        for value in alternatives(parameter)
        for number, example in enumerate(spec.example)
    )


@pytest.mark.parametrize(
    ("spec", "reading"),
    [
        pytest.param(spec, reading.name, id=f"{spec.id}: {reading.name}")
        for spec in SPECS
        for reading in spec.reading
        if reading.name != spec.default_reading
    ],
)
def test_every_reading_differs_from_the_default_one(spec, reading):
    assert any(sums(run(spec, example, reading=reading)) != sums(run(spec, example)) for example in spec.example)


@every_spec
def test_a_row_of_defaults_puts_nothing_in_any_numerator(spec):
    periods = [parse_period(label) for label in {example.period for example in spec.example}]
    periods += [year(ends) for ends in range(2013, 2031) if str(ends) not in {period.label for period in periods}]
    periods = periods_in(spec.collection, periods)
    for reading in spec.reading:
        parameters = CATALOGUE.parameters(spec.id, reading=reading.name, on=periods[0].end)
        tables = {name: [{}] for name in EXAMPLE_TABLES_OF[spec.collection] if name not in spec.optional_tables}
        records = computed(spec, tables, periods, why=True, **parameters).collect()

        assert records["numerator"].sum() == 0
