"""pseudonymize: errors in the data - what ends a run, what is left out, what is told of it - and never a value."""

import json
import os
import resource
import unittest

from harness import (DONE, FAILED, SOME_REJECTED, USAGE, CliTest, counts, external_id_of, json_lines, person, read,
                     sample, tree, write)

MRN = ("--column", "mrn=mrn.hospital-a")
NAME = "Xqzfirst7"


def mapped(value):
    return external_id_of("mrn.hospital-a", value)


class ErrorsTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_vault()

    def run_it(self, *arguments, status=SOME_REJECTED, **options):
        return self.moniker("pseudonymize", self.vault, *MRN, *arguments, status=status, **options)

    # --- fail ---

    def test_the_first_error_in_the_order_of_the_text_is_the_one_told(self):
        # Each of the later ones is in a block of its own, which another thread may see earlier.
        lines = [f"{number},{'x' * 500}" for number in range(20_000)]
        for bad in (3000, 9000, 19_999):
            lines[bad] = f" {NAME},x"
        text = "mrn,b\n" + "\n".join(lines) + "\n"
        for threads in ("1", "2", "4"):
            outcome = self.run_it("--threads", threads, "-o", self.path("out"), input=text, status=FAILED)
            self.assert_message(outcome, "record 3001:", '"mrn" (byte 1 of the value)', "white space")
        self.assertFalse(os.path.exists(self.path("out")))

    def test_a_run_that_fails_leaves_no_file_and_the_vault_as_it_was(self):
        text = f"mrn,who\n1,Anna\n {NAME},Bert\n"
        for options in ((), ("--name-column", "who", "--enroll"), ("--column", "who=fresh:text")):
            self.assert_refused("pseudonymize", self.vault, *MRN, *options, "-o", self.path("out"), "--report",
                                self.path("report"), input=text, says="record 2")

    def test_a_fault_says_the_path_in_json(self):
        outcome = self.moniker("pseudonymize", self.vault, "--column", "p[].mrn=mrn.hospital-a", status=FAILED,
                               input=f'{{"p":[{{"mrn":"1"}}]}}\n{{"p":[{{"mrn":" {NAME}"}}]}}\n')
        self.assert_message(outcome, "record 2:", '"p[].mrn" (byte 1 of the value)', "white space")

    def test_several_inputs_are_told_apart(self):
        good, bad = write(self.path("good.csv"), "mrn\n1\n"), write(self.path("bad.csv"), f"mrn\n {NAME}\n")
        os.mkdir(self.path("sub"))
        outcome = self.run_it("--out-dir", self.path("sub"), good, bad, status=FAILED)
        self.assert_message(outcome, bad, "record 1")
        self.assertEqual(os.listdir(self.path("sub")), ["good.csv"])

    # --- skip ---

    def test_skip_leaves_the_faulty_records_out_and_tells_them(self):
        text = f'mrn,b\n1,x\n {NAME},y\n2,"z\nz"\n3\n4,w\n'
        outcome = self.run_it("--on-error", "skip", input=text)
        self.assertEqual(outcome.out.decode(), f'mrn,b\n{mapped("1")},x\n{mapped("2")},"z\nz"\n{mapped("4")},w\n')
        self.assertEqual(outcome.err.splitlines(), [
            'moniker: record 2: column "mrn" (byte 1 of the value): id: white space at the start or end',
            "moniker: record 4: not as many fields as the header has",
            "moniker: columns passed on as they are: b",
            "moniker: 2 of 5 records left out"])
        self.assertEqual(self.run_it("--on-error", "skip", "--quiet", input=text).err, "")

    def test_only_the_first_ones_are_told_one_by_one(self):
        outcome = self.run_it("--on-error", "skip", input="mrn\n" + " \n" * 1000 + "1\n")
        lines = outcome.err.splitlines()
        self.assertEqual(len(lines), 11)
        self.assertEqual(lines[-1], "moniker: 1000 of 1001 records left out")

    def test_without_faults_skip_is_done(self):
        self.assertEqual(self.run_it("--on-error", "skip", input="mrn\n1\n", status=DONE).out.decode(),
                         f"mrn\n{mapped('1')}\n")

    def test_what_makes_the_next_record_uncertain_ends_the_run_all_the_same(self):
        for text, says in ((f'mrn,b\n1,2\n"{NAME}"x,2\n3,4\n', "quote"), (f'mrn,b\n1,"{NAME}\n', "quote"),
                           (f'[{{"mrn":"1"}},{{"mrn":"{NAME}"]', "JSON")):
            self.assert_refused("pseudonymize", self.vault, *MRN, "--on-error", "skip", input=text,
                                says=("record 2" if says == "JSON" or "x,2" in text else "record 1", says))

    def test_one_quote_too_many_in_a_large_input_does_not_take_its_memory(self):
        if self.sanitized:
            self.skipTest("a build with sanitizers cannot be given little address space")
        text = b'mrn,b\n1,"x\n' + b"2,something or other\n" * 4_000_000
        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (900 << 20, 900 << 20))

        outcome = self.run_it("-o", self.path("out"), input=text, status=FAILED, preexec_fn=limit)
        self.assert_message(outcome, "record 1:", "no closing quote")

    def test_a_faulty_line_and_element_of_json_is_left_out(self):
        lines = f'{{"mrn":"1"}}\n{{"mrn":" {NAME}"}}\n{{"mrn":\n{{"mrn":"2"}}\n'
        outcome = self.run_it("--from", "jsonl", "--on-error", "skip", input=lines)
        self.assertEqual(outcome.lines(), [{"mrn": mapped("1")}, {"mrn": mapped("2")}])
        outcome = self.run_it("--on-error", "skip", input=f'[{{"mrn":" {NAME}"}},{{"mrn":"1"}},{{"mrn":true}}]')
        self.assertEqual(json.loads(outcome.out), [{"mrn": mapped("1")}])

    def test_who_is_not_enrolled_is_left_out(self):
        vault = self.make_vault("enrolled", "--mode", "enrolled")
        self.moniker("admit", vault, input=json_lines([person(1), person(2)]))
        text = "mrn\n00000001\n00000009\n00000002\n"
        self.assert_refused("pseudonymize", vault, *MRN, input=text, says=("record 2", "enrolled"))
        outcome = self.moniker("pseudonymize", vault, *MRN, "--on-error", "skip", input=text, status=SOME_REJECTED)
        self.assertEqual(len(outcome.out.splitlines()), 3)

    def test_enroll_stores_those_that_are_written_and_nobody_else(self):
        text = f"mrn,who\n1,Anna\n {NAME},Bert\n2,\n3,Patient Zero\n4,Dora\n,Emil\n5\n"
        outcome = self.run_it("--name-column", "who", "--enroll", "--role", "Patient", "--on-error", "skip",
                              input=text)
        self.assertEqual([line.split(",")[0] for line in outcome.out.decode().splitlines()],
                         ["mrn", mapped("1"), mapped("4")])
        self.assertEqual(counts(self.vault)["person"], 2)
        for record, says in ((2, "white space"), (3, '"who": name'), (4, "role"), (6, "id: empty"), (7, "fields")):
            line = next(line for line in outcome.err.splitlines() if f"record {record}:" in line)
            self.assertIn(says, line)

    # --- reject ---

    def test_reject_writes_the_records_as_they_came_for_nobody_else_to_read(self):
        text = f'\ufeffmrn,"b"\r\n1,x\r\n {NAME},"y\r\n"\r\n2\r\n3,z'
        outcome = self.run_it("--on-error", "reject=" + self.path("bad.csv"), "-o", self.path("out.csv"), input=text)
        self.assertEqual(read(self.path("bad.csv")).decode(), f'mrn,"b"\r\n {NAME},"y\r\n"\r\n2\r\n')
        self.assertEqual(os.stat(self.path("bad.csv")).st_mode & 0o777, 0o600)
        self.assertEqual(read(self.path("out.csv")).decode(), f'\ufeffmrn,"b"\r\n{mapped("1")},x\r\n{mapped("3")},z')
        self.assertIn("2 of 4 records left out", outcome.err)

    def test_mended_records_make_the_rest_of_the_output(self):
        text = "mrn,b\n" + "".join(f"{' ' if number % 7 == 0 else ''}{number},x\n" for number in range(1, 5000))
        self.run_it("--quiet", "--on-error", "reject=" + self.path("bad.csv"), "-o", self.path("out.csv"), input=text)
        mended = read(self.path("bad.csv")).replace(b"\n ", b"\n")
        rest = self.run_it("--quiet", input=mended, status=DONE).out.splitlines()[1:]
        whole = self.run_it("--quiet", input=text.replace("\n ", "\n"), status=DONE).out.splitlines()
        self.assertEqual(sorted(whole), sorted(read(self.path("out.csv")).splitlines() + rest))

    def test_rejected_elements_of_an_array_are_lines(self):
        self.run_it("--quiet", "--on-error", "reject=" + self.path("bad"), "-o", self.path("out"),
                    input='[ {"mrn":" 1"} ,\n {"mrn":"2"},{"mrn":true}]')
        self.assertEqual([json.loads(line) for line in read(self.path("bad")).splitlines()],
                         [{"mrn": " 1"}, {"mrn": True}])

    def test_nothing_rejected_is_an_empty_file(self):
        self.run_it("--quiet", "--on-error", "reject=" + self.path("bad"), input="mrn\n1\n", status=DONE)
        self.assertEqual(read(self.path("bad")), b"")

    def test_a_run_that_fails_leaves_no_rejected_records(self):
        before = tree(self.folder)
        self.run_it("--on-error", "reject=" + self.path("bad"), "-o", self.path("out"),
                    input=f'mrn\n {NAME}\n"1"x\n', status=FAILED)
        self.assert_unchanged(before)

    def test_rejected_records_do_not_go_into_a_vault_or_over_a_key(self):
        for place in (self.vault + "/bad", self.path("vault.key")):
            self.assert_refused("pseudonymize", self.vault, *MRN, "--on-error", "reject=" + place, input="mrn\n1\n",
                                status=USAGE, says=place)

    # --- ragged ---

    def test_ragged_records_are_passed_by_choice(self):
        text = "mrn,b\n1\n2,x,more\n\n3,y\n"
        outcome = self.run_it("--quiet", "--ragged", "pass", input=text, status=DONE)
        self.assertEqual(outcome.out.decode(),
                         f"mrn,b\n{mapped('1')}\n{mapped('2')},x,more\n\n{mapped('3')},y\n")
        self.run_it("--ragged", "error", input=text, status=FAILED)

    # --- report ---

    def test_the_report_counts_what_was_done(self):
        text = f'mrn,b\n1,x\n {NAME},y\n,z\n2\n'
        self.run_it("--quiet", "--on-error", "skip", "--report", self.path("report.json"), "-o", self.path("out"),
                    input=text)
        report = json.loads(read(self.path("report.json")))
        self.assertEqual(report, {"inputs": [{
            "input": "standard input", "format": "csv", "records": 4, "written": 2, "rejected": 2,
            "bytes_in": len(text), "bytes_out": len(read(self.path("out"))),
            "columns": [{"column": "mrn", "replaced": 1, "kept": 1}],
            "faults": [{"what": "id: white space at the start or end", "column": "mrn", "records": 1},
                       {"what": "not as many fields as the header has", "records": 1}]
            if report["inputs"][0]["faults"][0]["what"].startswith("id") else
            [{"what": "not as many fields as the header has", "records": 1},
             {"what": "id: white space at the start or end", "column": "mrn", "records": 1}]}]})
        self.assertNotIn(NAME, read(self.path("report.json")).decode())
        self.assertEqual(os.stat(self.path("report.json")).st_mode & 0o777, 0o600)

    def test_the_report_has_every_input(self):
        files = [write(self.path(name), text) for name, text in
                 (("a.csv", "mrn\n1\n2\n"), ("b.jsonl", '{"mrn":"1"}\n'))]
        os.mkdir(self.path("sub"))
        self.moniker("pseudonymize", self.vault, "--quiet", *MRN, "--report", self.path("report"), "--out-dir",
                     self.path("sub"), *files)
        inputs = json.loads(read(self.path("report")))["inputs"]
        self.assertEqual([(one["input"], one["format"], one["records"]) for one in inputs],
                         [(files[0], "csv", 2), (files[1], "jsonl", 1)])

    # --- standard output ---

    def test_a_run_that_fails_early_writes_nothing_to_standard_output(self):
        # Even if that is after several blocks.
        text = "mrn\n" + "".join(f"{number}\n" for number in range(80_000)) + f" {NAME}\n"
        self.assertEqual(self.run_it(input=text, status=FAILED).out, b"")

    def test_nothing_of_all_errors_has_a_value_in_it(self):
        # The rules of every run look for the name; here in each place that a message speaks of.
        for text in (f"mrn,who\n1,2\n{NAME}\n", f"mrn,who\n1,2\n{NAME},{NAME},{NAME}\n", f'mrn,who\n"{NAME}"{NAME},\n',
                     f"mrn,who\n{NAME} ,\n", f"mrn,who\n,{NAME}\n", f'{{"mrn":"{NAME} "}}', f'{{"mrn":["{NAME}"]}}',
                     f'{{"mrn":"1","who":{{"{NAME}":1}}}}', f'{{"mrn":"{NAME}'):
            for choice in ("fail", "skip"):
                outcome = self.moniker("pseudonymize", self.vault, *MRN, "--name-column", "who", "--on-error", choice,
                                       input=text, status=(FAILED, SOME_REJECTED))
                self.assertNotIn(NAME, outcome.err)


if __name__ == "__main__":
    unittest.main()
