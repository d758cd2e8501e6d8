import Findings

/// A products folder to read from: on disk, or packed.
public protocol ProductsSource {
  /// The whole content of a file. Throws `FILE-REFUSED`.
  func read(_ name: String) throws(Finding) -> [UInt8]
  /// Every file by relative path, sorted.
  func list() throws(Finding) -> [ProductsFolder.Entry]
}

extension ProductsFolder: ProductsSource {}
