"""Rules on what a spec refers to: sources, questions, disclosure policies, tables and breakdowns."""

from __future__ import annotations

import importlib
import tomllib
from typing import TYPE_CHECKING

from csc_indicators.linting.issues import Path, is_faulty, issue, specs, unknown
from csc_indicators.specification import specs_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csc_indicators.catalogue import Catalogue, Issue, SpecFile

TABLES = (
    "cin.children",
    "cin.disabilities",
    "cin.episodes",
    "cin.assessments",
    "cin.assessment_factors",
    "cin.child_in_need_plans",
    "cin.section_47_enquiries",
    "cin.child_protection_plans",
    "cin.reviews",
    "cin.pre_proceedings",
    "ssda903.children",
    "ssda903.episodes",
    "ssda903.uasc",
    "ssda903.outcomes",
    "ssda903.care_leavers",
    "ssda903.missing",
    "ssda903.adoption",
    "ssda903.placed_for_adoption",
    "ssda903.previous_permanence",
    "ssda903.reviews",
    "ssda903.social_workers",
    "ssda903.deprivations_of_liberty",
    "workforce.workers",
    "workforce.authority_totals",
    "workforce.worker_items",
    "context.finance",
    "context.post_holders",
    "context.inspections",
    "context.court_outcomes",
    "context.attendance",
    "context.attainment",
    "context.school_history",
    "context.family_group_decisions",
    "context.conference_attendance",
    "context.early_help",
    "context.deprivation",
    "context.posts",
    "context.injury_admissions",
    "context.lasting_relationships",
)
"""Every validated table that an indicator may read, by collection."""

OPTIONAL_TABLES = ("care_episodes", "postcodes", "population", "social_care_groups", "periods_of_care")
"""Tables that an indicator uses when it is given them."""


def unknown_source(catalogue: Catalogue) -> list[Issue]:
    """S030: something names a source that sources.toml does not hold."""
    if is_faulty(catalogue, "sources.toml"):
        return []
    return [
        issue(file, path, "S030", f"{what}: {unknown('source', name, catalogue.sources)}")
        for file, path, what, name in _sources_named(catalogue)
        if name not in catalogue.sources
    ]


def unknown_question(catalogue: Catalogue) -> list[Issue]:
    """S031: a parameter says that it answers a question that questions.toml does not hold."""
    if is_faulty(catalogue, "questions.toml"):
        return []
    return [
        issue(
            file,
            ("parameter", position, "asked_by"),
            "S031",
            f'parameter "{parameter.name}": {unknown("question", name, catalogue.questions)}',
        )
        for spec, file in specs(catalogue)
        for position, parameter in enumerate(spec.parameter)
        for name in parameter.asked_by
        if name not in catalogue.questions
    ]


def unanswered(catalogue: Catalogue) -> list[Issue]:
    """S039: something that was asked for names an indicator that does not exist, or neither an indicator nor a gap."""
    if is_faulty(catalogue, "asked.toml"):
        return []
    file = catalogue.files.get("asked.toml")
    found = [
        issue(file, (name, "indicators"), "S039", f"{name}: {unknown('indicator', indicator, catalogue.indicators)}")
        for name, asked in catalogue.asked.items()
        for indicator in asked.indicators
        if file is not None and indicator not in catalogue.indicators
    ]
    found += [
        issue(
            file, (name,), "S039", f"{name} names no indicator and says no gap. Say which answers it, or why none can."
        )
        for name, asked in catalogue.asked.items()
        if file is not None and not asked.indicators and not asked.gap
    ]
    return found


def unknown_policy(catalogue: Catalogue) -> list[Issue]:
    """S032: the disclosure policy is not one of policies.toml."""
    path = specs_folder() / "policies.toml"
    policies = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return [
        issue(file, ("disclosure",), "S032", unknown("policy", spec.disclosure, policies, plural="policies"))
        for spec, file in specs(catalogue)
        if spec.disclosure not in policies
    ]


def unknown_table(catalogue: Catalogue) -> list[Issue]:
    """S033: the indicator reads a table that does not exist, or none."""
    found = [
        issue(file, ("tables",), "S033", unknown("table", name, TABLES))
        for spec, file in specs(catalogue)
        for name in spec.tables
        if name not in TABLES
    ]
    found += [
        issue(file, ("optional_tables",), "S033", unknown("optional table", name, OPTIONAL_TABLES))
        for spec, file in specs(catalogue)
        for name in spec.optional_tables
        if name not in OPTIONAL_TABLES
    ]
    found += [
        issue(file, ("tables",), "S033", f"no table is named. Tables: {', '.join(TABLES)}.")
        for spec, file in specs(catalogue)
        if not spec.tables
    ]
    return found


def unknown_breakdown(catalogue: Catalogue) -> list[Issue]:
    """S034: the indicator is to be broken down by something that does not exist."""
    # Read when the rule runs: the breakdowns are computed with polars, which reading a spec alone does not need.
    known: list[str] = list(importlib.import_module("csc_indicators.breakdowns").BREAKDOWNS)
    return [
        issue(file, (key,), "S034", unknown("breakdown", name, known))
        for spec, file in specs(catalogue)
        for key, names in (("breakdowns", spec.breakdowns), ("published_groups", [spec.published_groups]))
        for name in names
        if name is not None and name not in known
    ]


def _sources_named(catalogue: Catalogue) -> Iterator[tuple[SpecFile, Path, str, str]]:
    for spec, file in specs(catalogue):
        for name in spec.sources:
            yield file, ("sources",), "sources", name
        for position, reading in enumerate(spec.reading):
            yield file, ("reading", position, "source"), f'reading "{reading.name}"', reading.source
        for position, clause in enumerate(spec.clause):
            yield file, ("clause", position, "source"), f'clause "{clause.id}"', clause.source
    for name, value in catalogue.values.items():
        for position, dated in enumerate(value.value):
            where = f'value "{name}" from {dated.from_.isoformat()}'
            yield catalogue.files["values.toml"], (name, "value", position, "source"), where, dated.source
    for position, change in enumerate(catalogue.history):
        where = f'change {change.version} of "{change.indicator}"'
        yield catalogue.files["history.toml"], ("change", position, "source"), where, change.source
