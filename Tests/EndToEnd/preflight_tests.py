"""`preflight`: this machine as it is, in networks and on disks that the test makes."""
import fcntl
import json
import os
import pty
import struct
import subprocess
import termios

from programs import FINE, FIRST, RUNBOOK, USAGE, VIOLATION, TestCase, program, run

# A network of its own with /sys as that network has it, and mounts that go with it.
ALONE = ["unshare", "--net", "--mount", "sh", "-c", 'mount -t sysfs sysfs /sys && eval "$0" && exec "$@"']
PYTHON = os.environ.get("TUF_CEREMONY_PYTHON")
VALIDATOR = ("import json, sys, jsonschema\nschema = json.load(open(sys.argv[1]))\n"
             "jsonschema.Draft202012Validator.check_schema(schema)\njsonschema.validate(json.load(sys.stdin), schema)\n")
NETWORK = {"HOST-NETWORK", "HOST-NETWORK-UNKNOWN", "HOST-INTERFACE", "HOST-ROUTE"}


def may_be_alone():
    return os.getuid() == 0 and subprocess.run([*ALONE, "true", "true"], capture_output=True).returncode == 0


class PreflightTests(TestCase):
    def looks(self, *arguments, before=(), **options):
        """The object that it prints, and how it ended."""
        done = subprocess.run(
            [*before, program("tuf-ceremony"), "preflight", "--format", "json", *map(str, arguments)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120, **options)
        self.assertNoCrash(done.stderr)
        document = json.loads(done.stdout)
        if PYTHON:
            judged = subprocess.run(
                [PYTHON, "-c", VALIDATOR, RUNBOOK / "schemas/preflight.schema.json"], text=True, input=done.stdout,
                capture_output=True)
            self.assertEqual(judged.returncode, 0, judged.stderr)
        self.assertEqual(document["exit"], done.returncode)
        return document

    def codes(self, *arguments, point=None, **options):
        document = self.looks(*arguments, **options)
        points = document["points"]
        return {code for one in points if point in (None, one["point"]) for code in one["codes"]}

    def alone(self, setup, *arguments, **options):
        if not may_be_alone():
            self.skipTest("SKIPPED: only root can make networks and mount disks")
        return self.codes(*arguments, before=[*ALONE, setup], **options)

    def test_networks(self):
        there = "ip link add d0 type veth peer name d1 && ip link set d0 addrgenmode none"
        up = f"{there} && ip link set d1 addrgenmode none && ip link set d0 up && ip link set d1 up"
        for setup, expected in [
            ("true", set()),
            ("ip link set lo up", set()),
            (there, set()),
            (up, {"HOST-NETWORK"}),
            (f"{there} && ip addr add 192.0.2.7/24 dev d0 && ip link set d0 up", {"HOST-NETWORK", "HOST-INTERFACE"}),
            (f"{there} && ip link set d0 up", {"HOST-INTERFACE"}),
            (f"{up} && ip addr add 192.0.2.7/24 dev d0 && ip route add default via 192.0.2.1",
             {"HOST-NETWORK", "HOST-ROUTE"}),
            (f"{up} && ip route add 198.51.100.0/24 dev d0", {"HOST-NETWORK"}),
            ("mount -t tmpfs tmpfs /sys", {"HOST-NETWORK-UNKNOWN"}),
        ]:
            with self.subTest(setup):
                self.assertEqual(self.alone(f"{setup} >&2") & NETWORK, expected)

    def test_disks(self):
        place = self.scratch / "disk"
        place.mkdir()
        for setup, expected in [
            (f"mount -t tmpfs -o size=100m tmpfs {place}", {"HOST-MEDIUM"}),
            (f"mount -t tmpfs -o size=1m tmpfs {place}", {"HOST-MEDIUM", "HOST-SPACE"}),
            (f"mount -t tmpfs -o size=1m tmpfs {place} && ! dd if=/dev/zero of={place}/full 2>/dev/null",
             {"HOST-MEDIUM", "HOST-SPACE", "HOST-OUTPUT"}),
            (f"mount -t tmpfs -o size=100m,ro tmpfs {place}", {"HOST-MEDIUM", "HOST-OUTPUT"}),
        ]:
            with self.subTest(setup):
                self.assertEqual(self.alone(setup, "--out", place / "root", point="output"), expected)
                mirrored = {"HOST-MIRROR" if code == "HOST-OUTPUT" else code for code in expected}
                both = ["--out", self.scratch / "root", "--mirror", place / "copy"]
                found = self.alone(setup, *both, point="second copy")
                self.assertEqual(found, mirrored)

    def test_both_on_one_disk_and_nothing_is_left(self):
        (self.scratch / "one").mkdir()
        before = sorted(self.scratch.rglob("*"))
        both = ["--out", self.scratch / "root", "--mirror", self.scratch / "one" / "copy"]
        self.assertIn("HOST-SAME-MEDIUM", self.codes(*both, point="second copy"))
        self.assertNotIn("HOST-OUTPUT", self.codes("--out", self.scratch / "one/", point="output"))
        self.assertEqual(sorted(self.scratch.rglob("*")), before)
        # What cannot be found is one finding, and everything else is looked at.
        away = self.scratch / "no" / "root"
        for option, point, code in [("--out", "output", "HOST-OUTPUT"), ("--mirror", "second copy", "HOST-MIRROR")]:
            self.assertEqual(self.codes(option, away, point=point), {code, "HOST-MEDIUM-UNKNOWN"})
        done = run("tuf-ceremony", "preflight", "--out", away)
        self.assertEnds(done, VIOLATION, "HOST-OUTPUT")
        self.assertRegex(done.stdout, "output +.*is not there: mount its disk first")
        self.assertRegex(done.stdout, "\nclock ")

    def test_the_program_is_the_expected_one(self):
        version = json.loads(run("tuf-ceremony", "--version", "--format", "json").stdout)
        own, words = version["sha256"], version["words"]
        for expected in [own], [own.upper()], [own[:32], own[32:]], words, [" ".join(words)]:
            self.assertEqual(self.codes("--expect", *expected, point="program"), set())
        self.assertEqual(self.codes("--expect", "0" * 64, point="program"), {"HOST-PROGRAM"})
        self.assertEqual(self.codes(point="program"), set())
        self.assertEnds(run("tuf-ceremony", "preflight", "--expect", "tactics"), USAGE, "--expect takes 64")

    def test_what_is_allowed_and_what_is_fatal(self):
        found = self.codes("--out", self.scratch / "root")
        self.assertIn("HOST-TERMINAL-UNKNOWN", found)
        allowed = [word for code in sorted(found) for word in ("--allow", code)]
        document = self.looks("--out", self.scratch / "root", *allowed)
        self.assertEqual((document["exit"], document["allowed"]), (FINE, sorted(found)))
        self.assertEqual({one["severity"] for one in document["findings"]}, {"warning"})
        # All but one.
        self.assertEqual(self.looks("--out", self.scratch / "root", *allowed[2:])["exit"], VIOLATION)
        done = run("tuf-ceremony", "preflight", "--allow", "HOST-SWOP")
        self.assertEnds(done, USAGE, "Did you mean HOST-SWAP?")

        script = self.scratch / "script.yaml"
        text = FIRST.read_text().replace("ceremony: 1\n", "ceremony: 2\n")
        step = "  - {id: machine, do: preflight, fatal: [HOST-PROGRAM]}\n  - id: card-ada\n"
        script.write_text(text.replace("  - id: card-ada\n", step))
        self.assertEqual(self.looks(script)["exit"], FINE)
        self.assertEqual(self.looks(script, "--expect", "0" * 64)["exit"], VIOLATION)
        self.assertEqual(self.looks(script, "--expect", "0" * 64, "--allow", "host-program")["exit"], FINE)

    def test_letters_and_terminal(self):
        for value, expected in ("C.UTF-8", set()), ("C", {"HOST-LOCALE"}), ("", {"HOST-LOCALE"}):
            environment = {**os.environ, "LC_ALL": value, "LC_CTYPE": "", "LANG": ""}
            self.assertEqual(self.codes(point="letters", env=environment), expected)
        for columns, rows, expected in (80, 24, set()), (79, 24, {"HOST-TERMINAL"}), (80, 23, {"HOST-TERMINAL"}):
            ours, theirs = pty.openpty()
            self.addCleanup(os.close, ours)
            self.addCleanup(os.close, theirs)
            fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            done = subprocess.run(
                [program("tuf-ceremony"), "preflight", "--format", "json"], stdin=theirs, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, timeout=120)
            points = {one["point"]: one["codes"] for one in json.loads(done.stdout)["points"]}
            self.assertEqual(set(points["terminal"]), expected)

    def test_locked_memory(self):
        if os.getuid() != 0:
            self.skipTest("SKIPPED: only root can give the capability away")
        bare = ["setpriv", "--bounding-set", "-ipc_lock", "--inh-caps", "-ipc_lock"]
        little, much, wrong = 1 << 16, 8 << 20, {"HOST-LOCK-LIMIT"}
        for before, limit, expected in (bare, little, wrong), (bare, much, set()), ([], little, set()):
            before = [*before, "prlimit", f"--memlock={limit}"]
            self.assertEqual(self.codes(point="locked memory", before=before), expected)

    def test_nothing_of_the_machine_is_named(self):
        said = json.dumps(self.looks("--out", self.scratch / "root"))
        for word in os.uname().nodename, str(self.scratch):
            self.assertNotIn(word, said)
