"""Writes every block of C++ of the documentation into a folder, as a source that can be built, and prints their paths
with semicolons between them. A file that would not change is left alone.

Usage: extract_programs.py FOLDER
"""

import pathlib
import sys

sys.dont_write_bytecode = True

import blocks  # noqa: E402

# What a part of a program stands in: a function with what the text around it speaks of.
AROUND = """#include <string>
#include <vector>
#include "moniker/identity_gate.h"
#include "moniker/vault.h"
struct user_info {{ std::string name, externalId, avatarUrl; }};
struct Session {{ void open(const user_info&) {{}} }};
struct Sdk {{ Session session() {{ return {{}}; }} }};
void Report(const moniker::Status&);
moniker::Status Around(Sdk sdk, const moniker::Vault& vault, std::string mrn, std::string name,
                       std::string participant_id, std::string external_id) {{
  {{
{code}
  }}
  return moniker::Status::Ok();
}}
"""


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    sources = {}
    for page in blocks.pages():
        for number, code in enumerate(blocks.of_kind(page, "cpp"), 1):
            first = code.split("\n", 1)[0]
            if first.startswith("// file: "):
                name = first.removeprefix("// file: ")
            else:
                name = f"part_of_{blocks.name_of(page).removesuffix('.md').replace('/', '_')}_{number}.cc"
                code = AROUND.format(code=code)
            if name in sources:
                sys.exit(f"{blocks.name_of(page)}: a second {name}")
            sources[name] = code
    for name, code in sources.items():
        path = folder / name
        if not path.exists() or path.read_text() != code:
            path.write_text(code)
    print(";".join(str(folder / name) for name in sources), end="")


if __name__ == "__main__":
    main()
