"""Cards that `card serve` serves, the programs, and a person at a terminal, for the tests beside this file."""

import codecs
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import termios
import time

PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAMS = os.environ.get("PROGRAMS", os.path.join(PACKAGE, ".build", "debug"))
CEREMONY = os.path.join(PROGRAMS, "tuf-ceremony")
AUDIT = os.path.join(PROGRAMS, "tuf-audit")
PORTS = [int(port) for port in os.environ.get("VPCD_PORTS", "").split()]
FACTORY_KEY = "010203040506070801020304050607080102030405060708"
# Longer than a reader takes to notice that a card came or went, on a machine that does nothing else.
NOTICED = 0.7
# Seconds until something counts as hanging, also where others keep the machine busy.
PATIENCE = 120
# Where a program listens: a question, without the styles of a screen.
ASKED = re.compile(r"(?:^|\n)> $|: $")
STYLE = re.compile(r"\x1b\[[0-9;]*m")


def reader(place):
    """The name under which pcscd shows the reader on PORTS[place]."""
    return f"Virtual reader {place // 2} 00 0{place % 2}"


def notice(place, is_there):
    """Waits until pcscd has noticed that a card is in the reader on PORTS[place], or that none is."""
    time.sleep(NOTICED)
    try:
        from smartcard import scard
    except ImportError:
        return
    result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    if result != scard.SCARD_S_SUCCESS:
        return
    deadline = time.monotonic() + PATIENCE
    try:
        while time.monotonic() < deadline:
            states = [(reader(place), scard.SCARD_STATE_UNAWARE)]
            result, states = scard.SCardGetStatusChange(context, 0, states)
            if result != scard.SCARD_S_SUCCESS or bool(states[0][1] & scard.SCARD_STATE_PRESENT) == is_there:
                return
            time.sleep(0.05)
    finally:
        scard.SCardReleaseContext(context)
    raise AssertionError(f"{reader(place)}: pcscd does not notice that a card {'came' if is_there else 'went'}")


def keeper(number, is_listening):
    """Has the test's pcscd stopped or started, and waits until its readers are gone or there."""
    os.kill(int(os.environ["PCSCD_KEEPER"]), number)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with open("/proc/net/tcp") as file:
            there = {int(line.split()[1].split(":")[1], 16) for line in file if " 0A " in line}
        if [port in there for port in PORTS] == [is_listening] * len(PORTS):
            return
        time.sleep(0.05)
    raise AssertionError(f"pcscd does not {'start' if is_listening else 'stop'}")


