import CanonicalJSON

/// How things stand, on every screen: what ceremony it is, how far it has come, who has a card, a key, and has signed.
/// From engine version 8 on.
package struct Standing: Hashable, Sendable {
  /// What the script calls the ceremony.
  package var ceremony: String
  /// The id of the script's step whose part this is.
  package var section: String
  /// By the script: before the present step, and in all.
  package var minutes: Minutes
  /// How many are on record.
  package var exceptions: Int
  /// One for each role that is signed here, in the script's order; then the transcript seal's, once there is something to seal.
  package var boards: [Board]
  /// Whoever is not here, and why, in words.
  package var away: [String]
  /// The steps right before this one that were skipped, and why, in words.
  package var skipped: [String]

  package init(
    ceremony: String, section: String, minutes: Minutes, exceptions: Int, boards: [Board], away: [String],
    skipped: [String] = []
  ) {
    self.ceremony = ceremony
    self.section = section
    self.minutes = minutes
    self.exceptions = exceptions
    self.boards = boards
    self.away = away
    self.skipped = skipped
  }

  package struct Minutes: Hashable, Sendable {
    package let before: Int
    package let all: Int

    package init(before: Int, all: Int) {
      self.before = before
      self.all = all
    }
  }
}

/// Who signs one role's metadata, or the transcript seal, and how far they are.
package struct Board: Hashable, Sendable {
  /// `root`, `targets`, or ``seal``.
  package let role: String
  /// Of the metadata, once it is built.
  package let version: Int?
  /// The role's own keys; of a root that follows another first the keys of that.
  package let sides: [Side]
  /// In the script's order. An official signs the seal and counts for no side.
  package let people: [Person]

  package static let seal = "seal"

  package init(role: String, version: Int?, sides: [Side], people: [Person]) {
    self.role = role
    self.version = version
    self.sides = sides
    self.people = people
  }

  package struct Side: Hashable, Sendable {
    /// `old` or `new`.
    package let side: String
    package let signed: Int
    package let threshold: Int

    package init(_ side: String, signed: Int, threshold: Int) {
      self.side = side
      self.signed = signed
      self.threshold = threshold
    }
  }

  package struct Person: Hashable, Sendable {
    package let id: String
    /// As screens name them.
    package let name: String
    /// The sides for which a signature of theirs counts.
    package let sides: [String]
    package let state: State
    /// Nothing showed here that the card of a kept key still signs.
    package let isUnproven: Bool

    package init(id: String, name: String, sides: [String], state: State, isUnproven: Bool) {
      self.id = id
      self.name = name
      self.sides = sides
      self.state = state
      self.isUnproven = isUnproven
    }
  }

  /// How far somebody is; each includes those before it.
  package enum State: String, Sendable, CaseIterable {
    case none, card, key, signed
  }
}

// MARK: - Records

extension Standing {
  /// Whether a screen's record has one, and a whole one.
  package static func isIn(_ screen: JSONObject) -> Bool { screen["standing"].flatMap(Standing.init) != nil }

  var json: JSONObject {
    [
      "ceremony": .string(ceremony), "section": .string(section), "exceptions": .integer(Int64(exceptions)),
      "minutes": ["before": .integer(Int64(minutes.before)), "all": .integer(Int64(minutes.all))],
      "boards": .array(boards.map { .object($0.json) }), "away": .array(away.map { .string($0) }),
      "skipped": .array(skipped.map { .string($0) }),
    ]
  }

  init?(_ value: JSONValue) {
    guard let ceremony = value["ceremony"]?.string, let section = value["section"]?.string,
      let exceptions = value["exceptions"]?.count, let before = value["minutes"]?["before"]?.count,
      let all = value["minutes"]?["all"]?.count, let boards = value["boards"]?.list(Board.init),
      let away = value["away"]?.list(\.string), let skipped = value["skipped"]?.list(\.string)
    else { return nil }
    self.init(
      ceremony: ceremony, section: section, minutes: Minutes(before: before, all: all), exceptions: exceptions,
      boards: boards, away: away, skipped: skipped)
  }
}

extension Board {
  fileprivate var json: JSONObject {
    var object: JSONObject = [
      "role": .string(role), "sides": .array(sides.map(\.json)), "people": .array(people.map { .object($0.json) }),
    ]
    if let version { object["version"] = .integer(Int64(version)) }
    return object
  }

