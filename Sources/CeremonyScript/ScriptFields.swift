import Findings
import Keys
import UTC

/// The members of one mapping, taken out by the rows of the table. Keys that are not in it, and names of later versions
/// than the script's, are noted at once.
struct ScriptFields {
  let node: ScriptNode
  private let group: FieldGroup
  private let members: [ScriptNode.Member]
  /// What unknown keys were perhaps meant to be: that these are missing need not be said.
  private let meant: [String]

  init(_ node: ScriptNode, _ group: FieldGroup) throws(Finding) {
    let known = group.names
    guard case .mapping(let members) = node.value else {
      throw node.refused("expected keys and values here", hint: "It takes: \(known.joined(separator: ", ")).")
    }
    let present = members.map(\.key)
    var meant: [String] = []
    for member in members {
      if let row = group.rows.first(where: { $0.name == member.key }) {
        node.problems.refuse(row.name, since: row.since, .scriptUnknownKey, at: member.keyPlace)
        continue
      }
      let near = nearest(member.key, among: known.filter { !present.contains($0) })
      if let others = group.others, near == nil {
        guard isName(member.key) else {
          node.problems.refuse(
            Finding(
              .scriptValue, "\(node.path): “\(visible(member.key))” is not a name",
              hint: "Use small letters, digits, and . _ - after the first; 40 at most.",
              place: member.keyPlace.description))
          continue
        }
        node.problems.refuse(member.key, since: others.since, .scriptUnknownKey, at: member.keyPlace)
        continue
      }
      if let near { meant.append(near) }
      node.problems.refuse(
        Finding(
          .scriptUnknownKey,
          "The key “\(visible(member.key))” is not known \(node.path.isEmpty ? "here" : "in \(node.path)").",
          hint: allowed(known, near: near), place: member.keyPlace.description))
    }
    self.node = node
    self.group = group
    self.members = members
    self.meant = meant
  }

  /// What stands under a key.
  func member(_ row: FieldRow) -> ScriptNode? {
    assert(group.names.contains(row.name), "\(row.name) is not in the table of \(group.id)")
    return members.first { $0.key == row.name }?.node
  }

  func has(_ row: FieldRow) -> Bool { member(row) != nil }

  /// What stands under names of the script's own, where the group takes such names.
  var others: [ScriptNode.Member] {
    guard group.others != nil else { return [] }
    return members.filter { !group.names.contains($0.key) && isName($0.key) }
  }

  /// Whether a key is neither there nor misspelt.
  func lacks(_ row: FieldRow) -> Bool { member(row) == nil && !meant.contains(row.name) }

  /// The value of a key, as the table says how to read it and what holds without it.
  subscript<Value>(field: Field<Value>) -> Value { value(field, or: field.fallback) }

  /// The same where only the rest of the script says what holds without it.
  func value<Value>(_ field: Field<Value>, or fallback: Value) -> Value {
    read(field.row, or: fallback, field.type.read)
  }

  /// What stands under a key whose reading needs the rest of the script. Where it is wrong, or must be there and is
  /// missing, that is noted, and the fallback taken.
  func read<Value>(
    _ row: FieldRow, or fallback: Value, _ read: (ScriptNode) throws(Finding) -> Value
  ) -> Value {
    guard let found = member(row) else {
      // What stands there instead says enough.
      switch row.need {
      case .unless(let other), .without(let other):
        if members.contains(where: { $0.key == other }) { return fallback }
      default: break
      }
      // Whether it must be there is the group's to say: `say` must where a step has nothing else.
      if let hint = group.rows.first(where: { $0.name == row.name })?.hintWhereMissing, lacks(row) {
        node.problems.refuse(node.refused("the key “\(row.name)” is missing", hint: hint, .scriptMissingKey))
      }
      return fallback
    }
    return node.problems.attempt { () throws(Finding) in try read(found) } ?? fallback
  }
}

extension FieldRow {
  /// nil where the key may be left out.
  fileprivate var hintWhereMissing: String? {
    switch need {
    case .always(let hint): hint
    case .unless, .without, .besideRoot: "Add it."
    case .never, .onlyWith: nil
    }
  }
}

extension ScriptNode {
  /// One line of text, as people will read it on a screen. See ``ScriptText``.
  func text() throws(Finding) -> String {
    let text = try word()
    if let comment {
      problems.remark(
        Finding(
          .scriptComment, .warning,
          "\(path): the text ends with “\(visible(String(text.suffix(30))))”: what follows is a comment.",
          hint: "If it belongs to the text, put the whole text in quotes. If not, give the comment a line of its own.",
          place: comment.description))
    }
    if !ScriptText.isComposed(text) {
      problems.remark(
        Finding(
          .scriptText, "\(path): letters and accents are written apart, so that this looks like other text and is not.",
          hint: "Type the text anew, or bring the file into Unicode's normal form C.", place: place))
    }
    return text
  }

