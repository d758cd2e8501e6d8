import Keys
import Testing

@Suite struct EncodingTests {
  @Test func `Hexadecimal is read in either case and written in lower case`() {
    #expect(Hex.decode("00fFaB") == [0, 0xff, 0xab])
    #expect(Hex.encode([0, 0xff, 0xab]) == "00ffab")
    #expect(Hex.decode("") == [])
  }

  @Test(arguments: ["0", "0g", " 00", "00 ", "0x00", "é0", "-1", "００"])
  func `What is not hexadecimal is refused`(text: String) {
    #expect(Hex.decode(text) == nil)
  }

  // RFC 4648 §10
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
  ])
  func `Base64 has the forms of RFC 4648`(plain: String, encoded: String) {
    #expect(Base64.encode(Array(plain.utf8)) == encoded)
    #expect(Base64.decode(encoded) == Array(plain.utf8))
  }

  @Test func `Base64 goes there and back for every byte at every place`() {
    for length in 0..<9 {
      for byte in UInt8.min...UInt8.max {
        let bytes = [UInt8](repeating: byte, count: length)
        #expect(Base64.decode(Base64.encode(bytes)) == bytes)
      }
    }
  }

  @Test(arguments: [
    "Zg", "Zg=", "Zg===", "Z===", "=", "====", "Zm8", "Zm9v=", "Zm9v====", "Zg==Zg==", "Zm=v", "Zm9v\n",
    " Zm9v",
    "Zm-v", "Zm_v", "Zh==", "Zm9=", "Zm9é",
  ])
  func `Base64 with a second form is refused`(text: String) {
    #expect(Base64.decode(text) == nil)
  }

  @Test func `A digest is read only as 64 lower-case characters`() throws {
    let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    let digest = SHA256Digest(of: Array("abc".utf8))
    #expect(digest.hex == hex)
    #expect(SHA256Digest(hex: hex) == digest)
    #expect(SHA256Digest(hex: hex.uppercased()) == nil)
    #expect(SHA256Digest(hex: String(hex.dropLast(2))) == nil)
    #expect(SHA256Digest(hex: hex + "00") == nil)
    #expect(try PGPWords.bytes(from: digest.words) == digest.bytes)
    #expect(SHA256Digest.zero.hex == String(repeating: "0", count: 64))
  }
}
