"""statement: what it says of a vault is true, and nothing in it is personal."""

import unittest

from harness import CONFERENCE, PEOPLE, CliTest, json_lines, read, rows, sample, write


class StatementTest(CliTest):
    def statement(self, vault, *options):
        outcome = self.moniker("statement", vault, *options)
        self.assertEqual(outcome.err, "")
        text = outcome.out.decode("ascii")
        self.assertTrue(text.startswith("Statement on the pseudonyms of a Moniker vault\n"))
        self.assertIn("It is no determination and no legal advice.", text)
        self.assertLessEqual(max(map(len, text.splitlines())), 110)
        return text

    def says(self, text, *parts):
        # Lines are broken for people.
        flat = " ".join(text.split())
        for part in parts:
            self.assertIn(part, flat)

    def test_a_derived_vault_is_told_not_to_meet_c_1(self):
        text = self.statement(self.make_vault())
        self.says(text, "Mode: derived.", "164.514(c)(1): not met", "not a Safe Harbor code", "suite blake2b", "App: clinic-7",
                  "identity 1; storage 1; index 1", "key file of 256 random bits", "0 person records")

    def test_an_enrolled_vault_is_told_where_its_codes_come_from(self):
        text = self.statement(self.make_vault("vault", "--mode", "enrolled", suite="hmac-sha256", app="other/app"))
        self.says(text, "Mode: enrolled.", "32 random bytes", "suite hmac-sha256", "App: other/app",
                  "164.514(c)(1): the code is not derived from information about the individual")
        self.assertNotIn("not met", text)

    def test_every_clause_and_guideline_is_there_in_both_modes(self):
        for mode in ("derived", "enrolled"):
            self.says(self.statement(self.make_vault(mode, "--mode", mode)),
                      "164.514(b)(1)", "(b)(2)(i)(R)", "164.514(c)(1)", "164.514(c)(2)", "164.316(b)(2)", "164.528",
                      "EDPB Guidelines 01/2025", "GDPR Article 4(5)", "IP address", "no erasure")

    def test_it_counts_what_there_is(self):
        for mode in ("derived", "enrolled"):
            vault = self.make_vault(mode, "--mode", mode)
            self.moniker("admit", vault, sample("people.json"))
            for conference in (CONFERENCE, "visit-43"):
                self.moniker("admit", vault, "--conference", conference, input=json_lines(PEOPLE[:2]))
            ids = [line["external_id"] for line in self.moniker("admit", vault, input=json_lines(PEOPLE[:1])).lines()]
            self.moniker("bind", vault, input=json_lines([{"participant_id": "p", "external_id": ids[0]}]))
            self.resolve(vault, "p")
            self.says(self.statement(vault), "5 pseudonyms of the app scope; 4 pseudonyms in 2 conferences",
                      "5 person records, 1 participant ID bound, 1 audit entry.")

    def test_one_of_each_is_said_in_the_singular(self):
        vault = self.make_vault()
        self.moniker("admit", vault, "--conference", CONFERENCE, input=json_lines(PEOPLE[:1]))
        self.says(self.statement(vault), "0 pseudonyms of the app scope; 1 pseudonym in 1 conference.", "1 person record,")

    def test_epochs_are_listed_and_destroyed_ones_are_not(self):
        vault = self.make_vault()
        for kind in ("identity", "identity", "index"):
            self.moniker("keys", vault, "rotate", "--" + kind, "--quiet")
        self.moniker("keys", vault, "destroy", "--identity", "1", "--quiet")
        self.says(self.statement(vault), "identity 2, 3; storage 1; index 1, 2.")

    def test_a_passphrase_is_told(self):
        passphrase = write(self.path("passphrase"), "correct horse\n", 0o600)
        self.moniker("init", self.path("vault"), "--app", "a", "--quiet", "--passphrase-file", passphrase)
        text = self.statement(self.path("vault"), "--passphrase-file", passphrase)
        self.says(text, "a passphrase (Argon2id)")
        self.assertNotIn("key file", text)

    def test_nothing_personal_and_no_secret_is_in_it_and_nothing_is_stored(self):
        vault = self.make_vault("vault", "--mode", "enrolled")
        people = [dict(one, issuer="xqzissuer.secret") for one in PEOPLE]
        self.moniker("admit", vault, "--conference", "xqzconference", input=json_lines(people))
        before = rows(vault)
        text = self.statement(vault)  # check_rules looks for the people
        for secret in ("xqzissuer", "xqzconference", vault, read(vault + ".key").decode()[14:30]):
            self.assertNotIn(secret, text)
        self.assertEqual(rows(vault), before)


if __name__ == "__main__":
    unittest.main()
