"""A root that a service's own program would have made waits for signatures; two keyholders sign it at home, and the code of
tuf-on-ci and of RSTUF's tool takes what they signed."""
import json
import os
import shutil
import subprocess
import unittest

from programs import FINE, LESS, ROOT, TestCase, rehearse, run

TUF_ON_CI = ROOT / ".build/tests-tuf-on-ci/bin/python"
RSTUF = ROOT / ".build/tests-rstuf/bin/python"
# Whether its signer asks this person for a signature.
ASKS = """
import sys
from types import SimpleNamespace
from tuf_on_ci_sign._signer_repository import SignerRepository
print(SignerRepository(sys.argv[1], sys.argv[2], SimpleNamespace(name=sys.argv[3])).state.name)
"""
# What its tool says before it asks for another signature; without one it would wait at a prompt.
ADDS = """
import sys
from tuf.api.metadata import Metadata, Root
from repository_service_tuf.cli.admin.helpers import _add_root_signatures_prompt
new, old = (Metadata[Root].from_file(path) for path in sys.argv[1:])
_add_root_signatures_prompt(new, old.signed)
"""
# A request answered with no program of ours: securesystemslib, and the key that is in this file.
SIGNS = """
import base64, json, sys
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner
request, seed = json.load(open(sys.argv[1])), bytes.fromhex(sys.argv[2])
payload = base64.b64decode(request["payload"])
signature = CryptoSigner(Ed25519PrivateKey.from_private_bytes(seed)).sign(payload)
keyid = request["for"][0]["keyid"]
json.dump({"signed": json.loads(payload), "signatures": [{"keyid": keyid, "sig": signature.signature}]}, open(sys.argv[3], "w"))
"""
ACCEPTS = """
import sys
from tuf.api.metadata import Metadata, Root
old, new = (Metadata[Root].from_file(path) for path in sys.argv[1:])
old.verify_delegate("root", new)
new.verify_delegate("root", new)
"""
GENESIS = """ceremony: 2
title: Two keyholders
repository: Example repository
administrator: Administrator
witness: Witness
keyholders:
  ada: {name: Ada, card: record, fields: {x-tuf-on-ci-keyowner: "@ada", x-rstuf-key-name: Ada}}
  boris: {name: Boris, card: record, fields: {x-tuf-on-ci-keyowner: "@boris", x-rstuf-key-name: Boris}}
fields: {x-tuf-on-ci-expiry-period: 365, x-tuf-on-ci-signing-period: 60}
roles:
  root: {threshold: 2, keyholders: [ada, boris], algorithm: ecdsa-p256, expires: {days: 7}}
  targets: {threshold: 1, keys: [service]}
  snapshot: {threshold: 1, keys: [service]}
  timestamp: {threshold: 1, keys: [service]}
online-keys:
  service: {ed25519: d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a, fields: {x-tuf-on-ci-online-uri: "kms:1"}}
steps:
  - {id: card-ada, do: provision, keyholder: ada}
  - {id: card-boris, do: provision, keyholder: boris}
  - {id: build, do: build, role: root}
  - {id: show, do: show, role: root}
  - {id: sign-ada, do: sign, role: root, keyholder: ada}
  - {id: sign-boris, do: sign, role: root, keyholder: boris}
  - {id: verify, do: verify, role: root}
  - {id: write, do: write, role: root}
  - {id: close, do: close}
"""


