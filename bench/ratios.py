#!/usr/bin/env python3
"""Reads the JSON of moniker_bench; prints each benchmark's time for one item and its ratio to a reference of the same run.

Usage: ratios.py FILE [--write]. Of the repetitions, which are interleaved: median, quartiles, fastest. Markdown. With
--write each group goes into its section of docs/performance.md, and the rate against the size of a batch into
docs/images/batch-size.svg."""

import collections
import json
import statistics
import sys

import page

# Section of the page: groups of benchmarks.
SECTIONS = {"derive": ["derive"], "scope-key": ["scope-key"], "kernel": ["kernel"], "render": ["render"],
            "canonical": ["canonical"], "batch-size": ["batch-size", "bound"],
            "store": ["admit", "resolve", "check", "open-vault", "seal", "open"]}


def nanoseconds(run):
    """For one item; of the CPU, since the machine may do other work at the same time, unless the benchmark asks for
    the time on the clock."""
    return 1e9 / run["items_per_second"]


def reference_of(name, names):
    """The benchmark called libsodium, plain-sqlite or memcpy of the same group, or of the nearest above it: Google's
    library adds arguments and threads to a name as if they were groups."""
    parts = name.split("/")[:-1]
    while parts:
        for reference in ("libsodium", "plain-sqlite/real_time", "memcpy"):
            if (found := "/".join([*parts, reference])) in names:
                return found
        parts.pop()
    return None


def place(name):
    """Numbers by their value: 8 before 35."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in name.split("/")]


def table(times, groups):
    lines = ["| benchmark | million/s, median | ns, median | quartiles | ns, fastest | times reference | by the fastest |",
             "|---|---|---|---|---|---|---|"]
    for name in sorted((name for name in times if name.split("/")[0] in groups), key=place):
        values = times[name]
        middle = statistics.median(values)
        low, _, high = statistics.quantiles(values) if len(values) > 1 else (middle,) * 3
        reference = times.get(reference_of(name, times) or "")
        ratios = (f"{statistics.median(reference) / middle:.2f} | {min(reference) / min(values):.2f}"
                  if reference else " | ")
        lines.append(f"| `{name}` | {1000 / middle:.4g} | {middle:.1f} | {low:.1f} .. {high:.1f} | {min(values):.1f} | {ratios} |")
    return lines


def plot_batch_sizes(times):
    series = []
    for suite in ("blake2b", "hmac-sha256"):
        prefix = f"batch-size/{suite}/"
        points = sorted((int(name[len(prefix):]), 1e9 / statistics.median(values))
                        for name, values in times.items() if name.startswith(prefix))
        if points:
            series.append((suite, points))
        reference = times.get(f"derive/{suite}/libsodium")
        if points and reference:
            rate = 1e9 / statistics.median(reference)
            series.append((f"libsodium, {suite}", [(points[0][0], rate), (points[-1][0], rate)]))
    if series:
        page.write_plot("batch-size.svg", page.lines_plot("Identifiers to external IDs, one thread", "identifiers in a batch",
                                                          "a second", series))


def main(path, *options):
    times = collections.defaultdict(list)
    with open(path, encoding="utf-8") as file:
        for run in json.load(file)["benchmarks"]:
            if run["run_type"] == "iteration" and "items_per_second" in run:
                times[run["run_name"]].append(nanoseconds(run))
    if not times:
        sys.exit("no benchmark was run")
    for section, groups in SECTIONS.items():
        if any(name.split("/")[0] in groups for name in times):
            lines = table(times, groups)
            print("\n".join(lines) + "\n")
            if "--write" in options:
                page.write_section(section, ["", *lines, "", f"Measured with: {page.machine()}.", ""])
    if "--write" in options:
        plot_batch_sizes(times)


if __name__ == "__main__":
    main(*sys.argv[1:])
