"""Holds README.md and docs/ against the project: each block of code is of a kind that is checked (blocks.py), sessions
run and print what they say, links resolve, the README stays short.

Usage: check_docs.py MONIKER
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import blocks

ROOT = blocks.ROOT
MONIKER = pathlib.Path(sys.argv[1]).resolve()
README_LINES = 120

# Pages whose sessions make their vault themselves; on the others clinic.vault is there already.
FROM_NOTHING = ("README.md", "docs/cli.md", "docs/avatars.md", "docs/operations.md")
# Shown without notes and counts, which go to standard error.
WITHOUT_NOTES = ("README.md",)
# Run by docs.telehealth, with programs of its own.
ELSEWHERE = ("docs/examples/telehealth/README.md",)


class Session:
    """A shell in a folder of its own, with the samples of this checkout. The IDs in the documentation are those of
    the samples' root key."""

    def __init__(self, test, page):
        folder = tempfile.TemporaryDirectory()
        test.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.status = 0
        self.page = blocks.name_of(page)
        self.environment = dict(os.environ, PATH=f"{MONIKER.parent}:{os.environ['PATH']}", LC_ALL="C.UTF-8")
        data = ROOT / "tests" / "data"
        os.symlink(ROOT / "tests", self.folder / "tests")
        shutil.copy(data / "visits.csv", self.folder)
        shutil.copy(data / "visits.csv", self.folder / "in.csv")
        shutil.copy(data / "monitor-participants.json", self.folder / "export.json")
        shutil.copy(data / "root.hex", self.folder)
        os.chmod(self.folder / "root.hex", 0o600)
        (self.folder / "in.jsonl").write_text("".join(f'{{"mrn":"{number:08}"}}\n' for number in range(1000)))
        if self.page not in FROM_NOTHING:
            self.run("moniker init clinic.vault --quiet --app clinic-7 --key-file clinic.key")

    def run(self, command):
        if self.page != "docs/cli.md":  # it shows the option
            command = command.replace(" init clinic.vault", " init clinic.vault --import-root root.hex")
        done = subprocess.run(["bash", "-c", f"(exit {self.status}); {command}"], cwd=self.folder, timeout=120,
                              env=self.environment, capture_output=True, text=True)
        self.status = done.returncode
        return done

# Commands with steps, and without a vault before them.
BARE_GROUPS = ("table",)


