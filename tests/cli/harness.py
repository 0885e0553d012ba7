"""Runs the program as its users do: arguments, standard input, exit status, and what it printed.

Every run is held to the rules that all commands share, whatever its test is about: the exit status is
the expected one, what is on standard error has the form of messages, after an error nothing is on
standard output, nothing personal is where it must not be, and no temporary file is left.

The path of the program comes in the environment variable MONIKER_BINARY. Tests run as root (in CI)
and as an ordinary user; what takes a right that is missing is left out and says so, but fails in CI.
"""

import base64
import contextlib
import fcntl
import json
import os
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import termios
import unittest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.append(os.path.join(TESTS, "vectors"))

import metadata_vectors  # noqa: E402
import pseudonym_vectors as independent  # noqa: E402  (the derivation by other code than the program's)



def missing_right(what):
    """Ends a test that this user cannot run. Where CI is set every test has to run."""
    if os.environ.get("CI"):
        raise AssertionError("this test needs " + what)
    raise unittest.SkipTest("needs " + what)


DONE, FAILED, USAGE, SOME_REJECTED, KEY_OR_ALTERED, REFUSED = range(6)
ERRORS = (FAILED, USAGE, KEY_OR_ALTERED, REFUSED)

SAMPLES = os.path.join(TESTS, "data")
APP = "clinic-7"
CONFERENCE = "visit-42"
ROOT = bytes(range(32))  # samples/root.hex
REASON = ("--actor", "dr-obrien", "--purpose", "treatment")
# Commands that exist to print persons.
REVEALING = ("resolve", "reidentify")

ORDINARY_USER = 65534
TIMEOUT = 120  # for a run that hangs; no test depends on it


def sample(name):
    return os.path.join(SAMPLES, name)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data, mode=None):
    with open(path, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode("utf-8"))
    if mode is not None:
        os.chmod(path, mode)
    return path


PEOPLE = json.loads(read(sample("people.json")))


def json_lines(records):
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode("utf-8")


def digest_of(issuer, value, suite="blake2b", conference=None, app=APP, root=ROOT):
    return independent.digest(suite, root, app.encode(), conference and conference.encode(),
                              issuer.encode(), value.encode("utf-8"))


def external_id_of(issuer, value, **where):
    return independent.external_id(digest_of(issuer, value, **where))


def with_metadata(external_id, **metadata):
    """The external ID with sealed metadata, by other code than the library's."""
    place = metadata_vectors.at(id=external_id)
    block = metadata_vectors.padded(metadata_vectors.payload_of(metadata or metadata_vectors.WORKED))
    return metadata_vectors.text_of(place, metadata_vectors.seal_block(place, block))


# --- Marks of persons --------------------------------------------------------------------------------

def forms_of(marker):
    """The encodings in which a text could hide, by name. The text has some 8 bytes or more."""
    raw = marker.encode("utf-8")
    forms = {"raw": raw, "hex": raw.hex().encode(), "upper-case hex": raw.hex().upper().encode(),
             "UTF-16LE": marker.encode("utf-16-le"), "UTF-16BE": marker.encode("utf-16-be")}
    if not marker.isascii():
        forms["JSON escapes"] = json.dumps(marker)[1:-1].encode()
    # Base64 depends on where in its group of three the text begins; characters that share bits with
    # a neighbour are left out.
    for offset in range(3):
        encoded = base64.b64encode(b"x" * offset + raw)
        first = (offset * 8 + 5) // 6
        last = (offset + len(raw)) * 8 // 6
        forms[f"base64 at {offset}"] = encoded[first:last]
    return forms


def find_markers(data, markers):
    """`marker (form)` for each that occurs in the bytes."""
    return [f"{marker} ({name})" for marker in markers
            for name, form in forms_of(marker).items() if form in data]


# --- Processes ---------------------------------------------------------------------------------------

