"""The catalogue: specs loaded, parameters resolved for a period, names told from one another, lines found."""

from __future__ import annotations

import datetime as dt
import importlib
import re
import tomllib

import pytest

from csc_indicators.catalogue import SpecFile, load_catalogue, spec_hash
from csc_indicators.errors import FatalFindings, UsageError
from csc_indicators.specification import specs_folder
from tests.lib.spec_folders import Edit, written

# The package offers the function under the name of the module, so the module is asked for by its full name.
MODULE = importlib.import_module("csc_indicators.catalogue")

REREFERRALS = "indicators/rereferrals.toml"
IN_2015, IN_2020 = dt.date(2015, 3, 31), dt.date(2020, 3, 31)
LATER_WINDOW = """[[rereferral_window_months.value]]
from = {start}
value = {months}
source = "guidance"
status = "{status}"

[need_codes]"""


@pytest.fixture
def good(tmp_path):
    return load_catalogue(written(tmp_path))


def with_window(folder, *, start, months, status):
    entry = LATER_WINDOW.format(start=start, months=months, status=status)
    return load_catalogue(written(folder, [Edit("values.toml", "[need_codes]", entry)]))


def test_every_installed_spec_is_in_the_catalogue_and_has_its_function():
    installed = MODULE.catalogue()

    names = sorted(entry.name.removesuffix(".toml") for entry in (specs_folder() / "indicators").iterdir())
    assert sorted(installed.indicators) == names
    assert [installed.function(name).__name__ for name in names] == names
    assert installed.issues == ()


def test_a_folder_of_specs_is_loaded_whole(good):
    assert good.issues == ()
    assert list(good.indicators) == ["referrals", "referrals_per_child", "rereferrals"]
    assert list(good.values) == ["rereferral_window_months", "need_codes", "source_group", "age_group"]
    assert list(good.sources) == ["guidance", "register"]
    assert good.questions["B2"].asked == "Referrals of whom?"
    assert [change.indicator for change in good.history] == [
        "referrals",
        "referrals_per_child",
        "rereferrals",
        "rereferrals",
    ]


def test_the_disclosure_policies_are_no_part_of_it(tmp_path):
    folder = written(tmp_path)
    (folder / "policies.toml").write_text("[not closed", encoding="utf-8")

    assert load_catalogue(folder).issues == ()


def test_defaults_are_what_the_function_takes(good):
    assert good.parameters("rereferrals") == {
        "window_months": 12,
        "measured_from": "referral",
        "include_same_day": False,
        "referral_sources": None,
    }


def test_a_reading_goes_over_the_defaults_and_overrides_over_both(good):
    assert good.parameters("rereferrals", reading="ever")["window_months"] is None
    assert good.parameters("rereferrals", reading="closure_based")["measured_from"] == "closure"

    resolved = good.parameters(
        "rereferrals", reading="ever", overrides={"window_months": 3, "referral_sources": ("7", "6")}, on=IN_2015
    )

    assert resolved == {
        "window_months": 3,
        "measured_from": "referral",
        "include_same_day": False,
        "referral_sources": ("6", "7"),
    }


def test_an_override_of_none_is_the_word_for_none(good):
    assert good.parameters("rereferrals", overrides={"window_months": None})["window_months"] is None


@pytest.mark.parametrize(
    ("name", "raw", "message"),
    [
        ("window_months", 0, 'window_months cannot be 0: it takes a whole number from 1, or "ever"'),
        ("window_months", True, 'window_months cannot be True: it takes a whole number from 1, or "ever"'),
        ("measured_from", None, "measured_from cannot be None: it takes one of referral, closure"),
        ("include_same_day", 1, "include_same_day cannot be 1: it takes true or false"),
    ],
)
def test_an_override_that_the_parameter_may_not_take_is_refused(good, name, raw, message):
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        good.parameters("rereferrals", overrides={name: raw})


def test_a_default_follows_its_dated_value_within_a_series(good):
    windows = [good.parameters("rereferrals", on=day)["window_months"] for day in (IN_2015, IN_2020)]

    assert windows == [6, 12]
    # The last day of the old value and the first of the new.
    turn = dt.date(2018, 4, 1)
    days = (turn - dt.timedelta(days=1), turn)
    assert [good.parameters("rereferrals", on=day)["window_months"] for day in days] == [6, 12]


def test_a_reading_goes_over_the_dated_value(good):
    assert good.parameters("rereferrals", reading="ever", on=IN_2015)["window_months"] is None


def test_a_period_before_the_first_value_is_refused(good):
    with pytest.raises(UsageError, match="no value before 2012-04-01; ask for a later period"):
        good.parameters("rereferrals", on=dt.date(2012, 3, 31))


def test_a_value_that_is_announced_is_not_used(tmp_path):
    announced = with_window(tmp_path, start="2030-04-01", months=24, status="announced")

    assert announced.value("rereferral_window_months", dt.date(2031, 3, 31)) == 12


def test_a_value_that_is_retired_is_refused_from_that_day(tmp_path):
    retired = with_window(tmp_path, start="2030-04-01", months=0, status="retired")

    assert retired.value("rereferral_window_months", dt.date(2030, 3, 31)) == 12
    with pytest.raises(UsageError, match="retired from 2030-04-01; ask for an earlier period"):
        retired.value("rereferral_window_months", dt.date(2030, 4, 1))


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda it: it.indicator("rereferal"),
            'No indicator is called "rereferal". Did you mean "rereferrals"? `list` shows them all.',
        ),
        (lambda it: it.indicator("xyz"), 'No indicator is called "xyz". `list` shows them all.'),
        (
            lambda it: it.reading("rereferrals", "publishd"),
            (
                'rereferrals has no reading "publishd". Did you mean "published"? '
                "Readings: published, closure_based, ever."
            ),
        ),
        (
            lambda it: it.parameters("rereferrals", overrides={"window": 6}),
            (
                'rereferrals has no parameter "window". Did you mean "window_months"? '
                "Parameters: window_months, measured_from, include_same_day, referral_sources."
            ),
        ),
        (
            lambda it: it.value("need_code", IN_2020),
            'No dated value is called "need_code". Did you mean "need_codes"?',
        ),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(good, ask, message):
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$") as refused:
        ask(good)
    assert refused.value.exit_code == 2


