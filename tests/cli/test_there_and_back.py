"""pseudonymize --enroll, then reidentify, is the identity on what was enrolled: byte for byte, whatever stands around
it."""

import json
import random

from harness import CliTest, REASON, find_markers, read, write
from test_differential import value

RECORDS = 400


def person_of(chance):
    number = chance.randrange(10**6)
    form = chance.choice(("{:08}", "S-{}", "a,{}", 'say "{}"', "é-{}", "{};x"))
    return form.format(number), f"Xqzfirst{number} {chance.choice(('O’Xqzlast', 'Xqzlast, Jr', 'Xqzlast'))}{number}"


def quoted(text, chance):
    if chance.random() < 0.5 or any(c in text for c in ',"\r\n') or text != text.strip():
        return '"' + text.replace('"', '""') + '"'
    return text


def table(seed):
    chance = random.Random(seed)
    end = chance.choice(("\n", "\r\n"))
    lines = ["n,mrn,name,note"]
    for i in range(RECORDS):
        mrn, name = person_of(chance)
        lines.append(",".join((str(i), quoted(mrn, chance), quoted(name, chance), quoted(value(chance), chance))))
    return end.join(lines) + chance.choice(("", end))


def document(chance, i):
    mrn, name = person_of(chance)
    members = [f'"n": {i}.00', '"big":12345678901234567890123', f'"note":{json.dumps(value(chance))}',
               f'"who" : {{ "externalId":{json.dumps(mrn, ensure_ascii=False)},"name": {json.dumps(name, ensure_ascii=False)}}}']
    chance.shuffle(members)
    return "{" + " , ".join(members) + "}"


class ThereAndBackTest(CliTest):
    def check(self, vault, name, text, *options):
        source = write(self.path(name), text)
        there, back = self.path("there-" + name), self.path("back-" + name)
        self.moniker("pseudonymize", vault, "--quiet", "--enroll", *options, "-o", there, source)
        self.assertEqual(find_markers(read(there), ["Xqzfirst", "Xqzlast"]), [])
        self.assertNotEqual(read(there), read(source))
        self.moniker("reidentify", vault, "--quiet", *REASON, "-o", back, there)
        self.assertEqual(read(back).decode(), read(source).decode())

    def each_vault(self):
        for mode in ("derived", "enrolled"):
            yield mode, self.make_vault(mode, "--mode", mode, root=None)

    def test_tables(self):
        for mode, vault in self.each_vault():
            for seed in range(3):
                with self.subTest(mode=mode, seed=seed):
                    self.check(vault, f"{mode}{seed}.csv", table(seed), "--column", "mrn=mrn.hospital-a",
                               "--name-column", "name")

    def test_json(self):
        paths = ("--column", "who.externalId=mrn.hospital-a", "--name-column", "who.name")
        for mode, vault in self.each_vault():
            for seed in range(2):
                with self.subTest(mode=mode, seed=seed):
                    chance = random.Random(100 + seed)
                    documents = [document(chance, i) for i in range(RECORDS)]
                    self.check(vault, f"{mode}{seed}.jsonl", "\n".join(documents) + "\n", *paths)
                    self.check(vault, f"{mode}{seed}.json", "[ " + " ,\n".join(documents) + "]", *paths)
