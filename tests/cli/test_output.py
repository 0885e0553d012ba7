"""-o: the output appears whole and private, or not at all, whatever happens to the run."""

import os
import resource
import signal
import stat
import subprocess
import unittest

from harness import (DONE, FAILED, PEOPLE, REASON, USAGE, CliTest, counts, json_lines, kill_and_reap, person, read,
                     sample, tree, wait_until_it_waits, write)

MRN = ("--column", "mrn=mrn.hospital-a", "--quiet")


def big_table(size):
    return ("mrn,note\n" + "".join(f"{number},{'x' * 40}\n" for number in range(size))).encode()


def limit_file_size(size):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return limit


class OutputTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_sample_vault()
        self.out = self.path("out.csv")

    def commands(self):
        """Each command that has an output, with an input that it reads from standard input."""
        return ((("pseudonymize", self.vault, *MRN), read(sample("visits.csv"))),
                (("reidentify", self.vault, *REASON, "--quiet"), read(sample("live-participants.json"))))

    def listing(self):
        return sorted(os.listdir(self.folder))


class FileTest(OutputTest):
    def test_the_output_is_private_whatever_the_umask_and_whatever_was_there(self):
        for command, text in self.commands():
            expected = self.moniker(*command, input=text, reveals=True).out
            for mask in (0o000, 0o077):
                former = os.umask(mask)
                try:
                    for before in (None, 0o644, 0o666, 0o400):
                        if before is not None:
                            write(self.out, "former", before)
                        self.moniker(*command, "-o", self.out, input=text)
                        self.assertEqual(os.stat(self.out).st_mode & 0o777, 0o600)
                        self.assertEqual(read(self.out), expected)
                        os.remove(self.out)
                finally:
                    os.umask(former)
        self.assertEqual(self.listing(), ["vault", "vault.key"])

    def test_a_relative_output_is_in_the_working_folder(self):
        command, text = self.commands()[0]
        self.moniker(*command, "-o", "here.csv", input=text)
        self.moniker(*command, "--output", "./there.csv", input=text)
        self.assertEqual(read(self.path("here.csv")), read(self.path("there.csv")))

    def test_an_output_that_is_the_input_is_refused(self):
        for command, text in self.commands():
            source = write(self.path("in"), text)
            os.link(source, self.path("hard-link"))
            os.symlink(source, self.path("link"))
            os.mkdir(self.path("sub"))
            for output in (source, self.path("hard-link"), self.path("link"), self.path("sub", "..", "in"), "in",
                           "./in"):
                self.assert_refused(*command, "-o", output, source, status=USAGE, says="same file")
                self.assert_refused(*command, "-o", output, self.path("link"), status=USAGE, says="same file")
                with open(source, "rb") as stream:
                    self.assert_refused(*command, "-o", output, stdin=stream, status=USAGE, says="same file")
            for name in ("in", "hard-link", "link"):
                os.remove(self.path(name))
            os.rmdir(self.path("sub"))

    def test_an_output_that_cannot_be_made_is_named(self):
        os.mkdir(self.path("folder"))
        for command, text in self.commands():
            for output, says in ((self.path("missing", "out"), "No such file"),
                                 (self.path("folder"), "no regular file"),
                                 (self.vault + ".key/out", "Not a directory")):
                before = self.listing(), os.listdir(self.path("folder"))
                outcome = self.moniker(*command, "-o", output, input=text, status=FAILED)
                self.assert_message(outcome, output, says)
                self.assertEqual((self.listing(), os.listdir(self.path("folder"))), before)

    def test_a_fifo_or_device_is_written_to_and_not_replaced(self):
        # As root, -o /dev/stdout or -o /dev/null would otherwise put a file in the place of the device.
        for command, text in self.commands():
            fifo = self.path("fifo")
            os.mkfifo(fifo)
            reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
            self.addCleanup(os.close, reader)
            with self.subTest(command[0]):
                outcome = self.moniker(*command, "-o", fifo, input=text, status=None)
                self.assertTrue(stat.S_ISFIFO(os.lstat(fifo).st_mode), "a file stands in the place of the FIFO")
                if outcome.status == DONE:
                    self.assertEqual(os.read(reader, 1 << 20), self.moniker(*command, input=text, reveals=True).out)
                else:
                    self.assert_message(outcome, fifo)
            os.remove(fifo)

    def test_a_link_to_a_device_is_not_replaced(self):
        # What /dev/stdout is.
        command, text = self.commands()[0]
        os.symlink("/dev/null", self.path("link"))
        self.moniker(*command, "-o", self.path("link"), input=text, status=None)
        self.assertTrue(os.path.islink(self.path("link")), "a file stands in the place of the link")

    def test_the_files_that_the_vault_lives_on_are_no_output(self):
        for command, text in self.commands():
            for name in ("vault/keyring", "vault/store.sqlite", "vault/store.lock", "vault.key"):
                with self.subTest(command=command[0], output=name):
                    before = read(self.path(name))
                    self.moniker(*command, "-o", self.path(name), input=text, status=None)
                    unharmed = read(self.path(name)) == before
                    write(self.path(name), before)
                    self.assertTrue(unharmed, f"{name} was overwritten: the vault is lost")


