"""check --outbound: whether a text may go to the platform; the answer never says what is in it."""

import base64
import unittest
import urllib.parse

from harness import DONE, FAILED, PEOPLE, SOME_REJECTED, CliTest, json_lines, rows

MARIA = {"issuer": "mrn.hospital-a", "id": "00123456", "name": "Maria Jensen"}
EMAIL = "qz.bee77@mail.example.org"
FULL = {**MARIA, "email": EMAIL, "mobile": "+45 20 12 34 56", "notes": "allergic to qzxpeanuts"}


class OutboundTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_vault()
        self.personal += [EMAIL, "qzxpeanuts"]

    def answers(self, *records, status, vault=None):
        outcome = self.moniker("check", vault or self.vault, "--outbound", input=json_lines(records), status=status)
        for line in outcome.lines():
            self.assertLessEqual(set(line), {"refused", "reason"})
            self.assertEqual("reason" in line, line["refused"])
        return outcome

    def reasons(self, *texts, person=FULL):
        outcome = self.answers(*({**person, "text": text} for text in texts), status=SOME_REJECTED)
        return [line.get("reason") for line in outcome.lines()]

    def test_texts_with_nothing_of_the_person_pass(self):
        outcome = self.answers(*({**FULL, "text": text} for text in
                                 ("", "visit-42", "Patient RCG-V3F", "m32pnb88e0wgd7hc26m7ph6zyfqm3092", "Guten Tag")),
                               status=DONE)
        self.assertEqual(outcome.lines(), [{"refused": False}] * 5)
        self.assertEqual(outcome.err, "")

    def test_each_part_of_the_person_has_its_reason(self):
        self.assertEqual(self.reasons("call with Jensen", "case 123456", f"to {EMAIL.upper()}", "ring 20123456",
                                      "re: allergic to qzxpeanuts", "nothing"),
                         ["text: it holds part of the person's name", "text: it holds the person's identifier",
                          "text: it holds the person's e-mail address", "text: it holds the person's telephone number",
                          "text: it holds a further field of the person", None])

    def test_encoded_texts_are_found(self):
        name = MARIA["name"]
        once = urllib.parse.quote("".join(chr(ord(c)) for c in name), safe="")
        texts = [once.replace("a", "%61"), base64.b64encode(name.encode()).decode(),
                 base64.urlsafe_b64encode(b"x" + name.encode()).decode().rstrip("="), name.encode().hex(),
                 "".join(f"&#{ord(c)};" for c in name), "".join(f"\\u{ord(c):04x}" for c in name),
                 base64.b64encode(base64.b64encode(name.encode())).decode(),
                 "?alias=" + urllib.parse.quote(base64.b64encode(name.encode()).decode(), safe=""),
                 "\uff2d\uff41\uff52\uff49\uff41", "MARI\u0391 J\u00e9nsen", "j_e_n_s_e_n".replace("_", "\u200b")]
        self.assertEqual(self.reasons(*texts, person=MARIA), ["text: it holds part of the person's name"] * len(texts))

    def test_names_of_other_scripts(self):
        for name, text in (("\u738b\u5c0f\u660e", "\u8bf7\u738b\u5c0f\u660e\u533b\u751f"), ("José García-Núñez", "garcia nunez"),
                           ("Dr. Siân O'Brien", "obrien")):
            self.assertEqual(len(self.reasons(text, person={**MARIA, "name": name})), 1)

    def test_the_answers_stand_in_order_and_the_refused_are_counted(self):
        outcome = self.answers({**MARIA, "text": "x"}, {**MARIA, "text": "Maria"}, {**MARIA, "text": "y"},
                               {**MARIA, "text": "Jensen"}, status=SOME_REJECTED)
        self.assertEqual([line["refused"] for line in outcome.lines()], [False, True, False, True])
        self.assertEqual(outcome.err, "moniker: 2 texts refused\n")
        quiet = self.moniker("check", self.vault, "--outbound", "--quiet", input=json_lines([{**MARIA, "text": "Maria"}]),
                             status=SOME_REJECTED)
        self.assertEqual(quiet.err, "")

    def test_nobody_is_stored_and_nobody_needs_to_be_admitted(self):
        for vault in (self.vault, self.make_vault("enrolled", "--mode", "enrolled")):
            before = rows(vault)
            self.answers({**MARIA, "text": "Maria"}, {**MARIA, "issuer": "new.issuer", "text": "x"}, status=SOME_REJECTED,
                         vault=vault)
            self.assertEqual(rows(vault), before)

    def test_the_limits_of_a_text(self):
        self.assertEqual(self.answers({**MARIA, "text": "x" * 65_536}, status=DONE).lines(), [{"refused": False}])
        [reason] = self.reasons("x" * 65_537, person=MARIA)
        self.assertIn("longer than 65,536 bytes", reason)

    def test_bad_records_are_named_without_their_values(self):
        good = {**MARIA, "text": "x"}
        for bad, says in (({**MARIA}, '"text": missing'), ({**good, "text": 7}, '"text": not a string'),
                          ({**good, "id": " Xqzodd"}, "white space at the start or end (byte 1)"),
                          ({**good, "issuer": "Xqzodd"}, "issuer"), ({**good, "kind": "Xqzodd"}, '"kind"'),
                          ({**good, "conference": "Xqzodd"}, '"conference"'), ({**good, "Xqzodd": 7}, "member 5: not a string"),
                          ({"issuer": "a", "id": "1", "text": "x"}, '"name": missing')):
            outcome = self.assert_refused("check", self.vault, "--outbound", input=json_lines([good, bad]), status=FAILED,
                                          says=("record 2: ", says))
            self.assertNotIn("Xqzodd", outcome.err)

    def test_a_person_who_could_not_be_admitted_is_refused(self):
        good = {**MARIA, "text": "x"}
        for bad in ({**good, "name": "Xqz\u0000odd"}, {**good, "name": "x" * 1025}, {**good, "UPPER": "x"},
                    {**good, "notes": "x" * 4097}):
            outcome = self.moniker("check", self.vault, "--outbound", input=json_lines([bad]),
                                   status=(FAILED, SOME_REJECTED))
            self.assertNotIn(b'"refused":false', outcome.out)

    def test_the_samples(self):
        outcome = self.answers(*({**{key: one[key] for key in ("issuer", "id", "name")}, "text": other["name"]}
                                 for one in PEOPLE for other in PEOPLE), status=SOME_REJECTED)
        refused = [line["refused"] for line in outcome.lines()]
        for number in range(len(PEOPLE)):
            self.assertTrue(refused[number * len(PEOPLE) + number])
        self.assertLess(sum(refused), len(refused))


if __name__ == "__main__":
    unittest.main()
