"""Runs the programs of docs/c-api.md, two in C and one in Python, over a vault of the samples' root key and
checks what they print; and that the page shows them as they are.

Usage: run_c_examples.py MONIKER FRONT_DESK LOOK_UP LIBMONIKER
"""

import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXTERNAL_ID = "m32pnb88e0wgd7hc26m7ph6zyfqm3092"


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def main():
    moniker, front_desk, look_up, library = (str(pathlib.Path(one).resolve()) for one in sys.argv[1:])
    examples = ROOT / "docs/examples"
    shown = re.findall(r"^```c\n(.*?)^```", (ROOT / "docs/c-api.md").read_text(), re.M | re.S)
    programs = [(examples / name).read_text() for name in ("front_desk.c", "look_up.c")]
    assert shown == programs, "docs/c-api.md does not show the programs of docs/examples"
    with tempfile.TemporaryDirectory() as folder:
        run(moniker, "init", "clinic.vault", "--app", "clinic-7", "--key-file", "clinic.key",
            "--import-root", str(ROOT / "tests/data/root.hex"), cwd=folder)
        printed = run(front_desk, "clinic.vault", cwd=folder)
        assert printed == f"Patient RCG-V3F {EXTERNAL_ID}\n", printed
        for known in (EXTERNAL_ID, "bdd640fb-0667-4ad1-9c80-317fa3b1799d"):
            printed = run(look_up, "clinic.vault", known, cwd=folder)
            assert printed == "00123456 Maria Jensen\n", printed
        unknown = subprocess.run([look_up, "clinic.vault", "nobody"], cwd=folder, capture_output=True, text=True)
        assert (unknown.returncode, unknown.stdout) == (1, ""), unknown
        missing = subprocess.run([front_desk, "no.vault"], cwd=folder, capture_output=True, text=True)
        assert missing.returncode == 1 and missing.stderr.startswith("not_found: "), missing
        printed = run(sys.executable, str(examples / "derive_column.py"), library, "clinic.vault", cwd=folder,
                      input="00123456\n00123457\n00123456\n").split()
        assert len(printed) == 3 and printed[0] == printed[2] == EXTERNAL_ID != printed[1], printed


if __name__ == "__main__":
    main()
