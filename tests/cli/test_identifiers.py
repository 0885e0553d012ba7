"""identifiers: add, merge and split, all or none, and nobody loses an external ID."""

import unittest

from harness import (CONFERENCE, FAILED, PEOPLE, USAGE, CliTest, counts, json_lines, person, rows, sample)

ISSUER = "mrn.hospital-a"
# What stands in records that are refused; none of it may be in a message.
ODD = "Xqzodd-identifier-4711"


class IdentifiersTest(CliTest):
    def setUp(self):
        super().setUp()
        self.personal += [ODD, "Xqzodd@example.org"]
        self.vault = self.make_vault("vault", "--mode", "enrolled", "--issuer", "names.a:text")
        self.ids = [self.admit(person(number)) for number in range(4)]

    def admit(self, *records, options=()):
        lines = self.moniker("admit", self.vault, *options, input=json_lines(records)).lines()
        return lines[0]["external_id"] if len(records) == 1 else [line["external_id"] for line in lines]

    def step(self, step, *records, options=(), status=0):
        return self.moniker("identifiers", self.vault, step, *options, input=json_lines(records), status=status)

    def known(self, number):
        return {"issuer": ISSUER, "id": person(number)["id"]}

    def adding(self, number, issuer, id_, **more):
        return {**self.known(number), "new_issuer": issuer, "new_id": id_, **more}

    def merging(self, number, other):
        return {**self.known(number), "other_issuer": ISSUER, "other_id": person(other)["id"]}

    def person_of(self, external_id):
        [answer] = self.resolve(self.vault, external_id)
        others = [(one["issuer"], one["id"]) for one in answer.get("other_identifiers", [])]
        return answer["id"], answer["name"], sorted(others)

    def refuse(self, step, *records, says, status=FAILED, vault=None):
        """Nothing is changed, and the message holds no value."""
        before = rows(self.vault)
        outcome = self.assert_refused("identifiers", vault or self.vault, step, input=json_lines(records), says=says,
                                      status=status)
        self.assertEqual(rows(self.vault), before)
        # A rehearsal comes to the same answer.
        rehearsed = self.moniker("identifiers", vault or self.vault, step, "--dry-run", input=json_lines(records),
                                 status=status)
        self.assertEqual(rehearsed.error(), outcome.error())
        return outcome


class AddTest(IdentifiersTest):
    def test_a_further_identifier_leads_to_the_same_person_and_id(self):
        outcome = self.step("add", self.adding(0, "email", "Xqzfirst@Example.ORG"))
        self.assertEqual((outcome.err, outcome.out), ("moniker: 1 record carried out\n", b""))
        by_email = person(0, issuer="email", id="xqzfirst@example.org")
        self.assertEqual(self.admit(by_email), self.ids[0])
        self.assertEqual(self.admit(person(0)), self.ids[0])
        self.assertEqual(self.person_of(self.ids[0]),
                         (person(0)["id"], person(0)["name"], [("email", "Xqzfirst@Example.ORG")]))
        self.assertEqual(counts(self.vault)["person"], 4)

    def test_adding_again_changes_nothing(self):
        self.step("add", self.adding(0, "email", "a@example.org"))
        before = rows(self.vault)
        self.step("add", self.adding(0, "email", "A@EXAMPLE.ORG"))
        self.step("add", {"issuer": "email", "id": "a@example.org", "new_issuer": ISSUER, "new_id": person(0)["id"]})
        self.assertEqual(rows(self.vault), before)

    def test_an_identifier_that_changed_finds_the_person_through_the_new_one(self):
        # MRNs are renumbered: the person keeps the external ID.
        self.step("add", self.adding(0, ISSUER, "new-number-1"))
        self.assertEqual(self.admit(person(0, id="new-number-1")), self.ids[0])
        self.assertEqual(self.admit(person(0, id="new-number-1"), options=("--conference", CONFERENCE)),
                         self.admit(person(0), options=("--conference", CONFERENCE)))

    def test_many_records_in_one_step(self):
        self.step("add", *(self.adding(number, "phone", f"+1 555 010-{number:04}") for number in range(4)),
                  *(self.adding(number, "names.a", f"Person  {number}") for number in range(4)))
        for number in range(4):
            self.assertEqual(self.admit(person(number, issuer="phone", id=f"+1555010{number:04}")), self.ids[number])
            self.assertEqual(self.admit(person(number, issuer="names.a", id=f"PERSON {number}")), self.ids[number])

    def test_the_identifier_of_another_person_is_a_conflict(self):
        self.step("add", self.adding(1, "email", "Xqzodd@example.org"))
        self.refuse("add", self.adding(0, "email", "Xqzodd@example.org"), says=("record 1", "another person"))
        self.refuse("add", self.adding(2, "email", "fresh@example.org"), self.adding(0, ISSUER, person(3)["id"]),
                    says=("record 2", "another person"))
        # The first record of that step was not carried out either.
        self.assertEqual(self.person_of(self.ids[2])[2], [])

    def test_who_is_not_enrolled_is_refused_with_the_record(self):
        self.refuse("add", self.adding(0, "email", "b@example.org"),
                    {"issuer": ISSUER, "id": ODD, "new_issuer": "email", "new_id": "c@example.org"},
                    says=("record 2", "not enrolled"))

    def test_64_identifiers_are_the_most(self):
        self.step("add", *(self.adding(0, "email", f"a{n}@example.org") for n in range(63)))
        self.refuse("add", self.adding(0, "email", "one.more@example.org"), says=("record 1", "64"))
        self.assertEqual(len(self.person_of(self.ids[0])[2]), 63)


