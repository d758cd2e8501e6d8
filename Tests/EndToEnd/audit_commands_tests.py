"""What holds for every command of tuf-audit: its JSON has a schema, and it opens no network socket."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

from programs import FINE, FIRST, NO_INPUT, RUNBOOK, VIOLATION, TestCase, program, rehearse, run

PYTHON = os.environ.get("TUF_CEREMONY_PYTHON")
CANNOT_CREATE = 73
SCHEMAS = RUNBOOK / "schemas"
SCHEMA_OF = {"verify": "verdict", "expiry": "verdict"}

# What a schema has against each of many documents: nothing where it accepts one. In one process, whose start takes
# longer than all of its judgements.
VALIDATOR = """
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
judge = jsonschema.Draft202012Validator
judge.check_schema(schema)
print(json.dumps([
    "; ".join(error.message for error in judge(schema).iter_errors(document)) for document in json.load(sys.stdin)]))
"""


def commands():
    """The subcommands that the program says it has."""
    listed = run("tuf-audit", "--help").stdout.partition("SUBCOMMANDS:")[2]
    return set(re.findall(r"^  ([a-z-]+)  ", listed, re.MULTILINE))


class AuditCommandsTests(TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.scratch / "ceremony"
        self.assertEnds(rehearse(self.folder, FIRST, "--seed", 1), FINE)
        self.root = self.folder / "metadata" / "1.root.json"
        self.count = 0

    def new(self):
        self.count += 1
        return self.scratch / f"new-{self.count}"

    def invocations(self):
        """Each command doing its work to the end."""
        at = ["--rehearsal", "--at", "2026-01-02T00:00:00Z"]
        return {
            "replay": [self.folder], "attest": [self.folder], "report": [self.folder, "--out", self.new()],
            "export": [self.folder, "--format", "bundle", "--rehearsal", "--out", self.new()],
            "returned": [self.folder, self.root, "--rehearsal"],
            "verify": [self.folder / "metadata", *at],
            "expiry": [self.folder / "metadata", "--trusted", self.root, "--warn", 1, "--critical", 0, *at],
            "advise": [self.folder / "metadata", *at],
            "watch-script": [],
            "diff": [self.root, self.root, "--rehearsal"],
            "explain": [],
        }

    def json(self, command, *arguments):
        flag = ["--json"] if command == "export" else ["--format", "json"]
        return run("tuf-audit", command, *arguments, *flag)

    def complaints(self, command, documents):
        """What the schema of a command's JSON has against each document."""
        path = SCHEMAS / f"{SCHEMA_OF.get(command, command)}.schema.json"
        done = subprocess.run(
            [PYTHON, "-c", VALIDATOR, path], input=json.dumps(documents), capture_output=True, text=True, check=True)
        complaints = json.loads(done.stdout)
        self.assertEqual(len(complaints), len(documents))
        return complaints

    def document(self, status, command, *arguments):
        """The JSON of a command that ends so."""
        done = self.json(command, *arguments)
        self.assertEqual(done.returncode, status, done.stderr)
        document = json.loads(done.stdout)
        self.assertEqual(document["exit"], status)
        return document

    def test_every_command_is_tested_here(self):
        self.assertEqual(commands() - {"help"}, set(self.invocations()))

    @unittest.skipUnless(PYTHON, "TUF_CEREMONY_PYTHON is not set")
    def test_json_fits_its_schema(self):
        for command, arguments in self.invocations().items():
            with self.subTest(command):
                document = self.document(FINE, command, *arguments)
                # A schema that takes anything judges nothing.
                changed = {f"without {name}": {key: value for key, value in document.items() if key != name}
                           for name in document}
                changed["with more"] = document | {"more": 1}
                complaint, *others = self.complaints(command, [document, *changed.values()])
                self.assertEqual(complaint, "", document)
                self.assertEqual([what for what, words in zip(changed, others) if not words], [])

    @unittest.skipUnless(PYTHON, "TUF_CEREMONY_PYTHON is not set")
    def test_json_of_failures_fits(self):
        nothing = self.scratch / "nothing"
        made = {}

        def failure(status, command, *arguments):
            made.setdefault(command, []).append(self.document(status, command, *arguments))

        for command in ("replay", "attest", "report", "export"):
            options = ["--out", self.new()] if command in ("report", "export") else []
            options += ["--format", "bundle"] if command == "export" else []
            with self.subTest(command):
                failure(NO_INPUT, command, nothing, *options)
                failure(VIOLATION, command, self.damaged(), *options)
                failure(VIOLATION, command, self.archive(), *options)
        failure(VIOLATION, "export", self.folder, "--format", "bundle", "--out", self.new())
        for folder, status in [(nothing, NO_INPUT), (self.damaged(), VIOLATION), (self.archive(), VIOLATION)]:
            failure(status, "returned", folder, self.root, "--rehearsal")
        failure(VIOLATION, "returned", self.folder, self.root)
        failure(NO_INPUT, "returned", self.folder, nothing, "--rehearsal")
        for command, options in [("report", []), ("export", ["--format", "asciicast", "--rehearsal"])]:
            failure(CANNOT_CREATE, command, self.folder, "--out", self.root, *options)
        torn = self.scratch / "torn"
        shutil.copytree(self.folder, torn)
        transcript = torn / "transcript.jsonl"
        for size in (0, 100, len(transcript.read_bytes()) // 2):
            with self.subTest(size):
                transcript.write_bytes(transcript.read_bytes()[:size])
                failure(VIOLATION, "replay", torn)
                shutil.copy(self.folder / "transcript.jsonl", transcript)
        for command, documents in made.items():
            with self.subTest(command):
                self.assertEqual(self.complaints(command, documents), [""] * len(documents), documents)

    def test_the_folder_itself_as_metadata(self):
        """What has a name like metadata, as the files of cards and the seal do, needs no root."""
        at = ["--rehearsal", "--at", "2026-01-02T00:00:00Z"]
        for command, options in [("verify", []), ("expiry", ["--warn", 1, "--critical", 0])]:
            done = run("tuf-audit", command, self.folder, *at, *options)
            self.assertEnds(done, FINE)
            self.assertIn(" 0 errors, 0 warnings)", done.stdout)
        cards = run("tuf-audit", "verify", self.folder / "cards", *at)
        self.assertEqual(cards.returncode, VIOLATION)
        self.assertIn("NOTHING-TO-VERIFY", cards.stdout)

    def test_what_did_not_end_has_a_page_a_form_and_an_archive(self):
        stopped = self.new()
        shutil.copytree(self.folder, stopped)
        transcript = stopped / "transcript.jsonl"
        transcript.write_bytes(b"".join(transcript.read_bytes().splitlines(keepends=True)[:40]))
        for name in ("sealing.jsonl", "seal.dsse.json", "report.html", "SHA256SUMS"):
            (stopped / name).unlink()
        for command in [
            ["tuf-audit", "report", stopped], ["tuf-audit", "export", stopped, "--format", "bundle", "--rehearsal"],
            ["tuf-ceremony", "print", FIRST, "--filled", stopped],
        ]:
            with self.subTest(command[1]):
                out = self.new()
                done = run(*command, "--out", out)
                self.assertEqual(done.returncode, VIOLATION, done.stdout + done.stderr)
                self.assertIn("error CEREMONY-INCOMPLETE", done.stdout + done.stderr)
                self.assertTrue(out.exists())

    def test_helps_list_what_makes_a_difference(self):
        for command in commands() - {"help"}:
            with self.subTest(command):
                words = run("tuf-audit", command, "--help").stdout
                judged = {"export", "returned", "verify", "expiry", "advise"}
                self.assertEqual("--rehearsal" in words, command in judged)
                # What judges nothing has no warnings.
                self.assertEqual("--strict" in words, command != "explain")

    def damaged(self):
        """A copy with a product that does not come out again."""
        copy = self.new()
        shutil.copytree(self.folder, copy)
        (copy / "script.yaml").write_text("title: another\n")
        return copy

    def archive(self):
        """A file that is no bundle."""
        path = self.new()
        path.write_text("no bundle\n" * 1000)
        return path

    @unittest.skipUnless(shutil.which("strace"), "strace is not installed")
    def test_no_command_opens_a_network_socket(self):
        for command, arguments in self.invocations().items():
            with self.subTest(command):
                trace = self.scratch / f"{command}.trace"
                strace = ["strace", "-f", "-e", "trace=network,execve", "-o", trace, program("tuf-audit"), command]
                done = subprocess.run([*map(str, strace), *map(str, arguments)], capture_output=True, text=True)
                self.assertEqual(done.returncode, FINE, done.stdout + done.stderr)
                calls = pathlib.Path(trace).read_text()
                self.assertIn("execve(", calls)
                self.assertIn("exited with 0", calls)
                self.assertNotIn("AF_INET", calls)

    @unittest.skipUnless(shutil.which("strace"), "strace is not installed")
    def test_a_network_socket_would_be_seen(self):
        trace = self.scratch / "trace"
        # A kernel without IPv6 refuses the second, and was asked for it all the same.
        code = "import socket\nsocket.socket(socket.AF_INET).close()\n"
        code += "try: socket.socket(socket.AF_INET6).close()\nexcept OSError: pass"
        command = ["strace", "-f", "-e", "trace=network,execve", "-o", str(trace), "python3", "-c", code]
        subprocess.run(command, check=True)
        self.assertRegex(trace.read_text(), r"(?s)AF_INET,.*AF_INET6,")
