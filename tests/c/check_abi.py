#!/usr/bin/env python3
"""Usage: check_abi.py CC

Holds the interface for C against what was released: abidiff between tests/c/abi/<library>.abi and what the
headers say now. Any difference fails. One that only adds is put into the dump; any other raises
MONIKER_ABI_VERSION and the SOVERSION first. Then

    tests/c/check_abi.py CC --write

writes the dumps, which are of 64-bit machines. What abidiff looks at are libraries with the functions of the
headers and nothing in them: their types are those of the real ones, which are compiled with these headers
and export just these functions (check_exports.py), without the types of the C++ behind them."""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CC = sys.argv[1]
LIBRARIES = {"libmoniker": ("c.h", "c_derive.h"), "libmoniker_resolve": ("c_resolve.h",)}


def dump_of(library):
    return ROOT / "tests/c/abi" / (library + ".abi")


def make_library(folder, library, change=lambda text: text):
    """A library with the functions of its headers, after change() of their text."""
    include = pathlib.Path(folder, "moniker")
    include.mkdir(exist_ok=True)
    for header in {name for headers in LIBRARIES.values() for name in headers}:
        (include / header).write_text(change((ROOT / "include/moniker" / header).read_text()))
    source = ""
    for header in LIBRARIES[library]:
        source += f"#include <moniker/{header}>\n"
        for prototype in re.findall(r"^MONIKER_API ([^;]*);", (include / header).read_text(), re.M):
            source += prototype + (" {}\n" if prototype.startswith("void ") else " { return 0; }\n")
    (path := pathlib.Path(folder, library + ".c")).write_text(source)
    made = path.with_suffix(".so")
    subprocess.run([CC, "-std=c99", "-g", "-shared", "-fPIC", f"-I{folder}", f"-Wl,-soname,{library}.so.0",
                    "-o", str(made), str(path)], check=True)
    return made


def difference(library, **how):
    """What abidiff says; empty if there is no difference."""
    with tempfile.TemporaryDirectory() as folder:
        made = make_library(folder, library, **how)
        run = subprocess.run(["abidiff", "--no-architecture", str(dump_of(library)), str(made)],
                             capture_output=True, text=True)
        return run.stdout + run.stderr if run.returncode else ""


def write_dump(library):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["abidw", "--no-corpus-path", "--no-comp-dir-path", "--no-show-locs", "--out-file",
                        str(dump_of(library)), str(make_library(folder, library))], check=True)


class Abi(unittest.TestCase):
    def test_nothing_differs_from_what_was_released(self):
        for library in LIBRARIES:
            with self.subTest(library=library):
                self.assertEqual(difference(library), "")

    def test_a_difference_is_found(self):
        changes = {
            "a function that is gone": (r"MONIKER_API moniker_code moniker_gate_bind\([^;]*;", ""),
            "a function that is new": (r"(?=MONIKER_API size_t)", "MONIKER_API int moniker_new(void);\n"),
            "a struct of another size": (r"char external_id\[33\];", "char external_id[41];"),
            "members in another order": (r"(  moniker_text actor;)\n(  moniker_text purpose;)", r"\2\n\1"),
            "a parameter of another type": (r"moniker_platform_at\(size_t index", "moniker_platform_at(int index"),
        }
        for what, (old, new) in changes.items():
            with self.subTest(what=what):
                self.assertNotEqual(difference("libmoniker", change=lambda text: re.sub(old, new, text)), "")


if __name__ == "__main__":
    if "--write" in sys.argv:
        for name in LIBRARIES:
            write_dump(name)
    else:
        unittest.main(argv=sys.argv[:1])
