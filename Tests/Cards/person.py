"""People at a terminal who read the screens: they answer what they know how to answer and stop at what a test is about."""

import os
import re
import signal
import time

from served import PATIENCE, STYLE, Terminal

# A prompt waits for one of the answers that stand above it.
PROMPT = re.compile(r"\n> $")
SECRET = re.compile(r"\n(?:New )?(PIN|PUK) of ([^\n:,]+)(?:, 6 to 8 digits)?: $|\n(The same again): $")
ANSWER = re.compile(r"^  (\S+) {2,}\S.*$", re.MULTILINE)
# What people answer who have nothing to object.
GOOD = ["next", "confirm", "reset", "sign", "close", "here", "administrator", "AD", "WI", "everybody", "written"]


class Keyholder:
    def __init__(self, name, card, pin, puk):
        self.name = name
        self.card = card
        self.pin = pin
        self.puk = puk


class Room(Terminal):
    """The people of a ceremony, and their answers."""

    def __init__(self, *arguments, **keyholders):
        super().__init__(*arguments)
        self.keyholders = keyholders
        self.transcript = ""
        self.last_code = None

    def _read(self, deadline):
        before = len(self.text)
        went_on = super()._read(deadline)
        self.transcript += self.text[before:]
        return went_on

    def until(self, words, timeout=PATIENCE):
        """Goes on with the ceremony until the program has written this; returns what was written since the last time.

        A prompt is left unanswered only where the words stand on its screen.
        """
        seen = ""
        deadline = time.monotonic() + timeout
        while True:
            text = STYLE.sub("", self.text)
            found = text.find(words)
            waiting = PROMPT.search(text) or SECRET.search(text)
            if found >= 0 and waiting:
                self.text = ""
                return seen + text
            if found >= 0:
                self.text = text[found + len(words) :]
                return seen + text[: found + len(words)]
            if waiting:
                seen += text
                self.text = ""
                self.type(self.answer(text))
            elif time.monotonic() > deadline or not self._read(deadline):
                raise AssertionError(f"no “{words}” in: {self.transcript[-3000:]}")

    def answer(self, screen):
        """What a person answers to this screen."""
        secret = SECRET.search("\n" + screen)
        if secret:
            kind, who, again = secret.groups()
            if again:
                return self.last_code
            (keyholder,) = (keyholder for keyholder in self.keyholders.values() if keyholder.name == who)
            self.last_code = keyholder.pin if kind == "PIN" else keyholder.puk
            return self.last_code
        tokens = self.tokens(screen)
        for token in tokens:
            if token in GOOD or token.isdigit():
                return token
        raise AssertionError(f"nobody knows what to answer: {screen}")

    @staticmethod
    def tokens(screen):
        """The answers that the last prompt lists."""
        return ANSWER.findall(screen[screen.rstrip("> \n").rfind("\n\n") :])

    def say(self, line):
        """Answers the prompt at which the last `until` stopped."""
        self.listens()
        self.text = ""
        self.type(line)

    def to_the_end(self):
        """Goes on to the end; returns the exit status."""
        deadline = time.monotonic() + 5 * PATIENCE
        while True:
            text = STYLE.sub("", self.text)
            if PROMPT.search(text) or SECRET.search(text):
                self.text = ""
                self.type(self.answer(text))
            elif time.monotonic() > deadline or not self._read(deadline):
                return self.finish()

    def leave(self):
        """Ends the program where a test failed before it ended by itself."""
        try:
            os.kill(self.child, signal.SIGKILL)
            self.finish()
        except (ChildProcessError, ProcessLookupError, OSError):
            pass
