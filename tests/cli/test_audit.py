"""audit: what the log says, and whether it is whole."""

import contextlib
import json
import os
import re
import shutil
import sqlite3
import unittest

from harness import (CONFERENCE, FAILED, KEY_OR_ALTERED, PEOPLE, SOME_REJECTED, USAGE, CliTest, counts,
                     external_id_of, read, sample, write)

MARIA, JOSE = PEOPLE[:2]
UNKNOWN = "m" + "0" * 31


def number_tag(number):
    return number.to_bytes(8, "big")


class AuditTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_vault("vault", "--audit-key", self.path("audit.key"))
        self.moniker("admit", self.vault, sample("people.json"))
        self.ids = [external_id_of(one["issuer"], one["id"]) for one in (MARIA, JOSE)]
        self.resolve_by("dr-obrien", self.ids[0])
        self.resolve_by("dr-weiß", *self.ids, UNKNOWN, status=SOME_REJECTED)
        self.resolve_by("dr-obrien", UNKNOWN, status=SOME_REJECTED)

    def resolve_by(self, actor, *ids, status=0):
        self.moniker("resolve", self.vault, "--actor", actor, "--purpose", "treatment", "-q", *ids, status=status)

    def audit(self, *arguments, **options):
        return self.moniker("audit", self.vault, *arguments, **options)

    def change(self, *statements):
        with contextlib.closing(sqlite3.connect(os.path.join(self.vault, "store.sqlite"))) as store, store:
            for statement, *values in statements:
                store.execute(statement, values)

    def verify_fails(self, *says, key=True):
        arguments = ("--audit-key", self.path("audit.key")) if key else ()
        outcome = self.audit("verify", *arguments, status=KEY_OR_ALTERED)
        self.assert_message(outcome, *says)
        return outcome

    # --- show and export ---

    def test_export_is_one_object_per_entry(self):
        lines = self.audit("export").lines()
        self.assertEqual([line["entry"] for line in lines], [1, 2, 3])
        self.assertEqual([line["actor"] for line in lines], ["dr-obrien", "dr-weiß", "dr-obrien"])
        self.assertEqual([line["outcome"] for line in lines], ["done", "partly", "nothing"])
        self.assertEqual([(line["asked"], line["answered"]) for line in lines], [(1, 1), (3, 2), (1, 0)])
        for line in lines:
            self.assertEqual((line["operation"], line["purpose"]), ("resolve", "treatment"))
            self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
            self.assertRegex(line["mark"], r"^[0-9a-f]{64}$")
            self.assertEqual(len(line["persons"]), line["answered"])
        self.assertEqual([line.get("scope") for line in lines], ["app", "app", None])
        # One person has one tag, which is not an ID.
        self.assertEqual(lines[0]["persons"][0], lines[1]["persons"][0])
        self.assertNotEqual(*lines[1]["persons"])
        self.assertNotIn(self.ids[0].encode(), self.audit("export").out)

    def test_an_entry_names_the_conference_of_the_persons(self):
        record = json.dumps({key: MARIA[key] for key in ("issuer", "id", "name")})
        self.moniker("admit", self.vault, "--conference", CONFERENCE, input=record)
        self.resolve_by("dr-obrien", external_id_of(MARIA["issuer"], MARIA["id"], conference=CONFERENCE))
        last = self.audit("export").lines()[-1]
        self.assertEqual((last["scope"], last["conference"]), ("conference", CONFERENCE))
        self.assertIn(f"in {CONFERENCE}", self.audit("show").out.decode().splitlines()[-1])

    def test_show_is_one_line_per_entry(self):
        lines = self.audit("show").out.decode().splitlines()
        self.assertEqual(len(lines), 3)
        self.assertTrue(re.match(r"^2  \S+Z  resolve  by dr-weiß  for treatment  asked 3, answered 2$", lines[1]),
                        lines[1])

    def test_filters(self):
        self.assertEqual([line["entry"] for line in self.audit("export", "--actor", "dr-obrien").lines()], [1, 3])
        self.assertEqual(self.audit("export", "--actor", "dr").out, b"")
        times = [line["time"] for line in self.audit("export").lines()]
        day, second = times[1][:10], times[1][:19]
        expected = [number for number, time in enumerate(times, 1) if time >= second]
        self.assertEqual([line["entry"] for line in self.audit("export", "--from", second).lines()], expected)
        self.assertEqual([line["entry"] for line in self.audit("export", "--from", second + "Z").lines()], expected)
        self.assertEqual(len(self.audit("show", "--to", second).out.splitlines()), 3 - len(expected))
        self.assertEqual(self.audit("show", "--to", day, "--from", "1970-01-01").out.splitlines(),
                         [line for line in self.audit("show").out.splitlines() if line.split()[1] < day.encode()])

    def test_times_that_are_none_are_refused(self):
        for time in ("yesterday", "2026-13-01", "2026-02-30", "2026-01-01T", "2026-01-01T24:00", "2026-01-01T12",
                     "2026-01-01T12:60", "2026-01-01 12:00", "26-01-01", "2026-01-01T12:00:00+01:00", "1969-12-31"):
            for option in ("--from", "--to"):
                self.assert_message(self.audit("show", option, time, status=USAGE), option)

    def test_an_export_appears_whole_and_not_in_the_vault(self):
        self.audit("export", "-o", self.path("log.jsonl"))
        self.assertEqual(read(self.path("log.jsonl")), self.audit("export").out)
        self.assert_refused("audit", self.vault, "export", "-o", os.path.join(self.vault, "log"), status=USAGE)

    def test_looking_at_the_log_leaves_no_entry(self):
        before = counts(self.vault)["audit"]
        for step in ("show", "export", "verify"):
            self.audit(step)
        self.assertEqual(counts(self.vault)["audit"], before)

    def test_an_altered_entry_does_not_hide_the_others(self):
        self.change(("UPDATE audit SET sealed = zeroblob(length(sealed)) WHERE tag = ?", number_tag(2)))
        outcome = self.audit("export", status=SOME_REJECTED)
        self.assertEqual([line.get("error") for line in outcome.lines()], [None, "altered", None])
        self.assertIn("1 entry was altered", outcome.err)
        self.assertIn("ALTERED", self.audit("show", status=SOME_REJECTED).out.decode())

    # --- verify ---

    def test_a_whole_log_is_intact(self):
        outcome = self.audit("verify", "--audit-key", self.path("audit.key"))
        self.assertEqual(outcome.lines(), [{"entries": 3, "anchored": 3, "marks": 3, "refused": 0, "break_glass": 0,
                                            "honey": 0, "intact": True}])
        self.assertIn("anchored up to entry 3 of 3", outcome.err)
        without = self.audit("verify")
        self.assertEqual(without.lines()[0]["marks"], 0)
        self.assertIn("without an audit key", without.err)
        self.assertEqual(self.audit("verify", "-q").err, "")

    def test_d15_a_cut_tail_is_found_and_nobody_is_resolved_any_more(self):
        self.change(("DELETE FROM audit WHERE tag = ?", number_tag(3)))
        outcome = self.verify_fails("audit entry 3 is missing")
        self.assertIn("store.head knows 3 entries", outcome.err)
        self.moniker("resolve", self.vault, "--actor", "a", "--purpose", "p", self.ids[0], status=KEY_OR_ALTERED)

    def test_d15_a_cut_an_exchange_and_a_replay_name_the_first_bad_entry(self):
        shutil.copytree(self.vault, self.path("whole"))
        sealed = "(SELECT sealed FROM audit WHERE tag = ?)"
        for says, *statements in (
                ("audit entry 1 is missing", ("DELETE FROM audit WHERE tag = ?", number_tag(1))),
                ("audit entry 2 is missing", ("DELETE FROM audit WHERE tag = ?", number_tag(2))),
                ("audit entry 2 was altered", (f"UPDATE audit SET sealed = {sealed} WHERE tag = ?", number_tag(1),
                                               number_tag(2))),
                ("audit entry 4 was added", (f"INSERT INTO audit (tag, sealed) VALUES (?, {sealed})", number_tag(4),
                                             number_tag(3))),
                ("audit entry 2 is missing", ("UPDATE audit SET tag = ? WHERE tag = ?", number_tag(9),
                                              number_tag(2)))):
            with self.subTest(says):
                shutil.rmtree(self.vault)
                shutil.copytree(self.path("whole"), self.vault)
                self.change(*statements)
                self.verify_fails(says)
                self.verify_fails(says, key=False)

    def test_d15_an_older_store_in_its_place_is_found_by_the_anchor(self):
        older = self.copy_vault(self.vault, "older")
        self.resolve_by("dr-obrien", self.ids[0])
        for name in ("store.sqlite", "store.sqlite-wal", "store.sqlite-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(os.path.join(self.vault, name))
            if os.path.exists(os.path.join(older, name)):
                shutil.copy(os.path.join(older, name), self.vault)
        self.verify_fails("store.head knows 4 entries", "cut")
        self.assertEqual(len(self.audit("export").lines()), 3)  # though the vault cannot be opened

    def test_the_key_of_another_vault_is_told_from_it(self):
        write(self.path("audit.key"), "ab" * 32 + "\n", 0o600)
        self.verify_fails("audit entry 1 has no mark of the audit key")

    # --- the audit key ---

    def test_the_audit_key_is_written_once_for_its_owner_alone(self):
        self.assertRegex(read(self.path("audit.key")).decode(), r"^[0-9a-f]{64}\n$")
        self.assertEqual(os.stat(self.path("audit.key")).st_mode & 0o777, 0o600)
        self.assert_refused("init", self.path("other"), "--app", "a", "--key-file", self.path("other.key"),
                            "--audit-key", self.path("audit.key"), says="there is something already")

    def test_a_file_that_is_no_audit_key_is_refused(self):
        write(self.path("no.key"), "ab" * 31, 0o600)
        self.assert_message(self.audit("verify", "--audit-key", self.path("no.key"), status=FAILED), "audit key")
        os.chmod(self.path("audit.key"), 0o644)
        self.audit("verify", "--audit-key", self.path("audit.key"), status=FAILED)

    def test_a_store_of_format_1_is_to_be_opened_first(self):
        shutil.copytree(sample("vault-format-1"), self.path("old"))
        write(self.path("old", "store.lock"), "")
        os.chmod(self.path("old", "key"), 0o600)
        arguments = (self.path("old"), "--key-file", self.path("old", "key"))
        self.moniker("audit", *arguments, "show", status=FAILED)
        self.moniker("store", *arguments, "stats")
        lines = self.moniker("audit", *arguments, "export").lines()
        self.assertEqual([(line["entry"], "mark" in line) for line in lines], [(1, False)])
        self.assertTrue(self.moniker("audit", *arguments, "verify").lines()[0]["intact"])


if __name__ == "__main__":
    unittest.main()
