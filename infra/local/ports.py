"""Free loopback ports, for programs that cannot choose one themselves."""

import socket


def free_port(*, preferred: int = 0) -> int:
    """Return a TCP port of 127.0.0.1 that was free a moment ago; be ready to try another.

    It is `preferred` if that is free.
    """
    try:
        return _bindable(preferred)
    except OSError:
        return _bindable(0)


def _bindable(port: int) -> int:
    with socket.socket() as probe:
        # As servers do: the closing connections of the last server do not keep its port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        bound: int = probe.getsockname()[1]
        return bound
