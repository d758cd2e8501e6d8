"""Writes a root and targets metadata of about so many bytes that it delegates: ROOT TARGETS BYTES."""
import hashlib
import sys
from datetime import datetime, timedelta, timezone

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, Root, TargetFile, Targets

expires = (datetime.now(timezone.utc) + timedelta(days=365)).replace(microsecond=0)
signer = CryptoSigner.generate_ed25519()
root = Metadata(Root(expires=expires))
for role in ("root", "targets", "snapshot", "timestamp"):
    root.signed.add_key(signer.public_key, role)
root.sign(signer)
root.to_file(sys.argv[1])

targets = Metadata(Targets(expires=expires))
# As python-tuf writes them for people, a target with one hash takes about 145 bytes.
for number in range(int(sys.argv[3]) // 145):
    path = f"packages/{number:06d}/distribution-{number}.whl"
    digest = hashlib.sha256(path.encode()).hexdigest()
    targets.signed.targets[path] = TargetFile(length=number, hashes={"sha256": digest}, path=path)
targets.sign(signer)
targets.to_file(sys.argv[2])
