#!/usr/bin/env python3
"""Makes a repository whose second root several people have to sign, and the copies that they send back.

usage: pending.py FOLDER FORM

FORM is whose fields the root has: `plain`, `tuf-on-ci` or `rstuf`. FOLDER/repository is what clients see of version 1.
FOLDER/NAME.json is the copy of each signer, made by securesystemslib's CryptoSigner: ada (who leaves), boris, chandra and dora
(who joins); FOLDER/NAME-again.json another signature of the same person over the same bytes, where the key makes one.
Two of three must sign each root. Boris has a P-256 key, chandra an RSA key, the others Ed25519.
"""
import copy
import datetime
import hashlib
import pathlib
import sys

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from securesystemslib.formats import encode_canonical
from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api import metadata as api
from tuf.api.serialization.json import JSONSerializer

EXPIRES = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days=90)
KINDS = {"ada": ed25519.Ed25519PrivateKey.generate, "boris": lambda: ec.generate_private_key(ec.SECP256R1()),
         "chandra": lambda: rsa.generate_private_key(65537, 2048), "dora": ed25519.Ed25519PrivateKey.generate,
         "online": lambda: ec.generate_private_key(ec.SECP384R1())}
OWN_FIELDS = {
    "plain": lambda name: {},
    "tuf-on-ci": lambda name: (
        {"x-tuf-on-ci-online-uri": "gcpkms:projects/x"} if name == "online" else {"x-tuf-on-ci-keyowner": f"@{name}"}),
    "rstuf": lambda name: (
        {"x-rstuf-online-key-uri": "fn:service"} if name == "online" else {"x-rstuf-key-name": name}),
}


def signer(name, form):
    """With the fields of the form in the key, and its id over the whole object."""
    secret = KINDS[name]()
    key = SSlibKey.from_crypto(secret.public_key(), scheme="rsa-pkcs1v15-sha256" if name == "chandra" else None)
    fields = OWN_FIELDS[form](name)
    keyid = hashlib.sha256(encode_canonical(key.to_dict() | fields).encode()).hexdigest()
    return CryptoSigner(secret, SSlibKey(keyid, key.keytype, key.scheme, key.keyval, fields))


def root(version, holders, signers, form):
    made = api.Root(version=version, expires=EXPIRES, consistent_snapshot=True)
    for name in holders:
        made.add_key(signers[name].public_key, "root")
    made.roles["root"].threshold = 2
    for role in ("timestamp", "snapshot", "targets"):
        made.add_key(signers["online"].public_key, role)
    if form == "tuf-on-ci":
        periods = {"x-tuf-on-ci-expiry-period": 365, "x-tuf-on-ci-signing-period": 60}
        made.unrecognized_fields.update(periods)
        for role in ("timestamp", "snapshot"):
            made.roles[role].unrecognized_fields.update(periods)
    return made


def main(out, form):
    signers = {name: signer(name, form) for name in KINDS}
    served = out / "repository"
    served.mkdir(parents=True)
    first = api.Metadata(root(1, ["ada", "boris", "chandra"], signers, form))
    for name in ("ada", "boris"):
        first.sign(signers[name], append=True)
    served.joinpath("1.root.json").write_bytes(first.to_bytes())
    snapshot = api.Snapshot(expires=EXPIRES)
    for name, signed in [("1.targets.json", api.Targets(expires=EXPIRES)), ("1.snapshot.json", snapshot),
                         ("timestamp.json", api.Timestamp(expires=EXPIRES))]:
        file = api.Metadata(signed)
        file.sign(signers["online"])
        served.joinpath(name).write_bytes(file.to_bytes())

    holders = ["boris", "chandra", "dora"]
    second = root(2, holders, signers, form)
    for name in ["ada", *holders]:
        for again in ("", "-again"):
            file = api.Metadata(copy.deepcopy(second))
            if form == "tuf-on-ci":
                # An empty signature for each who has not signed.
                for holder in ["ada", *holders]:
                    keyid = signers[holder].public_key.keyid
                    file.signatures[keyid] = api.Signature(keyid, "")
            file.sign(signers[name], append=True)
            # tuf-on-ci and python-tuf print, the service sends what has no white space.
            data = file.to_bytes(JSONSerializer(compact=form == "rstuf"))
            out.joinpath(f"{name}{again}.json").write_bytes(data)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), sys.argv[2])
