"""Sends the cases of an attack and counts them."""

import sys
from collections import Counter
from typing import Any

from shared.web.openapi_problems import refusals
from shared.web.route import Route
from tests.api.conftest import TENANT, Answer, Api
from tests.api.refused.spoilt_input import FOREIGN


def say(line: str) -> None:
    """Tell the figures of a case to who runs the tests with `-s`."""
    sys.stdout.write(f"\n{line}\n")


class Tally:
    """Sends cases and counts them; each answer must be one that the route is documented to give."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.answers: Counter[int] = Counter()

    def send(self, route: Route, path: str, query: dict[str, str], **more: Any) -> Answer:
        if route.guarded:  # Else nothing but that would be refused.
            more = {"headers": {"if-match": "*"}, **more}
        answer = self._api.send(route.method, path, query, **more)
        self.judge(route, answer, (route.method, path[:80], query, more))
        return answer

    def judge(self, route: Route, answer: Answer, case: object) -> None:
        self.answers[answer.status] += 1
        if answer.status in (route.status, *route.also):
            return
        problem = answer.json
        assert problem["code"] in refusals(route).get(answer.status, ()), (
            answer.status,
            problem,
            case,
        )
        assert answer.status < 500 or answer.status == 502, (problem, case)

    def say(self, what: str) -> None:
        say(f"{what}: {self.answers.total()} cases, {dict(sorted(self.answers.items()))}")


def filled(route: Route, tenant: str = str(TENANT), key: str = "users", id_: str = FOREIGN) -> str:
    path = route.path.replace("{tenant}", tenant).replace("{key}", key).replace("{id}", id_)
    path = path.replace("{role}", "operator").replace("{dataset}", "license_prices")
    return f"/{path}"


def harmless(route: Route) -> bool:
    """Connecting asks Entra, which is slow to be nowhere; removing ends what other cases need."""
    return route.method == "GET" and "consent" not in route.path
