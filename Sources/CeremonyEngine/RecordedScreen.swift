import CanonicalJSON
import Keys

extension Screen {
  /// A screen as a record holds it; nil where `body` is not exactly what a screen of this engine writes.
  /// What an unattended rehearsal would have answered is not recorded, and empty here.
  package init?(recorded body: JSONObject) {
    guard let step = body["step"]?.integer.flatMap(Int.init(exactly:)),
      let steps = body["steps"]?.integer.flatMap(Int.init(exactly:)), let title = body["title"]?.string,
      let who = body["who"]?.string
    else { return nil }
    self.init(step: step, steps: steps, title: title, who: who)
    func lines(_ name: String) -> [String] { (body[name]?.array ?? []).compactMap(\.string) }
    text = lines("text")
    say = lines("say")
    tally = lines("tally")
    banners = lines("banners")
    digests = (body["digests"]?.array ?? []).compactMap { entry in
      guard let label = entry["label"]?.string, let digest = entry["sha256"]?.string.flatMap(SHA256Digest.init(hex:))
      else { return nil }
      return Labelled(label: label, digest: digest)
    }
    facts = (body["facts"]?.array ?? []).compactMap { entry in
      guard let name = entry["name"]?.string, let value = entry["value"]?.string else { return nil }
      return Fact(name: name, value: value)
    }
    prompt = body["prompt"].flatMap(Prompt.init(recorded:))
    // Whatever was left out above shows here.
    guard json == body else { return nil }
  }
}
