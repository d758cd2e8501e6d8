import CanonicalJSON
import Foundation
import TUFMetadata
import UTC

/// What a client refuses in a root as a whole.
struct FileRule: Sendable {
  let client: TUFClient
  private let effect: Hit.Effect
  /// Why the rule holds, without a period; nil where it does not.
  private let why: @Sendable (RootDocument) -> String?

  private init(_ client: TUFClient, _ effect: Hit.Effect, _ why: @escaping @Sendable (RootDocument) -> String?) {
    self.client = client
    self.effect = effect
    self.why = why
  }

  func hit(_ document: RootDocument) -> Hit? { why(document).map { Hit(effect: effect, why: $0) } }

  /// One line for each rule, with where it is from: run with python-tuf 7.0.1 and securesystemslib 1.6.0; read in the
  /// sources of the others at the commits named. What no line is about is not known.
  static let all: [FileRule] = [
    // tuf/api/_payload.py, Root.__init__: the roles must be exactly the four.
    FileRule(.pythonTUF, .refuses, otherRoles),
    // tough/src/schema/mod.rs at 0c3542e: RoleType has four cases, and serde refuses others.
    FileRule(.tough, .refuses, otherRoles),
    // php-tuf src/Metadata/RootMetadata.php at 0d76b1a: a collection of the four, and `mirror`.
    FileRule(.phpTUF, .refuses) { otherRoles($0, allowed: ["mirror"]) },

    // tuf/api/_payload.py, Signed._common_fields_from_dict: strptime with the one form.
    FileRule(.pythonTUF, .refuses) { isExpiryExact($0) ? nil : "expires is not written as YYYY-MM-DDTHH:MM:SSZ" },
    // php-tuf src/Metadata/MetadataBase.php at 00324ef: DateTime::ISO8601, which has no fractions.
    FileRule(.phpTUF, .refuses) { hasFraction($0) ? "expires has a fraction of a second" : nil },
    FileRule(.phpTUF, .unknown) {
      isExpiryExact($0) || hasFraction($0) ? nil : "expires has an offset; whether it reads that was not found"
    },
    // These parse it and write it anew before they verify; whether the same text comes out depends on its digits.
    FileRule(.goTUF, .unknown, anotherExpiry),
    FileRule(.tough, .unknown, anotherExpiry),

    // tuf/ngclient/config.py; go-tuf metadata/config/config.go at 0a12f5a; tuf-js packages/client/src/config.ts at 47e029e.
    FileRule(.pythonTUF, .refuses) { larger($0, 512_000) },
    FileRule(.goTUF, .refuses) { larger($0, 512_000) },
    FileRule(.tufJS, .refuses) { larger($0, 512_000) },
    // tough/src/lib.rs at 0362e67, Limits.
    FileRule(.tough, .refuses) { larger($0, 1 << 20) },
    // php-tuf src/Client/Repository.php at 2a6a872, MAX_BYTES.
    FileRule(.phpTUF, .refuses) { larger($0, 100_000) },

    // tough/src/schema/mod.rs at 0c3542e; php-tuf src/Metadata/RootMetadata.php at 0d76b1a; rust-tuf
    // tuf/src/pouf/pouf1/shims.rs at 219ca7d; tuf-js packages/models/src/root.ts at 151abb7: the field is required.
    FileRule(.tough, .refuses, noConsistentSnapshot),
    FileRule(.phpTUF, .refuses, noConsistentSnapshot),
    FileRule(.rustTUF, .refuses, noConsistentSnapshot),
    FileRule(.tufJS, .refuses, noConsistentSnapshot),
    // go-tuf metadata/marshal.go at 059fdff: it writes the field before it verifies, so that signatures do not match.
    FileRule(.goTUF, .refuses, noConsistentSnapshot),

    // olpc-cjson/src/lib.rs at 4333b75: text is put into NFC, and names are sorted with their quotes.
    FileRule(.tough, .refuses) { document in
      text(in: document) { !isIdentical($0, $0.precomposedStringWithCanonicalMapping) }.map {
        "it verifies other bytes, since \($0) holds text that is not in NFC"
      }
    },
    FileRule(.tough, .refuses) { document in
      unsorted(in: document) { ($0.utf8 + [0x22]).lexicographicallyPrecedes($1.utf8 + [0x22]) }.map {
        "it verifies other bytes, since it sorts the names in \($0) with their quotes"
      }
    },
    // tuf-js packages/canonical-json/src/index.ts at 4946e0f: sort() compares UTF-16.
    FileRule(.tufJS, .refuses) { document in
      unsorted(in: document) { $0.utf16.lexicographicallyPrecedes($1.utf16) }.map {
        "it verifies other bytes, since it sorts the names in \($0) by UTF-16"
      }
    },
    // php-tuf src/CanonicalJsonTrait.php at 075ced1: json_encode escapes them.
    FileRule(.phpTUF, .refuses) { document in
      text(in: document) { $0.utf8.contains { !(0x20...0x7E).contains($0) } }.map {
        "it verifies other bytes, since it escapes the text in \($0)"
      }
    },

    // php-tuf src/Metadata/ConstraintsTrait.php at 8f33b1b: a role has no fields beside keyids and threshold.
    FileRule(.phpTUF, .depends) { document in
      TopLevelRole.inOrder.first { !document.root[$0].fields.isEmpty }.map {
        "role \($0.rawValue) has custom fields, which the versions that were read refuse"
      }
    },
    // php-tuf src/Metadata/MetadataBase.php at 00324ef; rust-tuf tuf/src/pouf/pouf1/shims.rs at 219ca7d.
    FileRule(.phpTUF, .refuses) { $0.versionParts.count == 3 ? nil : "spec_version has no three parts" },
    FileRule(.rustTUF, .refuses) { document in
      let parts = document.versionParts
      return parts == ["1", "0"] || (parts.count == 3 && parts[1] == "0") ? nil : "spec_version is not 1.0.x"
    },
  ]

