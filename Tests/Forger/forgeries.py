"""Forgeries of a finished folder, and edges at which two verifiers could part: each with the place that both must name.

usage: forgeries.py FOLDER OUT RUNBOOK
Writes each forgery to OUT/NUMBER, and prints a JSON list of [what, place]; place is "" where the folder holds.
"""
import json
import sys

sys.dont_write_bytecode = True
from forger import CardKey, Cases, Folder, canonical, printed, sha256, tlv

source, out, runbook = sys.argv[1:]
sys.path.insert(0, runbook)
import verify_transcript as second  # For its arithmetic of the curve; tuf-audit's is libsodium's.

whole = Folder(source)
ROOT, TARGETS, SCRIPT = "metadata/1.root.json", "metadata/1.targets.json", "script.yaml"
SEAL, BEGIN = "seal.dsse.json", "transcript.jsonl record 0"
root, targets = whole.metadata("root"), whole.metadata("targets")
ring = whole.keys
first = ring[root["roles"]["root"]["keyids"][0]]
everybody = [ring[keyid] for keyid in root["roles"]["root"]["keyids"]]
holders = [ring[keyid] for keyid in root["roles"]["targets"]["keyids"]]
cases = Cases(out)


newest = whole.transcript[0]["body"]["engine"]


def forgery(place, engine=3):
    return lambda make: cases.add(make.__doc__, place, lambda: make(whole.copy().engine(engine)))


def changed(signed, **members):
    return {**json.loads(json.dumps(signed)), **members}


def roles(**members):
    return {name: {**role, **members.get(name, {})} for name, role in root["roles"].items()}


for version in range(2, newest):
    @forgery("", version)
    def _(folder):
        return folder.finish()
    cases.name(f"what the forger writes when nothing is forged, as of engine version {version}")


# --- Metadata that the script does not say

@forgery(ROOT)
def _(folder):
    """one keyholder makes a root of threshold 1 with an online key of her own, and seals alone"""
    online = CardKey()
    keys = {first.id: first.object, online.id: online.object}
    lone = {"keyids": [first.id], "threshold": 1}
    service = {"keyids": [online.id], "threshold": 1}
    forged = changed(root, expires="2036-01-01T00:00:00Z", keys=keys, roles={
        "root": lone, "targets": lone, "snapshot": service, "timestamp": service})
    del folder.files[TARGETS]
    folder.transcript = [record for record in folder.transcript if record["body"].get("path") != TARGETS]
    return folder.replace("root", forged, [first], is_kept=True).finish([first.id])


for what, signed in [
    ("expiry", changed(root, expires="2026-11-29T00:00:00Z")),
    ("expiry in 2036", changed(root, expires="2036-01-01T00:00:00Z")),
    ("threshold", changed(root, roles=roles(root={"threshold": 1}))),
    ("threshold of an online role", changed(root, roles=roles(targets={"threshold": 1}))),
    ("order of keys", changed(root, roles=roles(root={"keyids": root["roles"]["root"]["keyids"][::-1]}))),
    ("one key fewer", changed(root, roles=roles(root={"keyids": root["roles"]["root"]["keyids"][:-1]}))),
    ("targets keys of others", changed(root, roles=roles(
        targets={"keyids": root["roles"]["targets"]["keyids"][::-1]}))),
    ("version", changed(root, version=2)),
    ("spec_version", changed(root, spec_version="1.0.30")),
    ("consistent_snapshot", changed(root, consistent_snapshot=False)),
    ("a field more", changed(root, **{"x-more": 1})),
    ("no mark of a rehearsal", {name: value for name, value in root.items() if not name.startswith("x-")}),
]:
    @forgery(ROOT)
    def _(folder):
        return folder.replace("root", signed, everybody).finish()
    cases.name(f"a root that everybody signs, with another {what}")

for what, signed in [
    ("expiry", changed(targets, expires="2036-01-01T00:00:00Z")), ("expiry that is none", changed(targets, expires="x")),
    ("expiry of another type", changed(targets, expires=1)), ("spec_version", changed(targets, spec_version="9")),
    ("spec_version of another type", changed(targets, spec_version=1)), ("version", changed(targets, version=7)),
    ("target", changed(targets, targets={"x": {"length": 1, "hashes": {"sha256": "00"}}})),
    ("field", changed(targets, delegations={"keys": {}, "roles": []})),
]:
    @forgery(TARGETS)
    def _(folder):
        return folder.replace("targets", signed, holders).finish()
    cases.name(f"targets that everybody signs, with another {what}")


