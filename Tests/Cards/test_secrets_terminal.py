"""PINs and PUKs that the program makes, and shows on a second terminal alone."""

import os
import re
import signal
import time

from served import OWN_TERMINAL, SecondTerminal, Terminal, audit, records
from test_run import Ceremony


CLEARED = b"\x1b[2J\x1b[3J\x1b[H"


class SecretsTerminal(Ceremony):
    def setUp(self):
        super().setUp()
        self.second = self.another_terminal()
        self.made = {}
        # Those too that were shown and never came to a card.
        self.shown = []
        # What stands above each of them.
        self.remarks = []

    def another_terminal(self):
        second = SecondTerminal()
        self.addCleanup(second.close)
        return second

    def provision(self, room, who, serial):
        room.expect("reads aloud from the case")
        room.type(str(serial))
        self.reset(room, who)

    def reset(self, room, who):
        room.expect("Reset the card?")
        room.type("reset")
        for kind in ("PUK", "PIN"):
            self.is_shown(room, who, kind)
            self.put_away()
        self.prove(room, who)

    def prove(self, room, who):
        """The new key signs once."""
        room.expect("Is it written down?")
        room.type("written")
        room.expect("signs for the first time")
        self.second.expect(f"PIN of {who.capitalize()}")
        self.second.type(self.made[f"{who}/pin"])

    def is_shown(self, room, who, kind):
        room.expect("on the second terminal")
        shown = self.second.expect("press Enter alone")
        self.assertIn(f"The new {kind} of {who.capitalize()}", shown)
        (self.made[f"{who}/{kind.lower()}"],) = re.findall(r"^    (\d{8})$", shown, re.MULTILINE)
        self.shown.append(self.made[f"{who}/{kind.lower()}"])
        self.remarks.append(shown.rpartition("\x1b[H")[2].partition("The new ")[0])
        self.nowhere_in_the_process(room)

    def put_away(self):
        self.second.type("")
        self.second.expect("\x1b[2J")

    def sign(self, room, who):
        room.expect("sign these bytes")
        room.type("sign")
        self.second.expect(f"PIN of {who.capitalize()}")
        self.second.type(self.made[f"{who}/pin"])

    def test_made_secrets_are_on_the_second_terminal_and_nowhere_else(self):
        ada = self.insert(0, 81)
        room = Terminal("run", self.script(), "--out", self.out, "--secrets-tty", self.second.path)
        self.begin(room)
        self.provision(room, "ada", 81)
        room.expect("Take it out and keep it")
        ada.take_out()
        self.insert(1, 82)
        self.provision(room, "boris", 82)
        self.sign_all(room, ada)
        # Two are the same by chance, more never.
        self.assertGreaterEqual(len(set(self.made.values())), 3)
        self.is_whole(room)
        # Everybody else knows what they are waiting for.
        for words in b"Ada reads a new PUK on the second terminal.", b"Ada types the PIN on the second terminal.":
            self.assertIn(words, room.whole)
        self.assertEqual(set(self.remarks), {""})
        # Nothing is left there, neither a question nor what follows an answer.
        self.second.expect("\x1b[2J\x1b[3J\x1b[H", timeout=5)
        while self.second.has_more():
            self.second._read(time.monotonic() + 1)
        self.assertEqual(self.second.whole[-len(CLEARED):], CLEARED)

    def test_words_are_shown_there_before_they_are_recorded(self):
        self.insert(0, 81)
        room = Terminal("run", self.script(), "--out", self.out, "--secrets-tty", self.second.path)
        room.expect("Are the digests the same?")
        room.type("confirm")
        room.expect("Said?")
        room.type("exception")
        room.expect("Exception 1")
        room.type("witness")
        room.expect("no six digits in a row")
        for answer in "again", "yes":
            room.type("The lamp went out.")
            self.second.expect("The lamp went out.\n\nIs this what shall be recorded?")
            seen = room.expect("Is this what shall be recorded?")
            self.assertNotIn("lamp", seen)
            self.assertIn("stands on the second terminal", seen)
            room.type(answer)
            self.second.expect("\x1b[2J\x1b[3J\x1b[H")
            room.expect("What happened" if answer == "again" else "Exception 1 is recorded")
        room.interrupt()
        self.assertEqual(room.finish(), 4)
        noted = [record["body"]["what"] for record in records(self.out) if record["kind"] == "exception"]
        self.assertEqual(noted, ["The lamp went out."])

    def sign_all(self, room, ada):
        """From the end of provisioning to the end."""
        room.expect("Read the head so far aloud")
        room.type("confirm")
        room.expect("Does everything agree")
        room.type("confirm")
        room.expect("Insert the card of Ada (serial 81)")
        ada.insert(0)
        self.sign(room, "ada")
        self.sign(room, "boris")
        room.expect("Is it written down?")
        room.type("written")
        room.expect("Close the transcript?")
        room.type("close")
        room.expect("Do they agree with what the viewers see?")
        room.type("confirm")
        self.sign(room, "ada")
        self.sign(room, "boris")
        self.assertEqual(room.finish(), 0, room.text)

    def is_whole(self, *rooms):
        """It replays, and no secret stands in the folder or on any screen that everybody sees."""
        self.assertEqual(records(self.out)[0]["body"]["secrets"], "made")
        replay = audit("replay", self.out)
        self.assertEqual(replay.returncode, 0, replay.stdout)
        self.assert_nowhere(self.shown)
        for secret in self.shown:
            for room in rooms:
                self.assertNotRegex(room.whole, rb"(?<![0-9a-f])" + secret.encode() + rb"(?![0-9a-f])")

    def test_a_killed_ceremony_goes_on_with_another_second_terminal(self):
        ada = self.insert(0, 81)
        room = Terminal("run", self.script(), "--out", self.out, "--secrets-tty", self.second.path)
        self.begin(room)
        self.provision(room, "ada", 81)
        room.expect("Take it out and keep it")
        ada.take_out()
        self.insert(1, 82)
        room.expect("reads aloud from the case")
        room.type("82")
        room.expect("Reset the card?")
        room.type("reset")
        self.is_shown(room, "boris", "PUK")
        self.put_away()
        # Boris has read a PIN that his card will never have.
        self.is_shown(room, "boris", "PIN")
        os.kill(room.child, signal.SIGKILL)
        self.assertEqual(room.finish(), -signal.SIGKILL)
        self.second.expect("\x1b[2J\x1b[3J\x1b[H")
        self.is_refused("RESUME-REFUSED", 1)
        self.is_refused("SECRETS-TERMINAL", 64, "--secrets-tty", OWN_TERMINAL)

        first, self.second = self.second, self.another_terminal()
        self.assertNotEqual(first.path, self.second.path)
        resumed = Terminal("resume", self.out, "--secrets-tty", self.second.path)
        # Nor who is still here.
        resumed.expect("Are all of them here now?")
        resumed.type("everybody")
        # Nobody knows what became of the card meanwhile: the new PIN is not given to it, and it is provisioned anew.
        self.is_shown(resumed, "boris", "PIN")
        self.put_away()
        resumed.expect("CARD-NOT-HELD")
        resumed.expect("What now?")
        resumed.type("retry")
        self.reset(resumed, "boris")
        # Nobody knows any more what Boris wrote before; of what was made since, everybody does.
        self.assertIn("If you wrote down a PIN before, strike it out", self.remarks[-3])
        self.assertEqual([self.remarks[place].count("Strike out what you wrote") for place in (-2, -1)], [0, 1])
        self.assertEqual(len(self.shown), 7)
        self.assertGreaterEqual(len(set(self.shown)), 6)
        self.sign_all(resumed, ada)
        self.assertFalse(first.has_more(), "the terminal of the program that was killed was used again")
        self.is_whole(room, resumed)

    def test_whatever_ends_the_program_clears_the_second_terminal(self):
        for place, number in enumerate((signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGSEGV, signal.SIGABRT)):
            with self.subTest(number.name):
                self.second, self.out = self.another_terminal(), os.path.join(self.folder, number.name)
                ada = self.insert(0, 81 + place)
                room = Terminal("run", self.script(), "--out", self.out, "--secrets-tty", self.second.path)
                self.begin(room)
                room.expect("reads aloud from the case")
                room.type(str(81 + place))
                room.expect("Reset the card?")
                room.type("reset")
                self.is_shown(room, "ada", "PUK")
                os.kill(room.child, number)
                room.finish()
                self.second.expect("\x1b[2J\x1b[3J\x1b[H")
                ada.take_out()

    def is_refused(self, code, status, *arguments):
        before = records(self.out)
        room = Terminal("resume", self.out, *arguments)
        room.expect(code)
        self.assertEqual(room.finish(), status)
        self.assertEqual(records(self.out), before)

    def nowhere_in_the_process(self, room):
        # What it was started with is ours, and has digits of its own.
        ours = b" ".join(value for item in os.environb.items() for value in item)
        for name in ("cmdline", "environ"):
            try:
                with open(f"/proc/{room.child}/{name}", "rb") as file:
                    data = file.read()
            except PermissionError:
                # Not readable from outside, where one is not root, is as good.
                continue
            for secret in self.shown:
                self.assertLessEqual(data.count(secret.encode()), ours.count(secret.encode()), name)

    def test_what_is_no_second_terminal_is_refused_before_anything_is_made(self):
        for path in (OWN_TERMINAL, "/dev/tty", "/dev/null", "/no/such/terminal", self.script()):
            with self.subTest(path):
                room = Terminal("run", self.script(), "--out", self.out, "--secrets-tty", path)
                room.expect("SECRETS-TERMINAL")
                self.assertEqual(room.finish(), 64)
                self.assertFalse(os.path.exists(self.out))
