"""Vaults of mode enrolled: the external IDs come from random handles, and everything else works as in others."""

import contextlib
import shutil
import signal
import sqlite3
import unittest

from harness import (CONFERENCE, FAILED, KEY_OR_ALTERED, PEOPLE, REASON, SOME_REJECTED, USAGE, CliTest, counts, digest_of,
                     external_id_of, independent, json_lines, kill_and_reap, person, read, rows, sample, write)

ENROLLED = ("--mode", "enrolled")
MARIA = PEOPLE[0]


class EnrolledTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_vault("vault", *ENROLLED)

    def ids(self, records, *options, vault=None):
        outcome = self.moniker("admit", vault or self.vault, *options, input=json_lines(records))
        return [line["external_id"] for line in outcome.lines()]

    def matches(self, records):
        return [line["match"] for line in self.moniker("check", self.vault, input=json_lines(records)).lines()]


class HandleTest(EnrolledTest):
    def test_two_vaults_of_one_root_give_one_person_unrelated_ids(self):
        other = self.make_vault("other", *ENROLLED)
        people = [person(number) for number in range(50)]
        self.assertEqual(set(self.ids(people)) & set(self.ids(people, vault=other)), set())

    def test_no_id_is_the_one_that_the_identifier_would_give(self):
        derived = {external_id_of(one["issuer"], one["id"], conference=conference)
                   for one in PEOPLE for conference in (None, CONFERENCE)}
        given = self.ids(PEOPLE) + self.ids(PEOPLE, "--conference", CONFERENCE)
        self.assertEqual(len(set(given)), 2 * len(PEOPLE))
        self.assertEqual(derived & set(given), set())

    def test_an_id_stays_the_same_in_every_run(self):
        first = self.ids(PEOPLE)
        self.ids([person(number) for number in range(100)])
        self.assertEqual(self.ids(PEOPLE), first)
        self.assertEqual(self.ids(list(reversed(PEOPLE))), list(reversed(first)))

    def test_one_person_twice_in_one_run_is_one_person(self):
        one, same = self.ids([person(1), person(1)])
        self.assertEqual(one, same)
        self.assertEqual(counts(self.vault, only_rows=True), {"meta": 3, "person": 1, "identifier": 1, "external_id": 1})

    def test_a_new_name_changes_no_id(self):
        first = self.ids([person(1)])
        self.assertEqual(self.ids([person(1, name="Xqzfirst of another name")]), first)
        self.assertEqual(self.resolve(self.vault, *first)[0]["name"], "Xqzfirst of another name")

    def test_conferences_and_the_app_have_ids_of_their_own(self):
        scopes = [self.ids([person(1)]), self.ids([person(1)], "--conference", "a"),
                  self.ids([person(1)], "--conference", "b")]
        self.assertEqual(len({one for [one] in scopes}), 3)
        for [one] in scopes:
            self.assertEqual(self.resolve(self.vault, one)[0]["id"], person(1)["id"])

    def test_names_and_avatars_are_of_the_ids_own_digest(self):
        # What an external ID shows of its digest: the first 150 bits. Label and avatar are of later ones, so
        # only their form and their independence of the person can be seen here.
        lines = self.moniker("admit", self.vault, "--avatar-url", "https://a.example/{avatar}",
                             input=json_lines(map(person, range(200)))).lines()
        self.assertEqual(len({line["name"] for line in lines}), 200)
        self.assertGreater(len({line["avatar_url"] for line in lines}), 100)
        for line in lines:
            self.assertIsNotNone(independent.parse(line["external_id"].encode(), "strict"))
            self.assertIsNotNone(independent.parse_label(line["name"].removeprefix("Participant ").encode()))

    def test_both_suites_work(self):
        vault = self.make_vault("hmac", *ENROLLED, suite="hmac-sha256")
        ids = self.ids(PEOPLE, vault=vault)
        self.assertEqual([answer["name"] for answer in self.resolve(vault, *ids)], [one["name"] for one in PEOPLE])

    def test_a_derived_vault_keeps_no_identifiers_and_an_enrolled_one_does(self):
        derived = self.make_vault("derived")
        self.ids(PEOPLE, vault=derived)
        self.ids(PEOPLE)
        self.assertEqual((counts(derived)["identifier"], counts(self.vault)["identifier"]), (0, len(PEOPLE)))


