"""Issuers and the kinds of their identifiers: declared once, kept in the store, the same for every command."""

import os
import unittest

from harness import (APP, CONFERENCE, FAILED, REASON, ROOT, USAGE, CliTest, independent, json_lines, rows)

# Spellings of one identifier, and its canonical form (pseudonym.md, section 4).
SPELLINGS = {
    "names.a": ("text", ["Zoe\u0308  STRASSE", " zo\u00eb straße ", "ZOË STRASSE"], "zo\u00eb strasse"),
    "email": ("email", ["Zoë.Straße+x@Example.ORG", "ZOË.STRASSE+X@example.org"], "zoë.strasse+x@example.org"),
    "phone": ("phone", ["+1 (555) 010-0199", "+15550100199", "+1.555.010.0199"], "+15550100199"),
    "mrn.a": ("opaque", ["Zoë 7"], "Zoë 7"),
}
ODD = "Xqzodd-4711"


def derived_id(issuer, canonical, conference=None):
    return independent.external_id(independent.digest(
        "blake2b", ROOT, APP.encode(), conference and conference.encode(), issuer.encode(), canonical.encode(), "opaque"))


def record(issuer, id_, **more):
    return {"issuer": issuer, "id": id_, "name": "Maria Jensen", **more}


class KindsTest(CliTest):
    def setUp(self):
        super().setUp()
        self.personal += [ODD, *(text for _, texts, _ in SPELLINGS.values() for text in texts)]
        self.vault = self.make_vault("vault", "--issuer", "names.a:text", "--issuer", "mrn.a:opaque")

    def ids(self, *records, options=(), vault=None):
        outcome = self.moniker("admit", vault or self.vault, *options, input=json_lines(records))
        return [line["external_id"] for line in outcome.lines()]

    def refuse(self, *records, says, command="admit", vault=None, options=()):
        before = rows(vault or self.vault)
        outcome = self.assert_refused(command, vault or self.vault, *options, input=json_lines(records), says=says)
        self.assertEqual(rows(vault or self.vault), before)
        return outcome


class CanonicalTest(KindsTest):
    def test_every_spelling_is_the_id_of_the_canonical_form(self):
        for conference in (None, CONFERENCE):
            scope = ("--conference", conference) if conference else ()
            for issuer, (_, spellings, canonical) in SPELLINGS.items():
                ids = self.ids(*(record(issuer, text) for text in spellings), options=scope)
                self.assertEqual(set(ids), {derived_id(issuer, canonical, conference)}, issuer)
        self.assertEqual(len(rows(self.vault)["person"]), len(SPELLINGS))

    def test_enrolled_vaults_know_every_spelling_too(self):
        vault = self.make_vault("enrolled", "--mode", "enrolled", "--issuer", "names.a:text")
        for issuer, (_, spellings, _) in SPELLINGS.items():
            self.assertEqual(len(set(self.ids(*(record(issuer, text) for text in spellings), vault=vault))), 1)
        self.assertEqual(len(rows(vault)["person"]), len(SPELLINGS))

    def test_resolve_gives_the_identifier_as_it_was_first_written(self):
        for issuer, (_, spellings, _) in SPELLINGS.items():
            [id_] = self.ids(record(issuer, spellings[0]))
            self.ids(*(record(issuer, text) for text in spellings))
            self.assertEqual(self.resolve(self.vault, id_)[0]["id"], spellings[0])

    def test_check_and_pseudonymize_canonicalise_as_admit_does(self):
        for issuer, (kind, spellings, canonical) in SPELLINGS.items():
            id_ = derived_id(issuer, canonical)
            lines = self.moniker("check", self.vault, input=json_lines(
                [{"issuer": issuer, "id": text, "external_id": id_} for text in spellings])).lines()
            self.assertEqual(lines, [{"match": True}] * len(spellings))
            table = "x\n" + "".join(f'"{text}"\n' for text in spellings)
            for column in (f"x={issuer}", f"x={issuer}:{kind}"):
                out = self.moniker("pseudonymize", self.vault, "--column", column, input=table).out.decode().split()
                self.assertEqual([cell.strip('"') for cell in out], ["x"] + [id_] * len(spellings))

    def test_two_columns_of_two_kinds(self):
        table = 'mail,tel\nA@Example.org,"+1 555 010 0199"\n'
        out = self.moniker("pseudonymize", self.vault, "--column", "mail=email", "--column", "tel=phone:phone",
                           input=table).out.decode()
        self.assertEqual(out, f'mail,tel\n{derived_id("email", "a@example.org")},'
                              f'"{derived_id("phone", "+15550100199")}"\n')


