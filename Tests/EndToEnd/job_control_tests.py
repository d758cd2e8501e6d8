"""What a shell with job control does to a ceremony at its terminal: nothing that is typed may be shown then, either."""
import codecs
import os
import pathlib
import pty
import shlex
import shutil
import signal
import termios
import time
import unittest

from programs import FIRST, PATIENCE, Person, TestCase, program, token

PIN = "86421357"


class Shell(Person):
    """Somebody who starts the program from an interactive shell."""

    def __init__(self):
        self.seen = self.whole = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            environment = {"PATH": os.environ["PATH"], "PS1": "ready$ ", "TERM": "dumb"}
            os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"], environment)

    def reads(self):
        before = len(self.seen)
        went_on = super().reads()
        self.whole += self.seen[before:]
        return went_on

    def orders(self, *words):
        self.sees("ready$ ")
        self.types(shlex.join(map(str, words)) + "\r")

    def state(self):
        """Everything that the terminal is set to."""
        self.orders("stty", "-g")
        self.sees("stty -g\n")
        return self.sees("\n")

    def group(self):
        """The processes that have the terminal."""
        return os.tcgetpgrp(self.terminal)

    def echoes(self):
        return bool(termios.tcgetattr(self.terminal)[3] & termios.ECHO)


@unittest.skipUnless(shutil.which("bash"), "bash is not installed")
class JobControlTests(TestCase):
    def setUp(self):
        super().setUp()
        self.out = self.scratch / "out"
        self.shell = self.enterContext(Shell())
        self.before = self.shell.state()
        self.shell.orders(program("tuf-ceremony"), "rehearse", FIRST, "--out", self.out)
        self.screen = self.shell.is_asked()
        self.group = self.shell.group()

    def is_hidden(self):
        """What is typed now is not shown, and the ceremony goes on to its end."""
        shell = self.shell
        for text in (PIN, PIN + "\x7f\x7f"):
            shell.answers(text)
            self.assertIn("not one of the answers", shell.is_asked())
        for _ in range(3):
            shell.answers(token(self.screen))
            self.screen = shell.is_asked()
            # Nor while it is read what comes next.
            self.assertFalse(shell.echoes())
        shell.types("\x03")
        shell.sees(f"\nStopped: SIGINT. Every record so far is on the disk and replays.\n  → Go on: tuf-ceremony resume {self.out}\n")
        self.assertNotIn(PIN, shell.whole)
        self.assertEqual(shell.state(), self.before)

    def stops(self, number=signal.SIGSTOP):
        os.killpg(self.group, number)
        self.shell.sees("Stopped")

    def goes_on(self):
        self.shell.orders("fg")
        self.assertIn("step 1 of", self.shell.is_asked())

    def test_control_z_is_a_key_like_any_other(self):
        self.shell.answers("\x1a" + PIN)
        self.assertIn("not one of the answers", self.shell.is_asked())
        os.killpg(self.group, signal.SIGTSTP)
        self.assertNotIn("Stopped", self.shell.whole)
        self.is_hidden()

    def test_stopped_from_elsewhere_and_brought_back(self):
        for _ in range(3):
            self.stops()
            self.goes_on()
        self.is_hidden()

    def test_sent_to_the_background_and_brought_back(self):
        self.stops()
        self.shell.orders("bg")
        self.shell.sees(" &\n")
        self.comes_back_from_the_background()

    def test_continued_in_the_background_by_a_signal(self):
        self.stops()
        os.killpg(self.group, signal.SIGCONT)
        self.comes_back_from_the_background()

    def comes_back_from_the_background(self):
        """Whoever asks there is stopped there."""
        start = time.monotonic()
        while pathlib.Path(f"/proc/{self.group}/stat").read_text().rpartition(")")[2].split()[0] != "T":
            self.assertLess(time.monotonic() - start, PATIENCE, self.shell.whole)
            time.sleep(0.01)
        self.shell.types("\r")
        self.goes_on()
        self.is_hidden()

    def test_continued_without_having_been_stopped(self):
        # What was half typed is not taken for the beginning of what follows.
        self.shell.types(PIN)
        os.killpg(self.group, signal.SIGCONT)
        self.assertIn("step 1 of", self.shell.is_asked())
        self.shell.answers("confirm")
        self.screen = self.shell.is_asked()
        self.assertIn("Said?", self.screen)
        self.is_hidden()

    def test_somebody_else_gives_the_terminal_its_echo(self):
        state = termios.tcgetattr(self.shell.terminal)
        state[3] |= termios.ECHO
        termios.tcsetattr(self.shell.terminal, termios.TCSANOW, state)
        self.assertIn("step 1 of", self.shell.is_asked())
        self.is_hidden()

    def test_told_to_end_while_it_is_stopped(self):
        self.stops()
        os.killpg(self.group, signal.SIGTERM)
        self.shell.orders("fg")
        self.shell.sees("Stopped: SIGTERM")
        self.assertEqual(self.shell.state(), self.before)
