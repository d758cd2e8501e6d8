import CanonicalJSON
import CeremonyScript
import Findings
import Keys
import Products
import Transcript

/// What an auditor learns from a products folder by holding the ceremony again from its transcript.
public struct ReplayVerdict: Sendable {
  /// Everything that is wrong; empty for a ceremony that came out again byte for byte.
  public var findings: [Finding] = []
  /// nil where the first record could not be read.
  public var setting: Setting?
  /// How the ceremony ended; nil where it did not.
  public var outcome: Outcome?
  public var records: Int64 = 0
  /// Files that came out again byte for byte.
  public var products = 0
  /// The SHA-256 of the last line of the transcript.
  public var head: SHA256Digest?
  public var cards = CardLog()
  /// Whether the engine of this program made the transcript, so that re-execution means something.
  public var isReexecuted = true
  /// Whether a key was accepted without proof that it is on hardware.
  public var isUnproven = false

  /// How many root keys sealed the transcript; nil where it was not closed as complete.
  public var seal: Seal?

  /// What the re-execution knows of cards, payloads and signatures; nil where it did not begin.
  public var facts: CeremonyFacts?

  public struct Seal: Hashable, Sendable {
    public let count: Int
    public let threshold: Int
  }

  public var isRehearsal: Bool { setting?.isRehearsal ?? false }
  /// Whether the ceremony completed and nothing is wrong.
  public var holds: Bool { !findings.contains { $0.severity == .error } && outcome?.ending == .complete }
}

/// Plays a ceremony from its products folder.
public struct Replay {
  private let source: any ProductsSource

  public init(_ source: any ProductsSource) { self.source = source }

  /// Never throws: what is wrong is in the verdict, the first thing first.
  public func verdict() -> ReplayVerdict {
    var verdict = ReplayVerdict()
    let ports = ReplayPorts(source)
    do {
      let log = Log()
      let journal = ReplayJournal(
        try ports.stream("transcript.jsonl"), sealing: { try ports.stream("sealing.jsonl") },
        observe: { log.note($0) })
      defer {
        verdict.records = journal.count
        verdict.head = journal.count > 0 ? journal.head : nil
        verdict.setting = journal.beginning.flatMap { Setting($0.body) }
        verdict.cards = log.cards
        verdict.products = ports.compared
      }
      let performance = Performance(journal: journal, ports: ports)
      var engine = try performance.begin(script: try source.read("script.yaml")) {
        throw Unexpected(what: "a first record")
      }
      defer {
        verdict.isUnproven = engine.isUnproven
        verdict.facts = engine.facts
        verdict.seal = engine.seal.map { ReplayVerdict.Seal(count: $0.count, threshold: $0.threshold) }
      }
      verdict.outcome = try performance.play(&engine)
      try journal.end()
      let exempt = journal.beginning?.body["rehearsal"]?.bool == true ? ["annex", "virtual-cards"] : ["annex"]
      verdict.findings += try ports.unknownFiles(exempt: exempt)
      if let seal = engine.seal, seal.count == 0 {
        verdict.findings.append(
          Finding(
            .sealMissing,
            "No root key signed the transcript seal: somebody without any card could have written this transcript.",
            hint: "Compare the head with the one that was read aloud on the stream.", place: "seal.dsse.json"))
      } else if let seal = engine.seal, seal.count < seal.threshold {
        verdict.findings.append(
          Finding(
            .sealBelowThreshold, .warning,
            "The transcript seal has \(seal.count) of \(seal.threshold) signatures: fewer cards could have written another transcript.",
            hint: "Compare the head with the one that was read aloud on the stream.", place: "seal.dsse.json"))
      }
      if verdict.outcome?.ending == .aborted {
        verdict.findings.append(
          Finding(
            .aborted, "The ceremony was given up. Everything that was recorded came out again.",
            hint: "Do not use anything in this folder; reset the cards that the last screen lists."))
      }
    } catch let finding as Finding {
      verdict.findings.append(finding)
      if finding.code == .engineVersion {
        verdict.isReexecuted = false
        verdict.findings += chainFindings()
      }
    } catch let interruption as Interruption {
      verdict.findings.append(
        Finding(
          .incomplete,
          "The ceremony was interrupted (\(interruption.reason)) and did not end. Everything up to there was re-executed and agrees.",
          hint: "It can be resumed, or must be held again.", place: "transcript.jsonl"))
    } catch let unexpected as Unexpected {
      verdict.findings.append(
        Finding(
          .recordMalformed, "A record does not hold what was asked for: \(unexpected.what).",
          hint: "Treat the folder as changed; compare it with another copy.",
          place: "transcript.jsonl record \(verdict.records)"))
    } catch {
      verdict.findings.append(
        Finding(
          .recordMalformed, "The transcript does not say what happened here: \(error).",
          hint: "Treat the folder as changed; compare it with another copy.", place: "transcript.jsonl"))
    }
    return verdict
  }

  /// The chain alone, of a transcript that another engine made.
  private func chainFindings() -> [Finding] {
    do {
      var reader = TranscriptReader(try source.open("transcript.jsonl"), name: "transcript.jsonl")
      while try reader.next() != nil {}
      var sealing = TranscriptReader(
        try source.open("sealing.jsonl"), name: "sealing.jsonl", after: reader.chain.head)
      while try sealing.next() != nil {}
      return []
    } catch let finding as Finding {
      return [finding]
    } catch {
      return []
    }
  }

  /// Collects what the journal shows it.
  private final class Log {
    private(set) var cards = CardLog()
    func note(_ record: Record) { cards.note(record) }
  }
}

extension Finding.Code {
  public static let aborted = Finding.Code("ABORTED")
  /// No root key sealed the transcript.
  public static let sealMissing = Finding.Code("SEAL-MISSING")
  /// Fewer root keys sealed the transcript than the root's threshold.
  public static let sealBelowThreshold = Finding.Code("SEAL-BELOW-THRESHOLD")
}
