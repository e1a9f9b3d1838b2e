"""Reading Annex A: headings, labels, days, cases, periods of care, and what is said of what cannot be read."""

from __future__ import annotations

import datetime as dt
import io
import logging
import runpy

import fastexcel
import polars as pl
import pytest

import csc_indicators as csc
from csc_indicators.codes import CODE_SETS
from csc_indicators.errors import ROW_NUMBERS_SHOWN
from csc_indicators.extracts.annex_a import read_annex_a_workbook
from csc_indicators.extracts.annex_a_labels import LABELS, NO, NOT_STATED, YES, plain
from csc_indicators.extracts.annex_a_lists import LISTS, NOT_READ
from csc_indicators.tables.annex_a import ANSWERED
from tests.lib.care_files import workbook
from tests.lib.command_line import ROOT

FIXTURE = ROOT / "fixtures/annex_a/annex_a.xlsx"
CANARY = "CANARY7Q"
EXTRACT = dt.date(2025, 3, 31)

CHILD = {"Child Unique ID": "A1", "Gender": "b) Female", "Ethnicity": "a) WBRI", "Date of Birth": dt.date(2012, 6, 1)}
ROWS = {
    3: CHILD | {"Date of referral": dt.date(2024, 5, 1), "Referral Source": "q) 6: Police", "Referral NFA?": "b) No"},
    4: CHILD
    | {
        "Does the Child have a Disability": "b) No",
        "Continuous Assessment Start Date": dt.date(2024, 5, 2),
        "Continuous Assessment Date of Authorisation": dt.date(2024, 6, 3),
    },
    5: CHILD
    | {
        "Does the Child have a Disability": "b) No",
        "Strategy discussion initiating Section 47 Enquiry Start Date": dt.date(2024, 5, 10),
        "Was an Initial Child Protection Conference deemed unnecessary?": "b) No",
        "Date of Initial Child Protection Conference": dt.date(2024, 5, 24),
    },
    6: CHILD
    | {
        "Does the Child have a Disability": "b) No",
        "CIN Start Date": dt.date(2024, 5, 1),
        "Primary Need Code": "N1 - Abuse or neglect",
        "CIN Closure Date": "",
        "Reason for Closure": "",
        "Case Status": "c) Child in need plan",
    },
    7: CHILD
    | {
        "Does the Child have a Disability": "b) No",
        "Child Protection Plan Start Date": dt.date(2024, 5, 24),
        "Initial Category of Abuse": "a) Neglect",
        "Latest Category of Abuse": "a) Neglect",
        "Child Protection Plan End Date": "",
        "Number of Previous Child Protection Plans": 0,
    },
    8: CHILD
    | {
        "UASC": "b) No",
        "Date Started to be Looked After": dt.date(2024, 5, 10),
        "Child's Category of Need": "N1",
        "Is this a second or subsequent period of being a Looked After Child within the last 12 months (Y/N)": "b) No",
        "Start date of current legal status": dt.date(2024, 5, 10),
        "Child's Legal Status": "C2",
        "Date Ceased to be Looked After": "",
        "Reason Ceased to be Looked After": "",
        "Start Date of Most Recent Placement": dt.date(2024, 5, 10),
        "Placement Type": "U4",
        "Placement Provider": "PR1",
    },
    9: CHILD
    | {
        "UASC": "b) No",
        "Does the Child have a Disability": "b) No",
        "Eligibility Category": "b) Former relevant child",
        "Latest Pathway Plan Review Date": dt.date(2025, 1, 10),
        "LA in Touch": "a) Yes",
        "Latest Date of Contact": dt.date(2025, 2, 10),
        "Type of Accommodation": "U: Independent living",
        "Suitability of Accommodation": "a) Suitable",
        "Activity Status": "F2",
    },
}


def row(number, **cells):
    """A row of a list; a cell is named by its heading with `_` for spaces, or by the beginning of it."""
    whole = dict(ROWS[number])
    for name, value in cells.items():
        heading = name.replace("_", " ")
        whole[next(known for known in whole if known.lower().startswith(heading.lower()))] = value
    return whole


