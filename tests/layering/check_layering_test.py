#!/usr/bin/env python3
"""Plants one fault at a time into a small tree and checks that check_layering.py finds it, and nothing else."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).with_name("check_layering.py")

CLEAN = {
    "include/moniker/status.h": "#include <string_view>\n",
    "include/moniker/secret.h": '#include "moniker/status.h"\n',
    "include/moniker/keyring.h": '#include "moniker/secret.h"\n',
    "include/moniker/scope.h": '#include "moniker/keyring.h"\n',
    "include/moniker/storage_backend.h": '#include "moniker/status.h"\n',
    "include/moniker/sqlite_backend.h": '#include "moniker/storage_backend.h"\n',
    "include/moniker/person.h": '#include "moniker/scope.h"\n',
    "include/moniker/vault.h": '#include "moniker/person.h"\n',
    "include/moniker/rewrite.h": '#include "moniker/status.h"\n',
    "lib/base/status.cc": '#include "moniker/status.h"\n',
    "lib/base/bytes.h": "#include <span>\n",
    "lib/crypto/secret.cc": '#include "moniker/secret.h"\n#include <sodium.h>\n#include "base/bytes.h"\n',
    "lib/keyring/keyring.cc": '#include "moniker/keyring.h"\n#include "base/bytes.h"\n',
    "lib/pseudonym/scope.cc": '#include "moniker/scope.h"\n',
    "lib/store/person.cc": '#include "moniker/person.h"\n#include "moniker/storage_backend.h"\n',
    "lib/sqlite/sqlite_backend.cc": '#include <SQLiteCpp/Database.h>\n#include <sqlite3.h>\n'
                                    '#include "moniker/sqlite_backend.h"\n#include "base/bytes.h"\n',
    "lib/vault/vault.cc": '#include "moniker/vault.h"\n#include "moniker/sqlite_backend.h"\n',
    "lib/batch/rewrite.cc": '#include "moniker/rewrite.h"\n#include <cstdio>\n',
    "lib/CMakeLists.txt": """
moniker_module(base SOURCES base/status.cc)
moniker_module(crypto SOURCES crypto/secret.cc PUBLIC moniker::base PRIVATE sodium::sodium)
moniker_module(keyring SOURCES keyring/keyring.cc PUBLIC moniker::crypto PRIVATE moniker::base)
moniker_module(pseudonym SOURCES pseudonym/scope.cc PUBLIC moniker::keyring)
moniker_module(store SOURCES store/person.cc PUBLIC moniker::pseudonym)
moniker_module(sqlite SOURCES sqlite/sqlite_backend.cc PUBLIC moniker::base PRIVATE SQLiteCpp SQLite::SQLite3)
moniker_module(vault
  SOURCES vault/vault.cc
  PUBLIC moniker::store
  PRIVATE moniker::sqlite)
