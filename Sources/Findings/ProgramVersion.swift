/// The release, the same for both programs.
public enum ProgramVersion {
  public static let current = "0.5.0"
}
