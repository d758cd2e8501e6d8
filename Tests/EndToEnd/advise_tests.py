"""`tuf-audit advise` on files and folders, and what `tuf-ceremony check` says of the root that a script will make."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

from programs import AT, FINE, FIRST, LESS, NO_INPUT, ROOT, RUNBOOK, USAGE, VIOLATION, TestCase, python_tuf_opinion, rehearse, run

PYTHON = os.environ.get("TUF_CEREMONY_PYTHON")
ADVISE_AT = ["--at", "2026-01-02T00:00:00Z"]

# Roots of an Ed25519 quorum, written by securesystemslib and python-tuf: `count` root keys and one online key.
WRITER = """
import sys, datetime, hashlib
from securesystemslib.formats import encode_canonical
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, Root
out, count, version, online_number = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
def signer(number):
    signer = CryptoSigner(Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))
    key = signer.public_key
    key.keyid = hashlib.sha256(encode_canonical(key.to_dict()).encode()).hexdigest()
    return signer
root = Root(version=version, expires=datetime.datetime(2027, 1, 1, tzinfo=datetime.timezone.utc))
holders = [signer(n + 1) for n in range(count)]
for holder in holders:
    root.add_key(holder.public_key, "root")
root.roles["root"].threshold = 2
for role in ("timestamp", "snapshot", "targets"):
    root.add_key(signer(online_number).public_key, role)
metadata = Metadata(root)
for holder in holders[:2]:
    metadata.sign(holder, append=True)
