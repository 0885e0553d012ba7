"""Bad input of each kind: a message that names record and field, the right exit status, and nothing left behind.

That no value is in a message is in test_leaks.py; files and their rights are in test_files.py.
"""

import json
import os
import subprocess
import unittest

from harness import (CONFERENCE, DONE, FAILED, REASON, SOME_REJECTED, USAGE, CliTest, counts, json_lines, person, read,
                     sample, write)

GOOD = person(1)
MRN = ("--column", "mrn=mrn.hospital-a")


class RecordTest(CliTest):
    """Records of admit; check and bind read theirs by the same code (test_check_bind.py)."""

    def setUp(self):
        super().setUp()
        self.vault = self.make_vault()

    def refuse(self, bad, *says, number=2):
        """`bad` (bytes, or a record) as the second of two records, as JSON Lines and as a JSON array."""
        good = json.dumps(GOOD).encode()
        as_lines = bad if isinstance(bad, bytes) else json.dumps(bad).encode()
        texts = [good + b"\n" + as_lines + b"\n"]
        if not isinstance(bad, bytes):
            texts.append(b"[" + good + b", " + as_lines + b"]")
        for text in texts:
            self.assert_refused("admit", self.vault, input=text, status=FAILED, says=(f"record {number}: ", *says))
        self.assertEqual(counts(self.vault)["person"], 0)

    def test_what_is_not_json(self):
        for bad in (b"nonsense", b"{", b'{"issuer": "a"', b'{"a": 01}', b'{"a" "b"}', b"{'a': 'b'}", b'{"a": "b"} x',
                    b'{"a": "\x01"}', b'{"a": "\\ud800"}', b"\0"):
            self.refuse(bad, "not JSON")

    def test_two_objects_on_one_line(self):
        line = json.dumps(GOOD).encode()
        self.refuse(line + line, "not JSON")

    def test_json_that_is_no_object(self):
        for bad in (b"[]", b"7", b'"text"', b"null", b"true"):
            self.refuse(bad, "not a JSON object")
            self.assert_refused("admit", self.vault, input=b"[" + bad + b"]", says=("record 1: ", "not a JSON object"))

    def test_a_json_array_that_is_cut_off_says_what_it_is(self):
        for text in (b'[{"issuer": "a"}', b"[", b"[{}, nonsense]", b'[{"issuer": "a"}] x'):
            self.assert_refused("admit", self.vault, input=text, says=("not JSON", "array"))

    def test_an_object_over_several_lines_says_that_a_record_is_a_line(self):
        # What a person tries first: a file that holds one pretty-printed object.
        outcome = self.assert_refused("admit", self.vault, input=json.dumps(GOOD, indent=2),
                                      says=("record 1: ", "not JSON"))
        self.assertIn("line", outcome.err)

    def test_a_missing_member(self):
        for name in ("issuer", "id", "name"):
            self.refuse({key: value for key, value in GOOD.items() if key != name}, f'"{name}"', "missing")

    def test_a_member_of_the_wrong_type(self):
        for name in ("issuer", "id", "name", "role"):
            for value in (7, None, True, [], {}, 1.5):
                self.refuse({**GOOD, name: value}, f'"{name}"', "not a string")

    def test_a_further_member_of_the_wrong_type(self):
        for value in (7, None, True, [], {}):
            self.refuse({**GOOD, "email": value}, "member 4", "not a string")

    def test_a_duplicate_member(self):
        inside = json.dumps(GOOD)[1:-1]
        for more in ('"id": "2"', '"name": "x"', '"issuer": 7', '"\\u0069d": "2"'):
            self.refuse(f"{{{inside}, {more}}}".encode(), "member 4", "name of another")

    def test_an_empty_value(self):
        for name in ("issuer", "id", "name", "role"):
            self.refuse({**GOOD, name: ""}, name, "empty")

    def test_a_value_longer_than_its_limit_and_one_as_long(self):
        limits = {"issuer": 64, "id": 1024, "name": 1024, "role": 40, "email": 4096}
        for name, limit in limits.items():
            says = ("further field",) if name == "email" else (name,)
            self.refuse({**GOOD, name: "x" * (limit + 1)}, *says, "longer", str(limit))
            # Bytes count, not characters.
            if name in ("id", "name", "email"):
                self.refuse({**GOOD, name: "é" * (limit // 2) + "x"}, *says, "longer", str(limit))
        for name, limit in limits.items():
            self.moniker("admit", self.vault, input=json.dumps({**GOOD, name: "x" * limit}))

    def test_too_many_further_fields_and_too_long_names_of_them(self):
        fields = {f"field{n}": "x" for n in range(64)}
        self.refuse({**GOOD, **fields, "more": "x"}, "further fields", "64")
        self.refuse({**GOOD, "f" * 65: "x"}, "name of a further field", "64")
        self.moniker("admit", self.vault, input=json.dumps({**GOOD, **fields}))
        outcome = self.assert_refused("admit", self.vault, input=json.dumps({**GOOD, "more": "x"}), says="record 1: ")
        self.assert_message(outcome, "64 with the stored ones")

    def test_control_characters(self):
        for character in ("\u0000", "\n", "\t", "\u001b", "\u007f", "\u0085", "\u009f"):
            for name in ("id", "name"):
                self.refuse({**GOOD, name: f"x{character}y"}, name, "control character")
            if character not in "\n\t":
                self.refuse({**GOOD, "notes": f"x{character}y"}, "further field", "control character")

    def test_white_space_at_the_end_of_an_identifier(self):
        for bad in (" 1", "1 ", "\u00a01", "1\u3000", "\u2028"):
            self.refuse({**GOOD, "id": bad}, "id", "white space")

    def test_what_is_not_utf8(self):
        for bad in (b"\xff", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"):
            self.refuse(b'{"issuer": "a", "id": "' + bad + b'", "name": "x"}', "not UTF-8")
            text = b'[{"issuer": "a", "id": "1", "name": "' + bad + b'"}]'
            self.assert_refused("admit", self.vault, input=text, says="not UTF-8")

    def test_an_issuer_of_other_characters(self):
        for bad in ("A", "a b", "a/b", "é", "a:b"):
            self.refuse({**GOOD, "issuer": bad}, "issuer", "a-z")

    def test_a_name_of_a_further_field_of_other_characters(self):
        for bad in ("E-mail", "Name", "a b", "é", "", "a.b"):
            self.refuse({**GOOD, bad: "x"}, "name of a further field")

    def test_a_further_field_that_pretends_to_be_part_of_an_answer(self):
        for name in ("query", "error"):
            self.refuse({**GOOD, name: "x"}, "member 4", "answers")

    def test_a_role_taken_from_the_name_or_identifier(self):
        for role in ("Maria", "maria", "Patient Jensen", "Jensen-Patient", "MARIA JENSEN"):
            self.refuse({**GOOD, "name": "Maria Jensen", "role": role}, "role", "name")
        self.refuse({**GOOD, "id": "abc", "role": "Abc"}, "role", "identifier")
        self.assert_refused("admit", self.vault, "--role", "Maria", says=("record 1: ", "role"),
                            input=json.dumps({**GOOD, "name": "Maria Jensen"}))

    def test_a_role_that_is_no_role(self):
        for role in ("7", "Ärztin", "a_b", " a", "a ", "-a", "a\n", "Patient 7"):
            self.refuse({**GOOD, "role": role}, "role")

    def test_a_conference_in_a_record_says_where_it_belongs(self):
        self.refuse({**GOOD, "conference": CONFERENCE}, '"conference"', "--conference")

    def test_the_record_named_is_the_first_bad_one_of_many(self):
        records = [person(n) for n in range(1000)]
        records[700]["id"] = ""
        records[800]["name"] = ""
        self.assert_refused("admit", self.vault, input=json_lines(records), says=("record 701: ", "id", "empty"))


class TableTest(CliTest):
    """CSV files of pseudonymize."""

    def setUp(self):
        super().setUp()
        self.vault = self.make_vault()

    def refuse(self, table, *says, options=MRN, status=FAILED):
        table = table if isinstance(table, bytes) else table.encode()
        file = write(self.path("in.csv"), table)
        for source in ({"input": table}, {}):
            arguments = [] if source else [file]
            self.assert_refused("pseudonymize", self.vault, *options, "-o", self.path("out.csv"), *arguments,
                                status=status, says=says, **source)
        self.assert_refused("pseudonymize", self.vault, *options, file, status=status, says=says)
        self.assertEqual(counts(self.vault)["person"], 0)

    def test_an_unknown_column(self):
        self.refuse("a,b\n1,2\n", '"mrn"', "none")
        self.refuse("MRN,b\n1,2\n", '"mrn"', "none")
        for option in ("--drop", "--name-column"):
            self.refuse("mrn,b\n1,2\n", '"missing"', "none", options=(*MRN, option, "missing"))

    def test_a_duplicate_column(self):
        self.refuse("mrn,mrn\n1,2\n", '"mrn"', "several")
        for option in ("--drop", "--name-column"):
            self.refuse("mrn,b,b\n1,2,3\n", '"b"', "several", options=(*MRN, option, "b"))

    def test_a_ragged_record(self):
        for bad in ("1\n", "1,2,3\n", "\n", "1,2,\n"):
            self.refuse("mrn,b\n1,2\n" + bad, "record 2", "fields")

    def test_broken_quotes(self):
        for bad, says in (('"1,2\n', "quote"), ('"1"x,2\n', "quote"), ('1"x,2\n', "quote"), ('1,"2', "quote")):
            self.refuse("mrn,b\n1,2\n" + bad, "record 2", says)

    def test_a_carriage_return_alone(self):
        self.refuse("mrn,b\n1,2\r3,4\n", "record 1", "CR")

    def test_what_is_not_utf8_or_holds_nul(self):
        self.refuse(b"mrn,b\n1,2\n3,\xff\n", "record 2", "UTF-8")
        self.refuse(b"mrn,b\n1,2\n3,\0\n", "record 2", "NUL")

    def test_no_header(self):
        self.refuse("", "header")
        self.refuse("\ufeff", "header")

    def test_an_identifier_that_is_too_long_or_has_control_characters_or_white_space(self):
        self.refuse(f"mrn,b\n1,2\n{'x' * 1025},2\n", "record 2", '"mrn"', "1024")
        self.refuse('mrn,b\n1,2\n"x\ny",2\n', "record 2", '"mrn"', "control")
        self.refuse("mrn,b\n1,2\n 1,2\n", "record 2", '"mrn"', "white space")

    def test_the_second_of_two_columns(self):
        self.refuse("mrn,b\n1,2\n3, \n", "record 2", '"b"', "white space", options=(*MRN, "--column", "b=b"))

    def test_a_name_that_cannot_be_enrolled(self):
        enroll = (*MRN, "--name-column", "b", "--enroll")
        self.refuse("mrn,b\n1,x\n2,\n", "record 2", '"b"', "empty", options=enroll)
        self.refuse(f"mrn,b\n1,x\n2,{'x' * 1025}\n", "record 2", '"b"', "1024", options=enroll)
        self.refuse('mrn,b\n1,x\n2,"x\ny"\n', "record 2", '"b"', "control", options=enroll)
        self.refuse("mrn,b\n1,x\n,y\n", "record 2", '"mrn"', "empty", options=enroll)
        self.refuse("mrn,b\n1,x\n2,Maria Jensen\n", "record 2", "role", options=(*enroll, "--role", "Maria"))

    def test_bad_options(self):
        table = "mrn,b\n1,2\n"
        for options, says in ((("--column", "mrn"), "--column"), (("--column", "=a"), "--column"),
                              (("--column", "mrn="), "--column"), (("--column", "mrn=A"), "--column"),
                              (("--column", "mrn=" + "a" * 65), "--column"), (("--column", "mrn=a:word"), "--column"),
                              (("--column", "mrn=a:"), "--column"), (("--column", "mrn=email:text"), "--column"),
                              ((*MRN, "--label", "name"), "--label"), ((*MRN, "--epoch", "2"), "--epoch"),
                              ((*MRN, "--as", "name"), "--as"), ((*MRN, "--from", "xml"), "--from"),
                              ((*MRN, "--to", "tsv"), "--to"), ((*MRN, "--from", "json", "--to", "jsonl"), "--to"),
                              ((*MRN, "--to", "xml"), "--"), ((*MRN, "--drop", "mrn"), "--drop"),
                              ((*MRN, "--name-column", "b", "--drop", "b"), "--drop"), ((*MRN, "--enroll"), "--enroll"),
                              ((*MRN, "--column", "b=b", "--name-column", "b"), "--name-column"),
                              ((*MRN, "--conference", "a\nb"), "--conference"), ((), "--column")):
            self.refuse(table, says, options=options, status=USAGE)


class MemoryTest(CliTest):
    """Less memory than is needed, from next to none upwards."""

    def test_too_little_memory_is_told_as_such_and_leaves_nothing(self):
        if self.sanitized:
            self.skipTest("a build with sanitizers cannot be given little address space")
        vaults = [self.make_vault(name) for name in ("one", "two")]
        records = [person(number) for number in range(20_000)]
        table = "mrn,who\n" + "".join(f"{one['id']},{one['name']}\n" for one in records)
        output = ("--quiet", "-o", self.path("out"))
        said = set()
        for command, text in ((("pseudonymize", vaults[0], *MRN, *output), table),
                              (("reidentify", vaults[0], *REASON, *output), json_lines(records)),
                              (("admit", vaults[0]), json.dumps(records)), (("admit", vaults[1]), json_lines(records))):
            for mebibytes in range(16, 120, 4):
                process = subprocess.run(["sh", "-c", 'ulimit -v "$1"; shift; exec "$@"', "sh", str(mebibytes << 10),
                                          self.binary, *command], capture_output=True, cwd=self.folder,
                                         input=text if isinstance(text, bytes) else text.encode())
                about = f"{command[0]} with {mebibytes} MiB: {process.stderr}"
                if process.returncode in (DONE, SOME_REJECTED):
                    if "-o" in command:
                        os.remove(self.path("out"))
                    break
                self.assertEqual((process.returncode, process.stdout), (FAILED, b""), about)
                self.assertEqual(counts(command[1])["person"], 0, about)
                self.assertFalse(os.path.exists(self.path("out")), about)
                said.add(process.stderr.decode().splitlines()[0])
        self.assertGreater(len(said), 0)
        self.assertEqual([line for line in said if "memory" not in line], [],
                         "lack of memory is told as something else")


class OptionTest(CliTest):
    def test_an_unknown_platform(self):
        vault = self.make_vault()
        for bad in ("dolby", "Generic"):
            outcome = self.assert_refused("admit", vault, "--platform", bad, input=json.dumps(GOOD), status=USAGE,
                                          says="--platform")
            self.assertIn("moniker platforms", outcome.err)

    def test_a_conference_that_is_none(self):
        vault = self.make_vault()
        commands = (["admit", vault, sample("people.json")],
                    ["pseudonymize", vault, *MRN, "-o", self.path("out"), sample("visits.csv")])
        for bad in ("x" * 256, "a\nb", "a\u0085b", b"\xff"):
            for command in commands:
                self.assert_refused(*command, "--conference", bad, status=USAGE, says="--conference")
        self.moniker("admit", vault, "--conference", "x" * 255, sample("people.json"))

    def test_an_empty_conference_is_not_silently_the_app(self):
        # --conference "$ROOM" with ROOM unset: pseudonyms would be linkable over all conferences. There is no default
        # scope, and in records of check and bind an empty conference is refused.
        vault = self.make_vault()
        for command in (["admit", vault, sample("people.json")],
                        ["pseudonymize", vault, *MRN, "-o", self.path("out"), sample("visits.csv")]):
            with self.subTest(command[0]):
                self.assert_refused(*command, "--conference", "", status=USAGE, says="--conference")

    def test_an_empty_value_of_an_option_is_not_as_if_it_were_not_there(self):
        vault = self.make_vault()
        for option in ("--role", "--key-file", "--passphrase-file"):
            with self.subTest(option):
                self.assert_refused("admit", vault, option, "", sample("people.json"), status=(FAILED, USAGE))

    def test_an_empty_output_is_not_standard_output(self):
        # -o "$OUT" with OUT unset: names would go to a terminal or a log.
        vault = self.make_sample_vault()
        self.assert_refused("reidentify", vault, *REASON, "-o", "", sample("live-participants.json"),
                            status=(FAILED, USAGE))

    def test_an_app_that_is_none(self):
        for bad in ("", "A", "a b", "é", "x" * 65, "a\n"):
            self.assert_refused("init", self.path("vault"), "--app", bad, "--key-file", self.path("key"), status=USAGE,
                                says="--app")
        self.make_vault(app="x" * 64)

    def test_an_avatar_template_that_is_none(self):
        vault = self.make_vault()
        for bad in ("http://example.org/{avatar}.svg", "example.org", "https://x/{avatar}{avatar}", "https://x/{other}",
                    "https://x/ y", "https://é", "https://" + "x" * 1024, "HTTPS://x"):
            self.assert_refused("init", self.path("v"), "--app", "a", "--key-file", self.path("key"), "--avatar-url",
                                bad, status=USAGE, says="--avatar-url")
            self.assert_refused("admit", vault, "--avatar-url", bad, sample("people.json"), status=USAGE,
                                says="--avatar-url")

    def test_a_suite_or_mode_that_is_none(self):
        for option, bad in (("--suite", "md5"), ("--suite", ""), ("--mode", "Enrolled"), ("--mode", "")):
            self.assert_refused("init", self.path("v"), "--app", "a", "--key-file", self.path("key"), option, bad,
                                status=USAGE, says=option)

    def test_a_root_key_that_is_none(self):
        digits = read(sample("root.hex")).decode().strip()
        for bad in ("", digits[:-1], digits + "0", digits[:-1] + "g", "\n" + digits, digits + "\n\n", digits + " "):
            self.assert_refused("init", self.path("v"), "--app", "a", "--key-file", self.path("key"), "--import-root",
                                write(self.path("root"), bad, 0o600), status=FAILED, says="64 hexadecimal digits")

    def test_a_root_key_that_others_can_read_is_warned_of(self):
        root = write(self.path("root"), read(sample("root.hex")), 0o644)
        options = ("--app", "a", "--key-file", self.path("key"), "--import-root", root)
        outcome = self.moniker("init", self.path("v"), *options)
        self.assertIn("moniker: warning: ", outcome.err)
        write(root, read(root), 0o600)
        outcome = self.moniker("init", self.path("w"), *options)
        self.assertNotIn("warning", outcome.err)

    def test_a_command_line_that_is_none(self):
        vault = self.make_vault()
        for arguments, says in (((), "required"), (("unknown",), ""), (("admit",), "VAULT"),
                                (("admit", vault, "--unknown"), "option"), (("admit", vault, "a", "b"), "argument"),
                                (("admit", vault, "--role"), "option"), (("init", self.path("v")), "--app"),
                                (("init", self.path("v"), "--app", "a"), "--key-file"),
                                (("init", self.path("v"), "--app", "a", "--key-file", "k", "--passphrase-file", "p"),
                                 "--key-file"),
                                (("--role", "x", "admit", vault), ""), (("pseudonymize", vault), "--column"),
                                (("admit", vault, "--role", "a", "--role", "b"), "option"),
                                (("check", vault, "--conference", "x"), "option")):
            outcome = self.assert_refused(*arguments, status=USAGE, says=says)
            self.assertIn("--help", outcome.err)

    def test_an_unknown_command_is_told_as_such(self):
        # "A subcommand is required" to who has given one is no help.
        outcome = self.assert_refused("resolv", status=USAGE)
        self.assertNotIn("is required", outcome.err)


if __name__ == "__main__":
    unittest.main()