class CommandsTest(EnrolledTest):
    def test_check_knows_the_ids_and_nobody_elses(self):
        ids = self.ids(PEOPLE)
        there = self.ids([MARIA], "--conference", CONFERENCE)[0]
        claims = [{"issuer": one["issuer"], "id": one["id"], "external_id": id_} for one, id_ in zip(PEOPLE, ids)]
        self.assertEqual(self.matches(claims), [True] * len(PEOPLE))
        self.assertEqual(self.matches([
            {**claims[0], "external_id": ids[1]}, {**claims[0], "external_id": there},
            {**claims[0], "external_id": there, "conference": CONFERENCE},
            {**claims[0], "external_id": MARIA["external_id"]}, {**claims[0], "id": "99"}, {**claims[0], "issuer": "x"},
            {**claims[0], "external_id": "x"}]), [False, False, True, False, False, False, False])

    def test_check_stores_nobody(self):
        before = rows(self.vault)
        self.matches([{"issuer": MARIA["issuer"], "id": MARIA["id"], "external_id": MARIA["external_id"]}])
        self.assertEqual(rows(self.vault), before)

    def test_bind_resolve_and_uuid(self):
        [id_] = self.ids([MARIA])
        [uuid] = [line["user_id"] for line in
                  self.moniker("admit", self.vault, "--platform", "daily", input=json_lines([MARIA])).lines()]
        self.moniker("bind", self.vault, input=json_lines([{"participant_id": "p-1", "external_id": id_}]))
        for query in (id_, id_.upper(), uuid, "p-1"):
            [answer] = self.resolve(self.vault, query)
            self.assertEqual((answer["id"], answer["name"]), (MARIA["id"], MARIA["name"]))
            self.assertNotIn("other_identifiers", answer)

    def test_an_id_of_a_derived_vault_is_nobodys(self):
        self.ids(PEOPLE)
        self.resolve(self.vault, MARIA["external_id"], status=SOME_REJECTED)

    def test_pseudonymize_without_enroll_names_the_record_of_who_is_not_enrolled(self):
        self.ids([person(1)])
        table = "mrn\n" + "".join(f"{person(number)['id']}\n" for number in (1, 2))
        outcome = self.assert_refused("pseudonymize", self.vault, "--column", "mrn=mrn.hospital-a", "-o",
                                      self.path("out"), input=table,
                                      says=('record 2: column "mrn"', "the person is not enrolled"))
        self.assertNotIn(person(2)["id"], outcome.err)

    def test_pseudonymize_gives_the_ids_of_admit(self):
        table = "mrn,who\n" + "".join(f"{person(n)['id']},{person(n)['name']}\n" for n in range(3))
        columns = ("pseudonymize", self.vault, "--quiet", "--column", "mrn=mrn.hospital-a", "--name-column", "who")
        enrolled = self.moniker(*columns, "--enroll", input=table).out
        self.assertEqual(self.moniker(*columns, input=table).out, enrolled)
        self.assertEqual([line.split(",")[0] for line in enrolled.decode().splitlines()[1:]],
                         self.ids([person(n) for n in range(3)]))

    def test_reidentify_puts_names_back(self):
        [line] = self.moniker("admit", self.vault, input=json_lines([person(1)])).lines()
        outcome = self.moniker("reidentify", self.vault, *REASON, "--quiet", input=json_lines(
            [{"externalId": line["external_id"], "name": line["name"]}]))
        self.assertEqual(outcome.lines(), [{"externalId": person(1)["id"], "name": person(1)["name"]}])

    def test_who_was_printed_is_stored_when_the_process_is_killed(self):
        process = self.start("admit", self.vault)
        process.stdin.write(json_lines(map(person, range(300))))
        process.stdin.close()
        first = process.stdout.readline()
        kill_and_reap(process, signal.SIGKILL)
        self.assertEqual(counts(self.vault)["person"], 300)
        [again] = self.ids([person(0)])
        self.assertIn(again.encode(), first)


