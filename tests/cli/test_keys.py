"""keys: list, rotate and destroy, also while other processes have the vault open."""

import os
import re
import shutil
import stat
import unittest

from harness import (CONFERENCE, DONE, FAILED, KEY_OR_ALTERED, PEOPLE, REASON, USAGE, CliTest, json_lines, person,
                     read, rows, tree, wait_until_it_waits, write)

KINDS = ("identity", "storage", "index")
MODES = ("derived", "enrolled")
MARIA, JOSE = PEOPLE[0], PEOPLE[1]


class KeysTest(CliTest):
    def ids(self, vault, records, *options):
        lines = self.moniker("admit", vault, *options, input=json_lines(records)).lines()
        return [line["external_id"] for line in lines]

    def rotate(self, vault, *kinds):
        for kind in kinds:
            self.moniker("keys", vault, "rotate", "--" + kind, "--quiet")

    def epochs(self, vault):
        """{kind: [(epoch, newest)]}"""
        found = {}
        for line in self.moniker("keys", vault, "list").lines():
            found.setdefault(line["kind"], []).append((line["epoch"], line["newest"]))
        return found

    def claim(self, one, external_id):
        return {"issuer": one["issuer"], "id": one["id"], "external_id": external_id}

    def matches(self, vault, *claims):
        return [line["match"] for line in self.moniker("check", vault, input=json_lines(claims)).lines()]


class ListTest(KeysTest):
    def test_a_new_vault_has_one_epoch_of_each_kind(self):
        vault = self.make_vault()
        before = tree(self.folder)
        outcome = self.moniker("keys", vault, "list")
        self.assertEqual([(line["kind"], line["epoch"], line["newest"]) for line in outcome.lines()],
                         [(kind, 1, True) for kind in KINDS])
        for line in outcome.lines():
            self.assertEqual(list(line), ["kind", "epoch", "created", "newest"])
            self.assertRegex(line["created"], r"\A20\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\dZ\Z")
        self.assertEqual((outcome.err, outcome.out.count(b"\n")), ("", 3))
        self.assert_unchanged({**before, "vault": tree(self.folder)["vault"]})

    def test_no_byte_of_a_key_is_printed(self):
        vault = self.make_vault()
        self.rotate(vault, *KINDS)
        out = self.moniker("keys", vault, "list").out.decode()
        self.assertIsNone(re.search(r"[0-9a-f]{16}|[A-Za-z0-9+/]{22}", out))

    def test_rotations_are_listed_in_order(self):
        vault = self.make_vault()
        self.rotate(vault, "index", "identity", "index")
        self.assertEqual(self.epochs(vault), {"identity": [(1, False), (2, True)], "storage": [(1, True)],
                                              "index": [(1, False), (2, False), (3, True)]})


