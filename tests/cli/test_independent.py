"""Identities of every kind and script: each ID, UUID, label, name and avatar is what an independent program computes.

tests/vectors/pseudonym_vectors.py and canonical_identifiers.py are that program: written from the specification, with
hashlib and unicodedata, without code of the library.
"""

import random
import unicodedata
import unittest

from harness import APP, CONFERENCE, FAILED, ROOT, CliTest, independent, json_lines, read, write

COUNT = 10_000  # of each kind
REFUSALS = 60   # of each kind; a run of the program each
ISSUERS = {"opaque": "mrn.hospital-a", "text": "names.hospital-a", "email": "email", "phone": "phone"}
AVATAR_URL = "https://avatars.example.org/{avatar}.svg"

# The scripts that Unicode 3.2 has a letter of, by the first word of the letters' names. That version is
# the same in every Python, and nothing that it has changed its normal form or case since.
SCRIPTS = (
    "LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "HEBREW", "ARABIC", "SYRIAC", "THAANA", "DEVANAGARI", "BENGALI",
    "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "THAI", "LAO", "TIBETAN",
    "MYANMAR", "GEORGIAN", "HANGUL", "ETHIOPIC", "CHEROKEE", "CANADIAN", "OGHAM", "RUNIC", "KHMER", "MONGOLIAN",
    "HIRAGANA", "KATAKANA", "BOPOMOFO", "CJK", "YI", "TAGALOG", "HANUNOO", "BUHID", "TAGBANWA", "DESERET", "GOTHIC",
    "OLD")
# Of domains canonical_identifiers.py knows the rules of UTS 46 but not its tables, so these are left out: scripts with
# letters that it disallows though Unicode has nothing against them, and letters of others (Arabic forms that stand
# for blanks or marks, U+04C0, and two that are mapped to a middle dot).
NOT_IN_DOMAINS = ("GEORGIAN", "HANGUL", "CHEROKEE", "ARABIC")
LETTERS_NOT_IN_DOMAINS = "\u013f\u0140\u04c0"

SPACES = " \u00a0\u2003\u3000"
FAULTS = ("\x07", "\u0085", "\u202e", "\u0378", "\ufdd0", " ", "\u2003", "@", ".", "..", "x", "+", "0", "\u00ad",
          "e\u0301")
MARKS = "\u0300\u0301\u0308\u0327\u0345\u05b7\u0651\u093c\u3099"


def letters_by_script():
    found = {script: [] for script in SCRIPTS}
    for point in range(0x41, 0x11000):
        character = chr(point)
        if unicodedata.ucd_3_2_0.category(character) in ("Lu", "Ll", "Lt", "Lo"):
            script = unicodedata.ucd_3_2_0.name(character, "?").split()[0]
            if script in found:
                found[script].append(character)
    return found


