"""store backup and store restore."""

import os
import shutil
import unittest

from harness import (CONFERENCE, FAILED, KEY_OR_ALTERED, PEOPLE, SOME_REJECTED, USAGE, CliTest, find_markers, json_lines,
                     read, rows, write)

NOTE = "moniker: the backup is of no use without the vault's keyring: keep copies of both, apart\n"


class BackupTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_sample_vault()
        self.moniker("admit", self.vault, "--conference", CONFERENCE, input=json_lines(PEOPLE))
        self.file = self.path("clinic.backup")

    def back_up(self, *options, vault=None, **expectations):
        return self.moniker("store", vault or self.vault, "backup", self.file, *options, **expectations)

    def restore(self, *options, vault=None, **expectations):
        return self.moniker("store", vault or self.vault, "restore", self.file, *options, **expectations)

    def lose_store(self):
        for name in ("store.sqlite", "store.sqlite-wal", "store.sqlite-shm"):
            os.remove(os.path.join(self.vault, name))

    def test_a_lost_store_comes_back_with_all_of_its_rows(self):
        outcome = self.back_up()
        self.assertEqual((outcome.out, outcome.err), (b"", NOTE))
        self.assertEqual(os.stat(self.file).st_mode & 0o777, 0o600)
        before = rows(self.vault)
        self.lose_store()
        self.assertEqual(self.restore().err, "moniker: the store is that of the backup\n")
        after = rows(self.vault)
        for table in before:
            if table not in ("meta", "audit"):
                self.assertEqual(after[table], before[table], table)
        self.assertEqual(len(after["audit"]), 1)
        answers = self.resolve(self.vault, *(one["participant_id"] for one in PEOPLE))
        self.assertEqual([answer["name"] for answer in answers], [one["name"] for one in PEOPLE])

    def test_a_backup_shows_nobody(self):
        self.back_up("--quiet")
        self.assertEqual(find_markers(read(self.file), self.personal), [])
        for table in rows(self.vault).values():
            for tag, sealed in table.items():
                self.assertNotIn(sealed[10:42], read(self.file))

    def test_who_was_erased_since_stays_erased(self):
        self.back_up("--quiet")
        gone = PEOPLE[0]
        self.moniker("erase", self.vault, input=json_lines([{"issuer": gone["issuer"], "id": gone["id"]}]))
        for lost in (False, True):
            if lost:
                self.lose_store()
            self.restore("--force", "--quiet")
            for query in (gone["external_id"], gone["participant_id"]):
                self.resolve(self.vault, query, status=SOME_REJECTED)
            self.assertEqual(len(rows(self.vault)["person"]), len(PEOPLE) - 1)
            self.assertEqual(self.resolve(self.vault, PEOPLE[1]["external_id"])[0]["name"], PEOPLE[1]["name"])

    def test_a_store_that_is_there_is_not_replaced_unless_told(self):
        self.back_up("--quiet")
        self.assert_refused("store", self.vault, "restore", self.file, says="has a store")
        self.moniker("admit", self.vault, "--conference", "another", input=json_lines(PEOPLE))
        self.restore("--force", "--quiet")
        self.assertEqual(len(rows(self.vault)["external_id"]), 2 * len(PEOPLE))

    def test_what_is_not_whole_is_refused_and_changes_nothing(self):
        self.back_up("--quiet")
        whole = read(self.file)
        altered = bytearray(whole)
        altered[len(whole) // 2] ^= 1
        for content in (b"", b"x" * 5000, whole[:-1], whole[:58], whole + b"\0", bytes(altered)):
            write(self.file, content)
            before = rows(self.vault)
            self.restore("--force", status=KEY_OR_ALTERED)
            self.assertEqual(rows(self.vault), before)
            self.assertFalse(os.path.exists(os.path.join(self.vault, "restoring")))

    def test_another_vault_takes_none_of_it(self):
        self.back_up("--quiet")
        other = self.make_vault("other")
        self.restore("--force", vault=other, status=KEY_OR_ALTERED)

    def test_a_backup_goes_through_a_pipe(self):
        self.back_up("--quiet")
        self.lose_store()
        self.moniker("store", self.vault, "restore", "-", "--quiet", input=read(self.file))
        self.assertEqual(self.resolve(self.vault, PEOPLE[0]["external_id"])[0]["name"], PEOPLE[0]["name"])

    def test_a_folder_with_a_keyring_alone_is_enough(self):
        self.back_up("--quiet")
        new = self.path("new")
        os.mkdir(new, 0o700)
        shutil.copy(os.path.join(self.vault, "keyring"), new)
        self.restore("--quiet", vault=new)
        self.assertEqual(self.resolve(new, PEOPLE[0]["external_id"])[0]["name"], PEOPLE[0]["name"])

    def test_a_failing_backup_leaves_no_file(self):
        self.moniker("store", self.vault, "backup", os.path.join(self.vault, "backup"), status=USAGE)
        self.moniker("store", self.vault, "backup", self.path("none", "backup"), status=FAILED)
        self.moniker("store", self.path("none"), "backup", self.file, status=FAILED)
        self.moniker("store", self.vault, "backup", status=USAGE)
        self.moniker("store", self.vault, "restore", self.path("none"), status=FAILED)
        self.assertFalse(os.path.exists(self.file))


if __name__ == "__main__":
    unittest.main()