class RotateTest(KeysTest):
    def test_what_was_admitted_before_still_resolves_whatever_is_rotated(self):
        for mode in MODES:
            for kind in KINDS:
                with self.subTest(f"{mode} {kind}"):
                    vault = self.make_vault(f"{mode}-{kind}", "--mode", mode)
                    old = self.ids(vault, PEOPLE) + self.ids(vault, PEOPLE, "--conference", CONFERENCE)
                    self.moniker("bind", vault, input=json_lines([{"participant_id": "p-1", "external_id": old[0]}]))
                    self.rotate(vault, kind)
                    new = self.ids(vault, PEOPLE)
                    answers = self.resolve(vault, *old, *new, "p-1")
                    self.assertEqual([answer["name"] for answer in answers],
                                     [one["name"] for one in PEOPLE] * 3 + [MARIA["name"]])
                    # New external IDs come with new identity keys alone.
                    same = kind != "identity"
                    self.assertEqual([a == b for a, b in zip(new, old)], [same] * len(PEOPLE))
                    self.assertEqual(self.matches(vault, self.claim(MARIA, old[0]), self.claim(MARIA, new[0]),
                                                  self.claim(MARIA, new[1])), [True, True, False])

    def test_nobody_is_stored_twice_after_index_rotations(self):
        for mode in MODES:
            vault = self.make_vault(mode, "--mode", mode)
            first = self.ids(vault, PEOPLE)
            before = {table: len(found) for table, found in rows(vault).items()}
            for _ in range(5):
                self.rotate(vault, "index")
                self.assertEqual(self.ids(vault, PEOPLE), first)
            self.assertEqual({table: len(found) for table, found in rows(vault).items()}, before)
            self.assertEqual(self.ids(vault, [person(1)]), self.ids(vault, [person(1)]))

    def test_an_older_epoch_gives_the_ids_of_its_time(self):
        for mode in MODES:
            vault = self.make_vault(mode, "--mode", mode)
            first = self.ids(vault, PEOPLE)
            self.rotate(vault, "identity")
            second = self.ids(vault, PEOPLE)
            self.rotate(vault, "identity")
            third = self.ids(vault, PEOPLE)
            self.assertEqual(len({*first, *second, *third}), 3 * len(PEOPLE))
            for epoch, expected in (("1", first), ("2", second), ("3", third)):
                self.assertEqual(self.ids(vault, PEOPLE, "--epoch", epoch), expected)
            # And of who was not there then.
            [late] = self.ids(vault, [person(1)], "--epoch", "1")
            self.assertEqual(self.resolve(vault, late)[0]["name"], person(1)["name"])

    def test_the_first_epoch_of_a_derived_vault_is_still_the_imported_root(self):
        vault = self.make_vault()
        self.rotate(vault, "identity")
        self.assertEqual(self.ids(vault, [MARIA], "--epoch", "1"), [MARIA["external_id"]])
        table = f"mrn\n{MARIA['id']}\n"
        columns = ("pseudonymize", vault, "--column", "mrn=mrn.hospital-a")
        self.assertEqual(self.moniker(*columns, "--epoch", "1", input=table).out.split()[1].decode(),
                         MARIA["external_id"])
        self.assertNotEqual(self.moniker(*columns, input=table).out.split()[1].decode(), MARIA["external_id"])

    def test_the_file_stays_closed_to_others_and_nothing_is_left_behind(self):
        vault = self.make_vault()
        names = sorted(os.listdir(vault))
        self.rotate(vault, *KINDS)
        self.assertEqual(stat.S_IMODE(os.stat(vault + "/keyring").st_mode), 0o600)
        self.assertLessEqual(set(os.listdir(vault)), {*names, "store.sqlite-wal", "store.sqlite-shm"})

    def test_under_a_passphrase_and_a_key_file_at_another_place(self):
        passphrase = write(self.path("passphrase"), "correct horse\n", 0o600)
        vault = self.path("by-passphrase")
        self.moniker("init", vault, "--app", "a", "--quiet", "--passphrase-file", passphrase)
        self.moniker("keys", vault, "--passphrase-file", passphrase, "rotate", "--identity", "--quiet")
        self.moniker("admit", vault, "--passphrase-file", passphrase, "--epoch", "1", input=json_lines([person(1)]))
        vault = self.make_vault()
        os.rename(vault + ".key", self.path("moved"))
        self.moniker("keys", vault, "rotate", "--index", "--key-file", self.path("moved"), "--quiet")
        self.moniker("admit", vault, "--key-file", self.path("moved"), input=json_lines([person(1)]))
        # The remembered path is the one that was given at init.
        os.rename(self.path("moved"), vault + ".key")
        self.moniker("admit", vault, input=json_lines([person(1)]))

    def test_the_notes_say_the_epoch_and_that_a_copy_is_needed(self):
        vault = self.make_vault()
        outcome = self.moniker("keys", vault, "rotate", "--storage")
        self.assertIn("new storage epoch 2", outcome.err)
        self.assertIn("keep a copy of the vault's keyring", outcome.err)
        self.assertEqual(outcome.out, b"")

    def test_exactly_one_kind_is_needed(self):
        vault = self.make_vault()
        for kinds in ((), ("--identity", "--index"), ("--all",)):
            self.assert_refused("keys", vault, "rotate", *kinds, status=USAGE)
        self.assert_refused("keys", vault, status=USAGE)


