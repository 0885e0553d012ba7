#!/usr/bin/env bash
# Runs the benchmarks and says on what. Usage: bench/run.sh [--quick] [build folder]
# --quick runs each for a moment, to see that it works; its figures mean nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

arguments=(--benchmark_repetitions=5 --benchmark_report_aggregates_only=true)
if [ "${1-}" = --quick ]; then
  arguments=(--benchmark_min_time=0.01)
  shift
fi
folder=${1-build/release}

echo "processor: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores"
echo "compiler:  $(c++ --version | head -n 1)"
echo "commit:    $(git describe --always --dirty 2>/dev/null || echo unknown)"
"$folder/bench/moniker_bench" "${arguments[@]}"
