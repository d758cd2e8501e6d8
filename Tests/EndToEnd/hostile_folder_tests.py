"""A folder that somebody else made: whatever stands in it is refused, named, and costs little memory."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from programs import FINE, FIRST, ROOT, VIOLATION, TestCase, program, rehearse, run

GIGABYTE = 1 << 30
# In KiB; a replay of the sound folder takes about 30 MB.
MEMORY = 64 << 10
LINE = 1 << 20
# A small process between, because a child's peak counts from the memory of the one that started it.
MEASURED = """
import os, sys
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(process, 0)
os.write(2, b"\\n%d" % usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def sparse(path, content=b"", size=GIGABYTE):
    """A file that begins with `content` and goes on with zeros, which take no room on the disk."""
    path.write_bytes(content)
    os.truncate(path, size)


def chained(lines, place, *more, after="0" * 64):
    """The records with others put in before `place`, each linked to the one before, as anybody can do."""
    records = [json.loads(line) for line in lines]
    common = {key: records[place - 1][key] for key in ("at", "mono", "step")}
    records[place:place] = [{**common, "kind": kind, "body": body} for kind, body in more]
    head, result = after, []
    for seq, record in enumerate(records):
        record |= {"seq": seq, "prev": head}
        line = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        head = hashlib.sha256(line).hexdigest()
        result.append(line + b"\n")
    return result


def gone_on_often(lines):
    """The records with a hundred of nearly a MiB before a question, as any program may put them in, and the number of that
    question: nobody asked who is still here, which comes first where a ceremony went on."""
    records = [json.loads(line) for line in lines]
    begun, long = records[0]["body"], "x" * (LINE - 1000)
    place = next(record["seq"] for record in records[40:] if "prompt" in record["body"])
    resume = {name: begun[name] for name in ("engine", "program", "unattended")}
    more = [("interruption", {"reason": long}), ("resume", resume)] * 100
    return chained(lines, place, *more), place + len(more)


class HostileFolderTests(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sound = pathlib.Path(tempfile.mkdtemp(dir=cls.place)) / "sound"
        cls.addClassCleanup(shutil.rmtree, cls.sound.parent)
        done = rehearse(cls.sound, FIRST, "--seed", 1)
        assert done.returncode == FINE, done.stderr
        cls.lines = (cls.sound / "transcript.jsonl").read_bytes().splitlines(keepends=True)

    def replay(self, folder):
        """Exit code, finding codes with their places, and the peak memory in KiB."""
        done = subprocess.run(
            [sys.executable, "-ISc", MEASURED, program("tuf-audit"), "replay", folder, "--format", "json"],
            stdin=subprocess.DEVNULL, capture_output=True)
        words, _, memory = done.stderr.decode().rpartition("\n")
        self.assertNoCrash(words)
        findings = json.loads(done.stdout)["findings"]
        return done.returncode, [(found["code"], found.get("place")) for found in findings], int(memory)

    def assertRefused(self, change, code, place):
        """After `change` to a copy of the sound folder the first finding has this code and names this place."""
        folder = self.scratch / "folder"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.sound, folder)
        change(folder)
        status, found, memory = self.replay(folder)
        self.assertEqual(status, VIOLATION)
        self.assertEqual(found[0][0], code, found)
        self.assertIn(place, found[0][1], found)
        self.assertLess(memory, MEMORY)

    def test_the_sound_folder(self):
        status, found, memory = self.replay(self.sound)
        self.assertEqual((status, found), (FINE, []))
        self.assertLess(memory, MEMORY)

    def test_names_that_no_path_of_ours_has(self):
        """In annex/ people may call a file what they like; elsewhere it is named, and the rest is judged all the same."""
        names = [b"my photo.jpg", b"caf\xe9.jpg", "\u0301mark".encode(), b"a/b/c/d/e/f/g/h/deep.jpg", b"-", b"\x1b[31m"]
        for name in names:
            for place in (b"annex", b"metadata"):
                with self.subTest(name, place=place):
                    folder = self.scratch / "folder"
                    shutil.rmtree(folder, ignore_errors=True)
                    shutil.copytree(self.sound, folder)
                    path = os.path.join(os.fsencode(folder), place, name)
                    os.makedirs(os.path.dirname(path), exist_ok=True)
                    with open(path, "wb"):
                        pass
                    status, found, _ = self.replay(folder)
                    if place == b"annex":
                        self.assertEqual((status, found), (FINE, []))
                        continue
                    # A page about other files than there were then may differ, too.
                    self.assertEqual((status, found[0][0]), (VIOLATION, "FILE-UNKNOWN"))
                    self.assertTrue(found[0][1].startswith("metadata/"), found)

    def test_transcripts(self):
        lines, cases = self.lines, {}
        text = b"".join(lines)
        first, rest = lines[0], b"".join(lines[1:])
        malformed = "RECORD-MALFORMED"
        cases["empty"] = (b"", "TRANSCRIPT-EMPTY", "transcript.jsonl")
        cases["an empty line"] = (b"\n", malformed, "record 0")
        cases["cut inside a record"] = (text[:-100], "TRANSCRIPT-TORN", "transcript.jsonl record")
        cases["cut after a record"] = (b"".join(lines[:40]), "CEREMONY-INCOMPLETE", "record 40")
        cases["not UTF-8"] = (first + rest.replace(b'"kind"', b'"k\xffnd"', 1), malformed, "record 1")
        cases["UTF-16"] = (text.decode().encode("utf-16"), malformed, "record 0")
        cases["a byte-order mark"] = (b"\xef\xbb\xbf" + text, malformed, "record 0")
        cases["a zero byte"] = (first + b"\0" + rest, malformed, "record 1")
        cases["Windows' newlines"] = (text.replace(b"\n", b"\r\n"), malformed, "record 0")
        cases["white space"] = (first + b" " + rest, malformed, "record 1")
        cases["nesting, as much as a line holds"] = (first + b"[" * LINE + b"\n", malformed, "record 1")
        cases["a line of a byte too many"] = (first + b"[" * (LINE + 1) + b"\n", malformed, "record 1")
        cases["not a record"] = (first + b"[]\n" + rest, malformed, "record 1")
        for what, (content, code, place) in cases.items():
            with self.subTest(what):
                self.assertRefused(lambda folder: (folder / "transcript.jsonl").write_bytes(content), code, place)

    def test_a_gigabyte(self):
        for name in ("transcript.jsonl", "sealing.jsonl"):
            start = (self.sound / name).read_bytes().splitlines(keepends=True)[0]
            contents = {
                "an endless line": b"", "an endless line after a record": start, "an endless text": start + b'{"at":"',
                "endless nesting": start + b"[" * (2 * LINE), "endless nesting of objects": start + b'{"a":' * LINE,
            }
            for what, content in contents.items():
                with self.subTest(what, name=name):
                    self.assertRefused(
                        lambda folder: sparse(folder / name, content), "RECORD-MALFORMED",
                        f"{name} record {content.count(start)}")
        for name in ("script.yaml", "metadata/1.root.json", "seal.dsse.json", "SHA256SUMS", "REHEARSAL"):
            with self.subTest(name):
                self.assertRefused(lambda folder: sparse(folder / name), "FILE-REFUSED", name)

    def test_a_transcript_longer_than_memory_should_be(self):
        """What follows the last of them is reached."""
        lines, place = gone_on_often(self.lines)
        self.assertRefused(
            lambda folder: (folder / "transcript.jsonl").write_bytes(b"".join(lines)), "DIVERGENCE",
            f"transcript.jsonl record {place}")

    def test_a_path_that_leaves_the_folder(self):
        for path in ("../../etc/hostname", "/etc/hostname", "metadata/../script.yaml"):
            with self.subTest(path):
                place = next(i for i, line in enumerate(self.lines) if b'"kind":"write"' in line)
                record = json.loads(self.lines[place])
                record["body"]["path"] = path
                lines = [*self.lines[:place], json.dumps(record).encode(), *self.lines[place + 1:]]
                self.assertRefused(
                    lambda folder: (folder / "transcript.jsonl").write_bytes(b"".join(chained(lines, 1))), "DIVERGENCE",
                    f"transcript.jsonl record {place}")

    def test_what_is_no_file(self):
        def link(path):
            path.rename(path.with_suffix(".kept"))
            path.symlink_to(path.with_suffix(".kept").name)

        def folder_of_files(path):
            path.mkdir()
            (path / "a").touch()

        replacements = {
            "a link to the very file": link,
            "a link to a device": lambda path: path.symlink_to("/dev/zero"),
            "a link to nowhere": lambda path: path.symlink_to("nowhere"),
            "a link to itself": lambda path: path.symlink_to(path.name),
            "a pipe": os.mkfifo,
            "a folder": folder_of_files,
        }
        for name in ("transcript.jsonl", "sealing.jsonl", "script.yaml", "metadata/1.root.json", "SHA256SUMS"):
            for what, replace in replacements.items():
                with self.subTest(what, name=name):
                    def change(folder):
                        if replace is not link:
                            (folder / name).unlink()
                        replace(folder / name)
                    self.assertRefused(change, "FILE-REFUSED", name)

    def test_a_device(self):
        if os.getuid() != 0:
            self.skipTest("only root can make a device")

        def change(folder):
            (folder / "transcript.jsonl").unlink()
            os.mknod(folder / "transcript.jsonl", 0o600 | 0o020000, os.makedev(1, 5))

        try:
            os.mknod(self.scratch / "device", 0o600 | 0o020000, os.makedev(1, 5))
        except PermissionError:
            self.skipTest("root of a container may not make a device")
        self.assertRefused(change, "FILE-REFUSED", "transcript.jsonl")

    def test_a_linked_folder(self):
        def change(folder):
            (folder / "metadata").rename(folder.with_name("elsewhere"))
            (folder / "metadata").symlink_to(folder.with_name("elsewhere"))

        self.assertRefused(change, "FILE-UNKNOWN", "metadata")

    def test_nothing_in_a_folder_moves_the_auditors_cursor(self):
        folder, path = self.scratch / "folder", "cards/20000001/card.json"
        shutil.copytree(self.sound, folder)
        hostile = "\u009b2J\u202eATTESTED"
        card = json.loads((folder / path).read_bytes()) | {"keyholder": hostile}
        content = json.dumps(card, ensure_ascii=False).encode()
        (folder / path).write_bytes(content)
        # Whoever writes records anew cannot sign the proofs of keys.
        records = [json.loads(line) for line in self.lines]
        records = [r for r in records if r["kind"] != "proof" and r["body"].get("role") != "proof"]
        for record in records:
            if record["kind"] == "write" and record["body"]["path"] == path:
                record["body"]["sha256"] = hashlib.sha256(content).hexdigest()
        lines = chained(map(json.dumps, records), 1)
        (folder / "transcript.jsonl").write_bytes(b"".join(lines))
        head = hashlib.sha256(lines[-1][:-1]).hexdigest()
        sealing = [json.loads(line) for line in (self.sound / "sealing.jsonl").read_bytes().splitlines()]
        sealing[0]["body"]["digests"][0]["sha256"] = head
        (folder / "sealing.jsonl").write_bytes(b"".join(chained(map(json.dumps, sealing), 1, after=head)))
        stopped = self.scratch / "stopped"
        shutil.copytree(self.sound, stopped)
        lines = chained(self.lines[:40], 40, ("interruption", {"reason": hostile}))
        (stopped / "transcript.jsonl").write_bytes(b"".join(lines))
        for folder in folder, stopped:
            for command in "attest", "replay", "report":
                with self.subTest(folder.name, command=command):
                    page = ["--out", self.scratch / f"{folder.name}.html"] * (command == "report")
                    done = run("tuf-audit", command, folder, *page)
                    self.assertEqual(done.returncode, VIOLATION)
                    said = done.stdout + done.stderr
                    for control in "\u009b", "\u202e":
                        self.assertNotIn(control, said)
                    # A card's file names whom the script does not; why it stopped nobody but the record says.
                    self.assertEqual("(\\u{9b}2J\\u{202e}ATTESTED)" in said, folder == stopped)
