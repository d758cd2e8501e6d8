"""What is taken out of the program, one at a time: name, file, what stands there, what stands there then, the test that fails."""

ENGINE, TESTS = "Sources/CeremonyEngine", "CeremonyTests."
PROTECTIONS = [
    (
        "signature-over-the-whole", f"{ENGINE}/Steps/SignWork.swift",
        "guard key.isValid(signature, over: message, role.algorithm.scheme) else {",
        "guard key.isValid(signature, over: message, role.algorithm.scheme) || !signature.isEmpty else {",
        TESTS + "FaultTests/aCardThatSignsTheFirst32BytesOnlyIsNamed"),
    (
        "attested-key", "Sources/Attestation/AttestationDifferences.swift",
        "if key != expectation.key {", "if key != expectation.key, slot != expectation.slot {",
        TESTS + "AttestationTrapTests/eachTrapIsNamedAndNothingIsWritten"),
    (
        "right-card", f"{ENGINE}/Steps/CardStep.swift",
        "guard identity.serial == expected else {", "guard identity.serial == expected || expected > 0 else {",
        TESTS + "FaultTests/aWrongCardIsRefusedBeforeItsPINIsAskedFor"),
    (
        "factory-key", f"{ENGINE}/Steps/ProvisionWork.swift",
        "guard !opens else {", "guard !opens || !keyholder.id.isEmpty else {",
        TESTS + "CardAnswersTests/theFactoryManagementKeyMustBeRefused"),
    (
        "earlier-root-key", f"{ENGINE}/Steps/PreviousKeys.swift",
        "guard previousKeys.contains(where: { held.contains($0) }) else { return nil }",
        "guard previousKeys.contains(where: { held.contains($0) }), held.isEmpty else { return nil }",
        TESTS + "EarlierCeremonyTests/aCardWithAKeyOfTheRootBeforeIsNeverReset"),
    (
        "nonce", "Sources/Keys/ECDSANonce.swift",
        "return exposed.contains(key)", "return exposed.isEmpty && exposed.contains(key)",
        TESTS + "ForgerTests/aCardThatRepeatsItsNonceSignsNothingMore"),
    (
        "seal-count", f"{ENGINE}/SealVerdict.swift",
        "} else if count < needed {", "} else if count < needed, needed > 50 {",
        TESTS + "SealCountTests/aSealThatWasMadeSmallerIsAnError"),
    (
        "what-the-script-says", f"{ENGINE}/Folder/FolderJudge.swift",
        "findings += ScriptedMetadata(script, records, metadata, source).findings + ProvenKeys(script, records).findings",
        "findings += ProvenKeys(script, records).findings",
        TESTS + "ForgerTests/everyForgeryIsRefusedAtItsPlace"),
    (
        "unknown-files", f"{ENGINE}/Folder/SumsFile.swift",
        "!($0.isRegular && known.contains($0.path))", "!($0.isRegular && !known.isEmpty)",
        TESTS + "TamperTests/filesThatNobodyWrote"),
    (
        "known-engine", f"{ENGINE}/Playing/Begin.swift",
        "guard EngineVersion.known.contains(version) else", "guard EngineVersion.known.contains(version) || version > 0 else",
        TESTS + "OtherEngineTests/anEngineVersionThatNobodyKnows"),
    (
        "verifiers", f"{ENGINE}/Playing/ReplayPorts.swift",
        "guard try source.digest(of: file.path) == file.digest else", "guard try source.digest(of: file.path) != .zero else",
        TESTS + "VerifierFileTests/aVerifierThatWasChangedIsNotRun"),
    (
        "old-threshold", "Sources/TUFMetadata/RootChain.swift",
        "if !old.isMet {", "if !old.isMet, old.threshold > 50 {",
        "TUFMetadataTests.followsUpdateRoot"),
    (
        "key-counts-once", "Sources/TUFMetadata/SignatureCount.swift",
        "if signers.insert(publicKey).inserted {", "if signers.insert(publicKey).inserted || !signers.isEmpty {",
        "TUFMetadataTests.countsAKeyOnceWhateverItsIDs"),
    (
        "rehearsal-mark", f"{ENGINE}/Ceremony.swift",
        'if setting.isRehearsal { screen.banners.append("REHEARSAL") }',
        'if setting.isRehearsal, position > 3 { screen.banners.append("REHEARSAL") }',
        TESTS + "RehearsalTests/theMarkStandsInTheFirstRecordTheRootAndOnEveryScreen"),
    (
        "pin-at-the-wrong-prompt", f"{ENGINE}/LineRule.swift",
        "if digits >= 6, self == .words || self == .name { return .digits }",
        "if digits >= 500, self == .words || self == .name { return .digits }",
        TESTS + "LineRuleTests/refused"),
]
