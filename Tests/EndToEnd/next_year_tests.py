"""What is exported after a rotation that drops a delegation, judged by python-tuf's client, which was there before it."""
import hashlib
import json
import shutil
import subprocess
import unittest

import repository_tests
from programs import FINE, VIOLATION, TestCase, rehearse, run
from repository_tests import PYTHON, ROLE, SCRIPT, SIGN

# Another snapshot: with another version, and names that are added or dropped. Signed by a key in a file, or as it was.
FORGE = """
import json, pathlib, sys
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.formats import encode_canonical
from securesystemslib.signer import CryptoSigner
before, after, key, changes = sys.argv[1:]
whole, changes = json.loads(pathlib.Path(before).read_text()), json.loads(changes)
whole["signed"].update(changes.get("signed", {}))
whole["signed"]["meta"].update(changes.get("meta", {}))
for name in changes.get("without", []):
    del whole["signed"][name]
if key != "-":
    signer = CryptoSigner(load_pem_private_key(pathlib.Path(key).read_bytes(), None))
    whole["signatures"] = [signer.sign(encode_canonical(whole["signed"]).encode()).to_dict()]
pathlib.Path(after).write_text(json.dumps(whole))
"""
TARGETS = """{threshold: 2, slot: 9a, keyholders: [ada, boris], expires: {days: 7}, delegations: {ROLE: {paths: ["*"]}}}
  ROLE: {threshold: 1, keys: [service]}"""


