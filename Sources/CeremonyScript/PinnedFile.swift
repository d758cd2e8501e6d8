import Findings
import Keys

/// A file beside the script, by name and content.
package struct PinnedFile: Hashable, Sendable {
  package let name: String
  package let digest: SHA256Digest

  package init(name: String, digest: SHA256Digest) {
    self.name = name
    self.digest = digest
  }
}

extension Script {
  /// Every file that stands beside the script, each once, in the order in which it is read.
  package var files: [PinnedFile] {
    var files = [request].compactMap(\.self) + (goesOn.map { [$0.root] + $0.metadata } ?? []) + cards.vendorCertificates
    for key in onlineKeys {
      if case .file(let file) = key.source, !files.contains(where: { $0.name == file.name }) { files.append(file) }
    }
    return files
  }
}

extension Finding {
  package static func inputChanged(_ name: String) -> Finding {
    Finding(
      .inputChanged, "The file \(name) is not the one that was pinned.",
      hint: "Get the right file; compare its sha256sum with the script's.", place: name)
  }
}
