"""Children in need: `specs/indicators/children_in_need*.toml`, row by row."""

from tests.lib.oracles.common import (
    first_of_each,
    is_open_at,
    is_open_during,
    led_to_action,
    turned_18_by,
    unit,
)


def whose(row):
    return row["la_code"], row["child_id"]


def in_order(row):
    return row["referral_date"], row["episode_key"]


def children_in_need(tables, start, end, *, count_of="episodes", include_unborn=True, include_adults=True):
    """Spec: "Episodes open at the end of the period: referred by then, not closed by then"."""
    rows = [row for row in tables["episodes"] if is_open_during(row, start, end, "referral_date", "closure_date")]

    def clauses_of(row):
        born = row["birth_date"]
        return [
            ("numerator", "led_to_action", led_to_action(row)),
            ("numerator", "open_at_period_end", is_open_at(row, end, "referral_date", "closure_date")),
            ("numerator", "born", include_unborn or born is None or born <= end),
            ("numerator", "not_adult", include_adults or born is None or not turned_18_by(row, end)),
        ]

    def counted(row):
        return all(holds for _, _, holds in clauses_of(row))

    first = first_of_each(rows, counted, whose, in_order)
    return [
        unit(
            row,
            "episodes",
            "episode_key",
            end,
            [*clauses_of(row), ("numerator", "first_of_the_child", count_of == "episodes" or row in first)],
            rate=True,
            complete=True,
        )
        for row in rows
    ]


def children_in_need_in_year(tables, start, end, *, count_of="children", not_in_need_codes=("RC8", "RC9")):
    """Spec: "Children with an episode open on any day of the period, ... each child once"."""
    rows = [row for row in tables["episodes"] if is_open_during(row, start, end, "referral_date", "closure_date")]

    def in_need(row):
        closed = row["closure_date"] is not None and row["closure_date"] <= end
        return not (closed and row["closure_reason"] in (not_in_need_codes or ()))

    first = first_of_each(rows, lambda row: led_to_action(row) and in_need(row), whose, in_order)
    return [
        unit(
            row,
            "episodes",
            "episode_key",
            min(row["closure_date"] or end, end),
            [
                ("numerator", "led_to_action", led_to_action(row)),
                ("numerator", "in_need", in_need(row)),
                ("numerator", "first_of_the_child", count_of == "episodes" or row in first),
            ],
            rate=True,
            complete=True,
        )
        for row in rows
    ]


ORACLES = {"children_in_need": children_in_need, "children_in_need_in_year": children_in_need_in_year}
