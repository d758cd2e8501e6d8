"""Readers and cards that come and go, and other programs that hold a card while a ceremony wants it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

import jsonschema
from profiles import FACTORY_TRIES, OnEachProfile
from served import CEREMONY, PACKAGE, PORTS, ServedCard, audit, ceremony, keeper, reader, records


def held(place):
    """Another program's exclusive hold on the card in a reader."""
    from smartcard.ExclusiveConnectCardConnection import ExclusiveConnectCardConnection
    from smartcard.System import readers

    found = next(found for found in readers() if str(found) == reader(place))
    connection = ExclusiveConnectCardConnection(found.createConnection())
    connection.connect()
    return connection


class Readers(OnEachProfile):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.out = os.path.join(self.folder, "out")

    def insert(self, place, serial, model=None):
        card = ServedCard(place, serial, model or self.model)
        self.addCleanup(card.take_out)
        return card

    def begin(self):
        process = subprocess.Popen(
            [CEREMONY, "rehearse", self.two_keyholders(), "--cards", "pcsc", "--unattended", "--screens"]
            + ["--out", self.out],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )

        def end():
            process.kill()
            process.wait()
            process.stdout.close()

        self.addCleanup(end)
        return process

    def until(self, process, words):
        seen = ""
        for line in process.stdout:
            seen += line
            if words in line:
                return seen
        self.fail(f"no “{words}” in: {seen}")

    def ends_well(self, process):
        rest, _ = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0, rest)
        replay = audit("replay", self.out)
        self.assertEqual(replay.returncode, 0, replay.stdout)

    def fits(self, name, document):
        with open(os.path.join(PACKAGE, "Runbook", "schemas", f"{name}.schema.json"), encoding="utf-8") as file:
            schema = json.load(file)
        jsonschema.Draft202012Validator.check_schema(schema)
        judge = jsonschema.Draft202012Validator(schema)
        self.assertEqual([error.message for error in judge.iter_errors(document)], [])
        # A schema that takes anything judges nothing.
        self.assertFalse(judge.is_valid(document | {"more": 1}))
        required = [key for key in document if key in schema["required"]]
        self.assertTrue(required)
        for key in required:
            self.assertFalse(judge.is_valid({name: value for name, value in document.items() if name != key}), key)

    def listed(self):
        result = ceremony("card", "list", "--format", "json")
        self.assertEqual(result.returncode, 0, result.stderr)
        document = json.loads(result.stdout)
        self.fits("card-list", document)
        return {entry["reader"]: (entry["card"] or {}).get("serial") for entry in document["readers"]}

    def test_list_in_every_reader_as_cards_come_and_go(self):
        names = [reader(place) for place in range(len(PORTS))]
        self.assertEqual(self.listed(), dict.fromkeys(names))
        cards = [self.insert(place, 101 + place) for place in range(len(PORTS))]
        self.assertEqual(self.listed(), {name: 101 + place for place, name in enumerate(names)})
        # Two change places, one goes, one stays.
        for card in cards[:3]:
            card.take_out()
        cards[0].insert(1)
        cards[1].insert(0)
        self.assertEqual(self.listed(), dict(zip(names, [102, 101, None, 104])))

    def test_info_fits_its_schema(self):
        self.insert(0, 105)
        cases = {"new": self.info()}
        made = ceremony("card", "probe", self.two_keyholders(), "--sacrifice", "105")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.insert(1, 106)
        self.ends_well(self.begin())
        cases["with a key"] = self.info("--serial", "105")
        self.insert(2, 107, "bare")
        cases["bare"] = self.info("--serial", "107")
        lacking = self.insert(3, 108)
        lacking.tell("lack f7 f8 f9 fd")
        cases["standard"] = self.info("--reader", reader(3))
        for name, document in cases.items():
            with self.subTest(name):
                self.fits("card-info", document)
        self.assertEqual([document["slots"] and len(document["slots"]) for document in cases.values()], [[], 1, [], None])
        self.assertIsNone(cases["standard"]["serial"])
        said = {"factory": None, "tries": None, "tries-left": FACTORY_TRIES[self.model]}
        self.assertEqual(cases["standard"]["credentials"], {"PIN": said, "PUK": None, "management key": None})
        self.assertEqual(len(cases["standard"]["unknown-slots"]), 24)
        self.assertIn("the card does not say which slots hold keys", ceremony("card", "info", "--reader", reader(3)).stdout)

    def info(self, *choice):
        result = ceremony("card", "info", "--format", "json", *choice)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def test_another_program_holds_the_card_that_is_waited_for(self):
        self.insert(0, 111)
        other = held(0)
        process = self.begin()
        try:
            seen = self.until(process, "scdaemon of GnuPG: gpgconf --kill scdaemon")
            self.assertIn(f"Another program holds the card in the reader “{reader(0)}”.", seen)
        finally:
            other.disconnect()
        self.insert(1, 112)
        self.ends_well(process)

    def test_another_program_takes_the_card_between_two_steps(self):
        """The card is let go for another keyholder's, and something else grabs it before its turn comes again."""
        ada = self.insert(0, 113)
        process = self.begin()
        self.until(process, "Waiting for the card of Boris")
        other = held(0)
        try:
            self.insert(1, 114)
            self.until(process, "Another program holds the card")
        finally:
            other.disconnect()
        self.ends_well(process)
        self.assertEqual(ada.tell("count").split()[1], "exchanges,")

    def test_pcscd_restarts_while_the_second_card_is_waited_for(self):
        ada = self.insert(0, 115)
        process = self.begin()
        self.until(process, "Waiting for the card of Boris")
        # Its port stays taken for a minute where a card is in the reader.
        ada.take_out()
        self.addCleanup(keeper, signal.SIGUSR1, True)
        keeper(signal.SIGUSR2, False)
        seen = self.until(process, "pcscd is not running")
        self.assertNotIn("Traceback", seen)
        self.assertEqual(ceremony("card", "list").returncode, 5)
        keeper(signal.SIGUSR1, True)
        self.until(process, "Waiting for the card of Boris")
        self.assertEqual(set(self.listed().values()), {None})
        self.insert(1, 116)
        ada.insert(2)
        self.ends_well(process)
        kinds = [record["kind"] for record in records(self.out)]
        self.assertNotIn("interruption", kinds)


class ReaderNames(unittest.TestCase):
    """What a reader calls itself is anybody's text."""

    NAME = "Odd\x1b[2J\x07 r\u00e9ader\u202e\\"

    def card(self, *arguments):
        return subprocess.run(
            [sys.executable, os.path.join(PACKAGE, "Tests", "pcscd"), "--readers", "2", "--name", self.NAME, CEREMONY, "card",
             *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)

    def test_they_reach_no_terminal_as_they_are(self):
        shown = self.card("list")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertRegex(shown.stdout, r"(?m)^Odd\\u\{1b\}\[2J\\u\{7\} r\u00e9ader\\u\{202e\}\\ 0 00 00: empty$")
        listed = self.card("list", "--format", "json")
        names = [reader["reader"] for reader in json.loads(listed.stdout)["readers"]]
        self.assertEqual(len(names), 2)
        self.assertTrue(all(name.isprintable() for name in names), names)
        missing = self.card("info", "--reader", names[0])
        self.assertIn("CARD-MISSING", missing.stderr)
        for done in (shown, listed, missing):
            self.assertFalse([c for c in done.stdout + done.stderr if c != "\n" and not c.isprintable()], done)