@forgery(ROOT)
def _(folder):
    """a second payload that reached a signature beside the one that was written"""
    message = canonical(changed(root, expires="2036-01-01T00:00:00Z")).encode()
    records, _ = folder.signature(first, "root", message)
    folder.insert(records, folder.first("write", path=ROOT))
    return folder.finish()


@forgery("transcript.jsonl record ")
def _(folder):
    """a payload that reached its threshold, and is said to be given up"""
    message = canonical(changed(root, expires="2036-01-01T00:00:00Z")).encode()
    place = folder.first("write", path=ROOT)
    return folder.drop("root", message, everybody[:3], place).finish()


@forgery("")
def _(folder):
    """a payload that did not reach its threshold, and is said to be given up"""
    message = canonical(changed(root, expires="2036-01-01T00:00:00Z")).encode()
    place = folder.first("write", path=ROOT)
    return folder.drop("root", message, everybody[:2], place).finish()


@forgery("metadata")
def _(folder):
    """no targets, which the script has written"""
    del folder.files[TARGETS]
    folder.transcript = [
        record for record in folder.transcript if record["body"].get("path") != TARGETS
        and not (record["kind"] == "signature" and record["body"]["role"] == "targets")]
    return folder.finish()


def generation(folder):
    """The GENERATE of the first key of the root and its answer, with its index: a trial's key goes before it."""
    place = next(place for place, record in enumerate(folder.transcript)
                 if record["body"].get("apdu", "").startswith("004700")
                 and folder.transcript[place + 1]["body"].get("data", "").endswith(first.public.hex()))
    return folder.transcript[place]["body"], folder.transcript[place + 1]["body"], place


for what, old, new in [
    ("slot", "0047009c", "0047009a"), ("PIN policy", "aa0103", "aa0102"), ("touch policy", "ab0102", "ab0101"),
    ("template", "ac09", "ac0c"),
]:
    @forgery(ROOT)
    def _(folder):
        body, _, _ = generation(folder)
        assert old in body["apdu"]
        body["apdu"] = body["apdu"].replace(old, new).replace("ac0c", "ac0c850100") if "0c" in new else body[
            "apdu"].replace(old, new)
        return folder.finish()
    cases.name(f"a key made with another {what}")


@forgery(ROOT)
def _(folder):
    """a key that was made again later in its step, and is not the one in the root"""
    command, answer, place = generation(folder)
    again = CardKey()
    folder.insert([("command", dict(command)), ("response", {
        "data": tlv("7f49", tlv("86", again.public)).hex(), "sw": "9000"})], place + 2)
    return folder.finish()


@forgery(ROOT)
def _(folder):
    """a key that was made in somebody else's step"""
    _, _, place = generation(folder)
    for record in folder.transcript[place:place + 2]:
        record["step"] = "card-boris/generate-root"
    return folder.finish()


# --- Versions that nobody knows, and scripts that say something else

for version in (0, -1, newest + 1, newest + 2, 1 << 53):
    @forgery(BEGIN)
    def _(folder):
        return folder.engine(version).finish()
    cases.name(f"engine version {version}")

