#!/usr/bin/env python3
"""Usage: check_symbols.py NM CORE_ONLY RESOLVING

Checks that CORE_ONLY, a program that links moniker::core, has no symbol of moniker::Resolver and none of what reads persons
back, and that RESOLVING, one that does resolve, has them: without the second check a change of names would pass for a
success."""

import subprocess
import sys


NAMES = ("moniker::Resolver::", "MappingStore::FindMany(", "MappingStore::ReadPersons(", "MappingStore::AppendAuditEntry(")


def symbols(nm, program):
    listed = subprocess.run([nm, "-C", program], capture_output=True, text=True, check=True).stdout
    if "moniker::IdentityGate::Admit" not in listed:
        sys.exit(f"{program} has no symbols to look at")
    return listed.splitlines()


if __name__ == "__main__":
    nm, core_only, resolving = sys.argv[1:]
    for name in NAMES:
        if not any(name in line for line in symbols(nm, resolving)):
            sys.exit(f"{resolving} has no symbol {name}, so nothing was checked")
        found = [line for line in symbols(nm, core_only) if name in line]
        if found:
            sys.exit(f"{core_only} can resolve:\n" + "\n".join(found))
