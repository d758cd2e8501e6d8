"""The look at the machine, where pcscd has readers and cards: as a command, and as a step of a real ceremony."""

import json
import signal

from served import Terminal, ceremony, keeper, records
from test_readers import Readers, held
from test_run import Ceremony


class Command(Readers):
    def codes(self, point):
        done = ceremony("preflight", "--format", "json")
        self.assertIn(done.returncode, (0, 1), done.stderr)
        document = json.loads(done.stdout)
        self.fits("preflight", document)
        return next(set(one["codes"]) for one in document["points"] if one["point"] == point)

    def test_readers_cards_and_who_holds_them(self):
        self.assertEqual(self.codes("readers"), set())
        self.insert(0, 101)
        connection = held(0)
        self.assertEqual(self.codes("readers"), {"CARD-SHARED"})
        connection.disconnect()
        self.assertEqual(self.codes("readers"), set())

    def test_pcscd_that_is_not_there(self):
        self.assertNotIn("PCSCD-GONE", self.codes("pcscd"))
        keeper(signal.SIGUSR2, False)
        try:
            self.assertIn("PCSCD-GONE", self.codes("pcscd"))
            self.assertEqual(self.codes("readers"), set())
        finally:
            keeper(signal.SIGUSR1, True)
        self.assertNotIn("PCSCD-GONE", self.codes("pcscd"))


class Step(Ceremony):
    """The terminals here have no size, which is a finding on every machine."""

    FOUND = "HOST-TERMINAL-UNKNOWN"

    def prepared(self, fatal):
        path = self.script()
        with open(path, encoding="utf-8") as file:
            text = file.read().replace("ceremony: 1\n", "ceremony: 2\n")
        step = f"  - {{id: machine, do: preflight, fatal: [{fatal}]}}\n  - id: card-ada\n"
        self.assertEqual(text.count("  - id: card-ada\n"), 1)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("  - id: card-ada\n", step))
        return path

    def of(self, kind):
        return [record["body"] for record in records(self.out) if record["kind"] == kind]

    def test_what_is_not_fatal_is_an_exception(self):
        room = Terminal("run", self.prepared("HOST-PROGRAM"), "--out", self.out)
        self.begin(room)
        room.expect(f"{self.FOUND}: ")
        room.expect("What now?")
        room.type("go-on")
        room.expect("Insert the card of Ada")
        room.interrupt()
        self.assertEqual(room.finish(), 4)
        (look,) = self.of("host")
        self.assertEqual([one["point"] for one in look["points"]][-1], "terminal")
        found = [code for one in look["points"] for code in one["codes"]]
        self.assertEqual([one["code"] for one in self.of("exception")], found)
        self.assertEqual([one["code"] for one in self.of("finding")][-len(found):], found)

    def test_what_is_fatal_stops_until_it_is_allowed(self):
        room = Terminal("run", self.prepared(self.FOUND), "--out", self.out)
        self.begin(room)
        room.expect(f"The ceremony does not go on with {self.FOUND}")
        room.type("go-on")
        room.expect("not one of the answers")
        # The same screen again, before the next look.
        room.expect(f"The ceremony does not go on with {self.FOUND}")
        room.type("again")
        room.expect(f"The ceremony does not go on with {self.FOUND}")
        room.interrupt()
        self.assertEqual(room.finish(), 4)
        self.assertEqual(self.of("exception"), [])

        room = Terminal("resume", self.out, "--allow", self.FOUND)
        room.expect("Are all of them here now?")
        room.type("everybody")
        room.expect("Where it has to be so")
        room.type("again")
        room.expect("What now?")
        room.type("go-on")
        room.expect("Insert the card of Ada")
        room.interrupt()
        self.assertEqual(room.finish(), 4)
        self.assertEqual([look["allowed"] for look in self.of("host")], [[], [], [self.FOUND]])
        self.assertIn(self.FOUND, [one["code"] for one in self.of("exception")])
