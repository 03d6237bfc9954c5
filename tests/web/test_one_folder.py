"""A noun of the API with its routes is one new folder, and no other file: tried in a copy of the tree."""

import json
import shutil
import sys
from pathlib import Path

from tests.fixtures.children import run_child

ROOT = Path(__file__).resolve().parents[2]

NOUN = {
    "__init__.py": '''"""Notes on the wall."""

from shared.web.endpoint import Endpoint

WRITE = Endpoint("http_note_write", "POST", "v1/notes", queues=("collect", "print-work"))
LOOK = Endpoint("http_wall", "GET", "wall", kind="page")
''',
    "shapes.py": '''"""Notes in JSON."""

from shared.web.shapes import Answer, Body


class NewNote(Body):
    """A note."""

    text: str


class Note(Answer):
    """A note that hangs."""

    letters: int
''',
    "routes.py": '''"""Writes a note, and shows the wall."""

from shared.core.text import Text
from shared.web.http import Response, json_response
from shared.web.resources import notes
from shared.web.resources.notes.shapes import NewNote, Note
from shared.web.route import Call, Route


def write(call: Call[NewNote]) -> Response:
    """Hang up a note."""
    return json_response(Note(letters=len(call.body.text)))


def look(call: Call) -> Response:
    """Show the wall."""
    return Response(200, b"<!doctype html>", {"Content-Type": "text/html"})


WRITE = Route(
    notes.WRITE,
    permission="anonymous",
    summary=Text("Write", "書く"),
    handle=write,
    changes="note.write",
    body=NewNote,
    answer=Note,
)
LOOK = Route(notes.LOOK, permission="anonymous", summary=Text("Look", "見る"), handle=look)
''',
}

SCRIPT = """
import json, sys
from tests.app_bindings import app_bindings
loaded = [name for name in sys.modules if name.endswith(".routes")]
from shared.core.settings import Settings
from shared.usecases.sample_requests import Samples
from shared.web.front import respond
from shared.web.http import Request
from shared.web.openapi import document
from shared.web.resources import notes
from shared.web.routes import route_at, routes

def ask(endpoint, body):
    headers = {"content-type": "application/json"}
    request = Request(endpoint.method, "https://x/" + endpoint.route, {}, headers, {}, body)
    return respond(route_at(endpoint), request, Doors())

told, refused, kept = [], [], []
samples = Samples(kept.append, every=None)

class Log:
    def tell(self, event):
        told.append(event)

    def tell_malformed(self, event):
        refused.append(event)

class Doors:
    def audit(self):
        return Log()

    def samples(self):
        return samples

    def settings(self):
        return Settings(database_url="")

written = ask(notes.WRITE, b'{"text": "ab"}')

samples.flush()
described = document(routes(), "en")
print(json.dumps({
    "here": notes.__file__,
    "loaded": loaded,
    "bindings": [b for name, b in app_bindings() if name in ("http_note_write", "http_wall")],
    "operation": described["paths"]["/v1/notes"]["post"],
    "paths": list(described["paths"]),
    "letters": json.loads(written.body),
    "told": [event.act for event in told],
    "counted": [one["route"] for one in kept[0].sample.told()["routes"]],
    "refused": json.loads(ask(notes.WRITE, b'{}').body)["code"],
    "page": ask(notes.LOOK, b"").body.decode(),
}))
"""


def test_a_noun_is_one_folder(tmp_path: Path) -> None:
    for folder in ("functions", "shared"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    (tmp_path / "tests").mkdir()
    for file in ("function_app.py", "tests/__init__.py", "tests/app_bindings.py"):
        shutil.copy(ROOT / file, tmp_path / file)
    noun = tmp_path / "shared/web/resources/notes"
    noun.mkdir()
    for name, source in NOUN.items():
        (noun / name).write_text(source, encoding="utf-8")
    done = run_child(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert Path(found["here"]).is_relative_to(tmp_path), "the copy was tested"
    assert found["loaded"] == [], "indexing reads endpoints, no routes"
    bindings = found["bindings"]
    assert {b["route"] for b in bindings if b["type"] == "httpTrigger"} == {"api/v1/notes", "wall"}
    queues = {b["name"]: b["queueName"] for b in bindings if b["type"] == "queue"}
    assert queues == {"collect": "collect", "print_work": "print-work"}
    assert found["operation"]["tags"] == ["notes"]
    assert "/wall" not in found["paths"]
    assert found["letters"] == {"letters": 2}
    assert found["told"] == ["note.write"], "what changes something is told, by its name"
    assert found["counted"] == ["http_note_write"], "and whatever is asked is counted"
    assert found["refused"] == "body_field_missing"
    assert found["page"] == "<!doctype html>"
