"""Whole rehearsals on served cards, through a real pcscd."""

import functools
import http.server
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading

from tuf.ngclient import Updater

from profiles import OnEachProfile
from served import CEREMONY, PACKAGE, PATIENCE, ServedCard, Terminal, audit, ceremony, keeper, notice, records

RUNBOOK = os.path.join(PACKAGE, "Runbook")


def steps(folder):
    """What was done in which step, without what differs by card or clock."""
    return [(record["step"], record["kind"]) for record in records(folder) + records(folder, "sealing.jsonl")]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def discarding(folder):
    """The first rehearsal, and targets is signed by keys that the cards delete before they sign the root."""
    with open(os.path.join(RUNBOOK, "first-rehearsal.yaml"), encoding="utf-8") as file:
        text = file.read()
    steps = [f"  - {{id: {kind}-targets, do: {kind}, role: targets}}\n" for kind in ("build", "show")]
    steps += [f"  - {{id: sign-targets-{who}, do: sign, role: targets, keyholder: {who}}}\n" for who in ("ada", "boris")]
    steps += [f"  - {{id: discard-{who}, do: discard, keyholder: {who}}}\n" for who in ("ada", "boris")]
    late = [f"  - {{id: {kind}-targets, do: {kind}, role: targets}}\n" for kind in ("verify", "write")]
    role = "    threshold: 2\n    keyholders: [ada, boris]\n    expires: {days: 7}\n    discarded: true\n"
    for old, new in (
            ("ceremony: 1", "ceremony: 2"), ("  targets:\n    threshold: 1\n    keys: [service]\n", f"  targets:\n{role}"),
            ("  - id: sign-root-ada\n", "".join(steps) + "  - id: sign-root-ada\n"),
            ("  - id: close\n", "".join(late) + "  - id: close\n")):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = os.path.join(folder, "discarding.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


class Rehearsal(OnEachProfile):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.out = os.path.join(self.folder, "out")

    def insert(self, place, serial):
        card = ServedCard(place, serial, self.model)
        self.addCleanup(card.take_out)
        return card

    def begin(self, script, *options):
        """A rehearsal on served cards, in the background."""
        process = subprocess.Popen(
            [CEREMONY, "rehearse", os.path.join(RUNBOOK, script), "--cards", "pcsc", "--unattended"]
            + ["--out", self.out, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

        def end():
            process.kill()
            process.wait()
            process.stdout.close()
            process.stderr.close()

        self.addCleanup(end)
        return process

    def until(self, process, words):
        for line in process.stdout:
            if words in line:
                return line
        self.fail(f"no “{words}”: {process.stderr.read()}")

    def in_process(self, script):
        out = os.path.join(self.folder, "in-process")
        made = ceremony("rehearse", os.path.join(RUNBOOK, script), "--unattended", "--out", out)
        self.assertEqual(made.returncode, 0, made.stderr)
        return out

    def replays(self, folder):
        result = audit("replay", folder)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)


class Whole(Rehearsal):
    # As the program holds them by itself.
    models = ["yubikey"]

    def test_first_rehearsal_on_two_cards(self):
        self.insert(1, 20000301)
        self.insert(0, 20000302)
        process = self.begin("first-rehearsal.yaml")
        _, trouble = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0, trouble)
        self.replays(self.out)
        self.assertEqual(steps(self.out), steps(self.in_process("first-rehearsal.yaml")))
        # By ascending serial, not by the order of readers.
        self.assertEqual(sorted(os.listdir(os.path.join(self.out, "cards"))), ["20000301", "20000302"])
        readers = [record["body"]["reader"] for record in records(self.out) if record["kind"] == "card"]
        self.assertEqual(readers[0], "Virtual reader 0 00 01")

    def test_genesis_on_five_cards_in_four_readers(self):
        self.five_cards_in_four_readers("pep458-genesis.yaml")

    def test_genesis_with_one_time_keys_on_five_cards_in_four_readers(self):
        key = os.path.join(self.folder, "service.key")
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True)
        public = subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"], check=True, capture_output=True)
        script = os.path.join(self.folder, "script.yaml")
        with open(os.path.join(RUNBOOK, "pep458-full-genesis.yaml"), encoding="utf-8") as file:
            text, count = re.subn("ed25519: [0-9a-f]{64}", f"ed25519: {public.stdout[-32:].hex()}", file.read())
        self.assertEqual(count, 1)
        with open(script, "w", encoding="utf-8") as file:
            file.write(text)
        self.five_cards_in_four_readers(script)
        self.downloads(key)
        made = [record["body"] for record in records(self.out) if record["kind"] == "one-time"]
        self.assertEqual([body["work"] for body in made], ["make"] * 4 + ["sign"] * 4 + ["wipe"])

    def downloads(self, key):
        """python-tuf's client goes from the root to targets, to bins, to one of them, and to a file."""
        files, tree = os.path.join(self.folder, "files"), os.path.join(self.folder, "repository")
        os.mkdir(files)
        with open(os.path.join(files, "demo.txt"), "w", encoding="utf-8") as file:
            file.write("on served cards\n")
        done = audit("export", self.out, "--format", "repository", "--rehearsal", "--targets", files, "--online-key", key,
                     "--out", tree)
        self.assertEqual(done.returncode, 0, done.stderr)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=tree))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        client = tempfile.mkdtemp(dir=self.folder)
        address = f"http://127.0.0.1:{server.server_port}"
        with open(os.path.join(tree, "metadata", "1.root.json"), "rb") as file:
            updater = Updater(client, f"{address}/metadata/", target_dir=client, target_base_url=f"{address}/targets/",
                              bootstrap=file.read())
        found = updater.get_targetinfo("demo.txt")
        self.assertIsNotNone(found)
        with open(updater.download_target(found), encoding="utf-8") as file:
            self.assertEqual(file.read(), "on served cards\n")

    def test_keys_that_the_cards_delete(self):
        self.insert(1, 20000331)
        self.insert(0, 20000332)
        script = discarding(self.folder)
        process = self.begin(script)
        _, trouble = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0, trouble)
        self.replays(self.out)
        self.assertEqual(steps(self.out), steps(self.in_process(script)))
        sent = [record for record in records(self.out) if record["body"].get("apdu", "").startswith("00f6ff9a")]
        self.assertEqual([record["step"] for record in sent if record["step"].startswith("discard-")],
                         ["discard-ada", "discard-boris"])

    def five_cards_in_four_readers(self, script):
        cards = {20000310 + number: self.insert(number, 20000310 + number) for number in range(4)}
        fifth = 20000314
        process = self.begin(script)
        places = dict(enumerate(cards))
        moves = 0
        for line in process.stdout:
            waiting = re.match(r"Waiting for the card of \w+(?:, serial (\d+))?\.", line)
            if not waiting:
                continue
            wanted = int(waiting[1] or fifth)
            if wanted in places.values():
                continue
            # The card that is needed takes the place of one that was needed longest ago.
            place = moves % 4
            cards[places[place]].take_out()
            if wanted in cards:
                cards[wanted].insert(place)
            else:
                cards[wanted] = self.insert(place, wanted)
            places[place] = wanted
            moves += 1
        self.assertEqual(process.wait(PATIENCE), 0, process.stderr.read())
        self.assertGreaterEqual(moves, 2)
        self.replays(self.out)
        self.assertEqual(steps(self.out), steps(self.in_process(script)))


