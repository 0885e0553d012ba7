#!/usr/bin/env python3
"""Runs undefined_secrets under valgrind: without a report, and with one for the branch of --control.

Usage: check_undefined_secrets.py PROGRAM"""

import shutil
import subprocess
import sys

REPORTED = 99


def memcheck(*command):
    return subprocess.run(["valgrind", "--quiet", f"--error-exitcode={REPORTED}", *command],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def main(program):
    if shutil.which("valgrind") is None:
        sys.exit("valgrind is not there: install it (Debian: valgrind)")
    control = memcheck(program, "--control")
    if control.returncode != REPORTED or "uninitialised" not in control.stdout:
        sys.exit("the branch on a digest is not reported, so nothing would be:\n" + control.stdout)
    run = memcheck(program)
    print(run.stdout)
    if "Conditional jump" in run.stdout or "Use of uninitialised" in run.stdout:
        sys.exit("a branch or an address depends on a secret")
    for kernel in "blake2b scalar", "hmac-sha256 scalar":
        if kernel not in run.stdout:
            sys.exit(f"{kernel} was not run")


if __name__ == "__main__":
    main(sys.argv[1])
