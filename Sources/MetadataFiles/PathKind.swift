import Glibc

/// What stands behind a path, links followed.
package enum PathKind: Sendable {
  case folder
  /// A folder that cannot be listed or entered.
  case closedFolder
  case file
  /// Absent, unreadable, or neither a file nor a folder.
  case other

  package init(of path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      self = .other
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: self = access(path, R_OK | X_OK) == 0 ? .folder : .closedFolder
    case S_IFREG where access(path, R_OK) == 0: self = .file
    default: self = .other
    }
  }
}
