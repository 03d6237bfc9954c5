"""What schemathesis cannot know of the API, loaded by it: which refusals are of the form of a request."""

from typing import Any

import schemathesis

# Whoever keeps to the description is never told one of these: it would leave something out. Whatever
# else is refused, is so for what it means, or what there is.
OF_FORM = {
    "body_field_missing",
    "body_field_unknown",
    "body_invalid",
    "body_not_json",
    "body_too_large",
    "guid_expected",
    "idempotency_key_malformed",
    "instant_expected",
    "media_type_other",
    "media_type_unsupported",
    "number_expected",
    "parameter_malformed",
    "parameter_unknown",
    "value_not_allowed",
}
schemathesis.serializer.alias("text/csv", "application/octet-stream")

# Which of all the presets one report has.
OF_A_REPORT = {("value_not_allowed", "preset")}


@schemathesis.check  # type: ignore[untyped-decorator, unused-ignore]
def refused_for_what_it_means(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: "schemathesis.Case[Any]"
) -> None:
    """What fits the description may be refused, but not for its form."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if response.status_code in (400, 413, 415):
        problem = response.json()
        told = problem["code"], problem.get("parameter")
        assert told[0] not in OF_FORM or told in OF_A_REPORT, f"{told}: {problem['detail']}"
