import Dispatch
import Synchronization

/// What comes of each input, in their order. The next ones are made on all processors while one is used, and never more
/// than a few of them are there, so that memory stays flat however many inputs there are.
struct ReadAhead<Input: Sendable, Output: Sendable> {
  /// So many inputs in a piece, and so many pieces at once, that no processor waits and little is held.
  private static var pieceSize: Int { 4 }
  private static var mostPieces: Int { 8 }

  private var waiting: ArraySlice<Input>
  private var pieces: [Piece] = []
  private var ready: ArraySlice<Output> = []
  private let transform: @Sendable (Input) -> Output

  init(_ inputs: [Input], _ transform: @escaping @Sendable (Input) -> Output) {
    waiting = inputs[...]
    self.transform = transform
  }

  /// nil at the end.
  mutating func next() -> Output? {
    if ready.isEmpty {
      while !waiting.isEmpty, pieces.count < Self.mostPieces {
        pieces.append(Piece(Array(waiting.prefix(Self.pieceSize)), transform))
        waiting = waiting.dropFirst(Self.pieceSize)
      }
      if !pieces.isEmpty { ready = pieces.removeFirst().outputs[...] }
    }
    return ready.popFirst()
  }

  /// A few inputs that are worked on elsewhere.
  private final class Piece: Sendable {
    private let made = Mutex<[Output]>([])
    private let group = DispatchGroup()

    init(_ inputs: [Input], _ transform: @escaping @Sendable (Input) -> Output) {
      DispatchQueue.global().async(group: group) { [self] in
        let outputs = inputs.map(transform)
        made.withLock { $0 = outputs }
      }
    }

    /// Waits for them.
    var outputs: [Output] {
      group.wait()
      return made.withLock { $0 }
    }
  }
}
