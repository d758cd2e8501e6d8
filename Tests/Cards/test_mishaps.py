"""People at a terminal, real cards as far as the program can see, and everything that goes wrong with people."""

import os

from person import Keyholder
from rooms import FAILED, PINS, PUKS, InARoom
from secrets_in import found, found_in_folder
from served import audit, records


class Provisioned(InARoom):
    def begin(self):
        """A real ceremony up to the first signature: both cards are provisioned and in their readers."""
        self.ada, self.boris = self.insert(0, 31), None
        room = self.open(
            "run", self.two_keyholders(),
            ada=Keyholder("Ada", 31, PINS["ada"], PUKS["ada"]),
            boris=Keyholder("Boris", 32, PINS["boris"], PUKS["boris"]),
        )
        room.until("Insert the card of Boris")
        self.boris = self.insert(1, 32)
        return room

    def complete(self, room, exceptions):
        """It ends well, replays, verifies, holds no secret, and has exactly these exceptions."""
        self.assertEqual(room.to_the_end(), 0, room.transcript[-3000:])
        made = [record["body"] for record in records(self.out) if record["kind"] == "exception"]
        self.assertEqual([entry["code"] for entry in made], exceptions)
        self.assertEqual([entry["number"] for entry in made], list(range(1, len(made) + 1)))
        replay = audit("replay", self.out)
        self.assertEqual(replay.returncode, 0, replay.stdout)
        self.assertIn("NOT PROVEN TO BE ON HARDWARE", replay.stdout.splitlines()[0])
        verify = audit("verify", os.path.join(self.out, "metadata"))
        self.assertEqual(verify.returncode, 0, verify.stdout)
        secrets = [*PINS.values(), *PUKS.values(), "11335577"]
        self.assertEqual(found_in_folder(secrets, self.out), [])
        self.assertEqual(found(secrets, room.transcript.encode(), "the terminal"), [])


class Mishaps(Provisioned):
    def test_a_wrong_pin(self):
        room = self.begin()
        room.until("PIN of Ada")
        room.say("11335577")
        screen = room.until(FAILED)
        self.says(screen, "PIN-WRONG", f"The PIN is wrong. {self.tries - 1} tries are left.", "Type it only where the screen asks for a PIN.")
        self.assertNotIn("11335577", screen)
        room.say("retry")
        # The right one gives all tries back.
        room.until("Ada has signed root")
        self.complete(room, ["PIN-WRONG"])
        self.assertEqual(self.tries_left(31), self.tries)

    def test_a_wrong_card(self):
        """The card of another keyholder, and one of nobody."""
        room = self.begin()
        room.until("Close the transcript?")
        # Both sign once more. The reader is empty, and then a stranger's card is in it.
        self.ada.take_out()
        room.say("close")
        room.until("Insert the card of Ada (serial 31)")
        stranger = self.insert(2, 39)
        screen = room.until(FAILED)
        self.says(
            screen, "WRONG-CARD", "This card has serial 39; the card of Ada has serial 31.",
            "Take it out and insert the right one.")
        stranger.take_out()
        room.say("retry")
        room.until("Insert the card of Ada (serial 31)")
        self.boris.take_out()
        self.boris.insert(3)
        screen = room.until(FAILED)
        self.says(
            screen, "WRONG-CARD", "This is the card of Boris (serial 32).",
            "Take it out and insert the card of Ada.")
        room.say("retry")
        self.ada.insert(0)
        self.assertEqual(room.to_the_end(), 0, room.transcript[-3000:])
        # Nobody was asked for a PIN, and nothing but its identity was asked of the wrong card.
        sealing = records(self.out, "sealing.jsonl")
        commands = []
        for record in sealing[: next(i for i, r in enumerate(sealing) if r["kind"] == "secret")]:
            if record["kind"] == "command":
                commands.append(record["body"]["apdu"][2:4])
        self.assertTrue({"a4", "f8"} <= set(commands) <= {"a4", "fd", "f8", "cb", "f7", "20"}, commands)
        self.assertEqual(audit("replay", self.out).returncode, 0)

    def test_a_card_that_is_pulled_while_it_works(self):
        room = self.begin()
        # The PIN is verified, and the card goes before it has signed.
        room.until("PIN of Ada")
        self.ada.tell("fault 2 pull")
        room.say(PINS["ada"])
        screen = room.until(FAILED)
        self.says(screen, "CARD-REMOVED", "The card was pulled.", "Insert the same card again.")
        self.assertEqual(self.ada.process.stdout.readline(), "unplugged\n")
        room.say("retry")
        room.until("Insert the card of Ada (serial 31)")
        self.ada.tell("plug")
        # It forgot the PIN with its power: the keyholder types it again.
        room.until("PIN of Ada")
        room.say(PINS["ada"])
        room.until("Ada has signed root")
        self.complete(room, ["CARD-REMOVED"])


class LateTouch(Provisioned):
    # The applet knows no touch.
    models = ["bare", "token", "attesting"]

    def test_a_late_touch(self):
        room = self.begin()
        room.until("PIN of Ada")
        self.assertEqual(self.ada.tell("touch refuse"), "touch refused")
        room.say(PINS["ada"])
        for _ in range(2):
            screen = room.until(FAILED)
            self.says(
                screen, "TOUCH-MISSING", "Nobody touched the card in time. This is not a wrong PIN.",
                "Type the PIN again, and touch the card when it blinks.")
            room.say("retry")
            room.until("PIN of Ada")
            room.say(PINS["ada"])
        room.until(FAILED)
        room.say("retry")
        room.until("PIN of Ada")
        self.assertEqual(self.ada.tell("touch allow"), "touch allowed")
        room.say(PINS["ada"])
        room.until("Ada has signed root")
        self.complete(room, ["TOUCH-MISSING"] * 3)
        self.assertEqual(self.tries_left(31), self.tries)


class TouchLikeAYubiKey(InARoom):
    """A card that answers a missing touch as it answers a missing PIN, 6982. It is ours, so this is a rehearsal."""

    models = ["yubikey"]
    is_real = False

    def test_a_late_touch(self):
        ada, _ = self.insert(0, 31), self.insert(1, 32)
        room = self.open("rehearse", self.two_keyholders(ada=31, boris=32), "--cards", "pcsc")
        room.until("Does everything agree")
        self.assertEqual(ada.tell("touch refuse"), "touch refused")
        room.say("confirm")
        screen = room.until(FAILED)
        self.says(screen, "TOUCH-MISSING", "This is not a wrong PIN.")
        self.assertEqual(ada.tell("touch allow"), "touch allowed")
        room.say("retry")
        room.until("Ada has signed root")
        self.assertEqual(room.to_the_end(), 0, room.transcript[-3000:])
        self.assertEqual(audit("replay", self.out).returncode, 0)
        self.assertEqual(self.tries_left(31), self.tries)
