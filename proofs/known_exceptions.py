"""Published figures that are not the arithmetic of the numbers beside them, each with its reason.

Everything that the checks do differently for one authority stands here and nowhere else, and each entry is needed:
without it a figure would not come out.
"""

from __future__ import annotations

from dataclasses import dataclass

CHILDREN_IN_NEED_CENSUS = (
    "children_in_need",
    "children_rereferred",
    "plans_open_two_years",
    "referrals_no_further_action",
    "repeat_child_protection_plans",
    "rereferrals",
)
WORKFORCE_CENSUS = ("caseload", "social_worker_turnover", "vacancy_rate")


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """An authority that is left out of the rate of its region and of England, while their counts hold it.

    Its own rate is published as unreliable (`u`).
    """

    series: str
    year: int
    la_code: str
    authority: str

    @property
    def name(self) -> str:
        """What it is called in the account."""
        return f"{self.authority} {self.year} is in the counts and not in the rate"

    @property
    def reason(self) -> str:
        """Why the figure is another."""
        return "Its own figure is published as unreliable (`u`)."


@dataclass(frozen=True, kw_only=True)
class StoodIn:
    """An authority without figures of its own for whom those of an earlier year are in the counts above it."""

    series: tuple[str, ...]
    year: int
    from_year: int
    la_code: str
    authority: str
    reason: str

    @property
    def name(self) -> str:
        """What it is called in the account."""
        return f"{self.authority} {self.year} is counted with its figures of {self.from_year}"


LEFT_OUT = (
    LeftOut(series="repeat_child_protection_plans", year=2022, la_code="371", authority="Doncaster"),
    LeftOut(series="social_worker_turnover", year=2022, la_code="390", authority="Gateshead"),
    LeftOut(series="social_worker_turnover", year=2024, la_code="394", authority="Sunderland"),
    LeftOut(series="agency_rate", year=2023, la_code="319", authority="Sutton"),
    LeftOut(series="agency_rate", year=2024, la_code="330", authority="Birmingham"),
)

_HACKNEY = "It has no return for 2021 and 2022."
_HAMPSHIRE = "Its return for 2024 is published as unreliable (`u`)."
_NO_RETURN = "It made no return for 2025."
STOOD_IN = (
    *(
        StoodIn(
            series=CHILDREN_IN_NEED_CENSUS,
            year=year,
            from_year=2020,
            la_code="204",
            authority="Hackney",
            reason=_HACKNEY,
        )
        for year in (2021, 2022)
    ),
    StoodIn(
        series=CHILDREN_IN_NEED_CENSUS,
        year=2024,
        from_year=2023,
        la_code="850",
        authority="Hampshire",
        reason=_HAMPSHIRE,
    ),
    *(
        StoodIn(
            series=WORKFORCE_CENSUS,
            year=2025,
            from_year=2024,
            la_code=code,
            authority=authority,
            reason=_NO_RETURN,
        )
        for code, authority in (("207", "Kensington and Chelsea"), ("213", "Westminster"))
    ),
)

ExceptionToRule = LeftOut | StoodIn
EXCEPTIONS: tuple[ExceptionToRule, ...] = (*LEFT_OUT, *STOOD_IN)
