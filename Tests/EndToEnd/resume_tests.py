"""What `resume` says where it cannot go on, and where it does."""
import os
import pathlib
import shutil
import tempfile
import unittest

from hostile_folder_tests import gone_on_often
from programs import (
    ABORTED, CANNOT_CREATE, FINE, FIRST, NO_INPUT, ROOT, USAGE, VIOLATION, Person, TestCase, rehearse, run, token)

NOTHING_DONE = "nothing was done to any card"


class ResumeTests(TestCase):
    def setUp(self):
        super().setUp()
        self.out = self.scratch / "out"

    def begun(self):
        """A rehearsal that was stopped at its third prompt."""
        with Person("rehearse", FIRST, "--out", self.out) as person:
            for _ in range(2):
                person.answers(token(person.is_asked()))
            person.is_asked()
            person.types("\x03")
            self.assertEqual(person.ends()[0], ABORTED)

    def refused(self, status, code, *words):
        done = run("tuf-ceremony", "resume", self.out, "--unattended")
        self.assertEnds(done, status, f"error {code}", *words)
        return done.stderr

    def test_no_folder(self):
        self.refused(NO_INPUT, "UNREADABLE")
        self.out.write_text("")
        self.refused(NO_INPUT, "UNREADABLE")

    def test_before_the_first_record(self):
        (self.out / "inputs").mkdir(parents=True)
        for name in "script.yaml", "inputs/key.pem", "transcript.jsonl":
            (self.out / name).write_text("x")
            self.refused(VIOLATION, "RESUME-REFUSED", NOTHING_DONE)

    def test_what_is_missing_is_named_and_nothing_claimed(self):
        self.assertEqual(rehearse(self.out, "--seed", 1, FIRST).returncode, FINE)
        breakages = [
            ("transcript.jsonl", pathlib.Path.unlink, "transcript.jsonl is not there"),
            ("transcript.jsonl", lambda path: path.write_text("{"), "transcript.jsonl holds no whole record"),
            ("script.yaml", pathlib.Path.unlink, "script.yaml is not there"),
            ("script.yaml", lambda path: (path.unlink(), path.symlink_to("REHEARSAL")), "script.yaml is a symbolic link"),
        ]
        for name, breaks, words in breakages:
            with self.subTest(words):
                kept = self.scratch / "kept"
                shutil.copytree(self.out, kept, symlinks=True)
                breaks(self.out / name)
                said = self.refused(VIOLATION, f"RESUME-REFUSED ({name})", words, "compare with another copy")
                self.assertNotIn(NOTHING_DONE, said)
                shutil.rmtree(self.out)
                kept.rename(self.out)

    def test_records_of_any_size(self):
        """What is wrong is beyond a hundred records of nearly a MiB."""
        self.assertEqual(rehearse(self.out, "--seed", 1, FIRST).returncode, FINE)
        path = self.out / "transcript.jsonl"
        lines = path.read_bytes().splitlines(keepends=True)
        longer, place = gone_on_often(lines)
        path.write_bytes(b"".join(longer))
        self.assertGreater(path.stat().st_size, 64 << 20)
        self.refused(VIOLATION, f"DIVERGENCE (transcript.jsonl record {place})")
        path.write_bytes(b"".join(lines))
        os.truncate(path, 65 << 20)
        self.refused(VIOLATION, "RECORD-SURPLUS (transcript.jsonl)")

    def test_names_are_shown_as_they_are(self):
        self.begun()
        for name in "\x1b[2J", "\u202egpj", "\u0301mark", "##[error]x", "\n::error::x":
            with self.subTest(repr(name)):
                (self.out / name).write_text("")
                said = self.refused(VIOLATION, "FILE-UNKNOWN")
                for raw in "\x1b", "\u202e", "\u0301", "##[", "\n::":
                    self.assertNotIn(raw, said)
                (self.out / name).unlink()

    def test_another_engine(self):
        shutil.copytree(ROOT / "Fixtures" / "engine-1" / "first-rehearsal", self.out)
        said = self.refused(VIOLATION, "ENGINE-VERSION")
        self.assertRegex(said, r"→ Go on with release \d+\.\d+\.\d+")

    def test_it_says_where_it_goes_on(self):
        self.begun()
        count = len((self.out / "transcript.jsonl").read_bytes().splitlines())
        done = run("tuf-ceremony", "resume", self.out, "--unattended")
        self.assertEqual(done.returncode, FINE, done.stderr)
        self.assertIn(f"Goes on after record {count - 1} of transcript.jsonl (interrupted: SIGINT).\n", done.stdout)
        self.assertNotIn("taken out", done.stdout)

    def test_without_a_terminal_it_is_said_what_would_help(self):
        self.begun()
        self.assertEnds(run("tuf-ceremony", "resume", self.out), USAGE, "Add --unattended.")
        self.as_if_real(self.out)
        done = run("tuf-ceremony", "resume", self.out)
        self.assertEnds(done, USAGE, "do this at a terminal")
        self.assertNotIn("--unattended", done.stderr)

    def as_if_real(self, folder):
        """The first record says so; nothing else is looked at before it is known who may answer, and where."""
        path = folder / "transcript.jsonl"
        path.write_bytes(path.read_bytes().replace(b'"rehearsal":true', b'"rehearsal":false', 1))

    @unittest.skipUnless(os.access("/dev/shm", os.W_OK), "there is no /dev/shm: nothing else is known to be in memory")
    def test_a_real_ceremony_does_not_go_on_in_memory(self):
        self.begun()
        folder = pathlib.Path(tempfile.mkdtemp(dir="/dev/shm"))
        self.addCleanup(shutil.rmtree, folder)
        inside = shutil.copytree(self.out, folder / "out")
        self.as_if_real(inside)
        before = (inside / "transcript.jsonl").read_bytes()
        person = self.enterContext(Person("resume", inside))
        status, words = person.ends()
        self.assertEqual(status, CANNOT_CREATE, words)
        self.assertIn("in memory only", words)
        self.assertEqual((inside / "transcript.jsonl").read_bytes(), before)
        # Only the real one: a rehearsal may.
        shutil.rmtree(inside)
        shutil.copytree(self.out, inside)
        self.assertEqual(run("tuf-ceremony", "resume", inside, "--unattended").returncode, FINE)
