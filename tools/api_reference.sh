#!/usr/bin/env bash
# The reference of the public headers, as HTML, by Doxygen. Whatever Doxygen does not understand is an error.
# Usage: tools/api_reference.sh [FOLDER [HEADERS]]     default build/api; HEADERS instead of include/moniker
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
export MONIKER_ROOT=$root MONIKER_OUTPUT=${1-$root/build/api} MONIKER_HEADERS=${2-$root/include/moniker}
mkdir -p "$MONIKER_OUTPUT"
doxygen "$root/tools/api/Doxyfile"
echo "$MONIKER_OUTPUT/html/index.html"
