import Findings

/// Reads whole files, bounded, and never anything but a regular file.
public enum FileContent {
  /// 64 MiB.
  public static let largest = 64 << 20

  /// The content of a regular file; nil where there is none of that name or it cannot be opened.
  ///
  /// Does not follow a link in the last part. Throws `FILE-REFUSED` for a link, a device, a pipe or a folder, and for
  /// more than `limit` bytes.
  public static func read(_ path: String, atMost limit: Int, place: String, followsLinks: Bool = false)
    throws(Finding) -> [UInt8]?
  {
    try OpenFile.at(path, place: place, followsLinks: followsLinks)?.content(atMost: limit)
  }
}
