"""`tuf-ceremony card …` on served cards, through a real pcscd."""

import json
import os
import shutil
import signal
import tempfile
import unittest

from profiles import EVERY, FACTORY_TRIES, OnEachProfile
from served import PACKAGE, ServedCard, Terminal, ceremony, notice, reader

SCRIPT = os.path.join(PACKAGE, "Runbook", "first-rehearsal.yaml")
# The content of a CHUID: FASC-N, GUID, expiry, and nothing signed (SP 800-73-4 part 1, table 9).
GUID_CHUID = "3019" + "00" * 25 + "3410" + "a5" * 16 + "3508" + b"20501231".hex() + "3e00fe00"


class Commands(unittest.TestCase):
    def insert(self, place, serial, **options):
        card = ServedCard(place, serial, **options)
        self.addCleanup(card.take_out)
        return card

    def refused(self, result, code, status=5):
        self.assertIn(f"error {code}", result.stderr)
        self.assertEqual(result.returncode, status, result.stderr)

    def answer(self, command, *lines):
        """Types each line at its question; returns the status and everything that was written."""
        terminal = Terminal("card", *command.split())
        seen = ""
        try:
            for question, line in lines:
                seen += terminal.expect(question)
                terminal.type(line)
        except AssertionError:
            # It holds the card.
            os.kill(terminal.child, signal.SIGKILL)
            terminal.finish()
            raise
        status = terminal.finish()
        return status, seen + terminal.text

    def listed(self):
        result = ceremony("card", "list", "--format", "json")
        self.assertEqual(result.returncode, 0, result.stderr)
        found = json.loads(result.stdout)
        self.assertEqual((found["command"], found["exit"], found["findings"]), ("card list", 0, []))
        return {entry["reader"]: entry for entry in found["readers"]}

    def shown(self, *choice):
        result = ceremony("card", "info", "--format", "json", *choice)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)


