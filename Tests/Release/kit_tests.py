"""The offline kit: whoever changed it, and a machine that it does not fit, are named before anything is installed."""
import re
import shutil
import subprocess
import unittest

from debian import Debian
from made import RUNBOOK, kit, output, package, release  # Before what is in EndToEnd: it says where that is.

from programs import FINE, FIRST, USAGE, CANNOT_CREATE, NO_INPUT, TestCase, rehearse, run

VIOLATION = 1


def changed_package(path, out, **fields):
    """A package as it is but for some fields of its control file."""
    tree = out.parent / f"{out.name}.tree"
    output("dpkg-deb", "-R", path, tree)
    control = tree / "DEBIAN" / "control"
    for field, value in fields.items():
        control.write_text(re.sub(rf"(?m)^{field}: .*", f"{field}: {value}", control.read_text()))
    output("dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, out)
    shutil.rmtree(tree)


def sums(folder):
    """Makes SHA256SUMS say what is in the folder."""
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    files.remove("SHA256SUMS")
    (folder / "SHA256SUMS").write_text(output("sha256sum", *files, cwd=folder))


class KitTestCase(TestCase):
    def copy(self):
        folder = self.scratch / "kit"
        subprocess.run(["cp", "-a", "--reflink=auto", kit(), folder], check=True)
        return folder


class KitTests(KitTestCase):
    def check(self, folder):
        return subprocess.run([folder / "check"], capture_output=True, text=True)

    def test_what_it_is_made_of(self):
        self.assertEqual(len((kit() / "INSTALL").read_text().splitlines()), 10)
        for debian in ["debian-12", "debian-13"]:
            names = {path.name.split("_")[0] for path in (kit() / debian).iterdir()}
            self.assertLessEqual({"pcscd", "libccid", "libpcsclite1", "libsodium23"}, names)
            self.assertNotIn("libc6", names)

    def test_its_digest_in_words_is_as_the_programs_say_it(self):
        """The head of a ceremony, which the report has in hex and in words, said again by the kit's own words."""
        self.assertEnds(rehearse(self.scratch / "ceremony", FIRST), FINE)
        said = run("tuf-audit", "replay", self.scratch / "ceremony").stdout
        head = re.search(r"[0-9a-f]{64}", said)[0]
        words = output("awk", "-v", f"hex={head}", "-f", kit() / "words.awk", kit() / "words").split()
        self.assertEqual(len(words), 32)
        self.assertIn(" ".join(words), " ".join(said.split()))
        done = self.check(kit())
        self.assertEqual(done.returncode, FINE, done.stderr)
        self.assertIn(output("sha256sum", kit() / "SHA256SUMS")[:64], done.stdout)
        # Each file has its words, in the order of the list.
        listed = [line.split()[1] for line in (kit() / "SHA256SUMS").read_text().splitlines()]
        spoken = re.findall(r"(?m)^(\S+)$", (kit() / "SHA256SUMS.words").read_text())
        self.assertEqual(sorted(set(listed) - set(spoken)), ["SHA256SUMS.words"])

    def test_one_byte_changed(self):
        folder = self.copy()
        for name in [f"packages/{package('tuf-audit').name}", "install", "words", "SHA256SUMS.words"]:
            with self.subTest(name):
                path = folder / name
                before = path.read_bytes()
                path.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
                done = self.check(folder)
                self.assertEqual(done.returncode, VIOLATION)
                self.assertIn(f"{name}: FAILED", done.stdout + done.stderr)
                path.write_bytes(before)
        self.assertEqual(self.check(folder).returncode, FINE)

    def test_a_file_too_many_or_too_few(self):
        folder = self.copy()
        extra = folder / "packages" / "more.deb"
        extra.touch()
        done = self.check(folder)
        self.assertEqual((done.returncode, "packages/more.deb" in done.stderr), (VIOLATION, True), done.stderr)
        extra.unlink()
        (folder / "words").unlink()
        done = self.check(folder)
        self.assertEqual((done.returncode, "words" in done.stderr), (VIOLATION, True), done.stderr)

    @unittest.skipUnless(shutil.which("xorriso"), "xorriso is not installed")
    def test_on_a_medium(self):
        """The command of the page, on an image that stands for Debian's."""
        page = (RUNBOOK / "OFFLINE.md").read_text()
        command = re.search(r"^    (xorriso .*)$", page, re.MULTILINE)[1]
        (self.scratch / "live").mkdir()
        (self.scratch / "live" / "filesystem.squashfs").write_bytes(b"a system")
        output("xorriso", "-outdev", "debian-live.iso", "-map", "live", "/live", cwd=self.scratch)
        self.copy()
        output(*command.split(), cwd=self.scratch)
        output("xorriso", "-osirrox", "on", "-indev", "ceremony.iso", "-extract", "/", "medium", cwd=self.scratch)
        self.assertEqual((self.scratch / "medium" / "live" / "filesystem.squashfs").read_bytes(), b"a system")
        done = self.check(self.scratch / "medium" / "kit")
        self.assertEqual(done.returncode, FINE, done.stdout + done.stderr)

    def test_how_it_is_called(self):
        for status, arguments in [
            (USAGE, []), (USAGE, [release(), "--out"]), (NO_INPUT, [self.scratch, "--out", self.scratch / "new"]),
            (CANNOT_CREATE, [release(), "--out", self.scratch]),
        ]:
            done = subprocess.run([RUNBOOK / "build-kit", *arguments], capture_output=True, text=True)
            self.assertEqual(done.returncode, status, done.stderr)


class RefusalTests(KitTestCase):
    """What is refused in a clean Debian 12, where nothing is installed then."""

    @classmethod
    def setUpClass(cls):
        cls.debian = Debian("12")
        cls.addClassCleanup(cls.debian.__exit__)

    def refused(self, folder, *words):
        before = self.debian.run("dpkg-query", "-W").stdout
        self.debian.copies(folder, "/kit")
        self.addCleanup(shutil.rmtree, self.debian.folder / "kit")
        done = self.debian.run("/kit/install")
        self.assertEqual(done.returncode, VIOLATION, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stdout + done.stderr)
        self.assertEqual(self.debian.run("dpkg-query", "-W").stdout, before)

    def test_a_changed_byte(self):
        folder = self.copy()
        path = next((folder / "debian-12").glob("libccid*"))
        path.write_bytes(path.read_bytes()[:-1] + b"x")
        self.refused(folder, f"debian-12/{path.name}: FAILED")

    def test_another_architecture(self):
        folder = self.copy()
        name = package("tuf-audit").name
        changed_package(package("tuf-audit"), folder / "packages" / name, Architecture="arm64")
        sums(folder)
        self.refused(folder, f"packages/{name} is for arm64, and this machine is ")

    def test_an_older_package_over_a_newer(self):
        changed_package(package("tuf-audit"), self.debian.folder / "root" / "newer.deb", Version="99")
        self.assertEqual(self.debian.run("dpkg", "-i", "/root/newer.deb").returncode, FINE)
        self.addCleanup(self.debian.run, "dpkg", "-P", "tuf-audit")
        self.refused(kit(), "tuf-audit 99 is installed already, and packages/", "is older")

    def test_another_debian(self):
        names = self.debian.folder / "usr" / "lib" / "os-release"
        before = names.read_text()
        self.addCleanup(names.write_text, before)
        names.write_text(before.replace('VERSION_ID="12"', 'VERSION_ID="11"'))
        self.refused(kit(), "this kit is for debian-12 debian-13, and this system is")

    def test_what_it_needs_is_not_there(self):
        folder = self.copy()
        next((folder / "debian-12").glob("libsodium23*")).unlink()
        sums(folder)
        self.refused(folder, "libsodium23", "do not fit this system")
