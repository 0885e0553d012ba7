"""resolve: from what a platform knows back to the person, for who says why."""

import os
import unittest

from harness import (CONFERENCE, FAILED, KEY_OR_ALTERED, PEOPLE, REASON, SOME_REJECTED, USAGE, CliTest, counts,
                     digest_of, external_id_of, independent, json_lines, read, rows, sample, with_metadata, write)

MARIA = PEOPLE[0]
UNKNOWN = "m" + "0" * 31  # 150 zero bits: nobody's, and its check character is right
PERSON = {"issuer": "mrn.hospital-a", "id": "7", "name": "Ünal \"Uli\" O'Hara \\ 王",
          "email": "uli@example.org", "notes": "first line\nsecond line\twith a tab", "ward": ""}


class AnswerTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_vault()
        self.moniker("admit", self.vault, input=json_lines([PERSON]))
        digest = digest_of("mrn.hospital-a", "7")
        self.external_id = independent.external_id(digest)
        self.uuid = independent.uuid(digest)

    def assert_found(self, query, stdin=None):
        arguments = [query] if stdin is None else []
        answers = self.resolve(self.vault, *arguments, input=stdin or b"")
        self.assertEqual(answers, [{"query": query, **PERSON}])

    def test_the_external_id_gives_the_person_with_all_further_fields(self):
        self.assert_found(self.external_id)

    def test_the_uuid_gives_the_person_in_either_case(self):
        self.assert_found(self.uuid)
        self.assert_found(self.uuid.upper())

    def test_a_bound_participant_id_gives_the_person(self):
        participant = "bdd640fb-0667-4ad1-9c80-317fa3b1799d"
        self.moniker("bind", self.vault, input=json_lines([
            {"participant_id": participant, "external_id": self.external_id}]))
        self.assert_found(participant)

    def test_the_external_id_of_a_conference_gives_the_person(self):
        self.moniker("admit", self.vault, "--conference", CONFERENCE, input=json_lines([PERSON]))
        in_conference = external_id_of("mrn.hospital-a", "7", conference=CONFERENCE)
        self.assertNotEqual(in_conference, self.external_id)
        self.assert_found(in_conference)

    def test_an_external_id_as_a_person_types_it_is_understood(self):
        typed = self.external_id.upper().replace("0", "O").replace("1", "L")
        self.assertNotEqual(typed, self.external_id.upper())
        self.assert_found(typed)
        self.assert_found(self.external_id.replace("0", "o").replace("1", "i"))

    def test_typed_ones_and_zeros_of_every_sample_person_are_understood(self):
        self.moniker("admit", self.vault, sample("people.json"))
        for one in PEOPLE:
            for zero, one_ in (("o", "i"), ("O", "I"), ("o", "l"), ("O", "L")):
                typed = one["external_id"].upper().replace("0", zero).replace("1", one_)
                [answer] = self.resolve(self.vault, typed)
                self.assertEqual((answer["query"], answer["name"]), (typed, one["name"]))

    def test_the_external_id_with_metadata_gives_the_person(self):
        text = with_metadata(self.external_id)
        self.assert_found(text)
        self.assert_found(text[:32].upper() + text[32:])
        self.assert_found(text, stdin=text.encode() + b"\n")
        self.resolve(self.vault, self.external_id + ".mp3", text[:-1], text.upper() + "A", status=SOME_REJECTED)

    def test_ids_come_in_lines_of_standard_input(self):
        self.assert_found(self.external_id, stdin=self.external_id)
        text = f"{self.external_id}\r\n\n{UNKNOWN}\n{self.uuid}"
        answers = self.resolve(self.vault, input=text, status=SOME_REJECTED)
        self.assertEqual(answers, [{"query": self.external_id, **PERSON},
                                   {"query": UNKNOWN, "error": "not_found"},
                                   {"query": self.uuid, **PERSON}])

    def test_the_output_of_admit_is_an_input(self):
        admitted = self.moniker("admit", self.vault, input=json_lines([PERSON])).out
        self.assertEqual(self.resolve(self.vault, input=admitted), [{"query": self.external_id, **PERSON}])

    def test_a_wrong_character_finds_nobody(self):
        wrong = self.external_id[:5] + ("0" if self.external_id[5] != "0" else "1") + self.external_id[6:]
        self.assertEqual(self.resolve(self.vault, wrong, status=SOME_REJECTED),
                         [{"query": wrong, "error": "not_found"}])

    def test_answers_come_in_the_order_of_the_questions_also_twice(self):
        ids = [self.external_id, UNKNOWN, self.external_id]
        answers = self.resolve(self.vault, *ids, status=SOME_REJECTED)
        self.assertEqual([answer["query"] for answer in answers], ids)
        self.assertEqual([("name" in answer) for answer in answers], [True, False, True])

    def test_another_process_and_folder_makes_no_difference(self):
        [answer] = self.moniker("resolve", "vault", *REASON, self.external_id, cwd=self.folder).lines()
        os.mkdir(self.path("elsewhere"))
        [again] = self.moniker("resolve", "../vault", *REASON, self.external_id,
                               cwd=self.path("elsewhere")).lines()
        self.assertEqual(again, answer)

    def test_the_other_suite_resolves_as_well(self):
        vault = self.make_vault("hmac", suite="hmac-sha256")
        self.moniker("admit", vault, input=json_lines([PERSON]))
        external_id = external_id_of("mrn.hospital-a", "7", suite="hmac-sha256")
        self.assertEqual(self.resolve(vault, external_id), [{"query": external_id, **PERSON}])


