import CanonicalJSON
import Keys

/// What everybody sees, as a structure: who acts, what happens, what to say, what to compare, what to answer.
/// Layout, clock and colour are the console's.
public struct Screen: Hashable, Sendable {
  public var step: Int
  public var steps: Int
  public var title: String
  /// Who acts, by the name that the script gives.
  public var who: String
  /// What happens, line by line.
  public var text: [String] = []
  /// Words to say aloud.
  public var say: [String] = []
  /// Digests to compare.
  public var digests: [Labelled] = []
  /// Facts in two columns.
  public var facts: [Fact] = []
  /// How many signatures of how many each role has, once its payload is built; then whoever is not here.
  public var tally: [String] = []
  /// In the largest type, first: REHEARSAL, NOT PROVEN TO BE ON HARDWARE.
  public var banners: [String] = []
  public var prompt: Prompt?

  public struct Labelled: Hashable, Sendable {
    public let label: String
    public let digest: SHA256Digest

    public init(label: String, digest: SHA256Digest) {
      self.label = label
      self.digest = digest
    }
  }

  public struct Fact: Hashable, Sendable {
    public let name: String
    public let value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }
}

extension Screen {
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
    if let prompt { object["prompt"] = .object(prompt.json) }
    return object
  }
}
