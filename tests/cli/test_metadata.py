"""admit --metadata: what is sealed is opened by other code than the library's, from the root key alone."""

import unittest

from harness import (APP, CONFERENCE, FAILED, PEOPLE, REASON, ROOT, USAGE, CliTest, external_id_of, json_lines,
                     metadata_vectors, person, rows, sample)

ALL = {"role": b"Clinician", "locale": b"en-GB", "shard": 7, "flags": 5, "expiry": 1767225600}
OPTIONS = ("--metadata", "role", "--metadata", "locale=en-GB", "--metadata", "shard=7", "--metadata", "flags=5",
           "--metadata", "expiry=1767225600")
# platforms.md: those with room for it.
IN_THE_ID = ("dolbyio-web", "dolbyio-ios", "dolbyio-android", "dolbyio-cpp", "dolbyio-dotnet", "dolbyio-flutter",
             "dolbyio-react-native", "vonage")
REFUSED = ("twilio-video", "agora", "daily", "zoom-video", "chime", "ivs", "azure-communication", "jitsi", "matrix",
           "stream", "sendbird", "cometchat", "zego-zim")
MARIA = PEOPLE[0]


def opened(text, suite="blake2b", epoch=1, root=ROOT, app=APP):
    code, metadata = metadata_vectors.open_text(
        metadata_vectors.at(suite=suite, root=root, app=app.encode(), epoch=epoch, id=text[:32]), text)
    return metadata if code == "ok" else code


class MetadataTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_vault()

    def admit(self, *options, records=(MARIA,), vault=None, **more):
        return self.moniker("admit", vault or self.vault, *options, input=json_lines(records), **more)

    def text(self, *options, member="external_id", **more):
        return self.admit(*options, **more).lines()[0][member]


class SealedTest(MetadataTest):
    def test_the_worked_example_of_the_format(self):
        # metadata.md, section 7.
        text = self.text(*OPTIONS, records=[{**MARIA, "role": "Clinician"}])
        self.assertEqual(text, "m32pnb88e0wgd7hc26m7ph6zyfqm3092.AQEAAABTJ3H83YS0kSxGJ9QjIAM9dYyiAGThfKWI0sVpfGKAe35HDi2R"
                         "yDM167DJDIc1jTetvqJK_3mZx-7I0JqRwMU6uoku7PsIisWNHdy1o5-UO_FsnXnvfb6V")
        self.assertEqual(opened(text), ALL)

    def test_both_suites_scopes_and_modes_open_independently(self):
        for suite in ("blake2b", "hmac-sha256"):
            for mode in ("derived", "enrolled"):
                vault = self.make_vault(f"{suite}-{mode}", "--mode", mode, suite=suite)
                for scope in ((), ("--conference", CONFERENCE)):
                    plain = self.text(*scope, vault=vault)
                    text = self.text(*OPTIONS, *scope, vault=vault)
                    self.assertEqual(text[:32], plain)
                    self.assertEqual(opened(text, suite), {**ALL, "role": MARIA["role"].encode()})

    def test_the_same_input_gives_the_same_bytes_in_any_order_run_and_vault(self):
        first = self.text(*OPTIONS)
        turned = [part for at in range(len(OPTIONS) - 2, -1, -2) for part in OPTIONS[at:at + 2]]
        self.assertEqual([self.text(*OPTIONS), self.text(*turned), self.text(*OPTIONS, vault=self.make_vault("other"))],
                         [first] * 3)

    def test_the_empty_role_is_that_of_each_record(self):
        lines = self.admit("--metadata", "role", "--role", "Guest", records=[
            {**person(1), "role": "Patient"}, person(2), {**person(3), "role": "Care-giver"}]).lines()
        self.assertEqual([opened(line["external_id"]) for line in lines],
                         [{"role": b"Patient"}, {"role": b"Guest"}, {"role": b"Care-giver"}])

    def test_each_field_alone_and_at_its_limits(self):
        for option, expected in (("locale=da", {"locale": b"da"}), ("shard=0", {"shard": 0}),
                                 ("shard=4294967295", {"shard": 2**32 - 1}), ("flags=4294967295", {"flags": 2**32 - 1}),
                                 ("expiry=0", {"expiry": 0}), ("expiry=18446744073709551615", {"expiry": 2**64 - 1}),
                                 ("locale=" + "abcdefgh-" * 3 + "abcdefgh", {"locale": b"abcdefgh-" * 3 + b"abcdefgh"})):
            self.assertEqual(opened(self.text("--metadata", option)), expected, option)

    def test_a_longer_payload_takes_the_longer_text(self):
        text = self.text(*OPTIONS[:2], "--metadata", "locale=abcdefgh-abcdefgh-abcdefgh-abcdefgh", records=[
            {**MARIA, "role": "R" * 40}])
        self.assertEqual(len(text), 243)
        self.assertEqual(opened(text)["role"], b"R" * 40)

    def test_the_epoch_of_the_id_seals(self):
        first = self.text("--metadata", "shard=1")
        self.moniker("keys", self.vault, "rotate", "--identity", "--quiet")
        second = self.text("--metadata", "shard=1")
        self.assertEqual(self.text("--metadata", "shard=1", "--epoch", "1"), first)
        # The header says the epoch; the new root is not the one that was imported.
        self.assertEqual((opened(first), opened(second), opened(second, epoch=2)), ({"shard": 1}, "altered", "altered"))
        self.assertEqual(metadata_vectors.split(second)[:5], b"\1\2\0\0\0")

    def test_nothing_of_it_is_stored(self):
        self.admit()
        before = rows(self.vault)
        self.admit(*OPTIONS)
        self.assertEqual(rows(self.vault), before)


