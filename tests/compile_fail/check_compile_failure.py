#!/usr/bin/env python3
"""Usage: check_compile_failure.py SOURCE COMPILER [FLAG...]

Checks that SOURCE compiles, that with MONIKER_BAD_LINE defined it does not, and that nothing but what stands between
`#ifdef MONIKER_BAD_LINE` and `#endif` is to blame: each line of SOURCE that an error names, or that an error in a header
comes from. Without the first check a typing error would pass for a success."""

import re
import subprocess
import sys
from pathlib import Path


def bad_lines(source):
    lines = Path(source).read_text().splitlines()
    start = lines.index("#ifdef MONIKER_BAD_LINE")
    return range(start + 2, lines.index("#endif", start) + 1)


def main(source, *command):
    good = subprocess.run([*command, "-fsyntax-only", source], capture_output=True, text=True)
    if good.returncode != 0:
        return f"does not compile without the bad line:\n{good.stderr}"
    bad = subprocess.run([*command, "-fsyntax-only", "-DMONIKER_BAD_LINE", source], capture_output=True, text=True)
    blamed = re.findall(r"^(.+?):(\d+):\d+: +(?:(?:fatal )?error:|.*required from|note: .*requested here)", bad.stderr, re.M)
    lines = {int(line) for file, line in blamed if Path(file).resolve() == Path(source).resolve()}
    if bad.returncode == 0:
        return f"compiles with the bad line:\n{bad.stderr}"
    if not lines or not lines <= set(bad_lines(source)):
        return f"has an error elsewhere than at the bad line (at {sorted(lines)}):\n{bad.stderr}"
    return None


if __name__ == "__main__":
    problem = main(*sys.argv[1:])
    if problem:
        sys.exit(f"{sys.argv[1]} {problem}")
