"""Transcripts in which a key was to be deleted on its card, and what the card answered does not show it in time.

usage: discards.py FOLDER OUT RUNBOOK
Writes each forgery to OUT/NUMBER, and prints a JSON list of [what, place]; place is "" where the folder holds.
"""
import json
import sys

sys.dont_write_bytecode = True
from forger import CardKey, Folder, tlv

source, out, _ = sys.argv[1:]
whole = Folder(source)
cases = []


def signature(folder, role, who, last=False):
    return folder.first("signature", role=role, keyholder=who, last=last)


def forgery(place):
    def add(make):
        folder = whole.copy()
        folder.is_said = True  # the close record names a delegated role's keys, too
        make(folder)
        mono = 0
        for record in folder.transcript:  # also of those that stand elsewhere now
            mono = record["mono"] = max(mono, record["mono"])
        folder.finish().write(f"{out}/{len(cases)}")
        # Where a signature is made anew, its exchange stands there once more.
        folder.transcript = [json.loads(line) for line in folder.files["transcript.jsonl"].splitlines()]
        at = place and f"transcript.jsonl record {place(folder)}"
        cases.append([make.__doc__, at or ""])
    return add


def first_root(folder): return signature(folder, "root", "ada")


def exchanges(folder, instruction, who="ada"):
    """Places of commands with this instruction for the slot of targets, in the step."""
    return [place for place, record in enumerate(folder.transcript)
            if record["step"] == f"discard-{who}" and record["body"].get("apdu", "")[2:4] + record["body"].get("apdu", "")[6:8] == instruction + "9a"]


def answer(folder, instruction, which=0, who="ada"):
    return folder.transcript[exchanges(folder, instruction, who)[which] + 1]["body"]


def take(folder, step):
    """The records of a step, taken out."""
    taken = [record for record in folder.transcript if record["step"] == step]
    folder.transcript = [record for record in folder.transcript if record["step"] != step]
    return taken


@forgery(None)
def _(folder):
    """nothing is forged"""


@forgery(None)
def _(folder):
    """the card was not heard when it deleted, and says that the slot is empty"""
    body = answer(folder, "f6")
    body.clear()
    body["failure"] = "communication"


@forgery(None)
def _(folder):
    """the card says policies without a key"""
    answer(folder, "f7", 1).update(data="02020101030100", sw="9000")


@forgery(first_root)
def _(folder):
    """the key was never deleted"""
    place = exchanges(folder, "f6")[0]
    del folder.transcript[place:place + 2]


@forgery(first_root)
def _(folder):
    """the key of the other keyholder was never deleted"""
    place = exchanges(folder, "f6", "boris")[0]
    del folder.transcript[place:place + 2]


@forgery(first_root)
def _(folder):
    """the key was moved to another slot"""
    command = folder.transcript[exchanges(folder, "f6")[0]]["body"]
    command["apdu"] = command["apdu"].replace("00f6ff9a", "00f6829a")


def also(folder, apdu, data=b"", sw="9000", which=0, kind="f6"):
    """A command that the card is given before it deletes, or before the slot is looked at again."""
    place = exchanges(folder, kind)[which]
    folder.insert([("command", {"apdu": apdu}), ("response", {"data": data.hex(), "sw": sw})], place)


def make(folder):
    apdu = next(record["body"]["apdu"] for record in folder.transcript
                if record["body"].get("apdu", "").startswith("0047009a"))
    return apdu, tlv("7f49", tlv("86", CardKey(slot=0x9A).public))


@forgery(first_root)
def _(folder):
    """the key was moved to another slot, and then there was nothing to delete"""
    also(folder, "00f6829a")


@forgery(first_root)
def _(folder):
    """the key was moved to another slot, and nobody heard it"""
    also(folder, "00f6829a")
    body = folder.transcript[exchanges(folder, "f6")[0] + 1]["body"]
    body.clear()
    body["failure"] = "communication"


