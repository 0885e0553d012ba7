"""What the program does against those who may resolve, and with conferences that are old."""

import datetime
import json
import os
import unittest

from harness import (CONFERENCE, FAILED, PEOPLE, REFUSED, SOME_REJECTED, USAGE, CliTest, external_id_of, rows, sample,
                     write)

MARIA, JOSE = PEOPLE[:2]
REASON = ("--actor", "dr-obrien", "--purpose", "treatment")


def day(distance):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=distance)).strftime("%Y-%m-%d")


def identifiers(*people):
    return json.dumps([{key: one[key] for key in ("issuer", "id")} for one in people])


class BudgetTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_vault("vault", "--budget-hour", "3", "--budget-day", "4")
        self.moniker("admit", self.vault, sample("people.json"))
        self.ids = [external_id_of(one["issuer"], one["id"]) for one in (MARIA, JOSE)]

    def ask(self, *ids, actor="dr-obrien", options=(), **how):
        return self.moniker("resolve", self.vault, "--actor", actor, "--purpose", "treatment", *options, *ids, **how)

    def operations(self, *options):
        return [line["operation"] for line in self.moniker("audit", self.vault, "export", *options).lines()]

    def test_who_is_over_budget_gets_nothing_and_a_status_of_its_own(self):
        self.ask(*self.ids)
        outcome = self.ask(*self.ids, status=REFUSED)
        self.assertEqual(outcome.out, b"")
        self.assert_message(outcome, "budget of this actor is used up")
        self.assertIn("--break-glass", outcome.err)
        self.ask(self.ids[0])
        self.ask(self.ids[0], actor="dr-weiss")
        self.assertEqual(self.operations(), ["resolve", "refused_resolve", "resolve", "resolve"])
        self.assertEqual(self.operations("--alerts"), ["refused_resolve"])

    def test_breaking_the_glass_is_answered_and_shown(self):
        self.ask(*self.ids)
        self.ask(*self.ids, options=("--break-glass",))
        self.assertEqual(self.operations(), ["resolve", "break_glass_resolve"])
        shown = self.moniker("audit", self.vault, "show", "--alerts").out.decode()
        self.assertIn("break_glass_resolve  by dr-obrien  for treatment", shown)
        self.assertEqual(len(shown.splitlines()), 1)

    def test_reidentify_has_the_same_budget(self):
        table = write(self.path("in.csv"), "id\n" + "".join(f"{one}\n" for one in [*self.ids, "m" + "0" * 31] * 2))
        self.moniker("store", self.vault, "policy", "--budget-hour", "1")
        outcome = self.moniker("reidentify", self.vault, *REASON, "-o", self.path("out.csv"), self.path("in.csv"),
                               status=REFUSED)
        self.assert_message(outcome, "budget")
        self.assertFalse(os.path.exists(self.path("out.csv")))
        self.moniker("reidentify", self.vault, *REASON, "--break-glass", "-o", self.path("out.csv"),
                     self.path("in.csv"), status=SOME_REJECTED)
        self.assertIn("break_glass_resolve", self.operations())

    def test_a_policy_is_shown_changed_in_part_and_audited(self):
        policy = {"budget_hour": 3, "budget_day": 4, "retention_days": 0}
        self.assertEqual(self.moniker("store", self.vault, "policy").lines(), [policy])
        self.assertEqual(self.operations(), [])
        changed = self.moniker("store", self.vault, "policy", "--budget-hour", "0", "--retention", "30", "--actor",
                               "officer")
        self.assertEqual(changed.lines(), [{"budget_hour": 0, "budget_day": 4, "retention_days": 30}])
        self.assertEqual(self.moniker("store", self.vault, "policy").lines(), changed.lines())
        self.assertEqual(self.operations(), ["policy"])
        for wrong in ("-1", "x", "4294967296", "1.5"):
            self.moniker("store", self.vault, "policy", "--budget-hour", wrong, status=USAGE)
        self.moniker("store", self.vault, "policy", "--retention", "1", "--actor", "two\nlines", status=USAGE)
        self.assertEqual(self.moniker("store", self.vault, "policy").lines(), changed.lines())

    def test_two_programs_share_a_budget(self):
        processes = [self.start("resolve", self.vault, *REASON, "-q", self.ids[0]) for _ in range(6)]
        statuses = []
        for process in processes:
            process.communicate()
            statuses.append(process.returncode)
        self.assertEqual(sorted(statuses), [0, 0, 0, REFUSED, REFUSED, REFUSED])

    def test_a_backup_from_before_does_not_widen_the_budget(self):
        self.moniker("store", self.vault, "backup", self.path("backup"))
        self.moniker("store", self.vault, "policy", "--budget-hour", "1", "--budget-day", "1")
        self.moniker("store", self.vault, "restore", "--force", self.path("backup"))
        self.assertEqual(self.moniker("store", self.vault, "policy").lines()[0]["budget_day"], 1)


class MarkTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_vault()
        self.moniker("admit", self.vault, sample("people.json"))
        self.id = external_id_of(MARIA["issuer"], MARIA["id"])

    def alerts(self):
        return self.moniker("audit", self.vault, "export", "--alerts").lines()

    def test_who_resolves_a_marked_person_sees_nothing_of_it_and_the_log_tells(self):
        ask = ("resolve", self.vault, *REASON, self.id)
        before = self.moniker(*ask)
        self.moniker("mark", self.vault, "--actor", "officer", input=identifiers(MARIA))
        after = self.moniker(*ask)
        self.assertEqual((before.out, before.err), (after.out, after.err))
        alert, = self.alerts()
        self.assertIs(alert["honey"], True)
        self.assertIn("HONEY", self.moniker("audit", self.vault, "show", "--alerts").out.decode())
        self.moniker("mark", self.vault, "--remove", input=identifiers(MARIA))
        self.resolve(self.vault, self.id)
        self.assertEqual(len(self.alerts()), 1)

    def test_the_alert_stays_when_the_person_is_erased(self):
        self.moniker("mark", self.vault, input=identifiers(MARIA))
        self.resolve(self.vault, self.id)
        before = self.alerts()
        self.moniker("erase", self.vault, input=identifiers(MARIA))
        self.assertEqual(self.alerts(), before)
        self.moniker("audit", self.vault, "verify")

    def test_all_are_marked_or_nobody(self):
        nobody = {"issuer": MARIA["issuer"], "id": "unknown-7"}
        self.assert_refused("mark", self.vault, input=identifiers(MARIA, nobody), status=FAILED,
                            says=("record 2", "not stored"))
        self.resolve(self.vault, self.id)
        self.assertEqual(self.alerts(), [])


class ExpireTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_vault()
        self.moniker("admit", self.vault, sample("people.json"))
        self.person = json.dumps({key: MARIA[key] for key in ("issuer", "id", "name")})
        self.id = external_id_of(MARIA["issuer"], MARIA["id"], conference=CONFERENCE)

    def admit(self, *options):
        self.moniker("admit", self.vault, "--conference", CONFERENCE, *options, input=self.person)
        self.moniker("bind", self.vault,
                     input=json.dumps({"participant_id": "PA_in_conference", "external_id": self.id}))

    def expire(self, *options, **how):
        return self.moniker("store", self.vault, "expire", *options, **how)

    def test_a_conference_goes_and_the_app_stays(self):
        self.admit()
        before = {table: len(found) for table, found in rows(self.vault).items()}
        self.assertEqual(self.expire("--before", day(0)).lines(),
                         [{"pseudonyms": 0, "participant_ids": 0, "persons": 0}])
        self.assertEqual(self.expire("--before", day(1), "--actor", "office").lines(),
                         [{"pseudonyms": 1, "participant_ids": 1, "persons": 0}])
        after = {table: len(found) for table, found in rows(self.vault).items()}
        for table, gone in (("external_id", 1), ("participant", 1), ("roster", 1), ("person", 0), ("tombstone", 0)):
            self.assertEqual(before[table] - after[table], gone, table)
        self.resolve(self.vault, self.id, "PA_in_conference", status=SOME_REJECTED)
        self.resolve(self.vault, external_id_of(MARIA["issuer"], MARIA["id"]))
        entries = self.moniker("audit", self.vault, "export").lines()
        self.assertEqual([(one["operation"], one["asked"]) for one in entries[:2]], [("expire", 1), ("expire", 1)])
        self.moniker("store", self.vault, "verify")
        self.moniker("audit", self.vault, "verify")

    def test_retention_keeps_what_is_young(self):
        self.admit("--retention", "1")
        self.moniker("store", self.vault, "policy", "--retention", "1")
        self.assertEqual(self.expire().lines()[0]["pseudonyms"], 0)
        self.resolve(self.vault, self.id)

    def test_a_backup_brings_back_what_expires_again(self):
        self.admit()
        self.moniker("store", self.vault, "backup", self.path("backup"))
        self.expire("--before", day(1))
        self.moniker("store", self.vault, "restore", "--force", self.path("backup"))
        self.resolve(self.vault, self.id)
        self.assertEqual(self.expire("--before", day(1)).lines()[0]["pseudonyms"], 1)
        self.resolve(self.vault, self.id, status=SOME_REJECTED)

    def test_persons_without_a_pseudonym_go_when_that_is_asked_for(self):
        vault = self.make_vault("visits")
        self.moniker("admit", vault, "--conference", CONFERENCE, input=self.person)
        self.moniker("store", vault, "expire", "--before", day(1))
        outcome = self.moniker("store", vault, "expire", "--persons")
        self.assertEqual(outcome.lines(), [{"pseudonyms": 0, "participant_ids": 0, "persons": 1}])
        self.moniker("store", vault, "verify")

    def test_what_is_no_time_or_no_retention_is_refused(self):
        for wrong in ("yesterday", "2026-02-30", "2026-05", "1600-01-01"):
            self.expire("--before", wrong, status=USAGE)
        self.moniker("admit", self.vault, "--retention", "5", input=self.person, status=USAGE)
        self.moniker("admit", self.vault, "--conference", CONFERENCE, "--retention", "65536", input=self.person,
                     status=USAGE)


if __name__ == "__main__":
    unittest.main()
