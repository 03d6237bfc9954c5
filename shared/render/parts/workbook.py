"""The package of a workbook (OPC in a ZIP), written as its sheets come: nothing of it is kept.

Sheets are one part after the other; what names them, the workbook and its relationships, comes at the end,
when their number is known. A sheet needs no entry of its own in the list of content types: it is what a part
is by default.
https://ecma-international.org/publications-and-standards/standards/ecma-376/
"""

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, TYPE_CHECKING, cast
from xml.sax.saxutils import escape, quoteattr

from msgspec import Struct

from shared.core.clock import written
from shared.render.parts.cells import visible

if TYPE_CHECKING:
    from collections.abc import Buffer

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument."

# How each sheet is printed: across the page, which holds its whole width.
FITS = '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
PAGE = (
    '<pageMargins left="0.5" right="0.5" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>'
    '<pageSetup orientation="landscape" fitToHeight="0"/>'
)

# The fastest: the next levels pack a tenth better and take half as long again.
_LEVEL = 1

# What a sheet may be called: https://support.microsoft.com/office/rename-a-worksheet-3f1f7148-ee83-404d-8ef0-9ff99fbad1f9
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_LONGEST_NAME = 31

_CONTENT_TYPES = f"""{XML}<Types xmlns="{_PACKAGE}/content-types">\
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
<Default Extension="xml" ContentType="{_KIND}spreadsheetml.worksheet+xml"/>\
<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>\
<Override PartName="/xl/workbook.xml" ContentType="{_KIND}spreadsheetml.sheet.main+xml"/>\
<Override PartName="/xl/styles.xml" ContentType="{_KIND}spreadsheetml.styles+xml"/>{{drawn}}</Types>"""
_DRAWN = f"""<Override PartName="/xl/drawings/drawing1.xml" ContentType="{_KIND}drawing+xml"/>\
<Override PartName="/xl/charts/chart1.xml" ContentType="{_KIND}drawingml.chart+xml"/>"""