class Outcome:
    def __init__(self, status, out, err):
        self.status = status
        self.out = out
        self.err = err.decode("utf-8", "backslashreplace")

    def lines(self):
        """Standard output as JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    def error(self):
        """What follows `moniker: error: `."""
        return next((line[len("moniker: error: "):] for line in self.err.splitlines()
                     if line.startswith("moniker: error: ")), "")


def environment(scratch):
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "HOME": scratch,
            "TMPDIR": scratch, "SQLITE_TMPDIR": scratch,
            # Of builds with sanitizers; their reports are not to look like an exit status of the program.
            "ASAN_OPTIONS": "exitcode=99:detect_leaks=0", "UBSAN_OPTIONS": "exitcode=99:print_stacktrace=1",
            "TSAN_OPTIONS": "exitcode=99"}


def wait_until_it_waits(process, pipe):
    """Returns when a process has read all that is in its standard input and waits for more of it."""
    while process.poll() is None:
        unread = struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0]
        state = read(f"/proc/{process.pid}/stat").rsplit(b")", 1)[1].split()[0]
        if unread == 0 and state == b"S":
            return
        os.sched_yield()
    raise AssertionError(f"the process ended with {process.returncode} instead of waiting")


def kill_and_reap(process, number=signal.SIGKILL):
    process.send_signal(number)
    process.wait()


# --- Folders -----------------------------------------------------------------------------------------

def tree(folder):
    """Every file and folder below, with mode and content. The shared memory of SQLite has no content of
    its own."""
    found = {}
    for parent, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(parent, name)
            info = os.lstat(path)
            content = None
            if os.path.isfile(path) and not os.path.islink(path) and not name.endswith("-shm"):
                with contextlib.suppress(PermissionError):  # a test that is not root's may have forbidden it
                    content = read(path)
            found[os.path.relpath(path, folder)] = (oct(info.st_mode), content)
    return found


TABLES = ("meta", "person", "external_id", "participant", "audit", "identifier", "roster", "tombstone")


def rows(vault):
    """{table: {tag: sealed record}}, read from a copy: reading is not to change the vault."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("store.sqlite", "store.sqlite-wal"):
            if os.path.exists(os.path.join(vault, name)):
                shutil.copy(os.path.join(vault, name), folder)
        with contextlib.closing(sqlite3.connect(os.path.join(folder, "store.sqlite"))) as store:
            return {table: dict(store.execute(f"SELECT tag, sealed FROM {table}")) for table in TABLES}


def counts(vault, only_rows=False):
    """Rows by table; with `only_rows` without the tables that have none."""
    return {table: len(records) for table, records in rows(vault).items() if records or not only_rows}


