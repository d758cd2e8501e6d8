import CSodium
import Findings

/// A PIN, PUK, management key or one-time private key.
///
/// The bytes live between guard pages in memory that is locked, left out of core dumps, and wiped when the
/// last reference goes. There is no description, no encoding, no equality and no way to reach the bytes
/// except inside ``withBytes(_:)``, so that no record, log or error can hold one by accident.
package final class Secret: Sendable, CustomReflectable {
  // Shared without a lock: written only in `init`, before anybody else holds the reference, and from then on
  // the page itself refuses writes.
  nonisolated(unsafe) private let memory: UnsafeMutableRawBufferPointer

  /// `count` bytes, zero at first, filled by `fill`.
  ///
  /// Throws what `fill` throws, and ``SecretError/noLockedMemory`` where the system gives no more locked
  /// memory.
  package init(count: Int, fill: (UnsafeMutableRawBufferPointer) throws -> Void) throws {
    guard count >= 0, sodium_init() >= 0, let start = sodium_malloc(max(count, 1)) else {
      throw SecretError.noLockedMemory
    }
    memory = UnsafeMutableRawBufferPointer(start: start, count: count)
    // `sodium_malloc` goes on without a lock where the limit is reached; asking again tells.
    guard sodium_mlock(start, max(count, 1)) == 0 else { throw SecretError.noLockedMemory }
    memory.initializeMemory(as: UInt8.self, repeating: 0)
    try fill(memory)
    guard sodium_mprotect_readonly(start) == 0 else { throw SecretError.noLockedMemory }
  }

  /// Bytes that the caller already holds. The caller's own copy is the caller's to wipe.
  package convenience init(copying bytes: [UInt8]) throws {
    try self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
  }

  /// Fresh bytes from libsodium's generator.
  package static func random(count: Int) throws -> Secret {
    try Secret(count: count) { if let start = $0.baseAddress { randombytes_buf(start, $0.count) } }
  }

  // Overwrites the bytes, unlocks and unmaps.
  deinit { sodium_free(memory.baseAddress) }

  package var count: Int { memory.count }

  /// Lends the bytes for the length of `body`. They must not leave it except into another secret or a card.
  package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try body(UnsafeRawBufferPointer(memory))
  }

  /// Whether both hold the same bytes, in constant time.
  package func matches(_ other: Secret) -> Bool {
    guard count == other.count, let a = memory.baseAddress, let b = other.memory.baseAddress else {
      return false
    }
    return sodium_memcmp(a, b, count) == 0
  }

  /// Whether another secret stands anywhere in this one. Each place is compared in constant time, and every place is.
  package func contains(_ other: Secret) -> Bool {
    guard other.count > 0, other.count <= count, let a = memory.baseAddress, let b = other.memory.baseAddress else {
      return false
    }
    var found = false
    for start in 0...(count - other.count) where sodium_memcmp(a + start, b, other.count) == 0 { found = true }
    return found
  }

  /// The same bytes without those that people put between digits: spaces and hyphens.
  package func withoutSeparators() throws -> Secret {
    let kept = withBytes { $0.count { !Self.separators.contains($0) } }
    return try Secret(count: kept) { room in
      var place = 0
      for byte in memory where !Self.separators.contains(byte) {
        room[place] = byte
        place += 1
      }
    }
  }

  private static let separators = [UInt8(ascii: " "), UInt8(ascii: "-")]

  /// A mirror without children: `dump` and debuggers' printers show nothing.
  package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

package enum SecretError: Error, Hashable, Sendable {
  case noLockedMemory

  package var finding: Finding {
    Finding(
      .secretMemory,
      "The system gives no more locked memory, so a PIN or key could be written to a disk. None was taken.",
      hint: "Raise the limit (ulimit -l unlimited) and start again."
    )
  }
}
