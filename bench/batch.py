#!/usr/bin/env python3
"""pseudonymize beside what one would use instead, over the same file in the same run.

Usage: bench/batch.py MONIKER [--records N] [--repetitions N] [--large GB] [--folder F] [--duckdb LIBRARY] [--write]

Prints a table in Markdown: for each program the median of interleaved repetitions in seconds and their quartiles, processor
time of all threads, memory at its peak, rate of input, and how many times faster than it moniker is. With --write the table
replaces that of docs/performance.md, and a plot of it docs/images/batch.svg.

Each writes a file; only moniker makes it durable before it ends. Records have some 75 bytes, of which two columns are
pseudonymized. Miller is measured if it is there, DuckDB if its library is given or npm can fetch it; what is missing is
said. Memory is at least that of this script, which the system counts in. --large sends so many gigabytes through a pipe, once, for the memory that takes."""

import argparse
import ctypes.util
import glob
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGE = "@duckdb/node-bindings-linux-x64"  # brings libduckdb.so

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

# DuckDB's own SQL through its C interface: nothing of Python is in the loop.
DUCKDB = """
import ctypes, sys
library = ctypes.CDLL(sys.argv[1])
database, connection = ctypes.c_void_p(), ctypes.c_void_p()
assert library.duckdb_open(None, ctypes.byref(database)) == 0
assert library.duckdb_connect(database, ctypes.byref(connection)) == 0
query = (f"COPY (SELECT visit, sha256(mrn) AS mrn, sha256(staff) AS staff, started, minutes, ward, note "
         f"FROM read_csv('{sys.argv[2]}', all_varchar=true)) TO '{sys.argv[3]}' (FORMAT csv, HEADER)")
assert library.duckdb_query(connection, query.encode(), None) == 0
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


def find_duckdb(given, folder):
    """The path of libduckdb.so, or nothing."""
    if given:
        return os.path.abspath(given)
    if not shutil.which("npm"):
        return ctypes.util.find_library("duckdb")
    packed = subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=False,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    archives = glob.glob(os.path.join(folder, "*.tgz"))
    if packed.returncode != 0 or not archives:
        return None
    subprocess.run(["tar", "-xzf", archives[0], "-C", folder, "package/libduckdb.so"], check=True)
    return os.path.join(folder, "package", "libduckdb.so")


class Measurement:
    def __init__(self, command, output):
        start = time.monotonic()
        with open(output, "wb") as file:
            process = subprocess.Popen(command, stdout=file)
            _, status, usage = os.wait4(process.pid, 0)
        self.seconds = time.monotonic() - start
        if status != 0:
            sys.exit(f"{command[0]} ended with {status}")
        self.processor = usage.ru_utime + usage.ru_stime
        self.megabytes = usage.ru_maxrss / 1024


def programs(moniker, folder, duckdb):
    """Name, input, command; where the output goes if not to standard output is for each to say."""
    table, lines, out = (os.path.join(folder, name) for name in ("in.csv", "in.jsonl", "out"))
    vault = os.path.join(folder, "vault")
    subprocess.run([moniker, "init", vault, "--app", "bench", "--key-file", vault + ".key", "--quiet"], check=True)
    own = [moniker, "pseudonymize", vault, "--quiet"]
    columns = ["--column", "mrn=mrn.hospital-a", "--column", "staff=staff"]
    threads = os.cpu_count() or 1
    yield "Python, csv and hashlib.blake2b", table, [sys.executable, "-c", PYTHON, table, out + ".py.csv"]
    if shutil.which("mlr"):
        yield "Miller, sha256", table, ["mlr", "--csv", "--from", table, "put",
                                        '$mrn = sha256($mrn); $staff = sha256($staff)']
    if duckdb:
        yield "DuckDB, its sha256", table, [sys.executable, "-c", DUCKDB, duckdb, table, out + ".duck.csv"]
    yield "moniker, CSV, 1 thread", table, [*own, *columns, "--threads", "1", table]
    yield f"moniker, CSV, {threads} threads", table, [*own, *columns, "--threads", str(threads), table]
    yield "moniker, CSV, -o", table, [*own, *columns, "-o", out + ".csv", table]
    yield "moniker, CSV, -o --resume", table, [*own, *columns, "--resume", "-o", out + ".resumed.csv", table]
    yield "moniker, CSV to .zst", table, [*own, *columns, "-o", out + ".csv.zst", table]
    yield "moniker, JSON Lines", lines, [*own, "--column", "participant.externalId=mrn.hospital-a", lines]


def measure_large(moniker, folder, gigabytes):
    """The same table again and again through a pipe: seconds and megabytes of memory."""
    process = subprocess.Popen([moniker, "pseudonymize", os.path.join(folder, "vault"), "--quiet", "--column",
                                "mrn=mrn.hospital-a", "--column", "staff=staff"],
                               stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    start = time.monotonic()
    size = 0
    with open(os.path.join(folder, "in.csv"), "rb") as file:
        header = file.readline()
        process.stdin.write(header)
        part = header
        while part or size < gigabytes * 1e9:  # to the end of the table, which is that of a record
            part = file.read(1 << 20)
            process.stdin.write(part)
            size += len(part)
            if not part:
                file.seek(len(header))
    process.stdin.close()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"the large run ended with {status}")
    return size, time.monotonic() - start, usage.ru_maxrss / 1024


def describe_machine(moniker):
    def said_by(*command):
        return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False).stdout.decode().split("\n")[0]
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown")
    return (f"{model}, {os.cpu_count()} processors, {said_by('c++', '--version')}, "
            f"commit {said_by('git', 'rev-parse', '--short', 'HEAD')}")


def quartiles(numbers):
    if len(numbers) < 2:
        return numbers[0], numbers[0]
    cuts = statistics.quantiles(numbers, n=4, method="inclusive")
    return cuts[0], cuts[2]


def table_of(runs, results, fastest):
    lines = ["| program | seconds | quartiles | processor seconds | memory, MB | MB/s in | moniker is faster | by processor time |",
             "|---|---|---|---|---|---|---|---|"]
    reference = statistics.median(result[fastest].seconds for result in results)
    reference_processor = statistics.median(result[fastest].processor for result in results)
    for i, (name, source, _) in enumerate(runs):
        own = [result[i] for result in results]
        seconds = statistics.median(one.seconds for one in own)
        low, high = quartiles([one.seconds for one in own])
        processor = statistics.median(one.processor for one in own)
        memory = max(one.megabytes for one in own)
        times = "| " if name.startswith("moniker") else (f"{seconds / reference:.1f} times | "
                                                         f"{processor / reference_processor:.1f} times")
        lines.append(f"| {name} | {seconds:.2f} | {low:.2f} .. {high:.2f} | {processor:.2f} | {memory:.0f} | "
                     f"{os.path.getsize(source) / seconds / 1e6:.0f} | {times} |")
    return lines


def plot_of(names, rates):
    """Bars of the rates as SVG."""
    left, width, step, top = 260, 460, 26, 34
    height = top + step * len(names) + 10
    most = max(rates)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 80} {height}" '
             'font-family="sans-serif" font-size="13">', '<rect width="100%" height="100%" fill="#ffffff"/>',
             f'<text x="10" y="20" font-weight="bold">MB/s of input (more is better)</text>']
    for i, (name, rate) in enumerate(zip(names, rates)):
        y = top + i * step
        colour = "#1f6f8b" if name.startswith("moniker") else "#99a8b2"
        parts.append(f'<text x="{left - 8}" y="{y + 15}" text-anchor="end">{name}</text>'
                     f'<rect x="{left}" y="{y + 2}" width="{max(1, rate / most * width):.1f}" height="18" fill="{colour}"/>'
                     f'<text x="{left + max(1, rate / most * width) + 6:.1f}" y="{y + 15}">{rate:.0f}</text>')
    return "\n".join(parts + ["</svg>"]) + "\n"


def write_documents(lines, plot):
    with open(os.path.join(ROOT, "docs", "images", "batch.svg"), "w", encoding="ascii") as file:
        file.write(plot)
    path = os.path.join(ROOT, "docs", "performance.md")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    begin, end = "<!-- bench/batch.py begins -->\n", "<!-- bench/batch.py ends -->"
    before, after = text.split(begin)[0], text.split(end)[1]
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + begin + "\n".join(lines) + "\n" + end + after)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("moniker")
    parser.add_argument("--records", type=int, default=2_000_000)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--large", type=float, default=0, help="gigabytes")
    parser.add_argument("--folder", help="for the files: that of the system for temporary ones if not given")
    parser.add_argument("--duckdb", help="path of libduckdb.so")
    parser.add_argument("--write", action="store_true", help="into docs/")
    arguments = parser.parse_args()
    moniker = os.path.abspath(arguments.moniker)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        make_table(os.path.join(folder, "in.csv"), arguments.records)
        make_lines(os.path.join(folder, "in.jsonl"), arguments.records // 2)
        duckdb = find_duckdb(arguments.duckdb, folder)
        runs = list(programs(moniker, folder, duckdb))
        load = [os.getloadavg()[0]]
        # One after the other and again, so that what disturbs the machine disturbs all of them.
        results = [[Measurement(command, os.path.join(folder, "standard-output")) for _, _, command in runs]
                   for _ in range(arguments.repetitions)]
        load.append(os.getloadavg()[0])
        names = [name for name, _, _ in runs]
        fastest = names.index(f"moniker, CSV, {os.cpu_count()} threads")
        single = names.index("moniker, CSV, 1 thread")
        lines = table_of(runs, results, fastest)
        medians = [statistics.median(result[i].seconds for result in results) for i in range(len(runs))]
        best = [min(result[i].seconds for result in results) for i in range(len(runs))]
        lines.append("")
        lines.append(f"All threads beside one: {medians[single] / medians[fastest]:.2f} times as fast "
                     f"({best[single] / best[fastest]:.2f} by the fastest repetitions).")
        missing = [name for name, found in (("Miller", shutil.which("mlr")), ("DuckDB", duckdb)) if not found]
        if missing:
            lines.append("Not there, and so not measured: " + ", ".join(missing) + ".")
        if arguments.large:
            size, seconds, memory = measure_large(moniker, folder, arguments.large)
            lines.append(f"{size / 1e9:.1f} GB through a pipe: {seconds:.1f} s, {memory:.0f} MB of memory at the peak.")
        lines.append(f"Measured with: {describe_machine(moniker)}; {arguments.records} records, "
                     f"{arguments.repetitions} repetitions, load {load[0]:.1f} at the beginning and {load[1]:.1f} at the end.")
        print("\n".join(lines))
        if arguments.write:
            rates = [os.path.getsize(source) / medians[i] / 1e6 for i, (_, source, _) in enumerate(runs)]
            write_documents(lines, plot_of(names, rates))


if __name__ == "__main__":
    main()
