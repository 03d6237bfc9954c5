"""Tells a question to a report as a sentence: what was asked for, nothing of what goes without saying."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

from shared.core.query import Both, Compare, Condition, Either, Match, Negation, OneOf, Order, Value
from shared.core.report import ReportColumn
from shared.core.text import Lang, text

if TYPE_CHECKING:
    from shared.core.question import Question


def sentence(question: "Question", lang: Lang) -> str:
    """Return `question` in words; the values of its filter are among them."""
    parts = "".join(text("question.part", lang, part=part) for part in _parts(question, lang))
    return text("question.whole", lang, title=question.report.title.of(lang), parts=parts)


def _parts(question: "Question", lang: Lang) -> Iterator[str]:
    say, asked = _Words(question, lang), question.to_mapping()
    if "select" in asked:
        yield say("columns", columns=say.listed(map(say.header, question.columns)))
    if question.where is not None:
        yield say("where", condition=say.condition(question.where))
    if "orderBy" in asked:
        # The row key that makes the order total was not asked for.
        count = asked["orderBy"].count(",") + 1
        yield say("order", columns=say.listed(map(say.order, question.order[:count])))
    if question.as_of is not None:
        yield say("as_of", instant=say.value(question.as_of))
    for parameter in question.report.parameters:
        if parameter.name in asked:
            yield say("parameter", name=parameter.name, value=asked[parameter.name])
    yield from _of_a_page(question, say)
    yield say("format", format=question.format.upper())
    if question.powershell:
        yield say("powershell", zone=question.time_zone)


def _of_a_page(question: "Question", say: "_Words") -> Iterator[str]:
    if "top" in question.to_mapping():
        yield say("top", top=question.top)
    if question.count:
        yield say("count")
    if question.totals:
        yield say("totals")


class _Words:
    """The words of one question in one language; called with a key of the texts and its parameters."""

    def __init__(self, question: "Question", lang: Lang) -> None:
        self._columns = {column.id: column for column in question.report.columns}
        self._lang: Lang = lang

    def __call__(self, key: str, **params: object) -> str:
        return text(f"question.{key}", self._lang, **params)

    def listed(self, words: Iterator[str]) -> str:
        return self("list").join(words)

    def header(self, column: str) -> str:
        return _header(self._columns[column], self._lang)

    def order(self, order: Order) -> str:
        header = self.header(order.column)
        return self("descending", column=header) if order.descending else header

    def condition(self, condition: Condition) -> str:
        match condition:
            case Both(left, right):
                return self("and", left=self._inner(left, Both), right=self._inner(right, Both))
            case Either(left, right):
                return self("or", left=self._inner(left, Either), right=self._inner(right, Either))
            case Negation(inner):
                return self("not", condition=self("group", condition=self.condition(inner)))
            case Compare(column, operator, value):
                told = self.value(value, self._columns[column])
                return self(operator, column=self.header(column), value=told)
            case Match(column, function, value):
                return self(function, column=self.header(column), value=self.value(value))
            case OneOf(column, values):
                told = self.listed(map(partial(self.value, column=self._columns[column]), values))
                return self("in", column=self.header(column), value=told)

    def _inner(self, condition: Condition, outer: type) -> str:
        """`or` below `and`, and the other way round, is in brackets: nobody need know which binds first."""
        told = self.condition(condition)
        mixed = isinstance(condition, Both | Either) and not isinstance(condition, outer)
        return self("group", condition=told) if mixed else told

    def value(self, value: Value, column: ReportColumn | None = None) -> str:
        """Return a value for people: the report's own word where it has one for a code."""
        labels = {} if column is None else column.labels
        match value:
            case None:
                return self("unknown")
            case bool():
                code = "true" if value else "false"
                return (
                    labels[code].of(self._lang)
                    if code in labels
                    else self("yes" if value else "no")
                )
            case str():
                word = labels[value].of(self._lang) if value in labels else value
                return self("quoted", value=word)
            case datetime():
                return self("instant", value=value.replace(tzinfo=None).isoformat(" "))
            case date():
                return value.isoformat()
        return str(value)


def _header(column: ReportColumn, lang: Lang) -> str:
    return column.ja if lang == "ja" else column.en
