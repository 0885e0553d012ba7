#!/usr/bin/env python3
"""Writes lib/pseudonym/assigned_ranges.inc: the ranges of code points that Unicode 15.0 assigns.

Usage: make_assigned_ranges.py [--check] [FOLDER]. FOLDER holds the files of the Unicode Character Database 15.0 (Debian:
package unicode-data, the default). With --check it writes nothing; exit status 1 if the file is another one."""

import argparse
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "lib/pseudonym/assigned_ranges.inc"
HEADER = """\
// Written by tools/make_assigned_ranges.py from UnicodeData.txt of Unicode 15.0; do not edit.
// First and last code point of each range whose General_Category is not Cn.
"""
PER_LINE = 4


def assigned_ranges(unicode_data):
    """Neighbouring code points joined. A pair of lines `<..., First>` and `<..., Last>` stands for all between."""
    ranges = []
    for line in unicode_data.splitlines():
        code, name = line.split(";")[:2]
        point = int(code, 16)
        if ranges and (name.endswith(", Last>") or point == ranges[-1][1] + 1):
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return ranges


def render(ranges):
    cells = [f"{{0x{first:05X}, 0x{last:05X}}}," for first, last in ranges]
    lines = (" ".join(cells[i:i + PER_LINE]) for i in range(0, len(cells), PER_LINE))
    return HEADER + "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description="Write the ranges that Unicode 15.0 assigns, or check the file.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the file is another one")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("/usr/share/unicode"))
    arguments = parser.parse_args()

    if not (arguments.folder / "DerivedAge.txt").read_text().startswith("# DerivedAge-15.0.0.txt"):
        sys.exit(f"{arguments.folder}: not Unicode 15.0")
    wanted = render(assigned_ranges((arguments.folder / "UnicodeData.txt").read_text()))
    if not arguments.check:
        TARGET.write_text(wanted)
    elif TARGET.read_text() != wanted:
        sys.exit(f"{TARGET.name}: not what the Unicode Character Database says")


if __name__ == "__main__":
    main()
