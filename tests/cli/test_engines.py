"""Several instances over parts of one input give what one gives over the whole: the recipes of
docs/integration.md."""

import os
import random
import subprocess

from harness import CliTest, environment, read, sample, write

COLUMNS = "--column mrn=mrn.hospital-a --conference visit-42 --on-error skip"


def lines(records):
    chance = random.Random(3)
    return [f'{{"n": {i}.0, "mrn": "{" " if i % 91 == 5 else chance.randrange(10**8)}"}}\n' for i in range(records)]


class EnginesTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_vault()
        self.lines = write(self.path("in.jsonl"), "".join(lines(20_000)))
        self.table = write(self.path("in.csv"), "n,mrn\r\n" + "".join(f'{i},"{i * 7 % 9999}"\r\n' for i in range(20_000)))
        self.options = (*COLUMNS.split(), "--quiet")
        for name in ("in.jsonl", "in.csv"):
            self.moniker("pseudonymize", self.vault, *self.options, "-o", self.path("whole-" + name), self.path(name),
                         status=None)

    def shell(self, script):
        folder = os.path.dirname(self.binary)
        names = {**environment(self.scratch), "PATH": folder + ":" + os.environ["PATH"], "LC_ALL": "C"}
        result = subprocess.run(["sh", "-ec", script], cwd=self.folder, env=names, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, check=False)
        self.assertEqual(result.stderr, b"")
        return result.stdout

    def test_parts_of_json_lines_by_split_and_xargs(self):
        out = self.shell("split -n l/7 in.jsonl part.\n"
                         "ls part.?? | xargs -P 4 -I '{}' sh -c "
                         f"'moniker pseudonymize vault {COLUMNS} --from jsonl --quiet -o {{}}.out {{}} || [ $? -eq 3 ]'\n"
                         "cat part.*.out")
        self.assertEqual(out == read(self.path("whole-in.jsonl")), True)

    def test_parts_of_csv_each_with_the_header(self):
        out = self.shell("head -n 1 in.csv > header\n"
                         "tail -n +2 in.csv | split -l 3000 - part.\n"
                         "for part in part.??; do cat header $part | moniker pseudonymize vault "
                         f"{COLUMNS} --from csv --quiet | tail -n +2 > $part.out & done; wait\n"
                         "cat header part.*.out")
        self.assertEqual(out == read(self.path("whole-in.csv")), True)

    def test_a_pipe_of_an_engine_line_by_line(self):
        # As Spark's pipe does it: one process for each part, records in and out by its streams.
        text = read(self.lines).splitlines(keepends=True)
        out = b""
        for begin in range(0, len(text), 6_000):
            out += self.moniker("pseudonymize", self.vault, *self.options, "--from", "jsonl",
                                input=b"".join(text[begin:begin + 6_000]), status=None).out
        self.assertEqual(out == read(self.path("whole-in.jsonl")), True)

    def test_vaults_of_one_root_on_several_machines(self):
        for number, suite in ((1, "blake2b"), (2, "blake2b")):
            vault = self.make_vault(f"machine-{number}", suite=suite, root=sample("root.hex"))
            out = self.moniker("pseudonymize", vault, *self.options, self.lines, status=None).out
            self.assertEqual(out == read(self.path("whole-in.jsonl")), True)

    def test_the_store_is_neither_changed_nor_asked_for_persons(self):
        before = read(os.path.join(self.vault, "store.sqlite"))
        self.moniker("pseudonymize", self.vault, *self.options, self.lines, status=None)
        self.assertEqual(read(os.path.join(self.vault, "store.sqlite")), before)
