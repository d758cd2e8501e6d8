"""Before the day: `card probe` with good cards, lying ones, and ones that lack a command. None keeps a key of it."""

import json
import os
import shutil
import tempfile
import unittest

from profiles import ALGORITHMS, ASKED, MADE, MARKED, OnEachProfile
from scripts import two_keyholders
from served import ServedCard, ceremony


class Probe(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.card = ServedCard(0, 97)
        self.addCleanup(self.card.take_out)

    def probe(self, algorithm="ed25519"):
        script = two_keyholders(self.folder, algorithm=algorithm)
        done = ceremony("card", "probe", script, "--sacrifice", "97")
        self.card.tell("mend")
        shown = json.loads(ceremony("card", "info", "--format", "json").stdout)
        self.assertEqual(shown["slots"], [])
        self.assertTrue(shown["credentials"]["PIN"]["factory"])
        return done

    def at_every_exchange(self, fault):
        for after in range(60):
            self.card.tell(f"fault {after} {fault}")

    def test_a_card_that_lies(self):
        for fault in ("first-32-bytes", "wrong-signature", "wrong-key"):
            with self.subTest(fault):
                self.at_every_exchange(fault)
                done = self.probe()
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn("error SIGNATURE-WRONG", done.stderr)
                self.assertNotIn("signs", done.stdout)

    def test_a_card_that_cannot_delete_a_key_is_reset(self):
        self.card.tell("lack f6")
        done = self.probe()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("This card cannot delete a key, so it was reset.", done.stderr)

    def test_a_card_that_lacks_what_the_script_needs_keeps_all_that_it_has(self):
        """Two cards beside each other: neither PIN nor PUK of the one without a reset has lost a try."""
        self.card.take_out()
        card = ServedCard(0, 98, "minimal")
        self.addCleanup(card.take_out)
        before = card.memory()
        listed = json.loads(ceremony("card", "list", "--format", "json").stdout)
        name = "guid-" + next(entry["card"]["guid"] for entry in listed["readers"] if entry["card"])
        script = two_keyholders(self.folder, algorithm="ecdsa-p256")
        done = ceremony("card", "probe", script, "--sacrifice", name)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("error CARD-UNSUPPORTED", done.stderr)
        self.assertIn("says what a slot holds: no\nattests its keys: no\n", done.stdout)
        self.assertEqual(card.memory(), before)


class EveryKind(OnEachProfile):
    models = list(ASKED)

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.card = ServedCard(0, 97, self.model)
        self.addCleanup(self.card.take_out)

    def test_what_it_makes_and_what_not(self):
        attests = "no" if self.model in ("bare", "token") else "yes"
        for algorithm in ALGORITHMS:
            with self.subTest(algorithm):
                before = self.card.memory()
                script = self.two_keyholders(algorithm=algorithm)
                done = ceremony("card", "probe", script, "--sacrifice", "97")
                self.assertIn(f"says what a slot holds: yes\nattests its keys: {attests}\n", done.stdout)
                # The script has it forgotten.
                self.assertNotIn("whether it keeps a management key", done.stderr)
                after = self.card.memory()
                if algorithm in MADE[self.model]:
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertRegex(
                        done.stdout, rf"(?m)^{algorithm} in slot 9c: signs \d+ bytes, the largest payload \(root\)\n\Z")
                    # A reset makes a new attestation key on a card that vouches for itself.
                    for held in (before, after):
                        del held["attestation-key"]
                        held.pop("attestation-certificate", None)
                else:
                    self.assertEqual(done.returncode, 5, done.stderr)
                    self.assertIn("error ALGORITHM-UNSUPPORTED", done.stderr)
                self.assertEqual(after, before)

    def test_what_a_card_does_is_recorded_without_the_card(self):
        """Nothing on the card is changed, and nothing in the file tells it from another."""
        record = os.path.join(self.folder, "card.json")
        with open(self.card.state, encoding="utf-8") as file:
            before = json.load(file)
        done = ceremony("card", "probe", "--record", record)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.card.state, encoding="utf-8") as file:
            self.assertEqual(json.load(file), before)
        with open(record, encoding="utf-8") as file:
            text = file.read()
        self.assertNotIn("97", text.replace("5.7", ""))
        self.assertEqual(json.loads(text)["virtual"], self.model in MARKED)
        self.assertEqual(ceremony("card", "probe", "--record", record).returncode, 73)
        for wrong in (["--record", record, "--sacrifice", "97"], [record], []):
            self.assertEqual(ceremony("card", "probe", *wrong).returncode, 64)
