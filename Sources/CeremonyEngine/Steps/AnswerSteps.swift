import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import Requests
import TUFMetadata
import UTC

extension AskedRoot {
  /// The bytes that a request asks to sign, from here on the payload of this ceremony.
  func begin(_ ceremony: inout Ceremony) -> Transition {
    do throws(ReviewRefusal) {
      let limit = ceremony.script.payloadLimit(for: "root")
      return .done(
        ceremony.built(
          try ReviewedPayload(
            asked: envelope, root,
            ReviewRules(
              now: ceremony.time, isRehearsal: ceremony.configuration.isRehearsal, payloadLimit: limit))))
    } catch {
      guard let first = error.findings.first else { return .unexpected }
      return .refuse(first, error.findings.dropFirst().map { .record(FindingRecord($0)) })
    }
  }
}

extension Ceremony {
  /// Reads and judges the request that the script answers, before a card is touched.
  mutating func readRequest() throws(Finding) {
    guard let file = script.request else { return }
    script = try script.answering(
      AnsweredRequest(
        inputs[file.name] ?? [], engine: Int64(EngineVersion.current), isRehearsal: configuration.isRehearsal, at: time)
    )
  }

  /// What is asked, by whom, and with which digests that are compared by voice; nil where no request is answered.
  var requestShown: Screen? {
    guard let answered = script.answered else { return nil }
    let request = answered.request
    var screen = screen("The request")
    screen.text =
      answered.seal != nil
      ? ["The seal of a ceremony that has ended is asked for. Nobody compared this request with anything yet."]
      : answered.root == nil
        ? ["A key is asked for, made on a card and proven."]
        : ["A signature is asked for. Nobody compared this request with anything yet."]
    screen.facts = [
      Screen.Fact(name: "asked by", value: request.title), Screen.Fact(name: "repository", value: request.repository),
      Screen.Fact(name: "deadline", value: request.deadline?.description ?? "none"),
    ]
    screen.digests = [Screen.Labelled(label: "the request", digest: request.digest)]
    if let head = request.head {
      screen.digests.append(
        Screen.Labelled(
          label: answered.seal == nil ? "the head of whoever asks" : "the final head of what is sealed", digest: head))
    }
    if let trusted = answered.wanted?.trusted {
      screen.text.append("The root before came with the request. Compare its digest with the root that clients have.")
      screen.digests.append(Screen.Labelled(label: "the root before", digest: SHA256Digest(of: trusted)))
    }
    screen.prompt = .compareFirst("Are they what whoever asks reads to you?", "they are the same")
    return screen
  }

  /// What changes, and the digest to compare by voice before anything is signed.
  func asking(_ answered: AnsweredRequest, for payload: ReviewedPayload) -> Screen {
    var screen = asking(
      .compare(
        "Did you read the digest to whoever asks, and is it theirs?", "confirm",
        "it is the same digest, and the changes are what was agreed"))
    if let root = answered.root, let wanted = answered.wanted { screen.text = root.changes(wanted) }
    screen.facts = words(for: payload)
    screen.say += answered.request.say
    screen.digests = [Screen.Labelled(label: "\(payload.role), the signed part", digest: payload.digest)]
    return screen
  }

  /// Everybody who answers has signed; whether a root has enough signatures is for whoever collects them.
  mutating func verifyAnswer() -> Transition {
    guard let payload = payloads["root"], isReached("root") else {
      return .refuse(
        Finding(
          .thresholdNotReached, "Not everybody who answers has signed.", hint: "Nothing was written. Answer again."))
    }
    payloads["root"]?.isVerified = true
    let count = payload.signatures.count
    return .done(
      .show(
        screen(
          nil,
          [
            "\(count == 1 ? "One signature" : "\(count) signatures"), each verified over the whole payload.",
            "This is no finished root: it waits for the signatures of others.",
          ])))
  }
}
