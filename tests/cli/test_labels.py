"""Labels: in a conference nobody has the label of another, in either style, in whatever run."""

import unittest

from harness import (CONFERENCE, FAILED, PEOPLE, REASON, USAGE, CliTest, digest_of, external_id_of, independent,
                     json_lines, person, rows, sample)

STYLES = ("code", "words")
PEOPLE_OF_A_CONFERENCE = 1000
ISSUER = "mrn.hospital-a"


def label_of(number, style, conference=CONFERENCE):
    """The label of the digest, whoever else has it."""
    digest = digest_of(ISSUER, f"{number:08}", conference=conference)
    return independent.words(digest) if style == "words" else independent.label(digest)


def next_label(text):
    style, number = independent.parse_label(text.encode())
    return independent.label_text(style, (number + 1) % independent.LABEL_COUNT[style])


def give_out(numbers, style, conference=CONFERENCE):
    """By other code than the library's: the labels of people who come in this order."""
    taken = {}
    for number in numbers:
        label = label_of(number, style, conference)
        while taken.setdefault(label, number) != number:
            label = next_label(label)
    owners = {number: label for label, number in taken.items()}
    return [owners[number] for number in numbers]


def people_of_one_label(count, style="words"):
    """Pairs of different people whose digests have one label in the conference."""
    seen, pairs = {}, []
    number = 0
    while len(pairs) < count:
        label = label_of(number, style)
        if label in seen:
            pairs.append((seen[label], number))
        seen.setdefault(label, number)
        number += 1
    return pairs


class LabelsTest(CliTest):
    # Found once: among some thousand numbers two have the words of one another.
    pairs = None

    def setUp(self):
        super().setUp()
        self.vault = self.make_vault()
        if LabelsTest.pairs is None:
            LabelsTest.pairs = people_of_one_label(3)

    def labels(self, numbers, style, *options, vault=None, conference=CONFERENCE):
        scope = ["--conference", conference] if conference else []
        outcome = self.moniker("admit", vault or self.vault, "--label", style, *scope, *options,
                               input=json_lines(map(person, numbers)))
        return [line["name"].removeprefix("Participant ") for line in outcome.lines()]


