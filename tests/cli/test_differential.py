"""Torture files as other programs read them: before and after pseudonymize they see the same, but for what was
asked for. Python's csv and json always; Miller and csvkit where they are installed."""

import csv
import io
import json
import random
import shutil
import subprocess

from harness import CliTest, environment, external_id_of, missing_right, read, write

RECORDS = 1_500
ISSUER = "mrn.hospital-a"
HEADER = ["n", "mrn", "gone", "note", "last"]


def value(chance):
    """What a field may hold, the awkward more often than not."""
    parts = ["", " ", "  x ", '"', '""', "'", ",", ";", "\t", "\n", "\r\n", "\n\n", "a", "0.1000", "-1e5", "007",
             "12345678901234567890123", "é", "😀", "﻿", "NA", "null", "true", "=1+1", "\\", "\\n", "#", "{}", "x" * 300]
    return "".join(chance.choice(parts) for _ in range(chance.choice((0, 1, 1, 2, 5))))


def identifier(chance):
    return chance.choice(("", f"{chance.randrange(10**8):08}", "a,b", 'say "a"', "x;y", "é-1", "'q'", "a b"))


def field(text, chance, separator, quote):
    special = any(c in text for c in (separator, quote, "\r", "\n")) or text != text.strip() or text.startswith("﻿")
    if special or chance.random() < 0.3:
        return quote + text.replace(quote, quote * 2) + quote
    return text


def torture(seed, *, separator=",", quote='"', line_end="\n", mark="", ends=True):
    """A text, and the records that it was made from."""
    chance = random.Random(seed)
    rows = [HEADER]
    for i in range(RECORDS):
        rows.append([str(i), identifier(chance), value(chance), value(chance), value(chance)])
    lines = [separator.join(field(text, chance, separator, quote) for text in row) for row in rows]
    return mark + line_end.join(lines) + (line_end if ends else ""), rows


def expected(rows):
    """The records without the column `gone`, and with external IDs made by other code than the program's."""
    known = {}
    for row in rows[1:]:
        if row[1] and row[1] not in known:
            known[row[1]] = external_id_of(ISSUER, row[1])
    return [HEADER[:2] + HEADER[3:], *([row[0], known.get(row[1], ""), *row[3:]] for row in rows[1:])]


DIALECTS = {
    "plain": {}, "crlf": {"line_end": "\r\n"}, "mark": {"mark": "﻿", "line_end": "\r\n"},
    "open": {"ends": False}, "semicolon": {"separator": ";"}, "tab": {"separator": "\t"},
    "apostrophe": {"quote": "'"},
}


class DifferentialTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_vault()

    def pseudonymized(self, name, text, *options):
        source = write(self.path(name), text)
        output = self.path("out-" + name)
        self.moniker("pseudonymize", self.vault, "--quiet", "--column", "mrn=" + ISSUER, "--drop", "gone", *options,
                     "-o", output, source)
        return source, output

    def each_dialect(self, check, names=DIALECTS):
        """check(dialect, records that were made, input, output)"""
        for seed, name in enumerate(names):
            with self.subTest(dialect=name):
                dialect = {"separator": ",", "quote": '"', **DIALECTS[name]}
                text, rows = torture(seed, **dialect)
                check(dialect, rows, *self.pseudonymized(
                    name + ".csv", text, "--separator", dialect["separator"].replace("\t", "tab"),
                    "--quote", dialect["quote"]))

    def check_peer(self, read_rows, rows, source, output):
        """A program that does not keep every line end in a field as it is still sees one change alone."""
        before = read_rows(source)
        self.assertEqual([row[:2] for row in before], [row[:2] for row in rows])
        self.assertEqual(read_rows(output), expected(before))

    def program(self, name, *arguments):
        result = subprocess.run([name, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env={**environment(self.scratch), "PYTHONIOENCODING": "utf-8"}, check=False)
        self.assertEqual(result.returncode, 0, f"{name}: {result.stderr.decode()}")
        return result.stdout.decode("utf-8")

    def need(self, program, package):
        if not shutil.which(program):
            missing_right(f"{program} (tools/install_packages.sh test, or the package {package})")

    def test_python_csv_reads_what_was_made(self):
        def check(dialect, rows, *files):
            for path, wanted in zip(files, (rows, expected(rows))):
                with open(path, newline="", encoding="utf-8-sig") as file:
                    found = list(csv.reader(file, delimiter=dialect["separator"], quotechar=dialect["quote"],
                                            strict=True))
                self.assertEqual(found, wanted)
        self.each_dialect(check)

    def test_python_json_reads_what_was_made(self):
        chance = random.Random(99)
        records = [{"n": i, "mrn": identifier(chance), "gone": value(chance), value(chance) + "k": [value(chance), {}],
                    "deep": {"last": value(chance)}} for i in range(RECORDS)]
        wanted = [{k: (external_id_of(ISSUER, v) if k == "mrn" and v else v) for k, v in record.items() if k != "gone"}
                  for record in records]
        for ascii_only in (False, True):
            text = "".join(json.dumps(record, ensure_ascii=ascii_only) + "\n" for record in records)
            _, output = self.pseudonymized("lines.jsonl", text)
            self.assertEqual([json.loads(line) for line in read(output).decode().split("\n")[:-1]], wanted)
            _, output = self.pseudonymized("array.json", json.dumps(records, ensure_ascii=ascii_only, indent=1))
            self.assertEqual(json.loads(read(output)), wanted)

    def test_miller_sees_one_change_alone(self):
        self.need("mlr", "miller")

        def check(dialect, rows, *files):
            def read_rows(path):
                records = json.loads(self.program("mlr", "--icsv", "--ojson", "--infer-none",
                                                  "--ifs", dialect["separator"], "cat", path))
                return [list(records[0]), *(list(record.values()) for record in records)]
            self.check_peer(read_rows, rows, *files)
        self.each_dialect(check, [name for name in DIALECTS if name != "apostrophe"])  # its quotes are fixed

    def test_csvkit_sees_one_change_alone(self):
        self.need("csvformat", "csvkit")

        def check(dialect, rows, *files):
            def read_rows(path):
                out = self.program("csvformat", "-d", dialect["separator"], "-q", dialect["quote"],
                                   "-e", "utf-8-sig", path)
                return list(csv.reader(io.StringIO(out, newline="")))
            self.check_peer(read_rows, rows, *files)
        self.each_dialect(check)
