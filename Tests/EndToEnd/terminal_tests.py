"""A person at a terminal, in the first rehearsal."""
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import tty

from programs import (
    ABORTED, CANNOT_CREATE, FINE, FIRST, PATIENCE, USAGE, VIOLATION, Person, TestCase, program, run, token)

# Where a terminal moves its cursor a stage is drawn; a Person of these tests reads lines.
STAGE = {"PATH": os.environ["PATH"], "TERM": "xterm-256color"}


class SecondTerminal:
    """One that the stream does not show, and nothing runs in."""

    def __init__(self, test):
        self.ours, self.slave = pty.openpty()
        test.addCleanup(os.close, self.ours)
        test.addCleanup(os.close, self.slave)
        self.seen = self.streamed = ""
        self.codes = {}

    def listens(self):
        start = time.monotonic()
        while termios.tcgetattr(self.slave)[3] & termios.ECHO and time.monotonic() - start < PATIENCE:
            time.sleep(0.005)


class TerminalTests(TestCase):
    def setUp(self):
        super().setUp()
        self.out = self.scratch / "out"

    def rehearsal(self, is_compared=True, **environment):
        """At its first step; or before program and script were compared."""
        person = Person("rehearse", FIRST, "--out", self.out, environment=environment)
        self.enterContext(person)
        if is_compared:
            self.assertIn("Are the digests the same?", person.is_asked())
            person.answers("confirm")
        return person

    def records(self, name="transcript.jsonl"):
        return [json.loads(line) for line in (self.out / name).read_text().splitlines()]

    def assertStopped(self, person, *reasons):
        """Exit 4 with words, one of the reasons as the last record, and a folder that replays."""
        status, words = person.ends()
        self.assertEqual(status, ABORTED, words)
        self.assertNoCrash(words)
        last = self.records()[-1]
        self.assertEqual(last["kind"], "interruption")
        self.assertIn(last["body"], [{"reason": reason} for reason in reasons])
        self.assertReplay(self.out, VIOLATION, "CEREMONY-INCOMPLETE")
        # Not on the row of the prompt.
        if person.terminal is not None:
            self.assertIn(f"\nStopped: {last['body']['reason']}.", words)
            self.assertIn(f"\n  → Go on: tuf-ceremony resume {self.out}\n", words)
        return words

    def test_a_question_mark_explains_and_is_no_answer(self):
        person = self.rehearsal()
        person.is_asked()
        before = (self.out / "transcript.jsonl").read_bytes()
        person.answers("?")
        words = person.is_asked()
        for word in ["exception:", "pause:", "leaves:", "returns:", "abort:", "Ctrl-C:"]:
            self.assertIn(word, words)
        self.assertEqual((self.out / "transcript.jsonl").read_bytes(), before)
        # The same question listens on.
        person.answers("nonsense")
        screen = person.is_asked()
        self.assertIn("Type ? for help", screen)
        person.answers(token(screen))
        person.is_asked()
        self.assertEqual([record["body"].get("accepted") for record in self.records() if record["kind"] == "answer"][-2], None)

    def test_a_person_holds_the_whole_rehearsal(self):
        person = self.rehearsal(is_compared=False)
        typed = []
        while screen := person.is_asked_or_done():
            self.assertIn("\x1b[1;7m REHEARSAL", screen)
            typed.append(token(screen))
            person.answers(typed[-1])
        status, words = person.ends()
        self.assertEqual(status, FINE, words)
        answers = [
            record["body"] for name in ("transcript.jsonl", "sealing.jsonl") for record in self.records(name)
            if record["kind"] == "answer"
        ]
        self.assertEqual(answers, [{"accepted": answer} for answer in typed])
        self.assertSums(self.out)
        self.assertReplay(self.out, FINE)

    def test_pin_and_puk_are_rehearsed_by_hand(self):
        """On virtual cards, as a keyholder types them on the day; a code that no card takes costs no try."""
        person = self.enterContext(Person("rehearse", FIRST, "--out", self.out, "--typed-secrets"))
        codes = {"PUK": "59271836", "PIN": "482916"}
        typed, asked = [], re.compile(r"\n> |New (PUK|PIN) of \w+, 6 to 8 digits: |(PIN) of \w+: |(The same again): ")
        last, impossible = "", ["12345", "123456789", "48291\u00fc"]
        while True:
            while not (found := asked.search(person.seen)):
                if not person.reads():
                    break
            if not found:
                break
            screen, person.seen = person.seen[:found.end()], person.seen[found.end():]
            self.silent(person)
            if found[1] or found[3]:
                last = found[1] or last
                typed.append(codes[last])
                person.answers(codes[last])
            elif found[2]:
                self.assertNotIn("PIN-WRONG", screen)
                if impossible:
                    person.answers(impossible.pop())
                else:
                    person.answers(codes["PIN"])
            else:
                person.answers(token(screen))
        status, words = person.ends()
        self.assertEqual(status, FINE, words)
        self.assertEqual((impossible, set(typed)), ([], set(codes.values())))
        records = self.records()
        self.assertEqual(records[0]["body"]["secrets"], "typed")
        self.assertEqual([one for one in records if one["kind"] in ("finding", "exception")], [])
        self.assertReplay(self.out, FINE)
        self.assertFalse((self.out / "virtual-cards" / "paper.json").exists())
        alone = ["--unattended", "--typed-secrets"]
        refused = run("tuf-ceremony", "rehearse", FIRST, "--out", self.scratch / "no", *alone)
        self.assertEnds(refused, USAGE, "nobody types a PIN")

    def holds(self, person, second, until=None):
        """Answers on both terminals until the program ends, or a code of this kind was shown."""
        name = os.ttyname(second.slave)
        while True:
            readable = select.select([person.terminal, second.ours], [], [], PATIENCE)[0]
            self.assertTrue(readable, person.seen[-1000:] + second.seen[-1000:])
            if second.ours in readable:
                second.seen += os.read(second.ours, 65536).decode().replace("\r\n", "\n")
                shown = re.search(r"The new (PUK|PIN) of (\w+).*?^    (\d{8})$.*press Enter alone", second.seen, re.M | re.S)
                typed = re.search(r"PIN of (\w+): $", second.seen)
                if shown or typed:
                    second.seen = ""
                    if shown:
                        second.codes[shown[2], shown[1]] = shown[3]
                        if shown[1] == until:
                            return name
                    second.listens()
                    os.write(second.ours, (second.codes[typed[1], "PIN"] if typed else "").encode() + b"\r")
            if person.terminal in readable:
                if not person.reads():
                    return name
                if "\n> " in person.seen:
                    screen = person.is_asked()
                    second.streamed += screen
                    person.answers("everybody" if "all of them here now" in screen else token(screen))

    def test_codes_are_shown_on_a_second_terminal_as_on_the_day(self):
        """In a rehearsal on virtual cards too; and it goes on after a stop with a second terminal and not without."""
        second = SecondTerminal(self)
        options = ["--secrets-tty", os.ttyname(second.slave)]
        person = self.enterContext(Person("rehearse", FIRST, "--out", self.out, "--typed-secrets", *options))
        self.holds(person, second, until="PIN")
        person.types("\x03")
        status, words = person.ends()
        self.assertEqual(status, ABORTED, words)
        self.assertIn(f"tuf-ceremony resume {self.out} --secrets-tty TTY", words)
        for refused in [], ["--unattended"]:
            again = self.enterContext(Person("resume", self.out, *refused))
            status, words = again.ends()
            self.assertEqual(status, VIOLATION, words)
            self.assertIn("RESUME-REFUSED", words)
        self.assertIn("Leave --unattended away", words)
        again = self.enterContext(Person("resume", self.out, *options))
        self.holds(again, second)
        status, words = again.ends()
        self.assertEqual(status, FINE, words)
        for words in "Ada types the PIN on the second terminal", "Ada reads it on the second terminal":
            self.assertIn(words, " ".join(second.streamed.split()))
        self.assertEqual(self.records()[0]["body"]["secrets"], "made")
        self.assertEqual(len(second.codes), 4)
        self.assertFalse((self.out / "virtual-cards" / "paper.json").exists())
        for code in second.codes.values():
            self.assertNotIn(code, second.streamed)
            for name in "transcript.jsonl", "sealing.jsonl", "report.html":
                self.assertNotRegex((self.out / name).read_text(), rf"(?<![0-9a-f]){code}(?![0-9a-f])")
        self.assertReplay(self.out, FINE)

    def test_a_second_terminal_is_named_or_not_as_the_rehearsal_began(self):
        second = SecondTerminal(self)
        path = os.ttyname(second.slave)
        person = self.rehearsal()
        person.is_asked()
        person.types("\x03")
        self.assertStopped(person, "SIGINT")
        status, words = self.enterContext(Person("resume", self.out, "--secrets-tty", path)).ends()
        self.assertEqual(status, VIOLATION, words)
        self.assertIn("Leave --secrets-tty away", words)
        other = self.scratch / "other"
        self.assertEnds(run("tuf-ceremony", "rehearse", FIRST, "--out", other, "--unattended", "--secrets-tty", path),
                        USAGE, "nobody types a PIN", "--secrets-tty")
        status, words = self.enterContext(Person("rehearse", FIRST, "--out", other, "--secrets-tty", "/dev/tty")).ends()
        self.assertEqual(status, USAGE, words)
        self.assertIn("SECRETS-TERMINAL", words)
        self.assertFalse(other.exists())

    def silent(self, person):
        """Once it listens without echo."""
        start = time.monotonic()
        while termios.tcgetattr(person.terminal)[3] & termios.ECHO:
            self.assertLess(time.monotonic() - start, PATIENCE)
            time.sleep(0.001)

    def test_what_is_no_answer_is_neither_shown_nor_recorded(self):
        touched = "cccccckdvvulethkfjrbtiuncbkglidlhbgvbkvhnvji"
        dropped = [
            "", " ", "hello", "12345678", "NEXT", "next ", "nex", touched, "x" * 300, "\x1b[A", "nächste",
            b"\xff\xfe",
        ]
        person = self.rehearsal()
        person.is_asked()
        for text in dropped:
            text = text if isinstance(text, bytes) else text.encode()
            person.types(text + b"\r")
            screen = person.is_asked()
            self.assertIn("one-time password" if text == touched.encode() else "not one of the answers", screen)
            self.assertNotIn(text.decode(errors="replace") if text.strip() else "\t", screen.split("─")[0])
        rejected = [record["body"] for record in self.records() if record["kind"] == "answer"]
        self.assertEqual(rejected, [{"accepted": "confirm"}] + [{"rejected": True}] * len(dropped))
        transcript = (self.out / "transcript.jsonl").read_bytes()
        # In a digest or a count of nanoseconds eight digits are chance.
        transcript = re.sub(rb'"[0-9a-f]{64}"|"mono":[0-9]+', b"", transcript)
        for text in ["hello", "12345678", touched, "xxxxxxxx", "nächste"]:
            self.assertNotIn(text.encode(), transcript)
            self.assertNotIn(text.encode().hex().encode(), transcript)
        self.gives_up(person)
        self.assertIn("ABORTED", person.is_asked())

    def gives_up(self, person):
        """Both roles, one after the other, at one keyboard."""
        person.answers("abort")
        for role in "Administrator", "Witness":
            self.assertIn(f"{role}, as {role.lower()}: is the ceremony given up?", person.is_asked())
            person.answers("abort")

    def test_an_exception_is_put_on_record_in_words(self):
        touched = "cccccckdvvulethkfjrbtiuncbkglidlhbgvbkvhnvji"
        words = "The wrong card was inserted – and taken out again."
        refused = [("my PIN is 87654321", "digits", "could be a PIN"), (touched, "one-time-password", "one-time password"),
                   ("\x1b[A", "characters", "That has another form"), ("", "length", "Nothing was typed"),
                   ("y" * 600, "length", "too long")]
        person = self.rehearsal()
        first = person.is_asked()
        self.assertIn("also: exception, pause, leaves, returns, abort", first)
        person.answers("exception")
        self.assertIn("Exception 1", person.is_asked())
        person.answers("witness")
        self.assertIn("no six digits in a row", person.is_asked())
        for text, _, hint in refused:
            person.answers(text)
            screen = person.is_asked()
            self.assertIn(hint, screen)
            self.assertIn("not shown and not recorded", screen)
            if text.isprintable() and text:
                self.assertNotIn(text, screen)
        person.answers("A first wording.")
        self.assertIn("A first wording.\n\nIs this what shall be recorded?", person.is_asked())
        person.answers("perhaps")
        self.assertIn("Type yes or again.", person.is_asked())
        person.answers("again")
        self.assertIn("What happened", person.is_asked())
        person.answers(words)
        self.assertIn(words, person.is_asked())
        person.answers("yes")
        again = person.is_asked()
        self.assertIn("Exception 1 is recorded", again)
        self.assertIn(first.strip().split("\n")[-3], again)
        person.types("\x03")
        self.assertStopped(person, "SIGINT")
        exceptions = [record["body"] for record in self.records() if record["kind"] == "exception"]
        self.assertEqual(exceptions, [{"number": 1, "code": "NOTED", "on-behalf-of": "witness", "what": words}])
        rejected = [record["body"] for record in self.records() if record["body"].get("rejected")]
        whys = [why for _, why, _ in refused] + ["withdrawn"]
        self.assertEqual(rejected, [{"rejected": True, "why": why} for why in whys])
        transcript = (self.out / "transcript.jsonl").read_bytes()
        for text in [*(text for text, _, _ in refused if text), "A first wording.", "perhaps"]:
            self.assertNotIn(text.encode(), transcript)

    def test_a_pause(self):
        person = self.rehearsal()
        first = person.is_asked()
        person.answers("pause")
        self.assertRegex(person.is_asked(), r"PAUSED since 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ")
        person.answers("abort")
        self.assertIn("not one of the answers", person.is_asked())
        person.answers("continue")
        self.assertEqual(person.is_asked().split("─\n")[-1], first.split("─\n")[-1])

    def test_a_ceremony_is_given_up_by_both_or_not_at_all(self):
        person = self.rehearsal()
        person.is_asked()
        for answers in ["back"], ["abort", "back"]:
            person.answers("abort")
            for answer in answers:
                self.assertIn("Give the ceremony up?", person.is_asked())
                person.answers(answer)
            self.assertIn("also:", person.is_asked())
        self.gives_up(person)
        self.assertIn("ABORTED", person.is_asked())
        person.answers("confirm")
        status, words = person.ends()
        self.assertEqual(status, ABORTED, words)
        self.assertReplay(self.out, VIOLATION, "ABORTED")

    def test_what_was_typed_ahead_is_thrown_away(self):
        person = self.rehearsal()
        self.assertIn("step 1 of", person.is_asked())
        person.types("next\rabort\rabort\r")
        self.assertNotIn("ABORTED", person.is_asked())
        person.types("\x03")
        self.assertStopped(person, "SIGINT")
        answers = [record["body"] for record in self.records() if record["kind"] == "answer"]
        self.assertEqual(answers, [{"accepted": "confirm"}, {"accepted": "next"}])

    def test_a_ceremony_is_given_up_at_any_prompt(self):
        endings = []
        for answered in range(100):
            self.out = self.scratch / str(answered)
            person = self.rehearsal()
            for _ in range(answered):
                person.answers(token(person.is_asked()))
            screen = person.is_asked_or_done()
            if screen is None:
                person.ends()
                break
            person.answers("abort")
            while screen := person.is_asked_or_done():
                person.answers(token(screen))
            status, words = person.ends()
            self.assertEqual(status, ABORTED, words)
            self.assertNoCrash(words)
            self.assertSums(self.out)
            if "REHEARSAL aborted" in words:
                endings.append("aborted")
                self.assertNotIn("1.root.json", words)
                self.assertReplay(self.out, VIOLATION, "ABORTED")
            else:
                # The transcript is closed, and the root signed; only the seal lacks signatures.
                seal = json.loads((self.out / "seal.dsse.json").read_text())
                endings.append(len(seal["signatures"]))
                self.assertEqual("NOT SEALED: no verifier accepts" in words, not seal["signatures"])
                self.assertEqual("SEALED BY 1 OF 2: no verifier accepts" in words, len(seal["signatures"]) == 1)
                if seal["signatures"]:
                    self.assertReplay(self.out, VIOLATION, "SEAL-BELOW-THRESHOLD", "SEALING-GIVEN-UP")
                else:
                    self.assertReplay(self.out, VIOLATION, "SEAL-MISSING", "SEALING-GIVEN-UP")
        # At the head nobody has signed the seal, at the first card neither; at the second one has.
        self.assertEqual(endings[-3:], [0, 0, 1])
        self.assertEqual(set(endings[:-3]), {"aborted"})

    def test_control_c(self):
        person = self.rehearsal()
        person.is_asked()
        person.types("abc\x03")
        self.assertIn("SIGINT", self.assertStopped(person, "SIGINT"))

    def test_control_backslash(self):
        person = self.rehearsal()
        person.is_asked()
        person.types("abc\x1c")
        self.assertIn("SIGQUIT", self.assertStopped(person, "SIGQUIT"))

    def test_what_was_stopped_goes_on(self):
        person = self.rehearsal()
        for _ in range(5):
            person.answers(token(person.is_asked()))
        person.is_asked()
        person.types("\x03")
        self.assertStopped(person, "SIGINT")
        before = (self.out / "transcript.jsonl").read_bytes()
        person = self.enterContext(Person("resume", self.out))
        while screen := person.is_asked_or_done():
            person.answers(token(screen))
        status, words = person.ends()
        self.assertEqual(status, FINE, words)
        self.assertTrue((self.out / "transcript.jsonl").read_bytes().startswith(before))
        self.assertSums(self.out)
        self.assertReplay(self.out, FINE)

    def test_end_of_input(self):
        person = self.rehearsal()
        person.is_asked()
        person.types("\x04")
        self.assertIn("end of input", self.assertStopped(person, "end of input"))

    def test_signals(self):
        for number in [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT]:
            with self.subTest(number.name):
                self.out = self.scratch / number.name
                person = self.rehearsal()
                person.is_asked()
                os.kill(person.process, number)
                self.assertIn(number.name, self.assertStopped(person, number.name))

    def test_a_terminal_that_goes_away(self):
        person = self.rehearsal()
        person.is_asked()
        person.hangs_up()
        # The hang-up and the end of input come at once; either is true.
        self.assertStopped(person, "SIGHUP", "end of input")

    def test_the_terminal_echoes_again_after_a_prompt(self):
        ours, theirs = os.openpty()
        self.addCleanup(os.close, ours)
        self.addCleanup(os.close, theirs)
        command = [program("tuf-ceremony"), "rehearse", str(FIRST), "--out", str(self.out)]
        with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=STAGE) as process:
            shown = b""
            while b"> " not in shown:
                shown += os.read(ours, 65536)
            process.terminate()
            self.assertEqual(process.wait(300), ABORTED)
        self.assertTrue(termios.tcgetattr(theirs)[3] & termios.ECHO)

    def test_the_terminal_echoes_again_whatever_ended_the_program(self):
        for number in signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGQUIT:
            with self.subTest(number.name):
                ours, theirs = os.openpty()
                self.addCleanup(os.close, ours)
                self.addCleanup(os.close, theirs)
                before = termios.tcgetattr(theirs)
                command = [program("tuf-ceremony"), "rehearse", str(FIRST), "--out", str(self.scratch / number.name)]
                with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=STAGE) as process:
                    shown = b""
                    while b"> " not in shown:
                        shown += os.read(ours, 65536)
                    self.assertFalse(termios.tcgetattr(theirs)[3] & termios.ECHO)
                    process.send_signal(number)
                    self.assertEqual(process.wait(300), ABORTED if number == signal.SIGQUIT else -number)
                start = time.monotonic()
                while termios.tcgetattr(theirs) != before:
                    self.assertLess(time.monotonic() - start, PATIENCE, "it stays as the program had it")
                    time.sleep(0.01)

    def test_what_somebody_else_made_of_the_terminal_stays(self):
        """A shell that has the terminal again sets it up for itself."""
        ours, theirs = os.openpty()
        self.addCleanup(os.close, ours)
        self.addCleanup(os.close, theirs)
        command = [program("tuf-ceremony"), "rehearse", str(FIRST), "--out", str(self.out)]
        with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=STAGE) as process:
            shown = b""
            while b"> " not in shown:
                shown += os.read(ours, 65536)
            process.send_signal(signal.SIGSTOP)
            os.waitpid(process.pid, os.WUNTRACED)
            tty.setraw(theirs)
            raw = termios.tcgetattr(theirs)
            process.kill()
        # Whoever guards the terminal is gone when nobody has it open any more but this test.
        name, own = os.ttyname(theirs), str(os.getpid())
        start = time.monotonic()
        while any(name in self.files(pid) for pid in os.listdir("/proc") if pid.isdigit() and pid != own):
            self.assertLess(time.monotonic() - start, PATIENCE)
            time.sleep(0.01)
        self.assertEqual(termios.tcgetattr(theirs), raw)

    @staticmethod
    def files(pid):
        """What a process has open, as far as we may know."""
        try:
            return [os.readlink(f"/proc/{pid}/fd/{name}") for name in os.listdir(f"/proc/{pid}/fd")]
        except OSError:
            return []

    def test_the_window_is_resized(self):
        person = self.rehearsal()
        screen = person.is_asked()
        for columns in 80, 47, 99:
            fcntl.ioctl(person.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
            person.answers(token(screen))
            screen = person.is_asked()
            rows = re.sub(r"\x1b\[[0-9;]*m", "", screen).splitlines()
            self.assertIn("─" * columns, rows)
            self.assertLessEqual(max(map(len, rows)), columns)

    def test_no_color(self):
        person = self.rehearsal(NO_COLOR="1")
        self.assertRegex(person.is_asked(), r"\*\*\* +REHEARSAL +\*\*\*")
        person.types("\x03")
        self.assertNotIn("\x1b", self.assertStopped(person, "SIGINT"))

    def test_without_a_terminal_nobody_can_answer(self):
        done = run("tuf-ceremony", "rehearse", FIRST, "--out", self.out)
        self.assertEnds(done, USAGE, "--unattended")
        self.assertFalse(self.out.exists())

    def test_an_output_that_exists(self):
        self.out.mkdir()
        status, words = self.rehearsal(is_compared=False).ends()
        self.assertEqual(status, CANNOT_CREATE, words)
        self.assertIn("CANNOT-CREATE", words)
        self.assertEqual(list(self.out.iterdir()), [])
