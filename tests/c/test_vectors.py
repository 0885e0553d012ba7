"""The vectors of pseudonym format 1, which other code made, through the interface for C.

Usage: test_vectors.py LIBMONIKER YES|NO     (whether the build has libidn2)
"""

import collections
import ctypes
import pathlib
import sys
import tempfile
import unittest

import moniker_c as c

VECTORS = pathlib.Path(__file__).resolve().parents[1] / "vectors/pseudonym"
LIB = c.Library(sys.argv[1])
HAS_IDN = sys.argv[2] == "YES"


def vectors(kind):
    """(name, {key: value}) of a type; what is written in hexadecimal digits as bytes."""
    for path in sorted(VECTORS.iterdir()):
        lines = [line.partition(":") for line in path.read_text().splitlines() if not line.startswith("#")]
        vector = {key: value[1:] for key, _, value in lines}
        if vector["type"] == kind:
            yield path.stem, {key: bytes.fromhex(value) if key.endswith("-hex") else value
                              for key, value in vector.items()}


def scope_of(vector):
    if "conference-hex" not in vector:
        return c.Scope(kind=1)
    return c.Scope(kind=2, conference=c.text(vector["conference-hex"]))


def identifier_of(vector):
    return c.Identifier(issuer=c.text(vector["issuer-hex"]), id=c.text(vector["value-hex"]),
                        kind=c.KINDS[vector.get("kind")])


def is_left_out(name):
    """Domains beyond ASCII are refused by a build without libidn2."""
    return "email-idn" in name and not HAS_IDN


def derive(vector):
    anonymizer = LIB.anonymizer(vector["root-hex"], vector["suite"], vector["app-hex"], scope_of(vector))
    try:
        pseudonym = c.Pseudonym()
        LIB.call("anonymizer_derive", anonymizer, identifier_of(vector), pseudonym)
        return pseudonym
    finally:
        LIB.lib.moniker_anonymizer_close(anonymizer)


class Vectors(unittest.TestCase):
    def test_every_pseudonym_is_that_of_the_vector(self):
        number = 0
        for name, vector in vectors("derive"):
            if vector["expect"] != "ok":
                continue
            number += 1
            with self.subTest(name=name):
                if is_left_out(name):
                    with self.assertRaises(c.Failed) as failed:
                        derive(vector)
                    self.assertEqual(failed.exception.code, c.UNSUPPORTED)
                    continue
                made = derive(vector)
                self.assertEqual(
                    [made.external_id, made.uuid, made.label_code, made.label_words, str(made.avatar_index)],
                    [*(vector[key].encode() for key in ("external-id", "uuid", "label", "words")),
                     vector["avatar"]])
        self.assertGreater(number, 100)

    def test_what_the_format_refuses_is_refused_without_telling_of_it(self):
        number = 0
        for name, vector in vectors("derive"):
            if vector["expect"] != "error":
                continue
            number += 1
            with self.subTest(name=name), self.assertRaises(c.Failed) as failed:
                derive(vector)
            if not is_left_out(name):
                self.assertEqual(failed.exception.code, c.INVALID_ARGUMENT, name)
            value = vector.get("value-hex", b"")
            self.assertFalse(len(value) > 3 and value in failed.exception.message.encode(), name)
        self.assertGreater(number, 50)

    def test_columns_give_what_each_of_their_texts_gives(self):
        columns = collections.defaultdict(list)
        for name, vector in vectors("derive"):
            if vector["expect"] == "ok" and not is_left_out(name):
                key = (vector["root-hex"], vector["suite"], vector["app-hex"], vector.get("conference-hex"),
                       vector["issuer-hex"], vector.get("kind"))
                columns[key].append(vector)
        self.assertGreater(max(map(len, columns.values())), 10)
        for column in columns.values():
            for bits in (32, 64):
                for first in (0, 3, 9):
                    self.check_column(column, bits, first)

    def check_column(self, column, bits, first):
        """Behind `first` texts that do not belong to it, with a text that is not there before each."""
        texts = [b"?"] * first
        for vector in column:
            texts += [b"", vector["value-hex"]]
        offset_type = ctypes.c_int32 if bits == 32 else ctypes.c_int64
        offsets = (offset_type * (len(texts) + 1))()
        for i, one in enumerate(texts):
            offsets[i + 1] = offsets[i] + len(one)
        present = sum(1 << (first + 2 * i + 1) for i in range(len(column)))
        joined = b"".join(texts)
        given = c.Column(issuer=c.text(column[0]["issuer-hex"]), kind=c.KINDS[column[0].get("kind")],
                         offsets=ctypes.cast(offsets, ctypes.c_void_p), offset_bits=bits, bytes=joined,
                         bytes_size=len(joined), validity=present.to_bytes(len(texts) // 8 + 1, "little"),
                         first=first, count=2 * len(column))
        ids = ctypes.create_string_buffer(64 * len(column))
        anonymizer = LIB.anonymizer(column[0]["root-hex"], column[0]["suite"], column[0]["app-hex"],
                                    scope_of(column[0]))
        LIB.call("anonymizer_derive_many", anonymizer, given, ids, ctypes.c_size_t(len(ids)))
        LIB.lib.moniker_anonymizer_close(anonymizer)
        self.assertEqual(ids.raw, b"".join(bytes(32) + vector["external-id"].encode() for vector in column))

    def test_every_check_gives_what_the_vector_says(self):
        outcomes = collections.Counter()
        gates = {}
        with tempfile.TemporaryDirectory() as folder:
            for name, vector in vectors("check"):
                key = (vector["root-hex"], vector["suite"], vector["app-hex"], vector.get("conference-hex"))
                if key not in gates:
                    gates[key] = self.open_gate(f"{folder}/{len(gates)}", vector)
                match = ctypes.c_int32(-1)
                with self.subTest(name=name):
                    if is_left_out(name):
                        continue
                    LIB.call("gate_check", gates[key], identifier_of(vector),
                             c.text(vector["external-id"].encode()), ctypes.byref(match))
                    self.assertEqual(match.value, vector["expect"] == "match")
                    outcomes[match.value] += 1
            for gate in gates.values():
                LIB.lib.moniker_gate_close(gate)
        self.assertGreater(min(outcomes[0], outcomes[1]), 8)

    def open_gate(self, path, vector):
        """A gate of a vault that has the root key of the vector."""
        new_key = c.Protector(kind=2, text=c.text((path + ".key").encode()))
        options = c.VaultOptions(app=c.text(vector["app-hex"]), root=vector["root-hex"], root_size=32,
                                 suite=c.SUITES[vector["suite"]])
        LIB.call("vault_create", c.text(path.encode()), options, new_key)
        vault = LIB.made("vault_open", c.text(path.encode()), None)
        scope = scope_of(vector)
        gate = LIB.made("gate_open", vault, c.GateOptions(scope=ctypes.addressof(scope)))
        LIB.lib.moniker_vault_close(vault)
        return gate


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
