"""Encodes the signed part of metadata with securesystemslib, and prints its SHA-256 and the milliseconds."""
import hashlib
import json
import sys
import time

from securesystemslib.formats import encode_canonical

with open(sys.argv[1], "rb") as file:
    signed = json.load(file)["signed"]
start = time.perf_counter()
text = encode_canonical(signed)
milliseconds = (time.perf_counter() - start) * 1000
print(hashlib.sha256(text.encode()).hexdigest(), milliseconds)
