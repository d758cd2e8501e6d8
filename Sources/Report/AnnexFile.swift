import Findings
import Keys
import Products

/// A photograph or a scan that was added later, outside the transcript seal.
struct AnnexFile {
  let annexPath: String
  let content: String

  static func files(_ source: any ProductsSource) -> [AnnexFile] {
    let entries: [ProductsFolder.Entry]
    do throws(Finding) { entries = try source.list() } catch {
      return [AnnexFile(annexPath: "annex", content: "not read: \(error.what)")]
    }
    return entries.filter { $0.isBelow("annex") }.map { entry in
      do throws(Finding) {
        let stream = try source.open(entry.path)
        let size = stream.size
        return AnnexFile(annexPath: entry.path, content: "\(size) bytes, SHA-256 \(try stream.digest().hex)")
      } catch {
        return AnnexFile(annexPath: entry.path, content: "not read: \(error.what)")
      }
    }
  }
}
