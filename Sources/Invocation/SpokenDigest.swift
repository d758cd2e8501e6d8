import ArgumentParser
import Keys

extension SHA256Digest {
  /// A digest as somebody heard or copied it: hex, in one piece or in groups, or PGP words, as one argument or as several.
  /// Throws a usage error that names the first wrong word.
  ///
  /// - Parameter option: where it was given, such as `--head`.
  package init(spoken arguments: [String], by option: String) throws {
    let parts = arguments.flatMap { $0.split(whereSeparator: \.isWhitespace) }.map(String.init)
    if let digest = SHA256Digest(hex: parts.joined().lowercased()) {
      self = digest
      return
    }
    guard parts.count == 32 else {
      throw ValidationError(
        "\(option) takes 64 hexadecimal characters or 32 words; these are \(parts.count) words. Name \(option) last.")
    }
    let bytes: [UInt8]
    do {
      bytes = try PGPWords.bytes(from: parts)
    } catch {
      throw ValidationError(
        "Word \(error.place), “\(error.word)”, is not a word of the list for its place"
          + (error.isOutOfStep ? ": one before it is missing or doubled." : "."))
    }
    guard let digest = SHA256Digest(hex: Hex.encode(bytes)) else { throw ValidationError("\(option) takes 32 words.") }
    self = digest
  }
}