for what, change in [
    ("version 3", lambda text: text.replace("ceremony: 1", "ceremony: 3")),
    ("an unknown key", lambda text: text + "more: 1\n"),
    ("an unknown key inside", lambda text: text.replace("    name: Ada", "    nome: x\n    name: Ada")),
    ("a seal under version 1", lambda text: text.replace("title:", "seal: 1\ntitle:")),
    ("read-back under version 1", lambda text: text.replace("  model:", "  read-back: optional\n  model:")),
    ("a name twice", lambda text: text.replace("title:", "title: x\ntitle:", 1)),
    ("a keyholder twice", lambda text: text.replace("  boris:\n", "  ada:\n", 1)),
    ("an anchor", lambda text: text.replace("title: ", "title: &a ")),
    ("an alias", lambda text: text.replace("title: ", "title: &a x\nrepository: *a\n#")),
    ("a tag", lambda text: text.replace("title: ", "title: !!str ")),
    ("a merge", lambda text: text.replace("roles:\n", "roles:\n  <<: {}\n")),
    ("a directive", lambda text: "%YAML 1.1\n---\n" + text),
    ("two documents", lambda text: text + "---\n" + text),
    ("a byte-order mark", lambda text: "\ufeff" + text),
    ("NEL behind a comment", lambda text: text.replace("# ", "# \u0085", 1)),
    ("U+2028 behind a comment", lambda text: text.replace("# ", "# \u2028", 1)),
    ("U+2029 in a text", lambda text: text.replace("title: ", "title: \u2029")),
    ("a lone CR behind a comment", lambda text: text.replace("# ", "# \r", 1)),
    ("a quoted number", lambda text: text.replace("threshold: 3", 'threshold: "3"')),
    ("a number in octal", lambda text: text.replace("threshold: 3", "threshold: 03")),
    ("a list for a text", lambda text: text.replace("title: ", "title: [x]\n#")),
    ("a tab before a value", lambda text: text.replace("title: ", "title:\t")),
    ("a tab behind a value", lambda text: text.replace("threshold: 3", "threshold: 3\t")),
    ("a tab in a comment behind a value", lambda text: text.replace("threshold: 3", "threshold: 3 #\t")),
    ("a tab in a blank line", lambda text: text.replace("\nroles:", "\n\t\nroles:")),
    ("a question mark between brackets", lambda text: text.replace("keys: [service]", "keys: [serv ? ice]", 1)),
    ("a bare colon between braces", lambda text: text.replace("administrator:\n", "administrator: {x:}\n#", 1)),
    ("a comment in the header of a block", lambda text: text.replace("title: ", "title: >-#")),
    ("a key without a name", lambda text: text + "? \n: x\n"),
    ("bytes that are no UTF-8", lambda text: text.replace("# ", "# \udcff", 1)),
    ("an unknown keyholder", lambda text: text.replace("[ada, boris, chandra, dalia", "[ada, boris, chandra, dolores")),
    ("a step of an unknown kind", lambda text: text.replace("do: confirm", "do: confess", 1)),
    ("an expiry that is none", lambda text: text.replace("2027-12-01T", "2027-13-01T", 1)),
    ("an online key that is short", lambda text: text.replace("ed25519: 6a", "ed25519: ")),
    ("a character beyond Unicode", lambda text: text.replace("title: ", 'title: "\\UFFFFFFFF"\n#')),
    ("a character just beyond Unicode", lambda text: text.replace("title: ", 'title: "\\U00110000"\n#')),
]:
    @forgery(SCRIPT)
    def _(folder):
        return folder.script(change).finish()
    cases.name(f"a script with {what}")

for what, change in [
    ("another threshold", lambda text: text.replace("threshold: 3", "threshold: 2")),
    ("keyholders in another order", lambda text: text.replace("[ada, boris, chandra, dalia", "[boris, ada, chandra, dalia")),
    ("another expiry", lambda text: text.replace("2027-12-01T", "2026-01-01T", 1)),
    ("another algorithm", lambda text: text.replace("threshold: 3", "algorithm: ecdsa-p256\n    threshold: 3")),
    ("another slot", lambda text: text.replace("threshold: 3", "slot: 9a\n    threshold: 3")),
    ("another policy", lambda text: text.replace("threshold: 3", "pin-policy: once\n    threshold: 3")),
    ("an official's key as root key", lambda text: text.replace("keyholder: ada\n    minutes: 8", "keyholder: boris")),
]:
    @forgery(ROOT)
    def _(folder):
        return folder.script(change).finish()
    cases.name(f"a script with {what}")

for what, change in [
    ("a comment more", lambda text: text + "# more\n"), ("CRLF", lambda text: text.replace("\n", "\r\n")),
    ("a tab in a comment", lambda text: text.replace("# ", "#\t")),
    ("seal of its own threshold", lambda text: text.replace("ceremony: 1", "ceremony: 2\nseal: 3")),
    ("seal below the threshold", lambda text: text.replace("ceremony: 1", "ceremony: 2\nseal: 1")),
    ("quoted names", lambda text: text.replace("title:", '"title":')),
    ("an upper-case online key", lambda text: text.replace("6abaac4bb4", "6ABAAC4BB4")),
]:
    # Version 2 came after the engine that these folders claim.
    @forgery("script.yaml" if what.startswith("seal") else "")
    def _(folder):
        return folder.script(change).finish()
    cases.name(f"a script with {what}")

# --- Releases, and what else the first record says

for version in ("0.3", "0.4.0", "0.5.0", "1.0.0", "0.3.0-1", "0.3.x", "0.3.", "00.3.0", "0.3.0.1", "0.3.1234567", "", 3):
    @forgery(BEGIN)
    def _(folder):
        folder.transcript[0]["body"]["program"]["version"] = version
        return folder.finish()
    cases.name(f"release {version!r} with engine version 3")

