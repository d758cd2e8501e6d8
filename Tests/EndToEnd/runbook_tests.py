"""Runbook/README.md and WRONG.md: every command of theirs, run in its order, on a rehearsal in the place of the day."""
import os
import re
import shlex
import shutil
import subprocess
import unittest

from programs import FINE, LESS, ROOT, RUNBOOK, VIOLATION, TestCase, program, rehearse

PAGES = [RUNBOOK / "README.md", RUNBOOK / "WRONG.md"]
# What asks a card: Tests/Cards/test_runbook.py runs these on served ones.
ON_CARDS = ("tuf-ceremony card ",)
# What refuses a rehearsal's products unless it is told.
STRICT = ("verify", "expiry", "advise", "export", "returned")


def commands(page):
    """The lines of the blocks for a shell, in their order."""
    text = page.read_text()
    return [line for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
            for line in block.splitlines()]


def named(page):
    """Commands in the middle of a sentence, and in tables."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"`(tuf-(?:ceremony|audit) [^`]+)`", text)


class RunbookTests(TestCase):
    def setUp(self):
        super().setUp()
        shutil.copy(RUNBOOK / "pep458-genesis.yaml", self.scratch / "genesis.yaml")
        shutil.copy(RUNBOOK / "verify_transcript.py", self.scratch)
        for medium in ["first", "second"]:
            (self.scratch / "media" / medium).mkdir(parents=True)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", os.devnull, "-subj", "/CN=Maker", "-out",
             self.scratch / "vendor-root.pem"], check=True, capture_output=True)
        self.done = []

    def held(self, line):
        """The line with a rehearsal where a person would be: the same words otherwise."""
        words = shlex.split(line)
        if words[:2] == ["tuf-ceremony", "run"]:
            words[1] = "rehearse"
            place = words.index("--secrets-tty")
            words[place:place + 2] = ["--unattended"]
        if words[:2] == ["tuf-ceremony", "resume"]:
            words.append("--unattended")
        if words[:1] == ["tuf-audit"] and words[1] in STRICT:
            words.append("--rehearsal")
        if words[:2] == ["python3", "verify_transcript.py"]:
            words[0] = os.environ.get("TUF_CEREMONY_PYTHON") or words[0]
        return " ".join(shlex.quote(word.replace("/media/", f"{self.scratch}/media/")) if word != "|" else word
                        for word in words)

    def runs(self, line):
        environment = os.environ | {"PATH": f"{self.scratch / 'bin'}:{os.environ['PATH']}"}
        (self.scratch / "bin").mkdir(exist_ok=True)
        for name in ["tuf-ceremony", "tuf-audit"]:
            (self.scratch / "bin" / name).unlink(missing_ok=True)
            (self.scratch / "bin" / name).symlink_to(program(name))
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", self.held(line)], cwd=self.scratch, env=environment, capture_output=True,
            text=True, stdin=subprocess.DEVNULL, timeout=300)

    def expected(self, line):
        """A script that only a rehearsal takes, and a root that lives for a week."""
        if " check " in line:
            return {LESS}
        return {VIOLATION} if " expiry " in line else {FINE}

    def test_every_command_from_the_first_day_to_the_next_root(self):
        for line in commands(PAGES[0]):
            with self.subTest(line):
                if line.startswith(ON_CARDS):
                    continue
                if " preflight" in line and not self.knows("preflight"):
                    continue
                for out in re.findall(r"--out (report\.html)", line):
                    (self.scratch / out).unlink(missing_ok=True)
                if line.startswith("python3") and not os.environ.get("TUF_CEREMONY_PYTHON"):
                    continue
                done = self.runs(line)
                if " preflight" in line:
                    # The machine that runs the tests has a network.
                    self.assertIn(done.returncode, {FINE, VIOLATION}, done.stderr)
                else:
                    self.assertIn(done.returncode, self.expected(line), f"{self.held(line)}\n{done.stdout}{done.stderr}")
                self.assertNoCrash(done.stderr)
                if " run " in line:
                    # What lay on the stick lies in the archive from now on.
                    shutil.copytree(self.scratch / "media/first/ceremony-1", self.scratch / "ceremony-1")
                self.done.append(line)
        self.assertGreater(len(self.done), 20)
        self.assertTrue((self.scratch / "rehearsal-4/metadata/2.root.json").exists())

    def knows(self, command):
        done = subprocess.run([program("tuf-ceremony"), command, "--help"], capture_output=True, text=True)
        return done.returncode == 0 and f"tuf-ceremony {command}" in done.stdout

    def test_every_command_of_a_bad_day(self):
        folder = self.scratch / "ceremony-1"
        tried = 0
        for line in commands(PAGES[1]):
            with self.subTest(line):
                if line.startswith(ON_CARDS):
                    continue
                shutil.rmtree(folder, ignore_errors=True)
                if " resume " in line:
                    self.interrupted(folder)
                else:
                    self.assertEnds(rehearse(folder, self.scratch / "genesis.yaml", "--seed", 1), FINE)
                done = self.runs(line)
                self.assertEqual(done.returncode, FINE, done.stderr)
                tried += 1
        self.assertGreater(tried, 0)

    def interrupted(self, folder):
        """The power goes as soon as a card has a key."""
        playing = subprocess.Popen(
            [program("tuf-ceremony"), "rehearse", "--unattended", self.scratch / "genesis.yaml", "--out", folder],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        transcript = folder / "transcript.jsonl"
        while playing.poll() is None and not (transcript.exists() and b"generate-root" in transcript.read_bytes()):
            pass
        playing.kill()
        playing.wait()

    def test_what_a_sentence_names_is_a_command_with_these_options(self):
        found = 0
        for page in [*PAGES, RUNBOOK / "ELSEWHERE.md"]:
            for line in named(page):
                words = line.split()
                path = [words[0]]
                for word in words[1:]:
                    if word.startswith("-") or not re.fullmatch(r"[a-z-]+", word):
                        break
                    path.append(word)
                while True:
                    text = subprocess.run([program(path[0]), *path[1:], "--help"], capture_output=True, text=True)
                    if len(path) == 1 or text.returncode == 0 and f"USAGE: {' '.join(path)}" in text.stdout:
                        break
                    path.pop()
                with self.subTest(line, page=page.name):
                    self.assertTrue(len(path) > 1 or words[1] == "--version")
                    for option in (word for word in words if word.startswith("--")):
                        self.assertRegex(text.stdout, rf"(?m)^  {option}\b")
                    found += 1
        self.assertGreater(found, 8)

    def test_the_vendors_digests_are_those_that_the_program_knows(self):
        page = PAGES[0].read_text()
        known = set(re.findall(r'"([0-9a-f]{64})"', (ROOT / "Sources/Attestation/TrustAnchors.swift").read_text()))
        self.assertEqual(set(re.findall(r"`([0-9a-f]{64})`", page)), known)
        self.assertEqual(len(known), 2)

    def test_a_play_is_found(self):
        """Every GO TO and every link within the pages leads to a heading, and every play is led to."""
        headings = {page.name: [re.sub(r"[^a-z0-9 -]", "", line.lower()).replace(" ", "-")
                                for line in re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)] for page in PAGES}
        for page in PAGES:
            led = set()
            for file, heading in re.findall(r"\]\(([A-Z]*\.?m?d?)#([a-z0-9-]+)\)", page.read_text()):
                with self.subTest(page=page.name, heading=heading):
                    self.assertIn(heading, headings[file or page.name])
                if not file:
                    led.add(heading)
            if page.name == "WRONG.md":
                self.assertEqual(set(headings[page.name][1:]) - led, set())

    def test_every_code_of_a_bad_day_is_in_the_catalogue(self):
        listed = (RUNBOOK / "FINDINGS.md").read_text()
        codes = set(re.findall(r"`([A-Z]+(?:-[A-Z]+)+)`", PAGES[1].read_text() + PAGES[0].read_text()))
        self.assertGreater(len(codes), 12)
        self.assertEqual([code for code in sorted(codes) if f"`{code}`" not in listed], [])


if __name__ == "__main__":
    unittest.main()
