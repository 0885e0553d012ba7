#!/usr/bin/env python3
"""How long the calls take that an application waits for: quantiles, and docs/images/latency.svg.

Usage: bench/latency.py BUILD_FOLDER [--quick] [--write] [--folder FOLDER]"""

import argparse
import os
import subprocess
import tempfile

import page


def microseconds(nanoseconds):
    return f"{nanoseconds / 1000:.3g}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--folder", help="for the vault: on a RAM disk what is durable costs nothing")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        output = subprocess.run([os.path.join(arguments.build, "bench", "latency"), folder,
                                 "2000" if arguments.quick else "100000"], check=True, stdout=subprocess.PIPE, text=True).stdout
        file_system = page.said_by("stat", "-f", "-c", "%T", folder)
    quantiles = {name: [float(value) for value in values] for name, *values in map(str.split, output.splitlines())}
    lines = ["| call | p50, µs | p90 | p99 | p99.9 | longest |", "|---|--:|--:|--:|--:|--:|"]
    for name, values in quantiles.items():
        lines.append(f"| {name} | " + " | ".join(microseconds(values[i]) for i in (499, 899, 989, 998, 999)) + " |")
    lines += ["", f"Measured with: {page.machine()}; {file_system}."]
    print("\n".join(lines))
    if arguments.write:
        page.write_section("latency", ["", *lines, ""])
        # From the slowest: 1 is all calls, 0.001 one in a thousand.
        series = [(name, [(1 - i / 1000, max(value, 1) / 1000) for i, value in enumerate(values[:999])])
                  for name, values in quantiles.items()]
        series = [(name, [(1 / share, value) for share, value in values]) for name, values in series]
        page.write_plot("latency.svg", page.lines_plot(
            "Latency of single calls", "one call in so many takes longer", "µs", series, logarithmic_y=True,
            x_unit=lambda value: f"{value:,.0f}"))


if __name__ == "__main__":
    main()
