"""The built programs, started the way people and scripts start them."""
import codecs
import functools
import json
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import tempfile
import termios
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RUNBOOK = ROOT / "Runbook"
FIRST = RUNBOOK / "first-rehearsal.yaml"
# Judged at this time, the shipped scripts' expiries are neither past nor too far away.
AT = "2026-11-21T00:00:00Z"

# A rehearsal waits for the disk at each record, and not in memory, where the system has some to spare. What is real is held
# on a disk alone, and /tmp may be memory.
DISK, MEMORY = ROOT / ".build", pathlib.Path("/dev/shm")
SCRATCH = MEMORY if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 4 << 30 else DISK

# Seconds until a program counts as hanging, also where others keep the machine busy.
PATIENCE = 60

FINE, VIOLATION, LESS, ABORTED, USAGE, NO_INPUT, CANNOT_CREATE = 0, 1, 3, 4, 64, 66, 73


def program(name, build="release"):
    return str(ROOT / ".build" / build / name)


def run(name, *arguments, build="release", **options):
    """Runs a program to its end. Both outputs are text; standard input is empty."""
    options = {"stdin": subprocess.DEVNULL, "timeout": 300} | options
    done = subprocess.run(
        [program(name, build), *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    typed = " ".join([name, *map(str, arguments)])
    for code in re.findall(r"^(?:error|warning) ([A-Z0-9-]+)", done.stdout + done.stderr, re.MULTILINE):
        speakers = speakers_of_codes().get(code, [])
        assert any(f"{typed} ".startswith(f"{each} ") for each in speakers), f"{code} is not said by {typed}"
    return done


@functools.cache
def speakers_of_codes():
    """Which commands can say a code, as the catalogue of codes has it."""
    listed = subprocess.run(
        [program("tuf-audit"), "explain", "--format", "json"], stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return {each["code"]: each["commands"] for each in json.loads(listed.stdout)["codes"]}


def second_opinion(folder, *arguments):
    """What the verifier that shares no code says; None where its Python is not there."""
    python = os.environ.get("TUF_CEREMONY_PYTHON")
    return python and subprocess.run(
        [python, str(RUNBOOK / "verify_transcript.py"), str(folder), *arguments],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)


def python_tuf_opinion(root):
    """What python-tuf says of a root and its signatures; None where it is not there."""
    python = os.environ.get("TUF_CEREMONY_PYTHON")
    code = ("import sys; from tuf.api.metadata import Metadata, Root\n"
            "root = Metadata[Root].from_file(sys.argv[1])\n"
            "root.signed.verify_delegate('root', root.signed_bytes, root.signatures)")
    return python and subprocess.run([python, "-c", code, str(root)], capture_output=True, text=True, timeout=120)


def rehearse(out, *arguments, **options):
    return run("tuf-ceremony", "rehearse", "--unattended", "--out", out, *arguments, **options)


class TestCase(unittest.TestCase):
    maxDiff = 2000
    # Where the folder of each test is.
    place = SCRATCH

    def setUp(self):
        self.scratch = pathlib.Path(tempfile.mkdtemp(dir=self.place))
        self.addCleanup(shutil.rmtree, self.scratch)

    def assertEnds(self, done, status, *words):
        """It ended with this exit code, said these words on stderr, and did not crash."""
        self.assertEqual(done.returncode, status, done.stderr[-2000:])
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertNoCrash(done.stderr)

    def assertNoCrash(self, words):
        self.assertNotRegex(words, r"Fatal error|Stack dump|Backtrace|Crash|INTERNAL|Foundation\.|Swift\.")

    def assertReplay(self, folder, status, *codes):
        """Whoever replays the folder is told exactly these codes."""
        done = run("tuf-audit", "replay", folder)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        found = re.findall(r"^(?:error|warning) ([A-Z0-9-]+)", done.stdout + done.stderr, re.MULTILINE)
        self.assertEqual(found, list(codes))
        self.assertNoCrash(done.stderr)

    def assertSums(self, folder):
        command = ["sha256sum", "-c", "--strict", "SHA256SUMS"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Person:
    """Somebody at a terminal of their own: what they see, and what they type."""

    def __init__(self, *arguments, environment=None):
        self.seen = ""
        # What is read may end in the middle of a character, or of the end of a line.
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            path = program("tuf-ceremony")
            os.execve(path, [path, *map(str, arguments)], {"PATH": os.environ["PATH"]} | (environment or {}))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process:
            os.kill(self.process, 9)
            os.waitpid(self.process, 0)
        if self.terminal is not None:
            os.close(self.terminal)

    def sees(self, words):
        """Everything since the last time, up to these words."""
        start = time.monotonic()
        while words not in self.seen:
            if time.monotonic() - start > PATIENCE or not self.reads():
                raise AssertionError(f"never saw {words!r}; saw {self.seen[-1500:]!r}")
        before, _, self.seen = self.seen.partition(words)
        return before + words

    def is_asked(self):
        """The whole of the next screen that asks, once it listens without echo."""
        screen = self.sees("\n> ")
        start = time.monotonic()
        while termios.tcgetattr(self.terminal)[3] & termios.ECHO:
            if time.monotonic() - start > PATIENCE:
                raise AssertionError("a prompt that echoes")
            time.sleep(0.001)
        return screen

    def is_asked_or_done(self):
        """The next screen that asks, or None when there is none any more."""
        while "\n> " not in self.seen:
            if not self.reads():
                return None
        return self.is_asked()

    def types(self, text):
        os.write(self.terminal, text if isinstance(text, bytes) else text.encode())

    def answers(self, text):
        self.types(text + "\r")

    def reads(self):
        """More of what is shown; False at the end."""
        if not select.select([self.terminal], [], [], PATIENCE)[0]:
            return False
        try:
            bytes_ = os.read(self.terminal, 65536)
        except OSError:  # How Linux says that nobody is at the other end.
            return False
        self.seen = (self.seen + self.decoder.decode(bytes_)).replace("\r\n", "\n")
        return bytes_ != b""

    def hangs_up(self):
        os.close(self.terminal)
        self.terminal = None

    def ends(self):
        """The exit code, and everything that was shown since the last time."""
        while self.terminal is not None and self.reads():
            pass
        if self.terminal is not None and select.select([self.terminal], [], [], 0)[0] == []:
            raise AssertionError(f"it does not end; saw {self.seen[-1500:]!r}")
        _, status = os.waitpid(self.process, 0)
        self.process = None
        return os.waitstatus_to_exitcode(status), self.seen


def token(screen):
    """The first of the answers that a screen lists."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", screen)
    return re.findall(r"^  (\S+) {2,}\S", plain.split("\n\n")[-1], re.MULTILINE)[0]
