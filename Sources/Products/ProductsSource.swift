import Findings

/// A products folder to read from: on disk, or packed.
package protocol ProductsSource {
  /// The whole content of a file of at most 64 MiB. Throws `FILE-REFUSED`.
  func read(_ name: String) throws(Finding) -> [UInt8]
  /// A file of any size, to be read in pieces. Throws `FILE-REFUSED`.
  func open(_ name: String) throws(Finding) -> FileStream
  /// Every file by relative path, sorted.
  func list() throws(Finding) -> [ProductsFolder.Entry]
  /// The same without what is in these folders of the top.
  func list(besides folders: Set<String>) throws(Finding) -> [ProductsFolder.Entry]
}

extension ProductsSource {
  /// For sources that are in memory; those on disk have their own.
  package func open(_ name: String) throws(Finding) -> FileStream { FileStream(try read(name)) }

  /// For sources whose names are all at hand.
  package func list(besides folders: Set<String>) throws(Finding) -> [ProductsFolder.Entry] {
    try list().filter { entry in !folders.contains(where: entry.isBelow) }
  }
}

extension ProductsFolder: ProductsSource {}
