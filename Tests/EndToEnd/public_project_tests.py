"""What makes the project a public one: workflows, forms, the change log, the check-list and what a release consists of."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from ci_tests import ACTION, PYTHON, yaml
from programs import CANNOT_CREATE, FINE, NO_INPUT, ROOT, RUNBOOK, USAGE, VIOLATION, TestCase, program

GITHUB, RELEASE = ROOT / ".github", RUNBOOK / "release"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
TOOLS = pathlib.Path(PYTHON).parent if PYTHON else None
SCHEMAS = {
    "vendor.github-workflows": WORKFLOWS, "vendor.github-actions": [ACTION / "action.yml"],
    "vendor.github-issue-forms": [GITHUB / "ISSUE_TEMPLATE" / name for name in ("mistake.yml", "card.yml")],
    "vendor.github-issue-config": [GITHUB / "ISSUE_TEMPLATE/config.yml"], "vendor.dependabot": [GITHUB / "dependabot.yml"],
}
YAML_RULES = """{extends: default, rules: {line-length: {max: 200}, document-start: disable,
  truthy: {check-keys: false}, comments: {min-spaces-from-content: 1}}}"""
VALIDATOR = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read())
sys.exit(error and str(error)[:1000])
"""


def ran(*command, **options):
    options = {"cwd": ROOT, "capture_output": True, "text": True, "timeout": 300} | options
    return subprocess.run([str(part) for part in command], **options)


def version():
    return re.search(r'current = "(.*)"', (ROOT / "Sources/Findings/ProgramVersion.swift").read_text())[1]


