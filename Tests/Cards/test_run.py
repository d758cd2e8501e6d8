"""The real ceremony at a terminal, with cards that nobody can attest."""

import datetime
import os
import shutil
import tempfile

from profiles import REAL, OnEachProfile
from secrets_in import searched
from served import PACKAGE, ServedCard, Terminal, audit, records

PINS = {"ada": "24681357", "boris": "13572468"}
PUKS = {"ada": "86421357", "boris": "97531864"}


class Ceremony(OnEachProfile):
    """A script, a folder and served cards for a ceremony that `run` holds."""

    models = REAL

    def setUp(self):
        # In the build folder and not in /tmp, which may be memory.
        self.folder = tempfile.mkdtemp(dir=os.path.join(PACKAGE, ".build"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.out = os.path.join(self.folder, "out")

    def script(self, attestation="optional"):
        path = self.shipped(attestation=attestation)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=300)
        # Of a service that somebody has: the shipped key is for rehearsals only.
        text = text.replace("3f3aba7404fe16be2a9bcffcc5fff0bb9c37d49ad72ed147ca0397c32cdabef5", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
        text = text.replace("expires:\n      days: 7", f"expires: {expires:%Y-%m-%dT00:00:00Z}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def insert(self, place, serial, unmarked=True):
        card = ServedCard(place, serial, self.model, unmarked=unmarked)
        self.addCleanup(card.take_out)
        return card

    def begin(self, room):
        """Up to the first card: everybody is here, and somebody saw who they are."""
        room.expect("Are the digests the same?")
        room.type("confirm")
        room.expect("Said?")
        room.type("next")
        for name in "Administrator", "Witness", "Ada", "Boris":
            room.expect(f"Is {name} here")
            room.type("here")
            room.expect(f"Who saw that this is {name}?")
            room.type("known")

    def assert_nowhere(self, secrets):
        """In no file of the products folder."""
        for folder, _, names in os.walk(self.out):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    data = searched(file.read())
                for secret in secrets:
                    # Inside a longer number or digest the same digits are chance.
                    self.assertNotRegex(data, rb"(?<![0-9a-f])" + secret.encode() + rb"(?![0-9a-f])", name)
                    self.assertNotIn(secret.encode().hex().encode(), data, name)


class Run(Ceremony):
    def provision(self, room, who, serial):
        room.expect("reads aloud from the case")
        room.type(str(serial))
        room.expect("Reset the card?")
        room.type("reset")
        for kind, value in (("PUK", PUKS[who]), ("PIN", PINS[who])):
            room.expect(f"New {kind}")
            room.type(value)
            room.expect("The same again")
            room.type(value)
        room.expect("Is it written down?")
        room.type("written")
        # The new key signs its proof.
        room.expect("signs for the first time")
        room.expect(f"PIN of {who.capitalize()}")
        room.type(PINS[who])

    def test_a_whole_ceremony_by_hand_with_a_wrong_pin_and_a_wrong_card(self):
        ada = self.insert(0, 71)
        room = Terminal("run", self.script(), "--out", self.out)
        self.begin(room)
        self.provision(room, "ada", 71)
        room.expect("Take it out and keep it")
        ada.take_out()
        boris = self.insert(1, 72)
        self.provision(room, "boris", 72)
        room.expect("Read the head so far aloud")
        room.type("confirm")
        room.expect("Does everything agree")
        room.type("confirm")
        # Boris's card is still in its reader, and Ada has to sign: her card is waited for by its serial.
        room.expect("Insert the card of Ada (serial 71)")
        ada.insert(0)
        room.expect("sign these bytes")
        room.type("sign")
        room.expect("PIN of Ada")
        room.type("000000")
        room.expect("PIN-WRONG")
        room.type("retry")
        room.expect("sign these bytes")
        room.type("sign")
        room.expect("PIN of Ada")
        room.type(PINS["ada"])
        room.expect("Ada has signed root")
        room.expect("sign these bytes")
        room.type("sign")
        room.expect("PIN of Boris")
        room.type(PINS["boris"])
        room.expect("Is it written down?")
        room.type("written")
        room.expect("Close the transcript?")
        room.type("close")
        room.expect("Do they agree with what the viewers see?")
        room.type("confirm")
        for who in ("ada", "boris"):
            room.expect("sign these bytes")
            room.type("sign")
            room.expect(f"PIN of {who.capitalize()}")
            room.type(PINS[who])
        self.assertEqual(room.finish(), 0, room.text)

        replay = audit("replay", self.out)
        self.assertEqual(replay.returncode, 0, replay.stdout)
        self.assertIn("NOT PROVEN TO BE ON HARDWARE", replay.stdout.splitlines()[0])
        self.assertNotIn("REHEARSAL", replay.stdout)
        self.assertFalse(os.path.exists(os.path.join(self.out, "REHEARSAL")))
        verify = audit("verify", os.path.join(self.out, "metadata"))
        self.assertEqual(verify.returncode, 0, verify.stdout)
        self.assert_nowhere([*PINS.values(), *PUKS.values()])
        boris.take_out()

    def test_our_virtual_cards_are_refused(self):
        # A bare one has no mark.
        self.model = "yubikey" if self.model == "bare" else self.model
        self.insert(0, 73, unmarked=False)
        room = Terminal("run", self.script(), "--out", self.out)
        self.begin(room)
        room.expect("WRONG-CARD")
        room.expect("This is a virtual card")
        room.type("abort")
        for role in "administrator", "witness":
            room.expect(f"as {role}: is the ceremony given up?")
            room.type("abort")
        room.expect("Do they agree")
        room.type("confirm")
        self.assertEqual(room.finish(), 1)
        commands = [r["body"]["apdu"][2:4] for r in records(self.out) if r["kind"] == "command"]
        self.assertTrue(set(commands) <= {"a4", "fd", "f8", "cb"}, commands)

    def test_attestation_without_a_vendor_stops_before_anything_is_made(self):
        room = Terminal("run", self.script("required"), "--out", self.out)
        room.expect("VENDOR-CERTIFICATES-MISSING")
        self.assertEqual(room.finish(), 1)
        self.assertFalse(os.path.exists(self.out))

    def test_a_folder_in_memory_is_refused(self):
        if not os.path.isdir("/dev/shm"):
            self.skipTest("there is no memory disk at /dev/shm")
        room = Terminal("run", self.script(), "--out", f"/dev/shm/{os.path.basename(self.folder)}")
        room.expect("in memory only")
        self.assertEqual(room.finish(), 73)