def put(folder, lists):
    """A workbook of lists, by number (or sheet name): rows."""
    sheets = {f"List {name}" if isinstance(name, int) else name: rows for name, rows in lists.items()}
    path = folder / "annex_a.xlsx"
    path.write_bytes(workbook(sheets))
    return path


def read(folder, lists, extract_date=EXTRACT, months=12):
    return csc.read_annex_a(put(folder, lists), la_code="390", extract_date=extract_date, months=months)


def refusal(folder, lists):
    with pytest.raises(csc.UnreadableFile) as caught:
        read(folder, lists)
    assert caught.value.__cause__ is None
    return str(caught.value).removeprefix(f"{folder}/")


def rules(annex_a):
    """Which rules found something, on which column: how many rows."""
    return {(finding.rule, finding.table, finding.column): finding.rows for finding in annex_a.findings}


@pytest.fixture(scope="module")
def fixture():
    return csc.read_annex_a(FIXTURE, la_code="390", extract_date=EXTRACT)


# Headings


@pytest.mark.parametrize(
    ("written", "same_as"),
    [
        ("Child\u2019s Legal Status", "child's legal status"),
        (
            "Unaccompanied Child (UASC)) in the Last 12 Months (Y/N)",
            "Unaccompanied Child (UASC) in the Last 12 Months (Y/N)",
        ),
        ("  Date   of\nBirth ", "Date of Birth"),
        ("Number of Episodes \u2018Missing\u2019", "Number of episodes 'Missing'"),
        ("REFERRAL NFA ?", "Referral NFA?"),
    ],
)
def test_headings_are_compared_without_case_quotes_brackets_and_spaces(written, same_as):
    assert plain(written) == plain(same_as)


@pytest.mark.parametrize("number", LISTS)
def test_no_heading_of_a_list_stands_for_two_things(number):
    item = LISTS[number]
    headings = [plain(heading) for column in item.columns for heading in dict.fromkeys(map(plain, column.headings))]

    assert len(headings) == len(set(headings))
    assert not set(headings) & {plain(heading) for heading in item.not_read}


@pytest.mark.parametrize(
    ("number", "column"), [(number, column) for number, item in LISTS.items() for column in item.columns]
)
def test_every_accepted_heading_is_read_as_its_column(tmp_path, number, column):
    usual = {plain(heading) for heading in column.headings}
    for heading in column.headings:
        renamed = {heading.upper() if plain(name) in usual else name: cell for name, cell in ROWS[number].items()}
        raw = read_annex_a_workbook(put(tmp_path, {number: [renamed]}), "390", EXTRACT)

        assert not [finding for finding in _all(raw) if finding.rule in ("unknown_column", "missing_column")]
        if column.name in ("child_id", "start_date", "referral_date"):
            assert raw.lists[number][column.name][0] is not None


def _all(raw):
    return (*raw.cin.findings, *raw.ssda903.findings, *raw.findings)


def test_columns_that_are_missing_or_not_known_are_said(tmp_path):
    rows = [row(3) | {"Remarks": CANARY}]
    del rows[0]["Referral Source"]
    annex_a = read(tmp_path, {3: rows})

    assert ("unknown_column", "annex_a.list_3", "remarks") in rules(annex_a)
    assert ("missing_column", "annex_a.list_3", "referral_source") in rules(annex_a)


def test_age_team_and_worker_are_left_unread_without_a_word(tmp_path):
    rows = [row(3) | {"Age": 12.8, "Allocated Team": "North", "Allocated Worker": "A. Worker"}]

    assert not {rule for rule, *_ in rules(read(tmp_path, {3: rows}))} & {"unknown_column"}


def test_headings_may_stand_below_a_title(fixture):
    assert fixture.cin.episodes.filter(child_id="AXA001").height == 1


def test_lists_and_sheets_that_are_not_read_are_said(fixture):
    said = {(finding.rule, finding.table) for finding in fixture.findings}

    assert {("list_not_read", f"annex_a.list_{number}") for number in NOT_READ} <= said
    assert ("sheet_passed_over", "annex_a") in said


