/// A physical APDU as a card takes it apart (ISO 7816-4 §5.1).
struct IncomingCommand {
  let cla: UInt8
  let ins: UInt8
  let p1: UInt8
  let p2: UInt8
  let data: [UInt8]
  /// The most bytes that the answer may hold: 256 where nothing was asked for.
  let le: Int

  /// nil where the length is not what the header says.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 4 else { return nil }
    (cla, ins, p1, p2) = (bytes[0], bytes[1], bytes[2], bytes[3])
    let body = Array(bytes[4...])
    let shape: (lc: Int, from: Int, leWidth: Int)? =
      switch (body.count, body.first ?? 0) {
      case (0, _): (0, 0, 0)
      case (1, _): (0, 0, 1)
      case (3, 0): (0, 1, 2)
      case (let count, 0) where count > 3:
        Self.shape(count, lc: Int(body[1]) << 8 | Int(body[2]), from: 3, leWidth: 2)
      case (let count, let lc): Self.shape(count, lc: Int(lc), from: 1, leWidth: 1)
      }
    guard let shape else { return nil }
    data = Array(body[shape.from..<(shape.from + shape.lc)])
    let asked = body[(shape.from + shape.lc)...].reduce(0) { $0 << 8 | Int($1) }
    le = asked == 0 ? (shape.leWidth == 2 ? 65_536 : 256) : asked
  }

  private static func shape(_ count: Int, lc: Int, from: Int, leWidth: Int) -> (
    lc: Int, from: Int, leWidth: Int
  )? {
    switch count {
    case from + lc: (lc, from, 0)
    case from + lc + leWidth: (lc, from, leWidth)
    default: nil
    }
  }
}
