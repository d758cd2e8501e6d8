"""What is handed over to the Repository Service for TUF, judged by its own command line tool and by python-tuf."""
import http.server
import json
import os
import pathlib
import subprocess
import threading
import unittest

from programs import AT, CANNOT_CREATE, FINE, FIRST, LESS, ROOT, RUNBOOK, USAGE, VIOLATION, TestCase, rehearse, run

SCRIPT = RUNBOOK / "root-only-genesis.yaml"
PYTHON = os.environ.get("TUF_CEREMONY_PYTHON")
RSTUF = ROOT / ".build/tests-rstuf/bin/rstuf"
# What the service's tool itself would have made of the answers to its questions.
OWN = """
import json, sys
from dataclasses import asdict
from repository_service_tuf.cli.admin.helpers import BinsRole, CeremonyPayload, Metadatas, Role, Roles, Settings
from tuf.api.metadata import Metadata
given = json.load(sys.stdin)
root = Metadata.from_dict(json.loads(json.dumps(given["metadata"]["root"])))
root.verify_delegate("root", root)
roles = {name: Role(own["expiration"]) for name, own in given["settings"]["roles"].items() if name != "bins"}
bins = BinsRole(**given["settings"]["roles"]["bins"])
made = asdict(CeremonyPayload(Settings(Roles(**roles, bins=bins)), Metadatas(root.to_dict())))
made["settings"]["roles"].pop("delegations")
assert made == given, (made, given)
"""
CANONICAL = """
import json, sys
from securesystemslib.formats import encode_canonical
from tuf.api.metadata import Metadata
given = Metadata.from_file(sys.argv[1])
again = Metadata.from_bytes(given.to_bytes())
again.verify_delegate("root", again)
assert again.signed_bytes == given.signed_bytes
again.to_file(sys.argv[2])
"""


# What its worker asks of the next root before it takes it (repository-service-tuf-worker 1.0, `_trusted_root_update`).
TRUSTED_UPDATE = """
import json, sys
from tuf.api.metadata import Metadata, Root
current = Metadata.from_file(sys.argv[1])
given = json.load(open(sys.argv[2]))
new = Metadata.from_dict(json.loads(json.dumps(given["metadata"]["root"])))
assert new.signed.type == Root.type
current.verify_delegate(Root.type, new)
new.verify_delegate(Root.type, new)
assert new.signed.version == current.signed.version + 1
assert new.to_dict() == given["metadata"]["root"]
assert new.signed_bytes == Metadata.from_file(sys.argv[3]).signed_bytes
"""


# What its tool sends of a signature, and what its worker asks of one (`sign_metadata`): a key of the role, either root's.
SIGNED = """
import json, sys
from dataclasses import asdict
from repository_service_tuf.cli.admin.helpers import SignPayload
from securesystemslib.signer import Signature
from tuf.api.metadata import Metadata
given, waiting, trusted = json.load(open(sys.argv[1])), Metadata.from_file(sys.argv[2]), Metadata.from_file(sys.argv[3])
made = asdict(SignPayload(signature=given["signature"]))
assert made == given, (made, given)
signature = Signature.from_dict(dict(given["signature"]))
keyid = signature.keyid
key = waiting.signed.keys.get(keyid) or trusted.signed.keys[keyid]
assert keyid in waiting.signed.roles["root"].keyids + trusted.signed.roles["root"].keyids
key.verify_signature(signature, waiting.signed_bytes)
waiting.signatures[keyid] = signature
waiting.verify_delegate("root", waiting)
trusted.verify_delegate("root", waiting)
"""


class Service(http.server.BaseHTTPRequestHandler):
    """Takes what it is sent, and says that it is done."""
    taken = []

    def log_message(self, *_):
        pass

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.taken.append((self.path, json.loads(body)))
        what = "Bootstrap" if "bootstrap" in self.path else "Metadata update"
        self.answer(202, {"message": f"{what} accepted.", "data": {"task_id": "1"}})

    def do_GET(self):
        self.answer(200, {"data": {"state": "SUCCESS", "task_id": "1", "result": {"status": True, "message": "done"}}})


