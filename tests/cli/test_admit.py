"""admit: what is printed, what is stored, and that it is stored before it is printed."""

import json
import signal
import unittest

from harness import (CONFERENCE, DONE, FAILED, PEOPLE, SOME_REJECTED, CliTest, counts, digest_of, external_id_of,
                     independent, json_lines, kill_and_reap, person, read, sample, write)

AVATAR_URL = "https://avatars.example.org/{avatar}.svg"


class SamplePeopleTest(CliTest):
    def expected_ids(self):
        return [one["external_id"] for one in PEOPLE]

    def test_a_json_array_gives_the_external_ids_of_the_samples(self):
        vault = self.make_vault()
        outcome = self.moniker("admit", vault, sample("people.json"))
        self.assertEqual([line["external_id"] for line in outcome.lines()], self.expected_ids())
        self.assertEqual(outcome.err, "")

    def test_json_lines_give_the_same_bytes_as_a_json_array(self):
        array = self.moniker("admit", self.make_vault("one"), sample("people.json"))
        lines = self.moniker("admit", self.make_vault("two"), input=json_lines(PEOPLE))
        self.assertEqual(lines.out, array.out)

    def test_standard_input_and_a_dash_and_a_file_give_the_same(self):
        vault = self.make_vault()
        people = read(sample("people.json"))
        from_file = self.moniker("admit", vault, sample("people.json")).out
        self.assertEqual(self.moniker("admit", vault, input=people).out, from_file)
        self.assertEqual(self.moniker("admit", vault, "-", input=people).out, from_file)

    def test_blank_lines_and_crlf_are_let_pass(self):
        vault = self.make_vault()
        text = b"\r\n\n" + json_lines(PEOPLE).replace(b"\n", b"\r\n") + b"  \n"
        outcome = self.moniker("admit", vault, input=text)
        self.assertEqual([line["external_id"] for line in outcome.lines()], self.expected_ids())

    def test_nobody_is_admitted_from_an_empty_input(self):
        vault = self.make_vault()
        for nothing in (b"", b"\n \n", b"[]"):
            self.assertEqual(self.moniker("admit", vault, input=nothing).out, b"")
        self.assertEqual(counts(vault)["person"], 0)

    def test_both_suites_and_scopes_agree_with_an_independent_program(self):
        for suite in independent.SUITES:
            vault = self.make_vault(suite, "--avatar-url", AVATAR_URL, suite=suite)
            for conference in (None, CONFERENCE):
                expected = []
                for one in PEOPLE:
                    digest = digest_of(one["issuer"], one["id"], suite=suite, conference=conference)
                    expected.append({
                        "external_id": independent.external_id(digest),
                        "name": f"{one['role']} {independent.label(digest)}",
                        "avatar_url": AVATAR_URL.replace("{avatar}", str(independent.avatar(digest)))})
                scope = ["--conference", conference] if conference else []
                outcome = self.moniker("admit", vault, *scope, sample("people.json"))
                self.assertEqual(outcome.lines(), expected, f"{suite} {conference}")

    def test_a_byte_order_mark_before_the_records_is_let_pass(self):
        # As in CSV files and in the exports that reidentify reads.
        vault = self.make_vault()
        for text in (json_lines(PEOPLE), read(sample("people.json"))):
            outcome = self.moniker("admit", vault, input=b"\xef\xbb\xbf" + text, status=None)
            self.assertEqual(outcome.status, DONE, outcome.err)
            self.assertEqual([line["external_id"] for line in outcome.lines()], self.expected_ids())


class RoleTest(CliTest):
    def names(self, *arguments, records):
        vault = self.make_vault()
        return [line["name"] for line in
                self.moniker("admit", vault, *arguments, input=json_lines(records)).lines()]

    def label(self, number):
        return independent.label(digest_of("mrn.hospital-a", f"{number:08}"))

    def test_a_record_without_a_role_gets_the_one_given_or_participant(self):
        self.assertEqual(self.names(records=[person(1)]), [f"Participant {self.label(1)}"])

    def test_the_role_of_a_record_goes_before_the_one_given(self):
        names = self.names("--role", "Patient", records=[person(1), person(2, role="Care-giver")])
        self.assertEqual(names, [f"Patient {self.label(1)}", f"Care-giver {self.label(2)}"])


