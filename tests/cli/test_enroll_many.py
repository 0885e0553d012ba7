"""pseudonymize --enroll of files that are so long that everybody in them is stored before they are rewritten."""

import os
import resource

from harness import FAILED, SOME_REJECTED, CliTest, read, write

PEOPLE = 150_000  # more than one chunk, and more than 8 MiB
CHUNK = 131_072
OPTIONS = ("--column", "mrn=mrn.a", "--name-column", "who", "--enroll")
LIMIT_KIB = 200 * 1024


def table(count, fault_at=None):
    lines = ["mrn,who,note"]
    for number in range(count):
        name = "" if number == fault_at else f"Qzv{number} Xwj"
        lines.append(f"MRN-{number:08},{name},a note that is only here to be long")
    return "\n".join(lines) + "\n"


class EnrollManyTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_vault("vault")
        self.output = self.path("out.csv")

    def enroll(self, text, *options, status=0):
        source = write(self.path("in.csv"), text)
        self.assertGreater(os.path.getsize(source), 8 << 20)
        return self.moniker("pseudonymize", self.vault, *OPTIONS, *options, "-o", self.output, source, status=status)

    def persons(self):
        return self.moniker("store", self.vault, "stats").lines()[0]["persons"]

    def test_everybody_is_stored_in_little_memory_and_the_output_is_that_of_short_inputs(self):
        self.enroll(table(PEOPLE))
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, LIMIT_KIB)
        self.assertEqual(self.persons(), PEOPLE)
        first = read(self.output).splitlines()
        self.assertEqual(len(first), PEOPLE + 1)
        # The way of short inputs, into another vault of the same key.
        other = self.make_vault("other")
        short = self.moniker("pseudonymize", other, *OPTIONS, input=table(500)).out.splitlines()
        self.assertEqual(first[:501], short)
        self.moniker("store", self.vault, "verify")

    def test_a_fault_ends_the_run_without_an_output_and_leaves_whole_chunks(self):
        outcome = self.enroll(table(PEOPLE, fault_at=PEOPLE - 10), status=FAILED)
        self.assertIn(f"record {PEOPLE - 9}", outcome.error())
        self.assertFalse(os.path.exists(self.output))
        self.assertIn(self.persons(), (0, CHUNK))

    def test_a_faulty_record_that_is_left_out_is_told_once_and_its_person_is_not_stored(self):
        outcome = self.enroll(table(PEOPLE, fault_at=7), "--on-error", "skip", status=SOME_REJECTED)
        self.assertEqual(outcome.err.count("record 8"), 1)
        self.assertEqual(self.persons(), PEOPLE - 1)
        self.assertEqual(len(read(self.output).splitlines()), PEOPLE)

    def test_two_processes_that_enroll_the_same_and_other_people_at_once_lose_none(self):
        halves = {"a": range(0, PEOPLE), "b": range(PEOPLE // 2, PEOPLE + PEOPLE // 2)}
        lines = table(PEOPLE + PEOPLE // 2).splitlines()
        for mode in ("derived", "enrolled"):
            with self.subTest(mode=mode):
                vault = self.make_vault(mode, "--mode", mode)
                running = []
                for name, numbers in halves.items():
                    text = "\n".join([lines[0], *(lines[number + 1] for number in numbers)]) + "\n"
                    write(self.path(f"{name}.csv"), text)
                    running.append(self.start("pseudonymize", vault, "--quiet", *OPTIONS, "-o",
                                              self.path(f"{mode}-{name}.out"), self.path(f"{name}.csv")))
                for process in running:
                    _, err = process.communicate()
                    self.assertEqual((process.returncode, err), (0, b""))
                self.assertEqual(self.moniker("store", vault, "stats").lines()[0]["persons"], PEOPLE + PEOPLE // 2)
                self.moniker("store", vault, "verify")
                first, second = (read(self.path(f"{mode}-{name}.out")).splitlines() for name in halves)
                # Whoever is in both has one ID, whichever process was first.
                self.assertEqual(first[1 + PEOPLE // 2:], second[1:1 + PEOPLE // 2])