class Source:
    """Identities as people write them, the same on every run."""

    def __init__(self):
        self.chance = random.Random(20261123)
        self.letters = letters_by_script()

    def script(self, number):
        return SCRIPTS[number % len(SCRIPTS)]

    def word(self, script, shortest=2):
        letters = self.chance.choices(self.letters[script], k=self.chance.randrange(shortest, 9))
        if self.chance.randrange(4) == 0:
            letters.insert(self.chance.randrange(1, len(letters) + 1), self.chance.choice(MARKS))
        word = "".join(letters)
        form = self.chance.choice((None, None, "NFC", "NFD"))
        return unicodedata.normalize(form, word) if form else word

    def opaque(self, number):
        return f"{self.word(self.script(number))}-{number}"

    def text(self, number):
        script = self.script(number)
        word = self.word(script)
        word = self.chance.choice((word, word.upper(), word.title()))
        space = self.chance.choice(SPACES) * self.chance.randrange(1, 3)
        end = self.chance.choice(("", "", " "))
        return f"{end}{word}{space}{self.word(script)} {number:05}{end}"

    def email(self, number):
        local = f"{self.word(self.script(number))}{self.chance.choice(('.', '+', ''))}{number}"
        return f"{local}@{self.domain(number)}"

    def domain(self, number):
        if number % 2:
            return self.chance.choice(("Example.org", "a-b.EXAMPLE", f"ward{number}.hospital-a.example", "x.co"))
        script = self.script(number // 2)
        if script in NOT_IN_DOMAINS:
            return f"xn--fa-hia.{number}.example"
        letters = self.chance.choices(self.letters[script], k=self.chance.randrange(2, 7))
        return "".join(letter for letter in letters if letter not in LETTERS_NOT_IN_DOMAINS) + ".example"

    def phone(self, number):
        digits = f"{self.chance.randrange(1, 10)}{number:05}{self.chance.randrange(10 ** 9):09}"
        text = "+" + digits[0]
        for digit in digits[1:self.chance.randrange(7, 16)]:
            text += self.chance.choice(("", "", "", "", " ", "-", ".", " (", ") ")) + digit
        return text

    def identities(self, kind):
        """COUNT texts of different persons that the kind accepts, and REFUSALS that it refuses."""
        accepted, refused, seen = [], [], set()
        number = 0
        while len(accepted) < COUNT or len(refused) < REFUSALS:
            value = getattr(self, kind)(number)
            if len(accepted) >= COUNT or number % (COUNT // REFUSALS) == 0:
                place = self.chance.randrange(len(value) + 1)
                value = value[:place] + self.chance.choice(FAULTS) + value[place:]
            number += 1
            canonical, reasons = independent.evaluate(kind, value.encode("utf-8"))
            if reasons and len(refused) < REFUSALS:
                refused.append(value)
            elif not reasons and canonical not in seen and len(accepted) < COUNT:
                seen.add(canonical)
                accepted.append(value)
        return accepted, refused


class Roster:
    """Labels of a conference, in the order of admission: the first that nobody has (section 8: what comes next)."""

    def __init__(self):
        self.taken = {}

    def label(self, digest, style):
        text = independent.label(digest) if style == "code" else independent.words(digest)
        value = independent.parse_label(text.encode("ascii"))[1]
        while self.taken.setdefault((style, value), digest) != digest:
            value = (value + 1) % independent.LABEL_COUNT[style]
        return independent.label_text(style, value)


class IndependentTest(CliTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = Source()
        cls.accepted, cls.refused = {}, {}
        for kind in ISSUERS:
            cls.accepted[kind], cls.refused[kind] = cls.source.identities(kind)

    def make_vault_of_kinds(self, suite):
        return self.make_vault(suite, "--issuer", ISSUERS["text"] + ":text", "--avatar-url", AVATAR_URL, suite=suite)

    def digests(self, suite, conference):
        """A list of COUNT rows, each with the digests of one identity of every kind."""
        where = (suite, ROOT, APP.encode(), conference and conference.encode())
        return [[independent.digest(*where, ISSUERS[kind].encode(), value.encode("utf-8"), kind)
                 for kind, value in zip(ISSUERS, row)] for row in zip(*self.accepted.values())]

    @staticmethod
    def table(rows):
        quoted = ([f'"{field}"' for field in row] for row in rows)
        return "".join(",".join(row) + "\n" for row in [list(ISSUERS), *quoted])

    # --- What is compared ---

    def compare_pseudonymize(self, vault, scope, digests):
        columns = [part for kind, issuer in ISSUERS.items()
                   for part in ("--column", f"{kind}={issuer}" + (":text" if kind == "text" else ""))]
        source = write(self.path("in.csv"), self.table(zip(*self.accepted.values())))
        renderings = {("external-id",): independent.external_id, ("uuid",): independent.uuid,
                      ("label", "--label", "code"): independent.label,
                      ("label", "--label", "words"): independent.words}
        for options, render in renderings.items():
            self.moniker("pseudonymize", vault, *columns, *scope, "--as", *options,
                         "-o", self.path("out.csv"), source)
            expected = self.table([render(digest) for digest in row] for row in digests)
            # Not assertEqual: its report of two files of megabytes takes minutes.
            self.assertTrue(read(self.path("out.csv")) == expected.encode("ascii"), f"{vault} {scope} {options}")

    def compare_admit(self, vault, scope, digests):
        roster = Roster()
        records, persons = [], []
        for row, of_row in zip(zip(*self.accepted.values()), digests):
            for kind, value, digest in zip(ISSUERS, row, of_row):
                script = self.source.script(len(records))
                records.append({"issuer": ISSUERS[kind], "id": value,
                                "name": "".join(self.source.letters[script][:9])})
                persons.append(digest)
        for style, plain in (("code", independent.label), ("words", independent.words)):
            expected = [
                {"external_id": independent.external_id(digest),
                 "name": "Patient " + (roster.label(digest, style) if scope else plain(digest)),
                 "avatar_url": AVATAR_URL.replace("{avatar}", str(independent.avatar(digest)))} for digest in persons]
            lines = []
            for first in range(0, len(records), COUNT):
                source = write(self.path("people.jsonl"), json_lines(records[first:first + COUNT]))
                lines += self.moniker("admit", vault, *scope, "--role", "Patient", "--label", style, source).lines()
            wrong = [pair for pair in zip(lines, expected) if pair[0] != pair[1]]
            self.assertEqual((len(lines), wrong[:3]), (len(expected), []), f"{vault} {scope} {style}")

    def compare(self, suite):
        vault = self.make_vault_of_kinds(suite)
        for conference in (None, CONFERENCE):
            scope = ["--conference", conference] if conference else []
            digests = self.digests(suite, conference)
            self.compare_pseudonymize(vault, scope, digests)
            self.compare_admit(vault, scope, digests)

    def test_every_rendering_of_blake2b(self):
        self.compare("blake2b")

    def test_every_rendering_of_hmac_sha256(self):
        self.compare("hmac-sha256")

    def test_what_a_kind_refuses_is_refused(self):
        vault = self.make_vault_of_kinds("blake2b")
        for kind, values in self.refused.items():
            self.assertEqual(len(values), REFUSALS)
            for value in values:
                record = {"issuer": ISSUERS[kind], "id": value, "name": "Xqzfirst Xqzlast"}
                outcome = self.moniker("admit", vault, input=json_lines([record]), status=FAILED)
                self.assert_message(outcome, "record 1: id: ")

    def test_there_are_identities_in_every_script(self):
        for kind, values in self.accepted.items():
            self.assertEqual(len(set(values)), COUNT)
            if kind != "phone":
                found = {unicodedata.name(c, "?").split()[0] for value in values for c in value if not c.isascii()}
                self.assertLessEqual({*SCRIPTS}, found)
        self.assertTrue(all(self.source.letters.values()))
        print(f"\n{COUNT} identities of each kind in {len(SCRIPTS)} scripts")


if __name__ == "__main__":
    unittest.main()
