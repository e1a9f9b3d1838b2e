"""The hidden sheet of lists: what the drop-downs offer, and the facts of each measure and area.

Lists stand in cells because a drop-down written out may hold no more than 255 characters.
"""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.utility import xl_col_to_name  # pyright: ignore[reportMissingTypeStubs] - it comes without types

from csc_indicators.outputs.workbook.book import Book, new_sheet
from csc_indicators.outputs.workbook.choices import Choices

SHEET = "Lists"
FIRST_ROW = 3


def write_lists(book: Book, choices: Choices) -> None:
    """The sheet, with a defined name for each of its columns."""
    measures = choices.measures
    facts = [measure.facts for measure in measures]
    offered = [choices.groups[number - 1] for numbers in choices.groups_of for number in numbers]
    ends = [sum(len(numbers) for numbers in choices.groups_of[: place + 1]) for place in range(len(measures))]
    starts = [1 + end - len(numbers) for end, numbers in zip(ends, choices.groups_of, strict=True)]
    columns: dict[str, Sequence[str | int]] = {
        "Measure_labels": [measure.label for measure in measures],
        "Measure_decimals": [measure.decimals for measure in measures],
        **{name: [fact[name] for fact in facts] for name in facts[0]},
        "Measure_first_group": starts,
        "Measure_last_group": ends,
        "Area_labels": [area.label for area in choices.areas],
        "Area_codes": [area.code for area in choices.areas],
        "Area_regions": [area.region for area in choices.areas],
        "Group_labels": choices.groups,
        "Groups_offered": offered,
        "Comparators": choices.comparators,
        "Periods": choices.periods,
    }
    sheet = new_sheet(
        book, SHEET, title="Lists", about="What the drop-downs of the sheet Compare offer.", widths=[24] * len(columns)
    )
    for place, (name, contents) in enumerate(columns.items()):
        sheet.write_string(FIRST_ROW - 1, place, name, book.styles["label"])
        for offset, content in enumerate(contents):
            if isinstance(content, int):
                sheet.write_number(FIRST_ROW + offset, place, content)
            else:
                sheet.write_string(FIRST_ROW + offset, place, content)
        letter = xl_col_to_name(place)
        last = FIRST_ROW + max(len(contents), 1)
        book.file.define_name(name, f"={SHEET}!${letter}${FIRST_ROW + 1}:${letter}${last}")
    # The groups of the chosen measure only; measures are in order, so theirs stand together.
    book.file.define_name(
        "Groups_to_choose",
        "=INDEX(Groups_offered,INDEX(Measure_first_group,MATCH(Chosen_indicator,Measure_labels,0)))"
        ":INDEX(Groups_offered,INDEX(Measure_last_group,MATCH(Chosen_indicator,Measure_labels,0)))",
    )
    sheet.hide()
