import CanonicalJSON
import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import Products
import Requests
import UTC
import VirtualCard

/// A request of a ceremony to somebody elsewhere; from a rehearsal on virtual cards together with
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
    self.init(try Request(folder.read(name), place: name), in: folder)
  }

  /// - Parameter folder: of the ceremony that asks.
  package init(_ request: Request, in folder: ProductsFolder) {
    guard request.isRehearsal, request.people.count == 1, let asked = request.people.first,
      let key = request.key(of: asked),
      let card = StandInCard(holding: key, in: folder)
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
  /// The virtual card in a rehearsal's folder that holds a key, whoever has it there and whatever they are called, with
  /// what stands on its keyholder's paper; nil where none does.
  fileprivate init?(holding key: PublicKey, in folder: ProductsFolder) {
    guard let script = try? Script(folder.read("script.yaml")),
      let papers = try? JSONValue(parsing: folder.read("virtual-cards/paper.json")).object
    else { return nil }
    let source = VirtualCardSource(script, folder, seed: nil)
    for owner in script.cardholders {
      let cards = [source.cards[owner.id]] + owner.spares.map { source.spares[$0] }
      guard let card = cards.compactMap(\.self).first(where: { $0.holds(key.bytes) }) else { continue }
      var paper = JSONObject()
      for kind in ["pin", "puk"] { paper[kind] = papers["\(owner.id)/\(kind)"] }
      self.init(serial: card.serial, state: card.state, paper: paper)
      return
    }
    return nil
  }

  /// The virtual card that got its key in an earlier rehearsal.
  ///
  /// - Parameter key: with which somebody is asked to sign.
  ///
  /// Throws `KEPT-CARDS-MISSING` where no card there holds it.
  package init(holding key: PublicKey?, of person: String, in folder: ProductsFolder, place: String) throws(Finding) {
    guard let card = key.flatMap({ StandInCard(holding: $0, in: folder) }) else {
      throw Finding(
        .keptCardsMissing, "No virtual card in that folder holds the key that \(person) is asked to sign with.",
        hint: "Name the folder of the rehearsal in which the key was made, with its virtual-cards.", place: place)
    }
    self = card
  }
}