def test_an_old_name_is_answered_with_the_new(tmp_path):
    edit = Edit(REREFERRALS, 'title = "Re-referrals"', 'title = "Re-referrals"\nrenamed_from = ["repeat_referrals"]')
    renamed = load_catalogue(written(tmp_path, [edit]))

    with pytest.raises(UsageError, match="It is now called rereferrals"):
        renamed.indicator("repeat_referrals")


def test_the_default_reading_is_the_one_that_the_spec_names(good):
    assert good.reading("referrals_per_child").name == "all_years"
    assert good.reading("rereferrals").set == {}


def test_the_version_is_that_of_the_last_change(good):
    assert good.definition_version("rereferrals") == "2"
    assert good.definition_version("referrals") == "1"


def test_without_a_history_there_is_no_version(tmp_path):
    folder = written(tmp_path)
    (folder / "history.toml").unlink()

    assert load_catalogue(folder).definition_version("referrals") == ""


def test_the_hash_of_a_spec_is_of_what_it_says_and_not_of_how_it_is_written():
    one = 'id = "a"\ndecimals = 1\n\n[columns]\nvalue = "v"\nnumerator = "n"\n'
    same = '# A comment.\n[columns]\nnumerator = "n"   # the count\nvalue = "v"\n'
    same = f"decimals = 1\nid = 'a'\n{same}"
    other = one.replace("decimals = 1", "decimals = 2")

    hashes = [spec_hash(tomllib.loads(text)) for text in (one, same, other)]

    assert hashes[0] == hashes[1]
    assert hashes[0] != hashes[2]
    assert re.fullmatch("[0-9a-f]{16}", hashes[0])


def test_the_order_of_clauses_is_part_of_the_hash():
    clauses = [{"id": "a"}, {"id": "b"}]

    assert spec_hash({"clause": clauses}) != spec_hash({"clause": clauses[::-1]})


def test_a_spec_that_cannot_be_loaded_is_left_out_and_the_others_stay(tmp_path):
    folder = written(tmp_path)
    (folder / REREFERRALS).write_text('id = "rereferrals"\ntitle = "Open', encoding="utf-8")

    loaded = load_catalogue(folder)

    assert list(loaded.indicators) == ["referrals", "referrals_per_child"]
    assert [(issue.file, issue.code) for issue in loaded.issues] == [(REREFERRALS, "S001")]


def test_the_installed_catalogue_is_refused_with_every_error_at_once(tmp_path, monkeypatch):
    folder = written(
        tmp_path,
        [
            Edit(REREFERRALS, "default = 12", "default = 0"),
            Edit("indicators/referrals.toml", "decimals = 1", "decimals = 12"),
            Edit(REREFERRALS, 'direction = "understates"', 'direction = "overstates"'),
        ],
    )
    monkeypatch.setattr(MODULE, "specs_folder", lambda: folder)
    MODULE.catalogue.cache_clear()
    try:
        with pytest.raises(FatalFindings) as refused:
            MODULE.catalogue()
    finally:
        MODULE.catalogue.cache_clear()

    head, *lines = str(refused.value).splitlines()
    assert head == "the specs have 3 errors:"
    # The warning about the caveat is not among them.
    assert [line.split(" ")[0] for line in lines] == ["S029", "S010", "S019"]
    assert refused.value.exit_code == 4


LINES = '''# A comment with id = "x".
id = "x"
note = """
id = of the text
"""

[framework]
place = 1

[columns]
"quoted key" = 2
place = 3

[[part]]
name = "a"

[[part]]
name = "b"
set = { one = 1, two = 2 }
rows = [
    { cell = 1 },
    # Between the rows.
    { cell = 2,  list = [1, 2] },
]

[[part.inner]]
name = "c"

[first.value]
name = "d"
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("id",), 2),
        (("note",), 3),
        (("framework",), 7),
        (("framework", "place"), 8),
        (("columns",), 10),
        (("columns", "quoted key"), 11),
        (("columns", "place"), 12),
        (("part",), 14),
        (("part", 0), 14),
        (("part", 0, "name"), 15),
        (("part", 1), 17),
        (("part", 1, "name"), 18),
        (("part", 1, "set", "two"), 19),
        (("part", 1, "rows"), 20),
        (("part", 1, "rows", 0), 21),
        (("part", 1, "rows", 1, "cell"), 23),
        (("part", 1, "rows", 1, "list", 1), 23),
        (("part", 1, "inner", 0, "name"), 27),
        (("first",), 29),
        (("first", "value", "name"), 30),
    ],
)
def test_the_line_of_a_path_is_where_it_begins(path, line):
    assert SpecFile("made_up.toml", LINES, tomllib.loads(LINES)).line_of(*path) == line


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("nothing",), 1),
        ((), 1),
        (("columns", "nothing"), 10),
        (("part", 7), 14),
        (("part", 1, "set", "three"), 19),
        (("id", "str"), 2),
        (("part", 1, "rows", 1, "cell", "int"), 23),
    ],
)
def test_a_path_that_leads_nowhere_is_followed_as_far_as_it_can_be(path, line):
    assert SpecFile("made_up.toml", LINES, tomllib.loads(LINES)).line_of(*path) == line
