"""Administrator and witness with cards of their own, through pcscd: unattended, and real at a terminal."""

import json
import os

from person import Keyholder
from rooms import FAILED, PINS, PUKS, InARoom
from secrets_in import found, found_in_folder
from served import PACKAGE, audit, records, second_opinion
from test_rehearsals import Rehearsal, steps

OFFICIALS = (
    ("administrator: Administrator\n", "administrator: {name: Administrator, initials: AD, card: record}\n"),
    ("witness: Witness\n", "witness: {name: Witness, initials: WI, card: record}\n"),
)


def with_cards(path, folder, changes):
    """A script in which both have a card; returns where it is."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for old, new in OFFICIALS + changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    made = os.path.join(folder, "officials.yaml")
    with open(made, "w", encoding="utf-8") as file:
        file.write(text)
    return made


def signed(folder, role):
    """Who signed, in order."""
    both = records(folder) + records(folder, "sealing.jsonl")
    return [r["body"]["keyholder"] for r in both if r["kind"] == "signature" and r["body"]["role"] == role]


def verified(test, folder):
    """Both verifiers accept it."""
    replay = audit("replay", folder)
    test.assertEqual(replay.returncode, 0, replay.stdout + replay.stderr)
    test.assertIn("2 of 2 initials signed by the card of whoever gave them", second_opinion(folder).stdout)
    return replay.stdout


class Unattended(Rehearsal):
    # As the program holds it by itself.
    models = ["yubikey"]

    def test_four_cards_in_four_readers(self):
        for place in range(4):
            self.insert(place, 20000401 + place)
        provisions = "  - {id: card-witness, do: provision, keyholder: witness}\n"
        provisions += "  - {id: card-admin, do: provision, keyholder: administrator}\n"
        script = with_cards(
            os.path.join(PACKAGE, "Runbook", "first-rehearsal.yaml"), self.folder,
            (("  - id: head-cards\n", provisions + "  - id: head-cards\n"),
             ("    do: show\n", "    do: show\n    initials: both\n")))
        process = self.begin(script)
        _, trouble = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0, trouble)
        verified(self, self.out)
        self.assertEqual(signed(self.out, "initials"), ["administrator", "witness"])
        self.assertEqual(signed(self.out, "seal"), ["ada", "boris", "administrator", "witness"])
        self.assertEqual(steps(self.out), steps(self.in_process(script)))


class AtATerminal(InARoom):
    def test_a_real_ceremony_in_which_the_witness_first_inserts_the_card_of_ada(self):
        provisions = "  - {id: card-admin, do: provision, keyholder: administrator}\n"
        provisions += "  - {id: card-witness, do: provision, keyholder: witness}\n"
        script = with_cards(
            self.two_keyholders(), self.folder,
            (("  - {id: build-root", provisions + "  - {id: build-root"),
             ("do: show, role: root}", "do: show, role: root, initials: both}")))
        serials = {"ada": 41, "boris": 42, "administrator": 43, "witness": 44}
        pins = {**PINS, "administrator": "35797531", "witness": "46808642"}
        puks = {**PUKS, "administrator": "75319753", "witness": "86420864"}
        cards = {}
        room = self.open(
            "run", script,
            **{who: Keyholder(who.capitalize(), serial, pins[who], puks[who]) for who, serial in serials.items()})
        for place, (who, serial) in enumerate(serials.items()):
            room.until(f"Insert the card of {who.capitalize()}")
            cards[who] = self.insert(place, serial)
        # The card of the witness goes, and in its reader is Ada's.
        room.until("Is the card of Witness here?")
        cards["witness"].take_out()
        cards["ada"].take_out()
        room.say("here")
        room.until("Insert the card of Witness (serial 44)")
        cards["ada"].insert(3)
        self.says(room.until(FAILED), "WRONG-CARD", "This is the card of Ada (serial 41).", "the initials stand as they were typed")
        cards["witness"].insert(0)
        room.say("retry")
        room.until("Witness has signed the initials")
        self.assertEqual(room.to_the_end(), 0, room.transcript[-3000:])
        self.assertIn("Typed here, and signed by the card of the witness next.", room.transcript)
        said = verified(self, self.out)
        self.assertIn("2 of 2 initials were signed by a card of whoever gave them", said)
        self.assertEqual(signed(self.out, "initials"), ["administrator", "witness"])
        self.assertEqual(signed(self.out, "seal"), ["ada", "boris", "administrator", "witness"])
        with open(os.path.join(self.out, "metadata", "1.root.json"), "rb") as file:
            self.assertEqual(len(json.load(file)["signed"]["keys"]), 3)
        secrets = [*pins.values(), *puks.values()]
        self.assertEqual(found_in_folder(secrets, self.out), [])
        self.assertEqual(found(secrets, room.transcript.encode(), "the terminal"), [])
