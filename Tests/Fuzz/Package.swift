// swift-tools-version: 6.2
import PackageDescription

// A package of its own: a program for libFuzzer has its `main` in libFuzzer, so that a plain `swift build` could not
// link it. `Tests/Fuzz/run` builds it.

let package = Package(
  name: "fuzz",
  dependencies: [.package(name: "tuf-ceremony", path: "../..")],
  targets: [
    .executableTarget(
      name: "fuzz",
      dependencies: [.product(name: "FuzzProperties", package: "tuf-ceremony")],
      path: "Sources",
      swiftSettings: [
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("MemberImportVisibility"),
        .unsafeFlags(["-parse-as-library"]),
      ])
  ],
  swiftLanguageModes: [.v6]
)
