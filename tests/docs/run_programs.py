"""Runs every program in C++ that the documentation shows, over vaults of the samples' root key.

Usage: run_programs.py MONIKER PROGRAM...
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MONIKER = pathlib.Path(sys.argv[1]).resolve()
PROGRAMS = {pathlib.Path(one).name.removeprefix("docs_"): pathlib.Path(one).resolve() for one in sys.argv[2:]}
EXTERNAL_ID = "m32pnb88e0wgd7hc26m7ph6zyfqm3092"
PARTICIPANT = "bdd640fb-0667-4ad1-9c80-317fa3b1799d"
MARIA = {"issuer": "mrn.hospital-a", "id": "00123456", "name": "Maria Jensen"}

# Arguments and what is printed. Nobody runs a program that is not here.
EXPECTED = {
    "open_session": ((), ""),
    "metadata": ((), "Patient\n"),
    "one_person": ((), ""),
    "fields_for_client": ((), f'{{"name":"Patient RCG-V3F","externalId":"{EXTERNAL_ID}"}}\n'),
    "update": ((), ""),
    "resolve_one": ((PARTICIPANT,), "Maria Jensen\n"),
    "memory_vault": ((), ""),
    "idle_lock": ((), ""),
    "token_server": ((), None),
    "web_server": ((), f'{{"name":"Patient RCG-V3F","externalId":"{EXTERNAL_ID}","avatarUrl":""}}\n'),
    "cpp_session": ((), f"Patient RCG-V3F {EXTERNAL_ID}\n"),
}


class Programs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        (cls.folder / "desk.passphrase").write_text("three words for a desk\n")
        (cls.folder / "desk.passphrase").chmod(0o600)
        root = ("--import-root", ROOT / "tests/data/root.hex")
        cls.moniker("init", "clinic.vault", "--app", "clinic-7", "--key-file", "clinic.key", *root)
        cls.moniker("init", "desk.vault", "--app", "clinic-7", "--passphrase-file", "desk.passphrase")
        cls.moniker("init", "enrolled.vault", "--app", "clinic-7", "--key-file", "enrolled.key", "--mode", "enrolled")
        cls.moniker("admit", "enrolled.vault", input=json.dumps([MARIA, dict(MARIA, id="00987654")]))
        cls.moniker("admit", "clinic.vault", input=json.dumps(MARIA))
        cls.moniker("bind", "clinic.vault",
                    input=json.dumps({"participant_id": PARTICIPANT, "external_id": EXTERNAL_ID}))

    @classmethod
    def moniker(cls, *arguments, **options):
        return subprocess.run([MONIKER, *arguments, "--quiet"], cwd=cls.folder, check=True, capture_output=True, text=True,
                              **options).stdout

    def test_every_program_does_what_its_page_says(self):
        self.assertEqual(set(PROGRAMS), set(EXPECTED))
        for name, (arguments, printed) in EXPECTED.items():
            run = subprocess.run([PROGRAMS[name], *arguments], cwd=self.folder, capture_output=True, text=True)
            with self.subTest(program=name):
                self.assertEqual((run.returncode, run.stderr), (0, ""))
                if printed is not None:
                    self.assertEqual(run.stdout, printed)

    def test_the_token_server_derives_what_the_vault_admits(self):
        printed = subprocess.run([PROGRAMS["token_server"]], cwd=self.folder, check=True, capture_output=True).stdout
        admitted = self.moniker("admit", "clinic.vault", "--conference", "visit-42", input=json.dumps(MARIA))
        self.assertEqual(json.loads(printed)["externalId"], json.loads(admitted)["external_id"])

    def test_a_program_without_its_vault_fails_and_names_nobody(self):
        with tempfile.TemporaryDirectory() as nothing:
            for name, (arguments, _) in EXPECTED.items():
                if name == "memory_vault":
                    continue
                run = subprocess.run([PROGRAMS[name], *arguments], cwd=nothing, capture_output=True, text=True)
                with self.subTest(program=name):
                    self.assertEqual((run.returncode, run.stdout), (1, ""))
                    self.assertNotIn("Jensen", run.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
