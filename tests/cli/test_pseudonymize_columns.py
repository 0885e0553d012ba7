"""pseudonymize: what can be done with columns - add, drop, leave empty, several issuers, conferences - in CSV and in
JSON, against what an independent program computes and Python's csv and json read and write."""

import csv
import gzip
import io
import json
import random
import shutil
import subprocess
import unittest

from harness import (PEOPLE, REASON, USAGE, CliTest, counts, digest_of, external_id_of, independent, read, sample,
                     write)

MRN = ("--column", "mrn=mrn.hospital-a")
ISSUER = "mrn.hospital-a"


def mapped(value, **where):
    return external_id_of(ISSUER, value, **where) if value else value


class ColumnsTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_vault()

    def pseudonymize(self, *arguments, **options):
        options.setdefault("reveals", True)
        return self.moniker("pseudonymize", self.vault, "--quiet", *arguments, **options).out.decode("utf-8")

    # --- CSV ---

    def test_a_column_is_added_beside_the_one_it_is_made_of(self):
        text = 'a,mrn,b\r\n1,00123456,2\r\n3,,4\r\n5,"x,1",6'
        self.assertEqual(self.pseudonymize(*MRN, "--add", "pseudonym=mrn", input=text),
                         f'a,mrn,pseudonym,b\r\n1,00123456,{mapped("00123456")},2\r\n3,,,4\r\n'
                         f'5,"x,1","{mapped("x,1")}",6')

    def test_an_added_column_and_a_dropped_one_are_a_new_name(self):
        self.assertEqual(self.pseudonymize(*MRN, "--add", "pseudonym=mrn", "--drop", "mrn", input="a,mrn\n1,2\n"),
                         f"a,pseudonym\n1,{mapped('2')}\n")
        self.assertEqual(self.pseudonymize(*MRN, "--add", "pseudonym=mrn", "--drop", "mrn",
                                           input='{"a":1, "mrn" : "2"}'),
                         f'{{"a":1, "pseudonym" : "{mapped("2")}"}}')

    def test_empty_values_and_those_told_stay(self):
        text = 'mrn,b\n,1\n"",2\nNULL,3\n"N/A",4\nnull,5\n'
        expected = text.replace("null,5", f"{mapped('null')},5")
        self.assertEqual(self.pseudonymize(*MRN, "--null-values", "NULL", "--null-values", "N/A", input=text), expected)
        self.assertNotIn("NULL", self.pseudonymize(*MRN, input=text))

    def test_a_name_does_not_stay_because_its_identifier_is_missing(self):
        for text in ("mrn,who\n1,Anna\n,Bert\n", '[{"mrn":"1","who":"Anna"},{"mrn":null,"who":"Bert"}]',
                     '[{"mrn":"1","who":"Anna"},{"who":"Bert"}]'):
            for enroll in ([], ["--enroll"]):
                outcome = self.assert_refused("pseudonymize", self.vault, *MRN, "--name-column", "who", *enroll,
                                              input=text, says="record 2")
                self.assertNotIn("Bert", outcome.err)

    def test_a_record_without_identifier_and_name_stays_empty(self):
        out = self.pseudonymize(*MRN, "--name-column", "who", "--enroll", input="mrn,who\n1,Anna\n,\n")
        self.assertEqual(out.splitlines()[2], ",")
        self.assertEqual(counts(self.vault)["person"], 1)

    def test_columns_of_several_issuers_and_kinds(self):
        text = "mail,tel,mrn\nMaria.Jensen@Example.ORG,+45 12 34 56 78,00123456\n"
        out = self.pseudonymize("--column", "mail=email", "--column", "tel=phone", *MRN, input=text).splitlines()[1]
        self.assertEqual(out.split(",")[2], mapped("00123456"))
        same = self.pseudonymize("--column", "mail=email", "--column", "tel=phone", *MRN,
                                 input=text.replace("Maria.Jensen@Example.ORG", "maria.jensen@example.org")
                                 .replace(" ", "")).splitlines()[1]
        self.assertEqual(out, same)

    def test_the_conference_stands_in_a_column(self):
        chance = random.Random(5)
        # More conferences than are kept open, in no order.
        records = [(f"{number:06}", f"visit-{chance.randrange(150)}") for number in range(3000)]
        text = "mrn,conference\n" + "".join(f"{value},{conference}\n" for value, conference in records)
        expected = "mrn,conference\n" + "".join(
            f"{mapped(value, conference=conference)},{conference}\n" for value, conference in records)
        self.assertEqual(self.pseudonymize(*MRN, "--conference-column", "conference", input=text), expected)
        one = self.pseudonymize(*MRN, "--conference", "visit-7", input="mrn\n000001\n")
        self.assertEqual(self.pseudonymize(*MRN, "--conference-column", "c", input="mrn,c\n000001,visit-7\n"),
                         one.replace("mrn\n", "mrn,c\n").rstrip("\n") + ",visit-7\n")

    def test_an_identifier_without_its_conference_is_refused(self):
        # It must not fall into the scope of the app.
        for text in ("mrn,c\n1,a\n2,\n", '[{"mrn":"1","c":"a"},{"mrn":"2"}]', '[{"mrn":"1","c":"a"},{"mrn":"2","c":null}]'):
            self.assert_refused("pseudonymize", self.vault, *MRN, "--conference-column", "c", input=text,
                                says=("record 2", "conference"))
        self.assert_refused("pseudonymize", self.vault, *MRN, "--conference-column", "c",
                            input="mrn,c\n1," + "x" * 256 + "\n", says=("record 1", '"c"'))
        self.assertEqual(self.pseudonymize(*MRN, "--conference-column", "c", input="mrn,c\n,\n"), "mrn,c\n,\n")

    def test_persons_are_enrolled_in_the_conference_of_their_record(self):
        text = "mrn,who,c\n1,Anna,one\n2,Bert,two\n1,Anna,two\n"
        out = self.pseudonymize(*MRN, "--name-column", "who", "--conference-column", "c", "--enroll", input=text)
        self.assertEqual([line.split(",")[0] for line in out.splitlines()[1:]],
                         [mapped("1", conference="one"), mapped("2", conference="two"), mapped("1", conference="two")])
        back = self.moniker("reidentify", self.vault, *REASON, "--quiet", "--name-column", "who", input=out).out
        self.assertEqual(back.decode(), text)

    def test_other_separators_and_quotes(self):
        text = "mrn;b\n'1;2';\"x\n"
        self.assertEqual(self.pseudonymize(*MRN, "--separator", ";", "--quote", "'", input=text),
                         f"mrn;b\n'{mapped('1;2')}';\"x\n")
        text = 'mrn\tb\n5"\t"x\n'
        self.assertEqual(self.pseudonymize(*MRN, "--separator", "tab", "--quote", "none", input=text),
                         f'mrn\tb\n{mapped(chr(53) + chr(34))}\t"x\n')

    # --- JSON ---

    def test_paths_are_columns(self):
        text = ('{ "participant" : {"externalId":"1", "n":0.1000},\n "participants":[{"id":2},{"id":null},{}],'
                ' "id":"3", "big":12345678901234567890123 }\n')
        expected = (text.replace('"1"', f'"{mapped("1")}"').replace('"id":2', f'"id":"{mapped("2")}"'))
        self.assertEqual(self.pseudonymize("--column", f"participant.externalId={ISSUER}", "--column",
                                           f"participants[].id={ISSUER}", input=text), expected)

    def test_names_beside_identifiers_in_lists_are_enrolled_and_come_back(self):
        text = '{"p":[{"id":"1","name":"Anna Qvist"},{"name":"Bert Rask","id":"2"}]}'
        out = self.pseudonymize("--column", f"p[].id={ISSUER}", "--name-column", "p[].name", "--enroll", input=text)
        for value in "12":
            self.assertIn(f'"id":"{mapped(value)}"', out)
            self.assertIn(f'"name":"Participant {independent.label(digest_of(ISSUER, value))}"', out)
        self.assertEqual(counts(self.vault)["person"], 2)
        # The member `id` is one's own ID if it is known.
        back = self.moniker("reidentify", self.vault, *REASON, "--quiet", input=out).out.decode()
        self.assertEqual(back, text)

    def test_json_lines_by_ending_and_by_option(self):
        chance = random.Random(6)
        records = [{"n": number, "mrn": chance.choice([f"{number:05}", f"é{number}", f'"{number}\\', "", None]),
                    "x": [number, {"mrn": "no"}]} for number in range(2000)]
        text = "".join(json.dumps(one, ensure_ascii=chance.randrange(2) == 0) + "\n" for one in records)
        file = write(self.path("in.jsonl"), text)
        for arguments, options in (((file,), {}), (("--from", "jsonl"), {"input": text}), ((), {"input": text})):
            out = self.pseudonymize(*MRN, *arguments, **options)
            self.assertEqual([json.loads(line) for line in out.splitlines()],
                             [{**one, "mrn": mapped(one["mrn"])} for one in records])

    def test_a_path_that_leads_nowhere_is_refused(self):
        self.assert_refused("pseudonymize", self.vault, "--column", f"particpant.id={ISSUER}",
                            input='{"participant":{"id":"1"}}', says=("particpant.id", "none"))
        self.assert_refused("pseudonymize", self.vault, "--column", f"participants.id={ISSUER}",
                            input='{"participants":[{"id":"1"}]}', says=("record 1", "path"))

    def test_a_sample_there_and_back(self):
        vault = self.make_sample_vault("admitted")
        original = read(sample("live-participants.json")).decode("utf-8")
        back = self.moniker("reidentify", vault, *REASON, "--quiet", sample("live-participants.json")).out
        self.assertNotIn(b'"externalId": "m', back)
        again = self.moniker("pseudonymize", vault, "--quiet", "--column", f"participants[].externalId={ISSUER}",
                             "--name-column", "participants[].name", "--role", "Patient", input=back, reveals=True)
        for before, after in zip(json.loads(original)["participants"], json.loads(again.out)["participants"]):
            # The samples have people of other issuers and roles too.
            if any(one["external_id"] == before["externalId"] and one["issuer"] == ISSUER for one in PEOPLE):
                self.assertEqual({**after, "name": ""}, {**before, "name": ""})
                self.assertEqual(after["name"].split()[-1], before["name"].split()[-1])

    # --- Compression and several inputs ---

    def test_gzip_and_zstd_in_and_out(self):
        text = "mrn,b\n" + "".join(f"{number},x\n" for number in range(50_000))
        expected = self.pseudonymize(*MRN, input=text)
        plain = write(self.path("in.csv"), text)
        write(self.path("in.csv.gz"), gzip.compress(text.encode()))
        for name in ("in.csv", "in.csv.gz"):
            for out in ("out.csv", "out.csv.gz", "out.csv.zst"):
                self.pseudonymize(*MRN, "-o", self.path(out), self.path(name))
            self.assertEqual(read(self.path("out.csv")).decode(), expected)
            self.assertEqual(gzip.decompress(read(self.path("out.csv.gz"))).decode(), expected)
        # Other people's program for zstd may not be there; ours reads what it wrote.
        if shutil.which("zstd"):
            done = subprocess.run(["zstd", "-dc", self.path("out.csv.zst")], stdout=subprocess.PIPE, check=True)
            self.assertEqual(done.stdout.decode(), expected)
        once = self.pseudonymize(*MRN, "--from", "csv", input=read(self.path("out.csv.zst")))
        self.assertEqual(once, self.pseudonymize(*MRN, input=expected))
        # Found by the text, not by the name.
        write(self.path("odd.csv"), gzip.compress(text.encode()))
        self.assertEqual(self.pseudonymize(*MRN, self.path("odd.csv")), expected)
        self.assertEqual(read(plain).decode(), text)

    def test_a_compressed_input_that_is_cut_off_is_refused(self):
        whole = gzip.compress(b"mrn\n1\n2\n" * 1000)
        self.assert_refused("pseudonymize", self.vault, *MRN, input=whole[:-5], says="too early")
        self.assert_refused("pseudonymize", self.vault, *MRN, input=whole + b"more", says="damaged")

    def test_several_inputs_go_into_a_folder_under_their_names(self):
        files = [write(self.path("a.csv"), "mrn\n1\n"), write(self.path("b.json"), '[{"mrn":"2"}]'),
                 write(self.path("c.csv.gz"), gzip.compress(b"mrn\n3\n"))]
        out = self.path("out")
        subprocess.run(["mkdir", out], check=True)
        self.pseudonymize(*MRN, "--out-dir", out, *files)
        self.assertEqual(read(out + "/a.csv").decode(), f"mrn\n{mapped('1')}\n")
        self.assertEqual(json.loads(read(out + "/b.json")), [{"mrn": mapped("2")}])
        self.assertEqual(gzip.decompress(read(out + "/c.csv.gz")).decode(), f"mrn\n{mapped('3')}\n")

    def test_inputs_and_outputs_that_do_not_go_together_are_usage_errors(self):
        one, two = write(self.path("a.csv"), "mrn\n1\n"), write(self.path("b.csv"), "mrn\n1\n")
        subprocess.run(["mkdir", self.path("sub")], check=True)
        subprocess.run(["mkdir", self.path("other")], check=True)
        same = write(self.path("other/a.csv"), "mrn\n1\n")
        for arguments, says in (((one, two), "--out-dir"), (("--out-dir", self.folder, one), "same file"),
                                (("--out-dir", self.path("sub"), "-o", "x", one), "--out-dir"),
                                (("--out-dir", self.path("sub")), "--out-dir"),
                                (("--out-dir", self.path("sub"), one, same), "twice"),
                                (("--out-dir", self.vault, one), "vault"),
                                (("-o", self.path("x"), "--report", self.path("x"), one), "twice"),
                                (("--on-error", "reject=" + one, one), "same file"),
                                (("--report", one, one), "same file"),
                                (("--on-error", "reject=x", "--out-dir", self.path("sub"), one, two), "--on-error")):
            with self.subTest(arguments):
                self.assert_refused("pseudonymize", self.vault, *MRN, *arguments, status=USAGE, says=says)

    def test_options_that_do_not_go_together_are_usage_errors(self):
        for options, says in ((("--add", "x"), "--add"), (("--add", "x=b"), "--add"),
                              (("--add", "x=mrn", "--add", "y=mrn"), "--add"),
                              (("--conference", "a", "--conference-column", "b"), "--conference-column"),
                              (("--conference-column", "mrn"), "--conference-column"),
                              (("--conference-column", "b", "--drop", "b"), "--drop"),
                              (("--separator", "ab"), "--separator"), (("--separator", "é"), "--separator"),
                              (("--quote", "ab"), "--quote"), (("--quote", ","), "--quote"),
                              (("--ragged", "maybe"), "--ragged"), (("--on-error", "ignore"), "--on-error"),
                              (("--on-error", "reject="), "--on-error")):
            with self.subTest(options):
                self.assert_refused("pseudonymize", self.vault, *MRN, *options, input="mrn,b\n1,2\n", status=USAGE,
                                    says=says)