class DeclaredTest(KindsTest):
    def test_a_kind_in_a_record_declares_a_new_issuer_for_ever(self):
        self.ids(record("new.issuer", "ÄB", kind="text"))
        # Another process needs not say it again.
        self.assertEqual(self.ids(record("new.issuer", "äb")), [derived_id("new.issuer", "äb")])
        self.ids(record("new.issuer", "äb", kind="text"))
        for kind in ("opaque", "email", "phone"):
            self.refuse(record("names.a", "x"), record("new.issuer", ODD, kind=kind), says=("record 2", "another kind"))

    def test_an_issuer_without_a_kind_is_opaque_from_its_first_person_on(self):
        self.ids(record("plain", "ÄB"))
        self.refuse(record("plain", "ÄB", kind="text"), says=("record 1", "another kind"))
        self.assertNotEqual(self.ids(record("plain", "äb")), self.ids(record("plain", "ÄB")))

    def test_email_and_phone_have_their_kinds_always(self):
        for issuer in ("email", "phone"):
            self.refuse(record(issuer, "x", kind="opaque"), says=("record 1", "kind"))
        self.refuse(record("email", ODD), says=("record 1", "no @"))
        for bad in ("email:text", "phone:opaque"):
            self.assert_refused("init", self.path("v"), "--app", "a", "--key-file", self.path("k"), "--issuer", bad,
                                status=USAGE, says=("--issuer", "has the kind"))
        self.make_vault("same", "--issuer", "email:email")

    def test_a_kind_that_is_none(self):
        for bad in ("Text", "word", "1", "", "text "):
            self.refuse(record("a", "1", kind=bad), says=("record 1", '"kind"', "opaque, text, email, phone"))
            self.assert_refused("init", self.path("v"), "--app", "a", "--key-file", self.path("k"), "--issuer",
                                "a:" + bad, status=USAGE, says="--issuer")
        self.refuse(record("a", "1", kind=7), says=('"kind"', "not a string"))

    def test_pseudonymize_declares_and_refuses_another_kind(self):
        columns = ("pseudonymize", self.vault, "-o", self.path("out"), "--column")
        self.moniker(*columns, "x=list.b:text", input="x\nÄB\n")
        self.assert_refused(*columns, "x=list.b:opaque", input="x\nÄB\n", status=USAGE, says="--column")
        self.assertEqual(self.ids(record("list.b", "äb")), [derived_id("list.b", "äb")])

    def test_check_declares_nothing_and_refuses_another_kind(self):
        claim = {"issuer": "names.a", "id": "x", "external_id": "x"}
        self.refuse(claim, {**claim, "kind": "opaque"}, says=("record 2", "another kind"), command="check")
        before = rows(self.vault)
        self.moniker("check", self.vault, input=json_lines([{**claim, "issuer": "unheard.of", "kind": "phone",
                                                             "id": "+15550100199"}]))
        self.assertEqual(rows(self.vault), before)

    def test_a_run_that_fails_declares_nothing(self):
        self.refuse(record("fresh", "AB", kind="text"), record("fresh", "\u0000"), says="record 2")
        self.ids(record("fresh", "AB", kind="opaque"))

    def test_malformed_declarations_at_init(self):
        for bad in ("a", "a:", ":text", "A:text", "a:text:text", "a b:text", "a" * 65 + ":text"):
            self.assert_refused("init", self.path("v"), "--app", "a", "--key-file", self.path("k"), "--issuer", bad,
                                status=USAGE, says="--issuer")

    def test_one_issuer_with_two_kinds_at_init(self):
        self.moniker("init", self.path("v"), "--app", "a", "--key-file", self.path("k"), "--issuer", "a:text",
                     "--issuer", "a:opaque", status=(FAILED, USAGE))
        self.assertFalse(os.path.exists(self.path("v")))
        self.assertFalse(os.path.exists(self.path("k")))


class PlaceTest(KindsTest):
    """Faults are told by record, member and byte, never by the value."""

    def test_the_byte_of_the_fault(self):
        # (issuer, identifier, kind of fault, byte counted from 1)
        for issuer, bad, says, byte in (
                ("mrn.a", " " + ODD, "white space at the start or end", 1),
                ("mrn.a", ODD + "\t", "control character", len(ODD) + 1),
                ("names.a", ODD + "\u202e", "bidirectional", len(ODD) + 1),
                ("names.a", "é" + ODD + "\ud7a4", "", len(ODD) + 3),
                ("email", ODD + " x@example.org", "white space", len(ODD) + 1),
                ("phone", "+1555" + ODD, "", 6)):
            outcome = self.refuse(record("names.a", "fine"), record(issuer, bad), says=("record 2: id: ", says))
            self.assertIn(f"(byte {byte})", outcome.error(), (issuer, says))
            self.assertNotIn(ODD, outcome.err)

    def test_in_a_table_record_column_and_byte(self):
        outcome = self.assert_refused("pseudonymize", self.vault, "--column", "tel=phone", "-o", self.path("out"),
                                      input=f'tel\n+15550100199\n"+1555{ODD}"\n',
                                      says=('record 2: column "tel" (byte 6 of the value)',))
        self.assertNotIn(ODD, outcome.err)

    def test_reidentify_knows_people_of_every_kind(self):
        texts = [(issuer, spellings[0]) for issuer, (_, spellings, _) in SPELLINGS.items()]
        ids = self.ids(*(record(*one) for one in texts))
        outcome = self.moniker("reidentify", self.vault, *REASON, "--quiet", input=json_lines(
            [{"externalId": id_} for id_ in ids]))
        self.assertEqual(outcome.lines(), [{"externalId": text} for _, text in texts])


if __name__ == "__main__":
    unittest.main()
