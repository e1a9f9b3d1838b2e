"""What ties the counts of one output together: which are one number, which add up to another, which hold another.

A reader of an output knows more than its numbers: how the figures are made. Here that knowledge is written down as the
facts that `suppression` searches. Whether a fact holds is read from the numbers, not from what figures are called, so
a definition that is new needs nothing said about it; numbers that agree by chance are taken for the same, which hides a
count now and then and gives nothing away.

- **One number printed twice.** Two lines (a breakdown of one area and period) with the same non-zero groups are one,
  whichever indicator, reading or role they come from; so are their totals where those are equal, and a total without
  breakdowns is one with every equal total of its area and period. A denominator that stands beside every group alike is
  the total's. Where a group's numerator is its denominator in every row, the group is a part of the definition ("within
  15 days" of what is counted as in time), and both are one.
- **Sums.** Groups add up to their total, and groups of one breakdown to a group of another (ages to an age band).
  Authorities add up to the parts of London, to regions and to England; Inner and Outer London to London; regions to
  England. The authorities and regions that are there count: an area that lacks some is the sum of the others, and one
  that has a single authority is that authority.
- **Complements.** Two figures whose numerators together are nowhere more than the denominator they share are parts of
  it, as care leavers in suitable and in unsuitable accommodation are. Where they make all of it, each gives the other
  away.
- **Limits.** A numerator is at most its denominator.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from csc_indicators.area_membership import LOCAL_AUTHORITY, NATIONAL, REGIONAL
from csc_indicators.breakdowns import BREAKDOWNS
from csc_indicators.suppression import Facts, hide


def hidden_counts(
    counts: pl.DataFrame, above: Mapping[str, Sequence[str]], nested: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Every count to hide, as (row, role).

    Args:
        counts: One row per count: `row`, `role` (numerator or denominator), the key of its cell as text (indicator,
            reading, parameters, period, level, area_code, breakdown, group), `count`, `least` and `greatest` (Int64:
            the numbers that would be published in the same way, the count among them when it is not small), `small` (it
            must be hidden) and `part_of_whole` (its row's numerator is part of its denominator). Totals have breakdown
            "total" and group "Total".
        above: The codes of the regional areas that an area is in, by its code.
        nested: Groups of one breakdown inside those of another (see `nested_groups`).
    """
    positive = counts.filter(pl.col("count") > 0)
    of_several_areas = positive.filter(pl.col("level") != LOCAL_AUTHORITY).height > 0
    scope = ["period"] if of_several_areas else ["period", "level", "area_code"]
    touched = positive.filter("small").select(scope).unique()
    positive = positive.join(touched, on=scope, how="semi")
    if positive.is_empty():
        return positive.select("row", "role")
    owner = ["indicator", "reading", "parameters", "role"]
    place = ["period", "level", "area_code"]
    positive = _numbered(_numbered(positive, owner, "owner"), place, "place")
    positive, lines = _as_quantities(positive, _wholly_counted(counts))
    by_quantity = (
        positive.group_by("quantity")
        .agg(pl.col("count").first(), pl.col("small").any(), pl.col("least").max(), pl.col("greatest").min())
        .sort("quantity")
    )
    facts = Facts(
        counts=by_quantity["count"].to_list(),
        sums=[
            *_sums_of_lines(lines.filter("of_authority")),
            *_sums_of_areas(positive, above),
            *_sums_of_lines(lines.filter(~pl.col("of_authority"))),
            *(_sums_of_groups(positive, nested) if nested is not None else ()),
            *_sums_of_complements(positive),
        ],
        limits=_limits(positive),
        ranges=list(by_quantity.select("least", "greatest").iter_rows()),
    )
    hidden = hide(facts, by_quantity.filter("small")["quantity"].to_list())
    return positive.filter(pl.col("quantity").is_in(sorted(hidden))).select("row", "role")


