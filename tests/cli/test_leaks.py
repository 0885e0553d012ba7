"""Nothing personal is left anywhere: not in the files of a vault, in what the program says, or in a core."""

import base64
import contextlib
import glob
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import unittest

from harness import (CONFERENCE, FAILED, KEY_OR_ALTERED, ORDINARY_USER, REASON, SOME_REJECTED, TIMEOUT, USAGE, CliTest,
                     external_id_of, find_markers, json_lines, kill_and_reap, missing_right, read, wait_until_it_waits, write)

NAME = "Wilhelmqzx Vandermarkqzx"
IDENTIFIER = "mark-qzx-0077-identifier"
EMAIL = "vandermarkqzx@mail.example.org"
NOTES = "allergic to qzxpeanuts and more"
UNICODE_NAME = "Žofieqzx Łwówqzxská"
PARTICIPANT = "qzx-participant-of-wilhelm-0077"
ACTOR = "doctor-qzx-actor"
PURPOSE = "purpose-qzx-of-reading"
MARKERS = [NAME, IDENTIFIER, EMAIL, NOTES, UNICODE_NAME, "mark-qzx-0078-identifier", PARTICIPANT, ACTOR, PURPOSE]
PERSONS = [{"issuer": "mrn.hospital-a", "id": IDENTIFIER, "name": NAME, "email": EMAIL, "notes": NOTES},
           {"issuer": "mrn.hospital-a", "id": "mark-qzx-0078-identifier", "name": UNICODE_NAME}]
# The names of further fields are hidden too.
FIELD_NAME = "qzxfieldname_secret"
# Who is asked for by which issuer, and in which conference, is nobody's business either.
ISSUER = "qzx-issuer.oncology-ward"
SECRET_CONFERENCE = "qzx-conference-of-wilhelm"
PHONE = "+15550100077"
ENROLLED_MARKERS = [*MARKERS, FIELD_NAME, ISSUER, SECRET_CONFERENCE, PHONE]


class MarkerScanTest(unittest.TestCase):
    """The scan itself finds what it looks for."""

    def test_every_form_is_found_at_every_place(self):
        for marker in MARKERS:
            for before in (b"", b"x", b"xy", b"xyz"):
                text = before + marker.encode() + b"after"
                for hidden, form in ((text, "raw"), (text.hex().encode(), "hex"),
                                     (text.hex().upper().encode(), "upper-case hex"),
                                     (base64.b64encode(text), f"base64 at {len(before) % 3}"),
                                     (marker.encode("utf-16-le"), "UTF-16LE"),
                                     (marker.encode("utf-16-be"), "UTF-16BE")):
                    self.assertIn(f"{marker} ({form})", find_markers(b"zz" + hidden if form[0] != "b" else hidden,
                                                                     [marker]))
            self.assertEqual(find_markers(b"nothing of the kind" * 100, [marker]), [])


