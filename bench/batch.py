#!/usr/bin/env python3
"""pseudonymize beside what one would use instead, over the same file in the same run.

Usage: bench/batch.py MONIKER [--records N] [--repetitions N] [--folder F]

Prints a table in Markdown: for each program the median of interleaved repetitions in seconds and in seconds of processor
time (all threads), the rate, and how many times faster than the Python script it is. Miller is left out, with a word, if
it is not there. The file has records of some 75 bytes, of which two columns are pseudonymized."""

import argparse
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

PYTHON = """
import csv, hashlib, sys
key = bytes(range(32))
def pseudonym(value):
    return hashlib.blake2b(value.encode(), key=key, digest_size=16).hexdigest()
with open(sys.argv[1], newline="") as source, open(sys.argv[2], "w", newline="") as target:
    reader, writer = csv.reader(source), csv.writer(target, lineterminator="\\n")
    writer.writerow(next(reader))
    for row in reader:
        row[1], row[2] = pseudonym(row[1]), pseudonym(row[2])
        writer.writerow(row)
"""


def make_table(path, records):
    chance = random.Random(20261123)
    with open(path, "w", encoding="ascii") as file:
        file.write("visit,mrn,staff,started,minutes,ward,note\n")
        for i in range(records):
            file.write(f"{i},{chance.randrange(10**8):08},S-{chance.randrange(10**6):06},2026-11-{i % 28 + 1:02}"
                       f'T{i % 24:02}:30:00Z,{i % 90},ward-{i % 17:02},"seen, well {i % 1000:03}"\n')


def make_lines(path, records):
    chance = random.Random(20261123)
    with open(path, "w", encoding="ascii") as file:
        for i in range(records):
            file.write(f'{{"ts":"2026-11-{i % 28 + 1:02}T{i % 24:02}:30:00Z","conference":{{"id":"c-{i % 1000}"}},'
                       f'"participant":{{"externalId":"{chance.randrange(10**8):08}","ip":"10.0.0.{i % 250}"}},'
                       f'"stats":{{"bitrate":{i}.50,"jitter":[1,2,3]}},"note":"seen, well"}}\n')


def measure(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    seconds = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def programs(moniker, folder):
    """Name, input, command; the first is the reference."""
    table, lines, out = (os.path.join(folder, name) for name in ("in.csv", "in.jsonl", "out"))
    vault = os.path.join(folder, "vault")
    subprocess.run([moniker, "init", vault, "--app", "bench", "--key-file", vault + ".key", "--quiet"], check=True)
    own = [moniker, "pseudonymize", vault, "--quiet"]
    columns = ["--column", "mrn=mrn.hospital-a", "--column", "staff=staff"]
    yield "Python, csv and hashlib.blake2b", table, [sys.executable, "-c", PYTHON, table, out + ".py.csv"]
    if shutil.which("mlr"):
        yield "Miller, sha256", table, ["mlr", "--csv", "--from", table, "put",
                                        '$mrn = sha256($mrn); $staff = sha256($staff)']
    else:
        print("Miller is not there.\n")
    for threads in range(1, (os.cpu_count() or 1) + 1):
        yield (f"moniker, CSV, {threads} threads", table,
               [*own, *columns, "--threads", str(threads), "-o", out + ".csv", table])
    yield "moniker, CSV to .zst", table, [*own, *columns, "-o", out + ".csv.zst", table]
    yield "moniker, JSON Lines", lines, [*own, "--column", "participant.externalId=mrn.hospital-a", "-o",
                                         out + ".jsonl", lines]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("moniker")
    parser.add_argument("--records", type=int, default=2_000_000)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--folder", help="for the files: that of the system for temporary ones if not given")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        make_table(os.path.join(folder, "in.csv"), arguments.records)
        make_lines(os.path.join(folder, "in.jsonl"), arguments.records // 2)
        runs = list(programs(os.path.abspath(arguments.moniker), folder))
        # One after the other and again, so that what disturbs the machine disturbs all of them.
        results = [[measure(command) for _, _, command in runs] for _ in range(arguments.repetitions)]
        print("| program | seconds | processor seconds | MB/s in | times Python |\n|---|---|---|---|---|")
        reference = statistics.median(result[0][0] for result in results)
        for i, (name, source, _) in enumerate(runs):
            seconds = statistics.median(result[i][0] for result in results)
            processor = statistics.median(result[i][1] for result in results)
            times = f"{reference / seconds:.1f}" if source.endswith(".csv") else ""
            rate = os.path.getsize(source) / seconds / 1e6
            print(f"| {name} | {seconds:.2f} | {processor:.2f} | {rate:.0f} | {times} |")


if __name__ == "__main__":
    main()
