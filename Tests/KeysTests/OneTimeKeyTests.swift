import Foundation
import Testing

@testable import Keys

/// A one-time key signs as any Ed25519 key does, and leaves nothing in memory.
@Suite(.serialized) struct OneTimeKeyTests {
  @Test func itSignsWhatTwoLibrariesVerify() throws {
    let key = try OneTimeKey(seed: Secret.random(count: 32))
    let message = Array("what is signed".utf8)
    let signature = try key.signature(over: message)
    let publicKey = try PublicKey(ed25519: key.publicKey)
    #expect(publicKey.isValid(signature, over: message, .ed25519))
    #expect(!publicKey.isValid(signature, over: message + [0], .ed25519))
  }

  /// The whole memory of the process is looked through for the seed: it is there while the key lives, and nowhere then.
  @Test func nothingOfItIsLeftInMemory() throws {
    // The pattern is kept masked, so that looking for it does not put it into memory.
    let mask: UInt8 = 0x5a
    var masked: [UInt8] = []
    var key: OneTimeKey?
    do {
      let seed = try Secret.random(count: 32)
      masked = seed.withBytes { $0.map { $0 ^ mask } }
      key = try OneTimeKey(seed: seed)
    }
    _ = try key?.signature(over: Array("what is signed".utf8))
    guard let alive = Self.places(of: masked, mask) else { return }
    #expect(alive > 0)
    key = nil
    #expect(Self.places(of: masked, mask) == 0)
  }

  /// How often the pattern stands in readable memory; nil where the system lets nobody look.
  private static func places(of masked: [UInt8], _ mask: UInt8) -> Int? {
    guard let maps = try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8) else { return nil }
    let memory = open("/proc/self/mem", O_RDONLY)
    guard memory >= 0 else { return nil }
    defer { close(memory) }
    var found = 0
    for line in maps.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count > 1, words[1].hasPrefix("r"), !line.hasSuffix("[vvar]"), !line.hasSuffix("[vsyscall]") else {
        continue
      }
      let ends = words[0].split(separator: "-").compactMap { UInt(String($0), radix: 16) }
      guard ends.count == 2 else { continue }
      var place = ends[0]
      while place < ends[1] {
        let size = Int(min(ends[1] - place, 1 << 20))
        // Outside the heap of this search: a piece is looked at and overwritten.
        let room = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
        let got = pread(memory, room, size, off_t(Int(bitPattern: place)))
        if got > masked.count {
          for start in 0...(got - masked.count) where room[start] == masked[0] ^ mask {
            var same = true
            for index in 0..<masked.count where room[start + index] != masked[index] ^ mask {
              same = false
              break
            }
            if same { found += 1 }
          }
        }
        memset(room, 0, size)
        room.deallocate()
        place += UInt(size)
      }
    }
    return found
  }
}