metadata.to_file(out)
print(len(metadata.signed_bytes))
"""


class AdviseTests(TestCase):
    def written(self, name, count, version=1, online=200):
        """A root by python-tuf, and the bytes of its signed part."""
        path = self.scratch / name
        done = subprocess.run(
            [PYTHON, "-c", WRITER, path, *map(str, (count, version, online))], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return path, int(done.stdout)

    def advice(self, *arguments, status=FINE):
        done = run("tuf-audit", "advise", *arguments, "--format", "json")
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return json.loads(done.stdout)

    @unittest.skipUnless(PYTHON, "TUF_CEREMONY_PYTHON is not set")
    def test_sizes_are_those_that_others_measure(self):
        sizes = {}
        for count in (5, 6, 9, 10):
            path, sizes[count] = self.written(f"{count}.json", count)
            horizon = self.advice(path, *ADVISE_AT)["roots"][0]["horizon"]
            self.assertEqual(horizon["bytes"], sizes[count])
            self.assertEqual(horizon["fits"], sizes[count] <= horizon["limit"])
            self.assertEqual(python_tuf_opinion(path).returncode, 0)
        room = self.advice(self.scratch / "5.json", *ADVISE_AT)["roots"][0]["horizon"]["rooms"][0]
        self.assertEqual(
            (room["kind"], room["more"], room["bytes"], room["beyond"]), ("ed25519", 4, sizes[9], sizes[10]))

    @unittest.skipUnless(PYTHON, "TUF_CEREMONY_PYTHON is not set")
    def test_of_a_folder_it_is_the_newest_root(self):
        folder = self.scratch / "metadata"
        folder.mkdir()
        for version, online in [(1, 200), (2, 200), (3, 201)]:
            path, _ = self.written(f"metadata/{version}.root.json", 3, version, online)
        shutil.copy(path, folder / "root.json")
        document = self.advice(folder, *ADVISE_AT)
        [root] = document["roots"]
        self.assertEqual(root["version"], 3)
        self.assertEqual(root["online_key_changes"], [{"from": 2, "to": 3, "roles": ["timestamp", "snapshot"]}])
        self.assertEqual(root["losses"][0]["fatal"], 2)
        words = run("tuf-audit", "advise", folder, *ADVISE_AT)
        self.assertEnds(words, FINE)
        self.assertIn("root: when any 2 of these 3 keys are lost, no root can follow this one", words.stdout)
        self.assertIn("From version 2 to 3 the keys of timestamp and snapshot changed.", words.stdout)
        # Two roots of one version: nobody can say which is meant.
        self.written("metadata/also.root.json", 4, 3)
        (folder / "also.root.json").rename(folder / "03.root.json")
        document = self.advice(folder, *ADVISE_AT, status=VIOLATION)
        self.assertEqual({each["code"] for each in document["findings"]}, {"VERSION-CONFLICT"})

    @unittest.skipUnless(PYTHON, "TUF_CEREMONY_PYTHON is not set")
    def test_options(self):
        path, size = self.written("1.root.json", 3)
        root = self.advice(path, *ADVISE_AT)["roots"][0]
        self.assertEqual((root["signing"]["days"], root["signing"]["source"]), (90, "normal"))
        self.assertEqual(root["horizon"]["limit"], 3043)
        root = self.advice(path, "--signing-period", 30, "--model", "other", "--at", "2026-12-15T00:00:00Z")["roots"][0]
        self.assertEqual(
            root["signing"], {"days": 30, "due": True, "latest": "2026-12-02T00:00:00Z", "source": "asked"})
        self.assertEqual((root["horizon"]["limit"], root["horizon"]["fits"]), (1323, size <= 1323))
        self.assertEqual(self.advice(path, "--model", 2000, *ADVISE_AT)["roots"][0]["horizon"]["limit"], 2000)
        for wrong in [["--signing-period", -1], ["--signing-period", 36526], ["--model", "yubikey"], ["--model", 0]]:
            self.assertEnds(run("tuf-audit", "advise", path, *wrong), USAGE)

    def test_what_gives_no_advice(self):
        self.assertEnds(run("tuf-audit", "advise"), USAGE, "path")
        missing = run("tuf-audit", "advise", self.scratch / "nothing", "--format", "json")
        self.assertEnds(missing, NO_INPUT, "UNREADABLE")
        empty = run("tuf-audit", "advise", self.scratch)
        self.assertEqual(empty.returncode, VIOLATION)
        self.assertIn("NOTHING-TO-VERIFY", empty.stdout)
        (self.scratch / "1.root.json").write_text('{"signed": ')
        damaged = run("tuf-audit", "advise", self.scratch)
        self.assertEqual(damaged.returncode, VIOLATION)
        self.assertIn("JSON-SYNTAX", damaged.stdout)
        targets = self.scratch / "a.json"
        targets.write_text(json.dumps({"signed": {"_type": "targets"}, "signatures": []}))
        self.assertIn("NOTHING-TO-VERIFY", run("tuf-audit", "advise", targets).stdout)

    def test_a_rehearsal_is_refused_unless_it_is_asked_for(self):
        folder = self.scratch / "ceremony"
        self.assertEnds(rehearse(folder, FIRST, "--seed", 1), FINE)
        refused = run("tuf-audit", "advise", folder, *ADVISE_AT)
        self.assertEqual(refused.returncode, VIOLATION)
        self.assertIn("error REHEARSAL", refused.stdout)
        self.assertNotIn("Lost keys", refused.stdout)
        taken = run("tuf-audit", "advise", folder, "--rehearsal", *ADVISE_AT)
        self.assertEnds(taken, FINE)
        self.assertTrue(taken.stdout.startswith("REHEARSAL: "))
        self.assertIn("Lost keys", taken.stdout)

    def test_check_advises_on_the_root_to_come(self):
        for script in sorted(RUNBOOK.glob("*.yaml")):
            with self.subTest(script.name):
                done = run("tuf-ceremony", "check", script, "--at", AT)
                self.assertEnds(done, LESS)
                advice = done.stdout.partition("\nAdvice on the root that this makes:\n")[2]
                # What finishes a root that waits builds none.
                if script.name == "collect.yaml":
                    self.assertEqual(advice, "")
                    continue
                self.assertRegex(advice, r"(?m)^  root: when .* lost, no root can follow this one")
                self.assertRegex(advice, r"(?m)^  (Begin to sign|Signing should have begun) at ")
                real = re.search(r"^  root +real +(\d+) ", done.stdout, re.MULTILINE)[1]
                # Version 2 is as long as version 1.
                self.assertIn(f"The root that follows with the same keys has {real} bytes", advice)
                # What is lost with a key that is wiped anyway is not said.
                is_wiped = "do: wipe" in script.read_text()
                self.assertEqual("targets: its keys are wiped here" in advice, is_wiped)
                if is_wiped:
                    self.assertNotRegex(advice, r"(?m)^  targets: (when|each)")
        self.assertRegex(
            run("tuf-ceremony", "check", RUNBOOK / "pep458-genesis.yaml", "--at", AT).stdout,
            r"root: when any 3 of these 5 keys are lost, .*: [A-Z][a-z]+.*(, [A-Z][a-z]+.*){4}\.\n")

    def test_real_roots(self):
        real = ROOT.parent / "shared" / "roots" / "sigstore-root-signing"
        if not real.is_dir():
            self.skipTest("the folder of real data is not at hand")
        [root] = self.advice(real, "--at", "2026-09-01T00:00:00Z")["roots"]
        newest = max(real.glob("*.root.json"), key=lambda path: int(path.name.split(".")[0]))
        signed = json.loads(pathlib.Path(newest).read_text())["signed"]
        self.assertEqual(root["version"], signed["version"])
        role = signed["roles"]["root"]
        self.assertEqual(root["losses"][0]["fatal"], len(role["keyids"]) - role["threshold"] + 1)
        self.assertEqual(root["signing"]["days"], signed["x-tuf-on-ci-signing-period"])
        self.assertFalse(root["horizon"]["limited"])


if __name__ == "__main__":
    unittest.main()
