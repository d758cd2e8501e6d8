import Findings

/// Every finding code with what it means and what to do then, for `explain` and `Runbook/FINDINGS.md`.
///
/// The words of a finding say what happened in one place; these are for whoever meets its code later and elsewhere.
package enum FindingCatalogue {
  static let areas: [Area] = [
    .script, .rotation, .signing, .elsewhere, .merging, .host, .room, .cards, .attestation, .record, .seal, .metadata,
    .repository, .json, .keys, .files, .program,
  ]

  static let explanations = areas.flatMap(\.explanations)

  /// What `explain` says of a word, in capitals or not; without a word, of every code. Throws ``UnknownCode``.
  package static func explained(_ word: String?) throws(UnknownCode) -> Answer {
    guard let word else { return Answer(explanations: explanations, text: list) }
    let code = word.uppercased()
    guard let one = explanations.first(where: { $0.code.rawValue == code }) else { throw UnknownCode(word: word) }
    return Answer(explanations: [one], text: one.text)
  }

  package struct Answer {
    package let explanations: [Explanation]
    /// For people, in rows that end.
    package let text: String
  }
}

/// A word that is no code.
package struct UnknownCode: Error, CustomStringConvertible {
  fileprivate let word: String

  package var description: String {
    let near = nearest(word.uppercased(), among: FindingCatalogue.explanations.map(\.code.rawValue))
    return "“\(word)” is no code of a finding. "
      + (near.map { "Did you mean \($0)?" } ?? "Without a code, 'explain' lists them all.")
  }
}
