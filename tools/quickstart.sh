#!/usr/bin/env bash
# The whole way once, on invented people: from real identities to what a platform sees, and back.
# Everything it makes is in build/ and demo/.
# Usage: tools/quickstart.sh [preset]
#        preset: in whose folder the program is built; default quickstart
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1-quickstart}

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
[ -t 1 ] && [ -z "${NO_COLOR-}" ] || say() { printf '\n== %s\n' "$*"; }

say "Packages and build"
tools/install_packages.sh build
cmake --preset "$preset" -DMONIKER_BUILD_TESTS=OFF -DMONIKER_BUILD_BENCHMARKS=OFF >/dev/null
cmake --build --preset "$preset" --target moniker
moniker=$PWD/build/$preset/tools/moniker
data=$PWD/tests/data

rm -rf demo
mkdir -m 700 demo
cd demo
# A fixed root key, so that the IDs are those of the sample exports. Leave --import-root out for real.
install -m 600 "$data/root.hex" root.hex

say "A vault for the app clinic-7: moniker init"
"$moniker" init clinic.vault --app clinic-7 --key-file clinic.key --import-root root.hex \
  --avatar-url 'https://avatars.example.org/{avatar}.svg'

say "What would go to the platform: moniker admit"
"$moniker" admit clinic.vault --platform dolbyio-cpp "$data/people.json"

say "The platform gave them participant IDs: moniker bind"
"$moniker" bind clinic.vault "$data/people.json"

say "What the platform's monitoring export holds"
grep -hE '"external(Name|Id)"' "$data/monitor-participants.json"

say "The same export on this machine: moniker reidentify"
"$moniker" reidentify clinic.vault --actor quickstart --purpose demonstration \
  -o monitor-participants.names.json "$data/monitor-participants.json"
grep -hE '"external(Name|Id)"' monitor-participants.names.json

say "No name and no identifier is in the vault's files"
found=0
while read -r text; do
  grep -qF -- "$text" "$data/people.json" || { echo "not a text of the sample: check"; exit 1; }
  if grep -rlaF -- "$text" clinic.vault; then found=1; fi
done < <(sed -nE 's/^ *"(id|name)": "(.*)",?$/\2/p' "$data/people.json")
[ "$found" -eq 0 ] || { echo "FOUND: this must not be"; exit 1; }
ls -l clinic.vault
echo "none found"