@unittest.skipUnless(PYTHON, "TUF_CEREMONY_PYTHON is not set")
class NextYearTests(TestCase):
    key, export = repository_tests.RepositoryTests.key, repository_tests.RepositoryTests.export
    downloaded = repository_tests.RepositoryTests.downloaded

    def setUp(self):
        super().setUp()
        self.files = self.scratch / "files"
        self.files.mkdir()
        (self.files / "index.html").write_text("<p>demo</p>\n")
        self.service = self.key("-algorithm", "ed25519")
        public = (self.scratch / "service.pem").read_bytes()
        script = self.scratch / "1.yaml"
        script.write_text(SCRIPT.replace("ROLES\n", ROLE.replace("NAME", "root") + ROLE.replace("NAME", "targets"))
                          .replace("TARGETS", TARGETS.replace("ROLE", "cards"))
                          .replace("SHA256", hashlib.sha256(public).hexdigest()))
        self.first = self.scratch / "ceremony-1"
        self.assertEnds(rehearse(self.first, script), FINE)
        self.tree, done = self.export(self.first, "--targets", self.files, "--online-key", self.service, name="tree-1")
        self.assertEnds(done, FINE)
        self.assertNotIn("that clients", done.stdout)
        self.root, self.snapshot = (self.tree / "metadata" / f"1.{role}.json" for role in ("root", "snapshot"))

    def rotation(self, *options, name="ceremony-2", change=lambda text: text):
        folder = self.scratch / f"script-of-{name}"
        folder.mkdir()
        done = run("tuf-ceremony", "draft", "rotation", "--after", self.first, "--out", folder / "2.yaml", *options)
        self.assertEnds(done, FINE)
        shutil.copy(self.first / "metadata" / "1.targets.json", folder)
        text = change((folder / "2.yaml").read_text())
        (folder / "2.yaml").write_text(text)
        out = self.scratch / name
        self.assertEnds(rehearse(out, folder / "2.yaml", "--after", self.first), FINE)
        return out

    def dropping(self, text):
        """Targets delegates to others, and to cards no more."""
        digest = hashlib.sha256((self.first / "metadata" / "1.targets.json").read_bytes()).hexdigest()
        for before, after in [
            ("  head: ", "  metadata: [{file: 1.targets.json, sha256: %s}]\n  head: " % digest),
            ("  targets:\n    threshold: 2\n    keyholders: [ada, boris]",
             "  targets: " + TARGETS.replace("slot: 9a, ", "").replace("ROLE", "others")),
            ("  - id: close\n", ROLE.replace("NAME", "targets") + "  - id: close\n"),
        ]:
            self.assertEqual(text.count(before), 1, before)
            text = text.replace(before, after)
        return text

    def forged(self, name, key=None, **changes):
        path = self.scratch / f"{name}.snapshot.json"
        done = subprocess.run([PYTHON, "-c", FORGE, self.snapshot, path, key or self.service, json.dumps(changes)],
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        return path

    def published(self, folder, *options, name):
        return self.export(folder, "--with", self.root, "--targets", self.files, *options, name=name)

    def assertRefused(self, folder, *options, says):
        tree, done = self.published(folder, "--online-key", self.service, *options, name="refused")
        self.assertEqual((done.returncode, tree.exists()), (VIOLATION, False), done.stdout + done.stderr)
        for words in says:
            self.assertIn(words, " ".join(done.stdout.split()))

    def versions(self, path):
        meta = json.loads(path.read_text())["signed"]["meta"]
        return {name: entry["version"] for name, entry in meta.items()}

    def test_clients_that_were_there_go_on_after_a_delegation_is_dropped(self):
        client, locked = self.scratch / "client" / "kept", self.scratch / "client" / "locked"
        self.assertEqual(self.downloaded(self.tree, "index.html", scratch=client).stdout, "<p>demo</p>\n")
        shutil.copytree(client, locked)
        folder = self.rotation(change=self.dropping)
        online = ["--online-key", self.service, "--online-version", 2]

        # Without their snapshot the new one lists less, and they stay where they are.
        tree, done = self.published(folder, *online, name="tree-without")
        self.assertEnds(done, FINE)
        self.assertIn("No snapshot that clients have was named", done.stdout)
        refused = self.downloaded(tree, "index.html", scratch=locked)
        self.assertIn("New snapshot is missing info for 'cards.json'", refused.stderr)

        tree, done = self.published(folder, *online, "--with", self.snapshot, name="tree-2")
        self.assertEnds(done, FINE)
        self.assertIn("1 name that clients know: still in the snapshot", done.stdout)
        self.assertNotIn("No snapshot", done.stdout)
        self.assertEqual(self.versions(tree / "metadata" / "2.snapshot.json"),
                         {"targets.json": 2, "others.json": 2, "cards.json": 1})
        self.assertEqual(sorted((tree / "metadata").glob("*.cards.json")), [])
        for each in (client, self.scratch / "client" / "new"):
            done = self.downloaded(tree, "index.html", scratch=each)
            self.assertEqual((done.returncode, done.stdout), (0, "<p>demo</p>\n"), done.stderr)
        self.assertEqual(json.loads((client / "snapshot.json").read_text())["signed"]["version"], 2)
        done = run("tuf-audit", "verify", tree / "metadata", "--rehearsal")
        self.assertEqual(done.returncode, FINE, done.stdout)

        # What waits for an online key lists it as well; so it does a year later, and names that are no role's.
        snapshot = self.forged("later", signed={"version": 40},
                               meta={"odd": {"version": 7}, "targets.json": {"version": 2}})
        tree, done = self.published(folder, "--online-version", 41, "--with", snapshot, name="tree-41")
        self.assertEnds(done, FINE)
        self.assertIn("2 names that clients know", done.stdout)
        self.assertEqual(self.versions(tree / "to-sign" / "41.snapshot.json"),
                         {"targets.json": 2, "others.json": 41, "cards.json": 1, "odd": 7})
        signed = subprocess.run([PYTHON, SIGN, tree, self.service], capture_output=True, text=True, timeout=120)
        self.assertEqual(signed.returncode, 0, signed.stderr)
        self.assertEqual(self.downloaded(tree, "index.html", scratch=client).stdout, "<p>demo</p>\n")

        # Nothing goes back, and what nothing leads to is no file to publish.
        for options, says in [
            (["--with", self.snapshot], ["version 1 of snapshot, and this is version 1", "above 1"]),
            (["--with", self.forged("high", meta={"others.json": {"version": 9}}), "--online-version", 9],
             ["version 9 of others, and this is version 9", "above 9"]),
            (["--with", self.forged("newer", meta={"targets.json": {"version": 3}}), "--online-version", 2],
             ["version 3 of targets, and this is version 2", "under a higher version"]),
            (["--with", self.tree / "metadata" / "1.cards.json", "--online-version", 2],
             ["nothing delegates to cards", "--with N.snapshot.json"]),
        ]:
            with self.subTest(says=says):
                self.assertRefused(folder, *options, says=["HAND-OVER", *says])
        # The templates as well.
        tree, done = self.published(folder, "--with", self.snapshot, name="refused")
        self.assertEqual((done.returncode, tree.exists()), (VIOLATION, False))

    def test_a_snapshot_is_one_that_the_keys_of_a_root_signed(self):
        other = self.key("-algorithm", "ed25519", name="other")
        folder = self.rotation("--leaves", "service", "--reason", "routine", "--online-key", self.scratch / "other.pem")
        given = ["--with", self.first / "metadata" / "1.targets.json", "--online-key", other, "--online-version", 2]
        # The service's key of root 1 signed it; root 2 has another.
        tree, done = self.published(folder, *given, "--online-key", self.service, "--with", self.snapshot, name="tree-2")
        self.assertEnds(done, FINE)
        tree, done = self.export(folder, *given, "--online-key", self.service, "--with", self.snapshot, name="refused")
        self.assertEqual((done.returncode, tree.exists()), (VIOLATION, False))
        self.assertIn("nothing shows that the snapshot keys", done.stdout)
        stranger = self.key("-algorithm", "ed25519", name="stranger")
        timestamp = self.tree / "metadata" / "timestamp.json"
        for name, paths, says in [
            ("of a stranger", [self.forged("stranger", stranger)], ["HAND-OVER", "nothing shows that the snapshot keys"]),
            ("changed", [self.forged("changed", "-", meta={"x.json": {"version": 1}})],
             ["HAND-OVER", "nothing shows that the snapshot keys", "--with N.root.json"]),
            ("two", [self.snapshot, self.snapshot], ["HAND-OVER", "two files are of the role snapshot"]),
            ("a timestamp", [timestamp], ["HAND-OVER", "timestamp metadata is made anew"]),
            ("no meta", [self.forged("bare", without=["meta"])], ["METADATA-SHAPE", "bare.snapshot.json"]),
            ("no version", [self.forged("void", meta={"x.json": {}})], ["METADATA-SHAPE", "void.snapshot.json"]),
            ("version 0", [self.forged("nought", signed={"version": 0})], ["METADATA-VERSION", "nought.snapshot.json"]),
        ]:
            with self.subTest(name):
                named = [word for path in paths for word in ("--with", path)]
                self.assertRefused(folder, *given, *named, says=says)
        # tuf-on-ci makes its own.
        done = run("tuf-audit", "export", folder, "--format", "tuf-on-ci", "--rehearsal", "--with", self.root, "--with",
                   self.snapshot, "--out", self.scratch / "refused")
        self.assertEqual(done.returncode, VIOLATION)
        self.assertIn("tuf-on-ci makes the snapshot", done.stdout)
