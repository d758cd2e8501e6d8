import Findings
import Yams

extension Finding.Code {
  /// Not one YAML document of at most 256 KiB in UTF-8, without byte-order mark, anchors, aliases, tags and merge keys.
  public static let scriptSyntax = Finding.Code("SCRIPT-SYNTAX")
  public static let scriptUnknownKey = Finding.Code("SCRIPT-UNKNOWN-KEY")
  public static let scriptDuplicateKey = Finding.Code("SCRIPT-DUPLICATE-KEY")
  public static let scriptMissingKey = Finding.Code("SCRIPT-MISSING-KEY")
  /// A value of the wrong kind, or out of its bounds.
  public static let scriptValue = Finding.Code("SCRIPT-VALUE")
  /// A version of scripts that this program does not know.
  public static let scriptVersion = Finding.Code("SCRIPT-VERSION")
  /// A name that nothing in the script bears.
  public static let scriptReference = Finding.Code("SCRIPT-REFERENCE")
}

/// The script's text as a tree of nodes that know where they stand.
struct ScriptDocument {
  static let largest = 256 * 1024

  let root: ScriptNode

  /// Throws a ``Finding`` with `script.yaml:line:column`.
  init(_ bytes: [UInt8]) throws(Finding) {
    guard bytes.count <= Self.largest else {
      throw Self.refusal("The script is \(bytes.count) bytes long.", hint: "At most 262,144 bytes: shorten the texts.")
    }
    guard !bytes.starts(with: [0xef, 0xbb, 0xbf]) else {
      throw Self.refusal("The script begins with a byte-order mark.", hint: "Save it as UTF-8 without one.", 1, 1)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Self.refusal("The script is not UTF-8.", hint: "Save it as UTF-8.")
    }
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch let error as YamlError {
      throw Self.finding(for: error)
    } catch {
      throw Self.refusal("The script is not YAML.", hint: "Check its indentation and quotes.")
    }
    guard let node else {
      throw Self.refusal("The script is empty.", hint: "Begin with one from Runbook/.", 1, 1)
    }
    root = try ScriptNode(node, at: "", lines: Self.lines(of: text))
  }

  /// The lines as the YAML reader counts them: CR LF, CR, LF, NEL, LS and PS end one (YAML 1.1 §5.4).
  private static func lines(of text: String) -> [[Unicode.Scalar]] {
    var lines: [[Unicode.Scalar]] = []
    var line: [Unicode.Scalar] = []
    var previous: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n" where previous == "\r": break
      case "\r", "\n", "\u{85}", "\u{2028}", "\u{2029}":
        lines.append(line)
        line = []
      default: line.append(scalar)
      }
      previous = scalar
    }
    return lines + [line]
  }

  private static func refusal(_ what: String, hint: String, _ line: Int? = nil, _ column: Int? = nil) -> Finding {
    let place = if let line, let column { "script.yaml:\(line):\(column)" } else { "script.yaml" }
    return Finding(.scriptSyntax, what, hint: hint, place: place)
  }

  private static func finding(for error: YamlError) -> Finding {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      if problem.contains("document") {
        return refusal(
          "The script has more than one YAML document.", hint: "Keep one; `---` may stand only at the top.",
          mark.line, mark.column)
      }
      return refusal(
        "The script is not YAML here: \(problem).", hint: "Check the indentation, colons and quotes of this line.",
        mark.line, mark.column)
    case .duplicatedKeysInMapping(let duplicates, let context):
      let name = duplicates.first.map { "\($0)" } ?? ""
      return Finding(
        .scriptDuplicateKey, "The key “\(visible(name))” stands twice in one mapping.",
        hint: "Keep one of them: nobody can tell which is meant.",
        place: "script.yaml:\(context.mark.line):\(context.mark.column)")
    default:
      return refusal("The script is not YAML.", hint: "Check its encoding, indentation and quotes.")
    }
  }
}

/// A node of the script: its value and its place.
struct ScriptNode {
  enum Value {
    case scalar(String, isPlain: Bool)
    case list([ScriptNode])
    case mapping([(key: String, node: ScriptNode)])
  }

  let value: Value
  /// The names that lead here, such as `roles.root`; "" for the whole script.
  let path: String
  let line: Int
  let column: Int

  init(_ node: Node, at path: String, lines: [[Unicode.Scalar]]) throws(Finding) {
    self.path = path
    line = node.mark?.line ?? 1
    column = node.mark?.column ?? 1
    let place = "script.yaml:\(line):\(column)"
    if line <= lines.count, column <= lines[line - 1].count {
      switch lines[line - 1][column - 1] {
      case "&", "*":
        throw Finding(
          .scriptSyntax, "Anchors and aliases are not allowed.", hint: "Write the value out where it is meant.",
          place: place)
      case "!":
        throw Finding(
          .scriptSyntax, "Explicit tags are not allowed.", hint: "Leave the tag out; quote the value if it is text.",
          place: place)
      default: break
      }
    }
    switch node {
    case .scalar(let scalar):
      value = .scalar(scalar.string, isPlain: scalar.style == .plain || scalar.style == .any)
    case .sequence(let sequence):
      var items: [ScriptNode] = []
      for (index, item) in sequence.enumerated() {
        items.append(try ScriptNode(item, at: "\(path)[\(index + 1)]", lines: lines))
      }
      value = .list(items)
    case .mapping(let mapping):
      var members: [(String, ScriptNode)] = []
      for (key, item) in mapping {
        let keyNode = try ScriptNode(key, at: path, lines: lines)
        guard case .scalar(let name, _) = keyNode.value, name != "<<" else {
          throw Finding(
            .scriptSyntax, "A key must be a plain name; merge keys are not allowed.", hint: "Write the keys out.",
            place: "script.yaml:\(keyNode.line):\(keyNode.column)")
        }
        members.append(
          (name, try ScriptNode(item, at: path.isEmpty ? visible(name) : "\(path).\(visible(name))", lines: lines)))
      }
      value = .mapping(members)
    case .alias:
      throw Finding(
        .scriptSyntax, "Aliases are not allowed.", hint: "Write the value out where it is meant.", place: place)
    }
  }

  /// Stands for a mapping that was left out.
  init(emptyMapping: Void) {
    value = .mapping([])
    path = ""
    line = 1
    column = 1
  }

  var place: String { "script.yaml:\(line):\(column)" }

  func refused(_ what: String, hint: String, _ code: Finding.Code = .scriptValue) -> Finding {
    Finding(code, path.isEmpty ? what : "\(path): \(what)", hint: hint, place: place)
  }
}

/// Text from a script as it may be shown in a finding: short, and without control characters.
func visible(_ text: String) -> String {
  let shown = text.unicodeScalars.prefix(60).map { isPrintable($0) ? Character($0) : "·" }
  return String(shown)
}
