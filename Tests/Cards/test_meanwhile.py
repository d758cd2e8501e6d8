"""What people do while a card is awaited."""

import os

from served import records
from test_mishaps import Provisioned


class Meanwhile(Provisioned):
    def begin(self):
        """A real ceremony that waits for Boris's card."""
        insert, self.insert = self.insert, lambda place, serial: insert(place, serial) if serial == 31 else None
        room = super().begin()
        self.insert = insert
        room.until("Waiting for the card of Boris")
        return room

    def types(self, room, line):
        """At no prompt, so that nothing has to be waited for."""
        os.write(room.end, line.encode() + b"\n")

    def test_words_that_are_always_taken(self):
        room = self.begin()
        self.types(room, "pause")
        room.until("PAUSED since")
        room.say("continue")
        room.until("Waiting for the card of Boris")
        for line in "98765432", "next", "":
            self.types(room, line)
            self.assertNotIn("98765432", room.until("Now only these are taken: exception, pause, leaves, returns, abort."))
        self.types(room, "cccccckdvvulethkfjrbtiuncbkglidlhbgvbkvhnvji")
        room.until("one-time password")
        self.types(room, "exception")
        room.until("Exception 1")
        room.say("witness")
        room.until("What happened")
        room.say("The light of the reader is out.")
        room.until("Is this what shall be recorded?")
        room.say("yes")
        room.until("Waiting for the card of Boris")
        self.types(room, "abort")
        room.until("Give the ceremony up?")
        room.say("back")
        room.until("Waiting for the card of Boris")
        self.boris = self.insert(1, 32)
        self.complete(room, ["NOTED"])
        asides = [record["body"] for record in records(self.out) if record["kind"] == "card" and "aside" in record["body"]]
        self.assertEqual(asides, [{"aside": word} for word in ("pause", "exception", "abort")])

    def test_whoever_is_waited_for_leaves(self):
        room = self.begin()
        self.types(room, "leaves")
        room.until("Who leaves")
        room.say("boris")
        room.until("Waiting for Boris")
        room.say("returned")
        room.until("Insert the card of Boris")
        self.boris = self.insert(1, 32)
        self.complete(room, [])
