"""check and bind."""

import os
import unittest

from harness import (CONFERENCE, FAILED, PEOPLE, SOME_REJECTED, CliTest, counts, digest_of, external_id_of,
                     independent, json_lines, read, rows, sample, with_metadata)

MARIA, JOSE = PEOPLE[0], PEOPLE[1]


def claim(one=MARIA, **changes):
    return {"issuer": one["issuer"], "id": one["id"], "external_id": one["external_id"], **changes}


class CheckTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_vault()

    def matches(self, *claims):
        lines = self.moniker("check", self.vault, input=json_lines(claims)).lines()
        self.assertTrue(all(list(line) == ["match"] for line in lines))
        return [line["match"] for line in lines]

    def test_the_external_ids_of_the_samples_match(self):
        outcome = self.moniker("check", self.vault, sample("people.json"))
        self.assertEqual(outcome.out, b'{"match":true}\n' * 5)
        self.assertEqual(outcome.err, "")

    def test_the_external_id_of_another_does_not_match(self):
        self.assertEqual(self.matches(claim(), claim(external_id=JOSE["external_id"]), claim(id="123456"),
                                      claim(issuer="mrn.hospital-b")), [True, False, False, False])

    def test_what_is_no_external_id_matches_nobody(self):
        good = MARIA["external_id"]
        malformed = ["", "x", good[:-1], good + "0", good.upper(), " " + good, good[:-1] + "3", "m" * 32,
                     "18ad55a1-0e07-80d3-8582", MARIA["id"], MARIA["participant_id"], "\u0000", "é" * 16]
        self.assertEqual(self.matches(*(claim(external_id=text) for text in malformed)),
                         [False] * len(malformed))

    def test_the_uuid_matches(self):
        self.assertEqual(self.matches(claim(external_id=independent.WORKED_UUID)), [True])

    def test_metadata_behind_the_external_id_changes_nothing(self):
        self.assertEqual(self.matches(claim(external_id=with_metadata(MARIA["external_id"])),
                                      claim(external_id=with_metadata(JOSE["external_id"])),
                                      claim(external_id=MARIA["external_id"] + ".mp3"),
                                      claim(external_id=with_metadata(MARIA["external_id"])[:-1])),
                         [True, False, False, False])

    def test_a_conference_has_its_own(self):
        there = external_id_of(MARIA["issuer"], MARIA["id"], conference=CONFERENCE)
        self.assertEqual(self.matches(
            claim(external_id=there, conference=CONFERENCE), claim(external_id=there),
            claim(external_id=there, conference="visit-43"), claim(conference=CONFERENCE)),
            [True, False, False, False])

    def test_it_needs_nobody_admitted_and_stores_nothing(self):
        before = rows(self.vault)
        self.assertEqual(self.matches(claim(), claim(issuer="new.issuer")), [True, False])
        self.assertEqual(rows(self.vault), before)

    def test_without_the_store_there_is_no_answer(self):
        # The kind of an issuer's identifiers is there: without it the answer could be wrong.
        os.remove(os.path.join(self.vault, "store.sqlite"))
        self.assert_refused("check", self.vault, input=json_lines([claim()]), says="store is missing")

    def test_an_empty_conference_is_not_the_app_even_behind_a_record_of_the_app(self):
        outcome = self.assert_refused("check", self.vault, input=json_lines([claim(), claim(conference="")]),
                                      says="record 2: conference: empty")
        self.assertEqual(outcome.out, b"")

    def test_the_other_suite_and_app_have_others(self):
        hmac = self.make_vault("hmac", suite="hmac-sha256")
        external_id = independent.external_id(digest_of(MARIA["issuer"], MARIA["id"], suite="hmac-sha256"))
        lines = self.moniker("check", hmac, input=json_lines([claim(external_id=external_id), claim()])).lines()
        self.assertEqual([line["match"] for line in lines], [True, False])
        other = self.make_vault("other", app="clinic-8")
        self.assertEqual(self.moniker("check", other, input=json_lines([claim()])).lines(), [{"match": False}])

    def test_bad_records_are_refused_with_record_and_member(self):
        for bad, says in ((claim(issuer="A"), "issuer"), (claim(id=""), "id: empty"),
                          (claim(id=" 7"), "id: white space"), (claim(external_id=7), '"external_id": not a string'),
                          (claim(conference=""), "conference: empty"),
                          (claim(conference="x" * 256), "conference: longer than 255"),
                          ({"issuer": "a", "id": "7"}, '"external_id": missing'),
                          ({"issuer": "a", "external_id": "x"}, '"id": missing'),
                          ({"id": "7", "external_id": "x"}, '"issuer": missing')):
            self.assert_refused("check", self.vault, input=json_lines([claim(), bad]), says=("record 2: ", says))


class BindTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_vault()
        self.moniker("admit", self.vault, sample("people.json"))

    def bind(self, *records, status=0):
        return self.moniker("bind", self.vault, input=json_lines(records), status=status)

    def test_the_participant_ids_of_the_samples_are_bound(self):
        outcome = self.moniker("bind", self.vault, sample("people.json"))
        self.assertEqual(outcome.lines(), [{"participant_id": one["participant_id"], "bound": True}
                                           for one in PEOPLE])
        self.assertEqual(outcome.err, "")
        answers = self.resolve(self.vault, *(one["participant_id"] for one in PEOPLE))
        self.assertEqual([answer["name"] for answer in answers], [one["name"] for one in PEOPLE])

    def test_binding_again_is_bound_and_writes_nothing(self):
        first = self.moniker("bind", self.vault, sample("people.json"))
        before = read(self.vault + "/store.sqlite-wal")
        self.assertEqual(self.moniker("bind", self.vault, sample("people.json")).out, first.out)
        self.assertEqual(read(self.vault + "/store.sqlite-wal"), before)

    def test_who_was_never_admitted_is_not_found_and_the_others_are_bound(self):
        stranger = external_id_of("mrn.hospital-a", "stranger")
        outcome = self.bind({"participant_id": "p1", "external_id": MARIA["external_id"]},
                            {"participant_id": "p2", "external_id": stranger},
                            {"participant_id": "p3", "external_id": JOSE["external_id"]}, status=SOME_REJECTED)
        self.assertEqual(outcome.lines(), [{"participant_id": "p1", "bound": True},
                                           {"participant_id": "p2", "error": "not_found"},
                                           {"participant_id": "p3", "bound": True}])
        self.assertEqual(outcome.err, "moniker: 1 record not bound\n")
        answers = self.resolve(self.vault, "p1", "p2", "p3", status=SOME_REJECTED)
        self.assertEqual([answer.get("name") for answer in answers], [MARIA["name"], None, JOSE["name"]])

    def test_a_participant_id_of_another_person_is_a_conflict_and_stays_theirs(self):
        self.bind({"participant_id": "p1", "external_id": MARIA["external_id"]})
        for records in ([{"participant_id": "p1", "external_id": JOSE["external_id"]}],
                        [{"participant_id": "p2", "external_id": MARIA["external_id"]},
                         {"participant_id": "p2", "external_id": JOSE["external_id"]}]):
            outcome = self.bind(*records, status=SOME_REJECTED)
            self.assertEqual(outcome.lines()[-1],
                             {"participant_id": records[0]["participant_id"], "error": "conflict"})
        self.assertEqual([answer["name"] for answer in self.resolve(self.vault, "p1", "p2")],
                         [MARIA["name"]] * 2)

    def test_the_same_person_in_another_conference_may_keep_the_participant_id(self):
        there = external_id_of(MARIA["issuer"], MARIA["id"], conference=CONFERENCE)
        self.moniker("admit", self.vault, "--conference", CONFERENCE, sample("people.json"))
        self.bind({"participant_id": "p1", "external_id": MARIA["external_id"]},
                  {"participant_id": "p1", "external_id": there})
        self.assertEqual(self.resolve(self.vault, "p1")[0]["name"], MARIA["name"])

    def test_an_external_id_of_another_scope_than_stated_is_not_found(self):
        there = external_id_of(MARIA["issuer"], MARIA["id"], conference=CONFERENCE)
        self.moniker("admit", self.vault, "--conference", CONFERENCE, sample("people.json"))
        outcome = self.bind(
            {"participant_id": "p1", "external_id": MARIA["external_id"], "conference": CONFERENCE},
            {"participant_id": "p2", "external_id": there, "conference": "visit-43"},
            {"participant_id": "p3", "external_id": there, "conference": CONFERENCE},
            status=SOME_REJECTED)
        self.assertEqual([line.get("error", "bound") for line in outcome.lines()],
                         ["not_found", "not_found", "bound"])
        self.assertEqual(outcome.err, "moniker: 2 records not bound\n")

    def test_the_uuid_of_an_admitted_person_binds(self):
        self.bind({"participant_id": "p1", "external_id": independent.WORKED_UUID})
        self.assertEqual(self.resolve(self.vault, "p1")[0]["name"], MARIA["name"])

    def test_the_external_id_with_metadata_binds(self):
        self.bind({"participant_id": "p1", "external_id": with_metadata(MARIA["external_id"])},
                  {"participant_id": "p2", "external_id": with_metadata(JOSE["external_id"], role=b"R" * 40, expiry=1,
                                                                        locale=b"en-GB-x-abcdefgh-abcdefgh")})
        self.assertEqual([answer["name"] for answer in self.resolve(self.vault, "p1", "p2")],
                         [MARIA["name"], JOSE["name"]])

    def test_a_participant_id_that_looks_like_an_id_with_metadata_stays_as_it_is(self):
        looks = with_metadata(external_id_of("mrn.hospital-a", "stranger"))
        self.bind({"participant_id": looks, "external_id": MARIA["external_id"]})
        self.assertEqual([answer.get("name") for answer in self.resolve(
            self.vault, looks, looks[:32], status=SOME_REJECTED)], [MARIA["name"], None])

    def test_quiet_leaves_the_count_out(self):
        stranger = external_id_of("mrn.hospital-a", "stranger")
        outcome = self.moniker("bind", self.vault, "--quiet", status=SOME_REJECTED,
                               input=json_lines([{"participant_id": "p", "external_id": stranger}]))
        self.assertEqual(outcome.err, "")

    def test_a_malformed_id_is_refused_with_its_record_and_nothing_is_bound(self):
        good = {"participant_id": "p1", "external_id": MARIA["external_id"]}
        for bad, says in (({"participant_id": "", "external_id": MARIA["external_id"]}, "participant_id"),
                          ({"participant_id": "p 2", "external_id": MARIA["external_id"]}, "participant_id"),
                          ({"participant_id": "p\n", "external_id": MARIA["external_id"]}, "participant_id"),
                          ({"participant_id": "x" * 257, "external_id": MARIA["external_id"]}, "participant_id"),
                          ({"participant_id": "p2", "external_id": "mmm"}, "external"),
                          ({"participant_id": "p2", "external_id": ""}, "external"),
                          ({"participant_id": "p2", "external_id": MARIA["external_id"] + ".wave"}, "no metadata"),
                          # Records come from programs: what resolve forgives who types is refused here.
                          ({"participant_id": "p2", "external_id": MARIA["external_id"].upper()}, "external"),
                          ({"participant_id": 7, "external_id": "mmm"}, '"participant_id": not a string'),
                          ({"external_id": MARIA["external_id"]}, '"participant_id": missing'),
                          ({"participant_id": "p2"}, '"external_id": missing'),
                          ({**good, "conference": ""}, "conference: empty")):
            self.assert_refused("bind", self.vault, input=json_lines([good, bad]), status=FAILED,
                                says=("record 2: ", says))
        self.assertEqual(counts(self.vault)["participant"], 0)

    def test_a_participant_id_of_256_bytes_is_bound(self):
        longest = "x" * 256
        self.bind({"participant_id": longest, "external_id": MARIA["external_id"]})
        self.assertEqual(self.resolve(self.vault, longest)[0]["name"], MARIA["name"])


if __name__ == "__main__":
    unittest.main()
