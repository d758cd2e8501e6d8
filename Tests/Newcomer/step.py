"""A kind of step that nobody needs, as somebody would add it who knows CONTRIBUTING.md alone.

`do: census`: the witness counts the people in the room, and their number is the script's or the step fails.

EDITS: file, text that stands there exactly once, what takes its place. FILES: new files. MADE: files that a command writes.
TESTS: suites that must pass then.
"""
import pathlib

SCRIPT, ENGINE, REPORT = "Sources/CeremonyScript", "Sources/CeremonyEngine", "Sources/Report"
AUDIT = "Sources/FolderAudit"


def before(path, anchor, text):
    return path, anchor, text + anchor


def after(path, anchor, text):
    return path, anchor, anchor + text


EDITS = [
    # The script.
    before(f"{SCRIPT}/Script.swift", "    /// Everybody leaves; after the close.\n",
           "    /// The people in the room are counted.\n    case census(people: Int)\n"),
    before(f"{SCRIPT}/Fields/StepTable.swift", '    StepKind("departure",', '''\
    StepKind(
      "census", by: .witness, keys: [StepFields.people.row], "The people in the room are counted.",
      order: "Before `close`."
    ) { fields, _ in .census(people: fields[StepFields.people]) },
'''),
    before(f"{SCRIPT}/Fields/StepTable.swift", "  static let sealers = FieldRow(\n", '''\
  static let people = Field("people", .number(1...500), or: 1, "How many people are in the room.", example: "7")
'''),
    (f"{SCRIPT}/StepOrder.swift", ".preflight, .bag, .head, .identify: break",
     ".preflight, .bag, .head, .identify, .census: break"),
    (f"{SCRIPT}/StepOrder.swift", ".preflight, .bag, .head, .identify: return nil",
     ".preflight, .bag, .head, .identify, .census: return nil"),
    before(f"{SCRIPT}/Plan.swift", '    case .departure: [("", .departure)]\n',
           '    case .census(let people): [("", .census(people: people))]\n'),
    before(f"{SCRIPT}/Plan.swift", "    case departure\n", "    case census(people: Int)\n"),
    before(f"{SCRIPT}/Plan.swift", '      case .departure: "Everybody leaves"\n', '      case .census: "Count the people"\n'),
    (f"{SCRIPT}/Plan.swift", ".initials, .departure: nil", ".initials, .departure, .census: nil"),
    # The engine.
    before(f"{ENGINE}/Steps/StepMachine.swift", "    case .departure: DepartureStep()\n",
           "    case .census(let people): CensusStep(people: people)\n"),
    # The record.
    before("Sources/Transcript/Record.swift", "  /// Somebody typed their initials under a step.\n",
           "  /// The people in the room were counted.\n  case census\n"),
    before(f"{AUDIT}/FolderRecords.swift", "    case attended(AttendanceRecord)\n", "    case counted(CensusRecord)\n"),
    before(f"{AUDIT}/FolderRecords.swift", "    case .attendance:\n", '''\
    case .census:
      guard let census = CensusRecord(fields: record.body) else {
        throw Self.malformed("This record does not say how many people are in the room.", place)
      }
      deeds.append((.counted(census), scriptStep, place))
'''),
    before(f"{AUDIT}/NamedPeople.swift", "      case .attended(let attendance):\n", '''\
      case .counted(let census):
        guard step?.action == .census(people: Int(census.people)) else {
          add("The script does not have so many people in the room.", place)
          continue
        }
'''),
    (f"{AUDIT}/RecordOrder.swift", ".host, .read,", ".census, .host, .read,"),
    # The finding.
    before("Sources/Findings/FindingCode.swift", '    case clockDiffers = "CLOCK-DIFFERS"\n',
           '    case censusDiffers = "CENSUS-DIFFERS"\n'),
    before("Sources/FindingCatalogue/Entries/RoomArea.swift", "      Entry(\n        .clockDiffers,\n", '''\
      Entry(
        .censusDiffers, "There are more or fewer people in the room than the script says.",
        next: "Count once more. If it is so, find out who they are."),
'''),
    # On paper.
    before(f"{REPORT}/Paper/PaperRow.swift", '    case .bag(_, .opened): [Blank("Number on the bag")]\n',
           '    case .census(let people): [Blank("\\(people) people", isTicked: true)]\n'),
    before(f"{REPORT}/Paper/FilledStep.swift", "      case .bag:\n", '''\
      case .census:
        if let census = CensusRecord(fields: body) { notes.append("\\(census.people) people") }
'''),
    # The pages, and the second verifier.
    before("Runbook/TRANSCRIPT.md", "| `initials` | typed under", "| `census` | `people`: how many were counted in the room |\n"),
    before("Runbook/TRANSCRIPT.md", "- `cards/IDENTITY/card.json` is in printed form,",
           "- A `census` record stands under a step `do: census`, with the script's `people`.\n"),
    ("Runbook/TRANSCRIPT.md", "`sealing.jsonl` has no `host`,", "`sealing.jsonl` has no `census`, `host`,"),
    ("Runbook/verify_transcript.py", '*"host begin read', '*"census host begin read'),
    ("Runbook/verify_transcript.py", '"bag": "bag keyholder",', '"bag": "bag keyholder", "census": "people",'),
    ("Runbook/verify_transcript.py", "initials confirm keyholder role bag seal", "initials confirm keyholder role bag seal people"),
    before("Runbook/verify_transcript.py", '        if "confirm" in own:', '        if "people" in own: step["people"] = own["people"].number(1, 500)\n'),
    ("Runbook/verify_transcript.py", '"wipe", "host", "one-time")', '"wipe", "host", "one-time", "census")'),
    before("Runbook/verify_transcript.py", '        elif kind == "bag": is_so',
           '        elif kind == "census": is_so = type(body.get("people")) is int and body["people"] == step.get("people")\n'),
    # The tests.
    before("Tests/CeremonyScriptTests/WholeScript.swift", "      - id: bag-ada\n", '''\
      - id: census
        do: census
        people: 7
'''),
    ("Tests/CeremonyScriptTests/ReferenceProse.swift", "`bag` and `head` may stand", "`bag`, `census` and `head` may stand"),
    before("Tests/EngineTests/EveryKindTests.swift", "    case make, use, wipe, preflight, destroy, departure, standIn", "    case census\n"),
    before("Tests/EngineTests/EveryKindTests.swift", "        case .departure: .departure\n", "        case .census: .census\n"),
    before("Tests/EngineTests/RoomTransitions.swift", "import Testing\n", "import CeremonyScript\n"),
    before("Tests/EngineTests/RoomTransitions.swift", "  static let rows = [", '''\
  /// The people are counted.
  private static let census = TransitionTable(
    Films.held { $0.steps.insert(SampleScript.step("census", .census(people: 7), who: "witness"), at: 1) },
    """
    census ask
      type confirm -> record census; @attendance; ? Attendance: Anna [here substitute]
      type differs -> finding CENSUS-DIFFERS; ? CENSUS-DIFFERS [retry]
    """)

'''),
    after("Tests/EngineTests/RoomTransitions.swift", "  static let rows = [", "census, "),
    (
        "Tests/CeremonyTests/RoomScript.swift", "            - {id: time, do: time}\n",
        "            - {id: time, do: time}\n            - {id: census, do: census, people: 7}\n"),
]

