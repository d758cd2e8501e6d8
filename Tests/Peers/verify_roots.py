"""Verifies roots with python-tuf, trusting the first, and prints the milliseconds without the imports."""
import sys
import time

from tuf.api.metadata import Metadata, Root

start = time.perf_counter()
trusted, *successors = [Metadata[Root].from_file(path) for path in sys.argv[1:]]
for root in successors:
    for delegator in (trusted, root):
        delegator.signed.verify_delegate(Root.type, root.signed_bytes, root.signatures)
    trusted = root
print(trusted.signed.version, (time.perf_counter() - start) * 1000)
