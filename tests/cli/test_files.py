"""Files and their rights: key files, vaults, inputs and outputs that are not there, not readable, or something else."""

import contextlib
import json
import os
import resource
import shutil
import sqlite3
import unittest

from harness import (FAILED, KEY_OR_ALTERED, ORDINARY_USER, PEOPLE, REASON, USAGE, CliTest, find_markers, json_lines,
                     missing_right, person, read, sample, tree, write)

MARIA = PEOPLE[0]
MRN = ("--column", "mrn=mrn.hospital-a")


class CommandsTest(CliTest):
    """What holds for every command that opens a vault."""

    def commands(self, vault, *options):
        return (("admit", vault, *options, sample("people.json")), ("bind", vault, *options, sample("people.json")),
                ("check", vault, *options, sample("people.json")), ("resolve", vault, *REASON, *options, "x"),
                ("pseudonymize", vault, *MRN, *options, "-o", self.path("out"), sample("visits.csv")),
                ("reidentify", vault, *REASON, *options, "-o", self.path("out"), sample("recordings.json")))

    def refuse_all(self, vault, *options, status=FAILED, says=(), **how):
        for command in self.commands(vault, *options):
            with self.subTest(command[0]):
                self.assert_refused(*command, status=status, says=says, **how)


class KeyFileTest(CommandsTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_sample_vault()
        self.key = self.vault + ".key"

    def test_a_key_file_that_others_can_read(self):
        for mode in (0o640, 0o604, 0o660, 0o777, 0o610):
            os.chmod(self.key, mode)
            self.refuse_all(self.vault, says="open to others; its mode must be 0600")
            self.refuse_all(self.vault, "--key-file", self.key, says=(self.key, "open to others"))

    def test_a_key_file_that_is_no_key_file(self):
        key = read(self.key)
        other = self.path("other.key")
        for bad in (b"", b"\n", key[:-1], key + b"\n", key.upper(), key[:14] + b"g" + key[15:], b"secret\n", key[1:],
                    b"\0" * 79, key.replace(b"key-1", b"key-2")):
            write(other, bad, 0o600)
            self.refuse_all(self.vault, "--key-file", other, status=KEY_OR_ALTERED, says=(other, "not a key file"))

    def test_a_file_that_never_was_a_key_file_is_not_said_to_have_been_changed(self):
        # The wrong file was named: there is nothing to restore and nobody to find.
        other = write(self.path("other"), "shopping list\n", 0o600)
        outcome = self.assert_refused("admit", self.vault, "--key-file", other, status=KEY_OR_ALTERED)
        self.assertNotIn("find out who changed it", outcome.err)

    def test_a_key_file_that_is_not_there_is_named(self):
        missing = self.path("missing.key")
        self.refuse_all(self.vault, "--key-file", missing, says=(missing, "No such file"))

    def test_a_remembered_key_file_that_is_not_there_is_named_as_what_is_missing(self):
        # "vault: cannot open the file (No such file or directory)" tells neither which file nor what to do.
        os.rename(self.key, self.path("elsewhere"))
        outcome = self.assert_refused("admit", self.vault, says="No such file", input=b"")
        self.assertIn("key", outcome.err.replace(self.vault, ""))

    def test_a_remembered_key_file_that_is_not_private_is_named_as_what_is_meant(self):
        os.chmod(self.key, 0o644)
        outcome = self.assert_refused("admit", self.vault, says="open to others", input=b"")
        self.assertIn("key", outcome.err.replace(self.vault, ""))

    def test_a_folder_as_key_file(self):
        os.mkdir(self.path("folder"), 0o700)
        self.refuse_all(self.vault, "--key-file", self.path("folder"), says=self.path("folder"))

    def test_init_with_a_bad_key_file_makes_nothing(self):
        os.chmod(self.key, 0o644)
        new = self.path("new")
        self.assert_refused("init", new, "--app", "a", "--key-file", self.key, says="open to others")
        write(self.key, "no key", 0o600)
        self.assert_refused("init", new, "--app", "a", "--key-file", self.key, status=KEY_OR_ALTERED,
                            says="not a key file")
        nowhere = self.path("no", "key")
        self.assert_refused("init", new, "--app", "a", "--key-file", nowhere, says=nowhere)

    def test_init_that_fails_takes_back_the_key_file_it_made_and_no_other(self):
        new_key = self.path("new.key")
        self.assert_refused("init", self.path("no", "vault"), "--app", "a", "--key-file", new_key, says="No such file")
        self.assert_refused("init", self.path("no", "vault"), "--app", "a", "--key-file", self.key, says="No such file")
        self.assert_refused("init", new_key, "--app", "a", "--key-file", new_key, says="something at the path")

    def test_a_key_file_whose_path_cannot_be_remembered_is_not_made(self):
        for name in (b"\xff", b"a\nb"):
            with self.subTest(name):
                self.assert_refused("init", self.path("new"), "--app", "a", "--key-file",
                                    os.path.join(self.folder.encode(), name), status=(FAILED, USAGE))

    def test_init_makes_a_private_key_file_and_folder_whatever_the_umask(self):
        for mask in (0o000, 0o022, 0o077):
            former = os.umask(mask)
            try:
                self.moniker("init", self.path(f"v{mask}"), "--app", "a", "--quiet",
                             "--key-file", self.path(f"k{mask}"))
            finally:
                os.umask(former)
            self.assertEqual(os.stat(self.path(f"k{mask}")).st_mode & 0o777, 0o600)
            self.assertEqual(os.stat(self.path(f"v{mask}")).st_mode & 0o777, 0o700)
            for name in os.listdir(self.path(f"v{mask}")):
                self.assertEqual(os.stat(self.path(f"v{mask}", name)).st_mode & 0o077, 0, name)

    def test_init_uses_a_key_file_that_is_there(self):
        before = read(self.key)
        self.moniker("init", self.path("second"), "--app", "a", "--key-file", self.key, "--quiet")
        self.assertEqual(read(self.key), before)
        self.moniker("admit", self.path("second"), sample("people.json"))

    def test_two_key_files_are_never_the_same(self):
        self.make_vault("second")
        self.assertNotEqual(read(self.key), read(self.path("second.key")))

    def test_a_passphrase_file_that_is_none(self):
        file = self.path("passphrase")
        for bad, mode, says in ((b"", 0o600, "1 to 1024"), (b"\n", 0o600, "1 to 1024"), (b"x" * 1026, 0o600, "larger"),
                                (b"x\n", 0o644, "open to others")):
            write(file, bad, mode)
            self.assert_refused("init", self.path("new"), "--app", "a", "--passphrase-file", file,
                                status=(FAILED, USAGE), says=(file, says))
        self.assert_refused("init", self.path("new"), "--app", "a", "--passphrase-file", self.path("missing"),
                            says=(self.path("missing"), "No such file"))


class VaultTest(CommandsTest):
    def test_a_vault_that_is_not_there(self):
        self.refuse_all(self.path("missing"), says=(self.path("missing"), "cannot find the vault"))

    def test_a_file_as_vault(self):
        self.refuse_all(write(self.path("file"), "x"), says=(self.path("file"), "not a folder"))

    def test_a_folder_that_is_no_vault(self):
        os.mkdir(self.path("folder"))
        self.refuse_all(self.path("folder"), says=self.path("folder"))
        self.assertEqual(os.listdir(self.path("folder")), [])

    def test_a_folder_that_is_no_vault_is_told_as_such(self):
        os.mkdir(self.path("folder"))
        outcome = self.assert_refused("admit", self.path("folder"), input=b"", says=self.path("folder"))
        self.assertRegex(outcome.error().replace(self.folder, ""), "vault|keyring")

    def test_init_on_a_path_that_exists(self):
        self.make_vault()
        write(self.path("file"), "x")
        os.mkdir(self.path("empty"))
        os.symlink(self.path("nowhere"), self.path("link"))
        for name in ("vault", "file", "empty", "link"):
            for path in (self.path(name), self.path(name) + "/"):
                if name in ("file", "link") and path.endswith("/"):
                    continue
                self.assert_refused("init", path, "--app", "a", "--key-file", self.path("new.key"),
                                    says=(path, "something"))

    def test_init_with_a_path_of_no_characters(self):
        self.assert_refused("init", "", "--app", "a", "--key-file", self.path("new.key"), status=(FAILED, USAGE))

    def test_a_store_that_is_missing_is_not_made_anew(self):
        vault = self.make_sample_vault()
        for name in ("store.sqlite", "store.lock", "keyring"):
            copy = self.copy_vault(vault, "without-" + name)
            os.remove(os.path.join(copy, name))
            before = tree(copy)
            outcome = self.moniker("resolve", copy, *REASON, MARIA["external_id"], status=FAILED)
            self.assert_message(outcome, copy, "no keyring" if name == "keyring" else "No such file")
            self.assertEqual(tree(copy), before)

    def test_a_keyring_of_a_newer_format(self):
        vault = self.make_sample_vault()
        data = bytearray(read(vault + "/keyring"))
        data[8:10] = b"\2\0"
        write(vault + "/keyring", bytes(data))
        for command in self.commands(vault):
            outcome = self.assert_refused(*command, says=("keyring", "newer version"))
            self.assertIn("hint: use the version of moniker that wrote it", outcome.err)

    def test_a_store_of_a_newer_format(self):
        vault = self.make_sample_vault()
        with contextlib.closing(sqlite3.connect(vault + "/store.sqlite")) as store:
            store.execute("PRAGMA user_version = 3")
        # Opened once, so that the log is there before and after.
        self.moniker("resolve", vault, *REASON, "x", status=FAILED)
        for command in self.commands(vault):
            outcome = self.assert_refused(*command, says=("store", "newer version"))
            self.assertIn("hint: use the version of moniker that wrote it", outcome.err)

    def vault_of_format_1(self, name):
        shutil.copytree(sample("vault-format-1"), self.path(name))
        for file in ("keyring", "key", "store.sqlite"):
            os.chmod(self.path(name, file), 0o600)
        write(self.path(name, "store.lock"), b"", 0o600)
        key = os.path.join(self.folder, name + ".key")
        os.rename(self.path(name, "key"), key)
        return self.path(name), ("--key-file", key)

    def test_a_store_of_format_1_keeps_its_ids_labels_and_bindings(self):
        people = json.loads(read(sample("vault-format-1/people.json")))
        self.personal += [one["name"] for one in people]
        vault, key = self.vault_of_format_1("old")
        # Whoever comes first upgrades it, and the others wait.
        processes = [self.start("resolve", vault, *key, *REASON, "--quiet") for _ in range(4)]
        ids = [one[member] for one in people for member in ("external_id", "visit_external_id", "participant_id")
               if one.get(member)]
        outputs = [process.communicate("\n".join(ids).encode()) for process in processes]
        self.assertEqual([err for _, err in outputs], [b""] * 4)
        self.assertEqual(len({out for out, _ in outputs}), 1)
        answers = [json.loads(line) for line in outputs[0][0].splitlines()]
        self.assertEqual([(answer["issuer"], answer["id"], answer["name"]) for answer in answers],
                         [(one["issuer"], one["id"], one["name"]) for one in people
                          for member in ("external_id", "visit_external_id", "participant_id") if one.get(member)])
        opaque = [one for one in people if one["issuer"] not in ("email", "phone")]
        self.assertGreater(len(opaque), 4)
        for scope, member in (((), "external_id"), (("--conference", "visit-42"), "visit_external_id")):
            known = [one for one in opaque if one.get(member)]
            lines = self.moniker("admit", vault, *key, *scope, "--role", "Guest", input=json.dumps(
                [{name: one[name] for name in ("issuer", "id", "name")} for one in known])).lines()
            self.assertEqual([line["external_id"] for line in lines], [one[member] for one in known])
            if scope:
                self.assertEqual([line["name"] for line in lines], ["Guest " + one["visit_label"] for one in known])
        # It stays of format 2.
        with contextlib.closing(sqlite3.connect(vault + "/store.sqlite")) as store:
            self.assertEqual(store.execute("PRAGMA user_version").fetchone(), (2,))

    def test_a_store_that_is_a_link_is_not_followed(self):
        vault = self.make_sample_vault()
        os.rename(vault + "/store.sqlite", self.path("moved.sqlite"))
        os.symlink(self.path("moved.sqlite"), vault + "/store.sqlite")
        self.moniker("resolve", vault, *REASON, MARIA["external_id"], status=FAILED)

    def test_a_vault_by_a_link_to_its_folder_is_the_vault(self):
        vault = self.make_sample_vault()
        os.symlink(vault, self.path("link"))
        self.assertEqual(self.resolve(self.path("link"), MARIA["external_id"])[0]["name"], MARIA["name"])


class OrdinaryUserTest(CommandsTest):
    """As a user whom the system's rights bind; root is let through them."""

    def setUp(self):
        super().setUp()
        if os.geteuid() == 0:
            self.use_a_program_for_all_users()
        self.home = self.path("home")
        os.mkdir(self.home, 0o700)
        self.own(self.home)
        self.vault = os.path.join(self.home, "vault")
        self.key = os.path.join(self.home, "key")
        root = write(os.path.join(self.home, "root.hex"), read(sample("root.hex")), 0o600)
        self.own(root)
        self.run_as_user("init", self.vault, "--app", "clinic-7", "--key-file", self.key, "--quiet",
                         "--import-root", root)
        self.run_as_user("admit", self.vault, input=json_lines(PEOPLE))

    def own(self, path, user=ORDINARY_USER):
        if os.geteuid() == 0:
            os.chown(path, user, user)
        elif user != ORDINARY_USER:
            missing_right("root, who alone can give a file to another user")

    def run_as_user(self, *arguments, **options):
        return self.moniker(*arguments, user=ORDINARY_USER, **options)

    def refuse(self, *arguments, **options):
        return self.assert_refused(*arguments, user=ORDINARY_USER, **options)

    def deny(self, path):
        os.chmod(path, 0)
        self.addCleanup(os.chmod, path, 0o700)

    def test_the_user_is_bound_by_rights(self):
        # Positive control for all tests of this class.
        secret = write(os.path.join(self.home, "secret"), "{}")
        self.own(secret)
        self.deny(secret)
        outcome = self.refuse("admit", self.vault, secret, says="Permission denied")
        self.assert_message(outcome, secret)

    def test_an_unreadable_key_file(self):
        self.deny(self.key)
        self.refuse("admit", self.vault, "--key-file", self.key, input=b"", says=(self.key, "Permission denied"))
        outcome = self.refuse("admit", self.vault, input=b"", says="Permission denied")
        # Not only the vault, which can be read: the key is what cannot.
        self.assertIn("key", outcome.err.replace(self.vault, ""))

    def test_a_key_file_of_another_user(self):
        key = self.path("their.key")
        shutil.copy(self.key, key)
        self.own(key, ORDINARY_USER - 1)
        os.chmod(key, 0o600)
        self.refuse("admit", self.vault, "--key-file", key, input=b"", says=(key, "Permission denied"))

    def test_an_unreadable_vault(self):
        for name in ("keyring", "store.sqlite", "store.lock"):
            path = os.path.join(self.vault, name)
            mode = os.stat(path).st_mode & 0o777
            os.chmod(path, 0)
            with self.subTest(name):
                self.refuse("resolve", self.vault, *REASON, MARIA["external_id"], says=self.vault)
            os.chmod(path, mode)
        os.chmod(self.vault, 0)
        self.addCleanup(os.chmod, self.vault, 0o700)
        self.refuse("resolve", self.vault, *REASON, MARIA["external_id"], says=(self.vault, "Permission denied"))

    def test_a_vault_in_which_nothing_can_be_written(self):
        for name in os.listdir(self.vault):
            os.chmod(os.path.join(self.vault, name), 0o400)
        os.chmod(self.vault, 0o500)
        self.addCleanup(os.chmod, self.vault, 0o700)
        self.refuse("admit", self.vault, input=json_lines([person(1)]), says=self.vault)
        # No answer without an audit entry.
        outcome = self.refuse("resolve", self.vault, *REASON, MARIA["external_id"], says=self.vault)
        self.assertEqual(outcome.out, b"")
        self.refuse("reidentify", self.vault, *REASON, "-o", os.path.join(self.home, "out"),
                    input='{"externalId":"x"}', says=self.vault)
        # SQLite cannot read a log without writing beside it, and the kinds of the issuers are in the store.
        self.refuse("check", self.vault, input=json_lines(PEOPLE), says=self.vault)

    def test_a_folder_in_which_nothing_can_be_made(self):
        closed = os.path.join(self.home, "closed")
        os.mkdir(closed)
        self.own(closed)
        os.chmod(closed, 0o500)
        self.refuse("init", os.path.join(closed, "vault"), "--app", "a",
                    "--key-file", os.path.join(self.home, "new.key"), says=(closed, "Permission denied"))
        self.refuse("init", os.path.join(self.home, "new"), "--app", "a", "--key-file", os.path.join(closed, "key"),
                    says=(closed, "Permission denied"))
        self.refuse("pseudonymize", self.vault, "--column", "a=b", "-o", os.path.join(closed, "out"), input="a\n1\n",
                    says=(closed, "Permission denied"))
        # What was read is in the audit log, whatever became of the answer.
        outcome = self.run_as_user("reidentify", self.vault, *REASON, "-o", os.path.join(closed, "out"), input="{}",
                                   status=FAILED)
        self.assert_message(outcome, closed, "Permission denied")

    def test_the_user_can_do_all_that_the_tests_do_as_root(self):
        self.run_as_user("bind", self.vault, input=json_lines(PEOPLE))
        outcome = self.run_as_user("resolve", self.vault, *REASON, PEOPLE[0]["participant_id"])
        self.assertEqual(outcome.lines()[0]["name"], MARIA["name"])
        out = os.path.join(self.home, "out")
        for _ in range(2):
            self.run_as_user("pseudonymize", self.vault, *MRN, "--quiet", "-o", out, input=read(sample("visits.csv")))
            self.run_as_user("reidentify", self.vault, *REASON, "--quiet", "-o", out, input='{"userId":"'
                             + MARIA["participant_id"] + '","name":"x"}')
        self.assertIn(MARIA["name"].encode(), read(out))
        self.assertEqual(os.stat(out).st_mode & 0o777, 0o600)
        self.assertEqual(sorted(os.listdir(self.home)), ["key", "out", "root.hex", "vault"])

    def test_enrolling_into_an_output_that_cannot_be_made_stores_nobody(self):
        # Exit status 1 is "failed and nothing was written"; that the output cannot be made can be known before.
        closed = os.path.join(self.home, "closed")
        os.mkdir(closed)
        self.own(closed)
        os.chmod(closed, 0o500)
        self.refuse("pseudonymize", self.vault, "--column", "a=b", "--name-column", "n", "--enroll", "-o",
                    os.path.join(closed, "out"), input="a,n\n1,Somebody\n", says=(closed, "Permission denied"))

    def test_little_lockable_memory_is_warned_of_and_works(self):
        if self.sanitized:
            self.skipTest("sanitizers replace mlock")
        if os.geteuid() != 0:
            missing_right("root, who can become a user without the right to lock memory")

        def little():
            resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))

        outcome = self.run_as_user("check", self.vault, input=json_lines(PEOPLE), preexec_fn=little)
        self.assertIn("moniker: warning: secrets may reach swap", outcome.err)
        outcome = self.run_as_user("check", self.vault, "--quiet", input=json_lines(PEOPLE), preexec_fn=little)
        self.assertEqual(outcome.err, "")


class InputTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_sample_vault()

    def test_an_input_that_cannot_be_read_is_named(self):
        os.mkdir(self.path("folder"))
        for path, says in ((self.path("missing"), "No such file"), (self.path("folder"), "Is a directory")):
            for command in (("admit", self.vault), ("bind", self.vault), ("check", self.vault),
                            ("pseudonymize", self.vault, *MRN), ("reidentify", self.vault, *REASON)):
                self.assert_refused(*command, path, says=(path, says))


class ClosedStreamTest(CliTest):
    """A standard stream that is closed: the next file that is opened gets its number."""

    def setUp(self):
        super().setUp()
        self.vault = self.make_sample_vault()

    def run_without(self, stream, *arguments, **options):
        return self.moniker(*arguments, status=None, preexec_fn=lambda: os.close(stream), **options)

    def assert_vault_unharmed(self):
        self.assertEqual(read(self.vault + "/store.lock"), b"")
        self.assertEqual(self.resolve(self.vault, MARIA["external_id"])[0]["name"], MARIA["name"])

    def test_a_closed_standard_input_is_an_error_and_not_an_empty_one(self):
        for command in (("admit", self.vault), ("bind", self.vault), ("resolve", self.vault, *REASON)):
            with self.subTest(command[0]):
                outcome = self.run_without(0, *command, stdin=None)
                self.assertEqual(outcome.status, FAILED, outcome.err)
                self.assert_message(outcome, "standard input")
                self.assert_vault_unharmed()

    def test_a_person_is_not_written_into_a_file_of_the_vault_for_want_of_a_standard_output(self):
        outcome = self.run_without(1, "resolve", self.vault, *REASON, MARIA["external_id"])
        for name in os.listdir(self.vault):
            self.assertEqual(find_markers(read(os.path.join(self.vault, name)), [MARIA["name"], MARIA["id"]]), [], name)
        self.assertEqual(outcome.status, FAILED, outcome.err)
        self.assert_vault_unharmed()

    def test_what_is_admitted_without_a_standard_output_does_no_harm(self):
        outcome = self.run_without(1, "admit", self.vault, sample("people.json"))
        self.assert_vault_unharmed()
        self.assertEqual(outcome.status, FAILED, outcome.err)

    def test_messages_without_a_standard_error_do_no_harm(self):
        outcome = self.run_without(2, "resolve", self.vault, *REASON, "unknown", MARIA["external_id"])
        self.assertEqual(len(outcome.lines()), 2)
        self.assert_vault_unharmed()


if __name__ == "__main__":
    unittest.main()
