"""Keys that are made, used and wiped: where they are while they live, and what is left of them."""
import hashlib
import json
import mmap
import os
import re
import signal
import unittest

from programs import FINE, FIRST, Person, TestCase, python_tuf_opinion, run, second_opinion, token

try:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
except ImportError:
    Ed25519PrivateKey = None

ROLES = """  targets:
    threshold: 2
    one-time: 2
    expires: {days: 7}
"""
STEPS = """  - {id: build-targets, do: build, role: targets}
  - {id: show-targets, do: show, role: targets}
  - {id: use, do: use, role: targets}
  - {id: wipe, do: wipe}
"""


def script():
    """The first rehearsal, whose targets two one-time keys sign."""
    text = FIRST.read_text().replace("ceremony: 1", "ceremony: 2")
    for old, new in [
            ("  targets:\n    threshold: 1\n    keys: [service]\n", ROLES),
            ("  - id: build-root\n", "  - {id: make, do: make, role: targets}\n  - id: build-root\n"),
            ("  - id: sign-root-ada\n", STEPS + "  - id: sign-root-ada\n"),
            ("  - id: close\n", "  - {id: verify-targets, do: verify, role: targets}\n"
                                "  - {id: write-targets, do: write, role: targets}\n  - id: close\n")]:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def memory(pid):
    """Each part of what a process has in its memory."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as there:
        for line in maps:
            start, end = (int(part, 16) for part in line.split()[0].split("-"))
            if re.search(r"\[(vvar|vsyscall)", line):
                continue
            try:
                there.seek(start)
                yield line.rstrip(), there.read(end - start)
            except (OSError, ValueError, OverflowError):  # Pages of a device, or guard pages of libsodium.
                for page in range(start, end, mmap.PAGESIZE) if end - start < 1 << 20 else ():
                    try:
                        there.seek(page)
                        yield line.rstrip(), there.read(mmap.PAGESIZE)
                    except OSError:
                        pass


def private_halves(pid, public):
    """The seeds that stand in memory before a public half, as libsodium keeps the two, and are its own."""
    found = set()
    for _, part in memory(pid):
        place = part.find(public)
        while place >= 0:
            seed = part[place - 32:place]
            if len(seed) == 32:
                made = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
                found |= {seed} if made == public else set()
            place = part.find(public, place + 1)
    return found


def places(pid, seed):
    """Where in memory a seed stands, or what Ed25519 makes of it (RFC 8032 §5.1.5)."""
    expanded = bytearray(hashlib.sha512(seed).digest())
    scalar = bytes([expanded[0] & 248]) + bytes(expanded[1:31]) + bytes([expanded[31] & 63 | 64])
    patterns = {"seed": seed, "scalar": scalar, "hash": bytes(expanded[:32]), "prefix": bytes(expanded[32:]),
                "hex": seed.hex().encode()}
    return [(what, line) for line, part in memory(pid) for what, pattern in patterns.items() if pattern in part]


@unittest.skipUnless(Ed25519PrivateKey, "the package cryptography is not installed")
class OneTimeTests(TestCase):
    def setUp(self):
        super().setUp()
        self.script, self.out = self.scratch / "one-time.yaml", self.scratch / "out"
        self.script.write_text(script())

    def records(self, kind):
        lines = (self.out / "transcript.jsonl").read_text().splitlines()
        return [record["body"] for record in map(json.loads, lines) if record["kind"] == kind]

    def goes_on_to(self, person, title):
        while title not in (screen := person.is_asked_or_done() or self.fail(f"never came to {title}")):
            person.answers(token(screen))
        return screen

    def test_after_the_wiping_no_memory_and_no_file_has_a_private_half(self):
        person = self.enterContext(Person("rehearse", self.script, "--out", self.out))
        screen = self.goes_on_to(person, "the one-time keys sign these bytes")
        public = [bytes.fromhex(body["public"]) for body in self.records("one-time")]
        self.assertEqual(len(public), 2)
        # Before they sign each is there, or this looks in the wrong place.
        seeds = [private_halves(person.process, key) for key in public]
        self.assertEqual([len(found) for found in seeds], [1, 1])
        person.answers(token(screen))
        screen = self.goes_on_to(person, "were wiped from memory")
        self.assertEqual(self.records("one-time")[-1], {"work": "wipe", "keys": 2})
        for seed in set.union(*seeds):
            self.assertEqual(places(person.process, seed), [])
        while screen:
            person.answers(token(screen))
            screen = person.is_asked_or_done()
        status, words = person.ends()
        self.assertEqual(status, FINE, words)
        replay = run("tuf-audit", "replay", self.out)
        self.assertEqual(replay.returncode, FINE, replay.stdout)
        self.assertIn("nobody has a copy of a one-time key", replay.stdout)
        for path in self.out.rglob("*"):
            content = path.read_bytes() if path.is_file() else b""
            for seed in set.union(*seeds):
                for form in (seed, seed.hex().encode()):
                    self.assertNotIn(form, content, path)

    def test_killed_between_signing_and_wiping(self):
        """The keys are gone with the program: others are made, and what named the old ones is built anew."""
        person = self.enterContext(Person("rehearse", self.script, "--out", self.out))
        person.answers(token(self.goes_on_to(person, "the one-time keys sign these bytes")))
        self.goes_on_to(person, "were wiped from memory")
        # The last record of the first signature is kept whole, as if the power had gone then.
        os.kill(person.process, signal.SIGKILL)
        lines = (self.out / "transcript.jsonl").read_text().splitlines(keepends=True)
        signed = next(i for i, line in enumerate(lines) if json.loads(line)["body"].get("work") == "sign")
        (self.out / "transcript.jsonl").write_text("".join(lines[:signed + 1]))
        lost = [body["public"] for body in self.records("one-time") if body["work"] == "make"]
        done = run("tuf-ceremony", "resume", self.out, "--unattended")
        self.assertEqual(done.returncode, FINE, done.stderr)
        self.assertEqual([body["code"] for body in self.records("exception")], ["ONE-TIME-LOST"])
        made = [body["public"] for body in self.records("one-time") if body["work"] == "make"]
        self.assertEqual((len(made), made[:2]), (4, lost))
        root = (self.out / "metadata" / "1.root.json").read_text()
        self.assertEqual([key in root for key in made], [False, False, True, True])
        self.assertReplay(self.out, FINE)
        second = second_opinion(self.out)
        self.assertTrue(second is None or second.returncode == FINE, second and second.stdout)
        accepted = python_tuf_opinion(self.out / "metadata" / "1.root.json")
        self.assertTrue(accepted is None or accepted.returncode == FINE, accepted)
