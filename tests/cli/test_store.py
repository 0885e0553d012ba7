"""store: whether it is what was written, what it holds in numbers, and records sealed anew."""

import contextlib
import os
import shutil
import sqlite3
import unittest

from harness import (CONFERENCE, DONE, FAILED, KEY_OR_ALTERED, PEOPLE, USAGE, CliTest, json_lines, read, rows, write)

STATS = ("persons", "app_pseudonyms", "conference_pseudonyms", "conferences", "participant_ids", "audit_entries")


def epochs(vault):
    """The storage epochs that records say they stand under: docs/formats/mapping-store.md, section 3."""
    return {int.from_bytes(sealed[2:6], "little") for table in rows(vault).values() for sealed in table.values()}


class StatsTest(CliTest):
    def stats(self, vault, *options):
        lines = self.moniker("store", vault, "stats", *options).lines()
        self.assertEqual(len(lines), 1)
        self.assertEqual(tuple(lines[0]), STATS)
        return tuple(lines[0].values())

    def test_a_new_vault_holds_nothing(self):
        for mode in ("derived", "enrolled"):
            self.assertEqual(self.stats(self.make_vault(mode, "--mode", mode)), (0,) * 6)

    def test_each_kind_is_counted_and_counting_changes_nothing(self):
        vault = self.make_sample_vault()
        self.moniker("admit", vault, "--conference", CONFERENCE, input=json_lines(PEOPLE[:2]))
        self.resolve(vault, PEOPLE[0]["external_id"])
        before = rows(vault)
        self.assertEqual(self.stats(vault, "--quiet"), (5, 5, 2, 1, 5, 1))
        self.assertEqual(rows(vault), before)


class ResealTest(CliTest):
    def test_no_record_stands_under_an_older_epoch_afterwards(self):
        for mode in ("derived", "enrolled"):
            vault = self.make_vault(mode, "--mode", mode)
            ids = [line["external_id"] for line in self.moniker("admit", vault, input=json_lines(PEOPLE)).lines()]
            self.resolve(vault, *ids)
            self.moniker("keys", vault, "rotate", "--storage", "--quiet")
            self.assertEqual(epochs(vault), {1, 2})
            self.assert_refused("keys", vault, "destroy", "--storage", "1", says=("storage epoch 1", "reseal"))
            outcome = self.moniker("store", vault, "reseal")
            self.assertEqual((outcome.out, outcome.err),
                             (b"", "moniker: every record stands under the newest storage epoch\n"))
            self.assertEqual(epochs(vault), {2})
            resealed = rows(vault)
            self.assertEqual(self.moniker("store", vault, "reseal", "--quiet").err, "")
            self.assertEqual(rows(vault), resealed)
            self.moniker("keys", vault, "destroy", "--storage", "1", "--quiet")
            self.assertEqual([answer["id"] for answer in self.resolve(vault, *ids)], [one["id"] for one in PEOPLE])


