#!/usr/bin/env python3
"""reidentify of JSON Lines with a store of many people: rate, second core, memory.

Usage: bench/reidentify.py MONIKER [--people N] [--records N] [--repetitions N] [--folder F]

Prints a table in Markdown: for one thread and two the median of interleaved repetitions in seconds and in seconds of
processor time (all threads), the rate of the input and the largest memory. Two files: one in which people come again as
in an export of some weeks (nine of ten records are of the tenth of them that is seen most), and one in which each is as
likely as any other."""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time


def run(command, **options):
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, **options)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        sys.exit(f"{command[1]} ended with {status}")
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def make_people(moniker, folder, people):
    """The external IDs of that many people, admitted."""
    vault, persons, admitted = (os.path.join(folder, name) for name in ("vault", "people.csv", "admitted.csv"))
    run([moniker, "init", vault, "--app", "bench", "--key-file", vault + ".key", "--quiet"])
    with open(persons, "w", encoding="ascii") as file:
        file.write("mrn,name\n")
        file.writelines(f"{i:08},Person Number {i}\n" for i in range(people))
    run([moniker, "pseudonymize", vault, "-q", "--column", "mrn=mrn.hospital-a", "--name-column", "name", "--enroll",
         "-o", admitted, persons])
    with open(admitted, encoding="ascii") as file:
        return vault, [line.rstrip("\n").split(",") for line in file][1:]


def make_export(path, people, records, pick):
    with open(path, "w", encoding="ascii") as file:
        for i in range(records):
            external_id, name = people[pick()]
            file.write(f'{{"ts":"2026-11-{i % 28 + 1:02}T{i % 24:02}:30:00Z","conference":{{"id":"c-{i % 1000}"}},'
                       f'"participant":{{"externalId":"{external_id}","name":{json.dumps(name)},"ip":"10.0.0.{i % 250}"}},'
                       f'"stats":{{"bitrate":{i % 997}.50,"jitter":[1,2,3]}},"note":"seen, well"}}\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("moniker")
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--records", type=int, default=2_000_000)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--folder", help="for the files: that of the system for temporary ones if not given")
    arguments = parser.parse_args()
    moniker = os.path.abspath(arguments.moniker)
    chance = random.Random(20261123)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        vault, people = make_people(moniker, folder, arguments.people)

        def often():
            return chance.randrange(len(people) // 10 if chance.random() < 0.9 else len(people))

        runs = []
        for name, pick in (("people come again", often), ("all alike", lambda: chance.randrange(len(people)))):
            path = os.path.join(folder, name.replace(" ", "-") + ".jsonl")
            make_export(path, people, arguments.records, pick)
            for threads in (1, 2):
                runs.append((f"{name}, {threads} threads", path,
                             [moniker, "reidentify", vault, "--actor", "bench", "--purpose", "bench", "-q", "--threads",
                              str(threads), "-o", os.path.join(folder, "out.jsonl"), path]))
        results = [[run(command) for _, _, command in runs] for _ in range(arguments.repetitions)]
        print("| file | seconds | processor seconds | MB/s in | MB of memory |\n|---|---|---|---|---|")
        for i, (name, path, _) in enumerate(runs):
            seconds = statistics.median(result[i][0] for result in results)
            processor = statistics.median(result[i][1] for result in results)
            memory = max(result[i][2] for result in results) / 1024
            print(f"| {name} | {seconds:.2f} | {processor:.2f} | {os.path.getsize(path) / seconds / 1e6:.0f} | {memory:.0f} |")


if __name__ == "__main__":
    main()
