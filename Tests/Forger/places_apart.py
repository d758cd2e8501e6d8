"""Forgeries of what is signed in several places, each with the place that both verifiers must name.

usage: places_apart.py FOLDER OUT RUNBOOK KIND PENDING ANSWER
KIND says which folder is forged: `pending`, the ceremony whose root waits; `answer`, of Boris, who signed elsewhere;
`collecting`, the one that finished the root; `withdrawing`, one that made another; or `enrolled`, a pending one that took
in Fred's key. The other two
folders are given for what is taken from them. Writes each folder to OUT/NUMBER, and prints a JSON list of
[what, place]; place is "" where the folder holds. RUNBOOK has the words of digests, and is not read otherwise.
"""
import base64
import json
import re
import sys

sys.dont_write_bytecode = True
from forger import Cases, Folder, canonical, printed, sha256

source, out, _, kind, pending, answer = sys.argv[1:]
INPUT, WAITED = "inputs/1.root.json", "inputs/previous.root.json"
REQUEST, ASKED = "inputs/request.json", "requests/root.boris.json"
PENDING, ROOT, SEAL, SCRIPT = "pending/2.root.json", "metadata/2.root.json", "seal.dsse.json", "script.yaml"
RECORD, BEGIN = "transcript.jsonl record ", "transcript.jsonl record 0"
MARK = "x-tuf-ceremony-rehearsal"


def opened(path):
    """A folder with everybody's cards: all of them are virtual, and in the folder of the pending ceremony."""
    folder = Folder(path)
    folder.keys = {key.id: key for key in Folder(pending).keys.values()}
    folder.owners.update(owners)
    folder.sealed_by = [entry["keyid"] for entry in json.loads(folder.files[SEAL])["signatures"]]
    folder.baseline = before
    return folder


before = json.loads(Folder(pending).files[INPUT])["signed"]
root = json.loads(Folder(pending).files[PENDING])["signed"]
ADA, BORIS, FRED = root["roles"]["root"]["keyids"]
owners = {ADA: "ada", BORIS: "boris", FRED: "fred"}
whole = opened(source)
asked = json.loads(Folder(pending).files[ASKED])
cases = Cases(out)


def case(what, place, make):
    def forged():
        folder = whole.copy()
        return make(folder) or folder.finish()
    cases.add(what, place, forged)


def changed(value, **members):
    return {**json.loads(json.dumps(value)), **members}


def without(value, *names):
    return {name: item for name, item in changed(value).items() if name not in names}


def both(*makes):
    def make(folder):
        done = None
        for one in makes:
            done = one(folder)
        return done
    return make


def body(folder, name, **members):
    """The body of the first record of a kind."""
    return folder.transcript[folder.first(name, **members)]["body"]


def scripted(*changes):
    def make(folder):
        for old, new in changes:
            folder.script(lambda text: text.replace(old, new))
    return make


def sealed_by(*ids):
    return lambda folder: folder.finish(list(ids))


def closed_as(ending):
    def make(folder):
        folder.transcript[-1]["body"]["ending"] = ending
    return make


def moved(path, to):
    """A product under another name."""
    def make(folder):
        folder.files[to] = folder.files.pop(path)
        body(folder, "write", path=path)["path"] = to
    return make


def gone(path):
    """A product that was never written."""
    def make(folder):
        del folder.files[path]
        del folder.transcript[folder.first("write", path=path)]
    return make


def signatures(path, change):
    def make(folder):
        file = json.loads(folder.files[path])
        file["signatures"] = sorted(change(folder, file["signatures"]), key=lambda entry: entry["keyid"])
        folder.files[path] = printed(file)
    return make


def unrecorded(keyid):
    """A signature over a root without its record."""
    def make(folder):
        folder.transcript = [
            record for record in folder.transcript if record["kind"] != "signature"
            or (record["body"]["role"], record["body"]["keyid"]) != ("root", keyid)]
    return make


