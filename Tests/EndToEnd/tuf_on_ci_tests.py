"""What is exported for tuf-on-ci, judged by its own signing code."""
import json
import subprocess

from programs import FINE, ROOT, USAGE, VIOLATION, TestCase, rehearse, run

PYTHON = ROOT / ".build/tests-tuf-on-ci/bin/python"
# What its signer says of a repository: whether it asks this person, what it shows of each role, who signs online.
READS = """
import json, sys
from types import SimpleNamespace
from tuf_on_ci_sign._signer_repository import SignerRepository
repository = SignerRepository(sys.argv[1], sys.argv[2], SimpleNamespace(name=sys.argv[3]))
online = repository.get_online_config()
print(json.dumps({
    "state": repository.state.name, "status": repository.status("root") + repository.status("targets"),
    "root": vars(repository.get_role_config("root")), "targets": vars(repository.get_role_config("targets")),
    "online": [online.timestamp_expiry, online.timestamp_signing, online.snapshot_expiry, online.snapshot_signing],
    "uri": online.key.unrecognized_fields["x-tuf-on-ci-online-uri"]}))
"""
# The steps of its import, without the git around them.
IMPORTS = """
import importlib, json, sys
from types import SimpleNamespace
from tuf_on_ci_sign._signer_repository import AbortEdit, SignerRepository
steps = importlib.import_module("tuf_on_ci_sign.import_repo")
tree, known, who, answers = sys.argv[1:]
repository, given, ok = SignerRepository(tree, known, SimpleNamespace(name=who)), json.load(open(answers)), True
with repository.edit_root() as root:
    for part in (root, root.get_delegated_role("timestamp"), root.get_delegated_role("snapshot")):
        ok = steps._update_signing(part, given["root"]) and steps._update_expiry(part, given["root"]) and ok
    ok = steps._update_keys(root.keys, given["root"]) and ok
    if not ok:
        raise AbortEdit("missing")
if ok:
    with repository.edit_targets("targets") as targets:
        ok = steps._update_expiry(targets, given["targets"]) and steps._update_signing(targets, given["targets"])
    repository.force_compliant_keyids("root")
print(json.dumps([ok, sorted(repository.unsigned)]))
"""
STEPS = "".join("""  - {id: build-NAME, do: build, role: NAME}
  - {id: show-NAME, do: show, role: NAME}
  - {id: NAME-ada, do: sign, role: NAME, keyholder: ada}
  - {id: NAME-boris, do: sign, role: NAME, keyholder: boris}
  - {id: verify-NAME, do: verify, role: NAME}
  - {id: write-NAME, do: write, role: NAME}
""".replace("NAME", role) for role in ("root", "targets"))
SCRIPT = """ceremony: 2
title: For tuf-on-ci
repository: Example repository
administrator: Administrator
witness: Witness
keyholders:
  ada: {name: Ada, card: record, fields: {x-tuf-on-ci-keyowner: "@ada"}}
  boris: {name: Boris, card: record, fields: {x-tuf-on-ci-keyowner: "@boris"}}
fields: {x-tuf-on-ci-expiry-period: 365, x-tuf-on-ci-signing-period: 60}
roles:
  root: {threshold: 2, keyholders: [ada, boris], algorithm: ecdsa-p256, expires: {days: 7}}
  targets:
    {threshold: 2, slot: 9a, keyholders: [ada, boris], algorithm: ecdsa-p256, expires: {days: 7}, signed-fields: {x-tuf-on-ci-expiry-period: 364, x-tuf-on-ci-signing-period: 59}}
  snapshot: {threshold: 1, keys: [service], fields: {x-tuf-on-ci-expiry-period: 9, x-tuf-on-ci-signing-period: 4}}
  timestamp: {threshold: 1, keys: [service], fields: {x-tuf-on-ci-expiry-period: 3, x-tuf-on-ci-signing-period: 1}}
online-keys:
  service: {ed25519: d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a, fields: {x-tuf-on-ci-online-uri: "gcpkms:projects/p"}}
hand-over: [tuf-on-ci]
steps:
  - {id: card-ada, do: provision, keyholder: ada}
  - {id: card-boris, do: provision, keyholder: boris}
""" + STEPS + "  - {id: close, do: close}\n"