class Looking(Commands):
    def test_list_shows_readers_and_cards(self):
        self.assertEqual([entry["card"] for entry in self.listed().values()], [None] * 4)
        self.insert(2, 20000201)
        found = self.listed()[reader(2)]["card"]
        self.assertEqual(found, {"serial": 20000201, "firmware": "5.7.4", "guid": None, "virtual": True})
        words = ceremony("card", "list").stdout
        self.assertIn(f"{reader(2)}: serial 20000201, firmware 5.7.4, virtual: proves nothing", words)
        self.assertIn(f"{reader(0)}: empty", words)

    def test_a_bare_card_is_not_marked(self):
        self.insert(0, 20000202, model="bare")
        self.assertFalse(self.listed()[reader(0)]["card"]["virtual"])

    def test_no_card(self):
        self.refused(ceremony("card", "info"), "CARD-MISSING")
        self.refused(ceremony("card", "info", "--serial", "7"), "CARD-MISSING")
        self.refused(ceremony("card", "info", "--reader", "no such"), "CARD-MISSING")

    def test_info_of_the_only_card(self):
        self.insert(1, 20000203)
        shown = self.shown()
        self.assertEqual((shown["serial"], shown["slots"]), (20000203, []))
        self.assertEqual(shown["credentials"]["PIN"], {"factory": True, "tries": 3, "tries-left": 3})

    def test_several_cards_are_told_apart_by_serial_or_reader(self):
        self.insert(3, 20000204)
        self.insert(0, 20000205)
        self.refused(ceremony("card", "info"), "CARD-AMBIGUOUS")
        self.assertEqual(self.shown("--serial", "20000204")["serial"], 20000204)
        self.assertEqual(self.shown("--reader", reader(0))["serial"], 20000205)
        self.refused(ceremony("card", "info", "--serial", "20000204", "--reader", reader(0)), "CARD-MISSING")

    def test_a_card_without_serial_is_named_by_its_guid(self):
        self.insert(0, 20000211, model="minimal")
        self.insert(1, 20000212, model="minimal")
        names = []
        for place in range(2):
            card = self.listed()[reader(place)]["card"]
            self.assertEqual((card["serial"], card["firmware"]), (None, None))
            names.append("guid-" + card["guid"])
        self.assertEqual(len(set(names)), 2)
        self.refused(ceremony("card", "info"), "CARD-AMBIGUOUS")
        shown = self.shown("--serial", names[1])
        self.assertEqual("guid-" + shown["guid"], names[1])
        self.assertEqual((shown["slots"], len(shown["unknown-slots"])), (None, 24))
        # An empty VERIFY says how many tries the PIN has; nothing says more.
        said = {"factory": None, "tries": None, "tries-left": FACTORY_TRIES["minimal"]}
        self.assertEqual(shown["credentials"], {"PIN": said, "PUK": None, "management key": None})
        words = ceremony("card", "info", "--serial", names[0]).stdout
        self.assertIn("the card does not say which slots hold keys", words)
        self.assertNotIn("empty", words)
        self.assertEqual(self.shown("--serial", names[0].upper().replace("GUID", "guid"))["guid"], names[0][5:])
        for wrong in ("guid-00", "guid-" + "0" * 31, "0", "-1", "serial", names[0][5:]):
            self.assertEqual(ceremony("card", "info", "--serial", wrong).returncode, 64, wrong)
        self.refused(ceremony("card", "info", "--serial", "guid-" + "0" * 32), "CARD-MISSING")

    def test_two_cards_of_one_serial_are_refused(self):
        self.insert(0, 20000206)
        self.insert(1, 20000206)
        self.refused(ceremony("card", "info", "--serial", "20000206"), "CARD-IDENTITY-TWICE")

    def test_a_card_that_another_program_holds(self):
        from smartcard.ExclusiveConnectCardConnection import ExclusiveConnectCardConnection
        from smartcard.System import readers

        self.insert(0, 20000207)
        other = next(found for found in readers() if str(found) == reader(0)).createConnection()
        other = ExclusiveConnectCardConnection(other)
        other.connect()
        try:
            result = ceremony("card", "info")
            self.refused(result, "CARD-SHARED")
            self.assertIn("scdaemon", result.stderr)
            self.assertIn(reader(0), result.stderr)
            self.assertEqual(self.listed()[reader(0)]["trouble"]["code"], "CARD-SHARED")
        finally:
            other.disconnect()
        self.assertEqual(self.shown()["serial"], 20000207)

    def test_no_pcscd(self):
        elsewhere = dict(os.environ, PCSCLITE_CSOCK_NAME="/nonexistent/pcscd.comm")
        for command in ("list", "info"):
            result = ceremony("card", command, env=elsewhere)
            self.refused(result, "PCSCD-GONE")
            self.assertIn("systemctl start pcscd", result.stderr)
            self.assertEqual(result.stdout, "")

    def test_one_object_in_every_case(self):
        """Nothing that is not known is said: it is null."""
        elsewhere = dict(os.environ, PCSCLITE_CSOCK_NAME="/nonexistent/pcscd.comm")
        cases = [
            ("list", [], elsewhere, 5, "PCSCD-GONE"), ("info", [], elsewhere, 5, "PCSCD-GONE"),
            ("info", [], None, 5, "CARD-MISSING"), ("info", ["--serial", "7"], None, 5, "CARD-MISSING"),
            ("info", ["--state", "/nonexistent"], None, 66, "UNREADABLE"),
            ("info", ["--state", __file__], None, 1, "VIRTUAL-CARD-UNREADABLE"),
        ]
        for command, options, environment, status, code in cases:
            with self.subTest(command=command, options=options, code=code):
                result = ceremony("card", command, "--format", "json", *options, env=environment)
                self.refused(result, code, status)
                found = json.loads(result.stdout)
                self.assertEqual((found.pop("command"), found.pop("exit")), (f"card {command}", status))
                self.assertEqual([finding["code"] for finding in found.pop("findings")], [code])
                self.assertEqual(set(found.values()), {None})

    def test_a_card_that_cannot_be_read_is_an_object_too(self):
        card = self.insert(0, 20000208)
        self.shown()
        exchanges = int(card.tell("count").split()[0])
        self.shown()
        # Identified once, and then asked everything: the last answer of all makes no sense.
        card.tell(f"fault {exchanges - 1} garbage")
        result = ceremony("card", "info", "--format", "json")
        self.refused(result, "CARD-ANSWER-MALFORMED")
        self.assertEqual(json.loads(result.stdout)["exit"], 5)


class Serving(Commands):
    def test_unplug_and_plug(self):
        card = self.insert(0, 20000211)
        self.assertEqual(card.tell("unplug"), "unplugged")
        self.assertTrue(card.tell("dance").startswith("unknown: dance"))
        card.take_out()
        self.refused(ceremony("card", "info"), "CARD-MISSING")
        card.insert(1)
        self.assertEqual(self.shown()["serial"], 20000211)
        self.assertEqual(card.take_out(), 0)

    def test_a_state_file_holds_one_card(self):
        card = self.insert(0, 20000212)
        self.assertEqual(card.take_out(), 0)
        self.assertEqual(os.stat(card.state).st_mode & 0o777, 0o600)
        other = ceremony("card", "serve", "--port", "9", "--serial", "7", "--state", card.state)
        self.refused(other, "VIRTUAL-CARD-UNREADABLE", 1)
        with open(card.state, "a") as file:
            file.write("x")
        self.refused(ceremony("card", "serve", "--port", "9", "--state", card.state), "VIRTUAL-CARD-UNREADABLE", 1)

    def test_usage(self):
        for wrong in (["--port", "70000"], ["--port", "9", "--serial", "0"], ["--port", "9", "--model", "gold"], []):
            self.assertEqual(ceremony("card", "serve", *wrong).returncode, 64, wrong)


