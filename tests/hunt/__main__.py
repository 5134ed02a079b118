"""Run the hunt, or one part of it, and print how often it came to what."""

import argparse
import collections
import concurrent.futures
import importlib
import logging
import sys
import time
import traceback
import warnings

from rich.console import Console
from rich.table import Table

from .verdicts import FAULTS, show

#: attempts of each part; of the estimators, data sets for each class
PARTS = {"kills": 20, "configs": 2000, "disk": 4, "files": 2000, "estimators": 150}


def main() -> None:
    """Exit with status 1 where an attempt came to a fault."""
    parser = argparse.ArgumentParser(prog="hunt", description="Look for faults at random.")
    parser.add_argument("parts", nargs="*", default=[], help=f"of {', '.join(PARTS)}; default: all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, help="attempts; default: enough for 25 minutes in all")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"unknown parts: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    table = Table("part", "attempts", "came to", "seconds")
    faults = []
    with concurrent.futures.ProcessPoolExecutor(max_workers=2) as pool:
        jobs = {
            pool.submit(_hunt, part, given.seed, given.count or PARTS[part]): part
            for part in given.parts or PARTS
        }
        for job in concurrent.futures.as_completed(jobs):
            part, (found, seconds) = jobs[job], job.result()
            counts = collections.Counter(verdict for verdict, _ in found)
            said = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
            show(part, said, f"{seconds:.0f} s")
            table.add_row(part, str(len(found)), said, f"{seconds:.0f}")
            faults += [(part, verdict, example) for verdict, example in found if verdict in FAULTS]
    for part, verdict, example in faults[:100]:
        print(f"{part}: {verdict}: {example}\n")
    Console().print(table)
    sys.exit(f"{len(faults)} faults" if faults else 0)


def _hunt(part: str, seed: int, count: int) -> tuple[list[tuple[str, str]], float]:
    """What a part has found, and the seconds that it took."""
    start = time.monotonic()
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)  # what is refused is logged too
    try:
        found = importlib.import_module(f".{part}", __package__).hunt(seed, count)
    except Exception:  # a part that fails is no part without faults
        found = [("traceback", f"the hunt itself: {traceback.format_exc()}")]
    return found, time.monotonic() - start


if __name__ == "__main__":
    main()