class FailureTest(OutputTest):
    def test_a_failed_run_leaves_no_output_and_the_former_one(self):
        for command, _ in self.commands():
            for bad in ('mrn,b\n1,2\n"', '{"mrn":'):
                self.moniker(*command, "-o", self.out, input=bad, status=(FAILED, USAGE))
                self.assertEqual(self.listing(), ["vault", "vault.key"])
                write(self.out, "former")
                self.moniker(*command, "-o", self.out, input=bad, status=(FAILED, USAGE))
                self.assertEqual(read(self.out), b"former")
                os.remove(self.out)

    def test_a_file_too_large_for_the_system_leaves_nothing(self):
        # The signal is ignored, so that write() fails with EFBIG.
        def limit():
            limit_file_size(100_000)()
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

        outcome = self.moniker("pseudonymize", self.vault, *MRN, "-o", self.out, input=big_table(5000), status=FAILED,
                               preexec_fn=limit, restore_signals=False)
        self.assert_message(outcome, self.out, "File too large")
        self.assertEqual(self.listing(), ["vault", "vault.key"])

    def test_a_full_standard_output_is_an_error(self):
        with open("/dev/full", "wb") as full:
            for command in (("admit", self.vault, sample("people.json")), ("check", self.vault, sample("people.json")),
                            ("resolve", self.vault, *REASON, PEOPLE[0]["external_id"]), ("platforms",), ("version",),
                            ("pseudonymize", self.vault, *MRN, sample("visits.csv")),
                            ("reidentify", self.vault, *REASON, sample("recordings.json"))):
                outcome = self.moniker(*command, stdout=full, status=FAILED)
                self.assert_message(outcome, "standard output", "No space left")

    def test_an_output_that_nobody_reads_to_its_end_is_no_success(self):
        process = self.start("pseudonymize", self.vault, *MRN)
        process.stdin.write(big_table(20_000))
        process.stdin.close()
        process.stdout.read(10)
        process.stdout.close()
        self.assertNotEqual(process.wait(), DONE)


