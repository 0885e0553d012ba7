"""reidentify: the samples, one of each shape of export, become exactly what they were made of."""

import csv
import io
import json
import os
import unittest

from harness import (CONFERENCE, DONE, FAILED, PEOPLE, REASON, SOME_REJECTED, USAGE, CliTest, counts, digest_of,
                     external_id_of, independent, json_lines, read, sample, with_metadata, write)

LABELS = {one["external_id"]: independent.label(digest_of(one["issuer"], one["id"])) for one in PEOPLE}


def display_name(one):
    return f"{one['role']} {LABELS[one['external_id']]}"


def put_back(text, people=PEOPLE, participants="keep"):
    """What a text of the samples becomes: there every ID and display name is that of one of the people,
    and stands where it is to be replaced."""
    for one in people:
        text = text.replace(one["external_id"], one["id"]).replace(display_name(one), one["name"])
        if participants != "keep":
            text = text.replace(one["participant_id"], one[participants])
    return text


class ReidentifyTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_sample_vault()

    def reidentify(self, *arguments, status=DONE, **options):
        return self.moniker("reidentify", self.vault, *REASON, *arguments, status=status, **options)

    @staticmethod
    def told(external_ids=0, participant_ids=0, names=0, unknown=0, ambiguous=0):
        return (f"moniker: {external_ids} external IDs, {participant_ids} participant IDs known; {names} names put "
                f"back; {unknown} IDs unknown, {ambiguous} names ambiguous\n")


class SamplesTest(ReidentifyTest):
    # By file: exit status, and the counts of occurrences, found by hand.
    EXPECTED = {
        "conference-created.json": (DONE, dict(external_ids=6)),
        "live-participants.json": (DONE, dict(external_ids=5, participant_ids=5, names=5)),
        "monitor-conferences.json": (DONE, dict(external_ids=1, participant_ids=1, names=1)),
        "monitor-participants.json": (DONE, dict(external_ids=4, participant_ids=8, names=4)),
        # The mixer has an external ID and a participant ID of its own.
        "monitor-webhooks.json": (SOME_REJECTED, dict(external_ids=2, participant_ids=4, names=3, unknown=2)),
        "recordings.json": (DONE, dict(participant_ids=9)),
        "webhook-conference-ended.json": (SOME_REJECTED,
                                          dict(external_ids=1, participant_ids=3, names=2, unknown=2)),
    }

    def test_every_sample_of_an_export_is_expected(self):
        exports = {name for name in os.listdir(os.path.dirname(sample("x"))) if name.endswith(".json")}
        self.assertEqual(exports - {"people.json"}, set(self.EXPECTED))

    def check(self, name, participants):
        text = read(sample(name)).decode("utf-8")
        policy = {"keep": [], "id": ["--participants", "id"], "name": ["--participants", "name"]}[participants]
        status, numbers = self.EXPECTED[name]
        outcome = self.reidentify(*policy, sample(name), status=status)
        self.assertEqual(outcome.out.decode("utf-8"), put_back(text, participants=participants))
        self.assertEqual(outcome.err, self.told(**numbers))
        json.loads(outcome.out)

    def test_participant_ids_stay_unless_told_otherwise(self):
        for name in self.EXPECTED:
            with self.subTest(name):
                self.check(name, "keep")

    def test_participant_ids_become_identifiers(self):
        for name in self.EXPECTED:
            with self.subTest(name):
                self.check(name, "id")

    def test_participant_ids_become_names(self):
        for name in self.EXPECTED:
            with self.subTest(name):
                self.check(name, "name")

    def test_keep_is_what_is_done_by_itself(self):
        name = sample("live-participants.json")
        self.assertEqual(self.reidentify("--participants", "keep", name).out, self.reidentify(name).out)

    def test_a_vault_that_knows_nobody_changes_nothing_and_counts_all(self):
        empty = self.make_vault("empty")
        text = read(sample("live-participants.json"))
        outcome = self.moniker("reidentify", empty, *REASON, sample("live-participants.json"),
                               status=SOME_REJECTED)
        self.assertEqual(outcome.out, text)
        self.assertEqual(outcome.err, self.told(unknown=10))

    def test_one_run_is_one_audit_entry(self):
        before = counts(self.vault)["audit"]
        self.reidentify(sample("live-participants.json"))
        self.assertEqual(counts(self.vault)["audit"], before + 1)

    def test_the_usage_errors_are_told_before_anything_is_asked(self):
        self.assert_refused("reidentify", self.vault, *REASON, "--participants", "drop",
                            sample("recordings.json"), status=USAGE, says="--participants")
        self.assert_refused("reidentify", self.vault, *REASON, "--from", "xml", sample("recordings.json"),
                            status=USAGE, says="--from")


