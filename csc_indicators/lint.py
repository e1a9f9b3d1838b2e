"""The linter of the specs: every fault of every spec at once, with its code, its line and what to do.

| code | what is wrong | level |
|---|---|---|
| S000 | a rule of the linter stopped; the others still ran | error |
| S001 | the file is not readable as TOML | error |
| S002 | a key is missing | error |
| S003 | a key is not known | error |
| S004 | a value is not of the type that its key takes | error |
| S006 | the id of an indicator differs from the name of its file | error |
| S010 | a parameter's default is a value it may not take | error |
| S011 | a reading or an example sets a parameter to a value it may not take | error |
| S012 | a reading or an example sets a parameter that the indicator does not have | error |
| S013 | the default reading, or the reading of an example, does not exist | error |
| S014 | a reading sets a parameter to its default | error |
| S015 | two readings of an indicator set the same | error |
| S016 | the default reading sets a parameter | error |
| S017 | the default reading of a published indicator is not `published` | error |
| S018 | a parameter lacks a key its type needs, has one that means nothing for it, or leaves no choice | error |
| S019 | a default differs from the dated value it stands for | error |
| S020 | a clause names a parameter that the indicator does not have | error |
| S021 | no clause names a parameter | warning |
| S022 | a clause of the denominator stands after one of the numerator | error |
| S023 | the clauses do not go with the unit | error |
| S024 | the columns do not go with the unit | error |
| S025 | something lacks what it needs beside it, or has beside it what it rules out | error |
| S026 | the look-back or follow-up is neither a length of time among the parameters nor a number of months | error |
| S027 | the polarity takes a side that a caveat calls disputed | warning |
| S028 | the direction of a caveat is not the one that its words say | warning |
| S029 | the number of decimals is out of range | error |
| S030 | a source is not in sources.toml | error |
| S031 | a question is not in questions.toml | error |
| S032 | the disclosure policy is not in policies.toml | error |
| S033 | a table does not exist, or none is named | error |
| S034 | a breakdown does not exist | error |
| S035 | a code set does not exist | error |
| S036 | a dated value is not in values.toml | error |
| S037 | a published indicator does not say where its published figures stand | future |
| S038 | another unit is given for a value that no parameter takes | error |
| S039 | what was asked for names an indicator that does not exist, or neither an indicator nor a gap | error |
| S040 | there are too few worked examples, or none of some kind, or one that expects nothing | error |
| S041 | an indicator with a window lacks examples of its edge | warning |
| S042 | a row of an example has a column that the table has not | error |
| S043 | a cell of an example holds what its column cannot | error |
| S044 | an expectation has a denominator where the unit has none, or lacks one | error |
| S045 | an expectation has both a reading and a set | error |
| S046 | `decided_by` names a clause that the indicator does not have | error |
| S047 | the period of an example cannot be read | error |
| S048 | an expectation is for a breakdown that the indicator does not have | error |
| S049 | an expected count is impossible | error |
| S050 | a name is not in lower case with underscores | error |
| S051 | a name is taken for something else | error |
| S052 | a parameter's name promises another type | error |
| S053 | two parameters, readings, clauses or examples share a name | error |
| S054 | a parameter means something else in another indicator | error |
| S055 | a parameter takes values that do not fit those it takes in another indicator | warning |
| S056 | an old name is in use, or is the old name of two things | error |
| S057 | published figures are of a reading that does not exist, or two of one reading | error |
| S058 | published figures are described so that no cell can hold them | error |
| S060 | the starts of a dated value do not ascend | error |
| S061 | a dated value has no first entry in force | error |
| S062 | a dated value starts within a reporting year without saying so, or says so and does not | error |
| S063 | a dated value is not of the shape of its kind | error |
| S064 | a dated value holds a code that does not exist, or not in its years | error |
| S065 | a code stands in two groups | error |
| S066 | bands do not ascend | error |
| S067 | an announced value stands before one that is in force or retired | error |
| S070 | history.toml has no change for an indicator | error |
| S071 | the versions of an indicator do not rise | error |
| S072 | a change is of an indicator that does not exist | error |
| S073 | the definition of an indicator changed and history.toml does not say so | error |
| S074 | changes are not in order of date | error |
| S075 | the first change of an indicator is not `new`, or a later one is | error |

An `error` stops the specs from being used, a `warning` does not, and a `future` issue will be an error in a later
version, which its message names. Codes are kept when rules change, so that they can be looked up.
"""

from __future__ import annotations

from csc_indicators.catalogue import Catalogue, Issue
from csc_indicators.linting import (
    clauses,
    examples,
    history,
    parameters,
    published,
    readings,
    references,
    shape,
    values,
    vocabulary,
)
from csc_indicators.linting.issues import ERROR, Rule

RULES: tuple[Rule, ...] = (
    parameters.default_not_allowed,
    parameters.keys_of_type,
    parameters.default_against_dated_value,
    parameters.unknown_code_set,
    parameters.unknown_dated_value,
    readings.value_not_allowed,
    readings.unknown_parameter,
    readings.unknown_reading,
    readings.repeats_default,
    readings.same_readings,
    readings.default_reading_sets,
    readings.published_by_default,
    readings.unit_when,
    clauses.clause_parameter,
    clauses.parameter_without_clause,
    clauses.denominator_first,
    clauses.sides_of_unit,
    shape.pairs,
    shape.spans,
    shape.disputed_polarity,
    shape.caveat_direction,
    shape.decimals,
    references.unknown_source,
    references.unknown_question,
    references.unanswered,
    references.unknown_policy,
    references.unknown_table,
    references.unknown_breakdown,
    examples.enough_examples,
    examples.window_edges,
    examples.unknown_column,
    examples.cell_not_valid,
    examples.denominator_of_unit,
    examples.reading_or_set,
    examples.unknown_clause,
    examples.unknown_period,
    examples.unknown_group,
    examples.impossible_count,
    vocabulary.snake_case,
    vocabulary.reserved,
    vocabulary.promised_type,
    vocabulary.duplicates,
    vocabulary.one_meaning,
    vocabulary.one_list,
    vocabulary.renamed,
    published.reading_of_figures,
    published.cells_of_figures,
    values.starts_ascend,
    values.first_in_force,
    values.mid_year,
    values.right_shape,
    values.codes_valid,
    values.one_group,
    values.bands_ascend,
    values.announced_last,
    history.without_change,
    history.versions_rise,
    history.unknown_indicator,
    history.definition_changed,
    history.dates_in_order,
    history.new_once,
)
"""Every rule that looks beyond the form of a file; what the form gives away stands in `Catalogue.issues`."""


def lint(catalogue: Catalogue) -> list[Issue]:
    """Every issue of a catalogue, in order of file and line.

    A rule that stops becomes the issue S000, and the others still run. Nothing is raised.

    >>> from csc_indicators.catalogue import load_catalogue
    >>> from csc_indicators.specification import specs_folder
    >>> [issue for issue in lint(load_catalogue(specs_folder())) if issue.level == "error"]
    []
    """
    found = [issue for rule in RULES for issue in _run(rule, catalogue)]
    return sorted([*catalogue.issues, *found])


def _run(rule: Rule, catalogue: Catalogue) -> list[Issue]:
    try:
        return rule(catalogue)
    except Exception as error:  # noqa: BLE001 (whatever a rule trips over must not hide what the others find)
        code = rule.__code__
        module = f"{rule.__module__.replace('.', '/')}.py"
        message = f'the rule "{rule.__name__}" stopped ({type(error).__name__}). The other rules ran; correct this one.'
        return [Issue(module, code.co_firstlineno, "S000", ERROR, message)]
