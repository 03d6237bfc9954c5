"""The chart of a workbook: a sheet with the numbers that are drawn, and a native chart beside them.

What is drawn is what every other format draws (`parts.chart`): bars from the top down, lines with a gap where
a value is unknown. https://learn.microsoft.com/openspecs/office_standards/ms-oe376 (ECMA-376 Part 1, 21.2)
"""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from shared.render.parts.cells import visible
from shared.render.parts.chart import Charted
from shared.render.parts.sheet_cells import (
    HEAD,
    PLAIN,
    TEXT,
    TITLE,
    WHOLE,
    Told,
    letters,
    text_cell,
)
from shared.render.parts.workbook import FITS, MAIN, PAGE, RELATIONS, XML, quoted

_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
# Those of the other formats (chart.css), on white.
_COLOURS = ("0F6CBD", "B54708", "0B7A5E", "8A3D74")
# The chart stands to the right of the numbers, and has so many columns and rows.
_WIDTH, _LEAST_HEIGHT = 12, 18
_FIRST = 4


def chart_sheet(charted: Charted) -> Iterator[str]:
    """Yield the sheet with the title, the numbers and what is not drawn."""
    told, width = Told(), len(charted.series)
    yield (
        f'{XML}<worksheet xmlns="{MAIN}" xmlns:r="{RELATIONS}">{FITS}<cols><col min="1" max="1" width="40"'
        f' customWidth="1"/><col min="2" max="{width + 1}" width="20" customWidth="1"/></cols><sheetData>'
    )
    yield f'<row r="1">{text_cell("A1", charted.title, TITLE, told)}</row>'
    head = (
        text_cell(f"{letters(place)}{_FIRST - 1}", name, HEAD, told)
        for place, name in enumerate((charted.across, *charted.series))
    )
    yield f'<row r="{_FIRST - 1}">{"".join(head)}</row>'
    number = _FIRST
    for mark in charted.marks:
        cells = "".join(
            f'<c r="{letters(place)}{number}" s="{_style(value)}"><v>{value!r}</v></c>'
            for place, value in enumerate(mark.values, 1)
            if value is not None
        )
        yield f'<row r="{number}">{text_cell(f"A{number}", mark.name, TEXT, told)}{cells}</row>'
        number += 1
    for place, note in enumerate(charted.notes, number + 1):
        yield f'<row r="{place}">{text_cell(f"A{place}", note, TEXT, told)}</row>'
    yield f'</sheetData>{PAGE}<drawing r:id="rId1"/></worksheet>'


def _style(value: float) -> int:
    return WHOLE if value.is_integer() else PLAIN


def drawing_part(charted: Charted) -> str:
    """Return where the chart stands on its sheet."""
    left, top = len(charted.series) + 2, _FIRST - 2
    height = max(_LEAST_HEIGHT, len(charted.marks) + 4) if charted.kind == "bar" else _LEAST_HEIGHT
    return (
        f'{XML}<xdr:wsDr xmlns:xdr="{_DRAWING}/spreadsheetDrawing" xmlns:a="{_DRAWING}/main">'
        f"<xdr:twoCellAnchor>{_corner('from', left, top)}{_corner('to', left + _WIDTH, top + height)}"
        '<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr>'
        f'<xdr:cNvPr id="2" name="Chart 1" descr="{_attribute(charted.title)}"/>'
        "<xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr><xdr:xfrm>"
        '<a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm><a:graphic>'
        f'<a:graphicData uri="{_DRAWING}/chart"><c:chart xmlns:c="{_DRAWING}/chart"'
        f' xmlns:r="{RELATIONS}" r:id="rId1"/></a:graphicData></a:graphic></xdr:graphicFrame>'
        "<xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>"
    )


