"""A disk without room, and one that cannot be written: small file systems in a mount namespace of the test's own."""

import ctypes
import os
import subprocess
import unittest

from harness import (DONE, FAILED, PEOPLE, REASON, CliTest, counts, json_lines, person, read, rows, sample, tree,
                     missing_right)

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
MARIA = PEOPLE[0]


def setUpModule():
    """Mounts of this process and its children are nobody else's from here on."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.geteuid(), os.getegid()
    flags = CLONE_NEWNS if user == 0 else CLONE_NEWNS | CLONE_NEWUSER
    if libc.unshare(flags) != 0:
        missing_right("to make a mount namespace (root, or user namespaces)")
    if user != 0:
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(text)
    mount("--make-rprivate", "/")


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


class DiskTest(CliTest):
    def make_disk(self, size="4m"):
        disk = self.path("disk")
        os.mkdir(disk)
        mount("-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", disk)
        self.addCleanup(subprocess.run, ["umount", disk], check=True)
        return disk

    def leave_free(self, disk, kib):
        """Fills the disk but for so much. The file that fills it is no part of what is compared."""
        self.make_room(disk)
        with open(os.path.join(disk, "filler"), "wb", buffering=0) as file:
            while (free := self.free(disk) - kib * 1024) > 0:
                file.write(b"\0" * min(free, 1 << 16))

    @staticmethod
    def make_room(disk):
        if os.path.exists(os.path.join(disk, "filler")):
            os.remove(os.path.join(disk, "filler"))

    @staticmethod
    def free(disk):
        info = os.statvfs(disk)
        return info.f_bfree * info.f_bsize

    def listing(self, disk):
        return sorted(path for path in tree(disk) if path != "filler")


class FullDiskTest(DiskTest):
    def setUp(self):
        super().setUp()
        self.disk = self.make_disk()

    def make_vault_on_disk(self):
        vault = os.path.join(self.disk, "vault")
        self.moniker("init", vault, "--app", "clinic-7", "--key-file", self.path("key"), "--quiet", "--import-root",
                     sample("root.hex"))
        self.moniker("admit", vault, sample("people.json"))
        return vault

    def test_the_disk_of_the_test_fills(self):
        # Positive control.
        self.leave_free(self.disk, 0)
        with self.assertRaises(OSError):
            with open(os.path.join(self.disk, "more"), "wb") as file:
                file.write(b"x" * 4096)

    def test_init_makes_a_whole_vault_or_leaves_nothing(self):
        statuses = []
        for kib in range(0, 260, 4):
            self.leave_free(self.disk, kib)
            vault, key = os.path.join(self.disk, "vault"), os.path.join(self.disk, "key")
            outcome = self.moniker("init", vault, "--app", "a", "--key-file", key, "--quiet", status=(DONE, FAILED))
            statuses.append(outcome.status)
            if outcome.status == FAILED:
                self.assert_message(outcome, "No space" if "No space" in outcome.error() else "no space")
                self.assertEqual(self.listing(self.disk), [], f"{kib} KiB free")
                continue
            self.make_room(self.disk)
            self.moniker("admit", vault, input=json_lines([person(1)]))
            subprocess.run(["rm", "-r", vault, key], check=True)
        self.assertIn(FAILED, statuses)
        self.assertIn(DONE, statuses)

    def test_admit_of_many_stores_all_or_nobody(self):
        vault = self.make_vault_on_disk()
        people = json_lines(map(person, range(20_000)))
        before, listing = rows(vault), self.listing(self.disk)
        outcome = self.moniker("admit", vault, input=people, status=FAILED)
        self.assert_message(outcome, vault, "no space")
        self.assertIn("moniker: hint: make room", outcome.err)
        self.assertEqual(rows(vault), before)
        self.assertEqual(self.listing(self.disk), listing)

    def test_a_vault_on_a_full_disk_works_again_when_there_is_room(self):
        vault = self.make_vault_on_disk()
        people = json_lines(map(person, range(1000)))
        refused = 0
        for kib in (0, 4, 8, 40, 100, 300, 600):
            self.leave_free(self.disk, kib)
            outcome = self.moniker("admit", vault, input=people, status=(DONE, FAILED))
            refused += outcome.status == FAILED
            self.make_room(self.disk)
            if outcome.status == FAILED:
                self.assertEqual(counts(vault)["person"], len(PEOPLE))
            self.assertEqual(self.resolve(vault, MARIA["external_id"])[0]["name"], MARIA["name"])
        self.assertGreater(refused, 3)
        self.moniker("admit", vault, input=people)
        self.assertEqual(counts(vault)["person"], len(PEOPLE) + 1000)

    def test_no_person_is_told_when_the_audit_entry_finds_no_room(self):
        vault = self.make_vault_on_disk()
        told = refused = 0
        # Each answer takes room for its audit entry until there is none.
        self.leave_free(self.disk, 64)
        while refused < 3:
            before = counts(vault)["audit"]
            outcome = self.moniker("resolve", vault, *REASON, MARIA["external_id"], status=(DONE, FAILED))
            if outcome.status == DONE:
                told += 1
                self.assertEqual(counts(vault)["audit"], before + 1)
            else:
                refused += 1
                self.assertEqual(outcome.out, b"")
                self.assert_message(outcome, vault, "no space")
                self.assertEqual(counts(vault)["audit"], before)
                outcome = self.moniker("reidentify", vault, *REASON, "-o", self.path("out"),
                                       sample("live-participants.json"), status=FAILED)
                self.assertFalse(os.path.exists(self.path("out")))
        self.assertGreater(told, 0)
        self.make_room(self.disk)
        self.resolve(vault, MARIA["external_id"])

    def test_an_output_that_finds_no_room_leaves_nothing(self):
        vault = self.make_vault()
        self.moniker("admit", vault, sample("people.json"))
        out = os.path.join(self.disk, "out")
        table = ("mrn,note\n" + "".join(f"{number},{'x' * 200}\n" for number in range(20_000))).encode()
        export = b'{"externalId":"m32pnb88e0wgd7hc26m7ph6zyfqm3092"}\n' * 100_000
        self.leave_free(self.disk, 1024)
        for former in (None, b"former"):
            if former:
                with open(out, "wb") as file:
                    file.write(former)
            before = tree(self.disk)
            for command, text in ((("pseudonymize", vault, "--column", "mrn=a"), table),
                                  (("reidentify", vault, *REASON), export)):
                outcome = self.moniker(*command, "-o", out, input=text, status=FAILED)
                self.assert_message(outcome, out, "No space")
                self.assertEqual(tree(self.disk), before)

    def test_pictures_that_find_no_room_leave_nothing(self):
        folder = os.path.join(self.disk, "avatars")
        os.mkdir(folder)
        before = self.listing(self.disk)
        for kib in (0, 16, 400):
            self.leave_free(self.disk, kib)
            outcome = self.moniker("avatars", "export", folder, status=FAILED)
            self.assert_message(outcome, folder, "No space")
            self.assertIn("moniker: hint: make room", outcome.err)
            self.assertEqual(self.listing(self.disk), before)
        self.make_room(self.disk)
        self.moniker("avatars", "export", folder)
        self.assertEqual(len(os.listdir(folder)), 257)

    def test_the_hint_about_an_output_does_not_speak_of_what_was_stored(self):
        # "nothing of this run was stored" is about the vault; with --enroll it is not even true.
        vault = self.make_vault()
        out = os.path.join(self.disk, "out")
        table = "mrn,who\n" + "".join(f"{number},Somebody\n" for number in range(1000))
        self.leave_free(self.disk, 4)
        outcome = self.moniker("pseudonymize", vault, "--column", "mrn=a", "--name-column", "who", "--enroll",
                               "-o", out, input=table, status=FAILED)
        self.assert_message(outcome, out, "No space")
        if counts(vault)["person"] != 0:
            self.assertNotIn("nothing of this run was stored", outcome.err)


class ReadOnlyTest(DiskTest):
    def setUp(self):
        super().setUp()
        self.disk = self.make_disk()
        self.vault = os.path.join(self.disk, "vault")
        self.moniker("init", self.vault, "--app", "clinic-7", "--key-file", os.path.join(self.disk, "key"), "--quiet",
                     "--import-root", sample("root.hex"))
        self.moniker("admit", self.vault, sample("people.json"))
        self.moniker("bind", self.vault, sample("people.json"))

    def read_only(self):
        mount("-o", "remount,bind,ro", self.disk)

    def test_what_writes_says_that_the_disk_is_read_only(self):
        self.read_only()
        for command in (("admit", self.vault, sample("people.json")), ("bind", self.vault, sample("people.json")),
                        ("resolve", self.vault, *REASON, MARIA["external_id"]),
                        ("reidentify", self.vault, *REASON, sample("live-participants.json")),
                        ("pseudonymize", self.vault, "--column", "mrn=a", "--name-column", "patient name", "--enroll",
                         sample("visits.csv"))):
            with self.subTest(command[0]):
                outcome = self.assert_refused(*command, says=self.vault)
                self.assertRegex(outcome.error().lower(), "read-only")

    def test_what_only_reads_the_store_fails_too_and_says_why(self):
        # The kinds of the issuers are in the store, and SQLite cannot read a log without writing beside it.
        self.read_only()
        for command in (("check", self.vault, sample("people.json")), ("keys", self.vault, "list"),
                        ("statement", self.vault),
                        ("pseudonymize", self.vault, "--column", "mrn=mrn.hospital-a", "-o", self.path("out"),
                         sample("visits.csv"))):
            self.assert_refused(*command, says=(self.vault, "Read-only file system"))

    def test_nothing_can_be_made_there(self):
        self.read_only()
        for command in (("init", os.path.join(self.disk, "new"), "--app", "a", "--key-file", self.path("new.key")),
                        ("init", self.path("new"), "--app", "a", "--key-file", os.path.join(self.disk, "new.key")),
                        ("pseudonymize", self.vault, "--column", "mrn=a", "-o", os.path.join(self.disk, "out"),
                         sample("visits.csv"))):
            self.assert_refused(*command, says=(self.disk, "Read-only file system"))

    def test_a_read_only_bind_mount_is_the_same(self):
        place = self.path("bound")
        os.mkdir(place)
        mount("--bind", self.vault, place)
        self.addCleanup(subprocess.run, ["umount", place], check=True)
        mount("-o", "remount,bind,ro", place)
        outcome = self.assert_refused("resolve", place, *REASON, MARIA["external_id"], says=place)
        self.assertRegex(outcome.error().lower(), "read-only")


if __name__ == "__main__":
    unittest.main()