class LossTest(EnrolledTest):
    def test_the_keyring_with_another_store_opens_nothing(self):
        self.ids(PEOPLE)
        other = self.make_vault("other", *ENROLLED)
        shutil.copy(self.vault + "/keyring", other + "/keyring")
        for command in (("admit", other), ("check", other), ("keys", other, "list"), ("statement", other)):
            self.moniker(*command, "--key-file", self.vault + ".key", input=json_lines([MARIA]),
                         status=KEY_OR_ALTERED)

    def test_ids_of_a_lost_store_cannot_be_made_again(self):
        copy = self.copy_vault(self.vault, "copy")
        ids = self.ids(PEOPLE)
        # The vault as it was before anybody was admitted: same keyring, no handles.
        self.assertEqual(read(copy + "/keyring"), read(self.vault + "/keyring"))
        self.assertEqual(set(self.ids(PEOPLE, vault=copy)) & set(ids), set())

    def test_changed_rows_are_noticed(self):
        [id_] = self.ids([MARIA])
        self.moniker("identifiers", self.vault, "add", "--quiet", input=json_lines(
            [{"issuer": MARIA["issuer"], "id": MARIA["id"], "new_issuer": "email", "new_id": "m@example.org"}]))
        for table in ("person", "identifier", "external_id"):
            for tag, sealed in rows(self.vault)[table].items():
                for place in (0, 1, 2, 6, 10, 34, len(sealed) - 1):
                    copy = self.copy_vault(self.vault, f"{table}-{tag.hex()}-{place}")
                    changed = bytearray(sealed)
                    changed[place] ^= 1
                    self.put(copy, table, tag, bytes(changed))
                    command = ("resolve", copy, *REASON, id_) if table != "identifier" else ("admit", copy)
                    self.moniker(*command, input=json_lines(
                        [MARIA, {"issuer": "email", "id": "m@example.org", "name": MARIA["name"]}]),
                                 status=KEY_OR_ALTERED)

    def test_an_identifier_row_that_leads_to_another_person_is_noticed(self):
        self.ids([person(1), person(2)])
        (one, first), (two, second) = rows(self.vault)["identifier"].items()
        self.put(self.vault, "identifier", one, second)
        self.put(self.vault, "identifier", two, first)
        self.moniker("admit", self.vault, input=json_lines([person(1)]), status=KEY_OR_ALTERED)

    def put(self, vault, table, tag, sealed):
        with contextlib.closing(sqlite3.connect(vault + "/store.sqlite")) as store:
            self.assertEqual(store.execute(f"UPDATE {table} SET sealed = ? WHERE tag = ?", (sealed, tag)).rowcount, 1)
            store.commit()


class InitTest(CliTest):
    def test_the_mode_is_one_of_two(self):
        for bad in ("Enrolled", "enroled", "1", ""):
            self.assert_refused("init", self.path("v"), "--app", "a", "--key-file", self.path("k"), "--mode", bad,
                                status=USAGE, says="--mode")

    def test_a_derived_vault_says_so_and_admits_by_identifier(self):
        vault = self.make_vault("vault", "--mode", "derived")
        lines = self.moniker("admit", vault, sample("people.json")).lines()
        self.assertEqual([line["external_id"] for line in lines], [one["external_id"] for one in PEOPLE])

    def test_under_a_passphrase(self):
        passphrase = write(self.path("passphrase"), "correct horse\n", 0o600)
        vault = self.path("vault")
        self.moniker("init", vault, "--app", "a", "--quiet", *ENROLLED, "--passphrase-file", passphrase)
        one = self.moniker("admit", vault, "--passphrase-file", passphrase, input=json_lines([person(1)])).out
        self.assertEqual(self.moniker("admit", vault, "--passphrase-file", passphrase,
                                      input=json_lines([person(1)])).out, one)


if __name__ == "__main__":
    unittest.main()
