"""The action for CI systems: its steps as action.yml has them, against a file server on this machine."""
import hashlib
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import threading
import unittest

from programs import FINE, NO_INPUT, ROOT, USAGE, VIOLATION, TestCase, program

ACTION = ROOT / ".github" / "actions" / "root-expiry"
PYTHON = os.environ.get("TUF_CEREMONY_PYTHON")
WARNING = 3
# What Tests/Generators/served.py makes expires at the end of 2027-03-27.
IN_TIME, NEAR, PAST = "2026-06-01T00:00:00Z", "2027-02-01T00:00:00Z", "2027-04-01T00:00:00Z"
ROOTS = 5
# In the order in which clients come to them; the online role is not watched.
REST = ["timestamp.json", "90.snapshot.json", "4.targets.json", "2.team.json", "5.team%2Fapps.json"]
# python-tuf's client at a given time: refreshes, and looks for a target that no role has.
CLIENT = """
import datetime, sys, tempfile
from tuf.ngclient import Updater
address, root, at = sys.argv[1:]
client = Updater(tempfile.mkdtemp(), address, bootstrap=open(root, "rb").read())
client._trusted_set.reference_time = datetime.datetime.fromisoformat(at.replace("Z", "+00:00"))
client.refresh()
assert client.get_targetinfo("one") is None
"""
PAGE = b"<!DOCTYPE html>\n<title>Not found</title>"

class Repository(http.server.BaseHTTPRequestHandler):
    """Serves what `server.files` holds by path: bytes, or a status."""

    def do_GET(self):
        self.server.asked.append(self.path)
        found = self.server.files.get(self.path, self.server.otherwise)
        status, body = (found, b"no") if isinstance(found, int) else (200, found)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        if self.server.says_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except ConnectionError:
            pass

    def log_message(self, *_):
        pass


def yaml(path):
    script = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))"
    return json.loads(subprocess.check_output([PYTHON, "-c", script, str(path)]))


class WatchedRepository(TestCase):
    """A repository that is served, and what the action is told about it."""

    def setUp(self):
        super().setUp()
        self.served_files = self.generates("--roots", str(ROOTS))
        self.roots = {name: data for name, data in self.served_files.items() if name.endswith(".root.json")}
        self.trusted = self.scratch / "trusted.json"
        self.trusted.write_bytes(self.roots["1.root.json"])
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Repository)
        self.publish(self.served_files)
        self.server.asked, self.server.says_length, self.server.otherwise = [], True, 404
        # As an annotation shows it.
        self.served = f"127.0.0.1%3A{self.server.server_port}/metadata"
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        self.addCleanup(lambda: (self.server.shutdown(), thread.join(), self.server.server_close()))
        audit = pathlib.Path(program("tuf-audit"))
        self.environment = {"PATH": os.environ["PATH"]}
        # Where the action's steps begin.
        self.folder = self.scratch
        self.inputs = {
            "repository": f"http://127.0.0.1:{self.server.server_port}/metadata", "trusted-root": str(self.trusted),
            "tuf-audit": str(audit), "tuf-audit-sha256": hashlib.sha256(audit.read_bytes()).hexdigest(), "at": IN_TIME,
        }

    def generates(self, *options):
        folder = self.scratch / "made"
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([PYTHON, "-B", ROOT / "Tests/Generators/served.py", folder, *options], check=True)
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    def publish(self, files):
        self.server.files = {f"/metadata/{name}": data for name, data in files.items()}

    def serve(self, version, answer):
        self.server.files[f"/metadata/{version}.root.json"] = answer