  private func word() throws(Finding) -> String {
    guard case .scalar(let text, let isPlain) = value else {
      throw refused("expected text", hint: "Write one line of text; put a text that begins with “[” or “{” in quotes.")
    }
    if isPlain, ScriptText.nulls.contains(text) {
      throw refused(
        text.isEmpty ? "there is no text here" : "“\(text)” is no text: YAML reads it as nothing",
        hint: comment != nil
          ? "What begins with “#” is a comment: put the text in quotes."
          : text.isEmpty ? "Write the text." : "Put it in quotes where it is meant as text.")
    }
    let bare = text.hasSuffix("\n") ? String(text.dropLast()) : text
    guard !bare.isEmpty, bare.unicodeScalars.count <= ScriptText.longest else {
      throw refused("the text is empty or longer than 500 characters", hint: "Shorten it, or split it into lines.")
    }
    if let unseen = bare.unicodeScalars.first(where: { !ScriptText.isSeen($0) }) {
      throw refused(
        "the text holds U+\(ScriptLines.code(unseen)), which nobody sees",
        hint: "Remove it; write several lines as a list.")
    }
    guard !ScriptText.isBlank(bare) else { throw refused("the text is blank", hint: "Write words.") }
    return bare
  }

  /// One text, or a list of them.
  func texts() throws(Finding) -> [String] {
    guard case .list(let items) = value else { return [try text()] }
    guard !items.isEmpty else { throw refused("the list is empty", hint: "Add a line, or leave the key out.") }
    return items.compactMap { item in problems.attempt { () throws(Finding) in try item.text() } }
  }

  /// A name that other parts of the script and file names may carry: `[a-z0-9][a-z0-9._-]*` without `..`, at most 40 long.
  func name() throws(Finding) -> String {
    if case .list = value {
      throw refused("expected one name, not a list", hint: "Write one name; what is for several takes several entries.")
    }
    let name = try word()
    guard isName(name), name.utf8.count <= 40 else {
      throw refused(
        "“\(visible(name))” is not a name", hint: "Use small letters, digits, and . _ - after the first; 40 at most.")
    }
    return name
  }

  /// A list of names, each once.
  ///
  /// - Parameters:
  ///   - known: what they must be among; empty where nobody can say.
  ///   - lack: what is wrong with another one.
  ///   - list: how the known ones are called.
  func names(
    among known: [String], else lack: String, _ list: String, _ code: Finding.Code = .scriptReference
  ) throws(Finding) -> [String] {
    guard case .list(let items) = value, !items.isEmpty else {
      throw refused("expected a list of names", hint: "Write them in brackets, also a single one: \(inBrackets).")
    }
    var names: [String] = []
    for item in items {
      guard let name = problems.attempt({ () throws(Finding) in try item.name(among: known, else: lack, list, code) })
      else { continue }
      if names.contains(name) {
        problems.refuse(item.refused("“\(name)” is listed twice", hint: "Name it once."))
      } else {
        names.append(name)
      }
    }
    return names
  }

  /// How a list would have been written.
  private var inBrackets: String {
    guard case .scalar(let text, _) = value else { return "[one, two]" }
    let parts = text.split { $0 == "," || $0 == " " }
    return parts.isEmpty || !parts.allSatisfy({ isName(String($0)) })
      ? "[one, two]" : "[\(parts.joined(separator: ", "))]"
  }

  /// One of the names that the script gives.
  func name(
    among known: [String], else lack: String, _ list: String, _ code: Finding.Code = .scriptReference
  ) throws(Finding) -> String {
    if case .scalar(let text, _) = value, !isName(text), known.contains(text.lowercased()) {
      throw refused("“\(visible(text))” \(lack)", hint: allowed(known, near: text, list))
    }
    let name = try name()
    guard known.isEmpty || known.contains(name) else {
      throw refused("“\(name)” \(lack)", hint: allowed(known, near: name, list), code)
    }
    return name
  }

  /// The items of a list that must not be empty.
  func items() throws(Finding) -> [ScriptNode] {
    guard case .list(let items) = value, !items.isEmpty else {
      throw refused(
        "expected a list", hint: "Write it in brackets, \(inBrackets), or each item below with “- ” before it.")
    }
    return items
  }

