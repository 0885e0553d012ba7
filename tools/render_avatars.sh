#!/usr/bin/env bash
# Draws the 256 pictures on one sheet, 16 in a row, with librsvg.
# Usage: tools/render_avatars.sh MONIKER OUT.png     (the program; docs/images/avatars.png is the sheet of docs/avatars.md)
set -euo pipefail

if [ $# -ne 2 ]; then
  echo "usage: tools/render_avatars.sh MONIKER OUT.png" >&2
  exit 2
fi
moniker=$1
out=$2
if ! command -v rsvg-convert >/dev/null; then
  echo "rsvg-convert is missing: tools/install_packages.sh test" >&2
  exit 1
fi

side=48   # of a picture, in pixels
step=54   # from one picture to the next
all=$((16 * step + step - side))

pictures=$(mktemp -d)
trap 'rm -r "$pictures"' EXIT
"$moniker" avatars export "$pictures" 2>/dev/null

# A picture is one element, and may stand inside another when it is told where.
{
  echo "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"$all\" height=\"$all\">"
  echo "<rect width=\"$all\" height=\"$all\" fill=\"#ffffff\"/>"
  for index in $(seq 0 255); do
    x=$((index % 16 * step + step - side))
    y=$((index / 16 * step + step - side))
    sed "s/ width=\"96\" height=\"96\"/ x=\"$x\" y=\"$y\" width=\"$side\" height=\"$side\"/" "$pictures/$index.svg"
    echo
  done
  echo "</svg>"
} | rsvg-convert --output "$out"
