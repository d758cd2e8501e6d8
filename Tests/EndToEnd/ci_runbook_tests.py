"""Runbook/CI.md: its blocks, each from an empty folder, as far as it goes without GitHub, GitLab, systemd and a Nagios."""
import pathlib
import re
import shlex
import subprocess
import time
import unittest
import xml.etree.ElementTree as xml

from ci_tests import ACTION, IN_TIME, NEAR, PAGE, PAST, PYTHON, WARNING, ActingRepository, yaml
from programs import FINE, NO_INPUT, ROOT, RUNBOOK, VIOLATION, program

SCRIPT = ACTION / "root-expiry.sh"
RELEASE = re.compile(r"https://github\.com/OWNER/tuf-ceremony/releases/download/v([0-9.]+)/tuf-audit-linux-amd64")
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
class CIRunbookTests(ActingRepository):
    def setUp(self):
        super().setUp()
        self.server.files["/tuf-audit"] = pathlib.Path(program("tuf-audit")).read_bytes()
        self.asset = f"http://127.0.0.1:{self.server.server_port}/tuf-audit"
        self.blocks = {path: self.filled(text) for path, text in blocks().items()}
        self.empty = self.scratch / "empty"
        self.empty.mkdir()
        self.timed = set()

    def filled(self, block):
        """A block as somebody fills it in, with the release on this machine."""
        for old, new in [
            ("https://example.org/metadata", self.inputs["repository"]), ("DIGEST", self.inputs["tuf-audit-sha256"]),
        ]:
            self.assertIn(old, block)
            block = block.replace(old, new)
        block = RELEASE.sub(self.asset, block)
        self.assertNotRegex(block.replace("OWNER/tuf-ceremony/.github/actions/root-expiry@COMMIT", ""), "OWNER|COMMIT|example")
        return block

    def trusts(self, path):
        path = self.empty / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.trusted.read_bytes())

    def runs(self, command, options=("-eo", "pipefail"), **settings):
        """As GitLab runs a script, unless other options of the shell are given."""
        return subprocess.run(
            ["bash", *options, "-c", command], cwd=self.empty, env=self.environment | settings,
            capture_output=True, text=True, timeout=300)

    def times(self, name, action):
        """The first time is printed."""
        start = time.monotonic()
        done = action()
        if name not in self.timed:
            print(f"\n{name}: {time.monotonic() - start:.1f} s from an empty folder to the verdict")
        self.timed.add(name)
        return done

    def parsed(self, path):
        file = self.scratch / "block.yml"
        file.write_text(self.blocks[path])
        return yaml(file)

    def in_this_root(self, block):
        """A block for a whole machine, below a folder; `systemctl` says nothing."""
        root = self.scratch / "machine"
        for folder in ("bin", "opt", "etc/systemd/system", "etc/nagios/objects", "var/lib/prometheus/node-exporter"):
            (root / folder).mkdir(parents=True)
        (root / "bin" / "systemctl").symlink_to("/bin/true")
        self.environment["PATH"] = f"{root / 'bin'}:{self.environment['PATH']}"
        return root, re.sub(r"(?<![\w/.])/(opt|etc|var)/", rf"{root}/\1/", block)

    def test_every_block_is_tried_here(self):
        self.assertEqual(sorted(self.blocks), [
            ".github/workflows/root-expiry.yml", ".gitlab-ci.yml", "root-expiry", "root-expiry-nagios", "root-expiry-timer",
        ])

    def test_they_take_this_release(self):
        version = re.search(r'current = "(.*)"', (ROOT / "Sources/Findings/ProgramVersion.swift").read_text())[1]
        self.assertEqual({version}, set(RELEASE.findall((RUNBOOK / "CI.md").read_text())))

    def test_github(self):
        workflow = self.parsed(".github/workflows/root-expiry.yml")
        job = workflow["jobs"]["root-expiry"]
        _, step = job["steps"]
        self.assertEqual((workflow["permissions"], job["permissions"]), ({}, {"contents": "read", "issues": "write"}))
        self.trusts(step["with"]["trusted-root"])
        self.folder, self.inputs = self.empty, step["with"] | {"open-issue": "false"}
        status, printed = self.times("GitHub", lambda: self.acts(at=IN_TIME))
        self.assertEqual(status, FINE, printed)
        self.assertActs(FINE, WARNING, at=NEAR)
        self.assertActs(VIOLATION, VIOLATION, at=PAST)

    def test_gitlab(self):
        job = self.parsed(".gitlab-ci.yml")["root-expiry"]
        self.assertEqual(job["allow_failure"], {"exit_codes": WARNING})
        self.trusts(job["variables"]["TRUSTED_ROOT"])
        report = self.empty / job["artifacts"]["reports"]["junit"]
        script = "\n".join(job["script"])
        for at, status, failures in [(IN_TIME, FINE, 0), (NEAR, WARNING, 4), (PAST, VIOLATION, 6)]:
            with self.subTest(at):
                done = self.times("GitLab", lambda: self.runs(script, AT=at, **job["variables"]))
                self.assertEqual(done.returncode, status, done.stderr)
                self.assertEqual(len(list(xml.parse(report).getroot().iter("failure"))), failures)
        # What ends early is a report, too.
        self.serve(3, 500)
        self.assertEqual(self.runs(script, AT=IN_TIME, **job["variables"]).returncode, NO_INPUT)
        [error] = xml.parse(report).getroot().iter("error")
        self.assertIn("3.root.json: HTTP status 500", error.get("message"))
        del self.server.files["/tuf-audit"]
        self.assertEqual(self.runs(script, **job["variables"]).returncode, NO_INPUT)

    def test_script(self):
        self.trusts("1.root.json")
        (self.empty / "root-expiry").write_text(self.blocks["root-expiry"])
        command = "cd / && bash " + shlex.quote(str(self.empty / "root-expiry"))
        done = self.times("Script", lambda: self.runs(command, AT=IN_TIME))
        self.assertEqual(done.returncode, FINE, done.stderr)
        self.assertIn("expiry: ok", done.stdout)
        # The program is there now, and is fetched no more.
        del self.server.files["/tuf-audit"]
        self.assertEqual(self.runs(command, AT=NEAR).returncode, WARNING)
        self.assertEqual(self.runs(command, AT=PAST).returncode, VIOLATION)
        (self.empty / "tuf-audit").write_text("#!/bin/sh\ntouch ran\n")
        self.assertEqual(self.runs(command, AT=IN_TIME).returncode, NO_INPUT)
        self.server.files["/tuf-audit"] = PAGE
        done = self.runs(command, AT=IN_TIME)
        self.assertEqual(done.returncode, VIOLATION)
        self.assertIn("not the tuf-audit whose digest is pinned", done.stderr)
        self.assertFalse((self.empty / "ran").exists())

    def test_timer(self):
        self.trusts("1.root.json")
        root, block = self.in_this_root(self.blocks["root-expiry-timer"])
        units = root / "etc/systemd/system"

        def installs_and_runs(at=IN_TIME, **settings):
            done = self.runs(block)
            self.assertEqual(done.returncode, FINE, done.stderr)
            line = re.search(r"^ExecStart=(.*)$", (units / "root-expiry.service").read_text(), re.MULTILINE)[1]
            given = dict(line.split("=", 1) for line in (root / "etc/root-expiry").read_text().splitlines())
            shell, option, command = shlex.split(line)
            self.assertEqual((shell, option), ("/bin/bash", "-c"))
            return self.runs(command.replace("$$", "$"), (), AT=at, **given | settings), pathlib.Path(given["TEXTFILE"])

        for status, settings in [
            (FINE, {}), (WARNING, {"at": NEAR}), (VIOLATION, {"at": PAST}), (VIOLATION, {"TUF_AUDIT_SHA256": "0" * 64}),
            (NO_INPUT, {"REPOSITORY": "http://127.0.0.1:1"}),
        ]:
            with self.subTest(settings):
                done, textfile = self.times("Timer", lambda: installs_and_runs(**settings))
                self.assertEqual(done.returncode, status, done.stderr)
                read = subprocess.run(
                    [PYTHON, "-c", PROMETHEUS], input=textfile.read_text(), capture_output=True, text=True)
                self.assertEqual(read.stdout, f"{status}\n", read.stderr)
        self.server.files["/tuf-audit"] = PAGE
        self.assertEqual(self.runs(block).returncode, VIOLATION)

    @unittest.skipUnless(subprocess.run(["which", "systemd-analyze"], capture_output=True).returncode == 0,
                         "systemd-analyze is not installed")
    def test_systemd_accepts_the_units(self):
        units = re.findall(r"^cat >/etc/systemd/system/(\S+) <<'END'\n(.*?)^END$", self.blocks["root-expiry-timer"], re.M | re.S)
        self.assertEqual([name for name, _ in units], ["root-expiry.service", "root-expiry.timer"])
        for name, text in units:
            (self.scratch / name).write_text(text)
        for name, _ in units:
            done = subprocess.run(
                ["systemd-analyze", "verify", "--man=no", self.scratch / name], capture_output=True, text=True)
            # It also names faults of other units of this machine.
            self.assertEqual([line for line in done.stderr.splitlines() if "root-expiry" in line], [])

    def test_nagios(self):
        self.trusts("1.root.json")
        root, block = self.in_this_root(self.blocks["root-expiry-nagios"])

        def installs_and_runs():
            done = self.runs(block)
            self.assertEqual(done.returncode, FINE, done.stderr)
            config = (root / "etc/nagios/objects/tuf.cfg").read_text()
            return re.search(r"command_line (.*)$", config, re.MULTILINE)[1], self.runs(
                re.search(r"command_line (.*)$", config, re.MULTILINE)[1], AT=IN_TIME)

        good, done = self.times("Nagios", installs_and_runs)
        self.assertEqual(done.returncode, 0, done.stdout)
        digest = self.inputs["tuf-audit-sha256"]
        for command, at, status, word in [
            (good, IN_TIME, 0, "OK"), (good, NEAR, 1, "WARNING"), (good, PAST, 2, "CRITICAL"),
            (good.replace(digest, "DIGEST"), IN_TIME, 3, "UNKNOWN"), (good.replace(digest, "0" * 64), IN_TIME, 2, "CRITICAL"),
            # The port with what stands around it: its digits alone may be in the program's digest, too.
            (good.replace(f":{self.server.server_port}/", ":1/"), IN_TIME, 3, "UNKNOWN"),
        ]:
            with self.subTest(command, at=at):
                done = self.runs(command, AT=at)
                self.assertEqual(done.returncode, status, done.stdout + done.stderr)
                self.assertRegex(done.stdout, rf"\ATUF {word} - [^\n]+\n\Z")
        self.server.otherwise = 403
        done = self.runs(good, AT=IN_TIME)
        self.assertRegex(done.stdout, r"\ATUF OK - [^\n]+\n6.root.json: HTTP status 403[^\n]+\n\Z")

    def test_the_program_holds_the_action_s_script(self):
        done = subprocess.run([program("tuf-audit"), "watch-script"], capture_output=True)
        self.assertEqual(done.stdout, SCRIPT.read_bytes())
