"""Reads metadata, encodes its signed part with securesystemslib, hashes it, and prints the milliseconds of encoding."""
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
