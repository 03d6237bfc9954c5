"""The ground that benchmarks stand on when they are tried."""

from collections.abc import Iterator

import pytest

from tests.fixtures.memory_folder import memory_folder, temporary_files_in
from tests.perf.ground import Ground, standing


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """One server for all benchmarks of a file; nothing is timed, so it need not wait for a disk."""
    with (
        memory_folder(tmp_path_factory.mktemp("perf")) as folder,
        temporary_files_in(folder),
        standing() as ground,
    ):
        yield ground