class PlatformTest(MetadataTest):
    def test_platforms_with_room_in_the_id_get_it_there(self):
        for platform in IN_THE_ID:
            [line] = self.admit("--platform", platform, *OPTIONS).lines()
            texts = [text for text in line.values() if "." in text]
            self.assertEqual(len(texts), 1, platform)
            self.assertEqual(opened(texts[0]), {**ALL, "role": MARIA["role"].encode()}, platform)

    def test_livekit_gets_it_in_its_own_field_and_the_id_alone(self):
        [line] = self.admit("--platform", "livekit", *OPTIONS).lines()
        self.assertEqual(list(line), ["identity", "name", "metadata"])
        self.assertEqual(line["identity"], MARIA["external_id"])
        self.assertEqual(line["metadata"][:33], MARIA["external_id"] + ".")
        self.assertEqual(opened(line["metadata"]), {**ALL, "role": MARIA["role"].encode()})

    def test_without_the_option_no_platform_gets_any(self):
        for platform in (*IN_THE_ID, "livekit", *REFUSED):
            [line] = self.admit("--platform", platform).lines()
            self.assertNotIn("metadata", line)
            self.assertEqual([text for text in line.values() if len(text) > 100], [], platform)

    def test_platforms_without_room_refuse_before_anybody_is_stored(self):
        for platform in REFUSED:
            self.assert_refused("admit", self.vault, "--platform", platform, *OPTIONS, input=json_lines([MARIA]),
                                status=USAGE, says="--metadata")
        self.assertEqual(rows(self.vault)["person"], {})

    def test_the_other_commands_take_an_id_with_it(self):
        text = self.text(*OPTIONS)
        self.moniker("bind", self.vault, input=json_lines([{"participant_id": "p-1", "external_id": text}]))
        self.assertEqual([answer["id"] for answer in self.resolve(self.vault, text, "p-1")], [MARIA["id"]] * 2)
        outcome = self.moniker("reidentify", self.vault, *REASON, "--quiet", input=json_lines([{"externalId": text}]))
        self.assertEqual(outcome.lines(), [{"externalId": MARIA["id"]}])
        [line] = self.moniker("check", self.vault, input=json_lines(
            [{"issuer": MARIA["issuer"], "id": MARIA["id"], "external_id": text}])).lines()
        self.assertEqual(line, {"match": True})


class RefusedTest(MetadataTest):
    def test_what_is_no_metadata_is_a_usage_error_without_its_value(self):
        self.personal.append("Xqzodd-locale")
        for options in (("name=Xqzodd-locale",), ("role=Xqzodd-locale",), ("Xqzodd-locale",), ("locale",), ("locale=",),
                        ("locale=Xqzodd-locale-",), ("locale=en_GB",), ("locale=" + "a" * 9,), ("shard=",), ("shard=-1",),
                        ("shard=4294967296",), ("shard=1 ",), ("shard=0x1",), ("shard=+1",), ("flags=1.0",),
                        ("expiry=18446744073709551616",), ("expiry=now",), ("role", "role"), ("shard=1", "shard=1"), ("",)):
            given = [part for option in options for part in ("--metadata", option)]
            self.assert_refused("admit", self.vault, *given, input=json_lines([MARIA]), status=USAGE, says="--metadata")
        self.assertEqual(rows(self.vault)["person"], {})

    def test_a_role_of_a_record_that_is_refused_is_refused_with_metadata_too(self):
        self.assert_refused("admit", self.vault, "--metadata", "role", input=json_lines([MARIA, {**person(2), "role": "R1"}]),
                            status=FAILED, says="record 2")

    def test_an_id_that_somebody_changed_opens_as_nothing(self):
        text = self.text(*OPTIONS)
        other = external_id_of("mrn.hospital-a", "00123457")
        self.assertEqual([opened(other + text[32:]), opened(text, app="clinic-8"), opened(text, suite="hmac-sha256"),
                          opened(text, root=bytes(32))], ["altered"] * 4)

    def test_samples_with_and_without_are_the_same_people(self):
        plain = self.moniker("admit", self.vault, sample("people.json")).lines()
        sealed = self.moniker("admit", self.vault, "--metadata", "role", sample("people.json")).lines()
        self.assertEqual([line["external_id"] for line in plain], [line["external_id"][:32] for line in sealed])
        self.assertEqual([line["name"] for line in plain], [line["name"] for line in sealed])


if __name__ == "__main__":
    unittest.main()
