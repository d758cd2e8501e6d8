import CanonicalJSON
import CeremonyScript
import TUFMetadata

/// The JSON Schema of scripts for editors and CI, made from the table of fields: draft 7, which editors of YAML know.
struct ScriptSchema {
  /// The version of scripts that is described; keys that came later are not in it.
  private let version: Int
  private var definitions: [(String, JSONValue)] = []

  static var bytes: [UInt8] {
    var definitions: [(String, JSONValue)] = [("text", text), ("texts", texts), ("name", name), ("names", names)]
    let groups = Script.versions.map { version in
      var schema = ScriptSchema(version: version)
      let top = schema.reference(to: .script)
      definitions += schema.definitions
      return (version, top)
    }
    return JSONValue.object([
      "$schema": "http://json-schema.org/draft-07/schema#",
      "title": "A script of tuf-ceremony",
      "type": "object",
      "description": """
      What an editor can say of a script. `tuf-ceremony check` says the same and more. Made from the table of fields in \
      Sources/CeremonyScript/Fields.
      """,
      "definitions": .object(JSONObject(definitions)),
      // Of a version that nobody knows nothing else can be said.
      "if": [
        "required": ["ceremony"],
        "properties": ["ceremony": ["not": ["enum": .array(Script.versions.map { .integer(Int64($0)) })]]],
      ],
      "then": ["properties": ["ceremony": number(Script.versions)]],
      "else": byVersion(groups[...]),
    ]).pretty()
  }

  private init(version: Int) { self.version = version }

  /// Without a version the newest is meant.
  private static func byVersion(_ groups: ArraySlice<(Int, JSONValue)>) -> JSONValue {
    guard let (version, group) = groups.first else { return true }
    if groups.count == 1 { return group }
    return [
      "if": ["required": ["ceremony"], "properties": ["ceremony": ["const": .integer(Int64(version))]]],
      "then": group, "else": byVersion(groups.dropFirst()),
    ]
  }

  // MARK: Groups

  private mutating func reference(to group: FieldGroup) -> JSONValue {
    reference(to: group.id, since: group.newest(upTo: version)) { $0.mapping(group) }
  }

  /// What is the same in two versions is described once.
  private mutating func reference(
    to id: String, since newest: Int, _ describe: (inout ScriptSchema) -> JSONValue
  ) -> JSONValue {
    let id = newest == 1 ? id : "\(id)-\(newest)"
    if !definitions.contains(where: { $0.0 == id }) { definitions.append((id, describe(&self))) }
    return Self.reference(id)
  }

  private static func reference(_ id: String) -> JSONValue { ["$ref": .string("#/definitions/\(id)")] }

  /// - Parameter known: keys that are described elsewhere.
  private mutating func mapping(_ group: FieldGroup, known: [String] = []) -> JSONValue {
    let rows = group.rows.filter { $0.since <= version }
    var properties: [(String, JSONValue)] = known.map { ($0, true) }
    for row in rows { properties.append((row.name, property(row))) }
    let others = group.others.flatMap { $0.since <= version ? value($0.shape) : nil }
    let named: [(String, JSONValue)] =
      others == nil ? [] : [("propertyNames", ["pattern": .string(ScalarForm.name.pattern), "maxLength": 40])]
    return .object(
      JSONObject(
        [
          ("type", "object"), ("description", .string(group.meaning)), ("additionalProperties", others ?? false),
          ("properties", .object(JSONObject(properties))),
          ("required", .array(rows.filter(\.isAlwaysNeeded).map { .string($0.name) })),
        ] + named + conditions(rows)))
  }

  /// What rows ask of each other.
  private func conditions(_ rows: [FieldRow]) -> [(String, JSONValue)] {
    var conditions: [JSONValue] = []
    for row in rows {
      switch row.need {
      case .always, .never, .besideRoot: break
      case .unless(let other):
        let required: JSONValue = ["required": [.string(row.name)]]
        conditions.append(["if": ["required": [.string(other)]], "then": ["not": required], "else": required])
      case .without(let other):
        conditions.append(["if": ["required": [.string(other)]], "else": ["required": [.string(row.name)]]])
      case .onlyWith(let key, let value, _):
        conditions.append([
          "if": [
            "required": [.string(key)], "properties": .object([key: ["const": .string(value)]]),
          ],
          "else": ["properties": .object([row.name: ["not": true]])],
        ])
      }
    }
    if let roles = rows.first(where: { $0.name == TopNames.roles }) { conditions += besideRoot(roles.shape) }
    return conditions.isEmpty ? [] : [("allOf", .array(conditions))]
  }