class Changing(Commands, OnEachProfile):
    models = EVERY

    def setUp(self):
        self.card = self.insert(0, 20000221, model=self.model)
        self.tries = FACTORY_TRIES[self.model]

    def left(self):
        """The tries of its PIN, as the card itself knows."""
        return self.card.memory()["pin"]["tries-left"]

    def opens(self, pin):
        """Whether this is its PIN; a try is lost where it is not."""
        status, _ = self.answer("change-pin", ("Present PIN", pin), ("New PIN", pin), ("The same again", pin))
        return status == 0

    def test_nobody_to_answer(self):
        for command in ("change-pin", "unblock", "reset"):
            self.assertEqual(ceremony("card", command).returncode, 64, command)

    def test_change_pin(self):
        status, seen = self.answer(
            "change-pin",
            ("Present PIN", "12345"),
            ("Present PIN", "123456789"),
            ("Present PIN", "12345\u00e9"),
            ("Present PIN", ""),
            ("Present PIN", "123456"),
            ("New PIN", "12345"),
            ("New PIN", "778899"),
            ("The same again", "778898"),
            ("New PIN", "cccccckkvlhdkrjkcfllkvlhdkrjkcfllkvlhdkrjkcf"),
            ("New PIN", "778899"),
            ("The same again", "778899"),
        )
        self.assertEqual(status, 0, seen)
        for words in (f"{self.tries} tries are left", "no try is lost", "Not 6 to 8 digits", "The two differ", "one-time password", "is changed"):
            self.assertIn(words, seen)
        for secret in ("123456", "778899", "778898", "cccccckk"):
            self.assertNotIn(secret, seen)
        self.assertEqual(self.left(), self.tries)
        self.assertTrue(self.opens("778899"))

    def test_a_wrong_pin_counts_and_the_last_try_needs_a_word(self):
        wrong = [("Present PIN", "000000"), ("New PIN", "778899"), ("The same again", "778899")]
        for left in range(self.tries - 1, 0, -1):
            status, seen = self.answer("change-pin", *wrong)
            self.assertEqual(status, 5)
            self.assertIn("PIN-WRONG", seen)
            self.assertEqual(self.left(), left)
        status, seen = self.answer("change-pin", ("last", "yes"))
        self.assertEqual(status, 4, seen)
        self.assertEqual(self.left(), 1)
        status, seen = self.answer("change-pin", ("last", "last"), *wrong)
        self.assertIn("PIN-BLOCKED", seen)
        self.assertEqual(self.left(), 0)
        status, seen = self.answer("change-pin")
        self.assertEqual(status, 5, seen)
        self.assertIn("PIN-BLOCKED", seen)
        status, seen = self.answer(
            "unblock", ("PUK: ", "1234567890"), ("PUK: ", "1"), ("PUK: ", "12345678"), ("New PIN", "778899"), ("The same again", "778899")
        )
        self.assertEqual(status, 0, seen)
        self.assertEqual(self.left(), self.tries)
        self.assertTrue(self.opens("778899"))

    def test_interrupted(self):
        terminal = Terminal("card", "change-pin")
        terminal.expect("Present PIN")
        terminal.interrupt()
        self.assertEqual(terminal.finish(), 4)
        self.assertEqual(self.left(), self.tries)

    def test_a_card_that_is_pulled_while_its_pin_is_changed(self):
        terminal = Terminal("card", "change-pin")
        for question, line in (("Present PIN", "123456"), ("New PIN", "778899"), ("The same again", "778899")):
            terminal.expect(question)
            if question == "The same again":
                self.card.tell("fault 0 pull")
            terminal.type(line)
        self.assertEqual(terminal.finish(), 5)
        for words in ("may have the old PIN or the new one", "CARD-REMOVED"):
            self.assertIn(words, terminal.text)
        self.assertEqual(self.card.process.stdout.readline(), "unplugged\n")
        notice(0, False)
        self.assertEqual(self.card.tell("plug"), "plugged")
        self.assertEqual(self.left(), self.tries)

    def test_reset_by_serial_or_guid(self):
        """A card that has no serial, or hides it, is typed back as guid-…; every other word leaves it as it is."""
        if self.model != "minimal":
            # A GUID, as a ceremony gives one, is all that tells such a card from others.
            self.card.take_out()
            with open(self.card.state, encoding="utf-8") as file:
                held = json.load(file)
            held["objects"]["5fc102"] = GUID_CHUID
            with open(self.card.state, "w", encoding="utf-8") as file:
                json.dump(held, file, separators=(",", ":"), sort_keys=True)
            self.card.insert(0)
            self.card.tell("lack f8")
        listed = next(entry["card"] for entry in self.listed().values() if entry["card"])
        self.assertIsNone(listed["serial"])
        name = "guid-" + listed["guid"]
        before = self.card.memory()
        question = f"Type {name}"
        for command, typed in (
            ("reset", "20000221"), ("reset", name[5:]), (f"reset --serial {name}", name.upper()),
            (f"reset --serial {name}", name + "0"), (f"reset --serial {name}", ""),
        ):
            with self.subTest(command=command, typed=typed):
                status, seen = self.answer(command, (question, typed))
                self.assertEqual((status, "was left as it is" in seen), (4, True), seen)
        self.assertEqual(self.card.memory(), before)
        other = "guid-" + "0" * 32
        status, seen = self.answer(f"reset --serial {other}")
        self.assertEqual((status, "CARD-MISSING" in seen), (5, True), seen)
        status, seen = self.answer(f"reset --serial {name}", (question, name))
        if self.model == "minimal":
            self.assertEqual((status, "CARD-UNSUPPORTED" in seen), (5, True), seen)
            self.assertEqual(self.card.memory(), before)
            return
        self.assertEqual(status, 0, seen)
        self.assertIn("says that it was reset. No slot holds a key.", seen)
        self.assertEqual(self.card.memory()["keys"], {})
        self.assertEqual(self.left(), self.tries)


