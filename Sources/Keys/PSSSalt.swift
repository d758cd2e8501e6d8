import Crypto
import CryptoExtras

extension PublicKey {
  /// How many bytes of salt an RSA-PSS signature with SHA-256 has; nil where it does not match with any.
  ///
  /// RSA keys verify with a salt of 32 bytes: see ``isValid(_:over:_:)``. RFC 8017 §9.1.2 leaves the length to the
  /// scheme, and securesystemslib takes every one.
  public func saltLength(ofPSS signature: [UInt8], over message: [UInt8]) -> Int? {
    guard algorithm == .rsa, let key = try? _RSA.Signing.PublicKey(derRepresentation: bytes),
      let numbers = try? key.getKeyPrimitives()
    else { return nil }
    let modulus = Array(numbers.modulus.drop { $0 == 0 })
    guard signature.count == modulus.count,
      let encoded = ModularPower.power(signature, Array(numbers.publicExponent), modulus)
    else { return nil }
    return Self.saltLength(encoded, bits: key.keySizeInBits - 1, SHA256.hash(data: message))
  }

  /// EMSA-PSS-VERIFY (RFC 8017 §9.1.2) with MGF1 and SHA-256, the salt as long as it is.
  private static func saltLength(_ encoded: [UInt8], bits: Int, _ digest: SHA256.Digest) -> Int? {
    let count = (bits + 7) / 8
    // Where the modulus has 8k + 1 bits, the encoded message is one byte shorter.
    guard encoded.count >= count, encoded.dropLast(count).allSatisfy({ $0 == 0 }) else { return nil }
    let message = Array(encoded.suffix(count))
    guard count >= 34, message.last == 0xbc else { return nil }
    let hash = Array(message[(count - 33)..<(count - 1)])
    var block = Array(message[..<(count - 33)])
    let unused = UInt8(8 * count - bits)
    guard block[0] >> (8 - unused) == 0 || unused == 0 else { return nil }
    for (place, byte) in mask(hash, block.count).enumerated() { block[place] ^= byte }
    if unused > 0 { block[0] &= 0xff >> unused }
    guard let one = block.firstIndex(where: { $0 != 0 }), block[one] == 1 else { return nil }
    let salt = block[(one + 1)...]
    let expected = SHA256.hash(data: [UInt8](repeating: 0, count: 8) + Array(digest) + salt)
    return Array(expected) == hash ? salt.count : nil
  }

  /// MGF1 (RFC 8017 §B.2.1).
  private static func mask(_ seed: [UInt8], _ count: Int) -> [UInt8] {
    var mask: [UInt8] = []
    var counter: UInt32 = 0
    while mask.count < count {
      let number = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: counter >> $0) }
      mask += SHA256.hash(data: seed + number)
      counter += 1
    }
    return Array(mask.prefix(count))
  }
}

/// Powers of public numbers. Not in constant time: nothing here is secret.
enum ModularPower {
  /// `base` to the power of `exponent` modulo `modulus`, big-endian and as long as the modulus; nil where the base is not
  /// below the modulus, or the exponent is longer than 64 bits.
  static func power(_ base: [UInt8], _ exponent: [UInt8], _ modulus: [UInt8]) -> [UInt8]? {
    let bits = exponent.drop { $0 == 0 }
    guard !modulus.isEmpty, !bits.isEmpty, bits.count <= 8 else { return nil }
    let modulusWords = words(modulus)
    let baseWords = words(base, count: modulusWords.count)
    guard base.count <= modulus.count, isLess(baseWords, modulusWords) else { return nil }
    let power = bits.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    var result = baseWords
    var bit = 63 - power.leadingZeroBitCount
    while bit > 0 {
      bit -= 1
      result = product(result, result, modulusWords)
      if power >> UInt64(bit) & 1 == 1 { result = product(result, baseWords, modulusWords) }
    }
    var bytes: [UInt8] = []
    for word in result.reversed() {
      for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }
    return Array(bytes.suffix(modulus.count))
  }

  /// Little-endian words of 32 bits.
  private static func words(_ bytes: [UInt8], count: Int = 0) -> [UInt32] {
    var words: [UInt32] = []
    for (place, byte) in bytes.reversed().enumerated() {
      if place % 4 == 0 { words.append(0) }
      words[place / 4] |= UInt32(byte) << UInt32(place % 4 * 8)
    }
    while words.count < count { words.append(0) }
    return words
  }

  private static func isLess(_ a: [UInt32], _ b: [UInt32]) -> Bool {
    for (x, y) in zip(a.reversed(), b.reversed()) where x != y { return x < y }
    return false
  }

  /// a · b mod m, all of m's length, bit by bit of `a` from the top: double, add, and subtract m where needed.
  private static func product(_ a: [UInt32], _ b: [UInt32], _ m: [UInt32]) -> [UInt32] {
    var result = [UInt32](repeating: 0, count: m.count)
    for word in a.reversed() {
      for bit in (0..<32).reversed() {
        if add(&result, result) || !isLess(result, m) { subtract(&result, m) }
        if word >> UInt32(bit) & 1 == 1, add(&result, b) || !isLess(result, m) { subtract(&result, m) }
      }
    }
    return result
  }

  /// Whether a bit was carried out.
  private static func add(_ a: inout [UInt32], _ b: [UInt32]) -> Bool {
    var carry: UInt64 = 0
    for place in a.indices {
      let sum = UInt64(a[place]) + UInt64(b[place]) + carry
      a[place] = UInt32(truncatingIfNeeded: sum)
      carry = sum >> 32
    }
    return carry != 0
  }

  private static func subtract(_ a: inout [UInt32], _ b: [UInt32]) {
    var borrow: Int64 = 0
    for place in a.indices {
      let difference = Int64(a[place]) - Int64(b[place]) - borrow
      a[place] = UInt32(truncatingIfNeeded: difference)
      borrow = difference < 0 ? 1 : 0
    }
  }
}
