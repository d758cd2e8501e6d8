"""What ends in the middle, over a real pcscd: the program that was killed, and the pcscd that died and came back."""

import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import person
from person import Keyholder
from profiles import REAL, OnEachProfile
from served import CEREMONY, NOTICED, PACKAGE, ServedCard, Terminal, audit, ceremony, keeper, records
from sweep import FULL, SEED

RUNBOOK = os.path.join(PACKAGE, "Runbook")
FIRST = os.path.join(RUNBOOK, "first-rehearsal.yaml")


class Interrupted(unittest.TestCase):
    def setUp(self):
        # In the build folder and not in /tmp, which may be memory.
        self.folder = tempfile.mkdtemp(dir=os.path.join(PACKAGE, ".build"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.out = os.path.join(self.folder, "out")

    def insert(self, place, serial, model="yubikey", **options):
        card = ServedCard(place, serial, model, **options)
        self.addCleanup(card.take_out)
        return card

    def signatures(self, out):
        """What the record says was signed for the root, by key id."""
        with open(os.path.join(out, "transcript.jsonl"), "rb") as file:
            lines = [json.loads(line) for line in file.read().split(b"\n")[:-1]]
        bodies = [line["body"] for line in lines if line["kind"] == "signature"]
        return {body["keyid"]: body["sig"] for body in bodies if body["role"] == "root"}

    def is_sound(self, out, signed, what):
        """It replays, its root holds, and no recorded signature was lost."""
        replay = audit("replay", out)
        self.assertEqual(replay.returncode, 0, f"{what}: {replay.stdout[-1500:]}{replay.stderr}")
        with open(os.path.join(out, "metadata", "1.root.json"), "rb") as file:
            written = {s["keyid"]: s["sig"] for s in json.load(file)["signatures"]}
        self.assertEqual(len(written), 2, what)
        for keyid, signature in signed.items():
            self.assertEqual(written.get(keyid), signature, f"{what}: a recorded signature was lost")
        try:
            from tuf.api.metadata import Metadata, Root
        except ImportError:
            return
        root = Metadata[Root].from_file(os.path.join(out, "metadata", "1.root.json"))
        root.verify_delegate("root", root)


@unittest.skipUnless(shutil.which("strace"), "strace is not installed: nothing else kills at an exact place")
class KilledRehearsal(Interrupted):
    def test_killed_rehearsals_go_on_with_the_cards_as_they_are(self):
        serials = (20000401, 20000402)
        for place, serial in enumerate(serials):
            self.insert(place, serial)
        sacrifice = [word for serial in serials for word in ("--sacrifice", str(serial))]
        whole = os.path.join(self.folder, "whole")
        done = ceremony("rehearse", FIRST, "--cards", "pcsc", "--unattended", "--out", whole)
        self.assertEqual(done.returncode, 0, done.stderr)
        count = len(records(whole))
        # The cards are reset by each of the following, which had better be told so.
        dice = random.Random(SEED)
        places = sorted(dice.sample(range(20, count), 24 if FULL else 4))
        for at in places:
            out = os.path.join(self.folder, f"killed{at}")
            command = [CEREMONY, "rehearse", FIRST, "--cards", "pcsc", "--unattended", "--out", out, *sacrifice]
            done = subprocess.run(
                ["strace", "-f", "-o", os.devnull, "-e", "trace=fsync"]
                + ["-e", f"inject=fsync:signal=KILL:when={at}", *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=300,
            )
            self.assertIn(done.returncode, (-signal.SIGKILL, 128 + signal.SIGKILL), f"no kill at {at}")
            signed = self.signatures(out)
            done = ceremony("resume", out, "--unattended")
            self.assertEqual(done.returncode, 0, f"killed at {at}: {done.stdout[-500:]}{done.stderr}")
            self.is_sound(out, signed, f"killed at {at}")
        print(f"{len(places)} kills of a rehearsal of {count} records over pcscd")


class DaemonGone(Interrupted):
    def test_pcscd_dies_in_the_middle_of_a_step_and_comes_back(self):
        ada = self.insert(0, 20000411)
        room = Terminal("rehearse", FIRST, "--cards", "pcsc", "--out", self.out)
        room.expect("Are the digests the same?")
        room.type("confirm")
        room.expect("Said?")
        room.type("next")
        for name in "Administrator", "Witness", "Ada", "Boris":
            room.expect(f"Is {name} here")
            room.type("here")
            room.expect(f"Who saw that this is {name}?")
            room.type("known")
        room.expect("Type the serial that Ada reads aloud")
        room.type("20000411")
        room.expect("Reset the card?")
        # The card is held, and nobody but pcscd goes: its port stays taken while a card is connected, so that comes first.
        ada.vanish()
        self.addCleanup(keeper, signal.SIGUSR1, True)
        keeper(signal.SIGUSR2, False)
        time.sleep(4 * NOTICED)
        keeper(signal.SIGUSR1, True)
        time.sleep(4 * NOTICED)
        room.type("reset")
        room.expect("PCSCD-GONE")
        room.expect("What now?")
        room.type("retry")
        ada.insert(0)
        room.expect("Reset the card?")
        room.type("reset")
        room.expect("Is it written down?")
        room.type("written")
        room.expect("Insert the card of Boris")
        self.insert(1, 20000412)
        room.expect("Type the serial that Boris reads aloud")
        room.interrupt()
        self.assertEqual(room.finish(), 4)
        codes = [record["body"]["code"] for record in records(self.out) if record["kind"] == "exception"]
        self.assertEqual(codes, ["PCSCD-GONE"])
        self.assertIn("CEREMONY-INCOMPLETE", audit("replay", self.out).stdout)

    def test_without_any_card_an_unattended_rehearsal_ends_with_a_record_of_why(self):
        done = ceremony("rehearse", FIRST, "--cards", "pcsc", "--unattended", "--out", self.out)
        self.assertEqual(done.returncode, 5, done.stderr)
        failures = [record["body"] for record in records(self.out) if record["kind"] == "card"]
        self.assertEqual({body["failure"]["code"] for body in failures}, {"CARD-MISSING"})
        replay = audit("replay", self.out)
        self.assertEqual(replay.returncode, 1)
        self.assertIn("ABORTED", replay.stdout + replay.stderr)
        self.assertNotIn("DIVERGENCE", replay.stdout + replay.stderr)


class Patient(person.Room):
    """People who try again whatever did not go well."""

    def answer(self, screen):
        return "retry" if "retry" in self.tokens(screen) else super().answer(screen)


class KilledRun(OnEachProfile, Interrupted):
    """The real ceremony at a terminal, killed where it hurts, goes on from a copy of its folder."""

    models = REAL

    def people(self):
        return {
            "ada": Keyholder("Ada", 81, "24681357", "86421357"),
            "boris": Keyholder("Boris", 82, "13572468", "97531864"),
        }

    def begin(self):
        for place, serial in enumerate((81, 82)):
            self.insert(place, serial, self.model, unmarked=True)
        script = self.two_keyholders(ada=81, boris=82)
        room = Patient("run", script, "--out", self.out, **self.people())
        self.addCleanup(room.leave)
        return room

    def goes_on(self, room, what):
        """SIGKILL, and another host that has the folder and nothing else. Returns what was signed before."""
        os.kill(room.child, signal.SIGKILL)
        self.assertEqual(room.finish(), -signal.SIGKILL)
        signed = self.signatures(self.out)
        elsewhere = os.path.join(self.folder, "elsewhere")
        shutil.copytree(self.out, elsewhere)
        shutil.rmtree(self.out)
        refused = ceremony("resume", elsewhere, "--unattended")
        self.assertEqual(refused.returncode, 1, refused.stderr)
        self.assertIn("RESUME-REFUSED", refused.stderr)
        room = Patient("resume", elsewhere, **self.people())
        self.addCleanup(room.leave)
        self.assertEqual(room.to_the_end(), 0, room.transcript[-3000:])
        self.is_sound(elsewhere, signed, what)
        self.assertIn("resume", [record["kind"] for record in self.everything(elsewhere)])
        self.assertNotIn("REHEARSAL", room.transcript)
        return signed

    def everything(self, out):
        return records(out) + records(out, "sealing.jsonl")

    def test_killed_while_a_pin_is_set(self):
        room = self.begin()
        room.until("New PIN of Boris")
        self.assertEqual(self.goes_on(room, "killed while a PIN was set"), {})

    def test_killed_while_somebody_signs(self):
        room = self.begin()
        room.until("Boris signs root")
        room.say("sign")
        room.until("PIN of Boris")
        self.assertEqual(len(self.goes_on(room, "killed while Boris signed")), 1)

    def test_killed_after_the_close_while_it_is_sealed(self):
        room = self.begin()
        room.until("Boris signs the transcript seal")
        self.assertEqual(len(self.goes_on(room, "killed while it was sealed")), 2)
