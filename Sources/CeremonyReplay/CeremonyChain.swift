import CeremonyScript
import Findings
import Keys
import Products

/// The ceremonies before one, each named by the one after it, whatever the order in which their folders were given.
package struct CeremonyChain: Sendable {
  /// A folder that was given, as the command line calls it.
  package struct Folder {
    package let name: String
    package let source: any ProductsSource

    package init(name: String, source: any ProductsSource) {
      self.name = name
      self.source = source
    }
  }

  package struct Link: Sendable {
    /// What the command line calls the folder.
    package let name: String
    package let ceremony: EarlierCeremony
    /// The folder of the ceremony that names this one.
    package let namedBy: String
  }

  /// From the newest to the oldest.
  package private(set) var links: [Link] = []
  package private(set) var findings: [Finding] = []
  /// Whether the oldest of them names a ceremony before it, whose folder was not given.
  package private(set) var isOpen = false

  /// Walks back from a ceremony by what each one names. Every folder that was given has its place, or a finding.
  ///
  /// - Parameters:
  ///   - named: what the newest ceremony names.
  ///   - newest: digests of the newest ceremony itself, and its folder's name; nil where its root or head is not known.
  init(
    from named: NamedCeremony?, newest: (name: String, names: PreviousCeremony?), 
    elsewhere: (requests: [SHA256Digest], open: [SHA256Digest]?) = ([], nil), through folders: [Folder]
  ) {
    var pool: [(name: String, ceremony: EarlierCeremony)] = []
    for folder in folders {
      do throws(Finding) {
        let ceremony = try EarlierCeremony(folder.source)
        if let other = ceremony.otherEngine { findings.append(other.at(folder.name)) }
        if pool.contains(where: { $0.ceremony.names == ceremony.names }) {
          findings.append(Self.differs("This ceremony was given twice.", folder.name))
        } else {
          pool.append((folder.name, ceremony))
        }
      } catch {
        findings.append(error.at([folder.name, error.place].compactMap(\.self).joined(separator: ": ")))
      }
    }
    var wanted = named
    var elsewhere = elsewhere
    var successor = newest.name
    while let next = wanted {
      let found = pool.indices.filter { next.isMade(by: pool[$0].ceremony.names) }
      guard found.count == 1, let place = found.first else {
        if found.count > 1 {
          findings.append(
            Self.forked(
              "\(pool[found[0]].name) and \(pool[found[1]].name) both made the root that \(successor) goes on from.",
              successor))
        }
        break
      }
      let link = pool.remove(at: place)
      links.append(Link(name: link.name, ceremony: link.ceremony, namedBy: successor))
      if elsewhere.requests != (next.isWithdrawn ? [] : link.ceremony.requests) {
        findings.append(
          Self.differs("\(successor) names other requests than those that \(link.name) wrote.", successor))
      }
      if let open = elsewhere.open, open != link.ceremony.open {
        findings.append(
          Self.differs("\(successor) says otherwise what \(link.name) left open for the next version.", successor))
      }
      elsewhere = link.ceremony.named
      wanted = link.ceremony.before
      successor = link.name
    }
    isOpen = wanted != nil
    let isBroken = pool.contains { rest in wanted?.version.map { rest.ceremony.version < $0 } == true }
    if isBroken, let wanted {
      findings.append(
        Finding(
          .previousGap,
          "\(successor) names a ceremony before it that is not among the folders"
            + (wanted.head.map { ": head \($0.hex)." } ?? ": root \(wanted.root.hex)."),
          hint: "Name that folder, too: without it nothing ties the older ones to this ceremony.", place: successor))
    }
    for rest in pool { findings += [leftOver(rest, newest, wanted, successor, isBroken)].compactMap(\.self) }
  }

  /// What is to be said of a folder that no other one names; nil where it only lies beyond a missing one.
  private func leftOver(
    _ rest: (name: String, ceremony: EarlierCeremony), _ newest: (name: String, names: PreviousCeremony?),
    _ wanted: NamedCeremony?, _ oldest: String, _ isBroken: Bool
  ) -> Finding? {
    let known = [(newest.name, newest.names)] + links.map { ($0.name, $0.ceremony.names) }
    if let before = rest.ceremony.before {
      for (place, one) in known.enumerated() where one.1.map(before.isMade) == true {
        return place == 0
          ? Self.differs("It follows \(newest.name), which is not the newest, then.", rest.name)
          : Self.forked("\(rest.name) and \(known[place - 1].0) both follow \(one.0).", rest.name)
      }
      if let wanted, before.root == wanted.root, before.head == wanted.head {
        return Self.forked(
          "\(rest.name) and \(oldest) both follow one ceremony, which is not among the folders.", rest.name)
      }
    }
    if let wanted, !isBroken {
      do throws(Finding) { try wanted.check(rest.ceremony.names, by: oldest) } catch { return error.at(rest.name) }
    }
    if let wanted, isBroken, wanted.version.map({ rest.ceremony.version < $0 }) == true { return nil }
    return Self.differs(
      wanted == nil && links.isEmpty
        ? "\(newest.name) names no ceremony before it." : "None of the ceremonies that were given names it.", rest.name)
  }

  private static func differs(_ what: String, _ place: String) -> Finding {
    Finding(
      .previousDiffers, what, hint: "Leave this folder out, or name the folder of the ceremony that follows it.",
      place: place)
  }

  private static func forked(_ what: String, _ place: String) -> Finding {
    Finding(
      .previousFork, what,
      hint: "Only one of them can be what clients were given. Find out who held the other one, and why.", place: place)
  }
}

extension CeremonyChain.Link {
  /// What binds this ceremony, in a sentence for each part.
  package var words: String {
    "\(name) (root \(ceremony.version)): \(namedBy) names it, and so binds head \(ceremony.names.head.hex), everything up "
      + "to its close. "
      + (ceremony.finalHead.map { "What followed its close only its own final head binds: \($0.hex)." }
        ?? "Nothing binds what followed its close: it has no final head.")
  }
}
