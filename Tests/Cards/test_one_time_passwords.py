"""A YubiKey that is touched by accident types 44 letters and Enter, whatever the program waits for."""

import re

from person import SECRET, STYLE, Keyholder
from rooms import FAILED, PINS, PUKS, InARoom
from served import audit, records

PASSWORD = "cccccckkvlhdkrjkcfllkvlhdkrjkcfllkvlhdkrjkcf"
DROPPED = "A YubiKey was touched and typed a one-time password. It was dropped."


class OneTimePasswords(InARoom):
    def setUp(self):
        super().setUp()
        self.kinds = []

    def touch(self, room, screen):
        """Touches at a prompt of a kind that was not seen before."""
        secret = SECRET.search("\n" + screen)
        kind = secret.group(0) if secret else screen[: screen.rstrip("> \n").rfind("\n  ")].rstrip().split("\n\n")[-1]
        kind = re.sub(r"\n  .*", "", kind).strip()
        if kind in self.kinds:
            return
        self.kinds.append(kind)
        room.type(PASSWORD)
        room.expect(DROPPED)
        # The question stands there again, and takes its answer.
        room.expect(": " if secret else "> ")

    def test_at_every_prompt_of_a_ceremony(self):
        self.insert(0, 61)
        room = self.open(
            "run", self.two_keyholders(),
            ada=Keyholder("Ada", 61, PINS["ada"], PUKS["ada"]),
            boris=Keyholder("Boris", 62, PINS["boris"], PUKS["boris"]),
        )
        answer = room.answer

        def touch_and_answer(screen):
            self.touch(room, screen)
            return answer(screen)

        room.answer = touch_and_answer
        room.until("Insert the card of Boris")
        # Nothing is asked while a card is waited for, and nothing is shown.
        room.type(PASSWORD)
        self.insert(1, 62)
        screen = room.until("Does everything agree")
        self.touch(room, screen)
        # In words, which are shown and asked about before they are recorded.
        room.say("exception")
        self.touch(room, room.until("administrator"))
        room.say("administrator")
        self.touch(room, room.until("> "))
        room.say("The light went out.")
        room.until("Is this what shall be recorded?")
        room.type(PASSWORD)
        room.expect(DROPPED)
        room.expect("> ")
        self.kinds.append("Is this what shall be recorded?")
        room.say("yes")
        room.until("Does everything agree")
        room.say("pause")
        self.touch(room, room.until("continue"))
        room.say("continue")
        room.until("Does everything agree")
        room.say("confirm")
        self.touch(room, room.until("PIN of Ada"))
        room.say("11335577")
        self.touch(room, room.until(FAILED))
        room.say("retry")
        self.assertEqual(room.to_the_end(), 0, room.transcript[-3000:])

        # Each kind of prompt once.
        self.assertGreaterEqual(len(self.kinds), 14, self.kinds)
        self.assertNotIn(PASSWORD[:12], STYLE.sub("", room.transcript))
        rejected = [r for r in records(self.out) + records(self.out, "sealing.jsonl") if "rejected" in r["body"]]
        self.assertGreaterEqual(len(rejected), 8)
        for record in rejected:
            self.assertNotIn(PASSWORD[:12], str(record))
        self.assertEqual(audit("replay", self.out).returncode, 0)
        print(f"one-time passwords: dropped and named at {len(self.kinds)} kinds of prompts, and while nothing was asked")