@forgery(first_root)
def _(folder):
    """the key was moved to another slot, and one that was made there instead was deleted"""
    also(folder, *make(folder))
    place = next(place for place, record in enumerate(folder.transcript)
                 if record["step"] == "discard-ada" and record["body"].get("apdu", "").startswith("0047009a"))
    folder.insert([("command", {"apdu": "00f6829a"}), ("response", {"data": "", "sw": "9000"})], place)


@forgery(first_root)
def _(folder):
    """another key was made there"""
    also(folder, *make(folder))


@forgery(first_root)
def _(folder):
    """another key was brought there, and nobody sees which"""
    also(folder, "00fee09a22 redacted")


@forgery(first_root)
def _(folder):
    """another key was moved there"""
    also(folder, "00f69a82")


@forgery(first_root)
def _(folder):
    """another key was moved there and away after it was deleted"""
    also(folder, "00f69a82", which=1, kind="f7")
    also(folder, "00f6829a", which=1, kind="f7")


@forgery(None)
def _(folder):
    """a key was moved between other slots"""
    also(folder, "00f68382")


@forgery(first_root)
def _(folder):
    """the key in another slot was deleted"""
    command = folder.transcript[exchanges(folder, "f6")[0]]["body"]
    command["apdu"] = command["apdu"].replace("00f6ff9a", "00f6ff9c")


@forgery(first_root)
def _(folder):
    """the card refused to delete"""
    answer(folder, "f6")["sw"] = "6982"


@forgery(first_root)
def _(folder):
    """the card said that there was nothing to delete"""
    answer(folder, "f6")["sw"] = "6A88"


@forgery(first_root)
def _(folder):
    """the card does not know the command"""
    answer(folder, "f6")["sw"] = "6D00"


@forgery(first_root)
def _(folder):
    """the slot was not looked at afterwards"""
    place = exchanges(folder, "f7")[1]
    del folder.transcript[place:place + 2]


@forgery(first_root)
def _(folder):
    """the slot still holds the key afterwards"""
    answer(folder, "f7", 1).update(answer(folder, "f7", 0))


@forgery(first_root)
def _(folder):
    """the card says nothing of the slot afterwards"""
    answer(folder, "f7", 1).update(data="", sw="9000")


@forgery(first_root)
def _(folder):
    """the card does not say any more what a slot holds"""
    answer(folder, "f7", 1)["sw"] = "6D00"


@forgery(first_root)
def _(folder):
    """another slot was looked at afterwards"""
    command = folder.transcript[exchanges(folder, "f7")[1]]["body"]
    command["apdu"] = command["apdu"].replace("00f7009a", "00f7009c")


@forgery(first_root)
def _(folder):
    """the slot held another key before"""
    body = answer(folder, "f7", 0)
    body["data"] = body["data"][:-2] + ("00" if body["data"][-2:] != "00" else "01")


@forgery(first_root)
def _(folder):
    """the slot was not looked at before"""
    place = exchanges(folder, "f7")[0]
    del folder.transcript[place:place + 2]


@forgery(first_root)
def _(folder):
    """another card came before the slot was looked at again"""
    place = exchanges(folder, "f7")[1]
    folder.insert([("release", {}), ("card", {"reader": "Reader"}), ("command", {"apdu": "00f80000"}),
                   ("response", {"data": "00001267", "sw": "9000"})], place)


@forgery(first_root)
def _(folder):
    """it was deleted in another step"""
    for record in folder.transcript:
        record["step"] = record["step"].replace("discard-ada", "head-cards")


@forgery(first_root)
def _(folder):
    """it was deleted after a card had signed the root"""
    taken = take(folder, "discard-boris")
    place = signature(folder, "root", "boris")
    folder.transcript[place + 1:place + 1] = taken


@forgery(lambda folder: signature(folder, "targets", "ada"))
def _(folder):
    """it was deleted before it signed"""
    taken = take(folder, "sign-targets-ada")
    place = max(place for place, record in enumerate(folder.transcript) if record["step"] == "discard-ada")
    folder.transcript[place + 1:place + 1] = taken


print(json.dumps(cases))
