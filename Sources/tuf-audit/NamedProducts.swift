import Bundles
import CanonicalJSON
import Findings
import Invocation
import MetadataFiles
import Products

/// The ceremony that a command line names: its products folder, or a bundle of it.
enum NamedProducts {
  /// Ends the command with 66 where there is neither, and with 1 for an archive that is no bundle and a folder with too many
  /// files. `nothing` is what its JSON says then.
  static func open(
    _ path: String, _ command: String, isStrict: Bool, _ format: OutputFormat, nothing: JSONObject
  ) throws -> any ProductsSource {
    do throws(Finding) {
      if case .file = PathKind(of: path), let bundle = try BundleSource(path) { return bundle }
    } catch {
      try Outcome(command, findings: [error.at(path)], isStrict: isStrict, json: nothing).finish(format)
    }
    let folder = ProductsFolder(opening: path)
    guard folder.canBeListed else {
      let unreadable = Finding(
        .fileRefused, "\(path) cannot be read as a folder or a bundle.",
        hint: "Name the products folder of a ceremony, or a bundle of it.", place: path)
      try Outcome(command, findings: [], unreadable: [unreadable], isStrict: isStrict, json: nothing).finish(format)
    }
    do throws(Finding) {
      _ = try folder.list(besides: ["annex"])
      return folder
    } catch {
      try Outcome(command, findings: [error.at(path)], isStrict: isStrict, json: nothing).finish(format)
    }
  }
}
