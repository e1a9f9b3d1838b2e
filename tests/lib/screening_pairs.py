"""Pairs of tidy files: the sound ones of `tests/screening_fixtures/pass`, and for each rule of the screen one that it
breaks, made from a sound one by a single change."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import polars as pl

from csc_indicators.outputs.screening.vocabulary import META_COLUMNS

SOUND = Path(__file__).parents[1] / "screening_fixtures" / "pass"


class Pair(NamedTuple):
    """A data and a metadata table as text, and the names of their files without ending."""

    data: pl.DataFrame
    meta: pl.DataFrame
    data_stem: str = "figures"
    meta_stem: str = "figures"

    def written(self, folder: Path) -> Path:
        """Write the two files, and return the data file."""
        data, meta = folder / f"{self.data_stem}.csv", folder / f"{self.meta_stem}.meta.csv"
        self.data.write_csv(data)
        self.meta.write_csv(meta)
        return data


class Fault(NamedTuple):
    """What breaks a rule, what the message must name, and the other rules that the change cannot but break."""

    case: str
    pair: Callable[[], Pair]
    says: str
    also: tuple[str, ...] = ()


def sound(name: str) -> Pair:
    def read(ending: str) -> pl.DataFrame:
        return pl.read_csv(SOUND / f"{name}{ending}", infer_schema=False).fill_null("")

    return Pair(read(".csv"), read(".meta.csv"))


def with_cell(table: pl.DataFrame, row: int, **cells: str) -> pl.DataFrame:
    """The table with other text in some cells of a row, the first being 1."""
    return table.with_columns(
        pl.when(pl.int_range(pl.len()) == row - 1).then(pl.lit(text)).otherwise(pl.col(column)).alias(column)
        for column, text in cells.items()
    )


def in_data(row: int, /, of: str = "years", **cells: str) -> Callable[[], Pair]:
    def pair() -> Pair:
        base = sound(of)
        return base._replace(data=with_cell(base.data, row, **cells))

    return pair


def in_meta(row: int, /, of: str = "years", **cells: str) -> Callable[[], Pair]:
    def pair() -> Pair:
        base = sound(of)
        return base._replace(meta=with_cell(base.meta, row, **cells))

    return pair


def renamed(old: str, new: str, of: str = "years") -> Callable[[], Pair]:
    """A column under another name, in both files."""

    def pair() -> Pair:
        base = sound(of)
        swap = pl.col("col_name", "filter_grouping_column").replace({old: new})
        return base._replace(data=base.data.rename({old: new}), meta=base.meta.with_columns(swap))

    return pair


def changed(
    of: str = "years",
    data: Callable[[pl.DataFrame], pl.DataFrame] = lambda table: table,
    meta: Callable[[pl.DataFrame], pl.DataFrame] = lambda table: table,
    **stems: str,
) -> Callable[[], Pair]:
    def pair() -> Pair:
        base = sound(of)
        return base._replace(data=data(base.data), meta=meta(base.meta), **stems)

    return pair


def whole_column(column: str, text: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda table: table.with_columns(pl.lit(text).alias(column))


def described_as_filter(table: pl.DataFrame, name: str) -> pl.DataFrame:
    row = {**dict.fromkeys(META_COLUMNS, ""), "col_name": name, "col_type": "Filter", "label": name}
    return pl.concat([pl.DataFrame([row]), table])


def characteristics(*rows: tuple[str, str]) -> Callable[[], Pair]:
    """Quarters of made-up figures by characteristic, as in files of former years."""

    def pair() -> Pair:
        base = sound("quarters")
        quarter = base.data.head(1).with_columns(
            pl.lit("Total").alias("characteristic_group"), pl.lit("Total").alias("characteristic")
        )
        more = [
            quarter.with_columns(pl.lit(group).alias("characteristic_group"), pl.lit(item).alias("characteristic"))
            for group, item in rows
        ]
        meta = described_as_filter(described_as_filter(base.meta, "characteristic"), "characteristic_group")
        return base._replace(data=pl.concat([quarter, *more]), meta=meta)

    return pair


def many_items() -> Pair:
    base = sound("quarters")
    items = pl.DataFrame({"kind": ["Total", *(f"Kind {number}" for number in range(25_000))]})
    return base._replace(data=base.data.head(1).join(items, how="cross"), meta=described_as_filter(base.meta, "kind"))


def only_planning_areas(table: pl.DataFrame) -> pl.DataFrame:
    return table.filter(pl.col("geographic_level") == "Planning area")


def schools_and_providers(table: pl.DataFrame) -> pl.DataFrame:
    units = {"school_urn": "", "school_name": "", "school_laestab": "", "provider_ukprn": "", "provider_name": ""}
    blank = table.head(1).with_columns(pl.lit(text).alias(name) for name, text in units.items())
    school = with_cell(
        blank, 1, geographic_level="School", school_urn="1", school_name="A school", school_laestab="3021000"
    )
    return pl.concat(
        [blank, school, with_cell(blank, 1, geographic_level="Provider", provider_ukprn="1", provider_name="A college")]
    )


FAULTS: dict[str, list[Fault]] = {
    "filename_spaces": [
        Fault("in both", changed(data_stem="my figures", meta_stem="my figures"), "my figures.csv; my figures.meta.csv")
    ],
    "filename_special": [
        Fault("in both", changed(data_stem="figures(2)", meta_stem="figures(2)"), "figures(2).csv"),
        Fault("a second ending", changed(data_stem="a.b", meta_stem="a.b"), "a.b.csv"),
    ],
    "filenames_match": [Fault("another stem", changed(meta_stem="figure"), "figure.meta.csv beside figures.csv")],
    "col_req_meta": [
        Fault("one is lacking", changed(meta=lambda table: table.drop("filter_hint")), "Not so: filter_hint")
    ],
    "col_invalid_meta": [Fault("one too many", changed(meta=whole_column("note", "")), "Not so: note")],
    "col_req_data": [
        Fault("one is lacking", changed(data=lambda table: table.drop("country_name")), "Not so: country_name")
    ],
    "col_to_rows": [
        Fault(
            "a row twice",
            changed("quarters", meta=lambda table: pl.concat([table, table])),
            "2 rows beside 6 columns",
        )
    ],
    "cross_meta_to_data": [
        Fault("a filter", in_meta(3, col_name="need"), "Not so: need", ("cross_data_to_meta",)),
        Fault("an indicator", in_meta(4, col_name="referrals"), "Not so: referrals", ("cross_data_to_meta",)),
    ],
    "cross_data_to_meta": [
        Fault(
            "an undescribed filter",
            changed(meta=lambda table: table.filter(pl.col("col_name") != "length_of_need")),
            "Not so: length_of_need",
            ("general_dupes",),
        )
    ],
    "col_names_spaces": [
        Fault(
            "a space within",
            renamed("length_of_need", "length of_need"),
            "Not so: length of_need",
            ("col_snake_case",),
        )
    ],
    "col_snake_case": [Fault("capitals", renamed("length_of_need", "length_of_Need"), "Not so: length_of_Need")],
    "col_var_start": [Fault("a digit", renamed("length_of_need", "2_years_need"), "Not so: 2_years_need")],
    "col_ind_smushed": [
        Fault("an item", renamed("referral_count", "male_referral_count"), "Not so: male_referral_count"),
        Fault("inside a word", renamed("rereferral_percent", "comparable_rate"), "Not so: comparable_rate"),
    ],
    "col_var_characteristic": [
        Fault("a filter", renamed("length_of_need", "characteristic"), "Not so: characteristic"),
        Fault("a group", renamed("breakdown_topic", "characteristic_group"), "Not so: characteristic_group"),
    ],
    "meta_col_type": [Fault("a small letter", in_meta(4, col_type="indicator"), "1 row (4)")],
    "meta_ob_unit": [
        Fault("a place", changed(meta=lambda table: described_as_filter(table, "la_name")), "Not so: la_name")
    ],
    "meta_col_name": [Fault("blank", in_meta(3, col_name=" "), "1 row (3)", ("cross_data_to_meta",))],
    "meta_dupe_label": [Fault("twice", in_meta(4, label="Re-referrals"), "Not so: Re-referrals")],
    "meta_fil_grp": [
        Fault(
            "of an indicator",
            changed(
                meta=lambda table: with_cell(
                    with_cell(table, 4, filter_grouping_column="breakdown_topic"), 2, filter_grouping_column=""
                )
            ),
            "Not so: referral_count",
        )
    ],
    "meta_fil_grp_dupe": [
        Fault("of two filters", in_meta(3, filter_grouping_column="breakdown_topic"), "Not so: breakdown_topic")
    ],
    "meta_fil_grp_is_fil": [Fault("no row", changed(meta=lambda table: table.slice(1)), "Not so: breakdown_topic")],
    "meta_fil_grp_match": [
        Fault("not there", in_meta(2, filter_grouping_column="topic"), "Not so: topic", ("meta_fil_grp_is_fil",))
    ],
    "meta_fil_grp_stripped": [Fault("a hyphen", in_data(2, breakdown_topic="To-tal"), "Not so: breakdown_topic")],
    "meta_label": [Fault("blank", in_meta(4, label=""), "Not so: referral_count")],
    "meta_filter_hint": [Fault("of an indicator", in_meta(4, filter_hint="Choose"), "Not so: referral_count")],
    "meta_geog_catch": [
        Fault("a legal status", renamed("length_of_need", "last_legal_status_code"), "Not so: last_legal_status_code"),
        Fault("a group", renamed("breakdown_topic", "region"), "Not so: region"),
    ],
    "meta_indicator_dp": [Fault("of a filter", in_meta(3, indicator_dp="0"), "Not so: length_of_need")],
    "meta_col_name_spaces": [
        Fault("after the name", in_meta(4, col_name="referral_count "), "Not so: referral_count ")
    ],
    "meta_col_name_dupe": [
        Fault(
            "twice",
            changed(meta=lambda table: pl.concat([table, with_cell(table, 4, label="Again").slice(3, 1)])),
            "Not so: referral_count",
        )
    ],
    "meta_ind_dp_set": [Fault("blank", in_meta(4, indicator_dp=""), "Not so: referral_count")],
    "meta_ind_dp_values": [
        Fault("negative", in_meta(4, indicator_dp="-1"), "Not so: referral_count"),
        Fault("not whole", in_meta(4, indicator_dp="1.5"), "Not so: referral_count"),
    ],
    "meta_ind_unit": [Fault("of a filter", in_meta(3, indicator_unit="%"), "Not so: length_of_need")],
    "meta_ind_unit_validation": [Fault("days", in_meta(4, indicator_unit="days"), "Not so: referral_count")],
    "meta_indicator_grouping": [
        Fault("of a filter", in_meta(3, indicator_grouping="Numbers"), "Not so: length_of_need")
    ],
    "time_period_num": [Fault("a hyphen", in_data(1, time_period="2019-20"), "1 row (1)")],
    "time_id_valid": [Fault("a small letter", in_data(1, time_identifier="reporting year"), "1 row (1)")],
    "time_id_mix": [
        Fault("two kinds of year", in_data(1, time_identifier="Calendar year"), "Calendar year, Reporting year")
    ],
    "filter_not_singular": [
        Fault(
            "one item",
            changed(data=lambda table: table.filter(pl.col("length_of_need") == "Total")),
            "Not so: length_of_need",
        )
    ],
    "geog_level": [Fault("a capital", in_data(1, geographic_level="Local Authority"), "1 row (1)")],
    "geog_level_present": [
        Fault(
            "no column",
            changed(data=lambda table: table.drop("la_name")),
            "Not so: la_name",
        )
    ],
    "time_period": [
        Fault("six digits of a reporting year", in_data(1, time_period="201920"), "1 row (1)"),
        Fault("four digits of a quarter", in_data(2, of="quarters", time_period="2024"), "1 row (2)"),
    ],
    "time_period_six": [Fault("two years apart", in_data(2, of="quarters", time_period="202426"), "1 row (2)")],
    "filter_defaults": [
        Fault(
            "no total",
            changed(data=lambda table: table.with_columns(pl.col("length_of_need").replace({"Total": "All"}))),
            "Not so: length_of_need",
        ),
        Fault("another default", changed(meta=whole_column("filter_default", "All")), "Not so: breakdown_topic"),
    ],
    "filter_group_level": [
        Fault(
            "the wrong way round",
            changed(
                meta=lambda table: with_cell(
                    with_cell(table, 2, filter_grouping_column=""), 1, filter_grouping_column="breakdown"
                )
            ),
            "Not so: breakdown_topic",
        )
    ],
    "filter_item_limit": [Fault("too many", many_items, "Not so: kind")],
    "filter_whitespace": [
        Fault("an item", in_data(3, breakdown="Female "), "breakdown: 1 row (3)"),
        Fault(
            "a place",
            in_data(13, region_name=" Outer London"),
            "region_name: 1 row (13)",
        ),
    ],
    "filter_ob_total": [Fault("a place", in_data(1, la_name="All"), "la_name: 1 row (1)")],
    "filter_blanks": [Fault("an item", in_data(3, breakdown=""), "breakdown: 1 row (3)")],
    "country_combos": [Fault("another name", in_data(1, country_name="Britain"), "1 row (1)")],
    "region_combos": [
        Fault("another spelling", in_data(7, region_name="South east"), "1 row (7)"),
        Fault("in a row of an authority", in_data(19, region_code="E12000009"), "1 row (19)"),
    ],
    "la_combos": [
        Fault("another name", in_data(19, la_name="Bucks"), "1 row (19)"),
        Fault("codes of two authorities", in_data(19, old_la_code="302"), "1 row (19)"),
    ],
    "level_completed": [Fault("no name", in_data(7, region_name="", region_code=""), "region_name: 1 row (7)")],
    "ignored_rows": [
        Fault("never shown", changed("other_levels", data=only_planning_areas), "Planning area only"),
        Fault("two kinds of unit", changed("other_levels", data=schools_and_providers), "School and Provider together"),
    ],
    "other_dupes": [
        Fault("two codes", in_data(4, of="other_levels", opportunity_area_name="Derby"), "opportunity_area_name of")
    ],
    "other_code_dupes": [
        Fault("two names", in_data(4, of="other_levels", opportunity_area_code="E1"), "opportunity_area_code of")
    ],
    "la_col_present": [
        Fault("no codes", changed("quarters", data=whole_column("la_name", "")), "Not so: new_la_code; old_la_code")
    ],
    "region_col_present": [
        Fault("no code", changed("quarters", data=whole_column("region_name", "")), "Not so: region_code")
    ],
    "region_for_la": [
        Fault("blank", in_data(19, region_code="", region_name=""), "region_code: 1 row (19)"),
        Fault(
            "no columns",
            changed(
                data=lambda table: table.filter(pl.col("geographic_level") == "Local authority").drop(
                    "region_code", "region_name"
                )
            ),
            "region_code: 24 rows (1, 2, ",
        ),
    ],
    "region_for_lad": [
        Fault("blank", in_data(2, of="other_levels", region_code="", region_name=""), "region_code: 1 row (2)")
    ],
    "na": [Fault("another name", in_data(6, of="other_levels", pfa_name="Unknown"), "pfa_code: 1 row (6)")],
    "na_code": [Fault("another code", in_data(6, of="other_levels", pfa_code="u"), "pfa_code: 1 row (6)")],
    "overcompleted_cols": [
        Fault(
            "a region in a row of England", in_data(1, region_code="E12000007", region_name="London"), "region_code: 1"
        )
    ],
    "general_dupes": [Fault("twice", changed(data=lambda table: pl.concat([table, table.head(1)])), "2 rows (1, 61)")],
    "general_null": [
        Fault("in the data", in_data(1, referral_count="NA"), "referral_count: 1 row (1)"),
        Fault("in the metadata", in_meta(3, filter_hint="null"), "filter_hint of the metadata: 1 row (3)"),
    ],
    "general_former_symbols": [
        Fault("a full stop", in_data(1, breakdown="."), "breakdown: 1 row (1)"),
        Fault("of a number", in_data(1, referral_count=".."), "referral_count: 1 row (1)", ("ind_number_or_symbol",)),
    ],
    "ind_invalid_entry": [
        Fault("empty", in_data(1, referral_count=""), "referral_count: 1 row (1)"),
        Fault("obsolete", in_data(2, referral_count="~"), "referral_count: 1 row (2)"),
    ],
    "ind_number_or_symbol": [
        Fault("a comma", in_data(1, referral_count="1,234"), "referral_count: 1 row (1)"),
        Fault("an exponent", in_data(1, referral_count="1e3"), "referral_count: 1 row (1)"),
        Fault("a symbol that there is not", in_data(1, referral_count="k"), "referral_count: 1 row (1)"),
    ],
    "harmonised_variables": [
        Fault("ethnicity", renamed("length_of_need", "ethnicity"), "Not so: ethnicity"),
        Fault("of an indicator", renamed("referral_count", "ethnicity_known"), "Not so: ethnicity_known"),
        Fault("a need", renamed("length_of_need", "primary_need"), "Not so: primary_need"),
    ],
    "eth_vals": [
        Fault("a pair", in_data(3, of="ethnicity", ethnicity_minor="Indian"), "ethnicity_minor: 1 row (3)"),
        Fault("a major group alone", renamed("length_of_need", "ethnicity_major"), "ethnicity_major: 30 rows (2, 4"),
        Fault("a minor group alone", renamed("length_of_need", "ethnicity_minor"), "ethnicity_minor: 30 rows (2, 4"),
    ],
    "eth_char_grp": [
        Fault(
            "another name",
            characteristics(("Ethnicity", "White")),
            "characteristic_group: 1 row (2)",
            ("col_var_characteristic",),
        )
    ],
    "eth_char_vals": [
        Fault(
            "another group",
            characteristics(("Ethnicity Major", "Blue")),
            "characteristic: 1 row (2)",
            ("col_var_characteristic",),
        )
    ],
    "api_char_loc_code": [
        Fault("too long", in_data(3, of="other_levels", opportunity_area_code="E" * 31), "opportunity_area_code: 1")
    ],
    "api_char_col_name": [Fault("too long", renamed("length_of_need", "n" * 51), f"Not so: {'n' * 51}")],
    "api_char_col_label": [Fault("too long", in_meta(4, label="L" * 101), "Not so: referral_count")],
    "api_char_filter_items": [
        Fault("too long", in_data(3, breakdown="F" * 121), "breakdown: 1 row (3)"),
        Fault("a place", in_data(3, of="other_levels", opportunity_area_name="D" * 121), "opportunity_area_name: 1"),
    ],
}
"""For each rule what breaks it."""

TABLE = re.compile(r"^\| `(\w+)` \| (FAIL|WARNING) \| (.+) \|$", re.MULTILINE)
"""A row of the table of rules in the documentation: the name of the rule, how grave it is, what it asks."""
