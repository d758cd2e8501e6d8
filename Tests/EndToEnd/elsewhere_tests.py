"""A root whose signatures come from several places: asked for, made at home, collected, and checked by hand."""
import base64
import json
import os
import re
import shlex
import shutil
import subprocess

from programs import (
    CANNOT_CREATE, FINE, LESS, NO_INPUT, RUNBOOK, USAGE, VIOLATION, TestCase, python_tuf_opinion, rehearse, run,
    second_opinion)

STAND_IN = RUNBOOK / "1.root.json"
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
        home, done = self.sign(
            request, "home", "--trusted", first / "metadata" / "1.root.json", "--witness", "Will", "--over-stream")
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

    def test_three_places(self):
        """Ada and Emeka are in the room, Boris signs at home, and Fred makes his key there."""
        first = self.genesis()
        script = self.drafted(
            first, "--elsewhere", "boris", "--elsewhere", "Fred", "--joins", "Fred", "--leaves", "chandra=lost", "--leaves",
            "dalia=lost", "--threshold", 3)
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
        waiting = json.loads((pending / "pending" / "2.root.json").read_text())
        self.assertEqual(len(waiting["signatures"]), 2)
        boris, done = self.sign(self.request(pending, "boris"), "boris")
        self.assertEnds(done, FINE)
        fred, done = self.sign(self.request(pending, "fred"), "fred", "--after", made)
        self.assertEnds(done, FINE)
        collected, done = self.collect(pending, self.scratch / "boris.tar", self.scratch / "fred.tar")
        self.assertEnds(done, FINE)
        for folder in (made, pending, boris, fred, collected):
            with self.subTest(folder.name):
                status = LESS if folder == pending else FINE
                self.assertEqual(run("tuf-audit", "replay", folder).returncode, status)
                opinion = second_opinion(folder)
                if opinion:
                    self.assertEqual(opinion.returncode, status, opinion.stdout)
        self.assertTaken(first, collected)

    def test_a_twin_that_waits(self):
        """A real root is rehearsed on stand-ins, and what waits then is finished with them."""
        script = self.drafted(STAND_IN, "--elsewhere", "dalia", "--elsewhere", "emeka", "--leaves", "chandra=lost")
        pending = self.scratch / "pending"
        self.assertEnds(rehearse(pending, script), LESS)
        self.assertTrue((pending / "twin" / "1.root.json").exists())
        home, done = self.sign(self.request(pending, "dalia"), "home")
        self.assertEnds(done, FINE)
        collected, done = self.collect(pending, self.scratch / "home.tar")
        self.assertEnds(done, FINE)
        for folders, status in ([pending], LESS), ([home], FINE), ([collected], FINE), ([collected, "--after", pending], FINE):
            with self.subTest(folders):
                done = run("tuf-audit", "replay", *folders)
                self.assertEnds(done, status)
                opinion = second_opinion(*folders)
                if opinion:
                    self.assertEqual(opinion.returncode, status, opinion.stdout)
        self.assertTaken(pending / "twin" / "1.root.json", collected)

    def test_withdrawn(self):
        """Another root of the version that waits: forced to say so, and what it says of who signed."""
        first = self.genesis()
        pending = self.pending(first)
        _, done = self.sign(self.request(pending, "boris"), "boris")
        self.assertEnds(done, FINE)
        payload = json.loads((self.scratch / "boris.json").read_text())["digest"]["sha256"]
        silent = self.drafted(first, name="silent")
        out = self.scratch / "out"
        for command in ("check", silent), ("rehearse", silent, "--unattended", "--out", out):
            done = run("tuf-ceremony", *command, "--after", pending)
            self.assertEnds(done, VIOLATION, "PAYLOAD-OPEN", payload)
            self.assertFalse(out.exists())
        # The card that was lost for that ceremony is lost.
        script = self.drafted(first, "--withdraws", pending, "--leaves", "chandra=lost", name="speaking")
        self.assertIn(f"withdrawn:\n  - {payload}\n", script.read_text())
        self.assertIn("Who signed it is not known here.", run("tuf-ceremony", "check", script).stdout)
        done = run("tuf-ceremony", "check", script, "--after", pending)
        self.assertEnds(done, LESS)
        self.assertRegex(done.stdout, rf"{payload} for this version is withdrawn\. .*Ada.* have signed it\. 1 more by keys of "
                         r"the root before and \d more by its own complete it\. Nothing recalls a signature\.")
        self.assertEnds(rehearse(out, script, "--after", pending), FINE)
        for folders in ([out], [out, "--after", pending, first]):
            done = run("tuf-audit", "replay", *folders)
            self.assertEnds(done, FINE)
            self.assertIn("PAYLOAD-WITHDRAWN", done.stdout)
            opinion = second_opinion(*folders)
            if opinion:
                self.assertEqual(opinion.returncode, FINE, opinion.stdout)
        self.assertIn("WITHDRAWN", (out / "report.html").read_text())
        self.assertTaken(first, out)
        # Copies of it are joined by nobody who was told.
        copies = [pending / "pending" / "2.root.json", self.scratch / "boris.tar"]
        for told in (payload, script):
            done = run("tuf-ceremony", "merge", *copies, "--withdrawn", told, "--out", self.scratch / "joined")
            self.assertEnds(done, VIOLATION, "PAYLOAD-WITHDRAWN")
            self.assertFalse((self.scratch / "joined").exists())
        done = run("tuf-ceremony", "merge", *copies, "--withdrawn", "0" * 64, "--out", self.scratch / "joined")
        self.assertEnds(done, FINE)
        # What waits and is finished is not withdrawn, and a ceremony that did not end pending left nothing open.
        done = run("tuf-ceremony", "draft", "rotation", "--after", first, "--withdraws", first, "--out", self.scratch / "no")
        self.assertEnds(done, VIOLATION, "PREVIOUS-DIFFERS")

    def assertTaken(self, first, finished):
        """python-tuf goes on from the first root to the second."""
        if not os.environ.get("TUF_CEREMONY_PYTHON"):
            return
        roots = [first / "metadata" / "1.root.json" if first.is_dir() else first, finished / "metadata" / "2.root.json"]
        done = subprocess.run(
            [os.environ["TUF_CEREMONY_PYTHON"], "-c", BOTH_SIDES, *roots], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_two_sites_on_one_stream(self):
        """The commands of its page: the program plays the other site, and each folder fits the lead's."""
        for name in ("two-sites.yaml", "1.root.json"):
            shutil.copy(RUNBOOK / name, self.scratch)
        page = (RUNBOOK / "two-sites.md").read_text()
        alone = re.search(r"^```console\n(tuf-ceremony rehearse .*?)^```$", page, re.MULTILINE | re.DOTALL)[1]
        said = []
        for line in alone.splitlines():
            said.append(run(*shlex.split(line), cwd=self.scratch))
            self.assertEnds(said[-1], FINE)
        lead, sites = self.scratch / "rehearsed-lead", self.scratch / "rehearsed-sites"
        folders = sorted(path for path in sites.iterdir() if path.is_dir())
        self.assertEqual([path.name for path in folders], ["fatima-key", "fatima-root", "grace-key", "grace-root"])
        for path in folders:
            self.assertRegex(said[1].stdout, rf"{path.name}, of (Fatima|Grace): it holds; .*its head was heard by record")
        # Every new key is made elsewhere, and its card is judged by the makers' certificates all the same.
        self.assertEnds(
            run("tuf-ceremony", "check", "two-sites.yaml", cwd=self.scratch), LESS, "VENDOR-CERTIFICATES-MISSING")
        for folder in (lead, *folders):
            opinion = second_opinion(folder)
            if opinion:
                self.assertEqual(opinion.returncode, FINE, opinion.stdout)
        # The other requests of the page, as the day before.
        for line in re.findall(r"^tuf-ceremony request --enrol .*$", page, re.MULTILINE):
            self.assertEnds(run(*shlex.split(line), "--rehearsal", cwd=self.scratch), FINE)
        # Another day's folder is none of it.
        again = self.scratch / "again"
        self.assertEnds(
            rehearse(self.scratch / "other", self.scratch / "two-sites.yaml", "--sites", again), FINE)
        together = second_opinion(lead, "--with", *map(str, folders))
        if together:
            self.assertEqual(together.returncode, FINE, together.stdout)
            self.assertEqual(together.stdout.count(": holds; taken in by record"), 4)
            for site in (again / "grace-root", lead):
                opinion = second_opinion(lead, "--with", str(site))
                self.assertEqual(opinion.returncode, VIOLATION, opinion.stdout)
                self.assertIn(f"NOT VERIFIED\n  {site}: ", opinion.stdout)
        other = run("tuf-audit", "replay", lead, "--with", again / "grace-root")
        self.assertEnds(other, VIOLATION)
        self.assertIn("error SITE-UNKNOWN", other.stdout)
        # It is not for cards that people bring, nor beside their answers.
        for options in (["--answers", sites], ["--cards", "pcsc"]):
            self.assertEnds(rehearse(self.scratch / "no", self.scratch / "two-sites.yaml", "--sites", again, *options), USAGE)
        there = rehearse(self.scratch / "no", self.scratch / "two-sites.yaml", "--sites", again)
        self.assertEnds(there, CANNOT_CREATE)
        self.assertFalse((self.scratch / "no").exists())

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
        # It waits again, and what was asked before can still be answered.
        later, done = self.collect(out, answer, name="later")
        self.assertEnds(done, FINE)
        self.assertEqual(run("tuf-audit", "replay", later, "--after", out, pending).returncode, FINE)
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
