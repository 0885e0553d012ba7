"""table apply and verify: a remap again, and the proof of one, with nothing but its table; and remaps that were killed."""

import json
import os
import random
import resource
import subprocess

from harness import (DONE, FAILED, KEY_OR_ALTERED, PEOPLE, REASON, SOME_REJECTED, USAGE, environment, external_id_of,
                     json_lines, read, sample, with_metadata, write)
from test_remap import SAMPLES, WITH_UNKNOWN, RemapTest, rows_of
from test_reidentify import display_name
from test_resume import Killed

HEADER = "old,new,kind,person,old_label,new_label,old_words,new_words"


def changed_id(external_id):
    """Another one, with the right check character."""
    return external_id_of("mrn.hospital-a", external_id)


class TableTest(RemapTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_sample_vault()
        self.table = self.path("table.csv")

    def remapped(self, name, *arguments, status=DONE):
        new = self.path("new-" + os.path.basename(name))
        self.remap(self.vault, "--to-conference", "visit-43", "--table", self.table, "-o", new, *arguments, name,
                   status=status)
        return new


class ApplyTest(TableTest):
    def test_it_does_what_the_remap_did(self):
        for name in SAMPLES:
            status = SOME_REJECTED if name in WITH_UNKNOWN else DONE
            new = self.remapped(sample(name), status=status)
            outcome = self.moniker("table", "apply", self.table, sample(name), status=status)
            self.assertEqual(outcome.out, read(new))

    def test_it_needs_no_vault_and_reads_what_it_has_not_seen(self):
        self.remapped(sample("live-participants.json"))
        row = next(row for row in rows_of(self.table) if row["old"] == PEOPLE[0]["external_id"])
        os.rename(self.vault, self.path("gone"))
        text = f'file,who\nrecord_{row["old"]}.mp3,{row["old"]}\n'
        outcome = self.moniker("table", "apply", self.table, input=text)
        self.assertEqual(outcome.out.decode(), text.replace(row["old"], row["new"]))
        stranger = external_id_of("mrn.hospital-a", "stranger")
        outcome = self.moniker("table", "apply", self.table, "--mark-unknown", "?", input=f"who\n{stranger}\n",
                               status=SOME_REJECTED)
        self.assertEqual(outcome.out.decode(), f"who\n?{stranger}\n")

    def test_a_table_of_everybody_as_a_pipe_of_an_engine(self):
        chance = random.Random(5)
        people = [external_id_of(one["issuer"], one["id"]) for one in PEOPLE]
        lines = [json.dumps({"n": i, "externalId": who, "name": display_name(one)}, ensure_ascii=False) + "\n"
                 for i in range(20_000) for who, one in [chance.choice(list(zip(people, PEOPLE)))]]
        write(self.path("in.jsonl"), "".join(lines))
        new = self.remapped(self.path("in.jsonl"))
        os.rename(self.vault, self.path("gone"))
        script = ("split -n l/5 in.jsonl part.\n"
                  "ls part.?? | xargs -P 4 -I '{}' moniker table apply table.csv --from jsonl --quiet -o '{}.out' '{}'\n"
                  "cat part.*.out")
        names = {**environment(self.scratch), "PATH": os.path.dirname(self.binary) + ":" + os.environ["PATH"]}
        run = subprocess.run(["sh", "-ec", script], cwd=self.folder, env=names, capture_output=True, check=False)
        self.assertEqual((run.stderr, run.stdout == read(new)), (b"", True))
        out = b""
        for begin in range(0, len(lines), 7_000):
            out += self.moniker("table", "apply", "table.csv", "--from", "jsonl", "-q",
                                input="".join(lines[begin:begin + 7_000])).out
        self.assertEqual(out == read(new), True)

    def test_files_that_are_no_tables_are_refused_with_their_record(self):
        one, other = (one["external_id"] for one in PEOPLE[:2])
        new = changed_id(one)
        row, rest = f"{HEADER}\n{one},{new},external,1", ",,,,\n"
        cases = {
            "old,new\n": "not the header",
            "": "",
            f"{row}{rest}x,y,external,2{rest}": "record 2: old: no external ID",
            f"{HEADER}\n{one},{new[:-1]},external,1{rest}": "record 1: new: ",
            f"{HEADER}\n{one},5655a07e-8820-852b-9de9-2083e5594b3f,external,1{rest}": "record 1: new: ",
            f"{HEADER}\n{one},{new},,1{rest}": "record 1: kind",
            f"{HEADER}\n{one},{new},external,x{rest}": "record 1: person",
            f"{HEADER}\np1,p2,participant,1{rest}": "record 1: new: a participant ID stays",
            f"{HEADER}\np 1,p 1,participant,1{rest}": "record 1: old: ",
            f"{row},RCG,,,\n": "record 1: old_label",
            f"{row},RCG-V3F,Amber Heron 42,,\n": "record 1: new_label",
            f"{row},,,RCG-V3F,\n": "record 1: old_words",
            f"{row},,,,x\n": "record 1: new_words",
            f"{row}{rest}{one},{new},external,1{rest}": "record 2: old: it stands in an earlier",
            f"{row}{rest}{other},{new},external,2{rest}": "record 2: new: two old IDs",
            f"{row}{rest}{new},{other},external,2{rest}": "record 2: old: it is the new one",
            f"{HEADER}\n{new},{other},external,1{rest}{one},{new},external,2{rest}": "record 2: new: it is an old one",
            f"{row}{rest}{new},{new},external,2{rest}": "record 2: new: two old IDs",
            f"{HEADER}\n{one},{new}\n": "fields",
        }
        for text, says in cases.items():
            table = write(self.path("bad.csv"), text)
            self.assert_refused("table", "apply", table, input="who\n", says=says)
            if says.startswith("record"):
                self.verify(table, sample("visits.csv"), sample("visits.csv"), status=KEY_OR_ALTERED)


class VerifyTest(TableTest):
    """Every change of the new file or the table is noticed."""

    def prepare(self):
        one, other = PEOPLE[:2]
        metadata = with_metadata(one["external_id"])
        uuid = self.moniker("pseudonymize", self.vault, "--column", "mrn=mrn.hospital-a", "--as", "uuid", "-q",
                            input=f'mrn\n{other["id"]}\n').out.decode().split()[1]
        text = (f'externalId,name,userId,note\n{one["external_id"]},"{display_name(one)}",{one["participant_id"]},"a\nb"\n'
                f'{other["external_id"]},{display_name(other)},,{uuid}\n,{display_name(one)},{one["participant_id"]},\n'
                f'{metadata},x,,{uuid.upper()}\n')
        old = write(self.path("old.csv"), text)
        return old, self.remapped(old)

    def record_at(self, data, position):
        text = data[:position].replace(b"a\nb", b"a b")
        return text.count(b"\n")

    def test_every_byte_of_the_new_file(self):
        old, new = self.prepare()
        good = read(new)
        self.verify(self.table, old, new)
        for position in range(0, len(good), 9):
            write(new, good[:position] + bytes([good[position] ^ 1]) + good[position + 1:])
            outcome = self.verify(self.table, old, new, status=KEY_OR_ALTERED)
            self.assertEqual(outcome.lines()[0]["record"], self.record_at(good, position), position)
        for data, record in ((good[:-1], 4), (good + b"\n", 4), (b"", 0), (good[good.index(b"\n") + 1:], 0)):
            write(new, data)
            outcome = self.verify(self.table, old, new, status=KEY_OR_ALTERED)
            self.assertEqual(outcome.lines()[0]["record"], record)
            self.assertIn(f"record {record}", outcome.err)

    def test_every_field_of_the_table(self):
        old, new = self.prepare()
        good = read(self.table).decode().splitlines()
        noticed = 0
        for number, line in enumerate(good[1:], 1):
            fields = line.split(",")
            for i in range(2):
                for text in ("", changed_id(fields[i]), fields[i] + "0", fields[i].swapcase()):
                    changed = [*fields[:i], text, *fields[i + 1:]]
                    write(self.table, "\n".join([*good[:number], ",".join(changed), *good[number + 1:]]) + "\n")
                    if changed != fields:
                        self.verify(self.table, old, new, status=KEY_OR_ALTERED)
                        noticed += 1
            write(self.table, "\n".join(good[:number] + good[number + 1:]) + "\n")
            self.verify(self.table, old, new, status=KEY_OR_ALTERED)
        self.assertGreater(noticed, 40)

    def test_labels_and_persons_that_were_swapped_in_the_table(self):
        old, new = self.prepare()
        table = read(self.table).decode()
        one = next(row for row in rows_of(self.table) if row["old"] == PEOPLE[0]["external_id"])
        other = next(row for row in rows_of(self.table) if row["old"] == PEOPLE[1]["external_id"])
        for member in ("new", "old", "new_label", "old_label"):
            for first, second in ((one, other), (one, one | {member: "ABC-DEF"})):
                swapped = table.replace(first[member], "\0").replace(second[member], first[member])
                write(self.table, swapped.replace("\0", second[member]))
                self.verify(self.table, old, new, status=KEY_OR_ALTERED)
        write(self.table, table)
        self.verify(self.table, old, new)

    def test_formats_and_records_of_json(self):
        people = [{"externalId": one["external_id"], "name": display_name(one), "n": 0.10} for one in PEOPLE]
        texts = {"a.json": json.dumps(people, indent=1), "b.json": "\n".join(json.dumps(one, indent=1) for one in people),
                 "c.jsonl": "\n" + json_lines(people).decode()}
        for name, text in texts.items():
            old = write(self.path(name), text)
            new = self.remapped(old)
            good = read(new)
            self.verify(self.table, old, new)
            for record in (1, 3, 5):
                place = -1
                for _ in range(record):
                    place = good.index(b"externalId", place + 1)
                write(new, good[:place] + b"E" + good[place + 1:])
                outcome = self.verify(self.table, old, new, status=KEY_OR_ALTERED)
                self.assertEqual(outcome.lines()[0]["record"], record, name)

    def test_with_the_options_of_the_run(self):
        stranger = external_id_of("mrn.hospital-a", "stranger")
        text = f'{{"externalId":"{stranger}"}}\n{{"\n{{"externalId":"{PEOPLE[0]["external_id"]}","shown":"a RCG-V3F"}}\n'
        options = ("--mark-unknown", "?", "--on-error", "skip", "--name-column", "shown", "--from", "jsonl")
        new = self.remapped(write(self.path("a"), text), *options, status=SOME_REJECTED)
        self.assertEqual(read(new).count(b"\n"), 2)
        self.verify(self.table, self.path("a"), new, *options, status=SOME_REJECTED)
        for left_out in range(0, 8, 2):
            fewer = options[:left_out] + options[left_out + 2:]
            outcome = self.verify(self.table, self.path("a"), new, *fewer, status=(FAILED, KEY_OR_ALTERED, SOME_REJECTED))
            if left_out < 6:  # the format is found by the text
                self.assertNotEqual(outcome.status, SOME_REJECTED, fewer)

    def test_streams_and_damaged_compression(self):
        old, new = self.prepare()
        self.assert_refused("table", "verify", self.table, "-", new, status=USAGE, says="read twice")
        self.assert_refused("table", "verify", self.table, old, "-", status=USAGE, says="read twice")
        packed = self.path("new.csv.gz")
        self.remap(self.vault, "--to-conference", "visit-43", "-o", packed, old)
        self.verify(self.table, old, packed)
        write(packed, read(packed)[:-4])
        self.verify(self.table, old, packed, status=KEY_OR_ALTERED)


class KilledRemapTest(Killed):
    """Killed at random moments, with and without the vault, until a run comes to its end."""

    RECORDS = 12_000  # so much that what is held back for an audit entry (4 MiB) is a part

    def setUp(self):
        super().setUp()
        self.vault = self.make_vault("people")
        people = [{"issuer": "mrn.hospital-a", "id": f"{i:08}", "name": f"Xqzfirst{i} Xqzlast{i}"} for i in range(500)]
        admitted = self.moniker("admit", self.vault, input=json_lines(people)).lines()
        self.source = write(self.path("in.jsonl"), "".join(
            json.dumps({"n": i, "externalId": admitted[i * 7 % 500]["external_id"], "name": admitted[i * 7 % 500]["name"],
                        "text": "y" * (800 + i % 90)}) + "\n" for i in range(self.RECORDS)))
        self.table, self.output = self.path("table.csv"), self.path("out.jsonl")

    @staticmethod
    def output_kept(path):
        # Much of the time goes into reading first; between two checkpoints a run is broken off in check().
        return os.path.exists(path + ".checkpoint")

    def check(self, arguments, outputs, kills):
        resumed = (*arguments, "--resume", "--checkpoint-every", "0")
        self.moniker(*arguments)
        expected = {path: read(path) for path in outputs}
        for path in outputs:
            os.remove(path)
        self.break_off(*resumed)
        self.assertGreater(super().output_kept(self.output), 0)
        begun = os.times().elapsed
        self.moniker(*resumed)
        seconds = os.times().elapsed - begun
        for path in outputs:
            self.assertEqual(read(path) == expected[path], True, path)
        self.kill_until_done(resumed, outputs, expected, 4 if self.sanitized else kills, seconds)

    def break_off(self, *arguments):
        """Runs until the output would be larger, which is an error of the system. Deterministic."""
        self.moniker(*arguments, status=FAILED, restore_signals=False,
                     preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (6_000_000, 6_000_000)))

    def test_remap_with_its_table(self):
        self.check(("remap", self.vault, *REASON, "--quiet", "--to-conference", "x", "--table", self.table, "--threads", "1",
                    "-o", self.output, self.source), [self.output, self.table], 12)

    def test_remap_that_enrols(self):
        other = self.make_vault("other", app="clinic-8")
        self.check(("remap", self.vault, *REASON, "--quiet", "--to-vault", other, "--enroll", "--table", self.table,
                    "-o", self.output, self.source), [self.output, self.table], 8)

    def test_apply(self):
        self.moniker("remap", self.vault, *REASON, "-q", "--to-app", "clinic-9", "--table", self.table, "-o",
                     self.path("first"), self.source)
        self.check(("table", "apply", self.table, "--quiet", "-o", self.output, self.source), [self.output], 8)
        self.assertEqual(read(self.output) == read(self.path("first")), True)

    def test_a_run_that_goes_on_with_another_target_is_refused(self):
        arguments = ("remap", self.vault, *REASON, "--quiet", "--resume", "--checkpoint-every", "0", "-o", self.output,
                     self.source)
        self.break_off(*arguments, "--to-conference", "x")
        outcome = self.moniker(*arguments, "--to-conference", "y", status=FAILED)
        self.assertIn("of other options", outcome.err)
        self.moniker(*arguments, "--to-conference", "x")