def without_fields(script):
    """The same people and roles, and nothing that tuf-on-ci asks for."""
    plain = script.replace("hand-over: [tuf-on-ci]\n", "")
    lines = [line for line in plain.splitlines() if not line.startswith("fields:")]
    for field in ('fields: {x-tuf-on-ci-keyowner: "@ada"}', 'fields: {x-tuf-on-ci-keyowner: "@boris"}',
                  'fields: {x-tuf-on-ci-online-uri: "gcpkms:projects/p"}',
                  "signed-fields: {x-tuf-on-ci-expiry-period: 364, x-tuf-on-ci-signing-period: 59}",
                  "fields: {x-tuf-on-ci-expiry-period: 9, x-tuf-on-ci-signing-period: 4}",
                  "fields: {x-tuf-on-ci-expiry-period: 3, x-tuf-on-ci-signing-period: 1}"):
        lines = [line.replace(", " + field, "") for line in lines]
    assert "tuf-on-ci" not in "\n".join(lines[2:])
    return "\n".join(lines) + "\n"


class TUFOnCITests(TestCase):
    def ceremony(self, text=SCRIPT, name="ceremony"):
        script = self.scratch / f"{name}.yaml"
        script.write_text(text)
        self.assertEnds(rehearse(self.scratch / name, script), FINE)
        return self.scratch / name

    def export(self, folder, *options, name="tree"):
        out = self.scratch / name
        return out, run("tuf-audit", "export", folder, "--format", "tuf-on-ci", "--out", out, "--rehearsal", *options)

    def code(self, program, *arguments):
        if not PYTHON.exists():
            self.skipTest("the program of tuf-on-ci is not installed")
        done = subprocess.run([PYTHON, "-c", program, *map(str, arguments)], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_its_own_signer_reads_the_export(self):
        folder = self.ceremony()
        tree, done = self.export(folder)
        self.assertEnds(done, FINE)
        found = {path.relative_to(tree).as_posix(): path.read_bytes() for path in tree.rglob("*.json")}
        self.assertEqual(sorted(found), ["metadata/root.json", "metadata/root_history/1.root.json", "metadata/targets.json"])
        self.assertEqual(found["metadata/root.json"], (folder / "metadata/1.root.json").read_bytes())
        self.assertEqual(found["metadata/root.json"], found["metadata/root_history/1.root.json"])
        self.assertEqual(found["metadata/targets.json"], (folder / "metadata/1.targets.json").read_bytes())
        self.assertSums(tree)
        # It comes back as it was signed, from what it keeps in git and from what clients download.
        (self.scratch / "served").mkdir()
        for name in ("1.root.json", "1.targets.json"):
            (self.scratch / "served" / name).write_bytes((folder / "metadata" / name).read_bytes())
        for served in (tree / "metadata", self.scratch / "served"):
            done = run("tuf-audit", "returned", folder, served, "--rehearsal")
            self.assertEqual(done.returncode, FINE, done.stdout)
            self.assertIn("targets.json: the same bytes as metadata/1.targets.json", done.stdout)
        done = run("tuf-audit", "verify", tree / "metadata", "--rehearsal")
        self.assertEqual(done.returncode, FINE, done.stdout)
        none = self.scratch / "none"
        none.mkdir()
        seen = self.code(READS, tree / "metadata", none, "@ada")
        self.assertEqual(seen["state"], "NO_ACTION")
        self.assertIn("Signers: 2/2 of ['@ada', '@boris']", seen["status"])
        self.assertEqual(seen["root"], {
            "signers": ["@ada", "@boris"], "threshold": 2, "expiry_period": 365, "signing_period": 60})
        self.assertEqual((seen["targets"]["expiry_period"], seen["targets"]["signing_period"]), (364, 59))
        self.assertEqual((seen["online"], seen["uri"]), ([3, 1, 9, 4], "gcpkms:projects/p"))

    def test_a_root_without_its_fields_is_imported(self):
        folder = self.ceremony(without_fields(SCRIPT))
        tree, done = self.export(folder)
        self.assertEnds(done, FINE)
        self.assertIn("Root 2 will have other key ids", done.stdout)
        self.assertFalse((tree / "metadata/root_history").exists())
        questions = json.loads((tree / "import.json").read_text())
        root = json.loads((folder / "metadata/1.root.json").read_text())["signed"]
        self.assertEqual(questions["targets"], {"x-tuf-on-ci-expiry-period": -1, "x-tuf-on-ci-signing-period": -1})
        self.assertEqual({key for key in questions["root"] if not key.startswith("x-")}, set(root["keys"]))
        known = self.scratch / "known"
        known.mkdir()
        for name in ("root.json", "targets.json"):
            (known / name).write_bytes((tree / "metadata" / name).read_bytes())
        # As it was written it goes no further; filled in, its own code makes root 2.
        self.assertEqual(self.code(IMPORTS, tree / "metadata", known, "@ada", tree / "import.json")[0], False)
        service = root["roles"]["timestamp"]["keyids"][0]
        names = dict(zip(root["roles"]["root"]["keyids"], ["@ada", "@boris"]))
        names |= dict(zip(root["roles"]["targets"]["keyids"], ["@ada", "@boris"])) | {service: "gcpkms:projects/p"}
        filled = {role: {key: names.get(key, 30) for key in own} for role, own in questions.items()}
        (self.scratch / "filled.json").write_text(json.dumps(filled))
        done = self.code(IMPORTS, tree / "metadata", known, "@ada", self.scratch / "filled.json")
        self.assertEqual(done, [True, ["root", "targets"]])
        second = json.loads((tree / "metadata/root.json").read_text())["signed"]
        self.assertEqual((second["version"], set(second["keys"]) & set(root["keys"])), (2, set()))

    def test_what_it_cannot_go_on_from(self):
        online = SCRIPT.replace("x-tuf-on-ci-expiry-period: 9,", 'x-tuf-on-ci-expiry-period: "9",') \
            .replace("hand-over: [tuf-on-ci]\n", "")
        tree, done = self.export(self.ceremony(online))
        self.assertEqual((done.returncode, tree.exists()), (VIOLATION, False), done.stdout)
        self.assertIn("error HAND-OVER (metadata/1.root.json)", done.stdout)
        # Who cannot sign there can sign here.
        ed25519 = SCRIPT.replace("algorithm: ecdsa-p256, ", "").replace("hand-over: [tuf-on-ci]\n", "")
        folder = self.ceremony(ed25519, "ed25519")
        tree, done = self.export(folder, name="ed25519-tree")
        self.assertEqual((done.returncode, tree.exists()), (FINE, True), done.stdout)
        self.assertIn("warning HAND-OVER", done.stdout)
        script = self.scratch / "named.yaml"
        script.write_text(SCRIPT.replace("algorithm: ecdsa-p256, ", ""))
        done = run("tuf-ceremony", "check", script)
        self.assertEnds(done, VIOLATION, "HAND-OVER", "P-256 and P-384 signatures alone", "this key is ed25519")
        (self.scratch / "files").mkdir()
        (self.scratch / "files" / "new").write_text("new")
        _, done = self.export(folder, "--targets", self.scratch / "files", name="none")
        self.assertIn("No metadata that is handed over lists this file", done.stdout)
        _, done = self.export(folder, "--online-version", 2, name="none")
        self.assertEnds(done, USAGE)
