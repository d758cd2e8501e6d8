"""Structured changes of finished folders, each written anew as whole as its cards can make it.

usage: mutations.py FOLDER OUT RUNBOOK COUNT SEED
Writes COUNT changed folders to OUT/NUMBER, and prints a JSON list of [what, null]. RUNBOOK is not read.
"""
import json
import random
import re
import sys

sys.dont_write_bytecode = True
from forger import Folder, canonical, printed, sha256

source, out, _, count, seed = sys.argv[1:]
dice = random.Random(seed)
whole = Folder(source)
INPUT = "inputs/1.root.json"
is_rotation = INPUT in whole.files
if is_rotation:
    whole.keep(json.loads(whole.files[INPUT])["signed"])
is_sealed = "seal.dsse.json" in whole.files
is_answer = "inputs/request.json" in whole.files
is_apart = is_answer or any(name.startswith(("requests/", "inputs/answers/")) for name in whole.files)
if is_apart:
    whole.sealed_by = [entry["keyid"] for entry in json.loads(whole.files["seal.dsse.json"])["signatures"]]
VALUES = [None, True, False, 0, 1, -1, 5, 1 << 53, "", "0", "x", "root", "targets", "complete", "ada", [], [1], {}, "0" * 64]


def places(value, path=()):
    """Paths to everything inside a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in inner:
        yield path + (name,)
        yield from places(item, path + (name,))


def at(value, path):
    for name in path:
        value = value[name]
    return value


def nudge(value):
    """Another value near this one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + dice.choice([-1, 1, 7])
    if isinstance(value, str) and value:
        place = dice.randrange(len(value))
        return dice.choice([
            value[:place] + dice.choice("0aF9zé\u2028") + value[place + 1:], value.upper(), value[:-1], value + "0"])
    if isinstance(value, list) and value:
        return dice.choice([value[::-1], value[:-1], value + value[:1]])
    return dice.choice(VALUES)


def inside(value, what):
    """Changes one thing somewhere inside, and says which."""
    all_places = list(places(value))
    if not all_places:
        return what
    path = dice.choice(all_places)
    holder, name = at(value, path[:-1]), path[-1]
    way = dice.choice(["nudged", "replaced", "removed", "added"])
    if way == "nudged":
        holder[name] = nudge(holder[name])
    elif way == "replaced":
        holder[name] = dice.choice(VALUES)
    elif way == "removed":
        del holder[name]
    elif isinstance(holder, dict):
        holder[dice.choice(["x", "x-more", "sha256", "role", "keyid"])] = dice.choice(VALUES)
    else:
        holder.append(dice.choice(VALUES))
    return f"{what} {'.'.join(map(str, path))} {way}"


KINDS = ["begin", "payload", "signature", "write", "read", "command", "response", "close", "statement", "initials",
         "proof", "random", "resume", "dropped", "delivery", "enrolment", "interruption", "screen", "end", "bag", "attendance", "exception"]


def some(records):
    """Index of a record, of each kind as likely as of another."""
    kind = dice.choice([k for k in KINDS if any(r["kind"] == k for r in records)])
    return dice.choice([place for place, record in enumerate(records) if record["kind"] == kind])


def record_body(folder):
    log = dice.choice([folder.transcript, folder.transcript, folder.sealing])
    place = some(log)
    return inside(log[place]["body"], f"record {place} ({log[place]['kind']}) body")


def record_head(folder):
    record = folder.transcript[some(folder.transcript)]
    name = dice.choice(["kind", "step", "at", "mono"])
    record[name] = dice.choice(KINDS) if name == "kind" else nudge(record[name])
    return f"record's {name}"


def record_order(folder):
    log = dice.choice([folder.transcript, folder.sealing])
    place, way = some(log), dice.choice(["dropped", "doubled", "moved", "kind gone"])
    kind = log[place]["kind"]
    if way == "dropped":
        del log[place]
    elif way == "doubled":
        log.insert(place, dict(log[place]))
    elif way == "moved":
        record = log.pop(place)
        log.insert(dice.randrange(len(log) + 1), record)
    else:
        log[:] = [record for record in log if record["kind"] != kind]
    return f"{kind} {place} {way}"


