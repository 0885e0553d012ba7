"""Errors and notes as programs read them (--json), and colours, which only people see."""

import json
import os
import pty
import subprocess
import unittest

from harness import (DONE, FAILED, KEY_OR_ALTERED, PEOPLE, REASON, SOME_REJECTED, USAGE, CliTest, environment,
                     json_lines, write)


class JsonTest(CliTest):
    def error_of(self, *arguments, status, **options):
        outcome = self.moniker(*arguments, "--json", status=status, **options)
        objects = [json.loads(line) for line in outcome.err.splitlines()]
        return [one for one in objects if set(one) != {"note"}][0]

    def make_vault(self):
        self.moniker("init", "v", "--app", "clinic-7", "--key-file", "k")

    def test_an_error_in_a_record_says_which_record_and_field_and_no_value(self):
        self.make_vault()
        records = [PEOPLE[0], dict(PEOPLE[1], id=" Xqzfirst")]
        error = self.error_of("admit", "v", input=json_lines(records), status=FAILED)
        self.assertEqual((error["code"], error["record"], error["field"]), ("invalid_argument", 2, "id"))
        self.assertNotIn("Xqzfirst", json.dumps(error))

    def test_a_member_of_the_wrong_type_is_named_as_the_field(self):
        self.make_vault()
        error = self.error_of("admit", "v", input='{"issuer":"a","id":7,"name":"b"}\n', status=FAILED)
        self.assertEqual((error["code"], error["record"], error["field"]), ("invalid_argument", 1, "id"))

    def test_an_error_in_a_table_says_which_record_and_column(self):
        self.make_vault()
        write(self.path("t.csv"), "visit,mrn\n1,a\n2, Xqzlast\n")
        error = self.error_of("pseudonymize", "v", "--column", "mrn=mrn.a", "t.csv", status=FAILED)
        self.assertEqual((error["code"], error["record"], error["field"]), ("invalid_argument", 2, "mrn"))

    def test_usage_wrong_keys_and_missing_files_have_codes_of_their_own(self):
        self.assertEqual(self.error_of("admit", "v", "--no-such-option", status=USAGE)["code"], "usage")
        self.assertEqual(self.error_of("no-such-command", status=USAGE)["code"], "usage")
        self.assertEqual(self.error_of("admit", "v", status=FAILED)["code"], "not_found")
        self.make_vault()
        self.moniker("init", "other", "--app", "clinic-7", "--key-file", "k2")
        error = self.error_of("admit", "v", "--key-file", "k2", status=KEY_OR_ALTERED)
        self.assertEqual(error["code"], "wrong_key")
        self.assertIn("--key-file", error["hint"])

    def test_what_is_no_error_is_a_note(self):
        self.make_vault()
        outcome = self.moniker("resolve", "v", *REASON, "nobody", "--json", status=SOME_REJECTED)
        self.assertEqual([json.loads(line) for line in outcome.err.splitlines()], [{"note": "1 ID not known here"}])
        self.assertEqual(self.moniker("resolve", "v", *REASON, "nobody", "--json", "--quiet",
                                      status=SOME_REJECTED).err, "")

    def test_json_behind_two_hyphens_is_an_argument(self):
        self.make_vault()
        outcome = self.moniker("resolve", "v", *REASON, "--quiet", "--", "--json", status=SOME_REJECTED, reveals=True)
        self.assertEqual(outcome.lines(), [{"query": "--json", "error": "not_found"}])

    def moniker(self, *arguments, **options):
        # What follows two hyphens asks for nothing, but the harness would take it for the option.
        if "--" not in arguments:
            return super().moniker(*arguments, **options)
        run = subprocess.run([self.binary, *arguments], cwd=self.folder, env=environment(self.scratch),
                             capture_output=True)
        self.assertEqual(run.returncode, options["status"], run.stderr)
        return type("Outcome", (), {"lines": lambda _: [json.loads(line) for line in run.stdout.splitlines()]})()


class ColourTest(CliTest):
    def said(self, terminal, **variables):
        """What is on standard error: a terminal or a pipe."""
        reading, writing = pty.openpty() if terminal else os.pipe()
        try:
            run = subprocess.run([self.binary, "admit", "no-vault"], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=writing, cwd=self.folder,
                                 env={**environment(self.scratch), **variables})
            self.assertEqual(run.returncode, FAILED)
            return os.read(reading, 10000)
        finally:
            os.close(reading)
            os.close(writing)

    def test_only_a_terminal_gets_colours(self):
        self.assertIn(b"\x1b[1;31merror:\x1b[0m", self.said(True, TERM="xterm"))
        self.assertNotIn(b"\x1b", self.said(False, TERM="xterm"))

    def test_a_terminal_that_has_none_or_a_user_who_wants_none_gets_none(self):
        for variables in ({"TERM": "dumb"}, {}, {"TERM": "xterm", "NO_COLOR": "1"}):
            with self.subTest(variables=variables):
                self.assertNotIn(b"\x1b", self.said(True, **variables))
        # By the convention an empty NO_COLOR does not count.
        self.assertIn(b"\x1b", self.said(True, TERM="xterm", NO_COLOR=""))


if __name__ == "__main__":
    unittest.main()