class Waiting(Rehearsal):
    def test_a_signal_ends_the_wait(self):
        for number, name in ((signal.SIGINT, "SIGINT"), (signal.SIGTERM, "SIGTERM"), (signal.SIGHUP, "SIGHUP")):
            with self.subTest(signal=name):
                self.out = os.path.join(self.folder, name)
                process = self.begin(self.shipped())
                self.until(process, "Waiting for the card of Ada.")
                process.send_signal(number)
                self.assertEqual(process.wait(PATIENCE), 4)
                last = records(self.out)[-1]
                self.assertEqual((last["kind"], last["body"]["reason"]), ("interruption", name))

    def test_a_card_that_comes_late_is_noticed(self):
        process = self.begin(self.shipped())
        self.until(process, "Waiting for the card of Ada. No card is in a reader.")
        card = self.insert(3, 20000321)
        self.until(process, "Waiting for the card of Boris. In readers, and not it: 20000321.")
        card.take_out()
        other = self.insert(3, 20000322)
        self.until(process, "serial 20000321. In readers, and not it: 20000322.")
        other.take_out()
        card.insert(0)
        self.until(process, "serial 20000322. In readers, and not it: 20000321.")
        other.insert(1)
        process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0)
        self.replays(self.out)

    def test_pcscd_is_restarted_during_the_wait(self):
        process = self.begin(self.shipped())
        self.until(process, "Waiting for the card of Ada.")
        self.addCleanup(keeper, signal.SIGUSR1, True)
        keeper(signal.SIGUSR2, False)
        self.until(process, "pcscd is not running")
        keeper(signal.SIGUSR1, True)
        self.until(process, "Waiting for the card of Ada.")
        self.insert(0, 20000331)
        self.insert(1, 20000332)
        process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0)
        self.replays(self.out)

    def test_two_cards_of_one_serial_are_refused(self):
        process = self.begin(self.shipped())
        self.until(process, "Waiting for the card of Ada. No card")
        first = self.insert(0, 20000341)
        self.until(process, "Waiting for the card of Boris.")
        first.take_out()
        second = self.insert(1, 20000342)
        self.until(process, "serial 20000341. In readers, and not it: 20000342.")
        second.take_out()
        first.insert(0)
        self.until(process, "serial 20000342. In readers, and not it: 20000341.")
        twin = self.insert(2, 20000341)
        self.until(process, "Two cards say that they are 20000341.")
        second.insert(3)
        # The card that is wanted is there now, and is not used all the same.
        twin.take_out()
        process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0)


