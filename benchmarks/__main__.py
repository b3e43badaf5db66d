"""`python -m benchmarks [NAME…] [--quick]`: run benchmarks and print one table of what they found."""

import argparse
import sys
from collections.abc import Callable, Iterator
from importlib import import_module

from benchmarks import Figure

NAMES = (
    "pipeline",
    "parse_feeds",
    "parse_wires",
    "extract_pages",
    "dedupe_pairs",
    "dedupe_scale",
    "land",
    "crash",
    "read_table",
    "fetch_scale",
    "scale",
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all of them by default")
    parser.add_argument("--quick", action="store_true", help="small: whether they run, not what they measure")
    given = parser.parse_args()
    if unknown := set(given.names) - set(NAMES):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    print(f"{'benchmark':<14} {'what':<44} {'':>10} {'':<10} target")
    for name in given.names or NAMES:
        figures: Callable[[bool], Iterator[Figure]] = import_module(f"benchmarks.{name}").figures
        for figure in figures(given.quick):
            value = f"{figure.value:,.0f}" if figure.value >= 100 else f"{figure.value:,.3g}"
            print(f"{name:<14} {figure.what:<44} {value:>10} {figure.unit:<10} {figure.target}".rstrip(), flush=True)


if __name__ == "__main__":
    sys.exit(main())
