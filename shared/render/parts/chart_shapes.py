"""Where everything of a chart stands: bars below each other, or lines from left to right."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from shared.core.text import Lang, text
from shared.render.parts.chart_rows import Mark
from shared.render.parts.drawing import (
    Bar,
    Dot,
    Path,
    Role,
    Rule,
    Shape,
    Words,
    fitted,
    width_of,
)
from shared.render.parts.scale import Scale

WIDTH = 720.0
_TITLE, _LEGEND, _TICKS, _NOTE = 26.0, 22.0, 20.0, 16.0
_NAMES, _BAR, _BETWEEN, _SPACE = 230.0, 14.0, 8.0, 8.0
_LINES, _WHEN = 220.0, 6
_SWATCH = 10.0


class Look(Struct, frozen=True):
    """What a chart says beside its marks: title, a name for each series, scale, notes below it."""

    title: str
    series: tuple[str, ...]
    scale: Scale
    notes: tuple[str, ...]
    lang: Lang
    width: float = WIDTH


class _Plot(Struct, frozen=True):
    """The part of a chart that marks stand in."""

    left: float
    right: float
    top: float
    bottom: float
    scale: Scale

    def x(self, value: float) -> float:
        return self.left + self.scale.share(value) * (self.right - self.left)

    def y(self, value: float) -> float:
        return self.bottom - self.scale.share(value) * (self.bottom - self.top)


def bars(marks: Sequence[Mark], look: Look) -> tuple[float, list[Shape]]:
    """Return the height and the shapes of a bar chart: a group of bars for each mark."""
    scale, top = look.scale, _top(look)
    names = [fitted(mark.name, "name", _NAMES) for mark in marks]
    group = _BAR * len(look.series)
    bottom = top + len(marks) * (group + _BETWEEN)
    left = max(width_of(name, "name") for name in names) + _SPACE
    told = [scale.written(value) for mark in marks for value in mark.values if value is not None]
    told += [text("chart.unknown", look.lang)]
    right = WIDTH - max(width_of(one, "value") for one in told) - _SPACE
    plot = _Plot(left, right, top, bottom, scale)
    shapes = [*_head(look), *_grid_of_bars(plot)]
    for place, (mark, name) in enumerate(zip(marks, names, strict=True)):
        y = top + _BETWEEN / 2 + place * (group + _BETWEEN)
        middle = y + group / 2 + 4
        shapes.append(Words(left - _SPACE, middle, name, "name", "end"))
        for number, value in enumerate(mark.values):
            shapes += _bar(plot, y + number * _BAR, value, number, look.lang)
    return _foot(shapes, look, bottom + _TICKS)


def _bar(plot: _Plot, y: float, value: float | None, series: int, lang: Lang) -> Iterator[Shape]:
    nought, base = plot.x(0), y + _BAR - 3
    if value is None:
        yield Words(nought + 4, base, text("chart.unknown", lang), "unknown")
        return
    end = plot.x(value)
    # A pixel of white between bars of one group.
    yield Bar(min(nought, end), y, abs(end - nought), _BAR - 1, series)
    yield Words(max(nought, end) + 4, base, plot.scale.written(value), "value")


def _grid_of_bars(plot: _Plot) -> Iterator[Shape]:
    for tick in plot.scale.ticks:
        x = plot.x(tick)
        yield Rule(x, plot.top, x, plot.bottom, "grid" if tick else "axis")
        yield Words(x, plot.bottom + 14, plot.scale.written(tick), "tick", "middle")


def lines(marks: Sequence[Mark], look: Look) -> tuple[float, list[Shape]]:
    """Return the height and the shapes of a line chart: a line for each series, broken where one lacks."""
    scale, top = look.scale, _top(look)
    left = max(width_of(scale.written(tick), "tick") for tick in scale.ticks) + _SPACE
    plot = _Plot(left, WIDTH - _SPACE, top + 4, top + _LINES, scale)
    places = list(_places(marks, plot))
    shapes = [*_head(look), *_grid_of_lines(plot), *_times(marks, places, plot)]
    for series in range(len(look.series)):
        for points in _stretches(marks, places, plot, series):
            if len(points) > 1:
                shapes.append(Path(tuple(points), series))
            if len(points) == 1 or len(marks) <= 60:
                shapes += [Dot(x, y, series) for x, y in points]
    return _foot(shapes, look, plot.bottom + _TICKS)


def _places(marks: Sequence[Mark], plot: _Plot) -> Iterator[float]:
    first, last = marks[0].at, marks[-1].at
    for mark in marks:
        share = (mark.at - first) / (last - first) if last > first else 0.5
        yield plot.left + 6 + share * (plot.right - plot.left - 12)


def _stretches(
    marks: Sequence[Mark], places: Sequence[float], plot: _Plot, series: int
) -> Iterator[list[tuple[float, float]]]:
    """Yield the points that hang together: nothing is drawn over what is not known."""
    points: list[tuple[float, float]] = []
    for mark, x in zip(marks, places, strict=True):
        value = mark.values[series]
        if (mark.apart or value is None) and points:
            yield points
            points = []
        if value is not None:
            points.append((x, plot.y(value)))
    if points:
        yield points


def _grid_of_lines(plot: _Plot) -> Iterator[Shape]:
    for tick in plot.scale.ticks:
        y = plot.y(tick)
        yield Rule(plot.left, y, plot.right, y, "grid" if tick else "axis")
        yield Words(plot.left - _SPACE / 2, y + 4, plot.scale.written(tick), "tick", "end")


def _times(marks: Sequence[Mark], places: Sequence[float], plot: _Plot) -> Iterator[Shape]:
    """Name as many times as there is room for, the last one always."""
    each = -(-len(marks) // _WHEN)
    for place in range(len(marks) - 1, -1, -each):
        room = width_of(marks[place].name, "tick") / 2
        x = min(max(places[place], room), WIDTH - room)
        yield Words(x, plot.bottom + 15, marks[place].name, "tick", "middle")


def _top(look: Look) -> float:
    return _TITLE + (_LEGEND if len(look.series) > 1 else 0) + 4


def _head(look: Look) -> Iterator[Shape]:
    yield Words(0, 16, fitted(look.title, "title", WIDTH), "title")
    if len(look.series) == 1:
        return
    x, room = 0.0, WIDTH / len(look.series) - _SWATCH - 2 * _SPACE
    for number, name in enumerate(look.series):
        told = fitted(name, "note", room)
        yield Bar(x, _TITLE + 2, _SWATCH, _SWATCH, number)
        yield Words(x + _SWATCH + 4, _TITLE + 11, told, "note")
        x += _SWATCH + 4 + width_of(told, "note") + 2 * _SPACE


def _foot(shapes: list[Shape], look: Look, y: float) -> tuple[float, list[Shape]]:
    role: Role = "note"
    for number, note in enumerate(look.notes):
        shapes.append(Words(0, y + 12 + number * _NOTE, fitted(note, role, WIDTH), role))
    return y + len(look.notes) * _NOTE + 4, shapes