def means_that_tell(cells: pl.DataFrame, hidden: pl.DataFrame) -> pl.DataFrame:
    """The rows of means that are a second equation for hidden counts of their groups, as (row, role "sum").

    Where each group stands for one value of the mean (children by how often they were referred), the sum of all says
    how hidden groups share what is left. So no sum of the indicator and period is shown where a group is hidden.

    Args:
        cells: The cells.
        hidden: What is hidden so far, as (row, role).
    """
    telling = [name for name, breakdown in BREAKDOWNS.items() if breakdown.says_value]
    rows = cells.with_row_index("row").with_columns(pl.col("indicator", "period", "breakdown", "unit").cast(pl.String))
    of_hidden = rows.join(hidden, on="row", how="semi").filter(pl.col("breakdown").is_in(telling))
    means = rows.filter(pl.col("unit") == "mean", pl.col("denominator") > 0)
    told = means.join(of_hidden, on=["indicator", "period"], how="semi")
    return told.select("row", pl.lit("sum").alias("role"))


def _wholly_counted(counts: pl.DataFrame) -> pl.DataFrame:
    """The rows of groups whose numerator is their denominator wherever anybody is in them, by (row)."""
    key = ["indicator", "reading", "parameters", "breakdown", "group"]
    parts = counts.filter(pl.col("part_of_whole"), pl.col("count").is_not_null())
    numerators, wholes = (parts.filter(pl.col("role") == role) for role in ("numerator", "denominator"))
    both = wholes.filter(pl.col("count") > 0).join(numerators.select("row", _part="count"), on="row")
    return both.filter((pl.col("_part") == pl.col("count")).all().over(key)).select("row")


def _numbered(frame: pl.DataFrame, columns: list[str], name: str) -> pl.DataFrame:
    """The frame with its distinct combinations of columns numbered in sorted order."""
    distinct = frame.select(columns).unique().sort(columns).with_row_index(name)
    return frame.join(distinct, on=columns, how="left", maintain_order="left")


