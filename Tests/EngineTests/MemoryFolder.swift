import Findings
import Products

/// A products folder without a disk. What stands in it is never written over, except what grows.
final class MemoryFolder: ProductsSource {
  private(set) var files: [String: [UInt8]]

  init(_ files: [String: [UInt8]] = [:]) { self.files = files }

  func create(_ path: String, _ bytes: [UInt8]) throws(Finding) {
    guard files.updateValue(bytes, forKey: path) == nil else {
      throw Finding(.cannotCreate, "\(path) is there already.", hint: "")
    }
  }

  func append(_ line: [UInt8], to path: String) { files[path, default: []] += line + [0x0a] }

  func read(_ name: String) throws(Finding) -> [UInt8] {
    guard let bytes = files[name] else { throw Finding(.fileRefused, "\(name) is not there.", hint: "", place: name) }
    return bytes
  }

  func list() throws(Finding) -> [ProductsFolder.Entry] {
    files.keys.sorted().map { ProductsFolder.Entry(path: $0, isRegular: true) }
  }
}