class FilesTest(CliTest):
    def setUp(self):
        super().setUp()
        self.personal += [*MARKERS, FIELD_NAME]

    def scan(self, *folders, markers=(*MARKERS, FIELD_NAME)):
        found = []
        scanned = 0
        for folder in folders:
            for parent, _, files in os.walk(folder):
                for name in files:
                    self.assertEqual(find_markers(name.encode(), self.personal), [])
                    path = os.path.join(parent, name)
                    found += [f"{path}: {hit}" for hit in find_markers(read(path), markers)]
                    scanned += 1
        self.assertEqual(found, [])
        self.assertGreater(scanned, 0)

    def test_after_every_command_no_file_of_the_vault_and_no_message_holds_a_marker(self):
        # What is printed by each run is held against self.personal by check_rules.
        vault = self.make_vault(suite="blake2b")
        people = [dict(PERSONS[0], **{FIELD_NAME: "x"}), PERSONS[1]]
        table = "mrn,who,extra\n" + "".join(f"{one['id']},{one['name']},{EMAIL}\n" for one in people)
        reason = ("--actor", ACTOR, "--purpose", PURPOSE)
        external_id = external_id_of("mrn.hospital-a", IDENTIFIER)
        others = json_lines([{"issuer": "a", "id": f"{n}", "name": f"Person {n}"} for n in range(300)])

        self.moniker("admit", vault, "--role", "Patient", input=json_lines(people))
        self.moniker("admit", vault, "--conference", CONFERENCE, input=json.dumps(people))
        # Written anew, so that there are former versions of the record in the files.
        self.moniker("admit", vault, input=json_lines([dict(people[0], notes=NOTES + " again")]))
        self.moniker("admit", vault, input=others)
        self.moniker("check", vault, input=json_lines([
            {"issuer": "mrn.hospital-a", "id": IDENTIFIER, "external_id": external_id},
            {"issuer": "mrn.hospital-a", "id": IDENTIFIER, "external_id": EMAIL}]))
        # The participant ID is what a platform gave, and is told.
        self.moniker("bind", vault, reveals=True, input=json_lines([
            {"participant_id": PARTICIPANT, "external_id": external_id}]))
        [answer] = self.moniker("resolve", vault, *reason, PARTICIPANT).lines()
        self.assertEqual((answer["id"], answer["name"], answer["email"]), (IDENTIFIER, NAME, EMAIL))
        self.moniker("resolve", vault, *reason, input=f"{external_id}\n{NAME}\n", status=SOME_REJECTED)
        pseudonymize = ("pseudonymize", vault, "--column", "mrn=mrn.hospital-a", "--name-column", "who",
                        "--drop", "extra")
        pseudonymized = self.moniker(*pseudonymize, input=table).out
        self.moniker(*pseudonymize, "--enroll", "-o", self.path("out.csv"), input=table)
        self.assertEqual(read(self.path("out.csv")), pseudonymized)
        back = self.moniker("reidentify", vault, *reason, "--name-column", "who", input=pseudonymized).out
        self.assertIn(NAME.encode(), back)
        self.moniker("reidentify", vault, *reason, input=json.dumps({"userId": PARTICIPANT, "name": "x"}))
        self.scan(self.folder)

        # And the same after a checkpoint, when the log has gone into the database.
        with contextlib.closing(sqlite3.connect(vault + "/store.sqlite")) as store:
            store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.scan(vault)
        # Positive control: the scan of these files finds what is in one of them.
        write(vault + "/more", NAME.encode("utf-16-le"))
        with self.assertRaises(AssertionError):
            self.scan(vault)

    def test_backups_anchors_restores_erasures_and_audit_exports_hold_no_marker(self):
        vault = self.make_vault("vault", "--anchor", self.path("anchor"), "--audit-key", self.path("audit.key"))
        reason = ("--actor", ACTOR, "--purpose", PURPOSE)
        self.moniker("admit", vault, input=json_lines(PERSONS))
        external_id = external_id_of("mrn.hospital-a", IDENTIFIER)
        self.moniker("bind", vault, reveals=True, input=json_lines([
            {"participant_id": PARTICIPANT, "external_id": external_id}]))
        self.moniker("resolve", vault, *reason, PARTICIPANT)
        self.moniker("store", vault, "backup", self.path("backup"))
        self.moniker("erase", vault, *reason, input=json_lines([{"issuer": "mrn.hospital-a", "id": IDENTIFIER}]))
        self.moniker("erase", vault, *reason, input=json_lines([{"issuer": "mrn.hospital-a", "id": NAME}]),
                     status=SOME_REJECTED)
        self.scan(self.folder)
        self.moniker("store", vault, "restore", self.path("backup"), "--force")
        self.moniker("resolve", vault, *reason, PARTICIPANT, external_id, status=SOME_REJECTED)
        # An export names who asked and what for, that is its purpose; never who was answered.
        exported = self.moniker("audit", vault, "export", reveals=True).out
        self.assertIn(ACTOR.encode(), exported)
        shown = self.moniker("audit", vault, "show", reveals=True).out
        verified = self.moniker("audit", vault, "verify", "--audit-key", self.path("audit.key")).out
        persons = [marker for marker in (*MARKERS, FIELD_NAME) if marker not in (ACTOR, PURPOSE)]
        for text in (exported, shown, verified):
            self.assertEqual(find_markers(text, persons), [])
        self.moniker("store", vault, "verify")
        # What is no backup of this vault is not quoted either.
        write(self.path("wrong"), json_lines(PERSONS))
        self.moniker("store", vault, "restore", self.path("wrong"), "--force", status=KEY_OR_ALTERED)
        os.remove(self.path("wrong"))
        self.scan(self.folder)

    def test_an_enrolled_vault_with_merged_persons_and_declared_issuers_holds_no_marker(self):
        self.personal += ENROLLED_MARKERS
        vault = self.make_vault("vault", "--mode", "enrolled", "--issuer", ISSUER + ":text")
        reason = ("--actor", ACTOR, "--purpose", PURPOSE)
        first = dict(PERSONS[0], issuer=ISSUER, **{FIELD_NAME: NOTES})
        second = {"issuer": "email", "id": EMAIL.upper(), "name": UNICODE_NAME}
        admit = ("admit", vault, "--conference", SECRET_CONFERENCE, "--label", "words", "--metadata", "role",
                 "--metadata", "locale=en-GB")
        ids = [line["external_id"] for line in self.moniker(*admit, input=json_lines([first, second])).lines()]
        known = {"issuer": ISSUER, "id": IDENTIFIER.upper()}
        pair = {**known, "other_issuer": "email", "other_id": EMAIL}
        for step, record in (("add", {**known, "new_issuer": "phone", "new_id": PHONE}), ("merge", pair),
                             ("split", {"issuer": "email", "id": EMAIL}), ("merge", pair)):
            for rehearsal in (("--dry-run",), ()):
                self.moniker("identifiers", vault, step, *rehearsal, input=json_lines([record]))
        self.moniker("bind", vault, reveals=True, input=json_lines(
            [{"participant_id": PARTICIPANT, "external_id": ids[1], "conference": SECRET_CONFERENCE}]))
        for kind in ("identity", "storage", "index"):
            self.moniker("keys", vault, "rotate", "--" + kind)
        self.moniker(*admit, input=json_lines([first, second]))
        self.moniker("store", vault, "reseal")
        for kind in ("identity", "storage"):
            self.moniker("keys", vault, "destroy", "--" + kind, "1")
        self.moniker("keys", vault, "rewrap", "--new-key-file", self.path("new.key"))
        self.moniker("keys", vault, "list")
        self.moniker("store", vault, "stats")
        self.moniker("statement", vault)
        self.moniker("check", vault, "--outbound", status=SOME_REJECTED, input=json_lines(
            [{**first, "text": NAME}, {**second, "text": base64.b64encode(EMAIL.encode()).decode()}]))
        [answer] = self.moniker("resolve", vault, *reason, PARTICIPANT).lines()
        self.assertEqual((answer["id"], [one["id"] for one in answer["other_identifiers"]]),
                         (IDENTIFIER, [PHONE, EMAIL.upper()]))
        self.scan(self.folder, markers=ENROLLED_MARKERS)
        with contextlib.closing(sqlite3.connect(vault + "/store.sqlite")) as store:
            store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.scan(vault, markers=ENROLLED_MARKERS)

    def test_no_message_about_bad_identifiers_or_kinds_holds_any_of_it(self):
        self.personal += ENROLLED_MARKERS
        vault = self.make_vault("vault", "--mode", "enrolled", "--issuer", ISSUER + ":text")
        self.moniker("admit", vault, input=json_lines([dict(PERSONS[0], issuer=ISSUER)]))
        known = {"issuer": ISSUER, "id": IDENTIFIER}
        for step, record in (("add", {**known, "new_issuer": "email", "new_id": NAME}),
                             ("add", {**known, "new_issuer": "phone", "new_id": PHONE + NAME}),
                             ("add", {**known, "new_issuer": NAME, "new_id": EMAIL}),
                             ("add", {**known, "new_issuer": "email", "new_id": EMAIL, "new_kind": NAME}),
                             ("add", {**known, "id": NAME, "new_issuer": "email", "new_id": EMAIL}),
                             ("merge", {**known, "other_issuer": "email", "other_id": EMAIL}),
                             ("merge", {**known, "other_issuer": ISSUER, "other_id": UNICODE_NAME}),
                             ("split", known), ("split", {**known, "id": NAME}), ("split", {**known, "kind": "phone"})):
            self.moniker("identifiers", vault, step, input=json_lines([record]), status=FAILED)
        for kind in ("opaque", "email", "phone", NAME):
            self.moniker("admit", vault, input=json_lines([dict(PERSONS[0], issuer=ISSUER, kind=kind)]), status=FAILED)
        self.moniker("pseudonymize", vault, "--column", "mrn=" + "email", input=f"mrn\n{NAME}\n", status=FAILED)
        self.moniker("pseudonymize", vault, "--column", "mrn=fresh:text", input=f"mrn\n{NAME}\n", status=FAILED)

    def test_no_message_about_bad_input_holds_any_of_it(self):
        vault = self.make_vault()
        good = PERSONS[0]
        for record in (dict(good, name=NAME + "\u0000"), dict(good, id=" " + IDENTIFIER), dict(good, email=7),
                       dict(good, role=NAME), dict(good, role="Wilhelmqzx"), dict(good, issuer=EMAIL),
                       dict(good, **{EMAIL: "x"}), dict(good, **{FIELD_NAME.upper(): "x"}), dict(good, name=NAME * 50),
                       dict(good, id=IDENTIFIER * 50), dict(good, email=EMAIL * 200), dict(good, error=NAME),
                       dict(good, conference=NAME), [NAME], NAME, {NAME: IDENTIFIER}):
            for text in (json.dumps(record), json.dumps(record)[:-1], json.dumps([record])):
                self.moniker("admit", vault, input=text, status=FAILED)
        doubled = json.dumps(good)[:-1]
        for member in ("name", EMAIL, FIELD_NAME):
            self.moniker("admit", vault, input=doubled + f', "{member}": 1, "{member}": 2}}', status=FAILED)
        for command in ("check", "bind"):
            for record in (good, dict(good, external_id=NAME, participant_id=EMAIL, issuer=NAME),
                           dict(good, external_id=7, participant_id=NAME)):
                self.moniker(command, vault, input=json_lines([record]), status=FAILED)
        row = f"{IDENTIFIER},{NAME},{EMAIL}"
        columns = ("--column", "mrn=mrn.hospital-a", "--name-column", "who", "--enroll")
        for table in (f"mrn,who,x\n{row},{NAME}\n", f'mrn,who,x\n"{row}\n', f'mrn,who,x\n{NAME}",{row}\n',
                      f"mrn,who,x\n {row}\n", f"mrn,who,x\n{IDENTIFIER},,{EMAIL}\n", f"mrn,mrn\n{row}\n",
                      f"{row}\n{row}\n", f"mrn,who,x\n{IDENTIFIER},{NAME}\r,{EMAIL}\n",
                      f"mrn,who,x\n{IDENTIFIER * 50},{NAME},x\n", f"mrn,who,x\n{IDENTIFIER},{NAME * 50},x\n"):
            self.moniker("pseudonymize", vault, *columns, input=table, status=FAILED)
        self.moniker("pseudonymize", vault, *columns, "--role", "Wilhelmqzx", input=f"mrn,who,x\n{row}\n",
                     status=FAILED)
        for text in (json.dumps(good)[:-1], f'"{NAME}" x', f'{{"{NAME}": "\\ud800"}}', f"a,b\n{NAME}\n"):
            self.moniker("reidentify", vault, *REASON, input=text, status=FAILED)

    def test_no_message_about_a_wrong_command_line_holds_any_of_it(self):
        # Persons do not belong there; who puts one there shall not find it in a log as well.
        vault = self.make_vault()
        self.moniker("admit", vault, input=json_lines(PERSONS))
        for arguments in ((NAME,), ("admit", vault, "--" + IDENTIFIER), ("admit", vault, "-", NAME),
                          ("admit", vault, f"--role={NAME}", f"--role={EMAIL}"), ("admit", vault, "--platform", NAME),
                          ("admit", vault, "--conference", NAME + "\n"), ("admit", vault, "--avatar-url", NAME),
                          ("check", vault, "-", NAME), ("bind", vault, "-", NAME),
                          ("resolve", vault, "--actor", NAME + "\n", "--purpose", EMAIL, IDENTIFIER),
                          ("resolve", vault, "--actor", NAME, IDENTIFIER),
                          ("pseudonymize", vault, "--column", NAME), ("pseudonymize", vault, "--column", f"a={NAME}"),
                          ("pseudonymize", vault, "--column", f"a=b:{NAME}"),
                          ("pseudonymize", vault, "--column", "a=b", "--as", NAME),
                          ("pseudonymize", vault, "--column", "a=b", "--from", NAME),
                          ("reidentify", vault, *REASON, "--participants", NAME),
                          ("admit", vault, "--label", NAME), ("admit", vault, "--epoch", NAME),
                          ("admit", vault, "--metadata", NAME), ("admit", vault, "--metadata", "locale=" + NAME),
                          ("admit", vault, "--metadata", "shard=" + NAME), ("keys", vault, NAME),
                          ("keys", vault, "destroy", NAME), ("keys", vault, "rotate", NAME), ("identifiers", vault, NAME),
                          ("identifiers", vault, "add", "-", NAME), ("statement", vault, NAME),
                          ("check", vault, "--outbound=" + NAME),
                          ("init", self.path("v"), "--app", "a", "--key-file", self.path("k"), "--issuer", NAME),
                          ("init", self.path("v"), "--app", "a", "--key-file", self.path("k"), "--issuer", f"a:{NAME}"),
                          ("platforms", NAME), ("version", NAME), ("init", self.path("v"), "--app", NAME),
                          ("init", self.path("v"), "--app", NAME, "--key-file", self.path("k")),
                          ("init", self.path("v"), "--app", "a", "--key-file", self.path("k"), "--suite", NAME),
                          ("init", self.path("v"), "--app", "a", "--key-file", self.path("k"), "--mode", NAME),
                          ("init", self.path("v"), "--app", "a", "--key-file", self.path("k"), "--avatar-url", NAME)):
            self.moniker(*arguments, status=USAGE)
        self.moniker("resolve", vault, *REASON, NAME, status=SOME_REJECTED)

    def test_no_message_about_a_wrong_key_or_altered_store_holds_any_of_it(self):
        vault = self.make_vault()
        self.make_vault("other")
        self.moniker("admit", vault, input=json_lines(PERSONS))
        for command in (("admit", vault), ("check", vault), ("bind", vault)):
            self.moniker(*command, "--key-file", self.path("other.key"), input=json_lines(PERSONS),
                         status=KEY_OR_ALTERED)
        shutil.copy(self.path("other", "keyring"), vault + "/keyring")
        self.moniker("admit", vault, "--key-file", self.path("other.key"), input=json_lines(PERSONS),
                     status=KEY_OR_ALTERED)


