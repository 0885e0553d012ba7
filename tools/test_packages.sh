#!/usr/bin/env bash
# Installs the Debian packages in a clean Debian 12 and builds programs there that use them, by CMake and by
# pkg-config, static and shared, and from a checkout.
# Usage: tools/test_packages.sh [build folder [root]]
#        build folder: default build/package, made by the preset `package` if it is not there
#        root: a minimal root of Debian 12 to copy; default: debootstrap makes one (some minutes, network)
# As root. Everything is removed at the end but the packages, in the build folder.
set -euo pipefail
cd "$(dirname "$0")/.."
checkout=$PWD
build=${1-build/package}
base=${2-}

if [ ! -e "$build/CMakeCache.txt" ]; then
  tools/install_packages.sh build
  cmake --preset package -B "$build"
fi
cmake --build "$build"
(cd "$build" && rm -f ./*.deb && cpack -G DEB)
packages=("$build"/*.deb)
[ ${#packages[@]} -eq 3 ] || { echo "Not three packages: ${packages[*]}" >&2; exit 1; }

# No library under the LGPL in what applications link.
for package in "$build"/libmoniker*.deb; do
  if dpkg-deb -f "$package" Depends | grep -q idn2; then
    echo "$package depends on libidn2" >&2
    exit 1
  fi
done
if command -v lintian >/dev/null; then
  # No Debian bug asked for these packages; and who answers for them is told by whoever makes them.
  lintian --allow-root --fail-on error --suppress-tags \
    initial-upload-closes-no-bugs,bogus-mail-host,bogus-mail-host-in-debian-changelog "${packages[@]}"
else
  echo "lintian is not here: the packages were not looked at"
fi

root=$(mktemp -d /tmp/moniker-root.XXXXXX)
trap 'rm -rf --one-file-system "$root"' EXIT
if [ -n "$base" ]; then cp -a "$base/." "$root"; else debootstrap --variant=minbase bookworm "$root"; fi
mkdir -p "$root/packages" "$root/consumer"
cp "${packages[@]}" "$root/packages"
cp -r tests/package/consumer/. "$root/consumer"
cp -r tests/package/c_consumer "$root/c_consumer"
cp tests/data/root.hex "$root/consumer"
cp -r docs/examples "$root/examples"
git -C "$checkout" archive --prefix=checkout/ HEAD CMakeLists.txt cmake include lib | tar -x -C "$root"
cp /etc/resolv.conf "$root/etc/resolv.conf"

# In a namespace of mounts of its own, so that nothing stays mounted whatever happens.
unshare -m sh -eu -c '
  mount -t proc proc "$1/proc"
  mount --rbind /dev "$1/dev"
  exec chroot "$1" sh -eux' sh "$root" <<'INSIDE'
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
apt-get update -qq
apt-get install -y -qq --no-install-recommends /packages/*.deb g++ cmake make pkg-config python3 >/dev/null
chmod 600 /consumer/root.hex
cd /consumer
id=m32pnb88e0wgd7hc26m7ph6zyfqm3092

try() { # FOLDER: its programs over a vault that the installed program makes
  rm -rf v k
  moniker init v --app clinic-7 --key-file k --import-root root.hex --quiet
  [ "$("$1/admit" v)" = $id ]
  [ "$("$1/resolve" v $id)" = "Maria Jensen" ]
  [ "$(printf 'a,b\n1,2\n' | "$1/columns" | head -n 1)" = a ]
}

for kind in static shared; do
  cmake -S . -B found-$kind -DMONIKER_FROM=installed -DMONIKER_LIBRARIES=$kind
  cmake --build found-$kind
  try found-$kind
done
mkdir pkg-config
for pair in admit:core resolve:resolve columns:batch; do
  c++ -std=c++20 ${pair%:*}.cc $(pkg-config --cflags --libs moniker-${pair#*:}) -o pkg-config/${pair%:*}
done
try pkg-config
ldd found-shared/admit pkg-config/admit | grep -c libmonikerxx_core
! ldd found-static/admit | grep libmoniker

cmake -S /c_consumer -B /c_consumer/build
cmake --build /c_consumer/build
/c_consumer/build/versions

# The examples of the documentation, in C++, C and Python, as their pages say.
cd /examples
c++ -std=c++20 ten_lines.cc $(pkg-config --cflags --libs moniker-core) -o ten_lines
cc front_desk.c $(pkg-config --cflags --libs moniker-c) -o front_desk
cc look_up.c $(pkg-config --cflags --libs moniker-c-resolve) -o look_up
c++ -std=c++20 telehealth/front_desk.cc telehealth/simulated_sdk.cc $(pkg-config --cflags --libs moniker-core) -o desk
moniker init v --app clinic-7 --key-file k --import-root /consumer/root.hex --quiet
[ "$(./ten_lines v)" = "Patient RCG-V3F $id" ]
[ "$(./front_desk v)" = "Patient RCG-V3F $id" ]
[ "$(./look_up v $id)" = "00123456 Maria Jensen" ]
[ "$(echo 00123456 | python3 derive_column.py libmoniker.so.0 v)" = $id ]
[ "$(./desk v sent <telehealth/day.tsv | grep -c 'is Patient')" = 3 ]
cd /consumer

# From a checkout, as sources: takes the longest.
cmake -S . -B fetched -DMONIKER_FROM=fetched -DMONIKER_CHECKOUT=/checkout
cmake --build fetched -j"$(nproc)"
try fetched

apt-get purge -y -qq moniker libmoniker-dev libmoniker0 >/dev/null
! find / -xdev -path /proc -prune -o -path /checkout -prune -o -path /consumer -prune -o -path /c_consumer -prune -o \
  -path /examples -prune -o -path /packages -prune -o -iname '*moniker*' -print | grep .
INSIDE
echo "The packages work in a clean Debian 12: ${packages[*]}"
