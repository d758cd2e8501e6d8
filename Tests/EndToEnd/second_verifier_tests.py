"""verify_transcript.py as an auditor runs it: what it takes, how it ends, and what it is told to compare."""
import hashlib
import json
import os
import shutil
import subprocess
import unittest

from programs import FINE, FIRST, NO_INPUT, ROOT, RUNBOOK, USAGE, VIOLATION, TestCase, rehearse, second_opinion

SCRIPT = RUNBOOK / "verify_transcript.py"
PYTHON = os.environ.get("TUF_CEREMONY_PYTHON")
NEWEST = max(ROOT.glob("Fixtures/engine-*"), key=lambda path: int(path.name[7:]))
GOLDEN = NEWEST / "first-rehearsal"
HEAD = json.loads((NEWEST / "replay.json").read_text())["head"]


@unittest.skipUnless(PYTHON, "TUF_CEREMONY_PYTHON is not set")
class SecondVerifierTests(TestCase):
    def assertSecond(self, done, status, *words):
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stdout + done.stderr)
        self.assertNotIn("Traceback", done.stderr)

    def test_it_can_be_read_in_one_sitting(self):
        lines = SCRIPT.read_text().splitlines()
        self.assertLessEqual(len(lines), 2450)
        self.assertLessEqual(max(map(len, lines)), 120)

    def test_the_head_that_was_heard(self):
        last = f"transcript.jsonl record {len((GOLDEN / 'transcript.jsonl').read_bytes().splitlines()) - 1}: "
        for heard, status, words in [
            ([], FINE, "VERIFIED\n"), (["--head", HEAD], FINE, "VERIFIED\n"), (["--head", HEAD.upper()], FINE, HEAD),
            (["--head", "0" * 64], VIOLATION, f"NOT VERIFIED\n  {last}hashes to {HEAD}"),
            (["--head", HEAD[:-1] + ("1" if HEAD[-1] == "0" else "0")], VIOLATION, last),
        ]:
            with self.subTest(heard):
                done = second_opinion(GOLDEN, *heard)
                self.assertSecond(done, status, words)
                # Also where it is refused: a rehearsal is called one.
                self.assertTrue(done.stdout.startswith("REHEARSAL: nothing"))

    def test_the_final_head_and_words(self):
        final = hashlib.sha256((GOLDEN / "sealing.jsonl").read_bytes().splitlines()[-1]).hexdigest()
        words = json.loads((GOLDEN / "sealing.jsonl").read_text().splitlines()[0])["body"]["digests"][0]["words"]
        for heard, said in [
            ([final], "the final head is the one that was heard"), (words, "the head is the one that was heard"),
            ([" ".join(words).upper()], "nothing binds what followed the close"), ([], "compare the head"),
        ]:
            with self.subTest(heard):
                self.assertSecond(second_opinion(GOLDEN, *["--head"] * bool(heard), *heard), FINE, said)
        self.assertSecond(second_opinion(GOLDEN, "--head", *words[1:], words[0]), USAGE, "usage")
        done = second_opinion(GOLDEN)
        self.assertSecond(
            done, FINE, f"Compare these with what you know from elsewhere:\n  head: {HEAD}\n  final head: {final}\n")
        self.assertIn("  metadata/1.root.json: ", done.stdout)

    def test_what_was_written_anew_after_the_close(self):
        """It holds by itself, and is bound by the final head alone."""
        final = hashlib.sha256((GOLDEN / "sealing.jsonl").read_bytes().splitlines()[-1]).hexdigest()
        copy = self.scratch / "copy"
        shutil.copytree(GOLDEN, copy)
        code = ("import json, sys; sys.path.insert(0, sys.argv[1]); from forger import Folder\n"
                "folder = Folder(sys.argv[2])\n"
                "for record in folder.sealing: record['at'] = '2026-03-03T03:03:03Z'\n"
                "folder.chain('sealing.jsonl', folder.sealing, folder.sealing[0]['prev'])\n"
                "folder.sum().write(sys.argv[2])\n")
        done = subprocess.run(
            [PYTHON, "-B", "-c", code, ROOT / "Tests/Forger", copy], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertSecond(second_opinion(copy), FINE, "VERIFIED")
        self.assertSecond(second_opinion(copy, "--head", HEAD), FINE, "nothing binds what followed the close")
        self.assertSecond(second_opinion(copy, "--head", final), VIOLATION, "not the head that was heard")

    def test_the_head_of_another_ceremony(self):
        out = self.scratch / "out"
        self.assertEnds(rehearse(out, FIRST, "--seed", 2), FINE)
        self.assertSecond(second_opinion(out), FINE, "VERIFIED")
        self.assertSecond(second_opinion(out, "--head", HEAD), VIOLATION, "not the head that was heard")

    def test_how_it_is_not_called(self):
        for arguments in [
            ["--head"], ["--head", HEAD[:-1]], ["--head", HEAD + "0"], ["--head", HEAD, "--head", HEAD], ["more"],
            ["--help"],
        ]:
            with self.subTest(arguments):
                self.assertSecond(second_opinion(GOLDEN, *arguments), USAGE, "usage: verify_transcript.py DIR")
        self.assertSecond(second_opinion("--head", HEAD), USAGE, "usage")
        self.assertSecond(second_opinion(""), USAGE, "usage")

    def test_a_folder_that_is_none(self):
        for path in [self.scratch / "absent", GOLDEN / "transcript.jsonl"]:
            with self.subTest(path):
                self.assertSecond(second_opinion(path), NO_INPUT, path.name)
        self.assertSecond(second_opinion(self.scratch), VIOLATION, "NOT VERIFIED", "transcript.jsonl")

    def test_without_its_package(self):
        (self.scratch / "cryptography.py").write_text("raise ImportError('is not here')\n")
        done = subprocess.run(
            [PYTHON, SCRIPT, GOLDEN], env={"PYTHONPATH": str(self.scratch)}, capture_output=True, text=True)
        self.assertSecond(done, 70, "needs the Python packages cryptography and PyYAML: is not here")
        self.assertEqual(done.stdout, "")
        (self.scratch / "cryptography.py").unlink()
        (self.scratch / "yaml.py").write_text("raise ImportError('is not here')\n")
        done = subprocess.run(
            [PYTHON, SCRIPT, GOLDEN], env={"PYTHONPATH": str(self.scratch)}, capture_output=True, text=True)
        self.assertSecond(done, 70, "needs the Python packages cryptography and PyYAML: is not here", "Install them: ")

    def test_what_ended_before_it_was_sealed(self):
        copy = self.scratch / "copy"
        shutil.copytree(GOLDEN, copy)
        sealing = copy / "sealing.jsonl"
        for name in ("seal.dsse.json", "report.html", "SHA256SUMS"):
            (copy / name).unlink()
        sealing.write_bytes(b"".join(sealing.read_bytes().splitlines(keepends=True)[:9]))
        self.assertSecond(second_opinion(copy), VIOLATION, "sealing.jsonl: ends before the ceremony does")
