"""First load of a fan-out in every order of small and large batches: a page costs what a page costs."""

from itertools import permutations

from tests.perf.ground import Ground
from tests.perf.outcome import Options, Outcome, findings
from tests.perf.rounds import Bound, Variant, run_rounds

SMALL, MIDDLE = 60, 999


def run(ground: Ground, options: Options) -> Outcome:
    """Store groups of 60, 999 and `options.rows` members in every order; nothing is analysed."""
    variants = [
        Variant(
            "members " + ", ".join(f"{size:,}" for size in order),
            "tests.perf.orders_variants:pages_in_order",
            {"groups": order},
            ground.product_database,
            ground.drop,
        )
        for order in permutations((SMALL, MIDDLE, max(options.rows, 2 * MIDDLE)))
    ]
    measured = run_rounds(variants, options.rounds, options.say)
    wanted = [
        bound
        for variant in variants
        for bound in (
            Bound(
                f"slowest page / first, {variant.name}",
                *("page_growth", variant.name, 3.0, "at most", "x"),
            ),
            Bound(
                f"closing, {variant.name}", *("close_us", variant.name, 50.0, "at most", "us/row")
            ),
        )
    ]
    title = f"groups of {SMALL}, {MIDDLE} and {options.rows:,} members, {options.rounds} rounds"
    return Outcome("orders", title, measured, findings(measured, wanted))
