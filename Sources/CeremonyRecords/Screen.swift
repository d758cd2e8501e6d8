import CanonicalJSON
import Keys
import Transcript

/// What everybody sees, as a structure: who acts, what happens, what to say, what to compare, what to answer.
/// Layout, clock and colour are the console's.
package struct Screen: Hashable, Sendable {
  package static let kind = RecordKind.screen

  package var step: Int
  package var steps: Int
  package var title: String
  /// Who acts, by the name that the script gives.
  package var who: String
  /// What happens, line by line.
  package var text: [String] = []
  /// Words to say aloud.
  package var say: [String] = []
  /// Digests to compare.
  package var digests: [Labelled] = []
  /// Facts in two columns.
  package var facts: [Fact] = []
  /// Before engine version 8, in words: how many signatures each role has, and who is not here.
  package var tally: [String] = []
  /// nil before engine version 8.
  package var standing: Standing?
  /// In the largest type, first: REHEARSAL, NOT PROVEN TO BE ON HARDWARE.
  package var banners: [String] = []
  package var prompt: Prompt?

  package init(step: Int, steps: Int, title: String, who: String) {
    self.step = step
    self.steps = steps
    self.title = title
    self.who = who
  }

  package struct Labelled: Hashable, Sendable {
    package let label: String
    package let digest: SHA256Digest

    package init(label: String, digest: SHA256Digest) {
      self.label = label
      self.digest = digest
    }
  }

  package struct Fact: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }
}

extension Screen: ReadableRecordBody {
  /// How things stand, line by line, in the words of whichever engine version it was.
  package var standingInWords: [String] {
    standing.map { $0.boards.map(\.words) + [$0.awayInWords].compactMap(\.self) + $0.skipped } ?? tally
  }

  /// As a record holds it; empty parts are left out.
  package var json: JSONObject {
    var object: JSONObject = [
      "step": .integer(Int64(step)), "steps": .integer(Int64(steps)), "title": .string(title), "who": .string(who),
    ]
    func put(_ name: String, _ lines: [JSONValue]) { if !lines.isEmpty { object[name] = .array(lines) } }
    put("text", text.map { .string($0) })
    put("say", say.map { .string($0) })
    put("tally", tally.map { .string($0) })
    put("banners", banners.map { .string($0) })
    put(
      "digests",
      digests.map {
        [
          "label": .string($0.label), "sha256": .string($0.digest.hex),
          "words": .array($0.digest.words.map { .string($0) }),
        ]
      })
    put("facts", facts.map { ["name": .string($0.name), "value": .string($0.value)] })
    if let standing { object["standing"] = .object(standing.json) }
    if let prompt { object["prompt"] = .object(prompt.json) }
    return object
  }

  /// What an unattended rehearsal would have answered is not recorded, and empty here.
  package init?(fields body: JSONObject) {
    guard let step = body["step"]?.integer.flatMap(Int.init(exactly:)),
      let steps = body["steps"]?.integer.flatMap(Int.init(exactly:)), let title = body["title"]?.string,
      let who = body["who"]?.string
    else { return nil }
    self.init(step: step, steps: steps, title: title, who: who)
    /// Each entry of a list that may be missing; nil where one is something else.
    func list<Entry>(_ name: String, _ read: (JSONValue) -> Entry?) -> [Entry]? {
      guard let value = body[name] else { return [] }
      return value.list(read)
    }
    guard let text = list("text", \.string), let say = list("say", \.string), let tally = list("tally", \.string),
      let banners = list("banners", \.string), let digests = list("digests", Labelled.init),
      let facts = list("facts", Fact.init)
    else { return nil }
    self.text = text
    self.say = say
    self.tally = tally
    self.banners = banners
    self.digests = digests
    self.facts = facts
    standing = body["standing"].flatMap(Standing.init)
    prompt = body["prompt"].flatMap(Prompt.init)
    guard (prompt == nil) == (body["prompt"] == nil), (standing == nil) == (body["standing"] == nil) else { return nil }
  }
}

extension Screen.Labelled {
  fileprivate init?(_ value: JSONValue) {
    guard let label = value["label"]?.string, let digest = value["sha256"]?.string.flatMap(SHA256Digest.init(hex:))
    else { return nil }
    self.init(label: label, digest: digest)
  }
}

extension Screen.Fact {
  package init?(_ value: JSONValue) {
    guard let name = value["name"]?.string, let fact = value["value"]?.string else { return nil }
    self.init(name: name, value: fact)
  }
}