def ceremony(*arguments, **options):
    return subprocess.run(
        [CEREMONY, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        **{"timeout": 300} | options)


def audit(*arguments):
    done = subprocess.run([AUDIT, *map(str, arguments)], capture_output=True, text=True, timeout=300)
    if arguments[0] == "replay":
        second = second_opinion(arguments[1])
        # Both accept it, or neither does.
        if (second.returncode == 0) != (done.returncode == 0) or "makes no sense" in second.stdout:
            raise AssertionError(f"{arguments[1]}: {done.stdout}{done.stderr}\nbut {second.stdout}")
    return done


def second_opinion(folder):
    """Whoever replays a folder has a second opinion on it, from the verifier that shares no code with the programs."""
    done = subprocess.run(
        [sys.executable, os.path.join(PACKAGE, "Runbook", "verify_transcript.py"), str(folder)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    assert done.returncode in (0, 1), done.stdout
    return done


def records(folder, name="transcript.jsonl"):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


class ServedCard:
    """A virtual card in the reader on PORTS[place]; its memory is in a file, so that it can change readers."""

    def __init__(self, place, serial, model="yubikey", state=None, waits=True, unmarked=False):
        """`waits` until it was noticed."""
        self.unmarked = ["--unmarked"] if unmarked else []
        self.serial = serial
        self.waits = waits
        self.model = model
        self.state = state or os.path.join(tempfile.mkdtemp(prefix="card-"), f"{serial}.json")
        self.process = None
        self.insert(place)

    def insert(self, place):
        self.place = place
        self.process = subprocess.Popen(
            [CEREMONY, "card", "serve", "--port", str(PORTS[place]), "--serial", str(self.serial)]
            + ["--state", self.state, "--model", self.model, *self.unmarked],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert str(self.serial) in self.process.stdout.readline()
        assert self.process.stdout.readline() == "plugged\n"
        if self.waits:
            notice(place, True)

    def memory(self):
        """What it holds, without how often it drew something at random."""
        with open(self.state, encoding="utf-8") as file:
            held = json.load(file)
        del held["draws"]
        return held

    def tell(self, line):
        """Gives an order and returns the answer."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def take_out(self):
        """Returns the status with which serving ended; None where it was not served."""
        if self.process is None:
            return None
        self.process.stdin.write("quit\n")
        self.process.stdin.flush()
        status = self.process.wait(PATIENCE)
        self.process.stdin.close()
        self.process.stdout.close()
        self.process = None
        notice(self.place, False)
        return status

    def vanish(self):
        """Its reader loses it at once, and pcscd notices when it does."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.process = None


# Stands for the name of the terminal that a program is started in.
OWN_TERMINAL = "the terminal of the ceremony"


class Terminal:
    """A person at a terminal of their own who reads what a program writes and answers."""

    def __init__(self, *arguments):
        self.begin()
        self.child, self.end = pty.fork()
        if self.child == 0:
            # Its own terminal is known only here.
            own = {OWN_TERMINAL: os.ttyname(0)}
            # Lines in order: what a stage shows is for a terminal emulator.
            os.environ["TERM"] = "dumb"
            command = self.command([CEREMONY, *(own.get(argument, str(argument)) for argument in arguments)])
            os.execvp(command[0], command)

    def command(self, words):
        """What is started for this command."""
        return words

    def begin(self):
        # What came since the last line was typed, and of a line's end or a character what has not come whole.
        self.text, self.whole, self.since, self.half = "", b"", "", ""
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def expect(self, words, timeout=PATIENCE):
        """Waits until the program has written this since the last time, and returns everything up to it."""
        deadline = time.monotonic() + timeout
        while True:
            found = re.search(re.escape(words), self.text)
            if found:
                seen, self.text = self.text[: found.end()], self.text[found.end() :]
                return seen
            if time.monotonic() > deadline or not self._read(deadline):
                raise AssertionError(f"no “{words}” in: {self.text}")

    def listens(self):
        """Waits until the program asks; where it asks nothing, a while."""
        deadline = time.monotonic() + 5
        while not ASKED.search(STYLE.sub("", self.since)) and self._read(deadline):
            pass

    def type(self, line):
        # Typed-ahead input is thrown away, so nobody types before the program listens.
        self.listens()
        time.sleep(0.2)
        self.since = ""
        os.write(self.end, line.encode() + b"\n")

    def interrupt(self):
        os.kill(self.child, signal.SIGINT)

    def finish(self):
        """The exit status; what was written last is in `text`."""
        while self._read(time.monotonic() + PATIENCE):
            pass
        _, status = os.waitpid(self.child, 0)
        os.close(self.end)
        return os.waitstatus_to_exitcode(status)

    def _read(self, deadline):
        """Whether there was something to read; `whole` keeps everything that ever was."""
        if not select.select([self.end], [], [], max(0, deadline - time.monotonic()))[0]:
            return False
        try:
            chunk = os.read(self.end, 65536)
        except OSError:
            return False
        text = self.half + self.decoder.decode(chunk)
        self.half = "\r" if text.endswith("\r") else ""
        text = text.removesuffix("\r").replace("\r\n", "\n")
        self.text += text
        self.since += text
        self.whole += chunk
        return bool(chunk)


class SecondTerminal(Terminal):
    """A terminal in which no program was started, but which one may open by its path."""

    def __init__(self):
        self.begin()
        self.end, self.other = pty.openpty()
        self.path = os.ttyname(self.other)

    def listens(self):
        """Waits until what is typed is not shown: a program listens."""
        deadline = time.monotonic() + 5
        while termios.tcgetattr(self.other)[3] & termios.ECHO and time.monotonic() < deadline:
            time.sleep(0.01)

    def has_more(self):
        """Whether anything was written to it that nobody has read."""
        return bool(select.select([self.end], [], [], 0)[0])

    def close(self):
        os.close(self.end)
        os.close(self.other)
