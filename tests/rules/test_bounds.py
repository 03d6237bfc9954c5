"""Every wait for a child, a thread or an answer has an end, and every test a bound."""

import ast
from collections.abc import Iterator

import pytest

from infra.local.repository import ROOT

_FILES = sorted(
    path
    for folder in ("tests", "infra")
    for path in (ROOT / folder).rglob("*.py")
    if "node_modules" not in path.parts
)
_RUNS = {"subprocess.run", "subprocess.check_call", "subprocess.check_output"}
_WAITS = {"wait", "join", "communicate"}
# The one place that starts children for tests, and the one of the embedded stack; four that keep
# their child beyond one block and hand it to `end_child`.
_STARTS = {
    "tests/fixtures/children.py",
    "infra/local/child.py",
    "tests/host/running_host.py",
    "tests/host/test_core_tools_form.py",
    "tests/host/test_start.py",
    "tests/properties/world.py",
}


def _endless(source: str, name: str) -> Iterator[str]:
    """Yield what waits without end in a file: `line: call`."""
    tree = ast.parse(source)
    awaited = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Await)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or id(node) in awaited:
            continue
        called = ast.unparse(node.func)
        keywords = {keyword.arg for keyword in node.keywords}
        bare = not node.args and not keywords
        attribute = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if (
            (called in _RUNS and "timeout" not in keywords)
            or (attribute in _WAITS and bare and called != "stopping.wait")
            or (attribute == "urlopen" and "timeout" not in keywords)
            or (called == "subprocess.Popen" and name not in _STARTS)
        ):
            yield f"{node.lineno}: {called}"


def test_nothing_waits_without_end() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{wait}"
        for path in _FILES
        for wait in _endless(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    ["child.wait()", "thread.join()", "subprocess.run(['x'])", "subprocess.Popen(['x'])"],
)
def test_an_endless_wait_is_seen(line: str) -> None:
    assert len(list(_endless(line, "tests/x.py"))) == 1


def test_every_test_has_a_bound(pytestconfig: pytest.Config) -> None:
    assert float(pytestconfig.getini("timeout")) > 0