@unittest.skipUnless(PYTHON, "TUF_CEREMONY_PYTHON is not set")
class WorkflowTests(TestCase):
    """Without actionlint, which PyPI has only as a download from elsewhere: its rules are not checked."""

    def zizmor(self, folder):
        return ran(TOOLS / "zizmor", "--offline", "--pedantic", "--no-progress", "--no-config", "--collect=all", folder)

    def test_workflows_and_action_are_safe(self):
        done = self.zizmor(ROOT)
        self.assertEqual(done.returncode, FINE, done.stdout)
        # Every one was looked at.
        for path in WORKFLOWS + [ACTION / "action.yml"]:
            self.assertIn(str(path.relative_to(ROOT)), done.stderr)

    def test_what_is_unsafe_is_found(self):
        release = (GITHUB / "workflows/release.yml").read_text()
        for old, new, rule in [
            ("@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2", "@v4", "unpinned-uses"),
            ('"$GITHUB_REF_NAME" --draft', '"${{ github.ref_name }}" --draft', "template-injection"),
            ("contents: write # the release", "contents: write", "undocumented-permissions"),
            ("permissions: {}\n", "permissions: write-all\n", "excessive-permissions"),
            ("          persist-credentials: false\n", "          fetch-depth: 1\n", "artipacked"),
        ]:
            with self.subTest(rule):
                folder = pathlib.Path(tempfile.mkdtemp(dir=self.scratch))
                (folder / ".github/workflows").mkdir(parents=True)
                self.assertIn(old, release)
                (folder / ".github/workflows/release.yml").write_text(release.replace(old, new))
                done = self.zizmor(folder)
                self.assertNotEqual(done.returncode, FINE)
                self.assertIn(f"[{rule}]", done.stdout)

    def test_forms_of_github_and_gitlab(self):
        listed = {path for paths in SCHEMAS.values() for path in paths}
        self.assertEqual(listed, set(GITHUB.rglob("*.yml")))
        for schema, paths in SCHEMAS.items():
            done = ran(TOOLS / "check-jsonschema", "--builtin-schema", schema, *paths)
            self.assertEqual(done.returncode, FINE, done.stdout + done.stderr)
            broken = self.scratch / "broken.yml"
            broken.write_text("nothing: of the kind\n")
            self.assertNotEqual(ran(TOOLS / "check-jsonschema", "--builtin-schema", schema, broken).returncode, FINE)
        done = ran(TOOLS / "yamllint", "-s", "-d", YAML_RULES, GITHUB)
        self.assertEqual(done.returncode, FINE, done.stdout)

    def test_blocks_of_the_runbook(self):
        """As somebody fills them in."""
        text = (RUNBOOK / "CI.md").read_text().replace("@COMMIT", "@" + "0" * 40)
        blocks = dict(re.findall(r"^```yaml\n# (\S+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
        (self.scratch / ".github/workflows").mkdir(parents=True)
        for name, schema in [(".github/workflows/root-expiry.yml", "github-workflows"), (".gitlab-ci.yml", "gitlab-ci")]:
            (self.scratch / name).write_text(blocks[name])
            done = ran(TOOLS / "check-jsonschema", "--builtin-schema", f"vendor.{schema}", self.scratch / name)
            self.assertEqual(done.returncode, FINE, done.stdout)
        done = self.zizmor(self.scratch)
        # Nothing says here which release a commit of zeros is.
        self.assertEqual(set(re.findall(r"^\w+\[([a-z-]+)\]", done.stdout, re.MULTILINE)) - {"ref-version-mismatch"}, set())

    @unittest.skipUnless(shutil.which("shellcheck"), "shellcheck is not installed")
    def test_shell(self):
        scripts = [*ACTION.glob("*.sh"), RELEASE / "assemble", RELEASE / "package", RELEASE / "kit/check", RELEASE / "kit/install"]
        scripts += [RUNBOOK / name for name in ("build-kit", "build-release", "compile")]
        done = ran("shellcheck", *scripts)
        self.assertEqual(done.returncode, FINE, done.stdout)
        steps = [step for path in WORKFLOWS for job in yaml(path)["jobs"].values() for step in job.get("steps", [])]
        steps += yaml(ACTION / "action.yml")["runs"]["steps"]
        for run in [step["run"] for step in steps if "run" in step]:
            self.assertNotIn("${{", run)
            done = ran("shellcheck", "-s", "bash", "-", input=run)
            self.assertEqual(done.returncode, FINE, run + done.stdout)

    def test_rights(self):
        for path in WORKFLOWS:
            workflow = yaml(path)
            self.assertEqual(workflow["permissions"], {})
            rights = {name: job["permissions"] for name, job in workflow["jobs"].items()}
            write = {name for name, given in rights.items() if given != {"contents": "read"}}
            self.assertEqual(write, {"draft"} if path.name == "release.yml" else set())

    def test_files_that_workflows_name(self):
        for path in WORKFLOWS:
            for name in re.findall(r"(?<![\w/.])(?:Runbook|Tests)/[\w/.-]*\w", path.read_text()):
                if not (ROOT / name).exists():
                    self.fail(f"{path.name} names {name}")


@unittest.skipUnless(PYTHON, "TUF_CEREMONY_PYTHON is not set")
class ReleaseTests(TestCase):
    def test_change_log(self):
        sections = re.findall(r"^## (.*)$", (RELEASE / "CHANGELOG.md").read_text(), re.MULTILINE)
        self.assertEqual(sections[0], version())
        self.assertEqual(sections, sorted(sections, reverse=True, key=lambda text: [int(part) for part in text.split(".")]))

    def test_check_list(self):
        """In a clone, as it says; what is done by hand are commands that are there."""
        text = (RELEASE / "CHECKLIST.md").read_text()
        blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        by_hand = [block for block in blocks if block.startswith("# by hand\n")]
        self.assertEqual((len(blocks), len(by_hand)), (7, 3))
        for name in re.findall(r"\b(?:Runbook|Tests)/[\w/-]+", "".join(by_hand)):
            self.assertTrue(os.access(ROOT / name, os.X_OK), name)
        clone = self.scratch / "clone"
        ran("git", "clone", "-q", "--no-hardlinks", ROOT, clone, check=True)
        shutil.copy(ROOT / "Package.resolved", clone)
        script = "\n".join(block for block in blocks if block not in by_hand)
        done = ran("bash", "-euxo", "pipefail", "-c", script, cwd=clone)
        self.assertEqual(done.returncode, FINE, done.stdout + done.stderr)
        for change in [
            lambda: (clone / "new").write_text(""), lambda: (clone / "Runbook/release/CHANGELOG.md").write_text("# Changes\n"),
            lambda: shutil.rmtree(clone / "Fixtures/engine-2"),
        ]:
            ran("git", "reset", "-q", "--hard", cwd=clone, check=True)
            change()
            self.assertNotEqual(ran("bash", "-euo", "pipefail", "-c", script, cwd=clone).returncode, FINE)

    def test_bill_of_materials(self):
        programs = [program("tuf-ceremony"), program("tuf-audit")]
        environment = os.environ | {"SOURCE_DATE_EPOCH": "1800000000"}
        first, second = (ran(RELEASE / "sbom", *programs, env=environment) for _ in range(2))
        self.assertEqual(first.returncode, FINE, first.stderr)
        self.assertEqual(first.stdout, second.stdout)
        judge = lambda text: ran(PYTHON, "-c", VALIDATOR, input=text)
        self.assertEqual(judge(first.stdout).returncode, FINE, judge(first.stdout).stderr)
        document = json.loads(first.stdout)
        for change in [{"components": [{"name": "nameless"}]}, {"bomFormat": "none"}, {"more": 1}]:
            self.assertNotEqual(judge(json.dumps(document | change)).returncode, FINE)
        parts = {part["name"]: part for part in document["components"]}
        pins = [pin for pin in json.loads((RUNBOOK / "pins.json").read_text()) if pin["kind"] == "package"]
        self.assertLessEqual({(pin["name"], pin["version"]) for pin in pins}, {(n, p["version"]) for n, p in parts.items()})
        self.assertIn("libpcsclite1", parts)
        made = {part["name"]: part for part in document["metadata"]["component"]["components"]}
        needs = {edge["ref"]: edge["dependsOn"] for edge in document["dependencies"]}
        for path in map(pathlib.Path, programs):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            self.assertEqual(made[path.name]["hashes"], [{"alg": "SHA-256", "content": digest}])
            self.assertEqual(made[path.name]["version"], version())
            self.assertTrue(any("libsodium" in part for part in needs[made[path.name]["bom-ref"]]))
        audit = needs[made["tuf-audit"]["bom-ref"]]
        self.assertFalse(any("pcsclite" in part for part in audit))
        self.assertFalse(any(part.get("purl", "").startswith("pkg:swift/packages.debian") for part in parts.values()))
        self.assertEqual(ran(RELEASE / "sbom").returncode, USAGE)

    def test_two_builds_become_a_release(self):
        def build(name, program=b"program"):
            folder = self.scratch / name
            folder.mkdir()
            (folder / "tuf-audit-linux-amd64").write_bytes(program)
            (folder / "sbom.cdx.json").write_text("{}")
            digest = hashlib.sha256(program).hexdigest()
            (folder / "SHA256SUMS").write_text(f"{digest}  tuf-audit-linux-amd64\n")
            return folder, digest

        (first, digest), (second, _), (other, _) = build("first"), build("second"), build("other", b"another")
        out = self.scratch / "out"
        environment = os.environ | {"GITHUB_REPOSITORY_OWNER": "somebody", "COMMIT": "c" * 40}
        assemble = lambda *folders: ran(RELEASE / "assemble", *folders, env=environment, cwd=self.scratch)
        self.assertEqual(assemble("first", "second", "out").returncode, FINE)
        self.assertEqual(ran("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=out).returncode, FINE)
        sums = {line.split("  ")[1] for line in (out / "SHA256SUMS").read_text().splitlines()}
        self.assertEqual(sums | {"SHA256SUMS"}, {path.name for path in out.iterdir()})
        page = (out / "CI.md").read_text()
        code = "".join(re.findall(r"^```.*?^```$", page, re.MULTILINE | re.DOTALL))
        self.assertNotRegex(code, "OWNER|COMMIT|DIGEST")
        self.assertIn(f"uses: somebody/tuf-ceremony/.github/actions/root-expiry@{'c' * 40}\n", code)
        self.assertIn(f"tuf-audit-sha256: {digest}\n", code)
        self.assertTrue((out / "NOTES.md").read_text().startswith("Engine version "))
        self.assertNotIn("\n## ", (out / "NOTES.md").read_text())

        self.assertEqual(assemble("first", "second", "out").returncode, CANNOT_CREATE)
        self.assertEqual(assemble("first", "second").returncode, USAGE)
        shutil.rmtree(out)
        done = assemble("first", "other", "out")
        self.assertEqual((done.returncode, out.exists()), (VIOLATION, False))
        self.assertIn("the two builds differ", done.stderr)
        (second / "more").write_text("")
        self.assertEqual(assemble("first", "second", "out").returncode, VIOLATION)
        (second / "more").unlink()
        for folder in (first, second):
            (folder / "tuf-audit-linux-amd64").write_bytes(b"changed")
        self.assertIn("is not what its SHA256SUMS says", assemble("first", "second", "out").stderr)
        (first / "sbom.cdx.json").unlink()
        self.assertEqual(assemble("first", "second", "out").returncode, NO_INPUT)
        self.assertFalse(out.exists())
