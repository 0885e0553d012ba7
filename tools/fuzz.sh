#!/usr/bin/env bash
# Fuzzes each target, or those that are named, for some time; needs clang. What it finds on the way is kept in
# build/fuzz/work; an input that fails is left in build/fuzz and named. Exit status 1 if one failed.
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
cmake -S . -B build/fuzz -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_COMPILER=clang++ \
  -DCMAKE_CXX_FLAGS="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all" \
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
