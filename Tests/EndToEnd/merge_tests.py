"""Signatures from elsewhere, joined, and judged by python-tuf, by its client and by hand."""
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import unittest

from programs import CANNOT_CREATE, FINE, LESS, NO_INPUT, ROOT, RUNBOOK, USAGE, VIOLATION, TestCase, rehearse, run

sys.path.append(str(ROOT / "Tests/Generators"))
from bundle import bundle  # noqa: E402  # Found by the line above.

PYTHON = os.environ.get("TUF_CEREMONY_PYTHON")
FORMS = ["plain", "tuf-on-ci", "rstuf"]
# Both sides, as python-tuf counts them.
SIDES = """
import sys
from tuf.api.metadata import Metadata, Root
old, new = (Metadata[Root].from_file(path) for path in sys.argv[1:])
for side in (old, new):
    side.signed.verify_delegate("root", new.signed_bytes, new.signatures)
"""
SCHEMA = """
import json, sys, jsonschema
jsonschema.validate(json.load(sys.stdin), json.load(open(sys.argv[1])), cls=jsonschema.Draft202012Validator)
"""


@unittest.skipUnless(PYTHON, "TUF_CEREMONY_PYTHON is not set")
class MergeTests(TestCase):
    def made(self, form="plain"):
        """What Tests/Generators/pending.py makes; and answer.tar, which is dora's copy in the form of an answer. There is no
        ceremony in it that would prove anything."""
        folder = self.scratch / form
        subprocess.run([PYTHON, "-B", ROOT / "Tests/Generators/pending.py", folder, form], check=True, timeout=120)
        copy = json.loads((folder / "dora.json").read_text())
        [keyid] = [each["keyid"] for each in copy["signatures"] if each["sig"]]
        done = run("tuf-ceremony", "request", folder / "dora.json", "--for", keyid, "--trusted",
                   folder / "repository/1.root.json", "--out", folder / "request.json")
        self.assertEnds(done, FINE)
        (folder / "answer.tar").write_bytes(bundle({
            "inputs/request.json": (folder / "request.json").read_bytes(),
            "pending/2.root.json": (folder / "dora.json").read_bytes()}))
        return folder

    def merge(self, *arguments, out="joined"):
        out = self.scratch / out
        return out, run("tuf-ceremony", "merge", *arguments, "--out", out)

    def by_python(self, code, *arguments, **options):
        return subprocess.run([PYTHON, "-B", "-c", code, *map(str, arguments)], capture_output=True, text=True, timeout=120,
                              **options)

    def test_foreign_roots_are_complete_when_both_sides_have_signed(self):
        for form in FORMS:
            with self.subTest(form):
                folder = self.made(form)
                trusted = folder / "repository/1.root.json"
                copies = [folder / f"{name}.json" for name in ("ada", "boris", "dora")]
                out, done = self.merge(copies[0], copies[2], "--trusted", trusted, out=f"{form}-few")
                self.assertEnds(done, LESS)
                self.assertIn("old side, by the keys of root version 1: 1 valid of 2 needed, 1 more needed", done.stdout)
                self.assertIn("new side, by its own keys: 1 valid of 2 needed, 1 more needed", done.stdout)
                self.assertNotEqual(self.by_python(SIDES, trusted, out / "pending/2.root.json").returncode, 0)

                # What was joined is joined with what comes later.
                out, done = self.merge(out / "pending/2.root.json", copies[1], "--trusted", trusted, out=f"{form}-all")
                self.assertEnds(done, FINE)
                joined = out / "pending/2.root.json"
                done = self.by_python(SIDES, trusted, joined)
                self.assertEqual(done.returncode, 0, done.stderr)
                signed = json.loads(joined.read_text())
                self.assertEqual(signed["signed"], json.loads(copies[0].read_text())["signed"])
                self.assertEqual(len(signed["signatures"]), 3)
                self.assertTrue(all(each["sig"] for each in signed["signatures"]))
                self.assertEqual(self.client(folder, joined), ["ok", ""])
                self.assertEqual(run("tuf-audit", "verify", folder / "repository").returncode, FINE)

                self.by_hand(folder, out)

    def client(self, folder, joined):
        """What python-tuf's client does, which has version 1, when it is given what was joined."""
        shutil.copy(joined, folder / "repository/2.root.json")
        (folder / "table.json").write_text(json.dumps([{"name": "repository", "target": "none"}]))
        done = subprocess.run([PYTHON, "-B", ROOT / "Tests/Peers/ngclient.py", folder], check=True, timeout=120,
                              stdout=subprocess.PIPE, text=True)
        return json.loads(done.stdout)["repository"]

    def by_hand(self, folder, out):
        """The lines of the Runbook find every signature, and end with an error where one was changed."""
        section = (RUNBOOK / "ELSEWHERE.md").read_text().split("### By hand")[1]
        [block] = re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
        block = block.replace("=joined/pending/4.root.json", f"={out}/pending/2.root.json", 1)
        block = block.replace("=3.root.json", f"={folder}/repository/1.root.json", 1)
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", block], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        path = out / "pending/2.root.json"
        file = json.loads(path.read_text())
        self.assertEqual(done.stdout.split()[2:], [each["keyid"] for each in file["signatures"]])
        code = "import sys,hashlib; from tuf.api.metadata import Metadata; " \
            "print(hashlib.sha256(Metadata.from_file(sys.argv[1]).signed_bytes).hexdigest())"
        self.assertEqual(done.stdout.split()[0], self.by_python(code, path).stdout.strip())
        for number in range(len(file["signatures"])):
            changed = json.loads(path.read_text())
            sig = changed["signatures"][number]["sig"]
            changed["signatures"][number]["sig"] = sig[:-2] + f"{int(sig[-2:], 16) ^ 1:02x}"
            bad = self.scratch / "bad.json"
            bad.write_text(json.dumps(changed))
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", block.replace(str(path), str(bad), 1)],
                                  capture_output=True, text=True, timeout=120)
            self.assertNotEqual(done.returncode, 0, f"signature {number} was changed")

    def test_order_and_repetition_change_nothing(self):
        folder = self.made()
        # Boris's key never signs the same way twice: one of two valid signatures is taken.
        paths = [folder / name for name in ("boris.json", "boris-again.json", "ada.json", "answer.tar", "chandra.json")]
        self.assertNotEqual(paths[0].read_bytes(), paths[1].read_bytes())
        results = []
        for number, order in enumerate([paths, paths[::-1], paths[2:] + paths + paths[:2]]):
            out, done = self.merge(*order, out=f"joined-{number}")
            self.assertEnds(done, FINE, "warning ANSWER-UNSOUND")
            self.assertIn("no threshold was judged", done.stdout)
            self.assertIn("not checked: the root before may name its key", done.stdout)
            results.append({str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()})
        self.assertEqual(results[0], results[1])
        self.assertEqual(results[0], results[2])
        self.assertEqual(sorted(results[0].values()),
                         sorted([path.read_bytes() for path in paths] + [results[0]["pending/2.root.json"]]))
        self.assertEqual(len(json.loads(results[0]["pending/2.root.json"])["signatures"]), 4)

    def test_nothing_is_written_for_what_is_refused(self):
        folder = self.made()
        ada, boris = folder / "ada.json", folder / "boris.json"
        other = json.loads(boris.read_text())
        other["signed"]["expires"] = "2030-01-01T00:00:00Z"
        (folder / "other.json").write_text(json.dumps(other))
        large = json.loads(boris.read_text())
        large["x-large"] = "a" * (1 << 20)
        (folder / "large.json").write_text(json.dumps(large))
        (folder / "huge.json").write_bytes(b" " * (4 << 20) + b" ")
        (folder / "link.json").symlink_to(boris)
        os.mkfifo(folder / "pipe.json")
        one, two = folder / "repository/1.root.json", folder / "repository/1.targets.json"
        for paths, status, code in [
            ([folder / "absent.json"], NO_INPUT, "UNREADABLE"), ([folder / "link.json"], VIOLATION, "FILE-REFUSED"),
            ([folder / "pipe.json"], VIOLATION, "FILE-REFUSED"), ([folder], VIOLATION, "FILE-REFUSED"),
            ([folder / "large.json"], VIOLATION, "FILE-REFUSED"), ([folder / "huge.json"], VIOLATION, "FILE-REFUSED"),
            ([folder / "other.json"], VIOLATION, "MERGE-CONTENT"), ([one], VIOLATION, "MERGE-VERSION"),
            ([two], VIOLATION, "MERGE-ROLE"), ([boris, "--trusted", folder / "absent.json"], NO_INPUT, "UNREADABLE"),
            ([boris, "--trusted", folder / "ada.json"], VIOLATION, "ROOT-THRESHOLD-NEW"),
            ([boris, "--trusted", two], VIOLATION, "METADATA-TYPE"), ([boris, "--role", "x"], VIOLATION, "MERGE-ROLE"),
        ]:
            for options in ([], ["--format", "json"]):
                with self.subTest(paths=paths[0], options=options):
                    out, done = self.merge(ada, *paths, *options)
                    self.assertEnds(done, status, f"error {code}")
                    self.assertFalse(out.exists())
                    if options:
                        self.fits(done)
        for wrong in ([], ["--trusted", one], [ada, "--format", "xml"]):
            out, done = self.merge(*wrong)
            self.assertEnds(done, USAGE)
            self.assertFalse(out.exists())
        self.scratch.joinpath("joined").mkdir()
        out, done = self.merge(ada, "--format", "json")
        self.assertEnds(done, CANNOT_CREATE, "CANNOT-CREATE")
        self.fits(done)
        self.assertEqual(list(out.iterdir()), [])

    def fits(self, done):
        judged = self.by_python(SCHEMA, RUNBOOK / "schemas/merge.schema.json", input=done.stdout)
        self.assertEqual(judged.returncode, 0, judged.stderr[-2000:])
        self.assertEqual(json.loads(done.stdout)["exit"], done.returncode)
        return json.loads(done.stdout)

    def test_what_machines_are_told(self):
        folder = self.made("rstuf")
        trusted = folder / "repository/1.root.json"
        paths = [folder / name for name in ("ada.json", "boris.json", "answer.tar")]
        out, done = self.merge(*paths, "--format", "json")
        self.assertEnds(done, FINE)
        said = self.fits(done)
        self.assertEqual((said["sides"], said["pending"], said["trusted"]), (None, None, None))
        self.assertEqual([each["checked"] for each in said["signatures"]].count(False), 1)
        self.assertEqual([each["code"] for each in said["findings"]], ["ANSWER-UNSOUND"])
        self.assertEqual({each["file"] for each in said["parts"]}, {f"parts/{path.name}" for path in (out / "parts").iterdir()})
        _, done = self.merge(*paths, "--format", "json", "--trusted", trusted, out="counted")
        self.assertEnds(done, FINE)
        said = self.fits(done)
        self.assertEqual([said["sides"][side]["valid"] for side in ("old", "new")], [2, 2])
        _, done = self.merge(paths[0], "--format", "json", "--trusted", trusted, out="short")
        self.assertEnds(done, LESS)
        self.assertEqual((self.fits(done)["pending"], json.loads(done.stdout)["sides"]["new"]["valid"]), (True, 0))

    def test_a_rehearsal_says_so(self):
        folder = self.made()
        marked = json.loads((folder / "ada.json").read_text())
        marked["signed"]["x-tuf-ceremony-rehearsal"] = True
        (folder / "marked.json").write_text(json.dumps(marked))
        out, done = self.merge(folder / "ada.json", folder / "marked.json")
        self.assertEnds(done, VIOLATION, "error MERGE-REHEARSAL")
        self.assertFalse(out.exists())
        # Ada's key is not the root's own, so nothing here knows whether her signature holds.
        _, done = self.merge(folder / "marked.json", out="marked")
        self.assertEnds(done, FINE)
        self.assertTrue(done.stdout.startswith("REHEARSAL:"), done.stdout)


