"""Several processes use one vault at once: none fails and nobody is lost.

MONIKER_MANY people and MONIKER_PROCESSES processes for the admissions at once; 2,000 and 2 if not set.
"""

import os
import threading
import unittest

from harness import (CliTest, counts, external_id_of, json_lines, person, wait_until_it_waits)

MANY = int(os.environ.get("MONIKER_MANY", "2000"))
PROCESSES = int(os.environ.get("MONIKER_PROCESSES", "2"))
SINGLE_RUNS = 100


class ConcurrencyTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_vault()

    def feed_all(self, inputs, commands):
        """Starts one process for each input, gives them their input only when all of them wait for it, and
        returns what they printed."""
        processes = [self.start(*command) for command in commands]
        for process in processes:
            wait_until_it_waits(process, process.stdin)
        outputs = [None] * len(inputs)

        def feed(index):
            outputs[index] = processes[index].communicate(inputs[index])

        threads = [threading.Thread(target=feed, args=(index,)) for index in range(len(inputs))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for process, (_, err) in zip(processes, outputs):
            self.assertEqual((process.returncode, err), (0, b""))
        return [out for out, _ in outputs]

    def assert_all_resolve(self, numbers):
        ids = [external_id_of("mrn.hospital-a", f"{number:08}") for number in numbers]
        answers = self.resolve(self.vault, input="\n".join(ids))
        self.assertEqual([(answer["query"], answer["id"], answer["name"]) for answer in answers],
                         [(query, person(number)["id"], person(number)["name"])
                          for query, number in zip(ids, numbers)])

    def test_processes_admitting_many_people_each_lose_none(self):
        parts = [range(number * MANY, (number + 1) * MANY) for number in range(PROCESSES)]
        outputs = self.feed_all([json_lines(map(person, part)) for part in parts],
                                [("admit", self.vault)] * PROCESSES)
        for out in outputs:
            self.assertEqual(out.count(b"\n"), MANY)
        self.assertEqual(counts(self.vault)["person"], PROCESSES * MANY)
        self.assert_all_resolve(range(PROCESSES * MANY))

    def test_processes_admitting_the_same_people_agree(self):
        outputs = self.feed_all([json_lines(map(person, range(MANY)))] * PROCESSES,
                                [("admit", self.vault)] * PROCESSES)
        self.assertEqual(set(outputs), {outputs[0]})
        self.assertEqual(counts(self.vault)["person"], MANY)
        self.assert_all_resolve(range(MANY))

    def test_processes_enrolling_the_same_new_people_agree_on_their_handles(self):
        vault = self.make_vault("enrolled", "--mode", "enrolled")
        people = json_lines(map(person, range(MANY)))
        outputs = self.feed_all([people] * PROCESSES, [("admit", vault)] * PROCESSES)
        self.assertEqual(set(outputs), {outputs[0]})
        self.assertEqual(self.moniker("admit", vault, input=people).out, outputs[0])
        self.assertEqual(counts(vault, only_rows=True),
                         {"meta": 3, "person": MANY, "external_id": MANY, "identifier": MANY})
        answers = self.resolve(vault, input=outputs[0])
        self.assertEqual([answer["id"] for answer in answers], [person(number)["id"] for number in range(MANY)])

    def test_processes_enrolling_the_same_new_people_into_one_conference_agree_on_their_names(self):
        vault = self.make_vault("enrolled", "--mode", "enrolled")
        people = [json_lines(map(person, order)) for order in (range(MANY), reversed(range(MANY)))]
        outputs = self.feed_all([people[number % 2] for number in range(PROCESSES)],
                                [("admit", vault, "--conference", "c", "--label", "words")] * PROCESSES)
        self.assertEqual({tuple(sorted(out.splitlines())) for out in outputs}, {tuple(sorted(outputs[0].splitlines()))})
        self.assertEqual(len({line.split(b'"name":')[1] for line in outputs[0].splitlines()}), MANY)

    def test_200_single_runs_of_two_callers_lose_none(self):
        failures = []

        def admit_one_after_another(numbers):
            for number in numbers:
                process = self.start("admit", self.vault)
                _, err = process.communicate(json_lines([person(number)]))
                if process.returncode != 0 or err:
                    failures.append((number, process.returncode, err))

        callers = [threading.Thread(target=admit_one_after_another, args=(range(start, start + SINGLE_RUNS),))
                   for start in (0, SINGLE_RUNS)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        self.assertEqual(failures, [])
        self.assertEqual(counts(self.vault)["person"], 2 * SINGLE_RUNS)
        self.assert_all_resolve(range(2 * SINGLE_RUNS))

    def test_admitting_binding_resolving_and_enrolling_at_once_fail_none(self):
        self.moniker("admit", self.vault, input=json_lines(map(person, range(500))))
        ids = [external_id_of("mrn.hospital-a", f"{number:08}") for number in range(500)]
        table = "mrn,who\n" + "".join(f"{person(n)['id']},{person(n)['name']}\n" for n in range(1000, 1500))
        inputs = [json_lines(map(person, range(500, 1000))),
                  json_lines([{"participant_id": f"p{n}", "external_id": id_} for n, id_ in enumerate(ids)]),
                  "\n".join(ids).encode(), table.encode(), "\n".join(ids).encode()]
        reason = ("--actor", "a", "--purpose", "p")
        outputs = self.feed_all(inputs, [
            ("admit", self.vault), ("bind", self.vault), ("resolve", self.vault, *reason),
            ("pseudonymize", self.vault, "--quiet", "--column", "mrn=mrn.hospital-a", "--name-column", "who",
             "--enroll"),
            ("resolve", self.vault, *reason)])
        self.assertEqual([out.count(b"\n") for out in outputs], [500, 500, 500, 501, 500])
        self.assertEqual(counts(self.vault, only_rows=True), {"meta": 3, "person": 1500, "external_id": 1500,
                                                              "participant": 500, "audit": 2})
        self.assert_all_resolve(range(1500))
        answers = self.resolve(self.vault, input="\n".join(f"p{n}" for n in range(500)))
        self.assertEqual([answer["id"] for answer in answers], [person(n)["id"] for n in range(500)])


class InitAtOnceTest(CliTest):
    def init_at_once(self, number, vault, key):
        """The exit statuses of several processes; `{}` in a name becomes the number of the process."""
        processes = [self.start("init", self.path(vault.format(i)), "--app", "a", "--quiet", "--key-file",
                                self.path(key.format(i))) for i in range(number)]
        return [process.wait() for process in processes]

    def assert_opens(self, vault, *options):
        self.moniker("admit", self.path(vault), *options, input=json_lines([person(1)]))

    def test_of_several_inits_of_one_vault_one_wins_and_the_others_leave_nothing(self):
        statuses = self.init_at_once(4, "vault", "{}.key")
        self.assertEqual(sorted(statuses), [0, 1, 1, 1])
        winner = statuses.index(0)
        self.assert_opens("vault")
        self.assertEqual(sorted(os.listdir(self.folder)), sorted(["vault", f"{winner}.key"]))

    def test_of_several_inits_of_one_vault_with_one_key_file_the_winner_keeps_its_key(self):
        for trial in range(15):
            statuses = self.init_at_once(4, f"vault-{trial}", f"{trial}.key")
            self.assertEqual(statuses.count(0), 1, statuses)
            self.assertTrue(os.path.exists(self.path(f"{trial}.key")),
                            "a vault was made, and a run that failed removed its key file")
            self.assert_opens(f"vault-{trial}")

    def test_of_several_inits_with_one_new_key_file_each_that_was_made_opens(self):
        for trial in range(5):
            statuses = self.init_at_once(4, f"vault-{trial}-{{}}", f"{trial}.key")
            self.assertIn(0, statuses)
            for number, status in enumerate(statuses):
                if status == 0:
                    self.assert_opens(f"vault-{trial}-{number}")


if __name__ == "__main__":
    unittest.main()