class ServicesSignTests(TestCase):
    def code(self, python, program, *arguments):
        done = subprocess.run(
            [python, "-c", program, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def asks(self, who):
        return self.code(TUF_ON_CI, ASKS, self.scratch / "new", self.scratch / "known", who).strip()

    @unittest.skipUnless(TUF_ON_CI.exists() and RSTUF.exists(), "the programs of the services are not installed")
    def test_their_own_code_takes_what_was_signed_at_home(self):
        script = self.scratch / "genesis.yaml"
        script.write_text(GENESIS)
        self.assertEnds(rehearse(self.scratch / "first", script), FINE)
        known, new = self.scratch / "known" / "root.json", self.scratch / "new" / "root.json"
        known.parent.mkdir()
        new.parent.mkdir()
        shutil.copy(self.scratch / "first" / "metadata" / "1.root.json", known)
        root = json.loads(known.read_bytes())
        root["signed"]["version"] = 2
        root["signed"]["x-tuf-on-ci-signing-period"] = 90
        # Neither program writes a root without signatures in the same way.
        root["signatures"] = [{"keyid": key, "sig": ""} for key in root["signed"]["roles"]["root"]["keyids"]]
        new.write_text(json.dumps(root))
        self.assertEqual([self.asks("@ada"), self.asks("@boris")], ["SIGNATURE_NEEDED"] * 2)
        waiting = self.scratch / "2.root.json"
        shutil.copy(new, waiting)
        for who, key in zip(["Ada", "Boris"], root["signed"]["roles"]["root"]["keyids"]):
            self.assertEnds(run(
                "tuf-ceremony", "sign", waiting, "--trusted", known, "--key", key, "--name", who, "--rehearsal",
                "--unattended", "--after", self.scratch / "first", "--out", self.scratch / who), FINE)
            self.assertEnds(run("tuf-audit", "replay", self.scratch / who), FINE)
        one = run("tuf-ceremony", "merge", self.scratch / "Ada.tar", "--trusted", known, "--out", self.scratch / "one")
        self.assertEnds(one, LESS)
        shutil.copy(self.scratch / "one" / "pending" / "2.root.json", new)
        self.assertEqual([self.asks("@ada"), self.asks("@boris")], ["NO_ACTION", "SIGNATURE_NEEDED"])
        both = run("tuf-ceremony", "merge", self.scratch / "Ada.tar", self.scratch / "Boris.tar", "--trusted", known,
                   "--out", self.scratch / "both")
        self.assertEnds(both, FINE)
        shutil.copy(self.scratch / "both" / "pending" / "2.root.json", new)
        self.assertEqual([self.asks("@ada"), self.asks("@boris")], ["NO_ACTION"] * 2)
        self.assertIn("Metadata is fully signed.", self.code(RSTUF, ADDS, new, known))


class UnwitnessedTests(TestCase):
    def test_a_request_is_answered_by_securesystemslib(self):
        python = os.environ["TUF_CEREMONY_PYTHON"]
        genesis = self.scratch / "genesis.yaml"
        genesis.write_text(GENESIS.replace("algorithm: ecdsa-p256, ", ""))
        first, pending, answers = (self.scratch / name for name in ("first", "pending", "answers"))
        self.assertEnds(rehearse(first, genesis), FINE)
        script, collect = self.scratch / "second" / "script.yaml", self.scratch / "third" / "collect.yaml"
        for folder in (script.parent, collect.parent, answers):
            folder.mkdir()
        self.assertEnds(
            run("tuf-ceremony", "draft", "rotation", "--after", first, "--elsewhere", "boris", "--out", script), FINE)
        self.assertEnds(rehearse(pending, script, "--after", first), LESS)
        seeds = [json.loads(path.read_bytes())["keys"]["9c"] for path in sorted((first / "virtual-cards").glob("[0-9]*.json"))]
        signed = subprocess.run(
            [python, "-c", SIGNS, pending / "requests" / "root.boris.json", seeds[1]["private"], answers / "boris.json"],
            capture_output=True, text=True, timeout=120)
        self.assertEqual(signed.returncode, 0, signed.stderr)
        self.assertEnds(run("tuf-ceremony", "draft", "collect", "--after", pending, "--out", collect), FINE)
        whole = self.scratch / "whole"
        self.assertEnds(rehearse(whole, collect, "--after", pending, "--answers", answers), FINE)
        replay = run("tuf-audit", "replay", whole, "--after", first, pending)
        self.assertEnds(replay, FINE)
        self.assertIn("SIGNATURE-UNWITNESSED", replay.stdout)
        taken = subprocess.run(
            [python, "-c", ACCEPTS, first / "metadata" / "1.root.json", whole / "metadata" / "2.root.json"],
            capture_output=True, text=True, timeout=120)
        self.assertEqual(taken.returncode, 0, taken.stderr)