def test_lists_that_are_absent_are_said_and_their_figures_refused(tmp_path):
    annex_a = read(tmp_path, {3: [row(3)], 7: [row(7)]})

    absent = {finding.table for finding in annex_a.findings if finding.rule == "list_absent"}
    assert absent == {f"annex_a.list_{number}" for number in (4, 5, 6, 8, 9)}
    for indicator, number in ANSWERED.items():
        if number in (3, 7):
            csc.compute(annex_a.extracts, indicator, periods=csc.year(2025))
        else:
            with pytest.raises(csc.NothingComputed, match=rf"the workbook has no list of .* \(List {number}\)"):
                csc.compute(annex_a.extracts, indicator, periods=csc.year(2025))


# Labels


@pytest.mark.parametrize(
    ("labels", "code", "label"),
    [(name, code, label) for name, labels in LABELS.items() for code, label in labels.codes.items()],
)
def test_every_code_is_known_as_itself_by_its_label_and_by_both(labels, code, label):
    known = LABELS[labels]

    for text in (
        code,
        code.lower(),
        label,
        f" {label.upper()} ",
        f"{code} - {label}",
        f"{code}: {label}",
        f"x) {code}: {label}",
    ):
        assert known.code_of(text) == code, text


@pytest.mark.parametrize(
    ("labels", "letter", "code"),
    [
        (name, letter, code)
        for name, labels in LABELS.items()
        for letter, code in zip([*"abcdefghijklmnopqrstuvwxyz", "zz"], labels.letters, strict=False)
    ],
)
def test_a_letter_of_the_template_is_enough(labels, letter, code):
    assert LABELS[labels].code_of(f"{letter})") == code
    assert LABELS[labels].code_of(f"{letter.upper()}) {CANARY}") == code


@pytest.mark.parametrize("labels", LABELS)
def test_every_synonym_is_known_and_stands_for_one_code(labels):
    known = LABELS[labels]
    wordings = [(plain(label), code) for code, label in known.codes.items()]
    for code, texts in known.synonyms.items():
        assert code in known.codes
        assert [known.code_of(text) for text in texts] == [code] * len(texts)
        wordings += [(plain(text), code) for text in texts]

    assert len({wording for wording, _ in wordings}) == len(set(wordings))
    assert all(known.code_of(text) in (NOT_STATED, *known.codes) for text in known.unsaid)


def test_the_codes_and_labels_are_those_of_the_returns():
    own = {"yes_no", "case_status", "eligibility", "latest_in_touch", "latest_accommodation", "suitability"}

    assert own == set(LABELS) - set(CODE_SETS)
    for name in set(LABELS) - own:
        assert LABELS[name].codes == CODE_SETS[name].labels


@pytest.mark.parametrize(
    ("labels", "text", "code"),
    [
        ("yes_no", "b) No", NO),
        ("yes_no", "Y", YES),
        ("yes_no", "TRUE", YES),
        ("yes_no", "c) Unknown", NOT_STATED),
        ("ethnicity", "s) NOBT", "NOBT"),
        ("ethnicity", "s) REFU", "REFU"),
        ("ethnicity", "s)", None),
        ("category_of_abuse", "e) Multiple/not recommended", "MUL"),
        ("latest_accommodation", "B: Parents/relatives", "B"),
        ("latest_accommodation", "b) Community home/residential care", "C"),
        ("latest_accommodation", "o) With former foster carers", "Z"),
        ("latest_accommodation", "p) Other accommodation", "Y"),
        ("latest_in_touch", "No longer requires services", "NREQ"),
        ("latest_in_touch", "no idea", None),
        ("placement", "zz) T4: Temporary placement - seven days or less", "T4"),
        ("primary_need", "N1 Anything", "N1"),
        ("closure_reason", "RC8 \u2013 Case closed after assessment, no further action", "RC8"),
        ("referral_source", "a\u00a0) nothing", None),
        ("referral_source", "10: Unknown", "10"),
        ("sex", "Masculine", None),
    ],
)
def test_how_a_cell_is_understood(labels, text, code):
    assert LABELS[labels].code_of(text) == code


