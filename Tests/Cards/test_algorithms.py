"""Whole ceremonies with each algorithm on the cards, and what programs that others wrote make of them."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest

from scripts import two_keyholders
from served import ServedCard, audit, ceremony

SCHEMES = {"ed25519": "ed25519", "ecdsa-p256": "ecdsa-sha2-nistp256", "ecdsa-p384": "ecdsa-sha2-nistp384"}


def judge(test, out, algorithm):
    """python-tuf reads the root, counts the signatures, and makes trusted metadata of it."""
    import datetime

    from tuf.api.metadata import Metadata, Root
    from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet

    path = os.path.join(out, "metadata", "1.root.json")
    root = Metadata[Root].from_file(path)
    root.verify_delegate("root", root)
    ids = root.signed.roles["root"].keyids
    test.assertEqual(len(ids), 2)
    test.assertEqual(set(root.signatures), set(ids))
    for keyid in ids:
        key = root.signed.keys[keyid]
        test.assertEqual(key.scheme, SCHEMES[algorithm])
        key.verify_signature(root.signatures[keyid], root.signed_bytes)
    with open(path, "rb") as file:
        data = file.read()
    try:
        trusted = TrustedMetadataSet(data, "metadata")
    except TypeError:
        # Since version 6 it wants to know what envelope the metadata is in.
        from tuf.ngclient.config import EnvelopeType

        trusted = TrustedMetadataSet(data, EnvelopeType.METADATA)
    trusted.reference_time = datetime.datetime.now(datetime.timezone.utc)
    test.assertEqual(trusted.root.version, 1)
    # And a signature with one bit changed is none.
    document = json.loads(data)
    signature = document["signatures"][0]["sig"]
    document["signatures"][0]["sig"] = signature[:-1] + ("0" if signature[-1] != "0" else "1")
    broken = Metadata[Root].from_bytes(json.dumps(document).encode())
    with test.assertRaises(Exception):
        broken.verify_delegate("root", broken)


class Algorithms(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def hold(self, algorithm):
        cards = [ServedCard(0, 91), ServedCard(1, 92)]
        for card in cards:
            self.addCleanup(card.take_out)
        self.out = os.path.join(self.folder, algorithm)
        script = two_keyholders(self.folder, algorithm=algorithm)
        made = ceremony("rehearse", script, "--cards", "pcsc", "--unattended", "--out", self.out)
        self.assertEqual(made.returncode, 0, made.stderr)
        replay = audit("replay", self.out)
        self.assertEqual(replay.returncode, 0, replay.stdout)
        return cards

    def test_ed25519(self):
        self.hold("ed25519")
        judge(self, self.out, "ed25519")

    def test_p256(self):
        self.hold("ecdsa-p256")
        judge(self, self.out, "ecdsa-p256")

    def test_p384(self):
        self.hold("ecdsa-p384")
        judge(self, self.out, "ecdsa-p384")

    @unittest.skipUnless(shutil.which("pkcs11-tool"), "OpenSC is not installed (Debian opensc)")
    def test_opensc_sees_the_keys_of_a_ceremony(self):
        """By the certificate that the ceremony put into the slot; Debian's OpenSC knows no Ed25519."""
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

        for algorithm in ("ecdsa-p256", "ecdsa-p384"):
            with self.subTest(algorithm):
                cards = self.hold(algorithm)
                cards[1].take_out()
                seen = subprocess.run(["pkcs11-tool", "-O"], capture_output=True, text=True, timeout=300)
                self.assertEqual(seen.returncode, 0, seen.stderr)
                self.assertIn("Certificate Object; type = X.509 cert", seen.stdout)
                self.assertIn("YubiKey PIV Attestation 9c", seen.stdout)
                self.assertIn("Public Key Object; EC", seen.stdout)
                path = os.path.join(self.folder, "certificate")
                read = ["pkcs11-tool", "--read-object", "--type", "cert", "--id", "02", "--output-file", path]
                done = subprocess.run(read, capture_output=True, text=True, timeout=300)
                self.assertEqual(done.returncode, 0, done.stderr)
                with open(path, "rb") as file:
                    shown = x509.load_der_x509_certificate(file.read()).public_key()
                with open(os.path.join(self.out, "cards", "91", "root_pubkey.pem"), "rb") as file:
                    made = load_pem_public_key(file.read())
                form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
                self.assertEqual(shown.public_bytes(*form), made.public_bytes(*form))
                cards[0].take_out()
