"""First minutes: what the programs say to somebody who types them without a plan."""
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios

from programs import FINE, FIRST, USAGE, TestCase, program, rehearse, run

PROGRAMS = ["tuf-ceremony", "tuf-audit"]
AT = "2026-11-21T00:00:00Z"


def helps(name, *command):
    """Every help of a program: the command, and the text in one line a paragraph."""
    text = subprocess.run([program(name), *command, "--help"], capture_output=True, text=True, check=True).stdout
    yield (name, *command), text
    listed = text.partition("\nSUBCOMMANDS:\n")[2].partition("\n\n")[0]
    for each in re.findall(r"^  ([a-z][a-z-]*)(?:\s|$)", listed, re.MULTILINE):
        yield from helps(name, *command, each)


def at_terminal(name, *arguments, columns):
    """The exit code and everything that is said, at a terminal so wide."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen([program(name), *map(str, arguments)], stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    said = b""
    try:
        while new := os.read(ours, 65536):
            said += new
    except OSError:  # How Linux says that nobody is at the other end.
        pass
    os.close(ours)
    return process.wait(), re.sub(r"\x1b\[[0-9;]*m", "", said.decode().replace("\r\n", "\n"))


def example(text):
    """What stands after `Example:`, as one types it."""
    found = re.search(r"^Example: (.*?)\n\n", text, re.MULTILINE | re.DOTALL)
    return found and found[1].replace("\n", " ").split()


class HelpTests(TestCase):
    def test_every_help_has_an_example_that_its_command_takes(self):
        seen = 0
        for name in PROGRAMS:
            texts = dict(helps(name))
            for command, text in texts.items():
                with self.subTest(command):
                    words = example(text)
                    self.assertIsNotNone(words, text)
                    self.assertEqual(tuple(words[:len(command)]), command)
                    # The longest command that the words begin with has every option in its help.
                    said = max((each for each in texts if tuple(words[:len(each)]) == each), key=len)
                    self.assertNotIn("SUBCOMMANDS:", texts[said])
                    for option in (word for word in words if word.startswith("--")):
                        self.assertRegex(texts[said], rf"(?m)^  {option}\b")
                    seen += 1
        self.assertGreater(seen, 30)

    def test_what_was_mistyped_is_named(self):
        for name, arguments, wrong, meant in [
            ("tuf-ceremony", ["rehers"], "has no subcommand 'rehers'", "rehearse"),
            ("tuf-ceremony", ["card", "lst"], "'tuf-ceremony card' has no subcommand 'lst'", "list"),
            ("tuf-ceremony", ["rehearse", "--ot", "x"], "'tuf-ceremony rehearse' has no option '--ot'", "--out"),
            ("tuf-ceremony", ["run", "x", "--miror=y", "--out", "z"], "has no option '--miror'", "--mirror"),
            ("tuf-ceremony", ["--verison"], "has no option '--verison'", "--version"),
            ("tuf-audit", ["repley", "x"], "has no subcommand 'repley'", "replay"),
            ("tuf-audit", ["verify", "--trustd", "x"], "has no option '--trustd'", "--trusted"),
            ("tuf-audit", ["export", "x", "--jason"], "has no option '--jason'", "--json"),
            ("tuf-audit", ["replay", "x", "--frobnicate"], "has no option '--frobnicate'", None),
            ("tuf-ceremony", ["frobnicate"], "has no subcommand 'frobnicate'", None),
        ]:
            with self.subTest(arguments):
                done = run(name, *arguments)
                self.assertEnds(done, USAGE, wrong)
                self.assertEqual(done.stdout, "")
                guess = re.search(r"Did you mean '(.*?)'\?", done.stderr)
                self.assertEqual(guess and guess[1], meant)
        # What is wrong otherwise is said as it is.
        self.assertEnds(run("tuf-ceremony", "check"), USAGE, "Missing expected argument '<script>'")
        self.assertEnds(run("tuf-audit", "verify", "x", "--at", "noon"), USAGE, "noon")
        # What stands after -- is a path.
        self.assertNotIn("has no option", run("tuf-audit", "verify", "--", "--trustd").stderr)

    def test_what_is_said_outside_the_stage_is_broken_between_words(self):
        """Usage errors, help, findings: as wide as the terminal, whatever word is the next."""
        there, folder = self.scratch / "a folder that is there already", self.scratch / "first"
        there.mkdir()
        self.assertEnds(rehearse(folder, FIRST, "--seed", 1), FINE)
        for name, arguments in [
            ("tuf-ceremony", ["rehearse", "--sekrets-tty", "x"]), ("tuf-ceremony", ["card", "lst"]),
            ("tuf-ceremony", ["rehearse", "--unattended", "--typed-secrets", "--out", "x"]), ("tuf-ceremony", []),
            ("tuf-ceremony", ["rehearse", "--unattended", "--out", there]), ("tuf-ceremony", ["check", there / "none.yaml"]),
            ("tuf-audit", ["replay", "x", "--frobnicate"]), ("tuf-audit", ["repley"]), ("tuf-ceremony", ["check", FIRST, "--at", AT]),
            ("tuf-ceremony", ["explain", "COMPARISON-DIFFERS"]), ("tuf-audit", ["explain", "COMPARISON-DIFFERS"]),
            ("tuf-audit", ["replay", folder]),
        ]:
            plain = run(name, *arguments)
            words = (plain.stdout + plain.stderr).split()
            for columns in 100, 60, 43:
                with self.subTest([name, *arguments], columns=columns):
                    status, text = at_terminal(name, *arguments, columns=columns)
                    self.assertEqual(status, plain.returncode)
                    self.assertEqual([row for row in text.splitlines() if len(row) > columns], [])
                    # Words as long as a row are broken; the others are whole.
                    self.assertEqual(sorted("".join(text.split())), sorted("".join(words)))
                    self.assertEqual({word for word in words if len(word) < columns / 2 - 2} - set(text.split()), set())
        # What a machine reads is the same everywhere.
        advice = ["advise", folder / "metadata/1.root.json", "--rehearsal", "--json", "--at", AT]
        self.assertEqual(json.loads(at_terminal("tuf-audit", *advice, columns=43)[1].partition("\n}")[0] + "\n}"),
                         json.loads(run("tuf-audit", *advice).stdout))

    def test_alone_they_say_what_to_try_first_and_that_works(self):
        folder = self.scratch / "first"
        rehearse(folder, FIRST, "--seed", 1)
        for name in PROGRAMS:
            done = run(name)
            self.assertEnds(done, USAGE)
            first = done.stderr.rpartition("\n\n")[2]
            self.assertTrue(first.startswith("Try first"), first)
            for line in re.findall(r"^  (tuf-.*)$", first, re.MULTILINE):
                with self.subTest(line):
                    words = line.split()
                    words = [str({"/tmp/first": folder, "1.root.json": folder / "metadata/1.root.json"}.get(word, word))
                             for word in words]
                    if "--out" in words:
                        words[words.index("--out") + 1] = str(self.scratch / f"{words[1]}-made")
                    if words[1] == "rehearse":
                        words.append("--unattended")
                    if words[1] == "expiry":
                        words.append("--rehearsal")
                    tried = run(*words)
                    self.assertIn(tried.returncode, [FINE, 1] if words[1] == "expiry" else [FINE], tried.stderr)

    def test_every_command_of_the_auditor_takes_json(self):
        folder, root = self.scratch / "first", self.scratch / "first/metadata/1.root.json"
        self.assertEnds(rehearse(folder, FIRST, "--seed", 1), FINE)
        for arguments in [
            ["replay", folder], ["attest", folder], ["report", folder, "--out", self.scratch / "page"],
            ["export", folder, "--rehearsal", "--format", "bundle", "--out", self.scratch / "bundle"],
            ["returned", folder, folder / "metadata"], ["verify", root, "--rehearsal"], ["expiry", root, "--rehearsal"],
            ["advise", root, "--rehearsal"], ["diff", root, root, "--rehearsal"], ["watch-script"], ["explain", "ABORTED"],
        ]:
            with self.subTest(arguments[0]):
                done = run("tuf-audit", *arguments, "--json")
                self.assertEqual(json.loads(done.stdout)["command"], arguments[0], done.stderr)
        named = {command[1] for command, _ in helps("tuf-audit") if len(command) > 1}
        self.assertEqual(named, {"replay", "attest", "report", "export", "returned", "verify", "expiry", "advise", "diff",
                                 "watch-script", "explain"})
