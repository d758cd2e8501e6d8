extension Character {
  /// The columns that a terminal gives to it: 0, 1 or 2.
  ///
  /// Two for East Asian wide and full-width characters and for pictures (Unicode Standard Annex #11, in coarse blocks);
  /// none for what only combines. Where a terminal counts otherwise a row is a little shorter than it could be, or longer.
  package var columns: Int {
    guard let scalar = unicodeScalars.first else { return 0 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    switch scalar.value {
    case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xa960...0xa97f, 0xac00...0xd7a3, 0xf900...0xfaff,
      0xfe10...0xfe19, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f680...0x1f6ff,
      0x1f900...0x1f9ff, 0x20000...0x3fffd:
      return 2
    default: return unicodeScalars.contains { $0.properties.isEmojiPresentation || $0.value == 0xfe0f } ? 2 : 1
    }
  }
}

extension StringProtocol {
  /// The columns that a terminal gives to it, on a row that is long enough.
  package var columns: Int {
    let text = String(self)
    return text.utf8.allSatisfy { (0x20...0x7E).contains($0) } ? text.utf8.count : text.reduce(0) { $0 + $1.columns }
  }

  /// Followed by as many spaces as it takes to fill so many columns; as it is where it fills them already.
  package func padded(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - columns)) }
}
