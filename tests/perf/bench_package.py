"""What the bytecode in the deployment package is worth: indexing the app with it and without."""

from pathlib import Path

from infra.package.archive import Package
from infra.package.build import build
from infra.package.cold_start import index_cpu_seconds, unpacked
from tests.perf.ground import Ground
from tests.perf.outcome import Options, Outcome, findings
from tests.perf.rounds import Measured, Ratio

_ROOT = Path(__file__).resolve().parents[2]

_TARGETS = (
    Ratio(
        "index, CPU, without bytecode / with",
        *("cpu_ms", "without", "with bytecode", 1.2, "at least"),
    ),
)


def run(ground: Ground, options: Options) -> Outcome:
    """Build the package of this tree, and index it."""
    options.say("building the package")
    return index(build(_ROOT, ground.scratch / "package.zip"), options)


def index(package: Package, options: Options) -> Outcome:
    """Index the package in fresh interpreters, with its bytecode and without, in turns."""
    with unpacked(package.path) as (compiled, plain):
        places = {"with bytecode": compiled, "without": plain}
        for place in places.values():
            index_cpu_seconds(place)  # brings the files into memory
        measured: Measured = {name: [] for name in places}
        for number in range(1, options.rounds + 1):
            options.say(f"round {number}/{options.rounds}")
            for name, place in places.items():
                measured[name].append({"cpu_ms": index_cpu_seconds(place) * 1000})
    title = f"indexing the package of {package.files:,} files, {options.rounds} rounds"
    return Outcome("package", title, measured, findings(measured, _TARGETS))
