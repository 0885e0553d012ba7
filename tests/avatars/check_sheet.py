"""Holds the sheet in the documentation against the pictures of the program.

Usage: check_sheet.py MONIKER

Pixels are compared, not files: another version of librsvg compresses differently.
"""

import pathlib
import subprocess
import sys
import tempfile

import render_pictures

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHEET = ROOT / "docs" / "images" / "avatars.png"
SIDE = 870
ROUNDING = 25  # as in avatar_pixels_test.cc
MOST_BYTES = 300_000


def differing(one, other):
    """How many bytes of two pictures are further apart than rounding."""
    return sum(abs(a - b) > ROUNDING for a, b in zip(one, other, strict=True))


def main():
    with tempfile.TemporaryDirectory() as folder:
        fresh = pathlib.Path(folder) / "sheet.png"
        subprocess.run([ROOT / "tools" / "render_avatars.sh", sys.argv[1], fresh], check=True)
        drawn = render_pictures.decode(fresh.read_bytes(), SIDE)
    shown = render_pictures.decode(SHEET.read_bytes(), SIDE)
    if SHEET.stat().st_size > MOST_BYTES:
        sys.exit(f"{SHEET}: larger than {MOST_BYTES} bytes")
    if differing(shown, drawn) != 0:
        sys.exit(f"{SHEET} is not of these pictures: run tools/render_avatars.sh")
    # Positive control: one picture in the place of its neighbour.
    moved = bytearray(shown)
    row = SIDE * 3
    for y in range(6, 54):
        moved[y * row + 6 * 3:y * row + 54 * 3] = shown[y * row + 60 * 3:y * row + 108 * 3]
    if differing(moved, drawn) == 0:
        sys.exit("the comparison finds nothing")


if __name__ == "__main__":
    main()
