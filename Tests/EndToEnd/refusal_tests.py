"""What is wrong is said: the exit code, the place, the code, and never a stack trace."""
import os
import pwd
import resource
import select
import shutil
import signal
import subprocess

from programs import (
    ABORTED, CANNOT_CREATE, FINE, FIRST, NO_INPUT, RUNBOOK, USAGE, VIOLATION, TestCase, program, rehearse, run)

SCRIPT = FIRST.read_text()
# What is wrong: the script, the place, the code.
WRONG_SCRIPTS = {
    "nothing": (b"", "script.yaml:1:1", "SCRIPT-SYNTAX"),
    "not UTF-8": (b"title: \xff", "script.yaml", "SCRIPT-SYNTAX"),
    "a byte-order mark": (b"\xef\xbb\xbf" + SCRIPT.encode(), "script.yaml:1:1", "SCRIPT-SYNTAX"),
    "no YAML": ("a: [1, 2\nb: 3\n", "script.yaml:2:2", "SCRIPT-SYNTAX"),
    "no mapping": ("- a\n", "script.yaml:1:1", "SCRIPT-VALUE"),
    "a zero byte": (b"title: a\0b\n", "script.yaml", "SCRIPT-SYNTAX"),
    "too much": (b"# " + b"x" * 300_000 + b"\n" + SCRIPT.encode(), "script.yaml", "SCRIPT-SYNTAX"),
    "very deep": (b"a: " + b"[" * 20_000 + b"]" * 20_000, "script.yaml", "SCRIPT-SYNTAX"),
    "an anchor": (SCRIPT.replace(": Witness", ": &w Witness"), "script.yaml:8:10", "SCRIPT-SYNTAX"),
    "an unknown key": (SCRIPT.replace("witness:", "witnes:"), "script.yaml:8:", "SCRIPT-UNKNOWN-KEY"),
    "a key twice": (SCRIPT + "title: Again\n", "script.yaml:", "SCRIPT-DUPLICATE-KEY"),
    "a key too few": (SCRIPT.replace("witness: Witness\n", ""), "script.yaml:", "SCRIPT-MISSING-KEY"),
    "a second document": (SCRIPT + "---\na: b\n", "script.yaml:", "SCRIPT-SYNTAX"),
    "a bad value": (SCRIPT.replace("threshold: 2", "threshold: two"), "script.yaml:20:16", "SCRIPT-VALUE"),
    "a stranger": (SCRIPT.replace("keyholder: boris", "keyholder: eve", 1), "script.yaml:", "SCRIPT-REFERENCE"),
    "too many signatures": (SCRIPT.replace("threshold: 2", "threshold: 3"), "script.yaml:20:5", "SCRIPT-THRESHOLD"),
}


