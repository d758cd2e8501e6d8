"""Which program it is, as it says itself, and what outlives it in a products folder."""
import hashlib
import json
import os
import pathlib
import re
import subprocess
import unittest

from programs import FINE, FIRST, ROOT, RUNBOOK, USAGE, TestCase, program, rehearse, run

PYTHON = os.environ.get("TUF_CEREMONY_PYTHON")
PROGRAMS = ("tuf-ceremony", "tuf-audit")
NEWEST = max(ROOT.glob("Fixtures/engine-*"), key=lambda path: int(path.name[7:]))
# `jsonschema` judges; the schema itself is judged, too.
VALIDATOR = ("import json, sys, jsonschema\nschema = json.load(open(sys.argv[1]))\n"
             "jsonschema.Draft202012Validator.check_schema(schema)\njsonschema.validate(json.load(sys.stdin), schema)\n")


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


class IdentityTests(TestCase):
    def test_both_programs_say_who_they_are(self):
        for name in PROGRAMS:
            with self.subTest(name):
                said = run(name, "--version")
                self.assertEqual(said.returncode, FINE, said.stderr)
                lines = said.stdout.splitlines()
                self.assertRegex(lines[0], r"^\d+\.\d+\.\d+$")
                object = json.loads(run(name, "--version", "--format", "json").stdout)
                self.assertEqual(
                    (object["program"], object["version"], object["sha256"]), (name, lines[0], digest(program(name))))
                self.assertEqual(object["engine"], int(NEWEST.name[7:]))
                self.assertRegex(object["toolchain"], r"^Swift \d.*Clang")
                self.assertEqual(len(object["words"]), 32)
                for value in (object["sha256"], object["toolchain"], *object["words"]):
                    self.assertIn(value, said.stdout)
                self.assertIn(object["commit"] or "not known: this is no release build", said.stdout)
                if PYTHON:
                    judged = subprocess.run(
                        [PYTHON, "-c", VALIDATOR, RUNBOOK / "schemas/version.schema.json"], text=True,
                        input=json.dumps(object), capture_output=True)
                    self.assertEqual(judged.returncode, 0, judged.stderr)

    def test_what_is_asked_beside_it_is_a_wrong_call(self):
        for name in PROGRAMS:
            for more in (["--format", "xml"], ["--format"]):
                self.assertEqual(run(name, "--version", *more).returncode, USAGE if more else FINE)

    def test_a_ceremony_records_and_shows_the_program_that_holds_it(self):
        out = self.scratch / "out"
        self.assertEnds(rehearse(out, FIRST), FINE)
        records = [json.loads(line) for line in (out / "transcript.jsonl").read_text().splitlines()]
        object = json.loads(run("tuf-ceremony", "--version", "--format", "json").stdout)
        own = {name: object[name] for name in ("version", "sha256", "toolchain")}
        own |= {"commit": object["commit"]} if object["commit"] else {}
        self.assertEqual(records[0]["body"]["program"], own)
        shown = next(record["body"] for record in records if record["body"].get("title") == "The program and the script")
        self.assertEqual(
            shown["digests"][0], {"label": "program", "sha256": object["sha256"], "words": object["words"]})
        self.assertEqual((shown["digests"][1]["label"], shown["digests"][1]["sha256"]), ("script", digest(out / "script.yaml")))
        said = run("tuf-audit", "replay", out)
        self.assertEqual(said.returncode, FINE, said.stdout + said.stderr)
        for name in PROGRAMS:
            words = json.loads(run(name, "--version", "--format", "json").stdout)["words"]
            self.assertIn(digest(program(name)), said.stdout)
            self.assertIn(" ".join(words[:8]), said.stdout)
        page = (out / "report.html").read_text()
        self.assertIn(object["toolchain"].replace("/", "&#x2F;") if "&#x2F;" in page else object["toolchain"], page)

    @unittest.skipUnless(PYTHON, "TUF_CEREMONY_PYTHON is not set")
    def test_the_folder_is_verified_with_what_is_in_it(self):
        """From the folder alone, in a place where nothing of this project is."""
        out = self.scratch / "out"
        self.assertEnds(rehearse(out, FIRST), FINE)
        self.assertEqual(
            {path.name for path in (out / "verify").iterdir()}, {"TRANSCRIPT.md", "SCRIPT.md", "verify_transcript.py"})
        for path in (out / "verify").iterdir():
            self.assertEqual(path.read_bytes(), (RUNBOOK / path.name).read_bytes())
        self.assertSums(out)
        words = json.loads((out / "sealing.jsonl").read_text().splitlines()[0])["body"]["digests"][0]["words"]
        for heard in ([], ["--head", *words]):
            done = subprocess.run(
                [PYTHON, "-I", "-B", "verify/verify_transcript.py", ".", *heard], cwd=out, capture_output=True, text=True,
                timeout=120)
            self.assertEqual(done.returncode, FINE, done.stdout + done.stderr)
            self.assertIn("VERIFIED\n", done.stdout)
            self.assertIn("verify/verify_transcript.py, as the project publishes it: ", done.stdout)
        page = re.sub(r"\s+", " ", (out / "report.html").read_text())
        self.assertIn("whoever forges a folder forges its verifier, too", page)
