"""The CIN census XML reader: every element to its column, and every way a readable file can be odd."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csc_indicators.extracts import cin_census
from csc_indicators.extracts.cin_census import CENSUS_TREE, Rows, read_cin_census_xml
from csc_indicators.extracts.raw import CENSUS_COLUMNS, RAW_TABLES
from tests.lib.census_xml import HEADER, child, message, read, rows, write

FULL_EPISODE = """<CINdetails>
 <CINreferralDate> 2025-10-02 </CINreferralDate><ReferralSource>6</ReferralSource><PrimaryNeedCode>N1</PrimaryNeedCode>
 <CINclosureDate>2026-02-01</CINclosureDate><ReasonForClosure>RC8</ReasonForClosure>
 <DateOfInitialCPC>2025-10-20</DateOfInitialCPC>
 <Assessments><AssessmentActualStartDate>2025-10-03</AssessmentActualStartDate>
  <AssessmentInternalReviewDate>2025-10-10</AssessmentInternalReviewDate>
  <AssessmentAuthorisationDate>2025-11-01</AssessmentAuthorisationDate>
  <FactorsIdentifiedAtAssessment><AssessmentFactors>3B</AssessmentFactors><AssessmentFactors>4B</AssessmentFactors>
  </FactorsIdentifiedAtAssessment></Assessments>
 <CINPlanDates><CINPlanStartDate>2025-11-02</CINPlanStartDate><CINPlanEndDate>2025-12-02</CINPlanEndDate></CINPlanDates>
 <Section47><S47ActualStartDate>2025-10-06</S47ActualStartDate><InitialCPCtarget>2025-10-24</InitialCPCtarget>
  <DateOfInitialCPC>2025-10-23</DateOfInitialCPC><ICPCnotRequired>false</ICPCnotRequired></Section47>
 <ReferralNFA>0</ReferralNFA>
 <ChildProtectionPlans><CPPstartDate>2025-10-23</CPPstartDate><CPPendDate>2026-01-30</CPPendDate>
  <InitialCategoryOfAbuse>NEG</InitialCategoryOfAbuse><LatestCategoryOfAbuse>EMO</LatestCategoryOfAbuse>
  <NumberOfPreviousCPP>0</NumberOfPreviousCPP><Reviews><CPPreviewDate>2026-01-20</CPPreviewDate></Reviews>
 </ChildProtectionPlans>
 <PreProceedingsandFGDM><PPStartDate>2025-12-01</PPStartDate><LBPSentDate>2025-12-02</LBPSentDate>
  <FGDMMeetingOffer>1</FGDMMeetingOffer><FGDMMeetingFac>0</FGDMMeetingFac>
  <InitialPPMeetingDate>2025-12-03</InitialPPMeetingDate><ReviewMeetingsCount>2</ReviewMeetingsCount>
  <StepDecisionDate>2025-12-04</StepDecisionDate><PPOutcome>A</PPOutcome><CourtAppDate>2025-12-05</CourtAppDate>
  <LetterInitCPDate>2025-12-06</LetterInitCPDate></PreProceedingsandFGDM>