class ActingRepository(WatchedRepository):
    """The action's steps, as GitHub carries them out."""

    def acts(self, **inputs):
        """Carries out the action's steps as GitHub does: exit code of the first that fails, what was printed, the
        outputs, the step summary."""
        action = yaml(ACTION / "action.yml")
        given = self.inputs | {name.replace("_", "-"): value for name, value in inputs.items()}
        self.assertLessEqual(set(given), set(action["inputs"]))
        values = {"github.token": "secret", "github.repository": "owner/name"}
        for name, field in action["inputs"].items():
            self.assertIn("description", field)
            self.assertTrue(name in given or "default" in field, f"{name} is not given")
            values[f"inputs.{name}"] = given.get(name, field.get("default", ""))
        # Its default is an expression.
        values["inputs.token"] = values["github.token"]
        shutil.rmtree(self.scratch / "runner", ignore_errors=True)
        (self.scratch / "runner").mkdir()
        files = {name: self.scratch / "runner" / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        status, printed = 0, ""
        for step in action["runs"]["steps"]:
            def value(match):
                # An output that no step has set is empty; an input that the action does not have is a mistake.
                return values.get(match[1], "") if match[1].startswith("steps.") else values[match[1]]
            for path in files.values():
                path.touch()
            environment = self.environment | {name: str(path) for name, path in files.items()} | {
                "GITHUB_ACTION_PATH": str(ACTION), "RUNNER_TEMP": str(self.scratch / "runner"),
            }
            for name, text in step.get("env", {}).items():
                environment[name] = re.sub(r"\$\{\{ ([a-z0-9.-]+) \}\}", value, text)
                self.assertNotIn("${{", environment[name])
            self.assertNotIn("${{", step["run"], "an input inside a script is a way to run commands")
            self.assertEqual(step["shell"], "bash")
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], cwd=self.folder,
                env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                timeout=300)
            printed += done.stdout
            for line in files["GITHUB_OUTPUT"].read_text().splitlines():
                name, _, text = line.partition("=")
                values[f"steps.{step.get('id')}.outputs.{name}"] = text
            if done.returncode:
                status = done.returncode
                break
        self.outputs = {
            name: re.sub(r"\$\{\{ (.+?) \}\}", lambda match: values.get(match[1], ""), field["value"])
            for name, field in action["outputs"].items()
        }
        self.summary = files["GITHUB_STEP_SUMMARY"].read_text()
        self.assertNoCrash(printed)
        return status, printed

    def assertActs(self, status, code, *words, **inputs):
        ended, printed = self.acts(**inputs)
        self.assertEqual((ended, self.outputs["exit-code"]), (status, str(code)), printed)
        for word in words:
            self.assertIn(word, printed)
        return printed


