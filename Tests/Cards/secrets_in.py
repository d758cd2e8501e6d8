"""Whether a secret stands anywhere in what was produced."""

import base64
import os
import re


def forms(secret):
    """Patterns of a PIN or PUK as it might be left behind: digits, bytes in hex, the card's padded block, Base64."""
    plain = secret.encode()
    block = plain.ljust(8, b"\xff")
    # Inside a longer number or digest the same digits are chance.
    patterns = {"digits": rb"(?<![0-9A-Za-z])" + re.escape(plain) + rb"(?![0-9A-Za-z])"}
    # Two digits a byte, as cards of another kind pack them.
    packed = bytes.fromhex(secret.ljust(16, "f"))
    for name, value in (("hex", plain), ("block", block), ("packed", packed)):
        patterns[name] = b"(?i)" + value.hex().encode()
    patterns["raw block"] = re.escape(block) if block != plain else patterns["digits"]
    for shift in range(3):
        # What of the Base64 text depends on the secret alone, wherever it begins.
        coded = base64.b64encode(b"\0" * shift + plain).rstrip(b"=")
        patterns[f"base64 {shift}"] = re.escape(coded[(0, 2, 3)[shift] : len(coded) - 1])
    return patterns


# What a record says of time: of eight digits in it some are anybody's PIN by chance.
NANOSECONDS = re.compile(rb'"mono":[0-9]+')


def searched(data):
    """What of a file is searched for digits: no nanoseconds, and a page as if no line could be broken."""
    return NANOSECONDS.sub(b"", data).replace(b"<wbr>", b"")


def found(secrets, data, place):
    """Where each secret stands in data: a list of words."""
    data = searched(data)
    return [
        f"{place}: a secret as {name}"
        for secret in secrets
        for name, pattern in forms(secret).items()
        if re.search(pattern, data)
    ]


def binary_forms(secret):
    """Patterns of a key: its bytes, in hex, and in Base64 wherever it begins."""
    yield "bytes", re.escape(secret)
    yield "hex", b"(?i)" + secret.hex().encode()
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + secret).rstrip(b"=")
        yield f"base64 {shift}", re.escape(coded[(0, 2, 3)[shift] : len(coded) - 1])


def each_file(folder, exempt=("virtual-cards",)):
    """Path below the folder and content of every file, its name behind it."""
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in exempt]
        for name in names:
            path = os.path.join(parent, name)
            with open(path, "rb") as file:
                yield os.path.relpath(path, folder), file.read() + b"\n" + os.fsencode(name)


def found_in_folder(secrets, folder):
    """Where PINs and PUKs stand in the files below a folder."""
    return [place for path, data in each_file(folder) for place in found(secrets, data, path)]


def binary_found_in_folder(secrets, folder):
    """Where keys stand in the files below a folder."""
    return [
        f"{path}: a key as {name}"
        for path, data in each_file(folder)
        for secret in secrets
        for name, pattern in binary_forms(secret)
        if re.search(pattern, data)
    ]