class RosterTest(LabelsTest):
    def test_of_a_thousand_people_of_one_conference_no_two_have_one_name(self):
        # Among them are pairs whose digests have one label.
        first, second = (set(side) for side in zip(*self.pairs))
        numbers = [*first, *range(100_000, 100_000 + PEOPLE_OF_A_CONFERENCE - len(first | second)), *second]
        for style in STYLES:
            labels = self.labels(numbers, style)
            self.assertEqual(len(set(labels)), PEOPLE_OF_A_CONFERENCE)
            self.assertEqual(labels, give_out(numbers, style))
        # In a second process, and in any order: the labels stay with their people.
        for style in STYLES:
            again = dict(zip(reversed(numbers), self.labels(list(reversed(numbers)), style)))
            self.assertEqual([again[number] for number in numbers], give_out(numbers, style))
        # A second vault of the same root in which they come in the same order gives the same names.
        other = self.make_vault("other")
        for style in STYLES:
            self.assertEqual(self.labels(numbers, style, vault=other), give_out(numbers, style))

    def test_who_comes_second_gets_the_label_after(self):
        for first, second in self.pairs:
            self.assertEqual(label_of(first, "words"), label_of(second, "words"))
            [one], [two] = self.labels([first], "words"), self.labels([second], "words")
            self.assertEqual((one, two), (label_of(first, "words"), next_label(label_of(first, "words"))))
            # And keeps it.
            self.assertEqual(self.labels([second, first], "words"), [two, one])

    def test_in_another_order_the_other_one_has_it(self):
        first, second = self.pairs[0]
        self.assertEqual(self.labels([second, first], "words"), give_out([second, first], "words"))
        self.assertNotEqual(give_out([second, first], "words"), list(reversed(give_out([first, second], "words"))))

    def test_two_processes_with_two_people_of_one_label_agree_on_who_has_it(self):
        for first, second in self.pairs:
            processes = [self.start("admit", self.vault, "--label", "words", "--conference", CONFERENCE)
                         for _ in range(2)]
            for process, number in zip(processes, (first, second)):
                process.stdin.write(json_lines([person(number)]))
                process.stdin.close()
            for process in processes:
                self.assertEqual(process.wait(), 0, process.stderr.read())
            labels = self.labels([first, second], "words")
            self.assertIn(labels, (give_out([first, second], "words"),
                                   list(reversed(give_out([second, first], "words")))))
            for process, label in zip(processes, labels):
                self.assertIn(label.encode(), process.stdout.read())

    def test_each_conference_has_a_roster_of_its_own_and_the_app_none(self):
        first, second = self.pairs[0]
        self.labels([first, second], "words")
        self.assertEqual(self.labels([second], "words", conference="other"), give_out([second], "words", "other"))
        before = len(rows(self.vault)["roster"])
        self.assertEqual(before, 3)
        self.assertEqual(self.labels([first, second], "words", conference=None),
                         [label_of(first, "words", None), label_of(second, "words", None)])
        self.assertEqual(len(rows(self.vault)["roster"]), before)

    def test_the_styles_do_not_disturb_one_another(self):
        first, second = self.pairs[0]
        words = self.labels([first, second], "words")
        code = self.labels([first, second], "code")
        self.assertEqual(code, [label_of(first, "code"), label_of(second, "code")])
        self.assertEqual(self.labels([first, second], "words"), words)

    def test_who_is_admitted_under_two_epochs_has_a_label_for_each_id(self):
        [old] = self.labels([1], "code")
        self.moniker("keys", self.vault, "rotate", "--identity", "--quiet")
        [new] = self.labels([1], "code")
        self.assertNotEqual(old, new)
        self.assertEqual(self.labels([1], "code", "--epoch", "1"), [old])

    def test_labels_stay_after_the_index_key_was_rotated(self):
        first, second = self.pairs[0]
        labels = self.labels([first, second], "words")
        self.moniker("keys", self.vault, "rotate", "--index", "--quiet")
        self.assertEqual(self.labels([second, first], "words"), list(reversed(labels)))
        # Whoever comes now finds the labels of the older epoch taken.
        third, fourth = self.pairs[1]
        self.labels([third], "words")
        self.moniker("keys", self.vault, "rotate", "--index", "--quiet")
        self.assertEqual(self.labels([fourth], "words"), [next_label(label_of(third, "words"))])

    def test_an_enrolled_vault_gives_each_a_name_too(self):
        vault = self.make_vault("enrolled", "--mode", "enrolled")
        numbers = range(PEOPLE_OF_A_CONFERENCE)
        for style in STYLES:
            labels = self.labels(numbers, style, vault=vault)
            self.assertEqual(len(set(labels)), PEOPLE_OF_A_CONFERENCE)
            self.assertEqual(self.labels(reversed(numbers), style, vault=vault), list(reversed(labels)))


