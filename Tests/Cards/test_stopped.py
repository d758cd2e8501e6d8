"""A real ceremony that somebody stops at a question for a secret: what is typed after that is not shown, either."""

import os
import shlex
import signal
import time

import person
from person import Keyholder
from rooms import PINS, PUKS, InARoom
from secrets_in import found
from served import CEREMONY, NOTICED, audit


class FromAShell(person.Room):
    """People whose program is started from an interactive shell."""

    def __init__(self, *arguments, **keyholders):
        super().__init__(**keyholders)
        self.orders(shlex.join([CEREMONY, *map(str, arguments)]))

    def command(self, words):
        return ["bash", "--norc", "--noprofile", "-i"]

    def orders(self, line):
        """To the shell."""
        time.sleep(NOTICED)
        self.since = ""
        os.write(self.end, line.encode() + b"\n")

    def is_stopped_and_goes_on(self):
        # The whole of the screen first.
        time.sleep(NOTICED)
        os.killpg(os.tcgetpgrp(self.end), signal.SIGSTOP)
        self.expect("Stopped")
        self.orders("fg")


class Stopped(InARoom):
    def test_no_secret_is_shown_after_a_stop(self):
        for place, serial in enumerate((81, 82)):
            self.insert(place, serial)
        room = FromAShell(
            "run", self.two_keyholders(ada=81, boris=82), "--out", self.out,
            ada=Keyholder("Ada", 81, PINS["ada"], PUKS["ada"]),
            boris=Keyholder("Boris", 82, PINS["boris"], PUKS["boris"]),
        )
        self.addCleanup(room.leave)
        for question in ("New PUK of Ada", "New PIN of Ada", "New PUK of Boris", "sign these bytes", "PIN of Ada"):
            room.until(question)
            room.is_stopped_and_goes_on()
        # Ctrl-Z is a key that types no character, and no try is lost by it.
        room.until("PIN of Boris")
        room.say("\x1a" + PINS["boris"])
        room.until("types no character")
        room.say(PINS["boris"])
        room.until("The ceremony is complete.")
        room.until("Look at it as an auditor does")
        room.orders("exit")
        room.finish()
        secrets = [*PINS.values(), *PUKS.values()]
        self.assertEqual(found(secrets, room.transcript.encode(), "the terminal"), [])
        self.assertNotIn("retry", room.transcript)
        replay = audit("replay", self.out)
        self.assertEqual(replay.returncode, 0, replay.stdout)
