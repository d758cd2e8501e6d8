import Findings
import Mustache

/// The text of a script, with places to be filled.
enum ScriptTemplate: String {
  case genesis, rotation, answer, collect

  /// The script's bytes in UTF-8.
  func filled(with content: [String: Any]) throws(Finding) -> [UInt8] {
    let files = [
      Self.genesis.rawValue: PackageResources.genesis_mustache,
      Self.rotation.rawValue: PackageResources.rotation_mustache,
      Self.answer.rawValue: PackageResources.answer_mustache,
      Self.collect.rawValue: PackageResources.collect_mustache,
      "beginning": PackageResources.beginning_mustache, "ending": PackageResources.ending_mustache,
    ]
    do {
      let library = MustacheLibrary(
        templates: try files.mapValues { try MustacheTemplate(string: String(decoding: $0, as: UTF8.self)) })
      if let text = library.render(content, withTemplate: rawValue) { return Array(text.utf8) }
      throw Finding(.internalError, "There is no template of a \(rawValue).", hint: "Report this to the project.")
    } catch let finding as Finding {
      throw finding
    } catch {
      throw Finding(
        .internalError, "The template of a \(rawValue) is broken: \(error).",
        hint: "Report this to the project; nothing that you gave is at fault.")
    }
  }
}
