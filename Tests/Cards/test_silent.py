"""A card that reads a command and never answers: its reader waits for it, and the ceremony does not."""

import os
import select

from person import Keyholder, Room
from profiles import EVERY, MARKED
from rooms import FAILED, PINS, PUKS, InARoom
from served import PATIENCE, audit, ceremony, notice, reader, records

GENERATE = "47"
# The shortest that there is. Where it must not run out, the longest.
SHORT, LONG = ["--card-timeout", "5"], ["--card-timeout", "600"]


class SilentCard(InARoom):
    def tail(self, count):
        """The last records, as kind and what was sent or came of it."""
        return [
            (record["kind"], record["body"].get("apdu") or record["body"].get("failure") or record["body"].get("reason"))
            for record in records(self.out)[-count:]
        ]

    def failures(self):
        """The commands without an answer in time, by what they are."""
        found = []
        for command, answer in zip(records(self.out), records(self.out)[1:]):
            if answer["kind"] == "response" and answer["body"].get("failure"):
                found.append((command["body"]["apdu"][2:4], answer["body"]["failure"]))
        return found

    def exceptions(self):
        return [record["body"]["code"] for record in records(self.out) if record["kind"] == "exception"]

    def is_whole(self, *codes):
        self.assertEqual(self.exceptions(), list(codes))
        replay = audit("replay", self.out)
        self.assertEqual(replay.returncode, 0, replay.stdout)

    def falls_silent(self, card):
        """Waits until the card has read the command that it does not answer."""
        self.assertTrue(select.select([card.process.stdout], [], [], PATIENCE)[0], "the card was not asked")
        self.assertEqual(card.process.stdout.readline(), "silent\n")

    def put_back(self, card):
        self.assertEqual(card.tell("unplug"), "unplugged")
        notice(card.place, False)
        self.assertEqual(card.tell("plug"), "plugged")
        notice(card.place, True)


