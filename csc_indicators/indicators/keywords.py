"""Keywords of indicator functions, checked against the spec before anything is counted.

A choice that is misspelt, or a text where a list is meant, would otherwise count by the default rule, or count nothing,
and look like a figure.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, cast

import polars as pl

from csc_indicators.catalogue import catalogue
from csc_indicators.errors import UsageError
from csc_indicators.periods import Period

Arguments = ParamSpec("Arguments")


def checked(function: Callable[Arguments, pl.LazyFrame]) -> Callable[Arguments, pl.LazyFrame]:
    """An indicator function that refuses tables, periods and parameter values which are not what its spec takes.

    Raises:
        UsageError: when called with such an argument; the message says what the parameter takes.
    """

    @functools.wraps(function)
    def call(*tables: Arguments.args, **keywords: Arguments.kwargs) -> pl.LazyFrame:
        if not all(isinstance(table, (pl.DataFrame, pl.LazyFrame)) for table in tables):
            raise UsageError(f"{function.__name__} takes tables, such as cin.episodes")
        given: Any = keywords.get("periods")
        periods: list[Any] = [*cast("list[Any]", given)] if isinstance(given, (list, tuple)) else []
        if not periods or not all(isinstance(period, Period) for period in periods):
            raise UsageError("periods is a list of periods, such as csc.years(2023, 2025) or [csc.year(2025)]")
        for parameter in catalogue().indicator(function.__name__).parameter:
            if parameter.name in keywords:
                parameter.python_value(keywords[parameter.name])
        return function(*tables, **keywords)

    return call
