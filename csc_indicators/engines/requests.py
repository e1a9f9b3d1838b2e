"""Requests: which indicators to compute, under which readings and parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from csc_indicators.catalogue import catalogue
from csc_indicators.census_years import periods_in
from csc_indicators.errors import UsageError
from csc_indicators.periods import Period
from csc_indicators.specification import ParameterValue


@dataclass(frozen=True)
class Request:
    """An indicator to compute: under which reading, and with which parameters set besides."""

    indicator: str
    reading: str | None = None
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict[str, ParameterValue])


def shown_parameters(request: Request, parameters: Mapping[str, ParameterValue]) -> str:
    """The parameters that differ from the definition's defaults, as `--set` takes them; nothing when none does."""
    spec = catalogue().indicator(request.indicator)
    return "; ".join(
        f"{parameter.name}={parameter.shown(parameters[parameter.name])}"
        for parameter in spec.parameter
        if parameters[parameter.name] != spec.defaults[parameter.name]
    )


def requests_from(indicators: str | Request | Iterable[str | Request] | None) -> tuple[Request, ...]:
    """Ids and requests as requests, each once; all indicators for None. Faults are found before any file is read."""
    if indicators is None:
        return tuple(Request(indicator) for indicator in catalogue().indicators)
    several = [indicators] if isinstance(indicators, (str, Request)) else list(indicators)
    if not several or not all(isinstance(item, (str, Request)) for item in several):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageError('indicators are ids, such as "rereferrals", or requests, such as csc.Request("rereferrals")')
    requests = tuple(Request(item) if isinstance(item, str) else item for item in several)
    for request in requests:
        # Faults of a request are found before any file is read.
        catalogue().parameters(request.indicator, reading=request.reading, overrides=request.parameters)
    return tuple(request for place, request in enumerate(requests) if request not in requests[:place])


def by_parameters(
    request: Request, periods: Sequence[Period]
) -> list[tuple[dict[str, ParameterValue], tuple[Period, ...]]]:
    """Runs of periods that share their parameters: a dated value may change between two of them.

    The periods are those of the indicator's collection: a year of workforce figures ends with the census of 30
    September.
    """
    periods = periods_in(catalogue().indicator(request.indicator).collection, periods)

    def resolved(period: Period) -> dict[str, ParameterValue]:
        return catalogue().parameters(
            request.indicator, reading=request.reading, overrides=request.parameters, on=period.end
        )

    return [(parameters, tuple(alike)) for parameters, alike in groupby(periods, key=resolved)]
