import CanonicalJSON
import Findings
import Transcript

/// What was found of the machine. Codes and plain facts alone: no name of a host, user or file, and no address.
package struct HostRecord: ReadableRecordBody {
  package static let kind = RecordKind.host

  /// Each point that was looked at or left out, once, in the order of ``HostPoint/Subject``.
  package let points: [HostPoint]
  /// Codes that whoever began the program allowed, by their names.
  package let allowed: [String]

  package init(_ points: [HostPoint], allowed: [Finding.Code] = []) {
    self.points = points
    self.allowed = Set(allowed.map(\.description)).sorted()
  }

  package var json: JSONObject {
    [
      "points": .array(points.map { .object($0.json) }),
      "allowed": .array(allowed.map { .string($0) }),
    ]
  }

  package init?(fields body: JSONObject) {
    guard let items = body["points"]?.array, let named = body["allowed"]?.array else { return nil }
    points = items.compactMap { $0.object.flatMap(HostPoint.init(fields:)) }
    allowed = named.compactMap { $0.string.flatMap { Finding.OfHost.named($0) == nil ? nil : $0 } }
    let order = HostPoint.Subject.allCases
    let places = points.compactMap { order.firstIndex(of: $0.subject) }
    guard points.count == items.count, allowed.count == named.count, !points.isEmpty,
      zip(places, places.dropFirst()).allSatisfy({ $0 < $1 }), zip(allowed, allowed.dropFirst()).allSatisfy({ $0 < $1 })
    else { return nil }
  }

  /// What is wrong, each code once for each point.
  package var findings: [Finding] { points.flatMap(\.findings) }

  /// Those at which a real ceremony stops: fatal by the script, and not allowed.
  package func stopping(_ fatal: [Finding.Code]) -> [Finding] {
    findings.filter { fatal.contains($0.code) && !allowed.contains($0.code.description) }
  }
}

/// One thing that a machine is looked at for.
package struct HostPoint: Hashable, Sendable {
  package enum Subject: String, CaseIterable, Sendable {
    case network
    case route
    case radios
    case drivers
    case clock
    case swap
    case coreFiles = "core files"
    case lockedMemory = "locked memory"
    case output
    case mirror = "second copy"
    case pcscd
    case readers
    case program
    case locale = "letters"
    case terminal
  }

  package let subject: Subject
  /// What is so, in a few words of this program.
  package let says: String
  /// What is wrong with it; empty where nothing is, or where it was left out.
  package let codes: [Finding.Code]

  package init(_ subject: Subject, _ says: String, _ codes: [Finding.Code] = []) {
    self.subject = subject
    self.says = says
    self.codes = codes
  }

  package var json: JSONObject {
    [
      "point": .string(subject.rawValue), "says": .string(says),
      "codes": .array(codes.map { .string($0.description) }),
    ]
  }

  init?(fields object: JSONObject) {
    guard let subject = object["point"]?.string.flatMap(Subject.init(rawValue:)), let says = object["says"]?.string,
      let named = object["codes"]?.array
    else { return nil }
    let codes = named.compactMap { $0.string.flatMap { Finding.OfHost.named($0)?.code } }
    guard codes.count == named.count, Set(codes).count == codes.count else { return nil }
    self.init(subject, says, codes)
  }

  /// A warning for each of its codes.
  package var findings: [Finding] {
    codes.compactMap { code in
      Finding.OfHost.named(code.description).map {
        Finding(code, .warning, $0.meaning, hint: $0.advice, place: "\(subject.rawValue): \(says)")
      }
    }
  }
}
