"""Rehearsals with a fault at one exchange of one card each, through the pcscd that this was started with.

It is given the kind of the cards. A case comes in as a line of JSON, {"fault", "after"}, and what came of it goes out as one. Not a test by itself:
test_faults.py starts several of these, each below a pcscd of its own, and judges.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from profiles import ASKED
from scripts import two_keyholders
from secrets_in import found_in_folder
from served import CEREMONY, PATIENCE, ServedCard, audit, notice

# Longer than an unattended rehearsal waits for a card, and what the program may be silent for.
HANG = 120


# Given to a card that falls silent, and a while longer until somebody takes it out.
CARD_TIMEOUT, TAKEN_OUT_AFTER = 5, 7


class TroubledCard(ServedCard):
    """A card that is put back into its reader when a fault has thrown it out, or it fell silent."""

    def insert(self, place):
        super().insert(place)
        self.answers = []
        self.more = threading.Condition()
        threading.Thread(target=self.listen, args=[self.process.stdout], daemon=True).start()

    def listen(self, lines):
        for line in lines:
            if line == "silent\n":
                time.sleep(TAKEN_OUT_AFTER)
                self.order("unplug")
            elif line == "unplugged\n":
                notice(self.place, False)
                self.order("plug")
            elif line not in ("plugged\n", "the reader is gone\n"):
                with self.more:
                    self.answers.append(line.strip())
                    self.more.notify()

    def order(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def tell(self, line):
        with self.more:
            self.answers.clear()
            self.order(line)
            assert self.more.wait_for(lambda: self.answers, PATIENCE), line
            return self.answers[-1]

    def count(self):
        """Exchanges so far, and faults to come."""
        return [int(number) for number in re.findall(r"\d+", self.tell("count"))]


class Bench:
    """Two cards, of which Ada's gets into trouble; each rehearsal gives up what the one before put on them."""

    def __init__(self, folder, model):
        self.folder = folder
        self.script = two_keyholders(folder, **ASKED[model])
        self.ada, self.boris = TroubledCard(0, 41, model), TroubledCard(1, 42, model)

    def rehearse(self, fault=None, after=0):
        out = os.path.join(self.folder, "out")
        shutil.rmtree(out, ignore_errors=True)
        self.ada.tell("mend")
        begun = self.ada.count()[0]
        if fault:
            self.ada.tell(f"fault {after} {fault}")
        status, trouble = self.run(out)
        exchanges, pending = self.ada.count()
        self.ada.tell("mend")
        result = {"fault": fault, "after": after, "status": status, "exchanges": exchanges - begun}
        result["happened"] = pending == 0
        result["codes"] = re.findall(r"^error ([A-Z0-9-]+)", trouble, re.MULTILINE)
        result["trouble"] = trouble[-500:]
        if isinstance(status, int):
            result.update(self.judge(out))
        return result

    def run(self, out):
        """The exit status, or words for a program that was silent for too long."""
        log = os.path.join(self.folder, "log")
        with open(log, "wb") as output:
            process = subprocess.Popen(
                [CEREMONY, "rehearse", self.script, "--cards", "pcsc", "--unattended", "--out", out]
                + ["--sacrifice", "41", "--sacrifice", "42", "--card-timeout", str(CARD_TIMEOUT)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=output,
            )
        transcript = os.path.join(out, "transcript.jsonl")
        size, deadline, status = -1, time.monotonic() + HANG, None
        while status is None:
            try:
                status = process.wait(0.1)
            except subprocess.TimeoutExpired:
                now = os.path.getsize(transcript) if os.path.exists(transcript) else 0
                if now != size:
                    size, deadline = now, time.monotonic() + HANG
                elif time.monotonic() > deadline:
                    process.kill()
                    process.wait()
                    status = f"silent for {HANG} s"
        with open(log, encoding="utf-8", errors="replace") as file:
            return status, file.read()

    def judge(self, out):
        """What a replay says, whether there is a root and python-tuf accepts it, and where a secret stands."""
        from tuf.api.metadata import Metadata, Root

        result = {}
        replay = json.loads(audit("replay", out, "--format", "json").stdout)
        result["replay"] = [finding["code"] for finding in replay["findings"] if finding["severity"] == "error"]
        path = os.path.join(out, "metadata", "1.root.json")
        result["root"] = os.path.exists(path)
        if result["root"]:
            try:
                root = Metadata[Root].from_file(path)
                root.verify_delegate("root", root)
                result["accepted"] = len(root.signed.roles["root"].keyids) == 2
            except Exception as error:  # Whatever python-tuf says is a wrong product.
                result["accepted"] = str(error)
        paper = os.path.join(out, "virtual-cards", "paper.json")
        if os.path.exists(paper):
            with open(paper, encoding="utf-8") as file:
                result["leaks"] = found_in_folder(json.load(file).values(), out)
        return result


def main():
    with tempfile.TemporaryDirectory(prefix="inject-") as folder:
        bench = Bench(folder, sys.argv[1])
        try:
            for line in sys.stdin:
                print(json.dumps(bench.rehearse(**json.loads(line))), flush=True)
        finally:
            bench.ada.take_out()
            bench.boris.take_out()


if __name__ == "__main__":
    main()
