"""The indicators: one module a family, one pure function an indicator, named as its spec is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import polars as pl

from csc_indicators.indicators.referrals import (
    referrals,
    referrals_no_further_action,
    referrals_per_child,
    rereferrals,
)

REGISTRY: Mapping[str, Callable[..., pl.LazyFrame]] = MappingProxyType(
    {
        function.__name__: function
        for function in (referrals, rereferrals, referrals_no_further_action, referrals_per_child)
    }
)
"""Every indicator function by its id."""
