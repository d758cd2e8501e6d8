"""Sealings that claim a wiped card whose answers do not show it. Nothing before the close is changed, and no seal.

usage: wipes.py FOLDER OUT RUNBOOK
Writes each forgery to OUT/NUMBER, and prints a JSON list of [what, place]; place is "" where the folder holds.
"""
import json
import sys

sys.dont_write_bytecode = True
from forger import Cases, Folder, sha256

source, out, _ = sys.argv[1:]
whole = Folder(source)
head = sha256(whole.files["transcript.jsonl"].splitlines()[-1])
cases = Cases(out)


def forgery(place):
    def forged(make):
        folder = whole.copy()
        make(folder)
        folder.chain("sealing.jsonl", folder.sealing, head)
        return folder.sum()
    return lambda make: cases.add(make.__doc__, place, lambda: forged(make))


def place_of(folder, kind="wipe"):
    return next(place for place, record in enumerate(folder.sealing) if record["kind"] == kind)


def exchanges(folder, instruction, status="9000"):
    """Places of commands with this instruction in the step, whose answer has this status."""
    mine = [place for place, record in enumerate(folder.sealing) if record["step"] == "wipe-chandra"]
    return [place for place in mine if folder.sealing[place]["body"].get("apdu", "")[2:4] == instruction
            and folder.sealing[place + 1]["body"].get("sw") == status]


def claim(folder):
    return folder.sealing[place_of(folder)]["body"]


REFUSED = "sealing.jsonl record "
WIPED = f"{REFUSED}{place_of(whole)}"


@forgery("")
def _(folder):
    """nothing is forged"""


@forgery("")
def _(folder):
    """nobody claims that the card was wiped"""
    del folder.sealing[place_of(folder)]


@forgery("")
def _(folder):
    """less is claimed of its slots than it said"""
    body = claim(folder)
    body["unknown"], body["empty"] = body["empty"][4:], body["empty"][:4]


@forgery("")
def _(folder):
    """a card that writes lengths in more bytes, and says policies without a key"""
    first, second = exchanges(folder, "f7", "6A88")[-2:]
    folder.sealing[first + 1]["body"].update(data="0281020101", sw="9000")
    folder.sealing[second + 1]["body"].update(data="03810100", sw="9000")


@forgery(WIPED)
def _(folder):
    """the card says after its RESET that a slot holds something, with a length in more bytes"""
    folder.sealing[exchanges(folder, "f7", "6A88")[-1] + 1]["body"].update(data="038101010401" + "00", sw="9000")


@forgery(REFUSED)
def _(folder):
    """RESET was not sent"""
    place = exchanges(folder, "fb")[-1]
    del folder.sealing[place:place + 2]


@forgery(WIPED)
def _(folder):
    """RESET was refused"""
    folder.sealing[exchanges(folder, "fb")[-1] + 1]["body"]["sw"] = "6985"


@forgery(WIPED)
def _(folder):
    """the card says after its RESET that a slot holds something"""
    place = exchanges(folder, "f7", "6A88")[-1]
    folder.sealing[place + 1]["body"].update(data="0101e0", sw="9000")


@forgery(WIPED)
def _(folder):
    """the card says after its RESET that it does not know of a slot"""
    folder.sealing[exchanges(folder, "f7", "6A88")[-1] + 1]["body"]["sw"] = "6D00"


@forgery(REFUSED)
def _(folder):
    """a slot was not looked at after the RESET"""
    place = exchanges(folder, "f7", "6A88")[-1]
    del folder.sealing[place:place + 2]


@forgery(REFUSED)
def _(folder):
    """another card came after the RESET"""
    place = place_of(folder)
    folder.insert([("release", {}), ("card", {"reader": "Reader"})], place, folder.sealing)


@forgery(REFUSED)
def _(folder):
    """a key was made after the slots were looked at"""
    place = place_of(folder)
    folder.insert([("command", {"apdu": "0047009c05ac038001e0"}), ("response", {"data": "", "sw": "9000"})], place,
                  folder.sealing)


@forgery(WIPED)
def _(folder):
    """another card is named than was reset"""
    claim(folder)["card"] = "4711"


@forgery(WIPED)
def _(folder):
    """another card was reset than the one that sealed"""
    for place in exchanges(folder, "f8"):
        folder.sealing[place + 1]["body"]["data"] = "00001267"
    claim(folder)["card"] = str(0x1267)


@forgery(WIPED)
def _(folder):
    """another keyholder's card is said to be wiped"""
    claim(folder)["keyholder"] = "ada"


@forgery(WIPED)
def _(folder):
    """other keys are said to have been on it"""
    claim(folder)["keys"] = [json.loads(whole.files[whole.path("root")])["signed"]["roles"]["root"]["keyids"][0]]


@forgery(WIPED)
def _(folder):
    """it is wiped in another step"""
    folder.sealing[place_of(folder)]["step"] = "close/seal-chandra"


@forgery(WIPED)
def _(folder):
    """a slot stands twice"""
    claim(folder)["unknown"] = ["9c"]


@forgery(WIPED)
def _(folder):
    """the slots stand in another order"""
    claim(folder)["empty"].reverse()


@forgery(WIPED)
def _(folder):
    """something more stands in it"""
    claim(folder)["note"] = "really"


@forgery(f"{REFUSED}{place_of(whole) + 1}")
def _(folder):
    """it is wiped twice"""
    place = place_of(folder)
    folder.insert([("wipe", claim(folder))], place + 1, folder.sealing)


@forgery(REFUSED)
def _(folder):
    """its owner had left"""
    body = {"person": "chandra", "role": "keyholder", "state": "leaves"}
    folder.insert([("attendance", body)], place_of(folder), folder.sealing)


print(json.dumps(cases))