@unittest.skipUnless(PYTHON, "TUF_CEREMONY_PYTHON is not set")
class CITests(ActingRepository):
    def asked(self):
        return [path.removeprefix("/metadata/") for path in self.server.asked]

    def test_follows_what_is_served(self):
        printed = self.assertActs(FINE, FINE, f"root version {ROOTS}, reached from the trusted root")
        self.assertNotIn("::error", printed)
        self.assertNotIn("::warning", printed)
        self.assertIn("## tuf-audit expiry: ok", self.summary)
        # Each version once, the first that is missing, and one behind it; then what people sign, and what leads there.
        self.assertEqual(self.asked(), [f"{version}.root.json" for version in range(1, ROOTS + 3)] + REST)

    def test_starts_at_the_trusted_version(self):
        self.trusted.write_bytes(self.roots["4.root.json"])
        self.assertActs(FINE, FINE)
        self.assertEqual(self.asked(), [f"{version}.root.json" for version in range(4, 8)] + REST)

    def test_program_by_address(self):
        self.server.files["/tuf-audit"] = pathlib.Path(program("tuf-audit")).read_bytes()
        address = f"http://127.0.0.1:{self.server.server_port}/tuf-audit"
        self.assertActs(FINE, FINE, tuf_audit=address)
        self.server.files["/tuf-audit"] += b"\0"
        self.assertActs(VIOLATION, VIOLATION, "was not run", tuf_audit=address)
        self.assertActs(NO_INPUT, NO_INPUT, "cannot be fetched", tuf_audit=address + "-2")

    def test_warning(self):
        self.assertActs(FINE, WARNING, f"::warning file={self.served}/5.root.json,title=EXPIRES-SOON::", at=NEAR)
        self.assertIn("## tuf-audit expiry: warning", self.summary)
        self.assertActs(FINE, FINE, at=NEAR, warn="40")
        self.assertActs(VIOLATION, VIOLATION, f"::error file={self.served}/5.root.json", at=NEAR, critical="60")

    def test_expired(self):
        self.assertActs(VIOLATION, VIOLATION, "title=ROOT-EXPIRED::", at=PAST)

    def test_roots_that_clients_refuse(self):
        good = self.roots["3.root.json"]
        tampered = good.replace(b'"expires": "2027', b'"expires": "2037')
        self.assertNotEqual(tampered, good)
        for name, version, answer, code in [
            ("tampered", 3, tampered, "title=ROOT-THRESHOLD-OLD::"), ("cut", 3, good[:-9], "title=JSON"),
            ("empty", 3, b"", "title=JSON"), ("another version", 3, self.roots["2.root.json"], "title=ROOT-VERSION"),
            ("another repository's", 1, self.generates("--seed", "8")["1.root.json"], "title=OTHER-REPOSITORY"),
        ]:
            with self.subTest(name):
                before = self.server.files[f"/metadata/{version}.root.json"]
                self.serve(version, answer)
                self.assertActs(VIOLATION, VIOLATION, code)
                self.serve(version, before)

    def test_a_version_that_is_missing(self):
        self.serve(3, 404)
        self.assertActs(VIOLATION, VIOLATION, "3.root.json is missing (HTTP status 404) and 4.root.json is there")
        self.assertIn("## root expiry: failed", self.summary)
        self.serve(1, 404)
        self.assertActs(VIOLATION, VIOLATION, "does not serve 1.root.json")

    def test_neither_there_nor_missing(self):
        for status, words in [
            (500, "HTTP status 500, neither 200 nor 404"), (204, "HTTP status 204, neither 200 nor 404"),
            (302, f"HTTP status 302, a redirect to http://127.0.0.1:{self.server.server_port}/elsewhere. None is followed")
        ]:
            for name in ("3.root.json", "timestamp.json", "5.team%2Fapps.json"):
                with self.subTest(status, name=name):
                    before = self.server.files[f"/metadata/{name}"]
                    self.server.files[f"/metadata/{name}"] = status
                    self.assertActs(NO_INPUT, NO_INPUT, f"{name.replace('%', '%25')}: {words}")
                    # Not knowing one file is no reason to keep quiet about another.
                    if name != "3.root.json":
                        self.assertActs(VIOLATION, VIOLATION, "title=ROOT-EXPIRED", at=PAST)
                    self.server.files[f"/metadata/{name}"] = before

    def test_403_is_the_end_of_the_roots(self):
        self.server.otherwise = 403
        printed = self.assertActs(FINE, FINE, "6.root.json: HTTP status 403", f"root version {ROOTS}, reached")
        self.assertIn("::notice title=root expiry::6.root.json: HTTP status 403. python-tuf, tuf-js and tough", printed)
        self.assertIn("- 6.root.json: HTTP status 403", self.summary)
        self.assertActs(FINE, WARNING, "title=EXPIRES-SOON", at=NEAR)
        self.serve(3, 403)
        self.assertActs(VIOLATION, VIOLATION, "3.root.json is missing (HTTP status 403) and 4.root.json is there")
        # Nobody could go on from there.
        self.serve(1, 403)
        self.assertActs(NO_INPUT, NO_INPUT, "1.root.json, the trusted version: HTTP status 403")

    def test_an_answer_that_is_no_404(self):
        """The first one ends the fetching, and the verdict says what it is."""
        for answer, code in [
            (PAGE, "JSON-PAGE"), (b"", "JSON-EMPTY"), (b"Not found", "JSON-SYNTAX"), (b'{"error": "none"}', "METADATA-SHAPE"),
            (self.roots["5.root.json"], "ROOT-VERSION"), (self.roots["5.root.json"][:400], "JSON-SYNTAX"),
        ]:
            with self.subTest(code, answer=answer[:20]):
                self.server.otherwise, self.server.asked = answer, []
                self.assertActs(VIOLATION, VIOLATION, f"::error file={self.served}/6.root.json", f"title={code}")
                self.assertEqual(self.asked()[:7], [f"{version}.root.json" for version in range(1, 7)] + REST[:1])
        self.server.otherwise, self.server.asked = PAGE, []
        self.publish({})
        self.assertActs(VIOLATION, VIOLATION, "title=JSON-PAGE", "This is a page (HTML or XML)")
        self.assertLess(len(self.server.asked), 4)

    def test_a_client_agrees(self):
        """What the watch calls a violation stops python-tuf's client, and nothing else does."""
        cases = [({}, otherwise) for otherwise in (404, 403, PAGE, b"", b'{"error": "none"}')]
        cases += [({name: answer}, 404) for name in REST for answer in (404, PAGE, b"")]
        for change, otherwise in cases:
            with self.subTest(change, otherwise=otherwise):
                self.publish(self.served_files | change)
                self.server.otherwise = otherwise
                ended, printed = self.acts()
                client = subprocess.run(
                    [PYTHON, "-c", CLIENT, self.inputs["repository"], self.trusted, IN_TIME], capture_output=True, text=True)
                self.assertEqual(ended, VIOLATION if client.returncode else FINE, printed + client.stderr)

    def test_what_people_sign_besides_the_root(self):
        for days, ended, code, words in [(60, FINE, WARNING, "EXPIRES-SOON"), (7, VIOLATION, VIOLATION, "EXPIRES-CRITICAL")]:
            for names in ([], ["--plain-names"]):
                with self.subTest(days, names=names):
                    made = self.generates("--targets-days", str(days), *names)
                    self.publish(made)
                    self.trusted.write_bytes(made["1.root.json"])
                    self.assertActs(ended, code, f"targets.json,title={words}::")
                    self.assertActs(FINE, FINE, roles="root")

    def test_files_that_clients_are_sent_to(self):
        for missing in REST:
            for answer, words in [(404, "title=FILE-MISSING::"), (403, "title=FILE-MISSING::"), (PAGE, "title=JSON-PAGE::")]:
                with self.subTest(missing, answer=answer):
                    self.publish(self.served_files | {missing: answer})
                    self.assertActs(VIOLATION, VIOLATION, words, missing.replace("%", "%25"))
        self.publish(self.roots)
        self.assertActs(VIOLATION, VIOLATION, "Clients are sent to timestamp.json, and it is not there.")
        self.assertActs(FINE, FINE, "not judged: timestamp", roles="root")

    def test_nobody_answers(self):
        self.assertActs(NO_INPUT, NO_INPUT, "cannot be fetched (curl 7: nobody answers there)", repository="http://127.0.0.1:1/metadata")

    def test_size(self):
        for says_length in (True, False):
            with self.subTest(says_length=says_length):
                self.server.says_length = says_length
                self.serve(ROOTS + 1, b" " * 512_001)
                self.assertActs(VIOLATION, VIOLATION, "6.root.json is larger than 512000 bytes")
                self.serve(ROOTS, self.roots["5.root.json"].ljust(512_000))
                self.serve(ROOTS + 1, 404)
                self.assertActs(FINE, FINE)

    def test_only_the_pinned_program_runs(self):
        other = self.scratch / "other"
        other.write_text(f"#!/bin/sh\ntouch {self.scratch}/ran\n")
        other.chmod(0o755)
        self.assertActs(VIOLATION, VIOLATION, "was not run", tuf_audit=str(other))
        self.assertFalse((self.scratch / "ran").exists())
        self.assertEqual(self.server.asked, [])
        self.assertActs(NO_INPUT, NO_INPUT, "not there", tuf_audit=str(self.scratch / "none"))

    def test_inputs_that_are_refused(self):
        for name, value, code in [
            ("repository", "", USAGE), ("repository", "http://example.org/metadata", USAGE),
            ("repository", "http://127.0.0.1@example.org/metadata", USAGE), ("repository", "file:///etc", USAGE),
            ("repository", "https://example.org/$(id)", USAGE), ("repository", "https://example.org/a/../b", USAGE),
            ("repository", "-o/etc/passwd", USAGE),
            ("tuf-audit-sha256", "", USAGE), ("tuf-audit-sha256", "00", USAGE), ("trusted-root", "nothing", NO_INPUT),
            ("trusted-root", str(ACTION / "action.yml"), VIOLATION), ("roles", "some", USAGE), ("warn", "soon", USAGE), ("at", "now", USAGE),
        ]:
            with self.subTest(name, value=value):
                ended, printed = self.acts(**{name: value})
                self.assertEqual((ended, self.outputs["exit-code"]), (code, str(code)), printed)