  fileprivate init?(_ value: JSONValue) {
    guard let role = value["role"]?.string, let sides = value["sides"]?.list(Side.init),
      let people = value["people"]?.list(Person.init), (value["version"] == nil) == (value["version"]?.count == nil)
    else { return nil }
    self.init(role: role, version: value["version"]?.count, sides: sides, people: people)
  }
}

extension Board.Side {
  fileprivate var json: JSONValue {
    ["side": .string(side), "signed": .integer(Int64(signed)), "threshold": .integer(Int64(threshold))]
  }

  fileprivate init?(_ value: JSONValue) {
    guard let side = value["side"]?.string, let signed = value["signed"]?.count,
      let threshold = value["threshold"]?.count
    else { return nil }
    self.init(side, signed: signed, threshold: threshold)
  }
}

extension Board.Person {
  fileprivate var json: JSONObject {
    var object: JSONObject = [
      "id": .string(id), "name": .string(name), "sides": .array(sides.map { .string($0) }),
      "state": .string(state.rawValue),
    ]
    if isUnproven { object["unproven"] = .bool(true) }
    return object
  }

  fileprivate init?(_ value: JSONValue) {
    guard let id = value["id"]?.string, let name = value["name"]?.string,
      let sides = value["sides"]?.list(\.string),
      let state = value["state"]?.string.flatMap(Board.State.init(rawValue:)),
      (value["unproven"] == nil) == (value["unproven"]?.bool == nil)
    else { return nil }
    self.init(id: id, name: name, sides: sides, state: state, isUnproven: value["unproven"]?.bool == true)
  }
}

extension JSONValue {
  fileprivate var count: Int? { integer.flatMap(Int.init(exactly:)) }
}

// MARK: - Words

extension Board {
  /// “root 4: old 1 of 2, new 0 of 3; Ada ✓ (old, new) · Boris key (old) · Chandra –”.
  package var words: String {
    people.isEmpty ? heading : "\(heading); \(people.map { marked($0) }.joined(separator: " · "))"
  }

  /// “root 4: old 1 of 2, new 0 of 3; signed: Ada”.
  package var shortWords: String {
    let signed = people.filter { $0.state == .signed }.map(\.name)
    return heading + (signed.isEmpty ? "" : "; signed: \(signed.joined(separator: ", "))")
  }

  /// “root 4: old 1 of 2, new 0 of 3”; “root 4: 2 of 2 (3 signed)” where more signed than are needed.
  package var heading: String {
    let counts = sides.map { side in
      let count = "\(min(side.signed, side.threshold)) of \(side.threshold)"
      let more = side.signed > side.threshold ? " (\(side.signed) signed)" : ""
      return (sides.count > 1 ? "\(side.side) " : "") + count + more
    }
    return "\(role)\(version.map { " \($0)" } ?? ""): \(counts.joined(separator: ", "))"
  }

  /// What the marks of these boards mean.
  package static func legend(for boards: [Board]) -> String {
    var words =
      "Beside each name: – no card was seen yet, card: the card is known, key: the key is there and has not signed, ✓: signed."
    if boards.contains(where: { $0.sides.count > 1 }) {
      words += " old: counts for the root before; new: for this one."
    }
    if boards.contains(where: { $0.people.contains(where: \.sides.isEmpty) }) {
      words += " not counted: signs, but the threshold counts others."
    }
    if boards.contains(where: { $0.people.contains(where: \.isUnproven) }) {
      words += " unproven: nobody saw today that this card still signs."
    }
    return words
  }

  /// “Ada ✓”.
  package func marked(_ person: Person) -> String {
    let mark =
      switch person.state {
      case .none: "–"
      case .card: "card"
      case .key: "key"
      case .signed: "✓"
      }
    let counts =
      person.sides.isEmpty
      ? " (not counted)" : sides.count > 1 ? " (\(person.sides.joined(separator: ", ")))" : ""
    return "\(person.name) \(mark)\(counts)\(person.isUnproven ? " unproven" : "")"
  }
}

extension Standing {
  /// Whoever is not here; nil where everybody is.
  package var awayInWords: String? { away.isEmpty ? nil : "not here: \(away.joined(separator: ", "))" }

  package var exceptionsInWords: String {
    switch exceptions {
    case 0: "no exception"
    case 1: "1 exception"
    default: "\(exceptions) exceptions"
    }
  }
}
