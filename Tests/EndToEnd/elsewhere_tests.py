"""A root whose signatures come from several places: asked for, made at home, collected, and checked by hand."""
import base64
import json
import os
import re
import shutil
import subprocess

from programs import (
    CANNOT_CREATE, FINE, LESS, NO_INPUT, RUNBOOK, USAGE, VIOLATION, TestCase, python_tuf_opinion, rehearse, run)

BOTH_SIDES = """
import sys
from tuf.api.metadata import Metadata, Root
old, new = (Metadata[Root].from_file(path) for path in sys.argv[1:])
for side in (old, new):
    side.signed.verify_delegate("root", new.signed_bytes, new.signatures)
"""


def block(heading):
    """The lines for a shell below a heading of ELSEWHERE.md."""
    section = (RUNBOOK / "ELSEWHERE.md").read_text().split(f"\n## {heading}\n")[1]
    return re.search(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)[1]


def by_hand(heading, **names):
    """What these lines say, with other files."""
    lines = block(heading)
    for name, path in names.items():
        lines, count = re.subn(rf"^{name}=.*$", f"{name}='{path}'", lines, flags=re.MULTILINE)
        assert count == 1, name
    return subprocess.run(["bash", "-euo", "pipefail", "-c", lines], capture_output=True, text=True, timeout=120)


