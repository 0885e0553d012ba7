"""reidentify: files of any size and number, their names, errors in data, and the audit entry before anything is seen."""

import gzip
import json
import os
import subprocess
import unittest

from harness import (DONE, FAILED, PEOPLE, REASON, SOME_REJECTED, USAGE, CliTest, counts, external_id_of, read, sample,
                     write)
from test_reidentify import display_name, put_back

STRANGER = external_id_of("mrn.hospital-a", "stranger")


def record(one, number=0):
    return {"n": number, "externalId": one["external_id"], "userId": one["participant_id"], "name": display_name(one)}


def lines(count):
    return "".join(json.dumps(record(PEOPLE[i % len(PEOPLE)], i), ensure_ascii=False) + "\n" for i in range(count))


class FilesTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_sample_vault()

    def reidentify(self, *arguments, status=DONE, **options):
        return self.moniker("reidentify", self.vault, *REASON, *arguments, status=status, **options)

    def entries(self):
        out = self.moniker("audit", self.vault, "export").out
        return [json.loads(line) for line in out.splitlines()]

    # --- one entry a run ---

    def test_a_file_of_many_blocks_has_one_entry_with_each_person_once(self):
        text = lines(8000)  # some 1.5 MB, several blocks for each thread
        file = write(self.path("in.jsonl"), text)
        for threads in ("1", "3"):
            before = len(self.entries())
            self.reidentify("--threads", threads, "-o", self.path("out.jsonl"), file)
            self.assertEqual(read(self.path("out.jsonl")).decode(), put_back(text))
            entries = self.entries()[before:]
            self.assertEqual(len(entries), 1)
            self.assertEqual((entries[0]["asked"], len(entries[0]["persons"])),
                             (2 * len(PEOPLE), len(PEOPLE)))
            self.assertEqual((entries[0]["actor"], entries[0]["purpose"]), (REASON[1], REASON[3]))

    def test_standard_output_has_an_entry_for_every_four_mebibytes(self):
        text = lines(60_000)
        outcome = self.reidentify(input=text)
        self.assertEqual(outcome.out.decode(), put_back(text))
        expected = len(outcome.out) // (4 << 20) + 1
        self.assertLessEqual(abs(counts(self.vault)["audit"] - expected), 1)

    def test_a_run_that_fails_has_no_entry_and_no_output(self):
        before = counts(self.vault)["audit"]
        self.reidentify("-o", self.path("out"), input=lines(10) + "nonsense\n", status=FAILED)
        self.assertEqual(counts(self.vault)["audit"], before)
        self.assertFalse(os.path.exists(self.path("out")))

    # --- formats and several files ---

    def test_compressed_files_there_and_back(self):
        text = lines(50)
        write(self.path("in.jsonl.gz"), gzip.compress(text.encode()))
        self.reidentify("-o", self.path("out.jsonl.gz"), self.path("in.jsonl.gz"))
        self.assertEqual(gzip.decompress(read(self.path("out.jsonl.gz"))).decode(), put_back(text))

    def test_several_inputs_go_into_a_folder_under_their_names(self):
        os.mkdir(self.path("out"))
        names = ("live-participants.json", "recordings.json", "visits.csv")
        self.reidentify("--out-dir", self.path("out"), *map(sample, names))
        for name in names:
            self.assertEqual(read(self.path("out", name)).decode(), put_back(read(sample(name)).decode()))

    def test_an_array_is_streamed_and_its_white_space_stays(self):
        text = "[ " + " ,\n".join(json.dumps(record(PEOPLE[i % 5], i), ensure_ascii=False) for i in range(3000)) + "\n]\n"
        outcome = self.reidentify(input=text)
        self.assertEqual(outcome.out.decode(), put_back(text))

    # --- the names of files ---

    def test_participant_ids_in_the_names_of_files(self):
        one = PEOPLE[0]
        name = f"record_1_conn_{one['participant_id']}_2.json"
        file = write(self.path(name), json.dumps(record(one), ensure_ascii=False))
        for policy, expected in (("keep", name), ("id", name.replace(one["participant_id"], one["id"])),
                                 ("name", name.replace(one["participant_id"], one["name"]))):
            folder = self.path("out-" + policy)
            os.mkdir(folder)
            self.reidentify("--participants", policy, "--out-dir", folder, file, reveals=True)
            self.assertEqual(os.listdir(folder), [expected])
            self.assertEqual(read(os.path.join(folder, expected)).decode(),
                             put_back(read(file).decode(), participants=policy))

    def test_two_names_that_become_one_are_refused(self):
        one = PEOPLE[0]
        files = [write(self.path(f"{name}.json"), "{}") for name in (one["participant_id"], one["external_id"])]
        os.mkdir(self.path("out"))
        outcome = self.reidentify("--participants", "id", "--out-dir", self.path("out"), *files, status=USAGE)
        self.assertIn("an output twice", outcome.err)
        self.assertNotIn(one["id"], outcome.err)
        self.assertEqual(os.listdir(self.path("out")), [])

    # --- errors in data, report, marks ---

    def test_faulty_records_are_left_out_or_kept_apart(self):
        good, bad = lines(3), '{"a":\n'
        outcome = self.reidentify("--on-error", "reject=" + self.path("bad.jsonl"), "--report", self.path("report"),
                                  "--from", "jsonl", "-o", self.path("out"), input=good + bad + good, status=SOME_REJECTED)
        self.assertEqual(read(self.path("out")).decode(), put_back(good + good))
        self.assertEqual(read(self.path("bad.jsonl")).decode(), bad)
        self.assertEqual(os.stat(self.path("bad.jsonl")).st_mode & 0o777, 0o600)
        self.assertIn("record 4", outcome.err)
        report = json.loads(read(self.path("report")))["inputs"][0]
        self.assertEqual((report["records"], report["rejected"]), (7, 1))
        self.assertEqual(report["identities"], {"external_ids": 6, "participant_ids": 6, "names": 6, "unknown_ids": 0,
                                                "ambiguous_names": 0})

    def test_unknown_ids_are_marked(self):
        text = json.dumps({"externalId": STRANGER, "file": f"rec_{STRANGER}.mp3", "id": "w1"})
        outcome = self.reidentify("--mark-unknown", "unknown ", input=text, status=SOME_REJECTED)
        self.assertEqual(outcome.out.decode(), text.replace(STRANGER, "unknown " + STRANGER))

    # --- going on ---

    def test_a_run_that_goes_on_has_the_same_output_and_the_vault_knows_of_both(self):
        text = lines(40_000)
        file = write(self.path("in.jsonl"), text)
        command = ("reidentify", self.vault, *REASON, "--resume", "--checkpoint-every", "0", "-o", self.path("out"), file)
        process = self.start(*command)
        while process.poll() is None:
            partial = self.path("out.partial")
            if os.path.exists(partial) and os.path.getsize(partial) > 0:
                process.kill()
                break
        process.communicate()
        if os.path.exists(self.path("out.partial")) and os.path.getsize(self.path("out.partial")) > 0:
            self.assertGreater(counts(self.vault)["audit"], 0)  # nothing is seen before its entry
        self.moniker(*command)
        self.assertEqual(read(self.path("out")).decode(), put_back(text))

    def test_memory_does_not_grow_with_the_input(self):
        sizes = []
        for count in (40_000, 160_000):
            file = write(self.path("in.jsonl"), lines(count))
            process = subprocess.Popen([os.environ["MONIKER_BINARY"], "reidentify", self.vault, *REASON, "-q", "-o",
                                        self.path("out"), file])
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = status
            self.assertEqual(status, 0)
            sizes.append(usage.ru_maxrss)
        self.assertLess(sizes[1], sizes[0] * 1.2)


if __name__ == "__main__":
    unittest.main()
