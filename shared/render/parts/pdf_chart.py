"""Paints a drawing into a PDF: the shapes that `svg.py` paints, in the colours of `chart.css` for paper."""

from reportlab.pdfgen.canvas import Canvas

from shared.render.parts.drawing import SIZES, Bar, Dot, Drawing, Path, Rule, Shape, Words
from shared.render.parts.pdf_font import NAME, drawable

SERIES = ("#0f6cbd", "#b54708", "#0b7a5e", "#8a3d74")
_DASHES: tuple[tuple[int, ...], ...] = ((), (6, 3), (2, 3), (8, 3, 2, 3))
_RULES = {"grid": "#d6d6d6", "axis": "#616161"}
_INK, _FAINT = "#1f1f1f", "#5c5c5c"


def paint(canvas: Canvas, drawing: Drawing, width: float, height: float) -> None:
    """Draw it from the top left of a field of that size, smaller where it does not fit."""
    scale = min(1.0, width / drawing.width, height / drawing.height)
    canvas.translate(0, height)
    canvas.scale(scale, scale)
    for shape in drawing.shapes:
        _paint(canvas, shape)


def _paint(canvas: Canvas, shape: Shape) -> None:
    """A PDF counts from below: what is so far from the top lies so far below it."""
    match shape:
        case Bar():
            canvas.setFillColor(SERIES[shape.series])
            below = -shape.y - shape.height
            canvas.rect(shape.x, below, shape.width, shape.height, stroke=0, fill=1)
        case Dot():
            canvas.setFillColor(SERIES[shape.series])
            canvas.circle(shape.x, -shape.y, 3, stroke=0, fill=1)
        case Path():
            _line(canvas, shape)
        case Rule():
            canvas.setDash()
            canvas.setLineWidth(1)
            canvas.setStrokeColor(_RULES[shape.role])
            canvas.line(shape.x1, -shape.y1, shape.x2, -shape.y2)
        case Words():
            canvas.setFont(NAME, SIZES[shape.role])
            canvas.setFillColor(_FAINT if shape.role in ("tick", "note", "unknown") else _INK)
            draw = {
                "start": canvas.drawString,
                "middle": canvas.drawCentredString,
                "end": canvas.drawRightString,
            }[shape.anchor]
            draw(shape.x, -shape.y, drawable(shape.text))


def _line(canvas: Canvas, shape: Path) -> None:
    canvas.setDash(*([list(_DASHES[shape.series])] if shape.series else []))
    canvas.setLineWidth(2)
    canvas.setStrokeColor(SERIES[shape.series])
    path = canvas.beginPath()
    (x, y), *rest = shape.points
    path.moveTo(x, -y)
    for x, y in rest:
        path.lineTo(x, -y)
    canvas.drawPath(path, stroke=1, fill=0)
