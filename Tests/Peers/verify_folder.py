"""python-tuf follows every N.root.json of a folder, and verifies 1.targets.json where there is one."""
import pathlib
import sys
import time

from tuf.api.metadata import Metadata
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
from tuf.ngclient.config import EnvelopeType

folder = pathlib.Path(sys.argv[1])
start = time.perf_counter()
trusted = TrustedMetadataSet((folder / "1.root.json").read_bytes(), EnvelopeType.METADATA)
while (path := folder / f"{trusted.root.version + 1}.root.json").exists():
    trusted.update_root(path.read_bytes())
if (path := folder / "1.targets.json").exists():
    metadata = Metadata.from_bytes(path.read_bytes())
    trusted.root.verify_delegate("targets", metadata.signed_bytes, metadata.signatures)
print(trusted.root.version, (time.perf_counter() - start) * 1000)