  // MARK: What the rules look at

  private static func otherRoles(_ document: RootDocument) -> String? { otherRoles(document, allowed: []) }

  private static func otherRoles(_ document: RootDocument, allowed: Set<String>) -> String? {
    let names = document.root.otherRoles.names.filter { !allowed.contains($0) }
    return names.isEmpty ? nil : "it names keys for \(names.map { shown($0) }.inWords), beside the four roles"
  }

  private static func noConsistentSnapshot(_ document: RootDocument) -> String? {
    document.root.consistentSnapshot == nil ? "it has no consistent_snapshot" : nil
  }

  private static func larger(_ document: RootDocument, _ limit: Int) -> String? {
    guard let bytes = document.fileBytes, bytes > limit else { return nil }
    return "the file has \(bytes) bytes, and it downloads \(limit)"
  }

  private static func isExpiryExact(_ document: RootDocument) -> Bool {
    document.signed["expires"]?.string.flatMap { UTCTime($0) } != nil
  }

  private static func hasFraction(_ document: RootDocument) -> Bool {
    document.signed["expires"]?.string?.utf8.contains(UInt8(ascii: ".")) == true
  }

  private static func anotherExpiry(_ document: RootDocument) -> String? {
    isExpiryExact(document)
      ? nil : "expires is not written as YYYY-MM-DDTHH:MM:SSZ; whether signatures match after it was read was not found"
  }

  /// The place of the first text, names included, for which `isOdd` holds.
  private static func text(in document: RootDocument, _ isOdd: @escaping (String) -> Bool) -> String? {
    func first(_ value: JSONValue, _ path: String) -> String? {
      switch value {
      case .null, .bool, .integer: return nil
      case .string(let text): return isOdd(text) ? path : nil
      case .array(let values): return values.lazy.compactMap { first($0, path) }.first
      case .object(let object):
        for member in object.members {
          let place = "\(path).\(shown(member.name))"
          if isOdd(member.name) { return place }
          if let found = first(member.value, place) { return found }
        }
        return nil
      }
    }
    return first(.object(document.signed), "signed")
  }

  /// The place of the first object whose names stand in another order by `precedes`.
  private static func unsorted(in document: RootDocument, _ precedes: @escaping (String, String) -> Bool) -> String? {
    func first(_ value: JSONValue, _ path: String) -> String? {
      switch value {
      case .null, .bool, .integer, .string: return nil
      case .array(let values): return values.lazy.compactMap { first($0, path) }.first
      case .object(let object):
        if zip(object.names, object.names.dropFirst()).contains(where: { precedes($1, $0) }) { return path }
        return object.members.lazy.compactMap { first($0.value, "\(path).\(shown($0.name))") }.first
      }
    }
    return first(.object(document.signed), "signed")
  }
}

extension RootDocument {
  fileprivate var versionParts: [String] { root.specVersion.split(separator: ".").map(String.init) }
}
