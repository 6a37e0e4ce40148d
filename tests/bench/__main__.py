"""`python -m tests.bench [--quick] [--only NAME]…`: measures what the issues name, prints a table, writes var/bench.json.

Every figure stands beside a floor measured in the same run, mostly bare psycopg doing the same statements: the ratio
says what our code costs on top, however noisy the minute was. Exit code 1 where a measurement itself failed; a missed
aim is a verdict in the table, not an error.
"""

import argparse
import os
import sys
import time
import traceback
from importlib import import_module

from tests.bench.figures import Report, loop_ms
from tests.bench.ground import Ground

# In this order: migration changes the head that the pages would refuse to serve.
SUBJECTS = ("provisioning", "signup", "pages", "writing", "finding", "daily", "contact_log", "weights", "audit", "load", "exporting", "own_fields", "products", "documents", "deals", "quotes", "leads", "briefs", "handing", "importing", "duplicates", "memory", "migration")


def main(arguments: list[str]) -> int:
    """Runs the subjects asked for; gives the exit code."""
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the sizes: to see that it runs, not for figures")
    parser.add_argument("--only", action="append", choices=SUBJECTS, metavar="NAME", help=f"one of {', '.join(SUBJECTS)}; may be repeated")
    asked = parser.parse_args(arguments)
    report, failed = Report(quick=asked.quick), []
    with Ground(quick=asked.quick) as ground:
        for name in SUBJECTS:
            if asked.only and name not in asked.only:
                continue
            if not measure(name, ground, report):
                failed.append(name)
            report.notes.append(f"after {name}: load {os.getloadavg()[0]:.1f}, a fixed loop of Python takes {loop_ms():.0f} ms")
    print(report.table())  # noqa: T201
    sys.stdout.write(f"\n{report.write(partial=bool(asked.only) or asked.quick)}\n")
    if failed:
        sys.stderr.write(f"Not measured, an error came: {', '.join(failed)}.\n")
    return 1 if failed else 0


def measure(name: str, ground: Ground, report: Report) -> bool:
    """One subject; an error in it is shown and the others are still measured."""
    started = time.monotonic()
    sys.stderr.write(f"{name} …\n")
    try:
        import_module(f"tests.bench.{name}").measure(ground, report.subject(name))
    except Exception:
        traceback.print_exc()
        return False
    sys.stderr.write(f"{name}: {time.monotonic() - started:.0f} s\n")
    return True


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