moniker_module(batch SOURCES batch/rewrite.cc PUBLIC moniker::base)
""",
    "tools/moniker/io.h": "#include <string>\n",
    "tools/moniker/main.cc": '#include <cstdio>\n#include "io.h"\n#include "moniker/vault.h"\n'
                             'int main() { std::printf("0.1.0"); }\n',
}

# Each: file, what is added to it, and a part of the fault that must be found.
PLANTED = [
    ("lib/base/bytes.h", '#include "crypto/sodium.h"', "lib/base/bytes.h:2: base must not include crypto/sodium.h"),
    ("lib/base/bytes.h", '#include "moniker/secret.h"', "base must not include moniker/secret.h of crypto"),
    ("include/moniker/status.h", '#include "moniker/vault.h"', "base must not include moniker/vault.h of vault"),
    ("lib/crypto/secret.cc", '#include "moniker/keyring.h"', "crypto must not include moniker/keyring.h"),
    ("lib/keyring/keyring.cc", '#  include "store/payload.h"', "keyring must not include store/payload.h"),
    ("lib/keyring/keyring.cc", "#include <sodium.h>", "sodium.h is for crypto alone"),
    ("lib/batch/rewrite.cc", "#include <sodium/core.h>", "sodium/core.h is for crypto alone"),
    ("tools/moniker/main.cc", "#include <sodium.h>", "sodium.h is for crypto alone"),
    ("lib/keyring/keyring.cc", "#include <hwy/highway.h>", "hwy/highway.h is for crypto and pseudonym alone"),
    ("lib/sqlite/sqlite_backend.cc", '#include "crypto/sodium.h"', "sqlite must not include crypto/sodium.h"),
    ("lib/sqlite/sqlite_backend.cc", '#include "moniker/person.h"', "sqlite must not include moniker/person.h"),
    ("include/moniker/storage_backend.h", '#include "moniker/secret.h"', "seam must not include moniker/secret.h"),
    ("lib/store/person.cc", '#include "sqlite/connection.h"', "store must not include sqlite/connection.h"),
    ("lib/store/person.cc", "#include <sqlite3.h>", "sqlite3.h is for sqlite alone"),
    ("lib/vault/vault.cc", "#include <SQLiteCpp/SQLiteCpp.h>", "SQLiteCpp/SQLiteCpp.h is for sqlite alone"),
    ("lib/store/person.cc", "#include <utf8proc.h>", "utf8proc.h is for pseudonym and session alone"),
    ("lib/store/person.cc", "#include <idn2.h>", "idn2.h is for pseudonym alone"),
    ("lib/vault/vault.cc", '#include "../base/bytes.h"', "does not begin with the folder of a module"),
    ("lib/vault/vault.cc", '#include "session/role.h"', "vault must not include session/role.h"),
    ("lib/batch/rewrite.cc", '#include "moniker/secret.h"', "batch must not include moniker/secret.h"),
    ("lib/batch/rewrite.cc", '#include "moniker/unheard_of.h"', "moniker/unheard_of.h of no module"),
    ("tools/moniker/main.cc", '#include "base/bytes.h"', "a tool includes base/bytes.h, which is not public"),
    ("include/moniker/orphan.h", "", "include/moniker/orphan.h: belongs to no module"),
    ("lib/helpers/misc.cc", "", "lib/helpers/misc.cc: belongs to no module"),
    ("lib/CMakeLists.txt", "moniker_module(resolve SOURCES resolve/a.cc PUBLIC moniker::session)",
     "resolve must not link moniker::session"),
    ("lib/CMakeLists.txt", "moniker_module(session SOURCES session/a.cc PUBLIC moniker::vault PRIVATE sodium::sodium)",
     "session must not link sodium::"),
    ("lib/sqlite/connection.cc", "db.getHeaderInfo();", "lib/sqlite/connection.cc:1: drops the locks"),
    ("lib/sqlite/connection.cc", "SQLite::Database::isUnencrypted(path);", "drops the locks"),
    ("lib/base/status.cc", 'std::cout << "x";', "the library prints"),
    ("lib/base/status.cc", 'std::cerr << "x";', "the library prints"),
    ("lib/base/status.cc", 'printf("x");', "the library prints"),
    ("lib/base/status.cc", 'std::fprintf(stderr, "x");', "the library prints"),
    ("include/moniker/status.h", 'const char* home = std::getenv("HOME");', "the library reads the environment"),
    ("include/moniker/status.h", "std::abort();", "the library ends the process"),
    ("lib/base/status.cc", "#include <random>", "randomness"),
    ("lib/base/status.cc", "int i = rand();", "randomness"),
]

# Not faults, though they look like them.
ALLOWED = [
    ("lib/base/status.cc", 'std::snprintf(buffer, size, "x");'),
    ("lib/base/status.cc", "// std::cout is not for libraries; see printf("),
    ("lib/crypto/secret.cc", "int randombytes();"),
    ("lib/vault/vault.cc", '#include "base/bytes.h"'),
]


class CheckLayeringTest(unittest.TestCase):
    def check(self, path=None, addition=""):
        with tempfile.TemporaryDirectory() as folder:
            files = dict(CLEAN)
            if path:
                files[path] = files.get(path, "") + addition + "\n"
            for name, text in files.items():
                file = Path(folder, name)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            return subprocess.run([sys.executable, SCRIPT, folder], capture_output=True, text=True)

    def test_a_clean_tree_has_no_fault(self):
        result = self.check()
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_every_planted_fault_is_found_alone(self):
        for path, addition, fault in PLANTED:
            with self.subTest(path=path, addition=addition):
                result = self.check(path, addition)
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertIn(fault, result.stderr)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)

    def test_what_is_allowed_is_no_fault(self):
        for path, addition in ALLOWED:
            with self.subTest(path=path, addition=addition):
                self.assertEqual(self.check(path, addition).stderr, "")

    def test_a_module_that_is_used_must_be_linked(self):
        lists = CLEAN["lib/CMakeLists.txt"].replace(" PUBLIC moniker::keyring", "")
        original, CLEAN["lib/CMakeLists.txt"] = CLEAN["lib/CMakeLists.txt"], lists
        try:
            self.assertIn("pseudonym includes moniker/keyring.h without linking moniker::keyring", self.check().stderr)
        finally:
            CLEAN["lib/CMakeLists.txt"] = original


if __name__ == "__main__":
    unittest.main()
