#!/usr/bin/env bash
# Runs the benchmarks and says on what.
# Usage: bench/run.sh [--quick|--write] [--only PART] [build folder [filter]]
# --quick runs each for a moment, to see that it works; its figures mean nothing.
# --write puts the tables and plots into docs/performance.md and docs/images.
# PART is one of benchmarks, threads, latency, peers, enrolment, files; the filter is that of the
# library's benchmarks. MONIKER_BENCH_FOLDER is where stores and files are made.
set -euo pipefail
cd "$(dirname "$0")/.."

options=()
part=all
while [[ ${1-} == --* ]]; do
  if [ "$1" = --only ]; then
    part=$2
    shift
  else
    options+=("$1")
  fi
  shift
done
build=${1-build/release}
filter=${2-.}
is_quick=$([[ " ${options[*]-} " == *" --quick "* ]] && echo yes || echo no)
folder=${MONIKER_BENCH_FOLDER-/tmp}

runs() { [ "$part" = all ] || [ "$part" = "$1" ]; }

if runs benchmarks; then
  arguments=(--benchmark_repetitions=9 --benchmark_min_time=0.05)
  if [ "$is_quick" = yes ]; then
    arguments=(--benchmark_repetitions=2 --benchmark_min_time=0.001)
  fi
  results=$(mktemp)
  trap 'rm -f "$results"' EXIT
  "$build/bench/moniker_bench" "${arguments[@]}" --benchmark_enable_random_interleaving=true \
    --benchmark_filter="$filter" --benchmark_out="$results" --benchmark_out_format=json >/dev/null
  python3 -B bench/ratios.py "$results" ${options[@]+"${options[@]}"}
fi
if runs threads; then
  python3 -B bench/threads.py "$build" ${options[@]+"${options[@]}"}
fi
if runs latency; then
  python3 -B bench/latency.py "$build" --folder "$folder" ${options[@]+"${options[@]}"}
fi
if runs peers; then
  python3 -B bench/peers.py "$build" --folder "$folder" ${options[@]+"${options[@]}"}
fi
if runs enrolment; then
  scale=(--long)
  if [ "$is_quick" = yes ]; then scale=(); fi
  python3 -B bench/enrol_scale.py "$build" --folder "$folder" ${scale[@]+"${scale[@]}"} \
    ${options[@]+"${options[@]}"}
fi
if runs files; then
  if [ "$is_quick" = yes ]; then
    python3 -B bench/batch.py "$build/tools/moniker" --folder "$folder" --records 2000 --repetitions 1
    python3 -B bench/reidentify.py "$build/tools/moniker" --folder "$folder" --people 2000 \
      --records 2000 --repetitions 1
  else
    python3 -B bench/batch.py "$build/tools/moniker" --folder "$folder" --large 5 \
      ${options[@]+"${options[@]}"}
    python3 -B bench/reidentify.py "$build/tools/moniker" --folder "$folder"
  fi
fi