class DestroyTest(KeysTest):
    def test_ids_of_a_destroyed_epoch_resolve_and_are_neither_checked_nor_made(self):
        for mode in MODES:
            vault = self.make_vault(mode, "--mode", mode)
            [old] = self.ids(vault, [MARIA])
            self.rotate(vault, "identity")
            [new] = self.ids(vault, [MARIA])
            outcome = self.moniker("keys", vault, "destroy", "--identity", "1")
            self.assertIn("destroyed identity epoch 1", outcome.err)
            self.assertEqual([answer["id"] for answer in self.resolve(vault, old, new)], [MARIA["id"]] * 2)
            self.assertEqual(self.matches(vault, self.claim(MARIA, old), self.claim(MARIA, new)), [False, True])
            self.assert_refused("admit", vault, "--epoch", "1", input=json_lines([MARIA]), status=USAGE,
                                says="--epoch")
            self.assertEqual(self.epochs(vault)["identity"], [(2, True)])
            # What is there can still be bound.
            self.moniker("bind", vault, input=json_lines([{"participant_id": "p", "external_id": old}]))
            self.assertEqual(self.resolve(vault, "p")[0]["id"], MARIA["id"])

    def test_a_number_is_never_used_again(self):
        vault = self.make_vault()
        self.rotate(vault, "identity")
        self.moniker("keys", vault, "destroy", "--identity", "1", "--quiet")
        self.rotate(vault, "identity")
        self.assertEqual(self.epochs(vault)["identity"], [(2, False), (3, True)])

    def test_the_newest_and_unknown_epochs_are_refused(self):
        vault = self.make_vault()
        self.rotate(vault, "identity", "index", "storage")
        for epoch, says in (("2", "newest"), ("3", "no key"), ("0", "no key"), ("4294967295", "no key")):
            self.assert_refused("keys", vault, "destroy", "--identity", epoch, says=(f"epoch {epoch}", says))
        for epoch in ("", "x", "-1", "1.5", "4294967296", "1 "):
            self.assert_refused("keys", vault, "destroy", "--identity", epoch, status=USAGE)
        self.assert_refused("keys", vault, "destroy", "--identity", status=USAGE)


class ResealTest(KeysTest):
    def test_an_old_storage_epoch_can_be_destroyed_after_resealing_and_not_before(self):
        for mode in MODES:
            vault = self.make_vault(mode, "--mode", mode)
            ids = self.ids(vault, PEOPLE) + self.ids(vault, PEOPLE, "--conference", CONFERENCE)
            self.moniker("bind", vault, input=json_lines([{"participant_id": "p-1", "external_id": ids[0]}]))
            before = self.resolve(vault, *ids, "p-1")
            self.rotate(vault, "storage", "storage")
            self.assert_refused("keys", vault, "destroy", "--storage", "1", says=("storage epoch 1", "reseal the store"))
            outcome = self.moniker("store", vault, "reseal")
            self.assertEqual((outcome.out, outcome.err),
                             (b"", "moniker: every record stands under the newest storage epoch\n"))
            # The header of a record says the epoch.
            self.assertEqual({sealed[2:6] for table in rows(vault).values() for sealed in table.values()},
                             {b"\3\0\0\0"})
            for epoch in ("1", "2"):
                self.moniker("keys", vault, "destroy", "--storage", epoch, "--quiet")
            self.assertEqual(self.epochs(vault)["storage"], [(3, True)])
            self.assertEqual(self.resolve(vault, *ids, "p-1"), before)
            self.assert_refused("keys", vault, "destroy", "--storage", "3", says="newest")

    def test_resealing_again_changes_nothing(self):
        vault = self.make_vault()
        self.ids(vault, PEOPLE)
        before = rows(vault)
        self.moniker("store", vault, "reseal", "--quiet")
        self.assertEqual(rows(vault), before)

    def test_others_may_write_meanwhile(self):
        vault = self.make_vault("vault", "--mode", "enrolled")
        ids = self.ids(vault, map(person, range(1000)))
        self.rotate(vault, "storage")
        resealing = [self.start("store", vault, "reseal", "--quiet") for _ in range(2)]
        more = self.ids(vault, [{**person(number), "name": f"Xqzfirst{number} Other"} for number in range(1000, 2000)])
        self.ids(vault, [{**person(number), "name": f"Xqzfirst{number} Other"} for number in range(500)])
        self.assertEqual([process.wait() for process in resealing], [DONE] * 2)
        answers = self.resolve(vault, input="\n".join(ids + more))
        self.assertEqual([answer["id"] for answer in answers], [person(number)["id"] for number in range(2000)])
        self.assertEqual({answer["name"].split()[1] for answer in answers[:500] + answers[1000:]}, {"Other"})

    def test_stats_are_the_numbers_of_what_was_done(self):
        vault = self.make_vault()
        self.ids(vault, PEOPLE)
        self.ids(vault, PEOPLE[:2], "--conference", CONFERENCE)
        self.moniker("bind", vault, input=json_lines(
            [{"participant_id": "p-1", "external_id": MARIA["external_id"]}]))
        self.resolve(vault, "p-1")
        [line] = self.moniker("store", vault, "stats").lines()
        self.assertEqual(line, {"persons": len(PEOPLE), "app_pseudonyms": len(PEOPLE), "conference_pseudonyms": 2,
                                "conferences": 1, "participant_ids": 1, "audit_entries": 1})