class StyleTest(LabelsTest):
    def test_words_of_the_samples_are_those_of_an_independent_program(self):
        lines = self.moniker("admit", self.vault, "--label", "words", sample("people.json")).lines()
        self.assertEqual([line["name"] for line in lines],
                         [f"{one['role']} {independent.words(digest_of(one['issuer'], one['id']))}" for one in PEOPLE])

    def test_code_is_what_one_gets_without_the_option(self):
        plain = self.moniker("admit", self.vault, sample("people.json")).out
        self.assertEqual(self.moniker("admit", self.vault, "--label", "code", sample("people.json")).out, plain)

    def test_a_style_that_is_none(self):
        for bad in ("Words", "word", "1", "codewords"):
            self.assert_refused("admit", self.vault, "--label", bad, sample("people.json"), status=USAGE,
                                says="--label")

    def test_a_platform_that_has_no_room_for_words_refuses_before_anybody_is_stored(self):
        # 40 letters, a blank and 23 bytes are 64: every platform of today has room for that.
        self.assertEqual(len(self.labels([1], "words", "--role", "R" * 40)), 1)
        self.assert_refused("admit", self.vault, "--role", "R" * 41, input=json_lines([person(2)]), status=FAILED,
                            says="record 1")

    def test_pseudonymize_writes_words(self):
        table = f"mrn,who\n{PEOPLE[0]['id']},{PEOPLE[0]['name']}\n"
        words = independent.words(digest_of(PEOPLE[0]["issuer"], PEOPLE[0]["id"]))
        columns = ("pseudonymize", self.vault, "--quiet", "--column", "mrn=mrn.hospital-a", "--name-column", "who",
                   "--label", "words")
        for enroll in ((), ("--enroll",)):
            self.assertEqual(self.moniker(*columns, "--as", "label", *enroll, input=table).out.decode(),
                             f"mrn,who\n{words},Participant {words}\n")

    def test_pseudonymize_enroll_writes_the_label_of_the_roster(self):
        first, second = self.pairs[0]
        self.labels([first], "words")
        table = f"mrn,who\n{person(second)['id']},{person(second)['name']}\n"
        out = self.moniker("pseudonymize", self.vault, "--quiet", "--column", "mrn=mrn.hospital-a", "--name-column", "who",
                           "--label", "words", "--conference", CONFERENCE, "--enroll", input=table).out.decode()
        self.assertEqual(out.splitlines()[1], external_id_of(ISSUER, person(second)["id"], conference=CONFERENCE) +
                         ",Participant " + next_label(label_of(first, "words")))


class ReidentifyTest(LabelsTest):
    """Exports come back to real names whatever style and roster made the display names."""

    def reidentify(self, text):
        return self.moniker("reidentify", self.vault, *REASON, input=text)

    def test_names_in_words_and_shifted_by_the_roster_are_put_back(self):
        for style in STYLES:
            numbers = [number for pair in self.pairs for number in pair]
            labels = self.labels(numbers, style)
            self.assertEqual(labels, give_out(numbers, style))
            export, expected = [], []
            for number, label in zip(numbers, labels):
                id_ = external_id_of(ISSUER, person(number)["id"], conference=CONFERENCE)
                # The name stands in an object of its own, which inherits the person: so its label decides.
                export.append({id_: {"stats": {"name": f"Participant {label}"}}, "in": {"externalId": id_,
                               "name": f"Participant {label}"}})
                one = person(number)
                expected.append({one["id"]: {"stats": {"name": one["name"]}}, "in": {"externalId": one["id"],
                                 "name": one["name"]}})
            outcome = self.reidentify(json_lines(export))
            self.assertEqual(outcome.lines(), expected)
            self.assertIn(f"{2 * len(numbers)} names put back; 0 IDs unknown, 0 names ambiguous", outcome.err)

    def test_the_label_of_another_is_not_taken_for_the_persons_own(self):
        first, second = self.pairs[0]
        self.labels([first, second], "words")
        # The label of the digest of the second is that of the first in this conference.
        id_ = external_id_of(ISSUER, person(second)["id"], conference=CONFERENCE)
        theirs = f"Participant {label_of(first, 'words')}"
        [line] = self.reidentify(json_lines([{id_: {"name": theirs}}])).lines()
        self.assertEqual(line, {person(second)["id"]: {"name": theirs}})

    def test_a_row_of_a_table_with_names_in_words(self):
        [label] = self.labels([1], "words")
        id_ = external_id_of(ISSUER, person(1)["id"], conference=CONFERENCE)
        outcome = self.moniker("reidentify", self.vault, *REASON, "--quiet",
                               input=f"whose,externalName\n{id_},Participant {label}\n")
        self.assertEqual(outcome.out.decode(), f"whose,externalName\n{person(1)['id']},{person(1)['name']}\n")


if __name__ == "__main__":
    unittest.main()
