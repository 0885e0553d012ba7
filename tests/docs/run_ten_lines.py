"""Runs docs/examples/ten_lines.cc over a vault of the samples' root key and checks what it prints and
what it left in the vault.

Usage: run_ten_lines.py MONIKER TEN_LINES
"""

import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def main():
    moniker, ten_lines = (str(pathlib.Path(argument).resolve()) for argument in sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        run(moniker, "init", "clinic.vault", "--app", "clinic-7", "--key-file", "clinic.key",
            "--import-root", str(ROOT / "tests/data/root.hex"), cwd=folder)
        printed = run(ten_lines, "clinic.vault", cwd=folder)
        assert printed == "Patient RCG-V3F m32pnb88e0wgd7hc26m7ph6zyfqm3092\n", printed
        answer = json.loads(run(
            moniker, "resolve", "clinic.vault", "--actor", "test", "--purpose", "test",
            "bdd640fb-0667-4ad1-9c80-317fa3b1799d", cwd=folder))
        assert answer["name"] == "Maria Jensen" and answer["id"] == "00123456", answer


if __name__ == "__main__":
    main()
