"""What is exported for clients, judged by python-tuf's client, which downloads a file over HTTP on this machine."""
import functools
import hashlib
import http.server
import json
import os
import re
import shutil
import subprocess
import threading
import unittest

from programs import CANNOT_CREATE, FINE, NO_INPUT, ROOT, RUNBOOK, USAGE, VIOLATION, TestCase, rehearse, run

PYTHON = os.environ.get("TUF_CEREMONY_PYTHON")
SIGN = RUNBOOK / "sign-online"
# What a client does that has the first root and nothing else.
DOWNLOAD = """
import pathlib, sys
from tuf.ngclient import Updater
address, root, target, scratch = sys.argv[1:]
updater = Updater(scratch, f"{address}/metadata/", target_dir=scratch, target_base_url=f"{address}/targets/",
                  bootstrap=pathlib.Path(root).read_bytes())
updater.refresh()
info = updater.get_targetinfo(target)
print(pathlib.Path(updater.download_target(info)).read_text() if info else "no such target", end="")
"""
# The same client, which also says in which role's metadata the file stands: by a walk over the metadata that it kept.
FOUND = """
import functools, hashlib, http.server, json, pathlib, sys, threading
from tuf.api.metadata import Metadata
from tuf.ngclient import Updater
tree, scratch, target = map(pathlib.Path, sys.argv[1:])
asked = []


class Server(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        asked.append(self.path)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Server, directory=str(tree)))
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}"
kept = scratch / "metadata"
kept.mkdir(parents=True, exist_ok=True)
first = None if (kept / "root.json").exists() else (tree / "metadata" / "1.root.json").read_bytes()
updater = Updater(str(kept), f"{address}/metadata/", target_dir=str(scratch), target_base_url=f"{address}/targets/",
                  bootstrap=first)
info = updater.get_targetinfo(str(target))
bytes_ = pathlib.Path(updater.download_target(info)).read_bytes()
waiting, entries = ["targets"], {}
while waiting and str(target) not in entries:
    role = waiting.pop(0)
    signed = Metadata.from_file(str(kept / f"{role}.json")).signed
    entries = signed.targets
    below = signed.delegations.get_roles_for_target(str(target)) if signed.delegations else []
    waiting = [name for name, _ in below] + waiting
assert entries[str(target)] == info
print(json.dumps({"role": role, "version": signed.version, "sha256": info.hashes["sha256"], "length": info.length,
                  "bytes": hashlib.sha256(bytes_).hexdigest(), "asked": [path.split("/")[-1] for path in asked]}))
"""
# What the service does when an author vouches for a file that was signed after the fact: the online role lists it.
MOVE = """
import pathlib, sys
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, TargetFile
metadata, target, file, key = sys.argv[1:]
signer = CryptoSigner(load_pem_private_key(pathlib.Path(key).read_bytes(), None))
folder = pathlib.Path(metadata)


def publish(before, after, change):
    role = Metadata.from_file(str(folder / before))
    role.signed.version += 1
    change(role.signed)
    role.sign(signer)
    role.to_file(str(folder / after))


entry = TargetFile.from_file(target, file)
publish("1.packages.json", "2.packages.json", lambda signed: signed.targets.update({target: entry}))
publish("1.snapshot.json", "2.snapshot.json", lambda signed: signed.meta.update({"packages.json": MetaFile(2)}))
publish("timestamp.json", "timestamp.json", lambda signed: setattr(signed, "snapshot_meta", MetaFile(2)))
"""
# Two keyholders; the online key is made by the test, so that its private half is known.
SCRIPT = """ceremony: 2
title: Two keyholders
repository: Example repository
administrator: Administrator
witness: Witness
keyholders:
  ada: {name: Ada, card: record}
  boris: {name: Boris, card: record}
roles:
  root: {threshold: 2, keyholders: [ada, boris], expires: {days: 7}}
  targets: TARGETS
  snapshot: {threshold: 1, keys: [service]}
  timestamp: {threshold: 1, keys: [service]}
online-keys:
  service: {file: service.pem, sha256: SHA256}
steps:
  - {id: card-ada, do: provision, keyholder: ada}
  - {id: card-boris, do: provision, keyholder: boris}
ROLES
  - {id: close, do: close}
"""
ROLE = """  - {id: build-NAME, do: build, role: NAME}
  - {id: show-NAME, do: show, role: NAME}
  - {id: NAME-ada, do: sign, role: NAME, keyholder: ada}
  - {id: NAME-boris, do: sign, role: NAME, keyholder: boris}
  - {id: verify-NAME, do: verify, role: NAME}
  - {id: write-NAME, do: write, role: NAME}
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@unittest.skipUnless(PYTHON, "TUF_CEREMONY_PYTHON is not set")
class RepositoryTests(TestCase):
    def setUp(self):
        super().setUp()
        self.files = self.scratch / "files"
        (self.files / "packages").mkdir(parents=True)
        (self.files / "packages" / "demo-1.0.whl").write_text("demo 1.0\n")
        (self.files / "index.html").write_text("<p>demo</p>\n")

    def key(self, *kind, name="service"):
        """A private key of a service, as OpenSSL makes it."""
        path = self.scratch / f"{name}.key"
        subprocess.run(["openssl", "genpkey", *kind, "-out", path], check=True, capture_output=True)
        subprocess.run(["openssl", "pkey", "-in", path, "-pubout", "-out", self.scratch / f"{name}.pem"], check=True)
        return path

    def ceremony(self, is_offline=False, name="ceremony"):
        public = (self.scratch / "service.pem").read_bytes()
        roles = "".join(ROLE.replace("NAME", role) for role in (["root", "targets"] if is_offline else ["root"]))
        targets = "{threshold: 2, slot: 9a, keyholders: [ada, boris], expires: {days: 7}}" if is_offline \
            else "{threshold: 1, keys: [service]}"
        script = self.scratch / f"{name}.yaml"
        script.write_text(SCRIPT.replace("ROLES\n", roles).replace("TARGETS", targets)
                          .replace("SHA256", hashlib.sha256(public).hexdigest()))
        out = self.scratch / name
        self.assertEnds(rehearse(out, script), FINE)
        return out

    def export(self, folder, *options, name="tree"):
        out = self.scratch / name
        return out, run("tuf-audit", "export", folder, "--format", "repository", "--out", out, "--rehearsal", *options)

    def downloaded(self, tree, target, root="1.root.json", scratch=None):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tree)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        scratch = scratch or self.scratch / "client" / tree.name
        scratch.mkdir(parents=True, exist_ok=True)
        return subprocess.run(
            [PYTHON, "-c", DOWNLOAD, f"http://127.0.0.1:{server.server_port}", tree / "metadata" / root, target, scratch],
            capture_output=True, text=True, timeout=120)

    def assertDownloads(self, tree, target):
        done = self.downloaded(tree, target)
        self.assertEqual((done.returncode, done.stdout), (0, (self.files / target).read_text()), done.stderr)

    def test_clients_start_from_it_and_download_a_file(self):
        key = self.key("-algorithm", "ed25519")
        tree, done = self.export(self.ceremony(), "--targets", self.files, "--online-key", key)
        self.assertEnds(done, FINE)
        self.assertEqual(sorted(path.name for path in (tree / "metadata").iterdir()),
                         ["1.root.json", "1.snapshot.json", "1.targets.json", "timestamp.json"])
        self.assertSums(tree)
        self.assertIn(hashlib.sha256((tree / "SHA256SUMS").read_bytes()).hexdigest(), done.stdout)
        for target in ("index.html", "packages/demo-1.0.whl"):
            self.assertDownloads(tree, target)
        self.assertEqual(self.downloaded(tree, "absent").stdout, "no such target")
        done = run("tuf-audit", "verify", tree / "metadata", "--rehearsal")
        self.assertEqual(done.returncode, FINE, done.stdout)
        # Marked, and gone within the week, as all that a rehearsal makes.
        for name in ("1.targets.json", "1.snapshot.json", "timestamp.json"):
            self.assertTrue(json.loads((tree / "metadata" / name).read_text())["signed"]["x-tuf-ceremony-rehearsal"])

    def test_every_kind_of_online_key(self):
        for kind in (["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
                     ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
                     ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]):
            with self.subTest(kind):
                key, name = self.key(*kind), kind[-1].replace(":", "-")
                folder = self.ceremony(name=name)
                tree, done = self.export(folder, "--targets", self.files, "--online-key", key, name=f"{name}-tree")
                self.assertEnds(done, FINE)
                self.assertDownloads(tree, "index.html")

    def test_templates_are_signed_by_securesystemslib(self):
        key = self.key("-algorithm", "ed25519")
        tree, done = self.export(self.ceremony(is_offline=True), "--expiration", "timestamp=2", "--online-version", 7,
                                 "--at", "2026-11-30T00:00:00Z")
        self.assertEnds(done, FINE)
        self.assertIn("2 files in to-sign/", done.stdout)
        self.assertEqual(sorted(path.name for path in (tree / "to-sign").iterdir()), ["7.snapshot.json", "timestamp.json"])
        waiting = json.loads((tree / "to-sign" / "timestamp.json").read_text())
        self.assertEqual((waiting["signatures"], waiting["signed"]["expires"]), ([], "2026-12-02T00:00:00Z"))
        self.assertNotEqual(self.downloaded(tree, "index.html").returncode, 0)
        # The same once more is the same tree; a key that is of no role signs nothing.
        again, _ = self.export(self.scratch / "ceremony", "--expiration", "timestamp=2", "--online-version", 7,
                               "--at", "2026-11-30T00:00:00Z", name="again")
        self.assertEqual((tree / "SHA256SUMS").read_bytes(), (again / "SHA256SUMS").read_bytes())
        other = self.key("-algorithm", "ed25519", name="other")
        signed = subprocess.run([PYTHON, SIGN, again, other], capture_output=True, text=True, timeout=120)
        self.assertNotEqual(signed.returncode, 0)
        self.assertFalse((again / "metadata" / "timestamp.json").exists())
        # From today on, so that the client takes it.
        fresh, done = self.export(self.scratch / "ceremony", name="fresh")
        signed = subprocess.run([PYTHON, SIGN, fresh, key], capture_output=True, text=True, timeout=120)
        self.assertEqual(signed.returncode, 0, signed.stderr)
        self.assertEqual(self.downloaded(fresh, "index.html").stdout, "no such target")
        self.assertSums(fresh)
        # Nothing is written over.
        signed = subprocess.run([PYTHON, SIGN, fresh, key], capture_output=True, text=True, timeout=120)
        self.assertIn("FileExistsError", signed.stderr)

    def test_a_file_is_found_through_targets_bins_and_one_of_16384(self):
        """PEP 458's layout: targets and bins on cards, every bin-n online, and listed by nobody but the online key."""
        key = self.key("-algorithm", "ed25519")
        script = self.scratch / "full.yaml"
        every = ", ".join(f'"{digit:x}"' for digit in range(16))
        on_card = "{threshold: 1, keyholders: [WHO], expires: {days: 7}, delegations: {WHAT}}"
        targets = on_card.replace("WHO", "ada").replace("WHAT", "bins: {hash-prefixes: [%s]}" % every)
        bins = on_card.replace("WHO", "boris").replace("WHAT", "bin: {succinct: 16384}")
        steps = ROLE.replace("NAME", "root") + "".join(
            "".join(line + "\n" for line in ROLE.replace("NAME", role).splitlines() if f"-{other}," not in line)
            for role, other in (("targets", "boris"), ("bins", "ada")))
        public = (self.scratch / "service.pem").read_bytes()
        script.write_text(SCRIPT.replace("ROLES\n", steps)
                          .replace("TARGETS", f"{targets}\n  bins: {bins}\n  bin: {{threshold: 1, keys: [service]}}")
                          .replace("SHA256", hashlib.sha256(public).hexdigest()))
        folder = self.scratch / "ceremony"
        self.assertEnds(rehearse(folder, script), FINE)
        tree, done = self.export(folder, "--targets", self.files, "--online-key", key)
        self.assertEnds(done, FINE)
        self.assertEqual(len(list((tree / "metadata").glob("1.bin-*.json"))), 16384)
        for target in ("index.html", "packages/demo-1.0.whl"):
            self.assertDownloads(tree, target)
        self.assertEqual(self.downloaded(tree, "absent").stdout, "no such target")
        for name in ("1.root.json", "1.targets.json", "1.bins.json"):
            self.assertEqual((tree / "metadata" / name).read_bytes(), (folder / "metadata" / name).read_bytes())

    def found(self, tree, target, client="client"):
        """Where python-tuf finds a file, and what it downloads."""
        done = subprocess.run([PYTHON, "-c", FOUND, tree, self.scratch / client, target],
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_a_file_moves_from_backsigned_to_the_regular_role(self):
        key = self.key("-algorithm", "ed25519")
        public = subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"], capture_output=True,
                                check=True).stdout[-32:].hex()
        text = (RUNBOOK / "backsigned-delegation.yaml").read_text()
        script, files = self.scratch / "backsigned-delegation.yaml", self.scratch / "backsigned"
        changed, count = re.subn("ed25519: [0-9a-f]{64}", f"ed25519: {public}", text)
        self.assertEqual(count, 1)
        script.write_text(changed)
        shutil.copytree(RUNBOOK / "backsigned", files)
        moves, stays = sorted(path.relative_to(files).as_posix() for path in files.rglob("*.txt"))
        folder = self.scratch / "ceremony"
        self.assertEnds(rehearse(folder, script), FINE)
        tree, done = self.export(folder, "--targets", files, "--online-key", key)
        self.assertEnds(done, FINE)

        def entry(name, role, version):
            digest = hashlib.sha256((files / name).read_bytes()).hexdigest()
            return {"role": role, "version": version, "sha256": digest, "bytes": digest,
                    "length": (files / name).stat().st_size}

        def assertFound(name, role, version, *asked, client="client"):
            found = self.found(tree, name, client)
            asked_roles = [path for path in found.pop("asked") if path in roles]
            self.assertEqual((found, asked_roles), (entry(name, role, version), [*asked]))

        roles = {f"{version}.{role}.json" for version in (1, 2) for role in ("packages", "backsigned")}
        # The regular role is asked first, knows nothing of it, and does not end the search.
        for name in (moves, stays):
            assertFound(name, "backsigned", 1, "1.packages.json", "1.backsigned.json", client=f"client of {name[-7:]}")
        moved = subprocess.run([PYTHON, "-c", MOVE, tree / "metadata", moves, files / moves, key],
                               capture_output=True, text=True, timeout=120)
        self.assertEqual(moved.returncode, 0, moved.stderr)
        # A client that was there before, and one that comes now, which never asks backsigned; the other file stays.
        assertFound(moves, "packages", 2, "2.packages.json", client=f"client of {moves[-7:]}")
        assertFound(moves, "packages", 2, "2.packages.json", client="later")
        assertFound(stays, "backsigned", 1, "2.packages.json", client=f"client of {stays[-7:]}")
        # What was signed on cards is as it was: it lists the file still, and nobody is told so any more.
        name = "metadata/1.backsigned.json"
        self.assertEqual((tree / name).read_bytes(), (folder / name).read_bytes())
        self.assertIn(moves, json.loads((tree / name).read_text())["signed"]["targets"])

    def test_the_whole_way_by_one_command(self):
        programs = os.environ.get("PROGRAMS", str(ROOT / ".build" / "release"))
        settings = {**os.environ, "PROGRAMS": programs, "PYTHON": PYTHON}
        for script, asked in [([], "/metadata/1.targets.json"),
                              ([RUNBOOK / "pep458-full-genesis.yaml"], "/metadata/1.bins.json, /metadata/1.bin-")]:
            with self.subTest(script):
                command = [RUNBOOK / "publish-rehearsal", self.scratch / f"published{len(script)}", *script]
                done = subprocess.run(command, env=settings, capture_output=True, text=True)
                self.assertEqual(done.returncode, FINE, done.stdout + done.stderr)
                self.assertIn(asked, done.stdout)
                self.assertIn("and downloaded packages/demo-1.0.txt", done.stdout)
                again = subprocess.run(command, env=settings, capture_output=True, text=True)
                self.assertEqual(again.returncode, CANNOT_CREATE, again.stderr)
        self.assertNextYear(self.scratch / "published1")

    def assertNextYear(self, published):
        """The ceremony that `draft` writes after that one, and a client that has been there before it."""
        drafted, folder = published / "script" / "2.yaml", published / "ceremony-2"
        done = run("tuf-ceremony", "draft", "rotation", "--after", published / "ceremony", "--out", drafted)
        self.assertEqual(done.returncode, FINE, done.stderr)
        done = rehearse(folder, drafted, "--after", published / "ceremony")
        self.assertEqual(done.returncode, FINE, done.stderr)
        done = run("tuf-audit", "export", folder, "--format", "repository", "--rehearsal", "--with",
                   published / "ceremony" / "metadata" / "1.root.json", "--targets", published / "files", "--online-key",
                   published / "service.key", "--online-version", 2, "--out", published / "repository-2", "--with",
                   published / "repository" / "metadata" / "1.snapshot.json")
        self.assertEqual(done.returncode, FINE, done.stderr)
        self.assertNotIn("that clients", done.stdout)  # All that clients know is there again.
        tree = published / "repository-2"
        self.assertEqual(self.downloaded(tree, "packages/demo-1.0.txt", scratch=published / "client").stdout,
                         "published in a rehearsal\n")
        for name, version in [("root", 2), ("bins", 2), ("snapshot", 2)]:
            kept = json.loads((published / "client" / f"{name}.json").read_text())
            self.assertEqual(kept["signed"]["version"], version, name)
        second = subprocess.run([PYTHON, folder / "verify" / "verify_transcript.py", folder], capture_output=True, text=True)
        self.assertEqual(second.returncode, FINE, second.stdout)

    def test_what_is_refused(self):
        key = self.key("-algorithm", "ed25519")
        folder = self.ceremony()
        other = self.key("-algorithm", "ed25519", name="other")
        locked = self.scratch / "locked.key"
        subprocess.run(["openssl", "pkey", "-in", key, "-aes256", "-passout", "pass:x", "-out", locked], check=True)
        (self.scratch / "odd").mkdir()
        (self.scratch / "odd" / "link").symlink_to(self.files / "index.html")
        for options, ends, words in [
            (["--online-key", other], VIOLATION, "HAND-OVER"),
            (["--online-key", locked], VIOLATION, "ONLINE-KEY"),
            (["--online-key", self.scratch / "service.pem"], VIOLATION, "ONLINE-KEY"),
            (["--online-key", self.scratch / "absent"], NO_INPUT, "FILE-REFUSED"),
            (["--targets", self.scratch / "odd"], VIOLATION, "FILE-REFUSED"),
            (["--targets", self.scratch / "absent"], NO_INPUT, "FILE-REFUSED"),
            (["--with", folder / "metadata" / "1.root.json"], VIOLATION, "HAND-OVER"),
            (["--bins", 4], USAGE, ""),
            (["--online-version", 0], USAGE, ""),
        ]:
            with self.subTest(options):
                tree, done = self.export(folder, *options)
                self.assertEqual(done.returncode, ends, done.stdout + done.stderr)
                self.assertIn(words, done.stdout)
                self.assertFalse(tree.exists())
        done = run("tuf-audit", "export", folder, "--format", "repository", "--out", self.scratch / "x")
        self.assertEqual((done.returncode, "REHEARSAL" in done.stdout), (VIOLATION, True))
        (self.scratch / "taken").mkdir()
        self.assertEqual(self.export(folder, name="taken")[1].returncode, CANNOT_CREATE)
        self.assertEqual(list((self.scratch / "taken").iterdir()), [])
        done = run("tuf-audit", "export", folder, "--format", "bundle", "--out", self.scratch / "x", "--rehearsal",
                   "--targets", self.files)
        self.assertEnds(done, USAGE)
        # Targets whose keys lie on cards, signed by nobody here and listed by none.
        offline = self.ceremony(is_offline=True, name="offline")
        tree, done = self.export(offline, "--targets", self.files, "--online-key", key)
        self.assertEqual((done.returncode, tree.exists()), (VIOLATION, False))
        self.assertIn("no role that clients would ask", done.stdout)
