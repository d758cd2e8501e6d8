/// What may stand under a key, as far as it can be said without the rest of the script.
package indirect enum Shape: Sendable {
  /// One line of text, by the rules of ``ScriptText``.
  case text
  /// One text, or a list of them.
  case texts
  /// One scalar of a certain form.
  case scalar(ScalarForm)
  /// Names of custom fields, each with a text, a whole number or a truth value.
  case customFields
  /// The same, and after another root any name and value that it had, or `null`.
  case inheritedFields
  /// A whole number, in digits and without quotes.
  case number(ClosedRange<Int>)
  /// One of these words.
  case words([String])
  /// One of these words, or what the other shape takes.
  case wordsOr([String], Shape)
  /// At least one item.
  case list(Shape)
  /// At least one name, each once.
  case names
  case mapping(FieldGroup)
  /// What the shape takes, or a mapping.
  case mappingOr(FieldGroup, Shape)
  /// A mapping of the group where this key is in it, else what the other shape takes. Without a group, the key is refused.
  case mappingBy(String, FieldGroup?, else: Shape)
  /// Names that the script gives, each with a mapping. Some names mean something else and are refused.
  case named(FieldGroup, reserved: [String], longest: Int = 40)
  /// A list of steps, each with the keys of its ``StepKind``.
  case steps
  /// The name of a ``StepKind``.
  case kind
}

/// A scalar that is known by its form.
package struct ScalarForm: Sendable {
  /// As in “a SHA-256 digest”.
  package let words: String
  /// A regular expression that matches all of it, in the words that ECMA-262 and Python share.
  package let pattern: String
  /// The most characters; nil where the pattern says it.
  package var longest: Int?
  /// Whether what YAML takes for a number or a truth may be one.
  package var mayLookLikeNumber = false

  /// A name that other parts of the script and file names may carry.
  package static let name = ScalarForm(
    words: "a name", pattern: "^(?!.*\\.\\.)[a-z0-9][a-z0-9._-]*$", longest: 40, mayLookLikeNumber: true)
  package static let moment = ScalarForm(
    words: "a moment in UTC", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")
  package static let digest = ScalarForm(words: "a SHA-256", pattern: "^[0-9a-f]{64}$")
  /// The first digits of a key id.
  package static let keyID = ScalarForm(
    words: "the first digits of a key id, 8 at least", pattern: "^[0-9a-f]{8,64}$", mayLookLikeNumber: true)
  package static let nonce = ScalarForm(words: "16 bytes in hex", pattern: "^[0-9a-f]{32}$", mayLookLikeNumber: true)
  package static let ed25519 = ScalarForm(words: "an Ed25519 public key in hex", pattern: "^[0-9a-fA-F]{64}$")
  /// One of a target file, or a pattern of such paths.
  package static let targetPath = ScalarForm(
    words: "a path of printable ASCII without brackets and backslashes, `/` between its parts",
    pattern: "^(?!(.*/)?[.][.]?(/|$))[!-.0-Z^-z|~]+(/[!-.0-Z^-z|~]+)*$", longest: 400,
    mayLookLikeNumber: true)
  package static let hashPrefix = ScalarForm(
    words: "1 to 64 digits 0-9 and a-f", pattern: "^[0-9a-f]{1,64}$", mayLookLikeNumber: true)
  package static let initials = ScalarForm(
    words: "two to four letters", pattern: "^[A-Za-z]{2,4}$", mayLookLikeNumber: true)
}
