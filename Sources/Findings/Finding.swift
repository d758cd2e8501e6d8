/// Something that is not as it must be, said so that a person under stress knows what to do next.
///
/// A finding is both a value that verdicts collect and an error that can be thrown.
/// Programs and tests compare ``code`` alone; the words may improve from release to release.
package struct Finding: Error, Hashable, Sendable {
  /// Errors end a command with exit 1. Warnings are listed and do not, unless `--strict`.
  package enum Severity: String, Sendable { case error, warning }

  package let code: Code
  package let severity: Severity
  /// What happened and what it means: one or two sentences, no secret, no path of the host.
  package let what: String
  /// What to do next.
  package let hint: String
  /// Where: `script.yaml:12:5`, `record 57`, `metadata/1.root.json`; nil where the finding concerns everything.
  package let place: String?

  package init(_ code: Code, _ severity: Severity, _ what: String, hint: String, place: String? = nil) {
    self.code = code
    self.severity = severity
    self.what = what
    self.hint = hint
    self.place = place
  }

  /// An error.
  package init(_ code: Code, _ what: String, hint: String, place: String? = nil) {
    self.init(code, .error, what, hint: hint, place: place)
  }

  /// The same finding, located. A place that is already there is kept behind the new one.
  package func at(_ outer: String) -> Finding {
    Finding(code, severity, what, hint: hint, place: place.map { "\(outer), \($0)" } ?? outer)
  }
}

extension Finding: CustomStringConvertible {
  /// `error CODE (place): what` and the hint on a line of its own, every part safe to show.
  package var description: String {
    let located = place.map { " (\(printable($0)))" } ?? ""
    return "\(severity.rawValue) \(code)\(located): \(printable(what))\n  → \(printable(hint))"
  }
}
