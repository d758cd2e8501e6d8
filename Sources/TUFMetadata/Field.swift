import CanonicalJSON
import Findings

/// A place in a document and the value that stands there, or nil: the way from JSON to metadata.
/// Every refusal is `METADATA-SHAPE` and names the place.
struct Field {
  let value: JSONValue?
  let path: String

  init(_ value: JSONValue?, _ path: String) {
    self.value = value
    self.path = path
  }

  subscript(name: String) -> Field { Field(value?[name], "\(path).\(shown(name))") }

  func object() throws(Finding) -> JSONObject { try required(value?.object, "an object") }
  func string() throws(Finding) -> String { try required(value?.string, "a string") }
  func integer() throws(Finding) -> Int64 { try required(value?.integer, "a whole number") }
  func bool() throws(Finding) -> Bool { try required(value?.bool, "true or false") }

  func elements() throws(Finding) -> [Field] {
    try required(value?.array, "an array").enumerated().map { Field($0.element, "\(path)[\($0.offset)]") }
  }

  func strings() throws(Finding) -> [String] {
    var strings: [String] = []
    for element in try required(value?.array, "an array of strings") {
      strings.append(try required(element.string, "an array of strings"))
    }
    return strings
  }

  /// A key id or the like: printable ASCII, so that equal and identical mean the same.
  func identifier() throws(Finding) -> String { try Self.checkedIdentifier(string(), path) }

  static func checkedIdentifier(_ text: String, _ path: String) throws(Finding) -> String {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw shape("\(path) must be printable ASCII")
    }
    return text
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
public func shown(_ text: String) -> String {
  var result = ""
  for (index, scalar) in text.unicodeScalars.enumerated() {
    guard index < 100 else { return result + "…" }
    let isPrintable = (0x20...0x7E).contains(scalar.value)
    result += isPrintable ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
  }
  return result
}
