"""The programs where /proc is not mounted, as in a bare chroot: they still know what they were asked."""
import os
import subprocess

from programs import FINE, FIRST, NO_INPUT, USAGE, VIOLATION, TestCase, program, rehearse, run

# In a mount namespace of its own, so that /proc stays for everybody else.
WITHOUT_PROC = ["unshare", "--mount", "sh", "-c", 'umount --lazy /proc && exec "$@"', "sh"]


class NoProcTests(TestCase):
    def setUp(self):
        super().setUp()
        if os.getuid() != 0 or subprocess.run([*WITHOUT_PROC, "true"], capture_output=True).returncode != 0:
            self.skipTest("only root can take /proc away from a program")

    def run_without(self, name, *arguments):
        return subprocess.run(
            [*WITHOUT_PROC, program(name), *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=120)

    def test_a_verifier_that_was_asked_says_no(self):
        # All but its own digest, which is nowhere else.
        told, known = (said.stdout.splitlines() for said in (self.run_without("tuf-audit", "--version"), run("tuf-audit", "--version")))
        self.assertEqual(told[:4], known[:4])
        self.assertEqual(told[4:], ["sha256     not known: the program cannot read its own file; is /proc mounted?"])
        for arguments, status in [
            (["verify", self.scratch / "missing.json"], NO_INPUT),
            (["verify", FIRST], VIOLATION),
            (["replay", self.scratch], VIOLATION),
            (["verify"], USAGE),
            (["verify", "--no-such-option"], USAGE),
            ([], USAGE),
        ]:
            with self.subTest(arguments=arguments):
                done = self.run_without("tuf-audit", *arguments)
                self.assertEqual(done.returncode, status, done.stdout + done.stderr)
                self.assertNoCrash(done.stderr)

    def test_a_folder_is_judged_as_everywhere(self):
        out = self.scratch / "out"
        self.assertEnds(rehearse(out, FIRST, "--seed", 1), FINE)
        done = self.run_without("tuf-audit", "replay", out)
        self.assertEqual((done.returncode, done.stdout), (FINE, run("tuf-audit", "replay", out).stdout))

    def test_a_ceremony_is_held_or_refused(self):
        seeded = self.run_without("tuf-ceremony", "rehearse", "--unattended", "--seed", 1, "--out", self.scratch / "out")
        self.assertEnds(seeded, FINE)
        self.assertReplay(self.scratch / "out", FINE)
        # Nobody could say which program ran.
        done = self.run_without("tuf-ceremony", "rehearse", "--unattended", "--out", self.scratch / "other")
        self.assertEnds(done, VIOLATION, "FILE-REFUSED", "/proc")

    def test_a_program_that_was_told_nothing_ends_as_a_wrong_call_does(self):
        for name in "tuf-audit", "tuf-ceremony":
            for arguments in [], ["card"] if name == "tuf-ceremony" else []:
                here, without = run(name, *arguments), self.run_without(name, *arguments)
                for done in here, without:
                    self.assertEqual((done.returncode, done.stdout), (USAGE, ""))
                    self.assertIn("SUBCOMMANDS:", done.stderr)
            # Without even a name.
            nameless = subprocess.run(
                ["bash", "-c", 'exec -a "" "$0"', program(name)], stdin=subprocess.DEVNULL, capture_output=True,
                text=True, timeout=120)
            self.assertEqual((nameless.returncode, nameless.stdout), (USAGE, ""))
