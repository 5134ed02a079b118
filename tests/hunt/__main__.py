"""Run the hunt, or one part of it, and print how often it came to what."""

import argparse
import collections
import importlib
import logging
import sys
import time
import warnings

from rich.console import Console
from rich.table import Table

from .verdicts import FAULTS

#: attempts of each part; of the estimators, data sets for each class
PARTS = {"configs": 2000, "files": 2000, "estimators": 150, "kills": 20, "disk": 4}


def main() -> None:
    """Exit with status 1 where an attempt came to a fault."""
    parser = argparse.ArgumentParser(prog="hunt", description="Look for faults at random.")
    parser.add_argument("parts", nargs="*", default=[], help=f"of {', '.join(PARTS)}; default: all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, help="attempts; default: enough for 25 minutes in all")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"unknown parts: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    warnings.simplefilter("ignore")
    table = Table("part", "attempts", "came to", "seconds")
    faults = []
    for part in given.parts or PARTS:
        start = time.monotonic()
        logging.disable(logging.CRITICAL)  # what is refused is logged too
        found = importlib.import_module(f".{part}", __package__).hunt(given.seed, given.count or PARTS[part])
        counts = collections.Counter(verdict for verdict, _ in found)
        said = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
        table.add_row(part, str(len(found)), said, f"{time.monotonic() - start:.0f}")
        faults += [(part, verdict, example) for verdict, example in found if verdict in (*FAULTS, "failed")]
    for part, verdict, example in faults[:100]:
        print(f"{part}: {verdict}: {example}\n")
    Console().print(table)
    sys.exit(f"{len(faults)} faults" if faults else 0)


if __name__ == "__main__":
    main()
