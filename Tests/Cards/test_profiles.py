"""Ceremonies on cards that answer as other makers' do: each ends well, or says beforehand what the card cannot do."""

import json
import os
import random
import shutil
import tempfile
import unittest

from scripts import WITHOUT, two_keyholders
from served import ServedCard, audit, ceremony, records
from test_algorithms import judge

ALGORITHMS = ["ed25519", "ecdsa-p256", "ecdsa-p384"]
# What a card of each profile makes; None is a whole ceremony, and a code the name of what ends it.
TABLE = {
    "yubikey": [None, None, None],
    "token": [None, None, None],
    "attesting": ["ALGORITHM-UNSUPPORTED", None, None],
    "applet": ["ALGORITHM-UNSUPPORTED", None, "ALGORITHM-UNSUPPORTED"],
    # It has no reset, so nothing of it is touched.
    "minimal": ["CARD-UNSUPPORTED"] * 3,
}
# What may be asked of a card that cannot be used.
HARMLESS = {"a4", "fd", "f8", "cb", "f7", "f9", "20", "fa", "ff", "c0", "fb"}


class Profiles(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def test_ceremonies_on_every_profile(self):
        cases = [(model, algorithm, end) for model, ends in TABLE.items() for algorithm, end in zip(ALGORITHMS, ends)]
        if os.environ.get("TUF_CEREMONY_TESTS") != "full":
            # A whole ceremony on each profile, and one that cannot be held.
            dice = random.Random(os.environ.get("TUF_CEREMONY_SEED", "1"))
            cases = [
                dice.choice(found)
                for found in (
                    *([case for case in cases if case[0] == model and not case[2]] for model in TABLE if model != "minimal"),
                    [case for case in cases if case[2] == "ALGORITHM-UNSUPPORTED"],
                    [case for case in cases if case[0] == "minimal"],
                )
            ]
        for place, (model, algorithm, end) in enumerate(cases):
            with self.subTest(model=model, algorithm=algorithm):
                self.hold(place, model, algorithm, end)
        whole = sum(end is None for _, _, end in cases)
        print(f"profiles: {whole} whole ceremonies, {len(cases) - whole} that a card cannot hold", flush=True)

    def sacrifice(self):
        listed = json.loads(ceremony("card", "list", "--format", "json").stdout)["readers"]
        guids = [entry["card"]["guid"] for entry in listed if entry["card"]]
        return [word for guid in guids for word in ("--sacrifice", f"guid-{guid}")]

    def hold(self, place, model, algorithm, end):
        cards = [ServedCard(at, 700 + 2 * place + at, model) for at in range(2)]
        try:
            out = os.path.join(self.folder, f"{model}-{algorithm}")
            touch = "never" if model == "applet" else "always"
            script = two_keyholders(self.folder, "optional", algorithm, rules=WITHOUT, touch=touch)
            made = ceremony("rehearse", script, "--cards", "pcsc", "--unattended", "--out", out)
            if model == "minimal":
                # It does not say that it is empty. Given up all the same, it is asked what it can do.
                self.assertIn("error CARD-HOLDS-KEY", made.stderr)
                out += "-sacrificed"
                made = ceremony("rehearse", script, "--cards", "pcsc", "--unattended", "--out", out, *self.sacrifice())
        finally:
            for card in cards:
                card.take_out()
        if end:
            self.assertNotEqual(made.returncode, 0, made.stdout)
            self.assertIn(end, made.stderr)
            codes = [record["body"]["code"] for record in records(out) if record["kind"] == "exception"]
            self.assertEqual(codes[:1], [end], made.stderr)
            self.assertFalse(os.path.exists(os.path.join(out, "metadata", "1.root.json")))
            if model == "minimal":
                sent = {record["body"]["apdu"][2:4] for record in records(out) if record["kind"] == "command"}
                self.assertLessEqual(sent, HARMLESS)
                with open(cards[0].state, encoding="utf-8") as file:
                    state = json.load(file)
                self.assertEqual((state["pin"]["tries-left"], state["puk"]["tries-left"]), (6, 10))
            # What was played is no violation by itself.
            audit("replay", out)
            return
        self.assertEqual(made.returncode, 0, made.stderr)
        replay = audit("replay", out)
        self.assertEqual(replay.returncode, 0, replay.stdout)
        judge(self, out, algorithm)


if __name__ == "__main__":
    unittest.main()
