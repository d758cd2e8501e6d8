/// What operating systems and editors leave beside the files of people.
package enum Dropping {
  /// Whether a file's name is one that a program gives, never a person who keeps metadata.
  package static func isOne(_ name: String) -> Bool {
    [".DS_Store", "Thumbs.db", "ehthumbs.db", "desktop.ini", "Desktop.ini", "Icon\r"].contains(name)
      || ["._", ".#", "#", ".~lock."].contains { name.hasPrefix($0) }
      || ["~", ".swp", ".swo", ".bak", ".orig", ".tmp", ".part"].contains { name.hasSuffix($0) }
  }
}
