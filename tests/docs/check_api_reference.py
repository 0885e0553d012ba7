"""The reference of the public headers is made without a warning, has all of them, and tells their contracts.

Usage: check_api_reference.py FOLDER
"""

import html
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = pathlib.Path(sys.argv[1]).resolve()
HEADERS = sorted((ROOT / "include" / "moniker").glob("*.h"))


def make(*arguments):
    return subprocess.run([ROOT / "tools/api_reference.sh", *arguments], capture_output=True, text=True, timeout=300)


def text_of(page):
    text = re.sub(r"<script.*?</script>", "", page.read_text(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


class ApiReference(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        shutil.rmtree(FOLDER, ignore_errors=True)
        cls.done = make(FOLDER / "api")
        cls.pages = FOLDER / "api" / "html"

    def test_doxygen_has_nothing_to_say(self):
        self.assertEqual((self.done.returncode, self.done.stderr), (0, ""))

    def test_every_header_has_a_page(self):
        for header in HEADERS:
            with self.subTest(header=header.name):
                page = header.name.replace("_", "__").replace(".", "_8") + ".html"
                self.assertTrue((self.pages / page).exists())
        self.assertGreater(len(HEADERS), 30)

    def test_contracts_are_told_as_the_headers_tell_them(self):
        vault = text_of(self.pages / "classmoniker_1_1Vault.html")
        for told in ("Makes a vault in a folder that does not exist; it appears whole or not at all.",
                     "A keyring and a mapping store, and the settings of one app",
                     "Errors: kConflict if something is there; kNotFound if its parent is not",
                     "Thread safety: may be shared by threads"):
            with self.subTest(told=told):
                self.assertIn(told, vault)
        self.assertIn("moniker_vault_open", text_of(self.pages / "c_8h.html"))
        person = text_of(self.pages / "structmoniker_1_1PersonView.html")
        self.assertIn("at most 64, each name once", person)

    def test_inner_names_are_not_in_it(self):
        self.assertEqual([page.name for page in self.pages.glob("*internal_1_1*")], [])

    def test_what_doxygen_does_not_understand_is_an_error(self):
        headers = FOLDER / "headers"
        headers.mkdir()
        (headers / "broken.h").write_text("// A header.\n\n/** See \\ref nothing_there. */\nint F();\n")
        done = make(FOLDER / "broken", headers)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("nothing_there", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