def recorded(keyid, path):
    """A record of a signature that no card here made, before a file is written."""
    def make(folder):
        message = canonical(root).encode()
        records, _ = folder.signature(folder.keys[keyid], "root", message)
        folder.insert(records[2:], folder.first("write", path=path))
    return make


def adding(keyid):
    return lambda folder, entries: entries + [
        {"keyid": keyid, "sig": folder.keys[keyid].sign(canonical(root).encode()).hex()}]


def taking(keyid):
    return lambda folder, entries: [entry for entry in entries if entry["keyid"] != keyid]


def worded(digest):
    """Only the digest: whoever reads it has the words from elsewhere."""
    return {"sha256": digest, "words": asked["digest"]["words"]}


def product(path, value):
    def make(folder):
        folder.files[path] = value if isinstance(value, bytes) else canonical(value).encode()
    return make


def with_role(**members):
    """The root with another root role."""
    return changed(root, roles={**root["roles"], "root": {**root["roles"]["root"], **members}})


def values(value):
    """Others in the place of one, most of them of its kind."""
    yield {} if isinstance(value, list) else []
    if value is None:
        yield "x"
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif isinstance(value, str):
        yield value[:-1] + ("1" if value[-1:] != "1" else "2")
        yield value + "0"
        yield None
    elif isinstance(value, list):
        yield value + (value[:1] or ["x"])
        yield []
    else:
        yield {**value, "x": 1}


