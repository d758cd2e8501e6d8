"""The kinds of virtual cards that `card serve` makes, and tests that run on each of them."""

import copy
import os
import random
import sys
import unittest

from scripts import WITHOUT, two_keyholders
from served import PACKAGE

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from sweep import FULL, SEED  # noqa: E402  Where that is was said just before, for what Tests/outside does not start.

# What a script asks of two cards of a kind with which a ceremony can be held.
ASKED = {
    "yubikey": {},
    "bare": {"attestation": "optional"},
    "token": {"attestation": "optional", "rules": WITHOUT},
    "attesting": {"attestation": "optional", "rules": WITHOUT, "algorithm": "ecdsa-p256"},
    "applet": {"attestation": "optional", "rules": WITHOUT, "algorithm": "ecdsa-p256", "touch": "never"},
}
ALGORITHMS = ["ed25519", "ecdsa-p256", "ecdsa-p384"]
# What a card of a kind makes.
MADE = dict.fromkeys(ASKED, ALGORITHMS) | {"attesting": ALGORITHMS[1:], "applet": ["ecdsa-p256"], "minimal": ALGORITHMS[1:]}
# Without our mark and our test CA, as `run` wants them; and with our mark, as a rehearsal without people does.
REAL = ["bare", "token", "attesting", "applet"]
MARKED = ["yubikey", "token", "attesting", "applet"]
EVERY = [*ASKED, "minimal"]
# The tries of a PIN from the factory, and what a ceremony makes of them: five, where the card can be told so.
FACTORY_TRIES = {model: 3 for model in EVERY} | {"applet": 5, "minimal": 6}
CEREMONY_TRIES = {model: 5 for model in ASKED} | {"token": 3}


class OnEachProfile(unittest.TestCase):
    """A test that is not about one kind of card: it runs with one that the seed chooses, or with --full with each."""

    models = MARKED
    model = None

    def run(self, result=None):
        chosen = self.models if FULL else [random.Random(f"{SEED} {self.id()}").choice(self.models)]
        for model in chosen:
            # A failure keeps the test that it belongs to.
            case = copy.copy(self)
            case.model = model
            super(OnEachProfile, case).run(result)
        return result

    def __str__(self):
        return f"{super().__str__()} on {self.model}"

    def shipped(self, name="first-rehearsal.yaml", **cards):
        """A shipped script for cards of this kind; `cards` are rules for them. Returns where it is."""
        asked = ASKED[self.model]
        rules = {"attestation": asked.get("attestation", "required")} | asked.get("rules", {}) | cards
        with open(os.path.join(PACKAGE, "Runbook", name), encoding="utf-8") as file:
            text = file.read()
        for old, new in (
            ("ceremony: 1\n", "ceremony: 2\n"),
            ("\nroles:\n", "".join(["\ncards:\n", *(f"  {rule}: {value}\n" for rule, value in rules.items()), "roles:\n"])),
            ("keyholders: [ada, boris]\n",
             f"keyholders: [ada, boris]\n    algorithm: {asked.get('algorithm', 'ed25519')}\n"
             f"    touch-policy: {asked.get('touch', 'always')}\n"),
        ):
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def two_keyholders(self, **options):
        """Their script, for cards of this kind."""
        return two_keyholders(self.folder, **(ASKED[self.model] | options))
