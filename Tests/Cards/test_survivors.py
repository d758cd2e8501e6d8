"""Cards with a key on them survive every rehearsal that was not told to give them up: their memory is the same after."""

import os
import shutil
import tempfile

from person import Room
from profiles import OnEachProfile
from served import ServedCard, audit, ceremony, records


def memory(card):
    with open(card.state, "rb") as file:
        return file.read()


class Survivors(OnEachProfile):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.script = self.two_keyholders()

    def insert(self, place, serial, **options):
        card = ServedCard(place, serial, self.model, **options)
        self.addCleanup(card.take_out)
        return card

    def rehearse(self, name, *options):
        out = os.path.join(self.folder, name)
        return ceremony("rehearse", self.script, "--cards", "pcsc", "--unattended", "--out", out, *options), out

    def destroyed(self, out):
        """What was done that cannot be undone, by instruction."""
        apdus = [record["body"]["apdu"] for record in records(out) if record["kind"] == "command"]
        return [apdu for apdu in apdus if apdu[2:4] in ("47", "db", "f6", "fa", "fb", "ff", "24", "2c")]

    def test_a_key_of_another_ceremony(self):
        ada, boris = self.insert(0, 51), self.insert(1, 52)
        made, _ = self.rehearse("first")
        self.assertEqual(made.returncode, 0, made.stderr)
        before = memory(ada), memory(boris)

        with self.subTest("unattended"):
            refused, out = self.rehearse("unattended")
            self.assertEqual(refused.returncode, 1, refused.stderr)
            self.assertIn("CARD-HOLDS-KEY", refused.stderr)
            self.assertIn("--sacrifice 5", refused.stderr)
            self.assertEqual(self.destroyed(out), [])
            self.assertEqual((memory(ada), memory(boris)), before)

        with self.subTest("unattended, and the other one may be given up"):
            refused, out = self.rehearse("other", "--sacrifice", "52")
            self.assertEqual(refused.returncode, 1, refused.stderr)
            self.assertIn("CARD-HOLDS-KEY", refused.stderr)
            self.assertEqual((memory(ada), memory(boris)), before)

        with self.subTest("at a terminal"):
            boris.take_out()
            out = os.path.join(self.folder, "terminal")
            room = Room("rehearse", self.script, "--cards", "pcsc", "--out", out)
            self.addCleanup(room.leave)
            for answer in ("retry", "abort"):
                screen = room.until("\n  retry ")
                self.assertIn("CARD-HOLDS-KEY", screen)
                self.assertNotIn("reset the card", screen)
                room.say(answer)
            while "Do they agree" not in room.until("abort"):
                room.say("abort")
            room.say("confirm")
            self.assertEqual(room.to_the_end(), 1, room.transcript[-2000:])
            self.assertEqual(self.destroyed(out), [])
            self.assertEqual(memory(ada), before[0])
            boris.insert(1)

        with self.subTest("a probe"):
            probe = ceremony("card", "probe", self.script, "--sacrifice", "51")
            self.assertIn("SLOT-OCCUPIED", probe.stderr)
            self.assertEqual(memory(ada), before[0])

        with self.subTest("given up"):
            given, out = self.rehearse("given", "--sacrifice", "51", "--sacrifice", "52")
            self.assertEqual(given.returncode, 0, given.stderr)
            self.assertEqual(audit("replay", out).returncode, 0)
            self.assertNotEqual(memory(ada), before[0])
            self.assertNotEqual(self.destroyed(out), [])

    def test_a_card_that_is_not_ours_unattended(self):
        """It is written to by nobody unattended, empty or not, given up or not."""
        card = self.insert(0, 53, unmarked=True)
        before = memory(card)
        for name, options in (("plain", []), ("given-up", ["--sacrifice", "53"])):
            with self.subTest(name):
                refused, out = self.rehearse(name, *options)
                self.assertEqual(refused.returncode, 1, refused.stderr)
                self.assertIn("WRONG-CARD", refused.stderr)
                self.assertIn("not one of our virtual cards", refused.stderr)
                self.assertEqual(self.destroyed(out), [])
                self.assertEqual(memory(card), before)
