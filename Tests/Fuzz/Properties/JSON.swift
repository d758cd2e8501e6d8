import CanonicalJSON

/// What is read is written canonically and for people, and both come back as the same value and the same bytes.
/// What is refused is refused at a place inside the document.
func judgeJSON(_ bytes: [UInt8]) {
  judge(bytes, { bytes throws(JSONError) in try JSONValue(parsing: bytes) })
  judge(bytes, { bytes throws(JSONError) in try JSONValue(canonical: bytes) }) { value in
    require(value.canonical() == bytes, "what was read as canonical is written otherwise")
  }
}

private func judge(
  _ bytes: [UInt8], _ read: ([UInt8]) throws(JSONError) -> JSONValue, _ also: (JSONValue) -> Void = { _ in }
) {
  let value: JSONValue
  do throws(JSONError) {
    value = try read(bytes)
  } catch {
    let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
    require((1...lines.count).contains(error.line), "refused at line \(error.line) of \(lines.count)")
    let width = lines[error.line - 1].count
    require((1...width + 1).contains(error.column), "refused at column \(error.column) of \(width)")
    return
  }
  also(value)
  let canonical = value.canonical()
  require((try? JSONValue(canonical: canonical)) == value, "the canonical form is read as something else")
  let pretty = value.pretty()
  guard let again = try? JSONValue(parsing: pretty) else {
    return require(false, "the form for people is not JSON")
  }
  require(again == value, "the form for people is read as something else")
  require(again.pretty() == pretty, "the form for people changes when it is written again")
  // A control character stands raw in canonical form, which is then not JSON, and only then.
  let isPlain = !canonical.contains { $0 < 0x20 }
  require(((try? JSONValue(parsing: canonical)) != nil) == isPlain, "canonical form and JSON disagree")
}