def chart_part(charted: Charted, sheet: str) -> str:
    """Return the chart of the numbers on the sheet that is called `sheet`."""
    last = _FIRST + max(1, len(charted.marks)) - 1
    series = "".join(_series(charted, sheet, number, last) for number in range(len(charted.series)))
    axes = '<c:axId val="1"/><c:axId val="2"/>'
    if charted.kind == "bar":
        plot = (
            '<c:barChart><c:barDir val="bar"/><c:grouping val="clustered"/><c:varyColors val="0"/>'
            f'{series}<c:gapWidth val="60"/>{axes}</c:barChart>'
        )
    else:
        plot = (
            '<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>'
            f'{series}<c:marker val="1"/>{axes}</c:lineChart>'
        )
    legend = '<c:legend><c:legendPos val="b"/></c:legend>' if len(charted.series) > 1 else ""
    return (
        f'{XML}<c:chartSpace xmlns:c="{_DRAWING}/chart" xmlns:a="{_DRAWING}/main"'
        f' xmlns:r="{RELATIONS}"><c:chart><c:title><c:tx><c:rich><a:bodyPr/><a:p><a:r>'
        f"<a:t>{escape(visible(charted.title))}</a:t></a:r></a:p></c:rich></c:tx>"
        '<c:overlay val="0"/></c:title><c:autoTitleDeleted val="0"/>'
        f"<c:plotArea><c:layout/>{plot}{_axes(charted)}</c:plotArea>{legend}"
        '<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart></c:chartSpace>'
    )


def _series(charted: Charted, sheet: str, number: int, last: int) -> str:
    at, name = letters(number + 1), escape(quoted(sheet))
    fill = f'<a:solidFill><a:srgbClr val="{_COLOURS[number % len(_COLOURS)]}"/></a:solidFill>'
    look = fill if charted.kind == "bar" else f'<a:ln w="28575">{fill}</a:ln>'
    inverted = '<c:invertIfNegative val="0"/>' if charted.kind == "bar" else ""
    marker = "" if charted.kind == "bar" else '<c:marker><c:symbol val="none"/></c:marker>'
    smooth = "" if charted.kind == "bar" else '<c:smooth val="0"/>'
    return (
        f'<c:ser><c:idx val="{number}"/><c:order val="{number}"/>'
        f"<c:tx><c:strRef><c:f>{name}!${at}${_FIRST - 1}</c:f></c:strRef></c:tx>"
        f"<c:spPr>{look}</c:spPr>{inverted}{marker}"
        f"<c:cat><c:strRef><c:f>{name}!$A${_FIRST}:$A${last}</c:f></c:strRef></c:cat>"
        f"<c:val><c:numRef><c:f>{name}!${at}${_FIRST}:${at}${last}</c:f></c:numRef></c:val>"
        f"{smooth}</c:ser>"
    )


def _axes(charted: Charted) -> str:
    """Of bars the names stand to the left, the first at the top, and the numbers below."""
    bars = charted.kind == "bar"
    names, numbers = ("l", "b") if bars else ("b", "l")
    order, crosses = ("maxMin", "max") if bars else ("minMax", "autoZero")
    return (
        f'<c:catAx><c:axId val="1"/><c:scaling><c:orientation val="{order}"/></c:scaling>'
        f'<c:delete val="0"/><c:axPos val="{names}"/><c:crossAx val="2"/></c:catAx>'
        '<c:valAx><c:axId val="2"/><c:scaling><c:orientation val="minMax"/></c:scaling>'
        f'<c:delete val="0"/><c:axPos val="{numbers}"/><c:majorGridlines/>'
        f'<c:crossAx val="1"/><c:crosses val="{crosses}"/></c:valAx>'
    )


def _corner(name: str, column: int, row: int) -> str:
    return (
        f"<xdr:{name}><xdr:col>{column}</xdr:col><xdr:colOff>0</xdr:colOff>"
        f"<xdr:row>{row}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:{name}>"
    )


def _attribute(value: str) -> str:
    return escape(visible(value), {'"': "&quot;", "\n": " "})