class KilledTest(OutputTest):
    def test_killed_while_it_reads_it_leaves_nothing(self):
        write(self.path("former"), "former")
        for command, text in self.commands():
            for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
                for out in ("new", "former"):
                    process = self.start(*command, "-o", self.path(out))
                    process.stdin.write(text[:len(text) // 2])
                    process.stdin.flush()
                    wait_until_it_waits(process, process.stdin)
                    before = tree(self.folder)
                    kill_and_reap(process, number)
                    self.assertEqual(process.returncode, -number)
                    self.assert_unchanged(before)
        self.assertEqual(self.listing(), ["former", "vault", "vault.key"])
        self.assertEqual(read(self.path("former")), b"former")

    def killed_while_it_writes(self, command, text):
        """The system ends the process by a signal when its output has grown to 64 KiB: deterministic, unlike a kill at
        some time. The vault has been opened and is smaller."""
        process = self.start(*command, "-o", self.out, preexec_fn=limit_file_size(1 << 16), stdout=subprocess.DEVNULL)
        _, err = process.communicate(text)
        self.assertEqual((process.returncode, err), (-signal.SIGXFSZ, b""))

    def test_killed_while_it_writes_it_leaves_no_output(self):
        self.killed_while_it_writes(("pseudonymize", self.vault, *MRN), big_table(5000))
        self.assertFalse(os.path.exists(self.out))

    def test_killed_while_it_writes_it_leaves_the_former_output(self):
        write(self.out, "former")
        self.killed_while_it_writes(("pseudonymize", self.vault, *MRN), big_table(5000))
        self.assertEqual(read(self.out), b"former")

    def test_killed_while_it_writes_names_are_not_left_in_a_temporary_file(self):
        # Rule 7: no personal data in temporary files.
        one = PEOPLE[0]
        text = "".join(f'{{"externalId":"{one["external_id"]}","name":"Patient RCG-V3F"}}\n' for _ in range(5000))
        self.killed_while_it_writes(("reidentify", self.vault, *REASON, "--quiet"), text.encode())
        self.assertEqual(self.listing(), ["vault", "vault.key"])


class KilledStoreTest(CliTest):
    """Killed by the system in the midst of writing to the vault."""

    def test_of_an_admission_that_was_killed_nothing_or_all_is_there_and_the_vault_works(self):
        vault = self.make_sample_vault()
        people = json_lines(map(person, range(3000)))
        outcomes = set()
        # The log of the store grows to 1.5 MB or more.
        for size in (1 << 16, 100_000, 300_001, 777_777, 1_000_000):
            process = self.start("admit", vault, preexec_fn=limit_file_size(size))
            out, _ = process.communicate(people)
            self.assertEqual((process.returncode, out), (-signal.SIGXFSZ, b""))
            outcomes.add(counts(vault)["person"])
            self.assertEqual(len(self.resolve(vault, *(one["external_id"] for one in PEOPLE))), len(PEOPLE))
        self.assertEqual(outcomes, {len(PEOPLE)})
        self.moniker("admit", vault, input=people)
        self.assertEqual(counts(vault)["person"], len(PEOPLE) + 3000)

    def test_of_an_enrolment_that_was_killed_nothing_is_there(self):
        vault = self.make_vault()
        table = "mrn,who\n" + "".join(f"{person(n)['id']},{person(n)['name']}\n" for n in range(3000))
        process = self.start("pseudonymize", vault, *MRN, "--name-column", "who", "--enroll", "-o", self.path("out"),
                             preexec_fn=limit_file_size(500_000))
        process.communicate(table.encode())
        self.assertEqual(process.returncode, -signal.SIGXFSZ)
        self.assertEqual(counts(vault)["person"], 0)
        self.assertEqual(sorted(os.listdir(self.folder)), ["vault", "vault.key"])

    def test_a_store_that_may_not_grow_is_an_error_and_nothing_is_stored(self):
        def limit():
            limit_file_size(1 << 16)()
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

        vault = self.make_sample_vault()
        outcome = self.moniker("admit", vault, input=json_lines(map(person, range(3000))), status=FAILED,
                               preexec_fn=limit, restore_signals=False)
        self.assert_message(outcome, vault, "store")
        self.assertEqual(counts(vault)["person"], len(PEOPLE))
        self.resolve(vault, PEOPLE[0]["external_id"])

    def test_an_init_that_was_killed_makes_no_vault_and_can_be_repeated(self):
        for size in (0, 40, 79, 200, 1000, 5000, 20_000):
            vault, key = self.path(f"vault-{size}"), self.path(f"key-{size}")
            command = ("init", vault, "--app", "a", "--quiet", "--key-file", key)
            process = self.start(*command, preexec_fn=limit_file_size(size))
            process.communicate()
            self.assertEqual(process.returncode, -signal.SIGXFSZ, f"limit {size}")
            self.assertFalse(os.path.exists(vault))
            with self.subTest(size):
                self.moniker(*command)
                self.moniker("admit", vault, input=json_lines([person(1)]))


if __name__ == "__main__":
    unittest.main()
