"""Programs that others wrote talk to our virtual card: Yubico's ykman, pyscard, OpenSC's pkcs11-tool."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from served import FACTORY_KEY, PACKAGE, ServedCard, ceremony, reader

YKMAN = os.path.join(os.path.dirname(sys.executable), "ykman")


def ykman(*arguments):
    return subprocess.run(
        [YKMAN, "--reader", reader(0), "piv", *arguments], capture_output=True, text=True, timeout=300
    )


class Foreign(unittest.TestCase):
    def setUp(self):
        self.card = ServedCard(0, 20000101)
        self.addCleanup(self.card.take_out)
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def generate(self, algorithm, slot, *options):
        path = os.path.join(self.folder, f"{slot}.pem")
        made = ykman("keys", "generate", "-a", algorithm, "-m", FACTORY_KEY, *options, slot, path)
        self.assertEqual(made.returncode, 0, made.stderr)
        return path


@unittest.skipUnless(os.path.exists(YKMAN), "ykman is not installed (PyPI yubikey-manager)")
class Ykman(Foreign):
    def test_info_of_a_new_card(self):
        info = ykman("info")
        self.assertEqual(info.returncode, 0, info.stderr)
        for words in ("5.7.4", "AES192", "Using default PIN", "Using default PUK", "Using default Management key"):
            self.assertIn(words, info.stdout)

    def test_generate_export_and_attest_ed25519(self):
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

        path = self.generate("ed25519", "9c", "--pin-policy", "ALWAYS", "--touch-policy", "ALWAYS")
        with open(path, "rb") as file:
            made = file.read()
        self.assertEqual(ykman("keys", "export", "9c", "-").stdout.encode(), made)
        leaf = x509.load_pem_x509_certificate(ykman("keys", "attest", "9c", "-").stdout.encode())
        attester = x509.load_pem_x509_certificate(ykman("certificates", "export", "f9", "-").stdout.encode())
        attester.public_key().verify(leaf.signature, leaf.tbs_certificate_bytes)
        raw = load_pem_public_key(made).public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.assertEqual(leaf.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw), raw)
        # And what we say of a key that they made.
        shown = ceremony("card", "info", "--format", "json")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn(raw.hex(), shown.stdout)
        self.assertIn('"attestation": "not checked"', shown.stdout)
        self.assertIn('"pin-policy": "always"', shown.stdout)
        words = ceremony("card", "info").stdout
        self.assertIn("ed25519 key, generated on the card, PIN always, touch always, the card gives an attestation, not checked here", words)

    def test_reset_by_the_vendors_tool_leaves_a_factory_card(self):
        self.generate("ed25519", "9c")
        self.assertEqual(ykman("reset", "--force").returncode, 0)
        shown = ceremony("card", "info", "--format", "json").stdout
        self.assertIn('"slots": []', shown)


@unittest.skipUnless(os.path.exists(YKMAN), "ykman is not installed (PyPI yubikey-manager)")
class YkmanAfterACeremony(unittest.TestCase):
    def test_a_management_key_behind_the_pin_is_found_with_the_pin_alone(self):
        for place, serial in ((0, 20000111), (1, 20000112)):
            self.addCleanup(ServedCard(place, serial).take_out)
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        out, script = os.path.join(folder, "out"), os.path.join(folder, "script.yaml")
        with open(os.path.join(PACKAGE, "Runbook", "first-rehearsal.yaml"), encoding="utf-8") as file:
            text = file.read().replace("roles:\n", "cards:\n  management-key: protected\nroles:\n", 1)
        with open(script, "w", encoding="utf-8") as file:
            file.write(text)
        held = ceremony("rehearse", script, "--cards", "pcsc", "--unattended", "--out", out)
        self.assertEqual(held.returncode, 0, held.stdout + held.stderr)
        with open(os.path.join(out, "virtual-cards", "paper.json"), encoding="utf-8") as file:
            pin = json.load(file)["ada/pin"]

        info = ykman("info").stdout
        self.assertIn("Management key is stored on the YubiKey, protected by PIN", info)
        self.assertNotIn("Using default", info)
        other = "00000000" if pin != "00000000" else "11111111"
        self.assertNotEqual(ykman("keys", "generate", "-a", "eccp256", "-P", other, "9d", "-").returncode, 0)
        made = ykman("keys", "generate", "-a", "eccp256", "-P", pin, "9d", "-")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn("BEGIN PUBLIC KEY", made.stdout)


class Pyscard(Foreign):
    def connection(self):
        from smartcard.System import readers

        connection = next(found for found in readers() if str(found) == reader(0)).createConnection()
        connection.connect()
        self.addCleanup(connection.disconnect)
        return connection

    def answers(self, *commands):
        connection = self.connection()
        for command, data, status in commands:
            with self.subTest(command=command):
                found, sw1, sw2 = connection.transmit(list(bytes.fromhex(command)))
                self.assertEqual(f"{sw1:02X}{sw2:02X}", status)
                if data is not None:
                    self.assertEqual(bytes(found).hex(), data)

    def test_raw_commands(self):
        self.answers(
            ("00a4040005a00000030800", None, "9000"),
            ("00f8000000", f"{20000101:08x}", "9000"),
            ("00fd000000", "050704", "9000"),
            ("0020008000", "", "63C3"),
            ("00200080083030303030300000", "", "63C2"),
            ("0020008008313233343536ffff", "", "9000"),
            ("0020008000", "", "9000"),
            ("00f7009c00", "", "6A88"),
            ("00cb3fff055c035fc10500", "", "6A82"),
            ("00ee000000", "", "6D00"),
            ("80f8000000", "", "6E00"),
        )

    def test_touch_is_refused_and_allowed(self):
        if not os.path.exists(YKMAN):
            self.skipTest("ykman is not installed")
        self.generate("ed25519", "9c", "--pin-policy", "NEVER", "--touch-policy", "ALWAYS")
        select, sign = "00a4040005a00000030800", "0087e09c087c068200810261620000"[:-2]
        self.assertEqual(self.card.tell("touch refuse"), "touch refused")
        self.answers((select, None, "9000"), (sign, "", "6982"))
        self.assertEqual(self.card.tell("touch allow"), "touch allowed")
        self.answers((select, None, "9000"), (sign, None, "9000"))


@unittest.skipUnless(shutil.which("pkcs11-tool"), "OpenSC is not installed (Debian opensc)")
class OpenSC(Foreign):
    def test_a_p256_key_and_its_certificate_are_seen(self):
        # Debian's OpenSC is too old for Ed25519.
        path = self.generate("eccp256", "9a", "--pin-policy", "ONCE", "--touch-policy", "NEVER")
        made = ykman("certificates", "generate", "-P", "123456", "-m", FACTORY_KEY, "-s", "CN=seen", "9a", path)
        self.assertEqual(made.returncode, 0, made.stderr)
        command = ["pkcs11-tool", "--list-objects", "--login", "--pin", "123456"]
        seen = subprocess.run(command, capture_output=True, text=True, timeout=300)
        self.assertEqual(seen.returncode, 0, seen.stderr)
        for words in ("Private Key Object; EC", "Public Key Object; EC", "Certificate Object", "CN=seen"):
            self.assertIn(words, seen.stdout)