class PlatformTest(CliTest):
    # platforms.md, section 1: the spelling, and the order of the platform's own constructor.
    SPELLINGS = {
        "dolbyio-web": ["name", "externalId", "avatarUrl"],
        "dolbyio-ios": ["externalID", "name", "avatarURL"],
        "dolbyio-android": ["name", "externalId", "avatarUrl"],
        "dolbyio-cpp": ["name", "externalId", "avatarUrl"],
        "dolbyio-dotnet": ["Name", "ExternalId", "AvatarURL"],
        "dolbyio-flutter": ["name", "avatarUrl", "externalId"],
        "dolbyio-react-native": ["name", "avatarUrl", "externalId"],
    }

    def admit(self, platform):
        vault = getattr(self, "vault", None) or self.make_vault("vault", "--avatar-url", AVATAR_URL)
        self.vault = vault
        outcome = self.moniker("admit", vault, "--platform", platform, sample("people.json"))
        return [json.loads(line, object_pairs_hook=list) for line in outcome.out.splitlines()]

    def test_the_seven_sdks_get_their_own_spelling_in_their_own_order(self):
        for platform, members in self.SPELLINGS.items():
            with self.subTest(platform):
                for one, expected in zip(self.admit(platform), PEOPLE):
                    self.assertEqual([name for name, _ in one], members)
                    by_name = {name.lower(): value for name, value in one}
                    self.assertEqual(by_name["externalid"], expected["external_id"])
                    self.assertTrue(by_name["name"].startswith(expected["role"] + " "))
                    self.assertTrue(by_name["avatarurl"].startswith("https://"))

    def test_every_platform_gets_what_it_says_it_takes(self):
        listed = self.moniker("platforms", "--json").lines()
        for platform in listed:
            with self.subTest(platform["platform"]):
                spelled = [platform[part] for part in ("id", "name", "avatar_url") if platform[part]]
                if platform["id_rendering"] == "none":
                    # The platform makes the ID; ours is what bind binds it to.
                    spelled.append("external_id")
                for one in self.admit(platform["platform"]):
                    self.assertEqual(sorted(name for name, _ in one), sorted(spelled))
                    for part in ("id", "name", "avatar_url"):
                        value = dict(one).get(platform[part], "")
                        limit = platform[f"{part}_max"]
                        self.assertTrue(limit == 0 or len(value.encode()) <= limit, part)

    def test_a_platform_that_keeps_uuids_gets_the_uuid_of_the_same_pseudonym(self):
        first = dict(self.admit("daily")[0])
        self.assertEqual(first["user_id"], independent.WORKED_UUID)


class StoredTest(CliTest):
    def test_admitting_again_prints_the_same_and_writes_nothing(self):
        vault = self.make_vault()
        first = self.moniker("admit", vault, sample("people.json")).out
        before = read(vault + "/store.sqlite-wal")
        self.assertEqual(self.moniker("admit", vault, sample("people.json")).out, first)
        self.assertEqual(read(vault + "/store.sqlite-wal"), before)

    def test_one_person_in_two_scopes_is_stored_once(self):
        vault = self.make_vault()
        self.moniker("admit", vault, input=json_lines([person(1)]))
        self.moniker("admit", vault, "--conference", CONFERENCE, input=json_lines([person(1)]))
        # The records of meta are settings, issuers and manifest; the roster has the label of the conference.
        self.assertEqual(counts(vault, only_rows=True), {"meta": 3, "person": 1, "external_id": 2, "roster": 1})

    def test_a_new_name_replaces_the_old_and_fields_not_given_stay(self):
        vault = self.make_vault()
        self.moniker("admit", vault, input=json_lines([person(1, email="a@example.org", ward="7")]))
        self.moniker("admit", vault, input=json_lines([dict(person(1), name="New Name", ward="8")]))
        [answer] = self.resolve(vault, external_id_of("mrn.hospital-a", "00000001"))
        self.assertEqual((answer["name"], answer["email"], answer["ward"]),
                         ("New Name", "a@example.org", "8"))

    def test_one_bad_record_among_many_and_nobody_is_stored(self):
        vault = self.make_vault()
        records = [person(number) for number in range(50)] + [dict(person(50), id=" 50")]
        self.assert_refused("admit", vault, input=json_lines(records), status=FAILED,
                            says=("record 51", "id: white space"))
        self.assertEqual(counts(vault)["person"], 0)
        self.resolve(vault, external_id_of("mrn.hospital-a", "00000000"), status=SOME_REJECTED)


class DurableTest(CliTest):
    def test_who_was_printed_is_there_after_kill_9(self):
        vault = self.make_vault()
        for number in range(20):
            process = self.start("admit", vault)
            process.stdin.write(json_lines([person(number, email=f"m{number}@example.org")]))
            process.stdin.close()
            line = process.stdout.readline()
            kill_and_reap(process, signal.SIGKILL)
            printed = json.loads(line)["external_id"]
            self.assertEqual(printed, external_id_of("mrn.hospital-a", f"{number:08}"))
            [answer] = self.resolve(vault, printed)
            self.assertEqual({key: answer[key] for key in ("issuer", "id", "name", "email")},
                             person(number, email=f"m{number}@example.org"))

    def test_who_was_printed_among_many_is_there_after_kill_9(self):
        vault = self.make_vault()
        file = write(self.path("people.jsonl"), json_lines([person(n) for n in range(3000)]))
        process = self.start("admit", vault, file)
        first = json.loads(process.stdout.readline())["external_id"]
        kill_and_reap(process, signal.SIGKILL)
        self.assertEqual(self.resolve(vault, first)[0]["id"], "00000000")
        self.assertEqual(counts(vault)["person"], 3000)  # all or none


if __name__ == "__main__":
    unittest.main()