def exchange(folder):
    """A byte of a GENERATE, a signature, or an answer to them."""
    found = [place for place, record in enumerate(folder.transcript)
             if re.match("..(47|87)", record["body"].get("apdu", ""))]
    place = dice.choice(found)
    body = folder.transcript[place + dice.choice([0, 1])]["body"]
    name = "apdu" if "apdu" in body else dice.choice(["data", "sw"]) if "data" in body else "failure"
    text = body.get(name) or "00"
    spot = dice.randrange(len(text))
    body[name] = text[:spot] + dice.choice("0123456789abcdefAF") + text[spot + 1:]
    return f"exchange {place} {name} at {spot}"


def metadata(folder):
    """Another signed part, built and signed by all or some of the root's keys."""
    signed = folder.metadata("root")
    what = inside(signed, "signed part of root:")
    keys = [folder.keys[keyid] for keyid in folder.sealed_by]
    if dice.random() < 0.3:
        keys.pop()
    folder.replace("root", signed, keys, is_kept=dice.random() < 0.2)
    return what


LINES = ["seal: 1", "more: x", "ceremony: 2", "absent: enrolled", "x: &a 1", "# more", "", "\t", "- x", "threshold: 1",
         "    slot: 9a", "    algorithm: ecdsa-p256", "    pin-policy: once", "    expires: 2030-01-01T00:00:00Z"]


def script(folder):
    lines = folder.files["script.yaml"].decode().split("\n")
    place, way = dice.randrange(len(lines)), dice.choice(["gone", "twice", "nudged", "indented", "swapped", "added"])
    if way == "gone":
        del lines[place]
    elif way == "twice":
        lines.insert(place, lines[place])
    elif way == "nudged":
        lines[place] = nudge(lines[place] or "#")
    elif way == "indented":
        lines[place] = dice.choice([" ", "  ", "\t"]) + lines[place]
    elif way == "swapped" and place:
        lines[place - 1], lines[place] = lines[place], lines[place - 1]
    else:
        lines.insert(place, dice.choice(LINES))
    folder.files["script.yaml"] = "\n".join(str(line) for line in lines).encode()
    return f"script line {place + 1} {way}"


def file(folder):
    path = dice.choice(sorted(name for name in folder.files if not name.startswith("virtual-cards/")))
    if path.endswith(".jsonl"):
        return record_body(folder)
    way = dice.choice(["gone", "nudged", "renamed", "unnamed"])
    if way == "gone":
        del folder.files[path]
    elif way == "nudged":
        data = bytearray(folder.files[path] or b"x")
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        folder.files[path] = bytes(data)
    elif way == "renamed":
        folder.files[dice.choice(["x", "annex/x", "inputs/x", "metadata/2.root.json"])] = folder.files.pop(path)
    else:
        folder.transcript = [record for record in folder.transcript if record["body"].get("path") != path]
    return f"{path} {way}"


def card(folder):
    path = dice.choice(sorted(name for name in folder.files if name.endswith("card.json") and name.startswith("cards/")))
    value = json.loads(folder.files[path])
    what = inside(value, path)
    folder.files[path] = printed(value)
    return what


def kind(folder):
    """Calls a rehearsal real, or one part of it."""
    folder.transcript[0]["body"]["rehearsal"] ^= True
    parts = dice.sample(["mark", "metadata", "proofs"], dice.randrange(4))
    if "mark" in parts:
        del folder.files["REHEARSAL"]
        folder.transcript = [record for record in folder.transcript if record["body"].get("path") != "REHEARSAL"]
    if "metadata" in parts and is_sealed:
        signed = {name: value for name, value in folder.metadata("root").items() if not name.startswith("x-")}
        folder.replace("root", signed, [folder.keys[keyid] for keyid in folder.sealed_by])
    if "proofs" in parts:
        for record in folder.transcript:
            if record["kind"] in ("proof", "statement"):
                record["body"]["rehearsal"] ^= True
    return f"called real, with {parts}"


def ending(folder):
    """Says of one ending that it was another."""
    said = dice.choice(["complete", "aborted", "given-up", "pending"])
    for record in dice.choice([[folder.transcript[-1]], [folder.sealing[-1]], [folder.transcript[-1], folder.sealing[-1]]]):
        record["body"]["ending"] = said
    if dice.random() < 0.5:
        folder.files.setdefault("seal.dsse.json", b"")
    elif dice.random() < 0.5:
        folder.files.pop("seal.dsse.json", None)
    return f"called {said}"


