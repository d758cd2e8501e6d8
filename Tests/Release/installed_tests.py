"""The packages of the offline kit in clean Debians, which have no Swift and no network."""
import json
import re
import shutil
import unittest

from debian import Debian
from made import kit, output, plain_program, scratch  # Before what is in EndToEnd: it says where that is.

import audit_commands_tests
from programs import FINE, FIRST, TestCase, rehearse
from sweep import FULL

# What glibc brings, and what the package depends on.
GLIBC = r"linux-vdso\.so|libc\.so|libm\.so|/lib64/ld-linux"
LIBRARIES = GLIBC + r"|libsodium\.so\.23|libpcsclite\.so\.1|libstdc\+\+\.so\.6|libgcc_s\.so\.1"
# Completes the words of a command line, as bash does where bash-completion found the file by its name.
COMPLETE = """
shopt -s extglob
. /usr/share/bash-completion/completions/{0}
COMP_WORDS=({0} {1!r}) COMP_CWORD=1 COMP_LINE="{0} {1}"
COMP_POINT=${{#COMP_LINE}}
"$(complete -p {0} | sed 's/.*-F \\([^ ]*\\).*/\\1/')" {0} {1!r} {0}
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


class InstalledTests:
    """What holds in each release of Debian."""

    debian_release = None

    @classmethod
    def setUpClass(cls):
        cls.debian = Debian(cls.debian_release)
        cls.addClassCleanup(cls.debian.__exit__)
        cls.debian.copies(kit(), "/kit")
        cls.installing = cls.install()
        cls.rehearsing = cls.debian.run("tuf-ceremony", "rehearse", "--unattended", "--out", "/root/r")

    @classmethod
    def install(cls):
        return cls.debian.run("/kit/install")

    def inside(self, *command):
        done = self.debian.run(*command)
        self.assertEqual(done.returncode, FINE, (done.stdout + done.stderr)[-3000:])
        return done.stdout

    def test_the_kit_installs(self):
        self.assertEqual(self.installing.returncode, FINE, self.installing.stdout + self.installing.stderr)
        states = self.inside("dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", "tuf-*", "pcscd", "libccid")
        self.assertEqual(states, "libccid installed\npcscd installed\ntuf-audit installed\ntuf-ceremony installed\n")
        self.assertEqual(self.inside("dpkg", "--audit"), "")
        self.assertEqual(self.inside("find", "/", "-xdev", "-iname", "libswift*"), "")

    def test_a_ceremony_is_rehearsed_and_audited(self):
        self.assertEqual(self.rehearsing.returncode, FINE, self.rehearsing.stderr)
        self.assertIn("byte for byte", self.inside("tuf-audit", "replay", "/root/r"))
        self.inside(
            "tuf-audit", "expiry", "/root/r/metadata", "--trusted", "/root/r/metadata/1.root.json", "--rehearsal",
            "--warn", "2", "--critical", "1")

    def test_the_scripts_are_there(self):
        script = "/usr/share/tuf-ceremony/first-rehearsal.yaml"
        self.inside("tuf-ceremony", "rehearse", "--unattended", script, "--out", "/root/first")
        self.assertIn("verify_transcript.py", self.inside("ls", "/usr/share/tuf-audit"))

    def test_manual_pages(self):
        for program in ["tuf-ceremony", "tuf-audit"]:
            page = re.sub(r"‐\n +", "", self.inside("man", program))
            dump = json.loads(self.inside(program, "--experimental-dump-help"))["command"]
            for command in dump["subcommands"]:
                if command["commandName"] != "help" and command["shouldDisplay"]:
                    self.assertRegex(page, rf"(?m)^   {command['commandName']}( |$)")
        self.assertIn("tuf-audit replay", self.inside("man", "tuf-audit"))

    def test_completion(self):
        for program, typed, offered in [("tuf-audit", "re", "replay report returned"), ("tuf-ceremony", "re", "rehearse resume request")]:
            words = self.inside("bash", "-c", COMPLETE.format(program, typed)).split()
            self.assertEqual([word for word in words if word.startswith(typed)], offered.split())

    def test_libraries(self):
        for program, known in [("/usr/bin/tuf-ceremony", LIBRARIES), ("/usr/bin/tuf-audit", GLIBC)]:
            for line in self.inside("ldd", program).splitlines():
                self.assertRegex(line, rf"^\s+({known})")
                self.assertNotIn("not found", line)

    @unittest.skipUnless(shutil.which("strace"), "strace is not installed")
    def test_no_network_socket(self):
        if not FULL:
            return
        trace = scratch() / "trace"

        def calls(*command):
            done = self.debian.run(*command, traced_to=trace)
            self.assertEqual(done.returncode, FINE, (command, done.stdout + done.stderr))
            found = trace.read_text()
            # What comes before is unshare's and chroot's.
            return found[found.rindex(f'execve("/usr/bin/{command[0]}"'):]

        self.assertNotIn("AF_INET", calls("tuf-ceremony", "rehearse", "--unattended", "--out", "/root/traced"))
        for command, arguments in self.audit_commands().items():
            with self.subTest(command):
                self.assertNotIn("AF_INET", calls("tuf-audit", command, *arguments))

    def audit_commands(self):
        """Each command of tuf-audit doing its work to the end, on a ceremony inside."""
        case = audit_commands_tests.AuditCommandsTests()
        case.setUp()
        self.addCleanup(case.doCleanups)
        listed = case.invocations()
        self.assertEqual(set(listed), audit_commands_tests.commands() - {"help"})
        self.debian.copies(case.scratch, "/root/traces")
        return {
            command: [str(one).replace(str(case.scratch), "/root/traces") for one in arguments]
            for command, arguments in listed.items()
        }


class Debian12Tests(InstalledTests, TestCase):
    debian_release = "12"

    @classmethod
    def install(cls):
        # As somebody does it who trusts dpkg alone.
        return cls.debian.run("sh", "-c", "dpkg -i /kit/packages/*.deb /kit/debian-12/*.deb")


if FULL:
    class Debian13Tests(InstalledTests, TestCase):
        debian_release = "13"


class PlainProgramTests(TestCase):
    def test_tuf_audit_is_one_file(self):
        """Where not even a package was installed."""
        with Debian("12") as debian:
            debian.copies(plain_program(), "/root/tuf-audit")
            for line in output("ldd", plain_program()).splitlines():
                self.assertRegex(line, rf"^\s+({GLIBC})")
            self.assertEnds(rehearse(self.scratch / "rehearsal", FIRST), FINE)
            debian.copies(self.scratch / "rehearsal", "/root/rehearsal")
            done = debian.run("/root/tuf-audit", "replay", "/root/rehearsal")
            self.assertEqual(done.returncode, FINE, done.stdout + done.stderr)
