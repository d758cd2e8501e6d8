"""Exchanges that break off, and answers that do not end: what each is called, and what ends it."""

import signal
import subprocess

from person import Keyholder
from profiles import EVERY
from rooms import FAILED, PINS, PUKS, InARoom
from served import CEREMONY, PATIENCE, audit, ceremony, records


class InACeremony(InARoom):
    def test_a_loose_contact_is_no_missing_touch(self):
        """The card is back before pcscd looks again, so that nobody but the exchange noticed."""
        ada, _ = self.insert(0, 31), self.insert(1, 32)
        room = self.open(
            "run", self.two_keyholders(ada=31, boris=32),
            ada=Keyholder("Ada", 31, PINS["ada"], PUKS["ada"]),
            boris=Keyholder("Boris", 32, PINS["boris"], PUKS["boris"]),
        )
        room.until("Ada signs root")
        room.say("sign")
        room.until("PIN of Ada")
        # SELECT, VERIFY, and the signature that waits for a touch.
        ada.tell("fault 2 no-answer")
        room.say(PINS["ada"])
        screen = room.until(FAILED)
        self.says(screen, "CARD-COMMUNICATION", "The exchange with the card broke off", "Clean its contacts")
        self.assertEqual(ada.process.stdout.readline(), "plugged\n")
        room.say("retry")
        room.until("PIN of Ada")
        room.say(PINS["ada"])
        room.until("Ada has signed root")
        self.assertEqual(room.to_the_end(), 0, room.transcript[-3000:])
        made = records(self.out)
        self.assertEqual([r["body"]["code"] for r in made if r["kind"] == "exception"], ["CARD-COMMUNICATION"])
        failures = [r["body"]["failure"] for r in made if r["kind"] == "response" and "failure" in r["body"]]
        self.assertEqual(failures, ["communication"])
        replay = audit("replay", self.out)
        self.assertEqual(replay.returncode, 0, replay.stdout)
        self.assertEqual(self.tries_left(31), self.tries)


class OutsideACeremony(InARoom):
    models = EVERY
    is_real = False

    def info(self, card):
        """What `card info` does when every exchange is good; how many there are."""
        before = int(card.tell("count").split()[0])
        shown = ceremony("card", "info")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        return int(card.tell("count").split()[0]) - before

    def test_one_byte_at_a_time(self):
        card = self.insert(0, 31)
        whole = self.info(card)
        # At first sight it is looked at again, three times in all; then when it is asked what it holds.
        for place in (0, whole - 1):
            with self.subTest(place):
                before = int(card.tell("count").split()[0])
                card.tell(f"fault {place} drip")
                failed = ceremony("card", "info")
                self.assertEqual(failed.returncode, 5, failed.stderr)
                self.assertIn("error CARD-ANSWER-MALFORMED", failed.stderr)
                self.assertLess(int(card.tell("count").split()[0]) - before, whole + 3 * 520)
                card.tell("mend")
                self.assertEqual(self.info(card), whole)

    def test_one_byte_at_a_time_and_slowly(self):
        card = self.insert(0, 31)
        whole = self.info(card)
        card.tell(f"fault {whole - 1} drip")
        card.tell("slow 100")
        failed = ceremony("card", "info", "--card-timeout", "5")
        self.assertEqual(failed.returncode, 5, failed.stderr)
        self.assertIn("error CARD-TIMEOUT", failed.stderr)
        card.tell("slow 0")
        card.tell("mend")
        self.assertEqual(self.info(card), whole)

    def test_ctrl_c_while_a_card_keeps_answering(self):
        card = self.insert(0, 31)
        whole = self.info(card)
        card.tell("slow 100")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # While it is identified, and while it is asked what it holds.
            for early in (1, whole // 2):
                with self.subTest(number=number, early=early):
                    before = int(card.tell("count").split()[0])
                    process = subprocess.Popen(
                        [CEREMONY, "card", "info"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE, text=True)
                    while int(card.tell("count").split()[0]) < before + early:
                        pass
                    process.send_signal(number)
                    out, trouble = process.communicate(timeout=PATIENCE)
                    self.assertEqual(process.returncode, 4, trouble)
                    self.assertIn(f"Stopped: {signal.Signals(number).name}", trouble)
                    self.assertEqual(out, "")
                    self.assertLess(int(card.tell("count").split()[0]) - before, whole)
        card.tell("slow 0")
        self.assertEqual(self.info(card), whole)
