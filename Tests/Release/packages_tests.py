"""What Runbook/build-release makes, and what it refuses to make a release of."""
import json
import os
import re
import shutil
import subprocess
import unittest

from made import ROOT, RUNBOOK, output, package, plain_program, release

from programs import CANNOT_CREATE, FINE, USAGE, TestCase
from sweep import FULL

VIOLATION = 1
PROGRAMS = ["tuf-ceremony", "tuf-audit"]


def working_folder(place):
    """A copy of what is in this folder and in git, or will be, with the versions that it resolved to."""
    listed = output("git", "ls-files", "-z", "-co", "--exclude-standard", cwd=ROOT).split("\0")
    for name in [*filter(None, listed), "Package.resolved"]:
        if (ROOT / name).is_symlink() or (ROOT / name).exists():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, place / name, follow_symlinks=False)
    return place


class PackagesTests(TestCase):
    def test_sums(self):
        self.assertSums(release())
        name = plain_program().name
        self.assertEqual((release() / f"{name}.sha256").read_text(), output("sha256sum", name, cwd=release()))
        self.assertEqual(
            {path.name for path in release().iterdir()},
            {"SHA256SUMS", name, f"{name}.sha256", *(package(program).name for program in PROGRAMS)})

    @unittest.skipUnless(shutil.which("lintian"), "lintian is not installed")
    def test_lintian(self):
        found = output("lintian", "--fail-on", "error,warning", *map(package, PROGRAMS))
        self.assertNotRegex(found, r"(?m)^[EW]:")

    def test_what_they_depend_on(self):
        needs = {
            program: set(re.sub(r" \([^)]*\)", "", output("dpkg-deb", "-f", package(program), "Depends")).strip().split(", "))
            for program in PROGRAMS
        }
        self.assertEqual(
            needs["tuf-ceremony"],
            {"libc6", "libgcc-s1", "libpcsclite1", "libsodium23", "libstdc++6", "pcscd", "libccid"})
        self.assertEqual(needs["tuf-audit"], {"libc6"})

    def test_the_package_holds_the_plain_program(self):
        output("dpkg-deb", "-x", package("tuf-audit"), self.scratch)
        self.assertEqual((self.scratch / "usr/bin/tuf-audit").read_bytes(), plain_program().read_bytes())

    def test_no_folder_of_this_machine_is_in_a_program(self):
        for program in PROGRAMS:
            output("dpkg-deb", "-x", package(program), self.scratch / program)
            found = (self.scratch / program / "usr" / "bin" / program).read_bytes()
            self.assertNotIn(str(ROOT).encode() + b"/", found)
            sections = output("readelf", "-SW", self.scratch / program / "usr" / "bin" / program)
            self.assertNotRegex(sections, r"build-id|swift_modhash|\.symtab|\.debug")

    def test_how_it_is_called(self):
        for status, arguments in [(USAGE, []), (USAGE, ["--out"]), (USAGE, ["--ou", "x"]), (CANNOT_CREATE, ["--out", "."])]:
            done = subprocess.run(
                [RUNBOOK / "build-release", *arguments], cwd=self.scratch, capture_output=True, text=True)
            self.assertEqual(done.returncode, status, done.stderr)


class ReleaseTests(TestCase):
    """In a folder of its own, with a commit of its own."""

    def setUp(self):
        super().setUp()
        self.folder = working_folder(self.scratch / "folder")
        output("git", "init", "-q", cwd=self.folder)
        self.commit()

    def commit(self):
        output("git", "add", "-A", cwd=self.folder)
        name = ["-c", "user.name=Tests", "-c", "user.email=tests@tuf-ceremony.invalid"]
        output("git", *name, "commit", "-qm", "A release", cwd=self.folder)

    def refused(self, *words):
        done = subprocess.run(
            [self.folder / "Runbook" / "build-release", "--out", self.scratch / "out"], capture_output=True, text=True)
        self.assertEqual(done.returncode, VIOLATION, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stdout + done.stderr)
        self.assertFalse((self.scratch / "out").exists())

    def test_other_versions_are_refused(self):
        path = self.folder / "Runbook" / "pins.json"
        pins = json.loads(path.read_text())
        for name in ["swift", "libsodium-dev", "swift-crypto"]:
            with self.subTest(name):
                changed = [pin | ({"version": "0.1"} if pin["name"] == name else {}) for pin in pins]
                path.write_text(json.dumps(changed))
                self.commit()
                self.refused(f"{name}: pinned 0.1 ", "no release")

    def test_changes_in_no_commit_are_refused(self):
        (self.folder / "README.md").write_text("another\n")
        # Where this machine has other versions than a release, that is said first.
        output(self.folder / "Runbook" / "pins", cwd=self.folder)
        output("git", "-c", "user.name=T", "-c", "user.email=t@tuf-ceremony.invalid",
               "commit", "-q", "--allow-empty", "-m", "Pins", "Runbook", cwd=self.folder)
        self.refused("changes that are in no commit", "no release")

    def test_two_folders_make_the_same_bytes(self):
        """The same working folder elsewhere, built anew from nothing."""
        if not FULL:
            return
        at = {"SOURCE_DATE_EPOCH": output("git", "log", "-1", "--format=%ct", cwd=ROOT).strip()}
        done = subprocess.run(
            [self.folder / "Runbook" / "build-release", "--trial", "--out", self.scratch / "out"],
            env=os.environ | at, capture_output=True, text=True)
        self.assertEqual(done.returncode, FINE, done.stderr[-3000:])
        print(done.stdout)
        self.assertEqual((self.scratch / "out/SHA256SUMS").read_text(), (release() / "SHA256SUMS").read_text())
