"""Made-up returns, from files to figures, against what the simulation knows before any file is written."""

from __future__ import annotations

import datetime as dt
import hashlib

import polars as pl
import pytest

import csc_indicators as csc
from csc_indicators.catalogue import catalogue
from csc_indicators.errors import UsageError
from csc_indicators.synthetic.rates import targets
from csc_indicators.synthetic.synthesis import EVERY_TRUTH
from csc_indicators.synthetic.truth_care import CARE_TRUTHS
from csc_indicators.synthetic.truth_cases import TRUTHS
from csc_indicators.synthetic.truth_supplied import SUPPLIED_TRUTHS
from csc_indicators.synthetic.truth_workforce import WORKFORCE_TRUTHS
from docs.generate_calibration_page import BEGIN, END, PAGE
from tests.lib.command_line import run_here

AUTHORITIES = ("807", "857")
YEARS = 3
NEVER_CARRIED = {"referrals_per_child"}
"""All referrals of a child, ever: returns begin some day, and do not say what was before."""
BEGAN_BEFORE = {"rereferrals", "plan_reviews_in_time", "long_term_stability", "social_worker_retention"}
"""What looks back further than the first return of three."""
NEAR = 1e-6
KEY = ["indicator", "area_code", "period"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return csc.synthesise(tmp_path_factory.mktemp("made") / "up", las=AUTHORITIES, years=YEARS)


@pytest.fixture(scope="module")
def extracts(folder):
    return csc.load(folder)


@pytest.fixture(scope="module")
def compared(folder, extracts):
    asked = {csc.years: [*TRUTHS, *CARE_TRUTHS, *SUPPLIED_TRUTHS], csc.workforce_years: list(WORKFORCE_TRUTHS)}
    cells = pl.concat(
        csc.compute(extracts, indicators, periods=periods(2023, 2025), internal=True)
        .frame.filter(breakdown="total")
        .with_columns(pl.col(KEY).cast(pl.String))
        for periods, indicators in asked.items()
    )
    truth = pl.read_parquet(folder / "truth.parquet").rename({"la_code": "area_code"})
    joined = cells.join(truth, on=KEY, how="full", coalesce=True, suffix="_true")
    # Full-time equivalents, pounds and scores are sums of fractions, rounded to six decimals.
    same, over = ((pl.col(part) - pl.col(f"{part}_true")).abs() < NEAR for part in ("numerator", "denominator"))
    equal = same & (pl.col("denominator_true").is_null() | over)
    return joined.with_columns(equal=equal.fill_null(value=False))


@pytest.mark.parametrize(
    ("collection", "truths"),
    [("cin", TRUTHS), ("ssda903", CARE_TRUTHS), ("workforce", WORKFORCE_TRUTHS), ("context", SUPPLIED_TRUTHS)],
)
def test_there_is_a_truth_for_every_indicator_of_a_return(collection, truths):
    assert set(truths) == {name for name, spec in catalogue().indicators.items() if spec.collection == collection}


def test_every_complete_figure_is_the_true_one(compared):
    complete = compared.filter("complete")
    assert complete.filter(~pl.col("equal")).select(*KEY, "numerator", "numerator_true").rows() == []
    assert set(complete["indicator"]) == set(EVERY_TRUTH) - NEVER_CARRIED
    assert set(complete.filter(pl.col("numerator") != 0)["indicator"]) == set(EVERY_TRUTH) - NEVER_CARRIED


def test_what_is_not_complete_is_what_the_returns_do_not_carry(compared):
    missed = compared.filter(~pl.col("equal"))
    assert not missed["complete"].any()
    assert set(missed["indicator"]) == {"social_worker_changes", *BEGAN_BEFORE, *NEVER_CARRIED}
    assert missed.filter(indicator="rereferrals")["period"].unique().to_list() == ["2023"]
    # Social workers were not asked for then, so nothing is shown; all else is less than it truly was.
    not_asked = missed.filter(indicator="social_worker_changes")
    assert (not_asked["period"].unique().to_list(), not_asked["status"].unique().to_list()) == (["2023"], ["x"])
    told = missed.filter(pl.col("indicator") != "social_worker_changes")
    assert (told["numerator"] < told["numerator_true"]).all()


def test_no_row_is_rejected_and_nothing_is_found_wrong(extracts):
    assert [account.table for account in extracts.accounts if account.rejected] == []
    assert {finding.rule for finding in extracts.findings} <= {
        "previous_plans_not_returned",
        "missing_full_time_equivalent",
        "missing_role",
    }


def test_the_social_workers_of_children_in_care_are_those_of_the_workforce_census(extracts):
    day = dt.date(2024, 9, 30)
    workers = extracts.workforce.workers
    held = extracts.ssda903.social_workers.with_columns(worker_id="social_worker_id")
    of_the_day = held.filter(pl.col("start_date") <= day, pl.col("end_date").is_null() | (pl.col("end_date") > day))
    in_post = workers.filter(
        pl.col("reference_date") == day, pl.col("end_date").is_null() | (pl.col("end_date") > day), pl.col("cases") > 0
    )
    assert of_the_day.height > 100
    assert of_the_day.join(in_post, on=["la_code", "worker_id"], how="anti").is_empty()
    # Nobody holds fewer cases than children in care.
    children = of_the_day.group_by("la_code", "worker_id").agg(pl.col("child_id").n_unique())
    joined = in_post.join(children, on=["la_code", "worker_id"])
    assert joined.filter(pl.col("child_id") > pl.col("cases")).is_empty()


def digest(folder):
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_a_seed_gives_the_same_bytes_whichever_authority_comes_first(folder, tmp_path):
    again = digest(csc.synthesise(tmp_path / "again", las=AUTHORITIES[::-1], years=YEARS))
    first = digest(folder)
    returned = [name for name in first if name != "truth.parquet"]
    assert [again[name] for name in returned] == [first[name] for name in returned]
    other = digest(csc.synthesise(tmp_path / "other", las=AUTHORITIES[:1], years=1, seed=2))
    assert other["807/2025/cin_census.xml"] != first["807/2025/cin_census.xml"]


def test_these_are_the_bytes_on_every_machine(folder):
    digests = digest(folder)
    assert digests["857/2025/cin_census.xml"] == "4da50e9761cd7b3b275150d831d6ee760085f99902f3df79ce0f1cbbc13c80a7"
    assert digests["857/2025/episodes.csv"] == "92dd41d27613b7724fb1d157452a4514dd4b26c36d63da7142de8ffa6cee3e8e"


def test_the_page_shows_every_target_as_it_is_and_how_near_it_was_come_to():
    table = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    rows = {
        line.split("`")[1]: [cell.strip() for cell in line.split("|")[2:]] for line in table.splitlines() if "`" in line
    }
    assert list(rows) == list(targets())
    for indicator, target in targets().items():
        published, simulated, _, near, _, _, _ = rows[indicator]
        off = abs(float(simulated) / float(published) - 1) * 100
        assert published == f"{target['england']:.1f}"
        # The shown figures are rounded, so right at the edge either answer may stand.
        if abs(off - target["tolerance"]) > 1:
            assert near.startswith("yes") == (off < target["tolerance"])


def test_a_return_knows_nothing_of_what_came_after_it(folder):
    for year in (2023, 2024):
        text = (folder / "857" / str(year) / "cin_census.xml").read_text(encoding="utf-8")
        target = text.replace("<InitialCPCtarget>", "<x>").replace("<ExpectedPersonBirthDate>", "<x>")
        days = [part[:10] for part in target.split("Date>")[1:] if part[:2] == "20"]
        assert max(days) <= f"{year}-03-31"
        for file in (folder / "857" / str(year)).glob("*.csv"):
            cells = [cell for line in file.read_text(encoding="utf-8").splitlines() for cell in line.split(",")]
            days = ["-".join(reversed(cell.split("/"))) for cell in cells if cell.count("/") == 2]
            assert not days or max(days) <= f"{year}-03-31", file.name


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "note.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="is not an empty folder"):
        csc.synthesise(tmp_path, las=1, years=1)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"las": 0}, "0 authorities cannot be simulated; England has 153"),
        ({"las": 154}, "154 authorities cannot be simulated"),
        ({"years": 0}, "0 years cannot be simulated. Ask for 1 to 14"),
        ({"las": ["999"]}, "999"),
    ],
)
def test_what_cannot_be_made_up_is_refused(choices, message, tmp_path):
    with pytest.raises(UsageError, match=message):
        csc.synthesise(tmp_path / "out", **choices)


def test_the_command_makes_returns_that_the_other_commands_read(tmp_path):
    made = run_here("synthesise", "--las", "1", "--years", "2", "--seed", "3", "--out", str(tmp_path / "out"))
    figures = run_here("compute", str(tmp_path / "out"), "--indicator", "referrals", "--format", "json")

    assert (made.code, made.stdout) == (0, "")
    assert "all of it is made up" in made.stderr
    assert [cell["area_code"] for cell in figures.json()] == ["201", "201"]
