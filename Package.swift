// swift-tools-version: 6.2
import PackageDescription

// Arrows point one way: codecs and plain values at the bottom, the pure engine above them,
// the ports above the engine, the two programs on top. Only `tuf-ceremony` reaches libpcsclite.

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("MemberImportVisibility"),
]

// What goes over bytes one by one has the optimizer in a debug build, too: without it the tests spend most of their time
// there.
let bytewise = strict + [SwiftSetting.unsafeFlags(["-O"], .when(configuration: .debug))]

func target(_ name: String, _ dependencies: [Target.Dependency], _ settings: [SwiftSetting] = strict) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func program(
  _ name: String, _ dependencies: [Target.Dependency], _ resources: [Resource] = [], links: [LinkerSetting] = []
) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies + [argumentParser], resources: resources, swiftSettings: strict,
    linkerSettings: links)
}

/// How Runbook/build-release links `tuf-audit`: with what lies as archives in a folder, so that it needs glibc alone.
let archives: [LinkerSetting] =
  if let folder = Context.environment["TUF_CEREMONY_ARCHIVES"] {
    [.unsafeFlags(["-L\(folder)", "-Xclang-linker", "-static-libgcc"])]
  } else {
    []
  }

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

// A release build says which commit it is made from. Any other build does not, so that nothing is compiled anew for it.
let commit: [CSetting] =
  if let commit = Context.environment["TUF_CEREMONY_COMMIT"] {
    if commit.count == 40, commit.allSatisfy({ "0123456789abcdef".contains($0) }) {
      [.define("TUF_CEREMONY_COMMIT", to: "\"\(commit)\"")]
    } else {
      fatalError("TUF_CEREMONY_COMMIT is no commit: 40 lower-case hexadecimal characters are")
    }
  } else { [] }

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "tuf-ceremony",
  products: [
    .executable(name: "tuf-ceremony", targets: ["tuf-ceremony"]),
    .executable(name: "tuf-audit", targets: ["tuf-audit"]),
    // The one thing that another package uses: Tests/Fuzz, a program whose `main` is libFuzzer's.
    .library(name: "FuzzProperties", targets: ["FuzzProperties"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-asn1", from: "1.7.0"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.21.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: [
    .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(name: "CPCSC", pkgConfig: "libpcsclite", providers: [.apt(["libpcsclite-dev"])]),
    .target(name: "CProcess"),
    .target(name: "CBuild", cSettings: commit),
    target("ThisProgram", ["CBuild", "Findings", "Keys", "Products"]),
    .target(
      name: "Invocation",
      dependencies: ["CProcess", "ThisProgram", "CanonicalJSON", "Keys", "Findings", "Terminal", argumentParser],
      swiftSettings: strict),

    target("Findings", [], bytewise),
    target("Terminal", ["Findings"], bytewise),
    target("UTC", [], bytewise),
    target("FindingCatalogue", ["CanonicalJSON", "Findings"]),
    target("CanonicalJSON", ["Findings"], bytewise),
    target("Keys", ["CSodium", "Findings", crypto, cryptoExtras], bytewise),
    target("TUFMetadata", ["CanonicalJSON", "Keys", "Findings", "UTC"]),
    target("UntrustedFiles", [], bytewise),
    target("MetadataFiles", ["Findings", "UntrustedFiles"]),
    target("Advice", ["TUFMetadata", "CanonicalJSON", "Keys", "Findings", "UTC"]),
    target("Watch", ["TUFMetadata", "CanonicalJSON", "Keys", "Findings", "UTC"]),
    target("Transcript", ["CanonicalJSON", "Keys", "Findings", "UTC"], bytewise),

    target("PIVTypes", []),
    target("SmartCard", ["Keys"], bytewise),
    target("PIV", ["SmartCard", "PIVTypes", "Keys", "Findings", crypto, cryptoExtras]),
    target("CardOperations", ["Attestation", "PIV", "PIVTypes", "SmartCard", "Keys", "CanonicalJSON"]),
    target("Signals", []),
    target("VirtualCard", ["SmartCard", "PIVTypes", "PIV", "Keys", "CanonicalJSON", crypto]),
    target("Attestation", ["PIVTypes", "Keys", "Findings", "UTC", x509, asn1]),

    target("Requests", ["TUFMetadata", "Transcript", "CanonicalJSON", "Keys", "Findings", "UTC"]),
    target(
      "CeremonyScript",
      ["Requests", "Transcript", "TUFMetadata", "PIVTypes", "Keys", "CanonicalJSON", "Findings", "UTC", yams], bytewise),
    target(
      "CeremonyRecords",
      [
        "CardOperations", "CeremonyScript", "Transcript", "TUFMetadata", "Products", "SmartCard", "PIV", "Keys",
        "CanonicalJSON", "Findings", "UTC",
      ]),
    target(
      "CeremonyResults",
      [
        "CeremonyRecords", "CeremonyScript", "Requests", "Transcript", "Attestation", "PIVTypes", "Keys",
        "CanonicalJSON", "Findings", "UTC",
      ]),
    target(
      "CeremonyEngine",
      [
        "CeremonyRecords", "CeremonyResults", "CeremonyScript", "Requests", "Transcript", "TUFMetadata", "PIV",
        "PIVTypes", "Attestation", "Keys", "CanonicalJSON", "Findings", "UTC", "CardOperations",
      ]),
    target(
      "FolderAudit",
      [
        "Bundles", "CeremonyRecords", "Attestation", "CanonicalJSON", "CeremonyResults", "CeremonyScript",
        "Findings", "Keys", "PIV", "PIVTypes", "Products", "Requests", "SmartCard", "TUFMetadata", "Transcript", "UTC",
      ]),
    target(
      "CeremonyReplay",
      [
        "CeremonyRecords", "FolderAudit", "CanonicalJSON", "CardOperations", "CeremonyEngine",
        "CeremonyResults", "CeremonyScript", "Findings", "Keys", "PIV", "Products", "Requests", "SmartCard",
        "Transcript", "TUFMetadata",
        "UTC",
      ]),
    target("Products", ["Findings", "Keys", "UntrustedFiles"], bytewise),
    target("Bundles", ["Findings", "Keys", "Products", "Transcript", "UTC"]),
    target(
      "SignatureMerge", ["Bundles", "Requests", "TUFMetadata", "Products", "CanonicalJSON", "Keys", "Findings"]),
    target("PCSC", ["CPCSC", "SmartCard", "Findings", "Signals"]),
    target("Screens", ["CeremonyRecords", "Keys", "Findings", "Terminal"]),
    .target(
      name: "CeremonyRuntime",
      dependencies: [
        "CProcess", "ThisProgram", "CeremonyRecords", "CeremonyEngine", "CeremonyResults", "Requests", "Screens",
        "Report",
        "CeremonyScript", "Products", "SmartCard", "UntrustedFiles", "VirtualCard", "PIV", "PIVTypes", "Keys",
        "CanonicalJSON", "TUFMetadata",
        "Transcript", "Findings", "UTC", crypto, "CardOperations", "CeremonyReplay", "FolderAudit", "Signals",
        "Bundles", "ScriptDraft", "Terminal",
      ],
      // Links to the files in Runbook/.
      resources: [.embedInCode("Shipped")], swiftSettings: bytewise),
    target("Readers", ["PCSC", "PIV", "SmartCard", "CanonicalJSON", "Keys", "Findings", "CardOperations", "Signals"]),

    .target(
      name: "Report",
      dependencies: [
        "CeremonyRecords", "CeremonyResults", "CeremonyScript", "Transcript", "TUFMetadata", "Products", "Keys",
        "CanonicalJSON", "Findings", "UTC", mustache, "CeremonyReplay", "FolderAudit", "SmartCard",
      ],
      resources: [.embedInCode("Template")], swiftSettings: strict),
    .target(
      name: "ScriptDraft",
      dependencies: [
        "CeremonyScript", "Requests", "TUFMetadata", "PIVTypes", "Keys", "CanonicalJSON", "Findings", "UTC", mustache,
      ],
      resources: [.embedInCode("Template")], swiftSettings: strict),
    target(
      "Export",
      [
        "CeremonyRecords", "CeremonyResults", "Screens", "Transcript", "CanonicalJSON", "Findings", "UTC",
        "CeremonyReplay", "TUFMetadata", "Keys",
      ]),

    program(
      "tuf-ceremony",
      [
        "Advice", "CProcess", "Invocation", "CeremonyRecords", "CeremonyResults", "CeremonyRuntime", "Screens",
        "Report", "CeremonyEngine",
        "CeremonyScript", "Products", "PCSC", "Readers", "VirtualCard", "PIV", "PIVTypes", "SmartCard",
        "TUFMetadata", "CanonicalJSON", "Keys", "FindingCatalogue", "Findings", "UTC", "CardOperations",
        "Bundles", "CeremonyReplay", "FolderAudit", "MetadataFiles", "Requests", "SignatureMerge", "Signals",
        "ScriptDraft", "Terminal", "ThisProgram", "Transcript",
      ]),
    program(
      "tuf-audit",
      [
        "Advice", "Bundles", "Invocation", "ThisProgram", "CeremonyRecords", "CeremonyResults", "CeremonyScript",
        "Report", "Export", "Products",
        "Watch", "MetadataFiles", "TUFMetadata", "Attestation", "PIVTypes", "Keys", "CanonicalJSON",
        "FindingCatalogue", "Findings", "UTC", "CeremonyReplay", "FolderAudit", "Terminal", "Transcript",
        "UntrustedFiles",
      ],
      // A link to the action's script.
      [.embedInCode("Shipped")], links: archives),

    tests(
      "ReportTests",
      [
        "Report", "CeremonyRuntime", "CeremonyRecords", "CeremonyResults", "CeremonyScript", "Products",
        "VirtualCard", "Keys", "CanonicalJSON", "Findings", "UTC", "Judges", "tuf-audit", "CeremonyReplay",
      ]),
    tests(
      "ExportTests",
      [
        "Export", "CeremonyRecords", "CeremonyResults", "Transcript", "Products", "Keys", "CanonicalJSON",
        "Findings", "UTC", "Judges", "tuf-audit", "CeremonyReplay",
      ]),
    tests(
      "BundlesTests",
      ["Bundles", "CeremonyReplay", "Products", "Keys", "CanonicalJSON", "Findings", "UTC", "Judges"]),
    tests(
      "SignatureMergeTests",
      [
        "SignatureMerge", "Bundles", "Requests", "TUFMetadata", "Products", "CanonicalJSON", "Keys", "Findings", "UTC",
        "Judges", "SampleMetadata", crypto,
      ]),
    // For Tests/benchmark.
    .executableTarget(
      name: "ceremony-bench",
      dependencies: [
        "CeremonyRuntime", "CeremonyRecords", "CeremonyResults", "CeremonyScript", "Screens", "Transcript", "Products",
        "SmartCard", "CanonicalJSON", "CardOperations",
      ],
      path: "Tests/CeremonyBench", swiftSettings: strict),
    .target(
      name: "FuzzProperties",
      dependencies: [
        "Attestation", "Bundles", "CanonicalJSON", "CeremonyReplay", "CeremonyScript", "Findings", "Keys", "PIV",
        "PIVTypes", "Products", "Requests", "SampleMetadata", "SignatureMerge", "SmartCard", "TUFMetadata",
        "Transcript", "UTC",
      ], path: "Tests/Fuzz/Properties", swiftSettings: strict),
    .target(name: "Judges", path: "Tests/Judges", swiftSettings: strict),
    tests(
      "CeremonyScriptTests",
      [
        "CeremonyScript", "TUFMetadata", "Transcript", "CanonicalJSON", "Findings", "Keys", "UTC", "Judges",
        "SampleMetadata", yams,
      ]),
    tests(
      "ScriptDraftTests",
      [
        "ScriptDraft", "CeremonyScript", "TUFMetadata", "PIVTypes", "CanonicalJSON", "Findings", "Keys", "UTC",
        "SampleMetadata",
      ]),
    tests(
      "EngineTests",
      [
        "SampleMetadata",
        "CeremonyEngine", "CeremonyRecords", "CeremonyReplay", "CeremonyResults", "CeremonyScript", "FolderAudit",
        "Products",
        "Report", "Transcript", "VirtualCard", "CardOperations", "SmartCard", "PIV", "PIVTypes", "Attestation", "Keys",
        "CanonicalJSON", "Findings", "Judges", "TUFMetadata", "ThisProgram", "UTC",
      ]),
    tests(
      "CeremonyTests",
      [
        "CeremonyRuntime", "CeremonyRecords", "CeremonyEngine", "CeremonyResults", "CeremonyScript",
        "Attestation", "Products", "Report", "Screens", "Transcript", "VirtualCard", "SmartCard", "TUFMetadata",
        "PIV", "PIVTypes", "Keys", "CanonicalJSON", "Findings", "UTC", "Judges", "CardOperations",
        "Bundles", "CeremonyReplay", "FolderAudit", "Requests", "ScriptDraft",
      ]),
    .target(
      name: "SampleMetadata", dependencies: ["TUFMetadata", "CanonicalJSON", "Keys", "Findings", "UTC", crypto],
      path: "Tests/SampleMetadata", swiftSettings: strict),
    tests("FindingsTests", ["Findings"]),
    tests("FindingCatalogueTests", ["FindingCatalogue", "CanonicalJSON", "Findings"]),
    tests("CanonicalJSONTests", ["CanonicalJSON", "Findings", "Judges"]),
    tests("KeysTests", ["Keys", "Findings", "Judges", crypto, cryptoExtras]),
    tests(
      "TUFMetadataTests",
      ["TUFMetadata", "CanonicalJSON", "Keys", "Findings", "UTC", "Judges", "SampleMetadata", crypto, cryptoExtras]),
    tests(
      "AdviceTests",
      [
        "Advice", "Watch", "TUFMetadata", "CanonicalJSON", "Keys", "Findings", "UTC", "Judges", "SampleMetadata",
        crypto,
      ]),
    tests("WatchTests", ["Watch", "TUFMetadata", "CanonicalJSON", "Keys", "Findings", "UTC", "SampleMetadata"]),
    tests("AuditTests", ["tuf-audit", "CanonicalJSON", "Judges", "Keys"]),
    tests("ReadersTests", ["Readers", "PCSC", "SmartCard", "Findings"]),
    tests("PIVTests", ["PIV", "SmartCard", "PIVTypes", "VirtualCard", "Keys", "Findings", "Judges", crypto]),
    tests(
      "AttestationTests",
      ["Attestation", "VirtualCard", "PIV", "PIVTypes", "Keys", "Findings", "UTC", "Judges", x509, asn1, crypto]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu2x
)
