"""Route templates of ASP.NET Core, compiled to regular expressions.

Facts: https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-templates
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from infra.local.host.constraints import Test, build_constraint

_TOKEN = re.compile(r"(/)|\{(?!\{)((?:[^{}]|\{\{|\}\})*)\}|((?:[^/{}]|\{\{|\}\})+)")
_PARAMETER = re.compile(r"(\*{0,2})([^:=?/{}*]+)(.*)", re.DOTALL)
_CONSTRAINT = re.compile(r":(\w+)(?:\(((?:[^()]|\([^()]*\))*)\))?")


@dataclass(slots=True)
class Parameter:
    """One `{name:constraint=default}` or `{name?}` or `{*name}`."""

    name: str
    catch_all: bool
    optional: bool
    default: str | None
    tests: list[Test] = field(default_factory=list)


class RouteTemplate:
    """A template that can be matched against decoded paths. Raises ValueError if malformed."""

    def __init__(self, text: str) -> None:
        self.parameters: list[Parameter] = []
        body = text.removeprefix("~").removeprefix("/").removesuffix("/")
        segments = list(self._segments(body)) if body else []
        names = [parameter.name.lower() for parameter in self.parameters]
        if len(set(names)) < len(names):
            raise ValueError(f"a parameter appears twice in {text!r}")
        self._pattern = re.compile(_join(segments), re.IGNORECASE | re.DOTALL)

    def match(self, path: str) -> dict[str, str] | None:
        """The route values of a path (with its leading slash), or None."""
        found = self._pattern.fullmatch("/" + path.removeprefix("/").removesuffix("/"))
        if not found:
            return None
        values: dict[str, str] = {}
        for parameter, matched in zip(self.parameters, found.groups(), strict=True):
            value = matched or parameter.default
            if value is None:
                continue
            if not all(test(value) for test in parameter.tests):
                return None
            values[parameter.name] = value
        return values

    def _segments(self, body: str) -> Iterator[tuple[str, bool]]:
        """Yield each segment as (regular expression, may be missing)."""
        pieces: list[str | Parameter] = []
        position = 0
        for token in (*_TOKEN.finditer(body), None):
            if token is None or token.group(1):
                if not pieces:
                    raise ValueError(f"consecutive slashes in the route template {body!r}")
                yield self._segment(pieces)
                pieces = []
            elif token.group(2) is not None:
                self.parameters.append(_parameter(token.group(2)))
                pieces.append(self.parameters[-1])
            else:
                pieces.append(token.group(3).replace("{{", "{").replace("}}", "}"))
            if token is not None:
                if token.start() != position:
                    break
                position = token.end()
        if position != len(body):
            raise ValueError(f"unbalanced braces in the route template {body!r}")

    def _segment(self, pieces: list[str | Parameter]) -> tuple[str, bool]:
        if len(pieces) == 1 and isinstance(only := pieces[0], Parameter):
            if only.catch_all:
                return "(.*)", True
            return "([^/]+)", only.optional or only.default is not None
        pattern = ""
        for index, piece in enumerate(pieces):
            if isinstance(piece, str):
                pattern += re.escape(piece)
            elif piece.catch_all or (index and isinstance(pieces[index - 1], Parameter)):
                raise ValueError(f"{{{piece.name}}} cannot stand next to another parameter")
            elif piece.optional:
                # `{name}.{ext?}`: without the extension the dot goes too.
                if not pattern.endswith(r"\.") or index != len(pieces) - 1:
                    raise ValueError(f"optional {{{piece.name}}} must end its segment after a dot")
                pattern = pattern.removesuffix(r"\.") + r"(?:\.([^/.]+))?"
            else:
                pattern += "([^/]+?)"
        return pattern, False


def _join(segments: list[tuple[str, bool]]) -> str:
    """One expression for all segments: a tail of segments that may be missing nests."""
    pattern, tail = "", True
    for segment, missing in reversed(segments):
        tail = tail and missing
        pattern = f"(?:/{segment}{pattern})?" if tail else f"/{segment}{pattern}"
    return f"{pattern}/?" if pattern else "/"


def _parameter(text: str) -> Parameter:
    found = _PARAMETER.fullmatch(text.replace("{{", "{").replace("}}", "}"))
    if not found:
        raise ValueError(f"the route parameter {{{text}}} is malformed")
    stars, name, rest = found.groups()
    tests: list[Test] = []
    while inline := _CONSTRAINT.match(rest):
        rest = rest[inline.end() :]
        kind, arguments = inline.groups()
        tests.append(build_constraint(kind, _arguments(kind, arguments)))
    optional = rest == "?"
    default = rest[1:] if rest.startswith("=") else None
    if rest and not optional and default is None:
        raise ValueError(f"{rest!r} in the route parameter {{{text}}} is malformed")
    if stars and optional:
        raise ValueError(f"the catch-all {{{text}}} cannot be optional")
    return Parameter(name, bool(stars), optional, default, tests)


def _arguments(kind: str, text: str | None) -> list[str]:
    if text is None:
        return []
    return [text] if kind.lower() == "regex" else [part.strip() for part in text.split(",")]
