import CeremonyEngine

/// `report.html` of a products folder: written at the ceremony's end, before anybody replayed it.
public enum ReportFile {
  public static let path = "report.html"
}