class UnknownTest(CliTest):
    def test_an_unknown_id_is_not_found_and_the_exit_status_is_3(self):
        vault = self.make_sample_vault()
        for query in (UNKNOWN, "18ad55a1-0e07-80d3-8582-350f689bfe7e", "nobody", "with blank", "é"):
            outcome = self.moniker("resolve", vault, *REASON, query, status=SOME_REJECTED)
            self.assertEqual(outcome.lines(), [{"query": query, "error": "not_found"}])
            self.assertEqual(outcome.err, "moniker: 1 ID not known here\n")

    def test_an_id_that_is_not_utf8_gives_no_line_that_is_not_json(self):
        vault = self.make_sample_vault()
        for how in ({"input": b"\xff\xfe\n"}, {"argument": b"\xff"}):
            with self.subTest(how):
                arguments = [how.pop("argument")] if "argument" in how else []
                outcome = self.moniker("resolve", vault, *REASON, *arguments, **how,
                                       status=(FAILED, USAGE, SOME_REJECTED))
                outcome.out.decode("utf-8")
                self.assertEqual(len(outcome.lines()), 1 if outcome.status == SOME_REJECTED else 0)

    def test_the_count_is_of_ids_not_known_and_quiet_leaves_it_out(self):
        vault = self.make_sample_vault()
        ids = ["a", MARIA["external_id"], "b"]
        outcome = self.moniker("resolve", vault, *REASON, *ids, status=SOME_REJECTED)
        self.assertEqual(outcome.err, "moniker: 2 IDs not known here\n")
        outcome = self.moniker("resolve", vault, *REASON, "--quiet", *ids, status=SOME_REJECTED)
        self.assertEqual(outcome.err, "")

    def test_the_ids_of_another_vault_are_unknown_even_with_the_same_root_key(self):
        self.make_sample_vault("one")
        other = self.make_vault("other")
        self.resolve(other, MARIA["external_id"], MARIA["participant_id"], status=SOME_REJECTED)


class ReasonTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_sample_vault()

    def test_without_actor_or_purpose_nobody_is_told(self):
        for reason in ((), REASON[:2], REASON[2:]):
            for command in (["resolve", self.vault, MARIA["external_id"]],
                            ["reidentify", self.vault, sample("live-participants.json")]):
                missing = [option for option in ("--actor", "--purpose") if option not in reason][0]
                self.assert_refused(*command, *reason, status=USAGE, says=(missing, "required"))

    def test_an_actor_or_purpose_that_says_nothing_is_refused(self):
        for bad in ("", "x" * 129, "two\nlines", "\u0085"):
            for reason in (("--actor", bad, "--purpose", "p"), ("--actor", "a", "--purpose", bad)):
                option = reason[0] if reason[1] == bad else reason[2]
                says = (option, "1 to 128 bytes" if bad else "empty")
                self.assert_refused("resolve", self.vault, *reason, MARIA["external_id"], status=USAGE, says=says)
                self.assert_refused("reidentify", self.vault, *reason, sample("live-participants.json"),
                                    status=USAGE, says=says)

    def test_each_run_leaves_one_audit_entry_known_ids_or_not(self):
        for ids in ([MARIA["external_id"]], [one["external_id"] for one in PEOPLE], [UNKNOWN]):
            before = counts(self.vault)["audit"]
            self.moniker("resolve", self.vault, *REASON, *ids, status=None)
            self.assertEqual(counts(self.vault)["audit"], before + 1)

    def test_audit_entries_are_added_and_never_changed(self):
        self.moniker("resolve", self.vault, *REASON, MARIA["external_id"])
        first = rows(self.vault)["audit"]
        self.moniker("resolve", self.vault, *REASON, MARIA["external_id"])
        second = rows(self.vault)["audit"]
        self.assertEqual({tag: second[tag] for tag in first}, first)
        self.assertEqual(sorted(second), [n.to_bytes(8, "big") for n in (1, 2)])

    def test_nothing_asked_is_nothing_answered(self):
        outcome = self.moniker("resolve", self.vault, *REASON)
        self.assertEqual((outcome.out, outcome.err), (b"", ""))


class KeyTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_sample_vault()

    def test_the_key_file_at_another_path_opens_the_vault(self):
        os.rename(self.vault + ".key", self.path("moved.key"))
        [answer] = self.resolve(self.vault, "--key-file", self.path("moved.key"), MARIA["external_id"])
        self.assertEqual(answer["name"], MARIA["name"])

    def test_a_moved_vault_still_knows_its_key_file(self):
        os.rename(self.vault, self.path("moved"))
        self.assertEqual(self.resolve("moved", MARIA["external_id"])[0]["name"], MARIA["name"])

    def test_the_key_file_of_another_vault_opens_nothing(self):
        self.make_vault("other")
        for command in (["resolve", self.vault, *REASON, MARIA["external_id"]],
                        ["reidentify", self.vault, *REASON, sample("live-participants.json")],
                        ["admit", self.vault, sample("people.json")],
                        ["bind", self.vault, sample("people.json")],
                        ["check", self.vault, sample("people.json")],
                        ["pseudonymize", self.vault, "--column", "mrn=mrn.hospital-a",
                         sample("visits.csv")]):
            outcome = self.assert_refused(*command, "--key-file", self.path("other.key"),
                                          status=KEY_OR_ALTERED, says="the key file is not that of the keyring")
            self.assertIn("moniker: hint: ", outcome.err)

    def test_a_key_file_one_digit_off_opens_nothing(self):
        key = bytearray(read(self.vault + ".key"))
        for place in (14, 40, 77):
            changed = bytearray(key)
            changed[place] = ord("0") if key[place] != ord("0") else ord("1")
            write(self.path("changed.key"), bytes(changed), 0o600)
            self.assert_refused("resolve", self.vault, *REASON, "--key-file", self.path("changed.key"),
                                MARIA["external_id"], status=KEY_OR_ALTERED, says="not that of the keyring")

    def test_a_passphrase_opens_its_vault_and_another_does_not(self):
        right = write(self.path("right"), "correct horse\n", 0o600)
        vault = self.path("by-passphrase")
        self.moniker("init", vault, "--app", "clinic-7", "--passphrase-file", right,
                     "--import-root", sample("root.hex"), "--quiet")
        self.moniker("admit", vault, "--passphrase-file", right, sample("people.json"))
        # One line feed at the end of the file is not part of it.
        write(right, "correct horse", 0o600)
        self.assertEqual(self.resolve(vault, "--passphrase-file", right, MARIA["external_id"])[0]["name"],
                         MARIA["name"])
        for wrong in ("correct horse\n\n", "correct horsf"):
            self.assert_refused("resolve", vault, *REASON, "--passphrase-file",
                                write(self.path("wrong"), wrong, 0o600), MARIA["external_id"],
                                status=KEY_OR_ALTERED, says="the passphrase is not that of the keyring")

    def test_a_vault_says_which_protector_it_wants(self):
        passphrase = write(self.path("passphrase"), "correct horse\n", 0o600)
        outcome = self.assert_refused("resolve", self.vault, *REASON, "--passphrase-file", passphrase, "x",
                                      status=USAGE, says="protected by a key file")
        self.assertIn("hint: ", outcome.err)
        vault = self.path("by-passphrase")
        self.moniker("init", vault, "--app", "a", "--passphrase-file", passphrase, "--quiet")
        for option in ((), ("--key-file", self.vault + ".key")):
            self.assert_refused("resolve", vault, *REASON, *option, "x", status=USAGE,
                                says="protected by a passphrase")

    def test_both_protectors_at_once_are_refused(self):
        self.assert_refused("resolve", self.vault, *REASON, "--key-file", "a", "--passphrase-file", "b", "x",
                            status=USAGE, says="--passphrase-file")


if __name__ == "__main__":
    unittest.main()
