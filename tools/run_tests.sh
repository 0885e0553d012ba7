#!/usr/bin/env bash
# Installs what is missing, builds everything and runs all tests.
# Usage: tools/run_tests.sh [preset [ctest arguments]]
#        preset: dev, release, asan-ubsan or tsan; default release
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1-release}

tools/install_packages.sh test
cmake --preset "$preset"
cmake --build --preset "$preset"
ctest --preset "$preset" --parallel "$(nproc)" "${@:2}"
