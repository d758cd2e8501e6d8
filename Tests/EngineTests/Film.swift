import CeremonyEngine
import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import PIV
import Transcript
import UTC

/// An engine and the world around it, between two events.
struct Moment: Sendable {
  var driver: Driver
  var world: World
  /// The step, and what is asked in it; with a number where the step asks such a thing again.
  var name = ""

  /// Lets the world answer.
  mutating func goOn() throws {
    driver.take(try event("ok"))
  }
}

/// A whole ceremony in which all goes well, moment by moment: states to begin with.
struct Film: Sendable {
  /// What a ceremony begins with, beside its script.
  struct Setting: Sendable {
    var isRehearsal = true
    var isUnattended = false
    var sacrifice: [CardName] = []
    var secrets = CeremonyConfiguration.Secrets.made
    var after: CeremonyConfiguration.After?
    var verifiers = [VerifierFile("TRANSCRIPT.md", [1])]
    var files: [String: [UInt8]] = [:]
  }

  static let time = UTCTime("2026-01-01T00:00:00Z") ?? .epoch

  /// Before each event; the last one is after the end.
  let moments: [Moment]

  /// The beginning, before the first event.
  static func beginning(_ script: Script, _ setting: Setting = Setting(), in world: World? = nil) -> Moment {
    var world = world ?? World(script, at: time)
    world.files = setting.files
    let configuration = CeremonyConfiguration(
      program: ProgramFacts(version: "0.0.0", executable: .zero), script: SHA256Digest(of: [0]),
      isRehearsal: setting.isRehearsal, isUnattended: setting.isUnattended, cards: .virtual, secrets: setting.secrets,
      seed: 1, sacrifice: setting.sacrifice, host: [], after: setting.after, verifiers: setting.verifiers)
    return Moment(driver: Driver(script, configuration, at: time), world: world, name: "beginning")
  }

  /// - Parameter world: in which people bring cards that they had before; nil for new ones.
  init(_ script: Script, _ setting: Setting = Setting(), in world: World? = nil) throws {
    var moment = Self.beginning(script, setting, in: world)
    var moments = [moment]
    var times: [String: Int] = [:]
    moment.driver.take(.begun)
    while true {
      let name = [moment.driver.step, moment.driver.asks?.kind ?? ""].filter { !$0.isEmpty }.joined(separator: " ")
      times[name, default: 0] += 1
      moment.name = times[name, default: 1] == 1 ? name : "\(name) \(times[name, default: 1])"
      moments.append(moment)
      if case .end? = moment.driver.asks { break }
      try moment.goOn()
    }
    self.moments = moments
  }

  subscript(_ name: String) -> Moment? { moments.first { $0.name == name } }

  /// Those in which something is asked that an event can answer.
  var questions: [Moment] { Array(moments.dropFirst().dropLast()) }
}