  /// The names that lead to what leaves the root alone in a script.
  private enum TopNames {
    static let roles = "roles"
    static let request = "request"
    static let previous = "previous"
    static let pending = "pending"
  }

  /// The other roles, where the root does not stand alone.
  private func besideRoot(_ roles: Shape) -> [JSONValue] {
    let names = roles.groups.flatMap(\.rows).filter { $0.need == .besideRoot }.map { JSONValue.string($0.name) }
    guard !names.isEmpty else { return [] }
    return [
      [
        "if": [
          "anyOf": [
            ["required": [.string(TopNames.request)]],
            [
              "required": [.string(TopNames.previous)],
              "properties": .object([
                TopNames.previous: ["type": "object", "required": [.string(TopNames.pending)]]
              ]),
            ],
          ]
        ],
        "else": ["properties": .object([TopNames.roles: ["required": .array(names)]])],
      ]
    ]
  }

  private mutating func property(_ row: FieldRow) -> JSONValue {
    let since = row.since > 1 ? " Since version \(row.since) of scripts." : ""
    let normal = row.normal.map { " Without it: \($0)." } ?? ""
    var object = JSONObject([("description", .string(row.meaning + normal + since))])
    let shape = value(row.shape)
    if shape["$ref"] == nil, shape["if"] == nil, let members = shape.object?.members {
      for member in members { object[member.name] = member.value }
    } else {
      // Beside a reference draft 7 sees nothing.
      object["allOf"] = [shape]
    }
    object["default"] = row.normalValue
    return .object(object)
  }

  // MARK: Values

  private mutating func value(_ shape: Shape) -> JSONValue {
    switch shape {
    case .text: return Self.reference("text")
    case .texts: return Self.reference("texts")
    case .names: return Self.reference("names")
    case .scalar(let form): return form.isName ? Self.reference("name") : Self.scalar(form)
    case .number(let range): return Self.number(range)
    // Without quotes YAML takes it for a truth.
    case .words(["true"]): return ["enum": [true, "true"]]
    case .words(let words): return ["enum": .array(words.map { .string($0) })]
    case .wordsOr(let words, .names):
      return ["if": ["type": "array"], "then": value(.names), "else": value(.words(words))]
    case .wordsOr(let words, let other): return ["anyOf": [value(.words(words)), value(other)]]
    case .list(let item): return ["type": "array", "minItems": 1, "items": value(item)]
    case .mapping(let group): return reference(to: group)
    case .mappingOr(let group, let other):
      return ["if": ["type": "object"], "then": reference(to: group), "else": value(other)]
    case .mappingBy(let key, let group, let other):
      return [
        "if": ["type": "object", "required": [.string(key)]],
        "then": group.map { reference(to: $0) } ?? ["not": true], "else": value(other),
      ]
    case .named(let group, let reserved, let longest):
      return [
        "type": "object", "minProperties": 1, "additionalProperties": reference(to: group),
        "propertyNames": [
          "pattern": .string(ScalarForm.name.pattern),
          "maxLength": .integer(Int64(longest)), "not": ["enum": .array(reserved.map { .string($0) })],
        ],
      ]
    case .inheritedFields: return ["type": "object", "minProperties": 1]
    case .customFields:
      return [
        "type": "object", "minProperties": 1,
        "propertyNames": [
          "pattern": .string("^\(CustomFields.name)$"), "maxLength": .integer(Int64(CustomFields.longest)),
          "not": ["const": .string(Header.rehearsalMark)],
        ],
        "additionalProperties": [
          "anyOf": [
            Self.reference("text"), ["type": "boolean"], Self.number(0...CustomFields.largest),
          ]
        ],
      ]
    case .kind: return ["enum": .array(kinds.map { .string($0.name) })]
    case .steps:
      let step = reference(to: "step", since: shape.newest(upTo: version)) { $0.step() }
      return ["type": "array", "minItems": 1, "items": step]
    }
  }

  private var kinds: [StepKind] { StepKind.all.filter { $0.since <= version } }

