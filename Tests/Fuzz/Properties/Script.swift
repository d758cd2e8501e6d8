import CeremonyScript
import Findings
import UTC

/// A script is read or refused with a code, words that are safe to show, and a place inside it. What is read is linted,
/// planned and measured; a comment behind it changes nothing.
func judgeScript(_ bytes: [UInt8]) {
  // At most so many: what ends a line in YAML ends in one of these bytes.
  let lines = bytes.count { [0x0a, 0x0d, 0x85, 0xa8, 0xa9].contains($0) } + 1
  let script: Script
  do throws(Finding) {
    script = try Script(bytes)
  } catch {
    require(error.code.description.hasPrefix("SCRIPT-"), "refused as \(error.code)")
    return judgeFinding(error, lines)
  }
  guard let now = UTCTime("2026-01-01T00:00:00Z") else { return }
  for mode in Mode.allCases {
    for finding in script.lint(mode, online: [:], at: now) { judgeFinding(finding, lines) }
  }
  for size in script.payloadSizes(online: [:], at: now) { require(size.bytes > 0, "a payload of no bytes") }
  let plan = Plan(script)
  require(plan.steps.map(\.number) == Array(1...max(1, plan.steps.count)), "steps are not numbered in order")
  require(Set(plan.steps.map(\.id)).count == plan.steps.count, "two steps have one id")
  let commented = try? Script(bytes + Array("\n# end\n".utf8))
  require(commented == script, "a comment at the end changes the script")
}

private func judgeFinding(_ finding: Finding, _ lines: Int) {
  for text in [finding.what, finding.hint, finding.place ?? ""] {
    require(text.unicodeScalars.allSatisfy(isPrintable), "words that no screen may show: \(finding.code)")
  }
  guard let place = finding.place else { return }
  let parts = place.split(separator: ":")
  require(parts.first == "script.yaml" && (parts.count == 1 || parts.count == 3), "at \(place)")
  guard parts.count == 3, let line = Int(parts[1]), let column = Int(parts[2]) else { return }
  require((1...lines + 1).contains(line) && column >= 1, "at \(place) of \(lines) lines")
}
