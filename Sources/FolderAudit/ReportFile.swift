/// `report.html` of a products folder: written at the ceremony's end, before anybody replayed it.
package enum ReportFile {
  package static let path = "report.html"
}