for version in ("0.3.7", "0.3.123456"):
    @forgery("")
    def _(folder):
        folder.transcript[0]["body"]["program"]["version"] = version
        return folder.finish()
    cases.name(f"release {version} with engine version 3")

for what, members in [
    ("a sacrifice that is true", {"sacrifice": [True]}), ("a sacrifice of serial 0", {"sacrifice": [0]}),
    ("a sacrifice of a name", {"sacrifice": ["ada"]}), ("a sacrifice that is a number in text", {"sacrifice": ["1"]}),
    ("a host of numbers", {"host": [1]}), ("a host without values", {"host": [{"name": "system"}]}),
    ("secrets from elsewhere", {"secrets": "found"}), ("a seed that is a text", {"seed": "1"}),
    ("a ceremony before it that is a list", {"after": []}),
    ("a ceremony before it that is not kept, and no digest", {"after": {"root": "", "head": "0" * 64, "kept": False}}),
]:
    @forgery(BEGIN)
    def _(folder):
        folder.transcript[0]["body"].update(members)
        return folder.finish()
    cases.name(f"a first record with {what}")

@forgery("inputs/previous.root.json")
def _(folder):
    """a first record that keeps an earlier root, and no such file"""
    folder.transcript[0]["body"]["after"] = {"root": "0" * 64, "head": "0" * 64, "kept": True}
    return folder.finish()


@forgery("inputs/previous.root.json")
def _(folder):
    """an earlier root that is another than the first record names"""
    folder.transcript[0]["body"]["after"] = {"root": "0" * 64, "head": "0" * 64, "kept": True}
    return folder.product("inputs/previous.root.json", b"{}", "read").finish()


for guid, place in [("aa" * 16, ""), ("AA" * 16, BEGIN), ("aA" * 16, BEGIN), ("aa" * 15, BEGIN)]:
    @forgery(place, 4)
    def _(folder):
        folder.transcript[0]["body"]["sacrifice"] = [f"guid-{guid}"]
        return folder.finish()
    cases.name(f"a sacrifice of guid-{guid}")

for engine in (3, newest):
    for name, value in [("commit", 1), ("toolchain", None), ("commit", "c0ffee")]:
        @forgery("" if value == "c0ffee" else BEGIN, engine)
        def _(folder):
            folder.transcript[0]["body"]["program"][name] = value
            return folder.finish()
        cases.name(f"a program with {name} {value!r}, of engine {engine}")

    @forgery(BEGIN, engine)
    def _(folder):
        del folder.transcript[0]["body"]["secrets"]
        return folder.finish()
    cases.name(f"a first record that does not say where secrets come from, of engine {engine}")


# --- Files that no ceremony has

for path, kind in [
    ("notes.txt", "write"), ("cards/notes.txt", "write"), ("cards/20000009/deep/card.json", "write"),
    ("inputs/vendor.pem", "read"), ("inputs/previous.root.json", "read"), ("2.root.json", "write"),
    ("targets/1.root.json", "write"),
]:
    @forgery(path)
    def _(folder):
        return folder.product(path, b"{}", kind).finish()
    cases.name(f"a {kind} record of {path}")

@forgery("transcript.jsonl record ")
def _(folder):
    """a path of 401 bytes"""
    return folder.product("cards/" + "x" * 195 + "/" + "y" * 199, b"{}").finish()


for what, members in [("digest", {"sha256": "0" * 64}), ("length", {"bytes": 1})]:
    @forgery("transcript.jsonl record ")
    def _(folder):
        folder.transcript[folder.first("payload", role="root")]["body"].update(members)
        return folder.finish()
    cases.name(f"a payload record with another {what}")


# --- Whom records name

def named(folder, place, **members):
    """Changes a record's body."""
    folder.transcript[place]["body"].update(members)
    return folder.finish()


for what, member, value in [
    ("signature of root by boris", "keyholder", "boris"), ("signature of root by nobody", "keyholder", "zoe"),
    ("signature of root by an official", "keyholder", "witness"), ("signature of root by a number", "keyholder", 1),
]:
    @forgery("transcript.jsonl record ")
    def _(folder):
        return named(folder, folder.first("signature", role="root", keyid=first.id), **{member: value})
    cases.name(f"a {what}, by the key of ada")


@forgery("transcript.jsonl record ")
def _(folder):
    """a key that two people's cards are said to have made"""
    command, answer, place = generation(folder)
    folder.insert([("command", dict(command)), ("response", dict(answer))], place)
    for record in folder.transcript[place:place + 2]:
        record["step"] = "card-boris/generate-root"
    return folder.finish()