class CliTest(unittest.TestCase):
    maxDiff = 4000
    longMessage = True

    @classmethod
    def setUpClass(cls):
        if "MONIKER_BINARY" not in os.environ:
            raise RuntimeError("MONIKER_BINARY: the path of the program is not in the environment")
        cls.binary = os.path.abspath(os.environ["MONIKER_BINARY"])
        # Builds with sanitizers reserve address space without end, and do without what process.cc does.
        cls.sanitized = any(name in read(cls.binary) for name in (b"__asan_init", b"__tsan_init"))

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="moniker-cli-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.scratch = tempfile.mkdtemp(prefix="moniker-scratch-")
        self.addCleanup(shutil.rmtree, self.scratch, ignore_errors=True)
        # Texts that only revealing commands may print.
        self.personal = [one[key] for one in PEOPLE for key in ("id", "name")] + ["Xqzfirst", "Xqzlast"]

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def moniker(self, *arguments, input=b"", status=DONE, reveals=None, reports=False, user=None, **options):
        """Runs the program to its end in the folder of the test. `status`: the exit status, several, or None
        for any; `reveals`: standard output may hold what is personal; `reports`: it says what is wrong, also
        when that is an error; `user`: run as this user."""
        if isinstance(input, str):
            input = input.encode("utf-8")
        if user is not None and os.geteuid() == 0:
            options.update(user=user, group=user, extra_groups=[])
        if "stdin" not in options:
            options["input"] = input
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("cwd", self.folder)
        options.setdefault("env", environment(self.scratch))
        result = subprocess.run([self.binary, *arguments], stderr=subprocess.PIPE, timeout=TIMEOUT, **options)
        outcome = Outcome(result.returncode, result.stdout or b"", result.stderr)
        about = f"moniker {' '.join(map(repr, arguments))}\nstandard error: {outcome.err}"
        if isinstance(status, tuple):
            self.assertIn(outcome.status, status, about)
        elif status is not None:
            self.assertEqual(outcome.status, status, about)
        self.check_rules(outcome, about,
                         arguments[:1] and arguments[0] in REVEALING if reveals is None else reveals, reports,
                         as_json="--json" in arguments)
        return outcome

    def environment_with(self, source):
        """In which functions of the system are those of a library that is made from this C source."""
        if self.sanitized:
            self.skipTest("a sanitizer has to be the first library")
        if not shutil.which("cc"):
            missing_right("a C compiler")
        folder = tempfile.mkdtemp(prefix="moniker-library-")
        self.addCleanup(shutil.rmtree, folder)
        library = os.path.join(folder, "instead.so")
        subprocess.run(["cc", "-w", "-shared", "-fPIC", "-x", "c", "-o", library, "-"], input=source.encode(), check=True)
        return {**environment(self.scratch), "LD_PRELOAD": library}

    def start(self, *arguments, **options):
        """A running program, its standard streams in pipes."""
        options.setdefault("stdin", subprocess.PIPE)
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        options.setdefault("cwd", self.folder)
        options.setdefault("env", environment(self.scratch))
        process = subprocess.Popen([self.binary, *arguments], **options)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            kill_and_reap(process)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def check_rules(self, outcome, about, reveals, reports=False, as_json=False):
        lines = outcome.err.splitlines()
        if as_json:
            errors = [error for error in map(json.loads, lines) if set(error) != {"note"}]
            for error in errors:
                self.assertLessEqual({"code", "message", "exit_status"}, set(error), about)
                self.assertLessEqual(set(error), {"code", "message", "exit_status", "record", "field", "hint"}, about)
                self.assertEqual(error["exit_status"], outcome.status, about)
        else:
            for line in lines:
                self.assertTrue(line.startswith("moniker: "), f"not the form of a message: {line!r}\n{about}")
            errors = [line for line in lines if line.startswith("moniker: error: ")]
        self.assertIn(outcome.status, range(6), f"no exit status of the program\n{about}")
        self.assertEqual(len(errors), 1 if outcome.status in ERRORS else 0, f"number of errors\n{about}")
        if outcome.status in ERRORS and not reports:
            self.assertEqual(outcome.out, b"", f"standard output of a run that failed\n{about}")
        self.assertEqual(find_markers(outcome.err.encode(), self.personal), [],
                         f"personal on standard error\n{about}")
        if not reveals:
            self.assertEqual(find_markers(outcome.out, self.personal), [],
                             f"personal on standard output\n{about}")
        self.assertEqual(os.listdir(self.scratch), [], f"temporary files\n{about}")

    def use_a_program_for_all_users(self):
        """A copy that another user can reach, wherever the program was built."""
        folder = tempfile.mkdtemp(prefix="moniker-binary-")
        self.addCleanup(shutil.rmtree, folder)
        os.chmod(folder, 0o711)
        self.binary = shutil.copy(self.binary, folder)
        os.chmod(self.binary, 0o755)
        os.chmod(self.folder, 0o711)

    # --- Vaults ---

    def make_vault(self, name="vault", *options, app=APP, suite="blake2b", root=sample("root.hex")):
        """A vault with the root key of the samples; its key file is NAME.key."""
        arguments = ["init", self.path(name), "--app", app, "--suite", suite, "--quiet",
                     "--key-file", self.path(name + ".key"), *options]
        if root:
            arguments += ["--import-root", root]
        self.moniker(*arguments)
        return self.path(name)

    def make_sample_vault(self, name="vault"):
        """A vault in which the people of the samples are admitted and bound."""
        vault = self.make_vault(name)
        self.moniker("admit", vault, sample("people.json"))
        self.moniker("bind", vault, sample("people.json"))
        return vault

    def copy_vault(self, vault, name):
        shutil.copytree(vault, self.path(name))
        return self.path(name)

    def resolve(self, vault, *ids, status=DONE, **options):
        return self.moniker("resolve", vault, *REASON, "--quiet", *ids, status=status,
                            **options).lines()

    def assert_message(self, outcome, *parts):
        for part in parts:
            self.assertIn(part, outcome.error())

    def assert_refused(self, *arguments, status=FAILED, says=(), **options):
        """The program fails with a message that has all these parts, and leaves everything as it was."""
        before = tree(self.folder)
        outcome = self.moniker(*arguments, status=status, **options)
        self.assert_message(outcome, *([says] if isinstance(says, str) else says))
        self.assert_unchanged(before)
        return outcome

    def assert_unchanged(self, before):
        """The folder of the test is as it was, byte for byte."""
        after = tree(self.folder)
        changed = [path for path in sorted({*before, *after}) if before.get(path) != after.get(path)]
        self.assertEqual(changed, [], "left behind or changed")


def person(number, **fields):
    """One of any number of people, whose names the rules of every run know."""
    return {"issuer": "mrn.hospital-a", "id": f"{number:08}", "name": f"Xqzfirst{number} Xqzlast{number}",
            **fields}
