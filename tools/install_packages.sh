#!/usr/bin/env bash
# Installs the Debian packages that are named and missing, as root or through sudo.
# Usage: tools/install_packages.sh build|test|fuzz|s390x|aarch64
set -euo pipefail

build=(g++ cmake ninja-build pkg-config libsodium-dev libsqlite3-dev libsqlitecpp-dev
       libsimdjson-dev libcli11-dev libutf8proc-dev libidn2-dev libhwy-dev
       zlib1g-dev libzstd-dev)
test=("${build[@]}" abigail-tools libgtest-dev libgmock-dev libbenchmark-dev python3 sqlite3 gdb
      bzip2 csvkit doxygen librsvg2-bin miller unicode-data valgrind groff mandoc openssl zsh fish)
fuzz=("${test[@]}" clang libclang-rt-14-dev)
foreign=("${test[@]}" googletest qemu-user)

# Whoever has npm from elsewhere cannot have Debian's beside it.
command -v npm >/dev/null || test+=(npm)

case "${1-}" in
  build) wanted=("${build[@]}") ;;
  test) wanted=("${test[@]}") ;;
  fuzz) wanted=("${fuzz[@]}") ;;
  s390x) wanted=("${foreign[@]}" g++-s390x-linux-gnu) ;;
  aarch64) wanted=("${foreign[@]}" g++-aarch64-linux-gnu) ;;
  *) echo "usage: tools/install_packages.sh build|test|fuzz|s390x|aarch64" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null; then
  echo "Not a Debian system: install what corresponds to: ${wanted[*]}" >&2
  exit 0
fi

missing=()
for package in "${wanted[@]}"; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "As root, install: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "Installing: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