@forgery("transcript.jsonl record ")
def _(folder):
    """a signature of targets in the name of the one whose root key signed"""
    place = folder.first("signature", role="targets")
    own = folder.transcript[place]["body"]["keyholder"]
    return named(folder, place, keyholder="boris" if own == "ada" else "ada")


@forgery("transcript.jsonl record ", 4)
def _(folder):
    """a proof signed in another's name"""
    return named(folder, folder.first("signature", role="proof", keyholder="ada"), keyholder="boris")


@forgery("transcript.jsonl record ", 4)
def _(folder):
    """a proof of another's"""
    return named(folder, folder.first("proof", person="ada"), person="boris")


@forgery("sealing.jsonl record ")
def _(folder):
    """a signature of the seal in another's name"""
    folder.owners[first.id] = "boris"
    return folder.finish()


@forgery("sealing.jsonl record 0")
def _(folder):
    """a sealing that begins with an answer, before anything was shown"""
    folder.sealing[0], folder.sealing[1] = folder.sealing[1], folder.sealing[0]
    for place in (0, 1):
        folder.sealing[place]["mono"] = folder.sealing[2]["mono"]
    return folder.finish()


@forgery("transcript.jsonl record ")
def _(folder):
    """a payload that was given up, with other names than signed it"""
    message = canonical(changed(root, expires="2036-01-01T00:00:00Z")).encode()
    place = folder.first("write", path=ROOT)
    folder.drop("root", message, [first], place)
    folder.transcript[folder.first("dropped")]["body"]["signatures"][0]["keyholder"] = "boris"
    return folder.finish()


for what, members in [
    ("letters", {"initials": "XX"}), ("letters in small", {"initials": "ad"}), ("letters of the other", {"initials": "WI"}),
    ("person", {"person": "witness"}), ("person who types none", {"person": "ada", "initials": "AD"}),
]:
    @forgery("transcript.jsonl record ")
    def _(folder):
        return named(folder, folder.first("initials", person="administrator"), **members)
    cases.name(f"initials with another {what}")

@forgery("transcript.jsonl record ")
def _(folder):
    """initials under a step that wants none"""
    folder.transcript[folder.first("initials")]["step"] = "welcome/initials"
    return folder.finish()


@forgery("transcript.jsonl")
def _(folder):
    """initials that are missing"""
    del folder.transcript[folder.first("initials", person="witness")]
    return folder.finish()


for what, members in [
    ("in another's hands", {"keyholder": "boris"}), ("closed where it is opened", {"state": "closed"}),
    ("of the witness", {"keyholder": "witness"}), ("in no state", {"state": "lost"}),
]:
    @forgery("transcript.jsonl record ")
    def _(folder):
        return named(folder, folder.first("bag", keyholder="ada"), **members)
    cases.name(f"a bag {what}")

@forgery("transcript.jsonl record ")
def _(folder):
    """attendance of nobody"""
    return named(folder, folder.first("attendance", person="ada"), person="zoe")


# --- How the ceremony ended

for what, members in [
    ("one exception more", {"exceptions": 1}), ("an exception fewer", {"exceptions": -1}), ("true for none", {"exceptions": False}),
    ("another ending", {"ending": "finished"}), ("an ending in capitals", {"ending": "COMPLETE"}), ("no ending", {"ending": None}),
]:
    @forgery("transcript.jsonl record ")
    def _(folder):
        return named(folder, -1, **members)
    cases.name(f"a close record with {what}")

    @forgery("sealing.jsonl record ")
    def _(folder):
        folder.sealing[-1]["body"].update(members)
        return folder.finish()
    cases.name(f"an end record with {what}")

@forgery("transcript.jsonl record ")
def _(folder):
    """an exception that the close does not count"""
    body = {"number": 1, "code": "NOTED", "what": "something"}
    folder.insert([("exception", body)], folder.first("write", path=ROOT))
    return folder.finish()


for engine in range(2, newest + 1):
    @forgery("sealing.jsonl record ", engine)
    def _(folder):
        folder.sealing[-1]["body"]["ending"] = "aborted"
        return folder.finish()
    cases.name(f"a complete ceremony whose end says aborted, of engine {engine}")

    for said in ("complete", "given-up"):
        @forgery("sealing.jsonl record ", engine)
        def _(folder):
            folder.transcript[-1]["body"]["ending"] = "aborted"
            folder.sealing[-1]["body"]["ending"] = said
            return folder.finish()
        cases.name(f"an aborted ceremony whose end says {said}, of engine {engine}")


# --- What may be absent, and is of its type where it is there

