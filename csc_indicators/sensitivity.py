"""How far a figure depends on the reading: the same indicator under many readings or parameter values at once.

A sweep is a list of requests, computed in one call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from csc_indicators.catalogue import catalogue
from csc_indicators.engines.requests import Request
from csc_indicators.errors import UsageError
from csc_indicators.specification import ParameterValue


def every_reading(indicator: str) -> list[Request]:
    """A request for each named reading of an indicator, the default one first.

    Raises:
        UsageError: no indicator has this id.

    >>> [request.reading for request in every_reading("referrals")]
    ['published', 'excluding_no_further_action']
    """
    spec = catalogue().indicator(indicator)
    names = [reading.name for reading in spec.reading]
    return [Request(indicator, name) for name in sorted(names, key=lambda name: name != spec.default_reading)]


def vary(
    indicator: str, values: Mapping[str, Sequence[ParameterValue]], *, reading: str | None = None
) -> list[Request]:
    """A request for each combination of parameter values.

    Args:
        indicator: The indicator's id.
        values: For each parameter to vary, the values it takes.
        reading: The reading whose other parameters apply; the default one when left out.

    Raises:
        UsageError: the indicator has no such parameter, or a parameter may not take such a value.

    >>> requests = vary("rereferrals", {"window_months": [6, 12], "measured_from": ["referral", "closure"]})
    >>> len(requests), dict(requests[1].parameters)
    (4, {'window_months': 6, 'measured_from': 'closure'})
    """
    for name, several in values.items():
        if not isinstance(several, (list, tuple)) or not several:
            raise UsageError(f"{name} is varied over a list of values, such as [6, 12]")
    requests = [
        Request(indicator, reading, dict(zip(values, combination, strict=True)))
        for combination in product(*values.values())
    ]
    for request in requests:
        catalogue().parameters(indicator, reading=reading, overrides=request.parameters)
    return requests
