"""Run the benches: every subject, or the named ones. Exit status 1 when a bar is missed."""

from __future__ import annotations

import importlib
import sys

from bench.report import save

SUBJECTS = ("start", "invoke", "rows", "catalog", "gateway", "postgres", "grid", "klogs")


def main(names: list[str]) -> int:
    """Measure, print one line per row, keep the same as JSON."""
    unknown = set(names) - set(SUBJECTS)
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(SUBJECTS)}")
        return 2
    is_met = True
    for subject in names or SUBJECTS:
        rows = importlib.import_module(f"bench.{subject}").measure()
        for row in rows:
            print(row.line(), flush=True)
        save(subject, rows)
        is_met = is_met and all(row.is_met for row in rows)
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
