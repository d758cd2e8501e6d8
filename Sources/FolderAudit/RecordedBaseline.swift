import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import Products

extension Script {
  /// The script with the root that it goes on from, as the folder keeps it. Throws where a file is not the pinned one, or
  /// does not verify by itself.
  func going(on records: FolderRecords, _ source: any ProductsSource) throws(Finding) -> Script {
    guard let files = goesOn else {
      try refusingTwin(records)
      return self
    }
    func content(_ file: PinnedFile) throws(Finding) -> [UInt8] {
      let path = "inputs/\(file.name)"
      let bytes = try records.content(of: path, in: source)
      guard SHA256Digest(of: bytes) == file.digest else {
        throw Finding(
          .inputChanged, "The file \(file.name) is not the one that the script pins.",
          hint: "Compare the folder with another copy.", place: path)
      }
      return bytes
    }
    var metadata: [(name: String, bytes: [UInt8])] = []
    for file in files.metadata { metadata.append((file.name, try content(file))) }
    let script = going(
      on: try Baseline(try content(files.root), named: "inputs/\(files.root.name)", metadata: metadata))
    // A rehearsal of what is done with a real root plays on its twin.
    if script.playsOnTwin, records.configuration?.isRehearsal == true {
      return try script.goingOnTwin(records, source)
    }
    try refusingTwin(records)
    return script
  }
}
