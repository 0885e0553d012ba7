"""Changed bytes are reported: nobody gets another person's data, or plain text, out of an altered vault."""

import contextlib
import os
import shutil
import sqlite3
import unittest

from harness import (DONE, FAILED, KEY_OR_ALTERED, PEOPLE, REASON, SOME_REJECTED, TABLES, CliTest, json_lines, person,
                     read, rows, sample, write)

MARIA, JOSE = PEOPLE[0], PEOPLE[1]
QUERIES = (MARIA["external_id"], MARIA["participant_id"], JOSE["external_id"])

# docs/formats/keyring.md, section 1.
VERSION = range(8, 10)
SALT = range(12, 44)
PATH_LENGTH_AT = 52
PATH_AT = 54


@contextlib.contextmanager
def store_of(vault):
    with contextlib.closing(sqlite3.connect(os.path.join(vault, "store.sqlite"))) as store:
        store.execute("PRAGMA synchronous=OFF")
        yield store
        store.commit()


def flipped(data, place, bit):
    changed = bytearray(data)
    changed[place] ^= 1 << bit
    return bytes(changed)


class TamperingTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_vault()
        self.moniker("admit", self.vault, input=json_lines(
            [dict(MARIA, email="maria@example.org"), JOSE]))
        self.moniker("bind", self.vault, input=json_lines([MARIA]))
        self.expected = {answer["query"]: answer for answer in self.resolve(self.vault, *QUERIES)}
        self.assertEqual(self.expected[QUERIES[0]]["email"], "maria@example.org")

    def resolve_altered(self, vault, about, queries=QUERIES, options=()):
        """The exit status. Whatever it is, each answer is the right one or not_found."""
        outcome = self.moniker("resolve", vault, *REASON, "--quiet", *options, *queries, status=None)
        if outcome.status in (DONE, SOME_REJECTED):
            answers = outcome.lines()
            self.assertEqual([answer["query"] for answer in answers], list(queries), about)
            for answer in answers:
                if answer.get("error") != "not_found":
                    self.assertEqual(answer, self.expected[answer["query"]], about)
        else:
            self.assertIn(outcome.status, (FAILED, KEY_OR_ALTERED), about)
        return outcome.status


class KeyringTest(TamperingTest):
    def each_flip(self):
        """(place, bit): all bits of the header but for the salt, and one of every other byte."""
        size = os.path.getsize(self.vault + "/keyring")
        for place in range(size):
            for bit in range(8) if place < PATH_AT and place not in SALT else (place % 8,):
                yield place, bit

    def test_each_flipped_byte_is_reported_as_altered_or_as_a_newer_format(self):
        original = read(self.vault + "/keyring")
        key = ("--key-file", self.vault + ".key")
        for place, bit in self.each_flip():
            write(self.vault + "/keyring", flipped(original, place, bit))
            # check reads the keyring alone, and needs less time than resolve.
            outcome = self.moniker("check", self.vault, *key, sample("people.json"), status=None)
            newer = place in VERSION and flipped(original, place, bit)[8:10] != b"\0\0"
            self.assertEqual(outcome.status, FAILED if newer else KEY_OR_ALTERED, f"byte {place}, bit {bit}")

    def test_a_sample_of_flips_lets_nobody_be_resolved(self):
        original = read(self.vault + "/keyring")
        for place in range(0, len(original), 5):
            for options in ((), ("--key-file", self.vault + ".key")):
                write(self.vault + "/keyring", flipped(original, place, place % 8))
                status = self.resolve_altered(self.vault, f"byte {place}", options=options)
                self.assertIn(status, (FAILED, KEY_OR_ALTERED), f"byte {place}")
                # Only a version, or the remembered path, can be the reason for another status.
                path_end = PATH_AT + int.from_bytes(original[PATH_LENGTH_AT:PATH_AT], "little")
                if place not in VERSION and (options or not PATH_AT <= place < path_end):
                    self.assertEqual(status, KEY_OR_ALTERED, f"byte {place}")

    def test_a_keyring_cut_off_or_with_more_behind_it_is_altered(self):
        original = read(self.vault + "/keyring")
        for data in [original[:size] for size in range(0, len(original), 11)] + [original + b"\0", b"", b"\0" * 313]:
            write(self.vault + "/keyring", data)
            self.assertEqual(self.resolve_altered(self.vault, f"{len(data)} bytes"), KEY_OR_ALTERED)

    def test_the_keyring_of_another_vault_under_the_same_key_file_does_not_open_this_store(self):
        self.moniker("init", self.path("other"), "--app", "clinic-7", "--key-file", self.vault + ".key",
                     "--import-root", sample("root.hex"), "--quiet")
        shutil.copy(self.path("other", "keyring"), self.vault + "/keyring")
        outcome = self.moniker("resolve", self.vault, *REASON, *QUERIES, status=KEY_OR_ALTERED)
        self.assert_message(outcome, "does not belong to this keyring")

    def test_flips_under_a_passphrase_are_reported_as_well(self):
        passphrase = write(self.path("passphrase"), "correct horse\n", 0o600)
        vault = self.path("by-passphrase")
        self.moniker("init", vault, "--app", "clinic-7", "--passphrase-file", passphrase, "--quiet")
        original = read(vault + "/keyring")
        # Salt, commitment, body; length; passes from 3 to 2 and to many; too much memory; the protector.
        for place, bit in ((12, 0), (54, 1), (130, 4), (110, 3), (44, 0), (45, 7), (51, 7), (11, 0), (11, 1)):
            write(vault + "/keyring", flipped(original, place, bit))
            outcome = self.moniker("check", vault, "--passphrase-file", passphrase, sample("people.json"),
                                   status=None)
            self.assertEqual(outcome.status, KEY_OR_ALTERED, f"byte {place}: {outcome.err}")