# --- Memory of a running process ---------------------------------------------------------------------

# A program like any other, with the persons in its memory: what finds nothing in it finds nothing anywhere.
CONTROL = ["-c", "import sys; kept = [sys.stdin.buffer.readline() for _ in range(2)]; sys.stdin.buffer.readline()"]
PART = json_lines(PERSONS)
CORE_PATTERN = "/proc/sys/kernel/core_pattern"


class MemoryTest(CliTest):
    """The program waits for more input after it has read both persons."""

    def setUp(self):
        super().setUp()
        self.vault = self.make_vault()
        self.moniker("admit", self.vault, input=json_lines(PERSONS))
        self.cores = self.path("cores")
        os.mkdir(self.cores)

    def commands(self):
        """Each command that reads persons, and the part of its input that holds them."""
        reading = "".join(f"{external_id_of('mrn.hospital-a', one['id'])}\n{one['name']}\n" for one in PERSONS)
        table = "mrn,who\n" + "".join(f"{one['id']},{one['name']}\n" for one in PERSONS)
        return ((("admit", self.vault), PART), (("check", self.vault), PART), (("bind", self.vault), PART),
                (("check", self.vault, "--outbound"), PART), (("identifiers", self.vault, "merge"), PART),
                (("admit", self.vault, "--metadata", "role", "--label", "words", "--conference", "c"), PART),
                (("resolve", self.vault, *REASON), reading.encode()),
                (("pseudonymize", self.vault, "--column", "mrn=a", "--name-column", "who", "--enroll"),
                 table.encode()),
                (("erase", self.vault), PART), (("reidentify", self.vault, *REASON), PART))

    @staticmethod
    def with_cores():
        _, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))

    def waiting(self, command, part, **options):
        process = self.start(*command, cwd=self.cores, preexec_fn=self.with_cores, **options)
        process.stdin.write(part)
        process.stdin.flush()
        wait_until_it_waits(process, process.stdin)
        return process

    def waiting_control(self, **options):
        process = subprocess.Popen([sys.executable, *CONTROL], stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                                   cwd=self.cores, preexec_fn=self.with_cores, **options)
        self.addCleanup(self.end, process)
        process.stdin.write(PART)
        process.stdin.flush()
        wait_until_it_waits(process, process.stdin)
        return process

    def found_in_cores(self):
        found = []
        for path in glob.glob(os.path.join(self.cores, "*")):
            found += find_markers(read(path), MARKERS)
            os.remove(path)
        return found

    def test_no_marker_is_in_the_arguments_or_environment_of_a_process(self):
        for command, part in self.commands():
            process = self.waiting(command, part)
            # Without these the scan would be of nothing.
            arguments = read(f"/proc/{process.pid}/cmdline")
            self.assertIn(command[0].encode(), arguments)
            self.assertEqual(find_markers(arguments, MARKERS), [])
            for name in ("environ", "comm", "maps", "status"):
                try:
                    data = read(f"/proc/{process.pid}/{name}")
                except PermissionError:
                    continue  # the program has closed it to its own user
                self.assertEqual(find_markers(data, MARKERS), [], name)
            kill_and_reap(process)

    @staticmethod
    def in_open_files(process):
        """Markers in the regular files that the process has open, also those without a name any more."""
        found = []
        for number in os.listdir(f"/proc/{process.pid}/fd"):
            path = f"/proc/{process.pid}/fd/{number}"
            if os.path.isfile(path):
                found += find_markers(read(path), MARKERS)
        return found

    def test_no_marker_is_in_a_file_that_a_process_has_open(self):
        self.require_root()
        hidden = ("import sys, tempfile; f = tempfile.TemporaryFile(); "
                  "[f.write(sys.stdin.buffer.readline()) for _ in range(2)]; f.flush(); sys.stdin.buffer.readline()")
        control = subprocess.Popen([sys.executable, "-c", hidden],
                                   stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.cores)
        self.addCleanup(self.end, control)
        control.stdin.write(PART)
        control.stdin.flush()
        wait_until_it_waits(control, control.stdin)
        self.assertIn(f"{NAME} (raw)", self.in_open_files(control), "positive control: a file without a name")
        kill_and_reap(control)
        for command, part in self.commands():
            process = self.waiting(command, part)
            self.assertEqual(self.in_open_files(process), [], command[0])
            kill_and_reap(process)

    def require_protection(self):
        if self.sanitized:
            self.skipTest("a build with sanitizers does not protect its process (process.cc)")

    @contextlib.contextmanager
    def cores_in_the_working_folder(self):
        """Cores of processes become files there, or the test fails."""
        pattern = read(CORE_PATTERN)
        name = pattern.strip()
        if name.startswith((b"|", b"/")) or b"%" in name and b"/" in name:
            try:
                write(CORE_PATTERN, "core")
            except OSError:
                self.fail(f"{CORE_PATTERN} is {name!r} and cannot be changed here: cores do not become files")
            self.addCleanup(write, CORE_PATTERN, pattern)
        yield

    def test_a_process_that_dies_leaves_no_core_with_a_marker(self):
        self.require_protection()
        if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
            self.fail("the hard limit of core files is 0 here: no process leaves one, whatever it does")
        with self.cores_in_the_working_folder():
            control = self.waiting_control()
            kill_and_reap(control, signal.SIGABRT)
            found = self.found_in_cores()
            for marker in (NAME, IDENTIFIER, EMAIL):
                self.assertIn(f"{marker} (raw)", found, "positive control: no core, or not this marker in it")
            for command, part in self.commands():
                for number in (signal.SIGABRT, signal.SIGSEGV, signal.SIGQUIT):
                    process = self.waiting(command, part)
                    kill_and_reap(process, number)
                    self.assertEqual(process.returncode, -number)
                    self.assertEqual(os.listdir(self.cores), [], f"{command[0]}: a core of {number.name}")

    def gcore(self, process, **options):
        """What gdb prints; its core goes into the folder of cores."""
        program = shutil.which("gcore")
        if program is None:
            self.fail("gcore is not here: install gdb")
        result = subprocess.run([program, "-o", os.path.join(self.cores, "g"), str(process.pid)],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                timeout=TIMEOUT, cwd=self.cores, **options)
        return result.stdout.decode("utf-8", "replace")

    def require_root(self):
        if os.geteuid() != 0:
            missing_right("root, who may look into the processes of others")

    def test_a_core_that_root_takes_of_the_running_process_holds_no_marker(self):
        self.require_protection()
        self.require_root()
        control = self.waiting_control()
        said = self.gcore(control)
        found = self.found_in_cores()
        kill_and_reap(control)
        for marker in (NAME, IDENTIFIER, EMAIL):
            self.assertIn(f"{marker} (raw)", found, f"positive control: {said}")
        for command, part in self.commands():
            with self.subTest(command[0]):
                process = self.waiting(command, part)
                said = self.gcore(process)
                cores = os.listdir(self.cores)
                self.assertEqual(len(cores), 1, said)
                self.assertGreater(os.path.getsize(os.path.join(self.cores, cores[0])), 0)
                # Registers are in a core too, whatever is said of memory.
                self.assertEqual(self.found_in_cores(), [])
                self.assertIsNone(process.poll(), "the process did not outlive it")
                kill_and_reap(process)

    @staticmethod
    def memory_opens_to(user, process):
        """Whether this user may open the memory of the process."""
        child = os.fork()
        if child == 0:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            try:
                os.open(f"/proc/{process.pid}/mem", os.O_RDONLY)
                os._exit(0)
            except PermissionError:
                os._exit(1)
            finally:
                os._exit(2)
        return {0: True, 1: False}[os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])]

    def test_another_program_of_the_same_user_cannot_look_into_the_process(self):
        self.require_protection()
        self.require_root()
        user = dict(user=ORDINARY_USER, group=ORDINARY_USER, extra_groups=[])
        home = self.path("home")
        for folder in (home, self.cores):
            os.makedirs(folder, exist_ok=True)
            os.chown(folder, ORDINARY_USER, ORDINARY_USER)
        self.use_a_program_for_all_users()
        self.moniker("init", os.path.join(home, "vault"), "--app", "a", "--quiet", "--key-file",
                     os.path.join(home, "key"), user=ORDINARY_USER)
        process = self.waiting(("admit", os.path.join(home, "vault")), PART, **user)
        said = self.gcore(process, **user)
        self.assertEqual(os.listdir(self.cores), [], said)
        self.assertFalse(self.memory_opens_to(ORDINARY_USER, process))
        # Positive control: the same user may look into a process that does not forbid it.
        control = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, **user)
        self.addCleanup(kill_and_reap, control)
        self.addCleanup(control.stdin.close)
        wait_until_it_waits(control, control.stdin)
        self.assertTrue(self.memory_opens_to(ORDINARY_USER, control))


if __name__ == "__main__":
    unittest.main()
