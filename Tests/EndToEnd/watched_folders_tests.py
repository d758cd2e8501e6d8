"""What `verify` and `expiry` make of whole folders: links, droppings, stray files, several repositories."""
import json
import os
import shutil
import subprocess
import unittest
import xml.etree.ElementTree as tree

from programs import FINE, ROOT, VIOLATION, TestCase, run

PYTHON = os.environ.get("TUF_CEREMONY_PYTHON")

# The JUnit schema that Windy Road published, which is the strictest of those in use: element, attributes that must be
# there, attributes that may, and the elements inside in their order.
JUNIT = {
    "testsuites": (set(), set(), ["testsuite*"]),
    "testsuite": (
        {"id", "package", "name", "timestamp", "hostname", "tests", "failures", "errors", "time"}, {"skipped"},
        ["properties", "testcase*", "system-out", "system-err"]),
    "properties": (set(), set(), []),
    "testcase": ({"name", "classname", "time"}, set(), ["skipped?", "error?", "failure?"]),
    "skipped": (set(), set(), []),
    "failure": ({"type"}, {"message"}, []),
    "system-out": (set(), set(), []),
    "system-err": (set(), set(), []),
}


def misfits(element):
    """What a JUnit document has that its schema does not allow."""
    must, may, inside = JUNIT[element.tag]
    names = set(element.keys())
    if not must <= names or not names <= must | may:
        yield f"{element.tag} has {sorted(names)}"
    rest = [child.tag for child in element]
    for part in inside:
        count = 0
        while rest and rest[0] == part.rstrip("*?"):
            rest.pop(0)
            count += 1
        if not part.endswith("*") and (count > 1 or (count == 0 and not part.endswith("?"))):
            yield f"{element.tag} has {count} {part}"
    if rest:
        yield f"{element.tag} has {rest} out of place"
    for child in element:
        yield from misfits(child)


