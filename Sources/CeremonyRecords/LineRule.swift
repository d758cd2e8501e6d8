import Findings
import UTC

/// What a line of free text may be. Somebody will type a PIN here, on camera: what looks like one is refused
/// before it is shown, and a refusal is recorded without the text.
package enum LineRule: String, Sendable, CaseIterable {
  /// What happened, in 1 to 500 characters.
  case words
  /// A person, in 1 to 100 characters.
  case name
  /// The number of a bag: 3 to 32 letters, digits and hyphens.
  case bag
  /// The number on the case of a card: 1 to 32 letters, digits and hyphens.
  case caseNumber = "case"
  /// A moment in UTC to the minute: `YYYY-MM-DDTHH:MM`.
  case time

  /// Why a line is not taken.
  package enum Refusal: String, Sendable {
    /// Neither letters nor plain punctuation: control characters, changes of writing direction, no UTF-8, or not the
    /// form that was asked for.
    case characters
    /// Six digits or more in a row, as in a PIN.
    case digits
    /// Nothing but spaces, or too long.
    case length
    /// What a YubiKey types when it is touched by accident.
    case oneTimePassword = "one-time-password"
    /// A secret of this ceremony is in it.
    case secret
    /// Whoever typed it took it back.
    case withdrawn
  }

  /// Unicode scalars.
  private var lengths: ClosedRange<Int> {
    switch self {
    case .words: 1...500
    case .name: 1...100
    case .bag: 3...32
    case .caseNumber: 1...32
    case .time: 16...16
    }
  }

  /// The most bytes that a line of this kind has in UTF-8.
  package var mostBytes: Int { lengths.upperBound * 4 }

  /// How a person types it.
  package var form: String {
    switch self {
    case .words: "one line of at most 500 characters; no six digits in a row"
    case .name: "a name of at most 100 characters"
    case .bag: "3 to 32 letters, digits and hyphens"
    case .caseNumber: "1 to 32 letters, digits and hyphens"
    case .time: "the moment in UTC as YYYY-MM-DDTHH:MM"
    }
  }

  /// Why these bytes are not taken; nil where they are. What only the secret port knows is not judged here.
  ///
  /// The bytes are not copied: they may be a secret.
  package func refusal(of bytes: some Collection<UInt8>) -> Refusal? {
    if bytes.count == 44, bytes.allSatisfy({ "cbdefghijklnrtuv".utf8.contains($0) }) { return .oneTimePassword }
    var scalars = 0
    var digits = 0
    var isBlank = true
    var isWellFormed = true
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    decoding: while true {
      switch decoder.decode(&iterator) {
      case .emptyInput: break decoding
      case .error:
        isWellFormed = false
        digits = 0
      case .scalarValue(let scalar):
        if !isPrintable(scalar) || !mayHold(scalar) { isWellFormed = false }
        if !scalar.properties.isWhitespace { isBlank = false }
        digits = scalar.properties.numericType == .decimal ? digits + 1 : 0
        if digits >= 6, self == .words || self == .name { return .digits }
      }
      scalars += 1
    }
    guard isWellFormed else { return .characters }
    guard !isBlank, lengths.contains(scalars) else { return .length }
    return self != .time || UTCTime(minute: String(decoding: Array(bytes), as: UTF8.self)) != nil ? nil : .characters
  }

  private func mayHold(_ scalar: Unicode.Scalar) -> Bool {
    switch self {
    case .words, .name: return true
    case .bag, .caseNumber, .time:
      guard scalar.isASCII else { return false }
      let isDigit = ("0"..."9").contains(scalar)
      if self == .time { return isDigit || scalar == "-" || scalar == ":" || scalar == "T" }
      return isDigit || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "-"
    }
  }
}

extension UTCTime {
  /// The first second of a minute written `YYYY-MM-DDTHH:MM`.
  package init?(minute text: String) { self.init("\(text):00Z") }

  /// `YYYY-MM-DDTHH:MM`.
  package var minute: String { String(description.prefix(16)) }
}
