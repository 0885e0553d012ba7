#!/usr/bin/env python3
"""What one would use instead, at the three things that moniker does: derive pseudonyms, store persons, look them up.

Usage: bench/peers.py BUILD_FOLDER [--persons N] [--repetitions N] [--folder FOLDER] [--duckdb LIBRARY] [--quick] [--write]

Each in the way that its own manual shows, with as little around it as can be: Python in one loop, Miller, DuckDB and
PostgreSQL in one statement of their own language, SQLCipher by its shell; to so much that starting up is little beside it. Rates are those of the fastest of interleaved
repetitions; the page says what each of them does not do. What is not installed is left out, and said. PostgreSQL runs as
its own user if this script runs as root."""

import argparse
import ctypes
import hashlib
import os
import pwd
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

import batch
import page

ISSUER = "mrn.hospital-a"
KEY = bytes(range(32))


def timed(function, *arguments):
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def run(command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, **options).stdout


class Moniker:
    name, protects = "moniker", "keyed hash; records sealed one by one; durable"

    def __init__(self, arguments):
        self.programs = os.path.join(arguments.build, "bench")

    def measure(self, folder, count):
        derived, seconds, _ = run([os.path.join(self.programs, "derive_threads"), "blake2b", "1",
                                   str(max(1, 20 * count // 1024))]).split()
        output = run([os.path.join(self.programs, "enrol_scale"), "moniker", folder, str(count)])
        values = {line.split()[0]: float(line.split()[1]) for line in output.splitlines()}
        return int(derived) / float(seconds), count / values["seconds"], 1e6 / values["lookup_us"]


class Python:
    name, protects = "Python, hashlib and sqlite3", "keyed hash; persons in the clear"

    def __init__(self, arguments):
        pass

    def measure(self, folder, count):
        def tag(i):
            return hashlib.blake2b(f"{ISSUER}MRN-{i:08}".encode(), key=KEY, digest_size=16).digest()

        def derive():
            for i in range(count):
                tag(i)

        database = sqlite3.connect(os.path.join(folder, "python.sqlite"))
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE person (tag BLOB PRIMARY KEY, id TEXT, name TEXT)")

        def store():
            with database:
                database.executemany("INSERT INTO person VALUES (?, ?, ?)",
                                     ((tag(i), f"MRN-{i:08}", f"Given{i % 977} Surname{i % 99991}") for i in range(count)))

        def look_up():
            for i in range(0, count, 5):
                database.execute("SELECT id, name FROM person WHERE tag = ?", (tag(i * 7 % count),)).fetchone()

        rates = count / timed(derive), count / timed(store), len(range(0, count, 5)) / timed(look_up)
        database.close()
        return rates


class Miller:
    name, protects = "Miller, sha256", "no key; stores nothing"

    def __init__(self, arguments):
        if not shutil.which("mlr"):
            raise FileNotFoundError("Miller")

    def measure(self, _, count):
        def derive(n):
            run(["mlr", "-n", "put", f'end {{ for (i = 0; i < {n}; i += 1) {{ x = sha256("{ISSUER}MRN-".fmtnum(i, "%08d")) }} }}'])

        many = 5 * count
        return many / timed(derive, many), None, None


class DuckDb:
    name, protects = "DuckDB, its sha256", "no key; persons in the clear"

    def __init__(self, arguments):
        self.folder = tempfile.TemporaryDirectory()
        path = batch.find_duckdb(arguments.duckdb, self.folder.name)
        if path is None:
            raise FileNotFoundError("DuckDB")
        self.library = ctypes.CDLL(path)

    def measure(self, folder, count):
        database, connection = ctypes.c_void_p(), ctypes.c_void_p()
        path = os.path.join(folder, "peer.duckdb").encode()
        assert self.library.duckdb_open(path, ctypes.byref(database)) == 0
        assert self.library.duckdb_connect(database, ctypes.byref(connection)) == 0

        def execute(text):
            if self.library.duckdb_query(connection, text.encode(), None) != 0:
                sys.exit("DuckDB failed: " + text)

        tag = f"sha256('{ISSUER}MRN-' || lpad(i::VARCHAR, 8, '0'))"
        execute("SET threads = 1")
        execute("CREATE TABLE person (tag VARCHAR PRIMARY KEY, id VARCHAR, name VARCHAR)")

        def look_up():
            for i in range(0, count, 100):
                execute(f"SELECT id, name FROM person WHERE tag = (SELECT {tag} FROM (SELECT {i} AS i))")

        rates = (count / timed(execute, f"SELECT max({tag}) FROM range({count}) r(i)"),
                 count / timed(execute, f"INSERT INTO person SELECT {tag}, 'MRN-' || lpad(i::VARCHAR, 8, '0'), "
                                        f"'Given' || (i % 977) || ' Surname' || (i % 99991) FROM range({count}) r(i)"),
                 len(range(0, count, 100)) / timed(look_up))
        self.library.duckdb_disconnect(ctypes.byref(connection))
        self.library.duckdb_close(ctypes.byref(database))
        return rates


class SqlCipher:
    name, protects = "SQLCipher", "derives nothing; pages encrypted; durable"

    def __init__(self, arguments):
        if not shutil.which("sqlcipher"):
            raise FileNotFoundError("SQLCipher")

    def measure(self, folder, count):
        path = os.path.join(folder, "cipher.sqlite")
        key = f"PRAGMA key = \"x'{KEY.hex()}'\";\n"

        def execute(text):
            run(["sqlcipher", path], input=key + text)

        execute("PRAGMA journal_mode=WAL; CREATE TABLE person (tag BLOB PRIMARY KEY, id TEXT, name TEXT);")
        # A tag that cannot be told from a random one, and can be found again.
        tag = "printf('%08x%08x', i * 2654435761 % 4294967296, i)"
        insert = ("PRAGMA synchronous=FULL; BEGIN; WITH RECURSIVE r(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM r WHERE "
                  f"i + 1 < {count}) INSERT INTO person SELECT {tag}, printf('MRN-%08d', i), "
                  "'Given' || (i % 977) || ' Surname' || (i % 99991) FROM r; COMMIT;")
        stored = timed(execute, insert)
        numbers = range(0, count, 5)
        looked_up = timed(execute, "".join(
            f"SELECT id, name FROM person WHERE tag = '{i * 7 % count * 2654435761 % 4294967296:08x}{i * 7 % count:08x}';\n"
            for i in numbers))
        return None, count / stored, len(numbers) / looked_up


class PostgreSql:
    name, protects = "PostgreSQL, pgcrypto", "keyed hash; records encrypted one by one; durable"

    def __init__(self, arguments):
        versions = "/usr/lib/postgresql"
        if not os.path.isdir(versions) or not shutil.which("psql"):
            raise FileNotFoundError("PostgreSQL")
        self.programs = os.path.join(versions, max(os.listdir(versions), key=float), "bin")
        self.user = "postgres" if os.geteuid() == 0 else None
        self.folder = tempfile.mkdtemp(dir=arguments.folder, prefix="postgres.")
        if self.user:
            os.chown(self.folder, pwd.getpwnam(self.user).pw_uid, -1)
        self.data = os.path.join(self.folder, "data")
        self.call("initdb", "-D", self.data, "--auth=trust")
        self.call("pg_ctl", "-D", self.data, "-w", "-l", os.path.join(self.folder, "log"), "-o",
                  f"-k {self.folder} -c listen_addresses=''", "start", quiet=True)
        self.execute("CREATE EXTENSION pgcrypto")

    def call(self, program, *arguments, quiet=False):
        # What the server inherits must not be a pipe that is waited for.
        subprocess.run([os.path.join(self.programs, program), *arguments], user=self.user, cwd=self.folder, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL if quiet else subprocess.PIPE)

    def execute(self, text):
        run([os.path.join(self.programs, "psql"), "-h", self.folder, "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-q"], input=text + ";\n",
            user=self.user, cwd=self.folder)

    def measure(self, _, count):
        # pgp_sym_encrypt makes a key of the passphrase anew for each record, and takes a while.
        few, many = max(1, count // 50), 10 * count
        secret = KEY.hex()
        tag = f"hmac('{ISSUER}MRN-' || lpad(i::text, 8, '0'), '{secret}', 'sha256')"
        self.execute("DROP TABLE IF EXISTS person; CREATE TABLE person (tag bytea PRIMARY KEY, sealed bytea)")
        derived = timed(self.execute, f"SELECT max(encode({tag}, 'hex')) FROM generate_series(1, {many}) i")
        stored = timed(self.execute, f"INSERT INTO person SELECT {tag}, pgp_sym_encrypt('MRN-' || i || ' Given' || i % 977, "
                                     f"'{secret}') FROM generate_series(1, {few}) i")
        looked_up = timed(self.execute,
                          f"DO $$ DECLARE i int; t text; BEGIN FOR i IN 1..{few} LOOP SELECT pgp_sym_decrypt(sealed, '{secret}') "
                          f"INTO STRICT t FROM person WHERE tag = {tag}; END LOOP; END $$")
        return many / derived, few / stored, few / looked_up

    def close(self):
        self.call("pg_ctl", "-D", self.data, "-m", "fast", "-w", "stop", quiet=True)
        shutil.rmtree(self.folder)


def found(arguments):
    peers, missing = [], []
    for kind in (Moniker, Python, Miller, DuckDb, SqlCipher, PostgreSql):
        try:
            peers.append(kind(arguments))
        except FileNotFoundError as error:
            missing.append(str(error))
    return peers, missing


def table_of(peers, best):
    def cell(value, ours):
        return "–" if value is None else f"{value:,.0f} | {ours / value:,.1f}"

    lines = ["| program | derive, a second | moniker is faster | store, a second | moniker is faster | look up, a second "
             "| moniker is faster | protects |", "|---|--:|--:|--:|--:|--:|--:|---|"]
    for peer in peers:
        cells = [cell(value, ours) if value is not None else "– | –" for value, ours in zip(best[peer], best[peers[0]])]
        lines.append(f"| {peer.name} | " + " | ".join(cells) + f" | {peer.protects} |")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("--persons", type=int, default=200_000)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--folder", help="for the stores")
    parser.add_argument("--duckdb", help="path of libduckdb.so")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.persons, arguments.repetitions = 2000, 1
    peers, missing = found(arguments)
    results = {peer: [] for peer in peers}
    try:
        for _ in range(arguments.repetitions):
            for peer in peers:
                with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
                    results[peer].append(peer.measure(folder, arguments.persons))
        file_system = page.said_by("stat", "-f", "-c", "%T", arguments.folder or tempfile.gettempdir())
    finally:
        for peer in peers:
            if hasattr(peer, "close"):
                peer.close()
    best = {peer: [max(values) if None not in values else None for values in zip(*some)] for peer, some in results.items()}
    lines = table_of(peers, best)
    spreads = [min(values) / max(values) for some in results.values() for values in zip(*some) if None not in values]
    lines += ["", f"Measured with: {page.machine()}; {file_system}; {arguments.persons:,} persons, {arguments.repetitions} interleaved "
              f"repetitions, of which the slowest was between {min(spreads):.2f} and {max(spreads):.2f} of the fastest."]
    if missing:
        lines.append(f"Not there, and so not measured: {', '.join(missing)}.")
    print("\n".join(lines))
    if arguments.write:
        page.write_section("peers", ["", *lines, ""])
        for column, name, title in ((0, "derive", "Pseudonyms derived a second, one thread"),
                                    (1, "store", "Persons stored a second"), (2, "look-up", "Persons looked up a second")):
            bars = [(peer.name, best[peer][column], peer is peers[0]) for peer in peers if best[peer][column] is not None]
            page.write_plot(f"peers-{name}.svg", page.bars_plot(title, bars))


if __name__ == "__main__":
    main()
