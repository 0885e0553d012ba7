"""remap: old pseudonyms to new ones in exports, with the table of both, a dry run, and persons enrolled where the new
IDs are."""

import csv
import gzip
import io
import json
import os

from harness import (APP, CONFERENCE, DONE, FAILED, PEOPLE, REASON, REFUSED, ROOT, SOME_REJECTED, USAGE, CliTest,
                     counts, digest_of, external_id_of, find_markers, independent, json_lines, metadata_vectors, read,
                     sample, tree, with_metadata, write)
from test_reidentify import display_name

SAMPLES = ("conference-created.json", "live-participants.json", "monitor-conferences.json", "monitor-participants.json",
           "monitor-webhooks.json", "recordings.json", "webhook-conference-ended.json")
WITH_UNKNOWN = ("monitor-webhooks.json", "webhook-conference-ended.json")
OTHER_ROOT = bytes(range(100, 132))
STRANGER = external_id_of("mrn.hospital-a", "stranger")
NEW_LABEL = {"code": independent.label, "words": independent.words}


def rows_of(table):
    return list(csv.DictReader(io.StringIO(read(table).decode())))


def new_metadata(new_id, metadata, suite="blake2b", root=ROOT, app=APP, epoch=1):
    place = metadata_vectors.at(id=new_id, suite=suite, root=root, app=app.encode(), epoch=epoch)
    return metadata_vectors.text_of(
        place, metadata_vectors.seal_block(place, metadata_vectors.padded(metadata_vectors.payload_of(metadata))))


class RemapTest(CliTest):
    def remap(self, vault, *arguments, status=DONE, **options):
        return self.moniker("remap", vault, *REASON, *arguments, status=status, **options)

    def verify(self, table, old, new, *arguments, status=DONE):
        return self.moniker("table", "verify", table, old, new, *arguments, status=status, reports=True)

    def entries(self, vault):
        return self.moniker("audit", vault, "export").lines()

    def remap_and_verify(self, vault, old, *arguments, status=DONE):
        """The bytes of the new file, which the table proves."""
        new, table = self.path("new-" + os.path.basename(old)), self.path("table.csv")
        self.remap(vault, *arguments, "--table", table, "-o", new, "--quiet", old, status=status)
        self.assertEqual(os.stat(table).st_mode & 0o777, 0o600)
        self.verify(table, old, new)
        self.assertEqual(find_markers(read(new) + read(table), self.personal), [])
        return read(new)

    def make_other_vault(self, name="other", suite="hmac-sha256", app="clinic-8", *options):
        root = write(self.path(name + ".hex"), OTHER_ROOT.hex(), 0o600)
        return self.make_vault(name, *options, suite=suite, app=app, root=root)


