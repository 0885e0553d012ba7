"""Each defect that was found in other systems of this kind, D1 to D15, has a test that is named after it. The list
that the numbers come from knows no D11.

Usage: check_defects.py
"""

import pathlib
import re
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
DEFECTS = [number for number in range(1, 16) if number != 11]


def defects_in(text):
    return {int(number) for number in re.findall(r"TEST(?:_F|_P)?\(\w+,\s*D(\d+)[A-Z]\w+\)", text)}


def main():
    # The control: what is no such name is not taken for one.
    assert defects_in("TEST(A, D7Nothing) TEST_P(B,\n D12Else) TEST(C, DNone) // D3Erased") == {7, 12}
    found = set()
    for path in TESTS.rglob("*_test.cc"):
        found |= defects_in(path.read_text())
    missing = [f"D{number}" for number in DEFECTS if number not in found]
    if missing:
        print("without a test:", *missing)
    return 1 if missing else 0


sys.exit(main())
