"""Manual pages, completions and examples: they are made from what the program itself understands, and say
the same as its help texts. MONIKER_PAGES is the folder in which the build wrote them."""

import os
import re
import shlex
import shutil
import subprocess
import unittest

from harness import SOME_REJECTED, USAGE, CliTest, read

PAGES = os.environ["MONIKER_PAGES"]


def plain(roff):
    """Text of a page without its fonts and escapes."""
    return re.sub(r"\\f[BIR]", "", roff).replace("\\-", "-").replace("\\e", "\\").replace("\\&", "")


def options_in(text):
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))


class PagesTest(CliTest):
    def help_of(self, command="", step=None):
        text = self.moniker(*([command] if command else []), "--help").out.decode()
        if step is None:
            return text
        vault = ["clinic.vault"] if "VAULT" in text.split("Options:", 1)[0].split("Positionals:")[-1] else []
        return self.moniker(command, *vault, step, "--help").out.decode()

    def steps_of(self, *command):
        text = self.help_of(*command)
        return re.findall(r"^  ([a-z]+) {2,}", text.split("Subcommands:", 1)[1], re.M) if "Subcommands:" in text else []

    def commands(self):
        """Every command and step as a tuple of words."""
        found = []
        for command in self.steps_of():
            found.append((command,))
            found += [(command, step) for step in self.steps_of(command)]
        self.assertGreater(len(found), 25)
        return found

    def page_of(self, command):
        return plain(read(os.path.join(PAGES, f"moniker-{command}.1")).decode())


class ManualTest(PagesTest):
    def test_there_is_a_page_for_the_program_and_each_command_and_no_other(self):
        pages = {name for name in os.listdir(PAGES) if name.endswith(".1")}
        self.assertEqual(pages, {"moniker.1"} | {f"moniker-{command}.1" for command in self.steps_of()})

    def test_a_page_has_every_option_of_the_help_and_no_other(self):
        for command in self.steps_of():
            with self.subTest(command=command):
                wanted = options_in(self.help_of(command))
                for step in self.steps_of(command):
                    wanted |= options_in(self.help_of(command, step))
                self.assertEqual(options_in(self.page_of(command)), wanted)

    def test_the_page_of_the_program_names_every_command(self):
        page = plain(read(os.path.join(PAGES, "moniker.1")).decode())
        for command in self.steps_of():
            self.assertIn(f".BR moniker-{command} (1)", page)

    def test_no_page_has_anything_that_groff_or_mandoc_warns_of(self):
        pages = sorted(os.path.join(PAGES, name) for name in os.listdir(PAGES) if name.endswith(".1"))
        checked = 0
        for checker in (["groff", "-man", "-Tutf8", "-ww", "-z"], ["mandoc", "-Tlint", "-W", "warning"]):
            if shutil.which(checker[0]) is None:
                continue
            checked += 1
            run = subprocess.run([*checker, *pages], capture_output=True, text=True)
            # Without a date two builds of one source are the same.
            said = [line for line in (run.stdout + run.stderr).splitlines() if "missing date" not in line]
            self.assertEqual(said, [])
        self.assertGreater(checked, 0, "neither groff nor mandoc is there")


class ExampleTest(PagesTest):
    def test_the_help_of_every_command_begins_with_examples(self):
        for command in [(), *self.commands()]:
            with self.subTest(command=command):
                first, second = self.help_of(*command).splitlines()[:2]
                self.assertEqual(first, "Examples:")
                self.assertTrue(second.startswith("  moniker "), second)

    def test_every_example_is_understood(self):
        # The vault and inputs of the examples do not exist: but that is found only after the command line was.
        for command in self.commands():
            for line in re.findall(r"^  (moniker .*)$", self.help_of(*command).split("\n\n", 1)[0], re.M):
                with self.subTest(line=line):
                    words = shlex.split(line.split(" < ")[0])[1:]
                    outcome = self.moniker(*words, status=None, reveals=True, reports=True)
                    self.assertNotEqual(outcome.status, USAGE, outcome.err)
                    shutil.rmtree(self.folder)
                    os.mkdir(self.folder)


class CompletionTest(PagesTest):
    def complete(self, line):
        """What bash offers at the end of the line."""
        words = line.split(" ")
        script = (f". {shlex.quote(os.path.join(PAGES, 'moniker.bash'))}\n"
                  f"COMP_WORDS=({' '.join(map(shlex.quote, words))}); COMP_CWORD={len(words) - 1}\n"
                  "_moniker; printf '%s\\n' \"${COMPREPLY[@]}\"\n")
        run = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, cwd=self.folder)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return set(run.stdout.split())

    def test_bash_offers_commands_steps_and_options(self):
        self.assertEqual(self.complete("moniker "), set(self.steps_of()))
        self.assertEqual(self.complete("moniker re"), {"resolve", "reidentify"} | self.complete("moniker rem"))
        self.assertLessEqual({"verify", "backup", "restore"}, self.complete("moniker store clinic.vault "))
        self.assertEqual(self.complete("moniker store clinic.vault restore --fo"), {"--force"})

    def test_bash_offers_exactly_the_options_of_the_help(self):
        for command in self.steps_of():
            with self.subTest(command=command):
                self.assertEqual(options_in(" ".join(self.complete(f"moniker {command} --"))),
                                 options_in(self.help_of(command).split("Options:", 1)[1]))

    def test_bash_offers_values_and_files(self):
        self.assertEqual(self.complete("moniker admit v --label "), {"code", "words"})
        self.assertEqual(self.complete("moniker admit v --platform dolbyio-c"), {"dolbyio-cpp"})
        self.assertEqual(self.complete("moniker reidentify v --from js"), {"json", "jsonl"})
        open(self.path("visits.csv"), "w").close()
        os.mkdir(self.path("visits.vault"))
        self.assertEqual(self.complete("moniker pseudonymize v --report vis"), {"visits.csv", "visits.vault"})
        self.assertEqual(self.complete("moniker pseudonymize v --out-dir vis"), {"visits.vault"})
        self.assertEqual(self.complete("moniker admit v --actor "), self.complete("moniker admit v vis"))

    def test_every_shell_that_is_here_can_read_its_file(self):
        for shell, name in (("bash", "moniker.bash"), ("zsh", "_moniker"), ("fish", "moniker.fish")):
            if shutil.which(shell) is None:
                self.assertNotEqual(shell, "bash")
                print(f"{shell} is not here: its file was not read")
                continue
            run = subprocess.run([shell, "-n", os.path.join(PAGES, name)], capture_output=True, text=True,
                                 env={**os.environ, "HOME": self.scratch})
            self.assertEqual((run.returncode, run.stderr), (0, ""), shell)

    @unittest.skipUnless(shutil.which("fish"), "fish is not here")
    def test_fish_offers_commands_steps_options_and_values(self):
        def offered(line):
            run = subprocess.run(["fish", "--no-config", "-c",
                                  f"source {shlex.quote(os.path.join(PAGES, 'moniker.fish'))}; complete -C {shlex.quote(line)}"],
                                 capture_output=True, text=True, cwd=self.folder, env={**os.environ, "HOME": self.folder})
            self.assertEqual(run.stderr, "")
            return {found.split("\t")[0] for found in run.stdout.splitlines()}

        self.assertEqual(offered("moniker "), set(self.steps_of()))
        self.assertLessEqual({"verify", "backup", "restore"}, offered("moniker store "))
        self.assertIn("--force", offered("moniker store restore --"))
        self.assertNotIn("--force", offered("moniker store backup --"))
        self.assertEqual(offered("moniker admit --label "), {"code", "words"})


if __name__ == "__main__":
    unittest.main()
