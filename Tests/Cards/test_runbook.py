"""Every command of the runbook that asks a card, on a served one; nobody types a PIN here but the person at the keyboard."""
import os
import re
import shlex
import shutil
import tempfile
import unittest

from scripts import two_keyholders
from served import PACKAGE, ServedCard, ceremony

# What asks for a secret is at a terminal: test_commands.py types it. The options are held there, too.
TYPED = ("change-pin", "unblock", "reset")


def lines():
    """The commands in blocks for a shell of both pages."""
    for name in ["README.md", "WRONG.md"]:
        with open(os.path.join(PACKAGE, "Runbook", name)) as page:
            for block in re.findall(r"^```console\n(.*?)^```$", page.read(), re.MULTILINE | re.DOTALL):
                yield from (line for line in block.splitlines() if line.startswith("tuf-ceremony card "))


class Runbook(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        script = two_keyholders(self.folder)
        shutil.copy(script, os.path.join(self.folder, "genesis.yaml"))
        self.before = os.getcwd()
        self.addCleanup(os.chdir, self.before)

    def test_every_command(self):
        cards = [ServedCard(0, 71), ServedCard(1, 72)]
        made = ceremony("rehearse", os.path.join(self.folder, "genesis.yaml"), "--cards", "pcsc", "--unattended", "--out",
                        os.path.join(self.folder, "ceremony-1"))
        for card in cards:
            card.take_out()
        self.assertEqual(made.returncode, 0, made.stderr)
        os.chdir(self.folder)
        tried = []
        for line in lines():
            words = shlex.split(line)[1:]
            if words[1] in TYPED:
                continue
            with self.subTest(line):
                # A card at home has its key; one before the day is as the factory made it.
                card = ServedCard(0, 71, state=cards[0].state) if words[1] == "confirm" else ServedCard(0, 73)
                sacrifice = ["--sacrifice", "73"] if words[1] == "probe" and "--record" not in words else []
                done = ceremony(*words, *sacrifice)
                card.take_out()
                self.assertEqual(done.returncode, 0, done.stderr)
                tried.append(words[1])
        self.assertLessEqual({"list", "info", "probe", "confirm"}, set(tried))