FOUND = {"code": "X", "severity": "error", "what": "x", "hint": "x"}
for engine in (3, newest):
    for kind, members in [
        ("attendance", {"role": 1}), ("attendance", {"state": "gone"}), ("attendance", {"state": ["here"]}),
        ("attendance", {"seen-by": True}), ("attendance", {"name": 1}), ("attendance", {"person": None}),
        ("bag", {"card": 7}), ("bag", {"card": None}), ("bag", {"number": 7}),
        ("random", {"purpose": 1}), ("random", {"bytes": "zz"}), ("random", {"bytes": "AA" * 16}),
        ("signature", {"verified-by": [1]}), ("signature", {"verified-by": ["libsodium", None]}),
        ("signature", {"verified-by": "libsodium"}),
        ("close", {"finding": []}), ("close", {"finding": None}), ("close", {"finding": {**FOUND, "hint": 1}}),
        ("close", {"finding": {**FOUND, "place": 1}}), ("close", {"finding": {"code": "X"}}),
    ]:
        @forgery("transcript.jsonl record ", engine)
        def _(folder):
            return named(folder, folder.first(kind), **members)
        cases.name(f"a record of kind {kind} with {members!a:.60}, of engine {engine}")

    for place, kind, members in [
        ("", "exception", {}), ("", "exception", {"on-behalf-of": "witness"}),
        ("transcript.jsonl record ", "exception", {"on-behalf-of": 1}),
        ("transcript.jsonl record ", "exception", {"on-behalf-of": None}),
        # Nobody is asked who is still here.
        ("" if engine < 5 else "sealing.jsonl record ", "interruption", {"torn": "0a"}), ("transcript.jsonl record ", "interruption", {"torn": 1}),
        ("transcript.jsonl record ", "interruption", {"torn": "0A"}),
        ("transcript.jsonl record ", "interruption", {"torn": "0"}),
    ]:
        @forgery(place, engine)
        def _(folder):
            program = {"version": f"0.{engine}.0", "sha256": "0" * 64}
            records = [("interruption", {"reason": "SIGINT", **members}), (
                "resume", {"engine": engine, "program": program, "unattended": True})]
            if kind == "exception":
                records = [(kind, {"number": 1, "code": "NOTED", "what": "x", **members})]
                for record in (folder.transcript[-1], folder.sealing[-1]):
                    record["body"]["exceptions"] = 1
            folder.insert(records, len(folder.transcript) - 1)
            return folder.finish()
        cases.name(f"a record of kind {kind} with {members}, of engine {engine}")


# --- What card.json says

cards = sorted(path for path in whole.files if path.endswith("card.json") and path.startswith("cards/"))
CARD = next(path for path in cards if json.loads(whole.files[path])["keyholder"] == "Ada")
card = json.loads(whole.files[CARD])
home = CARD.rpartition("/")[0]
other = next(path for path in cards if json.loads(whole.files[path])["keyholder"] == "Boris").rpartition("/")[0]


def of_keys(**members):
    return {"keys": [{**card["keys"][0], **members}, *card["keys"][1:]]}


for what, members in [
    ("another's name", {"keyholder": "Boris"}), ("nobody's name", {"keyholder": "Zoe"}),
    ("the name of the witness", {"keyholder": "Witness"}), ("a name in decomposed letters", {"keyholder": "Ada\u0301"}),
    ("another identity", {"identity": "20000009"}), ("another serial", {"serial": 20000009}), ("no serial", {"serial": None}),
    ("a serial that is true", {"serial": True}), ("no attestation", of_keys(attested=False)),
    ("another slot", of_keys(slot="9a")), ("another algorithm", of_keys(algorithm="ecdsa-p256")),
    ("another PIN policy", of_keys(**{"pin-policy": "once"})), ("another role", of_keys(role="targets")),
    ("another touch policy", of_keys(**{"touch-policy": "never"})), ("more of a key", of_keys(more=1)),
    ("a member more", {"x": 1}), ("no keys", {"keys": []}), ("one key twice", {"keys": card["keys"][:1] + card["keys"]}),
    ("keys in another order", {"keys": card["keys"][::-1]}), ("another management key", {"management-key": "protected"}),
]:
    @forgery(CARD)
    def _(folder):
        folder.files[CARD] = printed({**card, **members})
        return folder.finish()
    cases.name(f"a card.json with {what}")

