import Glibc
import UntrustedFiles

/// What the kernel says of the machine in `/proc` and `/sys`. No socket is opened for it.
struct HostFiles: Sendable {
  private let proc: String
  private let sys: String
  private let packages: String

  /// - Parameters: other places for tests.
  init(proc: String = "/proc", sys: String = "/sys", packages: String = "/var/lib/dpkg/status") {
    self.proc = proc
    self.sys = sys
    self.packages = packages
  }

  enum Place {
    case proc(String)
    case sys(String)
    /// What Debian's package manager has installed.
    case packages
  }

  private func path(_ place: Place) -> String {
    switch place {
    case .proc(let name): "\(proc)/\(name)"
    case .sys(let name): "\(sys)/\(name)"
    case .packages: packages
    }
  }

  /// Why there is nothing to read.
  enum Lack: Error {
    /// Nothing has that name.
    case absent
    case unreadable
  }

  /// The content of a file, at most 64 MiB.
  func text(_ place: Place) throws(Lack) -> String {
    do throws(FileRefusal) {
      return String(
        decoding: try UntrustedFile(path(place), followsLinks: true).content(atMost: 1 << 26), as: UTF8.self)
    } catch {
      if case .unopened(ENOENT) = error { throw .absent }
      throw .unreadable
    }
  }

  /// Without white space at either end; nil where it cannot be read.
  func word(_ place: Place) -> String? {
    (try? text(place)).map { text in
      String(decoding: text.utf8.drop { $0 <= 0x20 }.reversed().drop { $0 <= 0x20 }.reversed(), as: UTF8.self)
    }
  }

  /// The names in a folder, sorted.
  func names(_ place: Place) throws(Lack) -> [String] {
    do throws(FileRefusal) {
      let folder = try UntrustedFolder(path(place))
      var names: [String] = []
      while let name = folder.next() { names.append(name.escaped) }
      return names.sorted()
    } catch {
      if case .unopened(ENOENT) = error { throw .absent }
      throw .unreadable
    }
  }

  /// The same; none where there is no such folder.
  func namesIfAny(_ place: Place) throws(Lack) -> [String] {
    do throws(Lack) { return try names(place) } catch {
      if case .absent = error { return [] }
      throw error
    }
  }

  /// Where a link leads to, as a path that the kernel wrote; nil where it is none.
  func target(_ place: Place) -> String? {
    guard let target = realpath(path(place), nil) else { return nil }
    defer { free(target) }
    return String(cString: target)
  }
}
