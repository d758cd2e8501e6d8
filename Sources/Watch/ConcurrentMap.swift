import Dispatch
import Synchronization

/// Maps on all processors; the results are in the order of `inputs`.
func concurrentMap<Input: Sendable, Output: Sendable>(
  _ inputs: [Input],
  _ transform: @Sendable (Input) -> Output
) -> [Output] {
  // Enough pieces that no processor waits long for another, few enough that the lock costs nothing.
  let size = max(1, min(64, inputs.count / 8))
  let pieces = (inputs.count + size - 1) / size
  guard pieces > 1 else { return inputs.map(transform) }
  let results = Mutex<[Int: [Output]]>([:])
  DispatchQueue.concurrentPerform(iterations: pieces) { piece in
    let outputs = inputs[piece * size..<min((piece + 1) * size, inputs.count)].map(transform)
    results.withLock { $0[piece] = outputs }
  }
  return results.withLock { done in (0..<pieces).flatMap { done[$0] ?? [] } }
}