class AnsweredTests(TestCase):
    """A ceremony that ended pending, and what two keyholders sign at home."""

    def pending(self):
        first, script = self.scratch / "first", self.scratch / "script" / "rotation.yaml"
        self.assertEnds(rehearse(first, RUNBOOK / "root-only-genesis.yaml"), FINE)
        script.parent.mkdir()
        shutil.copy(RUNBOOK / "online-stand-in.pem", script.parent)
        self.assertEnds(run("tuf-ceremony", "draft", "rotation", "--after", first, "--out", script), FINE)
        text = script.read_text()
        for who in ("chandra", "dalia", "emeka"):
            text, count = re.subn(rf"(  {who}:\n    name: \w+\n    card: record\n)", r"\1    absent: pending\n", text)
            self.assertEqual(count, 1)
            text = re.sub(rf"\n  - id: [a-z-]+-{who}\n(?:    .*\n)+", "\n", text)
        script.write_text(text)
        second = self.scratch / "second"
        self.assertEqual(rehearse(second, script, "--after", first).returncode, LESS)
        return first / "metadata/1.root.json", second

    def answer(self, second, who):
        request, out = self.scratch / f"{who}.json", self.scratch / who
        self.assertEnds(run("tuf-ceremony", "request", second, "--for", who, "--out", request), FINE)
        self.assertEnds(run("tuf-ceremony", "sign", request, "--rehearsal", "--unattended", "--out", out), FINE)
        return self.scratch / f"{who}.tar"

    def merge(self, *arguments, out="joined"):
        out = self.scratch / out
        return out, run("tuf-ceremony", "merge", *arguments, "--out", out)

    def test_answers_are_witnessed_by_their_ceremonies(self):
        trusted, second = self.pending()
        waiting, chandra, dalia = second / "pending/2.root.json", *(self.answer(second, who) for who in ("chandra", "dalia"))
        out, done = self.merge(waiting, "--trusted", trusted, out="waiting")
        self.assertEnds(done, LESS)
        self.assertIn("REHEARSAL", done.stdout)
        out, done = self.merge(chandra, waiting, dalia, "--trusted", trusted)
        self.assertEnds(done, FINE)
        self.assertEqual(done.stdout.count("valid, witnessed by its ceremony"), 2)
        self.assertIn("old side, by the keys of root version 1: 4 valid of 3 needed", done.stdout)
        other, done = self.merge(dalia, dalia, waiting, chandra, waiting, out="again")
        self.assertEnds(done, FINE)
        self.assertEqual((out / "pending/2.root.json").read_bytes(), (other / "pending/2.root.json").read_bytes())

        # One byte of the page is another one: the signature holds, and how it was made is not known.
        changed = bytearray(chandra.read_bytes())
        with tarfile.open(chandra) as archive:
            changed[archive.getmember("ceremony/report.html").offset_data] ^= 1
        doubtful = self.scratch / "doubtful.tar"
        doubtful.write_bytes(changed)
        _, done = self.merge(doubtful, waiting, out="doubtful")
        self.assertEnds(done, FINE, f"warning ANSWER-UNSOUND ({doubtful})", "PRODUCT-CHANGED")
        self.assertNotIn("witnessed", done.stdout)
