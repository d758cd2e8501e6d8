import Keys

extension Secret {
  /// So many decimal digits, without bias: bytes from 250 up are drawn again, and so is what everybody would guess.
  ///
  /// - Parameters:
  ///   - draw: random bytes.
  ///   - other: a code that this one must differ from.
  static func digits(
    _ count: Int, from draw: (Int) throws -> Secret, unlike other: Secret? = nil
  ) throws -> Secret {
    while true {
      let code = try Secret(count: count) { digits in
        var filled = 0
        while filled < count {
          try draw(count).withBytes { bytes in
            for byte in bytes where byte < 250 && filled < count {
              digits[filled] = UInt8(ascii: "0") + byte % 10
              filled += 1
            }
          }
        }
      }
      if !code.isGuessable, other.map({ code.matches($0) }) != true { return code }
    }
  }

  /// Six to eight digits.
  var isCode: Bool {
    withBytes { (6...8).contains($0.count) && $0.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }
  }

  /// Whether a card can have it as its PIN or PUK: 6 to 8 bytes (SP 800-73-4 part 1 §2.4.3) that a keyboard types; not all
  /// cards want digits.
  var mayBeCode: Bool {
    withBytes { (6...8).contains($0.count) && $0.allSatisfy { (0x20...0x7e).contains($0) } }
  }

  /// All equal, or in a row upwards or downwards: 123456, 12345678, 99999999, 87654321.
  var isGuessable: Bool {
    withBytes { bytes in
      [0, 1, -1].contains { step in
        zip(bytes, bytes.dropFirst()).allSatisfy { Int($1) - Int($0) == step }
      }
    }
  }
}