FILES = {
    f"{ENGINE}/Steps/CensusStep.swift": '''\
import CeremonyRecords
import Findings

/// The witness counts the people in the room.
struct CensusStep: StepMachine {
  let people: Int

  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    let answers = [
      Prompt.Answer(token: "confirm", meaning: "there are \\(people)"),
      Prompt.Answer(token: "differs", meaning: "there are more, or fewer"),
    ]
    return .wait(for: .ask(ceremony.asking(Prompt("Are \\(people) people here?", answers, unattended: "confirm"))))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    switch event {
    case .answer("confirm"): .done(.record(CensusRecord(people: Int64(people))))
    case .answer:
      .fail(Finding(.censusDiffers, "There are not \\(people) people in the room.", hint: "Count once more."))
    default: .unexpected
    }
  }
}
''',
    "Sources/CeremonyRecords/CensusRecord.swift": '''\
import CanonicalJSON
import Transcript

/// How many people were counted in the room.
package struct CensusRecord: ReadableRecordBody {
  package static let kind = RecordKind.census
  package let people: Int64

  package init(people: Int64) { self.people = people }

  package var json: JSONObject { ["people": .integer(people)] }

  package init?(fields body: JSONObject) {
    guard let people = body["people"]?.integer else { return nil }
    self.init(people: people)
  }
}
''',
    "Tests/CeremonyTests/CensusTests.swift": '''\
import CanonicalJSON
import Findings
import Testing
import Transcript

@Suite struct CensusTests {
  @Test(arguments: [[], [("Count the people", "differs")]])
  func thePeopleAreCounted(_ answers: [(String, String)]) throws {
    let room = Room()
    try room.play(try Scripts.room, answers)
    #expect(try room.records(.census).map(\\.body) == [["people": 7]])
    #expect(try room.records(.finding).map { $0.body["code"] } == answers.map { _ in "CENSUS-DIFFERS" })
    try SecondVerifier.expectAgreement([("counted", try room.products())], holding: true, "of counted people")
  }

  @Test func theirNumberIsTheScripts() throws {
    let room = Room()
    try room.play(try Scripts.room, [])
    var folder = try room.products()
    try folder.rechain { records in
      let place = try #require(records.firstIndex { $0["kind"] == "census" })
      records[place].edit("body", "people") { _ in 8 }
    }
    try SecondVerifier.expectAgreement([("one more", folder)], holding: false, "of other numbers of people")
  }
}
''',
}

MADE = ["Runbook/FINDINGS.md", "Runbook/SCRIPT.md", "Runbook/ceremony.schema.json"]
TESTS = ["CensusTests", "ScriptTableTests", "ScriptSchemaTests", "CatalogueTests", "MalformedRecordTests", "RoomTests",
         "EveryKindTests", "RoomTransitions"]


def touched():
    """Every file that is another one then."""
    return sorted({path for path, *_ in EDITS} | set(FILES) | set(MADE))


def apply(folder):
    for path, old, new in EDITS:
        file = pathlib.Path(folder, path)
        text = file.read_text()
        assert text.count(old) == 1, f"{path} has {text.count(old)} places with {old!r}"
        file.write_text(text.replace(old, new))
    for path, text in FILES.items():
        pathlib.Path(folder, path).write_text(text)
