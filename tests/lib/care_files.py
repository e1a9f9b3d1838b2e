"""Small returns on looked-after children, written as files."""

from __future__ import annotations

import csv
import io
import zipfile
from xml.sax.saxutils import escape

import csc_indicators as csc

HEADER = {"CHILD": "A1", "SEX": "F", "DOB": "01/06/2015", "ETHNIC": "WBRI", "UPN": "UN5", "MOTHER": "", "MC_DOB": ""}
EPISODE = {
    "CHILD": "A1",
    "DECOM": "10/05/2024",
    "RNE": "S",
    "LS": "C2",
    "CIN": "N1",
    "PLACE": "U4",
    "PLACE_PROVIDER": "PR1",
    "DEC": "",
    "REC": "",
    "REASON_PLACE_CHANGE": "",
    "HOME_POST": "AA1 1AA",
    "PL_POST": "BB1 1BB",
    "URN": "",
    "PL_LOCATION": "IN",
    "PL_DISTANCE": "3.5",
}


def as_csv(rows, *, delimiter=","):
    """Rows as the text of a CSV file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def episode(**cells):
    return EPISODE | cells


def header(**cells):
    return HEADER | cells


def write_return(folder, episodes, headers=(HEADER,), **tables):
    """A folder of CSV files: episodes, header and whatever else is given by file name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in {"episodes": episodes, "header": list(headers), **tables}.items():
        if rows:
            folder.joinpath(f"{name}.csv").write_text(as_csv(rows), encoding="utf-8")
    return folder


def read_years(root, years, la_code="302"):
    """The stacked tables of returns given by year: episodes, or a mapping of tables."""
    for year, tables in years.items():
        given = tables if isinstance(tables, dict) else {"episodes": tables}
        write_return(root / la_code / str(year), **given)
    return csc.read_ssda903(root)


def read(root, episodes, year=2025, **tables):
    """The validated tables of one return."""
    return read_years(root, {year: {"episodes": episodes, **tables}})


def rules(tables):
    """The ids of what was found wrong."""
    return {finding.rule for finding in tables.findings}


def workbook(sheets):
    """An Excel workbook, its sheets by name: rows of texts, whole numbers and days (as `datetime.date`)."""
    names = list(sheets)
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    start = '<?xml version="1.0" encoding="UTF-8"?>'
    files = {
        "[Content_Types].xml": f'{start}<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{types}.styles+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{types}.worksheet+xml"/>'
            for number in range(1, len(names) + 1)
        )
        + "</Types>",
        "_rels/.rels": f'{start}<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{start}<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>'
        + "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, 1))
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{start}<Relationships xmlns="{package}/relationships">'
        + "".join(
            f'<Relationship Id="rId{n}" Type="{relations}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in range(1, len(names) + 1)
        )
        + f'<Relationship Id="rId{len(names) + 1}" Type="{relations}/styles" Target="styles.xml"/></Relationships>',
        # Style 1 shows a number as a day: what makes it a date.
        "xl/styles.xml": f'{start}<styleSheet xmlns="{main}"><fonts count="1"><font/></fonts><fills count="1"><fill/>'
        '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2">'
        '<xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
    }
    for number, rows in enumerate(sheets.values(), 1):
        lines = [list(rows[0]), *(list(row.values()) for row in rows)]
        cells = "".join(f"<row>{''.join(_cell(value) for value in line)}</row>" for line in lines)
        files[f"xl/worksheets/sheet{number}.xml"] = (
            f'{start}<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>'
        )
    return zipped(files)


def _cell(value):
    if hasattr(value, "toordinal"):
        return f'<c s="1"><v>{value.toordinal() - 693594}</v></c>'
    if isinstance(value, (int, float)):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def zipped(files):
    """An archive of files, by name."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return archive.getvalue()
