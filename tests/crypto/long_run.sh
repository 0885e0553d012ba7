#!/usr/bin/env bash
# The long run of the kernels: every kernel of this machine beside libsodium on random messages, with a
# new seed for each process, and valgrind's look for branches on secrets.
# Usage: tests/crypto/long_run.sh [build folder [cases]]. 100 million cases take some ten minutes of one core.
set -euo pipefail
cd "$(dirname "$0")/../.."

build=${1-build/release}
cases=${2-100000000}
processes=$(nproc)
cmake --build "$build" --target crypto_test kernels_stress undefined_secrets

"$build/tests/crypto_test" --gtest_brief=1 --gtest_filter='KernelTest.*'
python3 -B tests/crypto/check_undefined_secrets.py "$build/tests/undefined_secrets"
first=$(date +%s)
pids=()
for ((i = 0; i < processes; ++i)); do
  "$build/tests/kernels_stress" --cases $((cases / processes + 1)) --seed $((first + i)) &
  pids+=($!)
done
for pid in "${pids[@]}"; do wait "$pid"; done