for there, place in [("Ad\u00e9", ""), ("Ade\u0301", CARD), ("Ad\u00c9", CARD), ("Ad\u00e9 ", CARD)]:
    @forgery(place)
    def _(folder):
        """names are compared scalar by scalar, and never as what they look like"""
        folder.script(lambda text: text.replace("name: Ada", "name: Ad\u00e9", 1))
        folder.files[CARD] = printed({**card, "keyholder": there})
        return folder.finish()
    cases.name(f"a card of {there!a} whom the script calls 'Ad\\xe9'")

for what, text in [
    ("a name twice", whole.files[CARD].replace(b'"keyholder"', b'"keyholder": "Ada",\n "keyholder"', 1)),
    ("a float", whole.files[CARD].replace(b'"serial"', b'"number": 1.5,\n "serial"', 1)),
    ("no final newline", whole.files[CARD].rstrip()), ("nothing in it", b""), ("a list", b"[]\n"),
]:
    @forgery(CARD)
    def _(folder):
        folder.files[CARD] = text
        return folder.finish()
    cases.name(f"a card.json with {what}")


@forgery(f"{home}/root_pubkey.pem")
def _(folder):
    """the public key of another's card"""
    folder.files[f"{home}/root_pubkey.pem"] = folder.files[f"{other}/root_pubkey.pem"]
    return folder.finish()


@forgery(f"{home}/root_pubkey.pem")
def _(folder):
    """a public key in other lines"""
    folder.files[f"{home}/root_pubkey.pem"] = folder.files[f"{home}/root_pubkey.pem"].replace(b"\n", b"\r\n")
    return folder.finish()


for name in ("notes.txt", "witness_pubkey.pem", "snapshot_pubkey.pem", "witness_attestation.pem"):
    @forgery(f"{home}/{name}")
    def _(folder):
        return folder.product(f"{home}/{name}", b"x").finish()
    cases.name(f"a file {name} of a card")

@forgery("cards")
def _(folder):
    """a card without its root key"""
    del folder.files[f"{home}/root_pubkey.pem"], folder.files[f"{home}/root_attestation.pem"]
    folder.transcript = [
        record for record in folder.transcript
        if record["body"].get("path") not in (f"{home}/root_pubkey.pem", f"{home}/root_attestation.pem")]
    folder.files[CARD] = printed({**card, "keys": [key for key in card["keys"] if key["role"] != "root"]})
    return folder.finish()


# --- The seal

for sealers, place in [(0, SEAL), (1, SEAL), (2, SEAL), (3, ""), (4, "")]:
    @forgery(place)
    def _(folder):
        folder.transcript[5]["at"] = "2026-11-11T11:11:11Z"
        return folder.finish(root["roles"]["root"]["keyids"][:sealers])
    cases.name(f"a transcript written anew, and sealed by {sealers} of 5")


@forgery(SEAL)
def _(folder):
    """one root key seals three times"""
    return folder.finish([first.id] * 3)


@forgery("script.yaml")
def _(folder):
    """more sealed by the script's own number, by all of them"""
    return folder.script(lambda text: text.replace("ceremony: 1", "ceremony: 2\nseal: 5")).finish()


@forgery("script.yaml")
def _(folder):
    """fewer than the script's number, and as many as the root's threshold"""
    change = lambda text: text.replace("ceremony: 1", "ceremony: 2\nseal: 5")
    return folder.script(change).finish(root["roles"]["root"]["keyids"][:3])


# --- Points of Ed25519: every one whose order divides 8, from the curve's equation

def encode(point):
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def torsion():
    """Multiples of a point of order 8: some point, times the order of the large group."""
    y = 2
    while True:
        point = second.point(y.to_bytes(32, "little"))
        lone = point and second.times(second.ORDER, point)
        if lone and second.times(4, lone) != (0, 1):
            return [second.times(number, lone) for number in range(8)]
        y += 1


