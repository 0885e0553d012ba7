#!/usr/bin/env python3
"""Reads the JSON of moniker_bench; prints each benchmark's time for one item and its ratio to a reference of the same run.

Usage: ratios.py FILE. Of the repetitions, which are interleaved: median, quartiles, fastest. Markdown."""

import collections
import json
import statistics
import sys


def nanoseconds(run):
    """For one item; of the CPU, since the machine may do other work at the same time, unless the benchmark asks for
    the time on the clock."""
    return 1e9 / run["items_per_second"]


def reference_of(name, names):
    """The benchmark called libsodium or plain-sqlite of the same group, or of the nearest above it: Google's library
    adds arguments and threads to a name as if they were groups."""
    parts = name.split("/")[:-1]
    while parts:
        for reference in ("libsodium", "plain-sqlite/real_time"):
            if (found := "/".join([*parts, reference])) in names:
                return found
        parts.pop()
    return None


def main(path):
    times = collections.defaultdict(list)
    with open(path, encoding="utf-8") as file:
        for run in json.load(file)["benchmarks"]:
            if run["run_type"] == "iteration" and "items_per_second" in run:
                times[run["run_name"]].append(nanoseconds(run))
    print("| benchmark | million/s, median | ns, median | quartiles | ns, fastest | times reference | by the fastest |")
    print("|---|---|---|---|---|---|---|")
    for name, values in sorted(times.items()):
        middle = statistics.median(values)
        low, _, high = statistics.quantiles(values) if len(values) > 1 else (middle,) * 3
        reference = times.get(reference_of(name, times) or "")
        ratios = (f"{statistics.median(reference) / middle:.2f} | {min(reference) / min(values):.2f}"
                  if reference else " | ")
        print(f"| {name} | {1000 / middle:.2f} | {middle:.1f} | {low:.1f} .. {high:.1f} | {min(values):.1f} | {ratios} |")


if __name__ == "__main__":
    main(sys.argv[1])