class JsonLinesTest(ReidentifyTest):
    def test_one_document_a_line_keeps_its_lines(self):
        live = json.loads(read(sample("live-participants.json")))["participants"]
        text = "".join(json.dumps(one) + "\r\n" for one in live)
        outcome = self.reidentify(input=text)
        self.assertEqual(outcome.out.decode("utf-8"), put_back(text))
        file = write(self.path("live.jsonl"), text)
        self.assertEqual(self.reidentify(file).out, outcome.out)
        self.assertEqual(self.reidentify("--from", "jsonl", file).out, outcome.out)

    def test_an_external_id_with_metadata_goes_with_its_metadata(self):
        one = PEOPLE[0]
        text = with_metadata(one["external_id"])
        outcome = self.reidentify(input=json_lines([
            {"externalId": text, "name": "Patient RCG-V3F", "file": f"rec_{text}.mp3", "old": one["external_id"] + ".mp3"}]))
        self.assertEqual(outcome.lines(), [{"externalId": one["id"], "name": one["name"],
                                            "file": f"rec_{one['id']}.mp3", "old": one["id"] + ".mp3"}])
        self.assertEqual(outcome.err, self.told(external_ids=3, names=1))

    def test_strings_that_hold_json_are_written_as_json_again(self):
        # A name that needs escapes on every level.
        self.moniker("admit", self.vault, input=json_lines(
            [{"issuer": "mrn.hospital-a", "id": 'q"1\\', "name": 'Anna "Änn" \\ Öst'}]))
        digest = digest_of("mrn.hospital-a", 'q"1\\')
        inner = {"externalId": independent.external_id(digest), "name": "Participant " + independent.label(digest),
                 "score": 1.50}
        expected = {"externalId": 'q"1\\', "name": 'Anna "Änn" \\ Öst', "score": 1.50}

        def nested(value, depth):
            for _ in range(depth):
                value = {"webhook": json.dumps(value, ensure_ascii=False)}
            return json.dumps(value, ensure_ascii=False)

        for depth in range(4):
            outcome = self.reidentify(input=nested(inner, depth))
            self.assertEqual(outcome.out.decode("utf-8"), nested(expected, depth), f"depth {depth}")

    def test_two_keys_that_become_one_are_refused(self):
        there = external_id_of("mrn.hospital-a", "00123456", conference=CONFERENCE)
        self.moniker("admit", self.vault, "--conference", CONFERENCE, sample("people.json"))
        text = json.dumps({"usersTokens": {PEOPLE[0]["external_id"]: "a", there: "b"}})
        before = counts(self.vault)["person"]
        outcome = self.reidentify(input=text, status=FAILED)
        self.assert_message(outcome, "record 1", "two different keys")
        self.assertEqual(counts(self.vault)["person"], before)

    def test_what_is_not_json_is_refused_with_its_document(self):
        good = '{"externalId":"x"}\n'
        for bad in ("{", '{"a":1}}', '{"a":01}', '{"a":"\\ud800"}', b'{"a":"\xff"}', "nonsense"):
            text = good.encode() + (bad if isinstance(bad, bytes) else bad.encode())
            outcome = self.reidentify("--from", "jsonl", "-o", self.path("out"), input=text, status=FAILED)
            self.assert_message(outcome, "record 2")
            self.assertFalse(os.path.exists(self.path("out")))


