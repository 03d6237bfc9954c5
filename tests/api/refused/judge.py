"""Judges answers by what the description of the API says of them, with validators that are not ours."""

import gzip
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from copy import replace
from typing import Any

import jsonschema_rs

from tests.api.conftest import Answer

type Json = Mapping[str, Any]


class Judge:
    """Compares answers with `document`; counts them. What is in `secrets` must stand in none."""

    def __init__(self, document: Json, secrets: Sequence[str], personal: Sequence[str]) -> None:
        """`personal` are words of somebody's data, which no refusal may tell."""
        self._document = document
        self._secrets = [word.encode() for word in secrets]
        self._personal = [word.encode() for word in personal]
        self._validators: dict[tuple[str, ...], jsonschema_rs.Draft202012Validator] = {}
        self.answers: Counter[int] = Counter()

    def faults(self, method: str, path: str, answer: Answer) -> list[str]:
        """Return what is wrong with an answer of the operation, nothing if all is as described."""
        self.answers[answer.status] += 1
        if answer.headers.get("Content-Encoding") == "gzip":
            answer = replace(answer, body=gzip.decompress(answer.body))
        found = [f"tells {word!r}" for word in self._secrets if word in _told(answer)]
        if answer.status >= 400:
            found += [f"tells {word!r}" for word in self._personal if word in answer.body]
        if answer.status >= 500:
            found.append(f"a server error: {answer.body!r}")
        responses = self._document["paths"][path][method.lower()]["responses"]
        if (response := responses.get(str(answer.status))) is None:
            return [*found, f"no answer that is described: {answer.status}"]
        where = (method, path, str(answer.status))
        return found + self._of_body(where, response, answer) + self._of_headers(response, answer)

    def _of_body(self, where: tuple[str, ...], response: Json, answer: Answer) -> list[str]:
        content = response.get("content", {})
        if not content or answer.status == 304:
            return [f"has a body: {answer.body[:80]!r}"] if answer.body else []
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        if kind not in content:
            return [f"is {kind}, not {sorted(content)}"]
        if not kind.endswith("json"):
            return []
        told = json.loads(answer.body)
        validator = self._validator((*where, kind), content[kind]["schema"])
        return [f"{list(one.instance_path)}: {one.message}" for one in validator.iter_errors(told)]

    def _of_headers(self, response: Json, answer: Answer) -> list[str]:
        found = []
        for name in response.get("headers", {}):
            if (value := answer.headers.get(name)) is None:
                continue
            schema = self._document["components"]["headers"][name]["schema"]
            typed = int(value) if schema["type"] == "integer" and value.isdecimal() else value
            errors = self._validator(("header", name), schema).iter_errors(typed)
            found += [f"{name}: {one.message}" for one in errors]
        return found

    def _validator(
        self, where: tuple[str, ...], schema: Json
    ) -> jsonschema_rs.Draft202012Validator:
        if where not in self._validators:
            whole = {**schema, "components": self._document["components"]}
            made = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
            self._validators[where] = made
        return self._validators[where]


def _told(answer: Answer) -> bytes:
    return b"\n".join([answer.body, *(value.encode() for value in answer.headers.values())])
