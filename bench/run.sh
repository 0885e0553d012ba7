#!/usr/bin/env bash
# Runs the benchmarks, their repetitions interleaved, and says on what.
# Usage: bench/run.sh [--quick] [build folder [filter]]
# --quick runs each for a moment, to see that it works; its figures mean nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

arguments=(--benchmark_repetitions=9 --benchmark_min_time=0.05)
if [ "${1-}" = --quick ]; then
  arguments=(--benchmark_repetitions=2 --benchmark_min_time=0.001)
  shift
fi
folder=${1-build/release}
results=$(mktemp)
trap 'rm -f "$results"' EXIT

"$folder/bench/moniker_bench" "${arguments[@]}" --benchmark_enable_random_interleaving=true \
  --benchmark_filter="${2-.}" --benchmark_out="$results" --benchmark_out_format=json >/dev/null
echo "processor: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores"
echo "load:      $(cut -d ' ' -f 1-3 /proc/loadavg)"
echo "compiler:  $(c++ --version | head -n 1), $(sed -n 's/^CMAKE_BUILD_TYPE:[A-Z]*=//p' "$folder/CMakeCache.txt")"
echo "commit:    $(git describe --always --dirty 2>/dev/null || echo unknown)"
echo
python3 bench/ratios.py "$results"
