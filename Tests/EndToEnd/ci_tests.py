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
# The roots of Tests/Generators/chain.py expire at the end of 2027-03-27.
IN_TIME, NEAR, PAST = "2026-06-01T00:00:00Z", "2027-02-01T00:00:00Z", "2027-04-01T00:00:00Z"
ROOTS = 5

# Keeps issues as lines of a file, and prints the titles of the open ones.
GH = """#!/bin/sh
case "$1 $2" in
  "issue list") [ -z "$GH_FAILS" ] && cat "$ISSUES" ;;
  "issue create") printf '%s\\n' "$4" >>"$ISSUES"; printf '%s\\n' "$6" >"$ISSUES.body" ;;
  *) exit 1 ;;
esac
"""


class Repository(http.server.BaseHTTPRequestHandler):
    """Serves what `server.files` holds by path: bytes, or a status."""

    def do_GET(self):
        self.server.asked.append(self.path)
        found = self.server.files.get(self.path, 404)
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
        generator = [PYTHON, "-B", ROOT / "Tests/Generators/chain.py", self.scratch]
        generator += ["--roots", str(ROOTS), "--bins", "2"]
        subprocess.run(generator, check=True, stdout=subprocess.DEVNULL)
        self.roots = {path.name: path.read_bytes() for path in (self.scratch / "roots").iterdir()}
        self.trusted = self.scratch / "trusted.json"
        self.trusted.write_bytes(self.roots["1.root.json"])
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Repository)
        self.server.files = {f"/metadata/{name}": data for name, data in self.roots.items()}
        self.server.asked, self.server.says_length = [], True
        # As an annotation shows it.
        self.served = f"127.0.0.1%3A{self.server.server_port}/metadata"
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        self.addCleanup(lambda: (self.server.shutdown(), thread.join(), self.server.server_close()))
        (self.scratch / "bin").mkdir()
        gh = self.scratch / "bin" / "gh"
        gh.write_text(GH)
        gh.chmod(0o755)
        self.issues = self.scratch / "issues"
        self.issues.write_text("TUF root of another repository needs attention\n")
        audit = pathlib.Path(program("tuf-audit"))
        self.environment = {
            "PATH": f"{self.scratch / 'bin'}:{os.environ['PATH']}", "ISSUES": str(self.issues),
        }
        self.inputs = {
            "repository": f"http://127.0.0.1:{self.server.server_port}/metadata", "trusted-root": str(self.trusted),
            "tuf-audit": str(audit), "tuf-audit-sha256": hashlib.sha256(audit.read_bytes()).hexdigest(), "at": IN_TIME,
        }

    def serve(self, version, answer):
        self.server.files[f"/metadata/{version}.root.json"] = answer


@unittest.skipUnless(PYTHON, "TUF_CEREMONY_PYTHON is not set")
class CITests(WatchedRepository):
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
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], cwd=self.scratch,
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

    def asked(self):
        return [int(path.split("/")[-1].split(".")[0]) for path in self.server.asked]

    def test_follows_what_is_served(self):
        printed = self.assertActs(FINE, FINE, f"root version {ROOTS}, reached from the trusted root")
        self.assertNotIn("::error", printed)
        self.assertNotIn("::warning", printed)
        self.assertIn("## tuf-audit expiry: ok", self.summary)
        # Each version once, the first that is missing, and one behind it.
        self.assertEqual(self.asked(), list(range(1, ROOTS + 3)))

    def test_starts_at_the_trusted_version(self):
        self.trusted.write_bytes(self.roots["4.root.json"])
        self.assertActs(FINE, FINE)
        self.assertEqual(self.asked(), [4, 5, 6, 7])

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
            ("another repository's", 1, (self.scratch / "bins/1.root.json").read_bytes(), "title=OTHER-REPOSITORY"),
        ]:
            with self.subTest(name):
                before = self.server.files[f"/metadata/{version}.root.json"]
                self.serve(version, answer)
                self.assertActs(VIOLATION, VIOLATION, code)
                self.serve(version, before)

    def test_a_version_that_is_missing(self):
        self.serve(3, 404)
        self.assertActs(VIOLATION, VIOLATION, "3.root.json is missing and 4.root.json is there")
        self.assertIn("## root expiry: failed", self.summary)
        self.serve(1, 404)
        self.assertActs(VIOLATION, VIOLATION, "does not serve 1.root.json")

    def test_neither_there_nor_missing(self):
        self.server.files["/elsewhere"] = self.roots["3.root.json"]
        for status in (500, 403, 302, 204):
            with self.subTest(status):
                self.serve(3, status)
                self.assertActs(NO_INPUT, NO_INPUT, f"HTTP status {status}, neither 200 nor 404", open_issue="true")
        self.assertEqual(len(self.issues.read_text().splitlines()), 1)

    def test_nobody_answers(self):
        self.assertActs(NO_INPUT, NO_INPUT, "cannot be fetched (curl 7)", repository="http://127.0.0.1:1/metadata")

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
            ("trusted-root", str(ACTION / "action.yml"), VIOLATION), ("warn", "soon", USAGE), ("at", "now", USAGE),
        ]:
            with self.subTest(name, value=value):
                ended, printed = self.acts(**{name: value})
                self.assertEqual((ended, self.outputs["exit-code"]), (code, str(code)), printed)

    def test_one_issue(self):
        self.assertActs(FINE, FINE, open_issue="true")
        self.assertActs(FINE, WARNING, at=NEAR)
        self.assertEqual(len(self.issues.read_text().splitlines()), 1)
        title = f"TUF root of {self.inputs['repository']} needs attention"
        for code, time in [(WARNING, NEAR), (WARNING, NEAR), (VIOLATION, PAST)]:
            self.assertActs(FINE if code == WARNING else code, code, at=time, open_issue="true")
            self.assertEqual(self.issues.read_text().splitlines()[1:], [title])
        body = (self.scratch / "issues.body").read_text()
        self.assertIn("exit code 3", body)
        self.assertIn(f"    warning EXPIRES-SOON ({self.served}/5.root.json)".replace("%3A", ":"), body)

    def test_issues_that_cannot_be_listed(self):
        self.environment["GH_FAILS"] = "1"
        self.assertActs(1, WARNING, "cannot be listed", at=NEAR, open_issue="true")
        self.assertEqual(len(self.issues.read_text().splitlines()), 1)
