"""erase: persons made unrecoverable, by identifiers and by IDs."""

import os
import unittest

from harness import (CONFERENCE, FAILED, PEOPLE, REASON, SOME_REJECTED, USAGE, CliTest, counts, json_lines, read, rows)

PERSONAL = ("person", "external_id", "participant", "identifier", "roster")


def target(one):
    return {"issuer": one["issuer"], "id": one["id"]}


class EraseTest(CliTest):
    def vault_with_everything(self, mode="derived"):
        """The people of the samples, in the app and in a conference, bound."""
        vault = self.make_vault(mode, "--mode", mode)
        self.ids = {}
        for scope in ((), ("--conference", CONFERENCE)):
            lines = self.moniker("admit", vault, *scope, input=json_lines(PEOPLE)).lines()
            for one, line in zip(PEOPLE, lines):
                self.ids.setdefault(one["id"], []).append(line["external_id"])
        self.moniker("bind", vault, input=json_lines(
            [{"participant_id": one["participant_id"], "external_id": self.ids[one["id"]][1]} for one in PEOPLE]))
        return vault

    def test_nothing_leads_to_the_person_and_all_others_stay(self):
        for mode in ("derived", "enrolled"):
            vault = self.vault_with_everything(mode)
            before = rows(vault)
            outcome = self.moniker("erase", vault, input=json_lines([target(PEOPLE[0])]))
            self.assertEqual((outcome.lines(), outcome.err), ([{"erased": True}], ""))
            after = rows(vault)
            lost = {table: len(before[table]) - len(after[table]) for table in PERSONAL}
            self.assertEqual(lost, {"person": 1, "external_id": 2, "participant": 1,
                                    "identifier": 1 if mode == "enrolled" else 0, "roster": 1})
            self.assertEqual((len(after["tombstone"]), len(after["audit"])), (1, 1))
            for table in PERSONAL:  # what stays is as it was
                self.assertEqual({**before[table], **after[table]}, before[table])
            queries = [*self.ids[PEOPLE[0]["id"]], PEOPLE[0]["participant_id"]]
            answers = self.resolve(vault, *queries, status=SOME_REJECTED)
            self.assertEqual([answer.get("error") for answer in answers], ["not_found"] * 3)
            others = [one["participant_id"] for one in PEOPLE[1:]]
            self.assertEqual([answer["id"] for answer in self.resolve(vault, *others)], [one["id"] for one in PEOPLE[1:]])

    def test_no_byte_of_the_erased_rows_is_left_in_the_files(self):
        vault = self.vault_with_everything()
        before = rows(vault)
        self.moniker("erase", vault, input=json_lines([target(one) for one in PEOPLE[1:4]]))
        after = rows(vault)
        gone = [sealed for table in PERSONAL for tag, sealed in before[table].items() if tag not in after[table]]
        self.assertEqual(len(gone), 3 * 5)
        for name in os.listdir(vault):
            if name.endswith("-shm"):
                continue
            content = read(os.path.join(vault, name))
            for sealed in gone:
                self.assertNotIn(sealed[10:42], content, name)

    def test_any_id_will_do_and_records_may_be_mixed(self):
        vault = self.vault_with_everything()
        outcome = self.moniker("erase", vault, "--actor", "dr-obrien", "--purpose", "request 7", status=SOME_REJECTED,
                               input=json_lines([{"external_id": self.ids[PEOPLE[0]["id"]][1].upper()},
                                                 target(PEOPLE[1]), {"participant_id": PEOPLE[2]["participant_id"]},
                                                 {"issuer": "mrn.nowhere", "id": "1"}]))
        self.assertEqual(outcome.lines(), [{"erased": True}] * 3 + [{"error": "not_found"}])
        self.assertEqual(outcome.err, "moniker: 1 record not known here\n")
        outcome = self.moniker("erase", vault, "--quiet", status=SOME_REJECTED,
                               input=f"{PEOPLE[3]['participant_id']}\r\n\nnobody\n")
        self.assertEqual(outcome.lines(), [{"erased": True}, {"error": "not_found"}])
        self.assertEqual(counts(vault)["person"], 1)
        self.assertEqual(self.moniker("erase", vault).out, b"")

    def test_who_is_admitted_again_is_somebody_new(self):
        vault = self.vault_with_everything()
        self.moniker("erase", vault, input=json_lines([target(PEOPLE[0])]))
        again = self.moniker("admit", vault, input=json_lines([PEOPLE[0]])).lines()[0]["external_id"]
        self.assertEqual(self.resolve(vault, again)[0]["name"], PEOPLE[0]["name"])
        self.resolve(vault, self.ids[PEOPLE[0]["id"]][1], status=SOME_REJECTED)

    def test_what_cannot_be_a_record_erases_nobody(self):
        vault = self.vault_with_everything()
        before = rows(vault)
        good = target(PEOPLE[0])
        for bad in ({"issuer": "mrn.hospital-a"}, {"issuer": "A b", "id": "1"}, {"name": "x"},
                    {**good, "kind": "email"}, {"issuer": "email", "id": "nobody"}):
            outcome = self.moniker("erase", vault, input=json_lines([good, bad]), status=FAILED)
            self.assert_message(outcome, "record 2")
        self.moniker("erase", vault, "--actor", "x" * 129, input=json_lines([good]), status=USAGE)
        self.assertEqual(rows(vault), before)


if __name__ == "__main__":
    unittest.main()
