#!/usr/bin/env python3
"""Makes repositories as other tools write them, each with the right verdict.

usage: foreign.py FOLDER

FOLDER/NAME holds one repository each, as a file server has it; FOLDER/table.json lists them: `made` by which tool,
`right` the exit code that `tuf-audit verify` owes, `client` what python-tuf's client does when it refreshes from
1.root.json and looks for `target` (`ok` or `refuses`), `section` why both may differ (else null).
Metadata is current from now on for a year. Needs `cryptography`, `securesystemslib` and `tuf`.
"""

import datetime
import hashlib
import json
import pathlib
import sys
import urllib.parse

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from securesystemslib.formats import encode_canonical
from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api import metadata as api

NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
GOOD, PAST = NOW + datetime.timedelta(days=365), NOW - datetime.timedelta(days=9)
TARGET = "apps/one"


def when(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Key:
    """A key with its object, its id by `rule`, and a way to sign."""

    def __init__(self, kind="ed25519", scheme=None, rule="whole", form=None, salt=32, **fields):
        self.kind, self.salt = kind, salt
        self.secret = {
            "ed25519": ed25519.Ed25519PrivateKey.generate, "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
            "p384": lambda: ec.generate_private_key(ec.SECP384R1()), "rsa": lambda: rsa.generate_private_key(65537, 2048),
            "ml44": mldsa.MLDSA44PrivateKey.generate, "ml65": mldsa.MLDSA65PrivateKey.generate,
            "ml87": mldsa.MLDSA87PrivateKey.generate,
        }[kind]()
        key = SSlibKey.from_crypto(self.secret.public_key(), scheme=scheme)
        self.object = {"keytype": key.keytype, "scheme": key.scheme, "keyval": dict(key.keyval)} | fields
        if form == "hex":
            point = self.secret.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            self.object["keyval"]["public"] = point.hex()
        if form == "ed25519 in PEM":
            pem = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(
                Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            self.object["keyval"]["public"] = pem.decode()
        part = {name: self.object[name] for name in ("keytype", "scheme", "keyval")}
        if rule == "without last line feed":
            part["keyval"] = {"public": part["keyval"]["public"].rstrip("\n")}
        if rule == "without scheme":
            del part["scheme"]
        part = self.object if rule == "whole" else part
        self.id = hashlib.sha256(encode_canonical(part).encode()).hexdigest()

    def sign(self, message):
        if self.kind == "ed25519":
            sig = self.secret.sign(message)
        elif self.kind in ("p256", "p384"):
            sig = self.secret.sign(message, ec.ECDSA(hashes.SHA256() if self.kind == "p256" else hashes.SHA384()))
        elif self.kind == "rsa" and "pss" in self.object["scheme"]:
            sig = self.secret.sign(message, padding.PSS(padding.MGF1(hashes.SHA256()), self.salt), hashes.SHA256())
        elif self.kind == "rsa":
            sig = self.secret.sign(message, padding.PKCS1v15(), hashes.SHA256())
        else:
            sig = self.secret.sign(b"tuf\1" + hashlib.sha512(message).digest())
        return {"keyid": self.id, "sig": sig.hex()}


def role(keys, threshold=1, **fields):
    return {"keyids": [key.id for key in keys], "threshold": threshold} | fields


class Repository:
    """Hand-written: one or more roots, timestamp, snapshot, targets, and `apps`, which targets delegates to."""

    def __init__(self, root=None, online=None, threshold=None, consistent=True, delegated=("apps",)):
        self.root_keys = root or [Key(), Key()]
        self.threshold = threshold or len(self.root_keys)
        self.online, self.delegated_key = online or Key(), Key()
        self.consistent, self.delegated = consistent, list(delegated)
        self.edits, self.signers, self.rewrites, self.signatures = {}, {}, {}, {}
        self.roots = {1: None}

    def edit(self, name, change):
        """Changes the signed part of `N.root` or of a role before it is signed."""
        self.edits.setdefault(name, []).append(change)
        return self

    def rewrite(self, name, change):
        """Changes the bytes of a file before others name it."""
        self.rewrites[name] = change
        return self

    def sign_by(self, name, keys):
        self.signers[name] = keys
        return self

    def append(self, name, *signatures):
        """More entries of `signatures`."""
        self.signatures.setdefault(name, []).extend(signatures)
        return self

    def header(self, kind, version=1, expires=GOOD):
        return {"_type": kind, "spec_version": "1.0.31", "version": version, "expires": when(expires)}

    def root(self, version):
        signed = self.header("root", version) | {"consistent_snapshot": self.consistent}
        keys = self.root_keys + [self.online]
        signed["keys"] = {key.id: key.object for key in keys}
        signed["roles"] = {"root": role(self.root_keys, self.threshold)} | {
            name: role([self.online]) for name in ("timestamp", "snapshot", "targets")}
        return signed

    def envelope(self, name, signed, keys):
        for change in self.edits.get(name, []):
            signed = change(signed) or signed
        message = encode_canonical(signed).encode()
        signatures = [key.sign(message) for key in self.signers.get(name, keys)] + self.signatures.get(name, [])
        data = json.dumps({"signatures": signatures, "signed": signed}, indent=1).encode()
        return self.rewrites.get(name, lambda data: data)(data)

    def meta(self, data, version=1):
        return {"version": version, "length": len(data), "hashes": {"sha256": hashlib.sha256(data).hexdigest()}}

    def files(self):
        prefix = "1." if self.consistent else ""
        files = {f"{n}.root.json": self.envelope(f"{n}.root", self.root(n), self.root_keys) for n in self.roots}
        metas = {}
        for name in self.delegated:
            data = self.envelope(name, self.header("targets") | {"targets": {}}, [self.delegated_key])
            files[f"{prefix}{name}.json"], metas[f"{name}.json"] = data, self.meta(data)
        signed = self.header("targets") | {"targets": {}}
        if self.delegated:
            signed["delegations"] = {
                "keys": {self.delegated_key.id: self.delegated_key.object},
                "roles": [role([self.delegated_key], name=name, terminating=False, paths=["apps/*"])
                          for name in self.delegated]}
        data = self.envelope("targets", signed, [self.online])
        files[f"{prefix}targets.json"], metas["targets.json"] = data, self.meta(data)
        data = self.envelope("snapshot", self.header("snapshot") | {"meta": metas}, [self.online])
        files[f"{prefix}snapshot.json"] = data
        signed = self.header("timestamp") | {"meta": {"snapshot.json": self.meta(data)}}
        files["timestamp.json"] = self.envelope("timestamp", signed, [self.online])
        return files


class PythonTUF:
    """By python-tuf's own classes and signers."""

    def __init__(self, consistent=True, roots=1, bins=False, name="apps", threshold=1):
        self.consistent, self.count, self.bins, self.name, self.threshold = consistent, roots, bins, name, threshold
        self.expires = {}

    def expire(self, name):
        self.expires[name] = PAST
        return self

    def files(self):
        signers = {name: CryptoSigner.generate_ed25519() for name in ("root", "online", "targets", "apps")}
        files, previous = {}, None
        for number in range(1, self.count + 1):
            if number > 1:
                previous, signers["root"] = signers["root"], CryptoSigner.generate_ecdsa()
            root = api.Root(version=number, expires=self.expires.get(f"{number}.root", GOOD),
                            consistent_snapshot=self.consistent)
            for name in ("root", "timestamp", "snapshot", "targets"):
                signer = signers.get(name, signers["online"])
                root.add_key(signer.public_key, name)
            root.roles["targets"].threshold = self.threshold
            if self.threshold > 1:
                root.add_key(CryptoSigner.generate_ed25519().public_key, "targets")
            files[f"{number}.root.json"] = self.signed(root, *filter(None, [signers["root"], previous]))
        delegated = api.Targets(expires=self.expires.get("apps", GOOD))
        if self.bins:
            names = [f"bin-{n}" for n in range(4)]
            roles = {"succinct_roles": api.SuccinctRoles([], 1, 2, "bin")}
        else:
            names = [self.name]
            roles = {"roles": {self.name: api.DelegatedRole(self.name, [], 1, False, paths=["apps/*"])}}
        targets = api.Targets(expires=self.expires.get("targets", GOOD), delegations=api.Delegations({}, **roles))
        targets.add_key(signers["apps"].public_key, None if self.bins else self.name)
        snapshot = api.Snapshot(expires=self.expires.get("snapshot", GOOD))
        prefix = "1." if self.consistent else ""
        for name, signed, signer in [(n, delegated, signers["apps"]) for n in names] + [
                ("targets", targets, signers["targets"])]:
            data = self.signed(signed, signer)
            files[f"{prefix}{name}.json"] = data
            snapshot.meta[f"{name}.json"] = api.MetaFile.from_data(1, data, ["sha256", "sha512"])
        data = self.signed(snapshot, signers["online"])
        files[f"{prefix}snapshot.json"] = data
        timestamp = api.Timestamp(expires=self.expires.get("timestamp", GOOD))
        timestamp.snapshot_meta = api.MetaFile.from_data(1, data, ["sha256"])
        files["timestamp.json"] = self.signed(timestamp, signers["online"])
        return files

    def signed(self, signed, *signers):
        metadata = api.Metadata(signed)
        for signer in signers:
            metadata.sign(signer, append=True)
        return metadata.to_bytes()


def put(*path, value=None):
    """An edit that sets, or without a value removes, one place."""
    def change(signed):
        place = signed
        for name in path[:-1]:
            place = place[name]
        if value is None:
            del place[path[-1]]
        else:
            place[path[-1]] = value
    return change


def on_ci(repository):
    """The fields and placeholders of tuf-on-ci."""
    def root(signed):
        signed |= {"x-tuf-on-ci-expiry-period": 365, "x-tuf-on-ci-signing-period": 60}
        for name in ("timestamp", "snapshot"):
            signed["roles"][name] |= {"x-tuf-on-ci-expiry-period": 4, "x-tuf-on-ci-signing-period": 2}
    for key in repository.root_keys:
        key.object["x-tuf-on-ci-keyowner"] = "@someone"
        key.id = hashlib.sha256(encode_canonical(key.object).encode()).hexdigest()
    return repository.edit("1.root", root)


def rotated(version=2, sign_old=True, **options):
    """Two roots of different keys."""
    repository = Repository(**options)
    old, new = repository.root_keys, [Key(), Key()]
    repository.roots = {1: None, version: None}
    name = f"{version}.root"

    def change(signed):
        for key in old:
            del signed["keys"][key.id]
        signed["keys"] |= {key.id: key.object for key in new}
        signed["roles"]["root"] = role(new, 2)
    repository.edit(name, change).sign_by(name, new + (old if sign_old else []))
    return repository


# Rotations of the root as TUF §5.3.4 has them: for each version who holds a key, the threshold, and who signs.
ROTATIONS = {
    "other-signers-each-time": ["abcde 3 ace", "abcde 3 bcd", "abcde 3 abe"],
    "everybody-signs": ["abc 2 abc", "abc 2 abc"],
    "one-of-one-replaced": ["a 1 a", "b 1 ab", "b 1 b"],
    "one-of-five-replaced-by-shared-signers": ["abcde 3 abc", "abcdf 3 abd"],
    "one-of-five-replaced-by-the-new-one-too": ["abcde 3 ace", "abcdf 3 acef"],
    "all-replaced-at-once": ["abc 2 ab", "def 2 abde", "def 2 ef"],
    "all-replaced-one-by-one": ["ab 1 a", "bc 1 b", "cd 1 c", "de 1 d"],
    "threshold-raised": ["abc 1 a", "abc 2 ab", "abc 3 abc"],
    "threshold-lowered": ["abc 3 abc", "abc 1 abc", "abc 1 b"],
    "holder-added-with-the-threshold": ["a 1 a", "ab 2 ab"],
    "holder-removed": ["abc 2 ab", "ab 2 ab"],
    "strangers-sign-beside": ["a 1 xay", "b 1 xbay", "b 1 xby"],
    "back-to-the-first": ["a 1 a", "b 1 ab", "a 1 ab", "a 1 a"],
    "old-side-missing": ["a 1 a", "b 1 bxy"],
    "new-side-missing": ["a 1 a", "b 1 axy"],
    "new-side-one-short": ["abcde 3 ace", "abdfg 3 acef"],
    "old-side-one-short": ["abcde 3 ace", "abdfg 3 abfg"],
    "raised-threshold-unmet": ["abc 1 a", "abc 2 b"],
    "lowered-threshold-of-the-old-unmet": ["abc 2 ab", "abc 1 c"],
    "unmet-in-the-last-of-four": ["ab 1 a", "ab 2 ab", "ab 2 ab", "ab 2 b"],
    "unmet-in-the-second-of-four": ["ab 2 ab", "ab 2 a", "ab 1 ab", "ab 1 b"],
    "first-short": ["abc 2 a", "abc 2 ab"],
    "gap-that-a-shared-holder-does-not-fill": ["ab 2 ab", "bc 2 bc", "cd 2 bcd"],
}


def rotations():
    """Rows of the table; each root counts where both thresholds are met, its own and that of the one before."""
    for name, roots in ROTATIONS.items():
        ring = {letter: Key() for letter in "abcdefgxy"}
        repository, before, is_fine = Repository(), [], True
        repository.roots = dict.fromkeys(range(1, len(roots) + 1))
        for version, root in enumerate(roots, 1):
            holders, threshold, signers = root.split()

            def change(signed, old=repository.root_keys, holders=holders, threshold=int(threshold), ring=ring):
                for key in old:
                    del signed["keys"][key.id]
                signed["keys"] |= {ring[letter].id: ring[letter].object for letter in holders}
                signed["roles"]["root"] = role([ring[letter] for letter in holders], threshold)
            repository.edit(f"{version}.root", change).sign_by(f"{version}.root", [ring[letter] for letter in signers])
            sides, before = [*before, (holders, int(threshold))], [(holders, int(threshold))]
            is_fine &= all(len(set(of) & set(signers)) >= least for of, least in sides)
        yield f"rotation-{name}", "hand-written", repository, 0 if is_fine else 1, "ok" if is_fine else "refuses", None


def two_ids():
    key = Key()
    twin = Key()
    twin.secret, twin.object = key.secret, key.object | {"x-twin": True}
    twin.id = hashlib.sha256(encode_canonical(twin.object).encode()).hexdigest()
    return Repository(root=[key, twin])


def strange_key():
    repository = Repository()
    strange = {"keytype": "sigstore-oidc", "scheme": "Fulcio", "keyval": {"identity": "a@example.org", "issuer": "x"}}
    keyid = hashlib.sha256(encode_canonical(strange).encode()).hexdigest()

    def change(signed):
        signed["keys"][keyid] = strange
        signed["roles"]["root"]["keyids"].append(keyid)
    return repository.edit("1.root", change).append("1.root", {"keyid": keyid, "sig": "00"})


def sick_then_well():
    repository = Repository()
    repository.roots = {1: None, 2: None, 3: None}
    return repository.edit("2.root", put("roles", "snapshot", "threshold", value=2))


def sick_sibling():
    def change(signed):
        sick = dict(signed["delegations"]["roles"][0], name="sick", paths=["sick/*"], threshold=2)
        signed["delegations"]["roles"].append(sick)
    return Repository().edit("targets", change)


def placeholder(count, threshold):
    repository = Repository(root=[Key(), Key(), Key()], threshold=threshold)
    on_ci(repository).sign_by("1.root", repository.root_keys[:count])
    return repository.append("1.root", *({"keyid": key.id, "sig": ""} for key in repository.root_keys[count:]))


def beside(key, count=2):
    """Root keys of which `key` is one, and `count` others sign, too."""
    return Repository(root=[*(Key() for _ in range(count)), key], threshold=count)


def without(name, repository):
    files = repository.files()
    del files[name]
    return files


# TUF leaves the length of the salt to the scheme (RFC 8017 §9.1.2); one as long as the digest is what most clients take.
SALT = "RFC 8017 §9.1.2"


def table():
    """name, made by, the files, right exit code, what the client does, and where both differ the section."""
    ok, refuses = "ok", "refuses"
    hand, tuf, ssl, ci = "hand-written", "python-tuf", "securesystemslib", "tuf-on-ci"
    stranger = Key()
    return [
        ("plain", tuf, PythonTUF(), 0, ok, None),
        ("no-versions-in-names", tuf, PythonTUF(consistent=False), 0, ok, None),
        ("three-roots", tuf, PythonTUF(roots=3), 0, ok, None),
        ("bins", tuf, PythonTUF(bins=True), 0, ok, None),
        ("role-with-slash", tuf, PythonTUF(name="apps/stable"), 0, ok, None),
        ("role-like-a-version", tuf, PythonTUF(consistent=False, name="1.a"), 0, ok, None),
        ("expired-timestamp", tuf, PythonTUF().expire("timestamp"), 1, refuses, None),
        ("expired-snapshot", tuf, PythonTUF().expire("snapshot"), 1, refuses, None),
        ("expired-targets", tuf, PythonTUF().expire("targets"), 1, refuses, None),
        ("expired-delegated", tuf, PythonTUF().expire("apps"), 1, refuses, None),
        ("expired-root", tuf, PythonTUF().expire("1.root"), 1, refuses, None),
        ("expired-first-of-two-roots", tuf, PythonTUF(roots=2).expire("1.root"), 0, ok, None),
        ("targets-one-of-two", tuf, PythonTUF(threshold=2), 1, refuses, None),
        ("rsa-pss", ssl, Repository(root=[Key("rsa")]), 0, ok, None),
        ("rsa-pkcs1", ssl, Repository(root=[Key("rsa", "rsa-pkcs1v15-sha256")]), 0, ok, None),
        ("rsa-pss-salt-20", ssl, Repository(root=[Key("rsa", salt=20)]), 1, ok, SALT),
        ("rsa-pss-salt-0", ssl, Repository(root=[Key("rsa", salt=0)]), 1, ok, SALT),
        ("rsa-pss-salt-222", ssl, Repository(root=[Key("rsa", salt=222)]), 1, ok, SALT),
        ("p256", ssl, Repository(root=[Key("p256")]), 0, ok, None),
        ("p384", ssl, Repository(root=[Key("p384")]), 0, ok, None),
        ("ml-dsa-65", ssl, Repository(root=[Key("ml65")]), 0, ok, None),
        ("ml-dsa-87", ssl, Repository(root=[Key("ml87")], online=Key("ml87")), 0, ok, None),
        ("ml-dsa-44-beside-others", ssl, beside(Key("ml44")), 0, ok, None),
        ("ml-dsa-44-alone", ssl, Repository(root=[Key("ml44")]), 1, ok,
         "TAP 21: a scheme that is not checked here cannot be called valid"),
        ("ml-dsa-65-by-another-key", ssl, Repository(root=[Key("ml65")]).sign_by("1.root", []).append(
            "1.root", {"keyid": "00" * 32, "sig": "00" * 3309}), 1, refuses, None),
        ("key-ids-of-parts", ssl, Repository(root=[Key(rule="part", **{"x-note": "a"})]), 0, ok, None),
        ("key-ids-without-last-line-feed", ssl, Repository(
            root=[Key("p256", rule="without last line feed")]), 0, ok, None),
        ("key-ids-without-scheme", hand, Repository(root=[Key(rule="without scheme")]), 0, ok, None),
        ("hex-point", hand, Repository(root=[Key("p256", form="hex")]), 1, refuses, None),
        ("ed25519-where-p256-belongs", hand, beside(Key("p256", form="ed25519 in PEM")), 0, ok, None),
        ("ed25519-where-p256-belongs-alone", hand, Repository(
            root=[Key("p256", form="ed25519 in PEM")]), 1, refuses, None),
        ("strange-key", hand, strange_key(), 0, refuses,
         "§4.2: other key types are allowed, and the threshold is met without this one"),
        ("fields-and-placeholders", ci, placeholder(2, 2), 0, ok, None),
        ("placeholder-where-a-signature-is-needed", ci, placeholder(1, 2), 1, refuses, None),
        ("compact", hand, Repository().rewrite(
            "targets", lambda data: json.dumps(json.loads(data), separators=(",", ":")).encode()), 0, ok, None),
        ("no-digests", hand, Repository().edit("timestamp", put(
            "meta", "snapshot.json", value={"version": 1})), 0, ok, None),
        ("upper-case-signature", hand, Repository().rewrite("1.root", lambda data: json.dumps({
            "signed": json.loads(data)["signed"], "signatures": [
                dict(s, sig=s["sig"].upper()) for s in json.loads(data)["signatures"]]}).encode()), 0, ok, None),
        ("signature-not-hex-beside-others", hand, Repository().append(
            "1.root", {"keyid": "ee" * 32, "sig": "not hex"}), 0, ok, None),
        ("signature-not-hex", hand, Repository().sign_by("timestamp", []).append(
            "timestamp", {"keyid": "ee" * 32, "sig": "abc"}), 1, refuses, None),
        ("signature-by-a-stranger", hand, Repository().append(
            "1.root", {"keyid": stranger.id, "sig": "00" * 64}), 0, ok, None),
        ("signature-twice", hand, Repository().append(
            "1.root", {"keyid": "ee" * 32, "sig": "00"}, {"keyid": "ee" * 32, "sig": "00"}), 1, refuses, None),
        ("one-key-two-ids", hand, two_ids(), 1, ok, "§4.2: a key id is the digest of its key, and one key signs once"),
        ("sick-root-then-well", hand, sick_then_well(), 1, ok,
         "§5.3: clients pass a root whose snapshot role nobody can sign for; whoever publishes has erred"),
        ("sick-root", hand, Repository().edit("1.root", put("roles", "targets", "keyids", value=[])), 1, refuses, None),
        ("role-missing", hand, Repository().edit("1.root", put("roles", "targets")), 1, refuses, None),
        ("mirrors-role", hand, Repository().edit("1.root", put(
            "roles", "mirrors", value={"keyids": ["00"], "threshold": 1})), 0, refuses,
         "§4.3 and §4.7: a fifth role, mirrors, is optional"),
        ("rotated", hand, rotated(), 0, ok, None),
        ("rotated-by-the-new-alone", hand, rotated(sign_old=False), 1, refuses, None),
        ("gap-in-roots", hand, rotated(version=3), 1, ok,
         "§5.3.3: a client ends at the first version that is missing, and never sees this one"),
        ("version-in-another-name", hand, rotated().edit("2.root", put("version", value=3)), 1, refuses, None),
        ("odd-date-in-first-root", hand, rotated().edit("1.root", put(
            "expires", value=when(GOOD)[:-1] + ".5Z")), 0, refuses,
         "§5.3.10: only the last root's expiry is looked at"),
        ("odd-date-in-timestamp", hand, Repository().edit("timestamp", put(
            "expires", value=when(GOOD)[:-1] + "+00:00")), 1, refuses, None),
        ("two-metas", hand, Repository().edit("timestamp", put(
            "meta", "other.json", value={"version": 1})), 1, refuses, None),
        ("no-meta", hand, Repository().edit("timestamp", put("meta")), 1, refuses, None),
        ("snapshot-does-not-name-targets", hand, Repository().edit("snapshot", put("meta", "targets.json")), 1, refuses,
         None),
        ("snapshot-does-not-name-apps", hand, Repository().edit("snapshot", put("meta", "apps.json")), 1, refuses, None),
        ("snapshot-names-newer-targets", hand, Repository().edit("snapshot", put(
            "meta", "targets.json", value={"version": 2})), 1, refuses, None),
        ("timestamp-names-newer-snapshot", hand, Repository().edit("timestamp", put(
            "meta", "snapshot.json", value={"version": 2})), 1, refuses, None),
        ("other-digest", hand, Repository().edit("timestamp", put(
            "meta", "snapshot.json", "hashes", "sha256", value="00" * 32)), 1, refuses, None),
        ("other-length", hand, Repository().edit("snapshot", put(
            "meta", "apps.json", "length", value=7)), 1, refuses, None),
        ("unknown-digest", hand, Repository().edit("snapshot", put(
            "meta", "apps.json", "hashes", "crc32", value="00")), 1, refuses, None),
        ("no-delegated-file", hand, without("1.apps.json", Repository()), 0, refuses,
         "§5.6.7: a client that needs this file stops; it was not at hand, and is listed as not judged"),
        ("no-timestamp", hand, without("timestamp.json", Repository()), 1, refuses, None),
        ("no-snapshot", hand, without("1.snapshot.json", Repository()), 1, refuses, None),
        ("no-targets", hand, without("1.targets.json", Repository(delegated=())), 0, refuses,
         "§5.6: a client stops here; the file was not at hand, and is listed as not judged"),
        ("other-specification", hand, Repository().edit("targets", put("spec_version", value="2.0.0")), 1, refuses, None),
        ("sick-sibling", hand, sick_sibling(), 1, ok, "§5.6.7: a client that needs the sibling never asks for this role"),
        ("custom-fields", hand, Repository().edit("targets", put("x-a", value={"b": [1, "c", None, True]})), 0, ok, None),
        ("a-name-twice", hand, Repository().rewrite(
            "timestamp", lambda data: data.replace(b'{\n "signatures"', b'{\n "x": 1, "x": 1, "signatures"')), 1, ok,
         "RFC 8259 §4: readers disagree on a name that stands twice"),
        ("byte-order-mark", hand, Repository().rewrite("timestamp", lambda data: b"\xef\xbb\xbf" + data), 1, refuses, None),
        ("empty-timestamp", hand, Repository().rewrite("timestamp", lambda data: b""), 1, refuses, None),
        *rotations(),
    ]


def main():
    folder = pathlib.Path(sys.argv[1])
    rows = []
    for name, made, repository, right, client, section in table():
        files = repository if isinstance(repository, dict) else repository.files()
        for path, data in files.items():
            place = folder / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        rows.append({"name": name, "made": made, "right": right, "client": client, "section": section, "target": TARGET})
    (folder / "table.json").write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
