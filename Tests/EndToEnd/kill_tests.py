"""A ceremony that is killed anywhere goes on from its folder and loses nothing that was recorded."""
import json
import os
import random
import shutil
import signal
import subprocess
import unittest

from programs import FINE, FIRST, TestCase, program, run


def three_keyholders():
    """The first rehearsal with a third keyholder."""
    text = FIRST.read_text()
    text = text.replace("  boris:\n    name: Boris\n    card: record\n",
                        "  boris:\n    name: Boris\n    card: record\n  carla:\n    name: Carla\n    card: record\n")
    text = text.replace("[ada, boris]", "[ada, boris, carla]")
    card = "  - id: build-root\n"
    text = text.replace(card, "  - id: card-carla\n    do: provision\n    keyholder: carla\n" + card)
    verify = "  - id: verify-root\n"
    return text.replace(
        verify, "  - id: sign-root-carla\n    do: sign\n    role: root\n    keyholder: carla\n" + verify)


@unittest.skipUnless(shutil.which("strace"), "strace is not installed: nothing else kills at an exact place")
class KillTests(TestCase):
    def setUp(self):
        super().setUp()
        self.script = self.scratch / "three.yaml"
        self.script.write_text(three_keyholders())

    def killed(self, name, at):
        """A rehearsal that SIGKILL ended as it put something on the disk for the `at`th time."""
        out = self.scratch / name
        done = subprocess.run(
            ["strace", "-f", "-o", os.devnull, "-e", "trace=fsync", "-e", f"inject=fsync:signal=KILL:when={at}",
             program("tuf-ceremony"), "rehearse", str(self.script), "--unattended", "--out", str(out)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
        return out, done.returncode == -signal.SIGKILL or done.returncode == 128 + signal.SIGKILL

    def signatures(self, out, name="transcript.jsonl"):
        """What the whole lines of a record say was signed, by key id; a key that was given up is not counted."""
        found = {}
        for line in (out / name).read_bytes().split(b"\n")[:-1]:
            record = json.loads(line)
            if record["kind"] == "signature" and record["body"]["role"] == "root":
                found[record["body"]["keyid"]] = record["body"]["sig"]
        return found

    def goes_on(self, out, what):
        before = self.signatures(out)
        done = run("tuf-ceremony", "resume", out, "--unattended")
        self.assertEqual(done.returncode, FINE, f"{what}: {done.stderr}")
        replay = run("tuf-audit", "replay", out)
        self.assertEqual(replay.returncode, FINE, f"{what}: {replay.stdout[-1500:]}")
        root = json.loads((out / "metadata/1.root.json").read_bytes())
        written = {s["keyid"]: s["sig"] for s in root["signatures"]}
        self.assertEqual(len(written), 3, what)
        for keyid, signature in before.items():
            self.assertEqual(written.get(keyid), signature, f"{what}: a recorded signature was lost")

    def test_killed_at_every_record_and_inside_the_writing_of_one(self):
        whole, was_killed = self.killed("whole", 65535)
        self.assertFalse(was_killed)
        records = len((whole / "transcript.jsonl").read_bytes().splitlines())
        # Before this the folder has no record, and after the last there is nothing to put on the disk.
        first = next(n for n in range(1, 50) if self.has_record(f"first{n}", n))
        last = records + first
        dice = random.Random(int(os.environ.get("TUF_CEREMONY_SEED", "1")))
        places = range(first, last)
        if os.environ.get("TUF_CEREMONY_TESTS") != "full":
            places = sorted(dice.sample(places, 20))
        kills = torn = 0
        for place in places:
            out, was_killed = self.killed(f"kill{place}", place)
            self.assertTrue(was_killed, f"no kill at {place}")
            kills += 1
            half = self.scratch / f"torn{place}"
            shutil.copytree(out, half)
            self.goes_on(out, f"killed at {place}")
            shutil.rmtree(out)
            # The same, with the last line only partly on the disk.
            name = "sealing.jsonl" if (half / "sealing.jsonl").exists() else "transcript.jsonl"
            lines = (half / name).read_bytes().splitlines(keepends=True)
            if name == "transcript.jsonl" and len(lines) > 1:
                cut = dice.randrange(1, len(lines[-1]))
                os.truncate(half / name, sum(map(len, lines)) - cut)
                kills += 1
                torn += 1
                self.goes_on(half, f"killed at {place} with {cut} bytes missing")
            shutil.rmtree(half)
        print(f"{kills} kills of a ceremony of {records} records, {torn} of them inside the writing of a record")

    def has_record(self, name, at):
        out, _ = self.killed(name, at)
        transcript = out / "transcript.jsonl"
        return transcript.exists() and b"\n" in transcript.read_bytes()

    def test_killed_twice_and_three_times(self):
        out, was_killed = self.killed("again", 300)
        self.assertTrue(was_killed)
        for at in (40, 90):
            subprocess.run(
                ["strace", "-f", "-o", os.devnull, "-e", "trace=fsync", "-e", f"inject=fsync:signal=KILL:when={at}",
                 program("tuf-ceremony"), "resume", str(out), "--unattended"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
        self.goes_on(out, "killed three times")

    def test_nothing_to_go_on_with(self):
        self.assertEnds(run("tuf-ceremony", "resume", self.scratch, "--unattended"), 1, "RESUME-REFUSED")

    def test_a_changed_folder_is_not_gone_on_with(self):
        out, _ = self.killed("changed", 300)
        transcript = out / "transcript.jsonl"
        data = bytearray(transcript.read_bytes())
        data[2000] ^= 1
        transcript.write_bytes(data)
        size = len(data)
        done = run("tuf-ceremony", "resume", out, "--unattended")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(transcript.stat().st_size, size, "something was written")
