import Findings
import Keys
import Products

/// A photograph or a scan that was added later, outside the transcript seal.
struct AnnexFile {
  let annexPath: String
  let content: String

  static func files(_ source: any ProductsSource) -> [AnnexFile] {
    ((try? source.list()) ?? []).filter { $0.isBelow("annex") }.map { entry in
      do throws(Finding) {
        let bytes = try source.read(entry.path)
        return AnnexFile(annexPath: entry.path, content: "\(bytes.count) bytes, SHA-256 \(SHA256Digest(of: bytes).hex)")
      } catch {
        return AnnexFile(annexPath: entry.path, content: "not read: \(error.what)")
      }
    }
  }
}