class CommandLineTests(TestCase):
    def test_usage(self):
        for arguments in [
            ["rehearse", "--unattended"],
            ["rehearse", "--unattended", "--out"],
            ["rehearse", "--unattended", "--out", "x", "--seed", "-1"],
            ["rehearse", "--unattended", "--out", "x", "--seed", "one"],
            ["rehearse", "--unattended", "--out", "x", "--sacrifice", "99999999999"],
            ["rehearse", "--unattended", "--out", "x", "--no-such-option"],
            ["rehearse", "--unattended", "--out", "x", FIRST, FIRST],
            ["check"],
            ["check", FIRST, "--at", "tomorrow"],
            ["print"],
            ["print", FIRST, "--format", "pdf"],
            ["card"],
            [],
            ["no-such-command"],
        ]:
            with self.subTest(arguments=arguments):
                done = run("tuf-ceremony", *arguments, cwd=self.scratch)
                self.assertEnds(done, USAGE)
                self.assertEqual(list(self.scratch.iterdir()), [])

    def test_a_script_that_cannot_be_read(self):
        os.mkfifo(self.scratch / "pipe")
        (self.scratch / "loop").symlink_to("loop")
        for name in ["missing.yaml", "no/folder.yaml", ".", "pipe", "loop", "/dev/zero"]:
            for command in [["check"], ["print"], ["rehearse", "--unattended", "--out", "out"]]:
                with self.subTest(name=name, command=command[0]):
                    done = run("tuf-ceremony", *command, name, cwd=self.scratch)
                    self.assertEnds(done, NO_INPUT, "UNREADABLE", name)
                    self.assertFalse((self.scratch / "out").exists())

    def test_a_script_that_somebody_else_keeps(self):
        self.scratch.chmod(0o755)
        secret = self.scratch / "secret.yaml"
        secret.write_text(SCRIPT)
        secret.chmod(0)
        # To root nothing is closed.
        options = {}
        if os.getuid() == 0:
            options = {"user": pwd.getpwnam("nobody").pw_uid, "group": 65534, "extra_groups": []}
        try:
            done = run("tuf-ceremony", "check", secret, **options)
        except PermissionError:
            self.skipTest("nobody may not start the program where it stands")
        self.assertEnds(done, NO_INPUT, "UNREADABLE", str(secret))

    def test_a_script_that_is_wrong(self):
        for what, (script, place, code) in WRONG_SCRIPTS.items():
            path = self.scratch / "script.yaml"
            path.write_bytes(script if isinstance(script, bytes) else script.encode())
            for command in [["check"], ["print"], ["rehearse", "--unattended", "--out", self.scratch / "out"]]:
                with self.subTest(what, command=command[0]):
                    done = run("tuf-ceremony", *command, path)
                    named = place.replace("script.yaml", str(path))
                    self.assertEnds(done, VIOLATION, f"error {code} ({named}", "\n  → ")
                    self.assertFalse((self.scratch / "out").exists())

    def test_every_mistake_is_said_at_once_where_it_was_named(self):
        path = self.scratch / "genesis.yaml"
        wrong = SCRIPT.replace("threshold: 2", "threshold: two").replace("witness:", "witnes:").replace("name: Ada", "name: ~")
        path.write_text(wrong)
        for command in [["check"], ["print"], ["rehearse", "--unattended", "--out", "out"]]:
            with self.subTest(command[0]):
                done = run("tuf-ceremony", *command, "genesis.yaml", cwd=self.scratch)
                self.assertEnds(done, VIOLATION)
                self.assertEqual(
                    [line.split(")")[0] for line in done.stderr.splitlines() if not line.startswith("  ")],
                    ["error SCRIPT-UNKNOWN-KEY (genesis.yaml:8:1", "error SCRIPT-VALUE (genesis.yaml:12:11",
                     "error SCRIPT-VALUE (genesis.yaml:20:16"])
                self.assertIn("Did you mean “witness”? It takes: ceremony,", done.stderr)
                self.assertFalse((self.scratch / "out").exists())


