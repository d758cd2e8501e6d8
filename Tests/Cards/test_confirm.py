"""At home: `card confirm` with cards that say what they hold, cards that attest it, and cards that only show it."""

import os
import shutil
import tempfile
import unittest

from scripts import two_keyholders
from served import ServedCard, ceremony

METADATA, ATTEST = "f7", "f9"


class Confirm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cards = [ServedCard(0, 94), ServedCard(1, 95)]
        cls.out = os.path.join(cls.folder, "out")
        script = two_keyholders(cls.folder)
        made = ceremony("rehearse", script, "--cards", "pcsc", "--unattended", "--out", cls.out)
        for card in cards:
            card.take_out()
        assert made.returncode == 0, made.stderr
        cls.state = cards[0].state

    def confirm(self, *lacking, serial=94, state=None):
        card = ServedCard(0, serial, state=state)
        self.addCleanup(card.take_out)
        if lacking:
            card.tell(f"lack {' '.join(lacking)}")
        result = ceremony("card", "confirm", self.out)
        card.take_out()
        return result

    def test_a_card_that_says_it(self):
        done = self.confirm(state=self.state)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"slot 9c: a key of role root in metadata/1\.root\.json, key id [0-9a-f]{64}\n")

    def test_a_card_that_attests_it(self):
        done = self.confirm(METADATA, state=self.state)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"slot 9c: a key of role root .*, key id [0-9a-f]{64}, by its attestation\n")

    def test_a_card_that_shows_a_certificate(self):
        done = self.confirm(METADATA, ATTEST, state=self.state)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(", by the certificate in the slot; the card itself does not say what it holds\n", done.stdout)

    def test_another_card(self):
        """An empty one says that it is empty; one that says nothing may hold the key all the same."""
        for lacking, code in [((), "CARD-NOT-IN-ROOT"), ((METADATA, ATTEST), "CARD-CANNOT-SAY")]:
            with self.subTest(code):
                done = self.confirm(*lacking, serial=96)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn(f"error {code}", done.stderr)
                self.assertNotIn("key id", done.stdout)