def _as_quantities(counts: pl.DataFrame, wholly_counted: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Counts with `quantity`, and the distinct lines: `parts` and `whole` (quantities), `of_authority`, `adds_up`."""
    is_total = (pl.col("breakdown") == "total") & (pl.col("group") == "Total")
    totals = counts.filter(is_total).sort("owner", "place").with_row_index("total")
    groups = counts.filter(~is_total).sort("owner", "place", "breakdown", "group")
    lines = (
        groups.group_by("owner", "place", "breakdown", maintain_order=True)
        .agg(
            pl.col("count").sum().alias("sum"),
            pl.struct("group", "count").alias("content"),
            (pl.col("level").first() == LOCAL_AUTHORITY).alias("of_authority"),
            pl.col("count").min().alias("least"),
            pl.col("count").max().alias("most"),
        )
        .join(totals.select("owner", "place", "total", pl.col("count").alias("of")), on=["owner", "place"], how="left")
    )
    # One text per line, because a text can be grouped by; each label carries its length, so no two lines share a text.
    entry = pl.element().struct
    label = entry.field("group")
    lines = lines.with_columns(
        pl.col("content")
        .list.eval(pl.format("{}:{}={}", label.str.len_bytes(), label, entry.field("count")))
        .list.join(";")
        .alias("content")
    )
    lines = _numbered(lines, ["place", "breakdown", "content"], "line")
    same_total = lines.drop_nulls("total").group_by("line", "of").agg(pl.col("total").sort())["total"].to_list()
    unbroken = totals.join(lines, on=["owner", "place"], how="anti").filter(~pl.col("small"))
    equal = totals.join(unbroken.select("place", "count").unique(), on=["place", "count"], how="semi")
    same_total += equal.group_by("place", "count").agg(pl.col("total").sort())["total"].to_list()
    totals = totals.with_columns(_first_of_each(totals.height, same_total).alias("line"))
    # A total's line number is the number of the first total it equals; it sorts after the groups of its area.
    groups = groups.join(lines.select("owner", "place", "breakdown", "line"), on=["owner", "place", "breakdown"])
    together = pl.concat(
        [
            groups.with_columns(pl.lit(value=False).alias("is_total")),
            totals.drop("total").select(groups.columns).with_columns(pl.lit(value=True).alias("is_total")),
        ]
    )
    key = ["place", "is_total", "breakdown", "group", "line"]
    together = _numbered(together, key, "quantity")
    wholes = together.filter("is_total").select("owner", "place", pl.col("quantity").alias("whole"))
    parts = together.filter(~pl.col("is_total")).group_by("line").agg(pl.col("quantity").unique().sort().alias("parts"))
    distinct = (
        lines.unique(["line", "of"], keep="first", maintain_order=True)
        .join(wholes, on=["owner", "place"], how="left")
        .join(parts, on="line", how="left")
        .with_columns((pl.col("sum") == pl.col("of")).alias("adds_up"))
        .sort("line", "whole")
    )
    of, summed = pl.col("of"), pl.col("sum")
    beside_all = distinct.filter(pl.col("least") == of, pl.col("most") == of, summed > of)
    of_rows = together.join(wholly_counted, on="row", how="semi").group_by("row").agg(pl.col("quantity").unique())
    pairs = [*beside_all.select(pl.concat_list("parts", "whole")).to_series(), *of_rows["quantity"]]
    same = sorted(sorted(each) for each in pairs)
    return _merged(together, distinct.select("parts", "whole", "of_authority", "adds_up"), same)


def _merged(
    counts: pl.DataFrame, lines: pl.DataFrame, same: Sequence[Sequence[int]]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Counts and lines with quantities that are the same made one, and numbered anew without gaps."""
    if not same:
        return counts, lines
    one = _first_of_each(counts.select(pl.col("quantity").max() + 1).item(), same)
    number = one.rank("dense").cast(pl.get_index_type()) - 1
    lines = lines.with_columns(
        pl.Series("parts", [number.gather(parts).sort() for parts in lines["parts"]], dtype=lines.schema["parts"]),
        number.gather(lines["whole"]).alias("whole"),
    )
    return counts.with_columns(number.gather(counts["quantity"]).alias("quantity")), lines


def _first_of_each(size: int, same: Iterable[Sequence[int]]) -> pl.Series:
    """For each of `size` things the first of those it is the same as, directly or through others."""
    first = list(range(size))

    def find(thing: int) -> int:
        while first[thing] != thing:
            first[thing] = first[first[thing]]
            thing = first[thing]
        return thing

    for things in same:
        for thing in things[1:]:
            one, other = sorted((find(things[0]), find(thing)))
            first[other] = one
    return pl.Series([find(thing) for thing in range(size)], dtype=pl.get_index_type())


def _sums_of_lines(lines: pl.DataFrame) -> list[tuple[tuple[int, ...], int]]:
    adding = lines.filter("adds_up")
    return [(tuple(parts), whole) for parts, whole in adding.select("parts", "whole").iter_rows()]


def _sums_of_areas(counts: pl.DataFrame, above: Mapping[str, Sequence[str]]) -> list[tuple[tuple[int, ...], int]]:
    """Areas that are exactly the sum of the areas below them, for one count of one breakdown and group."""
    by_level = {level: counts.filter(pl.col("level") == level) for level in (LOCAL_AUTHORITY, REGIONAL, NATIONAL)}
    authorities, regional, nation = by_level.values()
    if not above and regional["area_code"].n_unique() == 1:
        only: str = regional["area_code"][0]
        above = {str(authority): (only,) for authority in authorities["area_code"].unique()}
    pairs = [(area, whole) for area, wholes in above.items() for whole in wholes]
    links = pl.DataFrame(pairs, schema={"area_code": pl.String, "_whole": pl.String}, orient="row")

    def in_wholes(parts: pl.DataFrame) -> pl.DataFrame:
        held = parts.join(links, on="area_code", maintain_order="left")
        return held.with_columns(pl.col("_whole").alias("area_code")).drop("_whole")

    # England is the sum of its regions; a part of one, such as Inner London, is in it already.
    regions = regional.join(links, on="area_code", how="anti", maintain_order="left")
    key = ["owner", "period", "breakdown", "group"]
    found: list[dict[int, set[tuple[int, ...]]]] = []
    for upper, lower, on in (
        (regional, in_wholes(authorities), [*key, "area_code"]),
        (regional, in_wholes(regional), [*key, "area_code"]),
        (nation, regions, key),
        (nation, authorities, key),
    ):
        below = lower.group_by(on).agg(pl.col("count").sum().alias("sum"), pl.col("quantity").sort().alias("parts"))
        exact = upper.join(below, on=on).filter(pl.col("count") == pl.col("sum")).sort("quantity")
        wholes: dict[int, set[tuple[int, ...]]] = {}
        for whole, parts in exact.select("quantity", "parts").iter_rows():
            wholes.setdefault(whole, set()).add(tuple(parts))
        found.append(wholes)
    # England as the sum of its authorities says nothing new where both steps through the regions are known.
    for whole, ways in found[2].items():
        if all(region in found[0] for parts in ways for region in parts):
            found[3].pop(whole, None)
    return [(parts, whole) for wholes in found for whole, ways in wholes.items() for parts in sorted(ways)]


def _sums_of_groups(counts: pl.DataFrame, nested: pl.DataFrame) -> list[tuple[tuple[int, ...], int]]:
    """Groups of one breakdown that are exactly the sum of groups of another."""
    key = ["owner", "place"]
    upper = {"within": "breakdown", "within_group": "group"}
    below = counts.join(nested, on=["breakdown", "group"]).group_by(*key, *upper)
    below = below.agg(pl.col("count").sum().alias("sum"), pl.col("quantity").sort().alias("parts")).rename(upper)
    exact = counts.join(below, on=[*key, "breakdown", "group"]).filter(pl.col("count") == pl.col("sum"))
    return sorted({(tuple(parts), whole) for whole, parts in exact.select("quantity", "parts").iter_rows()})


def _sums_of_complements(counts: pl.DataFrame) -> list[tuple[tuple[int, ...], int]]:
    """Denominators that are exactly the sum of two numerators of theirs, of figures that have no unit in common."""
    parts = counts.filter("part_of_whole")
    wholes = parts.filter(pl.col("role") == "denominator").select("row", whole="quantity", of="count")
    place = ["place", "breakdown", "group", "whole", "of"]
    numerators = parts.filter(pl.col("role") == "numerator").join(wholes, on="row")
    numerators = numerators.select(*place, "owner", "quantity", "count")
    pairs = numerators.join(numerators, on=place, suffix="_other").filter(pl.col("owner") < pl.col("owner_other"))
    both = pl.col("count") + pl.col("count_other")
    # Two parts of one whole are never more than it. Others are, in one row or another.
    apart = (both <= pl.col("of")).all().over("owner", "owner_other")
    found = pairs.filter(apart & (both == pl.col("of"))).select("quantity", "quantity_other", "whole").unique()
    return sorted(((min(pair), max(pair)), whole) for *pair, whole in found.iter_rows() if pair[0] != pair[1])


def _limits(counts: pl.DataFrame) -> list[tuple[int, int]]:
    """Numerator and denominator of one row, where one is part of the other."""
    within = counts.filter("part_of_whole")
    roles = [within.filter(pl.col("role") == role).select("row", "quantity") for role in ("numerator", "denominator")]
    pairs = roles[0].join(roles[1], on="row", suffix="_of").select("quantity", "quantity_of")
    return [pair for pair in pairs.unique().sort("quantity", "quantity_of").iter_rows() if pair[0] != pair[1]]
