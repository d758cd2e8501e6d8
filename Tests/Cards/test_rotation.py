"""A root that follows another, with served cards: rehearsed by nobody, and held by people at a terminal."""

import datetime
import json
import os
import pathlib
import sys

import person
from rooms import InARoom
from served import PACKAGE, ServedCard, audit, ceremony, records

sys.path.insert(0, os.path.join(PACKAGE, "Tests"))
from rotations import rotation  # noqa: E402

SERVICE = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
PEOPLE = {"ada": 71, "boris": 72, "chandra": 73, "dora": 74}


def genesis(path, expires, cards):
    """Two of three, on cards with these serials."""
    three = list(PEOPLE)[:3]
    steps = [f"{{id: card-{who}, do: provision, keyholder: {who}}}" for who in three]
    steps += ["{id: build, do: build, role: root}", "{id: show, do: show, role: root}"]
    steps += [f"{{id: sign-{who}, do: sign, role: root, keyholder: {who}}}" for who in three]
    steps += ["{id: verify, do: verify, role: root}", "{id: write, do: write, role: root}", "{id: close, do: close}"]
    path.write_text(f"""ceremony: 2
title: Three keyholders
repository: Example repository
administrator: Administrator
witness: Witness
keyholders:
{chr(10).join(f"  {who}: {{name: {who.capitalize()}, card: {PEOPLE[who]}}}" for who in three)}
cards: {cards}
roles:
  root: {{threshold: 2, keyholders: [{", ".join(three)}], expires: {expires}}}
  targets: {{threshold: 1, keys: [service]}}
  snapshot: {{threshold: 1, keys: [service]}}
  timestamp: {{threshold: 1, keys: [service]}}
online-keys:
  service: {{ed25519: {SERVICE}}}
steps:
""" + "".join(f"  - {step}\n" for step in steps))
    return path


class Rotation(InARoom):
    models = ["yubikey"]

    def setUp(self):
        super().setUp()
        self.first = os.path.join(self.folder, "first")
        self.cards = {who: ServedCard(place, PEOPLE[who], self.model, unmarked=self.is_real)
                      for place, who in enumerate(PEOPLE)}
        for card in self.cards.values():
            self.addCleanup(card.take_out)

    def second(self, cards, expires=None):
        """A script: two keep their keys, one leaves and signs once more, one joins."""
        folder = pathlib.Path(self.folder, "scripts")
        folder.mkdir()
        pins = {who: f"card: {serial}" for who, serial in PEOPLE.items()}
        script = rotation(
            pathlib.Path(self.first), folder, {"ada": (0, pins["ada"]), "boris": (1, pins["boris"])},
            {"chandra": (2, pins["chandra"])}, {"dora": pins["dora"]}, cards=cards)
        if expires:
            script.write_text(script.read_text().replace("{days: 7}", expires))
        return script

    def wiping(self, script):
        """The same script, which has the card of whoever leaves wiped at the end."""
        script.write_text(script.read_text() + "  - {id: wipe-chandra, do: destroy, keyholder: chandra}\n")
        return script

    def is_wiped(self):
        """The card of whoever left holds no key any more, which a record says; every other card has its key."""
        keys = {who: set(card.memory()["keys"]) for who, card in self.cards.items()}
        self.assertEqual({who for who, slots in keys.items() if "9c" not in slots}, {"chandra"})
        wiped = [record["body"] for record in records(self.out, "sealing.jsonl") if record["kind"] == "wipe"]
        self.assertEqual([(body["keyholder"], body["card"]) for body in wiped], [("chandra", str(PEOPLE["chandra"]))])

    def judge(self):
        """Both verifiers, the chain of both roots, and what both records say of the same cards."""
        replay = audit("replay", self.out, "--after", self.first)
        self.assertEqual(replay.returncode, 0, replay.stdout)
        roots = [os.path.join(folder, "metadata", f"{n}.root.json") for n, folder in ((1, self.first), (2, self.out))]
        named = pathlib.Path(self.folder, "roots")
        named.mkdir()
        for path in roots:
            (named / os.path.basename(path)).write_bytes(pathlib.Path(path).read_bytes())
        marked = [] if self.is_real else ["--rehearsal"]
        verify = audit("verify", named, "--trusted", roots[0], "--format", "json", *marked)
        self.assertEqual(verify.returncode, 0, verify.stdout + verify.stderr)
        signed = json.loads(pathlib.Path(roots[1]).read_bytes())
        self.assertEqual(len(signed["signatures"]), 4)


