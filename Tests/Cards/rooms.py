"""What the tests with people at a terminal share: secrets, readers, and a folder for what is produced."""

import json
import os
import shutil
import tempfile

import person
from profiles import CEREMONY_TRIES, REAL, OnEachProfile
from served import PACKAGE, ServedCard, ceremony

# A step has failed, and people choose.
FAILED = "\n  retry "
PINS = {"ada": "24681357", "boris": "13572468"}
PUKS = {"ada": "86421357", "boris": "97531864"}


class InARoom(OnEachProfile):
    """Cards in readers, and a folder for what is produced."""

    models = REAL
    # Whether the cards are without our mark, as `run` wants them.
    is_real = True

    def setUp(self):
        # In the build folder and not in /tmp, which may be memory.
        self.folder = tempfile.mkdtemp(dir=os.path.join(PACKAGE, ".build"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.out = os.path.join(self.folder, "out")

    def insert(self, place, serial):
        card = ServedCard(place, serial, self.model, unmarked=self.is_real)
        self.addCleanup(card.take_out)
        return card

    def open(self, *arguments, **keyholders):
        room = person.Room(*arguments, "--out", self.out, **keyholders)
        self.addCleanup(room.leave)
        return room

    @property
    def tries(self):
        """Of a PIN, as the ceremony leaves them."""
        return CEREMONY_TRIES[self.model]

    def tries_left(self, serial):
        shown = ceremony("card", "info", "--serial", serial, "--format", "json")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        return json.loads(shown.stdout)["credentials"]["PIN"]["tries-left"]

    def says(self, screen, *words):
        # Lines are broken where the terminal ends.
        flat = " ".join(screen.split())
        for word in words:
            self.assertIn(word, flat)