class StoreRecordTest(TamperingTest):
    def setUp(self):
        super().setUp()
        with store_of(self.vault) as store:
            store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.rows = rows(self.vault)
        self.assertEqual({table: len(self.rows[table]) for table in TABLES},
                         {"meta": 3, "person": 2, "external_id": 2, "participant": 1, "audit": 1, "identifier": 0,
                          "roster": 0, "tombstone": 0})
        # Whoever resolves needs no kinds; the record has a test of its own.
        self.issuers = self.rows["meta"].pop(b"issuers")

    def put(self, table, tag, sealed, new_tag=None):
        with store_of(self.vault) as store:
            changed = store.execute(f"UPDATE {table} SET sealed = ?, tag = ? WHERE tag = ?",
                                    (sealed, new_tag or tag, tag))
            self.assertEqual(changed.rowcount, 1)

    def test_each_flipped_byte_of_each_record_is_reported_as_altered(self):
        for table in ("meta", "person", "external_id", "participant"):
            for tag, sealed in self.rows[table].items():
                for place in range(len(sealed)):
                    # Every byte of header and authentication tag, every second of the ciphertext.
                    if 34 <= place < len(sealed) - 16 and place % 2:
                        continue
                    self.put(table, tag, flipped(sealed, place, place % 8))
                    status = self.resolve_altered(self.vault, f"{table}, byte {place}")
                    self.assertEqual(status, KEY_OR_ALTERED, f"{table}, byte {place}")
                self.put(table, tag, sealed)
        self.assertEqual(self.resolve_altered(self.vault, "restored"), DONE)

    def test_each_flipped_byte_of_each_tag_makes_a_record_unknown_or_is_reported(self):
        for table in ("meta", "person", "external_id", "participant"):
            for tag, sealed in self.rows[table].items():
                for place in range(len(tag)):
                    changed = flipped(tag, place, place % 8)
                    self.put(table, tag, sealed, changed)
                    status = self.resolve_altered(self.vault, f"tag of {table}, byte {place}")
                    self.assertIn(status, (SOME_REJECTED, KEY_OR_ALTERED), f"tag of {table}, byte {place}")
                    self.put(table, changed, sealed, tag)
        self.assertEqual(self.resolve_altered(self.vault, "restored"), DONE)

    def test_an_altered_record_of_issuers_stops_whoever_needs_a_kind(self):
        claim = json_lines([{"issuer": MARIA["issuer"], "id": MARIA["id"], "external_id": MARIA["external_id"]}])
        before = rows(self.vault)
        bad = [flipped(self.issuers, place, place % 8) for place in range(0, len(self.issuers), 3)]
        for sealed in (*bad, b"", self.issuers[:-1], self.rows["meta"][b"settings"]):
            self.put("meta", b"issuers", sealed)
            for command, text in ((("check",), claim), (("admit",), json_lines([person(7)])),
                                  (("admit",), json_lines([MARIA]))):
                self.moniker(*command, self.vault, input=text, status=KEY_OR_ALTERED)
        self.put("meta", b"issuers", self.issuers)
        self.assertEqual(rows(self.vault), before)
        self.assertEqual(self.moniker("check", self.vault, input=claim).lines(), [{"match": True}])

    def test_two_records_of_one_table_exchanged_are_reported(self):
        for table in ("person", "external_id"):
            (one, first), (two, second) = self.rows[table].items()
            self.put(table, one, second)
            self.assertEqual(self.resolve_altered(self.vault, table), KEY_OR_ALTERED, table)
            self.put(table, two, first)
            self.assertEqual(self.resolve_altered(self.vault, table), KEY_OR_ALTERED, table)
            self.put(table, one, first)
            self.put(table, two, second)

    def test_a_record_of_another_table_or_vault_is_reported(self):
        other = self.make_vault("other")
        self.moniker("admit", other, input=json_lines([dict(MARIA, email="maria@example.org"), JOSE]))
        foreign = rows(other)
        for table in ("person", "external_id", "participant", "meta"):
            for tag, sealed in self.rows[table].items():
                for source in ("person", "external_id", "meta", "audit"):
                    candidates = list(foreign[source].values())
                    if source != table:
                        candidates += self.rows[source].values()
                    for candidate in candidates:
                        self.put(table, tag, candidate)
                        self.assertEqual(self.resolve_altered(self.vault, f"{source} as {table}"), KEY_OR_ALTERED,
                                         f"{source} as {table}")
                self.put(table, tag, sealed)

    def test_records_of_other_lengths_are_reported(self):
        for table in ("meta", "person", "external_id", "participant"):
            tag, sealed = next(iter(self.rows[table].items()))
            for bad in (b"", sealed[:1], sealed[:33], sealed[:34], sealed[:-1], sealed[:-64], sealed + b"\0",
                        sealed + b"\0" * 64):
                for each in self.rows[table]:
                    self.put(table, each, bad)
                self.assertEqual(self.resolve_altered(self.vault, table), KEY_OR_ALTERED, f"{table} {len(bad)}")
            for each, whole in self.rows[table].items():
                self.put(table, each, whole)

    def test_a_deleted_row_makes_nobody_somebody_else(self):
        for table in ("person", "external_id", "participant", "meta"):
            for tag, sealed in self.rows[table].items():
                with store_of(self.vault) as store:
                    store.execute(f"DELETE FROM {table} WHERE tag = ?", (tag,))
                status = self.resolve_altered(self.vault, table)
                self.assertEqual(status, KEY_OR_ALTERED if table == "meta" else SOME_REJECTED, table)
                with store_of(self.vault) as store:
                    store.execute(f"INSERT INTO {table} (tag, sealed) VALUES (?, ?)", (tag, sealed))

    def test_the_commands_that_write_stop_at_an_altered_record_and_change_nothing(self):
        for tag, sealed in self.rows["person"].items():
            self.put("person", tag, flipped(sealed, 60, 0))
        before = rows(self.vault)
        self.moniker("admit", self.vault, input=json_lines([dict(MARIA, name="New"), JOSE]), status=KEY_OR_ALTERED)
        self.moniker("pseudonymize", self.vault, "--column", "mrn=mrn.hospital-a", "--name-column", "patient name",
                     "--enroll", "-o", self.path("out"), sample("visits.csv"), status=KEY_OR_ALTERED)
        self.moniker("reidentify", self.vault, *REASON, "-o", self.path("out"), sample("live-participants.json"),
                     status=KEY_OR_ALTERED)
        self.assertFalse(os.path.exists(self.path("out")))
        self.assertEqual(rows(self.vault), before)