class Rehearsed(Rotation):
    is_real = False

    def test_the_same_cards_come_again(self):
        cards = "{attestation: required}"
        script = genesis(pathlib.Path(self.folder, "first.yaml"), "{days: 7}", cards)
        made = ceremony("rehearse", script, "--cards", "pcsc", "--unattended", "--out", self.first)
        self.assertEqual(made.returncode, 0, made.stderr)
        done = ceremony(
            "rehearse", self.second(cards), "--after", self.first, "--cards", "pcsc", "--unattended", "--out", self.out)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.judge()

    def test_the_card_of_who_leaves_is_wiped(self):
        cards = "{attestation: required}"
        script = genesis(pathlib.Path(self.folder, "first.yaml"), "{days: 7}", cards)
        made = ceremony("rehearse", script, "--cards", "pcsc", "--unattended", "--out", self.first)
        self.assertEqual(made.returncode, 0, made.stderr)
        done = ceremony(
            "rehearse", self.wiping(self.second(cards)), "--after", self.first, "--cards", "pcsc", "--unattended",
            "--out", self.out, "--sacrifice", PEOPLE["chandra"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.judge()
        self.is_wiped()

    def test_a_wrong_card_in_the_place_of_a_kept_one(self):
        cards = "{attestation: required}"
        script = genesis(pathlib.Path(self.folder, "first.yaml"), "{days: 7}", cards)
        made = ceremony("rehearse", script, "--cards", "pcsc", "--unattended", "--out", self.first)
        self.assertEqual(made.returncode, 0, made.stderr)
        second = self.second(cards)
        second.write_text(second.read_text().replace(f"name: Ada, card: {PEOPLE['ada']}", f"name: Ada, card: {PEOPLE['dora']}")
                          .replace(f"name: Dora, card: {PEOPLE['dora']}", f"name: Dora, card: {PEOPLE['ada']}"))
        done = ceremony(
            "rehearse", second, "--after", self.first, "--cards", "pcsc", "--unattended", "--out", self.out)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("WRONG-CARD", done.stderr)


class Real(Rotation):
    models = ["bare"]

    def test_run_by_hand_twice_with_the_same_cards(self):
        soon = datetime.datetime.now(datetime.timezone.utc)
        cards = "{attestation: optional}"
        people = {who: person.Keyholder(who.capitalize(), None, f"1357246{place}", f"8642135{place}")
                  for place, who in enumerate(PEOPLE)}
        expires = [f"{soon + datetime.timedelta(days=days):%Y-%m-%dT00:00:00Z}" for days in (300, 600)]
        script = genesis(pathlib.Path(self.folder, "first.yaml"), expires[0], cards)
        room = person.Room("run", script, "--out", self.first, **people)
        self.addCleanup(room.leave)
        self.assertEqual(room.to_the_end(), 0, room.transcript[-3000:])
        second = self.wiping(self.second(cards, expires[1]))
        room = person.Room("run", second, "--after", self.first, "--out", self.out, **people)
        self.addCleanup(room.leave)
        self.assertEqual(room.to_the_end(), 0, room.transcript[-3000:])
        self.is_wiped()
        self.says(room.transcript, "leaves (left).", "root 2: old 0 of 2, new 0 of 2; ")
        self.judge()
