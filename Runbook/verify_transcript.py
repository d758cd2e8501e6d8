#!/usr/bin/env python3
"""Verifies the products folder of a TUF key ceremony without the program that made it.

usage: verify_transcript.py DIR [--head HEX]
Needs Python 3.9 and `cryptography`. Written from TRANSCRIPT.md and nothing else; read `verify` first.
--head: the digest that the witness read aloud; with it, this is the transcript that was streamed.
Exit: 0 all holds, 1 something does not (named), 64 usage, 66 DIR cannot be read, 70 no `cryptography`.
"""
import base64, datetime, hashlib, json, os, re, signal, sys

try:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
except ImportError as missing:
    print(f"verify_transcript.py needs the Python package cryptography: {missing}", file=sys.stderr)
    sys.exit(70)

SEALING_KINDS = set("""card release operation command response secret signature screen answer clock
  attendance bag initials statement finding exception interruption resume mirror end""".split())
TRANSCRIPT_KINDS = {*SEALING_KINDS - {"end"}, "begin", "read", "random", "proof", "payload", "dropped", "write", "close"}
RECORD = {"at": str, "body": dict, "kind": str, "mono": int, "prev": str, "seq": int, "step": str}
BEGIN = dict(format=int, engine=int, cards=str, rehearsal=bool, unattended=bool, sacrifice=list, host=list)
PLAIN, FREE = r"(?!(.*/)?\.{0,2}(/|$))[A-Za-z0-9._/-]+", ("annex/", "virtual-cards/")  # names of products; of others
FAILURE = ("removed|not-held|shared|reset|mute|communication|reader-gone|daemon-gone|refused|timeout|no-thread|garbled"
    "|too-long|secret-unavailable|unknown-[0-9a-f]{8}")
NOT_CHECKED = """Not checked: attestations; words and times in sealing.jsonl; more of report.html than SHA256SUMS says;
that the ceremony comes out again (tuf-audit replay); RSA keys of online roles; expiry (tuf-audit expiry);
who typed, and what was signed elsewhere (nobody can)."""

class Wrong(Exception): """Something does not hold, and where."""
def check(condition, place, what):
    if not condition: raise Wrong(f"{place}: {what}")
def fields(value, place, **types):  # the named members of an object, each of exactly the given type
    check(type(value) is dict, place, "is not a JSON object")
    for name, kind in types.items():
        check(type(value.get(name)) is kind, place, f"has no {name} of type {kind.__name__}")
    return [value[name] for name in types]
def only(value, place, **types):  # the same of an object that has no other members
    check(type(value) is dict and set(value) <= set(types), place, "has other members than " + " ".join(types))
    return fields(value, place, **types)
def sha256(data): return hashlib.sha256(data).hexdigest()
def typed(kind, payload):  # DSSE's pre-authentication encoding: what is signed of a payload of this type
    return f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload
