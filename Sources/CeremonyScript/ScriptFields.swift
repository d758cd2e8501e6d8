import Findings
import Keys
import UTC

/// The members of one mapping, taken out one by one; what is left at the end is unknown and refused.
struct ScriptFields {
  let node: ScriptNode
  private let members: [(key: String, node: ScriptNode)]
  private let known: [String]

  /// - Parameter known: every key that may stand here.
  init(_ node: ScriptNode, known: [String]) throws(Finding) {
    guard case .mapping(let members) = node.value else {
      throw node.refused("expected keys and values here", hint: "It takes: \(known.joined(separator: ", ")).")
    }
    for (key, member) in members where !known.contains(key) {
      let near = known.first { $0.hasPrefix(key.prefix(3)) }
      throw Finding(
        .scriptUnknownKey, "The key “\(visible(key))” is not known \(node.path.isEmpty ? "here" : "in \(node.path)").",
        hint: near.map { "Did you mean “\($0)”? " } ?? "" + "It takes: \(known.joined(separator: ", ")).",
        place: "script.yaml:\(member.line):\(member.column)")
    }
    self.node = node
    self.members = members
    self.known = known
  }

  /// Of a mapping that may be left out altogether.
  init(optional node: ScriptNode?, known: [String]) throws(Finding) {
    try self.init(node ?? ScriptNode(emptyMapping: ()), known: known)
  }

  func choice<Choice>(_ key: String, _ choices: [(String, Choice)], or normal: Choice) throws(Finding) -> Choice {
    guard let node = optional(key) else { return normal }
    return try node.choice(choices)
  }

  func number(_ key: String, _ range: ClosedRange<Int>, or normal: Int) throws(Finding) -> Int {
    guard let node = optional(key) else { return normal }
    return try node.number(range)
  }

  func optional(_ key: String) -> ScriptNode? { members.first { $0.key == key }?.node }

  func required(_ key: String) throws(Finding) -> ScriptNode {
    guard let found = optional(key) else {
      throw node.refused("the key “\(key)” is missing", hint: "Add it.", .scriptMissingKey)
    }
    return found
  }
}

extension ScriptNode {
  /// One line of text, 1 to 500 characters, as people will read it on a screen.
  func text() throws(Finding) -> String {
    guard case .scalar(let text, _) = value else { throw refused("expected text", hint: "Write one line of text.") }
    let bare = text.hasSuffix("\n") ? String(text.dropLast()) : text
    guard !bare.isEmpty, bare.unicodeScalars.count <= 500 else {
      throw refused("the text is empty or longer than 500 characters", hint: "Shorten it, or split it into lines.")
    }
    guard bare.unicodeScalars.allSatisfy(isPrintable) else {
      throw refused(
        "the text holds a control character or a change of writing direction",
        hint: "Remove it; write several lines as a list.")
    }
    return bare
  }

  /// One text, or a list of them.
  func texts() throws(Finding) -> [String] {
    guard case .list(let items) = value else { return [try text()] }
    guard !items.isEmpty else { throw refused("the list is empty", hint: "Add a line, or leave the key out.") }
    var texts: [String] = []
    for item in items { texts.append(try item.text()) }
    return texts
  }

  /// A name that other parts of the script and file names may carry: `[a-z0-9][a-z0-9._-]*` without `..`, at most 40 long.
  func name() throws(Finding) -> String {
    let name = try text()
    guard isName(name), name.utf8.count <= 40 else {
      throw refused(
        "“\(visible(name))” is not a name", hint: "Use small letters, digits, and . _ - after the first; 40 at most.")
    }
    return name
  }

  func names() throws(Finding) -> [String] {
    guard case .list(let items) = value, !items.isEmpty else {
      throw refused("expected a list of names", hint: "Write them as [one, two].")
    }
    var names: [String] = []
    for item in items {
      let name = try item.name()
      guard !names.contains(name) else { throw item.refused("“\(name)” is listed twice", hint: "Name it once.") }
      names.append(name)
    }
    return names
  }

  /// The items of a list that must not be empty.
  func items() throws(Finding) -> [ScriptNode] {
    guard case .list(let items) = value, !items.isEmpty else {
      throw refused("expected a list", hint: "Begin each item with “- ”.")
    }
    return items
  }

  /// The members of a mapping whose keys are names.
  func named() throws(Finding) -> [(name: String, node: ScriptNode)] {
    guard case .mapping(let members) = value, !members.isEmpty else {
      throw refused("expected names with their values", hint: "Write each as “name:” with its keys below.")
    }
    for (key, node) in members where !isName(key) || key.utf8.count > 40 {
      throw node.refused(
        "“\(visible(key))” is not a name", hint: "Use small letters, digits, and . _ - after the first; 40 at most.")
    }
    return members.map { ($0.key, $0.node) }
  }

  /// A decimal number written plainly: no sign, no leading zero, no other base.
  func number(_ range: ClosedRange<Int>) throws(Finding) -> Int {
    guard case .scalar(let text, true) = value, let number = Int(text), String(number) == text, range.contains(number)
    else {
      throw refused(
        "expected a whole number from \(range.lowerBound) to \(range.upperBound)", hint: "Write it in digits, unquoted."
      )
    }
    return number
  }

  /// One of a few words.
  func choice<Choice>(_ choices: [(String, Choice)]) throws(Finding) -> Choice {
    guard case .scalar(let text, _) = value, let found = choices.first(where: { $0.0 == text }) else {
      throw refused(
        "expected one of \(choices.map(\.0).joined(separator: ", "))", hint: "Write one of these words exactly.")
    }
    return found.1
  }

  /// `YYYY-MM-DDTHH:MM:SSZ`.
  func time() throws(Finding) -> UTCTime {
    guard case .scalar(let text, _) = value, let time = UTCTime(text) else {
      throw refused(
        "expected a moment in UTC", hint: "Write it as 2027-12-01T00:00:00Z, without fractions or an offset.")
    }
    return time
  }

  func digest() throws(Finding) -> SHA256Digest {
    guard case .scalar(let text, _) = value, let digest = SHA256Digest(hex: text) else {
      throw refused("expected a SHA-256 digest", hint: "64 characters 0-9 and a-f, as sha256sum prints them.")
    }
    return digest
  }
}

/// `[a-z0-9][a-z0-9._-]*` without `..`.
func isName(_ text: String) -> Bool {
  guard let first = text.utf8.first, isNameStart(first), !text.contains("..") else { return false }
  return text.utf8.allSatisfy {
    isNameStart($0) || [UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-")].contains($0)
  }
}

private func isNameStart(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}
