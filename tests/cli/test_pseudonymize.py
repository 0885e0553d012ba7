"""pseudonymize: each identifier becomes what an independent program computes, and nothing else changes."""

import random
import unittest

from harness import (CONFERENCE, FAILED, REASON, USAGE, CliTest, counts, digest_of, external_id_of, independent,
                     read, sample, write)

MRN = ("--column", "mrn=mrn.hospital-a")
NAMES = {"00123456": "Maria Jensen", "00123457": "José García-Núñez", "00987654": "Łukasz Żółkiewski"}


def label_of(value, **where):
    return independent.label(digest_of("mrn.hospital-a", value, **where))


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


class Table:
    """A CSV file with every variant of quoting and line end, and what it becomes, made side by side."""

    def __init__(self, size):
        chance = random.Random(20261122)
        # Identifier, its field as written, the text before and after it in the record.
        self.records = []
        for number in range(size):
            kind = chance.randrange(8)
            value = (f"{number:08}" if kind < 4 else f"A-{number}/7" if kind == 4 else
                     f"{number} b" if kind == 5 else f"é{number}王" if kind == 6 else f'x, "y" {number}')
            field = quoted(value) if kind in (1, 7) else value
            before = chance.choice((f"{number},", f'"{number}",', f'"a, ""b""\n{number}",', ","))
            after = chance.choice((",note\n", ',"two\r\nlines"\r\n', ",\n", ",Łódź\r\n", ', blank \n', ',""\n'))
            self.records.append((value, field, before, after))
        self.head = '\ufeffvisit,mrn,"note"\r\n'

    def text(self, render=None):
        parts = [self.head]
        for value, field, before, after in self.records:
            if render is not None:
                rendered = render(value)
                field = '"' + rendered + '"' if field.startswith('"') else rendered
            parts += (before, field, after)
        # No line end after the last record.
        return "".join(parts).rstrip("\r\n").encode("utf-8")


class HundredThousandTest(CliTest):
    """100,000 identifiers, each suite and scope, against Python's hashlib."""

    SIZE = 100_000
    RENDERINGS = {"external-id": independent.external_id, "uuid": independent.uuid, "label": independent.label}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.table = Table(cls.SIZE)

    def compare(self, suite, conference):
        vault = self.make_vault(suite=suite)
        source = write(self.path("in.csv"), self.table.text())
        scope = ["--conference", conference] if conference else []
        digests = {value: digest_of("mrn.hospital-a", value, suite=suite, conference=conference)
                   for value, *_ in self.table.records}
        self.assertEqual(len(digests), self.SIZE)
        for name, render in self.RENDERINGS.items():
            choice = [] if name == "external-id" else ["--as", name]
            outcome = self.moniker("pseudonymize", vault, *MRN, *scope, *choice, "--quiet",
                                   "-o", self.path("out.csv"), source)
            self.assertEqual((outcome.out, outcome.err), (b"", ""))
            expected = self.table.text(lambda value: render(digests[value]))
            # Not assertEqual: its report of two files of megabytes takes minutes.
            self.assertTrue(read(self.path("out.csv")) == expected, f"{suite} {conference} --as {name}")

    def test_blake2b_in_the_app_scope(self):
        self.compare("blake2b", None)

    def test_blake2b_in_a_conference(self):
        self.compare("blake2b", CONFERENCE)

    def test_hmac_sha256_in_the_app_scope(self):
        self.compare("hmac-sha256", None)

    def test_hmac_sha256_in_a_conference(self):
        self.compare("hmac-sha256", CONFERENCE)


class SampleTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_vault()
        self.visits = read(sample("visits.csv")).decode("utf-8")

    def pseudonymize(self, *arguments, reveals=True, **options):
        return self.moniker("pseudonymize", self.vault, *arguments, reveals=reveals, **options)

    def test_the_visits_get_the_external_ids_of_the_samples(self):
        expected = self.visits
        for value in NAMES:
            expected = expected.replace(value, external_id_of("mrn.hospital-a", value))
        self.assertIn("m32pnb88e0wgd7hc26m7ph6zyfqm3092", expected)
        outcome = self.pseudonymize(*MRN, sample("visits.csv"))
        self.assertEqual(outcome.out.decode(), expected)
        # From a pipe, whose format shows in its text alone.
        self.assertEqual(self.pseudonymize(*MRN, input=self.visits).out.decode(), expected)
        self.assertEqual(self.pseudonymize(*MRN, "-o", "-", "-", input=self.visits).out.decode(), expected)

    def test_columns_passed_on_are_told_and_quiet_leaves_it_out(self):
        outcome = self.pseudonymize(*MRN, "--drop", "note", sample("visits.csv"))
        self.assertEqual(outcome.err,
                         "moniker: columns passed on as they are: visit, patient name, started, minutes\n")
        self.assertEqual(self.pseudonymize(*MRN, "--quiet", sample("visits.csv")).err, "")

    def test_a_column_name_cannot_forge_a_message(self):
        # check_rules: each line on standard error begins with "moniker: ".
        for name in ("a\nmoniker: error: x", "a\n\x1b[31mb", "a\r"):
            with self.subTest(name):
                outcome = self.pseudonymize(*MRN, input=f'"{name}",mrn\n1,2\n')
                self.assertEqual([line for line in outcome.err.splitlines() if not line.startswith("moniker: col")], [])
                self.assertNotIn("\x1b", outcome.err)

    def test_dropped_columns_are_gone_with_their_header(self):
        outcome = self.pseudonymize(*MRN, "--drop", "patient name", "--drop", "note", "--drop", "visit",
                                    sample("visits.csv"), reveals=False)
        lines = outcome.out.decode().splitlines()
        self.assertEqual(lines[0], "mrn,started,minutes")
        self.assertEqual(lines[1], external_id_of("mrn.hospital-a", "00123456") + ",2026-11-01T09:30:00Z,10")

    def test_the_name_column_becomes_display_names(self):
        for options, role in ((), "Participant"), (("--role", "Patient"), "Patient"):
            outcome = self.pseudonymize(*MRN, "--name-column", "patient name", *options, sample("visits.csv"),
                                        reveals=False)
            expected = self.visits
            for value, name in NAMES.items():
                expected = expected.replace(value, external_id_of("mrn.hospital-a", value))
                expected = expected.replace(name, f"{role} {label_of(value)}")
            self.assertEqual(outcome.out.decode(), expected)

    def test_several_columns_of_several_issuers(self):
        text = "a,b,c\n1,2,3\n4,5,6\n"
        outcome = self.pseudonymize("--column", "a=one", "--column", "c=three:opaque", input=text)
        expected = "a,b,c\n" + "".join(
            f"{external_id_of('one', x)},{y},{external_id_of('three', z)}\n" for x, y, z in ("123", "456"))
        self.assertEqual(outcome.out.decode(), expected)

    def test_a_column_may_have_an_equals_sign_and_a_blank_in_its_name(self):
        outcome = self.pseudonymize("--column", "a=b c=one", input="a=b c,d\n1,2\n")
        self.assertEqual(outcome.out.decode(), f"a=b c,d\n{external_id_of('one', '1')},2\n")

    def test_tsv_by_option_and_by_ending(self):
        text = 'mrn\tnote\n00123456\ta,b\n"00123457"\t"c\td"\n'
        expected = text
        for value in NAMES:
            expected = expected.replace(value, external_id_of("mrn.hospital-a", value))
        self.assertEqual(self.pseudonymize(*MRN, "--from", "tsv", input=text).out.decode(), expected)
        file = write(self.path("x.tsv"), text)
        self.assertEqual(self.pseudonymize(*MRN, file).out.decode(), expected)
        self.assertEqual(self.pseudonymize(*MRN, "--to", "tsv", file).out.decode(), expected)

    def test_a_header_alone_stays_a_header(self):
        self.assertEqual(self.pseudonymize(*MRN, input="mrn,b\n").out, b"mrn,b\n")
        self.assertEqual(self.pseudonymize(*MRN, input="mrn").out, b"mrn")

    def test_without_enroll_nothing_is_stored(self):
        before = read(self.vault + "/store.sqlite"), read(self.vault + "/store.sqlite-wal")
        self.pseudonymize(*MRN, "--name-column", "patient name", sample("visits.csv"), reveals=False)
        self.assertEqual((read(self.vault + "/store.sqlite"), read(self.vault + "/store.sqlite-wal")), before)

    def test_enroll_stores_the_persons_and_reidentify_gives_the_file_back(self):
        outcome = self.pseudonymize(*MRN, "--name-column", "patient name", "--enroll", "--role", "Patient",
                                    sample("visits.csv"), reveals=False)
        self.assertEqual(counts(self.vault)["person"], 3)
        self.assertIn(f'"Patient {label_of("00123456")}"', outcome.out.decode())
        back = self.moniker("reidentify", self.vault, *REASON, "--name-column", "patient name",
                            input=outcome.out)
        self.assertEqual(back.out.decode(), self.visits)

    def test_enroll_in_a_conference_with_uuids_comes_back_as_well(self):
        outcome = self.pseudonymize(*MRN, "--name-column", "patient name", "--enroll", "--as", "uuid",
                                    "--conference", CONFERENCE, sample("visits.csv"), reveals=False)
        self.assertIn(independent.uuid(digest_of("mrn.hospital-a", "00123456", conference=CONFERENCE)).encode(),
                      outcome.out)
        back = self.moniker("reidentify", self.vault, *REASON, "--name-column", "patient name",
                            input=outcome.out)
        self.assertEqual(back.out.decode(), self.visits)

    def test_enroll_and_admit_agree(self):
        self.moniker("admit", self.vault, sample("people.json"))
        before = counts(self.vault)
        self.pseudonymize(*MRN, "--name-column", "patient name", "--enroll", sample("visits.csv"), reveals=False)
        self.assertEqual(counts(self.vault), before)

    # --- What is refused ---

    def test_a_role_taken_from_a_name_is_refused_also_without_enroll(self):
        # The name stands in the record: what admit and --enroll refuse must not pass here either.
        for role in ("Maria", "Maria Jensen"):
            for enroll in ([], ["--enroll"]):
                with self.subTest(role=role, enroll=enroll):
                    self.assert_refused("pseudonymize", self.vault, *MRN, "--name-column", "patient name",
                                        "--role", role, *enroll, sample("visits.csv"), says="role",
                                        status=FAILED)

    def test_a_role_that_is_none_is_refused_also_without_enroll(self):
        # Display names are 1..64 bytes of ASCII: "1..40 ASCII letters, blanks and hyphens".
        for role in ("x\ny", "Ärztin", "a" * 41, "Patient 7", " Patient", '"'):
            for enroll in ([], ["--enroll"]):
                with self.subTest(role=role, enroll=enroll):
                    self.assert_refused("pseudonymize", self.vault, *MRN, "--name-column", "patient name",
                                        "--role", role, *enroll, sample("visits.csv"), says="role",
                                        status=(FAILED, USAGE))

    def test_two_rules_for_one_column_are_refused(self):
        # Which of the two issuers would it be?
        self.assert_refused("pseudonymize", self.vault, *MRN, "--column", "mrn=mrn.hospital-b",
                            sample("visits.csv"), status=USAGE, says="--column")

    def test_one_column_of_identifiers_and_names_is_refused(self):
        # The external IDs would be overwritten by display names.
        self.assert_refused("pseudonymize", self.vault, *MRN, "--name-column", "mrn", sample("visits.csv"),
                            status=USAGE, says="--name-column")


if __name__ == "__main__":
    unittest.main()
