"""Keyholders at home: a foreign root is signed by two of them, and a ceremony in two places is held at two terminals."""

import datetime
import json
import os
import pathlib
import shutil
import subprocess
import time

import person
from rooms import InARoom
from served import ServedCard, audit, ceremony
from tuf.api.metadata import Metadata, Root

SERVICE = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
PEOPLE = {"ada": 81, "boris": 82}
CARDS = "cards: {attestation: optional}"


def expires(days):
    return f"{datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days):%Y-%m-%dT00:00:00Z}"


def roles(days):
    return f"""roles:
  root: {{threshold: 2, keyholders: [ada, boris], expires: {expires(days)}}}
  targets: {{threshold: 1, keys: [service]}}
  snapshot: {{threshold: 1, keys: [service]}}
  timestamp: {{threshold: 1, keys: [service]}}
online-keys:
  service: {{ed25519: {SERVICE}}}
"""


TOP = """ceremony: 2
title: Two keyholders
repository: Example repository
administrator: Administrator
witness: Witness
"""
END = ["{id: verify, do: verify, role: root}", "{id: write, do: write, role: root}", "{id: close, do: close}"]


class Collecting(person.Room):
    """Takes what lies in the folder for answers once, hears whoever reads, and goes on."""

    taken = False

    def answer(self, screen):
        tokens = self.tokens(screen)
        if "heard" in tokens:
            return "heard"
        if "take" in tokens:
            if self.taken:
                return "done"
            self.taken = True
            return "take"
        return super().answer(screen)


