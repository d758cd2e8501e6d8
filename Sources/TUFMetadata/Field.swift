import CanonicalJSON
import Findings

/// A place in a document and the value that stands there, or nil: the way from JSON to metadata.
/// Every refusal is `METADATA-SHAPE` and names the place.
struct Field {
  /// The way to a place; put into words only where something is refused there.
  indirect enum Place {
    case top(String)
    case member(Place, String)
    case element(Place, Int)

    var words: String {
      switch self {
      case .top(let name): name
      case .member(let outer, let name): "\(outer.words).\(shown(name))"
      case .element(let outer, let index): "\(outer.words)[\(index)]"
      }
    }
  }

  let value: JSONValue?
  private let place: Place

  init(_ value: JSONValue?, _ name: String) { self.init(value, .top(name)) }

  private init(_ value: JSONValue?, _ place: Place) {
    self.value = value
    self.place = place
  }

  var path: String { place.words }

  subscript(name: String) -> Field { Field(value?[name], .member(place, name)) }

  func object() throws(Finding) -> JSONObject { try required(value?.object, "an object") }
  func string() throws(Finding) -> String { try required(value?.string, "a string") }
  func integer() throws(Finding) -> Int64 { try required(value?.integer, "a whole number") }
  func bool() throws(Finding) -> Bool { try required(value?.bool, "true or false") }

  func elements() throws(Finding) -> [Field] {
    try required(value?.array, "an array").enumerated().map { Field($0.element, .element(place, $0.offset)) }
  }

  func strings() throws(Finding) -> [String] {
    var strings: [String] = []
    for element in try required(value?.array, "an array of strings") {
      strings.append(try required(element.string, "an array of strings"))
    }
    return strings
  }

  /// A key id or the like: printable ASCII, so that equal and identical mean the same.
  func identifier() throws(Finding) -> String {
    let text = try string()
    guard Self.isIdentifier(text) else { throw Self.shape("\(path) must be printable ASCII") }
    return text
  }

  static func isIdentifier(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }

  private func required<Value>(_ value: Value?, _ kind: String) throws(Finding) -> Value {
    guard let value else {
      throw Self.shape(self.value == nil ? "\(path) is missing" : "\(path) must be \(kind)")
    }
    return value
  }

  static func shape(_ what: String) -> Finding {
    Finding(
      .metadataShape,
      "\(what); clients refuse such a file.",
      hint: "Fetch the file again; if it stays so, ask the one who made it."
    )
  }
}

/// Foreign text made safe to show: everything but printable ASCII is written as its code point, long text is cut.
package func shown(_ text: String) -> String {
  if text.utf8.count <= 100, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text }
  var result = ""
  for (index, scalar) in text.unicodeScalars.enumerated() {
    guard index < 100 else { return result + "…" }
    let isPrintable = (0x20...0x7E).contains(scalar.value)
    result += isPrintable ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
  }
  return result
}
