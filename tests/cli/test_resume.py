"""A batch run that was ended early and is run again with --resume: what it writes is what it would have
written undisturbed, and what is not the same run is refused."""

import contextlib
import fcntl
import gzip
import json
import os
import random
import resource
import signal
import subprocess
import tempfile
import time

from harness import (CliTest, DONE, FAILED, SOME_REJECTED, USAGE, environment, find_markers, read,
                     wait_until_it_waits, write)

BLOCK = 1 << 18  # bytes of the input that are worked on at once
COLUMNS = ("--column", "mrn=mrn.hospital-a")
RESUME = ("--resume", "--checkpoint-every", "0")


def table(records, faulty=0, filler=80):
    chance = random.Random(7)
    lines = ["visit,mrn,patient name,ward,note"]
    for i in range(records):
        mrn = "  " if faulty and i % faulty == faulty - 1 else f"{chance.randrange(10**8):08}"
        lines.append(f'{i},{mrn},Xqzfirst{i} Xqzlast{i},ward-{i % 17},"seen, {"x" * (i % filler)}"')
    return "\n".join(lines) + "\n"


def documents(records):
    chance = random.Random(8)
    for i in range(records):
        yield (f'{{"n": {i}.00, "mrn": "{chance.randrange(10**8):08}", "conference": "visit-{i % 40}",'
               f' "list": [1, {{"a": "{"y" * (i % 90)}"}}]}}')


class ResumeTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_vault()

    def pseudonymize(self, *arguments, **options):
        return self.moniker("pseudonymize", self.vault, "--quiet", *arguments, **options)

    def left_behind(self):
        return sorted(name for name in os.listdir(self.folder)
                      if ".checkpoint" in name or ".partial" in name)

    def break_off(self, *arguments, size, status=FAILED):
        """Runs until the output would be larger than that, which is an error of the system. Deterministic."""
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        return self.pseudonymize(*arguments, status=status, preexec_fn=limit, restore_signals=False)


