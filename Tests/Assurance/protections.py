"""What is taken out of the program, one at a time: name, the test that fails, and each edit: file, what stands there, and what
stands there then. Several edits where one protection stands behind another.
"""

ENGINE, TESTS = "Sources/CeremonyEngine", "CeremonyTests."
PROTECTIONS = [
    (
        "signature-over-the-whole", TESTS + "FaultTests/aCardThatSignsTheFirst32BytesOnlyIsNamed",
        (
            f"{ENGINE}/Steps/SignMachine.swift",
            "guard key.isValid(signature, over: message, role.algorithm.scheme) else {",
            "guard key.isValid(signature, over: message, role.algorithm.scheme) || !signature.isEmpty else {"),
    ),
    (
        "attested-key", TESTS + "AttestationTrapTests/eachTrapIsNamedAndNothingIsWritten",
        (
            "Sources/Attestation/AttestationDifferences.swift",
            "if key != expectation.key {", "if key != expectation.key, slot != expectation.slot {"),
    ),
    (
        "right-card", TESTS + "FaultTests/aWrongCardIsRefusedBeforeItsPINIsAskedFor",
        (
            f"{ENGINE}/Steps/CardStep.swift",
            "if let finding = refusal(of: identity, ceremony) {",
            "if let finding = refusal(of: identity, ceremony), finding.code != .wrongCard {"),
        (
            f"{ENGINE}/Steps/SignMachine.swift",
            "case .key(let metadata) where metadata.publicKey != key.bytes:",
            "case .key(let metadata) where metadata.publicKey.isEmpty:"),
    ),
    (
        "factory-key", TESTS + "CardAnswersTests/theFactoryManagementKeyMustBeRefused",
        (
            f"{ENGINE}/Steps/ProvisionMachines.swift",
            "guard !opens else {", "guard !opens || !keyholder.id.isEmpty else {"),
    ),
    (
        "earlier-root-key", TESTS + "EarlierCeremonyTests/aCardWithAKeyOfTheRootBeforeIsNeverReset",
        (
            f"{ENGINE}/Steps/PreviousKeys.swift",
            "guard previousKeys.contains(where: { held.contains($0) }) else { return nil }",
            "guard previousKeys.contains(where: { held.contains($0) }), held.isEmpty else { return nil }"),
    ),
    (
        "wiped-card", TESTS + "WipeTests/everyForgeryIsRefusedAtItsPlace",
        (
            "Sources/FolderAudit/PresentCard.swift",
            "isReset && names.contains(wipe.card)", "(isReset || !names.isEmpty) && names.contains(wipe.card)"),
    ),
    (
        "discarded-key", TESTS + "DiscardTests/everyForgeryIsRefusedAtItsPlace",
        (
            "Sources/FolderAudit/DeletedKeys.swift",
            "told.contains(place), let before", "!told.contains(place) || place.slot > 0, let before"),
    ),
    (
        "nonce", TESTS + "ForgerTests/aCardThatRepeatsItsNonceSignsNothingMore",
        (
            "Sources/Keys/ECDSANonce.swift",
            "return exposed.contains(key)", "return exposed.isEmpty && exposed.contains(key)"),
    ),
    (
        "seal-count", TESTS + "SealCountTests/aSealThatWasMadeSmallerIsAnError",
        (
            "Sources/CeremonyResults/SealCount.swift",
            "} else if count < needed {", "} else if count < needed, needed > 50 {"),
    ),
    (
        "seal-of-another-ceremony", TESTS + "LateSealTests/everyForgeryIsRefusedAtItsPlace",
        (
            "Sources/FolderAudit/UnsealedCeremony.swift",
            "if answered.request != expected { codes.append(.answerRequest) }",
            "if answered.request != expected, expected == nil { codes.append(.answerRequest) }"),
    ),
    (
        "what-the-script-says", TESTS + "ForgerTests/everyForgeryIsRefusedAtItsPlace",
        (
            "Sources/FolderAudit/FolderVerifier.swift",
            "findings +=\n      ScriptedMetadata(", "_ =\n      ScriptedMetadata("),
    ),
    (
        "unknown-files", TESTS + "TamperTests/filesThatNobodyWrote",
        (
            "Sources/FolderAudit/SumsFile.swift",
            "!($0.isRegular && known.contains($0.path))", "!($0.isRegular && !known.isEmpty)"),
    ),
    (
        "known-engine", TESTS + "OtherEngineTests/anEngineVersionThatNobodyKnows",
        (
            "Sources/CeremonyRecords/BeginRecord.swift",
            "guard EngineVersion.known.contains(version) else", "guard EngineVersion.known.contains(version) || version > 0 else"),
    ),
    (
        "verifiers", TESTS + "VerifierFileTests/aVerifierThatWasChangedIsNotRun",
        (
            "Sources/CeremonyReplay/ReplayPorts.swift",
            "guard digest == file.digest else", "guard digest != .zero else"),
    ),
    (
        "old-threshold", "TUFMetadataTests.followsUpdateRoot",
        (
            "Sources/TUFMetadata/RootChain.swift",
            "if !old.isMet {", "if !old.isMet, old.threshold > 50 {"),
    ),
    (
        "key-counts-once", "TUFMetadataTests.countsAKeyOnceWhateverItsIDs",
        (
            "Sources/TUFMetadata/SignatureCount.swift",
            "if signers.insert(publicKey).inserted {", "if signers.insert(publicKey).inserted || !signers.isEmpty {"),
    ),
    (
        "rehearsal-mark", TESTS + "RehearsalTests/theMarkStandsInTheFirstRecordTheRootAndOnEveryScreen",
        (
            f"{ENGINE}/Ceremony.swift",
            'if configuration.isRehearsal { screen.banners.append("REHEARSAL") }',
            'if configuration.isRehearsal, position > 3 { screen.banners.append("REHEARSAL") }'),
    ),
    (
        "stand-ins", TESTS + "TwinTests/aRootInTheFormOfOthers",
        (
            f"{ENGINE}/Steps/Opening.swift",
            "guard script.playsOnTwin else { return }", "guard script.playsOnTwin, script.title.isEmpty else { return }"),
    ),
    (
        "pin-at-the-wrong-prompt", TESTS + "LineRuleTests/refused",
        (
            "Sources/CeremonyRecords/LineRule.swift",
            "if digits >= 6, self == .words || self == .name { return .digits }",
            "if digits >= 500, self == .words || self == .name { return .digits }"),
    ),
    (
        "joined-signatures", "SignatureMergeTests.MergeRefusalTests/signaturesThatAreNotRight",
        (
            "Sources/SignatureMerge/SigningKeys.swift",
            "if publicKey.isValid(signature.bytes, over: bytes, scheme) { return .valid(key) }",
            "if publicKey.isValid(signature.bytes, over: bytes, scheme) || !path.isEmpty { return .valid(key) }"),
    ),
    (
        "no-threshold-of-its-own", "SignatureMergeTests.SignatureMergeTests/withoutATrustedRootNoThresholdIsJudged",
        (
            "Sources/SignatureMerge/SigningKeys.swift",
            "guard isJudged, let new else { return nil }", "guard isJudged || isRoot, let new else { return nil }"),
    ),
]