def earlier(folder):
    """The ceremony before this one."""
    begin = folder.transcript[0]["body"]
    way = dice.choice(["none", "some", "not kept", "another file"])
    if way == "none":
        begin.pop("after", None)
    elif way == "some" or "after" not in begin:
        begin["after"] = {"root": "0" * 64, "head": "1" * 64, "kept": dice.choice([True, False])}
    elif way == "not kept":
        begin["after"]["kept"] = False
    else:
        folder.files["inputs/previous.root.json"] = b"{}"
    return f"the ceremony before it: {way}"


def before(folder):
    """The root before, signed anew by whoever signed it, and pinned by the script."""
    path = dice.choice(sorted(name for name in folder.files if name.startswith("inputs/1.")))
    was, signed = sha256(folder.files[path]), json.loads(folder.files[path])["signed"]
    what = inside(signed, f"signed part of {path}:")
    message = canonical(signed).encode()
    ids = [entry["keyid"] for entry in json.loads(folder.files[path])["signatures"]]
    keys = [folder.keys[keyid] for keyid in ids if keyid in folder.keys]
    folder.files[path] = printed({
        "signatures": [{"keyid": key.id, "sig": key.sign(message).hex()} for key in keys], "signed": signed})
    folder.script(lambda text: text.replace(was, sha256(folder.files[path])))
    if path == INPUT and folder.transcript[0]["body"]["after"]["root"] == was:
        folder.files["inputs/previous.root.json"] = folder.files[path]
        folder.transcript[0]["body"]["after"]["root"] = sha256(folder.files[path])
    return what


def asked(folder):
    """A request, one that was written or one that is answered; or a file that came from elsewhere."""
    path = dice.choice(sorted(
        name for name in folder.files if name.startswith(("requests/", "inputs/request", "inputs/answers/"))))
    was = sha256(folder.files[path])
    if path.endswith(".tar"):
        data = bytearray(folder.files[path])
        place = dice.randrange(len(data))
        data[place] ^= 1 << dice.randrange(8)
        what, data = f"{path} at {place}", bytes(data)
    else:
        value = json.loads(folder.files[path])
        what = inside(value, path)
        data = canonical(value).encode() if dice.random() < 0.9 else printed(value)
    folder.files[path] = data
    for record in folder.transcript:
        for one in [record["body"], *record["body"].get("signatures", [])]:
            if type(one) is dict and one.get("path") == path:
                one.update(sha256=sha256(data), bytes=len(data))
    if path == "inputs/request.json":
        folder.script(lambda text: text.replace(was, sha256(data)))
    elif dice.random() < 0.9 and path.startswith("inputs/answers/"):
        folder.files[path.replace(was, sha256(data))] = folder.files.pop(path)
        for record in folder.transcript:
            for one in record["body"].get("signatures", []) if record["kind"] == "delivery" else []:
                one["path"] = one["path"].replace(was, sha256(data))
    return what


WAYS = [record_body] * 5 + [record_head, record_order, exchange, exchange, metadata, metadata, metadata] + [script] * 4
WAYS += [file, card, card, kind, ending, earlier]
if not is_sealed:
    WAYS = [way for way in WAYS if way is not metadata]
if not any(name.endswith("card.json") for name in whole.files):
    WAYS = [way for way in WAYS if way is not card]
if is_rotation:
    WAYS += [before] * 6
if is_apart:
    WAYS += [asked] * 8
if not any(re.match("..(47|87)", record["body"].get("apdu", "")) for record in whole.transcript):
    WAYS = [way for way in WAYS if way is not exchange]  # no card was needed before the close
newest = whole.transcript[0]["body"]["engine"]
cases = []
while len(cases) < int(count):
    folder, engine, has_proofs = whole.copy(), newest if is_rotation or is_apart else dice.choice([3, 3, newest - 1, newest]), dice.random() < 0.7
    folder.engine(engine, has_proofs and engine > 3)
    sealers = dice.choice([None, None, None, None, folder.sealed_by[:1], []])
    try:
        what = dice.choice(WAYS)(folder)
        for record in folder.transcript + folder.sealing:
            record.setdefault("body", {})
        folder.finish(sealers)
    except (AssertionError, KeyError, TypeError, AttributeError, IndexError, ValueError):
        continue  # what cannot be written, nobody has to judge
    folder.write(f"{out}/{len(cases)}")
    cases.append([f"{what}, engine {engine}{'' if has_proofs else ' without proofs'}, sealed by {'all' if sealers is None else len(sealers)}", None])
print(json.dumps(cases))