def with_public(folder, public, signers):
    """The first keyholder's card made this key, and it stands in the root, which the others sign."""
    _, answer, _ = generation(folder)
    answer["data"] = tlv("7f49", tlv("86", public)).hex()
    value = {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": public.hex()}}
    keyid = sha256(canonical(value).encode())
    keys = {**{name: key for name, key in root["keys"].items() if name != first.id}, keyid: value}
    named = {name: {**role, "keyids": [keyid if i == first.id else i for i in role["keyids"]]}
             for name, role in root["roles"].items()}
    folder.replace("root", changed(root, keys=keys, roles=named), signers)
    return folder.finish([key.id for key in signers])


points = torsion()
assert len(set(points)) == 8
own = second.point(first.public)
odd = [(f"a point of small order {number}", encode(point)) for number, point in enumerate(points)]
odd += [(f"a point of mixed order {number}", encode(second.plus(own, points[number]))) for number in range(1, 8)]
odd += [("no point", (2).to_bytes(32, "little")), ("a y beyond the field", (second.PRIME + 3).to_bytes(32, "little")),
        ("x = 0 with a sign", (1 | 1 << 255).to_bytes(32, "little"))]
for what, public in odd:
    @forgery(ROOT)
    def _(folder):
        return with_public(folder, public, everybody[1:])
    cases.name(f"a root key that is {what}")

for number, point in enumerate(points):
    @forgery(ROOT)
    def _(folder):
        place = folder.first("signature", role="root", keyid=first.id)
        file = json.loads(folder.files[ROOT])
        message = canonical(file["signed"]).encode()
        # R of small order, and S = h·a: what holds where nobody looks at R, for the neutral point.
        import hashlib
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
        seed = first.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        scalar = int.from_bytes(hashlib.sha512(seed).digest()[:32], "little") & ~7 & (1 << 255) - 1 | 1 << 254
        scalar &= (1 << 254) | ((1 << 254) - 8)
        R = encode(point)
        h = int.from_bytes(hashlib.sha512(R + first.public + message).digest(), "little")
        signature = R + (h * scalar % second.ORDER).to_bytes(32, "little")
        folder.transcript[place]["body"]["sig"] = signature.hex()
        folder.insert(folder.exchange(first, message, signature), place)
        for entry in file["signatures"]:
            if entry["keyid"] == first.id:
                entry["sig"] = signature.hex()
        folder.files[ROOT] = printed(file)
        return folder.finish()
    cases.name(f"an R of small order {number}")


# --- Other edges at which two readers may part

@forgery("transcript.jsonl record ")
def _(folder):
    """a close record that does not count exceptions"""
    del folder.transcript[-1]["body"]["exceptions"]
    return folder.finish()


for what, answer in [
    ("a tag with a leading zero", lambda key: tlv("5f8001", b"x") + tlv("86", key)),
    ("a tag of four bytes", lambda key: tlv("5f818101", b"x") + tlv("86", key)),
    ("a key twice", lambda key: tlv("86", key) + tlv("86", key)),
    ("an indefinite length", lambda key: bytes.fromhex("8680") + key),
    ("a length of four bytes", lambda key: bytes.fromhex("868400000020") + key),
    ("a byte more", lambda key: tlv("86", key) + b"\0"),
]:
    @forgery(ROOT)
    def _(folder):
        _, body, _ = generation(folder)
        body["data"] = tlv("7f49", answer(first.public)).hex()
        return folder.finish()
    cases.name(f"a public key in TLV with {what}")

for what, answer in [
    ("a tag of three bytes", lambda key: tlv("5f8101", b"x") + tlv("86", key)),
    ("another object twice", lambda key: tlv("87", b"x") * 2 + tlv("86", key)),
    ("a long length", lambda key: bytes.fromhex("86820020") + key),
]:
    @forgery("")
    def _(folder):
        _, body, _ = generation(folder)
        body["data"] = tlv("7f49", answer(first.public)).hex()
        return folder.finish()
    cases.name(f"a public key in TLV with {what}")


for status, place in [("6120", ""), ("9000", ROOT), ("9001", ROOT), ("9020", ROOT), ("6200", ROOT)]:
    @forgery(place)
    def _(folder):
        _, body, number = generation(folder)
        rest = body["data"][20:]
        body.update(data=body["data"][:20], sw=status)
        folder.insert([("command", {"apdu": "00c0000020"}), ("response", {"data": rest, "sw": "9000"})], number + 2)
        return folder.finish()
    cases.name(f"a public key of which the first part came with {status}")


@forgery(ROOT)
def _(folder):
    """a key in upper-case hex"""
    value = {**first.object, "keyval": {"public": first.public.hex().upper()}}
    keyid = sha256(canonical(value).encode())
    keys = {**{name: key for name, key in root["keys"].items() if name != first.id}, keyid: value}
    named = {name: {**role, "keyids": [keyid if i == first.id else i for i in role["keyids"]]}
             for name, role in root["roles"].items()}
    folder.replace("root", changed(root, keys=keys, roles=named), everybody[1:])
    return folder.finish([key.id for key in everybody[1:]])


@forgery("")
def _(folder):
    """a deep annex"""
    folder.files["annex/" + "/".join("x" * 20) + "/photo.jpg"] = b"x"
    folder.finish()
    return folder


print(json.dumps(cases))