class OutputTests(TestCase):
    def test_an_input_that_is_not_the_pinned_one_goes_nowhere(self):
        """A link beside the script leads to what nobody else may read."""
        shutil.copy(RUNBOOK / "root-only-genesis.yaml", self.scratch)
        secret = self.scratch / "secret"
        secret.write_text("root:$6$...")
        for key in RUNBOOK.glob("*.pem"):
            (self.scratch / key.name).symlink_to(secret)
        out, mirror = self.scratch / "out", self.scratch / "mirror"
        done = rehearse(out, self.scratch / "root-only-genesis.yaml", "--mirror", mirror)
        self.assertEnds(done, VIOLATION, "error INPUT-CHANGED")
        self.assertFalse(out.exists() or mirror.exists())

    def test_a_limit_on_the_size_of_files(self):
        folder = self.scratch / "folder"
        self.assertEnds(rehearse(folder, FIRST, "--seed", 1), FINE)
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512))
        for arguments in (["report"], ["export", "--rehearsal", "--format", "bundle"]):
            with self.subTest(arguments):
                out = self.scratch / "new"
                done = run("tuf-audit", arguments[0], folder, *arguments[1:], "--out", out, preexec_fn=limit)
                self.assertEqual(done.returncode, CANNOT_CREATE, done.stdout + done.stderr)
                self.assertFalse(out.exists())
        with open(self.scratch / "printed", "w") as printed:
            done = subprocess.run(
                [program("tuf-audit"), "replay", folder, "--format", "json"], stdout=printed,
                stderr=subprocess.PIPE, text=True, preexec_fn=limit, timeout=120)
        self.assertEnds(done, CANNOT_CREATE)

    def test_an_output_that_exists_is_not_touched(self):
        (self.scratch / "folder").mkdir()
        (self.scratch / "folder" / "note").write_text("mine")
        (self.scratch / "file").write_text("mine")
        (self.scratch / "link").symlink_to("nowhere")
        for name in ["folder", "file", "link"]:
            with self.subTest(name):
                self.assertEnds(rehearse(self.scratch / name, FIRST), CANNOT_CREATE, "CANNOT-CREATE", name)
        self.assertEqual([path.name for path in (self.scratch / "folder").iterdir()], ["note"])
        self.assertEqual((self.scratch / "file").read_text(), "mine")
        self.assertFalse((self.scratch / "nowhere").exists())

    def test_an_output_that_cannot_be(self):
        for name in ["no/folder/here", "/proc/rehearsal", "x" * 300]:
            with self.subTest(name):
                self.assertEnds(rehearse(name, FIRST, cwd=self.scratch), CANNOT_CREATE, "CANNOT-CREATE")

    def test_no_room_for_the_next_record(self):
        """A limit on the size of files, in many places: words, 73, and the record replays."""
        whole = self.scratch / "whole"
        self.assertEnds(rehearse(whole, FIRST, "--seed", 1), FINE)
        size = (whole / "transcript.jsonl").stat().st_size
        script = len(SCRIPT.encode())
        stopped = 0
        for limit in [0, script - 1, script, *range(script + 1, size, size // 12), size - 1]:
            with self.subTest(limit=limit):
                out = self.scratch / f"out-{limit}"
                done = rehearse(
                    out, FIRST, "--seed", 1,
                    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
                self.assertEnds(done, CANNOT_CREATE, "\n  → ")
                recorded = (out / "transcript.jsonl").read_bytes() if limit >= script else b""
                if not recorded:
                    continue
                stopped += 1
                self.assertTrue((whole / "transcript.jsonl").read_bytes().startswith(recorded))
                self.assertReplay(
                    out, VIOLATION, "CEREMONY-INCOMPLETE" if recorded.endswith(b"\n") else "TRANSCRIPT-TORN")
                # With room again it goes on, and comes out as if nothing had been.
                self.assertEnds(run("tuf-ceremony", "resume", "--unattended", out), FINE)
                self.assertReplay(out, FINE)
        print(f"\nno room at {stopped} places of a transcript of {size} bytes")

    def test_a_disk_that_is_full(self):
        disk = self.scratch / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(disk)]
        if os.getuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
            self.skipTest("no small disk can be had here")
        self.addCleanup(subprocess.run, ["umount", str(disk)], check=True)
        done = rehearse(disk / "out", FIRST)
        self.assertEnds(done, CANNOT_CREATE, "No space left on device", "\n  → ")
        torn = not (disk / "out" / "transcript.jsonl").read_bytes().endswith(b"\n")
        self.assertReplay(disk / "out", VIOLATION, "TRANSCRIPT-TORN" if torn else "CEREMONY-INCOMPLETE")


class InterruptionTests(TestCase):
    def test_a_signal_in_the_middle(self):
        """The program waits for a reader of its screens when the signal comes: the same place every time."""
        for number in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]:
            with self.subTest(number.name):
                out = self.scratch / number.name
                command = [program("tuf-ceremony"), "rehearse", "--unattended", "--screens", "--out", out]
                with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
                    select.select([process.stdout], [], [])
                    transcript, size = out / "transcript.jsonl", -1
                    while size != (size := transcript.stat().st_size):
                        select.select([], [], [], 0.5)
                    process.send_signal(number)
                    _, words = process.communicate(timeout=300)
                self.assertEqual(process.returncode, ABORTED, words)
                self.assertIn(number.name, words.decode())
                self.assertReplay(out, VIOLATION, "CEREMONY-INCOMPLETE")

    def test_nobody_reads_the_screens(self):
        read, write = os.pipe()
        os.close(read)
        out = self.scratch / "out"
        done = subprocess.run(
            [program("tuf-ceremony"), "rehearse", "--unattended", str(FIRST), "--out", str(out)],
            stdout=write, stderr=subprocess.PIPE, text=True, timeout=300)
        os.close(write)
        self.assertEnds(done, FINE)
        self.assertReplay(out, FINE)