class CsvTest(ReidentifyTest):
    def table(self, quoting=csv.QUOTE_MINIMAL, delimiter=","):
        """The live participants as a CSV file."""
        live = json.loads(read(sample("live-participants.json")))["participants"]
        file = io.StringIO(newline="")
        writer = csv.DictWriter(file, list(live[0]), quoting=quoting, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(live)
        return file.getvalue()

    def test_the_live_participants_as_csv(self):
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
            text = self.table(quoting)
            outcome = self.reidentify(input=text)
            self.assertEqual(outcome.out.decode("utf-8"), put_back(text))
            self.assertEqual(outcome.err, self.told(external_ids=5, participant_ids=5, names=5))

    def test_the_live_participants_as_tsv(self):
        text = self.table(delimiter="\t")
        self.assertEqual(self.reidentify("--from", "tsv", input=text).out.decode("utf-8"), put_back(text))
        self.assertEqual(self.reidentify(write(self.path("x.tsv"), text)).out.decode("utf-8"), put_back(text))

    def test_participant_ids_in_csv(self):
        text = self.table()
        for policy in ("id", "name"):
            outcome = self.reidentify("--participants", policy, input=text)
            self.assertEqual(outcome.out.decode("utf-8"), put_back(text, participants=policy))

    def test_a_value_that_needs_quotes_gets_them(self):
        self.moniker("admit", self.vault, input=json_lines(
            [{"issuer": "mrn.hospital-a", "id": "a,b", "name": 'Anna "Änn", Öst'}]))
        digest = digest_of("mrn.hospital-a", "a,b")
        text = f"externalId,name\n{independent.external_id(digest)},Participant {independent.label(digest)}\n"
        self.assertEqual(self.reidentify(input=text).out.decode("utf-8"),
                         'externalId,name\n"a,b","Anna ""Änn"", Öst"\n')

    def test_the_name_column_is_the_one_told(self):
        one = PEOPLE[0]
        text = f"who,shown as\n{one['external_id']},{display_name(one)}\n"
        self.assertEqual(self.reidentify(input=text).out.decode("utf-8"),
                         f"who,shown as\n{one['id']},{display_name(one)}\n")
        for more in ([], ["--name-column", "also"]):
            self.assertEqual(
                self.reidentify("--name-column", "shown as", *more, input=text).out.decode("utf-8"),
                f"who,shown as\n{one['id']},{one['name']}\n")

    def test_a_name_member_of_json_is_the_one_told(self):
        one = PEOPLE[2]
        text = json.dumps({"exid": one["external_id"], "shownAs": display_name(one)}, ensure_ascii=False)
        self.assertEqual(self.reidentify("--name-column", "shownAs", input=text).out.decode("utf-8"),
                         put_back(text))
        self.assertEqual(self.reidentify(input=text).out.decode("utf-8"),
                         text.replace(one["external_id"], one["id"]))

    def test_a_ragged_record_is_refused_with_its_number(self):
        outcome = self.reidentify("-o", self.path("out"), input="a,b\n1,2\n1,2,3\n", status=FAILED)
        self.assert_message(outcome, "record 2", "as many fields")
        self.assertFalse(os.path.exists(self.path("out")))

    def test_the_format_told_goes_before_the_ending(self):
        text = self.table()
        file = write(self.path("x.json"), text)
        self.assertEqual(self.reidentify("--from", "csv", file).out.decode("utf-8"), put_back(text))


class OutputTest(ReidentifyTest):
    def test_unknown_ids_pass_and_are_counted_and_the_exit_status_is_3(self):
        stranger = external_id_of("mrn.hospital-a", "stranger")
        text = json.dumps({"participants": [{"externalId": stranger, "name": "Patient ABC-DEF"},
                                            {"externalId": PEOPLE[0]["external_id"]}], "note": stranger})
        outcome = self.reidentify(input=text, status=SOME_REJECTED)
        self.assertEqual(outcome.out.decode(), put_back(text))
        self.assertEqual(outcome.err, self.told(external_ids=1, unknown=2))

    def test_the_id_of_a_thing_is_no_unknown_person(self):
        # Else every export whose records have an `id` ends with 3, and 3 says nothing any more.
        text = json.dumps({"webhooks": [{"id": "w1", "participant": {"externalId": PEOPLE[0]["external_id"],
                                                                     "name": display_name(PEOPLE[0])}}]})
        outcome = self.reidentify(input=text, status=(DONE, SOME_REJECTED))
        self.assertEqual(outcome.out.decode(), put_back(text))
        self.assertEqual((outcome.status, outcome.err), (DONE, self.told(external_ids=1, names=1)))

    def test_quiet_says_nothing(self):
        for name, status in (("live-participants.json", DONE),
                             ("webhook-conference-ended.json", SOME_REJECTED)):
            self.assertEqual(self.reidentify("--quiet", sample(name), status=status).err, "")

    def test_the_output_file_is_whole_and_private_and_standard_output_empty(self):
        for name, (status, numbers) in SamplesTest.EXPECTED.items():
            outcome = self.reidentify("-o", self.path("out"), sample(name), status=status)
            self.assertEqual(outcome.out, b"")
            self.assertEqual(outcome.err, self.told(**numbers))
            self.assertEqual(read(self.path("out")).decode("utf-8"), put_back(read(sample(name)).decode("utf-8")))
            self.assertEqual(os.stat(self.path("out")).st_mode & 0o777, 0o600)
        self.assertEqual(sorted(os.listdir(self.folder)), ["out", "vault", "vault.key"])

    def test_a_run_that_fails_leaves_the_former_output(self):
        write(self.path("out"), "former")
        self.reidentify("-o", self.path("out"), input='{"a":', status=FAILED)
        self.assertEqual(read(self.path("out")), b"former")
        self.assertEqual(sorted(os.listdir(self.folder)), ["out", "vault", "vault.key"])


if __name__ == "__main__":
    unittest.main()