</CINdetails>"""
FULL_CHILD = f"""<Child><ChildIdentifiers><LAchildID>DEMO1</LAchildID><UPN>A123456789012</UPN><FormerUPN>B1</FormerUPN>
 <UPNunknown>UN1</UPNunknown><PersonBirthDate>2019-06-04</PersonBirthDate>
 <ExpectedPersonBirthDate>2019-06-01</ExpectedPersonBirthDate><GenderCurrent>2</GenderCurrent><Sex>F</Sex>
 <PersonDeathDate>2026-01-31</PersonDeathDate></ChildIdentifiers>
 <ChildCharacteristics><Ethnicity>MWBC</Ethnicity><Disabilities><Disability>COMM</Disability><Disability>AUT</Disability>
 </Disabilities></ChildCharacteristics>{FULL_EPISODE}</Child>"""
LETTER = "2025-12-06"
FULL_ROWS = {
    "children": [
        (0, 1, "DEMO1", "A123456789012", "B1", "UN1", "2019-06-04", "2019-06-01", "2", "F", "2026-01-31", "MWBC")
    ],
    "disabilities": [(0, 1, 1, "COMM"), (0, 2, 1, "AUT")],
    "episodes": [(0, 1, 1, "2025-10-02", "6", "N1", "2026-02-01", "RC8", "2025-10-20", "0")],
    "assessments": [(0, 1, 1, 1, "2025-10-03", "2025-10-10", "2025-11-01")],
    "assessment_factors": [(0, 1, 1, 1, 1, "3B"), (0, 2, 1, 1, 1, "4B")],
    "child_in_need_plans": [(0, 1, 1, 1, "2025-11-02", "2025-12-02")],
    "section_47_enquiries": [(0, 1, 1, 1, "2025-10-06", "2025-10-24", "2025-10-23", "false")],
    "child_protection_plans": [(0, 1, 1, 1, "2025-10-23", "2026-01-30", "NEG", "EMO", "0")],
    "reviews": [(0, 1, 1, 1, 1, "2026-01-20")],
    "pre_proceedings": [
        (0, 1, 1, 1, "2025-12-01", "2025-12-02", "1", "0", "2025-12-03", "2", "2025-12-04", "A", "2025-12-05", LETTER)
    ],
}


def test_every_element_reaches_its_column(tmp_path):
    raw = read(tmp_path, message(FULL_CHILD))
    assert {name: table.rows() for name, table in raw.tables.items()} == FULL_ROWS
    assert {name: table.schema for name, table in raw.tables.items()} == {n: s.schema for n, s in RAW_TABLES.items()}
    assert raw.findings == ()


def test_the_header_is_read(tmp_path):
    raw = read(tmp_path, message())
    assert raw.censuses.columns == ["census", *CENSUS_COLUMNS]
    path = str(tmp_path / "census.xml")
    assert raw.censuses.rows() == [
        (0, path, "999", "2026-03-31", "CIN", "2026", "L", "demo", "1", "001", "2026-05-01T09:00:00")
    ]


def test_the_tree_names_every_raw_column_once():
    found: dict[str, list[str]] = {name: [] for name in ("censuses", *RAW_TABLES)}

    def collect(table, contents):
        if isinstance(contents, Rows):
            table, contents = contents.table, contents.contents
        if isinstance(contents, str):
            found[table].append(contents)
        else:
            for part in contents.values():
                collect(table, part)

    collect("censuses", CENSUS_TREE["Header"])
    collect("children", CENSUS_TREE["Children"])
    expected = {name: sorted(shape.columns) for name, shape in RAW_TABLES.items()}
    expected["censuses"] = sorted(set(CENSUS_COLUMNS) - {"source_file"})
    assert {name: sorted(columns) for name, columns in found.items()} == expected


def test_a_message_without_children_has_no_rows(tmp_path):
    raw = read(tmp_path, "<Message/>")
    assert [table.height for table in raw.tables.values()] == [0] * len(RAW_TABLES)
    assert raw.censuses.drop("census", "source_file").row(0) == (None,) * (len(CENSUS_COLUMNS) - 1)
    assert raw.findings == ()


@pytest.mark.parametrize("missing", ["LEA", "ReferenceDate"])
def test_a_header_without_authority_or_date_is_read_with_it_null(tmp_path, missing):
    start, end = HEADER.index(f"<{missing}>"), HEADER.index(f"</{missing}>") + len(missing) + 3
    raw = read(tmp_path, message(child(), header=HEADER[:start] + HEADER[end:]))
    column = {"LEA": "la_code", "ReferenceDate": "reference_date"}[missing]
    assert raw.censuses[column].to_list() == [None]
    assert raw.tables["children"].height == 1


def test_the_header_may_come_last(tmp_path):
    raw = read(tmp_path, f"<Message><Children>{child()}</Children>{HEADER}</Message>")
    assert raw.censuses["la_code"].to_list() == ["999"]
    assert rows(raw, "children", "child_id") == [("DEMO1",)]


def test_only_the_first_source_is_used(tmp_path):
    second = "<Source><LEA>998</LEA><SoftwareCode>other</SoftwareCode></Source></Header>"
    raw = read(tmp_path, message(header=HEADER.replace("</Header>", second)))
    assert raw.censuses.select("la_code", "software_code").rows() == [("999", "demo")]
    (finding,) = raw.findings
    assert (finding.severity, finding.rule, finding.table, finding.rows) == ("kept", "repeated_source", "censuses", 1)


def plan(*reviews: str) -> str:
    start = "<CPPstartDate>2025-01-01</CPPstartDate>"
    return f"<CINdetails><ChildProtectionPlans>{start}{''.join(reviews)}</ChildProtectionPlans></CINdetails>"


LINKED = {
    "child_row": "children",
    "episode_row": "episodes",
    "assessment_row": "assessments",
    "plan_row": "child_protection_plans",
}
DAYS = [f"<CPPreviewDate>2025-02-0{day}</CPPreviewDate>" for day in (1, 2, 3)]


@pytest.mark.parametrize(
    "reviews",
    [[f"<Reviews>{''.join(DAYS)}</Reviews>"], [f"<Reviews>{day}</Reviews>" for day in DAYS]],
    ids=["one block", "a block each"],
)
def test_both_forms_of_reviews_are_read(tmp_path, reviews):
    raw = read(tmp_path, message(child(1, plan()), child(2, plan(*reviews))))
    assert rows(raw, "reviews", "source_row", "child_row", "episode_row", "plan_row", "review_date") == [
        (1, 2, 2, 2, "2025-02-01"),
        (2, 2, 2, 2, "2025-02-02"),
        (3, 2, 2, 2, "2025-02-03"),
    ]
    assert raw.findings == ()


@pytest.mark.parametrize(
    ("episode", "enquiry"), [("2025-05-01", None), (None, "2025-06-01"), ("2025-05-01", "2025-06-01")]
)
def test_conferences_of_episode_and_enquiry_are_kept_apart(tmp_path, episode, enquiry):
    at_episode = f"<DateOfInitialCPC>{episode}</DateOfInitialCPC>" if episode else ""
    at_enquiry = f"<DateOfInitialCPC>{enquiry}</DateOfInitialCPC>" if enquiry else ""
    inside = f"<CINdetails><Section47>{at_enquiry}</Section47>{at_episode}</CINdetails>"
    raw = read(tmp_path, message(child(1, inside)))
    assert rows(raw, "episodes", "initial_conference_date") == [(episode,)]
    assert rows(raw, "section_47_enquiries", "initial_conference_date") == [(enquiry,)]
    assert raw.findings == ()


@pytest.mark.parametrize(
    "factors",
    ["<FactorsIdentifiedAtAssessment/>", "", "<FactorsIdentifiedAtAssessment> \n</FactorsIdentifiedAtAssessment>"],
)
def test_an_assessment_without_factors_has_no_factor_rows(tmp_path, factors):
    raw = read(tmp_path, message(child(1, f"<CINdetails><Assessments>{factors}</Assessments></CINdetails>")))
    assert raw.tables["assessment_factors"].height == 0
    assert raw.tables["assessments"].rows() == [(0, 1, 1, 1, None, None, None)]
    assert raw.findings == ()


def test_an_empty_repeated_element_is_a_row_without_text(tmp_path):
    disabilities = "<Disabilities><Disability/><Disability> MOB </Disability></Disabilities>"
    inside = f"<ChildCharacteristics>{disabilities}</ChildCharacteristics>"
    assert read(tmp_path, message(child(1, inside))).tables["disabilities"].rows() == [
        (0, 1, 1, None),
        (0, 2, 1, "MOB"),
    ]


def test_text_is_stripped_and_empty_text_is_null(tmp_path):
    inside = (
        "<CINdetails><CINreferralDate>\n 2025-04-01\t</CINreferralDate><ReferralSource> </ReferralSource>"
        "<PrimaryNeedCode></PrimaryNeedCode><CINclosureDate/></CINdetails>"
    )
    raw = read(tmp_path, message(child(1, inside)))
    assert raw.tables["episodes"].rows() == [(0, 1, 1, "2025-04-01", None, None, None, None, None, None)]


def test_comments_cdata_and_instructions_do_not_split_text(tmp_path):
    inside = "<CINdetails><CINreferralDate>2025<!-- note -->-04<?x y?><![CDATA[-01]]></CINreferralDate></CINdetails>"
    raw = read(tmp_path, message("<!-- a child -->", child(1, inside)))
    assert rows(raw, "episodes", "referral_date") == [("2025-04-01",)]
    assert raw.findings == ()


def test_elements_may_stand_in_any_order(tmp_path):
    text = (
        "<Child><CINdetails><ReferralNFA>1</ReferralNFA><Assessments><FactorsIdentifiedAtAssessment><AssessmentFactors>21"
        "</AssessmentFactors></FactorsIdentifiedAtAssessment><AssessmentActualStartDate>2025-04-03"
        "</AssessmentActualStartDate></Assessments><CINreferralDate>2025-04-02</CINreferralDate></CINdetails>"
        "<ChildCharacteristics><Ethnicity>WBRI</Ethnicity></ChildCharacteristics><ChildIdentifiers><Sex>M</Sex>"
        "<LAchildID>DEMO1</LAchildID></ChildIdentifiers></Child>"
    )
    raw = read(tmp_path, message(text))
    assert rows(raw, "children", "child_id", "sex", "ethnicity") == [("DEMO1", "M", "WBRI")]
    assert rows(raw, "episodes", "referral_date", "no_further_action") == [("2025-04-02", "1")]
    assert rows(raw, "assessments", "start_date") == [("2025-04-03",)]
    assert rows(raw, "assessment_factors", "factor") == [("21",)]


@pytest.mark.parametrize(
    "opening", ['<Message xmlns="urn:example">', '<c:Message xmlns:c="urn:example">', '<Message a="1" xmlns:x="urn:x">']
)
def test_a_namespace_or_attribute_on_the_root_is_tolerated(tmp_path, opening):
    name = opening[1:].split()[0]
    text = message(FULL_CHILD).replace("<Message>", opening).replace("</Message>", f"</{name}>")
    raw = read(tmp_path, text)
    assert {table: frame.rows() for table, frame in raw.tables.items()} == FULL_ROWS
    assert raw.censuses["la_code"].to_list() == ["999"]
    assert raw.findings == ()


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("UTF-8", "utf-8"),
        ("UTF-8", "utf-8-sig"),
        ("UTF-16", "utf-16"),
        ("ISO-8859-1", "latin-1"),
        ("windows-1252", "cp1252"),
    ],
)
def test_the_declared_encoding_is_used(tmp_path, declared, codec):
    text = f'<?xml version="1.0" encoding="{declared}"?>\n' + message(child()).replace("DEMO1", "D\u00e9mo")
    assert rows(read(tmp_path, text.encode(codec)), "children", "child_id") == [("D\u00e9mo",)]


def test_files_are_numbered_in_the_order_given(tmp_path):
    first = write(tmp_path, message(child(1), child(2)), "b.xml")
    second = write(tmp_path, message(child(3), header=HEADER.replace("999", "998")), "a.xml")
    raw = read_cin_census_xml([first, second])
    assert raw.censuses.select("census", "source_file", "la_code").rows() == [
        (0, str(first), "999"),
        (1, str(second), "998"),
    ]
    assert rows(raw, "children", "census", "source_row", "child_id") == [
        (0, 1, "DEMO1"),
        (0, 2, "DEMO2"),
        (1, 1, "DEMO3"),
    ]


def test_no_files_make_empty_tables():
    raw = read_cin_census_xml([])
    assert raw.censuses.height == 0
    assert {name: table.schema for name, table in raw.tables.items()} == {n: s.schema for n, s in RAW_TABLES.items()}


def test_progress_adds_up_to_the_size_of_the_files(tmp_path, monkeypatch):
    monkeypatch.setattr(cin_census, "CHUNK_BYTES", 100)
    path = write(tmp_path, message(FULL_CHILD))
    steps: list[int] = []
    read_cin_census_xml([path, path], on_progress=steps.append)
    assert sum(steps) == 2 * path.stat().st_size
    assert max(steps) == 100


@pytest.mark.parametrize("chunk", [1, 7, 100, 1 << 18])
def test_where_the_chunks_fall_changes_nothing(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(cin_census, "CHUNK_BYTES", chunk)
    raw = read(tmp_path, message(FULL_CHILD))
    assert {name: table.rows() for name, table in raw.tables.items()} == FULL_ROWS


def test_memory_is_bounded_by_the_tables(tmp_path, monkeypatch):
    """At no time does the document hold more than one chunk's children, or a store more than its share of rows."""
    monkeypatch.setattr(cin_census, "CHUNK_BYTES", 2_000)
    monkeypatch.setattr(cin_census, "ROWS_HELD", 50)
    in_document: list[int] = []
    held: list[int] = []
    read_parts, pack = cin_census._read_parts, cin_census._Store.pack

    def watch_parts(elements, block, cells, start, row):
        if not row and isinstance(elements, tuple):
            in_document.append(len(elements[0].getparent()) if elements[0].getparent() is not None else 0)
        read_parts(elements, block, cells, start, row)

    def watch_pack(store, at_least=1):
        pack(store, at_least)
        held.append(len(store.cells) // len(cin_census._row_columns(store.table)))

    monkeypatch.setattr(cin_census, "_read_parts", watch_parts)
    monkeypatch.setattr(cin_census._Store, "pack", watch_pack)
    raw = read(tmp_path, message(*(child(number, FULL_EPISODE) for number in range(1_000))))
    assert raw.tables["assessment_factors"].height == 2_000
    assert len(in_document) >= 1_000
    assert max(in_document) <= 4
    assert max(held) < 50


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    episodes=st.lists(
        st.sampled_from(["", FULL_EPISODE, plan(f"<Reviews>{DAYS[0]}</Reviews>"), "<CINdetails/>"]), max_size=8
    ),
    cut=st.integers(0, 8),
)
def test_a_file_split_in_two_gives_the_same_rows(tmp_path, episodes, cut):
    children = [child(number, episode) for number, episode in enumerate(episodes)]
    whole = read_cin_census_xml([write(tmp_path, message(*children), "whole.xml")])
    halves = read_cin_census_xml(
        [
            write(tmp_path, message(*children[:cut]), "first.xml"),
            write(tmp_path, message(*children[cut:]), "second.xml"),
        ]
    )
    for name, shape in RAW_TABLES.items():
        assert halves.tables[name].select(shape.columns).rows() == whole.tables[name].select(shape.columns).rows()
        # The second file numbers its rows from 1 again: moved on by the first file's rows, all links are the whole's.
        offsets = {
            number: pl.col(number)
            + pl.when(pl.col("census") == 1).then(halves.tables[kind].filter(census=0).height).otherwise(0)
            for number, kind in {
                "source_row": name,
                **{link: LINKED[link] for link in shape.links},
            }.items()
        }
        moved = halves.tables[name].select(**offsets)
        assert moved.rows() == whole.tables[name].select(list(offsets)).rows()