class DifferentialTest(CliTest):
    """Python's csv reads from the output what it reads from the input, but for the column, in every dialect."""

    def test_pythons_csv_sees_the_column_alone_changed(self):
        vault = self.make_vault()
        chance = random.Random(7)
        alphabet = ["a", "é", "王", " ", ",", ";", "\t", '"', "'", "\n", "\r\n", "x1", "|"]
        for number in range(40):
            separator, quote = chance.choice([",", ";", "\t", "|"]), chance.choice(['"', "'"])
            ending = chance.choice(["\n", "\r\n"])
            rows = [["n", "mrn", "note", "w"]]
            for record in range(chance.randrange(1, 60)):
                note = "".join(chance.choice(alphabet) for _ in range(chance.randrange(6)))
                between = "-" if separator == "\t" else separator  # identifiers have no control characters
                value = chance.choice([f"{record:04}", f"{record}{between}b", f"{quote}{record}", ""])
                rows.append([str(record), value, note, chance.choice(["", " x ", quote])])
            text = io.StringIO(newline="")
            quoting = chance.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
            csv.writer(text, delimiter=separator, quotechar=quote, lineterminator=ending, quoting=quoting).writerows(rows)
            out = self.moniker("pseudonymize", vault, "--quiet", *MRN, "--separator",
                               "tab" if separator == "\t" else separator, "--quote", quote, "--from", "csv",
                               input=text.getvalue(), reveals=True).out.decode("utf-8")
            found = list(csv.reader(io.StringIO(out, newline=""), delimiter=separator, quotechar=quote, strict=True))
            self.assertEqual(found, rows[:1] + [[n, mapped(value), note, w] for n, value, note, w in rows[1:]],
                             f"file {number}")


