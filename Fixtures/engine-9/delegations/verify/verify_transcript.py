#!/usr/bin/env python3
"""Verifies the products folder of a TUF key ceremony without the program that made it.

usage: verify_transcript.py DIR [--after EARLIER ...] [--with SITE ...] [--head HEX | --head WORD ... (32)]
Needs Python 3.9, `cryptography` and `PyYAML`. Written from TRANSCRIPT.md and nothing else; read `verify` first.
--head: the digest that the witness read aloud, in hex or words. With it this is the transcript that was streamed;
with the final head, which is read aloud at the very end, so is what followed the close.
--after: the folders of the ceremonies before this one, in any order. Each is verified, and named by the one after it.
--with: folders of ceremonies that answered it elsewhere. Each is verified, and must be one whose answer was taken in.
Exit: 0 all holds, 3 the same of a ceremony whose root waits for signatures (PENDING), 1 something does not (named),
64 usage, 66 DIR cannot be read, 70 a package is missing.
"""
import base64, datetime, functools, hashlib, io, json, os, re, signal, sys

try:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key
    import yaml
except ImportError as missing:
    print(f"verify_transcript.py needs the Python packages cryptography and PyYAML: {missing}\n"
          "Install them: apt install python3-cryptography python3-yaml, or pip install both", file=sys.stderr)
    sys.exit(70)

SEALING_KINDS = set("""card release operation command response secret signature screen answer clock
  attendance bag wipe initials statement finding exception interruption resume mirror end""".split())
TRANSCRIPT_KINDS = {*SEALING_KINDS - {"end", "wipe"},
                    *"host begin read listed one-time random twin proof payload dropped write close".split(),
                    "delivery", "enrolment", "heard"}  # these from engine 7 on
RECORD = {"at": str, "body": dict, "kind": str, "mono": int, "prev": str, "seq": int, "step": str}
HEX, DIGEST = "([0-9a-f]{2})*", "[0-9a-f]{64}"
EITHER_CASE = "([0-9a-fA-F]{2})*"  # of keys and signatures that others wrote, as clients read them
FINDING = {"code": str, "severity": str, "what": str, "hint": str, "place?": str}
PROGRAM = {"version": str, "sha256": DIGEST, "commit?": str, "toolchain?": str}
BODIES = {  # what every record of a kind has, and with ? may have; what else it has is not looked at
    "begin": {"format": int, "engine": int, "cards": "virtual|pcsc", "rehearsal": bool, "unattended": bool,
              "program": PROGRAM, "script": {"sha256": DIGEST}, "sacrifice": list, "secrets?": "made|typed",
              "host": [{"name": str, "value": str}], "seed?": int, 
              "after?": {"root": DIGEST, "head": DIGEST, "kept": bool, "requests?": [DIGEST], "open?": [DIGEST]}},
    "signature": {"role": str, "payload": DIGEST, "keyid": str, "sig": HEX, "keyholder": str, "verified-by": [str]},
    "host": {"points": [{"point": str, "says": str, "codes": [str]}], "allowed": [str]},
    "bag": {"number": str, "keyholder": str, "state": "opened|closed", "card?": str},
    "attendance": {"person": str, "role": str, "state": "here|absent|substitute|leaves|returns|remains",
                   "name?": str, "seen-by?": str}, "statement": {"person": str, "step": str},
    "wipe": {"keyholder": str, "card": str, "keys": [str], "empty": [str], "unknown": [str]},  # from engine 8 on
    "listed": {"role": str, "files": list}, "one-time": {"work": "make|sign|wipe"},
    "payload": {"role": str, "version": int, "bytes": int, "sha256": DIGEST, "content": str},
    "dropped": {"role": str, "sha256": DIGEST, "signatures": list, "why": str},
    "proof": {"keyid": str, "nonce": "[0-9a-f]{32}", "pad": "0*", "person": str, "purpose": "test|kept|enrolled",
              "slot": str}, "delivery": {"signatures": list, "missing?": FINDING},
    "enrolment": {"enrolments": list, "missing?": FINDING}, "heard": {"head": DIGEST, "person": str},
    "twin": {"root": DIGEST, "keys": [{"keyid": str, "stand-in": str}]}, "random": {"bytes": HEX, "purpose": str},
    "initials": {"person": str, "initials": str}, "command": {"apdu": str},
    "exception": {"number": int, "code": str, "what": str, "on-behalf-of?": str},
    "interruption": {"reason": str, "torn?": HEX}, "resume": {"engine": int, "program": PROGRAM, "unattended": bool},
    "close": {"ending": "complete|pending|aborted", "exceptions": int, "products": [{"path": str, "sha256": DIGEST}],
              "signatures": [{"role": str, "count": int, "threshold": int}], "unproven": bool,
              "keys?": [{"keyid": str, "roles": [str], "origin": "made|kept|enrolled|one-time|online",
                         "proven?": bool}],
              "finding?": FINDING},
    "end": {"ending": "complete|aborted|given-up", "exceptions": int, "signatures": int},
    **dict.fromkeys(("read", "write"), {"path": str, "bytes": int, "sha256": DIGEST})}
ENGINES, SCRIPTS, SPEC = range(1, 10), (1, 2), "1.0.31"  # versions that are known here; of the TUF specification
SLOTS = ["9a", "9c", "9d", "9e", *(f"{number:x}" for number in range(0x82, 0x96))]  # those that may hold somebody's key
MARK = "x-tuf-ceremony-rehearsal"
DEFINED = {*"_type spec_version version expires consistent_snapshot keys roles keyids threshold".split()}  # of a root
STANDING = {"ceremony": str, "section": str, "exceptions": int, "minutes": {"before": int, "all": int}, "away": [str],
    "skipped": [str], "boards": [{"role": str, "version?": int, "people": [{"id": str, "name": str, "sides": [str],
    "state": "none|card|key|signed", "unproven?": bool}], "sides": [{"side": str, "signed": int, "threshold": int}]}]}
PLAIN, FREE = r"(?!(.*/)?\.{0,2}(/|$))[A-Za-z0-9._/-]+", ("annex/", "virtual-cards/")  # of products; of others
CARD = "keyholder identity keys firmware guid management-key serial case case-confirmed"  # the members of card.json
FAILURE = ("removed|not-held|shared|reset|mute|communication|reader-gone|daemon-gone|refused|timeout|no-thread|garbled"
    "|too-long|secret-unavailable|unknown-[0-9a-f]{8}")
BROUGHT = {"path": str, "bytes": int, "sha256": DIGEST, "codes": [str]}  # a file from elsewhere, and more of each kind
PROOF = {"head": DIGEST, "keyid": str, "nonce": "[0-9a-f]{32}", "pad": "0*", "person": str, "record": int,
         "purpose": "test|kept|enrolled", "rehearsal": bool, "script": DIGEST, "slot": str}
MADE = {"attestation": (dict, None), "guid": HEX, "head": DIGEST, "key": HEX, "proof": dict, "serial": (int, None),
        "sig": HEX}
DELIVERED = {**BROUGHT, "head": (DIGEST, None), "keyid": str, "networked": (bool, None), "sig": HEX, "witnessed": bool}
ENROLLED = {**BROUGHT, "made": (dict, None)}
ASKED = {"deadline": (str, None), "engine": int, "for": [dict], "form": int, "head": (DIGEST, None), "offline": bool,
    "kind": "sign|enrol|seal", "nonce": "[0-9a-f]{32}", "rehearsal": bool, "release": str, "repository": str,
    "say": [str], "title": str}  # the members of every request, and more of each kind
TO_SIGN = {"digest": dict, "payload": str, "trusted": (str, None)}
TO_SEAL = {"digest": dict, "root": str, "statement": str, "trusted": (str, None)}
TO_MAKE = {"cards": dict, "fields": dict, "files": dict, "largest": int, "role": dict}
SEALED = "application/vnd.in-toto+json"
SEAL_TYPES = "urn:tuf-ceremony:transcript-seal:1", "https://w3id.org/tuf-ceremony/transcript-seal/v1"  # from engine 4
NOT_CHECKED = """Not checked: attestations; more of report.html than SHA256SUMS says; what followed the close, which the
final head alone binds: times, wiped cards, closing bags, exceptions, substitutes, lost copies, missing seals, who left;
that the ceremony comes out again, so that its screens and order may be invented (tuf-audit replay);
expiry (tuf-audit expiry); who typed, and what was signed elsewhere (nobody can)."""

class Wrong(Exception): """Something does not hold, and where."""
def check(condition, place, what):
    if not condition: raise Wrong(f"{place}: {what}")
def is_of(value, form):  # a type, a pattern of text, a list of one form, or an object that has these members
    if type(form) is list: return type(value) is list and all(is_of(item, form[0]) for item in value)
    if form is None: return value is None
    if type(form) is tuple: return any(is_of(value, one) for one in form)
    if type(form) is str: return type(value) is str and re.fullmatch(form, value) is not None
    return type(value) is form if type(form) is type else type(value) is dict and not misses(value, form)
def misses(value, forms):  # the names of those that are not there, but for `name?`, or are of another form
    own = ((name.rstrip("?"), name[-1] == "?", form) for name, form in forms.items())
    return [n for n, is_optional, form in own if not (is_of(value[n], form) if n in value else is_optional)]
def fields(value, place, /, **types):  # the named members of an object, each of exactly the given form
    check(type(value) is dict, place, "is not a JSON object")
    check(not misses(value, types), place, "has another form, or none, of " + " ".join(misses(value, types)))
    return [value.get(name) for name in types]
def only(value, place, /, **types):  # the same of an object that has no other members
    known = {name.rstrip("?") for name in types}
    check(type(value) is dict and set(value) <= known, place, "has other members than " + " ".join(sorted(known)))
    return fields(value, place, **types)
def sha256(data): return hashlib.sha256(data).hexdigest()
def typed(kind, payload):  # DSSE's pre-authentication encoding: what is signed of a payload of this type
    return f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload
def proof_of(body): return typed("application/vnd.tuf-ceremony.proof+json", canonical(body))
def unhex(text, place, length=None):
    check(is_of(text, HEX) and length in (None, len(text) // 2), place, "holds hex that is none")
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
def parse(data, place, is_strict=True):  # canonical form has control characters as they are
    def pairs(items):
        check(len({name for name, _ in items}) == len(items), place, "has a name twice in one object")
        return dict(items)
    def integer(text):
        is_exact = re.fullmatch("0|-?[1-9][0-9]{0,15}", text) and abs(int(text)) <= 1 << 53
        check(is_exact, place, f"holds {text[:20]}, a number that not every reader reads alike")
        return int(text)
    hooks = {name: integer for name in ("parse_int", "parse_float", "parse_constant")}
    try:
        value = json.loads(data.decode(), object_pairs_hook=pairs, strict=is_strict, **hooks)
        return canonical(value) and value  # which refuses lone surrogates and deep nesting
    except (ValueError, RecursionError) as error:
        raise Wrong(f"{place}: is not strict JSON: {error}") from None
def canonical(value):
    """OLPC canonical JSON: names sorted by code point, no white space, only quote and backslash escaped."""
    quick = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))  # the same where nothing is
    if "\\" not in quick and quick.count("[") + quick.count("{") < 64: return quick.encode()  # escaped, nor is deep
    def text(value, depth):
        if isinstance(value, str): return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        if value is None or isinstance(value, (bool, int)): return json.dumps(value)
        if depth == 64: raise ValueError("arrays and objects are nested more than 64 deep")
        if isinstance(value, list): return "[" + ",".join(text(item, depth + 1) for item in value) + "]"
        return "{" + ",".join(text(name, 0) + ":" + text(value[name], depth + 1) for name in sorted(value)) + "}"
    return text(value, 0).encode()
def read_printed(folder, name, **types):
    """The members of metadata, seal or card.json: sorted names, an indent of one space, ASCII, a final newline."""
    data = read(folder, name)
    value = parse(data, name)
    printed = json.dumps(value, sort_keys=True, indent=1, separators=(",", ": ")).encode() + b"\n"
    check(data == printed, name, "is not printed as such files are")
    return only(value, name, **types) if types else value

# --- The folder
def listing(folder):
    """Every file below the folder; outside annex/ and virtual-cards/ only regular files with plain names."""
    if type(folder) is dict: return set(folder)  # an archive
    names, waiting, count = set(), [""], 0
    while waiting:
        prefix = waiting.pop()
        try: entries = list(os.scandir(os.path.join(folder, prefix)))
        except OSError:
            check(prefix[:-1].startswith(FREE), prefix[:-1] or "the folder", "cannot be listed")
            entries = []
        for entry in entries:
            name, count = prefix + entry.name, count + 1
            check(count <= 100_000, "the folder", "has more than 100000 files")
            is_utf8 = not re.search("[\ud800-\udfff]", entry.name)  # what is none comes as lone surrogates
            if entry.is_dir(follow_symlinks=False) and is_utf8 and prefix.count("/") < 7: waiting.append(name + "/")
            else:
                is_plain = entry.is_file(follow_symlinks=False) and re.fullmatch(PLAIN, name)
                check(is_plain or name.startswith(FREE), name, "is no product")
                names.add(name)
    return names
def opened(folder, name):
    if type(folder) is str: return open(os.path.join(folder, name), "rb")
    check(name in folder, name, "is not in the archive")
    return io.BytesIO(folder[name])
def read(folder, name):
    with opened(folder, name) as file: data = file.read((64 << 20) + 1)
    check(len(data) <= 64 << 20, name, "is larger than 64 MiB")
    return data

def ustar(name, size, time):  # the header of a regular file of mode 0644, owned by nobody in particular
    rest, prefix = name, b""
    if len(name) > 100:  # divided at the first / that leaves at most 100 bytes behind it
        at = next((at for at in range(len(name) - 101, len(name)) if name[at] == 47), 0)
        prefix, rest = name[:at], name[at + 1 :]
        if not 0 < at <= 155 or not rest: return b""
    nobody = b"0000000\0" * 2
    first = rest.ljust(100, b"\0") + b"0000644\0" + nobody + b"%011o\0%011o\0" % (size, time)
    last = b"0" + bytes(100) + b"ustar\x0000" + bytes(64) + nobody + prefix.ljust(155, b"\0") + bytes(12)
    return first + b"%06o\0 " % (sum(first) + sum(last) + 8 * 32) + last
def unpacked(data, place):
    """The files of an answer in memory, by name: an archive in the one form that a bundle has. Each header is written
    again, so that nothing in it can be another file, a link, or somebody's."""
    check(len(data) <= 4 << 20, place, "is larger than 4 MiB")
    files, at, time = {}, 0, None
    while any(data[at : at + 512]):
        block, last, start = data[at : at + 512], max(files, default=""), at + 512
        rest, prefix = block[:100].split(b"\0")[0], block[345:500].split(b"\0")[0]
        numbers = re.fullmatch(rb"([0-7]{11})\0([0-7]{11})", block[124:147])
        size, own = (int(number, 8) for number in numbers.groups()) if numbers else (0, 0)
        whole = prefix + b"/" * bool(prefix) + rest
        name, at = whole.decode("utf-8", "replace")[9:], start + size + -size % 512
        is_so = numbers and block == ustar(whole, size, own) and time in (None, own) and at <= len(data)
        is_so = is_so and whole[:9] == b"ceremony/" and re.fullmatch(PLAIN, name) and last < name and len(name) <= 400
        is_so = is_so and not name.startswith(FREE[1]) and not any(data[start + size : at])
        check(is_so, place, f"is no bundle at byte {start - 512}")
        files[name], time = data[start : start + size], own
    begun = re.match(rb'{"at":"([0-9TZ:-]{20})"', files.get("transcript.jsonl", b""))
    is_so = begun and is_moment(begun[1].decode()) and data[at:] == bytes(1024)
    check(is_so, place, f"is no bundle at byte {at}")
    begun = datetime.datetime.fromisoformat(begun[1].decode()[:19] + "+00:00").timestamp()
    check(begun == time, place, "has another time than its first record")
    return files

# --- What cards made and signed, from the recorded APDUs
def inside(data, *path):
    """The value at a path of BER-TLV tags; empty where there is not exactly one, or the bytes are something else."""
    for wanted in path:
        found, at = [], 0
        while at < len(data):
            end = at + 1
            if data[at] & 0x1F == 0x1F:  # one or two bytes more, the first of them no leading zero
                if data[end : end + 1] == b"\x80": return b""
                end += 2 if data[end : end + 1] > b"\x7f" else 1
                if end > len(data) or end == at + 3 and data[end - 1] > 0x7F: return b""
            tag, first = data[at:end].hex(), data[end] if end < len(data) else 0x80
            at = end + 1 + max(0, first - 0x80)
            length = first if first < 0x80 else int.from_bytes(data[end + 1 : at], "big")
            if first == 0x80 or first > 0x83 or at + length > len(data): return b""
            found += [data[at : at + length]] * (tag == wanted)
            at += length
        data = found[0] if len(found) == 1 else b""
    return data

class Cards:
    """Follows commands and responses; joins chained blocks and answers in parts (ISO 7816-4 §5.3).
    made: by PIV algorithm and public key as the card wrote it, the steps of the records in which one did;
    signed: by algorithm, what was given and signature, the firmware that the card had said, or None;
    serials: step of the script, and what a card called itself in it;
    last: by step of the records, the last GENERATE that came to something: its header, what it asked for, the key;
    gone: script's step, slot and key that a card had, was told to delete, did not refuse, and then called empty;
    names, was_reset, empty: what the card that came last calls itself, and of which slots it said since its RESET that
    they are empty; signers: by signature, what the card had called itself that made it."""
    LONGEST = 1 << 16  # no card takes or gives more
    def __init__(self):
        self.made, self.signed, self.serials, self.last, self.step = {}, {}, set(), {}, ""
        self.signers, self.gone, self.held, self.told = {}, set(), {}, set()
        self.is_waiting = False  # for a response
        self.came()
    def came(self):
        self.firmware = None  # of the card that was inserted last, where it said it: three bytes
        self.names, self.was_reset, self.empty = set(), False, set()
        self.forget()
    def forget(self):
        self.sent = self.header = self.data = self.answer = self.status = self.is_block = b""
    def command(self, text, step, place):
        self.is_waiting = True
        is_secret = re.fullmatch("[0-9a-f]{10} redacted", text)
        raw = unhex(text[:10] if is_secret else text if len(text) >= 8 else "fewer than four bytes", place)
        for slot in raw[2:4] if raw[1] in b"\x47\xf6\xfe" and raw[1:3] != b"\xf6\xff" else b"":
            spot = step.split("/")[0], f"{slot:02x}"  # a key was moved away, or another came
            self.held.pop(spot, None), self.told.discard(spot)
        if is_secret: return self.forget()  # it carried a secret, and makes nothing
        start = 7 if len(raw) > 7 and raw[4] == 0 else 5  # Lc is one byte, or 00 and two bytes
        sent = raw[: start + int.from_bytes(raw[4:start], "big")] if len(raw) > start else raw[:4]
        is_again = self.status[:1] == b"\x6c" and sent == self.sent  # asks for another length of answer
        self.sent = sent
        if raw[1] != 0xC0 and not is_again:  # GET RESPONSE goes on with the answer before
            header, self.answer = bytes([raw[0] & 0xEF]) + raw[1:4], b""
            self.data = (self.data if self.is_block and header == self.header else b"") + sent[start:]
            self.header, self.is_block, self.step = header, raw[0] & 0x10 != 0, step
            spot = step.split("/")[0], header[3:].hex()
            is_told = not self.is_block and header[1:3] == b"\xf6\xff" and spot in self.held
            if is_told and self.held[spot][1] & self.names: self.told.add(spot)
            if len(self.data) > self.LONGEST: self.forget()
    def response(self, body, place):
        self.is_waiting = False
        if "failure" in body: return only(body, place, failure=FAILURE) and self.forget()
        data, status = map(bytes.fromhex, only(body, place, data=HEX, sw="[0-9A-F]{4}"))
        self.answer, self.status = self.answer + data, status
        if len(self.answer) > self.LONGEST: return self.forget()
        if self.status == b"\x90\x00" and not self.is_block:
            if self.header[1:3] == b"\x47\x00":  # GENERATE: AC {80 algorithm} -> 7F49 {86 public key}
                algorithm, key = inside(self.data, "ac", "80"), inside(self.answer, "7f49", "86")
                if len(algorithm) == 1 and key:
                    self.made.setdefault((algorithm, key), set()).add(self.step)
                    self.last[self.step] = self.header, self.data, key
            if self.header[1:2] == b"\xf8" and len(self.answer) == 4:
                self.serials.add((self.step.split("/")[0], int.from_bytes(self.answer, "big")))
            if self.header[1:2] == b"\x87":  # GENERAL AUTHENTICATE: 7C {82, 81 input} -> 7C {82 signature}
                answered = self.header[2:3], inside(self.data, "7c", "81"), inside(self.answer, "7c", "82")
                self.signed[answered], self.signers[answered[2]] = self.firmware, {*self.names}
            if self.header[1:2] == b"\xfd" and len(self.answer) == 3: self.firmware = self.answer
        if not (self.is_block if self.status == b"\x90\x00" else self.status[:1] in (b"\x61", b"\x6c")):
            self.look()
            self.forget()
    def look(self):
        kind, slot, is_done = self.header[1:2], self.header[3:4].hex(), self.status == b"\x90\x00"
        guid = inside(self.answer, "53", "34") if is_done and self.data == bytes.fromhex("5c035fc102") else b""  # CHUID
        if kind == b"\xf8" and is_done and len(self.answer) == 4:
            self.names.add(str(int.from_bytes(self.answer, "big")))
        elif kind == b"\xcb" and len(guid) == 16: self.names.add(f"guid-{guid.hex()}")
        elif kind == b"\xfb" and is_done: self.was_reset, self.empty = True, set()
        elif kind in (b"\x47", b"\xf6", b"\xfe"): self.empty = set()  # whatever makes, moves or brings a key
        spot, key = (self.step.split("/")[0], slot), inside(self.answer, "04", "86") if is_done else b""
        if kind == b"\xf6" and not is_done or kind == b"\xf7" and key: self.told.discard(spot)
        if kind == b"\xf7" and key: self.held[spot] = key, {*self.names}
        if kind == b"\xf7":
            rest = self.answer  # policies without a key, and that nothing was generated, are no key
            while 1 < len(rest) and rest[1] != 0x80 and rest[1] < 0x84:
                at = 2 + max(0, rest[1] - 0x80)
                end = at + (rest[1] if rest[1] < 0x80 else int.from_bytes(rest[2:at], "big"))
                if end > len(rest) or rest[:1] != b"\x02" and (rest[:1], rest[at:end]) != (b"\x03", b"\0"): break
                rest = rest[end:]
            is_none = self.status == b"\x6a\x86" and slot not in SLOTS[:4]  # a retired slot that it does not have
            is_empty = is_done and not rest or self.status == b"\x6a\x88" or is_none
            if self.was_reset: self.empty = self.empty | {slot} if is_empty else self.empty - {slot}
            is_empty = self.status == b"\x6a\x88" or is_done and self.answer and not rest
            is_gone = is_empty and spot in self.told and self.held[spot][1] & self.names
            if is_gone: self.gone.add((*spot, self.held[spot][0]))