  /// The members of a mapping whose keys are names.
  ///
  /// - Parameter longest: the most characters of a name.
  func named(longest: Int = 40) throws(Finding) -> [Member] {
    guard case .mapping(let members) = value, !members.isEmpty else {
      throw refused("expected names with their values", hint: "Write each as “name:” with its keys below.")
    }
    return members.filter { member in
      if isName(member.key), member.key.utf8.count <= longest { return true }
      problems.refuse(
        Finding(
          .scriptValue, "\(path): “\(visible(member.key))” is not a name",
          hint: "Use small letters, digits, and . _ - after the first; \(longest) at most.",
          place: member.keyPlace.description)
      )
      return false
    }
  }

  /// A decimal number written plainly: no sign, no leading zero, no other base.
  func number(_ range: ClosedRange<Int>, or other: String = "") throws(Finding) -> Int {
    guard case .scalar(let text, true) = value, let number = Int(text), String(number) == text, range.contains(number)
    else {
      throw refused(
        "expected a whole number from \(range.lowerBound) to \(range.upperBound)",
        hint: "Write it in digits alone: unquoted, without spaces, commas or leading zeros\(other).")
    }
    return number
  }

  /// One of a few words.
  func choice<Choice>(_ choices: [(String, Choice)]) throws(Finding) -> Choice {
    let words = choices.map(\.0)
    guard case .scalar(let text, _) = value else {
      throw refused("expected one of \(words.joined(separator: ", "))", hint: "Write one of these words exactly.")
    }
    guard let found = choices.first(where: { $0.0 == text }) else {
      throw refused("“\(visible(text))” cannot stand here", hint: allowed(words, near: text))
    }
    return found.1
  }

  /// `YYYY-MM-DDTHH:MM:SSZ`.
  func time() throws(Finding) -> UTCTime {
    guard case .scalar(let text, _) = value, let time = UTCTime(text) else {
      throw refused(
        "expected a moment in UTC that the calendar has",
        hint: "Write it as 2027-12-01T00:00:00Z, without fractions or an offset; for a rehearsal also {days: 7}.")
    }
    return time
  }

  /// A serial, or `record`.
  func cardPin() throws(Finding) -> Keyholder.CardPin {
    if case .scalar("record", _) = value {
      .record
    } else {
      .serial(try serial(or: ". Or write “record”: its number is then taken down in the room"))
    }
  }

  /// - Parameter other: what else may stand here, for the hint.
  func serial(or other: String = "") throws(Finding) -> UInt32 {
    UInt32(truncatingIfNeeded: try number(Keyholder.serials, or: other))
  }

  /// The name of a file.
  func fileName() throws(Finding) -> String {
    do throws(Finding) { return try name() } catch {
      throw Finding(
        error.code, error.what,
        hint: "Name a file beside the script, without folders. \(error.hint) Rename the file where it has others.",
        place: error.place)
    }
  }

  func initials() throws(Finding) -> String {
    let text = try text()
    guard (2...4).contains(text.utf8.count),
      text.unicodeScalars.allSatisfy({ $0.isASCII && $0.properties.isAlphabetic })
    else {
      throw refused("“\(visible(text))” are no initials", hint: "Write two to four letters of A to Z.")
    }
    return text
  }

  /// The 32 bytes of a public key.
  func ed25519() throws(Finding) -> [UInt8] {
    guard case .scalar(let text, _) = value, let bytes = Hex.decode(text), bytes.count == 32 else {
      throw refused(
        "expected an Ed25519 public key",
        hint: "Write its 32 bytes as 64 hexadecimal characters, or name a PEM file with “file” and “sha256”.")
    }
    return bytes
  }

  /// The first digits of a key id: eight at least, in small letters.
  func keyID() throws(Finding) -> String {
    guard case .scalar(let text, _) = value, Self.isKeyID(text) else {
      throw refused(
        "expected the beginning of a key id",
        hint: "Write at least \(KeptKeyName.fewestDigits) of its hexadecimal digits, in small letters.")
    }
    return text
  }

  static func isKeyID(_ text: String) -> Bool {
    (KeptKeyName.fewestDigits...64).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
      }
  }

  /// 16 bytes.
  func nonce() throws(Finding) -> [UInt8] {
    guard case .scalar(let text, _) = value, let bytes = Hex.decode(text), bytes.count == 16,
      Hex.encode(bytes) == text
    else {
      throw refused("expected a nonce", hint: "32 characters 0-9 and a-f, as “draft” writes them: no two alike.")
    }
    return bytes
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

/// A small letter of ASCII, or a digit.
func isNameStart(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}
