"""Holds README.md and docs/ against the project: code compiles, the shell session runs and prints what
it says, links resolve, the README stays short.

Usage: check_docs.py MONIKER CXX FLAG...     (the program; a compiler with the flags for the headers)
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MONIKER = pathlib.Path(sys.argv[1]).resolve()
COMPILER = sys.argv[2:]
README_LINES = 120

# What the README's ten lines stand in.
AROUND_README = """
#include <string>
#include "moniker/identity_gate.h"
#include "moniker/vault.h"
struct user_info {{ std::string name, externalId, avatarUrl; }};
struct Session {{ void open(const user_info&) {{}} }};
struct Sdk {{ Session session() {{ return {{}}; }} }};
moniker::Status Open(Sdk sdk, std::string mrn, std::string name, std::string participant_id) {{
{code}
  return moniker::Status::Ok();
}}
"""


def pages():
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", ROOT / "CHANGELOG.md",
            *sorted((ROOT / "docs").rglob("*.md")), ROOT / "bench" / "README.md"]


def blocks(page, language):
    return re.findall(rf"^```{re.escape(language)}\n(.*?)^```", page.read_text(), re.M | re.S)


def compile_errors(source):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "block.cc"
        path.write_text(source)
        run = subprocess.run([*COMPILER, "-fsyntax-only", str(path)], capture_output=True, text=True)
        return run.stderr if run.returncode != 0 else ""


def session_commands(readme):
    """(command, expected output lines) of the README's shell session."""
    session = readme.split("## In a shell\n", 1)[1].split("\n## ", 1)[0]
    commands = []
    for line in re.findall(r"^    (.*)$", session, re.M):
        if line.startswith("$ "):
            commands.append([line[2:], []])
        elif commands[-1][0].endswith("|"):
            commands[-1][0] += " " + line.strip()
        else:
            commands[-1][1].append(line)
    return commands


class Documentation(unittest.TestCase):
    def test_readme_is_short(self):
        self.assertLessEqual(len((ROOT / "README.md").read_text().splitlines()), README_LINES)

    def test_code_of_the_readme_compiles(self):
        code = blocks(ROOT / "README.md", "cpp")
        self.assertEqual(len(code), 1)
        self.assertEqual(compile_errors(AROUND_README.format(code=code[0])), "")

    def test_programs_in_docs_compile(self):
        programs = 0
        for page in pages():
            for code in blocks(page, "cpp"):
                if not code.startswith("// file: "):
                    continue
                programs += 1
                with self.subTest(page=page.name, program=code.splitlines()[0]):
                    self.assertEqual(compile_errors(code), "")
        self.assertGreaterEqual(programs, 2)

    def test_shell_session_of_the_readme_prints_what_it_says(self):
        with tempfile.TemporaryDirectory() as folder:
            data = ROOT / "tests" / "data"
            shutil.copy(data / "visits.csv", folder)
            shutil.copy(data / "monitor-participants.json", f"{folder}/export.json")
            shutil.copy(data / "root.hex", folder)
            environment = dict(os.environ, PATH=f"{MONIKER.parent}:{os.environ['PATH']}")
            commands = session_commands((ROOT / "README.md").read_text())
            self.assertGreaterEqual(len(commands), 6)
            for command, expected in commands:
                # The IDs of the README are those of the samples' root key.
                command = command.replace(" init clinic.vault", " init clinic.vault --import-root root.hex")
                run = subprocess.run(["bash", "-c", command], cwd=folder, env=environment,
                                     capture_output=True, text=True)
                with self.subTest(command=command):
                    # The sample export also holds people whom the session did not admit: status 3.
                    self.assertIn(run.returncode, [0, 3] if " reidentify " in command else [0], run.stderr)
                    if expected:
                        self.assertEqual(run.stdout.splitlines(), expected)
            self.assertIn("Maria Jensen", pathlib.Path(folder, "export.names.json").read_text())
            self.assertNotIn("Maria Jensen", pathlib.Path(folder, "visits.out.csv").read_text())

    def test_examples_of_the_cli_page_print_what_it_says(self):
        commands = 0
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(ROOT / "tests", f"{folder}/tests")
            shutil.copy(ROOT / "tests/data/root.hex", folder)
            os.chmod(f"{folder}/root.hex", 0o600)
            environment = dict(os.environ, PATH=f"{MONIKER.parent}:{os.environ['PATH']}")
            status = 0
            for block in blocks(ROOT / "docs" / "cli.md", "console"):
                for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
                    command, *expected = part.splitlines()
                    commands += 1
                    run = subprocess.run(["bash", "-c", f"(exit {status}); {command}"], cwd=folder,
                                         env=environment, capture_output=True, text=True)
                    status = run.returncode
                    with self.subTest(command=command):
                        self.assertEqual(run.stdout.splitlines() + run.stderr.splitlines(), expected)
        self.assertGreaterEqual(commands, 15)

    def test_links_between_pages_resolve(self):
        links = 0
        for page in pages():
            for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text()):
                if "://" in target:
                    continue
                links += 1
                with self.subTest(page=str(page.relative_to(ROOT)), target=target):
                    self.assertTrue((page.parent / target).exists())
        self.assertGreater(links, 10)

    def test_every_command_and_option_of_the_program_is_in_the_cli_page(self):
        page = (ROOT / "docs" / "cli.md").read_text()
        text = subprocess.run([MONIKER, "--help"], capture_output=True, text=True).stdout
        commands = re.findall(r"^  ([a-z]+) {2,}", text.split("Subcommands:", 1)[1], re.M)
        self.assertGreaterEqual(len(commands), 9)
        for command in commands:
            options = subprocess.run([MONIKER, command, "--help"], capture_output=True, text=True).stdout
            for option in {command, *re.findall(r"--[a-z][a-z-]+", options)} - {"--help"}:
                with self.subTest(command=command, option=option):
                    self.assertIn(option, page)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