# The places of the cell formats are PLAIN, TEXT, WHOLE ... of sheet_cells. Text is Text, so that editing it
# makes no formula of it; whole numbers are grouped where they are no years.
_STYLES = f"""{XML}<styleSheet xmlns="{MAIN}"><numFmts count="3">\
<numFmt numFmtId="164" formatCode="[&gt;=10000]#,##0;[&lt;=-10000]-#,##0;0"/>\
<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/>\
<numFmt numFmtId="166" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>\
<fonts count="3"><font><sz val="11"/><name val="Calibri"/></font>\
<font><b/><sz val="11"/><color rgb="FFFFFFFF"/><name val="Calibri"/></font>\
<font><b/><sz val="14"/><name val="Calibri"/></font></fonts>\
<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>\
<fill><patternFill patternType="solid"><fgColor rgb="FF0F548C"/><bgColor indexed="64"/></patternFill></fill></fills>\
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="8"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="166" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="49" fontId="1" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1"/>\
<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1">\
<alignment vertical="top" wrapText="1"/></xf>\
<xf numFmtId="49" fontId="2" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""


class Sheet(Struct, kw_only=True):
    """A sheet: its `name`, and `table`, the range of a table with a filter, whose first row is repeated
    on each printed page."""

    name: str
    table: str | None = None


class Workbook:
    """Writes a workbook; the methods that yield must be gone through, in the order of the parts."""

    def __init__(self, title: str, made_at: datetime, *, drawn: bool = False) -> None:
        """`drawn` says that one of the sheets has the chart of `chart_parts`."""
        self._title, self._made_at, self._drawn = title, made_at, drawn
        self._sheets: list[Sheet] = []
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(
            cast("IO[bytes]", self._sink), "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL
        )
        self._put("[Content_Types].xml", _CONTENT_TYPES.format(drawn=_DRAWN if drawn else ""))
        self._put("_rels/.rels", _relations(_ROOT_RELATIONS))
        self._put("docProps/core.xml", _core(title, made_at))
        self._put("xl/styles.xml", _STYLES)

    def sheet(self, sheet: Sheet, parts: Iterable[str]) -> Iterator[bytes]:
        """Write one sheet of XML that comes in parts; yield what is finished of the package."""
        self._sheets.append(sheet)
        name = f"xl/worksheets/sheet{len(self._sheets)}.xml"
        with self._zip.open(self._info(name), "w") as file:
            for part in parts:
                file.write(part.encode())
                yield self._sink.taken()

    def draw(self, drawing: str, chart: str) -> None:
        """Put a chart on the sheet that was written last."""
        number = len(self._sheets)
        to = [("drawing", "../drawings/drawing1.xml")]
        self._put(f"xl/worksheets/_rels/sheet{number}.xml.rels", _relations(to))
        self._put("xl/drawings/drawing1.xml", drawing)
        to = [("chart", "../charts/chart1.xml")]
        self._put("xl/drawings/_rels/drawing1.xml.rels", _relations(to))
        self._put("xl/charts/chart1.xml", chart)

    def end(self) -> bytes:
        """Name the sheets and close the package; return the rest of it."""
        sheets, names = [], []
        for place, sheet in enumerate(self._sheets):
            name = quoteattr(sheet.name)
            sheets.append(f'<sheet name={name} sheetId="{place + 1}" r:id="rId{place + 1}"/>')
            if sheet.table is not None:
                names.append(_defined(place, sheet.name, sheet.table))
        defined = "".join(names)
        self._put(
            "xl/workbook.xml",
            f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><bookViews><workbookView/></bookViews>'
            f"<sheets>{''.join(sheets)}</sheets>"
            + (f"<definedNames>{defined}</definedNames>" if defined else "")
            + "</workbook>",
        )
        parts = [("worksheet", f"worksheets/sheet{n + 1}.xml") for n in range(len(self._sheets))]
        self._put("xl/_rels/workbook.xml.rels", _relations([*parts, ("styles", "styles.xml")]))
        self._zip.close()
        return self._sink.taken()

    def _put(self, name: str, document: str) -> None:
        self._zip.writestr(self._info(name), document)

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, self._made_at.timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        return info


class _Sink(io.RawIOBase):
    """Takes what is written and gives it up when asked: it can be neither read nor sought in."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, part: "Buffer", /) -> int:
        self._parts.append(bytes(part))
        return len(self._parts[-1])

    def taken(self) -> bytes:
        """Return what has been written since the last time."""
        found = b"".join(self._parts)
        self._parts.clear()
        return found


def sheet_name(title: str, number: int = 1) -> str:
    """Return what a sheet is called, the first or a further one of its table."""
    further = f" ({number})" if number > 1 else ""
    name = visible(title).translate(_NOT_IN_NAMES).strip()
    return name[: _LONGEST_NAME - len(further)].strip() + further


def quoted(name: str) -> str:
    """Return the name of a sheet as it stands in a reference."""
    return "'" + name.replace("'", "''") + "'"


_ROOT_RELATIONS = (
    ("officeDocument", "xl/workbook.xml"),
    ("core", "docProps/core.xml"),
)
_CORE = f"{_PACKAGE}/relationships/metadata/core-properties"


def _relations(targets: Iterable[tuple[str, str]]) -> str:
    found = "".join(
        f'<Relationship Id="rId{number}" Type="{_CORE if kind == "core" else f"{RELATIONS}/{kind}"}"'
        f' Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{XML}<Relationships xmlns="{_PACKAGE}/relationships">{found}</Relationships>'


def _core(title: str, made_at: datetime) -> str:
    made = written(made_at.replace(microsecond=0))
    return (
        f'{XML}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>Kanri</dc:creator>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{made}</dcterms:created></cp:coreProperties>'
    )


def _defined(place: int, name: str, table: str) -> str:
    """The names that Excel itself knows a filter and repeated rows by."""
    first, last = table.split(":")
    cells = f"{_absolute(first)}:{_absolute(last)}"
    sheet = escape(quoted(name))
    return (
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{place}" hidden="1">{sheet}!{cells}'
        f'</definedName><definedName name="_xlnm.Print_Titles" localSheetId="{place}">{sheet}!$1:$1'
        "</definedName>"
    )


def _absolute(place: str) -> str:
    column = place.rstrip("0123456789")
    return f"${column}${place[len(column) :]}"
