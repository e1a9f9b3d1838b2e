"""Statistical disclosure control: small counts hidden, what would give them away hidden too, larger areas rounded.

`publish` is the one way from cells to anything written: writers accept only a `Published`, and only this module makes
one. The rules are data, in `specs/policies.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import InitVar, dataclass, fields
from functools import cache
from types import MappingProxyType
from typing import Any, cast

import polars as pl

from csc_indicators.area_membership import LEVELS
from csc_indicators.errors import FatalFindings, UsageError
from csc_indicators.linked_counts import hidden_counts, means_that_tell
from csc_indicators.names import suggestion
from csc_indicators.nested_groups import nested_in

NUMERATOR, DENOMINATOR, UNITS = "numerator", "denominator", "units"

COUNTS_OF_UNIT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "percent": (NUMERATOR, DENOMINATOR),
        "share": (NUMERATOR, DENOMINATOR),
        "survival": (NUMERATOR, DENOMINATOR),
        "ratio": (NUMERATOR, DENOMINATOR),
        "per_10000": (NUMERATOR, DENOMINATOR),
        "rate_per_10000": (NUMERATOR,),
        "count": (NUMERATOR,),
        "mean": (DENOMINATOR,),
        "months": (DENOMINATOR,),
    }
)
"""Which of the two columns hold counts of people or events. The denominator of a rate is a public population; the
numerator of a mean is a sum of values."""

PARTS_OF_A_WHOLE = ("percent", "share", "survival")
"""Units whose numerator is part of the denominator. A ratio compares two counts, and either may be the larger."""

CELL_KEY = ("indicator", "reading", "parameters", "period", "level", "area_code", "breakdown", "group")
NUMBERS = (NUMERATOR, DENOMINATOR, "value", "lower", "upper")

_MAKER = object()


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How one family of statistics is protected.

    Counts of 1 to `threshold` are hidden. `rounding` gives for each level the multiple to which remaining counts are
    rounded half-up (1: not rounded). `secondary` also hides what would let a hidden count be worked out. Ratios always
    come from unrounded counts.

    Raises:
        UsageError: a value is impossible.
    """

    name: str
    title: str
    source: str
    threshold: int
    rounding: Mapping[str, int]
    secondary: bool = True
    ratio_from: str = "unrounded"
    protects: str = "counts"

    def __post_init__(self) -> None:
        if fault := next(iter(self._faults()), None):
            raise UsageError(f"disclosure policy {self.name!r}: {fault}")
        object.__setattr__(self, "rounding", MappingProxyType(dict(self.rounding)))

    @property
    def of_counts(self) -> bool:
        """Whether numerators and denominators are counts of people, to be hidden and rounded as such.

        They are none where the number of units behind them is protected, nor where nothing is hidden or rounded.
        """
        shows_everything = self.threshold == 0 and all(base == 1 for base in self.rounding.values())
        return self.protects == "counts" and not shows_everything

    def _faults(self) -> list[str]:
        faults = [
            f"{key} must be text that is not empty"
            for key in ("name", "title", "source")
            if not isinstance(getattr(self, key), str) or not getattr(self, key).strip()
        ]
        if type(self.threshold) is not int or self.threshold < 0:
            faults.append("threshold must be a whole number, 0 or more")
        if type(self.secondary) is not bool:
            faults.append("secondary must be true or false")
        if self.protects not in ("counts", UNITS):
            faults.append(f'protects must be "counts" or "{UNITS}"')
        if self.ratio_from != "unrounded":
            faults.append('ratio_from must be "unrounded"')
        if not isinstance(self.rounding, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
            return [*faults, "rounding must be a table of levels"]
        faults += [f"rounding has no level {level!r}" for level in LEVELS if level not in self.rounding]
        for level, base in self.rounding.items():
            if level not in LEVELS:
                faults.append(f"rounding names the unknown level {level!r}.{suggestion(level, LEVELS)}")
            elif type(base) is not int or base < 1:
                faults.append(f"rounding of {level!r} must be a whole number, 1 or more")
            elif self.protects == UNITS and base != 1:
                faults.append(f"rounding of {level!r} must be 1: numbers that are no counts are not rounded")
        return faults


@dataclass(frozen=True)
class Published:
    """Cells that may be written: made by `publish` and by nothing else.

    `restricted` is true when nothing was hidden, so every output must be marked as not for publication.

    Raises:
        TypeError: constructed anywhere but in `publish`.
    """

    frame: pl.DataFrame
    restricted: bool
    policies: tuple[str, ...]
    maker: InitVar[object] = None

    def __post_init__(self, maker: object) -> None:
        if maker is not _MAKER:
            raise TypeError("only csc_indicators.disclosure.publish makes a Published")

    def only(self, rows: pl.Expr) -> Published:
        """Some of the cells. They were protected beside the others, so fewer of them show no more."""
        return Published(self.frame.filter(rows), self.restricted, self.policies, _MAKER)

    def beside(self, derive: Callable[[pl.DataFrame], pl.DataFrame]) -> Published:
        """The cells with further rows that are worked out from them, and so say nothing that they do not say already.

        Args:
            derive: Gives rows with the same columns, from the published cells alone.
        """
        further = derive(self.frame).select(self.frame.columns)
        return Published(pl.concat([self.frame, further]), self.restricted, self.policies, _MAKER)


def read_policies(text: str) -> dict[str, Policy]:
    """The policies a TOML text holds, by name.

    Raises:
        FatalFindings: the text is not TOML, a key is unknown or missing, or a value is impossible; every fault at once.
    """
    try:
        tables: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FatalFindings(f"policies.toml cannot be read: {error}") from error
    allowed = [field.name for field in fields(Policy) if field.name != "name"]
    policies: dict[str, Policy] = {}
    faults: list[str] = []
    for name, table in tables.items():
        if not isinstance(table, dict):
            faults.append(f"{name!r} must be a table, one for each policy")
            continue
        keys = cast("dict[str, Any]", table)
        unknown = [f"unknown key {key!r}.{suggestion(key, allowed)}" for key in keys if key not in allowed]
        missing = [f"missing key {key!r}" for key in allowed if key not in keys and key != "protects"]
        if unknown or missing:
            faults += [f"disclosure policy {name!r}: {fault}" for fault in (*unknown, *missing)]
            continue
        try:
            policies[name] = Policy(name=name, **keys)
        except UsageError as error:
            faults.append(str(error))
    if faults:
        raise FatalFindings("policies.toml: " + "; ".join(faults))
    return policies


def policy(name: str) -> Policy:
    """The policy of that name in `specs/policies.toml`.

    Raises:
        UsageError: there is no such policy; the message has the nearest name.
        FatalFindings: the file has a fault.
    """
    policies = _policies()
    if name not in policies:
        raise UsageError(f"no disclosure policy is called {name!r}.{suggestion(name, policies)}")
    return policies[name]


@cache
def _policies() -> dict[str, Policy]:
    from csc_indicators.specification import specs_folder  # noqa: PLC0415 - only a call needs the specs to be present

    return read_policies(specs_folder().joinpath("policies.toml").read_text(encoding="utf-8"))


def publish(
    cells: pl.DataFrame,
    policies: Mapping[str, Policy],
    *,
    internal: bool = False,
    above: Mapping[str, Sequence[str]] | None = None,
) -> Published:
    """Protect a table of cells: hide, then round.

    Counts are the numerators of percentages, shares, ratios, rates and counts, and the denominators of percentages,
    shares, ratios and means. In order:

    1. A count of 1 to the threshold is hidden: the number becomes null and the row's status `c`. Zero stays zero.
    2. A hidden denominator hides its numerator, unless that is a true zero. A visible numerator would be a floor under
       the hidden denominator; and the rows that cover small denominators then cover small numerators as well, so fewer
       rows lose their value. The sum behind a mean always goes, because for one child it is that child's value. A
       hidden numerator leaves the denominator. The two counts of a ratio are hidden each on its own.
    3. A row with a hidden number has no value, lower or upper: a rate times its population is its numerator.
    4. Under `secondary`, more is hidden until every hidden count could be at least two numbers for a reader who knows
       the policy and how the figures are made: which are one number, which add up to another over groups and areas, and
       which hold another. `linked_counts` says what that is, `suppression` how it is searched.
       The mean of all goes where its groups each stand for a value and one is hidden: it is a second equation.
    5. Remaining counts are rounded half-up to the base of their level. A count that rounds to zero has status `k`.

    Where a policy protects `units`, numerator and denominator are no counts (days, pounds, parts of posts): the number
    of units behind the cell, its column `units`, is put to steps 1 and 4, and what it hides is the whole row. The
    column itself is never published.

    Rounding protects a count only where no ratio stands beside it: a ratio comes from unrounded counts, and gives them
    back, or nearly. So step 4 takes a rounded count beside a percentage, rate or mean for one that is not rounded.

    Groups that do not add up to the total (a child may have several factors) are no sum, and get steps 1 to 3 only.
    The same holds for areas, so a total that covers more than the authorities present is no sum of theirs. Authorities
    add up to England, and to the region when one region is present; for several, `above` says which is whose.

    Not covered: what is left when one published count is taken from another that contains it without being their sum (a
    denominator less its numerator; the same count under a stricter and a laxer reading; those at the end of a year less
    those at its start).

    Args:
        cells: one row per indicator, reading, parameters, period, area, breakdown and group; numbers Float64.
        policies: policy by indicator id.
        internal: change nothing and mark the result restricted.
        above: the codes of the regional areas that an authority (or a part of a region) is in, by its code.

    Returns:
        The cells with the same rows, order and columns.

    Raises:
        UsageError: an indicator has no policy, a unit or level is unknown, a cell occurs twice, or counts are not
            counts. Messages name indicators only.
    """
    _check(cells, policies, to_the_public=not internal)
    used = {indicator: policies[indicator] for indicator in sorted(cells["indicator"].cast(pl.String).unique())}
    names = tuple(sorted({each.name for each in used.values()}))
    if internal or cells.is_empty():
        return Published(cells.drop(UNITS, strict=False), internal, names, _MAKER)
    counts = _counts(cells, used)
    hidden = pl.concat(
        [
            hidden_counts(counts.filter("secondary"), above or {}, nested_in(cells)),
            counts.filter(~pl.col("secondary"), "small").select("row", "role"),
        ]
    )
    hidden = pl.concat([hidden, means_that_tell(cells, hidden)])
    return Published(_protected(cells, used, hidden), restricted=False, policies=names, maker=_MAKER)


def _check(cells: pl.DataFrame, policies: Mapping[str, Policy], *, to_the_public: bool) -> None:
    """Refuse what is no table of cells; only what is protected must be whole numbers."""
    if missing := [column for column in (*CELL_KEY, *NUMBERS, "status", "unit") if column not in cells.columns]:
        raise UsageError(f"cells lack the columns {', '.join(missing)}")
    if without := sorted(set(cells["indicator"].cast(pl.String).unique()) - set(policies)):
        raise UsageError(f"no disclosure policy is given for {', '.join(without)}")
    if unknown := sorted(set(cells["unit"].cast(pl.String).unique()) - set(COUNTS_OF_UNIT)):
        raise UsageError(f"which numbers to protect is not known for the unit {', '.join(unknown)}")
    if unknown := sorted(set(cells["level"].cast(pl.String).unique()) - set(LEVELS)):
        raise UsageError(f"no rounding is known for the level {', '.join(unknown)}")
    number, other = pl.col(NUMERATOR), pl.col(DENOMINATOR)
    unit = pl.col("unit").cast(pl.String)
    by_units = [indicator for indicator, rule in policies.items() if rule.protects == UNITS]
    if to_the_public and UNITS not in cells.columns and cells["indicator"].cast(pl.String).is_in(by_units).any():
        raise UsageError(f"cells lack the column {UNITS}, by which {', '.join(sorted(by_units))} are protected")
    guarded = pl.col("indicator").cast(pl.String).is_in(_of_counts(policies))
    of_counts = [pl.when(guarded & unit.is_in(_units(role))).then(pl.col(role)) for role in (NUMERATOR, DENOMINATOR)]
    broken = [(count != count.floor() if to_the_public else pl.lit(value=False)) for count in of_counts]
    faults = {
        "cells that occur more than once": pl.struct(CELL_KEY).is_duplicated(),
        "counts that are negative or not whole": pl.any_horizontal(
            *((count < 0) | ~count.is_finite() for count in of_counts), *broken
        ),
        "numerators above their denominator": guarded & unit.is_in(PARTS_OF_A_WHOLE) & (number > other),
    }
    for fault, found in faults.items():
        if concerned := sorted(cells.filter(found)["indicator"].cast(pl.String).unique()):
            raise UsageError(f"{', '.join(concerned)}: {fault}; nothing can be published")


def _of_counts(policies: Mapping[str, Policy]) -> list[str]:
    """The indicators whose numbers are counts of people; those of others may be pounds, days or parts of posts."""
    return [indicator for indicator, rule in policies.items() if rule.of_counts]


def _units(*roles: str) -> list[str]:
    return [unit for unit, counts in COUNTS_OF_UNIT.items() if set(roles) <= set(counts)]


def _counts(cells: pl.DataFrame, policies: Mapping[str, Policy]) -> pl.DataFrame:
    """One row per count present: its cell's key, `row, role, count, least, greatest, small, part_of_whole, secondary`.

    `least` and `greatest` are what a reader who knows the policy can take a rounded count to be.
    """
    keyed = cells.with_columns(_bases(cells, policies)).with_row_index("row")
    keyed = keyed.with_columns(pl.col(*CELL_KEY, "unit").cast(pl.String).fill_null(""))
    name, base, printed = pl.col("indicator"), pl.col("_base"), _half_up(pl.col("count"))
    threshold = name.replace_strict({each: rule.threshold for each, rule in policies.items()}, return_dtype=pl.Int64)
    secondary = name.replace_strict({each: rule.secondary for each, rule in policies.items()}, return_dtype=pl.Boolean)
    # A ratio comes from unrounded counts, so a count that stands beside one is as good as not rounded.
    exact = pl.when(pl.col("value").is_not_null() & (pl.col("unit") != "count")).then("count")
    guarded = name.is_in(_of_counts(policies))
    by_units = name.is_in([indicator for indicator, rule in policies.items() if rule.protects == UNITS])
    held = {NUMERATOR: guarded, DENOMINATOR: guarded, **({UNITS: by_units} if UNITS in cells.columns else {})}
    of_roles = [
        keyed.filter(
            asked, pl.col("unit").is_in(_units(role)) | (role == UNITS), pl.col(role).is_not_null()
        ).with_columns(pl.lit(role).alias("role"), pl.col(role).cast(pl.Int64).alias("count"))
        for role, asked in held.items()
    ]
    return pl.concat(of_roles).select(
        "row",
        *CELL_KEY,
        "role",
        "count",
        exact.otherwise(pl.max_horizontal(printed - base // 2, threshold + 1)).alias("least"),
        exact.otherwise(printed + (base + 1) // 2 - 1).alias("greatest"),
        pl.col("count").is_between(1, threshold).alias("small"),
        pl.col("unit").is_in(PARTS_OF_A_WHOLE).alias("part_of_whole"),
        secondary.alias("secondary"),
    )


def _half_up(count: pl.Expr) -> pl.Expr:
    """Rounded half-up to a multiple of `_base`, in whole numbers, because engines differ on how a half is rounded."""
    base = pl.col("_base")
    return (2 * count + base) // (2 * base) * base


def _protected(cells: pl.DataFrame, policies: Mapping[str, Policy], hidden: pl.DataFrame) -> pl.DataFrame:
    """The cells with hidden numbers emptied and the remaining counts rounded."""
    columns = [column for column in cells.columns if column != UNITS]
    base = _bases(cells, policies)
    rows = pl.int_range(pl.len(), dtype=pl.get_index_type())
    unit = pl.col("unit").cast(pl.String)
    guarded = pl.col("indicator").cast(pl.String).is_in(_of_counts(policies))

    def hides(role: str) -> pl.Expr:
        return rows.is_in(hidden.filter(pl.col("role") == role)["row"].implode())

    def rounded(role: str) -> pl.Expr:
        whole = _half_up(pl.col(role).cast(pl.Int64, strict=False)).cast(pl.Float64)
        return pl.when(guarded & unit.is_in(_units(role))).then(whole).otherwise(pl.col(role)).alias(role)

    marked = cells.with_columns(
        base,
        hides(NUMERATOR).alias("_numerator"),
        hides(DENOMINATOR).alias("_denominator"),
        (hides(UNITS) | hides("sum")).alias("_sum"),
        hides(UNITS).alias("_few"),
    )
    of_values = pl.col("_sum") | (pl.col("_denominator") & ~unit.is_in(_units(NUMERATOR)))
    some = pl.col("_numerator") | pl.col("_denominator") | pl.col("_sum")
    rounds_to_zero = guarded & (pl.col(NUMERATOR) > 0) & (rounded(NUMERATOR) == 0) & unit.is_in(_units(NUMERATOR))
    of_count = guarded & (unit == "count") & pl.col("value").is_not_null()
    return marked.with_columns(
        _emptied(rounded(NUMERATOR), pl.col("_numerator") | of_values),
        _emptied(rounded(DENOMINATOR), pl.col("_denominator") | pl.col("_few")),
        _emptied(pl.when(of_count).then(rounded(NUMERATOR)).otherwise(pl.col("value")).alias("value"), some),
        _emptied(pl.col("lower"), some),
        _emptied(pl.col("upper"), some),
        pl.when(some)
        .then(pl.lit("c"))
        .when(rounds_to_zero & (pl.col("status") == "ok"))
        .then(pl.lit("k"))
        .otherwise(pl.col("status"))
        .alias("status"),
    ).select(columns)


def _bases(cells: pl.DataFrame, policies: Mapping[str, Policy]) -> pl.Series:
    """What the counts of each row are rounded to, as the column `_base`."""
    bases = pl.DataFrame(
        [(indicator, level, base) for indicator, rule in policies.items() for level, base in rule.rounding.items()],
        schema={"indicator": pl.String, "level": pl.String, "_base": pl.Int64},
        orient="row",
    )
    keys = cells.select(pl.col("indicator", "level").cast(pl.String))
    return keys.join(bases, on=["indicator", "level"], how="left", maintain_order="left")["_base"]


def _emptied(number: pl.Expr, hidden: pl.Expr) -> pl.Expr:
    return pl.when(~hidden).then(number).alias(number.meta.output_name())
