"""Runbook/CI.md: what it tells people to copy, tried as far as it can be without GitHub, GitLab and a Nagios."""
import re
import shlex
import shutil
import subprocess
import unittest
import xml.etree.ElementTree as xml

from ci_tests import ACTION, IN_TIME, NEAR, PAST, PYTHON, WARNING, WatchedRepository, yaml
from programs import FINE, NO_INPUT, RUNBOOK, VIOLATION

SCRIPT = ACTION / "root-expiry.sh"
PROMETHEUS = """
import sys
from prometheus_client.parser import text_string_to_metric_families as families
[[sample]] = [family.samples for family in families(sys.stdin.read()) if family.name == "tuf_audit_exit_code"]
print(int(sample.value))
"""


def blocks():
    """The files in CI.md by the path that their first line names."""
    text = (RUNBOOK / "CI.md").read_text()
    return {path: body for path, body in re.findall(r"^```[a-z]*\n# (\S+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)}


@unittest.skipUnless(PYTHON, "TUF_CEREMONY_PYTHON is not set")
class CIRunbookTests(WatchedRepository):
    def setUp(self):
        super().setUp()
        self.blocks = blocks()
        self.settings = {
            name.upper().replace("-", "_"): value for name, value in self.inputs.items()
        }

    def runs(self, command, **settings):
        """The command in a shell, with the settings of the repository that is served."""
        return subprocess.run(
            ["bash", "-c", command], cwd=self.scratch, env=self.environment | self.settings | settings,
            capture_output=True, text=True, timeout=300)

    def parsed(self, path):
        file = self.scratch / "block.yml"
        file.write_text(self.blocks[path])
        return yaml(file)

    def test_every_block_is_tried_here(self):
        self.assertEqual(sorted(self.blocks), [
            ".github/workflows/root-expiry.yml", ".gitlab-ci.yml", "/etc/nagios/objects/tuf.cfg", "/etc/root-expiry",
            "/etc/systemd/system/root-expiry.service", "/etc/systemd/system/root-expiry.timer",
        ])

    def test_github_gives_inputs_that_the_action_has(self):
        workflow = self.parsed(".github/workflows/root-expiry.yml")
        [step] = [step for step in workflow["jobs"]["root-expiry"]["steps"] if "with" in step]
        self.assertIn("/.github/actions/root-expiry@", step["uses"])
        inputs = yaml(ACTION / "action.yml")["inputs"]
        self.assertLessEqual(set(step["with"]), set(inputs))
        self.assertGreaterEqual(set(step["with"]), {name for name in inputs if inputs[name].get("required")})
        self.assertEqual(workflow["permissions"]["issues"], "write")

    def test_gitlab_job(self):
        job = self.parsed(".gitlab-ci.yml")["root-expiry"]
        self.assertEqual(job["allow_failure"], {"exit_codes": WARNING})
        self.assertLessEqual(set(job["variables"]), set(self.settings) | {"FORMAT"})
        (self.scratch / "ci").mkdir()
        shutil.copytree(ACTION, self.scratch / "ci" / "root-expiry")
        report = self.scratch / job["artifacts"]["reports"]["junit"]
        for time, status, failures in [(IN_TIME, FINE, 0), (NEAR, WARNING, 1), (PAST, VIOLATION, 1)]:
            with self.subTest(time):
                done = self.runs("\n".join(job["script"]), AT=time, FORMAT=job["variables"]["FORMAT"])
                self.assertEqual(done.returncode, status, done.stderr)
                self.assertEqual(len(list(xml.parse(report).getroot().iter("failure"))), failures)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
    def test_systemd_accepts_the_units(self):
        for kind in ("service", "timer"):
            (self.scratch / f"root-expiry.{kind}").write_text(self.blocks[f"/etc/systemd/system/root-expiry.{kind}"])
        for kind in ("service", "timer"):
            done = subprocess.run(
                ["systemd-analyze", "verify", "--man=no", self.scratch / f"root-expiry.{kind}"], capture_output=True,
                text=True)
            # It also names faults of other units of this machine.
            ours = [line for line in done.stderr.splitlines() if "root-expiry" in line]
            self.assertEqual(ours, [])

    def test_timer_leaves_a_textfile(self):
        service = self.blocks["/etc/systemd/system/root-expiry.service"]
        line = re.search(r"^ExecStart=(.*)$", service, re.MULTILINE)[1]
        shell, option, command = shlex.split(line)
        self.assertEqual((shell, option), ("/bin/bash", "-c"))
        command = command.replace("$$", "$").replace("/opt/root-expiry", str(ACTION))
        names = re.findall(r"^([A-Z0-9_]+)=", self.blocks["/etc/root-expiry"], re.MULTILINE)
        self.assertEqual(set(names) | {"AT"}, set(self.settings) | {"FORMAT", "TEXTFILE"})
        textfile = self.scratch / "tuf.prom"
        for status, settings in [
            (FINE, {}), (WARNING, {"AT": NEAR}), (VIOLATION, {"AT": PAST}), (VIOLATION, {"TUF_AUDIT_SHA256": "0" * 64}),
            (NO_INPUT, {"REPOSITORY": "http://127.0.0.1:1"}),
        ]:
            with self.subTest(settings):
                done = self.runs(command, FORMAT="prometheus", TEXTFILE=str(textfile), **settings)
                self.assertEqual(done.returncode, status, done.stderr)
                read = subprocess.run(
                    [PYTHON, "-c", PROMETHEUS], input=textfile.read_text(), capture_output=True, text=True)
                self.assertEqual(read.stdout, f"{status}\n", read.stderr)

    def test_nagios_line(self):
        line = re.search(r"command_line (.*)$", self.blocks["/etc/nagios/objects/tuf.cfg"], re.MULTILINE)[1]
        for old, new in [
            ("/opt/root-expiry/tuf-audit", self.settings["TUF_AUDIT"]), ("/opt/root-expiry", str(ACTION)),
            ("$ARG1$", self.settings["REPOSITORY"]), ("$ARG2$", self.settings["TRUSTED_ROOT"]),
        ]:
            self.assertIn(old, line)
            line = line.replace(old, new)
        good = line.replace("DIGEST", self.settings["TUF_AUDIT_SHA256"])
        for command, time, status, word in [
            (good, IN_TIME, 0, "OK"), (good, NEAR, 1, "WARNING"), (good, PAST, 2, "CRITICAL"),
            (line, IN_TIME, 3, "UNKNOWN"), (line.replace("DIGEST", "0" * 64), IN_TIME, 2, "CRITICAL"),
            # The port with what stands around it: its digits alone may be in the program's digest, too.
            (good.replace(f":{self.server.server_port}/", ":1/"), IN_TIME, 3, "UNKNOWN"),
        ]:
            with self.subTest(command, time=time):
                done = self.runs(command, AT=time)
                self.assertEqual(done.returncode, status, done.stdout + done.stderr)
                self.assertRegex(done.stdout, rf"\ATUF {word} - [^\n]+\n\Z")

    def test_text_for_people(self):
        done = self.runs(str(SCRIPT), AT=NEAR)
        self.assertEqual(done.returncode, WARNING)
        self.assertIn("EXPIRES-SOON", done.stdout)
        self.serve(3, 404)
        done = self.runs(str(SCRIPT))
        self.assertEqual((done.returncode, done.stdout), (VIOLATION, ""))
        self.assertIn("3.root.json is missing", done.stderr)
