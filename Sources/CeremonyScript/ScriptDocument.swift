import Findings
import Yams

/// The script's text as a tree of nodes that know where they stand.
struct ScriptDocument {
  static let largest = 256 * 1024

  let root: ScriptNode

  /// Throws a ``Finding`` with `script.yaml:line:column` for what leaves no tree.
  init(_ bytes: [UInt8], _ problems: ScriptProblems) throws(Finding) {
    let start = ScriptPlace(line: 1, column: 1)
    guard bytes.count <= Self.largest else {
      throw ScriptLines.refusal(
        "The script is \(bytes.count) bytes long.", hint: "At most 262,144 bytes: shorten the texts.")
    }
    guard !bytes.starts(with: [0xef, 0xbb, 0xbf]) else {
      throw ScriptLines.refusal(
        "The script begins with a byte-order mark.", hint: "Save it as UTF-8 without one.", start)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ScriptLines.refusal("The script is not UTF-8.", hint: "Save it as UTF-8.")
    }
    let lines = try ScriptLines(text)
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch let error as YamlError {
      throw lines.finding(for: error)
    } catch {
      throw ScriptLines.refusal("The script is not YAML.", hint: "Check its indentation and quotes.")
    }
    guard let node else {
      throw ScriptLines.refusal("The script is empty.", hint: "Begin with one from Runbook/.", start)
    }
    root = ScriptNode(node, at: "", isInFlow: false, lines, problems)
  }
}

/// A node of the script: its value and its place.
struct ScriptNode {
  enum Value {
    case scalar(String, isPlain: Bool)
    case list([ScriptNode])
    case mapping([Member])
    /// What must not stand in a script; it is noted already.
    case refused
  }

  struct Member {
    let key: String
    let keyPlace: ScriptPlace
    let node: ScriptNode
  }

  let value: Value
  /// The names that lead here, such as `roles.root`; "" for the whole script.
  let path: String
  let position: ScriptPlace
  /// Where a comment ends this plain scalar; nil where none does.
  let comment: ScriptPlace?
  let problems: ScriptProblems

  /// - Parameter isInFlow: whether it stands between brackets or braces.
  fileprivate init(
    _ node: Node, at path: String, isInFlow: Bool, _ lines: ScriptLines, _ problems: ScriptProblems
  ) {
    self.path = path
    self.problems = problems
    position = ScriptPlace(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    // An alias is the node that it stands for, and its place is the anchor's.
    if ["&", "*", "!"].contains(lines[position]) {
      let isTag = lines[position] == "!"
      problems.refuse(
        ScriptLines.refusal(
          isTag ? "Explicit tags are not allowed." : "Anchors and aliases are not allowed.",
          hint: isTag
            ? "Leave the tag out; quote the value if it is text." : "Write the value out where it is meant.", position))
      value = .refused
      comment = nil
      return
    }
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain || scalar.style == .any
      let isBlock = scalar.style == .literal || scalar.style == .folded
      // Other readers of YAML refuse these, or see other text.
      if isPlain && isInFlow && scalar.string.contains("?") || isBlock && !lines.isCleanHeader(at: position) {
        problems.refuse(
          ScriptLines.refusal("Not every reader of YAML sees the same here.", hint: "Put the text in quotes.", position))
        value = .refused
        comment = nil
        return
      }
      value = .scalar(scalar.string, isPlain: isPlain)
      comment = isPlain ? lines.comment(after: scalar.string, at: position) : nil
    case .sequence(let sequence):
      value = .list(
        sequence.enumerated().map {
          ScriptNode(
            $0.element, at: "\(path)[\($0.offset + 1)]", isInFlow: isInFlow || sequence.style == .flow, lines, problems)
        })
      comment = nil
    case .mapping(let mapping):
      let isInFlow = isInFlow || mapping.style == .flow
      var members: [Member] = []
      for (key, item) in mapping {
        let keyNode = ScriptNode(key, at: path, isInFlow: isInFlow, lines, problems)
        if case .refused = keyNode.value { continue }
        guard case .scalar(let name, _) = keyNode.value, name != "<<", !name.isEmpty else {
          problems.refuse(
            ScriptLines.refusal(
              "A key must be a plain name; merge keys are not allowed.", hint: "Write the keys out.",
              keyNode.position))
          continue
        }
        let inner = path.isEmpty ? visible(name) : "\(path).\(visible(name))"
        let item = ScriptNode(item, at: inner, isInFlow: isInFlow, lines, problems)
        members.append(Member(key: name, keyPlace: keyNode.position, node: item))
      }
      value = .mapping(members)
      comment = nil
    case .alias:
      value = .refused
      comment = nil
    }
  }

  /// Stands for a mapping that was left out.
  init(emptyMapping problems: ScriptProblems) {
    self.problems = problems
    value = .mapping([])
    path = ""
    position = ScriptPlace(line: 1, column: 1)
    comment = nil
  }

  var place: String { position.description }

  func refused(_ what: String, hint: String, _ code: Finding.Code = .scriptValue) -> Finding {
    Finding(code, path.isEmpty ? what : "\(path): \(what)", hint: hint, place: place)
  }

  /// The place of every key below, by the names that lead to it.
  var keyPlaces: [String: String] {
    var places: [String: String] = [:]
    gather(&places)
    return places
  }

  private func gather(_ places: inout [String: String]) {
    switch value {
    case .scalar, .refused: break
    case .list(let items): for item in items { item.gather(&places) }
    case .mapping(let members):
      for member in members {
        places[member.node.path] = member.keyPlace.description
        member.node.gather(&places)
      }
    }
  }
}

/// Text from a script as it may be shown in a finding: short, and without control characters.
func visible(_ text: String) -> String {
  let shown = text.unicodeScalars.prefix(60).map { ScriptText.isSeen($0) ? Character($0) : "·" }
  return String(shown)
}