@unittest.skipUnless(PYTHON, "TUF_CEREMONY_PYTHON is not set")
class WatchedFoldersTests(TestCase):
    def setUp(self):
        super().setUp()
        subprocess.run([PYTHON, "-B", ROOT / "Tests/Generators/foreign.py", self.scratch / "made"], check=True, timeout=300)
        self.folder = self.scratch / "metadata"
        self.take("no-versions-in-names")

    def take(self, name):
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.scratch / "made" / name, self.folder)

    def judged(self, *arguments, command="verify"):
        done = run("tuf-audit", command, *(arguments or [self.folder]), "--format", "json")
        verdict = json.loads(done.stdout)
        self.assertNoCrash(done.stderr)
        files = {file["path"]: file for repository in verdict["repositories"] for file in repository["files"]}
        codes = [finding["code"] for finding in verdict["findings"]]
        codes += [finding["code"] for r in verdict["repositories"] for finding in r["findings"]]
        codes += [finding["code"] for file in files.values() for finding in file["findings"]]
        return done.returncode, verdict, files, codes

    def test_links_out_of_the_folder(self):
        """Not followed, and said; links inside are."""
        outside = self.scratch / "outside"
        shutil.copytree(self.folder, outside)
        for command in ("verify", "expiry"):
            for link, target, codes in (
                    ("2.root.json", outside / "1.root.json", ["LINK-OUTSIDE"]), ("more", outside, ["LINK-OUTSIDE"]),
                    ("again", self.folder, ["SYMLINK-LOOP"]), ("copy.json", "1.root.json", []),
                    ("README", outside / "1.root.json", [])):
                with self.subTest(f"{command} {link}"):
                    (self.folder / link).symlink_to(target)
                    status, _, files, found = self.judged(command=command)
                    self.assertEqual(found, codes)
                    self.assertEqual(status, VIOLATION if codes else FINE)
                    self.assertNotIn("outside", "".join(files))
                    (self.folder / link).unlink()

    def test_what_systems_and_editors_leave(self):
        """Accuses no other file, in the folder and named one by one."""
        _, before, _, _ = self.judged()
        for name, content in (
                (".DS_Store", b"\0\0\0\1Bud1"), ("Thumbs.db", b"\xd0\xcf\x11"), ("._1.root.json", b"\0\5\x16\7\0\2"),
                ("desktop.ini", b"[x]"), ("1.root.json~", (self.folder / "1.root.json").read_bytes()),
                ("targets.json.bak", b"{"), (".1.root.json.swp", b"b0VIM")):
            (self.folder / name).write_bytes(content)
        (self.folder / ".#1.root.json").symlink_to("someone@host.1234")
        named = sorted(path for path in self.folder.iterdir() if path.exists())
        for arguments in ([self.folder], named):
            status, verdict, files, codes = self.judged(*arguments)
            self.assertEqual((status, codes), (FINE, []))
            kept = [file for file in verdict["repositories"][0]["files"] if file["status"] == "ok"]
            self.assertEqual(len(kept), len(before["repositories"][0]["files"]))
            self.assertTrue(files[str(self.folder / "._1.root.json")]["status"] == "ignored")

    def test_role_with_a_slash(self):
        """What a file server gives for `1.apps%2Fstable.json` is the role `apps/stable`."""
        self.take("role-with-slash")
        status, verdict, files, codes = self.judged()
        self.assertEqual((status, codes, len(verdict["repositories"])), (FINE, [], 1))
        self.assertEqual(files[str(self.folder / "1.apps/stable.json")]["role"], "apps/stable")
        (self.folder / "1.apps" / "other.json").write_bytes((self.folder / "1.apps/stable.json").read_bytes())
        self.assertEqual(self.judged()[0], VIOLATION)

    def test_several_repositories_in_one_folder(self):
        """Roots under names of their own that share no key are judged apart."""
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        for name in ("plain", "rsa-pss", "p256"):
            shutil.copy(self.scratch / "made" / name / "1.root.json", self.folder / f"{name}.json")
        status, verdict, files, codes = self.judged()
        self.assertEqual((status, codes), (FINE, []))
        self.assertEqual([r["path"] for r in verdict["repositories"]], sorted(map(str, self.folder.iterdir())))
        (self.folder / "plain.json").write_bytes(b"<html>")
        self.assertEqual(self.judged()[0], FINE)

    def test_numbered_roots_of_two_repositories(self):
        """What a client would fetch as the next root and refuse is refused, and called nothing that is not known."""
        made = self.scratch / "made"
        for first, second, name in (
                ("plain", "rotated", "2.root.json"), ("plain", "rotated", "3.root.json"),
                ("rotated", "three-roots", "3.root.json"), ("plain", "rotated", "root.json")):
            for command in ("verify", "expiry"):
                with self.subTest(f"{name} of {second} in {first}, {command}"):
                    self.take(first)
                    before = self.judged(command=command)[2]
                    source = "1.root.json" if name == "root.json" else "2.root.json"
                    shutil.copy(made / second / source, self.folder / name)
                    status, verdict, files, codes = self.judged(command=command)
                    self.assertEqual(status, VIOLATION)
                    self.assertNotRegex(json.dumps(verdict).lower(), "conflict|forged")
                    self.assertTrue(files[str(self.folder / name)]["findings"])
                    for path, file in before.items():
                        self.assertEqual(files[path]["findings"], file["findings"])

    def test_a_copy_that_cannot_be_read(self):
        """The true reason, and never that it was forged."""
        self.take("plain")
        trusted = self.scratch / "trusted.json"
        shutil.copy(self.folder / "1.root.json", trusted)
        for content, code in ((b"", "JSON-EMPTY"), (b"<html>", "JSON-PAGE"), (b"\x1f\x8b\x08", "JSON-UTF8"),
                              (trusted.read_bytes()[:300], "JSON-SYNTAX")):
            (self.folder / "1.root.json").write_bytes(content)
            status, _, files, codes = self.judged(self.folder, "--trusted", trusted)
            self.assertEqual((status, codes), (VIOLATION, [code]))
            place = files[str(self.folder / "1.root.json")]["findings"][0]["place"]
            self.assertRegex(place, r"/1\.root\.json:[0-9]+:[0-9]+$")

    def test_strict_junit(self):
        for name in ("plain", "expired-targets", "sick-root-then-well", "no-timestamp", "empty-timestamp", "strange-key"):
            done = run("tuf-audit", "expiry", self.scratch / "made" / name, "--warn", "400,nobody=1", "--format", "junit")
            root = tree.fromstring(done.stdout)
            self.assertEqual(list(misfits(root)), [])
            for suite in root:
                self.assertRegex(suite.get("timestamp"), r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$")
                self.assertEqual(int(suite.get("tests")), len(suite.findall("testcase")))
                self.assertEqual(int(suite.get("failures")), len(suite.findall("testcase/failure")))

    def test_warn_names_a_role_that_is_not_there(self):
        status, _, _, codes = self.judged(self.folder, "--warn", "timestmap=2", command="expiry")
        self.assertEqual((status, codes), (FINE, ["ROLE-NOT-JUDGED"]))
        self.assertEqual(self.judged(self.folder, "--warn", "timestmap=2", "--strict", command="expiry")[0], VIOLATION)
