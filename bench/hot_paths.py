#!/usr/bin/env python3
"""Counts the instructions of the hot paths under callgrind and holds them against bench/instructions.txt.

Usage: hot_paths.py PROGRAM BUILD [--update]

BUILD names compiler and build type, as in the file; counts of one build say nothing of another, so a build that the
file does not have is passed over (exit status 77) until --update writes its counts. A count may differ by 3 %: more is
a regression, less is a gain that --update has to write down."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

COUNTS = pathlib.Path(__file__).with_name("instructions.txt")
PATHS = ["derive-one", "derive-1024", "text-1024", "render-1024", "open-and-resolve"]
TOLERANCE = 0.03
PASSED_OVER = 77


def count(program, path):
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(["valgrind", "--tool=callgrind", "--collect-atstart=no", f"--callgrind-out-file={folder}/out",
                              program, path, folder], capture_output=True, text=True, check=False)
    found = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or not found or int(found[1]) == 0:
        sys.exit(f"{path} was not counted:\n{run.stderr}")
    return int(found[1])


def read():
    counts = {}
    for line in COUNTS.read_text(encoding="utf-8").splitlines() if COUNTS.exists() else []:
        if line and not line.startswith("#"):
            build, path, number = line.split()
            counts[build, path] = int(number)
    return counts


def write(counts):
    lines = ["# Instructions of the hot paths under valgrind: compiler-version-buildtype, path, count.",
             "# Written by bench/hot_paths.py --update; see docs/performance.md."]
    lines += [f"{build} {path} {number}" for (build, path), number in sorted(counts.items())]
    COUNTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(program, build, *options):
    if shutil.which("valgrind") is None:
        sys.exit("valgrind is not there: install it (Debian: valgrind)")
    expected = read()
    if "--update" not in options and not any((build, path) in expected for path in PATHS):
        print(f"no counts for {build} in {COUNTS.name}; to write them: bench/hot_paths.py PROGRAM {build} --update")
        sys.exit(PASSED_OVER)
    counts = {(build, path): count(program, path) for path in PATHS}
    if "--update" in options:
        write(expected | counts)
        return
    faults = []
    for (_, path), number in counts.items():
        before = expected.get((build, path), 0)
        change = number / before - 1 if before else float("inf")
        print(f"{path}: {number} instructions, {change:+.2%}")
        if abs(change) > TOLERANCE:
            faults.append(path)
    if faults:
        sys.exit(f"more than {TOLERANCE:.0%} from {COUNTS.name}: {', '.join(faults)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
