import CeremonyScript
import Yams

/// Where a group of the table stands in a script.
struct TablePlace {
  let group: FieldGroup
  let path: [PathPart]
  /// The keys that stand there.
  let keys: [String]

  enum PathPart: Hashable {
    case key(String)
    case item(Int)
  }

  /// Every place of a script, as the table walks through it.
  static func all(in script: Node) -> [TablePlace] { places(of: .mapping(.script), in: script, []) }

  private static func places(of shape: Shape, in node: Node, _ path: [PathPart]) -> [TablePlace] {
    switch shape {
    case .text, .texts, .scalar, .number, .words, .names, .kind, .customFields, .inheritedFields: []
    case .wordsOr(_, let other): places(of: other, in: node, path)
    case .list(let item):
      (node.sequence.map(Array.init) ?? []).enumerated().flatMap {
        places(of: item, in: $0.element, path + [.item($0.offset)])
      }
    case .mapping(let group): places(of: group, in: node, path)
    case .mappingOr(let group, let other):
      node.mapping == nil ? places(of: other, in: node, path) : places(of: group, in: node, path)
    case .mappingBy(let key, let group, let other):
      node[key] == nil
        ? places(of: other, in: node, path)
        : group.map { places(of: $0, in: node, path) } ?? places(of: other, in: node, path)
    case .named(let group, _, _):
      members(of: node).flatMap { places(of: group, in: $0.value, path + [.key($0.key)]) }
    case .steps:
      (node.sequence.map(Array.init) ?? []).enumerated().flatMap { index, step in
        let kind = StepKind.all.first { $0.name == step["do"]?.string }
        return [StepKind.common, kind?.ownGroup].compactMap { $0 }.flatMap {
          places(of: $0, in: step, path + [.item(index)])
        }
      }
    }
  }

  private static func places(of group: FieldGroup, in node: Node, _ path: [PathPart]) -> [TablePlace] {
    [TablePlace(group: group, path: path, keys: members(of: node).map(\.key))]
      + group.rows.flatMap { row in
        node[row.name].map { places(of: row.shape, in: $0, path + [.key(row.name)]) } ?? []
      }
      + members(of: node).flatMap { key, value in
        group.others.map { group.names.contains(key) ? [] : places(of: $0.shape, in: value, path + [.key(key)]) } ?? []
      }
  }

  private static func members(of node: Node) -> [(key: String, value: Node)] {
    (node.mapping.map(Array.init) ?? []).compactMap { key, value in key.string.map { ($0, value) } }
  }
}

extension Node {
  /// The same with another value at a place.
  func with(_ value: Node, at path: some Collection<TablePlace.PathPart>) -> Node {
    var changed = self
    switch path.first {
    case .key(let key)?: changed[key] = (self[key] ?? "").with(value, at: path.dropFirst())
    case .item(let index)?: changed[index] = (self[index] ?? "").with(value, at: path.dropFirst())
    case nil: return value
    }
    return changed
  }
}