class RewrapTest(KeysTest):
    def test_a_new_key_file_opens_the_vault_and_the_old_one_no_longer(self):
        vault = self.make_vault()
        [id_] = self.ids(vault, [MARIA])
        before = {**rows(vault), "meta": None}  # the settings are written anew
        self.moniker("keys", vault, "rewrap", "--new-key-file", self.path("new.key"))
        self.assertEqual(stat.S_IMODE(os.stat(self.path("new.key")).st_mode), 0o600)
        self.assertEqual({**rows(vault), "meta": None}, before)
        self.resolve(vault, id_, "--key-file", vault + ".key", status=KEY_OR_ALTERED)
        # The new path is the remembered one.
        os.remove(vault + ".key")
        self.assertEqual(self.resolve(vault, id_)[0]["id"], MARIA["id"])
        self.rotate(vault, *KINDS)
        self.assertEqual(self.ids(vault, [MARIA], "--epoch", "1"), [id_])

    def test_from_a_key_file_to_a_passphrase_and_back(self):
        vault = self.make_vault()
        [id_] = self.ids(vault, [MARIA])
        passphrase = write(self.path("passphrase"), "correct horse\n", 0o600)
        self.moniker("keys", vault, "rewrap", "--new-passphrase-file", passphrase, "--quiet")
        self.assert_refused("keys", vault, "list", status=USAGE, says="passphrase")
        self.assertEqual(self.resolve(vault, id_, "--passphrase-file", passphrase)[0]["id"], MARIA["id"])
        self.moniker("keys", vault, "rewrap", "--passphrase-file", passphrase, "--new-key-file", vault + ".key",
                     "--quiet")
        self.assertEqual(self.resolve(vault, id_)[0]["id"], MARIA["id"])

    def test_what_is_no_protector_changes_nothing_and_leaves_no_key_file(self):
        vault = self.make_vault()
        for options, status in ((("--new-key-file", self.path("none", "key")), FAILED), ((), USAGE),
                                (("--new-passphrase-file", self.path("none")), FAILED),
                                (("--new-key-file", write(self.path("bad"), "x", 0o600)), KEY_OR_ALTERED),
                                (("--new-key-file", self.path("k"), "--new-passphrase-file", self.path("p")), USAGE)):
            self.assert_refused("keys", vault, "rewrap", *options, status=status)
        # With a wrong key no new key file is made.
        self.make_vault("other")
        self.assert_refused("keys", vault, "rewrap", "--key-file", self.path("other.key"), "--new-key-file",
                            self.path("new.key"), status=KEY_OR_ALTERED)

    def test_the_key_file_stays_when_the_keyring_took_its_place_and_could_not_be_made_durable(self):
        vault = self.make_vault()
        [id_] = self.ids(vault, [MARIA])
        env = self.environment_with("""
            #include <errno.h>
            #include <fcntl.h>
            #include <sys/stat.h>
            #include <sys/syscall.h>
            #include <unistd.h>
            int fsync(int fd) {  /* of the vault's folder fails */
              if (faccessat(fd, "keyring", F_OK, 0) == 0) return errno = EIO, -1;
              return syscall(SYS_fsync, fd);
            }
            """)
        self.moniker("keys", vault, "rewrap", "--new-key-file", self.path("new.key"), status=FAILED, env=env)
        self.assertEqual(self.resolve(vault, id_, "--key-file", self.path("new.key"))[0]["id"], MARIA["id"])