class AtATerminal(Rehearsal):
    def test_two_cards_at_once_and_the_card_of_another(self):
        ada, boris = self.insert(0, 20000362), self.insert(1, 20000361)
        terminal = Terminal("rehearse", self.shipped(), "--cards", "pcsc", "--out", self.out)
        terminal.expect("Are the digests the same?")
        terminal.type("confirm")
        terminal.expect("Said?")
        terminal.type("next")
        for name in "Administrator", "Witness", "Ada", "Boris":
            terminal.expect(f"Is {name} here")
            terminal.type("here")
            terminal.expect(f"Who saw that this is {name}?")
            terminal.type("known")
        terminal.expect("2 cards are in readers, and which one is meant is not known.")
        boris.take_out()
        terminal.expect("Type the serial that Ada reads aloud")
        terminal.type("20000361")
        terminal.expect("That is not one of the answers")
        terminal.type("20000362")
        terminal.expect("Reset the card?")
        terminal.type("reset")
        terminal.expect("Is it written down?")
        terminal.type("written")
        # Left in its reader it is nobody else's card, and no mistake either.
        terminal.expect("Insert the card of Boris")
        terminal.expect("In readers, and not it: 20000362.")
        ada.take_out()
        ada.insert(2)
        terminal.expect("This is the card of Ada (serial 20000362).")
        terminal.expect("What now?")
        terminal.type("retry")
        terminal.expect("Insert the card of Boris")
        boris.insert(3)
        terminal.expect("Type the serial that Boris reads aloud")
        terminal.interrupt()
        self.assertEqual(terminal.finish(), 4)
        codes = [record["body"]["code"] for record in records(self.out) if record["kind"] == "exception"]
        self.assertEqual(codes, ["WRONG-CARD"])


class Pulled(Rehearsal):
    def test_a_card_that_is_pulled_in_the_middle_goes_on(self):
        card = self.insert(0, 20000351)
        process = self.begin(self.shipped(), "--screens")
        self.until(process, "A new PUK for the card of Ada")
        self.assertEqual(card.tell("unplug"), "unplugged")
        notice(card.place, False)
        card.tell("plug")
        self.insert(1, 20000352)
        out, trouble = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0, out + trouble)
        self.replays(self.out)
