"""`draft genesis`: whole scripts from options or answers, and nothing in them that nobody said."""
import itertools
import json
import re
import subprocess

from programs import CANNOT_CREATE, FINE, LESS, NO_INPUT, RUNBOOK, USAGE, VIOLATION, Person, TestCase, rehearse, run

# Each option, and the line that `check` says where it is missing.
GIVEN = {
    "--repository": ("Example", "“TO BE FILLED IN: repository”"),
    "--administrator": ("Ann Lee", "“TO BE FILLED IN: administrator”"),
    "--witness": ("Will Ohm", "“TO BE FILLED IN: witness”"),
    "--keyholder": ("Ada", "“TO BE FILLED IN: keyholder 1”"),
    "--expires": ("2027-12-01T00:00:00Z", "EXPIRY-RELATIVE"),
    "--online-key": ("key.pem", "ONLINE-KEY-STAND-IN"),
    "--vendor-certificate": ("vendor.pem", "VENDOR-CERTIFICATES-MISSING"),
}
AT = "2026-11-21T00:00:00Z"


class DraftTests(TestCase):
    def setUp(self):
        super().setUp()
        key = self.scratch / "private.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True)
        for name, arguments in [
            ("key.pem", ["pkey", "-in", key, "-pubout"]),
            ("vendor.pem", ["req", "-x509", "-key", key, "-subj", "/CN=Vendor", "-days", "9"]),
        ]:
            done = subprocess.run(["openssl", *arguments], capture_output=True, check=True)
            (self.scratch / name).write_bytes(done.stdout)
        self.numbers = itertools.count()

    def draft(self, *options, out=None):
        out = out or self.scratch / f"draft-{next(self.numbers)}.yaml"
        return out, run("tuf-ceremony", "draft", "genesis", *options, "--out", out, cwd=self.scratch)

    def options(self, without=None):
        options = []
        for name, (value, _) in GIVEN.items():
            if name != without:
                options += [name, value]
        return options + (["--keyholder", "Boris", "--keyholder", "Carla"] if without != "--keyholder" else [])

    def checked(self, script):
        return run("tuf-ceremony", "check", script, "--at", AT)

    def test_what_is_not_given_is_for_people_and_for_rehearsals_only(self):
        whole, done = self.draft(*self.options(), "--threshold", 2)
        self.assertEnds(done, FINE)
        self.assertNotIn("fill in", done.stdout)
        self.assertIn(f"Next: tuf-ceremony rehearse {whole} --out rehearsal-1", self.checked(whole).stdout)
        self.assertEnds(self.checked(whole), FINE)
        for name, (_, words) in GIVEN.items():
            with self.subTest(name):
                script, done = self.draft(*self.options(without=name), "--threshold", 2)
                self.assertEnds(done, FINE)
                self.assertRegex(done.stdout, r"What people still have to fill in:\n  .*\nNext: ")
                check = self.checked(script)
                self.assertEnds(check, LESS, "FOR REHEARSALS ONLY", words)
                self.assertEnds(rehearse(self.scratch / f"out{name}", script), FINE)

    def test_without_anything_it_can_be_rehearsed(self):
        script, done = self.draft()
        self.assertEnds(done, FINE)
        self.assertEqual(len(re.findall("^  .", done.stdout, re.MULTILINE)), len(GIVEN) + 1)
        self.assertIn("the threshold: 2 of 3, a majority, was taken for you", done.stdout)
        check = self.checked(script)
        self.assertEnds(check, LESS)
        self.assertEqual(check.stderr.count("SCRIPT-OPEN"), 6)
        self.assertEnds(rehearse(self.scratch / "out", script), FINE)
        self.assertReplay(self.scratch / "out", FINE)

    def test_names_of_any_kind(self):
        names = ["Zoë Ünal", "O: #1", "null", 'a "b" \\c', "李明", "administrator", "Zoe", "x" * 60]
        options = [f"--keyholder={name}" for name in names]
        script, done = self.draft(
            *options, "--repository", "Éx: #1", "--administrator", "true", "--witness", "~", "--threshold", 2)
        self.assertEnds(done, FINE)
        shown = self.checked(script)
        self.assertEnds(shown, LESS)
        for name in names:
            self.assertIn(name, shown.stdout)
        ids = re.findall(r"^  (\S+):\n    name:", script.read_text(), re.MULTILINE)
        self.assertEqual(len(set(ids)), len(names))
        self.assertEqual(ids[:8], ["zoe", "o", "keyholder-3", "a", "keyholder-5", "keyholder-6", "zoe-7", "x" * 30])
        # Two more, and the root is larger than a card signs: it is not written.
        script, done = self.draft(*options, "--keyholder=- One", "--keyholder=Two")
        self.assertEnds(done, VIOLATION, "PAYLOAD-TOO-LARGE")
        self.assertFalse(script.exists())

    def test_the_service(self):
        curve = self.scratch / "curve.pem"
        made = subprocess.run(["openssl", "ecparam", "-genkey", "-noout", "-name", "prime256v1"], capture_output=True)
        public = subprocess.run(["openssl", "ec", "-pubout"], input=made.stdout, capture_output=True)
        curve.write_bytes(public.stdout)
        options = [*self.options(without="--online-key"), "--threshold", 2, "--online-key", curve]
        script, done = self.draft(*options, "--online-key-uri", "fn:service")
        self.assertEnds(done, FINE)
        self.assertEnds(self.checked(script), FINE)
        self.assertIn("hand-over: [rstuf]", script.read_text())
        # What RSTUF could not take is not written.
        script, done = self.draft(*options, "--online-key-uri", "file:service")
        self.assertEnds(done, VIOLATION, "HAND-OVER")
        self.assertFalse(script.exists())
        # A script names files beside it.
        elsewhere = self.scratch / "elsewhere"
        elsewhere.mkdir()
        script, done = self.draft(*options, out=elsewhere / "script.yaml")
        self.assertEnds(done, VIOLATION, "FILE-REFUSED", "Copy it")
        self.assertFalse(script.exists())

    def test_what_is_refused(self):
        for options, status, words in [
            (["--threshold", 1], USAGE, "alone"), (["--threshold", "two"], USAGE, ""),
            (["--keyholder", "Ada"], USAGE, "at least two"), (["--expires", "tomorrow"], USAGE, "moment"),
            (["--keyholder", "Ada", "--keyholder", "Bo", "--threshold", 3], USAGE, "more than the 2"),
            (["--keyholder", "Ada", "--keyholder", "ADA"], VIOLATION, "SCRIPT-NAME-REPEATED"),
            (["--keyholder", "Ada", "--keyholder", "B\u200bo"], VIOLATION, "SCRIPT-VALUE"),
            (["--administrator", "Ann", "--witness", "ann"], VIOLATION, "SCRIPT-NAME-REPEATED"),
            (["--repository", " "], VIOLATION, "SCRIPT-VALUE"), (["--repository", "x" * 501], VIOLATION, "SCRIPT-VALUE"),
            (["--expires", "2026-01-01T00:00:00Z"], VIOLATION, "EXPIRY-WINDOW"),
            (["--online-key", "vendor.pem"], VIOLATION, "ONLINE-KEY"), (["--online-key", "none.pem"], NO_INPUT, "UNREADABLE"),
        ]:
            with self.subTest(options):
                script, done = self.draft(*options)
                self.assertEnds(done, status, words)
                self.assertFalse(script.exists())
        there = self.scratch / "there.yaml"
        there.write_text("mine")
        self.assertEnds(self.draft(out=there)[1], CANNOT_CREATE)
        self.assertEqual(there.read_text(), "mine")

    def test_a_name_that_is_taken_is_asked_for_again(self):
        out = self.scratch / "again.yaml"
        with Person("draft", "genesis", "--repository", "Example", "--expires", "2027-12-01T00:00:00Z", "--out", out) as person:
            for question, answer in [
                ("at the keyboard: ", "Ann"), ("compares and confirms: ", " ANN"), ("Ann is named already", None),
                ("compares and confirms: ", "Will"), ("Keyholder 1, ", "Ada"), ("Keyholder 2, ", "ada"),
                ("Ada is named already", None), ("Type another name.", None), ("Keyholder 2, ", "Boris"),
                ("Keyholder 3, ", "BORIS "), ("Boris is named already", None), ("Keyholder 3, ", ""), ("2 to 2: ", "2"),
            ]:
                person.sees(question)
                if answer is not None:
                    person.answers(answer)
            person.sees("Next: ")
        text = out.read_text()
        self.assertEqual(re.findall("^    name: (.*)$|^  name: (.*)$", text, re.MULTILINE),
                         [("", "Ann"), ("", "Will"), ("Ada", ""), ("Boris", "")])

    def test_a_draft_says_what_people_would_ask(self):
        """What initials do, and that the machine is looked at: where it stops, and that a rehearsal does not."""
        script, done = self.draft(*self.options(), "--threshold", 2)
        self.assertEnds(done, FINE)
        text = script.read_text()
        self.assertRegex(text, r"# `initials`: .*\n.*\nadministrator:")
        self.assertRegex(text, r"(?s)# The machine is looked at.*? A rehearsal says what\s.*?  - id: preflight\n    do: preflight\n")
        steps = re.findall(r"^    do: (\S+)", text, re.MULTILINE)
        self.assertEqual(steps[:2], ["say", "preflight"])
        fatal = re.search(r"(?s)fatal: \[(.*?)\]", text)[1].replace("\n", " ").split(",")
        page = (RUNBOOK / "SCRIPT.md").read_text()
        usual = re.search(r"^\| `fatal` \|[^|]*\| \[(.*?)\]", page, re.MULTILINE)[1].split(", ")
        self.assertEqual([code.strip() for code in fatal], usual)
        self.assertLessEqual(max(map(len, text.splitlines())), 132)
        # Whatever this machine is like, a rehearsal goes on, and says it.
        out = self.scratch / "out"
        self.assertEnds(rehearse(out, script), FINE)
        looks = [record for line in (out / "transcript.jsonl").read_text().splitlines()
                 if (record := json.loads(line))["kind"] == "host"]
        self.assertEqual([look["step"] for look in looks], ["preflight", "preflight/again"])
        self.assertReplay(out, FINE)

    def test_every_script_for_a_real_day_looks_at_the_machine_first(self):
        scripts = [path for path in RUNBOOK.glob("*.yaml") if path.name != "first-rehearsal.yaml"]
        self.assertGreater(len(scripts), 8)
        for path in scripts:
            with self.subTest(path.name):
                steps = re.findall(r"^    do: (\S+)", path.read_text(), re.MULTILINE)
                self.assertEqual(set(steps[:steps.index("preflight")]) - {"say", "confirm"}, set())
                self.assertEqual(steps.count("preflight"), 1)

    def test_asked_one_by_one_at_a_terminal(self):
        out = self.scratch / "asked.yaml"
        with Person("draft", "genesis", "--administrator", "Ann", "--out", out) as person:
            for question, answer in [
                ("people name it: ", "Example"), ("compares and confirms: ", ""), ("Keyholder 1, ", "Ada"),
                ("Keyholder 2, ", "Boris"), ("Keyholder 3, ", ""), ("2 to 2: ", "3"), ("That is none. Type a number from 2 to 2.", None),
                ("2 to 2: ", "2"), ("00:00:00Z: ", "soon"), ("in this form.", None), ("00:00:00Z: ", "2027-12-01"),
            ]:
                person.sees(question)
                if answer is not None:
                    person.answers(answer)
            person.sees("written: ")
            person.sees("Next: ")
        text = out.read_text()
        self.assertIn("threshold: 2\n    keyholders: [ada, boris]\n    expires: 2027-12-01T00:00:00Z", text)
        self.assertIn("TO BE FILLED IN: witness", text)
        self.assertNotIn("TO BE FILLED IN: repository", text)