class OtherProcessesTest(KeysTest):
    """Processes that have the vault open and wait for their input take a rotation over."""

    def waiting(self, *command):
        process = self.start(*command)
        wait_until_it_waits(process, process.stdin)
        return process

    def finish(self, process, text, status=DONE):
        out, err = process.communicate(text)
        self.assertEqual((process.returncode, err), (status, b""))
        return out

    def test_an_admission_that_waits_is_made_under_the_newest_keys(self):
        for mode in MODES:
            for kinds in (("identity",), ("storage",), ("index",), KINDS, KINDS + KINDS):
                with self.subTest(f"{mode} {kinds}"):
                    vault = self.make_vault("-".join((mode, *kinds)), "--mode", mode)
                    [old] = self.ids(vault, [MARIA])
                    process = self.waiting("admit", vault)
                    self.rotate(vault, *kinds)
                    meanwhile = self.ids(vault, [MARIA, person(1)])
                    out = self.finish(process, json_lines([MARIA, person(1), person(2)])).decode()
                    for id_ in meanwhile:
                        self.assertIn(id_, out)
                    [late] = self.ids(vault, [person(2)])
                    self.assertIn(late, out)
                    answers = self.resolve(vault, old, *meanwhile, late)
                    self.assertEqual([answer["id"] for answer in answers],
                                     [MARIA["id"], MARIA["id"], person(1)["id"], person(2)["id"]])

    def test_reading_commands_that_wait_know_what_was_made_meanwhile(self):
        for mode in MODES:
            for kind in KINDS:
                with self.subTest(f"{mode} {kind}"):
                    vault = self.make_vault(f"{mode}-{kind}", "--mode", mode)
                    self.ids(vault, [MARIA])
                    resolving, checking = self.waiting("resolve", vault, *REASON), self.waiting("check", vault)
                    binding, reidentifying = self.waiting("bind", vault), self.waiting("reidentify", vault, *REASON)
                    self.rotate(vault, kind)
                    maria, new = self.ids(vault, [MARIA, person(1)])
                    self.assertIn(b'"id":"00000001"', self.finish(resolving, f"{new}\n".encode()))
                    self.assertEqual(self.finish(checking, json_lines(
                        [self.claim(MARIA, maria), self.claim(person(1), new)])), b'{"match":true}\n' * 2)
                    self.assertIn(b'"bound":true', self.finish(binding, json_lines(
                        [{"participant_id": "p-1", "external_id": new}])))
                    out, err = reidentifying.communicate(json_lines([{"externalId": maria}]))
                    self.assertEqual((reidentifying.returncode, out), (DONE, json_lines([{"externalId": MARIA["id"]}])),
                                     err)

    def test_an_epoch_that_is_destroyed_meanwhile_is_told(self):
        vault = self.make_vault()
        self.rotate(vault, "identity")
        process = self.waiting("admit", vault, "--epoch", "1")
        self.moniker("keys", vault, "destroy", "--identity", "1", "--quiet")
        out, err = process.communicate(json_lines([MARIA]))
        self.assertEqual((process.returncode, out), (FAILED, b""))
        self.assertIn(b"epoch", err)
        self.assertEqual(rows(vault)["person"], {})

    def test_several_rotations_at_once_all_count(self):
        vault = self.make_vault()
        processes = [self.start("keys", vault, "rotate", "--" + kind, "--quiet") for kind in KINDS * 4]
        admitting = [self.start("admit", vault) for _ in range(2)]
        outputs = [process.communicate(json_lines(map(person, range(200)))) for process in admitting]
        self.assertEqual([process.wait() for process in processes + admitting], [DONE] * 14)
        self.assertEqual({kind: len(found) for kind, found in self.epochs(vault).items()}, dict.fromkeys(KINDS, 5))
        ids = [line.split(b'"')[3].decode() for out, _ in outputs for line in out.splitlines()]
        self.assertEqual([answer["id"] for answer in self.resolve(vault, input="\n".join(ids))],
                         [person(number)["id"] for number in range(200)] * 2)
        # Whoever came first, everybody is stored once.
        self.assertEqual(len(rows(vault)["person"]), 200)


