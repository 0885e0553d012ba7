#!/usr/bin/env bash
# Builds for another machine and runs the tests of the modules that make or read bytes of a format, and the
# program against tests/cli/test_independent.py, under qemu. The integers of s390x begin with the high byte.
# Usage: tools/test_foreign.sh s390x|aarch64 [build folder]
#        default build/<machine>; some 15 minutes and 1 GB
# Debian only. The libraries for that machine are unpacked in the build folder, so that the architectures
# of this machine's packages stay as they are.
set -euo pipefail
cd "$(dirname "$0")/.."
machine=${1-}
case $machine in
  s390x) architecture=s390x further=() ;;
  aarch64) architecture=arm64 further=(libhwy1 libhwy-dev) ;;
  *) echo "usage: tools/test_foreign.sh s390x|aarch64 [build folder]" >&2; exit 2 ;;
esac
mkdir -p "${2-build/$machine}"
build=$(cd "${2-build/$machine}" && pwd)
prefix=$build/$machine
triplet=$machine-linux-gnu

tools/install_packages.sh "$machine"

fetch_libraries() {
  local apt=$build/apt packages=(libsodium23 libsodium-dev libutf8proc2 libutf8proc-dev libidn2-0
    libidn2-dev libunistring2 libsqlite3-0 libsqlite3-dev libsqlitecpp-dev libsimdjson14
    libsimdjson-dev libcli11-dev zlib1g zlib1g-dev libzstd1 libzstd-dev)
  mkdir -p "$apt/lists/partial" "$apt/archives/partial"
  : >"$apt/status"
  # Of the sources of this machine only Debian's own have the other architecture.
  local source
  source=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' | awk '!/security/ && !n++')
  echo "deb [arch=$architecture signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
    "$source $(. /etc/os-release && echo "$VERSION_CODENAME") main" >"$apt/sources.list"
  local options=(-q -o APT::Architecture=$architecture -o APT::Architectures::=$architecture
    -o Dir::State="$apt" -o Dir::State::status="$apt/status" -o Dir::Cache="$apt"
    -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o APT::Sandbox::User= -o Debug::NoLocking=1)
  apt-get "${options[@]}" update
  (cd "$apt/archives" && apt-get "${options[@]}" download "${packages[@]}" "${further[@]}")
  for package in "$apt"/archives/*.deb; do dpkg -x "$package" "$prefix"; done
}
[ -d "$prefix/usr/include" ] || fetch_libraries

libraries=$prefix/usr/lib/$triplet
export PKG_CONFIG_LIBDIR=$libraries/pkgconfig PKG_CONFIG_SYSROOT_DIR=$prefix
cross=(-G Ninja -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=$machine
  -DCMAKE_CXX_COMPILER="$triplet-g++" -DCMAKE_C_COMPILER="$triplet-gcc"
  "-DCMAKE_CROSSCOMPILING_EMULATOR=qemu-$machine;-L;/usr/$triplet"
  "-DCMAKE_FIND_ROOT_PATH=$prefix;/usr/$triplet"
  -DCMAKE_FIND_ROOT_PATH_MODE_PROGRAM=NEVER -DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY
  -DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY -DCMAKE_FIND_ROOT_PATH_MODE_PACKAGE=ONLY
  -DCMAKE_LIBRARY_ARCHITECTURE="$triplet" -DCMAKE_BUILD_TYPE=Release
  "-DCMAKE_CXX_FLAGS=-isystem $prefix/usr/include"
  "-DCMAKE_EXE_LINKER_FLAGS=-L$libraries -Wl,--disable-new-dtags,-rpath,$libraries")
command -v ccache >/dev/null && cross+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)

if [ ! -e "$prefix/usr/lib/libgtest.a" ]; then
  cmake -S /usr/src/googletest -B "$build/googletest" "${cross[@]}" \
    -DCMAKE_INSTALL_PREFIX="$prefix/usr" -DCMAKE_INSTALL_LIBDIR=lib
  cmake --build "$build/googletest" --target install
fi

cmake -S . -B "$build" "${cross[@]}" -DMONIKER_BUILD_BENCHMARKS=OFF

modules=(base crypto keyring pseudonym without_idn2 store sqlite batch)
cmake --build "$build" --target "${modules[@]/%/_test}" moniker

# What qemu does not do as Linux: memory that a fork wipes, limits of locked memory, seccomp.
needs_linux='*InTheChild*:*Fork*:*LockDeathTest.*:*StaysOutOfCoreDumps*:*WithoutAnyCallOfTheSystem*'
run=("qemu-$machine" -L "/usr/$triplet")
failed=()
for module in "${modules[@]}"; do
  echo "--- $module"
  "${run[@]}" "$build/tests/${module}_test" --gtest_brief=1 --gtest_filter="-$needs_linux" ||
    failed+=("$module")
done

echo "--- moniker"
printf '#!/bin/sh\nexec %s "%s" "$@"\n' "${run[*]}" "$build/tools/moniker" >"$build/moniker"
chmod +x "$build/moniker"
(cd tests/cli && MONIKER_BINARY=$build/moniker python3 -B -m unittest test_independent) ||
  failed+=(moniker)

[ ${#failed[@]} -eq 0 ] || { echo "Failed on $machine: ${failed[*]}" >&2; exit 1; }
