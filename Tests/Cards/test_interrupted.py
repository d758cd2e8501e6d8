"""What ends in the middle, over a real pcscd: the program that was killed, and the pcscd that died and came back."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from served import CEREMONY, NOTICED, PACKAGE, ServedCard, Terminal, audit, ceremony, records

RUNBOOK = os.path.join(PACKAGE, "Runbook")
FIRST = os.path.join(RUNBOOK, "first-rehearsal.yaml")
FULL = os.environ.get("TUF_CEREMONY_TESTS") == "full"
PINS = {"ada": "24681357", "boris": "13572468"}
PUKS = {"ada": "86421357", "boris": "97531864"}


class Interrupted(unittest.TestCase):
    def setUp(self):
        # In the build folder and not in /tmp, which may be memory.
        self.folder = tempfile.mkdtemp(dir=os.path.join(PACKAGE, ".build"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.out = os.path.join(self.folder, "out")

    def insert(self, place, serial, model="yubikey"):
        card = ServedCard(place, serial, model)
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
        dice = random.Random(int(os.environ.get("TUF_CEREMONY_SEED", "1")))
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
                timeout=120,
            )
            self.assertIn(done.returncode, (-signal.SIGKILL, 128 + signal.SIGKILL), f"no kill at {at}")
            signed = self.signatures(out)
            done = ceremony("resume", out, "--unattended")
            self.assertEqual(done.returncode, 0, f"killed at {at}: {done.stdout[-500:]}{done.stderr}")
            self.is_sound(out, signed, f"killed at {at}")
        print(f"{len(places)} kills of a rehearsal of {count} records over pcscd")


class DaemonGone(Interrupted):
    def test_pcscd_dies_in_the_middle_of_a_step_and_comes_back(self):
        keeper = int(os.environ["PCSCD_KEEPER"])
        ada = self.insert(0, 20000411)
        room = Terminal("rehearse", FIRST, "--cards", "pcsc", "--out", self.out)
        room.expect("Said?")
        room.type("next")
        room.expect("Type the serial that Ada reads aloud")
        room.type("20000411")
        room.expect("Reset the card?")
        # The card is held, and nobody but pcscd goes: its port stays taken while a card is connected, so that comes first.
        ada.vanish()
        self.addCleanup(os.kill, keeper, signal.SIGUSR1)
        os.kill(keeper, signal.SIGUSR2)
        time.sleep(4 * NOTICED)
        os.kill(keeper, signal.SIGUSR1)
        time.sleep(4 * NOTICED)
        room.type("reset")
        room.expect("PCSCD-GONE")
        room.expect("Try this step again?")
        room.type("retry")
        ada.insert(0)
        room.expect("Reset the card?")
        room.type("reset")
        room.expect("Insert the card of Boris")
        self.insert(1, 20000412)
        room.expect("Type the serial that Boris reads aloud")
        room.interrupt()
        self.assertEqual(room.finish(), 4)
        codes = [record["body"]["code"] for record in records(self.out) if record["kind"] == "exception"]
        self.assertEqual(codes, ["PCSCD-GONE"])
        self.assertIn("CEREMONY-INCOMPLETE", audit("replay", self.out).stderr)

    def test_without_any_card_an_unattended_rehearsal_ends_with_a_record_of_why(self):
        done = ceremony("rehearse", FIRST, "--cards", "pcsc", "--unattended", "--out", self.out)
        self.assertEqual(done.returncode, 5, done.stderr)
        failures = [record["body"] for record in records(self.out) if record["kind"] == "card"]
        self.assertEqual({body["failure"]["code"] for body in failures}, {"CARD-MISSING"})
        replay = audit("replay", self.out)
        self.assertEqual(replay.returncode, 1)
        self.assertIn("ABORTED", replay.stdout + replay.stderr)
        self.assertNotIn("DIVERGENCE", replay.stdout + replay.stderr)


class Follower(Terminal):
    """Somebody who does whatever the program asks for."""

    ASKS = ["\n> ", "New PUK", "New PIN", "The same again: ", "PIN (ada/pin): ", "PIN (boris/pin): "]
    ASKS += ["Insert the card of Ada", "Insert the card of Boris"]

    def next(self, wanted):
        """What was written up to the first of these words, and which it is; None at the end."""
        deadline = time.monotonic() + 30
        while True:
            found = [(self.text.find(words), place, words) for place, words in enumerate(wanted) if words in self.text]
            if found:
                at, _, words = min(found)
                seen, self.text = self.text[: at + len(words)], self.text[at + len(words) :]
                return seen, words
            if not self._read(deadline):
                return self.text, None

    def first_answer(self, screen):
        plain = re.sub(r"\x1b\[[0-9;]*m", "", screen)
        return re.findall(r"^  (\S+) {2,}\S", plain.split("\n\n")[-1], re.MULTILINE)[0]


class KilledRun(Interrupted):
    """The real ceremony at a terminal, killed where it hurts, goes on from a copy of its folder."""

    def script(self):
        with open(FIRST, encoding="utf-8") as file:
            text = file.read()
        text = text.replace("expires:\n      days: 7", f"expires: {time.strftime('%Y-%m-%dT00:00:00Z', self.later())}")
        text = text.replace("roles:\n", "cards:\n  attestation: optional\nroles:\n", 1)
        path = os.path.join(self.folder, "script.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def later(self):
        return time.gmtime(time.time() + 200 * 86400)

    def begin(self):
        self.cards = {"ada": self.insert(0, 81, "bare"), "boris": None}
        return Follower("run", self.script(), "--out", self.out)

    def goes_on(self, room):
        """SIGKILL, and another host with nothing but the folder."""
        os.kill(room.child, signal.SIGKILL)
        self.assertEqual(room.finish(), -signal.SIGKILL)
        signed = self.signatures(self.out)
        elsewhere = os.path.join(self.folder, "elsewhere")
        shutil.copytree(self.out, elsewhere)
        shutil.rmtree(self.out)
        self.out = elsewhere
        return Follower("resume", elsewhere), signed

    def present(self, who):
        """The card of this keyholder is in a reader, and nobody else's."""
        other = "boris" if who == "ada" else "ada"
        if self.cards[other] and self.cards[other].process:
            self.cards[other].take_out()
        if self.cards[who] is None:
            self.cards[who] = self.insert(1, 82, "bare")
        elif self.cards[who].process is None:
            self.cards[who].insert(0 if who == "ada" else 1)

    def follows(self, room, until=None):
        """Does what the program asks for, to its end or until these words are shown."""
        new = None
        while True:
            seen, words = room.next(([until] if until else []) + room.ASKS)
            if words is None or words == until:
                return
            if words.startswith("Insert the card of "):
                self.present(words.split()[-1].lower())
            elif words.startswith("New "):
                who = "boris" if room.expect("6 to 8 digits").startswith(" (boris") else "ada"
                new = (PUKS if words == "New PUK" else PINS)[who]
                room.type(new)
            elif words == "The same again: ":
                room.type(new)
            elif words.startswith("PIN ("):
                room.type(PINS[words[5:].split("/")[0]])
            else:
                room.type(room.first_answer(seen))

    def check(self, until):
        room = self.begin()
        self.follows(room, until)
        room, signed = self.goes_on(room)
        self.follows(room)
        self.assertEqual(room.finish(), 0, room.text)
        self.is_sound(self.out, signed, f"killed at “{until}”")
        with open(os.path.join(self.out, "transcript.jsonl"), encoding="utf-8") as file:
            self.assertIn('"kind":"resume"', file.read())
        return signed

    def test_killed_while_a_pin_is_set(self):
        self.check("New PIN")

    def test_killed_while_somebody_signs(self):
        self.assertEqual(len(self.check("PIN (boris/pin)")), 1)

    def test_killed_after_the_close_while_it_is_sealed(self):
        self.assertEqual(len(self.check("signs the transcript seal")), 2)


if __name__ == "__main__":
    unittest.main()
