"""No room left in the midst of enrolling many people: in the files without names beside the store, in its log, in the
database."""

import os

from harness import DONE, FAILED, counts, sample
from test_full_disk import DiskTest, setUpModule

__all__ = ["setUpModule"]  # unittest calls it

PEOPLE = 150_000  # more than one chunk
CHUNK = 131_072


class FullDiskInTheMidstOfManyTest(DiskTest):
    def test_whole_chunks_are_stored_and_another_run_stores_the_rest(self):
        disk = self.make_disk("400m")
        vault = os.path.join(disk, "vault")
        self.moniker("init", vault, "--app", "clinic-7", "--key-file", self.path("key"), "--quiet", "--import-root",
                     sample("root.hex"))
        source = self.path("in.csv")
        with open(source, "w", encoding="ascii") as file:
            file.write("mrn,who,note\n")
            file.writelines(f"MRN-{n:08},Qzv{n} Xwj,a note that is only here to be long\n" for n in range(PEOPLE))
        command = ("pseudonymize", vault, "--column", "mrn=mrn.a", "--name-column", "who", "--enroll", "-o",
                   self.path("out.csv"), source)
        whole = self.listing(disk)
        stored = set()
        for mib in (0, 20, 40, 60, 100):
            self.leave_free(disk, mib * 1024)
            outcome = self.moniker(*command, status=(DONE, FAILED))
            self.make_room(disk)
            persons = counts(vault)["person"]
            self.assertIn(persons, (0, CHUNK, PEOPLE))
            self.moniker("store", vault, "verify")
            self.assertEqual(os.path.exists(self.path("out.csv")), outcome.status == DONE)
            if outcome.status == DONE:
                break
            self.assertRegex(outcome.error().lower(), "no space")
            self.assertIn("moniker: hint: make room", outcome.err)
            self.assertNotIn("Qzv", outcome.err)
            stored.add(persons)
            self.assertEqual(self.listing(disk), whole)
        self.assertTrue(stored, "the disk was never full")
        self.moniker(*command)
        self.assertEqual(counts(vault)["person"], PEOPLE)
        self.moniker("store", vault, "verify")