def unhex(text, place, length=None):
    check(re.fullmatch("([0-9a-f]{2})*", text) and length in (None, len(text) // 2), place, "holds hex that is none")
    return bytes.fromhex(text)
def is_moment(text):  # YYYY-MM-DDTHH:MM:SSZ, of a real day from 1970 on
    try: return "1970" <= text == datetime.datetime.fromisoformat(text[:19]).isoformat() + "Z"
    except ValueError: return False
def unbase64(text, place):
    is_shaped = len(text) % 4 == 0 and re.fullmatch("[A-Za-z0-9+/]*={0,2}", text)
    data = base64.b64decode(text) if is_shaped else b""
    check(base64.b64encode(data).decode() == text, place, "holds base64 that is none")
    return data

# --- JSON without duplicate names, floats, big numbers or deep nesting; in canonical and in printed form
def parse(data, place):
    def pairs(items):
        check(len({name for name, _ in items}) == len(items), place, "has a name twice in one object")
        return dict(items)
    def integer(text):
        is_exact = re.fullmatch("0|-?[1-9][0-9]{0,15}", text) and abs(int(text)) <= 1 << 53
        check(is_exact, place, f"holds {text[:20]}, a number that not every reader reads alike")
        return int(text)
    hooks = {name: integer for name in ("parse_int", "parse_float", "parse_constant")}
    try:
        value = json.loads(data.decode(), object_pairs_hook=pairs, **hooks)
        return canonical(value) and value  # which refuses lone surrogates and deep nesting
    except (ValueError, RecursionError) as error:
        raise Wrong(f"{place}: is not strict JSON: {error}") from None
def canonical(value):
    """OLPC canonical JSON: names sorted by code point, no white space, only quote and backslash escaped."""
    def text(value, depth):
        if isinstance(value, str): return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        if value is None or isinstance(value, (bool, int)): return json.dumps(value)
        if depth == 64: raise ValueError("arrays and objects are nested more than 64 deep")
        if isinstance(value, list): return "[" + ",".join(text(item, depth + 1) for item in value) + "]"
        return "{" + ",".join(text(name, 0) + ":" + text(value[name], depth + 1) for name in sorted(value)) + "}"
    return text(value, 0).encode()
def read_printed(folder, name, **types):
    """The members of metadata or seal: sorted names, an indent of one space, ASCII, a final newline."""
    data = read(folder, name)
    value = parse(data, name)
    printed = json.dumps(value, sort_keys=True, indent=1, separators=(",", ": ")).encode() + b"\n"
    check(data == printed, name, "is not printed as such files are")
    return only(value, name, **types)

# --- The folder
def listing(folder, prefix=""):
    """Every file below the folder; outside annex/ and virtual-cards/ only regular files with plain names."""
    names = set()
    for entry in os.scandir(os.path.join(folder, prefix)):
        name = prefix + entry.name
        if entry.is_dir(follow_symlinks=False): names |= listing(folder, name + "/")
        else:
            is_plain = entry.is_file(follow_symlinks=False) and re.fullmatch(PLAIN, name)
            check(is_plain or name.startswith(FREE), name, "is no product")
            names.add(name)
    return names
def read(folder, name):
    with open(os.path.join(folder, name), "rb") as file: data = file.read((64 << 20) + 1)
    check(len(data) <= 64 << 20, name, "is larger than 64 MiB")
    return data

# --- What cards made and signed, from the recorded APDUs
def inside(data, *path):
    """The value at a path of BER-TLV tags; empty where there is none or the bytes are something else."""
    for wanted in path:
        found, at = {}, 0
        while at < len(data):
            start = at + (2 if data[at] & 0x1F == 0x1F else 1)
            tag, first = data[at:start].hex(), data[start] if start < len(data) else 0x80
            at = start + 1 + max(0, first - 0x80)
            length = first if first < 0x80 else int.from_bytes(data[start + 1 : at], "big")
            if first == 0x80 or first > 0x83 or at + length > len(data) or tag in found: return b""
            found[tag], at = data[at : at + length], at + length
        data = found.get(wanted, b"")
    return data

class Cards:
    """Follows commands and responses; joins chained blocks and answers in parts (ISO 7816-4 §5.3).
    made: PIV algorithm, and the public key as the card wrote it; signed: algorithm, what was given, signature."""
    def __init__(self):
        self.made, self.signed, self.is_waiting = set(), set(), False  # for the response to the command before
        self.forget()
    def forget(self):
        self.sent = self.header = self.data = self.answer = self.status = self.is_block = b""
    def command(self, text, place):
        self.is_waiting = True
        if re.fullmatch("[0-9a-f]{10} redacted", text): return self.forget()  # it carried a secret, and makes nothing
        raw = unhex(text if len(text) >= 8 else "fewer than four bytes", place)
        start = 7 if len(raw) > 7 and raw[4] == 0 else 5  # Lc is one byte, or 00 and two bytes
        sent = raw[: start + int.from_bytes(raw[4:start], "big")] if len(raw) > start else raw[:4]
        is_again = self.status[:1] == b"\x6c" and sent == self.sent  # asks for another length of answer
        self.sent = sent
        if raw[1] != 0xC0 and not is_again:  # GET RESPONSE goes on with the answer before
            header, self.answer = bytes([raw[0] & 0xEF]) + raw[1:4], b""
            self.data = (self.data if self.is_block and header == self.header else b"") + sent[start:]
            self.header, self.is_block = header, raw[0] & 0x10 != 0
    def response(self, body, place):
        self.is_waiting = False
        if "failure" in body:
            check(re.fullmatch(FAILURE, only(body, place, failure=str)[0]), place, "has no word for why no answer came")
            return self.forget()
        data, status = only(body, place, data=str, sw=str)
        check(re.fullmatch("[0-9A-F]{4}", status), place, f"has no status word: {status[:20]}")
        self.answer, self.status = self.answer + unhex(data, place), bytes.fromhex(status)
        if self.status == b"\x90\x00" and not self.is_block:
            if self.header[1:3] == b"\x47\x00":  # GENERATE: AC {80 algorithm} -> 7F49 {86 public key}
                self.made.add((inside(self.data, "ac", "80"), inside(self.answer, "7f49", "86")))
            if self.header[1:2] == b"\x87":  # GENERAL AUTHENTICATE: 7C {82, 81 input} -> 7C {82 signature}
                self.signed.add((self.header[2:3], inside(self.data, "7c", "81"), inside(self.answer, "7c", "82")))
        if self.status != b"\x90\x00" and self.status[:1] not in (b"\x61", b"\x6c"): self.forget()

# --- Records
class Log:  # a file of records, read line by line
    def __init__(self, folder, name, kinds, prev, begin=None):
        self.name, self.kinds, self.head, self.count, self.mono, self.kind = name, kinds, prev, 0, 0, ""
        self.begin, self.first, self.body, self.last = begin or {}, {}, {}, {}  # begin: the body of record 0
        self.roles, self.screen = ("seal", "initials") if begin else ("root", "targets", "initials", "proof"), {}
        self.proof = None
        self.letters, self.stated, self.initials, self.typed, self.is_given_up = {}, (), [], 0, False
        self.cards, self.files, self.payloads, self.signatures = Cards(), {}, set(), set()
        whole = hashlib.sha256()
        with open(os.path.join(folder, name), "rb") as file:
            for line in iter(lambda: file.readline((1 << 20) + 1), b""):
                whole.update(line)
                self.take(line, f"{name} record {self.count}")
        self.digest = whole.hexdigest()
    def take(self, line, place):
        check(line.endswith(b"\n"), place, "is longer than 1 MiB, or was cut short: it has no newline")
        line, record = line[:-1], parse(line[:-1], place)
        at, body, kind, mono, prev, seq, step = only(record, place, **RECORD)
        step = step.split("/")[0]
        check(canonical(record) == line and b"\x7f" not in line, place, "is not in canonical form")
        check((seq, prev) == (self.count, self.head), place, f"does not follow a line of digest {self.head}")
        check(mono >= self.mono and is_moment(at), place, "goes back in time, or has none")
        expected = {"response", "interruption"} if self.cards.is_waiting else self.kinds - {"response", "resume"}
        expected = {"interruption", "resume"} if self.kind == "interruption" else expected
        is_so = kind in expected and self.kind not in ("close", "end") and (seq == 0 or kind != "begin")
        check(is_so, place, f"is of kind {kind[:40]}, which is not known or cannot stand here")
        self.head, self.count, self.mono, self.body = sha256(line), seq + 1, mono, body
        if kind == "mirror": return only(body, place, lost=str)  # the second copy was lost, which changes nothing else
        self.kind, self.first = kind, self.first or (record if kind not in ("interruption", "resume") else {})
        self.screen = body if kind == "screen" else self.screen
        self.is_given_up = body == {"accepted": "abort"} or self.is_given_up and kind == "release"
        if kind == "command": self.cards.command(*fields(body, place, apdu=str), place)
        elif kind == "response": self.cards.response(body, place)
        elif kind in ("card", "release", "interruption"): self.cards.forget()
        elif kind == "begin":
            self.begin, self.files["script.yaml"] = body, *fields(body.get("script"), place, sha256=str)
        elif kind == "resume":
            check(fields(body, place, engine=int) == [self.begin.get("engine")], place, "is by another engine")
        elif kind in ("read", "write"):
            path, digest = fields(body, place, path=str, sha256=str)
            is_product = re.fullmatch(PLAIN, path) and not path.startswith(FREE)
            check(is_product and self.files.setdefault(path, digest) == digest, place, f"cannot name {path} so")
        elif kind == "payload":
            role, content = fields(body, place, role=str, content=str)
            self.payloads.add((role, unbase64(content, place)))
        elif kind == "dropped":
            check(body.get("role") in ("root", "targets"), place, "gives up what is no payload")
            self.signatures = {s for s in self.signatures if s[:2] != (body.get("role"), body.get("sha256"))}
        elif kind == "signature":
            role, digest, keyid, sig = fields(body, place, role=str, payload=str, keyid=str, sig=str)
            check(role in self.roles and unhex(digest, place, 32), place, f"is for {role[:40]}: not here")
            self.signatures.add((role, digest, keyid, unhex(sig, place)))
            if role == "proof":
                check(self.proof == (keyid, digest), place, "is over nothing stated before it")
                self.proof = None
            if role == "initials":
                check(self.stated and sha256(self.stated[1]) == digest, place, "is over nothing stated before it")
                self.initials, self.stated = [*self.initials, (*self.stated, {"keyid": keyid, "sig": sig})], ()
        elif kind == "initials":
            person, letters = fields(body, place, person=str, initials=str)
            self.letters[person], self.typed = {"initials": letters, "step": step}, self.typed + 1
        elif kind == "proof":  # what a new key signs next
            keyid, nonce, pad, person, slot = fields(body, place, keyid=str, nonce=str, pad=str, person=str, slot=str)
            so = {**self.last, "purpose": "test", "rehearsal": self.begin.get("rehearsal"), "keyid": keyid, "slot": slot}
            so |= {"nonce": nonce, "pad": pad, "person": person, "script": self.files.get("script.yaml")}
            is_so = canonical(body) == canonical(so) and unhex(nonce, place, 16) and not pad.strip("0")
            check(is_so, place, "does not state what came before it")
            self.proof = keyid, sha256(typed("application/vnd.tuf-ceremony.proof+json", canonical(body)))
        elif kind == "statement":  # what an official's card signs next
            who, said = fields(body, place, person=str, step=str)
            so = {**self.letters.get(who, {}), **self.last, "person": who, "rehearsal": self.begin.get("rehearsal")}
            check(canonical(body) == canonical(so) and said == step, place, "does not state what came before it")
            self.stated = who, typed("application/vnd.tuf-ceremony.initials+json", canonical(body))
        if kind not in ("interruption", "resume"): self.last = {"record": seq, "head": self.head}

# --- Keys and signatures
class Key:
    """A public key from metadata; `bytes` as a card writes it: 32 bytes, or an uncompressed point."""
    FORMS = {  # keytype and scheme: PIV algorithm, curve, digest
        ("ed25519", "ed25519"): (b"\xe0", None, None),
        ("ecdsa", "ecdsa-sha2-nistp256"): (b"\x11", ec.SECP256R1, hashes.SHA256()),
        ("ecdsa", "ecdsa-sha2-nistp384"): (b"\x14", ec.SECP384R1, hashes.SHA384()),
        ("rsa", "rsassa-pss-sha256"): (None, None, None),  # no card has it: of online roles, and not looked at
    }
    def __init__(self, value, place):
        keytype, scheme = fields(value, place, keytype=str, scheme=str)
        (public,) = fields(value.get("keyval"), place, public=str)
        check((keytype, scheme) in self.FORMS, place, f"is of a type that no ceremony uses: {keytype[:20]}")
        self.algorithm, curve, self.hash = self.FORMS[keytype, scheme]
        try:
            if not self.algorithm: self.bytes = public.encode()
            elif curve:
                self.public = load_pem_public_key(public.encode())
                check(isinstance(self.public.curve, curve), place, "is on another curve than its scheme says")
                self.bytes = self.public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            else:
                self.bytes = unhex(public, place)
                self.public = ed25519.Ed25519PublicKey.from_public_bytes(self.bytes)
                check(not is_weak(self.bytes), place, "is a weak Ed25519 key")
        except (ValueError, AttributeError, UnsupportedAlgorithm):
            raise Wrong(f"{place}: is no public key of its type") from None
    def verifies(self, signature, message):
        try: self.public.verify(signature, message, *([ec.ECDSA(self.hash)] if self.hash else []))
        except InvalidSignature: return False
        return bool(self.hash) or not is_weak(signature[:32])
def is_weak(point):
    """Whether a point of edwards25519 has small order, or a coordinate beyond the field (RFC 8032 §5.1.3)."""
    prime, y = 2**255 - 19, int.from_bytes(point, "little") % 2**255
    order8 = prime - 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD83D3D706A17C7
    return y >= prime or min(y, prime - y) in (0, 1, order8)
def read_root(root, path):  # keys and threshold by role; every key stands under its own id, once
    keys, roles, spec, expires = fields(root, path, keys=dict, roles=dict, spec_version=str, expires=str)
    is_sane = re.fullmatch(r"1(\.[0-9]+){1,2}", spec) and type(root.get("consistent_snapshot", True)) is bool
    check(is_sane and is_moment(expires), path, "has an odd spec_version, expires or consistent_snapshot")
    check(set(roles) == {"root", "snapshot", "targets", "timestamp"}, path, "has other roles than the four")
    ring, found = {keyid: Key(key, f"{path} key {keyid[:8]}") for keyid, key in keys.items()}, {}
    is_so = [sha256(canonical(key)) for key in keys.values()] == list(keys)
    check(is_so and len({key.bytes for key in ring.values()}) == len(keys), path, "has a key under a wrong id, or two")
    for role in roles:
        keyids, threshold = fields(roles[role], f"{path} role {role}", keyids=list, threshold=int)
        is_so = all(type(i) is str and i in ring for i in keyids) and 1 <= threshold <= len(set(keyids)) == len(keyids)
        check(is_so, path, f"names keys or a threshold of {role} that cannot be")
        found[role] = {keyid: ring[keyid] for keyid in keyids}, threshold
    return found
def check_signatures(path, role, message, entries, decode, keys, log):
    """Each signature holds, is recorded, and is what a card answered when it was given this very message."""
    pairs = [(keyid, decode(sig, path)) for keyid, sig in (only(e, path, keyid=str, sig=str) for e in entries)]
    check([k for k, _ in pairs] == sorted(dict(pairs)), path, "has signatures unsorted or twice by a key")
    recorded = {entry[2:] for entry in log.signatures if entry[:2] == (role, sha256(message))}
    check(recorded == set(pairs), path, f"has other signatures than {log.name} records")
    for keyid, signature in pairs:
        key, place = keys.get(keyid), f"{path} signature by {keyid[:8]}"
        check(key and key.verifies(signature, message), place, "does not hold, or is by no key of the role")
        given = hashlib.new(key.hash.name, message).digest() if key.hash else message  # ECDSA: the digest
        check((key.algorithm, given, signature) in log.cards.signed, place, "is what no card answered")
    return [keyid for keyid, _ in pairs]
def official_keys(folder, log, root):  # by key id, of administrator and witness, where they had cards of their own
    found, pems, ecdsa = {"administrator": {}, "witness": {}}, {}, ec.EllipticCurvePublicKey
    for (keytype, scheme), (algorithm, curve, _) in Key.FORMS.items():
        for point in (point for made, point in log.cards.made if made == algorithm):
            edwards = ed25519.Ed25519PublicKey.from_public_bytes
            try: public = ecdsa.from_encoded_point(curve(), point) if curve else edwards(point)
            except ValueError: continue  # a card made nonsense, which the ceremony refused
            pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
            pems[pem] = {"keytype": keytype, "scheme": scheme, "keyval": {"public": pem if curve else point.hex()}}
    for path in log.files:
        match = re.fullmatch("cards/[^/]+/(administrator|witness)_pubkey.pem", path)
        if match:
            value = pems.get(read(folder, path).decode("utf-8", "replace"))
            taken = {keyid for keys in found.values() for keyid in keys} | set(root["keys"])
            is_own = value and not found[match[1]] and sha256(canonical(value)) not in taken
            check(is_own, path, f"is no key of the {match[1]}'s own that a card made here")
            found[match[1]] = {sha256(canonical(value)): Key(value, path)}
    return found

# --- Metadata, seal and the other files
def check_metadata(folder, log):
    roles, done, lines = {}, set(), []
    for path in sorted((p for p in log.files if p[:9] == "metadata/"), key=lambda p: p.split(".")[1:]):  # root first
        signatures, signed = read_printed(folder, path, signatures=list, signed=dict)
        role, version = fields(signed, path, _type=str, version=int)
        is_so = path == f"metadata/{version}.{role}.json" and version > 0 and role in {"root", "targets"} - done
        check(is_so, path, "is neither root nor targets by its name, or the second of its role")
        is_marked = signed.get("x-tuf-ceremony-rehearsal") is True
        check(is_marked == log.begin["rehearsal"], path, "is marked as a rehearsal, or not, unlike the first record")
        if role == "root": root, roles = signed, read_root(signed, path)
        (keys, threshold), done = roles.get(role, ({}, 1)), done | {role}
        for keyid, key in keys.items():
            check((key.algorithm, key.bytes) in log.cards.made, f"{path} key {keyid[:8]}", "was made by no card here")
        check((role, canonical(signed)) in log.payloads, path, "has a signed part that no payload record shows")
        count = len(check_signatures(path, role, canonical(signed), signatures, unhex, keys, log))
        check(count >= threshold, path, f"has fewer signatures than {threshold}: {count}")
        lines.append(f"{path}: signatures {count}, threshold {threshold}; cards made them and their keys")
    check(roles, "metadata", "holds no root")
    return lines, root, roles["root"]
def check_seal(folder, log, sealing, keys, threshold, officials):
    path, kind = "seal.dsse.json", "application/vnd.in-toto+json"
    payload, named, signatures = read_printed(folder, path, payload=str, payloadType=str, signatures=list)
    subjects = {**{n: d for n, d in log.files.items() if n.startswith("metadata/")}, log.name: log.digest}
    statement = canonical({
        "_type": "https://in-toto.io/Statement/v1", "predicateType": "urn:tuf-ceremony:transcript-seal:1",
        "predicate": {"ending": "complete", "head": log.head, "rehearsal": log.begin["rehearsal"]},
        "subject": [{"digest": {"sha256": subjects[name]}, "name": name} for name in sorted(subjects)],
    })
    check(named == kind and unbase64(payload, path) == statement, path, "seals another head, or other files")
    message, known = typed(kind, statement), {**keys, **officials["administrator"], **officials["witness"]}
    sealers = check_signatures(path, "seal", message, signatures, unbase64, known, sealing)
    count = sum(keyid in keys for keyid in sealers)
    check(count and len(message) <= 1200, path, "has no signature by a root key, or is too long for a card")
    line = f"{path}: of the root's keys, {count} signed this head and these files; the threshold is {threshold}"
    warnings = [f"warning SEAL-BELOW-THRESHOLD {count} of {threshold}: compare the head"] * (count < threshold)
    missing = [person for person, own in officials.items() if own and not own.keys() & set(sealers)]
    return line, warnings + [f"warning SEAL-WITHOUT-OFFICIAL: the {person} has a card" for person in missing]
def check_files(folder, names, log, sealing, is_sealed):
    for path, digest in log.files.items():
        check(path in names and sha256(read(folder, path)) == digest, path, "is not what a record names")
    bound = {**log.files, log.name: log.digest, sealing.name: sealing.digest}
    late = ["seal.dsse.json"] * is_sealed + ["report.html"] * (log.begin["engine"] > 1)
    bound.update({path: sha256(read(folder, path)) for path in late})
    check(("REHEARSAL" in bound) == log.begin["rehearsal"], "REHEARSAL", "is there, or not, unlike record 0 says")
    for path in sorted(names - {"SHA256SUMS"}):
        check(path in bound or path.startswith(FREE[: 1 + log.begin["rehearsal"]]), path, "is no file of this ceremony")
    sums = [f"{digest}  {path}\n" for path, digest in sorted(bound.items())]
    there = read(folder, "SHA256SUMS").decode("utf-8", "replace").splitlines(True)
    differing = [line[66:-1] for line in sums if line not in there] or ["the order or number of its lines"]
    check(there == sums, "SHA256SUMS", f"differs from the folder in {differing[0]}")
    return f"{len(bound)} files, all in SHA256SUMS; a record, the chain or the seal binds each but report.html"

def verify(folder, heard):
    """What was checked, and warnings; raises Wrong at the first thing that does not hold."""
    names = listing(folder)  # before anything is opened: a pipe would never end
    log = Log(folder, "transcript.jsonl", TRANSCRIPT_KINDS, "0" * 64)
    form, engine, cards, *_ = fields(log.begin, f"{log.name} record 0", **BEGIN)
    unhex(fields(log.begin.get("program"), log.name, version=str, sha256=str)[1], log.name, 32)
    check(form == 1 and engine > 0 and cards in ("virtual", "pcsc"), log.name, "begins as no transcript of format 1")
    check(log.kind == "close", log.name, "has no close record: the ceremony did not end")
    last = f"{log.name} record {log.count - 1}"
    check(heard in ("", log.head), last, f"hashes to {log.head}, which is not the head that was heard")
    (ending,) = fields(log.body, last, ending=str)
    sealing = Log(folder, "sealing.jsonl", SEALING_KINDS, log.head, log.begin)
    (shown,) = fields(sealing.first.get("body"), sealing.name, digests=list)
    heads = [fields(entry, sealing.name, sha256=str)[0] for entry in shown]
    check(sealing.first["kind"] == "screen" and heads == [log.head], sealing.name, "does not begin with this head")
    step, steps = (sealing.screen.get(name, name) for name in ("step", "steps"))
    is_at_end = sealing.is_given_up or sealing.kind == "release" and step == steps  # engine 1 wrote no end record
    check(sealing.kind == "end" if engine > 1 else is_at_end, sealing.name, "ends before the ceremony does")
    files = check_files(folder, names, log, sealing, ending == "complete")
    check(ending == "complete", last, "the ceremony was given up (ABORTED): use nothing in this folder")
    metadata, root, (keys, threshold) = check_metadata(folder, log)
    officials = official_keys(folder, log, root)
    seal, warnings = check_seal(folder, log, sealing, keys, threshold, officials)
    warnings += ["warning SEALING-GIVEN-UP after the close"] * (sealing.body.get("ending") == "given-up")
    for part in (log, sealing):
        for person, message, signature in part.initials:  # by the card of whoever gave them
            check_signatures(part.name, "initials", message, [signature], unhex, officials.get(person, {}), part)
    signed, given = len(log.initials) + len(sealing.initials), log.typed + sealing.typed
    metadata += [f"{signed} of {given} initials signed by the card of whoever gave them"] * bool(signed)
    chain = f"{log.count} + {sealing.count} records, each following from the one before; engine {engine}"
    return [chain, f"head {log.head}", files, *metadata, seal], warnings

def main(arguments):
    named = re.fullmatch("[^-\0][^\0]*(\0--head\0([0-9a-fA-F]{64}))?", "\0".join(arguments))
    if not named: print(__doc__, file=sys.stderr); return 64
    try: is_rehearsal = "REHEARSAL" in os.listdir(arguments[0])
    except (OSError, ValueError) as error: print(f"{arguments[0]!r}: {error}", file=sys.stderr); return 66
    try:
        checked, warnings = verify(arguments[0], (named[2] or "").lower())
        verdict = ["VERIFIED", *(f"  {line}" for line in checked), *warnings, NOT_CHECKED]
    except (Wrong, OSError) as wrong:
        verdict = ["NOT VERIFIED", "  " + ascii(str(wrong))[1:-1]]  # it may quote what an attacker wrote
    except Exception as error:  # what nobody thought of is no proof either
        verdict = ["NOT VERIFIED", f"  something here makes no sense: {error!a}"]
    print("REHEARSAL: nothing that comes out of it is to be trusted\n" * is_rehearsal + "\n".join(verdict))
    return 0 if verdict[0] == "VERIFIED" else 1

if __name__ == "__main__":
    for number in (signal.SIGPIPE, signal.SIGINT): signal.signal(number, signal.SIG_DFL)
    sys.exit(main(sys.argv[1:]))