LABELLED = [(number, column) for number, item in LISTS.items() for column in item.columns if column.holds == "label"]


@pytest.mark.parametrize(("number", "column"), LABELLED, ids=lambda value: getattr(value, "name", str(value)))
def test_a_label_that_nobody_knows_is_reported_without_it(tmp_path, number, column):
    accepted = {plain(heading) for heading in column.headings}
    rows = [
        {name: CANARY if plain(name) in accepted else cell for name, cell in row(number, Child=f"A{n}").items()}
        for n in range(ROW_NUMBERS_SHOWN + 5)
    ]
    annex_a = read(tmp_path, {number: rows})

    (found,) = [finding for finding in annex_a.findings if finding.rule == "unknown_label"]
    assert (found.table, found.column) == (f"annex_a.list_{number}", column.name)
    assert (found.rows, found.row_numbers) == (len(rows), tuple(range(1, ROW_NUMBERS_SHOWN + 1)))
    assert found.source_file.endswith(f"annex_a.xlsx!List {number}")
    assert CANARY not in repr(annex_a) + repr(annex_a.findings)


def test_a_value_is_told_nowhere(tmp_path):
    """Every cell of every row is the canary, in turn, and then all at once."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        told = ""
        for heading in {name for cells in ROWS.values() for name in cells}:
            lists = {
                number: [cells | ({heading: CANARY} if heading in cells else {})] for number, cells in ROWS.items()
            }
            told += _said(tmp_path, lists)
        told += _said(tmp_path, {number: [dict.fromkeys(cells, CANARY)] for number, cells in ROWS.items()})
    finally:
        root.removeHandler(handler)
        root.setLevel(level)

    assert CANARY not in told
    assert CANARY not in stream.getvalue()


def _said(folder, lists):
    path = put(folder, lists)
    raw = read_annex_a_workbook(path, "390", EXTRACT)
    annex_a = csc.read_annex_a(path, la_code="390", extract_date=EXTRACT)
    lines = [finding.as_line() + repr(finding.as_dict()) for finding in annex_a.findings]
    notes = csc.compute(annex_a.extracts, periods=csc.year(2025)).notes
    return "\n".join(
        [repr(raw), repr(annex_a), repr(annex_a.extracts), repr(annex_a.cin), repr(annex_a.ssda903), *lines, *notes]
    )


def test_no_printed_form_tells_a_child(fixture):
    assert "AXA0" not in repr(fixture) + repr(fixture.extracts) + repr(fixture.cin) + repr(fixture.ssda903)


# Days


@pytest.mark.parametrize(
    "written", [dt.date(2024, 5, 1), "01/05/2024", "2024-05-01", "01/05/24", "2024-05-01 00:00:00"]
)
def test_a_day_may_be_a_date_or_a_text(tmp_path, written):
    annex_a = read(tmp_path, {3: [row(3, Date_of_referral=written)], 8: [row(8, Date_Started=written)]})

    assert annex_a.cin.episodes["referral_date"].to_list() == [dt.date(2024, 5, 1)]
    assert annex_a.ssda903.episodes["start_date"].min() == dt.date(2024, 5, 1)


def test_days_written_month_first_are_not_believed(tmp_path):
    rows = [row(3, Child="A1", Date_of_referral="05/25/2024"), row(3, Child="A2", Date_of_referral="05/06/2024")]
    found = rules(read(tmp_path, {3: rows, 6: [row(6, Child="A9")]}))

    assert found["ambiguous_date", "annex_a.list_3", "referral_date"] == 1
    assert found["unreadable_date", "episodes", "referral_date"] == 1


def test_a_list_that_covers_less_than_was_said_is_asked_about(tmp_path):
    late = [row(3, Date_of_referral=dt.date(2024, 11, 1))]

    assert ("covers_less", "annex_a.list_3", "referral_date") in rules(read(tmp_path, {3: late}))
    assert ("covers_less", "annex_a.list_3", "referral_date") not in rules(read(tmp_path, {3: late}, months=6))


# Cases


def cases(annex_a):
    return annex_a.cin.episodes.select("child_id", "referral_date", "closure_date", "primary_need").rows()


def test_a_case_joins_the_referral_that_led_to_it(tmp_path):
    started, closed = dt.date(2024, 5, 20), dt.date(2024, 9, 1)
    need = row(6, CIN_Start=started, CIN_Closure=closed, Reason="RC7")
    annex_a = read(tmp_path, {3: [row(3)], 6: [need]})

    assert cases(annex_a) == [("A1", dt.date(2024, 5, 1), closed, "N1")]
    assert [account.as_dict()["rows_kept"] for account in annex_a.accounts] == [1, 1]


@pytest.mark.parametrize(
    ("day", "nfa", "joined"),
    [
        (dt.date(2024, 5, 1), "b) No", True),
        (dt.date(2024, 7, 3), "b) No", True),  # 63 days
        (dt.date(2024, 7, 4), "b) No", False),
        (dt.date(2024, 4, 30), "b) No", False),
        (dt.date(2024, 5, 2), "a) Yes", False),
        (dt.date(2024, 5, 2), "", True),
    ],
)
def test_how_long_after_a_referral_a_case_may_begin(tmp_path, day, nfa, joined):
    annex_a = read(tmp_path, {3: [row(3, Referral_NFA=nfa)], 6: [row(6, CIN_Start=day)]})

    assert annex_a.cin.episodes.height == (1 if joined else 2)
    assert (("case_without_referral", "annex_a.list_6", "start_date") in rules(annex_a)) is not joined


def test_a_referral_leads_to_one_case_and_a_case_comes_of_the_latest(tmp_path):
    referrals = [row(3), row(3, Date_of_referral=dt.date(2024, 5, 20))]
    needs = [row(6, CIN_Start=dt.date(2024, 5, 25)), row(6, CIN_Start=dt.date(2024, 6, 1), Primary="N5")]
    annex_a = read(tmp_path, {3: referrals, 6: needs})

    assert [(day, need) for _, day, _, need in cases(annex_a)] == [
        (dt.date(2024, 5, 1), None),
        (dt.date(2024, 5, 20), "N1"),
        (dt.date(2024, 6, 1), "N5"),
    ]


def test_a_referral_without_a_case_lasts_as_long_as_its_work(tmp_path):
    def closed(**lists):
        given = {3: [row(3)], 6: [row(6, Child="B1")], **{int(name[1:]): rows for name, rows in lists.items()}}
        return next(end for child, _, end, _ in cases(read(tmp_path, given)) if child == "A1")

    assert closed() == dt.date(2024, 5, 1)
    assert closed(_4=[row(4)]) == dt.date(2024, 6, 3)
    assert closed(_4=[row(4)], _5=[row(5)]) == dt.date(2024, 6, 3)
    assert closed(_4=[row(4, Continuous_Assessment_Date="")]) is None
    assert closed(_4=[row(4)], _7=[row(7)]) is None
    assert closed(_4=[row(4)], _7=[row(7, Child_Protection_Plan_End=dt.date(2025, 1, 6))]) == dt.date(2025, 1, 6)


def test_without_the_list_of_children_in_need_nothing_is_said_of_closure(tmp_path):
    assert cases(read(tmp_path, {3: [row(3)]})) == [("A1", dt.date(2024, 5, 1), None, None)]


def test_work_of_a_child_in_no_list_of_cases_is_kept_and_adds_no_referral_of_the_span(tmp_path):
    annex_a = read(tmp_path, {3: [row(3, Child="B1")], 6: [row(6, Child="B1")], 7: [row(7)]})
    made = annex_a.cin.episodes.filter(child_id="A1")

    assert made.select("referral_date", "closure_date", "observed_from").rows() == [(dt.date(2024, 3, 31), None, None)]
    assert rules(annex_a)["activity_without_case", "annex_a.list_7", "child_id"] == 1
    frame = csc.compute(annex_a.extracts, "referrals", periods=csc.year(2025), internal=True).frame
    assert frame.filter(level="Local authority", breakdown="total")["numerator"].to_list() == [1.0]


def test_work_belongs_to_the_latest_case_begun_by_then_else_to_the_first(tmp_path):
    needs = [row(6), row(6, CIN_Start=dt.date(2024, 9, 2), Primary="N5")]
    work = [
        row(4, Continuous_Assessment_Start=day)
        for day in (dt.date(2024, 9, 2), dt.date(2024, 9, 1), dt.date(2024, 4, 20))
    ]
    annex_a = read(tmp_path, {4: work, 6: needs})

    assert annex_a.cin.assessments.sort("start_date")["primary_need"].to_list() == ["N1", "N1", "N5"]


def test_a_case_closed_without_a_day_is_said(tmp_path):
    annex_a = read(tmp_path, {6: [row(6, Case_Status="e) Closed episode")]})

    assert rules(annex_a)["closed_without_date", "annex_a.list_6", "closure_date"] == 1


def test_what_a_child_is_described_as(tmp_path):
    lists = {
        3: [row(3, Gender="", Ethnicity="s) REFU")],
        4: [row(4, Gender="a) Male", Does="a) Yes")],
        6: [row(6), row(6, Child="B1", Date_of_Birth=dt.date(2025, 6, 1)), row(6, Child="C1", Does="c) Unknown")],
    }
    annex_a = read(tmp_path, lists)
    shown = annex_a.cin.children.select("child_id", "sex", "ethnicity", "disabled", "unborn").sort("child_id").rows()

    assert shown == [
        ("A1", "M", "REFU", True, False),
        ("B1", "F", "WBRI", False, True),
        ("C1", "F", "WBRI", None, False),
    ]
    found = rules(annex_a)
    assert found["described_differently", "annex_a.list_6", "sex"] == 1
    assert found["described_differently", "annex_a.list_4", "ethnicity"] == 1


# Periods of care


def care(annex_a):
    columns = ("start_date", "end_date", "reason_for_new_episode", "reason_ceased", "legal_status", "placement")
    return annex_a.ssda903.episodes.select(columns).rows()


START, PLACED, ENDED = dt.date(2024, 5, 10), dt.date(2024, 8, 1), dt.date(2025, 1, 6)


def test_a_placement_since_care_began_is_one_episode(tmp_path):
    assert care(read(tmp_path, {8: [row(8)]})) == [(START, None, "S", None, "C2", "U4")]


def test_a_placement_that_began_later_is_a_second_episode(tmp_path):
    moved = row(8, Start_Date_of_Most=PLACED, Date_Ceased=ENDED, Reason_Ceased="e) E4A: Returned home")

    assert care(read(tmp_path, {8: [moved]})) == [
        (START, PLACED, "S", "X1", "C2", None),
        (PLACED, ENDED, "P", "E4A", "C2", "U4"),
    ]


@pytest.mark.parametrize(
    ("status", "since", "before"),
    [("C2", dt.date(2024, 7, 1), None), ("C2", START, "C2"), ("V4", "", "V4"), ("C2", "", None)],
)
def test_the_legal_status_of_today_is_that_of_before_only_when_it_is_known_to_be(tmp_path, status, since, before):
    moved = row(8, Start_Date_of_Most=PLACED, **{"Child's_Legal_Status": status}, Start_date_of_current=since)

    assert [episode[4] for episode in care(read(tmp_path, {8: [moved]}))] == [before, status]


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({"Start_Date_of_Most": ""}, "missing_placement_start"),
        ({"Start_Date_of_Most": ENDED, "Date_Ceased": ENDED, "Reason_Ceased": "E4A"}, "placement_after_care"),
        ({"Is_this_a_second": "a) Yes"}, "earlier_period_not_listed"),
    ],
)
def test_what_is_odd_about_a_period_of_care_is_said(tmp_path, cells, rule):
    annex_a = read(tmp_path, {8: [row(8, **cells)]})

    assert {found for found, *_ in rules(annex_a)} >= {rule}
    assert len(care(annex_a)) == 1


def test_two_periods_of_care_are_two(tmp_path):
    rows = [
        row(8, Date_Ceased=dt.date(2024, 6, 1), Reason_Ceased="E4A"),
        row(8, Date_Started=dt.date(2024, 9, 2), Start_Date_of_Most=dt.date(2024, 9, 2), Is_this_a_second="a) Yes"),
    ]
    annex_a = read(tmp_path, {8: rows})

    assert [episode[0] for episode in care(annex_a)] == [START, dt.date(2024, 9, 2)]
    assert "earlier_period_not_listed" not in {found for found, *_ in rules(annex_a)}


@pytest.mark.parametrize(("day", "sex"), [(dt.date(2024, 3, 31), "M"), (dt.date(2025, 3, 31), "M")])
def test_a_childs_sex_is_read_whichever_codes_the_year_has(tmp_path, day, sex):
    annex_a = read(tmp_path, {8: [row(8, Gender="a) Male", Date_Started="01/02/2024", UASC="Y")]}, extract_date=day)

    assert annex_a.ssda903.episodes["sex"].to_list()[:1] == [sex]
    assert annex_a.ssda903.episodes["unaccompanied"].all()
    assert "code_outside_its_years" not in {found for found, *_ in rules(annex_a)}


# Every row is accounted for


def test_every_row_is_kept_rejected_or_superseded(fixture):
    accounts = (*fixture.accounts, *fixture.cin.accounts, *fixture.ssda903.accounts)

    assert all(account.balances for account in accounts)
    assert [account.table for account in fixture.accounts] == [f"List {number}" for number in range(3, 10)]


@pytest.mark.parametrize("number", range(3, 10))
def test_every_row_of_the_workbook_is_read(fixture, number):
    cells = fastexcel.read_excel(FIXTURE).load_sheet(f"List {number}", header_row=None, dtypes="string").to_polars()
    first = cells.to_series(0).to_list().index("Child Unique ID")

    assert next(a for a in fixture.accounts if a.table == f"List {number}").read == cells.height - first - 1


def test_rows_are_numbered_as_in_their_list(fixture):
    plans = fixture.cin.child_protection_plans

    assert plans.sort("source_row").select("child_id", "source_row").rows() == [
        ("AXA001", 1), ("AXA009", 2), ("AXA013", 3), ("AXA009", 4)
    ]  # fmt: skip
    made = fixture.cin.episodes.filter(child_id="AXA013")
    assert (made["source_file"][0].rpartition("!")[2], made["source_row"][0]) == ("List 7", 3)
    assert all(number < 100 for finding in fixture.findings for number in finding.row_numbers)


def test_a_row_without_a_child_is_rejected_and_its_number_told(fixture):
    (found,) = [
        finding for finding in fixture.findings
        if (finding.rule, finding.table, finding.severity) == ("missing_child_id", "children", "rejected")
    ]  # fmt: skip

    assert (found.source_file.rpartition("!")[2], found.row_numbers) == ("List 3", (7,))
    assert next(a for a in fixture.accounts if a.table == "List 3").rejected == {"left_out_of_tables": 3 - 1}


def test_a_care_leaver_is_listed_once(tmp_path):
    annex_a = read(tmp_path, {9: [row(9), row(9, LA_in_Touch="b) No")]})

    assert annex_a.care_leavers["in_touch"].to_list() == ["YES"]
    assert annex_a.accounts[0].rejected == {"duplicated_child": 1}


# What cannot be read at all


@pytest.mark.parametrize("content", [b"", b"child,day\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)])
def test_what_is_no_workbook_or_protected_is_refused(tmp_path, content):
    path = tmp_path / "annex_a.xlsx"
    path.write_bytes(content)

    with pytest.raises(csc.UnreadableFile) as caught:
        csc.read_annex_a(path, la_code="390", extract_date=EXTRACT)
    assert str(caught.value) == (
        f"{path}: not an Excel workbook, damaged, or protected by a password. Save it again as .xlsx without one."
    )


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(csc.UnreadableFile, match=r"annex_a\.xlsx: "):
        csc.read_annex_a(tmp_path / "annex_a.xlsx", la_code="390", extract_date=EXTRACT)


def test_a_workbook_that_cannot_be_believed_is_refused(tmp_path):
    without_day = [{name: cell for name, cell in row(3).items() if name != "Date of referral"}]
    without_child = [{name: cell for name, cell in row(3).items() if name != "Child Unique ID"}]
    twice = [row(3) | {"Sex": "F"}]

    assert refusal(tmp_path, {"Notes": [{"a": CANARY}]}) == (
        "annex_a.xlsx: no sheet is a list of Annex A that is read. Name the sheets as the template does: List 3."
    )
    assert refusal(tmp_path, {3: without_day}) == (
        "annex_a.xlsx!List 3: the column Date of Referral is missing. Add it, with this heading."
    )
    assert refusal(tmp_path, {3: without_child}) == (
        "annex_a.xlsx!List 3: no line has the heading Child Unique ID. Its first line must hold the headings."
    )
    assert (
        refusal(tmp_path, {3: twice}) == "annex_a.xlsx!List 3: the column Gender is there twice. Give each column once."
    )
    assert refusal(tmp_path, {3: [row(3)], "list_3 (old)": [row(3)]}) == (
        "annex_a.xlsx!List 3: List 3 is in the workbook twice. Give one of them."
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"la_code": 390}, "la_code must be the three digits"),
        ({"la_code": "39"}, "la_code must be the three digits"),
        ({"extract_date": "2025-03-31"}, "extract_date must be a day"),
        ({"extract_date": dt.datetime(2025, 3, 31)}, "extract_date must be a day"),  # noqa: DTZ001
        ({"months": 0}, "months must be a whole number of months"),
        ({"months": True}, "months must be a whole number of months"),
    ],
)
def test_arguments_of_the_wrong_kind_are_refused(arguments, said):
    with pytest.raises(csc.UsageError, match=said):
        csc.read_annex_a(FIXTURE, **({"la_code": "390", "extract_date": EXTRACT} | arguments))


def test_an_empty_list_is_a_list_without_rows(tmp_path):
    path = put(tmp_path, {3: [dict.fromkeys(ROWS[3], "")], 6: [row(6)]})
    annex_a = csc.read_annex_a(path, la_code="390", extract_date=EXTRACT)

    assert [(account.table, account.read) for account in annex_a.accounts] == [("List 3", 0), ("List 6", 1)]


# The days that an extract covers, where it is no reporting year


def test_the_raw_tables_carry_the_days_they_cover():
    raw = read_annex_a_workbook(FIXTURE, "390", dt.date(2025, 2, 27), months=6)

    assert (raw.first_day, raw.last_day) == (dt.date(2024, 8, 28), dt.date(2025, 2, 27))
    assert raw.cin.censuses.select("first_day", "reference_date").row(0) == ("2024-08-28", "2025-02-27")
    assert raw.ssda903.returns.select("first_day", "last_day").row(0) == (raw.first_day, raw.last_day)
    assert raw.cin.tables["episodes"].schema["source_file"] == pl.String


def test_open_spells_are_known_to_be_open_up_to_the_day_of_the_extract(fixture):
    for table in (fixture.cin.episodes, fixture.cin.child_protection_plans, fixture.ssda903.episodes):
        assert set(table["known_to"]) == {EXTRACT}


def test_the_workbook_of_the_fixtures_is_what_its_script_writes(tmp_path):
    script = runpy.run_path(str(FIXTURE.with_name("make_annex_a.py")))
    script["write"](tmp_path / "again.xlsx")

    assert (tmp_path / "again.xlsx").read_bytes() == FIXTURE.read_bytes()
