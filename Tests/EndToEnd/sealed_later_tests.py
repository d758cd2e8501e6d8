"""A ceremony that collects with no card in the room: UNSEALED, then sealed by an answer to a second request."""
import json
import shutil

import elsewhere_tests
from programs import CANNOT_CREATE, FINE, LESS, USAGE, VIOLATION, TestCase, run, second_opinion

def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and "virtual-cards" not in path.parts}


class SealedLaterTests(TestCase):
    genesis, drafted, pending, request, sign, collect = (
        getattr(elsewhere_tests.ElsewhereTests, name)
        for name in "genesis drafted pending request sign collect".split())

    def assertJudged(self, status, *folders, words=()):
        done = run("tuf-audit", "replay", *folders)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        for text in words:
            self.assertIn(text, done.stdout + done.stderr)
        opinion = second_opinion(*folders)
        if opinion:
            self.assertEqual(opinion.returncode, status, opinion.stdout)

    def test_no_card_in_the_room(self):
        first = self.genesis()
        pending = self.pending(first)
        _, done = self.sign(self.request(pending, "boris"), "boris")
        self.assertEnds(done, FINE)
        folder, done = self.collect(pending, self.scratch / "boris.tar", draft=["--seal-elsewhere"])
        self.assertEnds(done, LESS)
        self.assertIn("UNSEALED", done.stdout + done.stderr)
        self.assertFalse((folder / "seal.dsse.json").exists())
        self.assertIn("UNSEALED", (folder / "report.html").read_text())
        self.assertJudged(LESS, folder, words=["UNSEALED", "SEAL-AWAITED"])
        self.assertJudged(LESS, folder, "--after", pending, first)

        # Nobody else's seal, and nothing but a folder that waits for one.
        request = self.scratch / "seal-ada.json"
        asking = ["tuf-ceremony", "request", folder, "--seal"]
        self.assertEnds(run(*asking, "--for", "nobody", "--out", request), VIOLATION, "REQUEST-KEY")
        self.assertEnds(
            run("tuf-ceremony", "request", pending, "--seal", "--for", "ada", "--out", request), VIOLATION, "SEAL-NOT-AWAITED")
        self.assertEnds(run(*asking, "--enrol", "x.yaml", "--for", "ada", "--out", request), USAGE)
        self.assertEnds(run(*asking, "--for", "ada", "--out", request), FINE)
        self.assertEqual(json.loads(request.read_bytes())["kind"], "seal")
        home, done = self.sign(request, "ada", "--after", pending)
        self.assertEnds(done, FINE)
        self.assertJudged(FINE, home)

        # What does not seal it leaves it as it is.
        before = files(folder)
        self.assertEnds(run("tuf-ceremony", "seal", folder, self.scratch / "boris.tar"), VIOLATION, "ANSWER-REFUSED")
        self.assertEqual(files(folder), before)
        self.assertEnds(run("tuf-ceremony", "seal", folder, self.scratch / "ada.tar"), FINE)
        after = files(folder)
        self.assertEqual({path: after[path] for path in before}, before)
        self.assertEqual({path.parent.name for path in after.keys() - before.keys()}, {folder.name, "seals"})
        self.assertJudged(FINE, folder)
        self.assertJudged(FINE, folder, "--after", pending, first)
        self.assertEnds(run("tuf-ceremony", "seal", folder, self.scratch / "ada.tar"), VIOLATION, "SEAL-NOT-AWAITED")

        # Another road for the same signature: of it alone.
        bare = self.scratch / "bare"
        shutil.copytree(folder, bare, ignore=shutil.ignore_patterns("seals", "seal.dsse.json"))
        envelope = self.scratch / "bare.json"
        envelope.write_text(json.dumps(json.loads((home / "pending" / "seal.dsse.json").read_text())))
        self.assertEnds(run("tuf-ceremony", "seal", bare, envelope), FINE)
        self.assertJudged(FINE, bare, words=["SIGNATURE-UNWITNESSED"])
        report = self.scratch / "sealed.html"
        self.assertEnds(run("tuf-audit", "report", folder, "--out", report), FINE)
        self.assertNotIn("UNSEALED: no root key", report.read_text())
        self.assertEnds(run("tuf-audit", "report", folder, "--out", report), CANNOT_CREATE)
