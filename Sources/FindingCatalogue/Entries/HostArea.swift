import Findings

extension Area {
  static let host = Area(
    "The machine", saidBy: .preflight,
    // What pcscd and cards say has its words where cards are.
    Finding.OfHost.all.filter { $0.code.rawValue.hasPrefix("HOST-") }.map {
      Entry($0.code, $0.meaning, next: $0.advice)
    })
}