# --- Records
class Log:  # a file of records, read line by line
    def __init__(self, folder, name, kinds, prev, begin=None, room=None, exceptions=0, closed=""):
        self.exceptions, self.closed = exceptions, closed  # recorded by now, in both files; how the first one ended
        self.name, self.kinds, self.head, self.count, self.mono, self.kind = name, kinds, prev, 0, 0, ""
        self.begin, self.first, self.body, self.last = begin or {}, {}, {}, {}  # begin: the body of record 0
        self.at, self.room = "", room or {}  # when that was; who was in the room last, by id
        self.roles = ("seal", "initials") if begin else "root targets twin initials proof asked-seal".split()
        self.screen = {}
        self.proof, self.proofs, self.random = None, [], None  # to be signed next; signed; bytes of the last `random`
        self.letters, self.stated, self.initials, self.typed, self.is_given_up = {}, (), [], 0, False
        self.ever = set()  # one-time keys with their numbers, also of those that were lost
        self.once, self.used, self.has_once = {}, set(), False  # one-time keys, signatures; whether they are there
        self.listed = {}  # by role, the target files that it lists
        self.looks = {}  # by part of a step: what was found of the machine last
        self.signings = []  # of each signature: place, role, keyholder, and which keys cards had deleted by then
        self.deeds = []  # records that say of somebody what they did: place, kind, step of the script, body
        self.cards, self.files, self.payloads, self.signatures, self.given_up = Cards(), {}, set(), set(), []
        self.heards, self.withdrawals, self.left = [], [], set()  # heads; of exceptions; roots given up and signed
        self.named, self.twin = {}, None  # by record 0: what is in verify/; which keys stand in for which
        self.brought, self.newest, self.of_roots = [], "", set()  # from elsewhere; newest root; signed over roots
        self.heads, self.drawn = {}, set()  # the number of each line by its digest; bytes and purpose of what was drawn
        whole = hashlib.sha256()
        with opened(folder, name) as file:
            for line in iter(lambda: file.readline((1 << 20) + 1), b""):
                whole.update(line)
                self.take(line, f"{name} record {self.count}")
        self.digest = whole.hexdigest()
    def take(self, line, place):
        check(line.endswith(b"\n"), place, "is longer than 1 MiB, or was cut short: it has no newline")
        line, record = line[:-1], parse(line[:-1], place)
        at, body, kind, mono, prev, seq, step = only(record, place, **RECORD)
        part, step, _ = step, step.split("/")[0], fields(body, place, **BODIES.get(kind, {}))
        check(canonical(record) == line and b"\x7f" not in line, place, "is not in canonical form")
        check((seq, prev) == (self.count, self.head), place, f"does not follow a line of digest {self.head}")
        check(mono >= self.mono and is_moment(at), place, "goes back in time, or has none")
        expected = {"response", "interruption"} if self.cards.is_waiting else self.kinds - {"response", "resume"}
        expected = {"interruption", "resume"} if self.kind == "interruption" else expected
        if self.roles[0] == "seal" and not self.first: expected &= {"screen", "interruption", "resume", "mirror"}
        is_so = kind in expected and self.kind not in ("close", "end") and (seq == 0 or kind != "begin")
        check(is_so, place, f"is of kind {kind[:40]}, which is not known or cannot stand here")
        self.head, self.count, self.mono, self.body = sha256(line), seq + 1, mono, body
        self.heads[self.head] = seq
        if kind == "mirror": return only(body, place, lost=str)  # the second copy was lost, which changes nothing else
        self.kind, self.first = kind, self.first or (record if kind not in ("interruption", "resume") else {})
        self.screen = body if kind == "screen" else self.screen
        self.is_given_up = body == {"accepted": "abort"} or self.is_given_up and kind == "release"
        engine = self.begin.get("engine")
        if kind == "screen" and type(engine) is int and engine > 7: fields(body, place, standing=STANDING)
        if type(engine) is int and engine > 3: attend(self.room, kind, body, place, engine)
        is_deed = kind in ("signature", "initials", "bag", "attendance", "wipe", "host", "one-time")
        if is_deed: self.deeds.append((place, kind, step, body))
        if kind == "command": self.cards.command(body["apdu"], part, place)
        elif kind == "response": self.cards.response(body, place)
        elif kind in ("card", "release", "interruption"):
            self.cards.came() if kind == "card" else self.cards.forget()
        elif kind == "begin":
            self.begin, self.files["script.yaml"] = body, body["script"]["sha256"]
            self.at, self.named = at, check_begin(body, place)
        elif kind == "resume":
            check(body["engine"] == self.begin.get("engine"), place, "is by another engine")
            check_release(body, engine, place)
            self.once, self.has_once = ({}, False) if self.has_once else (self.once, False)
        elif kind in ("read", "write"):
            path, digest = body["path"], body["sha256"]
            is_product = re.fullmatch(PLAIN, path) and len(path) <= 400 and not path.startswith(FREE)
            check(is_product and self.files.setdefault(path, digest) == digest, place, f"cannot name {path} so")
        elif kind == "one-time":
            check(engine > 8, place, "came after this engine")
            form = {"make": {"role": str, "number": int, "public": HEX}, "wipe": {"keys": int},
                    "sign": {"role": str, "number": int, "payload": DIGEST, "sig": HEX}}[body["work"]]
            only(body, place, work=str, **form)
            role, number, own = body.get("role"), body.get("number"), self.once.get(body.get("role"), [])
            if body["work"] == "make":
                own = [] if number == 1 else own
                is_so = number == len(own) + 1 and (number == 1 or self.has_once) and len(body["public"]) == 64
                self.once[role], self.has_once = [*own, body["public"]], True
                self.ever.add((body["public"], number))
            elif body["work"] == "sign":
                is_so = self.has_once and 0 < number <= len(own) and len(body["sig"]) == 128
                self.used.add((role, *own[number - 1 : number], body["payload"], body["sig"]))
            else:
                is_so = self.has_once and body["keys"] == sum(map(len, self.once.values()))
                self.has_once = False
            check(is_so, place, "does not say what came of a one-time key that was there")
            check(not self.of_roots, place, "comes after a root was signed")
        elif kind == "listed":
            paths = [only(one, place, path=str, length=int, hashes=dict)[0] for one in body["files"]]
            is_so = all([*one["hashes"]] == ["sha256"] and is_of(one["hashes"]["sha256"], DIGEST) and one["length"] >= 0
                        for one in body["files"])
            is_so = is_so and engine > 7 and paths == sorted({*paths}) and body["role"] not in self.listed
            check(is_so, place, "does not say which files a role lists")
            self.listed[body["role"]] = {one.pop("path"): one for one in body["files"]}
        elif kind == "payload":
            content = unbase64(body["content"], place)
            is_so = (body["sha256"], body["bytes"]) == (sha256(content), len(content))
            check(is_so, place, "is not as long, or not of the digest")
            self.payloads.add((body["role"], content))
            self.newest = body["sha256"] if body["role"] == "root" else self.newest
        elif kind == "dropped":
            role = body["role"]
            is_so = role in ("root", "targets") or engine > 7 and may_be_delegated(role)
            check(is_so, place, "gives up what is no metadata")
            gone = {signature for signature in self.signatures if signature[:2] == (role, body["sha256"])}
            named = [only(one, place, keyid=str, keyholder=str) for one in body["signatures"]]
            check({*map(tuple, named)} == {(one[2], one[4]) for one in gone}, place, "has other names")
            self.given_up.append((role, {(one[2], one[4]) for one in gone}, place))
            self.signatures -= gone
            self.left |= {body["sha256"]} if gone and role == "root" else set()
        elif kind == "signature":
            role, digest, keyid, sig = (body[name] for name in ("role", "payload", "keyid", "sig"))
            is_so = role in self.roles or "root" in self.roles and engine > 7 and may_be_delegated(role)
            check(is_so, place, f"is for {role[:40]}: not here")
            self.signatures.add((role, digest, keyid, bytes.fromhex(sig), body["keyholder"]))
            self.signings.append((place, role, body["keyholder"], {*self.cards.gone}))
            if role == "root": self.of_roots.add((keyid, bytes.fromhex(sig)))
            check(role != "root" or not self.has_once, place, "is by a card while one-time keys were still there")
            if role == "proof":
                is_so = self.proof and (self.proof[0]["keyid"], sha256(self.proof[1])) == (keyid, digest)
                check(is_so, place, "is over nothing stated before it")
                made = self.cards.last.get(part.replace("/prove-", "/generate-"))
                self.proofs.append((part, *self.proof, made, {"keyid": keyid, "sig": sig}, place))
                self.proof = None
            if role == "initials":
                check(self.stated and sha256(self.stated[1]) == digest, place, "is over nothing stated before it")
                self.initials, self.stated = [*self.initials, (*self.stated, {"keyid": keyid, "sig": sig})], ()
        elif kind == "wipe":
            only(body, place, **BODIES[kind])
            so = [[s for s in SLOTS if (s in body["unknown"]) == is_so] for is_so in (False, True)]
            check(engine > 7 and so == [body["empty"], body["unknown"]], place, "does not say which card was wiped")
            card = self.cards
            is_so = card.was_reset and body["card"] in card.names and {*body["empty"]} <= card.empty
            check(is_so, place, "says that a card was wiped, and its answers before do not show it")
        elif kind == "initials":
            self.letters[body["person"]] = {"initials": body["initials"], "step": step}
            self.typed += 1
        elif kind == "proof":  # what a new key signs next
            purpose, engine = body["purpose"], self.begin["engine"]
            so = {**self.last, "rehearsal": self.begin.get("rehearsal"), "script": self.files.get("script.yaml")}
            if purpose != "enrolled": so["nonce"] = self.random  # else that of the request
            so = {**{name: body[name] for name in BODIES[kind]}, **so}
            is_so = purpose == "test" or engine > (6 if purpose == "enrolled" else 5)
            is_so = is_so and (purpose != "kept" or "root" not in dict(self.payloads))
            check(canonical(body) == canonical(so) and is_so, place, "does not state what came before it, or too late")
            self.proof = body, proof_of(body)
        elif kind == "random":
            self.random = body["bytes"]
            self.drawn.add((body["bytes"], body["purpose"]))
        elif kind in ("delivery", "enrolment"):
            check(engine > 6, place, "came after this engine")
            only(body, place, **BODIES[kind])
            if "missing" in body: only(body["missing"], place, **FINDING)
            for one in body.get("signatures", body.get("enrolments")):
                only(one, place, **(DELIVERED if kind == "delivery" else ENROLLED))
                path, digest, is_tar = one["path"], one["sha256"], one["path"].endswith(".tar")
                is_so = path in [f"inputs/answers/{digest}.tar"] + [f"inputs/answers/{digest}.json"] * ("sig" in one)
                is_so = is_so and one.get("witnessed", True) == ("made" in one or is_tar and not one["codes"])
                is_so = is_so and (not one.get("witnessed") or one["head"])
                is_so = is_so and self.files.setdefault(path, digest) == digest
                check(is_so, place, f"cannot name {path:.100} so")
                if one.get("made") is not None: check_made(one["made"], place)
                self.brought.append((place, step, self.newest, one))
        elif kind == "host":
            points, allowed = body["points"], body["allowed"]
            named = [point["point"] for point in points]
            is_so = engine > 7 and named and named == [one for one in SUBJECTS if one in named]
            is_so = is_so and allowed == sorted({*allowed})
            is_so = is_so and all(len(p["codes"]) == len({*p["codes"]}) for p in points)
            is_so = is_so and {c for p in points for c in p["codes"]} | {*allowed} <= {*FATAL, *NOT_FATAL}
            check(is_so, place, "does not say what was found of the machine")
            self.looks[part] = body
        elif kind == "heard":
            heads = [(one.get("made") or one).get("head") for *_, one in self.brought if not one["codes"]]
            check(engine > 6 and body["head"] in heads, place, "names a head that nothing from elsewhere has")
            self.heards.append((place, body["person"], body["head"]))
        elif kind == "twin":
            check(not self.twin, place, "says again which keys stand in for which")
            self.twin = body
        elif kind == "statement":  # what an official's card signs next
            who, so = body["person"], {**self.last, "rehearsal": self.begin.get("rehearsal")}
            so = {**self.letters.get(who, {}), **so, "person": who}
            is_so = canonical(body) == canonical(so) and body["step"] == step
            check(is_so, place, "does not state what came before it")
            self.stated = who, typed("application/vnd.tuf-ceremony.initials+json", canonical(body))
        elif kind in ("close", "end"):
            is_so = kind == "end" or ("keys" in body) == (engine > 5) and (body["ending"] != "pending" or engine > 6)
            check(is_so, place, "says, or does not, where keys come from, or ends, unlike its engine")
            check(body["ending"] == "aborted" or not self.has_once, place, "leaves one-time keys that were not wiped")
            check(body["exceptions"] == self.exceptions, place, "counts other exceptions than were recorded")
            is_so = kind == "close" or (body["ending"] == "aborted") == (self.closed == "aborted")
            check(is_so, place, f"says {body['ending']} of what was closed as {self.closed}")
        elif kind == "exception":
            self.exceptions += 1
            if body["code"] == "PAYLOAD-WITHDRAWN":
                check(not step and not self.closed, place, "withdraws a root where nobody does any more")
                self.withdrawals.append(body["what"])
        if kind not in ("interruption", "resume"): self.last = {"record": seq, "head": self.head}

def check_made(made, place):  # a key from elsewhere: its proof, and what attests it
    attested, *_, proof, serial, _ = only(made, place, **MADE)
    only(proof, place, **PROOF)
    check(serial is None or 0 <= serial < 2**32, place, "has a card whose serial is none")
    for text in only(attested, place, intermediate=str, leaf=str) if attested is not None else (): unbase64(text, place)
def check_begin(body, place):
    engine, after = body["engine"], body.get("after", {"kept": True})
    check(engine in ENGINES, place, f"is by an engine that nobody knows: version {engine}")
    check_release(body, engine, place)
    is_so = body["format"] == 1 and ("secrets" in body or engine == 1) and (after["kept"] or engine < 4)
    check(is_so, place, "begins as no transcript of format 1, or keeps no earlier root")
    is_so = all(is_of(c, "guid-[0-9a-f]{32}") or is_of(c, int) and 0 < c < 2**32 for c in body["sacrifice"])
    check(is_so, place, "gives up a card that has no name")
    form = {"path": r"verify/(?!\.{1,2}$)[A-Za-z0-9._-]+", "bytes": int, "sha256": DIGEST}
    files = [only(file, place, **form) for file in fields(body, place, verify=list)[0]] if engine > 4 else []
    named = {path: digest for path, _, digest in files}
    check(len(named) == len(files) and (files or engine < 5), place, "names no file of verify/, or one twice")
    return named
def check_release(body, engine, place):  # release 0.N.x has engine version N, and no other has
    check(re.fullmatch(f"0[.]{engine}[.][0-9]{{1,6}}", body["program"]["version"]), place, "names another release")
def attend(room, kind, body, place, engine):
    """Nobody signs, types initials or reads a bag outside the room; from engine 5 on it is said who remains in it."""
    def is_here(who): return room.get(who) not in ("absent", "leaves", "unknown")
    if kind == "resume" and engine > 4: room[""] = "resume"  # what comes before the next answer was done before
    elif kind in ("answer", "operation") and room.pop("", 0): room.update((w, "unknown") for w in [*room] if is_here(w))
    elif kind in ("signature", "bag", "wipe", "initials", "statement"):
        who = body["keyholder" if kind in ("signature", "bag", "wipe") else "person"]
        check(all(map(is_here, (*OFFICIALS, who))), place, "is of somebody outside the room, or unwitnessed")
    elif kind == "attendance":
        who, role, state = body["person"], body["role"], body["state"]
        can = {"here": True, "substitute": True, "absent": who not in OFFICIALS}
        before = room.get(who)
        can.update(leaves=before not in ("absent", "leaves"), returns=before == "leaves", remains=before == "unknown")
        is_so = can[state] and role == (who if who in OFFICIALS else "keyholder")
        check(is_so and ("name" in body) == (state == "substitute"), place, "says what cannot be of somebody")
        if state in ("here", "substitute"):  # nobody vouches for themselves, or from outside
            is_seen = body.get("seen-by") in {"known", *OFFICIALS} - {who} and is_here(body["seen-by"])
            check(is_seen, place, "is vouched for by nobody there")
        else: check("seen-by" not in body, place, "has somebody vouch for who is not there")
        room[who] = state

