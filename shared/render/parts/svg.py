"""Paints a drawing as SVG: geometry by attributes, colours by the classes of `chart.css`, no script.

No attribute `style`, which a strict Content-Security-Policy drops, and nothing that is loaded.
"""

from collections.abc import Iterator
from html import escape

from shared.render.parts.drawing import Bar, Dot, Drawing, Path, Rule, Shape, Words


def svg(drawing: Drawing, name: str = "chart") -> str:
    """Return the element; `name` begins its ids, which are the only ones of that name in a page."""
    width, height = _n(drawing.width), _n(drawing.height)
    head = (
        f'<svg class="chart" role="img" aria-labelledby="{name}-title {name}-text"'
        f' viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' xmlns="http://www.w3.org/2000/svg"><title id="{name}-title">{escape(drawing.title)}</title>'
        f'<desc id="{name}-text">{escape(drawing.description)}</desc>'
    )
    return "\n".join((head, *map(_shape, drawing.shapes), "</svg>"))


def _shape(shape: Shape) -> str:
    match shape:
        case Bar():
            place = f'x="{_n(shape.x)}" y="{_n(shape.y)}"'
            size = f'width="{_n(shape.width)}" height="{_n(shape.height)}"'
            return f'<rect class="s{shape.series}" {place} {size}/>'
        case Dot():
            return f'<circle class="s{shape.series}" cx="{_n(shape.x)}" cy="{_n(shape.y)}" r="3"/>'
        case Path():
            return f'<polyline class="l{shape.series}" points="{" ".join(_points(shape))}"/>'
        case Rule():
            ends = (shape.x1, shape.y1, shape.x2, shape.y2)
            told = (
                f'{end}="{_n(at)}"' for end, at in zip(("x1", "y1", "x2", "y2"), ends, strict=True)
            )
            return f'<line class="{shape.role}" {" ".join(told)}/>'
        case Words():
            place = f'x="{_n(shape.x)}" y="{_n(shape.y)}"'
            anchor = "" if shape.anchor == "start" else f' text-anchor="{shape.anchor}"'
            return f'<text class="{shape.role}" {place}{anchor}>{escape(shape.text)}</text>'


def _points(path: Path) -> Iterator[str]:
    return (f"{_n(x)},{_n(y)}" for x, y in path.points)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
