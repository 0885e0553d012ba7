"""Renders the 256 pictures that the program exports with librsvg, as people see them.

Usage: render_pictures.py MONIKER OUT SIZE...     (for each size, OUT/SIZE.rgb: picture after picture, row after
row, 3 bytes a pixel)

A missing renderer is an error. PNG is decoded here, by RFC 2083, because what is compared is to be
exactly what the renderer drew.
"""

import os
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

PICTURES = 256
RGB, RGBA = 2, 6  # colour types of PNG
CHANNELS = {RGB: 3, RGBA: 4}


def paeth(a, b, c):
    """RFC 2083, section 6.6."""
    p = a + b - c
    return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]


def unfilter(kind, line, above, step):
    """One row of bytes without its filter (RFC 2083, section 6). `step`: bytes of a pixel."""
    line = bytearray(line)
    for i, byte in enumerate(line):
        left = line[i - step] if i >= step else 0
        corner = above[i - step] if i >= step else 0
        add = (0, left, above[i], (left + above[i]) // 2, paeth(left, above[i], corner))[kind]
        line[i] = (byte + add) & 0xFF
    return line


def chunks(png):
    if png[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("not PNG")
    at = 8
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at:at + 8])
        yield kind, png[at + 8:at + 8 + size]
        at += 12 + size


def decode(png, size):
    """The RGB bytes of an opaque square picture of so many pixels on a side."""
    found = list(chunks(png))
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", found[0][1])
    if (width, height, depth, interlaced) != (size, size, 8, 0) or colour not in CHANNELS:
        raise ValueError("another kind of PNG than asked for")
    step = CHANNELS[colour]
    raw = zlib.decompress(b"".join(data for kind, data in found if kind == b"IDAT"))
    row_bytes = 1 + step * size
    pixels = bytearray()
    above = bytes(step * size)
    for start in range(0, row_bytes * size, row_bytes):
        above = unfilter(raw[start], raw[start + 1:start + row_bytes], above, step)
        if colour == RGBA and set(above[3::4]) != {255}:
            raise ValueError("a picture is transparent somewhere")
        for x in range(0, step * size, step):
            pixels += above[x:x + 3]
    return pixels


def render(path, size):
    run = subprocess.run(["rsvg-convert", "--width", str(size), "--height", str(size), path],
                         capture_output=True, check=True)
    return decode(run.stdout, size)


def main():
    moniker, out, *sizes = sys.argv[1:]
    if shutil.which("rsvg-convert") is None:
        sys.exit("rsvg-convert is missing: tools/install_packages.sh test")
    # What an earlier run left must not stand in for what this one does not make.
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([moniker, "avatars", "export", folder], capture_output=True, check=True)
        for size in map(int, sizes):
            with open(os.path.join(out, f"{size}.rgb"), "wb") as file:
                for index in range(PICTURES):
                    file.write(render(os.path.join(folder, f"{index}.svg"), size))


if __name__ == "__main__":
    main()
