"""What the return on looked-after children must satisfy: rules about one row, and rules across a child's episodes.

The numbers in brackets are those of DfE's own validation rules.
"""

from __future__ import annotations

import polars as pl

from csc_indicators.looked_after_codes import (
    ANOTHER_EPISODE_FOLLOWS,
    REASON_CEASED,
    REASON_FOR_NEW_EPISODE,
    SHORT_BREAKS,
    STARTED_TO_BE_LOOKED_AFTER,
)
from csc_indicators.tables.rules import CrossRule, RowRule, Tables, code_rules, is_before, is_given, is_missing
from csc_indicators.tables.ssda903 import RETURNED

MOST_SDQ = 40
NO_PUPIL_NUMBER = "UN"
"""How the codes begin that say why a child has no pupil number, as no pupil number does."""

START_DATED = ("missing", "placed_for_adoption", "social_workers", "deprivations_of_liberty")
"""Tables, besides episodes, whose rows begin and may end."""

HISTORY = ["child_key", "_short"]
"""What tells one history of episodes from another."""


def _end_before_start(table: str, number: str) -> RowRule:
    return RowRule(
        "ended_before_start",
        table,
        "end_date",
        "reject",
        is_before("end_date", "start_date"),
        f"the row ends before it starts ({number}); the row is left out",
        "correct the start or the end date",
    )


def _start_after_year(table: str, number: str) -> RowRule:
    return RowRule(
        "start_after_year",
        table,
        "start_date",
        "reject",
        is_before("reference_date", "start_date"),
        f"the row starts after the end of the return's year ({number}); it is left out",
        "correct the date, check the year of the return, or leave the row for the next one",
    )


ROW_RULES: tuple[RowRule, ...] = (
    RowRule(
        "missing_birth_date",
        "children",
        "birth_date",
        "keep",
        is_missing("birth_date"),
        "no date of birth that can be used; the child is in no age group, and in no figure that asks for an age",
        "record the date of birth",
    ),
    RowRule(
        "born_after_year",
        "children",
        "birth_date",
        "keep",
        is_before("reference_date", "birth_date"),
        "the date of birth is after the end of the return's year; the child counts as not yet born",
        "correct the date of birth",
    ),
    _end_before_start("episodes", "356"),
    _start_after_year("episodes", "354"),
    RowRule(
        "end_after_year",
        "episodes",
        "end_date",
        "keep",
        is_before("reference_date", "end_date"),
        "the episode ends after the end of the return's year (385); its end is used as it stands",
        "leave the end for the next return",
    ),
    RowRule(
        "reason_without_end",
        "episodes",
        "reason_ceased",
        "keep",
        is_given("reason_ceased") & is_missing("end_date"),
        "a reason for ending without an end (148); the episode counts as open",
        "record the end of the episode, or remove the reason",
    ),
    RowRule(
        "end_without_reason",
        "episodes",
        "reason_ceased",
        "keep",
        is_given("end_date") & is_missing("reason_ceased"),
        "an end without a reason that can be used (148); care has ended then unless another episode begins that day",
        "record the reason the episode ended",
    ),
    RowRule(
        "no_length",
        "episodes",
        "end_date",
        "keep",
        (pl.col("start_date") == pl.col("end_date")).fill_null(value=False),
        "the episode starts and ends on one day (355); it covers no day",
        "check the dates",
    ),
    *(
        RowRule(
            f"missing_{column}",
            "episodes",
            column,
            "keep",
            is_missing(column),
            f"{what} ({number})",
            "record it",
        )
        for column, what, number in (
            ("legal_status", "no legal status that can be used; the episode counts as looked after", "144"),
            ("placement", "no placement that can be used; the child is in no placement group", "146"),
            ("reason_for_new_episode", "no reason for the new episode that can be used", "143"),
        )
    ),
    *(_end_before_start(table, "end before start") for table in START_DATED),
    *(_start_after_year(table, "start after year") for table in START_DATED),
    RowRule(
        "impossible_score",
        "outcomes",
        "sdq_score",
        "blank",
        ~pl.col("sdq_score").is_between(0, MOST_SDQ).fill_null(value=True),
        "a score on the strengths and difficulties questionnaire outside 0 to 40; it is set to missing",
        "record the total difficulties score",
    ),
    RowRule(
        "matched_before_decision",
        "adoption",
        "match_date",
        "keep",
        is_before("match_date", "decision_date"),
        "the match is dated before the decision that the child should be placed for adoption; it gives no time",
        "correct the date of the match or of the decision",
    ),
    *code_rules(RETURNED, what="a code that the return of this year does not have"),
)
"""Every rule about a single row."""


def rules_of(table: str) -> tuple[RowRule, ...]:
    """The row rules of a table."""
    return tuple(rule for rule in ROW_RULES if rule.table == table)


def _code(value: str, dtype: pl.DataType) -> pl.Expr:
    return pl.lit(value, dtype=dtype)


def _in_order(tables: Tables) -> pl.DataFrame:
    """The episodes of each child in order, each with the end of the one before and the start of the one after.

    Short breaks and other care are two histories of a child, as they are where episodes are repaired and counted.
    """
    short = pl.col("legal_status").cast(pl.String).is_in(SHORT_BREAKS).fill_null(value=False)
    episodes = tables["episodes"].with_columns(_short=short).sort("child_key", "start_date", "episode_key")
    return episodes.with_columns(
        _ended_before=pl.col("end_date").shift(1).over(HISTORY),
        _starts_after=pl.col("start_date").shift(-1).over(HISTORY),
        _any_starts_after=pl.col("start_date").shift(-1).over("child_key"),
        _is_first=pl.struct(HISTORY).is_first_distinct(),
    )