  /// The keys of every step, and those of its kind.
  private mutating func step() -> JSONValue {
    let common = StepKind.common
    guard case .object(var step) = mapping(common) else { return true }
    step["additionalProperties"] = nil
    // Of an unknown kind nobody can say which keys it takes.
    let anybodys = (common.rows + kinds.flatMap(\.rows)).map { ($0.name, JSONValue.bool(true)) }
    let unknown: JSONValue = [
      "if": [
        "required": ["do"], "properties": ["do": value(.kind)],
      ],
      "else": ["additionalProperties": false, "properties": .object(JSONObject(anybodys))],
    ]
    step["allOf"] = .array(
      [unknown]
        + kinds.map { kind in
          // What the kind says of a key stands before what every step says of it.
          let rest = common.rows.map(\.name).filter { name in !kind.rows.contains { $0.name == name } }
          return [
            "if": ["required": ["do"], "properties": ["do": ["const": .string(kind.name)]]],
            "then": mapping(kind.ownGroup, known: rest),
          ]
        })
    return .object(step)
  }

  private static func number(_ range: ClosedRange<Int>) -> JSONValue {
    ["type": "integer", "minimum": .integer(Int64(range.lowerBound)), "maximum": .integer(Int64(range.upperBound))]
  }

  private static func scalar(_ form: ScalarForm) -> JSONValue {
    var object: JSONObject = ["type": "string", "pattern": .string(form.pattern)]
    if form.mayLookLikeNumber { object["type"] = ["string", "number", "boolean"] }
    if let longest = form.longest { object["maxLength"] = .integer(Int64(longest)) }
    return .object(object)
  }

  private static let name = scalar(.name)
  private static let names: JSONValue = [
    "type": "array", "minItems": 1, "uniqueItems": true, "items": reference("name"),
  ]
  /// What YAML takes for a number or a truth is text all the same.
  private static let text: JSONValue = [
    "type": ["string", "number", "boolean"],
    "pattern": .string("^(?=[\\s\\S]*\\S)[^\(unseen)]{1,\(ScriptText.longest)}\\n?$"),
  ]

  /// What nobody sees in a text, as it stands between the brackets of a regular expression.
  private static let unseen: String = {
    var ranges: [ClosedRange<UInt32>] = []
    for scalar in (0...0x10ffff).compactMap(Unicode.Scalar.init) where !ScriptText.isSeen(scalar) {
      if let last = ranges.last, last.upperBound + 1 == scalar.value {
        ranges[ranges.count - 1] = last.lowerBound...scalar.value
      } else {
        ranges.append(scalar.value...scalar.value)
      }
    }
    return ranges.map { range in
      [range.lowerBound, range.upperBound].compactMap(Unicode.Scalar.init).map { "\($0)" }.joined(separator: "-")
    }.joined()
  }()

  private static let texts: JSONValue = [
    "if": ["type": "array"], "then": ["type": "array", "minItems": 1, "items": reference("text")],
    "else": reference("text"),
  ]
}

extension FieldGroup {
  /// The version in which the last of its keys came, or of what stands under them.
  fileprivate func newest(upTo version: Int) -> Int {
    (rows + [others].compactMap(\.self)).filter { $0.since <= version }.map {
      max($0.since, $0.shape.newest(upTo: version))
    }.max() ?? 1
  }
}

extension Shape {
  fileprivate func newest(upTo version: Int) -> Int {
    switch self {
    case .text, .texts, .scalar, .number, .words, .names, .kind, .customFields, .inheritedFields: 1
    case .wordsOr(_, let other), .list(let other): other.newest(upTo: version)
    case .mapping(let group), .named(let group, _, _): group.newest(upTo: version)
    case .mappingOr(let group, let other): max(group.newest(upTo: version), other.newest(upTo: version))
    case .mappingBy(_, let group, let other): max(group?.newest(upTo: version) ?? 1, other.newest(upTo: version))
    case .steps:
      StepKind.all.filter { $0.since <= version }.map { max($0.since, $0.group.newest(upTo: version)) }.max() ?? 1
    }
  }
}

extension ScalarForm {
  fileprivate var isName: Bool { pattern == Self.name.pattern }
}

extension FieldRow {
  fileprivate var isAlwaysNeeded: Bool { if case .always = need { true } else { false } }

  /// What holds without it, in words; nil where it must be there.
  var normal: String? {
    switch need {
    case .never(let normal), .onlyWith(_, _, let normal): normal
    case .always, .unless, .without, .besideRoot: nil
    }
  }

  /// The same where it is a value of its own.
  fileprivate var normalValue: JSONValue? {
    switch shape {
    case .number: normal.flatMap { Int64($0) }.map { .integer($0) }
    case .words(let words): normal.flatMap { words.contains($0) ? .string($0) : nil }
    default: nil
    }
  }
}