class IndependentTest(RemapTest):
    """Every new ID, label and sealed metadata is what an independent program computes."""

    COUNT = 300

    def setUp(self):
        super().setUp()
        self.people = [{"issuer": "mrn.hospital-a", "id": f"Z-{i * 7919:07}", "name": f"Xqzfirst{i} Xqzlast{i}"}
                       for i in range(self.COUNT)]
        self.file = write(self.path("people.jsonl"), json_lines(self.people))

    def text(self, words, **where):
        """A record of each person in all renderings, with and without its ID as a member."""
        lines = []
        for i, one in enumerate(self.people):
            digest = digest_of(one["issuer"], one["id"], **where)
            label = NEW_LABEL["words" if words and i % 3 == 0 else "code"](digest)
            uuid = independent.uuid(digest)
            external_id = independent.external_id(digest)
            lines.append(json.dumps({
                "n": i, "externalId": external_id, "name": "Patient " + label,
                "url": f"https://x.example/{uuid if i % 2 else uuid.upper()}/record_{external_id}.mp3",
                "sealed": new_metadata(external_id, metadata_vectors.WORKED,
                                       **{k: v for k, v in where.items() if k != "conference"}),
                "inner": json.dumps({external_id: [uuid]}), "other": 'RCG-V3F "x"'}))
        return "\n".join(lines) + "\n"

    def check(self, vault, old, new, *arguments):
        words = "conference" not in old | new  # there is one style of labels there
        source = write(self.path("in.jsonl"), self.text(words, **old))
        expected = self.text(words, **new)
        self.assertEqual(self.remap_and_verify(vault, source, *arguments) == expected.encode(), True, arguments)

    def test_apps_conferences_suites_and_vaults(self):
        for suite in ("blake2b", "hmac-sha256"):
            vault = self.make_vault(suite, suite=suite)
            self.moniker("admit", vault, self.file)
            self.moniker("admit", vault, "--conference", CONFERENCE, self.file)
            app, conference = dict(suite=suite), dict(suite=suite, conference=CONFERENCE)
            self.check(vault, app, conference, "--to-conference", CONFERENCE)
            self.check(vault, conference, app, "--to-app", APP)
            self.check(vault, conference, dict(suite=suite, conference="visit-43"), "--to-conference", "visit-43")
            other = self.make_other_vault("other-" + suite, "blake2b" if suite == "hmac-sha256" else "hmac-sha256")
            there = dict(suite="blake2b" if suite == "hmac-sha256" else "hmac-sha256", root=OTHER_ROOT, app="clinic-8")
            self.check(vault, app, there, "--to-vault", other)
            self.check(vault, conference, dict(there, conference=CONFERENCE), "--to-vault", other)  # stays in its own
            os.remove(os.path.join(other, "store.sqlite"))  # the keyring alone will do
            self.check(vault, app, there, "--to-vault", other)

    def test_another_app_under_the_same_root(self):
        vault = self.make_vault()
        self.moniker("admit", vault, self.file)
        old = "".join(external_id_of(one["issuer"], one["id"]) + "\n" for one in self.people)
        new = "".join(external_id_of(one["issuer"], one["id"], app="clinic-9") + "\n" for one in self.people)
        source = write(self.path("in.csv"), "who\n" + old)
        self.assertEqual(self.remap_and_verify(vault, source, "--to-app", "clinic-9").decode(), "who\n" + new)

    def test_epochs(self):
        # The root of a newer epoch is random, so the known one is the target.
        vault = self.make_vault()
        self.moniker("keys", vault, "rotate", "--identity", "--quiet")
        admitted = [who["external_id"] for who in self.moniker("admit", vault, self.file).lines()]
        source = write(self.path("in.csv"), "who\n" + "".join(who + "\n" for who in admitted))
        expected = "who\n" + "".join(external_id_of(one["issuer"], one["id"]) + "\n" for one in self.people)
        self.assertEqual(self.remap_and_verify(vault, source, "--to", "1").decode(), expected)