class ProtectorsTest(KeysTest):
    def test_from_a_key_file_to_a_passphrase_to_another_key_file(self):
        vault = self.make_vault()
        ids = self.ids(vault, PEOPLE)
        passphrase = write(self.path("passphrase"), "open sesame\n", 0o600)
        records = rows(vault)
        self.moniker("keys", vault, "rewrap", "--new-passphrase-file", passphrase)
        self.moniker("keys", vault, "list", status=USAGE)
        answer = self.moniker("resolve", vault, *REASON, "--passphrase-file", passphrase, ids[0]).lines()[0]
        self.assertEqual(answer["id"], MARIA["id"])
        self.moniker("keys", vault, "rewrap", "--passphrase-file", passphrase, "--new-key-file", self.path("new.key"))
        self.assertEqual(stat.S_IMODE(os.stat(self.path("new.key")).st_mode), 0o600)
        self.assertEqual(rows(vault)["person"], records["person"])
        self.moniker("keys", vault, "list", "--key-file", vault + ".key", status=KEY_OR_ALTERED)
        self.rotate(vault, *KINDS)
        self.assertEqual(self.resolve(vault, ids[0])[0]["id"], MARIA["id"])

    def test_exactly_one_new_protector_is_needed_and_a_failure_leaves_none(self):
        vault = self.make_vault()
        for options in ((), ("--new-key-file", self.path("a"), "--new-passphrase-file", self.path("b"))):
            self.assert_refused("keys", vault, "rewrap", *options, status=USAGE)
        before = read(vault + "/keyring")
        self.moniker("keys", vault, "rewrap", "--new-passphrase-file", self.path("none"), status=FAILED)
        self.moniker("keys", vault, "rewrap", "--new-key-file", self.path("none", "key"), status=FAILED)
        self.assertEqual(read(vault + "/keyring"), before)


class CopiesTest(KeysTest):
    def test_a_keyring_from_before_a_rotation_opens_nothing_and_says_so(self):
        for kind in KINDS:
            vault = self.make_vault(kind)
            self.ids(vault, [MARIA])
            old = read(vault + "/keyring")
            self.rotate(vault, kind)
            new = read(vault + "/keyring")
            write(vault + "/keyring", old)
            before = rows(vault)
            for command in (("admit", vault), ("check", vault), ("resolve", vault, *REASON, MARIA["external_id"]),
                            ("keys", vault, "list"), ("keys", vault, "rotate", "--index"), ("statement", vault)):
                self.moniker(*command, input=json_lines([MARIA]), status=KEY_OR_ALTERED)
            self.assertEqual(rows(vault), before)
            write(vault + "/keyring", new)
            self.resolve(vault, MARIA["external_id"])

    def test_a_rotation_that_was_interrupted_after_the_keyring_was_written_does_no_harm(self):
        for kind in KINDS:
            with self.subTest(kind):
                vault = self.make_vault(kind)
                self.ids(vault, [MARIA])
                rotated = self.copy_vault(vault, kind + "-rotated")
                self.moniker("keys", rotated, "rotate", "--" + kind, "--quiet", "--key-file", vault + ".key")
                shutil.copy(rotated + "/keyring", vault + "/keyring")  # newer than the settings of the store
                self.assertEqual(self.epochs(vault)[kind], [(1, False), (2, True)])
                self.assertEqual(self.resolve(vault, MARIA["external_id"])[0]["id"], MARIA["id"])
                new = self.ids(vault, [MARIA, person(1)])
                self.assertEqual([answer["id"] for answer in self.resolve(vault, *new)],
                                 [MARIA["id"], person(1)["id"]])
                self.rotate(vault, kind)
                self.assertEqual(self.epochs(vault)[kind], [(1, False), (2, False), (3, True)])
                self.resolve(vault, *new)


if __name__ == "__main__":
    unittest.main()
