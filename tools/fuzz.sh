#!/usr/bin/env bash
# Fuzzes each target, or those that are named, for some time; needs clang. What it finds on the way is kept in
# build/fuzz/work; an input that fails is left in build/fuzz and named. Exit status 1 if one failed.
# SQLite is compiled with the same instruments, for the target that reads whole store files, if its source can be
# fetched from the npm registry; else the system's is used, and that is said.
# Usage: tools/fuzz.sh [--seconds N] [target...]        default: 60 seconds each
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=60
if [ "${1-}" = --seconds ]; then
  seconds=$2
  shift 2
fi
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  for folder in tests/fuzz/corpus/*/; do targets+=("$(basename "$folder")"); done
fi

tools/install_packages.sh fuzz

# One file of SQLite 3.40, as Debian 12 has it, in a package that carries it: once.
package=better-sqlite3 version=8.0.1
sum=210c1937742b4840a2f2bbd656fd171904d05d780f2c92b4cdea0cd90d69ad13
sqlite=$PWD/build/fuzz/sqlite/sqlite3.c
if [ ! -f "$sqlite" ]; then
  folder=$(dirname "$sqlite")
  mkdir -p "$folder"
  if npm pack --silent --pack-destination "$folder" "$package@$version" >/dev/null &&
    echo "$sum  $folder/$package-$version.tgz" | sha256sum --check --quiet; then
    tar -xzf "$folder/$package-$version.tgz" -C "$folder" --strip-components 3 \
      package/deps/sqlite3/sqlite3.c package/deps/sqlite3/sqlite3.h
  else
    echo "fuzz.sh: the source of SQLite cannot be had: the system's is used, which is not instrumented" >&2
    sqlite=
  fi
fi
cmake -S . -B build/fuzz -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_COMPILER=clang++ \
  -DCMAKE_CXX_FLAGS="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all" \
  -DCMAKE_C_COMPILER=clang -DCMAKE_C_FLAGS="-fsanitize=fuzzer-no-link,address" -DMONIKER_FUZZ_SQLITE="$sqlite" \
  -DMONIKER_BUILD_FUZZERS=ON -DMONIKER_BUILD_BENCHMARKS=OFF >/dev/null
cmake --build build/fuzz --target "${targets[@]/%/_fuzz}"
[ -d /dev/shm ] && export TMPDIR=${TMPDIR-/dev/shm}

failed=
for target in "${targets[@]}"; do
  mkdir -p "build/fuzz/work/$target"
  echo "== $target"
  "build/fuzz/tests/${target}_fuzz" -max_total_time="$seconds" -timeout=25 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix="build/fuzz/$target-" "build/fuzz/work/$target" "tests/fuzz/corpus/$target" 2>&1 |
    grep -v '^INFO' || failed=yes
done
[ -z "$failed" ]
