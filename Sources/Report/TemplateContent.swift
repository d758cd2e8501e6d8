/// What a template looks names up in: structs as dictionaries of their stored properties, taken apart once.
/// The library would reflect a struct anew for every name that it looks for, further out too.
enum TemplateContent {
  /// A dictionary for a struct, an array of parts for an array, nil for an optional without a value; else the value.
  static func parts(of value: Any) -> Any? {
    switch value {
    case is String, is Bool, is Int, is Int64: return value
    default: break
    }
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .optional: return mirror.children.first.flatMap { parts(of: $0.value) }
    case .collection: return mirror.children.compactMap { parts(of: $0.value) }
    case .struct:
      var fields: [String: Any] = [:]
      for case (let name?, let field) in mirror.children { fields[name] = parts(of: field) }
      return fields
    default: return value
    }
  }
}
