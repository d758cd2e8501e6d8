/// One key that a script may have: a row of the table that ``FieldGroup/script`` begins.
///
/// What reads a script, the JSON Schema for editors and the reference page for people come from these rows.
package struct FieldRow: Sendable {
  package let name: String
  package let shape: Shape
  package let need: Need
  /// The first version of scripts that has it.
  package let since: Int
  /// What it says, for whoever writes a script.
  package let meaning: String
  /// A value as it may stand in a script, in one line of YAML.
  package let example: String

  /// Whether it must be there.
  package enum Need: Hashable, Sendable {
    /// Always. The words are what to do where it is missing.
    case always(orElse: String)
    /// Where the script names every role: not where its root stands alone, as in an answer, or where a pending one is
    /// finished.
    case besideRoot
    /// Never. The words say what holds without it.
    case never(without: String)
    /// Where the other key is missing; beside that it may not stand.
    case unless(String)
    /// Where the other key is missing; it may stand beside that one, too.
    case without(String)
    /// Never, and it may stand only where the other key has this value.
    case onlyWith(String, is: String, without: String)

    package static let always = Need.always(orElse: "Add it.")
  }

  /// The same key with a value that suits another group.
  func like(_ example: String) -> FieldRow {
    FieldRow(name, shape, need: need, since: since, meaning, example: example)
  }

  init(
    _ name: String, _ shape: Shape, need: Need = .always, since: Int = 1, _ meaning: String, example: String
  ) {
    self.name = name
    self.shape = shape
    self.need = need
    self.since = since
    self.meaning = meaning
    self.example = example
  }
}

/// A row whose value can be read without knowing the rest of the script.
struct Field<Value: Sendable>: Sendable {
  let row: FieldRow
  let type: FieldType<Value>
  /// Stands for a value that is missing.
  let fallback: Value

  /// A key that must be there.
  ///
  /// - Parameter fallback: what the reading goes on with, in a script that is refused anyway.
  init(
    _ name: String, _ type: FieldType<Value>, or fallback: Value, need: FieldRow.Need = .always, since: Int = 1,
    _ meaning: String, example: String
  ) {
    row = FieldRow(name, type.shape, need: need, since: since, meaning, example: example)
    self.type = type
    self.fallback = fallback
  }

  /// A key that may be left out.
  ///
  /// - Parameter normal: what holds then.
  init(
    _ name: String, _ type: FieldType<Value>, normally normal: Value, since: Int = 1, _ meaning: String, example: String
  ) {
    self.init(
      name, type, or: normal, need: .never(without: type.written(normal)), since: since, meaning, example: example)
  }
}

/// The keys of one kind of mapping.
package struct FieldGroup: Sendable {
  /// In the schema, and in links of the reference page.
  package let id: String
  /// Where it stands: `roles.root`, `keyholders.ID`.
  package let place: String
  /// What it is for.
  package let meaning: String
  /// In the order in which they are told to people.
  package let rows: [FieldRow]
  /// What every other name means that the script gives; nil where no other may stand.
  package let others: FieldRow?

  init(_ id: String, at place: String, _ meaning: String, _ rows: [FieldRow], others: FieldRow? = nil) {
    self.id = id
    self.place = place
    self.meaning = meaning
    self.rows = rows
    self.others = others
  }

  package var names: [String] { rows.map(\.name) }
  /// The rows, and last that of every other name.
  package var all: [FieldRow] { rows + [others].compactMap(\.self) }

  /// The same group with more keys; one that has the name of a former one takes its place.
  func adding(_ more: [FieldRow]) -> FieldGroup {
    let kept = rows.map { row in more.first { $0.name == row.name } ?? row }
    let new = more.enumerated().filter { index, row in
      !names.contains(row.name) && !more.prefix(index).contains { $0.name == row.name }
    }
    return FieldGroup(id, at: place, meaning, kept + new.map(\.element), others: others)
  }
}
