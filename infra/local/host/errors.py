"""What can go wrong in the host itself."""


class HostError(Exception):
    """The host cannot start or a function cannot be served; the message says why."""


class WorkerLost(Exception):
    """The worker process ended while an invocation was running in it."""


class InvocationFailed(Exception):
    """The function raised, or a binding around it failed; `stack` is the worker's traceback."""

    def __init__(self, message: str, stack: str = "") -> None:
        super().__init__(message)
        self.stack = stack
