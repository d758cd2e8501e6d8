import UTC

/// A recording of the stream, and when it starts.
package struct Video: Sendable {
  private let address: String
  private let starts: UTCTime
  private let isYouTube: Bool

  /// nil unless `address` is an `http` or `https` address in plain characters (RFC 3986) without a fragment.
  package init?(address: String, starts: UTCTime) {
    let lower = address.lowercased()
    guard let scheme = ["https://", "http://"].first(where: { lower.hasPrefix($0) }),
      address.utf8.allSatisfy(Self.isPlain)
    else { return nil }
    let host = lower.dropFirst(scheme.utf8.count).prefix { !"/?".contains($0) }
    guard !host.isEmpty, !host.contains("@") else { return nil }
    self.address = address
    self.starts = starts
    isYouTube = ["youtube.com", "www.youtube.com", "m.youtube.com", "youtu.be"].contains(String(host))
  }

  /// The address of a moment: YouTube's own parameter, elsewhere a media fragment (W3C Media Fragments URI 1.0 §4.2.1).
  /// nil before the recording starts.
  func link(to time: UTCTime) -> (address: String, offset: String)? {
    let seconds = time.seconds - starts.seconds
    guard seconds >= 0 else { return nil }
    let offset = Page.clock(seconds)
    guard isYouTube else { return ("\(address)#t=\(seconds)", offset) }
    return ("\(address)\(address.contains("?") ? "&" : "?")t=\(seconds)s", offset)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "-._~:/?[]@!$&()*+,;=%".utf8.contains(byte)
    }
  }
}