class MergeTest(IdentifiersTest):
    def test_both_ids_lead_to_the_first_and_new_ones_are_the_firsts(self):
        self.step("merge", self.merging(0, 1))
        expected = (person(0)["id"], person(0)["name"], [(ISSUER, person(1)["id"])])
        self.assertEqual([self.person_of(self.ids[0]), self.person_of(self.ids[1])], [expected] * 2)
        there = self.admit(person(0), options=("--conference", CONFERENCE))
        # Whoever is admitted by the second identifier brings the name up to date.
        self.assertEqual(self.admit({**person(0), "id": person(1)["id"]}, options=("--conference", CONFERENCE)), there)
        self.assertEqual(self.admit({**person(0), "id": person(1)["id"]}), self.ids[0])

    def test_participant_ids_of_both_lead_to_the_first(self):
        self.moniker("bind", self.vault, input=json_lines(
            [{"participant_id": f"p-{number}", "external_id": self.ids[number]} for number in range(2)]))
        self.step("merge", self.merging(0, 1))
        for number in range(2):
            self.assertEqual(self.person_of(f"p-{number}")[0], person(0)["id"])
        # One person now: the participant ID of the one may be bound to the ID of the other.
        self.moniker("bind", self.vault, input=json_lines([{"participant_id": "p-1", "external_id": self.ids[0]}]))

    def test_check_matches_every_id_of_both(self):
        self.step("merge", self.merging(0, 1))
        lines = self.moniker("check", self.vault, input=json_lines(
            [{**self.known(a), "external_id": self.ids[b]} for a in (0, 1) for b in (0, 1, 2)])).lines()
        self.assertEqual([line["match"] for line in lines], [True, True, False] * 2)

    def test_merging_again_or_in_a_circle_changes_nothing(self):
        self.step("merge", self.merging(0, 1), self.merging(1, 2))
        before = rows(self.vault)
        self.step("merge", self.merging(0, 1), self.merging(1, 0), self.merging(2, 0), self.merging(2, 2))
        self.assertEqual(rows(self.vault), before)
        for id_ in self.ids[:3]:
            self.assertEqual(self.person_of(id_)[0], person(0)["id"])

    def test_who_is_not_enrolled_is_refused_and_nothing_is_merged(self):
        self.refuse("merge", self.merging(0, 1), {**self.known(2), "other_issuer": ISSUER, "other_id": ODD},
                    says=("record 2", "not enrolled"))
        self.assertEqual(self.person_of(self.ids[1])[0], person(1)["id"])

    def test_reidentify_takes_both_ids_for_one_person(self):
        self.step("merge", self.merging(0, 1))
        outcome = self.moniker("reidentify", self.vault, "--actor", "a", "--purpose", "p", "--quiet", input=json_lines(
            [{"externalId": self.ids[0], "userId": self.ids[1], "name": "x"}]))
        self.assertEqual(outcome.lines(), [{"externalId": person(0)["id"], "userId": person(0)["id"],
                                            "name": person(0)["name"]}])


