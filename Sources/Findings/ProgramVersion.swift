/// The release, the same for both programs.
package enum ProgramVersion {
  package static let current = "0.9.0"
}
