"""store: what it holds in numbers, and records sealed anew."""

import unittest

from harness import (CONFERENCE, FAILED, PEOPLE, USAGE, CliTest, json_lines, rows)

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


class UsageTest(CliTest):
    def test_exactly_one_step_is_needed(self):
        vault = self.make_vault()
        for arguments in ((), ("verify",), ("stats", "reseal"), ("stats", "x")):
            self.moniker("store", vault, *arguments, status=USAGE)
        self.moniker("store", self.path("none"), "stats", status=FAILED)


if __name__ == "__main__":
    unittest.main()