class RSTUFTests(TestCase):
    def ceremony(self, script=SCRIPT, name="ceremony"):
        out = self.scratch / name
        self.assertEnds(rehearse(out, script), FINE)
        return out

    def export(self, folder, *options, name="payload.json"):
        out = self.scratch / name
        return out, run("tuf-audit", "export", folder, "--format", "rstuf", "--out", out, "--rehearsal", *options)

    def edited(self, old, new, name="edited.yaml"):
        text = SCRIPT.read_text()
        self.assertEqual(text.count(old), 1, old)
        path = self.scratch / name
        path.write_text(text.replace(old, new))
        (self.scratch / "online-stand-in.pem").write_bytes((RUNBOOK / "online-stand-in.pem").read_bytes())
        return path

    def test_the_payload_is_the_one_that_its_own_tool_makes(self):
        folder = self.ceremony()
        out, done = self.export(folder)
        self.assertEnds(done, FINE)
        payload = json.loads(out.read_text())
        self.assertEqual(payload["metadata"]["root"], json.loads((folder / "metadata/1.root.json").read_text()))
        self.assertEqual(payload["settings"]["roles"]["bins"], {"expiration": 1, "number_of_delegated_bins": 16384})
        if not RSTUF.exists():
            self.skipTest("the tool of RSTUF is not installed")
        judged = subprocess.run(
            [RSTUF.parent / "python", "-c", OWN], input=out.read_text(), capture_output=True, text=True, timeout=120)
        self.assertEqual(judged.returncode, 0, judged.stderr)
        # Its tool sends the file as it is.
        self.assertEqual(self.sent("bootstrap", out), [("/api/v1/bootstrap/", payload)])

    def test_the_next_root_updates_it(self):
        """One keyholder leaves and another joins: what the tool sends, and what the worker takes."""
        folder, script = self.ceremony(), self.scratch / "next" / "rotation.yaml"
        script.parent.mkdir()
        (script.parent / "online-stand-in.pem").write_bytes((RUNBOOK / "online-stand-in.pem").read_bytes())
        self.assertEnds(run("tuf-ceremony", "draft", "rotation", "--after", folder, "--leaves", "emeka=left",
                            "--joins", "Fatima", "--out", script), FINE)
        self.assertIn("hand-over: [rstuf]", script.read_text())
        following = self.scratch / "following"
        self.assertEnds(
            run("tuf-ceremony", "rehearse", script, "--after", folder, "--unattended", "--out", following), FINE)
        out, done = self.export(following, name="update.json")
        self.assertEnds(done, FINE)
        payload = json.loads(out.read_text())
        self.assertEqual(list(payload), ["metadata"])
        if not RSTUF.exists():
            self.skipTest("the tool of RSTUF is not installed")
        judged = subprocess.run(
            [RSTUF.parent / "python", "-c", TRUSTED_UPDATE, folder / "metadata/1.root.json", out,
             following / "metadata/2.root.json"], capture_output=True, text=True, timeout=120)
        self.assertEqual(judged.returncode, 0, judged.stderr)
        self.assertEqual(self.sent("update", out), [("/api/v1/metadata/", payload)])
        # A field that the service drops at a rotation is refused before anybody signs.
        lost = script.read_text().replace("    name: Fatima\n", "    name: Fatima\n    fields: {x-example-owner: fatima}\n")
        script.write_text(lost)
        done = run("tuf-ceremony", "check", script)
        self.assertEnds(done, VIOLATION, "HAND-OVER", "drops the field")

    def test_a_signature_for_a_root_that_waits(self):
        """Emeka signs at home; the service, which waits for that signature, is sent it alone."""
        script = self.edited("    threshold: 3\n", "    threshold: 5\n")
        folder, drafted = self.ceremony(script), self.scratch / "next" / "rotation.yaml"
        drafted.parent.mkdir()
        (drafted.parent / "online-stand-in.pem").write_bytes((RUNBOOK / "online-stand-in.pem").read_bytes())
        self.assertEnds(run("tuf-ceremony", "draft", "rotation", "--after", folder, "--elsewhere", "emeka",
                            "--out", drafted), FINE)
        waiting, request, home = self.scratch / "waiting", self.scratch / "emeka.json", self.scratch / "home"
        self.assertEnds(
            run("tuf-ceremony", "rehearse", drafted, "--after", folder, "--unattended", "--out", waiting), LESS)
        self.assertEnds(run("tuf-ceremony", "request", waiting, "--for", "emeka", "--out", request), FINE)
        self.assertEnds(
            run("tuf-ceremony", "sign", request, "--rehearsal", "--unattended", "--out", home), FINE)
        out, done = self.export(home, name="sign.json")
        self.assertEnds(done, FINE)
        payload = json.loads(out.read_text())
        self.assertEqual(
            payload, {"role": "root", "signature": json.loads((home / "pending/2.root.json").read_text())["signatures"][0]})
        # What waits is no payload; a signature of it is, by name.
        pending = json.loads((waiting / "pending/2.root.json").read_text())["signatures"]
        self.assertEqual(len(pending), 4)
        none, done = self.export(waiting, name="none.json")
        self.assertEqual((done.returncode, none.exists()), (VIOLATION, False))
        self.assertIn("--signature", done.stdout)
        one, done = self.export(waiting, "--signature", pending[2]["keyid"][:12], name="one.json")
        self.assertEnds(done, LESS)
        self.assertEqual(json.loads(one.read_text())["signature"], pending[2])
        # Five signatures stand under the first root, and nobody says whose.
        for options, ends in [(["--signature", "00000000"], VIOLATION), (["--signature", "abc"], USAGE),
                              (["--signature", pending[0]["keyid"], "--bins", 4], USAGE)]:
            none, done = self.export(folder, *options, name="none.json")
            self.assertEqual((done.returncode, none.exists()), (ends, False), options)
        if not RSTUF.exists():
            self.skipTest("the tool of RSTUF is not installed")
        judged = subprocess.run(
            [RSTUF.parent / "python", "-c", SIGNED, out, waiting / "pending/2.root.json",
             folder / "metadata/1.root.json"], capture_output=True, text=True, timeout=120)
        self.assertEqual(judged.returncode, 0, judged.stderr)

    def sent(self, what, payload):
        """What its tool sends of a payload: paths and bodies."""
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        Service.taken.clear()
        done = subprocess.run(
            [RSTUF, "--config", self.scratch / "rstuf.ini", "admin", "--api-server",
             f"http://127.0.0.1:{server.server_port}", "send", what, payload],
            capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return Service.taken

    def test_how_the_service_is_told_to_sign(self):
        folder = self.ceremony()
        options = ["--bins", 4, "--expiration", "snapshot=7", "--expiration", "root=400"]
        out, done = self.export(folder, *options)
        self.assertEnds(done, FINE)
        self.assertEqual(json.loads(out.read_text())["settings"]["roles"], {
            "root": {"expiration": 400}, "targets": {"expiration": 365}, "snapshot": {"expiration": 7},
            "timestamp": {"expiration": 1}, "bins": {"expiration": 1, "number_of_delegated_bins": 4}})
        self.assertEnds(self.export(folder)[1], CANNOT_CREATE)
        for wrong in (["--bins", 3], ["--bins", 1], ["--bins", 32768], ["--expiration", "mirrors=1"],
                      ["--expiration", "root"], ["--expiration", "root=0"], ["--expiration", "root=1", "--expiration", "root=2"]):
            with self.subTest(wrong):
                out, done = self.export(folder, *wrong, name="refused.json")
                self.assertEnds(done, USAGE)
                self.assertFalse(out.exists())
        done = run("tuf-audit", "export", folder, "--format", "bundle", "--bins", 4, "--out", self.scratch / "b", "--rehearsal")
        self.assertEnds(done, USAGE)

    def test_what_it_cannot_take_is_refused_before_and_after(self):
        for old, new, words in [
            ("    fields:\n      x-rstuf-online-key-uri: fn:service\n", "", "where the worker finds"),
            ("fn:service", "file:service", "no private key"),
            ("    name: Ada\n", "    name: Ada\n    fields: {x-example-owner: ada}\n", "drops the field"),
        ]:
            with self.subTest(words):
                script = self.edited(old, new)
                done = run("tuf-ceremony", "check", script, "--at", AT)
                self.assertEnds(done, VIOLATION, "HAND-OVER", words)
                # The same root made by a script that names no service.
                script.write_text(script.read_text().replace("hand-over: [rstuf]\n", ""))
                self.assertEnds(run("tuf-ceremony", "check", script, "--at", AT), LESS)
                folder = self.ceremony(script, words.replace(" ", "-"))
                out, done = self.export(folder, name="none.json")
                self.assertEqual(done.returncode, VIOLATION, done.stdout)
                self.assertIn("error HAND-OVER (metadata/1.root.json)", done.stdout)
                self.assertIn(words, done.stdout)
                self.assertFalse(out.exists())
        targets_offline = self.ceremony(FIRST, "first")
        _, done = self.export(targets_offline, name="none.json")
        self.assertIn("HAND-OVER", done.stdout)

    def test_only_a_ceremony_that_holds_is_handed_over(self):
        folder = self.ceremony()
        done = run("tuf-audit", "export", folder, "--format", "rstuf", "--out", self.scratch / "x")
        self.assertEqual((done.returncode, "REHEARSAL" in done.stdout), (VIOLATION, True))
        (folder / "SHA256SUMS").write_text("")
        out, done = self.export(folder)
        self.assertEqual(done.returncode, VIOLATION)
        self.assertFalse(out.exists())

    @unittest.skipUnless(PYTHON, "TUF_CEREMONY_PYTHON is not set")
    def test_what_comes_back(self):
        folder = self.ceremony()
        own = folder / "metadata/1.root.json"
        served = self.scratch / "served"
        (served / "metadata").mkdir(parents=True)
        place = served / "metadata/1.root.json"

        def returned(*options):
            return run("tuf-audit", "returned", folder, served, "--rehearsal", *options)
        self.assertIn("error RETURNED-MISSING (metadata/1.root.json)", returned().stdout)
        # As python-tuf and with it the service writes it again.
        subprocess.run([PYTHON, "-c", CANONICAL, own, place], check=True, timeout=120)
        self.assertNotEqual(place.read_bytes(), own.read_bytes())
        done = returned()
        self.assertEqual(done.returncode, FINE, done.stdout)
        self.assertIn("the file is written in another form", done.stdout)
        place.write_bytes(own.read_bytes())
        self.assertIn("the same bytes", returned().stdout)
        # Metadata of other roles and versions is nobody's business here.
        (served / "metadata/2.root.json").write_text(json.dumps(self.changed(own, version=2)))
        (served / "metadata/timestamp.json").write_text("{")
        self.assertEqual(returned().returncode, FINE)
        first = json.loads(own.read_text())["signatures"][0]["keyid"]
        for change, words in [
            (self.changed(own, expires="2030-01-01T00:00:00Z"), "signed.expires"),
            (self.changed(own, signatures=0), f"by key {first[:8]} is missing"),
            (self.changed(own, sig="00"), f"by key {first[:8]} is another one"),
            (self.changed(own, sig=""), f"by key {first[:8]} is left empty"),
        ]:
            with self.subTest(words):
                place.write_text(json.dumps(change))
                done = returned()
                self.assertEqual(done.returncode, VIOLATION, done.stdout)
                self.assertIn(f"error RETURNED-DIFFERS ({place})", done.stdout)
                self.assertIn(words, done.stdout)
        more = json.loads(own.read_text())
        more["signatures"].append({"keyid": "ab" * 32, "sig": "00"})
        place.write_text(json.dumps(more))
        self.assertEqual(returned().returncode, FINE)
        self.assertEqual(returned("--strict").returncode, VIOLATION)
        self.assertIn("warning RETURNED-DIFFERS", returned().stdout)

    @staticmethod
    def changed(path, signatures=None, sig=None, **signed):
        root = json.loads(pathlib.Path(path).read_text())
        root["signed"].update(signed)
        if signatures is not None:
            del root["signatures"][signatures]
        if sig is not None:
            root["signatures"][0]["sig"] = sig
        return root
