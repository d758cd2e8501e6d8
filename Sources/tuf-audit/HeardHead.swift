import ArgumentParser
import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import FolderAudit
import Keys
import Transcript

/// A head as somebody heard or copied it: hex, in one piece or in groups, or PGP words, as one argument or as several.
struct HeardHead {
  let digest: SHA256Digest

  /// Throws a usage error that names the first wrong word.
  init(_ arguments: [String]) throws {
    let parts = arguments.flatMap { $0.split(whereSeparator: \.isWhitespace) }.map(String.init)
    if let digest = SHA256Digest(hex: parts.joined().lowercased()) {
      self.digest = digest
      return
    }
    guard parts.count == 32 else {
      throw ValidationError(
        "--head takes 64 hexadecimal characters or 32 words; these are \(parts.count) words. Name --head last.")
    }
    let bytes: [UInt8]
    do {
      bytes = try PGPWords.bytes(from: parts)
    } catch {
      throw ValidationError(
        "Word \(error.place), “\(error.word)”, is not a word of the list for its place"
          + (error.isOutOfStep ? ": one before it is missing or doubled." : "."))
    }
    guard let digest = SHA256Digest(hex: Hex.encode(bytes)) else { throw ValidationError("--head takes 32 words.") }
    self.digest = digest
  }
}

extension ReplayVerdict {
  /// An incident as one object of a fixed form.
  func json(for incident: Incidents.Incident) -> JSONObject {
    var object: JSONObject = [
      "kind": .null, "step": .string(incident.step), "record": .integer(incident.record),
      "file": .string(incident.isSealing ? RecordFile.sealing.name : RecordFile.transcript.name), "number": .null,
      "code": .null,
      "what": .null, "person": .null, "state": .null, "substitute": .null,
    ]
    switch incident.kind {
    case .exception(let number, let code, let what):
      object["kind"] = "exception"
      object["number"] = .integer(number)
      object["code"] = .string(code)
      object["what"] = .string(what)
    case .attendance(let person, let state, let substitute):
      object["kind"] = "attendance"
      object["person"] = .string(name(of: person))
      object["state"] = state.map { .string($0.rawValue) } ?? .null
      object["substitute"] = substitute.map { .string($0) } ?? .null
    case .interruption(let reason):
      object["kind"] = "interruption"
      object["what"] = .string(reason)
    }
    return object
  }
}
