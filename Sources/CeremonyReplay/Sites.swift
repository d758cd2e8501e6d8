import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import Products
import Requests
import Transcript

/// Small ceremonies that were held elsewhere for one, each replayed by itself, and held against what that one recorded of
/// them: that it was asked with a head that was there by then, and taken in after that.
package struct Sites: Sendable {
  package struct Site: Sendable {
    /// What the command line calls the folder.
    package let name: String
    /// Who answered, by the names in the script.
    package let people: [String]
    package let head: SHA256Digest
    /// The record of the lead's transcript whose line the request names as the head so far; nil where it names none.
    package let askedAfter: Int64?
    /// The record by which it was taken in.
    package let takenIn: Int64
    /// The record that says that its head was heard; nil where nobody heard it.
    package let heard: Int64?

    /// In a sentence.
    package var words: String {
      let asked = askedAfter.map { "asked after record \($0), " } ?? ""
      let heard = heard.map { "its head was heard by record \($0)" } ?? "NOBODY HEARD ITS HEAD"
      return
        "\(name), of \(people.joined(separator: " and ")): it holds; \(asked)taken in by record \(takenIn), \(heard)"
    }
  }

  package private(set) var sites: [Site] = []
  package private(set) var findings: [Finding] = []

  /// - Parameter lead: the ceremony that took the others in.
  init(of lead: any ProductsSource, with folders: [CeremonyChain.Folder]) {
    var lines: [SHA256Digest: Int64] = [:]
    var taken: [SHA256Digest: Int64] = [:]
    var heard: [SHA256Digest: Int64] = [:]
    var requests: [SHA256Digest] = []
    do {
      var reader = TranscriptReader(try lead.open(RecordFile.transcript.name), name: RecordFile.transcript.name)
      while let record = try reader.next() {
        lines[reader.chain.head] = record.seq
        if record.seq == 0 { requests = CeremonyConfiguration(fields: record.body)?.after?.requests ?? [] }
        for head in Self.heads(in: record) where taken[head] == nil { taken[head] = record.seq }
        if let said = HeardRecord(fieldsOf: record) { heard[said.head] = record.seq }
      }
    } catch {
      // What is wrong with the records themselves the verdict says.
      return
    }
    for folder in folders {
      do throws(Finding) {
        sites.append(try Self.site(folder, lines, taken, heard, requests))
      } catch {
        findings.append(error.at(folder.name))
      }
    }
    for site in sites where site.heard == nil {
      findings.append(
        Finding(
          .siteUnheard, .warning, "Nobody heard the head of this ceremony.",
          hint: "Ask whoever held it to read it, and compare it with the folder.", place: site.name))
    }
  }

  /// Of the ceremonies whose files came in by this record, and were not refused.
  private static func heads(in record: Record) -> [SHA256Digest] {
    (DeliveryRecord(fieldsOf: record)?.signatures.filter(\.codes.isEmpty).compactMap(\.head) ?? [])
      + (EnrolmentRecord(fieldsOf: record)?.enrolments.filter(\.codes.isEmpty).compactMap { $0.made?.head } ?? [])
  }

  /// What a folder that holds answers; nil where it is another ceremony's.
  private static func request(in source: any ProductsSource) throws(Finding) -> Request? {
    guard let file = try Script(source.read("script.yaml")).request else { return nil }
    return try Request(source.read("inputs/\(file.name)"), place: file.name)
  }

  private static func site(
    _ folder: CeremonyChain.Folder, _ lines: [SHA256Digest: Int64], _ taken: [SHA256Digest: Int64],
    _ heard: [SHA256Digest: Int64], _ requests: [SHA256Digest]
  ) throws(Finding) -> Site {
    let verdict = Replay(folder.source).verdict()
    guard verdict.isSound, let head = verdict.head, let request = try request(in: folder.source) else {
      let first = verdict.findings.first { $0.severity == .error }
      throw Finding(
        .siteUnsound,
        "This is no answer that holds: \(first.map { "\($0.code), \($0.what)" } ?? "it answers no request.")",
        hint: "Name another copy of it.")
    }
    guard let place = taken[head] else {
      throw Finding(
        .siteUnknown, "The ceremony took in no answer with this head.",
        hint: "Name the folder that was sent, or leave it out.")
    }
    var asked: Int64?
    // What a pending ceremony asked for, the one takes in that finishes it.
    if let named = request.head, !requests.contains(request.digest) {
      guard let line = lines[named], line < place else {
        throw Finding(
          .siteUnknown, "The request names a head that the ceremony did not have before it took the answer in.",
          hint: "It was asked by another ceremony. Compare both folders with other copies.")
      }
      asked = line
    }
    return Site(
      name: folder.name, people: verdict.people.filter { !$0.isOfficial }.map(\.name), head: head, askedAfter: asked,
      takenIn: place, heard: heard[head])
  }
}
