import CanonicalJSON
import Findings
import Keys
import TUFMetadata

extension Script {
  /// What changes from a role's targets metadata before to this one, in words: a line for each change, and at most
  /// `longest` of them. Empty where none is known before.
  package func changes(of role: String, to signed: JSONObject, longest: Int = 40) -> [String] {
    guard let old = targetsBefore(role), let new = (try? Targets.read(signed))?.targets else { return [] }
    let lines = delegationChanges(from: old.delegations, to: new.delegations) + fileChanges(from: old, to: new)
    let more = lines.count - longest
    return ["The \(role) metadata goes from version \(old.version) to version \(new.version)."]
      + (lines.isEmpty ? ["What it lists and delegates stays as it was."] : lines.prefix(longest))
      + (more > 0 ? ["\(counted(more, "more change")): see the file itself."] : [])
  }

  private func delegationChanges(from old: Delegations?, to new: Delegations?) -> [String] {
    let (before, after) = (old?.inWords ?? [], new?.inWords ?? [])
    var lines = before.filter { one in !after.contains { $0.name == one.name } }.map {
      "It no longer delegates to \($0.name)."
    }
    for one in after {
      guard let was = before.first(where: { $0.name == one.name }) else {
        lines.append("It delegates to \(one.name), and did not before.")
        continue
      }
      if was.what != one.what { lines.append("\(one.name): it is for \(one.what); before, for \(was.what).") }
      if was.role.threshold != one.role.threshold {
        lines.append("\(one.name): the threshold goes from \(was.role.threshold) to \(one.role.threshold).")
      }
      guard let (a, b) = old.flatMap({ old in new.map { (old.keys, $0.keys) } }) else { continue }
      let (mine, theirs) = (a.materials(of: was.role), b.materials(of: one.role))
      for key in was.role.keyIDs.compactMap({ a[$0] }) where !theirs.contains(key.material) {
        lines.append("\(one.name): \(name(of: key)) leaves.")
      }
      for key in one.role.keyIDs.compactMap({ b[$0] }) {
        // The keys of a service are many people's, and none of them is in the room.
        guard !mine.contains(key.material) || offlineRole(one.name) != nil else { continue }
        lines.append("\(one.name): \(name(of: key)) \(mine.contains(key.material) ? "stays" : "joins").")
      }
    }
    let (order, was) = (after.map(\.name), before.map(\.name))
    if order.filter(was.contains) != was.filter(order.contains) { lines.append("Clients ask in another order.") }
    return lines
  }

  private func fileChanges(from old: Targets, to new: Targets) -> [String] {
    old.targets.names.filter { new.targets[$0] == nil }.map { "\(shown($0)) is not listed any more." }
      + new.targets.members.filter { old.targets[$0.name] != $0.value }.map {
        old.targets[$0.name] == nil ? "\(shown($0.name)) is listed now." : "\(shown($0.name)) is another file now."
      }
  }
}
