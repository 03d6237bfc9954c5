"""The messages of the Functions worker protocol that the library worker builds or reads.

Field names are those of FunctionRpc.proto
(https://github.com/Azure/azure-functions-language-worker-protobuf).
"""

from types import SimpleNamespace
from typing import Any

from infra.local.host.worker.protobuf import (
    Message,
    duration,
    flag,
    label,
    many,
    octets,
    real,
    record,
    table,
    text,
    whole,
)

STATUS = {"Failure": 0, "Success": 1, "Cancelled": 2}
DIRECTION = {"in": 0, "out": 1, "inout": 2}
DATA_TYPE = {"undefined": 0, "string": 1, "binary": 2, "stream": 3}
SAME_SITE = {"None": 0, "Lax": 1, "Strict": 2, "ExplicitNone": 3}
RETRY = {"exponential_backoff": 0, "fixed_delay": 1}


class RpcException(Message, source=text(), message=text(), stack_trace=text()):
    pass


class StatusResult(Message, status=label(STATUS), exception=record(lambda: RpcException)):
    Failure, Success, Cancelled = STATUS.values()


class WorkerMetadata(
    Message,
    runtime_name=text(),
    runtime_version=text(),
    worker_version=text(),
    worker_bitness=text(),
    custom_properties=table(text()),
):
    pass


class WorkerInitResponse(
    Message,
    capabilities=table(text()),
    worker_metadata=record(lambda: WorkerMetadata),
    result=record(lambda: StatusResult),
):
    pass


class BindingInfo(Message, type=text(), direction=label(DIRECTION), data_type=label(DATA_TYPE)):
    inout, out = DIRECTION["inout"], DIRECTION["out"]
    undefined, string, binary, stream = DATA_TYPE.values()


class RpcRetryOptions(
    Message,
    max_retry_count=whole(),
    retry_strategy=label(RETRY),
    delay_interval=duration(),
    minimum_interval=duration(),
    maximum_interval=duration(),
):
    pass


class RpcFunctionMetadata(
    Message,
    name=text(),
    function_id=text(),
    managed_dependency_enabled=flag(),
    directory=text(),
    script_file=text(),
    entry_point=text(),
    is_proxy=flag(),
    language=text(),
    bindings=table(record(lambda: BindingInfo)),
    raw_bindings=many(text()),
    retry_options=record(lambda: RpcRetryOptions),
    properties=table(text()),
):
    pass


class FunctionMetadataResponse(
    Message,
    use_default_metadata_indexing=flag(),
    function_metadata_results=many(record(lambda: RpcFunctionMetadata)),
    result=record(lambda: StatusResult),
):
    pass


class FunctionLoadResponse(Message, function_id=text(), result=record(lambda: StatusResult)):
    pass


class TypedData(
    Message,
    oneof="data",
    string=text(),
    json=text(),
    bytes=octets(),
    http=record(lambda: RpcHttp),
    int=whole(),
    double=real(),
):
    pass


class NullableString(Message, value=text()):
    pass


class NullableBool(Message, value=flag()):
    pass


class NullableDouble(Message, value=real()):
    pass


class Timestamp(Message, seconds=whole(), nanos=whole()):
    pass


class NullableTimestamp(Message, value=record(lambda: Timestamp)):
    pass


class RpcHttpCookie(
    Message,
    name=text(),
    value=text(),
    domain=record(lambda: NullableString),
    path=record(lambda: NullableString),
    expires=record(lambda: NullableTimestamp),
    secure=record(lambda: NullableBool),
    http_only=record(lambda: NullableBool),
    same_site=label(SAME_SITE),
    max_age=record(lambda: NullableDouble),
):
    SameSite = SimpleNamespace(**SAME_SITE)


class RpcHttp(
    Message,
    method=text(),
    url=text(),
    headers=table(text()),
    query=table(text()),
    params=table(text()),
    body=record(lambda: TypedData),
    status_code=text(),
    cookies=many(record(lambda: RpcHttpCookie)),
    enable_content_negotiation=flag(),
):
    pass


class ParameterBinding(Message, oneof="rpc_data", name=text(), data=record(lambda: TypedData)):
    def WhichOneof(self, group: str) -> str | None:  # noqa: N802 - protobuf's own name
        """`name` is no member of the group, so the base rule does not fit."""
        if group != "rpc_data":
            raise ValueError(f"ParameterBinding has no oneof {group!r}")
        return "data" if self.HasField("data") else None


class InvocationResponse(
    Message,
    invocation_id=text(),
    output_data=many(record(lambda: ParameterBinding)),
    return_value=record(lambda: TypedData),
    result=record(lambda: StatusResult),
):
    pass


def namespace() -> Any:
    """The classes as attributes of one object, the form in which the library worker takes them."""
    return SimpleNamespace(
        **{
            name: kind
            for name, kind in globals().items()
            if isinstance(kind, type) and issubclass(kind, Message)
        }
    )
