"""Sends the APDUs of a rehearsal's transcript to new cards of the same kind, and prints their number and the milliseconds.

  send_apdus.py FOLDER

What a transcript leaves out because it is secret – PINs, PUKs, management keys, and what is made with them – is made
here for these cards, in the same lengths, so that they do the same work; each must answer with the recorded status.
"""
import json
import pathlib
import sys
import time

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from smartcard import scard

FACTORY = {0x80: b"123456\xff\xff", 0x81: b"12345678"}
FACTORY_KEY = bytes.fromhex("010203040506070801020304050607080102030405060708")
AGAIN = {0x80: b"246813\xff\xff", 0x81: b"86427531"}


class Secrets:
    """Of one card, as a person who holds it knows them."""

    def __init__(self):
        self.codes, self.key = dict(FACTORY), FACTORY_KEY

    def fill(self, header, answer):
        """The secret body of a command, given the answer to the command before it."""
        instruction, which, length = header[1], header[3], header[4]
        if instruction == 0x20:
            body = self.codes[which]
        elif instruction == 0x24:
            body, self.codes[which] = self.codes[which] + AGAIN[which], AGAIN[which]
        elif instruction == 0x87:
            # The card's witness in 7C.80, deciphered, and a challenge.
            witness = self.cipher().decryptor().update(answer[4:20])
            body = bytes([0x7C, 36, 0x80, 16]) + witness + bytes([0x81, 16]) + bytes(range(16))
        elif instruction == 0xFF:
            body, self.key = bytes([0x0A, 0x9B, 24]) + bytes(range(24)), bytes(range(24))
        else:
            raise SystemExit(f"no secret is known for {header.hex()}")
        if len(body) not in (length, length - 1):
            raise SystemExit(f"{header.hex()} has a secret of another length")
        return header + body + bytes(max(0, len(body) - length))

    def cipher(self):
        return Cipher(algorithms.AES(self.key), modes.ECB())

    def note(self, command, status):
        if status != "9000":
            return
        if command[1] == 0xFB:
            self.__init__()
        if command[1] == 0xFA:
            self.codes = dict(FACTORY)


def checked(result, *rest):
    if result != scard.SCARD_S_SUCCESS:
        raise SystemExit(scard.SCardGetErrorMessage(result))
    return rest[0] if len(rest) == 1 else rest


def main(folder):
    # Parsed before the clock runs: the cards are measured, not JSON.
    records = [
        json.loads(line)
        for name in ("transcript.jsonl", "sealing.jsonl")
        for line in (folder / name).read_text().splitlines()
    ]
    records = [record for record in records if record["kind"] in ("card", "command", "response", "release")]
    secrets, apdus, answer, command, card = {}, 0, b"", b"", None
    start = time.perf_counter()
    context = checked(*scard.SCardEstablishContext(scard.SCARD_SCOPE_USER))
    for record in records:
        body = record["body"]
        if record["kind"] == "card":
            card, protocol = checked(
                *scard.SCardConnect(
                    context, body["reader"], scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1))
            scard.SCardBeginTransaction(card)
            own = secrets.setdefault(body["card"], Secrets())
        elif record["kind"] == "release":
            scard.SCardEndTransaction(card, scard.SCARD_LEAVE_CARD)
            scard.SCardDisconnect(card, scard.SCARD_RESET_CARD)
        elif record["kind"] == "command":
            text, _, redacted = body["apdu"].partition(" ")
            command = bytes.fromhex(text)
            if redacted:
                command = own.fill(command, answer)
            answer = bytes(checked(*scard.SCardTransmit(card, protocol, list(command))))
            apdus += 1
        else:
            status = answer[-2:].hex()
            if status != body["sw"].lower():
                raise SystemExit(f"record {record['seq']}: {command[:5].hex()} was answered {status}, not {body['sw']}")
            own.note(command, status)
    milliseconds = (time.perf_counter() - start) * 1000
    print(json.dumps({"apdus": apdus, "ms": milliseconds}))


main(pathlib.Path(sys.argv[1]))
