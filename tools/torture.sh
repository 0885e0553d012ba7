#!/usr/bin/env bash
# Torments vaults for some minutes: kills, cut power, failing calls and allocations, flipped bits; prints
# what was tried, lost and not noticed. Exit status 1 if a round went wrong.
# Usage: tools/torture.sh [--minutes M] [--seed S] [--write] [build folder]
#        default: 10 minutes, a seed from the clock, build/release, which is built if it is not there
#        --write: puts the figures into docs/reliability.md
set -euo pipefail
cd "$(dirname "$0")/.."

minutes=10 seed=$(date +%s) write= build=build/release
while [ $# -gt 0 ]; do
  case $1 in
    --minutes) minutes=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    --write) write=yes; shift ;;
    -*) echo "usage: tools/torture.sh [--minutes M] [--seed S] [--write] [build folder]" >&2; exit 2 ;;
    *) build=$1; shift ;;
  esac
done
if [ ! -x "$build/tests/torture" ]; then
  [ "$build" = build/release ] || { echo "no torture program in $build" >&2; exit 2; }
  cmake --preset release >/dev/null
  cmake --build --preset release --target torture sqlite_stress moniker
fi
export MONIKER_BINARY=$build/tools/moniker

# Rounds of each kind that take some seconds.
kinds=(power-plain-full:1 power-plain-normal:1 power-lying-sync:1 kill:200 kill-admit:600 kill-bulk:200 kill-reseal:400
       kill-erase:400 kill-expire:400 kill-backup:400 kill-batch:40 kill-enroller:100 kill-creation:200 kill-upgrade:150
       power:2 disk-calls:1500 allocations:2000 flips:3000 flips-log:1000)
results=$(mktemp)
trap 'rm -f "$results"' EXIT
end=$(($(date +%s) + minutes * 60)) first_seed=$seed failed=
# With a log that is emptied while others write: SQLite itself would lose commits here.
stress=$("$build/tests/sqlite_stress" --seconds 20) || failed=yes
until [ "$(date +%s)" -ge "$end" ]; do
  for kind in "${kinds[@]}"; do
    run=("$build/tests/torture" "${kind%:*}" --seed "$seed" --rounds "${kind#*:}")
    if ! "${run[@]}" >>"$results"; then
      failed=yes
      echo "failed: ${run[*]}" >&2
    fi
    [ "$(date +%s)" -lt "$end" ] || break
  done
  seed=$((seed + 1))
done

table() {
  awk -F'\t' '
    BEGIN {
      names["kill"] = "kill -9 while persons are admitted, bound, resolved, keys rotated, records resealed"
      names["kill-admit"] = "kill -9 in the midst of admitting 1, 3 or 40 persons"
      names["kill-bulk"] = "kill -9 in the midst of admitting 400 persons at once"
      names["kill-reseal"] = "kill -9 in the midst of resealing, and of destroying the old key"
      names["kill-erase"] = "kill -9 in the midst of erasing persons"
      names["kill-expire"] = "kill -9 in the midst of letting conferences expire"
      names["kill-backup"] = "kill -9 in the midst of a backup, or of restoring one"
      names["kill-batch"] = "kill -9 while the program pseudonymizes a file and enrols 600 people"
      names["kill-enroller"] = "kill -9 while 300 people are enrolled in chunks of 40"
      names["kill-creation"] = "kill -9 while a vault is made"
      names["kill-upgrade"] = "kill -9 while a store of format 1 is brought to this format"
      names["power"] = "power cut, at every sync and between"
      names["disk-calls"] = "a file call fails or is cut short, once or for good"
      names["allocations"] = "an allocation fails, once or for good"
      names["flips"] = "a bit of a file flipped, records in the database"
      names["flips-log"] = "a bit of a file flipped, records in the log"
      names["power-plain-full"] = "*control:* plain SQLite, synchronous=FULL, power cut"
      names["power-plain-normal"] = "*control, must lose:* plain SQLite, synchronous=NORMAL, power cut"
      names["power-lying-sync"] = "*control, must lose:* power cut on a disk whose fsync does nothing"
      print "| fault | points | acknowledged records looked for | lost | wrong | half | refused | content changed | of this unnoticed | bound 3/N | slowest opening |"
      print "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    }
    NF > 5 {
      if (!($1 in seen)) { order[++kinds] = $1; seen[$1] = 1 }
      for (i = 2; i <= NF; ++i) {
        split($i, pair, "=")
        if (pair[1] == "slowest_open_ms") { if (pair[2] > slowest[$1]) slowest[$1] = pair[2] }
        else sum[$1, pair[1]] += pair[2]
      }
    }
    END {
      for (k = 1; k <= kinds; ++k) {
        kind = order[k]
        line = "| " names[kind]
        count = split("points acknowledged lost wrong half refused changed unnoticed", columns, " ")
        for (i = 1; i <= count; ++i) line = line " | " sum[kind, columns[i]] + 0
        bound = kind ~ /lying|normal/ ? "-" : sprintf("%.1e", 3 / sum[kind, "points"])
        print line " | " bound " | " (slowest[kind] > 0 ? slowest[kind] " ms" : "-") " |"
      }
    }' "$results"
}

figures() {
  printf '%s, %s cores, Linux %s; %s; commit %s%s; %s; %s minutes, seeds %s..%s\n\n' \
    "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" "$(nproc)" "$(uname -r | cut -d- -f1)" \
    "$(c++ --version | head -1)" "$(git rev-parse --short HEAD)" \
    "$(git diff --quiet HEAD -- lib include tests || echo ' with changes')" \
    "SQLite $(sed -n 's/#define SQLITE_VERSION  *"\(.*\)"/\1/p' /usr/include/sqlite3.h)" \
    "$minutes" "$first_seed" "$((seed - 1))"
  table
  printf '\n20 seconds of %s\n' "$stress"
}

figures
if [ -n "$write" ]; then
  figures >"$results.figures"
  awk -v figures="$results.figures" '
    /^<!-- figures begin -->$/ { print; while ((getline line < figures) > 0) print line; skip = 1; next }
    /^<!-- figures end -->$/ { skip = 0 }
    !skip' docs/reliability.md >"$results.page"
  cat "$results.page" >docs/reliability.md
  rm -f "$results.figures" "$results.page"
fi
[ -z "$failed" ]