class Ceremonial(Commands):
    """What the commands say of cards that were in a rehearsal."""

    def setUp(self):
        self.card = self.insert(0, 20000221)

    def rehearse(self, out):
        return ceremony("rehearse", SCRIPT, "--cards", "pcsc", "--unattended", "--out", os.path.join(self.folder, out))

    def test_probe_reset_confirm_and_a_rehearsal_that_spares_the_card(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        own = ("--serial", "20000221")
        self.refused(ceremony("card", "probe", SCRIPT, "--sacrifice", "7"), "CARD-MISSING")
        probe = ceremony("card", "probe", SCRIPT, "--sacrifice", "20000221")
        self.assertEqual(probe.returncode, 0, probe.stderr)
        self.assertIn("ed25519 in slot 9c: signs ", probe.stdout)
        self.assertEqual(self.shown()["slots"], [])

        self.insert(1, 20000222)
        made = self.rehearse("first")
        self.assertEqual(made.returncode, 0, made.stderr)
        key = self.shown(*own)["slots"]
        self.assertEqual([slot["slot"] for slot in key], ["9c"])

        # The card holds a key now: nothing takes it away unasked.
        self.refused(ceremony("card", "probe", SCRIPT, "--sacrifice", "20000221"), "SLOT-OCCUPIED", 1)
        again = self.rehearse("again")
        self.assertIn("CARD-HOLDS-KEY", again.stderr)
        self.assertNotEqual(again.returncode, 0)
        status, seen = self.answer("reset --serial 20000221", ("Type 20000221", "20000222"))
        self.assertEqual(status, 4)
        self.assertIn("slot 9c  ed25519 key, generated on the card", seen)
        self.assertEqual(self.shown(*own)["slots"], key)

        first = os.path.join(self.folder, "first")
        confirmed = ceremony("card", "confirm", first, *own)
        self.assertEqual(confirmed.returncode, 0, confirmed.stderr)
        self.assertIn("slot 9c: a key of role root in metadata/1.root.json", confirmed.stdout)
        self.assertTrue(confirmed.stdout.startswith("REHEARSAL"))
        self.assertEqual(ceremony("card", "confirm", first + "/nothing", *own).returncode, 66)

        status, seen = self.answer("reset --serial 20000221", ("Type 20000221", "20000221"))
        self.assertEqual(status, 0, seen)
        self.assertEqual(self.shown(*own)["slots"], [])
        self.refused(ceremony("card", "confirm", first, *own), "CARD-NOT-IN-ROOT", 1)
