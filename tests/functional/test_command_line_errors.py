"""Errors of the command line: one clear line, nothing on standard output, and an exit code."""

from __future__ import annotations

import pytest

from tests.lib.command_line import PARTLY, run, run_here


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("compute", "nowhere"), 3, "nowhere: no such file or folder; check the path"),
        (
            ("compute", "fixtures/README.md"),
            3,
            "fixtures/README.md: not a kind of file that can be read; give .xml, .csv, .parquet, .xlsx or .zip",
        ),
        (
            ("compute", "specs"),
            3,
            ("no extract was found: give census XML files, the files of a return on looked-after children or of a "
            "workforce census, or a folder that holds them"),
        ),
        (
            ("compute", PARTLY, "--indicator", "rereferal"),
            2,
            'No indicator is called "rereferal". Did you mean "rereferrals"? `list` shows them all.',
        ),
        (
            ("explain", "referals"),
            2,
            'No indicator is called "referals". Did you mean "referrals"? `list` shows them all.',
        ),
        (
            ("compute", PARTLY, "--reading", "rereferrals=evr"),
            2,
            ('rereferrals has no reading "evr". Did you mean "ever"? Readings: published, within_12_months_of_closure, '
            "ever, same_need, different_need, excluding_no_further_action, children."),
        ),
        (("compute", PARTLY, "--reading", "rereferrals"), 2, '--reading takes ID=NAME, not "rereferrals"'),
        (
            ("compute", PARTLY, "--set", "rereferrals.window_month=6"),
            2,
            ('rereferrals has no parameter "window_month". Did you mean "window_months"? Parameters: window_months, '
            "measured_from, same_need, no_further_action, referral_sources, earlier_referral_sources, count_of."),
        ),
        (("compute", PARTLY, "--set", "rereferrals=6"), 2, '--set takes ID.PARAM=VALUE, not "rereferrals=6"'),
        (
            ("compute", PARTLY, "--set", "rereferrals.window_months=0"),
            2,
            'window_months cannot be 0: it takes a whole number from 1, or "ever"',
        ),
        (
            ("compute", PARTLY, "--set", "rereferrals.window_months=soon"),
            2,
            'window_months cannot be "soon": it takes a whole number from 1, or "ever"',
        ),
        (
            ("compute", PARTLY, "--indicator", "referrals", "--set", "rereferrals.window_months=6"),
            2,
            "rereferrals is given a reading or a parameter but not asked for; add --indicator rereferrals",
        ),
        (
            ("compute", PARTLY, "--indicator", "referrals", "--by", "times_referred"),
            2,
            ("referrals is not broken down by times_referred. Its breakdowns: sex, age_band, ethnicity_major, "
            "disabled, primary_need, referral_source_group."),
        ),
        (("compute", PARTLY, "--year", "2025", "--from", "2024"), 2, "give --year, or --from and --to, not both"),
        (
            ("compute", PARTLY, "--from", "2025", "--to", "2024"),
            2,
            "The years run backwards, from 2025 to 2024: ask for 2024 to 2025.",
        ),
        (
            ("compute", PARTLY, "--la", "302"),
            5,
            "the extracts hold no return of Barnet (302); they hold 390, 391, 840",
        ),
        (
            ("compute", PARTLY, "--year", "2019"),
            5,
            "the extracts cover 2024-04-01 to 2025-03-31, and nothing of 2019",
        ),
        (
            ("records", "rereferrals", PARTLY, "--year", "2019", "--internal"),
            5,
            "the extracts cover 2024-04-01 to 2025-03-31, and nothing of 2019",
        ),
        (
            ("records", "rereferrals", PARTLY, "--internal", "--reading", "rereferrals=ever",
             "--reading", "rereferrals=children"),
            2,
            "records are listed for one reading at a time; give --reading once",
        ),
    ],
)  # fmt: skip
def test_an_error_is_one_line_with_its_exit_code(arguments, code, message):
    done = run_here(*arguments)

    assert (done.code, done.stdout, done.stderr) == (code, "", f"error: {message}\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("compute", PARTLY, "--by", "sexx"), ('No breakdown is called "sexx". Did you mean "sex"?',)),
        (("compute", PARTLY, "--la", "999"), ("No local authority has the code '999'",)),
        (("compute", PARTLY, "--year", "1"), ("1 is not a reporting year",)),
        (("comput", PARTLY), ("No such command 'comput'", "compute")),
        (("compute",), ("Missing argument",)),
        (("compute", PARTLY, "--year", "soon"), ("--year",)),
        (("compute", PARTLY, "--period", "weekly"), ("--period", "year", "quarter", "month", "rolling-year")),
        (("compute", PARTLY, "--format", "xml"), ("--format", "table", "csv", "json")),
        (("compute", PARTLY, "--indicater", "referrals"), ("--indicater", "--indicator")),
        (("list", "everything"), ("everything",)),
    ],
)
def test_a_call_that_makes_no_sense_says_what_would(arguments, words):
    done = run_here(*arguments)

    assert (done.code, done.stdout) == (2, "")
    assert all(word in done.stderr for word in words), done.stderr
    assert "Traceback" not in done.stderr


def test_an_error_ends_the_process_with_its_exit_code():
    unknown = run("compute", PARTLY, "--indicator", "rereferal")
    unreadable = run("validate", "fixtures/faulty/files/empty.xml")

    assert (unknown.code, unknown.stdout) == (2, "")
    assert unknown.said == [
        'error: No indicator is called "rereferal". Did you mean "rereferrals"? `list` shows them all.'
    ]
    assert (unreadable.code, unreadable.stdout) == (3, "")
    assert unreadable.said == ["error: fixtures/faulty/files/empty.xml: the file is empty. Export or copy it again."]