class Documentation(unittest.TestCase):
    maxDiff = None

    def test_readme_is_short(self):
        self.assertLessEqual(len((ROOT / "README.md").read_text().splitlines()), README_LINES)

    def test_every_block_is_of_a_kind_that_is_checked(self):
        of_kinds = dict.fromkeys(blocks.KINDS, 0)
        for page in blocks.pages():
            for kind, code in blocks.fenced(page):
                with self.subTest(page=blocks.name_of(page), block=code.split("\n", 1)[0]):
                    self.assertIn(kind, blocks.KINDS)
                    of_kinds[kind] += 1
            if page.parent.name != "formats" and blocks.name_of(page) != "docs/cli.md":
                with self.subTest(page=blocks.name_of(page)):
                    self.assertEqual(blocks.indented(page), [])
        self.assertNotIn(0, of_kinds.values(), of_kinds)

    def test_sessions_print_what_they_say(self):
        commands = 0
        for page in blocks.pages():
            sessions = blocks.of_kind(page, "console")
            if not sessions or blocks.name_of(page) in ELSEWHERE:
                continue
            session = Session(self, page)
            loose = session.page in WITHOUT_NOTES
            for kind, code in blocks.fenced(page):
                if kind == "sh":  # what it does may be needed later on the page
                    self.assert_succeeds(session, code)
                for command, expected in blocks.commands(code) if kind == "console" else ():
                    commands += 1
                    done = session.run(command)
                    with self.subTest(page=session.page, command=command):
                        if loose:
                            # The sample export also holds people whom the session did not admit: status 3.
                            self.assertIn(done.returncode, (0, 3) if " reidentify " in command else (0,), done.stderr)
                        if expected or not loose:
                            said = done.stdout.splitlines() + ([] if loose else done.stderr.splitlines())
                            self.assertEqual(said, expected)
            if session.page == "README.md":
                self.assertIn("Maria Jensen", (session.folder / "export.names.json").read_text())
                self.assertNotIn("Maria Jensen", (session.folder / "visits.out.csv").read_text())
        self.assertGreaterEqual(commands, 90)

    def assert_succeeds(self, session, code):
        session.status = 0
        done = session.run("set -euo pipefail\n" + code)
        with self.subTest(page=session.page, script=code):
            self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_scripts_succeed(self):
        scripts = 0
        for page in blocks.pages():
            if blocks.of_kind(page, "console"):
                continue  # run by test_sessions_print_what_they_say
            for code in blocks.of_kind(page, "sh"):
                scripts += 1
                self.assert_succeeds(Session(self, page), code)
        self.assertGreaterEqual(scripts, 2)

    def test_scripts_that_are_not_run_name_programs_and_presets_that_are_there(self):
        presets = {preset["name"] for preset in json.loads((ROOT / "CMakePresets.json").read_text())["configurePresets"]}
        looked_at = 0
        for page in blocks.pages():
            for line in "".join(blocks.of_kind(page, "sh checkout")).splitlines():
                line = line.split("#", 1)[0].strip()
                with self.subTest(page=blocks.name_of(page), line=line):
                    for program in re.findall(r"(?:^|\s)((?:tools|bench|\.ci)/\S+)", line):
                        looked_at += 1
                        self.assertTrue(os.access(ROOT / program, os.X_OK))
                    for preset in re.findall(r"--preset (\S+)", line):
                        looked_at += 1
                        self.assertIn(preset, presets)
        self.assertGreaterEqual(looked_at, 20)

    def test_javascript_runs(self):
        fields = subprocess.run([MONIKER, "platforms", "--json"], capture_output=True, text=True, check=True).stdout
        web = next(one for one in map(json.loads, fields.splitlines()) if one["platform"] == "dolbyio-web")
        [code] = blocks.of_kind(ROOT / "docs/sdk/web.md", "js")
        sent = {web["name"]: "Patient RCG-V3F", web["id"]: "m32pnb88e0wgd7hc26m7ph6zyfqm3092", web["avatar_url"]: ""}
        script = """
            const sdk = {session: {participant: null, async open(info) {
              this.opened = info; this.participant = {id: 'the ID of the platform'};
            }}};
            const answers = [];
            const server = {async post(path, body) { answers.push([path, body]); return FIELDS; }};
            await openSession(sdk, server, 'a visit');
            console.log(JSON.stringify([sdk.session.opened, answers]));
        """.replace("FIELDS", json.dumps(sent))
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "page.mjs")
            path.write_text(code + script)
            done = subprocess.run(["node", path], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.stderr, "")
        opened, answers = json.loads(done.stdout)
        self.assertEqual(opened, {"name": "Patient RCG-V3F", "externalId": "m32pnb88e0wgd7hc26m7ph6zyfqm3092"})
        self.assertEqual([body for _, body in answers], [{"visit": "a visit"}, {"participantId": "the ID of the platform"}])

    def test_each_sdk_has_a_page_with_its_spelling(self):
        listed = subprocess.run([MONIKER, "platforms", "--json"], capture_output=True, text=True, check=True).stdout
        sdks = [one for one in map(json.loads, listed.splitlines()) if one["platform"].startswith("dolbyio-")]
        self.assertEqual(len(sdks), 7)
        for one in sdks:
            page = (ROOT / "docs/sdk" / (one["platform"].removeprefix("dolbyio-") + ".md")).read_text()
            for text in (one["platform"], one["type"].split("::")[-1], one["id"], one["name"], one["avatar_url"],
                         "1,024 bytes"):
                with self.subTest(sdk=one["platform"], text=text):
                    self.assertIn(f"`{text}`" if text != "1,024 bytes" else text, page)

    def test_synopses_of_the_cli_page_are_those_of_the_program(self):
        common = {"--help", "--key-file", "--passphrase-file", "--quiet", "--json", "--version"}
        synopses = [one for one in blocks.indented(ROOT / "docs" / "cli.md") if "COMMAND" not in one]
        commands = 0
        for synopsis in synopses:
            self.assertRegex(synopsis, "^moniker [a-z]+ ")
            for one in re.split(r"^moniker ", synopsis, flags=re.M)[1:]:
                words = re.findall(r"[^\s\[\]()|]+", one)
                steps = words[1:2] if words[0] in BARE_GROUPS else words[2:3]
                command = [words[0]] + [word for word in steps if re.fullmatch("[a-z]+", word)]
                choices = re.match(r"\w+ VAULT \((\w+(?: \| \w+)+)\)", one)
                for step in choices[1].split(" | ") if choices else [None]:
                    commands += 1
                    with self.subTest(command=command, step=step):
                        self.assertEqual(set(re.findall("--[a-z-]+", one.replace("[-o ", "[--output "))) - common,
                                         self.options(*command[:1], *([step] if choices else command[1:])) - common)
        self.assertGreaterEqual(commands, 20)

    @staticmethod
    def options(command, step=None):
        said = ""
        whole = (command, step) if command in BARE_GROUPS else (command, "VAULT", step)
        for words in [(command,)] + ([whole] if step else []):
            said = subprocess.run([MONIKER, *words, "--help"], capture_output=True, text=True, check=True).stdout
        return set(re.findall(r"^ +(?:-\w,)?(--[a-z-]+)", said, re.M))

    @staticmethod
    def headings(page):
        """The names that links give to the headings of a page."""
        text = re.sub(r"^```.*\n(?:.*\n)*?^```$", "", page.read_text(), flags=re.M)
        titles = [re.sub(r"[^\w\- ]", "", title.lower()) for title in re.findall(r"^#+ (.*)$", text, re.M)]
        return {title.replace(" ", "-") for title in titles}

    def test_links_between_pages_resolve(self):
        links = 0
        headings = {page: self.headings(page) for page in blocks.pages()}
        for page in blocks.pages():
            for target, heading in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)", page.read_text()):
                if "://" in target:
                    continue
                links += 1
                with self.subTest(page=blocks.name_of(page), target=target, heading=heading):
                    linked = (page.parent / target).resolve() if target else page
                    self.assertTrue(linked.exists())
                    if heading:
                        self.assertIn(heading, headings[linked])
        self.assertGreater(links, 200)

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