class WhileItMakesAKey(SilentCard):
    models = MARKED
    is_real = False

    def exchanges_before_the_first_key(self):
        """From the consent to a new card's reset on, as another rehearsal of the same script recorded them."""
        out, cards = os.path.join(self.folder, "clean"), [self.insert(0, 61), self.insert(1, 62)]
        script = self.two_keyholders(ada=61, boris=62)
        done = ceremony("rehearse", script, "--cards", "pcsc", "--unattended", "--out", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        for card in cards:
            card.take_out()
        made = records(out)
        begun, makes = (
            next(at for at, record in enumerate(made) if record["body"].get("task") == task) for task in ("try-keys", "generate"))
        sent = [record["body"]["apdu"][2:4] for record in made[makes:] if record["kind"] == "command"]
        return sum(record["kind"] == "command" for record in made[begun:makes]) + sent.index(GENERATE)

    def test_it_is_given_up_and_goes_on_when_it_was_taken_out(self):
        before = self.exchanges_before_the_first_key()
        ada, _ = self.insert(0, 31), self.insert(1, 32)
        room = self.open("rehearse", self.two_keyholders(ada=31, boris=32), "--cards", "pcsc", *SHORT)
        room.until("Reset the card?")
        ada.tell(f"fault {before} never")
        room.say("reset")
        screen = room.until(FAILED)
        self.says(screen, "CARD-TIMEOUT", "The card did not answer in time.")
        self.falls_silent(ada)
        self.assertEqual(self.failures(), [(GENERATE, "timeout")])
        room.say("retry")
        screen = room.until("Take it out and insert it again")
        self.says(screen, f"The card in the reader “{reader(0)}” did not answer in time")
        # The other reader works, and another program hears that this one is taken.
        shown = ceremony("card", "list")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.says(shown.stdout, f"{reader(0)}: CARD-SHARED", f"{reader(1)}: serial 32")
        self.put_back(ada)
        self.assertEqual(room.to_the_end(), 0, room.transcript[-3000:])
        self.is_whole("CARD-TIMEOUT")


class WhileItTakesAPIN(SilentCard):
    def begin(self, *timeout):
        """Both cards are provisioned, and Ada is asked for the PIN with which her card signs."""
        self.people = {
            "ada": Keyholder("Ada", 31, PINS["ada"], PUKS["ada"]),
            "boris": Keyholder("Boris", 32, PINS["boris"], PUKS["boris"]),
        }
        script = self.two_keyholders(ada=31, boris=32)
        self.ada, _ = self.insert(0, 31), self.insert(1, 32)
        room = self.open("run", script, *timeout, **self.people)
        room.until("Ada signs root")
        room.say("sign")
        room.until("PIN of Ada")
        # SELECT, and then VERIFY.
        self.ada.tell("fault 1 never")
        room.say(PINS["ada"])
        self.falls_silent(self.ada)
        return room

    def test_it_is_given_up_and_the_pin_is_typed_again(self):
        room = self.begin(*SHORT)
        self.says(room.until(FAILED), "CARD-TIMEOUT", "Pull it, insert it again and repeat the step.")
        self.assertEqual(self.failures(), [("20", "timeout")])
        room.say("retry")
        room.until("Take it out and insert it again")
        self.put_back(self.ada)
        room.until("PIN of Ada")
        room.say(PINS["ada"])
        room.until("Ada has signed root")
        self.assertEqual(room.to_the_end(), 0, room.transcript[-3000:])
        self.is_whole("CARD-TIMEOUT")
        self.assertEqual(self.tries_left(31), self.tries)

    def test_ctrl_c_ends_it_with_its_record_and_resume_goes_on(self):
        room = self.begin(*LONG)
        room.interrupt()
        room.expect("Stopped: SIGINT.")
        self.assertEqual(room.finish(), 4)
        self.assertEqual(self.tail(2), [("command", "0020008008 redacted"), ("interruption", "SIGINT")])
        self.assertEqual([f for f in self.replayed() if f != "CEREMONY-INCOMPLETE"], [])
        # The reader still waits for the card, and the next program says so.
        room = Room("resume", self.out, *LONG, **self.people)
        self.addCleanup(room.leave)
        self.says(room.until(FAILED), "CARD-NOT-HELD")
        room.say("retry")
        self.says(room.until("and insert it again"), "Another program holds the card")
        self.put_back(self.ada)
        self.assertEqual(room.to_the_end(), 0, room.transcript[-3000:])
        self.is_whole("CARD-NOT-HELD")

    def replayed(self):
        return [line.split()[1] for line in audit("replay", self.out).stdout.splitlines() if line.startswith("error ")]


class OutsideACeremony(SilentCard):
    models = EVERY
    is_real = False

    def test_every_exchange_of_card_info(self):
        card = self.insert(0, 31)
        shown = ceremony("card", "info")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        exchanges = int(card.tell("count").split()[0])
        # At first sight, and when it is asked what it holds.
        for place in (0, exchanges // 2, exchanges - 1):
            with self.subTest(place):
                card.tell(f"fault {place} never")
                failed = ceremony("card", "info", *SHORT)
                self.assertEqual(failed.returncode, 5, failed.stderr)
                self.assertIn("CARD-TIMEOUT", failed.stderr)
                self.falls_silent(card)
                failed = ceremony("card", "info", *SHORT)
                self.assertEqual(failed.returncode, 5, failed.stderr)
                self.assertIn("CARD-SHARED", failed.stderr)
                self.put_back(card)
                self.assertEqual(ceremony("card", "info").returncode, 0)

    def test_a_timeout_that_makes_no_sense(self):
        for seconds in ("4", "601", "-1", "soon"):
            with self.subTest(seconds):
                refused = ceremony("card", "list", "--card-timeout", seconds)
                self.assertEqual(refused.returncode, 64, refused.stderr)
