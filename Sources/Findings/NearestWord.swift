/// The known word that somebody may have meant: at most two letters away, or one that begins like it.
package func nearest(_ word: String, among known: [String]) -> String? {
  // In other letters it is what was meant; a change in a word of two is half of it.
  if let same = known.first(where: { $0 == word.lowercased() }) { return same }
  let word = Array(word.unicodeScalars.prefix(60))
  guard word.count > 2 else { return nil }
  let near = known.map { (word: $0, distance: distance(word, Array($0.unicodeScalars))) }
    .filter { $0.distance <= 2 && $0.distance * 2 <= word.count }
    .min { $0.distance < $1.distance }
  return near?.word ?? known.first { $0.unicodeScalars.starts(with: word) }
}

/// How many letters must be put in, left out, changed, or swapped with their neighbour.
private func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
  var rows = [Array(0...b.count)]
  for i in 0..<a.count {
    var row = [i + 1]
    for j in 0..<b.count {
      var best = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[i - 1][j - 1] + 1) }
      row.append(best)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}
