// `String` compares by canonical equivalence; signed bytes do not. Everything here compares code points,
// which for valid UTF-8 has the order of the bytes.

/// Whether `a` comes before `b` in code point order.
func precedes(_ a: String, _ b: String) -> Bool {
  let viaStorage = a.utf8.withContiguousStorageIfAvailable { first in
    b.utf8.withContiguousStorageIfAvailable { second in first.lexicographicallyPrecedes(second) }
  }
  return (viaStorage ?? nil) ?? a.utf8.lexicographicallyPrecedes(b.utf8)
}

/// Whether both hold the same code points: how names that people gave are compared, everywhere.
package func isIdentical(_ a: String, _ b: String) -> Bool {
  let viaStorage = a.utf8.withContiguousStorageIfAvailable { first in
    b.utf8.withContiguousStorageIfAvailable { second in first.elementsEqual(second) }
  }
  return (viaStorage ?? nil) ?? a.utf8.elementsEqual(b.utf8)
}

extension JSONValue {
  package static func == (a: JSONValue, b: JSONValue) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let x), .bool(let y)): x == y
    case (.integer(let x), .integer(let y)): x == y
    case (.string(let x), .string(let y)): isIdentical(x, y)
    case (.array(let x), .array(let y)): x == y
    case (.object(let x), .object(let y)): x == y
    default: false
    }
  }
}

extension JSONObject.Member {
  package static func == (a: Self, b: Self) -> Bool { isIdentical(a.name, b.name) && a.value == b.value }
}