class TwoPlaces(InARoom):
    models = ["bare"]
    is_real = True

    def setUp(self):
        super().setUp()
        self.first = os.path.join(self.folder, "first")
        self.people = {who: person.Keyholder(who.capitalize(), None, f"1357246{place}", f"8642135{place}")
                       for place, who in enumerate(PEOPLE)}
        for place, who in enumerate(PEOPLE):
            card = ServedCard(place, PEOPLE[who], self.model, unmarked=True)
            self.addCleanup(card.take_out)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def hold(self, kind, *arguments):
        room = kind(*arguments, **self.people)
        self.addCleanup(room.leave)
        self.assertEqual(room.to_the_end(), 0, room.transcript[-3000:])
        return room

    def genesis(self):
        steps = [f"{{id: card-{who}, do: provision, keyholder: {who}}}" for who in PEOPLE]
        steps += ["{id: build, do: build, role: root}", "{id: show, do: show, role: root}"]
        steps += [f"{{id: sign-{who}, do: sign, role: root, keyholder: {who}}}" for who in PEOPLE] + END
        script = pathlib.Path(self.path("first.yaml"))
        people = "".join(f"  {who}: {{name: {who.capitalize()}, card: {PEOPLE[who]}}}\n" for who in PEOPLE)
        script.write_text(
            f"{TOP}keyholders:\n{people}{CARDS}\n{roles(300)}steps:\n" + "".join(f"  - {step}\n" for step in steps))
        self.hold(person.Room, "run", script, "--out", self.first)
        return pathlib.Path(self.first, "metadata", "1.root.json")

    def sign(self, who, request, out, *arguments):
        return self.hold(person.Room, "sign", request, "--out", out, "--card", str(PEOPLE[who]), *arguments)

    def test_a_root_that_another_program_made(self):
        first = self.genesis()
        # As tuf-on-ci has it: its own fields, a root that waits, and nobody's signature yet.
        waiting = Metadata[Root].from_file(str(first))
        waiting.signed.version = 2
        waiting.signed.expires += datetime.timedelta(days=100)
        waiting.signed.unrecognized_fields |= {"x-tuf-on-ci-expiry-period": 365, "x-tuf-on-ci-signing-period": 60}
        waiting.signatures.clear()
        pending = self.path("root.json")
        waiting.to_file(pending)
        ids = waiting.signed.roles["root"].keyids
        for who, key in zip(PEOPLE, ids):
            witness = ["--witness", "Wim"] if who == "ada" else []
            room = self.sign(who, pending, self.path(who), "--trusted", str(first), "--key", key, "--name",
                             who.capitalize(), *witness)
            self.says(room.transcript, "This signature counts for both")
            self.assertEqual("NO WITNESS" in room.transcript, not witness)
            replay = audit("replay", self.path(who))
            self.assertEqual(replay.returncode, 0, replay.stdout)
            self.assertEqual("NO WITNESS" in replay.stdout, not witness)
            # A file that its own program takes, by itself.
            own = Metadata[Root].from_file(self.path(who, "pending", "2.root.json"))
            self.assertEqual(own.signed.get_root_verification_result(Metadata[Root].from_file(str(first)).signed,
                             own.signed_bytes, own.signatures).verified, False)
        merged = ceremony("merge", self.path("ada.tar"), self.path("boris.tar"), "--trusted", str(first), "--out",
                          self.path("merged"))
        self.assertEqual(merged.returncode, 0, merged.stderr)
        whole = Metadata[Root].from_file(self.path("merged", "pending", "2.root.json"))
        Metadata[Root].from_file(str(first)).verify_delegate("root", whole)
        whole.verify_delegate("root", whole)
        self.assertEqual(whole.signed.unrecognized_fields["x-tuf-on-ci-signing-period"], 60)

    def test_a_ceremony_in_two_places(self):
        first = self.genesis()
        shutil.copy(first, self.path("1.root.json"))
        ids = json.loads(first.read_bytes())["signed"]["roles"]["root"]["keyids"]
        digest = subprocess.run(["sha256sum", first], capture_output=True, text=True, check=True).stdout[:64]
        people = "".join(
            f"  {who}: {{name: {who.capitalize()}, card: {PEOPLE[who]}, key: \"{key}\""
            + (", absent: pending" if who == "boris" else "") + "}\n" for who, key in zip(PEOPLE, ids))
        steps = ["{id: prove-ada, do: prove, keyholder: ada}", "{id: build, do: build, role: root}",
                 "{id: show, do: show, role: root}", "{id: sign-ada, do: sign, role: root, keyholder: ada}",
                 "{id: collect, do: collect, role: root}"] + END
        script = pathlib.Path(self.path("second.yaml"))
        script.write_text(
            f"{TOP}previous:\n  root: {{file: 1.root.json, sha256: {digest}}}\nkeyholders:\n{people}{CARDS}\n"
            f"{roles(600)}steps:\n" + "".join(f"  - {step}\n" for step in steps))
        answers = self.path("answers")
        os.mkdir(answers)
        lead = Collecting("run", script, "--out", self.out, "--answers", answers, **self.people)
        self.addCleanup(lead.leave)
        lead.until("Are there files from elsewhere?")
        # The other site, while the lead waits: power fails in the middle, and it goes on.
        request, site = self.path("boris.json"), self.path("site")
        asked = ceremony("request", self.out, "--for", "boris", "--out", request)
        self.assertEqual(asked.returncode, 0, asked.stderr)
        arguments = ["sign", request, "--out", site, "--trusted", str(first), "--witness", "Wim", "--card", str(PEOPLE["boris"])]
        room = person.Room(*arguments, **self.people)
        room.until("Did you read the digest to whoever asks")
        room.leave()
        again = person.Room("resume", site, **self.people)
        self.addCleanup(again.leave)
        self.assertEqual(again.to_the_end(), 0, again.transcript[-3000:])
        self.assertFalse(os.path.exists(self.path("answers", "site.tar")))
        shutil.copy(f"{site}.tar", answers)
        # The rest of the prompt, where it was not read before.
        while lead._read(time.monotonic() + 1):
            pass
        lead.text = ""
        lead.taken = True
        lead.type("take")
        self.assertEqual(lead.to_the_end(), 0, lead.transcript[-3000:])
        self.says(lead.transcript, "The record of how it was made came with it")
        replay = audit("replay", self.out, "--with", site, "--after", self.first)
        self.assertEqual(replay.returncode, 0, replay.stdout)
        self.says(replay.stdout, "of Boris: it holds; asked after record", "its head was heard by record")
        root = Metadata[Root].from_file(os.path.join(self.out, "metadata", "2.root.json"))
        Metadata[Root].from_file(str(first)).verify_delegate("root", root)
        self.assertEqual(len(root.signatures), 2)
