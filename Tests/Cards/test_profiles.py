"""Ceremonies on cards that answer as other makers' do: each ends well, or says beforehand what the card cannot do."""

import json
import os
import random
import shutil
import tempfile
import unittest

from person import Keyholder, Room
from profiles import ALGORITHMS, ASKED, EVERY, MADE
from scripts import WITHOUT, two_keyholders
from served import ServedCard, audit, ceremony, records
from sweep import FULL, SEED
from test_algorithms import judge

# What of a card that cannot be used is known before anything of it is changed, and in which words.
CANNOT = {"minimal": "CARD-UNSUPPORTED"}
# What may be sent to it. A key that it does not make is asked for; its management key is the factory's.
HARMLESS = {"a4", "fd", "f8", "cb", "f7", "f9", "20", "fa", "ff", "c0", "fb", "87", "47"}


def cases():
    """Kind of card, algorithm, touch policy, and what ends the ceremony; None where nothing does."""
    for model in EVERY:
        touch = ASKED.get(model, {}).get("touch", "always")
        for algorithm in ALGORITHMS:
            end = None if algorithm in MADE[model] else "ALGORITHM-UNSUPPORTED"
            yield model, algorithm, touch, CANNOT.get(model, end)
    yield "applet", "ecdsa-p256", "always", "POLICY-UNSUPPORTED"


class Profiles(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def test_ceremonies_on_every_profile(self):
        chosen = list(cases())
        if not FULL:
            # A whole ceremony on each kind, and one for each reason why none can be held.
            dice = random.Random(SEED)
            kinds = {}
            for case in chosen:
                kinds.setdefault(case[0] if case[3] is None else case[3], []).append(case)
            chosen = [dice.choice(kind) for kind in kinds.values()]
        for place, case in enumerate(chosen):
            with self.subTest(case):
                self.hold(place, *case)
        whole = sum(end is None for *_, end in chosen)
        print(
            f"profiles: {whole} whole ceremonies, {len(chosen) - whole} that a card cannot hold, of {len(list(cases()))}, "
            f"seed {SEED}", flush=True)

    def sacrifice(self):
        listed = json.loads(ceremony("card", "list", "--format", "json").stdout)["readers"]
        guids = [entry["card"]["guid"] for entry in listed if entry["card"]]
        return [word for guid in guids for word in ("--sacrifice", f"guid-{guid}")]

    def rehearse(self, script, out, model, serials, *options):
        """Returns the exit status and what was said. Unattended nothing is written to a card that is not marked as ours."""
        command = ["rehearse", script, "--cards", "pcsc", *options, "--out", out]
        if model != "bare":
            made = ceremony(*command, "--unattended")
            return made.returncode, made.stdout + made.stderr
        room = Room(*command, **{who: Keyholder(who.capitalize(), serial, "", "") for who, serial in zip(("ada", "boris"), serials)})
        self.addCleanup(room.leave)
        return room.to_the_end(), room.transcript

    def hold(self, place, model, algorithm, touch, end):
        serials = [700 + 2 * place + at for at in range(2)]
        cards = [ServedCard(at, serial, model) for at, serial in enumerate(serials)]
        before = [card.memory() for card in cards]
        out = os.path.join(self.folder, f"{model}-{algorithm}-{touch}")
        try:
            known = {"ada": serials[0], "boris": serials[1]} if model != "minimal" else {}
            script = two_keyholders(self.folder, "optional", algorithm, rules=WITHOUT, touch=touch, **known)
            status, said = self.rehearse(script, out, model, serials)
            if model == "minimal":
                # It does not say that it is empty. Given up all the same, it is asked what it can do.
                self.assertIn("error CARD-HOLDS-KEY", said)
                out += "-sacrificed"
                status, said = self.rehearse(script, out, model, serials, *self.sacrifice())
            if end is None:
                for card in cards:
                    confirmed = ceremony("card", "confirm", out, "--serial", card.serial)
                    self.assertIn("slot 9c: a key of role root", confirmed.stdout, confirmed.stderr)
        finally:
            for card in cards:
                card.take_out()
        replay = audit("replay", out)
        if end is None:
            self.assertEqual(status, 0, said)
            self.assertEqual(replay.returncode, 0, replay.stdout)
            judge(self, out, algorithm)
            return
        self.assertNotIn(status, (0, None), said)
        self.assertIn(end, said)
        codes = [record["body"]["code"] for record in records(out) if record["kind"] == "exception"]
        self.assertEqual(codes[:1], [end], said)
        self.assertFalse(os.path.exists(os.path.join(out, "metadata", "1.root.json")))
        sent = {record["body"]["apdu"][2:4] for record in records(out) if record["kind"] == "command"}
        self.assertLessEqual(sent, HARMLESS)
        self.assertEqual([card.memory() for card in cards], before)
        # What was played is no violation by itself.
        self.assertEqual((replay.returncode, "ABORTED" in replay.stdout), (1, True), replay.stdout)
