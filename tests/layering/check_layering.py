#!/usr/bin/env python3
"""Holds the layers of Moniker against the #includes of include/, lib/ and tools/ and the links of lib/CMakeLists.txt.

Usage: check_layering.py ROOT. One line for each fault; exit status 1 if there is one."""

import re
import sys
from pathlib import Path

# What a module may use directly; what that may use follows. `seam` is storage_backend.h, which a database sees of us.
BELOW = {"base": "", "crypto": "base", "keyring": "crypto", "pseudonym": "keyring", "seam": "base",
         "store": "pseudonym seam", "sqlite": "seam", "vault": "store sqlite", "resolve": "vault", "session": "vault",
         "batch": "base", "boundary": "vault", "c": "session boundary", "c_resolve": "resolve boundary"}
# A public header belongs to the module with lib/<module>/<its name>.cc; these have no source of that name.
PUBLIC = {"result": "base", "version": "base", "storage_backend": "seam", "member_spellings": "session",
          "session_identity": "session", "store_counts": "store", "store_report": "store", "anchor": "store",
          "audit_entry": "store", "access_reason": "store", "cell_mapper": "batch",
          "c": "boundary", "c_derive": "c", "c_resolve": "c_resolve"}
# Headers and link targets of others, and the modules that they belong to.
FOREIGN = {"sodium.h": "crypto", "sodium/": "crypto", "sodium::": "crypto", "hwy": "crypto pseudonym",
           "SQLiteCpp": "sqlite", "sqlite3": "sqlite", "SQLite::": "sqlite", "utf8proc": "pseudonym session",
           "idn2": "pseudonym", "zlib.h": "batch", "ZLIB::": "batch", "zstd.h": "batch", "zstd::": "batch"}
BANNED = {r"getHeaderInfo|isUnencrypted": "drops the locks of the store's files",
          r"std::(cout|cerr|clog)|\b(v?f?|std::)printf\(|\bputs\(": "the library prints",
          r"\bgetenv\(": "the library reads the environment", r"\babort\(": "the library ends the process"}
BANNED_IN_LIB = {r"<random>|\b(s?rand|random)\(": "randomness that is not libsodium's"}


def all_below(module):
    direct = BELOW[module].split()
    return {module}.union(*(all_below(below) for below in direct))


def module_of(root, include, own):
    """The module that a header belongs to; None for what is not ours."""
    folder, _, name = include.rpartition("/")
    if folder == "moniker":
        stem = name.removesuffix(".h")
        sources = [path.parent.name for path in root.glob(f"lib/*/{stem}.cc")]
        return PUBLIC.get(stem) or (sources[0] if len(sources) == 1 else "no module")
    return own if (root / "tools" / own / include).exists() else (folder if folder in BELOW else None)


def faults(root):
    links = {}
    for name, body in re.findall(r"^moniker_(?:module|c_library)\((\w+)([^)]*)\)", (root / "lib/CMakeLists.txt").read_text(), re.M):
        links[name] = re.findall(r"moniker::(\w+)", body)
        for target in links[name]:
            if target not in all_below(name):
                yield f"lib/CMakeLists.txt: {name} must not link moniker::{target}"
        yield from (f"lib/CMakeLists.txt: {name} must not link {foreign}" for foreign, owners in FOREIGN.items()
                    if foreign in body and name not in owners.split())

    def linked(name):
        return {name, "seam"}.union(*(linked(target) for target in links.get(name, [])))

    for path in sorted(path for top in ("include", "lib", "tools") for path in (root / top).rglob("*.[ch]*")):
        where = path.relative_to(root)
        own = where.parts[1] if where.parts[0] != "include" else module_of(root, "moniker/" + path.name, "")
        if own not in BELOW and where.parts[0] != "tools":
            yield f"{where}: belongs to no module"
            continue
        allowed = all_below(own) if own in BELOW else set()
        for number, line in enumerate(path.read_text().splitlines(), 1):
            include = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if include:
                header, module = include[2], module_of(root, include[2], own)
                if include[1] == '"' and module is None:
                    yield f"{where}:{number}: {header} does not begin with the folder of a module"
                if own not in BELOW and module not in (own, None) and not header.startswith("moniker/"):
                    yield f"{where}:{number}: a tool includes {header}, which is not public"
                elif own in BELOW and module and module not in allowed:
                    yield f"{where}:{number}: {own} must not include {header} of {module}"
                elif own in BELOW and module and own != "seam" and module not in linked(own):
                    yield f"{where}:{number}: {own} includes {header} without linking moniker::{module}"
                yield from (f"{where}:{number}: {header} is for {owners.replace(' ', ' and ')} alone" for foreign, owners in FOREIGN.items()
                            if header.startswith(foreign) and own not in owners.split())
            if where.parts[0] != "tools":
                banned = BANNED | (BANNED_IN_LIB if where.parts[0] == "lib" else {})
                code = line.split("//")[0]
                yield from (f"{where}:{number}: {why}" for what, why in banned.items() if re.search(what, code))


if __name__ == "__main__":
    found = list(faults(Path(sys.argv[1])))
    sys.exit("\n".join(found) or 0)
