"""A CIN census as the XML file a case system returns, made of the tables of one return."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import polars as pl

Elements: TypeAlias = tuple[tuple[str, str], ...]
"""Elements in the order of the schema, each with the column it is made of."""

IDENTIFIERS: Elements = (
    ("LAchildID", "child_id"),
    ("UPN", "unique_pupil_number"),
    ("UPNunknown", "unique_pupil_number_unknown"),
    ("PersonBirthDate", "birth_date"),
    ("ExpectedPersonBirthDate", "expected_birth_date"),
    ("GenderCurrent", "gender_current"),
    ("Sex", "sex"),
    ("PersonDeathDate", "death_date"),
)
CASE_BEGINS: Elements = (
    ("CINreferralDate", "referral_date"),
    ("ReferralSource", "referral_source"),
    ("PrimaryNeedCode", "primary_need"),
    ("CINclosureDate", "closure_date"),
    ("ReasonForClosure", "closure_reason"),
    ("DateOfInitialCPC", "initial_conference_date"),
)
ASSESSMENT: Elements = (
    ("AssessmentActualStartDate", "start_date"),
    ("AssessmentAuthorisationDate", "authorisation_date"),
)
NEED_PLAN: Elements = (("CINPlanStartDate", "start_date"), ("CINPlanEndDate", "end_date"))
ENQUIRY: Elements = (
    ("S47ActualStartDate", "start_date"),
    ("InitialCPCtarget", "conference_target_date"),
    ("DateOfInitialCPC", "initial_conference_date"),
    ("ICPCnotRequired", "conference_not_required"),
)
PLAN: Elements = (
    ("CPPstartDate", "start_date"),
    ("CPPendDate", "end_date"),
    ("InitialCategoryOfAbuse", "initial_category_of_abuse"),
    ("LatestCategoryOfAbuse", "latest_category_of_abuse"),
    ("NumberOfPreviousCPP", "number_of_previous_plans"),
)
CASE = ("child_id", "episode")


def census_document(tables: Mapping[str, pl.DataFrame], la_code: str, year: int) -> bytes:
    """The file of one authority's return for one year. Every cell is one of our own codes, numbers or days."""
    factors = joined_up(tables["assessment_factors"], (*CASE, "assessment"), leaf("AssessmentFactors", "factor"))
    reviews = joined_up(tables["reviews"], (*CASE, "plan"), leaf("CPPreviewDate", "review_date"))
    disabilities = joined_up(tables["disabilities"], ("child_id",), leaf("Disability", "disability"))
    assessment = (*leaves(ASSESSMENT), around("FactorsIdentifiedAtAssessment", pl.col("inside")))
    plan = (*leaves(PLAN), around("Reviews", pl.col("inside")))
    groups = {
        "assessments": joined_up(
            with_inside(tables["assessments"], (*CASE, "assessment"), factors), CASE, around("Assessments", *assessment)
        ),
        "child_in_need_plans": joined_up(
            tables["child_in_need_plans"], CASE, around("CINPlanDates", *leaves(NEED_PLAN))
        ),
        "section_47_enquiries": joined_up(tables["section_47_enquiries"], CASE, around("Section47", *leaves(ENQUIRY))),
        "child_protection_plans": joined_up(
            with_inside(tables["child_protection_plans"], (*CASE, "plan"), reviews),
            CASE,
            around("ChildProtectionPlans", *plan),
        ),
    }
    cases = tables["episodes"]
    for name, group in groups.items():
        cases = with_inside(cases, CASE, group.rename({"inside": name}))
    before, after = [pl.col(name) for name in list(groups)[:-1]], pl.col("child_protection_plans")
    case = around("CINdetails", *leaves(CASE_BEGINS), *before, leaf("ReferralNFA", "no_further_action"), after)
    of_child = joined_up(cases, ("child_id",), case)
    children = with_inside(tables["children"], ("child_id",), disabilities.rename({"inside": "disabilities"}))
    child = around(
        "Child",
        around("ChildIdentifiers", *leaves(IDENTIFIERS)),
        around("ChildCharacteristics", leaf("Ethnicity", "ethnicity"), around("Disabilities", pl.col("disabilities"))),
        pl.col("inside"),
    )
    lines = with_inside(children, ("child_id",), of_child).select(child.alias("child"))["child"].to_list()
    return "\n".join([_header(la_code, year), *lines, "</Children>", "</Message>", ""]).encode()


def _header(la_code: str, year: int) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Message>\n<Header><CollectionDetails><Collection>CIN</Collection>'
        f"<Year>{year}</Year><ReferenceDate>{year}-03-31</ReferenceDate></CollectionDetails>"
        f"<Source><SourceLevel>L</SourceLevel><LEA>{la_code}</LEA><SoftwareCode>Synthetic</SoftwareCode>"
        f"<Release>1</Release><SerialNo>001</SerialNo><DateTime>{year}-05-20T09:00:00</DateTime></Source></Header>\n"
        "<Children>"
    )


def leaf(element: str, cell: str | pl.Expr) -> pl.Expr:
    """The element with a cell, that of a column when only its name is given; nothing where there is none."""
    cell = pl.col(cell) if isinstance(cell, str) else cell
    return pl.concat_str(pl.lit(f"<{element}>"), cell, pl.lit(f"</{element}>")).fill_null("")


def leaves(elements: Elements) -> tuple[pl.Expr, ...]:
    """The elements one after another."""
    return tuple(leaf(*each) for each in elements)


def around(element: str, *inside: pl.Expr) -> pl.Expr:
    """The element around its parts, or nothing where all of them are empty."""
    whole = pl.concat_str(*inside)
    return (
        pl.when(whole != "")
        .then(pl.concat_str(pl.lit(f"<{element}>"), whole, pl.lit(f"</{element}>")))
        .otherwise(pl.lit(""))
    )


def joined_up(table: pl.DataFrame, keys: tuple[str, ...], element: pl.Expr) -> pl.DataFrame:
    """By their common parent, the elements of its rows in order, as the column `inside`."""
    rows = table.select(*keys, inside=element)
    return rows.group_by(keys, maintain_order=True).agg(pl.col("inside").str.join(""))


def with_inside(table: pl.DataFrame, keys: tuple[str, ...], inside: pl.DataFrame) -> pl.DataFrame:
    """A table beside what stands within its rows."""
    joined = table.join(inside, on=keys, how="left", maintain_order="left")
    return joined.with_columns(pl.col(inside.columns[-1]).fill_null(""))
