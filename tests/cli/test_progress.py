"""What a long run tells on a terminal, and that it tells nothing elsewhere."""

import contextlib
import os
import pty
import time

from harness import CliTest, DONE, read, write

COLUMNS = ("--column", "mrn=mrn.hospital-a")
FIRST = 0.6  # seconds after which a run says something


class ProgressTest(CliTest):
    def setUp(self):
        super().setUp()
        self.vault = self.make_vault()

    def start_on_terminal(self, *arguments, **options):
        terminal, stderr = pty.openpty()
        self.addCleanup(os.close, terminal)
        process = self.start("pseudonymize", self.vault, *COLUMNS, *arguments, stderr=stderr, **options)
        os.close(stderr)
        return process, terminal

    @staticmethod
    def shown(terminal):
        """Everything that the terminal got, when nobody can write to it any more."""
        out = b""
        with contextlib.suppress(OSError):
            while part := os.read(terminal, 1 << 16):
                out += part
        return out.decode()

    def run_slowly(self, *arguments):
        """A run over a pipe that brings one part, and some time later the other."""
        process, terminal = self.start_on_terminal("-o", self.path("out.csv"), *arguments)
        process.stdin.write(b"mrn\n" + b"00000001\n" * 100_000)
        process.stdin.flush()
        time.sleep(FIRST)
        process.stdin.write(b"00000001\n" * 100_000)
        process.stdin.close()
        self.assertEqual(process.wait(), DONE)
        return self.shown(terminal)

    def test_a_stream_shows_how_much_and_how_fast(self):
        shown = self.run_slowly()
        self.assertRegex(shown, r"^moniker: [12] MB, \d+ MB/s")
        self.assertTrue(shown.endswith("\r\x1b[K"), "it is taken away at the end")
        self.assertEqual(len(read(self.path("out.csv"))), len("mrn\n") + 200_000 * 33)

    def test_quiet_shows_nothing(self):
        self.assertEqual(self.run_slowly("--quiet"), "")

    def test_a_file_shows_how_much_of_it_and_how_long_it_will_take(self):
        source = write(self.path("in.csv"), "mrn\n" + "00000001\n" * 3_000_000)
        # Its reader keeps it waiting: a pipe takes some ten thousand bytes, and 4 MiB are held back.
        process, terminal = self.start_on_terminal(source)
        process.stdin.close()
        first = process.stdout.read(1)
        time.sleep(FIRST)
        rest = process.stdout.read()
        self.assertEqual(process.wait(), DONE)
        self.assertEqual(len(first + rest), len("mrn\n") + 3_000_000 * 33)
        self.assertRegex(self.shown(terminal), r"^moniker: \d+ %, \d+ MB/s, \d+ s left\r\x1b\[K")

    def test_elsewhere_there_is_nothing(self):
        process = self.start("pseudonymize", self.vault, *COLUMNS, "-o", self.path("out.csv"))
        process.stdin.write(b"mrn\n" + b"00000001\n" * 100_000)
        process.stdin.flush()
        time.sleep(FIRST)
        out, err = process.communicate(b"00000001\n" * 100_000)
        self.assertEqual((process.returncode, out, err), (DONE, b"", b""))
