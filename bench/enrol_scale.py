#!/usr/bin/env python3
"""Enrols ten thousand to a million persons, with --long ten million, beside plain SQLite that inserts rows of the same
bytes, and looks persons up afterwards. Prints Markdown; with --write puts it into docs/performance.md, with plots of the
rates against the size of the store (docs/images/store-size.svg) and, with --long, while it grows (docs/images/enrolment.svg).

Usage: enrol_scale.py BUILD_FOLDER [--long] [--quick] [--write] [--folder FOLDER]"""

import argparse
import os
import shutil
import subprocess
import tempfile

import page

QUICK_SIZES = (2_000, 4_000)
SIZES = (10_000, 100_000, 1_000_000)
LONG_SIZES = (10_000_000,)
MILLION = 1_000_000


class Run:
    """What one process of enrol_scale printed."""

    def __init__(self, program, kind, folder, persons):
        place = tempfile.mkdtemp(prefix="enrol-scale.", dir=folder)
        try:
            output = subprocess.run([program, kind, place, str(persons)], check=True, stdout=subprocess.PIPE,
                                    text=True).stdout
        finally:
            shutil.rmtree(place)
        self.persons = persons
        self.points = [(0, 0.0)]
        self.values = {}
        for line in output.splitlines():
            name, *numbers = line.split()
            if name == "stored":
                self.points.append((int(numbers[0]), float(numbers[1])))
            else:
                self.values[name] = float(numbers[0])

    def rate(self):
        return self.persons / self.values["seconds"]

    def time_at(self, persons):
        """When so many were stored, as if they were stored evenly between two chunks."""
        for (before, start), (after, end) in zip(self.points, self.points[1:]):
            if persons <= after:
                return start + (end - start) * (persons - before) / (after - before)
        raise ValueError("not so many were stored")

    def rates_by_million(self):
        times = [self.time_at(million * MILLION) for million in range(self.persons // MILLION + 1)]
        return [MILLION / (end - start) for start, end in zip(times, times[1:])]


def machine(folder):
    return f"{page.machine()}; {page.said_by('stat', '-f', '-c', '%T', folder)}"


def table_of_sizes(pairs):
    lines = ["| persons | persons/s | plain SQLite | ratio | peak memory | bytes a person | lookup p50 | p99 | plain p50 | p99 "
             "| lookups/s to plain | open |",
             "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"]
    for ours, plain in pairs:
        mine, other = ours.values, plain.values
        lines.append(
            f"| {ours.persons:,} | {ours.rate():,.0f} | {plain.rate():,.0f} | {ours.rate() / plain.rate():.2f} "
            f"| {mine['peak_kib'] / 1024:.0f} MiB | {mine['bytes'] / ours.persons:.0f} | {mine['lookup_p50_us']:.1f} µs "
            f"| {mine['lookup_p99_us']:.1f} µs | {other['lookup_p50_us']:.1f} µs | {other['lookup_p99_us']:.1f} µs "
            f"| {other['lookup_p50_us'] / mine['lookup_p50_us']:.2f} | {mine['open_us'] / 1000:.1f} ms |")
    return lines


def table_of_millions(ours, plain):
    mine, other = ours.rates_by_million(), plain.rates_by_million()
    lines = ["", "Persons a second of each million of the largest run, and how that compares with the first:", "",
             "| million | persons/s | to the first | plain SQLite | to the first |", "|--:|--:|--:|--:|--:|"]
    for million, (rate, reference) in enumerate(zip(mine, other), 1):
        lines.append(f"| {million} | {rate:,.0f} | {rate / mine[0]:.2f} | {reference:,.0f} | {reference / other[0]:.2f} |")
    return lines


def plot(ours, plain):
    series = [(name, [(million + 0.5, rate) for million, rate in enumerate(run.rates_by_million())])
              for name, run in (("moniker", ours), ("plain SQLite", plain))]
    page.write_plot("enrolment.svg", page.lines_plot("Enrolling ten million persons", "millions of persons in the store",
                                                     "persons a second", series, logarithmic_x=False))


def plot_sizes(pairs):
    series = []
    for name, side in (("moniker", 0), ("plain SQLite", 1)):
        series.append((f"enrol, {name}", [(pair[side].persons, pair[side].rate()) for pair in pairs]))
        series.append((f"look up, {name}", [(pair[side].persons, 1e6 / pair[side].values["lookup_p50_us"]) for pair in pairs]))
    page.write_plot("store-size.svg", page.lines_plot("Rate against the size of the store", "persons in the store", "a second",
                                                      series, logarithmic_y=True))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--folder", default="/tmp")
    options = parser.parse_args()
    program = os.path.join(options.build, "bench", "enrol_scale")
    pairs = []
    for persons in (QUICK_SIZES if options.quick else SIZES) + (LONG_SIZES if options.long else ()):
        pairs.append(tuple(Run(program, kind, options.folder, persons) for kind in ("moniker", "plain")))
    lines = table_of_sizes(pairs)
    if options.long:
        lines += table_of_millions(*pairs[-1])
    lines += ["", f"Measured with: {machine(options.folder)}."]
    print("\n".join(lines))
    if not options.write:
        return
    page.write_section("enrolment", ["", *lines, ""])
    plot_sizes(pairs)
    if options.long:
        plot(*pairs[-1])


if __name__ == "__main__":
    main()
