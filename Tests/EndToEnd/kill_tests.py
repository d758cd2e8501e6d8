"""A ceremony that is killed anywhere goes on from its folder and loses nothing that was recorded."""
import concurrent.futures
import json
import os
import random
import shutil
import signal
import subprocess
import unittest

from programs import FINE, FIRST, TestCase, program, python_tuf_opinion, run, second_opinion
from rotations import rotation
from sweep import FULL, SEED


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
    # What a rehearsal is given beside its script, the root that comes out of it, and in how many places it is killed.
    after, root, places, signers = (), "metadata/1.root.json", 20, 3

    def setUp(self):
        super().setUp()
        self.script = self.scratch / "three.yaml"
        self.script.write_text(three_keyholders())

    def killed(self, name, at):
        """A rehearsal that SIGKILL ended as it put something on the disk for the `at`th time."""
        out = self.scratch / name
        done = subprocess.run(
            ["strace", "-f", "-o", os.devnull, "-e", "trace=fsync", "-e", f"inject=fsync:signal=KILL:when={at}",
             program("tuf-ceremony"), "rehearse", str(self.script), *self.after, "--unattended", "--out", str(out)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300)
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
        self.assert_second(out, run("tuf-audit", "replay", out), what)
        done = run("tuf-ceremony", "resume", out, "--unattended")
        self.assertEqual(done.returncode, FINE, f"{what}: {done.stderr}")
        replay = run("tuf-audit", "replay", out)
        self.assertEqual(replay.returncode, FINE, f"{what}: {replay.stdout[-1500:]}")
        self.assert_second(out, replay, what)
        if not self.after:
            accepted = python_tuf_opinion(out / self.root)
            self.assertTrue(accepted is None or accepted.returncode == FINE, f"{what}: {accepted}")
        root = json.loads((out / self.root).read_bytes())
        written = {s["keyid"]: s["sig"] for s in root["signatures"]}
        self.assertEqual(len(written), self.signers, what)
        for keyid, signature in before.items():
            self.assertEqual(written.get(keyid), signature, f"{what}: a recorded signature was lost")
        self.time_goes_on(out, what)

    def time_goes_on(self, out, what):
        """Never back, in the records and in what is played from them."""
        both = (out / "transcript.jsonl").read_bytes() + (out / "sealing.jsonl").read_bytes()
        lines = both.splitlines()
        monos = [json.loads(line)["mono"] for line in lines]
        self.assertEqual(monos, sorted(monos), what)
        cast = self.scratch / f"{out.name}.cast"
        done = run("tuf-audit", "export", out, "--rehearsal", "--format", "asciicast", "--out", cast)
        self.assertEqual(done.returncode, FINE, f"{what}: {done.stderr}")
        times = [json.loads(line)[0] for line in cast.read_text().splitlines()[1:]]
        self.assertEqual(times, sorted(times), what)
        self.assertGreater(times[-1], 0)
        cast.unlink()

    def assert_second(self, out, replay, what):
        """The second verifier accepts what the replay accepts, and of other folders says why."""
        done = second_opinion(out)
        if done is None:
            return
        self.assertEqual(done.returncode, replay.returncode, f"{what}: {replay.stdout[-1500:]}\nbut {done.stdout}")
        self.assertIn("VERIFIED\n  ", done.stdout, what)
        self.assertNotIn("makes no sense", done.stdout, what)

    def test_killed_at_every_record_and_inside_the_writing_of_one(self):
        whole, trace = self.scratch / "whole", self.scratch / "trace"
        done = subprocess.run(
            ["strace", "-f", "-o", trace, "-e", "trace=fsync", program("tuf-ceremony"), "rehearse", str(self.script),
             *self.after, "--unattended", "--out", str(whole)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300)
        self.assertEqual(done.returncode, FINE)
        last = sum("fsync(" in line for line in trace.read_text().splitlines())
        records = sum(len((whole / name).read_bytes().splitlines()) for name in ("transcript.jsonl", "sealing.jsonl"))
        self.assertGreater(last, records)
        # Before this the folder has no record.
        first = next(n for n in range(1, 50) if self.has_record(f"first{n}", n))
        places = range(first, last + 1)
        if not FULL:
            places = sorted(random.Random(SEED).sample(places, self.places))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            torn = sum(pool.map(self.killed_whole_and_torn, places))
        print(f"{len(places) + torn} kills of a ceremony of {records} records, {torn} inside the writing of a record")

    def killed_whole_and_torn(self, place):
        """Killed as something was put on the disk, and once more in the middle of that. Whether that was a record."""
        out, was_killed = self.killed(f"kill{place}", place)
        self.assertTrue(was_killed, f"no kill at {place}")
        half = self.scratch / f"torn{place}"
        shutil.copytree(out, half)
        self.goes_on(out, f"killed at {place}")
        shutil.rmtree(out)
        name = "sealing.jsonl" if (half / "sealing.jsonl").exists() else "transcript.jsonl"
        lines = (half / name).read_bytes().splitlines(keepends=True)
        # Without its first record the folder holds nothing to go on with.
        is_torn = len(lines) > (name == "transcript.jsonl")
        if is_torn:
            cut = random.Random(place).randrange(1, len(lines[-1]))
            os.truncate(half / name, sum(map(len, lines)) - cut)
            self.goes_on(half, f"killed at {place} with {cut} bytes missing")
        shutil.rmtree(half)
        return is_torn

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
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300)
        self.goes_on(out, "killed three times")

    def test_killed_between_the_close_and_what_follows_it(self):
        out = self.scratch / "closed"
        self.assertEqual(
            run("tuf-ceremony", "rehearse", self.script, *self.after, "--unattended", "--out", out).returncode, FINE)
        (out / "sealing.jsonl").write_bytes(b"")
        for name in "seal.dsse.json", "report.html", "SHA256SUMS":
            (out / name).unlink()
        self.goes_on(out, "killed after the close")

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


class RotationKillTests(KillTests):
    """The same of a ceremony that goes on from a root: two keep their keys, one leaves and signs once more, one joins."""

    root, places, signers = "metadata/2.root.json", 4, 4

    def setUp(self):
        super().setUp()
        genesis, folder = self.scratch / "genesis", self.scratch / "rotation"
        done = run("tuf-ceremony", "rehearse", self.script, "--unattended", "--out", genesis)
        self.assertEqual(done.returncode, FINE, done.stderr)
        folder.mkdir()
        own = "card: record"
        self.script = rotation(
            genesis, folder, {"ada": (0, own), "boris": (1, own)}, {"carla": (2, own)}, {"dora": own})
        self.after = ("--after", genesis)
