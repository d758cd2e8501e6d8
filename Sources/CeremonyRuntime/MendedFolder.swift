import CeremonyEngine
import Findings
import Products

/// A products folder together with what is missing from it and will be written.
struct MendedFolder: ProductsSource {
  let folder: ProductsFolder
  let missing: [Product]

  func read(_ name: String) throws(Finding) -> [UInt8] {
    if let bytes = added(name) { return bytes }
    return try folder.read(name)
  }
  func open(_ name: String) throws(Finding) -> FileStream {
    if let bytes = added(name) { return FileStream(bytes) }
    return try folder.open(name)
  }

  func list() throws(Finding) -> [ProductsFolder.Entry] { try list(besides: []) }
  func list(besides folders: Set<String>) throws(Finding) -> [ProductsFolder.Entry] {
    let added = missing.map { ProductsFolder.Entry(path: $0.path, isRegular: true) }
    return (try folder.list(besides: folders) + added).sorted { $0.path < $1.path }
  }

  private func added(_ name: String) -> [UInt8]? { missing.first { $0.path == name }?.bytes }
}
