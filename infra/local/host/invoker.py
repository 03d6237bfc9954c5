"""One invocation from its trigger to its outputs."""

import asyncio
import secrets
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.host import wire
from infra.local.host.bindings import Bindings
from infra.local.host.console import Console
from infra.local.host.errors import HostError, InvocationFailed, WorkerLost
from infra.local.host.functions import Function
from infra.local.host.worker_pool import WorkerPool


def new_trace_parent() -> str:
    """A fresh W3C trace context (https://www.w3.org/TR/trace-context/), sampled."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


@dataclass(frozen=True, slots=True)
class Trigger:
    """Why a function runs and with what.

    `value` is the trigger's payload, `metadata` what the worker gets beside it, `data` the values
    that binding expressions may name.
    """

    reason: str
    value: wire.Typed
    metadata: Mapping[str, wire.Typed] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    trace_parent: str = ""
    trace_state: str = ""
    retry_count: int = 0
    max_retry_count: int = 0
    invocation_id: str = ""
    """Given where somebody must know it before the call; otherwise made up."""


class Invoker:
    """Runs functions: inputs, call, time limit, outputs, and the two log lines around them."""

    def __init__(
        self, pool: WorkerPool, bindings: Bindings, console: Console, timeout: float | None
    ) -> None:
        self.pool, self.bindings, self.console, self.timeout = pool, bindings, console, timeout

    async def invoke(self, function: Function, trigger: Trigger) -> wire.Result:
        """Run one invocation. Raises InvocationFailed, whatever the cause."""
        call_id, begun = trigger.invocation_id or str(uuid.uuid4()), time.monotonic()
        label = f"Functions.{function.name}"
        self.console.event(f"Executing '{label}' (Reason='{trigger.reason}', Id={call_id})")
        try:
            result = await self._run(function, trigger, call_id)
        except InvocationFailed as failure:
            took = round((time.monotonic() - begun) * 1000)
            self.console.event(f"Executed '{label}' (Failed, Id={call_id}, Duration={took}ms)")
            self.console.plain(f"Result: Failure\nException: {failure}\nStack: {failure.stack}")
            raise
        took = round((time.monotonic() - begun) * 1000)
        self.console.event(f"Executed '{label}' (Succeeded, Id={call_id}, Duration={took}ms)")
        return result

    async def _run(self, function: Function, trigger: Trigger, call_id: str) -> wire.Result:
        inputs = await self.bindings.read_inputs(function, trigger.data)
        message = wire.Invoke(
            id=call_id,
            function_id=function.id,
            inputs={function.trigger.name: trigger.value, **inputs},
            metadata=dict(trigger.metadata),
            trace_parent=trigger.trace_parent or new_trace_parent(),
            trace_state=trigger.trace_state,
            retry_count=trigger.retry_count,
            max_retry_count=trigger.max_retry_count,
        )
        result = await self._call(function, message)
        if result.error is not None:
            raise InvocationFailed(result.error, result.stack)
        await self.bindings.write_outputs(function, result, trigger.data)
        return result

    async def _call(self, function: Function, message: wire.Invoke) -> wire.Result:
        try:
            worker = await self.pool.worker(function.group)
            try:
                async with asyncio.timeout(self.timeout):
                    return await worker.call(message)
            except TimeoutError as error:
                # The platform cannot cancel Python code either: the whole process goes, and with
                # it every other invocation in it.
                await worker.kill()
                raise InvocationFailed(f"timeout of {self.timeout:g} s exceeded") from error
        except (HostError, WorkerLost) as error:
            raise InvocationFailed(str(error)) from error
