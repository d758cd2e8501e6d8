"""PINs and PUKs that the program makes, and shows on a second terminal alone."""

import os
import re
import unittest

from served import OWN_TERMINAL, SecondTerminal, Terminal, audit, records
from test_run import Ceremony


class SecretsTerminal(Ceremony):
    def setUp(self):
        super().setUp()
        self.second = SecondTerminal()
        self.addCleanup(self.second.close)
        self.made = {}

    def provision(self, room, who, serial):
        room.expect("reads aloud from the case")
        room.type(str(serial))
        room.expect("Reset the card?")
        room.type("reset")
        for kind in ("PUK", "PIN"):
            room.expect("on the second terminal")
            shown = self.second.expect("press Enter alone")
            self.assertIn(f"The new {kind} ({who}/{kind.lower()})", shown)
            (self.made[f"{who}/{kind.lower()}"],) = re.findall(r"^    (\d{8})$", shown, re.MULTILINE)
            self.nowhere_in_the_process(room)
            self.second.type("")
            self.second.expect("\x1b[2J")

    def sign(self, room, who):
        room.expect("sign these bytes")
        room.type("sign")
        self.second.expect(f"PIN ({who}/pin)")
        self.second.type(self.made[f"{who}/pin"])

    def test_made_secrets_are_on_the_second_terminal_and_nowhere_else(self):
        ada = self.insert(0, 81)
        room = Terminal("run", self.script(), "--out", self.out, "--secrets-tty", self.second.path)
        room.expect("Said?")
        room.type("next")
        self.provision(room, "ada", 81)
        room.expect("Take it out and keep it")
        ada.take_out()
        self.insert(1, 82)
        self.provision(room, "boris", 82)
        room.expect("Does everything agree")
        room.type("confirm")
        room.expect("Insert the card of Ada (serial 81)")
        ada.insert(0)
        self.sign(room, "ada")
        self.sign(room, "boris")
        room.expect("Close the transcript?")
        room.type("close")
        room.expect("Do they agree with what the viewers see?")
        room.type("confirm")
        self.sign(room, "ada")
        self.sign(room, "boris")
        self.assertEqual(room.finish(), 0, room.text)

        self.assertEqual(len(set(self.made.values())), 4)
        self.assertEqual(records(self.out)[0]["body"]["secrets"], "made")
        replay = audit("replay", self.out)
        self.assertEqual(replay.returncode, 0, replay.stdout)
        self.assert_nowhere(self.made.values())
        for secret in self.made.values():
            self.assertNotRegex(room.whole, rb"(?<![0-9a-f])" + secret.encode() + rb"(?![0-9a-f])")

    def nowhere_in_the_process(self, room):
        for name in ("cmdline", "environ"):
            with open(f"/proc/{room.child}/{name}", "rb") as file:
                data = file.read()
            for secret in self.made.values():
                self.assertNotIn(secret.encode(), data, name)

    def test_what_is_no_second_terminal_is_refused_before_anything_is_made(self):
        for path in (OWN_TERMINAL, "/dev/tty", "/dev/null", "/no/such/terminal", self.script()):
            with self.subTest(path):
                room = Terminal("run", self.script(), "--out", self.out, "--secrets-tty", path)
                room.expect("SECRETS-TERMINAL")
                self.assertEqual(room.finish(), 64)
                self.assertFalse(os.path.exists(self.out))


if __name__ == "__main__":
    unittest.main()