def _not_continued(tables: Tables) -> pl.DataFrame:
    """Episodes with an end that another should follow: one of either history does, where short breaks become care."""
    follows = pl.col("reason_ceased") == _code(ANOTHER_EPISODE_FOLLOWS, REASON_CEASED.dtype)
    followed = [
        (pl.col(column) == pl.col("end_date")).fill_null(value=False)
        for column in ("_starts_after", "_any_starts_after")
    ]
    return _in_order(tables).filter(follows & pl.col("end_date").is_not_null() & ~pl.any_horizontal(followed))


def _started(tables: Tables) -> tuple[pl.DataFrame, pl.Expr]:
    started = pl.col("reason_for_new_episode") == _code(STARTED_TO_BE_LOOKED_AFTER, REASON_FOR_NEW_EPISODE.dtype)
    return _in_order(tables), started.fill_null(value=False)


def _start_while_in_care(tables: Tables) -> pl.DataFrame:
    episodes, started = _started(tables)
    return episodes.filter(started & (pl.col("_ended_before") == pl.col("start_date")))


def _after_gap_without_start(tables: Tables) -> pl.DataFrame:
    episodes, started = _started(tables)
    return episodes.filter(~started & (pl.col("_ended_before") < pl.col("start_date")))


def _first_is_no_start(tables: Tables) -> pl.DataFrame:
    """A child's first episode among the returns, begun in the years they cover, that does not start care."""
    episodes, started = _started(tables)
    covered = pl.col("start_date") > pl.col("observed_from")
    return episodes.filter(pl.col("_is_first") & ~started & covered)


def _contained(tables: Tables) -> pl.DataFrame:
    """Episodes that begin while an earlier one of the child, with an end of its own later than theirs, lasts."""
    episodes = _in_order(tables).with_columns(_latest=pl.col("end_date").cum_max().shift(1).over(HISTORY))
    return episodes.filter(pl.col("start_date") < pl.col("_latest"))


def _not_returned_again(tables: Tables) -> pl.DataFrame:
    """Episodes open when last returned, of authorities that have made a later return."""
    latest = pl.col("census_year").max().over("la_code")
    return tables["episodes"].filter(pl.col("end_date").is_null() & (pl.col("census_year") < latest))


def _shared_pupil_numbers(tables: Tables) -> pl.DataFrame:
    """Children with a pupil number that another child has; a reason for having none, such as UN1, is no number."""
    numbered = tables["children"].filter(~pl.col("unique_pupil_number").str.starts_with(NO_PUPIL_NUMBER))
    return numbered.filter(pl.struct("la_code", "unique_pupil_number").is_duplicated())


def _without_header(tables: Tables) -> pl.DataFrame:
    return tables["children"].filter(~pl.col("described"))


ACROSS_RULES: tuple[CrossRule, ...] = (
    CrossRule(
        "end_is_not_followed",
        "episodes",
        "reason_ceased",
        _not_continued,
        "another episode should begin the same day (X1), and none does (388); care has not been counted as ceased",
        "return the episode that follows, or record why care ceased",
    ),
    CrossRule(
        "start_while_in_care",
        "episodes",
        "reason_for_new_episode",
        _start_while_in_care,
        "care starts on the day on which the episode before ended (431); a new period of care is counted",
        "record the change, or the day on which care started again",
    ),
    CrossRule(
        "start_is_not_said",
        "episodes",
        "reason_for_new_episode",
        _after_gap_without_start,
        "the child was not looked after the day before, and the episode does not start care (432); a start is counted",
        "record S as the reason for the episode, or the episodes between",
    ),
    CrossRule(
        "first_is_no_start",
        "episodes",
        "reason_for_new_episode",
        _first_is_no_start,
        "the child's first episode does not start care and begins in a year that the returns cover (357, 562); when "
        "care started is not known",
        "return the episodes before it",
    ),
    CrossRule(
        "episodes_overlap",
        "episodes",
        "start_date",
        _contained,
        "the episode begins while an earlier one of the child lasts (142, 501), and which is right cannot be told; on "
        "days of both, the one that began later is where the child lives",
        "correct the dates of one of them",
    ),
    CrossRule(
        "open_episode_not_returned",
        "episodes",
        "end_date",
        _not_returned_again,
        "the episode was open when last returned and is missing from the latest return; it counts as open up to the "
        "last return that holds it",
        "return the episode with its end, or ask for the return of the year in which it ended",
    ),
    CrossRule(
        "shared_pupil_number",
        "children",
        "unique_pupil_number",
        _shared_pupil_numbers,
        "another child of the authority has the same unique pupil number; if the two are one, what happened to it is "
        "counted as of two children",
        "return one child under one id, or correct the pupil number",
    ),
    CrossRule(
        "child_without_header",
        "children",
        "child_id",
        _without_header,
        "a child in other tables that the header does not describe; sex, date of birth and ethnicity may be unknown",
        "return the child's header row",
    ),
)
"""Every rule across rows."""
