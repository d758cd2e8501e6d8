"""A first root whose keyholders are not all in the room: it waits, is signed at home, collected, and taken by clients."""
import json
import os
import re
import shutil
import subprocess

from elsewhere_tests import by_hand
from programs import FINE, LESS, USAGE, VIOLATION, TestCase, python_tuf_opinion, rehearse, run, second_opinion

BOOTSTRAP = """
import sys
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
from tuf.ngclient.config import EnvelopeType
TrustedMetadataSet(open(sys.argv[1], "rb").read(), EnvelopeType.METADATA)
"""


class FirstRootTests(TestCase):
    def drafted(self, *options, name="genesis.yaml"):
        script = self.scratch / name
        done = run(
            "tuf-ceremony", "draft", "genesis", "--keyholder", "Ada", "--keyholder", "Boris", "--keyholder", "Fred",
            "--threshold", 2, "--elsewhere", "Boris", "--elsewhere", "Fred", *options, "--out", script)
        self.assertEnds(done, FINE)
        self.assertEnds(run("tuf-ceremony", "check", script), LESS, "FOR REHEARSALS ONLY")
        return script

    def sign(self, request, name, *options):
        folder = self.scratch / name
        done = run("tuf-ceremony", "sign", request, "--rehearsal", "--unattended", "--out", folder, *options)
        self.assertEnds(done, FINE)
        return folder, done

    def made(self, script, *people):
        """Keys that are made at home, in a folder for answers."""
        brought = self.scratch / f"keys-{script.stem}"
        brought.mkdir()
        for person in people:
            request = self.scratch / f"{script.stem}-{person}-key.json"
            self.assertEnds(
                run("tuf-ceremony", "request", "--enrol", script, "--rehearsal", "--for", person, "--out", request), FINE)
            self.sign(request, f"{script.stem}-{person}-key")
            shutil.copy(self.scratch / f"{script.stem}-{person}-key.tar", brought)
        return brought

    def pending(self, script, *options, name="pending"):
        folder = self.scratch / name
        done = rehearse(folder, script, "--answers", self.made(script, "boris", "fred"), *options)
        self.assertEnds(done, LESS)
        self.assertIn("PENDING: the root waits for signatures", done.stdout + done.stderr)
        self.assertEqual([path.name for path in (folder / "pending").iterdir()], ["1.root.json"])
        self.assertFalse((folder / "metadata").exists())
        return folder

    def asked(self, pending, person):
        request = self.scratch / f"{pending.name}-{person}.json"
        self.assertEnds(run("tuf-ceremony", "request", pending, "--for", person, "--out", request), FINE)
        return request

    def agree(self, *folders, status):
        done = run("tuf-audit", "replay", *folders)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        opinion = second_opinion(*folders)
        if opinion:
            self.assertEqual(opinion.returncode, status, opinion.stdout)
        return done

    def taken(self, root):
        """Whether python-tuf, and a client of it that begins with this root, take it; None where it is not there."""
        opinion = python_tuf_opinion(root)
        if not opinion:
            return None
        done = subprocess.run(
            [os.environ["TUF_CEREMONY_PYTHON"], "-c", BOOTSTRAP, root], capture_output=True, text=True, timeout=120)
        self.assertEqual(opinion.returncode == 0, done.returncode == 0, opinion.stderr + done.stderr)
        return done.returncode == 0

    def test_waiting_signed_collected(self):
        pending = self.pending(self.drafted())
        self.assertIn("root 1: 1 of 2, waiting for Boris, Fred", self.agree(pending, status=LESS).stdout)
        self.assertIn("root 1: 1 of 2, waiting for Boris, Fred", (pending / "report.html").read_text())
        # The keys that it names are attested, and it is said that it waits.
        attested = run("tuf-audit", "attest", pending)
        self.assertEnds(attested, FINE)
        self.assertIn("PENDING: the root in pending/1.root.json waits for Boris, Fred; no client takes it\nATTESTED: every key",
                      attested.stdout)
        attested = json.loads(run("tuf-audit", "attest", pending, "--format", "json").stdout)
        self.assertEqual((attested["pending"], len(attested["keys"])), ("pending/1.root.json", 3))
        request = self.asked(pending, "fred")
        self.assertIsNone(json.loads(request.read_text())["trusted"])
        said = by_hand("Check a request without us", request=request)
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertIn("Fred signs with ", said.stdout)
        # Whoever knows of an earlier root does not sign a first one.
        done = run("tuf-ceremony", "sign", request, "--rehearsal", "--unattended", "--trusted", "0" * 64, "--out",
                   self.scratch / "no", "--after", self.scratch / "genesis-fred-key")
        self.assertEnds(done, VIOLATION, "REQUEST-ROOT")
        self.assertFalse((self.scratch / "no").exists())
        home, done = self.sign(request, "home", "--after", self.scratch / "genesis-fred-key")
        self.agree(home, status=FINE)
        # Whoever signs another ceremony's root attests nothing of it.
        attested = run("tuf-audit", "attest", home)
        self.assertEqual((attested.returncode, "the root of another ceremony" in attested.stdout), (VIOLATION, True))
        shown = [json.loads(line)["body"] for line in (home / "transcript.jsonl").read_text().splitlines()]
        texts = [body["text"] for body in shown if "FOUNDS VERSION 1, NO EARLIER ROOT." in body.get("text", ())]
        self.assertTrue(texts and all("Nothing vouches for this root" in text[1] for text in texts), texts)

        script = self.scratch / "collect.yaml"
        self.assertEnds(run("tuf-ceremony", "draft", "collect", "--after", pending, "--out", script), FINE)
        self.assertNotIn("\n  root:\n    file", script.read_text())
        self.assertEnds(run("tuf-ceremony", "check", script, "--after", pending), LESS, "FOR REHEARSALS ONLY")
        brought = self.scratch / "brought"
        brought.mkdir()
        shutil.copy(self.scratch / "home.tar", brought)
        collected = self.scratch / "collected"
        self.assertEnds(rehearse(collected, script, "--after", pending, "--answers", brought), FINE)
        self.agree(collected, status=FINE)
        self.agree(collected, "--after", pending, status=FINE)
        root = collected / "metadata" / "1.root.json"
        self.assertEqual(
            json.loads(root.read_text())["signed"], json.loads((pending / "pending" / "1.root.json").read_text())["signed"])
        self.assertIn(self.taken(root), (True, None))
        self.assertIn(self.taken(pending / "pending" / "1.root.json"), (False, None))

        # It goes on like every root: with keys that were made in the room, and elsewhere.
        rotation = self.scratch / "rotation.yaml"
        self.assertEnds(
            run("tuf-ceremony", "draft", "rotation", "--after", collected, "--elsewhere", "boris", "--elsewhere", "fred",
                "--out", rotation), FINE)
        second = self.scratch / "second"
        self.assertEnds(rehearse(second, rotation, "--after", collected), LESS)
        self.agree(second, "--after", collected, pending, status=LESS)
        # Without the folder that waited nobody knows what is finished.
        self.assertEnds(rehearse(self.scratch / "none", script, "--answers", brought), VIOLATION, "PREVIOUS-MISSING")
        self.assertFalse((self.scratch / "none").exists())

    def test_another_in_its_place(self):
        pending = self.pending(self.drafted())
        again = self.drafted("--title", "The genesis, again", name="again.yaml")
        done = run("tuf-ceremony", "check", again, "--after", pending)
        self.assertEnds(done, VIOLATION, "PAYLOAD-OPEN")
        payload = re.search("the payload ([0-9a-f]{64})", done.stderr)[1]
        again = self.drafted("--title", "The genesis, again", "--withdraws", pending, name="once-more.yaml")
        self.assertIn(f"withdrawn:\n  - {payload}\n", again.read_text())
        done = run("tuf-ceremony", "check", again, "--after", pending)
        self.assertEnds(done, LESS)
        self.assertIn("has signed it. 1 more by its own complete it.", done.stdout)
        made = self.pending(again, "--after", pending, name="made")
        self.agree(made, "--after", pending, status=LESS)

    def test_whom_a_draft_does_not_know(self):
        done = run("tuf-ceremony", "draft", "genesis", "--keyholder", "Ada", "--keyholder", "Boris", "--elsewhere", "Fred",
                   "--out", self.scratch / "none.yaml")
        self.assertEnds(done, USAGE, "--elsewhere Fred")
        self.assertFalse((self.scratch / "none.yaml").exists())