class Killed(ResumeTest):
    """Killed at random moments, again and again, until a run comes to its end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Who is killed leaves what the system has, durable or not; so the disk need not be waited for.
        if os.path.isdir("/dev/shm"):
            cls.addClassCleanup(setattr, tempfile, "tempdir", tempfile.tempdir)
            tempfile.tempdir = "/dev/shm"

    def kill_until_done(self, arguments, outputs, expected, kills, seconds, status=(DONE,)):
        """`expected` by name of output; `seconds` that an undisturbed run takes."""
        chance = random.Random(len(arguments) + kills)
        killed = runs = under_way = 0
        while killed < kills:
            for path in outputs:
                with contextlib.suppress(FileNotFoundError):
                    os.remove(path)
            patience = seconds * 0.9
            while True:
                runs += 1
                self.assertLess(runs, kills * 20, "no run comes to its end")
                process = self.start(*arguments)
                try:
                    process.wait(chance.random() * patience)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                self.end(process)
                if process.returncode != -signal.SIGKILL:
                    break
                killed += 1
                patience *= 1.05  # on a machine that others use too a run takes longer than it did
                under_way += self.output_kept(outputs[0]) > 0
                for name in self.left_behind():
                    self.assertEqual(os.stat(self.path(name)).st_mode & 0o777, 0o600, name)
            self.assertIn(process.returncode, status)
            for path in outputs:
                self.assertEqual(read(path) == expected[path], True, f"{path} after {killed} kills")
            self.assertEqual(self.left_behind(), [])
        self.assertGreater(under_way, 0, "nobody was killed between two checkpoints")

    @staticmethod
    def output_kept(path):
        with contextlib.suppress(FileNotFoundError):
            return json.loads(read(path + ".checkpoint"))["output_size"]
        return 0


class KillTest(Killed):
    def check(self, name, data, columns, kills, *, suffix="", extra=(), outputs=(), status=DONE):
        source = write(self.path("in-" + name), data)
        output = self.path("out-" + name + suffix)
        arguments = ("pseudonymize", self.vault, "--quiet", *columns, *extra, "-o", output, source)
        begun = time.monotonic()
        self.moniker(*arguments, *RESUME, status=status)
        seconds = time.monotonic() - begun
        paths = [output, *outputs]
        resumed = {path: read(path) for path in paths}
        self.moniker(*arguments, status=status)
        for path in paths:
            self.assertEqual(read(path) == resumed[path], True, f"{path}: with and without --resume")
        self.kill_until_done((*arguments, *RESUME), paths, resumed, 6 if self.sanitized else kills, seconds,
                             (status,))

    def test_csv_with_records_left_out(self):
        rejected, report = self.path("rejected.csv"), self.path("report.json")
        self.check("a.csv", table(15_000, faulty=97), COLUMNS, 38, status=SOME_REJECTED,
                   extra=("--on-error", "reject=" + rejected, "--report", report, "--drop", "patient name"),
                   outputs=(rejected, report))

    def test_json_lines(self):
        self.check("a.jsonl", "".join(line + "\n" for line in documents(12_000)), COLUMNS, 38)

    def test_a_json_array(self):
        self.check("a.json", "[" + " ,\n".join(documents(12_000)) + "]\n", COLUMNS, 38)

    def test_gzip_to_gzip(self):
        data = gzip.compress(table(15_000).encode(), compresslevel=1, mtime=0)
        self.check("a.csv.gz", data, (*COLUMNS, "--drop", "patient name"), 38)

    def test_csv_to_zstd(self):
        self.check("b.csv", table(15_000), (*COLUMNS, "--drop", "patient name"), 38, suffix=".zst")


class EnrolmentTest(Killed):
    """With --enroll also what was stored before the run was killed has to be the same afterwards."""

    def enroll(self, vault, output, *options):
        return ("pseudonymize", vault, "--quiet", *COLUMNS, "--name-column", "patient name", "--enroll",
                *options, "-o", output, self.path("in.csv"))

    def check_kills(self, vault, expected, *options):
        output = self.path("out.csv")
        self.kill_until_done((*self.enroll(vault, output, *options), *RESUME), [output], {output: expected},
                             2 if self.sanitized else 5, 1)

    def setUp(self):
        super().setUp()
        write(self.path("in.csv"), table(6_000, filler=900))

    def test_derived_in_conferences(self):
        # Labels depend on who came first.
        other = self.copy_vault(self.vault, "other")
        options = ("--conference-column", "ward", "--as", "label")
        self.moniker(*self.enroll(other, self.path("expected.csv"), *options))
        self.check_kills(self.vault, read(self.path("expected.csv")), *options)

    def test_enrolled(self):
        vault = self.make_vault("enrolled", "--mode", "enrolled", root=None)
        output = self.path("out.csv")
        process = self.start(*self.enroll(vault, output), *RESUME)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.4)
        self.end(process)
        self.moniker(*self.enroll(vault, output), *RESUME)
        self.moniker(*self.enroll(vault, self.path("expected.csv")))
        self.assertEqual(read(output), read(self.path("expected.csv")))
        self.check_kills(vault, read(output))


class RefusalTest(ResumeTest):
    def setUp(self):
        super().setUp()
        self.source = write(self.path("in.csv"), table(12_000))
        self.output = self.path("out.csv")
        self.run = (*COLUMNS, "--drop", "patient name", "-o", self.output, self.source)
        self.pseudonymize(*self.run)
        self.expected = read(self.output)
        os.remove(self.output)
        self.break_off(*self.run, *RESUME, size=3 * BLOCK)
        self.assertEqual(self.left_behind(), ["out.csv.checkpoint", "out.csv.partial"])
        kept = json.loads(read(self.output + ".checkpoint"))["output_size"]
        self.assertGreater(kept, BLOCK)
        os.truncate(self.output + ".partial", kept)

    def assert_goes_on(self, *more):
        self.pseudonymize(*self.run, "--resume", *more)
        self.assertEqual(read(self.output) == self.expected, True)
        self.assertEqual(self.left_behind(), [])

    def assert_not_resumed(self, *says, arguments=None, vault=None):
        self.assert_refused("pseudonymize", vault or self.vault, "--quiet", *(arguments or self.run), "--resume",
                            says=says)

    def change_checkpoint(self, **members):
        path = self.output + ".checkpoint"
        write(path, json.dumps({**json.loads(read(path)), **members}))

    def test_it_goes_on_with_any_number_of_threads(self):
        self.assert_goes_on("--threads", "1")

    def test_what_is_done_is_not_done_again(self):
        before = os.stat(self.output + ".partial").st_ino
        self.assert_goes_on()
        self.assertEqual(os.stat(self.output).st_ino, before)

    def test_nothing_personal_is_kept_beside_the_output(self):
        for name in self.left_behind():
            self.assertEqual(find_markers(read(self.path(name)), self.personal), [], name)

    def test_a_longer_input(self):
        with open(self.source, "a") as file:
            file.write("1,2,3,4,5\n")
        self.assert_not_resumed("out.csv.checkpoint", "the input was changed since")

    def test_an_input_of_another_time(self):
        os.utime(self.source, ns=(0, 1))
        self.assert_not_resumed("the input was changed since")

    def test_an_input_with_another_content_of_the_same_size_and_time(self):
        info = os.stat(self.source)
        data = bytearray(read(self.source))
        data[100] ^= 1
        write(self.source, bytes(data))
        os.utime(self.source, ns=(info.st_atime_ns, info.st_mtime_ns))
        self.assert_not_resumed("in.csv", "not what it was when the run began")

    def test_other_options(self):
        for options in (("--column", "mrn=mrn.hospital-b"), (*COLUMNS, "--as", "uuid"),
                        (*COLUMNS, "--conference", "visit-42"), (*COLUMNS, "--null-values", "x"),
                        (*COLUMNS, "--on-error", "skip"), (*COLUMNS, "--add", "new=mrn")):
            self.assert_not_resumed("of other options or another vault",
                                    arguments=(*options, "--drop", "patient name", "-o", self.output, self.source))
        self.assert_goes_on()

    def test_another_vault(self):
        self.assert_not_resumed("another vault", vault=self.make_vault("other", root=None))

    def test_another_epoch(self):
        self.moniker("keys", self.vault, "rotate", "--identity", "--quiet")
        self.assert_not_resumed("of other options or another vault")

    def test_a_kind_that_was_declared_since(self):
        write(self.path("one.csv"), "mrn\n1\n")
        self.pseudonymize("--column", "mrn=mrn.hospital-a:text", self.path("one.csv"))
        self.assert_not_resumed("of other options or another vault")

    def test_another_version(self):
        self.change_checkpoint(version="0.0.9")
        self.assert_not_resumed("made by another version of this program")

    def test_a_damaged_checkpoint(self):
        whole = read(self.output + ".checkpoint")
        for data in (b"", b"{}", whole[:-20], b"[" + whole + b"]", whole.replace(b'"place"', b'"p"')):
            write(self.output + ".checkpoint", data)
            self.assert_not_resumed("out.csv.checkpoint")

    def test_a_place_that_there_is_not(self):
        for place in ("1", "x", "1 9999999999 1 1 1 1 1 1 0 0 0 0 0 0", "1 1 2 3 4 5 6 7 8"):
            self.change_checkpoint(place=place)
            self.assert_not_resumed("in.csv")

    def test_an_output_that_is_shorter(self):
        os.truncate(self.output + ".partial", 1000)
        self.assert_not_resumed("shorter than it was")

    def test_an_output_that_is_longer_is_cut_off(self):
        with open(self.output + ".partial", "ab") as file:
            file.write(b"what a killed run wrote behind its last checkpoint")
        self.assert_goes_on()

    def test_an_output_that_is_open_to_others(self):
        os.chmod(self.output + ".partial", 0o644)
        self.assert_not_resumed("no file of this user alone")

    def test_a_link_in_the_place_of_the_output(self):
        os.rename(self.output + ".partial", self.path("elsewhere"))
        os.symlink(self.path("elsewhere"), self.output + ".partial")
        self.assert_not_resumed("out.csv")

    def test_the_output_without_its_checkpoint(self):
        os.remove(self.output + ".checkpoint")
        self.assert_not_resumed("out.csv.partial", "no checkpoint")

    def test_the_checkpoint_without_its_output(self):
        os.remove(self.output + ".partial")
        self.assert_not_resumed("out.csv")

    def test_two_runs_at_once(self):
        with open(self.output + ".partial", "rb+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.assert_not_resumed("another run is writing it")
        self.assert_goes_on()

    def test_a_run_without_resume_begins_anew_and_leaves_it(self):
        self.pseudonymize(*self.run)
        self.assertEqual(read(self.output) == self.expected, True)
        self.assertEqual(self.left_behind(), ["out.csv.checkpoint", "out.csv.partial"])

    def test_streams(self):
        os.mkfifo(self.path("fifo"))
        for arguments in ((self.source,), ("-o", self.output), ("-o", "-", self.source),
                          ("-o", self.output, self.path("fifo"))):
            self.assert_refused("pseudonymize", self.vault, *COLUMNS, "--resume", *arguments, status=USAGE,
                                says="--resume: only from a file to a file")

    def test_an_input_that_is_the_state_of_its_output(self):
        for name in ("x.csv.partial", "x.csv.checkpoint"):
            write(self.path(name), "mrn\n1\n")
            self.assert_refused("pseudonymize", self.vault, *COLUMNS, "--resume", "-o", self.path("x.csv"),
                                self.path(name), status=USAGE, says="input and output are the same file")


class SeveralInputsTest(ResumeTest):
    def setUp(self):
        super().setUp()
        self.inputs = [write(self.path(f"{name}.csv"), table(records))
                       for name, records in (("a", 3_000), ("b", 12_000), ("c", 100))]
        os.mkdir(self.path("out"))
        self.run = (*COLUMNS, "--drop", "patient name", "--out-dir", self.path("out"),
                    "--report", self.path("report.json"), *self.inputs)
        self.pseudonymize(*self.run)
        self.names = ["a.csv", "b.csv", "c.csv"]
        self.expected = {name: read(self.path("out", name)) for name in self.names}
        self.report = read(self.path("report.json"))
        for name in self.names:
            os.remove(self.path("out", name))
        self.break_off(*self.run, *RESUME, size=3 * BLOCK)

    def assert_goes_on(self):
        self.pseudonymize(*self.run, "--resume")
        self.assertEqual({name: read(self.path("out", name)) == data for name, data in self.expected.items()},
                         dict.fromkeys(self.names, True))
        self.assertEqual(read(self.path("report.json")), self.report)
        self.assertEqual(sorted(os.listdir(self.path("out"))), self.names)

    def test_those_that_are_complete_stay(self):
        self.assertEqual(sorted(os.listdir(self.path("out"))),
                         ["a.csv", "a.csv.checkpoint", "b.csv.checkpoint", "b.csv.partial"])
        before = os.stat(self.path("out", "a.csv"))
        self.assert_goes_on()
        after = os.stat(self.path("out", "a.csv"))
        self.assertEqual((after.st_ino, after.st_mtime_ns), (before.st_ino, before.st_mtime_ns))

    def test_a_complete_one_that_has_not_its_name_yet(self):
        os.rename(self.path("out", "a.csv"), self.path("out", "a.csv.partial"))
        self.assert_goes_on()

    def test_a_complete_one_that_is_another_now(self):
        write(self.path("out", "a.csv"), "mine")
        self.assert_refused("pseudonymize", self.vault, "--quiet", *self.run, "--resume",
                            says=("a.csv", "not what the run has written there"))


class SignalTest(ResumeTest):
    """Ended by a signal in the middle. The end of the input is held back by its size alone, so the signal
    comes before it unless the machine stands still; then the test begins again."""

    def interrupted(self, number, *options):
        """The run, ended by a signal; None if it was faster."""
        source = self.path("in.csv")
        if not os.path.exists(source):
            write(source, table(150_000))
        process = self.start("pseudonymize", self.vault, *COLUMNS, "--drop", "patient name", *options,
                             "-o", self.path("out.csv"), source)
        while process.poll() is None and self.written_by(process) < BLOCK:
            time.sleep(0.0005)
        process.send_signal(number)
        out, err = process.communicate()
        if os.path.exists(self.path("out.csv")):
            os.remove(self.path("out.csv"))
            return None
        return process.returncode, err.decode()

    @staticmethod
    def written_by(process):
        try:
            lines = read(f"/proc/{process.pid}/io").splitlines()
        except (PermissionError, FileNotFoundError, ProcessLookupError):  # of another user; at its end
            return BLOCK
        return next(int(line.split()[1]) for line in lines if line.startswith(b"wchar:"))

    def try_interrupted(self, number, *options):
        for _ in range(20):
            outcome = self.interrupted(number, *options)
            if outcome:
                return outcome
        self.fail("every run was faster than the signal")

    def test_with_resume_the_next_run_goes_on(self):
        self.pseudonymize(*COLUMNS, "--drop", "patient name", "-o", self.path("expected.csv"),
                          write(self.path("in.csv"), table(150_000)))
        for number, expected in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            status, err = self.try_interrupted(number, "--resume")
            self.assertEqual(status, expected)
            self.assertEqual(err, "moniker: error: interrupted\nmoniker: hint: the same command goes on from here\n")
            self.assertEqual(self.left_behind(), ["out.csv.checkpoint", "out.csv.partial"])
            self.assertGreater(json.loads(read(self.path("out.csv.checkpoint")))["output_size"], 0)
            self.pseudonymize(*COLUMNS, "--drop", "patient name", "--resume", "-o", self.path("out.csv"),
                              self.path("in.csv"))
            self.assertEqual(read(self.path("out.csv")) == read(self.path("expected.csv")), True)

    def test_without_resume_nothing_is_left(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            status, err = self.try_interrupted(number)
            self.assertEqual((status, err), (-number, ""))
            self.assertEqual(sorted(os.listdir(self.folder)), ["in.csv", "vault", "vault.key"])

    def test_without_resume_nothing_is_left_where_every_file_has_a_name(self):
        """A file system without O_TMPFILE, as a library in front of the system's says it is."""
        env = self.environment_with("""
            #define _GNU_SOURCE
            #include <errno.h>
            #include <fcntl.h>
            #include <stdarg.h>
            #include <sys/syscall.h>
            #include <unistd.h>
            int open(const char* path, int flags, ...) {
              va_list rest;
              va_start(rest, flags);
              const int mode = va_arg(rest, int);
              va_end(rest);
              if ((flags & O_TMPFILE) == O_TMPFILE) return errno = EOPNOTSUPP, -1;
              return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
            }
            """)
        process = self.start("pseudonymize", self.vault, *COLUMNS, "-o", self.path("out.csv"), env=env)
        process.stdin.write(b"mrn\n" + b"00000001\n" * 100_000)
        process.stdin.flush()
        wait_until_it_waits(process, process.stdin)  # for more of its input
        self.assertEqual(len([name for name in os.listdir(self.folder) if name.startswith("out.csv.")]), 1)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(), -signal.SIGINT)
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("out")], [])

    def test_a_signal_that_was_ignored_stays_so(self):
        source = write(self.path("in.csv"), table(20_000))
        process = self.start("pseudonymize", self.vault, *COLUMNS, "--resume", "--quiet", "-o", self.path("out.csv"),
                             source, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            time.sleep(0.001)
        self.assertEqual(process.returncode, DONE)

    def test_a_reader_that_goes_away_is_no_error_message(self):
        source = write(self.path("in.csv"), table(150_000))
        process = self.start("pseudonymize", self.vault, "--quiet", *COLUMNS, source)
        process.stdout.read(1)
        process.stdout.close()
        self.assertEqual(process.stderr.read(), b"")
        self.assertEqual(process.wait(), -signal.SIGPIPE)