class LargeTest(CliTest):
    def test_memory_does_not_grow_with_the_input(self):
        if self.sanitized:
            self.skipTest("a build with sanitizers keeps memory that was given back")
        vault = self.make_vault()
        peaks = []
        for records in (20_000, 1_000_000):
            text = b"mrn,note\n" + b"".join(b"%d,something else that is of no interest\n" % i for i in range(records))
            write(self.path("in.csv"), text)
            script = ("import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); "
                      "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
            done = subprocess.run(["python3", "-c", script, self.binary, "pseudonymize", vault, "--quiet", *MRN, "-o",
                                   self.path("out.csv"), self.path("in.csv")], stdout=subprocess.PIPE, check=True)
            peaks.append(int(done.stdout))
        self.assertLess(peaks[1], peaks[0] + 20_000, "KiB")
        self.assertLess(peaks[1], 100_000, "KiB")

    def test_one_thread_and_many_give_the_same_bytes(self):
        vault = self.make_vault()
        text = "mrn,b\n" + "".join(f'{number},"x\n{number}"\n' for number in range(100_000))
        outs = [self.moniker("pseudonymize", vault, "--quiet", *MRN, "--threads", threads, input=text).out
                for threads in ("1", "2", "5")]
        self.assertTrue(outs[0] == outs[1] == outs[2])
        self.assertEqual(outs[0].count(b"\n"), text.count("\n"))


if __name__ == "__main__":
    unittest.main()
