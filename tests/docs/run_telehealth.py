"""Runs the sample application of docs/examples/telehealth: what its README shows is what it prints, and what it sends
holds nothing of the persons.

Usage: run_telehealth.py MONIKER FRONT_DESK RECORDS_DESK
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests" / "cli"))

from harness import PEOPLE, find_markers  # noqa: E402
from test_leaks import EMAIL, IDENTIFIER, NAME, NOTES, UNICODE_NAME  # noqa: E402

MONIKER, FRONT_DESK, RECORDS_DESK = (str(pathlib.Path(one).resolve()) for one in sys.argv[1:])
EXAMPLE = ROOT / "docs" / "examples" / "telehealth"
DEADLINE = 120  # seconds, for a run that hangs


class Telehealth(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def make_vault(self):
        subprocess.run([MONIKER, "init", "clinic.vault", "--quiet", "--app", "clinic-7", "--key-file", "clinic.key",
                        "--import-root", ROOT / "tests/data/root.hex"], cwd=self.folder, check=True)

    def run_desk(self, events):
        """What was shown and what was sent."""
        self.make_vault()
        shown = subprocess.run([FRONT_DESK, "clinic.vault", "sent.txt"], cwd=self.folder, check=True, timeout=DEADLINE,
                               input=events.encode(), capture_output=True)
        self.assertEqual(shown.stderr, b"")
        return shown.stdout, (self.folder / "sent.txt").read_bytes()

    def test_the_day_of_the_readme_prints_what_it_says(self):
        programs = self.folder / "bin"
        programs.mkdir()
        for name, program in (("moniker", MONIKER), ("front_desk", FRONT_DESK), ("records_desk", RECORDS_DESK)):
            (programs / name).symlink_to(program)
        (self.folder / "day.tsv").symlink_to(EXAMPLE / "day.tsv")
        (self.folder / "root.hex").write_bytes((ROOT / "tests/data/root.hex").read_bytes())
        (self.folder / "root.hex").chmod(0o600)
        environment = dict(os.environ, PATH=f"{programs}:{os.environ['PATH']}")
        [session] = re.findall(r"^```console\n(.*?)^```", (EXAMPLE / "README.md").read_text(), re.M | re.S)
        commands = re.split(r"^\$ ", session, flags=re.M)[1:]
        self.assertEqual(len(commands), 4)
        for command, expected in (part.split("\n", 1) for part in commands):
            command = command.replace(" init clinic.vault", " init clinic.vault --import-root root.hex")
            run = subprocess.run(["bash", "-c", command], cwd=self.folder, env=environment, timeout=DEADLINE,
                                 capture_output=True, text=True)
            with self.subTest(command=command):
                self.assertEqual((run.returncode, run.stderr), (0, ""))
                self.assertEqual(run.stdout, expected)

    def test_nothing_of_the_people_of_the_day_is_sent(self):
        shown, sent = self.run_desk((EXAMPLE / "day.tsv").read_text())
        personal = [one[key] for one in PEOPLE for key in ("id", "name")] + ["physiotherapy", "counselling"]
        self.assertEqual(sent.count(b"session.open"), 4)
        self.assertEqual(find_markers(sent, personal), [])
        self.assertIn("Maria Jensen (raw)", find_markers(shown, personal), "positive control")

    def test_nothing_of_marker_persons_is_sent_whatever_is_tried(self):
        people = [(IDENTIFIER, NAME), ("mark-qzx-0078-identifier", UNICODE_NAME)]
        events = [f"visit\tthe visit of {NAME}\troom-1"]
        for identifier, name in people:
            events.append(f"join\tmrn.hospital-a\t{identifier}\t{name}\tPatient")
            events.append(f"join\tmrn.hospital-a\t{identifier}\t{name}\t{name}")
        for identifier, name in people:
            for text in (name, identifier, name.upper(), "for " + name.split()[0], name.encode().hex()):
                events += [f"say\t{text}", f"rename\t{identifier}\t{text}"]
        events += ["say\tall is well", "roster", *(f"leave\t{identifier}" for identifier, _ in people), "end"]
        shown, sent = self.run_desk("\n".join(events))
        markers = [NAME, IDENTIFIER, EMAIL, NOTES, UNICODE_NAME, "mark-qzx-0078-identifier", "qzx", "Qzx"]
        self.assertEqual(find_markers(sent, markers), [])
        self.assertEqual(sent.decode().count("\n"), 7)  # an alias, two people come and go, a message, the end
        self.assertEqual(shown.decode().count("Refused: "), 2 + 20)
        self.assertIn(f"{NAME} (raw)", find_markers(shown, markers), "positive control")

    def test_the_desk_locks_itself_when_nobody_asks(self):
        self.make_vault()
        desk = subprocess.Popen([FRONT_DESK, "clinic.vault", "sent.txt", "50"], cwd=self.folder,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        hangs = threading.Timer(DEADLINE, desk.kill)
        hangs.start()

        def send(event):
            desk.stdin.write(event + "\n")
            desk.stdin.flush()

        join = "join\tmrn.hospital-a\t00123456\tMaria Jensen\tPatient"
        send("visit\tv\troom-1")
        self.assertEqual(desk.stdout.readline(), "A visit begins.\n")
        locked = False
        joined = 0
        while not locked:  # a busy machine may lock late, but some pause is long enough
            time.sleep(0.2)
            send(join)
            line = desk.stdout.readline()
            locked = line == "The vault was locked; its key is read again.\n"
            if locked:
                line = desk.stdout.readline()
            self.assertRegex(line, r"^Maria Jensen is Patient [A-Za-z]+ [A-Za-z]+ [0-9]{2}\.\n$")
            joined += 1
        # Without the key file it stays locked.
        (self.folder / "clinic.key").unlink()
        send("lock")
        send(join)
        self.assertEqual(desk.stdout.readline(), "The vault was locked; its key is read again.\n")
        self.assertRegex(desk.stdout.readline(), "^Refused: ")
        desk.stdin.close()
        self.assertEqual(desk.wait(), 0)
        hangs.cancel()
        desk.stdout.close()
        self.assertEqual((self.folder / "sent.txt").read_text().count("session.open"), joined)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
