"""Between the frames of the host and the records of the library worker."""

from types import SimpleNamespace
from typing import Any

from infra.local.host import wire
from infra.local.host.worker import messages


def invocation(call: wire.Invoke) -> SimpleNamespace:
    """Build the InvocationRequest for a call from the host."""
    return SimpleNamespace(
        invocation_id=call.id,
        function_id=call.function_id,
        input_data=[
            messages.ParameterBinding(name=name, data=_incoming(value))
            for name, value in call.inputs.items()
        ],
        trigger_metadata={name: _incoming(value) for name, value in call.metadata.items()},
        trace_context=SimpleNamespace(
            trace_parent=call.trace_parent, trace_state=call.trace_state, attributes={}
        ),
        retry_context=SimpleNamespace(
            retry_count=call.retry_count, max_retry_count=call.max_retry_count, exception=None
        ),
    )


def _incoming(value: wire.Typed | None) -> messages.TypedData:
    if value is None:
        return messages.TypedData()
    if value.kind != "http":
        return messages.TypedData(**{value.kind: value.value})
    http = wire.decode_http(value.value)
    return messages.TypedData(
        http=messages.RpcHttp(
            method=http.method,
            url=http.url,
            headers=http.headers,
            query=http.query,
            params=http.params,
            body=_incoming(http.body) if http.body else None,
        )
    )


def result(call_id: str, response: Any) -> wire.Result:
    """Read the worker's InvocationResponse."""
    if response.result.status != messages.StatusResult.Success:
        error = response.result.exception
        return wire.Result(call_id, error=error.message, stack=error.stack_trace)
    return wire.Result(
        call_id,
        outputs={item.name: _outgoing(item.data) for item in response.output_data},
        returned=_outgoing(response.return_value),
    )


def _outgoing(data: messages.TypedData) -> wire.Typed | None:
    kind = data.WhichOneof("data")
    if kind is None:
        return None
    value = getattr(data, kind)
    if kind != "http":
        return wire.Typed(kind, value)  # type: ignore[arg-type]  # the record knows no other
    return wire.http_typed(
        wire.HttpData(
            status=value.status_code,
            headers=dict(value.headers),
            cookies=[_cookie(cookie) for cookie in value.cookies],
            body=_outgoing(value.body),
        )
    )


def _cookie(cookie: Any) -> wire.Cookie:
    def optional(name: str) -> Any:
        return getattr(cookie, name).value if cookie.HasField(name) else None

    expires = optional("expires")
    same_site = {1: "Lax", 2: "Strict", 3: "None"}.get(cookie.same_site)
    return wire.Cookie(
        name=cookie.name,
        value=cookie.value,
        domain=optional("domain"),
        path=optional("path"),
        expires=expires.seconds if expires is not None else None,
        secure=bool(optional("secure")),
        http_only=bool(optional("http_only")),
        same_site=same_site,
        max_age=optional("max_age"),
    )


def retry(metadata: Any) -> wire.Retry | None:
    """Read the retry policy of a function's metadata."""
    if not metadata.HasField("retry_options"):
        return None
    options = metadata.retry_options
    return wire.Retry(
        max_count=options.max_retry_count,
        fixed=options.retry_strategy == messages.RETRY["fixed_delay"],
        delay=options.delay_interval.total_seconds(),
        minimum=options.minimum_interval.total_seconds(),
        maximum=options.maximum_interval.total_seconds(),
    )