class SplitTest(IdentifiersTest):
    def test_a_merge_taken_back_leaves_everybody_as_before(self):
        there = [self.admit(person(number), options=("--conference", CONFERENCE)) for number in range(2)]
        before = [self.person_of(id_) for id_ in self.ids]
        self.step("merge", self.merging(0, 1))
        self.step("split", self.known(1))
        self.assertEqual([self.person_of(id_) for id_ in self.ids], before)
        self.assertEqual([self.admit(person(number)) for number in range(4)], self.ids)
        self.assertEqual([self.admit(person(number), options=("--conference", CONFERENCE)) for number in range(2)], there)

    def test_of_a_chain_of_merges_the_last_person_is_split_off(self):
        self.step("merge", self.merging(1, 2))
        self.step("merge", self.merging(0, 1))
        self.step("split", self.known(1))
        self.assertEqual([self.person_of(id_)[0] for id_ in self.ids[:3]],
                         [person(0)["id"], person(1)["id"], person(1)["id"]])
        self.step("split", self.known(2))
        self.assertEqual([self.person_of(id_)[0] for id_ in self.ids[:3]], [person(n)["id"] for n in range(3)])

    def test_an_added_identifier_becomes_a_person_with_a_new_id(self):
        self.step("add", self.adding(0, "email", "a@example.org"))
        self.step("split", {"issuer": "email", "id": "A@example.org"})
        self.assertEqual(self.person_of(self.ids[0]), (person(0)["id"], person(0)["name"], []))
        new = self.admit(person(9, issuer="email", id="a@example.org"))
        self.assertNotIn(new, self.ids)
        self.assertEqual(self.person_of(new), ("a@example.org", person(9)["name"], []))

    def test_the_first_identifier_can_be_split_off_too(self):
        self.step("add", self.adding(0, ISSUER, "second-number"))
        self.step("split", self.known(0))
        # What was admitted so far stays with whom it left.
        self.assertEqual(self.person_of(self.ids[0])[0], "second-number")
        self.assertNotEqual(self.admit(person(0)), self.ids[0])

    def test_the_only_identifier_cannot_be_split_off(self):
        self.refuse("split", self.known(0), says=("record 1", "no other identifier"))

    def test_who_is_not_enrolled_is_refused(self):
        self.step("merge", self.merging(0, 1))
        self.refuse("split", self.known(1), {"issuer": ISSUER, "id": ODD}, says=("record 2", "not enrolled"))
        self.assertEqual(self.person_of(self.ids[1])[0], person(0)["id"])


class FormTest(IdentifiersTest):
    def test_a_rehearsal_changes_nothing_and_says_so(self):
        before = rows(self.vault)
        for step, records in (("add", [self.adding(0, "new.issuer", "1")]), ("merge", [self.merging(0, 1)]), ("split", [])):
            outcome = self.step(step, *records, options=("--dry-run",))
            self.assertIn("could be carried out; nothing was changed", outcome.err)
            self.assertEqual(rows(self.vault), before)
        self.assertEqual(self.step("merge", self.merging(0, 1), options=("--quiet",)).err, "")

    def test_later_records_of_a_step_see_what_earlier_ones_did(self):
        self.step("add", self.adding(0, "email", "a@example.org"),
                  {"issuer": "email", "id": "a@example.org", "new_issuer": "phone", "new_id": "+15550100199"})
        self.assertEqual(len(self.person_of(self.ids[0])[2]), 2)

    def test_missing_and_malformed_members_are_named(self):
        good = self.adding(0, "email", "a@example.org")
        for step, bad, says in (
                ("add", {**good, "new_id": 7}, '"new_id": not a string'), ("add", self.known(0), '"new_issuer": missing'),
                ("merge", self.known(0), '"other_issuer": missing'), ("split", {"issuer": ISSUER}, '"id": missing'),
                ("add", {**good, "new_issuer": "A"}, "issuer"), ("add", {**good, "new_id": ODD}, "no @"),
                ("add", {**good, "kind": "word"}, '"kind"'), ("add", {**good, "new_kind": "word"}, '"new_kind"'),
                ("add", {**good, "new_kind": "text"}, "another kind"), ("add", {**good, "new_id": ""}, "empty"),
                ("add", self.adding(0, "phone", "0155501"), "id")):
            self.refuse(step, bad, says=("record 1", says))

    def test_a_derived_vault_refuses_all_three(self):
        derived = self.make_vault("derived")
        self.moniker("admit", derived, sample("people.json"))
        one = {"issuer": ISSUER, "id": PEOPLE[0]["id"]}
        for step, record in (("add", {**one, "new_issuer": "a", "new_id": "1"}),
                             ("merge", {**one, "other_issuer": ISSUER, "other_id": PEOPLE[1]["id"]}), ("split", one)):
            before = rows(derived)
            self.assert_refused("identifiers", derived, step, input=json_lines([record]), says="derived vault")
            self.assertEqual(rows(derived), before)

    def test_one_of_the_three_steps_is_needed(self):
        for arguments in ((), ("join",), ("add", "--force")):
            self.assert_refused("identifiers", self.vault, *arguments, status=USAGE)

    def test_no_records_are_no_error(self):
        for step in ("add", "merge", "split"):
            self.assertEqual(self.step(step).err, "moniker: 0 records carried out\n")


if __name__ == "__main__":
    unittest.main()
