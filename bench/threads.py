#!/usr/bin/env python3
"""Derivation by two threads that share one Anonymizer beside one thread; and, as a positive control, two independent
processes beside one: more than that the machine does not give to anybody.

Usage: bench/threads.py BUILD_FOLDER [--quick] [--write]"""

import os
import statistics
import subprocess
import sys

import page


class Run:
    def __init__(self, program, suite, threads, processes, batches):
        running = [subprocess.Popen([program, suite, str(threads), str(batches)], stdout=subprocess.PIPE, text=True)
                   for _ in range(processes)]
        outputs = [process.communicate()[0].split() for process in running]
        if any(process.returncode != 0 for process in running):
            sys.exit(f"{program} failed")
        # They overlap but for starting up.
        self.rate = sum(int(count) / float(seconds) for count, seconds, _ in outputs)
        self.processor = sum(float(seconds) for _, _, seconds in outputs) / sum(int(count) for count, _, _ in outputs)


def main(build, *options):
    program = os.path.join(build, "bench", "derive_threads")
    repetitions, batches = (1, 50) if "--quick" in options else (15, 4000)
    lines = ["| suite | | million/s, median | fastest | times one, median | by the fastest | processor time of an identifier, to one |",
             "|---|---|---|---|---|---|---|"]
    for suite in ("blake2b", "hmac-sha256"):
        kinds = {"one thread": (1, 1), "two threads": (2, 1), "two processes": (1, 2)}
        runs = {name: [] for name in kinds}
        for _ in range(repetitions):
            for name, (threads, processes) in kinds.items():
                runs[name].append(Run(program, suite, threads, processes, batches))
        one = runs["one thread"]
        for name, some in runs.items():
            rate, best = statistics.median(run.rate for run in some), max(run.rate for run in some)
            # Repetition by repetition, since the load of the machine changes.
            times = statistics.median(run.rate / alone.rate for run, alone in zip(some, one))
            processor = statistics.median(run.processor / alone.processor for run, alone in zip(some, one))
            lines.append(f"| {suite} | {name} | {rate / 1e6:.2f} | {best / 1e6:.2f} | {times:.2f} "
                         f"| {best / max(run.rate for run in one):.2f} | {processor:.2f} |")
    lines += ["", f"Measured with: {page.machine()}; {repetitions} interleaved repetitions."]
    print("\n".join(lines))
    if "--write" in options:
        page.write_section("threads", ["", *lines, ""])


if __name__ == "__main__":
    main(*sys.argv[1:])
