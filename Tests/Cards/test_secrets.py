"""A real ceremony in which secrets are typed wherever they can be typed: none is left anywhere but in people's heads."""

import json
import os
import threading
import time

from person import Keyholder
from rooms import FAILED, PINS, PUKS, InARoom
from secrets_in import binary_found_in_folder, found, found_in_folder
from served import audit, records

WRONG = "11335577"


class Watch(threading.Thread):
    """Looks at a process from outside for as long as it runs: its arguments, its environment, its open files' names."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid = pid
        self.seen = {}
        self.looks = 0
        self.is_over = False
        self.start()

    def run(self):
        while not self.is_over:
            for name in ("cmdline", "environ", "comm"):
                try:
                    with open(f"/proc/{self.pid}/{name}", "rb") as file:
                        self.seen.setdefault(name, set()).add(file.read())
                        self.looks += name == "cmdline"
                except OSError:
                    # Not readable from outside is as good.
                    pass
            time.sleep(0.05)


class Secrets(InARoom):
    def test_no_secret_is_anywhere(self):
        ada = self.insert(0, 81)
        room = self.open(
            "run", self.two_keyholders(),
            ada=Keyholder("Ada", 81, PINS["ada"], PUKS["ada"]),
            boris=Keyholder("Boris", 82, PINS["boris"], PUKS["boris"]),
        )
        watch = Watch(room.child)
        # At a question for a serial.
        room.until("reads aloud from the case")
        room.say(PINS["ada"])
        room.until("Insert the card of Boris")
        # While nothing is asked.
        room.type(PUKS["ada"])
        boris = self.insert(1, 82)
        room.until("Does everything agree")
        # At a question for one word, and at one for words.
        room.say(PINS["boris"])
        room.until("Does everything agree")
        room.say("exception")
        room.until("administrator")
        room.say("administrator")
        for words in (PINS["ada"], "it was 1 3 5 7 2 4 6 8", f"my PUK is {PUKS['boris']}!"):
            room.until("one line of at most")
            room.say(words)
        room.until("one line of at most")
        room.say("The door was open.")
        room.until("Is this what shall be recorded?")
        room.say("yes")
        room.until("Does everything agree")
        room.say("confirm")
        # A wrong one, and another person's.
        for pin in (WRONG, PINS["boris"]):
            room.until("PIN of Ada")
            room.say(pin)
            room.until(FAILED)
            room.say("retry")
        if self.tries == 3:
            room.until("The last try for the PIN of Ada")
            room.say("last-try")
        self.assertEqual(room.to_the_end(), 0, room.transcript[-3000:])
        watch.is_over = True

        secrets = [*PINS.values(), *PUKS.values(), WRONG]
        self.assertEqual(audit("replay", self.out).returncode, 0)
        self.assertEqual(found_in_folder(secrets, self.out), [])
        self.assertEqual(found(secrets, room.transcript.encode(), "the terminal"), [])
        for name, contents in watch.seen.items():
            for content in contents:
                self.assertEqual(found(secrets, content, name), [])
        self.assertGreater(watch.looks, 10)
        self.assertIn(b"two-keyholders.yaml", b"".join(watch.seen["cmdline"]))
        # The management keys were made by the program and are nobody's: the cards alone know them.
        keys = []
        for card in (ada, boris):
            with open(card.state, encoding="utf-8") as file:
                keys.append(bytes.fromhex(json.load(file)["management-key"]))
        self.assertEqual([len(key) for key in keys], [24, 24])
        self.assertEqual(len(set(keys)), 2)
        self.assertEqual(binary_found_in_folder(keys, self.out), [])

    def test_what_no_card_can_have_costs_no_try(self):
        """Too short, too long, with letters beyond ASCII, or nothing: such a PIN or PUK never reaches a card."""
        for place, serial in enumerate((81, 82)):
            self.insert(place, serial)
        room = self.open(
            "run", self.two_keyholders(ada=81, boris=82),
            ada=Keyholder("Ada", 81, PINS["ada"], PUKS["ada"]),
            boris=Keyholder("Boris", 82, PINS["boris"], PUKS["boris"]),
        )
        never = ["", "12345", "123456789", "12345\u00e9"]

        def refused(question, codes, words):
            room.until(question)
            for code in codes:
                room.say(code)
                room.until(words)

        for kind, code in (("PUK", PUKS["ada"]), ("PIN", PINS["ada"])):
            refused(f"New {kind} of Ada", [*never, "abcdef", "12 345 678"], "Not 6 to 8 digits.")
            room.last_code = code
            room.say(code)
        # At the first signatures of the new keys, and at the root.
        for question, pin in (("PIN of Ada", PINS["ada"]), ("PIN of Boris", PINS["boris"]), ("PIN of Ada", WRONG)):
            refused("\n" + question, never, "and no try is lost")
            room.say(pin)
        # The one that a card could have is the only one that it counted.
        self.says(room.until(FAILED), "PIN-WRONG", f"{self.tries - 1} tries are left")
        room.say("unblock")
        refused("PUK of Ada", never, "and no try is lost")
        room.say(PUKS["ada"])
        self.assertEqual(room.to_the_end(), 0, room.transcript[-3000:])

        told = records(self.out)
        counted = [r["body"]["apdu"] for r in told if r["kind"] == "command" and r["body"]["apdu"].endswith("redacted")]
        # VERIFY with a PIN: what was typed for a card, the factory's before its tries are set, and nothing else. RESET
        # RETRY COUNTER once.
        def is_typed(body):
            return body.get("work") == "enter" and body.get("kind") == "pin" or body.get("task") == "set-tries"
        self.assertEqual(
            sum(apdu.startswith("00200080") for apdu in counted), sum(is_typed(record["body"]) for record in told))
        self.assertEqual(sum(apdu.startswith("002c0080") for apdu in counted), 1)
        self.assertEqual(self.tries_left(81), self.tries)
        self.assertEqual(found([*PINS.values(), *PUKS.values(), WRONG], room.transcript.encode(), "the terminal"), [])

    def test_the_search_finds_what_it_should(self):
        """A search that finds nothing proves nothing by itself."""
        import base64

        pin = "135724"
        block = pin.encode() + b"\xff\xff"
        for name, data in {
            "plain": b'{"pin":"135724"}',
            "hex": b"0020008008" + pin.encode().hex().encode() + b"00",
            "upper case": block.hex().upper().encode(),
            "raw block": b"x" + block + b"y",
            "packed": b"135724ffffffffff",
            "where a line may be broken": b"1357<wbr>24",
            **{f"base64 at {n}": base64.b64encode(b"a" * n + pin.encode() + b"tail") for n in range(6)},
            **{f"block in base64 at {n}": base64.b64encode(b"a" * n + block) for n in range(3)},
        }.items():
            with self.subTest(name):
                self.assertTrue(found([pin], data, name), data)
        for name, data in {
            "another": b'"135742"', "in a number": b"91357248", "in a digest": b"ab135724cd",
            "in a digest in groups": b"ab12cd<wbr>135724<wbr>", "in a time": b'{"mono":135724,',
        }.items():
            with self.subTest(name):
                self.assertEqual(found([pin], data, name), [])
        os.makedirs(self.out)
        with open(os.path.join(self.out, "file"), "wb") as file:
            file.write(b"x" + bytes(range(24)).hex().encode())
        self.assertTrue(binary_found_in_folder([bytes(range(24))], self.out))
