/// A command of either program, as it is typed.
enum ProgramCommand: String, CaseIterable, Sendable {
  case draftGenesis = "tuf-ceremony draft genesis"
  case draftRotation = "tuf-ceremony draft rotation"
  case draftCollect = "tuf-ceremony draft collect"
  case check = "tuf-ceremony check"
  case preflight = "tuf-ceremony preflight"
  case print = "tuf-ceremony print"
  case rehearse = "tuf-ceremony rehearse"
  case run = "tuf-ceremony run"
  case resume = "tuf-ceremony resume"
  case request = "tuf-ceremony request"
  case sign = "tuf-ceremony sign"
  case merge = "tuf-ceremony merge"
  case seal = "tuf-ceremony seal"
  case cardList = "tuf-ceremony card list"
  case cardInfo = "tuf-ceremony card info"
  case cardConfirm = "tuf-ceremony card confirm"
  case cardChangePIN = "tuf-ceremony card change-pin"
  case cardUnblock = "tuf-ceremony card unblock"
  case cardReset = "tuf-ceremony card reset"
  case cardProbe = "tuf-ceremony card probe"
  case cardServe = "tuf-ceremony card serve"
  case explainHere = "tuf-ceremony explain"
  case replay = "tuf-audit replay"
  case attest = "tuf-audit attest"
  case report = "tuf-audit report"
  case export = "tuf-audit export"
  case returned = "tuf-audit returned"
  case verify = "tuf-audit verify"
  case expiry = "tuf-audit expiry"
  case advise = "tuf-audit advise"
  case diff = "tuf-audit diff"
}

/// Which commands can say what: by what they read, and what they talk to.
extension Set<ProgramCommand> {
  /// They hold a ceremony.
  static let ceremony: Self = [.rehearse, .run, .resume, .sign]
  /// They look at the machine.
  static let preflight: Self = [.preflight, .rehearse, .run, .resume]
  /// They write scripts.
  static let drafts: Self = [.draftGenesis, .draftRotation, .draftCollect]
  static let cards: Self = ceremony.union([
    .cardList, .cardInfo, .cardConfirm, .cardChangePIN, .cardUnblock, .cardReset, .cardProbe, .preflight,
  ])
  /// They read a script, and judge it or what it leads to.
  static let script: Self = ceremony.union([.check, .print, .request, .cardProbe, .diff, .preflight]).union(drafts)
    .union(audit)
  /// They prepare or ask for signatures of cards.
  static let signing: Self = script.union(cards)
  /// They judge the folder of a ceremony.
  static let audit: Self = [.replay, .attest, .report, .export, .returned, .seal]
  /// The same, and those that fill a form in from a folder or go on in it.
  static let records: Self = audit.union([.print, .resume])
  /// They find out what a folder is as it is made, too.
  static let folders: Self = records.union(ceremony)
  /// They read or write a request.
  static let requests: Self = folders.union([.request, .merge])
  /// They read answers.
  static let answers: Self = folders.union([.merge])
  /// They have a ceremony sealed that ended without a seal.
  static let seals: Self = [.request, .seal]
  /// They read metadata of others.
  static let watch: Self = [.verify, .expiry, .advise, .diff, .returned]
  /// They judge metadata, if only what a script leads to.
  static let metadata: Self = watch.union(folders).union([
    .cardConfirm, .check, .draftRotation, .draftCollect, .request, .merge,
  ])
  static let json: Self = metadata.union([.cardInfo, .cardServe])
  static let keys: Self = metadata.union(script)
  static let files: Self = json.union(script)
  /// They write files that nothing may overwrite.
  static let outputs: Self = ceremony.union(drafts).union([
    .request, .merge, .seal, .print, .report, .export, .cardServe,
  ])
  /// A path is named to them that has to be there.
  static let namingPaths: Self = ceremony.union(drafts).union([
    .check, .preflight, .print, .request, .merge, .seal, .cardInfo, .cardConfirm, .cardProbe,
  ])
  static let everyCeremonyCommand = Self(
    ProgramCommand.allCases.filter { $0.rawValue.hasPrefix("tuf-ceremony") })
}