class ElsewhereTests(TestCase):
    def genesis(self, name="first", script=RUNBOOK / "pep458-genesis.yaml"):
        self.assertEnds(rehearse(self.scratch / name, script), FINE)
        return self.scratch / name

    def drafted(self, first, *options, name="script"):
        folder = self.scratch / name
        folder.mkdir()
        script = folder / "script.yaml"
        self.assertEnds(run("tuf-ceremony", "draft", "rotation", "--after", first, *options, "--out", script), FINE)
        self.assertEnds(run("tuf-ceremony", "check", script), LESS, "FOR REHEARSALS ONLY")
        return script

    def pending(self, first, name="pending"):
        """Two of three for the root before are in the room, so it waits."""
        script = self.drafted(
            first, "--elsewhere", "boris", "--elsewhere", "dalia", "--leaves", "chandra=lost", "--joins", "Fred",
            name=f"{name}-script")
        folder = self.scratch / name
        done = rehearse(folder, script, "--after", first)
        self.assertEnds(done, LESS)
        self.assertIn("PENDING: the root waits for signatures", done.stdout + done.stderr)
        self.assertEqual([path.name for path in (folder / "pending").iterdir()], ["2.root.json"])
        self.assertFalse((folder / "metadata").exists())
        return folder

    def request(self, folder, person, name=None):
        file = self.scratch / (name or f"{person}.json")
        self.assertEnds(run("tuf-ceremony", "request", folder, "--for", person, "--out", file), FINE)
        return file

    def sign(self, request, name, *options):
        folder = self.scratch / name
        return folder, run("tuf-ceremony", "sign", request, "--rehearsal", "--unattended", "--out", folder, *options)

    def collect(self, pending, *answers, name="collected", draft=()):
        """The script is drafted, and the ceremony held with these files."""
        folder = self.scratch / f"{name}-script"
        folder.mkdir()
        script = folder / "collect.yaml"
        self.assertEnds(run("tuf-ceremony", "draft", "collect", "--after", pending, "--out", script, *draft), FINE)
        self.assertEnds(run("tuf-ceremony", "check", script), LESS, "FOR REHEARSALS ONLY")
        brought = self.scratch / f"{name}-answers"
        brought.mkdir()
        for number, answer in enumerate(answers):
            shutil.copy(answer, brought / f"{number}{answer.suffix}")
        out = self.scratch / name
        return out, rehearse(out, script, "--after", pending, "--answers", brought)

    def test_asked_signed_collected(self):
        first = self.genesis()
        pending = self.pending(first)
        self.assertEqual(run("tuf-audit", "replay", pending).returncode, LESS)
        request = self.request(pending, "boris")
        home, done = self.sign(request, "home", "--trusted", first / "metadata" / "1.root.json")
        self.assertEnds(done, FINE)
        answer = self.scratch / "home.tar"
        self.assertEqual(run("tuf-audit", "replay", home).returncode, FINE)
        self.assertEqual(run("tuf-audit", "replay", answer).returncode, FINE)

        # The way back: by hand, and by the ceremony that collects.
        said = by_hand("Check a request without us", request=request)
        self.assertEqual(said.returncode, 0, said.stderr)
        payload = json.loads(request.read_text())["digest"]["sha256"]
        self.assertEqual(said.stdout.split()[2], payload)
        self.assertIn("Boris signs with ", said.stdout)
        said = by_hand("Check an answer without us", request=request, answer=answer)
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertEqual(said.stdout.count("Signature Verified Successfully"), 2)

        collected, done = self.collect(pending, answer, answer)
        self.assertEnds(done, FINE)
        self.assertEqual(len(list((collected / "inputs" / "answers").iterdir())), 1)
        replayed = run("tuf-audit", "replay", collected, "--after", pending, first)
        self.assertEqual(replayed.returncode, FINE, replayed.stdout + replayed.stderr)
        new, old = collected / "metadata" / "2.root.json", first / "metadata" / "1.root.json"
        self.assertEqual(
            json.loads(new.read_text())["signed"], json.loads((pending / "pending" / "2.root.json").read_text())["signed"])
        chain = run("tuf-audit", "verify", old, new, "--rehearsal", "--trusted", old)
        self.assertEnds(chain, FINE)
        self.assertIn("goes on to version 2", chain.stdout)
        waiting = self.scratch / "waiting"
        waiting.mkdir()
        shutil.copy(old, waiting)
        shutil.copy(pending / "pending" / "2.root.json", waiting)
        self.assertEqual(run("tuf-audit", "verify", waiting, "--rehearsal", "--trusted", old).returncode, VIOLATION)
        opinion = python_tuf_opinion(new)
        if opinion:
            self.assertEqual(opinion.returncode, 0, opinion.stderr)
            for file, ok in [(new, True), (pending / "pending" / "2.root.json", False)]:
                done = subprocess.run(
                    [os.environ["TUF_CEREMONY_PYTHON"], "-c", BOTH_SIDES, old, file], capture_output=True, text=True)
                self.assertEqual(done.returncode == 0, ok, done.stderr)

        # What is finished does not wait, and nothing is overwritten.
        self.assertEnds(
            run("tuf-ceremony", "draft", "collect", "--after", collected, "--out", self.scratch / "none.yaml"),
            VIOLATION, "PENDING-DIFFERS", str(collected))
        self.assertFalse((self.scratch / "none.yaml").exists())
        there = self.scratch / "collected-script" / "collect.yaml"
        before = there.read_bytes()
        self.assertEnds(
            run("tuf-ceremony", "draft", "collect", "--after", pending, "--out", there), CANNOT_CREATE, "CANNOT-CREATE")
        self.assertEqual(there.read_bytes(), before)
        self.wrong_requests(request, pending, home)
        self.wrong_answers(pending, request, home, answer)

    def test_a_key_made_at_home(self):
        first = self.genesis()
        script = self.drafted(
            first, "--elsewhere", "Fred", "--joins", "Fred", "--leaves", "chandra=lost", "--leaves", "dalia=lost",
            "--leaves", "emeka=left", "--threshold", 3)
        nonce = re.search(r'enrol: "([0-9a-f]{32})"', script.read_text())[1]
        key = self.scratch / "fred-key.json"
        asked = run("tuf-ceremony", "request", "--enrol", script, "--rehearsal", "--for", "fred", "--out", key)
        self.assertEnds(asked, FINE)
        self.assertEqual(json.loads(key.read_text())["nonce"], nonce)
        made, done = self.sign(key, "made")
        self.assertEnds(done, FINE)
        answers = self.scratch / "keys"
        answers.mkdir()
        shutil.copy(self.scratch / "made.tar", answers)
        pending = self.scratch / "pending"
        done = rehearse(pending, script, "--after", first, "--answers", answers)
        self.assertEnds(done, LESS)
        home, done = self.sign(self.request(pending, "fred"), "home", "--after", made)
        self.assertEnds(done, FINE)
        collected, done = self.collect(pending, self.scratch / "home.tar")
        self.assertEnds(done, FINE)
        self.assertEqual(run("tuf-audit", "replay", collected).returncode, FINE)

    def wrong_requests(self, request, pending, home):
        """Each is refused before a card is asked for anything, and nothing is written."""
        whole = json.loads(request.read_text())
        bare = {name: value for name, value in whole.items() if name != "stand-in-card"}

        def canonical(value):
            return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

        def changed(**fields):
            return canonical(bare | fields)

        trusted = json.loads(base64.b64decode(whole["trusted"]))
        trusted["signatures"] = trusted["signatures"][:1]
        unsigned = base64.b64encode(json.dumps(trusted).encode()).decode()
        other = [bare["for"][0] | {"keyid": "0" * 64}]
        table = [
            ("over 1 MiB", changed(title="a" * (1 << 20)), VIOLATION, "REQUEST-MALFORMED"),
            ("truncated", canonical(bare)[:-9], VIOLATION, "REQUEST-MALFORMED"),
            ("an unknown field", changed(surplus=1), VIOLATION, "REQUEST-MALFORMED"),
            ("a missing field", canonical({name: value for name, value in bare.items() if name != "nonce"}), VIOLATION,
             "REQUEST-MALFORMED"),
            ("a root that does not verify", changed(trusted=unsigned), VIOLATION, "REQUEST-ROOT"),
            ("no root before", changed(trusted=None), VIOLATION, "REQUEST-PAYLOAD"),
            ("expired", changed(deadline="2020-01-01T00:00:00Z"), VIOLATION, "REQUEST-DEADLINE"),
            ("another engine", changed(engine=bare["engine"] - 1), VIOLATION, "REQUEST-ENGINE"),
            ("a real one", changed(rehearsal=False), VIOLATION, "REHEARSAL-MARK"),
            ("a key of neither root", changed(**{"for": other}), VIOLATION, "REQUEST-KEY"),
        ]
        for what, text, status, code in table:
            with self.subTest(what):
                file = self.scratch / "wrong.json"
                file.write_text(text)
                folder, done = self.sign(file, "wrong")
                self.assertEnds(done, status, code)
                self.assertFalse(folder.exists())
                self.assertFalse((self.scratch / "wrong.tar").exists())
        with self.subTest("without --rehearsal"):
            done = run("tuf-ceremony", "sign", request, "--out", self.scratch / "wrong")
            self.assertNotEqual(done.returncode, FINE)
            self.assertFalse((self.scratch / "wrong.tar").exists())
        with self.subTest("the card holds another key"):
            dalia = json.loads(self.request(pending, "dalia").read_text())
            file = self.scratch / "other-card.json"
            file.write_text(canonical(bare | {"stand-in-card": dalia["stand-in-card"]}))
            _, done = self.sign(file, "other-card")
            self.assertNotIn(done.returncode, (FINE, LESS))
            self.assertFalse((self.scratch / "other-card.tar").exists())
        for what, options, status, words in [
            ("another root is trusted", ["--trusted", "0" * 64], VIOLATION, "REQUEST-ROOT"),
            ("somebody else", ["--for", "ada"], VIOLATION, "REQUEST-KEY"),
        ]:
            with self.subTest(what):
                folder, done = self.sign(request, "wrong", *options)
                self.assertEnds(done, status, words)
                self.assertFalse(folder.exists())
        with self.subTest("the folder is there"):
            before = sorted(path.name for path in home.iterdir())
            (self.scratch / "home.tar").rename(self.scratch / "sent.tar")
            self.assertEnds(self.sign(request, "home")[1], CANNOT_CREATE, "CANNOT-CREATE")
            (self.scratch / "sent.tar").rename(self.scratch / "home.tar")
            self.assertEnds(self.sign(request, "home")[1], CANNOT_CREATE, "CANNOT-CREATE")
            self.assertEqual(sorted(path.name for path in home.iterdir()), before)
        self.assertEnds(run("tuf-ceremony", "request", pending, "--for", "ada", "--out", self.scratch / "no"), VIOLATION, "REQUEST-KEY")
        self.assertEnds(run("tuf-ceremony", "request", pending, "--for", "boris", "--out", request), CANNOT_CREATE)
        self.assertEnds(run("tuf-ceremony", "request", self.scratch / "none", "--for", "boris", "--out", self.scratch / "no"), NO_INPUT)
        self.assertEnds(run("tuf-ceremony", "sign", request, "--unattended", "--out", self.scratch / "no"), USAGE)

    def wrong_answers(self, pending, request, home, answer):
        """What is put into the folder and does not belong there counts for nothing: the root waits on."""
        again = self.request(pending, "dalia", name="dalia-again.json")
        fields = json.loads(again.read_text())
        fields["nonce"] = "ab" * 16
        again.write_text(json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
        _, done = self.sign(again, "other-nonce")
        self.assertEnds(done, FINE)
        cut = self.scratch / "cut.tar"
        cut.write_bytes(answer.read_bytes()[:-1024])
        old = self.scratch / "old.json"
        shutil.copy(pending / "inputs" / "1.root.json", old)
        out, done = self.collect(pending, self.scratch / "other-nonce.tar", cut, old, name="refused")
        self.assertEnds(done, LESS)
        said = (out / "transcript.jsonl").read_text()
        for code in ("ANSWER-REQUEST", "ANSWER-MALFORMED", "ANSWER-PAYLOAD"):
            self.assertIn(f'"{code}"', said)
        self.assertFalse((out / "metadata").exists())
        self.assertEqual(run("tuf-audit", "replay", out).returncode, LESS)
        # A signature alone counts, and everybody is told.
        bare = self.scratch / "bare.json"
        shutil.copy(home / "pending" / "2.root.json", bare)
        out, done = self.collect(pending, bare, name="unwitnessed")
        self.assertEnds(done, FINE)
        self.assertReplay(out, FINE, "KEPT-KEY-UNPROVEN", "SIGNATURE-UNWITNESSED")
        # By hand, a changed byte of what was sent is noticed.
        for offset in (3000, len(answer.read_bytes()) // 2):
            broken = self.scratch / "broken.tar"
            content = bytearray(answer.read_bytes())
            content[offset] ^= 1
            broken.write_bytes(content)
            said = by_hand("Check an answer without us", request=request, answer=broken)
            self.assertNotEqual(said.returncode, 0, offset)
