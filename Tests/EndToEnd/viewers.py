"""Somebody at a terminal of some size, as a terminal emulator shows it."""
import codecs
import datetime
import fcntl
import os
import pty
import re
import select
import struct
import termios
import time

try:
    import pyte
except ImportError:
    pyte = None

from programs import PATIENCE, Person, program

LEAST = (80, 24)
RULE = re.compile("─+")
# Answers to prompts that ask for a line, by words of the question; the moment is the machine's.
LINES = {"What was it read from": "a watch", "administrator": "AD", "Administrator": "AD", "witness": "WI",
         "Witness": "WI"}


class Viewer(Person):
    """Reads the frames of a stage, and answers them."""

    def __init__(self, *arguments, columns=80, rows=24, environment=None):
        self.seen = ""
        self.whole = ""
        self.bags = {}
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.screen = pyte.Screen(columns, rows)
        self.emulator = pyte.Stream(self.screen)
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            path = program("tuf-ceremony")
            own = {"PATH": os.environ["PATH"], "TERM": "xterm-256color"}
            os.execve(path, [path, *map(str, arguments)], own | (environment or {}))

    def reads(self):
        before = len(self.seen)
        went_on = super().reads()
        new = self.seen[before:]
        self.whole += new
        self.emulator.feed(new.replace("\n", "\r\n"))
        return went_on

    def resizes(self, columns, rows):
        self.screen.resize(rows, columns)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def pastes(self, data):
        """Types all of it as fast as the terminal takes it, whatever is shown meanwhile."""
        os.set_blocking(self.terminal, False)
        while data:
            if select.select([self.terminal], [], [], 0)[0]:
                self.reads()
            try:
                data = data[os.write(self.terminal, data[:4096]):]
            except BlockingIOError:
                select.select([self.terminal], [self.terminal], [], PATIENCE)
        os.set_blocking(self.terminal, True)

    @property
    def rows(self):
        return [row.rstrip() for row in self.screen.display]

    @property
    def body(self):
        """Everything but the clock."""
        return [re.sub(r"\d\d:\d\d:\d\d UTC|\d:\d\d h so far", "", row) for row in self.rows]

    def shows(self, is_so, what):
        """Waits until the frame is so."""
        start = time.monotonic()
        while not is_so():
            if time.monotonic() - start > PATIENCE or not self.reads():
                raise AssertionError(f"never {what}:\n" + "\n".join(self.rows))
        return self.rows

    def listens(self):
        """Whether it is asked, and what is typed is not shown."""
        cursor = self.screen.cursor
        return (cursor.y < self.screen.lines and self.rows[cursor.y] == ">" and cursor.x == 2
                and not termios.tcgetattr(self.terminal)[3] & termios.ECHO)

    def is_asked(self, since=None):
        """The next frame that asks; where a body is given, one that is another."""
        return self.shows(lambda: self.listens() and self.body != since, "asked")

    def is_asked_or_done(self, since=None):
        """The next frame that asks, or None where the program has ended."""
        start = time.monotonic()
        while not self.listens() or self.body == since:
            if not self.reads():
                return None
            if time.monotonic() - start > PATIENCE:
                raise AssertionError("nothing else is asked:\n" + "\n".join(self.rows))
        return self.rows

    def asked(self):
        """The rows from the last rule on: what is asked."""
        rows = self.rows
        return rows[max(place for place, row in enumerate(rows) if RULE.fullmatch(row)):]

    def answers_and_sees(self, text):
        """The next frame that asks, after this answer."""
        before = self.body
        self.answers(text)
        return self.is_asked(since=before)

    def sees_question(self, words):
        """Goes on until this is asked, and turns the pages."""
        self.is_asked()
        while words not in " ".join(self.asked()):
            self.answers_and_sees(self.good_answer())
        return self.rows

    def good_answer(self):
        """What somebody answers who has nothing to object."""
        asked = self.asked()
        listed = [found[1] for row in asked if (found := re.match(r"  (\S+) {2,}\S", row))]
        listed += [word for row in asked if row.startswith("  answers: ") for word in row[11:].split(", ")]
        if listed:
            return listed[0]
        words = " ".join(asked)
        if "UTC as" in words:
            return f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%dT%H:%M}"
        if "number on the" in words:
            # Each bag has one of its own, which both read; what was closed here has it when it is opened.
            text = "\n".join(self.rows)
            section, name = re.search(r"\nstep \d+ of \d+ · (\S+)", text)[1], re.search(r"\n(.*) (?:opens|closes) a bag", text)[1]
            if " opens " in text:
                return self.bags.get(name, f"BAG-{section}")
            self.bags[name] = f"BAG-{section}"
            return self.bags[name]
        for part, answer in LINES.items():
            if part in words:
                return answer
        raise AssertionError(f"nobody knows what to answer: {words}")
