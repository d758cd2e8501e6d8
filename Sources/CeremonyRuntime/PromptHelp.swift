import CeremonyRecords

/// What `?` says at a prompt. It is no answer: nothing is asked again, and nothing is recorded.
enum PromptHelp {
  static let token = "?"

  /// The words that are taken at nearly every prompt, as far as this one takes them; a sentence each, in one paragraph.
  static func words(for prompt: Prompt?) -> String {
    let always = (prompt?.always ?? []).compactMap(SideRequest.init(rawValue:))
    return
      (always.map { "\($0.rawValue): \(meaning(of: $0))" }
      + ["Ctrl-C: stop here; resume goes on with this question.", "Everything else is dropped, and not recorded."])
      .joined(separator: " ")
  }

  private static func meaning(of request: SideRequest) -> String {
    switch request {
    case .exception: "put in words what did not go to plan; it gets a number."
    case .pause: "a break, until somebody goes on."
    case .leaves: "somebody leaves the room."
    case .returns: "somebody is back."
    case .abort: "administrator and witness give the ceremony up for good."
    }
  }
}