def mutations(value, path=()):
    """Each member of an object changed, one at a time: what, and the whole."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in inner:
        for other in values(item):
            copy = changed({"": value})[""]
            copy[name] = other
            if other != item:
                yield ".".join(map(str, path + (name,))), copy
        for what, own in mutations(item, path + (name,)):
            copy = changed({"": value})[""]
            copy[name] = own
            yield what, copy
    if isinstance(value, dict):
        for name in value:
            yield ".".join(map(str, path + (name,))) + " gone", without(value, name)
        yield ".".join(map(str, path + ("x",))), {**value, "x": "0"}


def header(name, size, time):
    first = name.encode().ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + b"%011o\0%011o\0" % (size, time)
    last = b"0" + bytes(100) + b"ustar\x0000" + bytes(64) + b"0000000\0" * 2 + bytes(167)
    return first + b"%06o\0 " % (sum(first + last) + 256) + last


def bundle(folder, **changes):
    """An answer in one file."""
    import datetime
    at = folder.transcript[0]["at"][:19] + "+00:00"
    time, data = int(datetime.datetime.fromisoformat(at).timestamp()), b""
    for name in sorted(folder.files):
        if not name.startswith("virtual-cards/"):
            content = folder.files[name]
            data += header(f"ceremony/{name}", len(content), time) + content + bytes(-len(content) % 512)
    return data + bytes(1024)


def answered(*makes):
    """Boris makes another answer, as whole as he can, and it is taken in."""
    def make(folder):
        other = opened(answer)
        both(*makes)(other) or other.finish()
        delivered(bundle(other), head=other.head)(folder)
    return make


def delivered(data, suffix="tar", head=None):
    """Another file in the place of the answer, taken for sound.

    head: of the ceremony that made it, where it is another."""
    def make(folder):
        members = {"head": head} if head else {}
        if suffix == "json":
            members = {"head": None, "networked": None}
            folder.transcript = [record for record in folder.transcript if record["kind"] != "heard"]
        for record in folder.transcript:
            if record["kind"] == "heard" and head:
                record["body"]["head"] = head
        for name in [name for name in folder.files if name.startswith("inputs/answers/")]:
            del folder.files[name]
        path = f"inputs/answers/{sha256(data)}.{suffix}"
        folder.files[path] = data
        body(folder, "delivery")["signatures"][0].update(
            path=path, bytes=len(data), sha256=sha256(data), witnessed=suffix == "tar", **members)
    return make


def requested(value):
    """The script of an answer pins another request."""
    def make(folder):
        was = sha256(folder.files[REQUEST])
        folder.files[REQUEST] = value if isinstance(value, bytes) else canonical(value).encode()
        folder.script(lambda text: text.replace(was, sha256(folder.files[REQUEST])))
        for record in folder.transcript:
            if record["body"].get("path") == REQUEST:
                record["body"].update(sha256=sha256(folder.files[REQUEST]), bytes=len(folder.files[REQUEST]))
    return make


def signing(signed, *ids):
    """What is built, signed and written is another root."""
    return lambda folder: folder.replace("root", signed, [folder.keys[keyid] for keyid in ids]) and None


def request_for(signed, **members):
    """A request for another root, with its digest in both forms."""
    sys.path.insert(0, sys.argv[3])
    from verify_transcript import in_words
    message = canonical(signed).encode()
    return changed(asked, **{
        "payload": base64.b64encode(message).decode(),
        "digest": in_words(message), **members})


def subject_gone(folder):
    """Sealed as an ordinary ceremony is: transcript and metadata, and no request."""
    real = folder.files.pop(REQUEST)
    folder.finish()
    folder.files[REQUEST] = real
    folder.sum()
    return folder


case("written anew, and nothing forged", "", lambda folder: None)

if kind == "withdrawing":
    # --- What waited in the ceremony before it, and is withdrawn here
    def waited(change):
        """Another root with another signature waited there, and is what record 0 names."""
        def make(folder):
            file = json.loads(folder.files[WAITED])
            change(file)
            folder.files[WAITED] = data = printed(file)
            body(folder, "begin")["after"]["root"] = sha256(data)
            body(folder, "read", path=WAITED).update(sha256=sha256(data), bytes=len(data))
        return make

    said = body(whole, "exception")["what"]
    for old, new in [("signed it", "never signed it"), ("1 more", "7 more"), ("Nothing recalls", "We recall")]:
        assert old in said, said
        case(f"“{new}” in the words of what is withdrawn", "transcript.jsonl",
             lambda folder: body(folder, "exception").update(what=said.replace(old, new)))
    case("it is withdrawn in a step", RECORD,
         lambda folder: folder.transcript[folder.first("exception")].update(step="close"))
    case("it is not called withdrawn", "transcript.jsonl", lambda folder: body(folder, "exception").update(code="SPOKEN"))
    case("nothing was left open", BEGIN, lambda folder: body(folder, "begin")["after"].update(open=[]))
    case("nothing is said of what was left open", BEGIN, lambda folder: body(folder, "begin")["after"].pop("open") and None)
    case("more was left open than is withdrawn", SCRIPT,
         lambda folder: body(folder, "begin")["after"]["open"].append("f" * 64))
    case("another payload is withdrawn", WAITED, scripted((sha256(canonical(root).encode()), "0" * 64)))
    case("nobody signed what waited", "transcript.jsonl", waited(lambda file: file["signatures"].clear()))
    case("somebody else signed what waited", WAITED, waited(lambda file: file["signatures"].append(
        {"keyid": "f" * 64, "sig": "00" * 64})))
    case("a signature on what waited does not hold", WAITED,
         waited(lambda file: file["signatures"][0].update(sig="00" * 64)))
    case("another root waited", WAITED, waited(lambda file: file["signed"].update(version=3)))

if kind == "pending":
    # --- How it ended
    case("called complete", "pending", closed_as("complete"))
    case("called complete, and its root finished", ROOT, both(closed_as("complete"), moved(PENDING, ROOT)))
    case("a root that waits among the finished ones", "pending", moved(PENDING, ROOT))
    case("two roots that wait", "pending",
         lambda folder: folder.product("pending/3.root.json", folder.files[PENDING]) and None)
    case("the script lets nobody sign later", PENDING, scripted(("absent: pending, ", "absent: keep, ")))
    case("said to be of engine 6", RECORD, lambda folder: folder.engine(6).finish())
    # --- Signatures
    case("a signature that no card made", PENDING, both(
        signatures(PENDING, adding(BORIS)), recorded(BORIS, PENDING)))
    case("enough signatures, and it waits", PENDING, lambda folder: folder.replace(
        "root", root, [folder.keys[keyid] for keyid in (ADA, BORIS, FRED)]) and None)
    case("a signature missing under the root", PENDING, signatures(PENDING, taking(FRED)))
    case("a signature without a record", PENDING, unrecorded(FRED))
    case("a signature too many under the root", PENDING, signatures(PENDING, adding(BORIS)))
    case("only one signature, and it waits", "", lambda folder: folder.replace(
        "root", root, [folder.keys[ADA]]) and None)
    case("nobody signed, and it waits", PENDING, lambda folder: folder.replace("root", root, []) and None)
    case("another root than the script's", PENDING, lambda folder: folder.replace(
        "root", changed(root, expires="2026-01-02T00:00:00Z"), [folder.keys[ADA], folder.keys[FRED]]) and None)
    # --- The seal
    case("sealed by nobody", SEAL, sealed_by())
    case("sealed by one", "", sealed_by(FRED))
    case("sealed by whoever is elsewhere alone", "", sealed_by(BORIS))
    # --- Requests
    case("no request", ASKED, gone(ASKED))
    case("a request for somebody who is here", "requests/root.fred.json",
         lambda folder: folder.product("requests/root.fred.json", folder.files[ASKED]) and None)
    case("a request for a role that is not signed here", "requests/targets.boris.json",
         lambda folder: folder.product("requests/targets.boris.json", folder.files[ASKED]) and None)
    case("a request with a space more", ASKED, product(ASKED, whole.files[ASKED] + b"\n"))
    case("a request of more than a mebibyte", ASKED, product(ASKED, changed(asked, say=["x" * (1 << 20)])))
    case("a request over another root", ASKED, product(
        ASKED, request_for(changed(root, expires="2026-01-02T00:00:00Z"))))
    case("a request that names a root before that is another", ASKED, product(ASKED, changed(
        asked, trusted=base64.b64encode(whole.files[INPUT] + b" ").decode())))
    for what, other in mutations(asked):
        case(f"a request with another {what}", ASKED, product(ASKED, other))
    # --- What came from elsewhere
    for what, other in mutations(body(whole, "delivery")):
        is_free = what.startswith("missing.") and what.split(".")[1] in ("code", "severity", "what", "hint", "place")
        case(f"a delivery with another {what}", None if is_free or what == "missing gone" else RECORD,
             lambda folder: folder.transcript[folder.first("delivery")].update(body=other))
    case("a file from elsewhere that no record names", "inputs/answers/x.tar", lambda folder: folder.product(
        "inputs/answers/x.tar", b"x", "read") and None)
    case("requests of a ceremony before it", BEGIN,
         lambda folder: body(folder, "begin")["after"].update(requests=["0" * 64]))
    case("a key unproven that may stay so, called proven", RECORD, both(
        lambda folder: setattr(folder, "is_said", True),
        lambda folder: [key.update(proven=True) for key in folder.transcript[-1]["body"]["keys"]
                        if "proven" in key][4:]))

if kind == "answer":
    # --- The request
    case("another request, which the script does not pin", REQUEST, product(REQUEST, changed(asked, title="-")))
    case("a request with another title", "", requested(changed(asked, title="Another title")))
    case("a request with another nonce", "", requested(changed(asked, nonce="0" * 32)))
    case("a request for another engine", REQUEST, requested(changed(asked, engine=6)))
    case("a request of a real ceremony", REQUEST, requested(changed(asked, rehearsal=False)))
    case("a request that was answered too late", REQUEST, requested(changed(asked, deadline="2020-01-01T00:00:00Z")))
    case("a request without a deadline", "", requested(changed(asked, deadline=None)))
    case("a request with a member more", REQUEST, requested(changed(asked, x=1)))
    case("a request with its digest in other words", REQUEST, requested(changed(
        asked, digest={**asked["digest"], "words": asked["digest"]["words"].upper()})))
    case("a request in another form", REQUEST, requested(changed(asked, form=2)))
    case("a request of another kind", REQUEST, requested(changed(asked, kind="ask")))
    case("a request that asks nobody", REQUEST, requested(changed(asked, **{"for": []})))
    case("a request that asks somebody else", SCRIPT, requested(changed(
        asked, **{"for": [{"id": "ada", "keyid": ADA, "name": "Ada", "slot": "9c"}]})))
    case("a request that is printed", REQUEST, requested(printed(asked)))
    case("a request without the root before", REQUEST, requested(changed(asked, trusted=None)))
    trusted = json.loads(whole.files[REQUEST])["trusted"]
    old = json.loads(base64.b64decode(trusted))
    case("a root before that does not verify", REQUEST, requested(changed(asked, trusted=base64.b64encode(
        printed({**old, "signatures": old["signatures"][:1]})).decode())))
    case("a root before that is none", REQUEST, requested(changed(asked, trusted=base64.b64encode(b"{}").decode())))
    for what, signed in [
            ("another version", changed(root, version=3)),
            ("an expiry in the past", changed(root, expires="2020-01-01T00:00:00Z")),
            ("no mark of a rehearsal", without(root, MARK)),
            ("a role missing", changed(root, roles=without(root["roles"], "targets"))),
            ("a role that nobody can sign for", with_role(threshold=4)),
            ("no expiry", without(root, "expires"))]:
        case(f"a request for a root with {what}", REQUEST, both(requested(request_for(signed)), signing(signed, BORIS)))
    case("a request for a root that somebody else built", "", both(
        requested(request_for(changed(root, **{"x-note": "-"}))), signing(changed(root, **{"x-note": "-"}), BORIS)))
    for what, other in mutations(asked):
        case(f"a request with another {what}", None, requested(other))
    # --- What was signed
    case("another root than was asked for", PENDING, signing(changed(root, **{"x-note": "-"}), BORIS))
    case("a signature by another key", RECORD, signing(root, ADA))
    case("a signature too many", RECORD, signing(root, ADA, BORIS))
    case("no signature", PENDING, signing(root))
    case("two roots were signed", PENDING, lambda folder: folder.insert(folder.signature(
        folder.keys[BORIS], "root", canonical(changed(root, version=7)).encode())[0],
        folder.first("write", path=PENDING)))
    case("a root was signed and given up", RECORD, lambda folder: folder.drop(
        "root", canonical(changed(root, version=7)).encode(), [folder.keys[BORIS]],
        folder.first("write", path=PENDING)) and None)
    case("no root", None, gone(PENDING))
    case("a finished root", ROOT, moved(PENDING, ROOT))
    case("called pending", RECORD, closed_as("pending"))
    case("says where keys come from", RECORD, lambda folder: folder.transcript[-1]["body"].update(
        keys=[{"keyid": BORIS, "roles": ["root"], "origin": "kept", "proven": True}]))
    # --- The seal
    case("sealed by nobody", SEAL, sealed_by())
    case("sealed by somebody else", "sealing.jsonl record ", sealed_by(ADA))
    case("a seal that does not name the request", SEAL, subject_gone)
    # --- The script
    case("said to be of engine 6", SCRIPT, both(
        requested(changed(asked, engine=6)), lambda folder: folder.engine(6).finish()))
    for what, change in [
            ("asks for fewer signatures than people", ("threshold: 1", "threshold: 2")),
            ("lets people be absent", ("keyholders:\n  boris", "absent: pending\nkeyholders:\n  boris")),
            ("hands over what it makes", ("request:", "hand-over: [rstuf]\nrequest:")),
            ("has a spare card", ("    card: record\n", "    card: record\n    spares: [77]\n")),
            ("has another role", ("roles:\n", "roles:\n  timestamp: {threshold: 1, keys: [x]}\n")),
            ("gives the administrator a card",
             ("administrator: Boris", "administrator: {name: Boris, initials: BO, card: record}"))]:
        case(f"a script that {what}", SCRIPT, scripted(change))
    # --- Nothing from elsewhere
    def taking_in(folder):
        path = f"inputs/answers/{sha256(b'x')}.json"
        folder.files[path] = b"x"
        folder.insert([("delivery", {"signatures": [{
            "path": path, "bytes": 1, "sha256": sha256(b"x"), "keyid": "", "sig": "", "head": None, "networked": None,
            "witnessed": False, "codes": ["X"]}]})], 5)
    case("an answer that takes in another", RECORD, taking_in)


if kind == "collecting":
    FILE = next(name for name in whole.files if name.startswith("inputs/answers/"))
    ANSWERED, sound = "inputs/answers/", body(whole, "delivery")["signatures"][0]
    # --- The answer
    case("the answer written anew", "", answered(lambda folder: None))
    case("an answer to another request", ANSWERED, answered(requested(changed(asked, title="Another title"))))
    case("an answer to another nonce", ANSWERED, answered(requested(changed(asked, nonce="0" * 32))))
    case("an answer for another engine", ANSWERED, answered(requested(changed(asked, engine=6))))
    case("an answer over another root", ANSWERED, answered(
        requested(request_for(changed(root, **{"x-note": "-"}))), signing(changed(root, **{"x-note": "-"}), BORIS)))
    case("an answer that signed another root than it was asked", ANSWERED, answered(
        signing(changed(root, **{"x-note": "-"}), BORIS)))
    case("an answer sealed by nobody", ANSWERED, answered(sealed_by()))
    case("an answer sealed by somebody else", ANSWERED, answered(sealed_by(ADA)))
    case("an answer of which somebody else signed", ANSWERED, answered(signing(root, ADA)))
    case("an answer with a record changed", ANSWERED, answered(lambda folder: (folder.finish(), folder.files.update({
        "transcript.jsonl": folder.files["transcript.jsonl"].replace(b"Boris", b"Doris", 1)}), folder.sum())[0]))
    case("an answer of no rehearsal", ANSWERED, answered(
        requested(request_for(without(root, MARK), rehearsal=False)), signing(without(root, MARK), BORIS),
        lambda folder: folder.files.pop("REHEARSAL") and None,
        lambda folder: folder.transcript.pop(folder.first("write", path="REHEARSAL")) and None,
        lambda folder: body(folder, "begin").update(rehearsal=False)))
    for what, other in mutations(asked):
        case(f"an answer to a request with another {what}", ANSWERED, answered(requested(other)))
    tar = whole.files[FILE]
    for what, data in [
            ("a byte more", tar + b"\0"), ("a block less", tar[:-512]), ("an owner", tar[:115] + b"1" + tar[116:]),
            ("another time", tar.replace(tar[136:147], b"%011o" % (int(tar[136:147], 8) + 1))),
            ("a byte of padding", tar[:-1025] + b"x" + tar[-1024:]), ("a byte at its very end", tar[:-1] + b"x"),
            ("nothing in it", bytes(1024)),
            ("another folder", tar.replace(b"ceremony/script.yaml", b"ceremonY/script.yaml"))]:
        case(f"an archive with {what}", ANSWERED, delivered(data))
    case("an archive of more than four mebibytes", ANSWERED, delivered(tar[:-1024] + header(
        "ceremony/verify/z", 4 << 20, int(tar[136:147], 8)) + bytes((4 << 20) + 1024)))
    # --- A signature without evidence
    entry = next(one for one in json.loads(whole.files[ROOT])["signatures"] if one["keyid"] == BORIS)
    bare = lambda signed, *entries: printed({"signatures": list(entries), "signed": signed})
    case("the same signature without evidence", "", delivered(bare(root, entry), "json"))
    case("a file without it", ANSWERED, delivered(bare(root), "json"))
    case("a file over another root", ANSWERED, delivered(bare(changed(root, version=7), entry), "json"))
    case("a file with another signature", ANSWERED, delivered(bare(root, {**entry, "sig": "00"}), "json"))
    case("a file with the signature twice", ANSWERED, delivered(bare(root, entry, entry), "json"))
    case("a file of more than a mebibyte", ANSWERED, delivered(bare(root, entry) + b" " * (1 << 20), "json"))
    case("a file that is none", ANSWERED, delivered(b"{", "json"))
    case("an archive called a file", ANSWERED, delivered(tar, "json"))
    case("a file called an archive", ANSWERED, delivered(bare(root, entry), "tar"))
    # --- What is said of it
    case("a delivery that says unwitnessed of an archive", RECORD, lambda folder: body(
        folder, "delivery")["signatures"][0].update(witnessed=False))
    case("a delivery that found something wrong, and counts", RECORD, lambda folder: body(
        folder, "delivery")["signatures"][0].update(witnessed=False, codes=["ANSWER-REQUEST"]))
    case("a delivery that names another head", RECORD, lambda folder: body(
        folder, "delivery")["signatures"][0].update(head="0" * 64))
    case("a delivery that says of a network what the answer does not", ANSWERED, lambda folder: body(
        folder, "delivery")["signatures"][0].update(networked=not sound["networked"]))
    case("a head was heard that nothing has", RECORD, lambda folder: body(folder, "heard").update(head="0" * 64))
    case("somebody else was heard", RECORD, lambda folder: body(folder, "heard").update(person="ada"))
    case("somebody was heard whom nobody knows", RECORD, lambda folder: body(folder, "heard").update(person="eve"))
    case("no delivery", None, lambda folder: folder.transcript.pop(folder.first("delivery")) and None)
    for what, other in mutations(body(whole, "delivery")):
        last = what.split(".")[-1].split(" ")[0]
        is_later = last in ("signatures", "codes", "keyid", "sig", "head", "networked")
        case(f"a delivery with another {what}", None if is_later else RECORD,
             lambda folder: folder.transcript[folder.first("delivery")].update(body=other))
    # --- The root that waited
    def waiting(file, **names):
        """Another root waited."""
        def make(folder):
            folder.files[WAITED] = printed(file)
            body(folder, "begin")["after"]["root"] = sha256(folder.files[WAITED])
        return make
    waited = json.loads(whole.files[WAITED])
    def another(signed):
        """Another root waited, which the script names, and it is what is signed here."""
        payload = sha256(canonical(signed).encode())
        message = canonical(signed).encode()
        def make(folder):
            entries = [{"keyid": keyid, "sig": folder.keys[keyid].sign(message).hex()} for keyid in sorted([ADA, FRED])]
            waiting({"signatures": entries, "signed": signed})(folder)
            folder.script(lambda text: re.sub("payload: [0-9a-f]{64}", "payload: " + payload, text))
            return signing(signed, ADA, BORIS, FRED)(folder)
        return make
    case("another root than the one that waited", ROOT, signing(changed(root, **{"x-note": "-"}), ADA, BORIS, FRED))
    case("another root waited than the script names", SCRIPT, waiting(changed(
        waited, signed=changed(root, **{"x-note": "-"}))))
    case("a root waited that had expired", WAITED, another(changed(root, expires="2020-01-01T00:00:00Z")))
    case("a root waited of another version", WAITED, another(changed(root, version=3)))
    case("a root waited without the mark of a rehearsal", WAITED, another(without(root, MARK)))
    case("a root waited with other keys than the script's", SCRIPT, another(with_role(keyids=[ADA, BORIS])))
    case("a root waited with another threshold than the script's", SCRIPT, another(with_role(threshold=3)))
    case("a signature that stood under the root that waited is gone", ROOT, both(
        signatures(ROOT, taking(FRED)), unrecorded(FRED)))
    case("a signature stood under the root that waited, and does not hold", ROOT, waiting(changed(
        waited, signatures=[{**one, "sig": "00"} if one["keyid"] == FRED else one for one in waited["signatures"]])))
    case("record 0 names another head than the script", BEGIN,
         lambda folder: body(folder, "begin")["after"].update(head="0" * 64))
    case("record 0 names no ceremony", None, lambda folder: body(folder, "begin").pop("after") and None)
    case("record 0 names no requests", ANSWERED, lambda folder: body(folder, "begin")["after"].pop("requests") and None)
    case("record 0 names another request", ANSWERED,
         lambda folder: body(folder, "begin")["after"].update(requests=["0" * 64]))
    case("record 0 names what is no digest", None, lambda folder: body(folder, "begin")["after"].update(requests=["0"]))
    # --- Ending, seal and script
    case("called pending", "pending", closed_as("pending"))
    case("called pending, and its root not finished", PENDING, both(closed_as("pending"), moved(ROOT, PENDING)))
    case("sealed by nobody here", SEAL, sealed_by())
    case("sealed by too few", SEAL, scripted(("seal: 1", "seal: 3")))
    case("sealed by as many as the script wants, with the one elsewhere", "", scripted(("seal: 1", "seal: 2")))
    case("said to be of engine 6", RECORD, lambda folder: folder.engine(6).finish())
    for what, change in [
            ("builds a root", ("  - {id: collect", "  - {id: build, do: build, role: root}\n  - {id: collect")),
            ("has another role", ("roles:\n", "roles:\n  timestamp: {threshold: 1, keys: [x]}\n")),
            ("has somebody without a key", ("keyholders:\n", "keyholders:\n  eve: {name: Eve, card: record}\n")),
            ("names other keyholders of root", ("keyholders: [ada, boris, fred]", "keyholders: [boris, ada, fred]")),
            ("withdraws what it finishes",
             ("seal: 1", "seal: 1\nwithdrawn: [" + sha256(canonical(root).encode()) + "]")),
            ("wants more signatures", ("root: {threshold: 2", "root: {threshold: 3")),
            ("names another payload", ("payload: ", "payload: " + "0" * 64 + " #"))]:
        case(f"a script that {what}", SCRIPT, scripted(change))

if kind == "enrolled":
    FILE = next(name for name in whole.files if name.startswith("inputs/answers/"))
    NONCE = "00112233445566778899aabbccddeeff"
    taken = body(whole, "enrolment")
    for what, other in mutations(taken):
        is_later = what == "enrolments" or any(name in what for name in ("made", "codes"))
        case(f"an enrolment with another {what}", None if is_later else RECORD,
             lambda folder: folder.transcript[folder.first("enrolment")].update(body=other))
    proof = {**taken["enrolments"][0]["made"]["proof"], "nonce": "0" * 32}
    for name, value in [("key", "00" * 32), ("serial", 1), ("guid", "00" * 16), ("sig", "00" * 64),
                        ("attestation", None), ("proof", proof)]:
        case(f"an enrolment that says of {name} what the answer does not", FILE,
             lambda folder: body(folder, "enrolment")["enrolments"][0]["made"].update({name: value}))
    case("an enrolment that names another head", RECORD, lambda folder: body(
        folder, "enrolment")["enrolments"][0]["made"].update(head="0" * 64))
    case("an enrolment that found something wrong, and counts", RECORD, lambda folder: body(
        folder, "enrolment")["enrolments"][0].update(codes=["ANSWER-REQUEST"]))
    case("somebody else was heard", RECORD, lambda folder: body(folder, "heard").update(person="ada"))
    case("the same, and nobody was heard", None, lambda folder: (
        body(folder, "enrolment")["enrolments"][0].update(codes=["ANSWER-REQUEST"]),
        folder.transcript.pop(folder.first("heard")))[2:])
    case("no enrolment", RECORD, lambda folder: folder.transcript.pop(folder.first("enrolment")) and None)
    case("no enrolment, and nobody was heard", FILE, lambda folder: [
        folder.transcript.pop(folder.first(name)) for name in ("enrolment", "heard")][2:])
    case("an enrolment in another step", RECORD,
         lambda folder: folder.transcript[folder.first("enrolment")].update(step="build"))
    case("a script with another nonce", FILE, scripted((NONCE, "0" * 32)))
    case("a script that wants another kind of key", FILE, scripted(
        ("name: Fred, ", "name: Fred, algorithm: ecdsa-p384, ")))
    case("a script that gives the key fields", FILE, scripted(("name: Fred, ", "name: Fred, fields: {x-a: b}, ")))
    case("a script that takes in somebody else's key", SCRIPT, scripted(
        ("do: enrol, keyholder: fred", "do: enrol, keyholder: boris")))

print(json.dumps(cases))
