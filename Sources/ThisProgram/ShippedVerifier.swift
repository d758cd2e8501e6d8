import CBuild

/// What a stranger needs to verify a folder without this program: the very files in `Runbook/`, built into it.
package enum ShippedVerifier {
  package static let contents = [
    (name: "TRANSCRIPT.md", bytes: bytes(build_transcript_page)),
    (name: "SCRIPT.md", bytes: bytes(build_script_page)),
    (name: "verify_transcript.py", bytes: bytes(build_second_verifier)),
  ]

  private static func bytes(
    _ embedded: (UnsafeMutablePointer<Int>?) -> UnsafePointer<UInt8>?
  ) -> [UInt8] {
    var count = 0
    return Array(UnsafeBufferPointer(start: embedded(&count), count: count))
  }
}