class VerifyTest(CliTest):
    def verify(self, vault, status=DONE):
        return self.moniker("store", vault, "verify", status=status, reports=True).lines()

    def copy_store(self, source, target):
        for name in ("store.sqlite", "store.sqlite-wal", "store.sqlite-shm"):
            if os.path.exists(os.path.join(target, name)):
                os.remove(os.path.join(target, name))
            if os.path.exists(os.path.join(source, name)):
                shutil.copy(os.path.join(source, name), target)

    def change(self, vault, *statements):
        with contextlib.closing(sqlite3.connect(os.path.join(vault, "store.sqlite"))) as store:
            for statement, values in statements:
                self.assertEqual(store.execute(statement, values).rowcount, 1)
            store.commit()

    def test_a_vault_that_nobody_touched_is_intact(self):
        for name, options in (("derived", ()), ("enrolled", ("--mode", "enrolled")),
                              ("anchored", ("--anchor", self.path("anchor")))):
            vault = self.make_vault(name, *options)
            ids = [line["external_id"] for line in self.moniker("admit", vault, input=json_lines(PEOPLE)).lines()]
            self.resolve(vault, *ids)
            before = rows(vault)
            lines = self.verify(vault)
            records = sum(len(table) for table in before.values())
            self.assertEqual(lines[0], {"store": "intact", "changes": 3, "records": records, "altered": 0})
            self.assertEqual(lines[1:], [{"found": "anchored", "anchor": anchor, "changes": 3}
                                         for anchor in ("vault", "chosen")[:1 + bool(options[:1] == ("--anchor",))]])
            self.assertEqual(rows(vault), before)

    def test_each_thing_that_was_done_to_the_rows_is_named(self):
        vault = self.make_vault("v")
        self.moniker("admit", vault, input=json_lines(PEOPLE))
        table = rows(vault)["person"]
        tag, sealed = next(iter(table.items()))
        other = list(table)[1]
        flipped = sealed[:50] + bytes([sealed[50] ^ 1]) + sealed[51:]
        update = "UPDATE person SET sealed = ? WHERE tag = ?"
        count = len(table)
        for statements, found in (
                ([(update, (flipped, tag))],
                 [{"found": "record_altered", "table": "person", "tag": tag.hex()},
                  {"found": "records_replaced", "table": "person", "written": count, "there": count}]),
                ([(update, (table[other], tag)), (update, (sealed, other))],
                 [*({"found": "record_altered", "table": "person", "tag": one.hex()} for one in sorted((tag, other))),
                  {"found": "records_replaced", "table": "person", "written": count, "there": count}]),
                ([("DELETE FROM person WHERE tag = ?", (tag,))],
                 [{"found": "records_missing", "table": "person", "written": count, "there": count - 1}]),
                ([("INSERT INTO roster (tag, sealed) VALUES (?, ?)", (tag, sealed))],
                 [{"found": "record_altered", "table": "roster", "tag": tag.hex()},
                  {"found": "records_added", "table": "roster", "written": 0, "there": 1}])):
            copy = self.copy_vault(vault, "copy")
            self.change(copy, *statements)
            lines = self.verify(copy, status=KEY_OR_ALTERED)
            self.assertEqual(lines[0]["store"], "not_intact")
            self.assertEqual(lines[1:-1], found)
            self.assertEqual(lines[-1]["found"], "anchored")
            shutil.rmtree(copy)
        self.verify(vault)

    def test_yesterdays_store_is_rolled_back_and_used_only_once_it_is_accepted(self):
        vault = self.make_vault("v")
        self.moniker("admit", vault, input=json_lines(PEOPLE[:1]))
        os.mkdir(self.path("yesterday"))
        self.copy_store(vault, self.path("yesterday"))
        self.moniker("admit", vault, input=json_lines(PEOPLE[1:2]))
        self.moniker("admit", vault, input=json_lines(PEOPLE[2:3]))
        self.copy_store(self.path("yesterday"), vault)
        lines = self.verify(vault, status=KEY_OR_ALTERED)
        self.assertEqual(lines[0]["store"], "not_intact")
        self.assertEqual(lines[1:], [{"found": "rolled_back", "anchor": "vault", "changes": lines[0]["changes"] + 2}])
        outcome = self.moniker("admit", vault, input=json_lines(PEOPLE[3:4]), status=KEY_OR_ALTERED)
        self.assert_message(outcome, "older than its anchor says")
        self.assertIn("store VAULT accept", outcome.err)
        outcome = self.moniker("store", vault, "accept")
        self.assertEqual((outcome.out, outcome.err),
                         (b"", "moniker: the store is taken for the right one, and anchored\n"))
        self.verify(vault)
        self.moniker("admit", vault, input=json_lines(PEOPLE[3:4]))
        self.assertEqual(self.verify(vault)[0]["changes"], lines[1]["changes"] + 2)

    def test_a_log_that_is_gone_is_rolled_back(self):
        vault = self.make_vault("v")
        self.moniker("admit", vault, input=json_lines(PEOPLE))
        os.remove(vault + "/store.sqlite-wal")
        os.remove(vault + "/store.sqlite-shm")
        self.assertEqual(self.verify(vault, status=KEY_OR_ALTERED)[1]["found"], "rolled_back")

    def test_the_whole_folder_of_yesterday_is_noticed_by_an_anchor_elsewhere(self):
        anchor = self.path("anchor")
        vault = self.make_vault("v", "--anchor", anchor)
        shutil.copytree(vault, self.path("yesterday"))
        self.moniker("admit", vault, input=json_lines(PEOPLE))
        shutil.rmtree(vault)
        shutil.copytree(self.path("yesterday"), vault)
        self.assertEqual([line["found"] for line in self.verify(vault, status=KEY_OR_ALTERED)[1:]],
                         ["anchored", "rolled_back"])
        self.moniker("store", vault, "accept", "--quiet")
        # Nothing in the folder tells, without an anchor elsewhere.
        self.moniker("store", vault, "accept", "--no-anchor", "--quiet")
        self.assertEqual(len(self.verify(vault)), 2)
        shutil.rmtree(self.path("yesterday"))
        shutil.copytree(vault, self.path("yesterday"))
        self.moniker("admit", vault, input=json_lines(PEOPLE))
        shutil.rmtree(vault)
        shutil.copytree(self.path("yesterday"), vault)
        self.verify(vault)

    def test_an_anchor_that_is_gone_keeps_the_vault_closed(self):
        anchor = self.path("anchor")
        vault = self.make_vault("v", "--anchor", anchor)
        os.remove(anchor)
        self.assert_refused("admit", vault, says=("anchor",))
        self.assertEqual(self.verify(vault, status=KEY_OR_ALTERED)[2], {"found": "anchor_missing", "anchor": "chosen"})
        self.moniker("store", vault, "accept", "--anchor", anchor, "--quiet")
        self.verify(vault)
        self.assertEqual(os.stat(anchor).st_mode & 0o777, 0o600)

    def test_an_anchor_is_made_where_nothing_is(self):
        taken = write(self.path("taken"), b"something")
        self.moniker("init", self.path("new"), "--app", "clinic-7", "--key-file", self.path("new.key"), "--anchor",
                     taken, status=FAILED)
        self.assertEqual(read(taken), b"something")
        self.assertFalse(os.path.exists(self.path("new")))
        self.assertFalse(os.path.exists(self.path("new.key")))


class UsageTest(CliTest):
    def test_exactly_one_step_is_needed(self):
        vault = self.make_vault()
        for arguments in ((), ("check",), ("stats", "reseal"), ("stats", "x"), ("accept", "--anchor"),
                          ("accept", "--anchor", self.path("a"), "--no-anchor")):
            self.moniker("store", vault, *arguments, status=USAGE)
        self.moniker("store", self.path("none"), "stats", status=FAILED)


if __name__ == "__main__":
    unittest.main()
