"""Somebody who holds some of the cards, and writes a finished folder anew: chained, signed and sealed again.

The keys are those of virtual cards, which a rehearsal leaves in `virtual-cards/`. What comes out is as whole as anybody
with these cards can make it: each link, exchange, signature and sum holds, so that a verifier has to see what is wrong.
"""
import base64
import copy
import hashlib
import json
import pathlib
import random
import re
import sys

import yaml
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

sys.path.append(str(pathlib.Path(__file__).parent.parent))
import sweep

ORDERS = {
    "ecdsa-p256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "ecdsa-p384": int("F" * 48 + "C7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973", 16),
}
CURVES = {"ecdsa-p256": (ec.SECP256R1, hashes.SHA256, 0x11), "ecdsa-p384": (ec.SECP384R1, hashes.SHA384, 0x14)}


# Records that state the one before them, and the type of what is signed of each.
STATED = {"proof": "application/vnd.tuf-ceremony.proof+json", "statement": "application/vnd.tuf-ceremony.initials+json"}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def canonical(value):
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, dict):
        return "{" + ",".join(f"{canonical(name)}:{canonical(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return json.dumps(value)


def printed(value):
    return json.dumps(value, sort_keys=True, indent=1, separators=(",", ": ")).encode() + b"\n"


def encoded(kind, payload):
    return f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload


def tlv(tag, value):
    length = len(value)
    head = bytes([length]) if length < 128 else bytes([0x82]) + length.to_bytes(2, "big")
    return bytes.fromhex(tag) + head + value


def with_nonce(algorithm, private, digest, nonce):
    """An ECDSA signature in DER over a digest, with a number that should have been random."""
    order = ORDERS[algorithm]
    r = ec.derive_private_key(nonce, CURVES[algorithm][0]()).public_key().public_numbers().x % order
    s = pow(nonce, -1, order) * (int.from_bytes(digest, "big") + r * private) % order
    return utils.encode_dss_signature(r, s)


class CardKey:
    """A private key that a virtual card holds, or that the forger made."""

    def __init__(self, algorithm="ed25519", private=None, slot=0x9C):
        self.slot, self.algorithm = slot, algorithm
        self.nonce = None  # of the next signatures, where a card draws badly; ECDSA only
        if algorithm == "ed25519":
            self.number = 0xE0
            self.private = ed25519.Ed25519PrivateKey.from_private_bytes(private) if private else None
            self.private = self.private or ed25519.Ed25519PrivateKey.generate()
            self.public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
            self.object = {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": self.public.hex()}}
        else:
            curve, self.hash, self.number = CURVES[algorithm]
            number = int.from_bytes(private, "big") if private else None
            self.private = ec.derive_private_key(number, curve()) if private else ec.generate_private_key(curve())
            key = self.private.public_key()
            self.public = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
            scheme = "ecdsa-sha2-nistp" + algorithm[-3:]
            self.object = {"keytype": "ecdsa", "scheme": scheme, "keyval": {"public": pem}}
        self.id = sha256(canonical(self.object).encode())

    @staticmethod
    def made(answer):
        """The id of a key that a card answered to GENERATE."""
        raw = answer[-32:] if len(answer) == 37 else answer[answer.index(b"\x86") + 2:]
        if len(raw) == 32:
            value = {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": raw.hex()}}
        else:
            curve, scheme = {65: (ec.SECP256R1, "256"), 97: (ec.SECP384R1, "384")}[len(raw)]
            key = ec.EllipticCurvePublicKey.from_encoded_point(curve(), raw)
            pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
            value = {"keytype": "ecdsa", "scheme": "ecdsa-sha2-nistp" + scheme, "keyval": {"public": pem}}
        return sha256(canonical(value).encode())

    def sign(self, message):
        if self.nonce:
            return with_nonce(self.algorithm, self.private.private_numbers().private_value, self.given(message), self.nonce)
        return self.private.sign(message) if self.number == 0xE0 else self.private.sign(message, ec.ECDSA(self.hash()))

    def given(self, message):
        return message if self.number == 0xE0 else hashlib.new(self.hash.name, message).digest()


class Cases(list):
    """What was forged, each of it in OUT/NUMBER, as [what, place]: in a full run every case, otherwise the first and about one
    of so many of the others by the seed."""

    def __init__(self, out, share=3):
        self.out, self.share, self.is_made = out, 1 if sweep.FULL else share, False
        self.dice = random.Random(f"{sweep.SEED} {pathlib.Path(sys.argv[0]).name} {sys.argv[4:5]}")

    def add(self, what, place, make):
        """Has a folder made and written, unless the sample leaves it out; its place where that is known only then."""
        self.is_made = self.dice.randrange(self.share) == 0 or not self
        if self.is_made:
            folder = make()
            folder.write(f"{self.out}/{len(self)}")
            self.append([what, place(folder) if callable(place) else place])

    def name(self, what):
        """What the last case is called."""
        if self.is_made:
            self[-1][0] = what


class Folder:
    def __init__(self, path):
        path = pathlib.Path(path)
        self.files = {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}
        self.transcript, self.sealing = (
            [json.loads(line) for line in self.files.get(name, b"").split(b"\n") if line]
            for name in ("transcript.jsonl", "sealing.jsonl"))
        self.keys = {}
        self.owners = {}  # ids of keyholders and officials, by key id: whoever had a card make the key
        provisioned = dict(re.findall(r"(?m)^ *- id: (\S+)\n *do: provision\n *keyholder: (\S+)", self.text))
        provisioned.update(re.findall(r"(?m)^ *- \{id: (\S+), do: provision, keyholder: (\S+?)[,}]", self.text))
        for command, answer in zip(self.transcript, self.transcript[1:]):
            if command["body"].get("apdu", "").startswith("004700") and answer["body"].get("sw") == "9000":
                key = CardKey.made(bytes.fromhex(answer["body"]["data"]))
                self.owners[key] = provisioned[command["step"].split("/")[0]]
        for record in self.transcript + self.sealing:  # of keys that no card made here
            if record["kind"] == "signature":
                self.owners.setdefault(record["body"]["keyid"], record["body"]["keyholder"])
        for name in sorted(self.files):
            if not re.match("virtual-cards/[0-9]", name):
                continue
            for slot, key in json.loads(self.files[name])["keys"].items():
                card = CardKey(key["algorithm"], bytes.fromhex(key["private"]), int(slot, 16))
                self.keys[card.id] = card
        self.is_said = False  # whether the close record says of keys what it says
        self.baseline = {"keys": {}}
        self.largest = 0  # bytes of a root that is another one; new keys prove that they sign as many
        self.sealed_by = []
        if self.path("root") in self.files:
            root = self.metadata("root")
            self.sealed_by = [keyid for keyid in root["roles"]["root"]["keyids"] if keyid in self.keys]
        self.original = dict(self.files)
        self.heads = {
            record["body"]["head"] for record in self.transcript + self.sealing if record["kind"] in STATED}

    def keep(self, baseline):
        """Takes over whose keys of the root before are kept, under the ids that they have there; whoever has one seals."""
        self.baseline = baseline
        people = yaml.safe_load(self.text)["keyholders"]
        for keyid, value in {**baseline["keys"], **self.metadata("root")["keys"]}.items():
            for key in list(self.keys.values()):
                if key.object["keyval"] == value["keyval"]:
                    self.owners[keyid] = self.owners.get(key.id, "nobody")
                    key.id, key.object = keyid, value
        self.keys = {key.id: key for key in self.keys.values()}
        for who, person in people.items():
            named = person.get("key", {})
            for digits in named.values() if isinstance(named, dict) else [named]:
                self.owners.update({keyid: who for keyid in baseline["keys"] if keyid.startswith(digits)})
        named = self.metadata("root")["roles"]["root"]["keyids"] + baseline["roles"]["root"]["keyids"]
        self.sealed_by = [keyid for keyid in dict.fromkeys(named) if keyid in self.keys]
        return self

    def path(self, role):
        """The newest file of a role."""
        found = [(int(name.split("/")[1].split(".")[0]), name) for name in self.files if name.endswith(f".{role}.json")
                 and name.startswith(("metadata/", "pending/"))]
        return max(found, default=(1, f"metadata/1.{role}.json"))[1]

    def of(self, *people, role="root"):
        """The keys of some people for a role, here or in the root before."""
        named = [*self.metadata("root")["roles"][role]["keyids"], *self.baseline["roles"][role]["keyids"]]
        return [self.keys[keyid] for keyid in dict.fromkeys(named) if self.owners.get(keyid) in people]

    def copy(self):
        return copy.deepcopy(self)

    def first(self, kind, last=False, **body):
        """Index of the first record of a kind with these members in its body."""
        found = [
            place for place, record in enumerate(self.transcript)
            if record["kind"] == kind and all(record["body"].get(name) == value for name, value in body.items())]
        return found[-1 if last else 0]

    def insert(self, records, place, log=None):
        """Puts records before a place; the rest of each is that of the record before it."""
        log = self.transcript if log is None else log
        before = log[max(place - 1, 0)]
        log[place:place] = [{**before, "kind": kind, "body": body} for kind, body in records]

    def exchange(self, key, message, signature=None):
        """A card is given a message, and answers with a signature."""
        data = tlv("7c", tlv("82", b"") + tlv("81", key.given(message)))
        apdu = bytes([0, 0x87, key.number, key.slot, 0]) + len(data).to_bytes(2, "big") + data
        answer = tlv("7c", tlv("82", signature or key.sign(message)))
        return [("command", {"apdu": apdu.hex()}), ("response", {"data": answer.hex(), "sw": "9000"})]

    def signature(self, key, role, message, keyholder=None, keyid=None):
        """The exchange and the record of a signature, and the signature."""
        signature, keyholder = key.sign(message), keyholder or self.owners.get(key.id, "ada")
        body = {"role": role, "keyholder": keyholder, "keyid": keyid or key.id, "sig": signature.hex(),
                "payload": sha256(message), "verified-by": ["libsodium"]}
        return self.exchange(key, message, signature) + [("signature", body)], signature

    def metadata(self, role):
        return json.loads(self.files[self.path(role)])["signed"]

    def replace(self, role, signed, keys, is_kept=False):
        """Another signed part, built before the old one's file is written, and signed by these keys alone.

        is_kept: whether what was signed before stays in the records."""
        message = canonical(signed).encode()
        if role == "root":
            self.largest = len(message)
        if not is_kept:
            self.transcript = [
                record for record in self.transcript
                if not (record["kind"] == "signature" and record["body"]["role"] == role)]
        path = self.path(role)
        place = self.first("write", path=path)
        version = int(path.split("/")[1].split(".")[0])
        records = [("payload", {
            "role": role, "version": version, "bytes": len(message), "sha256": sha256(message),
            "content": base64.b64encode(message).decode()})]
        signatures = []
        for keyid, key in sorted((key.id, key) for key in keys):
            more, signature = self.signature(key, role, message)
            records += more
            signatures.append({"keyid": keyid, "sig": signature.hex()})
        self.insert(records, place)
        self.files[path] = printed({"signatures": signatures, "signed": signed})
        return self

    def drop(self, role, message, keys, place):
        """Some sign a payload, which is given up then."""
        signers = [{"keyholder": self.owners[key.id], "keyid": key.id} for key in keys]
        self.insert([("dropped", {"role": role, "sha256": sha256(message), "signatures": signers, "why": "-"})], place)
        for key in keys:
            self.insert(self.signature(key, role, message)[0], place)
        return self

    def product(self, path, content, kind="write"):
        """A file more, and the record that names it."""
        place = self.first("write", path=self.path("root"))
        self.files[path] = content
        self.insert([(kind, {"path": path, "bytes": len(content), "sha256": sha256(content)})], place)
        return self

    def engine(self, version, has_proofs=None):
        """Calls the transcript another engine's, so that nothing is held again; those before 4 had no proofs of keys."""
        if not (version > 3 if has_proofs is None else has_proofs):
            self.transcript = [
                record for record in self.transcript
                if record["kind"] != "proof" and not (record["kind"] == "signature" and record["body"]["role"] == "proof")]
        if version < 6 and self.transcript[-1]["kind"] == "close":
            self.transcript[-1]["body"].pop("keys", None)
        if version < 5:  # whose folders had no verify/
            self.transcript[0]["body"].pop("verify", None)
            self.files = {path: data for path, data in self.files.items() if not path.startswith("verify/")}
            self.transcript = [
                record for record in self.transcript if not str(record["body"].get("path")).startswith("verify/")]
        for record in self.transcript + self.sealing:
            if record["kind"] in ("begin", "resume"):
                record["body"]["engine"] = version
                record["body"]["program"]["version"] = f"0.{version}.0"
        return self

    @property
    def text(self):
        return self.files["script.yaml"].decode("utf-8", "surrogateescape")

    def script(self, change):
        text = self.text
        changed = change(text)
        assert changed != text, "the script is the same"
        self.files["script.yaml"] = changed.encode("utf-8", "surrogateescape")
        return self

    def chain(self, name, records, previous):
        """Numbers and links the records; what states the record before it is stated and signed again."""
        lines, waiting, stated, before = [], records[::-1], None, {"record": -1, "head": "0" * 64}
        heads = {}  # of these lines, by what they were
        while waiting:
            waited = record = waiting.pop()
            body = record["body"]
            if record["kind"] in STATED and body.get("head") in self.heads:
                body = {**body, **before}
                if "script" in body:
                    body["script"] = self.transcript[0]["body"]["script"]["sha256"]
                if body.get("pad"):
                    # The number of a record may have one digit more now, and a proof is as long as before.
                    length = lambda: len(encoded(STATED["proof"], canonical(body).encode()))
                    is_of_root = record["step"].endswith("/prove-root") and self.largest
                    wanted = self.largest if is_of_root else len(encoded(STATED["proof"], canonical(record["body"]).encode()))
                    body["pad"] = ""
                    while length() < wanted:
                        body["pad"] += "0" * max(1, wanted - length() - 2)
                record, stated = {**record, "body": body}, encoded(STATED[record["kind"]], canonical(body).encode())
            elif stated and record["kind"] == "signature" and body.get("keyid") in self.keys:
                key, message = self.keys[body["keyid"]], stated
                signature, stated = key.sign(message), None
                body = {**body, "sig": signature.hex(), "payload": sha256(message)}
                waiting.append({**record, "body": body})
                command, answer = self.exchange(key, message, signature)
                waiting.append({**record, "kind": answer[0], "body": answer[1]})
                record = {**record, "kind": command[0], "body": command[1]}
            if record["kind"] == "write" and str(record["body"].get("path")).startswith("requests/"):
                record = {**record, "body": self.asking(record["body"], heads)}
            lines.append(canonical({**record, "seq": len(lines), "prev": previous}).encode())
            previous = heads[sha256(canonical(waited).encode())] = sha256(lines[-1])
            if record["kind"] not in ("interruption", "resume", "mirror"):
                before = {"record": len(lines) - 1, "head": previous}
        self.files[name] = b"".join(line + b"\n" for line in lines)
        return previous

    def asking(self, body, heads):
        """A request names the head so far, which is another one now."""
        try:
            request = json.loads(self.files[body["path"]])
            request["head"] = heads[request["head"]]
        except (KeyError, TypeError, ValueError):
            return body
        text = self.files[body["path"]].decode()
        self.files[body["path"]] = re.sub('"head":"[0-9a-f]{64}"', f'"head":"{request["head"]}"', text).encode()
        return {**body, "sha256": sha256(self.files[body["path"]]), "bytes": len(self.files[body["path"]])}

    def origins(self):
        """Where each key of the root comes from, as the close record has it."""
        script, roles, names = yaml.safe_load(self.text), self.metadata("root")["roles"], {}
        for role in ("root", "snapshot", "targets", "timestamp"):
            for keyid in roles[role]["keyids"]:
                names.setdefault(keyid, []).append(role)
        offline = {role for role in script["roles"] if "keyholders" in script["roles"][role]}
        shown = {record["body"]["keyid"] for record in self.transcript
                 if record["kind"] == "proof" and record["body"]["purpose"] == "kept"}
        kept, elsewhere = {}, self.elsewhere()
        known = {**self.baseline["keys"], **(self.metadata("root")["keys"] if "\n  pending:" in self.text else {})}
        for who, person in script["keyholders"].items():
            digits = person.get("key", {})
            digits = digits.values() if isinstance(digits, dict) else [digits]
            own = {keyid for keyid in known for text in digits if keyid.startswith(text)}
            kept.update({keyid: own <= shown or bool(own & elsewhere) for keyid in own})
        for keyid, own in names.items():
            people = zip(script["roles"]["root"]["keyholders"], roles["root"]["keyids"])
            is_enrolled = any(keyid == other and "enrol" in script["keyholders"][who] for who, other in people)
            origin = "kept" if keyid in kept else "enrolled" if is_enrolled else "made" if offline & {*own} else "online"
            proven = {"proven": kept[keyid]} if keyid in kept else {}
            yield {"keyid": keyid, "roles": own, "origin": origin, **proven}

    def elsewhere(self):
        """Ids of keys whose signatures came from elsewhere, or stood under a root that waited."""
        waited = json.loads(self.files.get("inputs/previous.root.json", b"{}"))
        ids = {entry["keyid"] for entry in waited.get("signatures", [])} if "\n  pending:" in self.text else set()
        return ids | {one["keyid"] for record in self.transcript if record["kind"] == "delivery"
                      for one in record["body"]["signatures"] if not one["codes"]}

    def finish(self, sealers=None):
        """Names every file by what it is now, chains, and has the root keys given here (all of them) seal."""
        self.transcript[0]["body"]["script"]["sha256"] = sha256(self.files["script.yaml"])
        for record in self.transcript:
            path = record["body"].get("path") if record["kind"] in ("read", "write") else None
            if path in self.files and self.files[path] != self.original.get(path):
                record["body"].update(sha256=sha256(self.files[path]), bytes=len(self.files[path]))
        close = self.transcript[-1]["body"]
        if "keys" in close and close["keys"] and not self.is_said:
            try:
                close["keys"] = list(self.origins())
            except (AttributeError, KeyError, TypeError, ValueError, yaml.YAMLError):
                pass  # of a root or a script that is none
        head = self.head = self.chain("transcript.jsonl", self.transcript, "0" * 64)
        metadata = {path: data for path, data in self.files.items()
                    if path.startswith(("metadata/", "pending/")) or path == "inputs/request.json"}
        ending = "pending" if close.get("ending") == "pending" else "complete"
        subjects = {**metadata, "transcript.jsonl": self.files["transcript.jsonl"]}
        statement = canonical({
            "_type": "https://in-toto.io/Statement/v1", "predicateType": self.predicate,
            "predicate": {"ending": ending, "head": head, "rehearsal": self.transcript[0]["body"]["rehearsal"]},
            "subject": [{"name": name, "digest": {"sha256": sha256(subjects[name])}} for name in sorted(subjects)],
        }).encode()
        message = encoded("application/vnd.in-toto+json", statement)
        is_seal = lambda record: record["kind"] == "signature" and record["body"]["role"] == "seal"
        place = next((place for place, record in enumerate(self.sealing) if is_seal(record)), len(self.sealing) - 1)
        sealing = [record for record in self.sealing if not is_seal(record)]
        if sealing and sealing[0]["body"].get("digests"):
            sealing[0]["body"]["digests"] = [{"label": "head", "sha256": head, "words": []}]
        signatures = []
        for keyid in sorted(self.sealed_by if sealers is None else sealers):
            records, signature = self.signature(self.keys[keyid], "seal", message)
            self.insert(records, place, sealing)
            signatures.append({"keyid": keyid, "sig": base64.b64encode(signature).decode()})
        self.final = self.chain("sealing.jsonl", sealing, head)
        if "seal.dsse.json" in self.files:
            self.files["seal.dsse.json"] = printed({
                "payload": base64.b64encode(statement).decode(), "payloadType": "application/vnd.in-toto+json",
                "signatures": signatures})
        return self.sum()

    @property
    def predicate(self):
        """By the engine that the transcript says made it."""
        engine = self.transcript[0]["body"].get("engine")
        is_new = type(engine) is int and engine > 3
        return "https://w3id.org/tuf-ceremony/transcript-seal/v1" if is_new else "urn:tuf-ceremony:transcript-seal:1"

    def sum(self):
        self.files["SHA256SUMS"] = b"".join(
            f"{sha256(data)}  {path}\n".encode() for path, data in sorted(self.files.items())
            if path != "SHA256SUMS" and not path.startswith(("virtual-cards/", "annex/")))
        return self

    def write(self, path):
        path = pathlib.Path(path)
        for name, data in self.files.items():
            if not name.startswith("virtual-cards/"):
                (path / name).parent.mkdir(parents=True, exist_ok=True)
                (path / name).write_bytes(data)
