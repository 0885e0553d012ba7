#!/usr/bin/env python3
"""Enrols ten thousand to a million persons, with --long ten million, beside plain SQLite that inserts rows of the same
bytes, and looks persons up afterwards. Prints Markdown; with --write puts it into docs/performance.md, with a plot
of the rate against the size of the store (docs/images/enrolment.svg).

Usage: enrol_scale.py BUILD_FOLDER [--long] [--write] [--folder FOLDER]"""

import argparse
import os
import shutil
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = os.path.join(ROOT, "docs", "performance.md")
PLOT = os.path.join(ROOT, "docs", "images", "enrolment.svg")
BEGIN, END = "<!-- enrolment begin -->", "<!-- enrolment end -->"
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


def command_output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT).stdout


def machine(folder):
    with open("/proc/cpuinfo", encoding="ascii") as file:
        model = next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    file_system = command_output("stat", "-f", "-c", "%T", folder).strip()
    commit = command_output("git", "describe", "--always", "--dirty").strip()
    compiler = command_output("c++", "--version").splitlines()[0]
    load = " ".join(f"{value:.0f}" for value in os.getloadavg())
    return (f"{model}, {os.cpu_count()} processors; {compiler}; commit {commit}; {file_system}; load of the machine "
            f"before and during the run (1, 5, 15 minutes): {load}")


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
    width, height, left, bottom, top = 640, 320, 70, 45, 30
    rates = (ours.rates_by_million(), plain.rates_by_million())
    highest = max(max(values) for values in rates) * 1.1
    count = len(rates[0])

    def x(million):
        return left + (width - left - 20) * million / count

    def y(rate):
        return height - bottom - (height - bottom - top) * rate / highest

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
             "<title>Persons enrolled a second against the size of the store</title>",
             f'<rect width="{width}" height="{height}" fill="#fff"/>']
    step = 50_000
    for rate in range(0, int(highest) + 1, step):
        parts.append(f'<path d="M{left} {y(rate):.1f}H{width - 20}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 8}" y="{y(rate) + 4:.1f}" text-anchor="end">{rate // 1000}k</text>')
    for million in range(count + 1):
        parts.append(f'<text x="{x(million):.1f}" y="{height - bottom + 18}" text-anchor="middle">{million}</text>')
    parts.append(f'<text x="{width / 2}" y="{height - 8}" text-anchor="middle">persons in the store, millions</text>')
    parts.append(f'<text x="{left}" y="{top - 12}">persons a second</text>')
    for values, colour, name, place in ((rates[1], "#888", "plain SQLite", width - 150), (rates[0], "#0a58ca", "Moniker", width - 260)):
        points = " ".join(f"{x(i + 0.5):.1f},{y(rate):.1f}" for i, rate in enumerate(values))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{place}" y="{top - 12}" fill="{colour}">{name}</text>')
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def write_page(text):
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(f"{before}{BEGIN}\n{text}{END}{after}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--folder", default="/tmp")
    options = parser.parse_args()
    program = os.path.join(options.build, "bench", "enrol_scale")
    lines = [machine(options.folder), ""]
    pairs = []
    for persons in SIZES + (LONG_SIZES if options.long else ()):
        pairs.append(tuple(Run(program, kind, options.folder, persons) for kind in ("moniker", "plain")))
    lines += table_of_sizes(pairs)
    if options.long:
        lines += table_of_millions(*pairs[-1])
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if not options.write:
        return
    write_page(text)
    if options.long:
        os.makedirs(os.path.dirname(PLOT), exist_ok=True)
        with open(PLOT, "w", encoding="utf-8") as file:
            file.write(plot(*pairs[-1]))


if __name__ == "__main__":
    main()