class StoreFileTest(TamperingTest):
    def pristine(self):
        """The vault without a log, in a folder that is copied for each change."""
        with store_of(self.vault) as store:
            store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return self.vault

    def copy(self):
        shutil.rmtree(self.path("copy"), ignore_errors=True)
        return self.copy_vault(self.vault, "copy")

    def test_a_sample_of_flips_of_the_database_file_gives_nobody_anothers_data(self):
        data = read(self.pristine() + "/store.sqlite")
        statuses = {}
        # A step without a common factor with the page size, and every byte of the first page's header.
        for place in [*range(100), *range(100, len(data), 149)]:
            copy = self.copy()
            write(copy + "/store.sqlite", flipped(data, place, place % 8))
            status = self.resolve_altered(copy, f"byte {place}")
            statuses[status] = statuses.get(status, 0) + 1
        # Positive control: some were noticed, and some lay in unused space.
        self.assertGreater(statuses[KEY_OR_ALTERED], 10, statuses)
        self.assertGreater(statuses[DONE], 10, statuses)

    def test_a_sample_of_flips_of_the_log_gives_nobody_anothers_data(self):
        log = read(self.vault + "/store.sqlite-wal")
        self.assertGreater(len(log), 4096)
        for place in [*range(32), *range(32, len(log), 997)]:
            copy = self.copy()
            write(copy + "/store.sqlite-wal", flipped(log, place, place % 8))
            self.resolve_altered(copy, f"byte {place} of the log")

    def test_a_schema_that_was_added_to_is_reported(self):
        self.pristine()
        for change in ("CREATE TABLE more (a)", "CREATE VIEW more AS SELECT * FROM person",
                       "CREATE TRIGGER more AFTER INSERT ON person BEGIN DELETE FROM audit; END",
                       "CREATE INDEX more ON person (sealed)", "DROP TABLE participant",
                       "ALTER TABLE person ADD COLUMN more BLOB", "PRAGMA application_id = 7",
                       "PRAGMA user_version = 0"):
            copy = self.copy()
            with store_of(copy) as store:
                store.execute(change)
            outcome = self.moniker("resolve", copy, *REASON, *QUERIES, status=KEY_OR_ALTERED)
            self.assertIn("store", outcome.error(), change)

    def test_a_database_that_is_none_is_reported(self):
        for data in (b"not a database" * 100, read(self.vault + "/store.sqlite")[:5000]):
            copy = self.copy()
            for name in ("store.sqlite-wal", "store.sqlite-shm"):
                with contextlib.suppress(FileNotFoundError):
                    os.remove(os.path.join(copy, name))
            write(copy + "/store.sqlite", data)
            self.moniker("resolve", copy, *REASON, *QUERIES, status=KEY_OR_ALTERED)

    def test_a_database_of_no_bytes_is_reported_and_not_made_anew(self):
        copy = self.copy()
        for name in ("store.sqlite-wal", "store.sqlite-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(os.path.join(copy, name))
        write(copy + "/store.sqlite", b"")
        self.moniker("resolve", copy, *REASON, *QUERIES, status=KEY_OR_ALTERED)
        with store_of(copy) as store:
            self.assertEqual(store.execute("SELECT count(*) FROM sqlite_schema").fetchone(), (0,))

    def test_the_store_of_another_vault_is_reported(self):
        other = self.make_vault("other")
        for name in ("store.sqlite", "store.sqlite-wal"):
            shutil.copy(os.path.join(other, name), os.path.join(self.vault, name))
        os.remove(self.vault + "/store.sqlite-shm")
        outcome = self.moniker("resolve", self.vault, *REASON, *QUERIES, status=KEY_OR_ALTERED)
        self.assert_message(outcome, "does not belong to this keyring")


if __name__ == "__main__":
    unittest.main()
