import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import Products

extension Script {
  /// The script with the root that it goes on from, as the folder keeps it. Throws where a file is not the pinned one, or
  /// does not verify by itself.
  func going(on records: FolderRecords, _ source: any ProductsSource) throws(Finding) -> Script {
    let before = try baseline(in: "inputs/") { file throws(Finding) in try records.pinned(file, in: source) }
    guard let before else {
      try refusingTwin(records)
      if let wrong = rotationError(records, online: [:]) { throw wrong }
      return self
    }
    let script = going(on: before)
    if let wrong = script.rotationError(records, online: try onlineKeys(records, source)) { throw wrong }
    // A rehearsal of what is done with a real root plays on its twin.
    if script.playsOnTwin, records.configuration?.isRehearsal == true {
      return try script.goingOnTwin(records, source)
    }
    try refusingTwin(records)
    return script
  }

  /// What no script may keep, leave out or say of a root that it goes on from: nothing was made by such a script.
  private func rotationError(_ records: FolderRecords, online: [String: PublicKey]) -> Finding? {
    guard let time = records.time else { return nil }
    let mode: Mode = records.configuration?.isRehearsal == true ? .rehearsal : .real
    let renewal = records.knows(EngineVersion.withRenewedDelegations) && pending == nil
    return
      (keepingFindings(mode, online: online, at: time)
      + (renewal ? baseline.map { renewalFindings($0, online: online) } ?? [] : []))
      .first { $0.severity == .error }
  }
}

extension FolderRecords {
  /// The content of a file that the script pins. Throws `INPUT-CHANGED` for another one, and what ``content(of:in:)`` does.
  func pinned(_ file: PinnedFile, in source: any ProductsSource) throws(Finding) -> [UInt8] {
    let path = "inputs/\(file.name)"
    let bytes = try content(of: path, in: source)
    guard SHA256Digest(of: bytes) == file.digest else {
      throw Finding(
        .inputChanged, "The file \(file.name) is not the one that the script pins.",
        hint: "Compare the folder with another copy.", place: path)
    }
    return bytes
  }
}
