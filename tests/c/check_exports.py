#!/usr/bin/env python3
"""Usage: check_exports.py NM LIBMONIKER LIBMONIKER_RESOLVE

What the libraries for C export, what their headers declare and what docs/c-api.md lists are the same
functions; and in libmoniker is nothing that reads persons back, which in libmoniker_resolve there is:
otherwise a change of names would pass for a success."""

import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
NM, *LIBRARIES = sys.argv[1:]
HEADERS = (("c.h", "c_derive.h"), ("c_resolve.h",))
READS_BACK = ("moniker::Resolver::", "MappingStore::FindMany(", "MappingStore::ReadPersons(",
              "MappingStore::AppendAuditEntry(")


def symbols(library, *options):
    return subprocess.run([NM, *options, library], capture_output=True, text=True, check=True).stdout.splitlines()


def exported(library):
    """Names of functions and data; the version itself is an absolute symbol."""
    found = [line.split() for line in symbols(library, "-D", "--defined-only")]
    return {name.split("@")[0] for _, kind, name in found if kind != "A"}


def declared(headers):
    text = "".join((ROOT / "include/moniker" / header).read_text() for header in headers)
    return set(re.findall(r"^MONIKER_API[^;(]*?(\w+)\(", text, re.M))


class Exports(unittest.TestCase):
    def test_exported_functions_are_exactly_the_declared_ones(self):
        for library, headers, at_least in zip(LIBRARIES, HEADERS, (30, 9)):
            with self.subTest(headers=headers):
                self.assertGreaterEqual(len(declared(headers)), at_least)
                self.assertEqual(exported(library), declared(headers))

    def test_documented_functions_are_exactly_the_declared_ones(self):
        page = (ROOT / "docs/c-api.md").read_text()
        listed = re.findall(r"^\| `(moniker_\w+)`", page, re.M)
        self.assertEqual(len(listed), len(set(listed)))
        self.assertEqual(set(listed), declared(HEADERS[0]) | declared(HEADERS[1]))

    def test_libmoniker_cannot_resolve(self):
        core, resolving = (" ".join(symbols(library, "-C")) for library in LIBRARIES)
        self.assertIn("moniker::IdentityGate::Admit", core)
        for name in READS_BACK:
            self.assertIn(name, resolving)
            self.assertNotIn(name, core)

    def test_what_links_libmoniker_alone_gets_no_resolver(self):
        self.assertEqual({name for name in exported(LIBRARIES[0]) if "resolve" in name}, set())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
