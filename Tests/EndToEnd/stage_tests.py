"""The stage as those see it who watch: every screen of whole rehearsals, in terminals of several sizes."""
import html
import json
import os
import random
import re
import signal
import termios
import time
import unittest

from programs import ABORTED, FINE, FIRST, PATIENCE, RUNBOOK, VIOLATION, TestCase, run
from viewers import LEAST, RULE, Viewer, pyte

SIZES = [LEAST, (120, 40), (200, 50)]
GENESIS = RUNBOOK / "pep458-genesis.yaml"
ROTATION = RUNBOOK / "rotate-root.yaml"
SEED = int(os.environ.get("TUF_CEREMONY_SEED") or random.randrange(1 << 16))
TOUCHED = "cccccckdvvulethkfjrbtiuncbkglidlhbgvbkvhnvji"


def sizes(name):
    """All sizes of the first rehearsal, one of each of the others."""
    if os.environ.get("TUF_CEREMONY_TESTS") == "full" or name == FIRST:
        return SIZES
    return [random.Random(f"{SEED} {name.name}").choice(SIZES)]


@unittest.skipUnless(pyte, "pyte is not installed: run Tests/outside with the Python of Tests/run")
class StageTests(TestCase):
    def setUp(self):
        super().setUp()
        self.out = self.scratch / "out"

    def viewer(self, script=FIRST, columns=80, rows=24, *more):
        return self.enterContext(Viewer("rehearse", script, "--out", self.out, *more, columns=columns, rows=rows))

    def records(self, kind):
        return [record["body"] for name in ("transcript.jsonl", "sealing.jsonl") if (self.out / name).exists()
                for line in (self.out / name).read_text().splitlines()
                if (record := json.loads(line))["kind"] == kind]

    def assertFrame(self, viewer, title):
        """What ceremony it is, whether it is real, which step, how long still, and who has signed."""
        rows, text = viewer.rows, "\n".join(viewer.rows)
        self.assertEqual(len(rows), viewer.screen.lines, text)
        self.assertRegex(rows[0], r"^ REHEARSAL .* \d\d:\d\d:\d\d UTC$")
        self.assertIn(title, text)
        self.assertRegex(text, r"\nstep \d+ of \d+ · \S+ .*about \d+ min left of \d+")
        # Where something is compared there is one digest, and no other.
        self.assertRegex(text, r"\n━*┄* +\d+ % · .*exceptions?( · head [0-9a-f]{8})?\n")
        if re.search(r"\n +[0-9a-f]{8}  \S", text):
            self.assertNotIn(" · head ", text)
        self.assertRegex(text, r"\nroot( \d)?: .*\d of \d")
        return text

    def hold(self, script, columns, rows):
        """Plays a whole rehearsal; returns the text of every page of every prompt, and how it ended."""
        viewer = self.viewer(script, columns, rows)
        title = re.search("^title: (.*)$", script.read_text(), re.MULTILINE)[1]
        shown, pages, body, questions = [], [], None, []
        while viewer.is_asked_or_done(since=body):
            text = self.assertFrame(viewer, title)
            asked = viewer.asked()
            self.assertEqual(asked[-1], ">")
            pages.append(text)
            answer = viewer.good_answer()
            questions.append(viewer.body[2:6] + asked)
            self.assertLess(questions.count(questions[-1]), 30, "it goes round in circles:\n" + text)
            if answer != "more":
                shown.append("\n".join(pages))
                pages = []
            body = viewer.body
            viewer.answers(answer)
        status, words = viewer.ends()
        self.assertEqual(status, FINE, words[-2000:])
        # The last words stand alone on the terminal, and stay.
        self.assertIn("final head", viewer.whole)
        self.assertNotIn("step ", "\n".join(viewer.rows))
        self.assertTrue(any(viewer.rows))
        return shown

    def assertWords(self, screen, shown):
        """Every word and value of a recorded screen stands on its pages, whole."""
        words = {re.sub(r"\W+$|^\W+", "", word) for word in re.split(r"\s+", shown)}
        def look(text):
            for word in text.split():
                word = re.sub(r"\W+$|^\W+", "", word)
                if word and len(word) < 60:
                    self.assertIn(word, words, f"{text}\n{shown}")
        for text in [screen["title"], screen["who"], *screen.get("text", []), *screen.get("say", []),
                     screen["prompt"]["question"], *screen.get("banners", [])]:
            look(text)
        for fact in screen.get("facts", []):
            look(fact["name"])
            look(fact["value"])
        for digest in screen.get("digests", []):
            look(digest["label"])
            for place in range(0, 64, 8):
                self.assertIn(digest["sha256"][place:place + 8], words)
            for word in digest["words"]:
                self.assertIn(word, words)
        for answer in screen["prompt"]["answers"]:
            look(answer["token"])
        for board in screen["standing"]["boards"]:
            for side in board["sides"]:
                self.assertIn(f"{min(side['signed'], side['threshold'])} of {side['threshold']}", shown)
                if side["signed"] > side["threshold"]:
                    self.assertIn(f"({side['signed']} signed)", shown)
            for person in board["people"]:
                if person["state"] == "signed":
                    look(person["name"])

    def test_every_screen_of_whole_rehearsals(self):
        print(f"seed {SEED}")
        for script in FIRST, GENESIS, ROTATION:
            for columns, rows in sizes(script):
                with self.subTest(script.name, columns=columns, rows=rows):
                    self.out = self.scratch / f"{script.stem}-{columns}"
                    shown = self.hold(script, columns, rows)
                    asked = [screen for screen in self.records("screen") if "prompt" in screen]
                    # What is shown again because it was typed back is a screen of the console alone.
                    confirmed = [text for text in shown if "Is this what shall be recorded?" not in text]
                    self.assertEqual(len(confirmed), len(asked))
                    for screen, text in zip(asked, confirmed):
                        self.assertWords(screen, text)
                    self.assertCast(asked)
                    self.assertReport()
                    self.assertReplay(self.out, FINE)

    def assertReport(self):
        """What the screens said stands in the report, too, word by word."""
        page = (self.out / "report.html").read_text().replace("</span><wbr><span>", "")
        text = " ".join(html.unescape(re.sub("<[^>]*>", " ", page)).split())
        for screen in self.records("screen"):
            facts = [fact["value"] for fact in screen.get("facts", [])]
            digests = [digest["sha256"] for digest in screen.get("digests", [])]
            for words in [screen["title"], *screen.get("text", []), *screen.get("say", []), *facts, *digests]:
                self.assertIn(" ".join(words.split()), text)

    def assertCast(self, asked):
        """Whoever joins late, at any frame, knows what it is; and the frames say what the screens said."""
        done = run("tuf-audit", "export", self.out, "--format", "asciicast", "--rehearsal", "--out", self.out.with_suffix(".cast"))
        self.assertEqual(done.returncode, FINE, done.stderr)
        head, *events = map(json.loads, self.out.with_suffix(".cast").read_text().splitlines())
        frames = [text for _, kind, text in events if kind == "o" and text.startswith("\x1b[H")]
        self.assertGreaterEqual(len(frames), len(asked))
        for frame in frames:
            rows = re.sub(r"\x1b\[[0-9;]*[mHJK]", "", frame).split("\r\n")
            self.assertLessEqual(len(rows), head["height"])
            self.assertLessEqual(max(map(len, rows)), head["width"])
            text = "\n".join(rows)
            self.assertRegex(text, r"^ REHEARSAL ")
            self.assertRegex(text, r"\nstep \d+ of \d+ · \S+ .*about \d+ min left of \d+")
            self.assertRegex(text, r"\nroot( \d)?: .*\d of \d")

    def test_what_was_refused_is_said_where_people_look(self):
        for columns, rows in SIZES:
            with self.subTest(columns=columns):
                self.out = self.scratch / str(columns)
                viewer = self.viewer(FIRST, columns, rows)
                viewer.sees_question("Said?")
                for text in "hello", "hello", TOUCHED, "x" * 300, "12345678":
                    shown = viewer.answers_and_sees(text)
                    self.assertRegex(shown[-2], "one-time password" if text == TOUCHED else "not one of the answers")
                    self.assertNotIn(text, viewer.whole)
                self.assertEqual(viewer.answers_and_sees("next")[-2], "")

    def test_an_exception_in_words(self):
        viewer = self.viewer()
        viewer.sees_question("Said?")
        for answer, expected in [("exception", "Exception 1"), ("witness", "no six digits in a row"),
                                 ("my PIN is 87654321", "could be a PIN"), ("A wrong card.", "A wrong card."),
                                 ("perhaps", "Type yes or again."), ("again", "It was taken back|What happened"),
                                 ("A wrong reader.", "A wrong reader."), ("yes", "1 exception · head")]:
            self.assertRegex("\n".join(viewer.answers_and_sees(answer)), expected)
        self.assertNotIn("87654321", viewer.whole)

    def test_help_is_a_page_of_its_own(self):
        viewer = self.viewer()
        viewer.sees_question("Said?")
        before = self.records("answer")
        shown = "\n".join(viewer.answers_and_sees("?"))
        self.assertRegex(shown, r"next +it was said; go on")
        self.assertRegex(shown, r"pause +a break, until somebody goes on")
        self.assertIn("Type back.", viewer.answers_and_sees("next")[-2])
        self.assertIn("Said?", "\n".join(viewer.answers_and_sees("back")))
        self.assertEqual(self.records("answer"), before)
        for answer in "exception", "witness", "A wrong card.":
            viewer.answers_and_sees(answer)
        before = self.records("answer")
        self.assertRegex("\n".join(viewer.answers_and_sees("?")), r"yes +record it\n +again +type it again")
        self.assertIn("A wrong card.", "\n".join(viewer.answers_and_sees("back")))
        self.assertEqual(self.records("answer"), before)

    def test_the_marks_of_the_board_are_explained(self):
        viewer = self.viewer(GENESIS)
        viewer.is_asked()
        shown = "\n".join(viewer.answers_and_sees("?"))
        for mark in "–", "card:", "key:", "✓:":
            self.assertIn(mark, shown)

    def test_a_terminal_that_is_resized_during_prompts(self):
        viewer = self.viewer()
        dice = random.Random(SEED)
        print(f"seed {SEED}")
        body, count = None, 0
        while viewer.is_asked_or_done(since=body):
            if count < 12:
                columns, rows = dice.randrange(80, 210), dice.randrange(24, 60)
                viewer.resizes(columns, rows)
                viewer.shows(lambda: viewer.listens() and viewer.screen.cursor.y == rows - 1
                             and len(viewer.rows[0]) == columns and viewer.rows[0].endswith(" UTC")
                             and RULE.fullmatch(viewer.asked()[0]), "redrawn")
                self.assertFrame(viewer, "First rehearsal")
            count += 1
            body = viewer.body
            viewer.answers(viewer.good_answer())
        status, words = viewer.ends()
        self.assertEqual(status, FINE, words[-2000:])
        self.assertReplay(self.out, FINE)

    def test_a_terminal_that_is_too_small_is_waited_for(self):
        viewer = self.viewer()
        viewer.is_asked()
        for columns, rows in [(79, 24), (80, 23), (20, 5), (1, 1)]:
            viewer.resizes(columns, rows)
            if columns > 70:
                viewer.shows(lambda: "This terminal is too small" in viewer.rows[0], "said")
            viewer.answers("next")
        time.sleep(0.2)
        viewer.resizes(100, 30)
        shown = viewer.is_asked()
        self.assertIn("step 1 of", "\n".join(shown))
        self.assertEqual(self.records("answer"), [])

    def test_what_is_longer_is_turned_page_by_page(self):
        viewer = self.viewer(GENESIS)
        body, turned = None, 0
        while viewer.is_asked(since=body) and turned < 2:
            answer, body = viewer.good_answer(), viewer.body
            if answer == "more":
                turned += 1
                before = self.records("answer")
                # Nobody confirms what was not to be seen.
                last = [screen for screen in self.records("screen") if "prompt" in screen][-1]
                viewer.answers(last["prompt"]["answers"][0]["token"])
                viewer.shows(lambda: "There is more to see first" in viewer.rows[-2], "refused")
                viewer.is_asked()
                self.assertEqual(self.records("answer"), before + [{"rejected": True}])
                body = viewer.body
            viewer.answers(answer)

    def test_the_same_page_after_another_size_and_after_help(self):
        viewer = self.viewer(GENESIS)
        viewer.is_asked()
        while not any("more" in row for row in viewer.asked()):
            viewer.answers_and_sees(viewer.good_answer())
        viewer.answers_and_sees("more")
        page = re.compile(r"\(page (\d+) of (\d+)\)")
        def place():
            return page.search("\n".join(viewer.rows))
        self.assertEqual(place()[1], "2")
        before = viewer.body
        self.assertIn("What can be typed", "\n".join(viewer.answers_and_sees("?")))
        self.assertEqual(viewer.answers_and_sees("back") and viewer.body, before)
        viewer.resizes(80, 60)
        viewer.shows(lambda: viewer.listens() and viewer.screen.cursor.y == 59 and not place(), "whole")
        viewer.resizes(80, 24)
        viewer.shows(lambda: viewer.listens() and viewer.screen.cursor.y == 23 and viewer.body == before, "the page before")

    def test_help_before_the_last_page_says_how_to_come_to_the_answers(self):
        viewer = self.viewer()
        viewer.is_asked()
        self.assertIn("(page 1 of 3)", "\n".join(viewer.rows))
        more = "more     the next page; the answers are taken on the last one"
        self.assertIn(more, "\n".join(viewer.answers_and_sees("?")))
        for answer in "back", "more", "more":
            viewer.answers_and_sees(answer)
        self.assertIn("(page 3 of 3)", "\n".join(viewer.rows))
        self.assertNotIn("the next page;", "\n".join(viewer.answers_and_sees("?")))

    def test_what_ended_the_ceremony_stays_on_the_screen(self):
        viewer = self.viewer()
        viewer.is_asked()
        while "differs" not in "\n".join(viewer.asked()):
            viewer.answers_and_sees("more")
        text = " ".join(" ".join(viewer.answers_and_sees("differs")).split())
        self.assertIn("ABORTED: the head of the transcript", text)
        self.assertIn("COMPARISON-DIFFERS: Somebody here saw or heard something else", text)
        self.assertIn("program is ", text)
        self.assertIn("script is ", text)

    def test_a_pin_is_asked_for_where_its_question_can_be_seen(self):
        viewer = self.viewer(FIRST, 80, 24, "--typed-secrets")
        viewer.is_asked()
        while "New PUK" not in "\n".join(viewer.rows):
            viewer.answers(viewer.good_answer())
            before = viewer.body
            viewer.shows(lambda: "New PUK" in viewer.rows[-1] or viewer.listens() and viewer.body != before, "asked")
        # Help is no code, and nothing of it is recorded.
        viewer.answers("?")
        viewer.shows(lambda: "type them twice" in "\n".join(viewer.rows) and "New PUK" in viewer.rows[-1], "explained")
        viewer.resizes(70, 20)
        viewer.shows(lambda: "too small" in viewer.rows[0], "said")
        viewer.answers("97531864")
        viewer.resizes(80, 24)
        viewer.shows(lambda: "New PUK" in viewer.rows[-1] and "not kept" in "\n".join(viewer.rows), "asked again")
        for _ in range(2):
            viewer.answers("97531864")
            viewer.shows(lambda: viewer.rows[-1].startswith(("The same again", "New PIN")), "asked")
        viewer.shows(lambda: "New PIN" in viewer.rows[-1], "asked for the PIN")
        viewer.answers("97531864")
        viewer.shows(lambda: "PIN and PUK of a card must differ" in "\n".join(viewer.rows), "refused")
        self.assertNotIn("97531864", viewer.whole)

    def test_no_key_stops_the_screen(self):
        viewer = self.viewer()
        viewer.sees_question("Said?")
        viewer.types("\x13")
        clock = viewer.rows[0][-12:]
        viewer.shows(lambda: viewer.rows[0][-12:] != clock, "went on")
        self.assertIn("not one of the answers", viewer.answers_and_sees("")[-2])

    def test_garbage_and_a_megabyte_of_paste(self):
        viewer = self.viewer()
        viewer.sees_question("Said?")
        before = viewer.body
        dice = random.Random(SEED)
        for text in [b"\x1b[2J\x1b[H\x1b]0;title\x07", b"\x1bP+q\x1b\\\x9b31m", bytes(dice.randrange(32, 256) for _ in range(200))]:
            viewer.types(text.replace(b"\r", b"").replace(b"\n", b"") + b"\r")
            viewer.is_asked(since=before)
            before = viewer.body
        paste = b"PIN 86421357 \x1b[31m next abort confirm " * 27000
        viewer.pastes(paste)
        viewer.types("\r")
        viewer.is_asked(since=before)
        self.assertNotIn("86421357", viewer.whole)
        self.assertNotIn("\x1b[31m", viewer.whole)
        answers = self.records("answer")
        self.assertEqual({json.dumps(answer) for answer in answers[-2:]}, {'{"rejected": true}'})
        self.assertIn("step 2 of", "\n".join(viewer.answers_and_sees("next")))

    def test_signals_leave_a_terminal_as_it_was(self):
        for number in signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL:
            with self.subTest(number.name):
                self.out = self.scratch / number.name
                viewer = self.viewer()
                viewer.is_asked()
                ours = os.open(os.readlink(f"/proc/{viewer.process}/fd/0"), os.O_RDWR | os.O_NOCTTY)
                self.addCleanup(os.close, ours)
                os.kill(viewer.process, number)
                if number == signal.SIGKILL:
                    start = time.monotonic()
                    while not termios.tcgetattr(ours)[3] & termios.ECHO:
                        self.assertLess(time.monotonic() - start, PATIENCE)
                        time.sleep(0.01)
                    continue
                text = "\n".join(viewer.shows(lambda: f"Stopped: {number.name}" in "\n".join(viewer.rows), "ended"))
                self.assertNotIn("step 1 of", text)
                _, status = os.waitpid(viewer.process, 0)
                viewer.process = None
                self.assertEqual(os.waitstatus_to_exitcode(status), ABORTED)
                self.assertTrue(termios.tcgetattr(ours)[3] & termios.ECHO)

    def test_stopped_and_brought_back(self):
        viewer = self.viewer()
        viewer.sees_question("Said?")
        os.kill(viewer.process, signal.SIGSTOP)
        os.waitpid(viewer.process, os.WUNTRACED)
        viewer.screen.reset()
        os.kill(viewer.process, signal.SIGCONT)
        shown = viewer.is_asked()
        self.assertFrame(viewer, "First rehearsal")
        self.assertIn("Said?", "\n".join(shown))
        self.assertIn("step 2 of", "\n".join(viewer.answers_and_sees("next")))

    def test_a_terminal_that_goes_away(self):
        viewer = self.viewer()
        viewer.is_asked()
        viewer.hangs_up()
        status, _ = viewer.ends()
        self.assertEqual(status, ABORTED)
        self.assertReplay(self.out, VIOLATION, "CEREMONY-INCOMPLETE")

    def test_plain_and_dumb(self):
        for arguments, kind in [(["--plain"], "xterm-256color"), ([], "dumb"), ([], "")]:
            with self.subTest(arguments=arguments, kind=kind):
                self.out = self.scratch / f"{kind}{len(arguments)}"
                viewer = self.enterContext(
                    Viewer("rehearse", FIRST, "--out", self.out, *arguments, environment={"TERM": kind, "NO_COLOR": "1"}))
                viewer.shows(lambda: "\n> " in viewer.whole, "asked")
                self.assertNotIn("\x1b", viewer.whole)