class SamplesTest(RemapTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_sample_vault()
        self.moniker("keys", self.vault, "rotate", "--identity", "--quiet")

    def check_there_and_back(self, name, vault, there, other, back):
        status = SOME_REJECTED if name in WITH_UNKNOWN else DONE
        new = self.remap_and_verify(vault, sample(name), *there, status=status)
        for one in PEOPLE:
            self.assertEqual(find_markers(new, [one["external_id"], display_name(one)]), [], name)
        middle = write(self.path("middle.json"), new)
        again = self.remap_and_verify(other, middle, *back, status=status)
        self.assertEqual(again.decode(), read(sample(name)).decode(), name)

    def test_to_another_vault_and_back_is_the_identity_on_all_samples(self):
        for suite in ("blake2b", "hmac-sha256"):
            other = self.make_other_vault("other-" + suite, suite)
            for name in SAMPLES:
                self.check_there_and_back(name, self.vault, ("--to-vault", other, "--enroll"), other,
                                          ("--to-vault", self.vault, "--to", "1"))

    def test_to_another_epoch_and_back_is_the_identity(self):
        for name in SAMPLES:
            if name not in ("monitor-webhooks.json", "webhook-conference-ended.json"):  # names without an external ID
                self.check_there_and_back(name, self.vault, ("--to", "2", "--enroll"), self.vault, ("--to", "1"))

    def test_what_is_enrolled_resolves_as_the_old_did(self):
        old = sample("live-participants.json")
        new = self.path("new.json")
        self.remap(self.vault, "--to", "2", "-o", new, old)
        unknown = self.moniker("reidentify", self.vault, *REASON, new, status=SOME_REJECTED)
        self.assertEqual(find_markers(unknown.out, ["00123456"]), [])
        self.remap(self.vault, "--to", "2", "--enroll", "-o", new, old)
        self.assertEqual(self.moniker("reidentify", self.vault, *REASON, new).out,
                         self.moniker("reidentify", self.vault, *REASON, old).out)

    def test_participant_ids_stay(self):
        new = self.remap_and_verify(self.vault, sample("recordings.json"), "--to", "2")
        self.assertEqual(new, read(sample("recordings.json")))
        rows = rows_of(self.path("table.csv"))
        self.assertEqual({row["old"] for row in rows}, {row["new"] for row in rows})
        self.assertEqual({row["kind"] for row in rows}, {"participant"})

    def test_the_table_has_each_id_once_in_order_and_the_labels(self):
        self.remap_and_verify(self.vault, sample("monitor-participants.json"), "--to", "2")
        rows = rows_of(self.path("table.csv"))
        self.assertEqual([row["old"] for row in rows], sorted({row["old"] for row in rows}))
        external = [row for row in rows if row["kind"] == "external"]
        persons = {row["person"] for row in rows}
        self.assertEqual(persons, {str(number + 1) for number in range(len(persons))})
        self.assertEqual({row["person"] for row in external}, persons)
        self.assertEqual(len(external), 4)
        for row in external:
            one = next(one for one in PEOPLE if one["external_id"] == row["old"])
            digest = digest_of(one["issuer"], one["id"])
            self.assertEqual((row["old_label"], row["old_words"]), (independent.label(digest), independent.words(digest)))

    def test_csv_tsv_json_lines_and_compressed_files(self):
        one = PEOPLE[0]
        texts = {"a.csv": f'externalId,name,"x ""y"\r\n{one["external_id"]},"{display_name(one)}"," 0.10"\r\n',
                 "a.tsv": f'name\texternalId\n{display_name(one)}\t{one["external_id"]}',
                 "a.jsonl": f'\n{{"externalId":"{one["external_id"]}","name" :"{display_name(one)}","n":1.50}}\n\n'}
        for name, text in texts.items():
            out = self.remap_and_verify(self.vault, write(self.path(name), text), "--to", "2").decode()
            row = next(row for row in rows_of(self.path("table.csv")) if row["old"] == one["external_id"])
            new = text.replace(row["old"], row["new"]).replace(row["old_label"], row["new_label"])
            self.assertEqual(out, new)
            packed = write(self.path(name + ".gz"), gzip.compress(text.encode()))
            self.remap(self.vault, "--to", "2", "-o", self.path("out-" + name + ".gz"), packed)
            self.assertEqual(gzip.decompress(read(self.path("out-" + name + ".gz"))).decode(), new)
            self.verify(self.path("table.csv"), packed, self.path("out-" + name + ".gz"))
            piped = self.remap(self.vault, "--to", "2", "--from", name[2:], input=text)
            self.assertEqual(piped.out.decode(), new)

    def test_several_inputs_have_one_table_and_are_audited(self):
        os.mkdir(self.path("out"))
        before = len(self.entries(self.vault))
        table = self.path("table.csv")
        self.remap(self.vault, "--to", "2", "--table", table, "--out-dir", self.path("out"), "--report",
                   self.path("report"), *map(sample, SAMPLES), status=SOME_REJECTED)
        # Each ID is asked for once: an input has an entry for those that none before it had.
        added = self.entries(self.vault)[before:]
        self.assertEqual(len({person for one in added for person in one["persons"]}), len(PEOPLE))
        self.assertLess(len(added), len(SAMPLES))
        for name in SAMPLES:
            self.verify(table, sample(name), self.path("out", name))
        report = json.loads(read(self.path("report")))["inputs"]
        self.assertEqual(sum(one["identities"]["different_ids_changed"] for one in report),
                         sum(row["old"] != row["new"] for row in rows_of(table)))

    def test_names_in_words_and_of_other_columns(self):
        one = PEOPLE[0]
        words = independent.words(digest_of(one["issuer"], one["id"]))
        text = f'externalId,shown,name\n{one["external_id"]},Patient {words},Maria\n'
        out = self.remap_and_verify(self.vault, write(self.path("a.csv"), text), "--to", "2").decode()
        self.assertIn("Patient " + words, out)  # no name by its column
        row = rows_of(self.path("table.csv"))[0]
        outcome = self.remap(self.vault, "--to", "2", "--name-column", "shown", self.path("a.csv"))
        self.assertEqual(outcome.out.decode(), text.replace(row["old"], row["new"]).replace(words, row["new_words"]))

    def test_unknown_ids_are_marked_and_counted(self):
        text = json.dumps({"externalId": STRANGER, "file": f"rec_{STRANGER}.mp3"})
        outcome = self.remap(self.vault, "--to", "2", "--mark-unknown", "?", input=text, status=SOME_REJECTED)
        self.assertEqual(outcome.out.decode(), text.replace(STRANGER, "?" + STRANGER))
        self.assertIn("2 IDs unknown", outcome.err)


class DryRunTest(RemapTest):
    def test_it_reports_and_leaves_an_entry_and_nothing_else(self):
        vault = self.make_sample_vault()
        self.moniker("keys", vault, "rotate", "--identity", "--quiet")
        outside = {path: what for path, what in tree(self.folder).items() if not path.startswith("vault")}
        persons = counts(vault)
        entries = len(self.entries(vault))
        for options in ((), ("--enroll",)):
            outcome = self.remap(vault, "--to", "2", "--dry-run", "--table", self.path("table.csv"), *options, "-o",
                                 self.path("out"), *(["--report", self.path("report")] if not options else []),
                                 sample("live-participants.json"))
            self.assertEqual(outcome.out, b"")
            self.assertIn("5 different external IDs become others, 0 stay", outcome.err)
            self.assertIn("nothing was written", outcome.err)
            entries += 1
            self.assertEqual(len(self.entries(vault)), entries)
        identities = json.loads(read(self.path("report")))["inputs"][0]["identities"]
        self.assertEqual(identities, {"external_ids": 5, "participant_ids": 5, "names": 5, "unknown_ids": 0,
                                      "ambiguous_names": 0, "different_ids_changed": 5, "different_ids_unchanged": 0})
        os.remove(self.path("report"))
        self.assertEqual({path: what for path, what in tree(self.folder).items() if not path.startswith("vault")}, outside)
        after = counts(vault)
        self.assertEqual({**after, "audit": persons["audit"]}, persons)

    def test_several_inputs_need_no_folder(self):
        vault = self.make_sample_vault()
        outcome = self.remap(vault, "--to-conference", "x", "--dry-run", *map(sample, SAMPLES), status=SOME_REJECTED)
        self.assertIn("5 different external IDs become others", outcome.err)

    def test_ids_that_stay_are_told_apart(self):
        vault = self.make_sample_vault()
        outcome = self.remap(vault, "--to", "1", "--dry-run", sample("live-participants.json"))
        self.assertIn("0 different external IDs become others, 5 stay", outcome.err)


class RefusalTest(RemapTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_sample_vault()
        self.file = sample("live-participants.json")

    def refuse(self, *arguments, status=USAGE, says=()):
        self.assert_refused("remap", self.vault, *REASON, *arguments, status=status, says=says)

    def test_what_cannot_be_is_told_before_anything_is_read(self):
        self.refuse(self.file, says="none of --to")
        self.refuse("--to", "7", self.file, says="no such identity epoch")
        self.refuse("--to-app", "Clinic", self.file, says="--to-app")
        self.refuse("--to-conference", "a\x07", self.file, says="--to-conference")
        self.refuse("--to", "1", "--resume", "--dry-run", "-o", self.path("x"), self.file, says="--dry-run")
        self.refuse("--to-app", "clinic-9", "--enroll", self.file, says="--enroll")
        self.refuse("--to-conference", "x", "--enroll", says="only files can be read twice")
        self.refuse("--to", "1", "--label", "picture", self.file, says="--label")
        self.refuse("--to-vault", self.path("nobody"), self.file, status=FAILED)
        other = self.make_other_vault()
        self.refuse("--to-vault", other, "-o", os.path.join(other, "keyring"), self.file, says="into a vault")
        self.refuse("--to-vault", other, "--table", os.path.join(self.vault, "t"), self.file, says="into a vault")
        self.refuse("--to", "1", "--table", self.file, self.file, says="the same file")
        self.assert_refused("remap", self.vault, "--to", "1", self.file, status=USAGE, says="--actor")

    def test_two_ids_of_one_person_never_become_one(self):
        one = PEOPLE[0]
        other = external_id_of(one["issuer"], one["id"], conference=CONFERENCE)
        self.moniker("admit", self.vault, "--conference", CONFERENCE, input=json_lines([one | {"role": "Patient"}]))
        text = f'who\n{one["external_id"]}\n{other}\n'
        for threads in ("1", "2"):
            outcome = self.remap(self.vault, "--to-app", APP, "--threads", threads, "-o", self.path("out"),
                                 "--table", self.path("table"), input=text, status=FAILED)
            self.assertIn("would become", outcome.err)
            self.assertFalse(os.path.exists(self.path("out")) or os.path.exists(self.path("table")))
        other_vault = self.make_other_vault()
        self.remap(self.vault, "--to-vault", other_vault, input=text)  # each in its own scope
        # Nobody is enrolled either.
        before = counts(other_vault)
        self.remap(self.vault, "--to-vault", other_vault, "--to-conference", "x", "--enroll", "-o", self.path("out"),
                   write(self.path("in.csv"), text), status=FAILED)
        self.assertEqual(counts(other_vault), before)

    def test_metadata_that_does_not_open_is_a_fault_of_its_record(self):
        good = with_metadata(PEOPLE[0]["external_id"], role=b"Patient")
        bad = good[:-2] + ("AA" if good[-2:] != "AA" else "BA")
        text = f"who\n{good}\n{bad}\n"
        outcome = self.remap(self.vault, "--to-conference", "x", input=text, status=FAILED)
        self.assertIn("record 2", outcome.err)
        self.assertIn("metadata", outcome.err)
        outcome = self.remap(self.vault, "--to-conference", "x", "--on-error", "skip", input=text, status=SOME_REJECTED)
        self.assertEqual(outcome.out.count(b"\n"), 2)
        outcome = self.remap(self.vault, "--to-app", "clinic-9", input=f"who\n{good}\n", status=FAILED)
        self.assertIn("metadata", outcome.err)

    def test_who_is_not_enrolled_in_an_enrolled_vault_is_a_fault(self):
        other = self.make_vault("enrolled", "--mode", "enrolled", root=None)
        self.moniker("admit", other, input=json_lines(PEOPLE[:1]))
        text = "who\n" + "".join(one["external_id"] + "\n" for one in PEOPLE[:2])
        outcome = self.remap(self.vault, "--to-vault", other, input=text, status=FAILED)
        self.assertIn("record 2: a person is not enrolled", outcome.err)
        outcome = self.remap(self.vault, "--to-vault", other, "--enroll", "--dry-run", sample("live-participants.json"))
        self.assertIn("5 different external IDs become others", outcome.err)
        outcome = self.remap(self.vault, "--to-vault", other, "--on-error", "skip", input=text, status=SOME_REJECTED)
        self.assertEqual(outcome.out.count(b"\n"), 2)
        source = write(self.path("in.csv"), text)
        new = self.remap_and_verify(self.vault, source, "--to-vault", other, "--enroll")
        back = self.moniker("resolve", other, *REASON, *new.decode().split()[1:]).lines()
        self.assertEqual([who["id"] for who in back], [one["id"] for one in PEOPLE[:2]])
        os.remove(os.path.join(other, "store.sqlite"))
        self.refuse("--to-vault", other, source, says="own store")

    def test_nobody_is_enrolled_by_a_run_with_a_fault(self):
        other = self.make_other_vault()
        before = counts(other)
        text = "".join(json.dumps({"externalId": one["external_id"]}) + "\n" for one in PEOPLE) + "{\n"
        source = write(self.path("in.jsonl"), text)
        self.remap(self.vault, "--to-vault", other, "--enroll", "-o", self.path("out"), source, status=FAILED)
        self.assertEqual(counts(other), before)
        self.remap(self.vault, "--to-vault", other, "--enroll", "--on-error", "skip", "-o", self.path("out"), source,
                   status=SOME_REJECTED)
        self.assertEqual(counts(other)["person"], len(PEOPLE))

    def test_kinds_of_issuers_that_differ_are_a_fault(self):
        other = self.make_other_vault("other", "blake2b", "clinic-8", "--issuer", "mrn.hospital-a:text")
        outcome = self.remap(self.vault, "--to-vault", other, input=f'who\n{PEOPLE[0]["external_id"]}\n', status=FAILED)
        self.assertIn("of another kind", outcome.err)


class LabelsOfConferencesTest(RemapTest):
    """Two people of a conference never get one label without a word."""

    def people_of_one_label(self, style):
        seen = {}
        for i in range(10**7):
            digest = digest_of("mrn.hospital-a", f"{i:08}", conference=CONFERENCE)
            label = NEW_LABEL[style](digest)
            if label in seen:
                return [{"issuer": "mrn.hospital-a", "id": f"{n:08}", "name": f"Xqzfirst{n} Xqzlast{n}"}
                        for n in (seen[label], i)], label
            seen[label] = i
        raise AssertionError("no two of one label")

    def test_they_are_refused_or_get_different_ones_when_enrolled(self):
        for style in ("code", "words"):
            with self.subTest(style):
                people, label = self.people_of_one_label(style)
                vault = self.make_vault("vault-" + style)
                admitted = self.moniker("admit", vault, "--label", style, input=json_lines(people)).lines()
                text = "".join(json.dumps({"externalId": who["external_id"], "name": who["name"]}) + "\n"
                               for who in admitted)
                source = write(self.path("in.jsonl"), text)
                target = ("--to-conference", CONFERENCE, "--label", style)
                outcome = self.remap(vault, *target, "-o", self.path("out"), source, status=FAILED)
                self.assertIn("one label", outcome.err)
                self.assertFalse(os.path.exists(self.path("out")))
                new = self.remap_and_verify(vault, source, *target, "--enroll")
                names = [json.loads(line)["name"] for line in new.splitlines()]
                self.assertEqual(names[0], "Participant " + label)
                self.assertNotEqual(names[1], names[0])
                # Now that they are there, that is what everybody gets.
                self.assertEqual(self.remap_and_verify(vault, source, *target), new)
                # A name in the other style has no label there.
                other = "words" if style == "code" else "code"
                outcome = self.remap(vault, "--to-conference", CONFERENCE, "--label", other, source, status=FAILED)
                self.assertIn("record 1: name", outcome.err)

    def test_labels_that_nobody_allotted_are_told(self):
        vault = self.make_sample_vault()
        outcome = self.remap(vault, "--to-conference", CONFERENCE, sample("live-participants.json"))
        self.assertIn("5 labels of a conference are those of the IDs", outcome.err)
        outcome = self.remap(vault, "--to-conference", CONFERENCE, "--enroll", "-o", self.path("out"),
                             sample("live-participants.json"))
        self.assertNotIn("labels of a conference", outcome.err)


class AuditTest(RemapTest):
    def test_every_run_has_one_entry_with_its_persons_also_when_it_enrols(self):
        vault = self.make_sample_vault()
        other = self.make_other_vault()
        for options in (("--to-conference", "x"), ("--to-conference", "x", "--enroll"), ("--to-vault", other, "--enroll")):
            before = self.entries(vault)
            self.remap(vault, *options, "-o", self.path("out"), sample("live-participants.json"))
            added = self.entries(vault)[len(before):]
            self.assertEqual([(one["actor"], one["purpose"], one["asked"], len(one["persons"])) for one in added],
                             [(REASON[1], REASON[3], 10, 5)])
        self.assertEqual(self.entries(other), [])

    def test_without_an_entry_there_is_no_output(self):
        vault = self.make_sample_vault()
        before = counts(vault)["audit"]
        self.remap(vault, "--to-conference", "x", "-o", self.path("out"), input="{", status=FAILED)
        self.assertEqual(counts(vault)["audit"], before)
        self.assertFalse(os.path.exists(self.path("out")))

    def test_over_budget_nothing_is_seen(self):
        vault = self.make_vault("vault", "--budget-hour", "3")
        self.moniker("admit", vault, sample("people.json"))
        file = sample("live-participants.json")
        self.remap(vault, "--to-conference", "x", "--table", self.path("t"), "-o", self.path("out"), file, status=REFUSED)
        self.assertFalse(os.path.exists(self.path("out")) or os.path.exists(self.path("t")))
        self.moniker("bind", vault, sample("people.json"))
        self.remap(vault, "--to-conference", "x", "--break-glass", "-o", self.path("out"), file)
