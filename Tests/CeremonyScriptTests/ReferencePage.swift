import CeremonyScript

/// `Runbook/SCRIPT.md`, made from the table of fields: every key, every kind of step, and what `check` knows.
enum ReferencePage {
  static var text: String {
    ([opening] + groups.map(section) + [steps, order, rules, whole]).joined(separator: "\n")
  }

  /// Every group of the table, each once: from the top downwards.
  static let groups: [FieldGroup] = {
    var groups: [FieldGroup] = []
    func visit(_ group: FieldGroup) {
      guard !groups.contains(where: { $0.id == group.id }) else { return }
      groups.append(group)
      for row in group.all { for inner in row.shape.groups { visit(inner) } }
    }
    visit(.script)
    return groups
  }()

  // MARK: Keys

  private static func section(_ group: FieldGroup) -> String {
    """
    ## \(group.heading)

    \(group.meaning)

    \(table(group.all))
    """
  }

  private static func table(_ rows: [FieldRow]) -> String {
    let hasVersions = rows.contains { $0.since > 1 }
    func line(_ cells: String...) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
    let head =
      hasVersions
      ? line("key", "value", "without it", "since", "what it says", "example") + "|---|---|---|---|---|---|\n"
      : line("key", "value", "without it", "what it says", "example") + "|---|---|---|---|---|\n"
    return head
      + rows.map { row in
        let (key, value, example) = ("`\(row.name)`", row.shape.words, row.shownExample)
        return hasVersions
          ? line(key, value, row.withoutIt, "`ceremony: \(row.since)`", row.meaning, example)
          : line(key, value, row.withoutIt, row.meaning, example)
      }.joined()
  }

  // MARK: Steps

  private static var steps: String {
    """
    ## `steps`

    A list of steps, in the order in which they are walked through. Every step takes these keys:

    \(table(StepKind.common.rows))
    """ + StepKind.all.map(kind).joined()
  }

  private static func kind(_ kind: StepKind) -> String {
    """

    ### `do: \(kind.name)`

    \(kind.meaning)\(kind.since > 1 ? " Since `ceremony: \(kind.since)`." : "")

    - Who acts: the \(kind.actor), where `who` does not say otherwise.
    - Where it stands: \(kind.order)

    \(kind.rows.isEmpty ? "" : table(kind.rows) + "\n")```yaml
    \(example(of: kind))```

    """
  }

  /// A step as it may stand in the whole script at the end.
  static func example(of kind: StepKind) -> String {
    let about = kind.rows.filter { ["role", "keyholder"].contains($0.name) }.map(\.example)
    let rows = kind.rows.map { "  \($0.name): \($0.example)\n" }.joined()
    return "- id: \(([kind.name] + about).joined(separator: "-"))\n  do: \(kind.name)\n\(rows)"
  }
}

extension FieldGroup {
  fileprivate var heading: String { id == "script" ? "The top" : place }
  /// As Markdown's readers make it of the heading.
  fileprivate var link: String {
    let kept = heading.lowercased().filter { $0.isLetter || $0.isNumber || " -_".contains($0) }
    return "[below](#\(kept.replacing(" ", with: "-")))"
  }
}

extension FieldRow {
  fileprivate var withoutIt: String {
    switch need {
    case .always: "must be there"
    case .never(let normal): shape.isWordOrNumber(normal) ? "`\(normal)`" : normal
    case .besideRoot: "must be there, unless the root stands alone"
    case .unless(let other): "must be there, unless `\(other)` is"
    case .without(let other): "must be there, unless `\(other)` is; it may stand beside it"
    case .onlyWith(let key, let value, let normal): "`\(normal)`; stands only with `\(key): \(value)`"
    }
  }

  /// What has keys of its own has their examples.
  fileprivate var shownExample: String {
    shape.groups.isEmpty && !shape.isSteps ? "`\(name): \(example)`" : ""
  }
}

extension Shape {
  /// The groups whose keys may stand under it.
  var groups: [FieldGroup] {
    switch self {
    case .text, .texts, .scalar, .number, .words, .names, .steps, .kind, .customFields, .inheritedFields: []
    case .wordsOr(_, let other), .list(let other): other.groups
    case .mapping(let group), .named(let group, _, _): [group]
    case .mappingOr(let group, let other): [group] + other.groups
    case .mappingBy(_, let group, let other): [group].compactMap(\.self) + other.groups
    }
  }

  fileprivate var isSteps: Bool { if case .steps = self { true } else { false } }

  fileprivate func isWordOrNumber(_ text: String) -> Bool {
    switch self {
    case .words(let words): words.contains(text)
    case .number: Int(text) != nil
    default: false
    }
  }

  /// What may be written, in words.
  fileprivate var words: String {
    switch self {
    case .text: "one line of text"
    case .texts: "one line of text, or a list of lines"
    case .scalar(let form): form.words
    case .number(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .words(let words): words.map { "`\($0)`" }.joined(separator: ", ")
    case .wordsOr(let words, let other): words.map { "`\($0)`, " }.joined() + "or \(other.words)"
    case .list(.mapping(let group)): "a list, each with keys, \(group.link)"
    case .list(let item): "a list, each \(item.words)"
    case .names: "a list of names, each once"
    case .mapping(let group): "keys, \(group.link)"
    case .mappingOr(let group, let other): "\(other.words), or keys, \(group.link)"
    case .mappingBy(let key, let group?, let other):
      "keys, \(group.link); without `\(key)`: \(other.words)"
    case .mappingBy(_, nil, let other): other.words
    case .named(let group, let reserved, _):
      "names, each with keys, \(group.link)"
        + (reserved.isEmpty ? "" : "; not \(reserved.map { "`\($0)`" }.joined(separator: ", "))")
    case .customFields:
      "names `x-…` (small letters, digits, hyphens), each with a text, a whole number, `true` or `false`"
    case .inheritedFields:
      "names `x-…`, each with a text, a whole number, `true` or `false`; after another root also the names and values that it "
        + "had, and `null`"
    case .kind: "one of the kinds below"
    case .steps: "a list of steps, [below](#steps)"
    }
  }
}