# --- Keys and signatures
class Key:
    """A public key from metadata; `bytes` as a card writes it: 32 bytes, or an uncompressed point."""
    FORMS = {  # keytype and scheme: PIV algorithm, curve, digest
        ("ed25519", "ed25519"): (b"\xe0", None, None),
        ("ecdsa", "ecdsa-sha2-nistp256"): (b"\x11", ec.SECP256R1, hashes.SHA256()),
        ("ecdsa", "ecdsa-sha2-nistp384"): (b"\x14", ec.SECP384R1, hashes.SHA384()),
        ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"): (b"\x11", ec.SECP256R1, hashes.SHA256()),  # of old roots
        ("rsa", "rsassa-pss-sha256"): (None, padding.PSS(padding.MGF1(hashes.SHA256()), 32), None),  # on no card
        ("rsa", "rsa-pkcs1v15-sha256"): (None, padding.PKCS1v15(), None),  # of others' roots
    }
    def __init__(self, value, place):
        keytype, scheme = fields(value, place, keytype=str, scheme=str)
        (public,) = fields(value.get("keyval"), place, public=str)
        check((keytype, scheme) in self.FORMS, place, f"is of a type that no ceremony uses: {keytype[:20]}")
        self.algorithm, curve, self.hash = self.FORMS[keytype, scheme]
        self.padding, self.is_point = curve, bool(self.hash) and is_of(public, EITHER_CASE)  # in hex: old go-tuf's
        try:
            if not self.algorithm:
                self.public = load_pem_public_key(public.encode())
                check(isinstance(self.public, rsa.RSAPublicKey), place, "is no RSA key")
                self.bytes = self.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            elif curve:
                if self.is_point: self.public = key_of_card(self.algorithm, bytes.fromhex(public))
                else: self.public = load_pem_public_key(public.encode())
                check(isinstance(self.public.curve, curve), place, "is on another curve than its scheme says")
                self.bytes = self.public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            else:
                check(is_of(public, EITHER_CASE) and len(public) == 64, place, "holds hex that is none")
                self.bytes = bytes.fromhex(public)
                self.public = ed25519.Ed25519PublicKey.from_public_bytes(self.bytes)
                check(is_sound(self.bytes), place, "is no Ed25519 key, or a weak one")
        except (ValueError, AttributeError, UnsupportedAlgorithm):
            raise Wrong(f"{place}: is no public key of its type") from None
    def verifies(self, signature, message):
        how = [ec.ECDSA(self.hash)] if self.hash else [] if self.algorithm else [self.padding, hashes.SHA256()]
        try: self.public.verify(signature, message, *how)
        except InvalidSignature: return False
        return self.algorithm != b"\xe0" or not is_small(signature[:32])
    def is_exposed(self, logs, before=None):
        """Whether two signatures over different digests share r, or an r is the key: then its private half is known."""
        seen = {self.bytes[1 : (len(self.bytes) + 1) // 2]: None}
        earlier = [(self.algorithm, hashlib.new(self.hash.name, message).digest(), signature)
                   for message, signature in before.signed] if before and self.hash else []
        for algorithm, digest, signature in (*earlier, *(entry for log in logs for entry in log.cards.signed)):
            if not self.hash or algorithm != self.algorithm or len(digest) != self.hash.digest_size: continue
            try:
                self.public.verify(signature, digest, ec.ECDSA(utils.Prehashed(self.hash)))
                r = utils.decode_dss_signature(signature)[0].to_bytes(self.hash.digest_size, "big")
            except (InvalidSignature, ValueError): continue
            if seen.setdefault(r, digest) != digest: return True
        return False
# --- The curve -x² + y² = 1 + d·x²·y² over the field of 2²⁵⁵ - 19 (RFC 8032 §5.1)
PRIME, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT = -121665 * pow(121666, -1, PRIME) % PRIME, pow(2, (PRIME - 1) // 4, PRIME)  # of -1
def point(data):  # (x, y); None for what is no point, or not in canonical form (§5.1.3)
    sign, y = data[31] >> 7, int.from_bytes(data, "little") % 2**255
    square = (y * y - 1) * pow(D * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    x = x if x * x % PRIME == square else x * ROOT % PRIME
    if y >= PRIME or x * x % PRIME != square or (x == 0 and sign): return None
    return (x if x & 1 == sign else PRIME - x), y
def plus(a, b):
    product = D * a[0] * b[0] * a[1] * b[1] % PRIME
    return ((a[0] * b[1] + a[1] * b[0]) * pow(1 + product, -1, PRIME) % PRIME,
            (a[1] * b[1] + a[0] * b[0]) * pow(1 - product, -1, PRIME) % PRIME)
def times(number, a):
    result = (0, 1)
    for bit in f"{number:b}":
        result = plus(result, result)
        if bit == "1": result = plus(result, a)
    return result
def is_small(data):  # no point, or one whose order divides 8: with it one signature can fit many messages
    return not point(data) or times(8, point(data)) == (0, 1)
@functools.lru_cache(None)
def is_sound(data):  # a key that an honest card can make: not small, and in the group of prime order
    return not is_small(data) and times(ORDER, point(data)) == (0, 1)
# --- Keys of a root, signatures, keys of officials
def read_root(root, path, kept):  # keys and threshold by role; every key stands under its own id, once, or is kept
    keys, roles, spec, expires = fields(root, path, keys=dict, roles=dict, spec_version=str, expires=str)
    is_sane = re.fullmatch(r"1(\.[0-9]+){1,2}", spec) and type(root.get("consistent_snapshot", True)) is bool
    check(is_sane and is_moment(expires), path, "has an odd spec_version, expires or consistent_snapshot")
    check(set(roles) == {"root", "snapshot", "targets", "timestamp"}, path, "has other roles than the four")
    ring, found = {keyid: Key(key, f"{path} key {keyid[:8]}") for keyid, key in keys.items()}, {}
    is_so = all(sha256(canonical(key)) == keyid or kept.get(keyid) == key for keyid, key in keys.items())
    check(is_so and len({key.bytes for key in ring.values()}) == len(keys), path, "has a key under a wrong id, or two")
    for role in roles:
        keyids, threshold = fields(roles[role], f"{path} role {role}", keyids=list, threshold=int)
        is_so = all(type(i) is str and i in ring for i in keyids) and 1 <= threshold <= len(set(keyids)) == len(keyids)
        check(is_so, path, f"names keys or a threshold of {role} that cannot be")
        found[role] = {keyid: ring[keyid] for keyid in keyids}, threshold
    return found
def material(keys, keyid):  # what makes a key the same: its bytes, or the id of one that cannot be read
    try: return Key(keys.get(keyid), "").bytes
    except Wrong: return keyid
def check_keys(keys, path):
    form = {"keytype": str, "scheme": str, "keyval": dict}
    is_so = all(is_of(keyid, "[!-~]+") and is_of(key, form) for keyid, key in keys.items())
    check(is_so, path, "has what is no key")
def read_signed(signed, root, path, role):
    """The signed part of metadata as clients read it, and its own role in the root: that of any program."""
    form = "[0-9-]{10}T[0-9:]{8}([.][0-9]+)?(Z|[+-][0-9:]{5})"
    kind = "root" if role == "root" else "targets"
    types = {"version": int, "expires": form, "_type": kind, "spec_version": "1([.][0-9]+){1,2}"}
    version, expires, *_ = fields(signed, path, **types)
    check(version > 0 and moment_of(expires, path), path, "has no version")
    keys, roles = fields(root, path, keys=dict, roles=dict)
    check_keys(keys, path)
    for own in roles.values():
        keyids, least = fields(own, path, keyids=["[!-~]+"], threshold=int)
        check(least > 0 and len(set(keyids)) == len(keyids), path, "has a role without threshold, or a key twice")
    is_so = type(root.get("consistent_snapshot", True)) is bool and type(signed.get("targets", {})) is dict
    check(is_so and role in roles, path, "has an odd consistent_snapshot or targets, or not its own role")
    return keys, roles[role]["keyids"], roles[role]["threshold"]
def check_targets(signed, path):  # target files, and what delegates to others, in the form of the specification
    files = fields(signed, path, targets=dict)[0].values()
    is_so = all(is_of(one, {"length": int, "hashes": dict}) and one["length"] >= 0 and one["hashes"] for one in files)
    is_so &= all(type(digest) is str for one in files for digest in one["hashes"].values()) if is_so else False
    check(is_so, path, "names a target file without a length, or without a digest")
    if "delegations" not in signed: return
    keys, *_ = fields(signed["delegations"], path, **{"keys": dict, "roles?": list, "succinct_roles?": dict})
    named = {name: signed["delegations"][name] for name in ("roles", "succinct_roles") if name in signed["delegations"]}
    check(len(named) == 1, path, "has not exactly one of roles and succinct_roles")
    check_keys(keys, path)
    names = [own.get("name") for own in named.get("roles", ()) if type(own) is dict and type(own.get("name")) is str]
    check(len({*names}) == len(names), path, "delegates to a role twice")
    for own in named.get("roles", [named.get("succinct_roles")]):
        keyids, least = fields(own, path, keyids=["[!-~]+"], threshold=int)
        is_so = keyids and set(keyids) <= keys.keys() and 1 <= least <= len({material(keys, i) for i in keyids})
        check(is_so and len(set(keyids)) == len(keyids), path, "delegates to a role that nobody can sign for")
        if "succinct_roles" in named:
            bits, _ = fields(own, path, bit_length=int, name_prefix=str)
            check(1 <= bits <= 32, path, "delegates to no bins")
            continue
        name, _ = fields(own, path, name=str, terminating=bool)
        scopes = {"paths", "path_hash_prefixes"} & own.keys()
        forms = {"paths": [str], "path_hash_prefixes": ["[0-9a-f]{1,64}"]}
        is_so = name not in ("", "root", "targets", "snapshot", "timestamp") and len(scopes) == 1
        check(is_so and all(is_of(own[s], forms[s]) for s in scopes), path, "delegates what cannot be delegated")
def delegations_of(signed, path):  # name, keys and entry of each role that metadata delegates to
    check_targets(signed, path)
    said = signed.get("delegations", {"keys": {}, "roles": []})
    for one in said.get("roles", [said.get("succinct_roles")]):
        ring = {}
        for keyid in one["keyids"]:
            try: ring[keyid] = Key(said["keys"][keyid], path)
            except Wrong: continue  # of a role that others delegated to: no card here has it
        yield one.get("name", one.get("name_prefix")), ring, one
class Baseline:
    """The root that a ceremony goes on from, and targets metadata that is signed again. Each verifies by itself."""
    def __init__(self, folder, files, place=None):  # place: of one that came with a request, and may have other roles
        self.path, *others = (f"inputs/{name}" for name, _ in files)
        self.data, self.path = read(folder, self.path), place or self.path
        self.signed = []  # what was signed, and each signature that holds
        self.real, self.stand_ins = None, {}  # of a twin: the real root; by the id of a real key, that of its stand-in
        self.root, four = self.read(self.data, self.path, "root"), {"root", "snapshot", "targets", "timestamp"}
        is_so = set(self.root["roles"]) == four or place and four < set(self.root["roles"])
        check(is_so, self.path, "has other roles than the four")
        names = {*self.root, *(name for role in self.root["roles"].values() for name in role)} - DEFINED
        check(all(map(can_be_stated, names)), self.path, "has a custom field that no script can state")
        self.metadata, self.named, left = {}, {}, {path: role_of(path, "targets") for path in others}
        left = {path: role if may_be_delegated(role) else "targets" for path, role in left.items()}
        self.below, self.made = {}, {}  # keys that metadata delegates to; of a twin: the stand-ins
        if len(left) == 1: left = dict.fromkeys(left, "targets")  # one file alone may have any name
        while left:
            path = next((path for path, role in left.items() if role in ("targets", *self.named)), None)
            check(path, next(iter(left)), "is of a role to which nothing beside it delegates")
            role = left.pop(path)
            check(role not in self.metadata, path, f"is a second file of {role} metadata")
            signed = self.metadata[role] = self.read(read(folder, path), path, role)
            for name, _, own in delegations_of(signed, path):
                self.named.setdefault(name, (signed["delegations"]["keys"], own))
            if "delegations" in signed: self.below = {**signed["delegations"]["keys"], **self.below}
    def read(self, data, path, role):
        value = parse(data, path)
        signatures, signed = fields(value, path, signatures=[{"keyid": str, "sig": str}], signed=dict)
        ids = [entry["keyid"] for entry in signatures]
        check(len(set(ids)) == len(ids), path, "has two signatures that name one key")
        keys, own = self.named.get(role, (self.root["keys"], None)) if role != "root" else ({}, None)
        named = {"keys": keys, "roles": {role: own}} if own else signed if role == "root" else self.root
        keys, keyids, least = read_signed(signed, named, path, role)
        ring, count = ring_of(keys, keyids), set()
        for keyid, sig in ((entry["keyid"], entry["sig"]) for entry in signatures):
            key = ring.get(keyid)
            if key and is_of(sig, EITHER_CASE) and key.verifies(bytes.fromhex(sig), canonical(signed)):
                count.add(key.bytes)
                self.signed.append((canonical(signed), bytes.fromhex(sig)))
        check(len(count) >= least > 0, path, f"does not verify by itself: {len(count)} signatures of {least}")
        return signed
    def signers(self): return ring_of(self.root["keys"], self.root["roles"]["root"]["keyids"])
    def threshold(self, role): return self.root["roles"][role]["threshold"]
    def below_in_order(self):
        for signed in self.metadata.values(): yield from sorted(signed.get("delegations", {"keys": {}})["keys"].items())
    def ring(self): return {**self.below, **self.root["keys"], **self.made}
    def material(self, keyid): return material(self.ring(), keyid)
    def key(self, digits):  # id and object of the only key whose id begins so
        found = [one for one in {**self.below, **(self.real or self.root)["keys"]} if one.startswith(digits)]
        keyid = self.stand_ins.get(found[0], found[0]) if len(found) == 1 else None
        return (keyid, self.ring()[keyid]) if keyid in self.ring() else None
def ring_of(keys, keyids):  # those of these keys that can be read, by id
    found = {}
    for keyid in keyids:
        try: found[keyid] = Key(keys.get(keyid), "")
        except Wrong: continue
    return found
class Twin(Baseline):
    """The same root with a stand-in for each key on a card: on it plays a rehearsal of what is done with a real one."""
    def __init__(self, folder, log, script, real):
        self.path, self.real, self.metadata = f"twin/{real.root['version']}.root.json", real.root, real.metadata
        self.named, self.below, self.made = real.named, real.below, {}
        self.stand_ins, self.root, self.signed = {}, dict(self.real), []
        keys, roles = self.real["keys"], self.real["roles"]
        offline, places = [role for role in ("root", "targets") if "keys" not in script.roles[role]], {}
        for role in offline: fields(roles.get(role), real.path, keyids=[str], threshold=int)
        for who, role in ((who, role) for who in script.kept for role in script.kept_roles(who)):
            if "keyholders" not in script.roles.get(role, ()): continue
            kept = script.kept_key(who, role)
            if kept: places.setdefault(kept[0], (role, script.slot_of(who, role)))
        for keyid in (keyid for role in offline for keyid in roles[role]["keyids"]):  # of nobody's cards
            places.setdefault(keyid, ("root", script.roles["root"]["words"]["slot"]))
        stand_ins = {}
        for keyid, (role, slot) in places.items():
            old, count = self.cards_key(keyid), 8
            if not old: continue
            while sum(other[:count] == keyid[:count] for other in {**self.below, **keys}) > 1: count += 1
            (header, asked), found = script.roles[role]["generate"], log.cards.last.get(f"twin/{keyid[:count]}")
            is_so = found and found[:2] == (header[:3] + bytes.fromhex(slot), asked[:4] + old.algorithm + asked[5:])
            check(is_so, self.path, f"has no stand-in for {keyid[:8]} that a card made as the script has it")
            old_value = {**self.below, **keys}[keyid]
            try: new, value = replaced(keyid, old_value, key_of_card(old.algorithm, found[2]), self.path)
            except ValueError: raise Wrong(f"{self.path}: has a stand-in that is no key") from None
            self.stand_ins[keyid], self.made[new] = new, value
            if keyid in keys: stand_ins[new] = value  # that of a delegated role stands in no root
        own = {role: [self.stand_ins[i] for i in roles[role]["keyids"] if i in self.stand_ins] for role in offline}
        is_so = all(len(own[role]) >= roles[role]["threshold"] for role in offline)
        check(is_so, self.path, "has fewer stand-ins than a threshold")
        self.root["roles"] = {**roles, **{role: {**roles[role], "keyids": own[role]} for role in offline}}
        used = {keyid for role in self.root["roles"].values() for keyid in role["keyids"]}
        self.root["keys"] = {**{i: key for i, key in keys.items() if i not in places or i in used}, **stand_ins}
        week = moment(datetime.datetime.fromisoformat(log.at[:19]), 7)
        expires = min(moment_of(self.real["expires"], real.path), week)
        self.root.update({"expires": expires, "x-tuf-ceremony-rehearsal": True})
        signatures, signed = read_printed(folder, self.path, signatures=list, signed=dict)
        self.data, message = read(folder, self.path), canonical(signed)
        check(message == canonical(self.root), self.path, "is not the real root with the stand-ins that cards made")
        said = log.twin and (log.twin["root"], [(one["keyid"], one["stand-in"]) for one in log.twin["keys"]])
        check(said == (log.files[real.path], [*self.stand_ins.items()]), self.path, "differs from its record")
        check([one for role, one in log.payloads if role == "twin"] == [message], self.path, "is not what was built")
        count = check_signatures(self.path, "twin", message, signatures, unhex, self.signers(), log)
        check(len(count) >= roles["root"]["threshold"], self.path, f"has too few signatures: {len(count)}")
    def cards_key(self, keyid):  # one that has a stand-in: cards make such keys, its id is its digest, and the only one
        keys, ring = self.real["keys"], {**self.below, **self.real["keys"]}
        key = ring_of(ring, [keyid]).get(keyid)
        is_so = key and key.algorithm and keyid in map(sha256, map(canonical, digested(ring[keyid])))
        return key if is_so and all(material(keys, one) != key.bytes for one in keys.keys() - {keyid}) else None
class Asked:
    """A root that is to be signed, and the one before it, which came with it and verifies by itself."""
    def __init__(self, payload, before, place, is_rehearsal):
        self.signed, roots = parse(payload, place, False), [before.root] if before else []
        check(canonical(self.signed) == payload, place, "asks for a signature over what is not in canonical form")
        read_signed(self.signed, self.signed, place, "root")
        keys, roles, self.roots = self.signed["keys"], self.signed["roles"], [*roots, self.signed]
        for role in ("root", "snapshot", "targets", "timestamp"):
            keyids, least = fields(roles.get(role), place, keyids=list, threshold=int)
            is_so = {*keyids} <= keys.keys() and least <= len({material(keys, i) for i in keyids})
            check(is_so, place, "has a role that nobody can sign for")
        number, self.expires = sum(root["version"] for root in roots) + 1, moment_of(self.signed["expires"], place)
        check(self.signed["version"] == number, place, f"asks for a root that is not version {number}")
        is_so = {MARK in root for root in self.roots} == {is_rehearsal}
        check(is_so, place, "does not agree with the first record whether this is a rehearsal")
    def key(self, digits):  # id and object of the only root key, here or before, whose id begins so
        found = {keyid: root["keys"][keyid] for root in self.roots[::-1] for keyid in root["roles"]["root"]["keyids"]
                 if keyid.startswith(digits) and keyid in root["keys"]}
        return [*found.items()][0] if len(found) == 1 else None
def digested(key):  # what a key id may be the digest of
    public = key["keyval"]["public"]
    yield key
    for value in [public, public[:-1]] if public.endswith("\n") else [public]:
        oldest = {"keytype": key["keytype"], "keyval": {"public": value}}
        part = {**oldest, "scheme": key["scheme"]}
        yield from ({**key, "keyval": {**key["keyval"], "public": value}}, part,
                    {**part, "keyid_hash_algorithms": ["sha256", "sha512"]}, oldest)
def replaced(keyid, key, public, place):  # id and object of a key object with another key in it, by the same rule
    rule = [*map(sha256, map(canonical, digested(key)))].index(keyid)
    value, old = key_object(public, place)["keyval"]["public"], key["keyval"]
    own = {**key, "keyval": {**old, "public": value if old["public"].endswith("\n") else value.rstrip("\n")}}
    return sha256(canonical([*digested(own)][rule])), own
def moment_of(text, place):  # in the exact form: fractions of a second dropped, and no offset
    offset = "+00:00" if text.endswith("Z") else text[-6:]
    try: there = datetime.datetime.fromisoformat(text[:19] + offset).astimezone(datetime.timezone.utc)
    except (ValueError, OverflowError): raise Wrong(f"{place}: expires at no moment") from None
    return there.isoformat()[:19] + "Z"
def check_signatures(path, role, message, entries, decode, keys, log, elsewhere=(), is_once=False):
    """Each signature holds, is recorded, and is what a card answered when it was given this very message, came from
    elsewhere, or is by a one-time key."""
    pairs = [(keyid, decode(sig, path)) for keyid, sig in (only(e, path, keyid=str, sig=str) for e in entries)]
    check([k for k, _ in pairs] == sorted(dict(pairs)), path, "has signatures unsorted or twice by a key")
    recorded = {entry[2:4] for entry in log.signatures if entry[:2] == (role, sha256(message))}
    check(recorded == set(pairs), path, f"has other signatures than {log.name} records")
    for keyid, signature in pairs:
        key, place = keys.get(keyid), f"{path} signature by {keyid[:8]}"
        check(key and key.verifies(signature, message), place, "does not hold, or is by no key of the role")
        given = hashlib.new(key.hash.name, message).digest() if key.hash else message  # ECDSA: the digest
        is_so = (keyid, signature) in elsewhere or (key.algorithm, given, signature) in log.cards.signed
        if is_once: is_so = (role, key.bytes.hex(), sha256(message), signature.hex()) in log.used
        check(is_so, place, "is what no card answered")
    return [keyid for keyid, _ in pairs]
def made_keys(log, script):
    """Each sound key that a card made: its PEM, its object in metadata, the steps of the records; by whose it is."""
    for (algorithm, raw), steps in log.cards.made.items():
        try: text, value = pem(key_of_card(algorithm, raw)), key_object(key_of_card(algorithm, raw), "")
        except (ValueError, KeyError, Wrong): continue  # a card made nonsense, which the ceremony refused
        for own in {script.fields_in(step) for step in steps}:
            yield text, {**value, **dict(own)}, {step for step in steps if script.fields_in(step) == own}
def official_keys(holders, root, before):  # by key id, of administrator and witness, where they had cards of their own
    found, taken = {who: {} for who in OFFICIALS}, {Key(value, "").bytes for value in root["keys"].values()}
    if before: taken |= {before.material(keyid) for keyid in before.root["keys"]}
    for path, role, value in (holder for holder in holders if holder[1] in found):
        key = Key(value, path)
        check(not found[role] and key.bytes not in taken, path, f"is no key of the {role}'s own")
        taken.add(key.bytes)
        found[role][sha256(canonical(value))] = key
    return found
# --- The script: one YAML document in which two readers see the same, and nothing that this version does not name
def read_yaml(data, place="script.yaml"):
    check(len(data) <= 1 << 18 and data[:3] != b"\xef\xbb\xbf", place, "is too long, or has a byte-order mark")
    try:
        text = data.decode()
        hidden = re.search("\r(?!\n)|[\x85\u2028\u2029\ufeff]|(?m:^%|^(?! *#).*\t)", text)
        check(not hidden, place, "has lines that not every reader sees alike, a directive, or a tab outside comments")
        last = None
        for token in yaml.scan(text, yaml.SafeLoader):  # what libyaml refuses, or reads otherwise
            after = text[token.start_mark.index + 1 :][:1]
            is_odd = isinstance(token, yaml.ValueToken) and getattr(last, "plain", False) and after in [*",?[]{}"]
            if isinstance(last, yaml.KeyToken) and text[last.start_mark.index] == "?":
                is_odd |= isinstance(token, (yaml.ValueToken, yaml.FlowEntryToken, yaml.FlowSequenceEndToken))
            is_odd |= isinstance(token, (yaml.AnchorToken, yaml.AliasToken, yaml.TagToken))
            check(not is_odd, f"{place}:{token.start_mark.line + 1}", "has an anchor, alias, tag, or a bare : or ?")
            last = token
        node = yaml.compose(text, yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        raise Wrong(f"{place}: is not YAML: {error}") from None
    check(node, place, "is empty")
    return Part(node)
class Part:
    """A node: a scalar's text, a list of parts, or a mapping of names to parts. What asks for more refuses the rest."""
    def __init__(self, node):
        self.place = f"script.yaml:{node.start_mark.line + 1}:{node.start_mark.column + 1}"
        self.value, self.is_plain = node.value, isinstance(node, yaml.ScalarNode) and node.style is None
        if isinstance(node, yaml.SequenceNode): self.value = [Part(item) for item in node.value]
        if isinstance(node, yaml.MappingNode):
            self.value = {}
            for key, item in node.value:
                is_new = isinstance(key, yaml.ScalarNode) and key.value not in ("", "<<", *self.value)
                self.check(is_new, "has a key that is no plain name, or stands twice")
                self.value[key.value] = Part(item)
    def check(self, condition, what): check(condition, self.place, what)
    def members(self, *required, may=""):
        self.check(type(self.value) is dict, "is no mapping")
        for name, part in self.value.items():
            part.check(name in required or name in may.split(), f"is not known here: {name!a:.60}")
        for name in required: self.check(name in self.value, f"has no {name}")
        return self.value
    def named(self, longest=40):
        self.check(self.value and type(self.value) is dict, "has no names")
        for name, part in self.value.items():
            part.check(is_name(name, longest), f"is under what is no name: {name!a:.60}")
        return self.value
    def items(self):
        self.check(self.value and type(self.value) is list, "is no list")
        return self.value
    def scalar(self, pattern, what):
        self.check(type(self.value) is str and re.fullmatch(pattern, self.value), f"is no {what}")
        return self.value
    def text(self):
        bare = self.value[:-1] if type(self.value) is str and self.value.endswith("\n") else self.value
        is_null = self.is_plain and bare in ("~", "null", "Null", "NULL")
        is_text = type(bare) is str and re.fullmatch(PRINTABLE, bare) and not bare.isspace() and not is_null
        self.check(is_text, "is no line of text")
        return bare
    def texts(self): return [item.text() for item in self.items()] if type(self.value) is list else [self.text()]
    def name(self, known=None):
        name = self.text()
        self.check(is_name(name) and (known is None or name in known), f"is no name that may stand here: {name!a:.60}")
        return name
    def names(self, known):
        names = [item.name(known) for item in self.items()]
        self.check(len(set(names)) == len(names), "names one twice")
        return names
    def number(self, low, high):
        is_plain = self.is_plain and re.fullmatch("0|[1-9][0-9]{0,15}", self.value)
        self.check(is_plain and low <= int(self.value) <= high, f"is no whole number from {low} to {high}")
        return int(self.value)
    def choice(self, *words):
        self.check(type(self.value) is str and self.value in words, "is none of " + ", ".join(words))
        return self.value
    def digits(self): return self.scalar("[0-9a-f]{8,64}", "beginning of a key id")
    def digest(self): return self.scalar("[0-9a-f]{64}", "SHA-256 digest")
    def file(self, may=""):  # a file beside the script, pinned
        members = self.members("file", "sha256", may=may)
        return members["file"].name(), members["sha256"].digest()
    def card(self): return self.value if self.value == "record" else self.number(1, 2**32 - 1)
    def fields(self, inherits=False):  # custom fields of metadata, by any name where a root before may have had them
        self.check(self.value and type(self.value) is dict, "has no custom fields")
        found = {}
        for name, part in self.value.items():
            is_name = can_be_stated(name) if inherits else is_own(name)
            part.check(is_name and name != MARK, f"is under what is no name of a custom field: {name!a:.60}")
            found[name] = part.custom(inherits)
        return found
    def custom(self, inherits):  # text, or what stands there unquoted and is a whole number or a truth
        if inherits and type(self.value) is list: return [part.custom(True) for part in self.value]
        if inherits and type(self.value) is dict: return {name: part.custom(True) for name, part in self.value.items()}
        if self.is_plain and self.value in ("true", "false"): return self.value == "true"
        if self.is_plain and self.value == "null" and inherits: return None
        return self.number(0, 2**53) if self.is_plain and re.fullmatch("[0-9]+", self.value) else self.text()

# No control, nothing of zero width, no filler that is blank, no tag, no variation selector.
PRINTABLE = (r"[^\0-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
             r"\u2060-\u206f\u2800\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
             r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]{1,500}")
OFFICIALS, NOBODY = ("administrator", "witness"), {"administrator": {}, "witness": {}}
OFFLINE, TARGETS = " expires slot algorithm pin-policy touch-policy", " delegations files signed-fields discarded"
PATTERN = r"(?!(.*/)?[.][.]?(/|$))[!-.0-Z^-z|~]+(/[!-.0-Z^-z|~]+)*"  # of paths of target files
ALGORITHMS = {"ed25519": b"\xe0", "ecdsa-p256": b"\x11", "ecdsa-p384": b"\x14"}
POLICIES = {"never": 1, "once": 2, "always": 3}, {"never": 1, "always": 2, "cached": 3}  # of PIN and of touch
KINDS = {  # of a step: the names that it takes beside those of every step
    **dict.fromkeys("say attendance time head departure".split(), ""), "confirm": "confirm", "bag": "bag keyholder",
    "preflight": "fatal",
    **dict.fromkeys("identify prove provision enrol destroy discard".split(), "keyholder"), "sign": "role keyholder",
    "close": "seal",
    **dict.fromkeys("build show collect verify write make use".split(), "role"), "wipe": ""}
# What may be wrong with a machine: where a real ceremony stops unless the script says otherwise, and the rest.
FATAL = """HOST-NETWORK HOST-NETWORK-UNKNOWN HOST-ROUTE HOST-RADIO HOST-RADIO-UNKNOWN HOST-CLOCK HOST-CORE
  HOST-LOCK-LIMIT HOST-OUTPUT HOST-MIRROR HOST-MEDIUM HOST-SPACE PCSCD-GONE PCSCD-REFUSED HOST-READERS
  HOST-PROGRAM HOST-PROGRAM-UNKNOWN""".split()
NOT_FATAL = """HOST-INTERFACE HOST-DRIVERS HOST-DRIVERS-UNKNOWN HOST-HARDWARE-CLOCK HOST-HARDWARE-CLOCK-UNKNOWN
  HOST-SWAP HOST-SWAP-UNKNOWN HOST-MEDIUM-UNKNOWN HOST-SAME-MEDIUM HOST-PCSCD-UNKNOWN HOST-READER-OTP
  CARD-SHARED HOST-CARD HOST-LOCALE HOST-TERMINAL HOST-TERMINAL-UNKNOWN""".split()
SUBJECTS = """network,route,radios,drivers,clock,swap,core files,locked memory,output,second copy,pcscd,readers,program,
letters,terminal""".replace("\n", "").split(",")
FOUR = ("root", "snapshot", "targets", "timestamp")
# The name of no delegated role.
TAKEN = {*FOUR, *OFFICIALS, *"mirrors twin proof initials seal asked-seal everyone back".split()}
def may_be_delegated(name): return is_name(name) and "." not in name and name not in TAKEN
def is_own(name): return len(name) <= 60 and re.fullmatch("x(-[a-z0-9]+)+", name)  # a custom field that may be new
def can_be_stated(name): return re.fullmatch(PRINTABLE, name) and not name.isspace() and name != "<<"
def is_name(text, longest=40):
    return len(text) <= longest and ".." not in text and re.fullmatch("[a-z0-9][a-z0-9._-]*", text)

class Script:
    """What is taken from script.yaml: roles, online keys, pinned files, steps, and how many root cards seal."""
    def __init__(self, data):
        whole = read_yaml(data)
        before = whole.value.get("previous") if type(whole.value) is dict else None
        named = before.value if before and type(before.value) is dict else {}
        root, founds = named.get("root"), "pending" in named and "root" not in named  # it finishes a first root
        self.baseline, self.is_rotation = None, bool(root) and type(root.value) is dict
        self.asked = None  # what a request asks to sign, or what waited for signatures
        self.enrolled = {}  # by keyholder, the object of a key that came from elsewhere
        top = whole.members(*"ceremony title repository administrator witness keyholders roles steps".split(),
                            may="previous cards online-keys absent seal fields hand-over leaving request withdrawn")
        self.version = top["ceremony"].number(1, 2**31 - 1)
        top["ceremony"].check(self.version in SCRIPTS, "is a version of scripts that is not known")
        is_first = self.version == 1
        self.title, self.repository = top["title"].text(), top["repository"].text()
        self.names, self.pins = {}, {}  # by id of whoever has a card: the name; serial or `record`, serials of spares
        self.watches, self.request, self.pending, self.is_sealed_elsewhere = "room", None, None, False
        self.initials = {person: self.official(person, top[person]) for person in OFFICIALS}
        if "request" in top: self.request = top["request"].file()
        top["witness"].check(self.watches == "room" or self.request, "is in no room, and no request is answered")
        later = " fields" * (not is_first)
        def of(own, inherits=False): return own["fields"].fields(inherits) if "fields" in own else {}
        self.fields = {"": of(top, self.is_rotation)}  # custom fields by keyholder; of the root's signed part
        self.kept, self.absent, self.algorithm, self.enrols = {}, {}, {}, {}  # by keyholder
        self.copyable = set()  # whose kept keys may stay although they can be copied from their cards
        self.keyholders, called = list(top["keyholders"].named()), set()
        for name, part in top["keyholders"].value.items():
            is_free = name not in (*OFFICIALS, "everyone", "back") and not name.startswith("one-time-")
            part.check(is_free, "is the name of another part")
            more = later and later + " key algorithm model payload-limit absent firmware enrol"
            own = part.members("name", "card", may="spares" + more)
            if "key" in own:  # the first digits of the id of a key that is kept, by role
                own["key"].check(self.is_rotation or self.request or founds, "is kept, and no root came before")
                by_role = own["key"].members(may=" ".join(r for r in own["key"].value if r in
                    ("root", "targets") or may_be_delegated(r))) if type(own["key"].value) is dict else None
                one = None if by_role else own["key"].digits()
                self.kept[name] = {r: v.digits() for r, v in by_role.items()} if by_role else one
            self.algorithm[name] = ALGORITHMS[own["algorithm"].choice(*ALGORITHMS)] if "algorithm" in own else None
            check_model(part, own)
            if "absent" in own: self.absent[name] = own["absent"].choice("stop", "enrolled", "keep", "pending")
            if "enrol" in own: self.enrols[name] = own["enrol"].scalar("[0-9a-f]{32}", "nonce")
            is_weak = "firmware" in own and own["firmware"].choice("refused", "accepted") == "accepted"
            self.copyable |= {name} if is_weak else set()
            self.fields[name] = of(own)
            own["name"].check(own["name"].text() not in called, "is the name of two keyholders")
            self.names[name], self.pins[name] = own["name"].text(), [own["card"].card()]
            called.add(self.names[name])
            for spare in own["spares"].items() if "spares" in own else []:
                self.pins[name].append(spare.number(1, 2**32 - 1))
        self.previous, self.before, self.leavers, self.head, self.orphaned = {}, [], [], None, None
        if "previous" in top and not self.is_rotation and not founds:
            self.previous = {name: part.digest() for name, part in top["previous"].members("root", "head").items()}
        elif "previous" in top:
            more = "" if founds else "head metadata orphaned "
            own = top["previous"].members(*["root"] * self.is_rotation, may=more + "pending")
            whole.check(not is_first, "has names of version 2")
            again = own["metadata"].items() if "metadata" in own else []
            self.before = [own[name].file() for name in own if name == "root"] + [one.file() for one in again]
            if "head" in own: self.head = own["head"].digest()
            if "orphaned" in own: self.orphaned = own["orphaned"].members("targets")["targets"].text()
            waiting = own["pending"].members("head", "payload") if "pending" in own else {}
            if waiting: self.pending = waiting["head"].digest(), waiting["payload"].digest()
        for name, part in top["leaving"].named(64).items() if "leaving" in top else []:
            own = part.members("reason", may="name")
            own["reason"].choice("routine", "lost", "suspected", "firmware", "left")
            if "name" in own: own["name"].text()
            is_known = name in self.keyholders or re.fullmatch("[0-9a-f]{8,64}", name)
            part.check(is_known and self.is_rotation, "is neither a keyholder nor a key of the root before")
            self.leavers.append(name)
        self.management = "forget"
        self.files = self.cards(top["cards"], is_first) if "cards" in top else []
        rule = top["absent"].choice("stop", "enrolled", "keep", "pending") if "absent" in top else "stop"
        self.keeps = {who for who in self.keyholders if self.absent.get(who, rule) in ("keep", "pending")}
        self.later = [who for who in self.keyholders if self.absent.get(who, rule) == "pending"]  # sign elsewhere
        self.withdrawn = [one.digest() for one in top["withdrawn"].items()] if "withdrawn" in top else []
        self.online = {}  # by id: the 32 bytes of an Ed25519 key, or name and digest of a file
        for name, part in top["online-keys"].named().items() if "online-keys" in top else []:
            own = part.members(may="ed25519 file sha256" + later)
            is_here = "ed25519" in own and part.members("ed25519", may=later)
            source = own["ed25519"].scalar("[0-9a-fA-F]{64}", "key").lower() if is_here else part.file(later)
            self.online[name] = source, of(own)
        self.files = [self.request] * bool(self.request) + self.before + self.files
        self.files += [source for source, _ in self.online.values() if type(source) is tuple]
        self.roles, others, named = {}, () if self.request or self.pending else FOUR[1:], top["roles"].value
        more = [name for name in named if may_be_delegated(name)] if others and type(named) is dict else []
        for name, part in top["roles"].members("root", *others, may=" ".join(more)).items():
            is_offline = name == "root" or type(part.value) is dict and "keyholders" in part.value
            if not is_offline and not is_first and type(part.value) is dict and "one-time" in part.value:
                part.check(name not in ("snapshot", "timestamp"), "can have no one-time keys")
                own = part.members("threshold", "one-time", may=later + " expires delegations files")
                self.roles[name] = {"once": own["one-time"].number(1, 50), "expires": self.expiry(own.get("expires"))}
                self.targets_of(name, own, self.is_rotation)
                self.roles[name].update(threshold=own["threshold"].number(1, 50), fields=of(own, self.is_rotation))
                continue
            part.check(not is_offline or name not in ("snapshot", "timestamp"), "can have no keys on cards")
            may = later + (OFFLINE + TARGETS * (name != "root" and not is_first)) * is_offline
            own = part.members("threshold", "keyholders" if is_offline else "keys", may=may)
            self.roles[name] = self.offline(name, own) if is_offline else {"keys": own["keys"].names(self.online)}
            self.targets_of(name, own, self.is_rotation)
            self.roles[name].update(threshold=own["threshold"].number(1, 50), fields=of(own, self.is_rotation))
        new = {"seal", "fields", "hand-over", "leaving", "request", "withdrawn"}
        whole.check(not is_first or not {*top} & new and not more, "has names of version 2")
        self.roles = {name: self.roles[name] for name in ["root", "targets", *more] + list(FOUR) if name in self.roles}
        self.below = ["targets"]  # and the roles that are delegated to, from there on
        for role in self.below:
            names = [name for name, *_ in self.roles.get(role, {}).get("delegations", ())]
            self.below += [name for name in dict.fromkeys(names) if name not in self.below]
        self.named = {}  # the ids of each role's keys, by the metadata that names them
        services = top["hand-over"].items() if "hand-over" in top else []
        services = [item.choice("rstuf", "repository", "tuf-on-ci") for item in services]
        whole.check(len(services) == len({*services}), "names a service twice")
        self.seal = top["seal"].number(1, 50) if "seal" in top else self.roles["root"]["threshold"]
        self.steps = [self.step(part) for part in top["steps"].items()]
        names = [step["id"] for step in self.steps]
        top["steps"].check(len(set(names)) == len(names), "has two steps of one id")
        self.written = {step["role"] for step in self.steps if step["do"] == "write"} | {"root"}
        kinds, own, all_of = {step["do"] for step in self.steps}, self.roles["root"], len(self.keyholders)
        whole.check(not is_first or "collect" not in kinds, "has names of version 2")
        odd = {*top} & {"previous", "leaving", "hand-over", "withdrawn"} or {*OFFICIALS} & self.pins.keys()
        odd = odd or self.absent or self.enrols or rule != "stop" or any(len(pins) > 1 for pins in self.pins.values())
        is_small = len(own["keyholders"]) == own["threshold"] == self.seal == all_of and not odd
        whole.check(is_small or not self.request, "does more than answer a request")
        is_so = not self.pending or len(self.kept) == all_of and "build" not in kinds and not is_first
        is_so = is_so and not (self.pending and self.pending[1] in self.withdrawn)
        whole.check(is_so, "does more than finish a root that waits")
    def kept_key(self, who, role):  # id and object of a key of the root before that somebody keeps; None for a new one
        digits = self.kept.get(who)
        if type(digits) is dict: digits = digits.get(role)
        return digits and (self.baseline and self.baseline.key(digits) or self.asked and self.asked.key(digits))
    def kept_roles(self, who):  # one for each different key of a kept card
        own = self.kept.get(who)
        if type(own) is dict: return sorted(own, key=lambda r: (FOUR.index(r) if r in FOUR else 9, r))
        return (self.signs(who) or ["root"])[:1] if who in self.kept else []
    def signs(self, who): return [r for r in self.roles if who in self.roles[r].get("keyholders", ())]
    def slot_of(self, who, role):  # of a kept key: one for all roles has one slot
        first = self.kept_key(who, "root") if type(self.kept.get(who)) is str else None
        old = self.baseline.signers() if self.baseline else {}
        is_root = first and (who in self.roles["root"]["keyholders"] or first[0] in old)
        return self.roles["root" if is_root else role]["words"]["slot"]
    def step_of(self, who):  # the first that provisions somebody's card
        return next((s["id"] for s in self.steps if s["do"] == "provision" and s["keyholder"] == who), None)
    def fields_in(self, step):  # custom fields of the keys that are made in a step of the records
        mine = [who for who in self.keyholders if self.step_of(who) == step.split("/")[0]]
        return tuple(sorted(self.fields[mine[0]].items())) if mine else ()
    def roles_of(self, who):  # the rules of the keys that somebody's card gets, by role
        if who in OFFICIALS: return {who: self.roles["root"]}
        if who in self.kept: return {}
        return {role: self.own(self.roles[role], self.algorithm.get(who)) for role in self.signs(who)}
    def own(self, rules, algorithm):  # where somebody's keys are of another kind than the role's
        if not algorithm: return rules
        header, asked = rules["generate"]
        words = {**rules["words"], "algorithm": next(name for name in ALGORITHMS if ALGORITHMS[name] == algorithm)}
        asked = asked[:4] + algorithm + asked[5:]
        return {**rules, "algorithm": algorithm, "generate": (header, asked), "words": words}
    def official(self, person, part):  # the initials of administrator or witness; None where there are none
        if person == "witness" and part.value == "none" and self.version > 1: self.watches = "none"
        if type(part.value) is not dict: return part.text() and None
        is_far = "over" in part.value and person == "witness" and self.version > 1
        own = part.members("name", *["over"] * is_far or ["initials"], may="initials card")
        name = own["name"].text()
        if is_far: self.watches = own["over"].choice("stream")
        if "card" in own: self.names[person], self.pins[person] = name, [own["card"].card()]
        if "initials" not in own: return None
        own["initials"].check(re.fullmatch("[A-Za-z]{2,4}", own["initials"].text()), "are no initials")
        return own["initials"].text()
    def cards(self, part, is_first):  # the pinned files of vendors
        own = part.members(may="model payload-limit attestation vendor-certificates other-vendors pin-tries puk-tries "
                           "management-key" + " read-back tries" * (not is_first))
        check_model(part, own)
        for name in ("attestation", "read-back", "tries"):
            if name in own: own[name].choice("required", "optional")
        if "other-vendors" in own: own["other-vendors"].choice("refused", "accepted")
        if "management-key" in own: self.management = own["management-key"].choice("forget", "protected")
        for name in ("pin-tries", "puk-tries"):
            if name in own: own[name].number(3, 15)
        return [item.file() for item in own["vendor-certificates"].items()] if "vendor-certificates" in own else []
    def offline(self, name, own):
        def one(key, choices, normal): return choices[own[key].choice(*choices) if key in own else normal]
        expires = self.expiry(own.get("expires"))
        slot = one("slot", {"9a": 0x9A, "9c": 0x9C}, "9c" if name == "root" else "9a")
        pin = one("pin-policy", {word: POLICIES[0][word] for word in ("once", "always")}, "always")
        algorithm, touch = one("algorithm", ALGORITHMS, "ed25519"), one("touch-policy", POLICIES[1], "always")
        asked = bytes([0xAC, 9, 0x80, 1]) + algorithm + bytes([0xAA, 1, pin, 0xAB, 1, touch])
        words = {"algorithm": "ed25519", "pin-policy": "always", "touch-policy": "always"}  # of card.json
        words.update({key: own[key].value for key in words if key in own}, slot="9c" if slot == 0x9C else "9a")
        signed = own["signed-fields"].fields() if "signed-fields" in own else {}
        return {"keyholders": own["keyholders"].names(self.keyholders), "expires": expires, "algorithm": algorithm,
                "signed": signed, "discarded": "discarded" in own and own["discarded"].choice("true") == "true",
                "generate": (bytes([0, 0x47, 0, slot]), asked), "words": words}
    def targets_of(self, name, own, is_rotation):  # what a role lists and delegates
        if "files" in own: self.roles[name]["files"] = own["files"].name()
        if "delegations" in own: self.roles[name]["delegations"] = [*self.delegations(own["delegations"])]
    def expiry(self, expires):
        if expires and type(expires.value) is dict: return expires.members("days")["days"].number(1, 3650)
        if expires: expires.check(type(expires.value) is str and is_moment(expires.value), "is no moment in UTC")
        return expires and expires.value
    def delegations(self, part):  # name, what it is for, whether clients look no further
        for name, one in part.named().items():
            own = one.members(may="paths hash-prefixes succinct search")
            one.check(may_be_delegated(name), "can be delegated to no role of this name")
            kinds = [kind for kind in ("paths", "hash-prefixes", "succinct") if kind in own]
            one.check(len(kinds) == 1, "does not say exactly one thing that is delegated")
            ends = "search" in own and own["search"].choice("backtracking", "terminating") == "terminating"
            if kinds == ["succinct"]:
                bits = own["succinct"].number(2, 1 << 20).bit_length() - 1
                is_so = own["succinct"].value == str(1 << bits) and "search" not in own
                own["succinct"].check(is_so, "is no number of bins")
                yield name, {"bit_length": bits}, False
                continue
            form = PATTERN if kinds == ["paths"] else "[0-9a-f]{1,64}"
            said = [item.scalar(form, "path or beginning of a digest") for item in own[kinds[0]].items()]
            is_so = len(set(said)) == len(said) and all(len(one) <= 400 for one in said)
            own[kinds[0]].check(is_so, "says one twice, or one that is too long")
            yield name, {kinds[0].replace("hash-prefixes", "path_hash_prefixes"): said}, ends
    def step(self, part):
        own = part.members("id", "do", may="who say minutes initials confirm keyholder role bag seal fatal")
        kind = own["do"].choice(*KINDS)
        needed, more = re.sub("seal|fatal", "", KINDS[kind]).split(), "who say minutes initials " + KINDS[kind]
        part.members("id", "do", *needed, may=more)
        part.check(kind != "say" or "say" in own, "has nothing to say")
        step = {"id": own["id"].name(), "do": kind, "initials": ()}
        if "who" in own: own["who"].choice(*OFFICIALS, "everyone", *self.keyholders)
        if "say" in own: own["say"].texts()
        if "minutes" in own: own["minutes"].number(0, 600)
        if kind == "preflight":
            part.check(self.version > 1, "is of a kind that scripts of version 1 have not")
            listed = own["fatal"].items() if "fatal" in own else ()
            step["fatal"] = [one.choice(*FATAL, *NOT_FATAL) for one in listed] or FATAL
        if "confirm" in own: own["confirm"].text()
        if "bag" in own: step["bag"] = own["bag"].choice("opened", "closed")
        known = {"sign": self.keyholders, "identify": self.kept, "prove": self.kept, "enrol": self.enrols,
                 "destroy": self.kept, "discard": self.keyholders}
        known = known.get(kind, self.names)
        if "keyholder" in own: step["keyholder"] = own["keyholder"].name(known)
        signed = [r for r in self.roles if {"keyholders", "once"} & {*self.roles[r]}]
        if "role" in own: step["role"] = own["role"].name(signed)
        is_late = kind in ("make", "use", "wipe", "discard")
        part.check(not is_late or self.version > 1, "is of a kind that scripts of version 1 have not")
        if "seal" in own and type(own["seal"].value) is list:
            own["seal"].names({*self.roles["root"]["keyholders"], *self.kept})
        elif "seal" in own:
            own["seal"].check(own["seal"].choice("elsewhere") and self.pending, "is elsewhere, and no root waited")
            self.is_sealed_elsewhere = True
        if "initials" in own:
            is_list = type(own["initials"].value) is list
            wanted = own["initials"].names(OFFICIALS) if is_list else own["initials"].choice("both") and OFFICIALS
            step["initials"], letters = wanted, [self.initials[person] for person in wanted]
            part.check(all(letters) and len(set(letters)) == len(letters), "wants initials that are none, or alike")
        return step

def check_model(part, own):
    is_other = "model" in own and own["model"].choice("yubikey-5.7", "other") == "other"
    part.check(is_other or "payload-limit" not in own, "has a payload-limit, which only the model other has")
    if "payload-limit" in own: own["payload-limit"].number(64, 65535)
def read_pem(data, place):  # DER of the only block of a text without anything else
    lines = [line[:-1] if line.endswith("\r") else line for line in data.decode("utf-8", "replace").split("\n")]
    while lines and not lines[-1]: lines.pop()
    while lines and not lines[0]: lines.pop(0)
    begin, *inner, end = lines if len(lines) > 1 else ["", ""]
    is_so = (begin, end) == ("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----")
    check(is_so and not any(line.startswith("-----") for line in inner), place, "is not one public key in PEM")
    return unbase64("".join(inner), place)
def pem(public): return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
def key_object(public, place):
    """A key as our metadata has it: its bytes as a card writes them, or a public key that was read from DER."""
    if isinstance(public, ed25519.Ed25519PublicKey):
        raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        check(is_sound(raw), place, "is no Ed25519 key, or a weak one")
        return {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": raw.hex()}}
    if isinstance(public, rsa.RSAPublicKey):
        check(2048 <= public.key_size <= 8192, place, "is an RSA key of another size than 2048 to 8192 bits")
        return {"keytype": "rsa", "scheme": "rsassa-pss-sha256", "keyval": {"public": pem(public)}}
    curves = {"secp256r1": "ecdsa-sha2-nistp256", "secp384r1": "ecdsa-sha2-nistp384"}
    check(isinstance(public, ec.EllipticCurvePublicKey) and public.curve.name in curves, place, "is of an unknown kind")
    return {"keytype": "ecdsa", "scheme": curves[public.curve.name], "keyval": {"public": pem(public)}}
def key_of_card(algorithm, raw):  # raises ValueError for what is no key
    if algorithm == b"\xe0": return ed25519.Ed25519PublicKey.from_public_bytes(raw)
    curve = {b"\x11": ec.SECP256R1, b"\x14": ec.SECP384R1}[algorithm]
    if raw[:1] != b"\x04": raise ValueError("no uncompressed point")
    return ec.EllipticCurvePublicKey.from_encoded_point(curve(), raw)

def online_keys(folder, log, script):  # their objects, by the name that the script gives
    for name, digest in script.files:
        check(log.files.get(f"inputs/{name}") == digest, f"inputs/{name}", "is not the file that the script pins")
    online = {}
    for name, (source, more) in script.online.items():
        place = "script.yaml" if type(source) is str else f"inputs/{source[0]}"
        try:
            if type(source) is str: public = ed25519.Ed25519PublicKey.from_public_bytes(bytes.fromhex(source))
            else:
                der = read_pem(read(folder, place), place)
                public = load_der_public_key(der)
                is_so = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == der
                check(is_so, place, "is not in canonical DER")
        except (ValueError, UnsupportedAlgorithm): raise Wrong(f"{place}: holds no public key") from None
        online[name] = {**key_object(public, place), **more}
    return online
def scripted(folder, log, script):
    """The signed parts that the script, its online keys and the last key of each provisioning step come to, by role."""
    if script.asked: return {"root": script.asked.signed}
    enrolled = script.enrolled
    before, online, old = script.baseline, online_keys(folder, log, script), {}
    for name, value in online.items() if before else ():
        if not script.online[name][1]:  # the same key has the object and the id that it had
            ring = before.root["keys"]
            alike = [(i, ring[i]) for i in sorted(ring)] + [*before.below_in_order()]
            alike = [(i, k) for i, k in alike if material({i: k}, i) == Key(value, "").bytes]
            alike = [(i, k) for i, k in alike if not Key(k, "").is_point]
            old.update({id(value): pair for pair in alike[:1]})
    path = root_path(log)
    mine = {}  # key objects by role, in the order of the script
    for role, rules in script.roles.items():
        mine[role] = [online[name] for name in rules.get("keys", ())]
        if "once" in rules:
            made = log.once.get(role, [])
            check(len(made) == rules["once"], path, f"names other one-time keys of {role} than were made here")
            mine[role] = [{"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": one}} for one in made]
        for keyholder in rules.get("keyholders", ()):
            if keyholder in script.kept:
                kept = script.kept_key(keyholder, role)
                check(kept, path, f"has a {role} key of {keyholder} that is no key of the root before")
                mine[role].append(dict(kept[1]))
                old[id(mine[role][-1])] = kept
                continue
            if keyholder in script.enrols:
                check(keyholder in enrolled, path, f"has a {role} key of {keyholder} that did not come from elsewhere")
                mine[role].append(enrolled[keyholder])
                continue
            rules = script.roles_of(keyholder)[role]
            steps = [s["id"] for s in script.steps if s["do"] == "provision" and s["keyholder"] == keyholder]
            made = log.cards.last.get(f"{steps[0]}/generate-{role}") if steps else None
            check(made, path, f"names a {role} key of {keyholder} that no card made in the step that provisions it")
            check(made[:2] == rules["generate"], path, f"has the {role} key of {keyholder} made unlike the script says")
            try: value = key_object(key_of_card(rules["algorithm"], made[2]), path)
            except ValueError: raise Wrong(f"{path}: has a {role} key of {keyholder} that is none") from None
            mine[role].append({**value, **script.fields[keyholder]})
    def signed(role, kind="targets", /, **more):  # custom fields may have any name
        begun, days = datetime.datetime.fromisoformat(log.at[:19]), script.roles[role]["expires"]
        expires = moment(begun, days) if type(days) is int else days
        check(expires, path, f"is of a role for which the script names no expiry: {role}")
        earlier = before and {"root": before.root, **before.metadata}.get(role)
        more.update(_type=kind, spec_version=SPEC, version=earlier["version"] + 1 if earlier else 1)
        more["expires"] = min(expires, moment(begun, 7)) if log.begin["rehearsal"] else expires
        if log.begin["rehearsal"]: more[MARK] = True
        return more
    keys, roles, own_keys = {}, {}, {}
    for role, objects in mine.items():
        pairs = [old.get(id(value), (sha256(canonical(value)), value)) for value in objects]
        own_keys[role] = dict(pairs)
        own = {name: value for name, value in script.roles[role]["fields"].items() if value is not None}
        roles[role] = {**own, "keyids": [keyid for keyid, _ in pairs], "threshold": script.roles[role]["threshold"]}
    def delegated(role):
        ring, named = {}, []
        for name, scope, ends in script.roles[role].get("delegations", ()):
            if name not in roles: continue
            ring.update(own_keys[name])
            if "bit_length" in scope:
                return {"delegations": {"keys": ring, "succinct_roles": {**roles[name], **scope, "name_prefix": name}}}
            named.append({**roles[name], **scope, "name": name, "terminating": ends})
        return {"delegations": {"keys": ring, "roles": named}} if named else {}
    found = {}
    for role in script.written - {"root"}:
        again = {k: v for k, v in before.metadata.get(role, {}).items() if k != MARK} if before else {}
        own = {"targets": {}, **again, **delegated(role)}
        if "files" in script.roles[role]:
            check(role in log.listed, path, f"does not show which files {role} lists")
            own["targets"] = log.listed[role]
        found[role] = signed(role, **{**own, **script.roles[role].get("signed", {})})
    for role in FOUR: keys.update(own_keys.get(role, {}))
    roles = {role: roles[role] for role in FOUR if role in roles}
    more = {name: value for name, value in script.fields[""].items() if value is not None}
    more["consistent_snapshot"] = before.root.get("consistent_snapshot", True) if before else True
    return {"root": signed("root", "root", **more, keys=keys, roles=roles), **found}
def check_rotation(script, is_rehearsal, engine):
    """What a script that goes on from a root may keep, and what it has to say of leavers and fields."""
    def it(condition, what): check(condition, "script.yaml", what)
    before, root, owners, gone = script.baseline, script.baseline.root, {}, set()
    it(is_rehearsal or MARK not in root, "goes on from the root of a rehearsal")
    offline = {r: own["keyholders"] for r, own in script.roles.items() if "keyholders" in own}
    def kept(role): return {before.material(k[0]) for k in (script.kept_key(who, role) for who in offline[role]) if k}
    for who in script.kept:
        it(len(script.pins[who]) == 1 and not script.fields[who], f"gives {who} spares or fields, and a kept key")
        for role in {*script.kept_roles(who), *(role for role in offline if who in offline[role])}:
            keyid, value = script.kept_key(who, role) or ("", None)
            it(keyid, f"names no single key of the root before that is the {role} key of {who}")
            same = [other for other in root["keys"] if before.material(other) == before.material(keyid)]
            key = ring_of(before.ring(), [keyid]).get(keyid)
            is_so = {*same} <= {keyid} and key and key.algorithm and not key.is_point
            is_so = is_so and any(sha256(canonical(form)) == keyid for form in digested(value))
            it(is_so and not key.is_exposed((), before), f"keeps what cannot be kept: {keyid[:8]}")
            it(owners.setdefault(keyid, who) == who, f"lets {who} keep a key of somebody else")
    staying = {key for role in offline for key in kept(role)}
    for name in script.leavers:
        mine, is_person = script.kept_roles(name), name in script.keyholders
        is_so = not is_person or mine and not any(name in people for people in offline.values())
        it(is_so, f"lets {name} leave, who has a role, or keeps no key")
        found = [script.kept_key(name, role) for role in mine] if is_person else [before.key(name)]
        it(all(found), f"lets a key leave that is no single one of the root before: {name}")
        gone |= {before.material(keyid) for keyid, _ in found}
        it(is_person or not gone & staying, f"keeps a key that leaves: {name}")
    used = {keyid for role in root["roles"].values() for keyid in role["keyids"]} & root["keys"].keys()
    silent = [i[:8] for i in sorted(used) if before.material(i) not in {*gone, *staying, *script.online_bytes}]
    it(not silent, f"does not say why a key of the root before leaves: {silent}")
    own = DEFINED | {MARK, *"name terminating paths path_hash_prefixes bit_length name_prefix".split()}
    there = {**{role: value for role, (_, value) in before.named.items()}, **root["roles"]}
    pairs = [(script.fields[""], root), *((script.roles[r]["fields"], there[r]) for r in script.roles if r in there)]
    for said, there in pairs:
        it(there.keys() - own <= said.keys(), "neither repeats nor takes away a field of the root before")
        is_so = all(n in {*there} - own or v is not None and is_own(n) for n, v in said.items())
        it(is_so, "names a field that the root before does not have, and that is not x-…, or takes it away")
    builds = {step["role"] for step in script.steps if step["do"] == "build"} - {"root"}
    odd = [role for role in builds if role not in before.metadata and (role == "targets" or role in before.named)]
    it(not odd, f"builds {odd}, and does not say which metadata clients have")
    stay = {before.material(keyid) for keyid in root["roles"]["targets"]["keyids"]}
    stay &= kept("targets") if "targets" in offline else set()
    is_lost = not builds & {"targets"} and "keys" not in script.roles["targets"]
    is_lost = is_lost and len(stay) < script.roles["targets"]["threshold"]
    it(not is_lost or script.orphaned, "keeps too few keys of targets, signs it not again, and does not say why")
    it(is_lost or not script.orphaned, "says why targets is not signed again, and it is, or need not be")
    if engine < 9: return
    for role in {*script.below[1:]} & before.named.keys() - builds:
        (ring, own), rules = before.named[role], script.roles.get(role, {"keys": ()})
        stay = {material(ring, i) for i in own["keyids"]} & (kept(role) if role in offline else set())
        it("keys" in rules or len(stay) >= rules["threshold"], f"keeps too few keys of {role}, and signs it not again")
    for who in script.kept.keys() - {*script.leavers}:
        mine = script.signs(who)
        it(not mine or {*script.kept_roles(who)} <= {*mine}, f"lets {who} keep a key of a role that is not theirs")
    trusted = {*script.online_bytes}
    for role in builds & before.metadata.keys():
        signed = before.metadata[role]
        for _, _, own in () if script.roles[role].get("delegations") else delegations_of(signed, "script.yaml"):
            trusted |= {material(signed["delegations"]["keys"], keyid) for keyid in own["keyids"]}
    it(not gone & trusted, "lets a key leave that metadata which is made here still has")
def root_path(log):
    found = [path for path in sorted(log.files) if re.fullmatch("(metadata|pending)/.*[.]root[.]json", path)]
    return (found or ["metadata"])[0]
def moment(begun, days):  # some days later, within the years that a moment has
    try: return (begun + datetime.timedelta(days)).isoformat() + "Z"
    except OverflowError: return "9999-12-31T23:59:59Z"
# --- Metadata, seal and the other files
def check_metadata(folder, log, sealing, script, elsewhere):
    """Each file by itself, by its signatures and their origin, and as what the script makes of it."""
    roles, done, lines, is_pending = {}, {}, [], log.body["ending"] == "pending"
    paths = [path for path in log.files if path.startswith(("metadata/", "pending/"))]
    is_so = sum(path.startswith("pending/") for path in paths) == is_pending
    check(is_so, "pending", "holds a root, or none, unlike the close record says")
    before = script.baseline
    kept = {k[0]: k[1] for who in script.kept for role in script.roles for k in [script.kept_key(who, role)] if k}
    for name, (source, more) in script.online.items() if before else []:
        if not more: kept.update(before.root["keys"])  # an online key may have the id that it had
    order = ["root", *script.below]  # whoever names keys comes before those whose they are
    def place_of(path): return [*(n for n, r in enumerate(order) if f".{r}." in path), len(order)][0], path
    for path in sorted(paths, key=place_of):
        signatures, signed = read_printed(folder, path, signatures=list, signed=dict)
        kind, version = fields(signed, path, _type=str, version=int)
        role = role_of(path, kind)
        waits = is_pending and role == "root"
        is_so = path == f"{'pending' if waits else 'metadata'}/{version}.{role}.json" and version > 0
        is_so = is_so and kind in ("root", "targets") and role not in done
        check(is_so, path, "is neither root nor targets by its name, or the second of its role")
        is_marked = signed.get(MARK) is True
        check(is_marked == log.begin["rehearsal"], path, "is marked as a rehearsal, or not, unlike the first record")
        if role == "root":
            root, roles = signed, read_root(signed, path, kept if before else {})
            objects = {**signed["keys"]}
            script.named = {name: signed["roles"][name]["keyids"] for name in FOUR}
        check(role in roles or not roles, path, "is of a role to which nothing in the folder delegates")
        (keys, threshold), done[role] = roles.get(role, ({}, 1)), (path, signed)
        for name, ring, own in delegations_of(signed, path) if kind == "targets" else ():
            if name in roles or role not in order: continue
            roles[name], script.named[name] = (ring, own["threshold"]), own["keyids"]
            objects.update({i: signed["delegations"]["keys"][i] for i in own["keyids"]})
        is_once = "once" in script.roles.get(role, {})
        for keyid, key in keys.items():
            is_so = keyid in kept or (key.algorithm, key.bytes) in log.cards.made or keys_of(script.enrolled, keyid)
            is_so = is_so or is_once and key.bytes.hex() in log.once.get(role, [])
            check(is_so, f"{path} key {keyid[:8]}", "was made by no card here, and is not kept")
            is_so = not key.is_exposed((log, sealing), before)
            check(is_so, f"{path} key {keyid[:8]}", "is given away: two signatures share r")
        check((role, canonical(signed)) in log.payloads, path, "has a signed part that no payload record shows")
        sides = [(keys, threshold, "its own keys")]
        if before and role == "root": sides.append((before.signers(), before.threshold("root"), before.path))
        ring = {keyid: key for own, *_ in reversed(sides) for keyid, key in own.items()}
        taken, waited = (elsewhere.taken, elsewhere.waited) if role == "root" else ((), set())
        signers = check_signatures(path, role, canonical(signed), signatures, unhex, ring, log, taken, is_once)
        is_so = waited <= {(one["keyid"], bytes.fromhex(one["sig"])) for one in signatures}
        check(is_so, path, "lacks a signature that stood under the root that waited")
        def count_of(own, ids): return len({own[i].bytes for i in ids if i in own and own[i].bytes == ring[i].bytes})
        def is_met(ids): return all(count_of(own, ids) >= least for own, least, _ in sides)
        check(is_met(signers) != waits, path, "has fewer signatures than it needs" + ", or enough and waits" * waits)
        later = [key_id(script, signed, who, role) for who in script.later if waits]
        is_so = not waits or is_met({*signers, *later})
        check(is_so, path, "waits, and the script lets nobody sign later who could complete it")
        for own, least, whose in sides:
            count = count_of(own, signers)
            lines.append(f"{path}: signatures {count}, threshold {least}" + f", by {whose}" * bool(before)
                         + ("; one-time keys made them, and were wiped by what the program says" if is_once else
                            "; cards made them" + " and their keys" * (not before and not script.pending)))
    check(roles, "metadata", "holds no root")
    more = {e[0] for e in log.signatures if log.begin["engine"] > 7 and may_be_delegated(e[0])} | {*done}
    # One payload of a role was signed and not given up: that of its file.
    for role in ("root", "targets", *sorted(more - {"root", "targets"})):
        path, own = done.get(role, (log.name, None))
        signed = {entry[1] for entry in log.signatures if entry[0] == role}
        check(signed <= {sha256(canonical(own))}, path, f"is not all of {role} that was signed and not given up")
    for role, gone, place in log.given_up:
        own = script.roles.get(role, {}).get("keyholders", ())
        sides = [({i for i, who in gone if who in own or not before}, script.roles[role]["threshold"])] if own else []
        if before and role == "root":
            sides.append((before.signers().keys() & dict(gone).keys(), before.threshold("root")))
        if "once" in script.roles.get(role, {}):
            sides = [({*script.named.get(role, ())} & {*dict(gone)}, script.roles[role]["threshold"])]
        is_few = not sides or any(len(ids) < least for ids, least in sides)
        check(is_few, place, f"gives up a payload of {role} that had all the signatures that it needed")
    for role in script.written - set(done): raise Wrong(f"metadata: holds no {role}, which the script has written")
    expected = scripted(folder, log, script)
    for role, (path, own) in done.items():
        check(role in expected, path, "is not written by the script")
        names = sorted(name for name in {*expected[role], *own} if own.get(name) != expected[role].get(name))
        is_so = canonical(own) == canonical(expected[role])
        check(is_so, path, f"is not what script and cards make of it: {', '.join(names)!a:.200}")
    for role, (path, own) in done.items(): check_requests(folder, log, script, path, own, role)
    check_heard(log, script, root)
    script.objects = objects
    return lines, root, roles["root"], {role: len(canonical(own)) for role, (_, own) in done.items()}
def role_of(path, kind):  # of a file of targets metadata that of its name, else its type
    parts = path.split("/")[-1].split(".")
    return parts[1] if kind == "targets" and len(parts) == 3 and parts[1] not in FOUR[:2] + FOUR[3:] else kind
def keys_of(enrolled, keyid):  # whose key came from elsewhere and has this id
    return [who for who, value in enrolled.items() if sha256(canonical(value)) == keyid]
def key_id(script, root, who, role):  # with which somebody signs: kept, or in their place among the keys of the role
    kept, people = script.kept_key(who, role), script.roles[role].get("keyholders", [])
    ids = script.named.get(role, [])
    return kept[0] if kept else ids[people.index(who)] if who in people and people.index(who) < len(ids) else None
def check_heard(log, script, root):  # whoever was heard reading a head made what came with it
    for place, who, head in log.heards if log.begin["engine"] > 7 else ():
        sound, own = [one for *_, one in log.brought if not one["codes"]], key_id(script, root, who, "root")
        is_so = (head, own) in [(one["head"], one["keyid"]) for one in sound if "sig" in one]
        made = [(one["made"]["head"], one["made"]["proof"]["person"]) for one in sound if one.get("made")]
        check(is_so or (head, who) in made, place, "says that somebody was heard who made nothing that has this head")
def check_requests(folder, log, script, path, signed, role):
    """A ceremony that shows metadata wrote a request for everybody who may sign it later, and for exactly that."""
    root = json.loads(read(folder, root_path(log)))["signed"]
    old = script.baseline.signers() if script.baseline and role == "root" else {}
    is_shown = any((step["do"], step.get("role")) == ("show", role) for step in script.steps)
    is_shown = is_shown and (role == "root" or log.begin["engine"] < 9)  # what else can be signed elsewhere
    for who in script.later if is_shown else ():
        kept, place = script.kept_key(who, role), f"requests/{role}.{who}.json"
        if who not in script.roles[role].get("keyholders", ()) and not (kept and kept[0] in old): continue
        check(place in log.files, place, "is not there, and a signature may come later")
        request, message = Request(read(folder, place), place), canonical(signed)
        slot = script.slot_of(who, role) if kept else script.roles_of(who)[role]["words"]["slot"]
        person = {"id": who, "keyid": key_id(script, root, who, role), "name": script.names[who], "slot": slot}
        so = {"deadline": moment_of(root["expires"], path), "digest": in_words(message), "engine": log.begin["engine"],
              "for": [person], "form": 1, "kind": "sign", "offline": False,
              "payload": base64.b64encode(message).decode(), "rehearsal": log.begin["rehearsal"],
              "release": log.begin["program"]["version"], "repository": script.repository, "title": script.title,
              "say": ["I read you the digest of what I sign, in words."],
              "trusted": script.baseline and base64.b64encode(script.baseline.data).decode()}
        own = {name: request.body[name] for name in ("head", "nonce")}
        check(request.body == {**so, **own}, place, "asks for something else, or of somebody else, than this ceremony")
        is_so = own["head"] in log.heads and (own["nonce"], f"request for {who}") in log.drawn
        check(is_so, place, "names a head or a nonce that is not of this ceremony")
class Request:
    """What somebody elsewhere is asked for: canonical JSON of at most 1 MiB with exactly these members."""
    def __init__(self, data, place):
        check(len(data) <= 1 << 20, place, "is larger than 1 MiB")
        self.body, self.digest, self.holders = parse(data, place, False), sha256(data), []
        check(type(self.body) is dict and canonical(self.body) == data, place, "is not in canonical form")
        kind = self.body.get("kind")
        self.is_signature, self.is_seal, self.payload = kind == "sign", kind == "seal", b""
        more = TO_SIGN if self.is_signature else TO_SEAL if self.is_seal else TO_MAKE
        only(self.body, place, **ASKED, **more)
        self.people, deadline = self.body["for"], self.body["deadline"]
        for person in self.people: only(person, place, id=str, keyid=str, name=str, slot=str)
        is_so = (deadline is None or is_moment(deadline)) and self.people and self.body["form"] == 1
        if self.is_signature or self.is_seal:
            name, trusted = "payload" if self.is_signature else "statement", self.body["trusted"]
            self.payload = unbase64(self.body[name], place)
            self.trusted = None if trusted is None else unbase64(trusted, place)
            is_so = is_so and self.body["digest"] == in_words(self.payload)
        else:
            check(is_of([*self.body["files"].values()], [str]), place, "has files that are none")
            for text in self.body["files"].values(): unbase64(text, place)
            is_so = is_so and len(self.people) == 1 and 0 <= self.body["largest"] <= 1 << 20
        check(is_so, place, "has not exactly the form of a request")
    def root(self, is_rehearsal, place):  # what it asks to sign, or whose seal
        before = self.trusted is not None and Baseline({"inputs/-": self.trusted}, [("-", "")], place)
        payload = self.payload
        if self.is_seal:
            self.file = unbase64(self.body["root"], place)
            signed = fields(parse(self.file, place, False), place, signatures=list, signed=dict)[1]
            payload = canonical(signed)
        return Asked(payload, before or None, place, is_rehearsal)
    def check_seal(self, version, place):  # it asks for the seal of a transcript that led to the root that came with it
        one = parse(self.payload, place, False)
        predicate, subjects = fields(one, place, predicate=dict, subject=[{"digest": dict, "name": str}])
        ending, head, _ = fields(predicate, place, ending="complete|pending", head=DIGEST, rehearsal=bool)
        files = {subject["name"]: subject["digest"].get("sha256") for subject in subjects}
        check(all(is_of(digest, DIGEST) for digest in files.values()), place, "names a file without its digest")
        statement = statement_of(files, ending, head, predicate["rehearsal"], self.body["engine"])
        path = f"{'pending' if ending == 'pending' else 'metadata'}/{version}.root.json"
        is_so = statement == self.payload and len(typed(SEALED, statement)) <= 1200
        check(is_so and files.get(path) == sha256(self.file), place, "asks to seal what is no statement over this root")
        check(predicate["rehearsal"] == self.body["rehearsal"], place, "asks to seal a rehearsal, or says that it does")
class Elsewhere:
    """What came from elsewhere, its evidence judged anew; and what stood under a root that waited.
    taken: key ids and signatures that no card here made; witnessed: key ids of whoever sealed elsewhere."""
    def __init__(self, folder, log, script):
        self.taken, self.witnessed, self.waited, self.warnings = set(), set(), set(), []
        after, known = log.begin.get("after") or {}, {}
        requests = {*after.get("requests", []), *(d for path, d in log.files.items() if path.startswith("requests/"))}
        if script.pending:
            value = json.loads(read(folder, "inputs/previous.root.json"))
            self.waited = {(one["keyid"], bytes.fromhex(one["sig"])) for one in value["signatures"]}
            self.taken |= self.waited
        is_so = script.pending or not after.get("requests")
        check(is_so, f"{log.name} record 0", "names requests of another ceremony, and finishes none")
        there = {path for path in log.files if path.startswith("inputs/answers/")}
        for path in sorted(there - {one["path"] for *_, one in log.brought}):
            raise Wrong(f"{path}: is a file of which no record says that it came from elsewhere")
        for place, step, payload, one in log.brought:
            path, data, is_key = one["path"], read(folder, one["path"]), "made" in one
            check(len(data) == one["bytes"], place, "says that a file is of another length")
            who = [s["keyholder"] for s in script.steps if (s["id"], s["do"]) == (step, "enrol")]
            check(who or not is_key, place, "takes in a key where the script takes none in")
            if one["codes"]: continue  # refused when it came, whatever is thought of it today
            if is_key:
                script.enrolled[who[0]] = self.key(data, path, one["made"], who[0], log, script)
                continue
            pair, said = (one["keyid"], bytes.fromhex(one["sig"])), (one["head"], one["networked"])
            if (path, payload) not in known: known[path, payload] = self.judge(data, path, payload, log, requests)
            there, so = known[path, payload]
            check(pair in there and said == so, path, "does not hold what was taken from it")
            if pair not in log.of_roots or pair in self.taken: continue
            self.taken.add(pair)
            if one["witnessed"]: self.witnessed.add(pair[0])
            else: self.warnings.append(f"warning SIGNATURE-UNWITNESSED: by key {pair[0][:8]}, in {path}")
        self.shown = {keyid for keyid, _ in self.taken}
    def judge(self, data, path, payload, log, requests):
        """The signatures in a file over this payload; head of the ceremony that made them, and whether on a network."""
        if not path.endswith(".tar"):
            check(len(data) <= 1 << 20 and data[257:262] != b"ustar", path, "is too large, or an archive")
            entries, signed = fields(parse(data, path), path, signatures=[{"keyid": "[!-~]+", "sig": str}], signed=dict)
            is_so = sha256(canonical(signed)) == payload and len({one["keyid"] for one in entries}) == len(entries)
            check(is_so, path, "is over another payload, or has two signatures by one key")
            pairs = {(one["keyid"], bytes.fromhex(one["sig"])) for one in entries if is_of(one["sig"], EITHER_CASE)}
            return pairs, (None, None)
        answer, request = self.answer(data, path, log)
        is_so = request.digest in requests and request.is_signature and sha256(request.payload) == payload
        check(is_so, path, "answers another request, or is over another payload")
        network = [fact["value"] for fact in answer.begin["host"] if fact["name"] == "network"][:1]
        return answer.of_roots, (answer.head, {"connected": True, "none": False}.get("".join(network)))
    def answer(self, data, path, log):  # its records and its request
        self.files = unpacked(data, path)
        try: answer, _, request = verify(self.files, "", [])[2][3]
        except Wrong as wrong: raise Wrong(f"{path}: does not hold: {wrong}") from None
        check(request and answer.begin["rehearsal"] == log.begin["rehearsal"], path, "is no answer, or a rehearsal's")
        return answer, request
    def seal_answer(self, folder, data, path, log, sealing, script, ring, statement):
        """The signatures of an answer to a request for the seal of this ceremony, with its final head."""
        answer, request = self.answer(data, path, log)
        is_so = request.is_seal and request.payload == statement
        check(is_so, path, "answers another request, or seals something else")
        file, body, people = read(folder, root_path(log)), request.body, []
        for one in request.people:
            who, kept = one["id"], script.kept_key(one["id"], "root") if one["id"] in script.names else None
            check(kept and kept[0] in ring, path, f"asks somebody who has no root key: {who}")
            people.append({"id": who, "keyid": kept[0], "name": script.names[who], "slot": script.slot_of(who, "root")})
        so = {"deadline": body["deadline"], "digest": in_words(statement), "engine": log.begin["engine"], "for": people,
              "form": 1, "head": sealing.head, "kind": "seal", "nonce": "0" * 32, "offline": False,
              "rehearsal": log.begin["rehearsal"], "release": log.begin["program"]["version"],
              "repository": script.repository, "root": base64.b64encode(file).decode(),
              "say": ["I read you the head of what I seal, in words."],
              "statement": base64.b64encode(statement).decode(), "title": script.title,
              "trusted": script.baseline and base64.b64encode(script.baseline.data).decode()}
        so["nonce"] = sha256(canonical(so))[:32]
        check(body == so, path, "answers a request that is not of this ceremony")
        entries = json.loads(self.files["pending/seal.dsse.json"])["signatures"]
        return [(one["keyid"], unbase64(one["sig"], path)) for one in entries]
    def key(self, data, path, made, who, log, script):
        """The object of a key that was made elsewhere as the script says, for its nonce, and is what the record has."""
        answer, request = self.answer(data, path, log)
        is_so = len(request.holders) == 1 and request.body["nonce"] == script.enrols[who]
        check(is_so and request.people[0]["id"] == who, path, f"is no key of {who} for the nonce in the script")
        (place, _, value), rules = request.holders[0], script.roles_of(who).get("root")
        base, key = place[: place.rindex("/") + 1], {**key_object(Key(value, path).public, path), **script.fields[who]}
        card = json.loads(self.files[base + "card.json"])
        def certificate(name):
            found = re.search(rb"-----BEGIN CERTIFICATE-----([^-]*)-----END", self.files.get(base + name, b""))
            return found and base64.b64encode(base64.b64decode(found[1])).decode()
        attested = {"leaf": certificate("root_attestation.pem"),
                    "intermediate": certificate("attestation_intermediate.pem")}
        step, proof, *_, signature, _ = [p for p in answer.proofs if p[1]["keyid"] == sha256(canonical(value))][-1]
        so = {"attestation": attested if all(attested.values()) else None, "guid": card["guid"], "proof": proof,
              "head": answer.head, "key": Key(value, path).bytes.hex(), "serial": card.get("serial"),
              "sig": signature["sig"]}
        check(made == so, path, "holds another key, proof or card than the record says")
        asked = answer.cards.last[step.replace("/prove-", "/generate-")][:2]
        check(rules and asked == rules["generate"] and key == value, path, "was not made as the script has it")
        return key
def origins(script, root, unproven):  # of each key of the root, as the close record has them from engine 6 on
    own, kept = [r for r in script.roles if "keyholders" in script.roles[r]], {}
    for role in own:
        for who in script.roles[role]["keyholders"]:
            if script.kept_key(who, role): kept.setdefault(script.kept_key(who, role)[0], who)
    names = {}
    for role in (*FOUR, *script.below[1:]):
        for keyid in script.named.get(role, ()): names.setdefault(keyid, []).append(role)
    for keyid, roles in names.items():
        origin = "kept" if keyid in kept else "made" if {*roles} & {*own} else "online"
        origin = "one-time" if any("once" in script.roles.get(r, ()) for r in roles) else origin
        origin = "enrolled" if keys_of(script.enrolled, keyid) else origin
        proven = {"proven": kept[keyid] not in unproven} if keyid in kept else {}
        yield {"keyid": keyid, "roles": roles, "origin": origin, **proven}
def check_proofs(log, script, officials, sizes, elsewhere, request=None):  # sizes: of what is signed, by role
    """Each is by the key made just before, as long as the most that this signs; from engine 4 on each key has one."""
    made_here, proven = {sha256(canonical(value)): value for _, value, _ in made_keys(log, script)}, set()
    shown, copied = set(), []  # kept keys that signed a challenge: keyholder, role; whose can be copied from the card
    for step, body, message, made, signature, place in log.proofs:
        if body["purpose"] == "kept":
            (name, _, role), who = step.partition("/prove-"), body["person"]
            own = script.kept_key(who, role) if role in script.kept_roles(who) else None
            is_step = any((s["id"], s["do"], s.get("keyholder")) == (name, "prove", who) for s in script.steps)
            so = own and (own[0], "", script.slot_of(who, role))
            is_so = is_step and so == (body["keyid"], body["pad"], body["slot"])
            check(is_so, place, "is no challenge of the kept key of this step")
            key = Key(own[1], place)
            check_signatures(place, "proof", message, [signature], unhex, {own[0]: key}, log)
            shown.add((who, role))
            given = hashlib.new(key.hash.name, message).digest() if key.hash else message
            firmware = log.cards.signed[key.algorithm, given, bytes.fromhex(signature["sig"])]
            stays = any(who in script.roles[r].get("keyholders", ()) for r in script.roles)
            if not stays or not key.hash or not firmware or firmware >= b"\x05\x07\x00" or who in copied: continue
            is_so = who in script.copyable or log.begin["engine"] < 7
            check(is_so, place, f"is of a key of {who} that can be copied from its card")
            copied += [who] * (who in script.copyable)
            continue
        is_so = (body["purpose"], body["nonce"]) == ("enrolled", request.body["nonce"]) if request else True
        check(is_so and (request or body["purpose"] == "test"), place, "is for another purpose or nonce")
        (name, _, role), value, who = step.partition("/prove-"), made_here.get(body["keyid"]), body["person"]
        rules, key = script.step_of(who) == name and script.roles_of(who).get(role), value and Key(value, place)
        is_so = rules and key and made and (made[0], made[2]) == (rules["generate"][0], key.bytes)
        check(is_so and made[0][3:].hex() == body["slot"], place, "is not by the key that was made just before")
        check_signatures(place, "proof", message, [signature], unhex, {body["keyid"]: key}, log)
        least = 0 if key.hash else sizes.get(role, 0)  # a digest is as long as it is
        shorter = len(proof_of({**body, "pad": body["pad"][1:]})) if body["pad"] else least - 1
        check(shorter < least <= len(message), place, "is not as long as the most that its key has to sign")
        proven.add((step, made[2]))
    unproven, path = [], root_path(log)
    for who in script.kept:
        is_keyholder = script.signs(who)
        if request or not is_keyholder or all((who, role) in shown for role in script.kept_roles(who)): continue
        if (script.kept_key(who, "root") or " ")[0] in elsewhere.shown: continue  # signed the root elsewhere
        check(script.pending or who in script.keeps, path, f"has no challenge that the kept key of {who} signed")
        unproven.append(who)
    proved = {*script.roles["root"]["keyholders"]} - ({*unproven} - {*script.later})
    is_so = script.pending or len(proved) >= script.roles["root"]["threshold"]
    check(is_so, path, "has fewer keys made or proven than the root needs")
    wanted = [w for w in script.keyholders if w not in script.enrols and log.begin["engine"] > 3]
    wanted += [w for w in OFFICIALS if w in sizes and officials[w]]
    for step, role, who in ((script.step_of(who), role, who) for who in wanted for role in script.roles_of(who)):
        made, own = log.cards.last.get(f"{step}/generate-{role}"), [k.bytes for k in officials.get(who, {}).values()]
        is_so = made and (f"{step}/prove-{role}", made[2]) in proven and (not own or made[2] in own)
        check(is_so, "cards" if own else path, f"has a {role} key of {who} without a proof")
    lines = [f"{len(proven)} new keys proved by a signature of their own"] * bool(proven)
    return lines + [f"{len(shown)} kept keys signed a challenge"] * bool(shown), unproven, copied
def check_wiped(body, log, sealing, script, place):
    """A card is wiped when its keys left, the new root is finished, and it has sealed."""
    who = body["keyholder"]
    kept = {role: script.kept_key(who, role) for role in ("root", *script.kept_roles(who))}
    keys = [kept[role][0] for role in script.kept_roles(who) if kept[role]]
    is_so = who in script.leavers and not script.signs(who) and body["keys"] == keys
    check(is_so, place, f"says that a card of {who} was wiped whose keys do not leave, or are others")
    check(log.body["ending"] == "complete", place, "wipes a card before the new root is finished")
    own, signers = (kept["root"] or [None])[0], sealing.cards.signers
    is_so = any(role == "seal" and keyid == own and body["card"] in signers.get(sig, ())
                for role, _, keyid, sig, _ in sealing.signatures)
    check(is_so, place, f"wipes a card that did not seal with the key of {who}")
def check_discarded(log, script, last):
    """Each key of a discarded role signed, then its card deleted it, and only then did a card sign what names it."""
    own = {who: [r for r in script.signs(who) if script.roles[r].get("discarded")] for who in script.keyholders}
    steps = {step["keyholder"]: step["id"] for step in reversed(script.steps) if step["do"] == "discard"}
    due = {}
    for role, who in ((role, who) for role in script.roles for who in own if role in own[who]):
        made = log.cards.last.get(f"{script.step_of(who)}/generate-{role}")
        due[role, who] = made and (steps.get(who), made[0][3:].hex(), made[2])
    for place, role, who, gone in log.signings:
        below = [name for name, *_ in script.roles.get(role, {}).get("delegations", ())]
        check(due.get((role, who)) not in gone, place, f"is by the {role} key of {who}, which its card had deleted")
        for (name, holder), key in due.items():
            is_due = (role == "root" or name in below) and role not in own[holder]
            check(not is_due or key in gone, place, f"is over {role}, and the {name} key of {holder} was not deleted")
    for (role, who), key in due.items(): check(key in log.cards.gone, last, f"leaves the {role} key of {who} undeleted")
    return [f"{len(due)} keys deleted on their cards, by the cards' word, before what names them is signed"] * bool(due)
def check_people(log, sealing, script):
    """Signatures are of whoever had a card make the key in their step; the rest is of the script's people and steps."""
    owners, steps, wiped = {}, {step["id"]: step for step in script.steps}, set()
    own = {f"{script.step_of(who)}/generate-{role}": who for who in script.names for role in script.roles_of(who)}
    for _, value, made in made_keys(log, script):
        owners.setdefault(sha256(canonical(value)), set()).update(own[step] for step in made if step in own)
    for who in script.kept:
        for kept in filter(None, (script.kept_key(who, role) for role in ("root", "targets", *script.kept_roles(who)))):
            owners.setdefault(kept[0], set()).add(who)
    for raw, number in log.ever:
        value = {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": raw}}
        owners.setdefault(sha256(canonical(value)), set()).add(f"one-time-{number}")
    for who, value in script.enrolled.items(): owners.setdefault(sha256(canonical(value)), set()).add(who)
    for place, kind, name, body in log.deeds + sealing.deeds:
        who = body.get("keyholder" if kind in ("signature", "bag", "wipe") else "person")
        step = steps.get(name, {})
        if kind == "signature": is_so = owners.get(body["keyid"]) == {who}
        elif kind == "attendance": is_so = who in (*OFFICIALS[: 1 + (script.watches != "none")], *script.keyholders)
        elif kind == "wipe": is_so = step.get("do") == "destroy" and step["keyholder"] == who and who not in wiped
        elif kind == "host": is_so = step.get("do") == "preflight"
        elif kind == "one-time":
            who, work = body.get("role"), body["work"]
            is_so = (step.get("do"), step.get("role")) == ("use" if work == "sign" else work, who)
        elif kind == "bag": is_so = step.get("bag") and (who, body.get("state")) == (step["keyholder"], step["bag"])
        else: is_so = who in step.get("initials", ()) and body["initials"] == script.initials[who]
        check(is_so, place, f"says of {who!a:.40} what the script and the cards do not")
        if kind == "wipe":
            wiped.add(who)
            check_wiped(body, log, sealing, script, place)
    first = next((number for number, step in enumerate(script.steps) if step["do"] == "close"), None)
    wanted = {(who, step["id"]) for step in script.steps[:first] for who in step["initials"]}
    stood = {(body["person"], name) for _, kind, name, body in log.deeds if kind == "initials"}
    if log.body["ending"] != "aborted": check_looks(log, script)
    check(wanted <= stood, log.name, "lacks initials that the script wants before the close")
def check_looks(log, script):
    """The machine was looked at in each such step, and in STEP/again; what was found last was not fatal. Where these
    records stand, and that a look leaves nothing out, is not judged: tuf-audit replay holds it all again."""
    due = [(step["id"], step["fatal"]) for step in script.steps if step["do"] == "preflight"]
    first = next((place for place, step in enumerate(script.steps) if step["do"] in ("sign", "use")), 0)
    before = [step for step in script.steps[:first] if step["do"] == "preflight"]
    due += [(f"{step['id']}/again", step["fatal"]) for step in before[-1:]]
    for part, fatal in due:
        check(part in log.looks, log.name, f"does not have the machine looked at in {part}")
        look = log.looks[part]
        found = {code for point in look["points"] for code in point["codes"]} & {*fatal} - {*look["allowed"]}
        check(log.begin["rehearsal"] or not found, log.name, f"goes on with {sorted(found)}: fatal by the script")
def check_products(folder, log, script, root):
    """No other files than ceremonies have, and each folder of cards/ as its keys make it: path, role, object."""
    after, earlier, holders = log.begin.get("after") or {}, "inputs/previous.root.json", []
    inputs = {*(f"inputs/{name}" for name, _ in script.files), *[earlier] * (after.get("kept") is True)}
    asked = {f"requests/{s['role']}.{who}.json" for s in script.steps if s["do"] == "build" for who in script.later
             if s["role"] == "root" or log.begin["engine"] < 9}
    for path in sorted(log.files):
        folders = "metadata|pending|verify" + "|inputs/answers" * (not script.request)
        is_product = re.fullmatch(f"script.yaml|REHEARSAL|({folders})/.*|cards/[^/]+/[^/]+", path)
        is_twin = type(script.baseline) is Twin and path == script.baseline.path or path in asked
        check(is_product or is_twin or path in inputs, path, "is read or written by no ceremony of this script")
    check(not after.get("kept") or log.files.get(earlier) == after["root"], earlier, "is not what record 0 names")
    for base in sorted({path[: path.rindex("/") + 1] for path in log.files if path.startswith("cards/")}):
        place, mine, due = f"{base}card.json", {path for path in log.files if path.startswith(base)}, []
        check(place in mine, place, "is not there")
        card = read_printed(folder, place)
        keyholder, identity, keys, guid = fields(card, place, keyholder=str, identity=str, keys=list, guid=str)
        check(set(card) <= set(CARD.split()), place, "has other members than " + CARD)
        name = str(*fields(card, place, serial=int)) if "serial" in card else f"guid-{guid}"
        check(base == f"cards/{name}/" and identity == name, place, "is about another card than its folder")
        pins = {"record", card.get("serial")}
        owners = [who for who in script.pins if script.names[who] == keyholder and pins & {*script.pins[who]}]
        has_key = [who for who in owners if any(f"{base}{role}_pubkey.pem" in mine for role in script.roles_of(who))]
        who = (has_key + owners + [""])[0]
        step, known = script.step_of(who), {place}
        check(step, place, "is of a card that the script gives to others, or to nobody")
        is_so = "serial" not in card or (step, card["serial"]) in log.cards.serials
        check(is_so, place, f"has a serial that no card said in {step}")
        for role, rules in script.roles_of(who).items():
            path, attestation = f"{base}{role}_pubkey.pem", f"{base}{role}_attestation.pem"
            if path not in mine: continue
            text, made_in = read(folder, path).decode("utf-8", "replace"), f"{step}/generate-{role}"
            all_made = [value for own, value, at in made_keys(log, script) if own == text and made_in in at]
            check(all_made, path, f"is no {role} key that a card made in {step}")
            due.append({**rules["words"], "role": role, "attested": attestation in mine})
            if rules.get("discarded"): due[-1]["deleted"] = True
            known |= {path, *[attestation, f"{base}attestation_intermediate.pem"] * (attestation in mine)}
            holders.append((path, role, all_made[0]))
        is_so = canonical(keys) == canonical(due) and card.get("management-key", script.management) == script.management
        check(is_so, place, "says other things of its keys than the script and the files beside it")
        for path in sorted(mine - known): raise Wrong(f"{path}: is no file of this card")
    for role in [role for role in script.roles if root and "keyholders" in script.roles[role]]:
        kept = [script.kept_key(who, role) for who in script.roles[role]["keyholders"]]
        for keyid in {*script.named.get(role, ())} - {one[0] for one in kept if one}:
            count = sum(own == role and value == script.objects[keyid] for _, own, value in holders)
            count += len(keys_of(script.enrolled, keyid))
            check(count == 1, "cards", f"hold the {role} key {keyid[:8]} in {count} folders, and not in one")
    return holders
def sealed(log, more="", is_planned=False):
    """What the seal is called, its statement, and what is signed. more: another file that it names; is_planned: as if
    no root waited."""
    ending, subjects = log.body["ending"], {log.name: log.digest}
    for name in log.files:
        if name.startswith(("metadata/", "pending/")) or name == more:
            subjects[name.replace("pending/", "metadata/") if is_planned else name] = log.files[name]
    ending = "complete" if is_planned else ending
    statement = statement_of(subjects, ending, log.head, log.begin["rehearsal"], log.begin["engine"])
    return SEALED, statement, typed(SEALED, statement)
def statement_of(subjects, ending, head, is_rehearsal, engine):
    return canonical({
        "_type": "https://in-toto.io/Statement/v1", "predicateType": SEAL_TYPES[engine > 3],
        "predicate": {"ending": ending, "head": head, "rehearsal": is_rehearsal},
        "subject": [{"digest": {"sha256": subjects[name]}, "name": name} for name in sorted(subjects)],
    })
def is_unsealed(log, sealing, script):  # no card sealed it, and a second request may have it sealed
    is_held = log.body["ending"] != "aborted" and log.begin["engine"] > 7
    return bool(is_held and script.pending and not any(one[0] == "seal" for one in sealing.signatures))
def late_files(names):  # of a seal that came after the ceremony
    found = {name for name in names if name == "seal.dsse.json" or name.startswith("seals/")}
    return found if "seal.dsse.json" in names else set()
def check_late_seal(folder, log, sealing, script, keys, names, elsewhere):
    """The seal of a ceremony that ended without one, and the answers beside it, each judged anew."""
    path, (kind, statement, message), shown = "seal.dsse.json", sealed(log), {}
    if path not in names:
        return f"{path}: is not there", ["UNSEALED: no root key sealed this transcript; anybody could have written it"]
    payload, named, entries = read_printed(folder, path, payload=str, payloadType=str, signatures=list)
    check(named == kind and unbase64(payload, path) == statement, path, "seals another head, or other files")
    ring, warnings = {**(script.baseline.signers() if script.baseline else {}), **keys}, []
    pairs = [(keyid, unbase64(sig, path)) for keyid, sig in (only(e, path, keyid=str, sig=str) for e in entries)]
    check([k for k, _ in pairs] == sorted(dict(pairs)), path, "has signatures unsorted or twice by a key")
    for place in sorted(late_files(names) - {path}):
        data = read(folder, place)
        is_tar = data[257:262] == b"ustar"
        check(place == f"seals/{sha256(data)}.{'tar' if is_tar else 'json'}", place, "is not named by what is in it")
        if is_tar:
            found = elsewhere.seal_answer(folder, data, place, log, sealing, script, ring, statement)
        else:
            value = parse(data, place)
            check(len(data) <= 1 << 20, place, "is larger than 1 MiB")
            form = [{"keyid": str, "sig": str}]
            text, own, found = fields(value, place, payload=str, payloadType=str, signatures=form)
            check(own == kind and unbase64(text, place) == statement, place, "seals something else")
            found = [(one["keyid"], unbase64(one["sig"], place)) for one in found if one["sig"]]
        for keyid, sig in found:
            is_so = keyid in ring and ring[keyid].verifies(sig, message)
            check(is_so, place, f"has a signature by {keyid[:8]} that does not hold")
        check({*found} & {*pairs}, place, "has no signature that the seal has")
        for pair in {*found} & {*pairs}:
            shown[pair] = True
            why = f"warning SIGNATURE-UNWITNESSED: the seal by key {pair[0][:8]}, in {place}"
            warnings += [why] * (not is_tar)
    for pair in pairs:
        keyid = pair[0]
        is_so = keyid in ring and ring[keyid].verifies(pair[1], message)
        check(is_so, path, f"has a signature by {keyid[:8]} that does not hold")
        check(pair in shown, path, f"has a signature by {keyid[:8]} that came with no answer")
    waits, count = log.body["ending"] == "pending", len({*dict(pairs), *elsewhere.witnessed} if pairs else ())
    needed = 1 if waits else script.seal
    check(count >= needed, path, f"SEALED BY {count} OF {needed} root keys that the script wants")
    least = script.roles["root"]["threshold"]
    below = ["warning SEAL-BELOW-ROOT: fewer cards than the root's threshold could have written another transcript"]
    line = f"{path}: came later; {count} of the root's keys signed this head and these files; the script wants {needed}"
    return line, warnings + below * (count < least and not waits)
def check_seal(folder, log, sealing, keys, script, least, officials, witnessed=(), more=""):  # least: root's threshold
    path, (kind, statement, message) = "seal.dsse.json", sealed(log, more)
    before, threshold, waits = script.baseline, script.seal, log.body["ending"] == "pending"
    payload, named, signatures = read_printed(folder, path, payload=str, payloadType=str, signatures=list)
    check(named == kind and unbase64(payload, path) == statement, path, "seals another head, or other files")
    old = before.signers() if before else {}
    ring = {**old, **keys, **officials["administrator"], **officials["witness"]}
    sealers = check_signatures(path, "seal", message, signatures, unbase64, ring, sealing)
    seals = {*sealers, *witnessed} if {*sealers} & {*keys, *old} else {*sealers}  # without a seal here nobody sealed it
    count = len({*seals} & {*keys})
    if waits or script.pending:  # those of either side
        count, threshold = len({*seals} & {*keys, *old}), 1 if waits else threshold
    check(len(message) <= 1200, path, "is too long for a card")
    check(count >= threshold, path, f"SEALED BY {count} OF {threshold} root keys that the script wants")
    line = f"{path}: {count} of the root's keys signed this head and these files; the script wants {threshold}"
    if before and not waits and not script.pending:
        known, needed = sum(keyid in old for keyid in seals), before.threshold("root")
        check(known >= needed, path, f"SEALED BY {known} OF {needed} keys of the root before")
        line += f"; {known} of the root before, whose threshold is {needed}"
    missing = [person for person, own in officials.items() if own and not own.keys() & set(sealers)]
    below = ["warning SEAL-BELOW-ROOT: fewer cards than the root's threshold could have written another transcript"]
    missing = [f"warning SEAL-WITHOUT-OFFICIAL: the {person} has a card" for person in missing]
    return line, below * (count < least and not waits) + missing
def waiting_root(folder, log):  # of the ceremony before, with the signatures that it has
    path = "inputs/previous.root.json"
    check(path in log.files and log.files[path] == log.begin["after"]["root"], path, "is not what record 0 names")
    form = [{"keyid": "[!-~]+", "sig": EITHER_CASE}]
    signatures, signed = fields(parse(read(folder, path), path), path, signatures=form, signed=dict)
    check(len({one["keyid"] for one in signatures}) == len(signatures), path, "has two signatures that name one key")
    return path, signatures, signed
def check_waiting(folder, log, script):
    """The root that waits in the ceremony that is finished here: the script names it, its keys and its threshold."""
    path, _, signed = waiting_root(folder, log)
    check(sha256(canonical(signed)) == script.pending[1], "script.yaml", "names another root than the one that waits")
    script.asked = Asked(canonical(signed), script.baseline, path, log.begin["rehearsal"])
    check(script.asked.expires > log.at, path, "had expired when the ceremony began")
    role = script.roles["root"]
    kept = [(script.kept_key(who, "root") or [None])[0] for who in role["keyholders"]]
    is_so = (kept, role["threshold"]) == (signed["roles"]["root"]["keyids"], signed["roles"]["root"]["threshold"])
    check(is_so, "script.yaml", "names other keys of root, or another threshold, than the root that waits")
def check_withdrawn(folder, log, sealing, script):  # what the ceremony before left open is named, and who signed it
    after, words, waits = log.begin.get("after") or {"open": []}, {}, {*(script.pending or ())[1:]}
    if log.begin["engine"] < 8: return
    check("open" in after, f"{log.name} record 0", "does not say what the ceremony before this one left open")
    was_waiting = after["open"]  # of a first root the ceremony before says it; of another, that both follow one root
    if script.is_rotation: was_waiting = after.get("root", script.before[0][1]) != script.before[0][1]
    if was_waiting and not waits:
        (path, signatures, signed), before, names = waiting_root(folder, log), script.baseline, []
        message, old = canonical(signed), before.signers() if before else {}
        check(sha256(message) in script.withdrawn, path, "waits, and the script does not withdraw it")
        Asked(message, before, path, MARK in (before.root if before else signed))
        own = ring_of(signed["keys"], signed["roles"]["root"]["keyids"])
        for keyid, sig in ((one["keyid"], bytes.fromhex(one["sig"])) for one in signatures):
            key = {**old, **own}.get(keyid)
            check(key and key.verifies(sig, message), path, "has a signature of nobody, or one that does not hold")
            kept = [who for who in script.keyholders if (script.kept_key(who, "root") or " ")[0] == keyid]
            names.append(script.names[kept[0]] if kept else f"key {keyid[:8]}")
        sides = [(old, before.threshold("root"))] if before else []
        lacks = [max(0, least - len({keys[one["keyid"]].bytes for one in signatures if one["keyid"] in keys}))
                 for keys, least in (*sides, (own, signed["roles"]["root"]["threshold"]))]
        of_old = f"{lacks[0]} more by keys of the root before and " * bool(sides)
        words[sha256(message)] = (
            f"{', '.join(names) or 'Nobody'} {'have' if len(names) > 1 else 'has'} signed it. {of_old}"
            f"{lacks[-1]} more by its own complete it. Nothing recalls a signature.")
    check({*words, *waits} <= {*after["open"]}, f"{log.name} record 0", "does not say that what waited was left open")
    check({*after["open"]} <= {*script.withdrawn, *waits}, "script.yaml", "says nothing of what was left open before")
    unknown = "Who signed it is not known here. Nothing recalls a signature: with enough of them it is a root."
    so = [f"The payload {one} for this version is withdrawn. {words.get(one, unknown)}" for one in script.withdrawn]
    said = [one[:1000] for one in log.withdrawals + sealing.withdrawals]
    check(said == [one[:1000] for one in so], log.name, "says otherwise what is withdrawn, or who signed it")
def check_answer(folder, log, sealing, script):
    """A small ceremony that answers a request: exactly what was asked for, by whoever answers, on record and sealed."""
    name, digest = script.request
    place, engine = f"inputs/{name}", log.begin["engine"]
    check(engine > 6, "script.yaml", "answers a request, and came after this engine")
    check(log.files.get(place) == digest, place, "is not the file that the script pins")
    request = Request(read(folder, place), place)
    is_so = (request.body["engine"], request.body["rehearsal"]) == (engine, log.begin["rehearsal"])
    check(is_so, place, "is for another engine, or a rehearsal's for a real one")
    check((request.body["deadline"] or log.at) >= log.at, place, "was answered after its deadline")
    if request.is_signature or request.is_seal:
        script.asked = request.root(log.begin["rehearsal"], place)
        is_so = request.is_seal or script.asked.expires > log.at
        check(is_so, place, "asks for a signature over a root that had expired")
        if request.is_seal: request.check_seal(script.asked.signed["version"], place)
    keys, asked = {}, {person["keyid"] for person in request.people}
    for who in script.keyholders if script.asked else ():
        keyid, value = script.kept_key(who, "root") or (None, None)
        check(keyid in asked, "script.yaml", f"has no single key of {who} that the request asks")
        keys[keyid] = Key(value, "script.yaml")
        check(keys[keyid].algorithm, "script.yaml", f"signs with a key of {who} that no card has")
    is_so = script.asked or not script.kept and script.keyholders == [request.people[0]["id"]]
    check(is_so, "script.yaml", "answers for somebody else, or with a key that there was")
    for what in log.brought: raise Wrong(f"{what[0]}: takes in what came from elsewhere, in an answer")
    for *_, what in log.given_up: raise Wrong(f"{what}: gives something up, in an answer")
    check(log.twin is None and "twin" not in dict(log.payloads), log.name, "makes a twin, in an answer")
    is_so = not (log.begin.get("after") or {}).get("requests")
    check(is_so, f"{log.name} record 0", "names requests of another ceremony, and finishes none")
    path = f"pending/{script.asked.signed['version']}.root.json" if script.asked else log.name
    if request.is_seal: path = "pending/seal.dsse.json"
    what = ("asked-seal", typed(SEALED, request.payload)) if request.is_seal else ("root", request.payload)
    signed = {one[:2] for one in log.signatures
              if one[0] in ("root", "targets", "asked-seal") or may_be_delegated(one[0])}
    is_so = signed <= ({(what[0], sha256(what[1]))} if script.asked else set())
    check(is_so, path, "is not all that was signed as metadata")
    check_people(log, sealing, script)
    own = [one for one in log.files if one.startswith(("metadata/", "pending/"))]
    for one in own: check(one == path, one, "is no file of an answer")
    what_is = "a seal" if request.is_seal else "a signature" if script.asked else "a key"
    lines = [f"the answer to a request: {what_is}, by whoever was asked"]
    request.holders = check_products(folder, log, script, None)
    if request.is_seal:
        check(own, path, "is not there")
        text, kind, signatures = read_printed(folder, path, payload=str, payloadType=str, signatures=list)
        is_so = (kind, unbase64(text, path)) == (SEALED, request.payload)
        check(is_so, path, "seals something else than was asked for")
        signers = check_signatures(path, *what, signatures, unbase64, keys, log)
        check({*signers} == {*keys}, path, "has not exactly the signatures of those who answer")
    elif script.asked:
        check(own, path, "is not there")
        signatures, signed = read_printed(folder, path, signatures=list, signed=dict)
        check(canonical(signed) == request.payload, path, "has another signed part than was asked for")
        check(("root", request.payload) in log.payloads, path, "has a signed part that no payload record shows")
        signers = check_signatures(path, "root", request.payload, signatures, unhex, keys, log)
        check({*signers} == {*keys}, path, "has not exactly the signatures of those who answer")
    else:
        keys = {sha256(canonical(value)): Key(value, place) for place, _, value in request.holders}
        check(len(keys) == len(script.keyholders), "cards", "hold not exactly one key of everybody who answers")
        lines += check_proofs(log, script, NOBODY, {"root": request.body["largest"]}, None, request)[0]
    for keyid, key in keys.items():
        check(not key.is_exposed((log, sealing)), log.name, f"gives key {keyid[:8]} away: two signatures share r")
    is_so = log.body["keys"] == [] and log.body["ending"] == "complete"
    check(is_so, f"{log.name} record {log.count - 1}", "says where keys come from, or that an answer waits")
    seal, warnings = check_seal(folder, log, sealing, keys, script, 0, NOBODY, (), place)
    for part in (log, sealing): check(not part.initials, part.name, "has initials that a card signed, in an answer")
    warnings += ["warning SEALING-GIVEN-UP after the close"] * (sealing.body.get("ending") == "given-up")
    warnings += {"room": [], "stream": ["THE WITNESS WAS NOT IN THE ROOM"], "none": ["NO WITNESS"]}[script.watches]
    return [*lines, seal], warnings, request, script.asked.signed["keys"] if script.asked else {}
def check_files(folder, names, log, sealing, is_sealed, later):
    for path, digest in log.files.items():
        check(path in names and sha256(read(folder, path)) == digest, path, "is not what a record names")
    bound = {**log.files, log.name: log.digest, sealing.name: sealing.digest}
    late = ["seal.dsse.json"] * is_sealed + ["report.html"] * (log.begin["engine"] > 1)
    bound.update({path: sha256(read(folder, path)) for path in late})
    check(("REHEARSAL" in bound) == log.begin["rehearsal"], "REHEARSAL", "is there, or not, unlike record 0 says")
    supplied = {path: digest for path, digest in log.files.items() if path.startswith("verify/")}
    check(supplied == log.named, "verify", "is not what record 0 names")
    free = FREE[: 1 + log.begin["rehearsal"]]
    for path in sorted(names - {"SHA256SUMS", *bound, *later}):
        check(path.startswith(free), path, "is no file of ceremonies")
    sums = [f"{digest}  {path}\n" for path, digest in sorted(bound.items())]
    there = read(folder, "SHA256SUMS").decode("utf-8", "replace").splitlines(True)
    differing = [line[66:-1] for line in sums if line not in there] or ["the order or number of its lines"]
    check(there == sums, "SHA256SUMS", f"differs from the folder in {differing[0]}")
    return f"{len(bound)} files, all in SHA256SUMS; a record, the chain or the seal binds each but report.html"

def verify(folder, heard, known):
    """What was checked, warnings, and what ties it to others: root's digest and head; final head; and those of the one
    before. Raises Wrong at the first thing that does not hold. known: what to compare."""
    names = listing(folder)  # before anything is opened: a pipe would never end
    log = Log(folder, "transcript.jsonl", TRANSCRIPT_KINDS, "0" * 64)
    check(log.kind == "close", log.name, "has no close record: the ceremony did not end")
    engine, after = log.begin["engine"], log.begin.get("after")
    version, program = (log.begin["program"][name] for name in ("version", "sha256"))
    last, ending = f"{log.name} record {log.count - 1}", log.body["ending"]
    known += [("head", log.head), ("script", log.files["script.yaml"])]
    sealing = Log(folder, "sealing.jsonl", SEALING_KINDS, log.head, log.begin, log.room, log.exceptions, ending)
    final = sealing.head if sealing.kind == "end" else None
    known.insert(1, ("final head", final or "none: engine version 1 wrote no end record"))
    paths = sorted(log.files)
    known += [(path, log.files[path]) for path in paths if path.startswith("inputs/") or path.endswith(".root.json")]
    known.append((f"program {ascii(version)[1:-1]:.40}", program))
    known += [(f"{path}, as the project publishes it", log.named[path]) for path in sorted(log.named)]
    check(heard in ("", log.head, final), last, f"hashes to {log.head}, which is not the head that was heard")
    is_head = is_of(sealing.first, {"kind": "screen", "body": {"digests": [{"sha256": log.head}]}})
    check(is_head and len(sealing.first["body"]["digests"]) == 1, sealing.name, "does not begin with this head")
    step, steps = (canonical([sealing.screen[name]]) if name in sealing.screen else name for name in ("step", "steps"))
    is_last = step == steps  # where engine 1, which wrote no end record, stopped
    is_at_end = sealing.is_given_up or sealing.kind == "release" and is_last
    check(sealing.kind == "end" if engine > 1 else is_at_end, sealing.name, "ends before the ceremony does")
    has_seal = b"  seal.dsse.json\n" in read(folder, "SHA256SUMS") if "SHA256SUMS" in names else True
    try: waits = not has_seal and is_unsealed(log, sealing, Script(read(folder, "script.yaml")))
    except Wrong: waits = False  # said below
    is_sealed = ending != "aborted" and not waits
    files = check_files(folder, names, log, sealing, is_sealed, late_files(names) if waits else ())
    check(ending != "aborted", last, "the ceremony was given up (ABORTED): use nothing in this folder")
    script = Script(read(folder, "script.yaml"))
    check(script.version == 1 or engine > 3, "script.yaml", "is of a version that came after this engine")
    is_new = script.orphaned or script.is_sealed_elsewhere or {*script.roles} - {*FOUR}
    is_new = is_new or any({"delegations", "files"} & {*r} for r in script.roles.values())
    is_new = is_new or any(step["do"] in ("destroy", "preflight") for step in script.steps)
    check(not is_new or engine > 7, "script.yaml", "has names that came after this engine")
    has_once = any("once" in role or role.get("discarded") for role in script.roles.values())
    check(not has_once or engine > 8, "script.yaml", "has keys that are wiped or deleted, which came after this engine")
    renews = len(script.before) > 2 or {*script.roles} - {*FOUR} or any({"delegations", "files"} & {*r} for r in
        script.roles.values()) or any({*own} - {*FOUR} for own in script.kept.values() if type(own) is dict)
    is_so = engine > 8 or not (script.is_rotation and renews)
    check(is_so, "script.yaml", "says anew what is delegated, which came after this engine")
    linked = f"{log.count} + {sealing.count} records, each following from the one before; engine {engine}"
    said = {"": "compare the head with the one that was read aloud: nothing else says which ceremony this is",
            log.head: "the head is the one that was heard: binds the transcript; nothing binds what followed the close",
            final: "the final head is the one that was heard: it binds the transcript and what followed it"}[heard]
    if script.request:
        parts, warnings, request, root = check_answer(folder, log, sealing, script)
        ties = (log.files.get(root_path(log)), log.head), final, None, (log, sealing, request), root
        return [linked, said, files, *parts], warnings, (*ties, (([], None), ([], [])))
    is_late = not script.is_rotation and (script.pending or ending == "pending" or (after or {}).get("open"))
    check(not is_late or engine > 8, "script.yaml", "is of a first root that waited, which came after this engine")
    if engine > 3 and script.previous:  # a rehearsal may follow another
        is_it = after and {name: after[name] for name in ("root", "head")} == script.previous
        is_so = is_it or after and log.begin["rehearsal"]
        check(is_so, f"{log.name} record 0", "does not name the ceremony before this one that the script names")
    check(not script.is_rotation or engine > 5, "script.yaml", "goes on from a root, and came after this engine")
    for name, digest in script.before:
        check(log.files.get(f"inputs/{name}") == digest, f"inputs/{name}", "is not the file that the script pins")
    if script.is_rotation:
        is_so = not after or after["root"] == script.before[0][1] and script.head in (None, after["head"])
        is_so = is_so or engine > 7 and after["root"] != script.before[0][1]  # what waited after the same root
        if script.pending: is_so = after and after["head"] == script.pending[0]
        check(is_so, f"{log.name} record 0", "names another ceremony before this one than the script goes on from")
        script.baseline = Baseline(folder, script.before)
        script.online_bytes = {Key(value, "").bytes for value in online_keys(folder, log, script).values()}
        plays_on_twin = log.begin["rehearsal"] and MARK not in script.baseline.root
        if script.pending:  # no twin of a real root can have been signed before the ceremony that makes it
            if plays_on_twin: read(folder, f"twin/{script.baseline.root['version']}.root.json")
            check_waiting(folder, log, script)
        else: check_rotation(script, log.begin["rehearsal"], engine)
        check_withdrawn(folder, log, sealing, script)
        if plays_on_twin: script.baseline = Twin(folder, log, script, script.baseline)
    else:
        if script.pending:
            is_so = after and after["head"] == script.pending[0]
            check(is_so, f"{log.name} record 0", "names another ceremony before this one than the script finishes")
            check_waiting(folder, log, script)
        check_withdrawn(folder, log, sealing, script)
    is_none = log.twin is None and "twin" not in {e[0] for e in log.signatures} | {role for role, _ in log.payloads}
    check(is_none or type(script.baseline) is Twin, log.name, "makes a twin, and the ceremony plays on none")
    elsewhere = Elsewhere(folder, log, script)
    metadata, root, (keys, least), sizes = check_metadata(folder, log, sealing, script, elsewhere)
    check_people(log, sealing, script)
    metadata += check_discarded(log, script, last)
    officials = official_keys(check_products(folder, log, script, root), root, script.baseline)
    largest = len(sealed(log, "", True)[2])
    sizes.update({who: largest for who in OFFICIALS if engine > 4})  # also of one whose card was left out
    proofs, unproven, copied = check_proofs(log, script, officials, sizes, elsewhere)
    metadata += proofs
    for keyid, key in (entry for own in officials.values() for entry in own.items()):
        check(not key.is_exposed((log, sealing)), "cards", f"key {keyid[:8]} is given away: two signatures share r")
    if waits: seal, warnings = check_late_seal(folder, log, sealing, script, keys, names, elsewhere)
    else: seal, warnings = check_seal(folder, log, sealing, keys, script, least, officials, elsewhere.witnessed)
    warnings += elsewhere.warnings
    is_so = engine < 6 or log.body["keys"] == [*origins(script, root, unproven)]
    check(is_so, last, "says otherwise where the keys come from, and which were proven")
    warnings += [f"warning KEPT-KEY-UNPROVEN: nothing showed that the card of {who} still signs" for who in unproven]
    warnings += [f"warning FIRMWARE-COPYABLE: the kept key of {who} can be copied from its card" for who in copied]
    why = script.baseline and not script.pending and script.orphaned
    warnings += [f"warning TARGETS-ORPHANED: clients refuse the targets metadata that they have: {why}"] * bool(why)
    warnings += ["warning SEALING-GIVEN-UP after the close"] * (sealing.body.get("ending") == "given-up")
    for part in (log, sealing):
        for person, message, signature in part.initials:  # by the card of whoever gave them
            check_signatures(part.name, "initials", message, [signature], unhex, officials.get(person, {}), part)
    wiped = {body["keyholder"]: body for _, kind, _, body in sealing.deeds if kind == "wipe"}
    metadata += [f"card {one['card']} of {who}, whose key left: RESET, and then {len(one['empty'])} of its "
                 f"{len(SLOTS)} slots said that they are empty" for who, one in sorted(wiped.items())]
    left = [step["keyholder"] for step in script.steps if step["do"] == "destroy" and step["keyholder"] not in wiped]
    warnings += [f"warning CARD-NOT-WIPED: the card of {who} was to be wiped, and nothing shows that" for who in left]
    signed, given = len(log.initials) + len(sealing.initials), log.typed + sealing.typed
    metadata += [f"{signed} of {given} initials signed by the card of whoever gave them"] * bool(signed)
    made = f"script version {script.version}: roles, thresholds, keys, expiry and seal are what it and the cards make"
    before = (after["root"], after["head"]) if after else (script.before[0][1], script.head) if script.before else None
    asked, wrote = (after or {}).get("requests", []), {d for path, d in log.files.items() if path[:9] == "requests/"}
    left = [sha256(canonical(root)), *log.left, *script.withdrawn] if ending == "pending" else []
    if not script.pending and before and script.before and before[0] != script.before[0][1]: asked = None
    if not script.pending and not script.is_rotation and (after or {}).get("open"): asked = None
    named = asked, (after or {}).get("open")
    asked = named, (sorted({*(asked or []), *wrote}) if ending == "pending" else [], sorted({*left}))
    if ending == "pending": warnings.insert(0, "PENDING: the root waits for signatures, and no client takes it")
    ties = (log.files[root_path(log)], log.head), final, before, (log, sealing, None), root["keys"], asked
    return [linked, said, files, made, *metadata, seal], warnings, ties

def in_words(data):  # the digest of something, as a request has it
    lists, digest = [text.split() for text in PGP_WORDS], hashlib.sha256(data).digest()
    words = " ".join(lists[place % 2][byte] for place, byte in enumerate(digest))
    return {"sha256": digest.hex(), "words": words}
def spoken(arguments):  # the digest in hex or words; None for neither
    words = " ".join(arguments).lower().split()
    if len(words) == 1 and re.fullmatch("[0-9a-f]{64}", words[0]): return words[0]
    lists = [text.lower().split() for text in PGP_WORDS]
    if len(words) != 32 or any(word not in lists[place % 2] for place, word in enumerate(words)): return None
    return bytes(lists[place % 2].index(word) for place, word in enumerate(words)).hex()
def chain(newest, own, named, folders, asked):
    """Walks back by what each ceremony names, root and head: a line for each folder; one without a place is wrong."""
    lines, wanted, place, said = [], named, newest, {own: f"{newest}, which is not the newest, then"}
    while wanted:
        said[wanted] = f"the same ceremony as {place}"
        found = [f for f, ((root, head), *_) in folders.items() if (root, wanted[1] or head) == (wanted[0], head)]
        check(len(found) < 2, place, f"goes on from a root that several made: {', '.join(found)}")
        if not found: break
        (_, head), final, before, (names, wrote) = folders.pop(found[0])
        check(asked[0] in (None, wrote[0]), place, f"names other requests than those that {found[0]} wrote")
        check(asked[1] in (None, wrote[1]), place, f"says otherwise what {found[0]} left open for the next version")
        asked = names
        lines.append(f"{found[0]}: holds, and {place} names it, which binds head {head}, up to the close; "
                     f"what followed it only its final head binds: {final or 'none'}")
        wanted, place = before, found[0]
    for folder, (_, _, before, _) in folders.items():
        check(before not in said, folder, f"follows {said.get(before)}")
    wants = f"a ceremony before it that is none of these (root {wanted[0]})" if wanted else "no ceremony before it"
    check(not folders, place, f"names {wants}: {', '.join(folders)}")
    return lines + [f"{place} names a ceremony before it, whose folder was not given"] * bool(wanted)
def site(lead, request, head):  # what the lead knew of a ceremony that answered it elsewhere
    took = [place for place, *_, one in lead.brought if not one["codes"] and (one.get("made") or one)["head"] == head]
    check(request and took, "transcript.jsonl", f"has head {head}, and is no answer that was taken in")
    asked, number = request.body["head"], int(took[0].split()[-1])
    is_so = asked is None or request.digest in lead.begin.get("after", {}).get("requests", [])
    is_so = is_so or lead.heads.get(asked, number) < number
    check(is_so, "inputs/request.json", "names a head that was not there before the answer was taken in")
    heard = [f"heard by record {place.split()[-1]}" for place, _, one in lead.heards if one == head]
    return f"holds; taken in by record {number}, {(heard or ['NOBODY HEARD ITS HEAD'])[0]}"
def main(arguments):
    parts, flag = {"": [], "--after": [], "--with": [], "--head": []}, ""
    for argument in arguments:
        if argument in parts and argument: flag = argument
        else: parts[flag].append(argument)
    heard = spoken(parts["--head"]) if "--head" in arguments else ""
    folders = [*parts[""], *parts["--after"], *parts["--with"]]
    is_odd = any((flag in arguments) != bool(parts[flag]) for flag in ("--after", "--with")) or len(parts[""]) != 1
    if is_odd or heard is None or any(a[:1] in ("", "-") for a in folders): print(__doc__, file=sys.stderr); return 64
    folder = parts[""][0]
    try: is_rehearsal = [("REHEARSAL" in os.listdir(one)) for one in folders][0]
    except (OSError, ValueError) as error: print(f"{folder!r}: {error}", file=sys.stderr); return 66
    known, earlier, where = [], {}, ""
    try:
        (checked, warnings, (own, _, named, logs, keys, asked)), links = verify(folder, heard, known), []
        logs = logs[:2]
        for where in parts["--after"]:
            _, others, link = verify(where, "", [])
            is_sealed = not any(line.startswith("UNSEALED") for line in others)
            check(is_sealed, "seal.dsse.json", "is not there: UNSEALED, so anybody could have written this folder")
            check(link[0] not in [one for one, *_ in earlier.values()], where, "is of a ceremony that was given twice")
            earlier[where], logs = (*link[:3], link[5]), (*logs, *link[3][:2])
        for where in parts["--with"]:
            (_, head), *_, (*_, request), _, _ = verify(where, "", [])[2]
            links.append(f"{where}: {site(logs[0], request, head)}")
        where = ""
        for keyid, value in keys.items() if earlier else ():
            check(not Key(value, "").is_exposed(logs), f"key {keyid[:8]}", "is given away: two signatures share r")
        if earlier: links += chain(folder, own, named, earlier, asked[0])
        verdict = ["VERIFIED", *(f"  {line}" for line in [*checked, *links]), *warnings, NOT_CHECKED]
    except (Wrong, OSError) as wrong:
        verdict = ["NOT VERIFIED", "  " + ascii(f"{where}: " * bool(where) + str(wrong))[1:-1]]  # an attacker wrote it
    except Exception as error:  # what nobody thought of is no proof either
        verdict = ["NOT VERIFIED", f"  something here makes no sense: {error!a}"]
    print("REHEARSAL: nothing that comes out of it is to be trusted\n" * is_rehearsal, end="")
    if known: print("Compare these with what you know from elsewhere:")
    for name, digest in known: print(f"  {name}: {digest}")
    print("\n".join(verdict))
    if verdict[0] != "VERIFIED": return 1
    return 3 if warnings and warnings[0].startswith(("PENDING", "UNSEALED")) else 0

# The PGP word list (P. Juola, P. Zimmermann, 1995): of two syllables for even places, of three for odd ones.
PGP_WORDS = ("""
aardvark absurd accrue acme adrift adult afflict ahead aimless Algol allow alone ammo ancient apple artist assume Athens
atlas Aztec baboon backfield backward banjo beaming bedlamp beehive beeswax befriend Belfast berserk billiard bison
blackjack blockade blowtorch bluebird bombast bookshelf brackish breadline breakup brickyard briefcase Burbank button
buzzard cement chairlift chatter checkup chisel choking chopper Christmas clamshell classic classroom cleanup clockwork
cobra commence concert cowbell crackdown cranky crowfoot crucial crumpled crusade cubic dashboard deadbolt deckhand
dogsled dragnet drainage dreadful drifter dropper drumbeat drunken Dupont dwelling eating edict egghead eightball
endorse endow enlist erase escape exceed eyeglass eyetooth facial fallout flagpole flatfoot flytrap fracture framework
freedom frighten gazelle Geiger glitter glucose goggles goldfish gremlin guidance hamlet highchair hockey indoors
indulge inverse involve island jawbone keyboard kickoff kiwi klaxon locale lockup merit minnow miser Mohawk mural music
necklace Neptune newborn nightbird Oakland obtuse offload optic orca payday peachy pheasant physique playhouse Pluto
preclude prefer preshrunk printer prowler pupil puppy python quadrant quiver quota ragtime ratchet rebirth reform regain
reindeer rematch repay retouch revenge reward rhythm ribcage ringbolt robust rocker ruffled sailboat sawdust scallion
scenic scorecard Scotland seabird select sentence shadow shamrock showgirl skullcap skydive slingshot slowdown snapline
snapshot snowcap snowslide solo southward soybean spaniel spearhead spellbind spheroid spigot spindle spyglass stagehand
stagnate stairway standard stapler steamship sterling stockman stopwatch stormy sugar surmount suspense sweatband
swelter tactics talon tapeworm tempest tiger tissue tonic topmost tracker transit trauma treadmill Trojan trouble tumor
tunnel tycoon uncut unearth unwind uproot upset upshot vapor village virus Vulcan waffle wallet watchword wayside willow
woodlark Zulu
""", """
adroitness adviser aftermath aggregate alkali almighty amulet amusement antenna applicant Apollo armistice article
asteroid Atlantic atmosphere autopsy Babylon backwater barbecue belowground bifocals bodyguard bookseller borderline
bottomless Bradbury bravado Brazilian breakaway Burlington businessman butterfat Camelot candidate cannonball Capricorn
caravan caretaker celebrate cellulose certify chambermaid Cherokee Chicago clergyman coherence combustion commando
company component concurrent confidence conformist congregate consensus consulting corporate corrosion councilman
crossover crucifix cumbersome customer Dakota decadence December decimal designing detector detergent determine dictator
dinosaur direction disable disbelief disruptive distortion document embezzle enchanting enrollment enterprise equation
equipment escapade Eskimo everyday examine existence exodus fascinate filament finicky forever fortitude frequency
gadgetry Galveston getaway glossary gossamer graduate gravity guitarist hamburger Hamilton handiwork hazardous
headwaters hemisphere hesitate hideaway holiness hurricane hydraulic impartial impetus inception indigo inertia infancy
inferno informant insincere insurgent integrate intention inventive Istanbul Jamaica Jupiter leprosy letterhead liberty
maritime matchmaker maverick Medusa megaton microscope microwave midsummer millionaire miracle misnomer molasses
molecule Montana monument mosquito narrative nebula newsletter Norwegian October Ohio onlooker opulent Orlando
outfielder Pacific pandemic Pandora paperweight paragon paragraph paramount passenger pedigree Pegasus penetrate
perceptive performance pharmacy phonetic photograph pioneer pocketful politeness positive potato processor provincial
proximate puberty publisher pyramid quantity racketeer rebellion recipe recover repellent replica reproduce resistor
responsive retraction retrieval retrospect revenue revival revolver sandalwood sardonic Saturday savagery scavenger
sensation sociable souvenir specialist speculate stethoscope stupendous supportive surrender suspicious sympathy
tambourine telephone therapist tobacco tolerance tomorrow torpedo tradition travesty trombonist truncated typewriter
ultimate undaunted underfoot unicorn unify universe unravel upcoming vacancy vagabond vertigo Virginia visitor vocalist
voyager warranty Waterloo whimsical Wichita Wilmington Wyoming yesteryear Yucatan
""")

if __name__ == "__main__":
    for number in (signal.SIGPIPE, signal.SIGINT): signal.signal(number, signal.SIG_DFL)
    sys.exit(main(sys.argv[1:]))
