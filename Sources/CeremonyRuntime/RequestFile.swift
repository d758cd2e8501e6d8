import CanonicalJSON
import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import Products
import Requests
import UTC
import VirtualCard

/// The request that a ceremony wrote for somebody who signs elsewhere; from a rehearsal on virtual cards together with
/// their card.
package struct RequestFile {
  package let bytes: [UInt8]

  /// Throws `REQUEST-KEY` where the ceremony wrote none for them.
  package init(of person: String, _ role: String, in folder: ProductsFolder, place: String) throws(Finding) {
    let name = Request.path(of: person, role)
    guard try folder.exists(name) else {
      throw Finding(
        .requestKey, "The ceremony wrote no request for “\(person)”.",
        hint: "It writes one when the metadata is shown, for keyholders with “absent: pending”.", place: place)
    }
    let request = try Request(folder.read(name), place: name)
    guard request.isRehearsal, let script = try? Script(folder.read("script.yaml")),
      let card = StandInCard(of: person, script, in: folder),
      (try? folder.exists("virtual-cards/\(card.serial).json")) == true
    else {
      bytes = request.bytes
      return
    }
    bytes = card.file(with: request)
  }
}

extension Script {
  /// What a keyholder whose key is made elsewhere is asked for, with the files beside the script. Throws what keeps one from
  /// being read, and `REQUEST-KEY`.
  package func enrolmentRequest(
    for person: String, filesIn scriptFolder: String, isRehearsal: Bool, at now: UTCTime
  ) throws(Finding) -> Request {
    let mode: Mode = isRehearsal ? .rehearsal : .real
    var files: [String: [UInt8]] = [:]
    for file in cards.vendorCertificates { files[file.name] = try FileContent.beside(scriptFolder, file) }
    let sizes = payloadSizes(online: try onlineKeys(in: scriptFolder), at: now)
    return try enrolmentRequest(
      for: person, engine: Int64(EngineVersion.current), release: ProgramVersion.current, isRehearsal: isRehearsal,
      files: files, largest: sizes.first { $0.mode == mode && $0.role == "root" }?.bytes ?? 0)
  }
}

extension StandInCard {
  /// The virtual card of a keyholder of a rehearsal, with what stands on their paper; nil where none is theirs.
  fileprivate init?(of keyholder: String, _ script: Script, in folder: ProductsFolder) {
    guard let papers = try? JSONValue(parsing: folder.read("virtual-cards/paper.json")).object,
      let card = VirtualCardSource(script, folder, seed: nil).cards[keyholder]
    else { return nil }
    var paper = JSONObject()
    for kind in ["pin", "puk"] { paper[kind] = papers["\(keyholder)/\(kind)"] }
    self.init(serial: card.serial, state: card.state, paper: paper)
  }

  /// The virtual card that got its key in an earlier rehearsal of the same person.
  ///
  /// Throws `KEPT-CARDS-MISSING` where no card there is theirs.
  package init(holding person: Asked, in folder: ProductsFolder, place: String) throws(Finding) {
    guard let script = try? Script(folder.read("script.yaml")),
      let owner = script.keyholders.first(where: { $0.id == person.id || $0.name == person.name }),
      let card = StandInCard(of: owner.id, script, in: folder)
    else {
      throw Finding(
        .keptCardsMissing, "No virtual card of \(person.name) is in that folder.",
        hint: "Name the folder of the rehearsal itself, with its virtual-cards.", place: place)
    }
    self = card
  }
}
