"""Holds the matrix of docs/threat-model.md ("By what it is noticed") against the tests of its cells: each cell names
tests that exist and say what the cell says, and no such test is left out.

Usage: check_matrix.py
"""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADING = "## By what it is noticed\n"
# The subject of a test's name, by the column that it may stand in; the log's own chain and the audit key are told
# of in the columns of what they are kept with.
SUBJECTS = [("Records", "TheAuditLog"), ("Structure",), ("TheManifest",), ("TheHead",), ("TheAnchor", "TheAuditKey")]
CELL = re.compile(r"(yes|no): ([A-Za-z]+)")


def rows(page):
    """The cells of each row but for its first, the attack."""
    table = page.split(HEADING, 1)[1].split("\n## ", 1)[0]
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return [line.strip("|").split("|")[1:] for line in lines[2:]]


def faults(page, tests):
    """What is wrong, in words; empty if nothing is."""
    found = []
    named = []
    for cells in rows(page):
        for column, cell in enumerate(cells):
            for word, name in CELL.findall(cell):
                named.append(name)
                if name not in tests:
                    found.append(f"no such test: {name}")
                if ("NotNotice" in name) != (word == "no"):
                    found.append(f"{name} says the opposite of its cell")
                if not name.startswith(SUBJECTS[column]):
                    found.append(f"{name} stands in the column of another measure")
    found += [f"named twice: {name}" for name in named if named.count(name) > 1]
    found += [f"in no cell: {name}" for name in tests if name not in named and "OfAVaultThatNobodyTouched" not in name]
    return found


def tests_of_the_matrix():
    return [name for path in sorted((ROOT / "tests" / "tamper").glob("*_test.cc"))
            for name in re.findall(r"TEST_F\(TamperMatrixTest,\s*(\w+)\)", path.read_text())]


class Matrix(unittest.TestCase):
    PAGE = (ROOT / "docs" / "threat-model.md").read_text()

    def test_every_cell_has_its_test_and_every_test_its_cell(self):
        self.assertEqual(faults(self.PAGE, tests_of_the_matrix()), [])

    def test_there_are_cells_of_both_kinds(self):
        words = [word for cells in rows(self.PAGE) for cell in cells for word, _ in CELL.findall(cell)]
        self.assertGreaterEqual(words.count("yes"), 25)
        self.assertGreaterEqual(words.count("no"), 30)

    def test_the_checks_find_what_is_wrong(self):
        tests = tests_of_the_matrix()
        self.assertTrue(faults(self.PAGE, tests[:-1]))
        self.assertTrue(faults(self.PAGE, [*tests, "RecordsNoticeNothing"]))
        for old, new in (("yes: Records", "no: Records"), ("no: Structure", "yes: Structure"),
                         ("yes: TheManifest", "| yes: TheManifest")):
            self.assertIn(old, self.PAGE)
            self.assertTrue(faults(self.PAGE.replace(old, new, 1), tests), old)


if __name__ == "__main__":
    unittest.main()
