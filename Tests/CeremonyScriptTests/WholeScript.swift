import CeremonyScript
import Keys
import SampleMetadata
import TUFMetadata

/// A sound script in which every key of the table stands, and every kind of step.
enum WholeScript {
  static let text = """
    ceremony: 2
    title: Example ceremony
    repository: Example repository
    administrator:
      name: Ann
      initials: AN
    witness:
      name: Will
      initials: WI
      card: record

    previous:
      root: 4813494d137e1631bba301d5acab6e7bb7aa74ce1185d456565ef51d737677b2
      head: 3dbaa35a1eb9e1a19d1e8c5a0a6a6d1f8a4b8b2f3f5f0f7a5a3d5e1c9b7a6f50

    keyholders:
      ada:
        name: Ada
        card: 12345678
        spares: [12345679, 12345680]
        fields: {x-rstuf-key-name: Ada}
      boris:
        name: Boris
        card: record
      chandra:
        name: Chandra
        card: record

    cards:
      model: other
      payload-limit: 2500
      attestation: required
      vendor-certificates:
        - file: vendor.pem
          sha256: 28c47d52b0ff5ea1f5ea6f3d2b7b8a5f3d0c8a7e6b5f4d3c2b1a09f8e7d6c5b4
      other-vendors: refused
      read-back: required
      tries: required
      pin-tries: 5
      puk-tries: 5
      management-key: forget

    roles:
      root:
        threshold: 2
        keyholders: [ada, boris, chandra]
        expires: 2027-12-01T00:00:00Z
        slot: 9c
        algorithm: ed25519
        pin-policy: always
        touch-policy: always
        fields: {x-example-note: on cards}
      targets:
        threshold: 1
        keyholders: [ada, boris]
        expires:
          days: 7
        slot: 9a
      snapshot:
        threshold: 1
        keys: [service]
      timestamp:
        threshold: 1
        keys: [other]
        fields: {x-example-note: "7"}

    online-keys:
      service:
        ed25519: d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a
        fields: {x-rstuf-online-key-uri: fn:service}
      other:
        file: service.pem
        sha256: 5ee77ee2d30b4bb6a0f4b5a5e9a5f0a3e0f1c2d3b4a5968778695a4b3c2d1e0f

    absent: enrolled
    seal: 2
    fields: {x-example-policy: 3, x-example-public: true}
    hand-over: [rstuf, repository, tuf-on-ci]

    steps:
      - id: hello
        do: say
        say: [Good morning., This is the example ceremony.]
        minutes: 2
      - id: room
        do: confirm
        who: witness
        confirm: No network is connected.
      - id: attendance
        do: attendance
      - id: time
        do: time
      - id: machine
        do: preflight
        fatal: [HOST-NETWORK, HOST-RADIO]
      - id: bag-ada
        do: bag
        keyholder: ada
        bag: opened
      - id: card-ada
        do: provision
        keyholder: ada
      - id: card-boris
        do: provision
        keyholder: boris
      - id: card-chandra
        do: provision
        keyholder: chandra
      - id: card-witness
        do: provision
        keyholder: witness
      - id: head
        do: head
      - id: build-root
        do: build
        role: root
      - id: show-root
        do: show
        role: root
        initials: both
      - id: sign-root-ada
        do: sign
        role: root
        keyholder: ada
      - id: sign-root-boris
        do: sign
        role: root
        keyholder: boris
      - id: verify-root
        do: verify
        role: root
      - id: write-root
        do: write
        role: root
      - id: close
        do: close
        seal: [ada, boris]
      - id: departure
        do: departure

    """

  /// The same with everything that can be delegated.
  static let delegating =
    text
    .replacing(
      "    keyholders: [ada, boris]\n    expires:\n      days: 7\n    slot: 9a\n",
      with: """
            keyholders: [ada, boris]
            expires: 2027-12-01T00:00:00Z
            slot: 9a
            algorithm: ed25519
            pin-policy: always
            touch-policy: always
            fields: {x-example-note: delegates}
            signed-fields: {x-example-period: 365}
            delegations:
              signed-later: {paths: ["later/*"], search: terminating}
              bins: {hash-prefixes: ["0", "1f"]}
          signed-later:
            threshold: 1
            keys: [other]
          bins:
            threshold: 1
            keyholders: [chandra]
            expires: 2027-12-01T00:00:00Z
            files: published
            delegations:
              bin: {succinct: 16384}
          bin:
            threshold: 1
            keys: [service]

        """
    )
    .replacing("  - id: close\n", with: steps("targets", "ada") + steps("bins", "chandra") + "  - id: close\n")

  /// The same with one-time keys in the place of those of cards.
  static let oneTime =
    delegating
    .replacing(
      #/keyholders: \[ada, boris\]\n(    expires: 2027-12-01T00:00:00Z\n)    slot: 9a\n(?s:.*?)(    fields: .*?\n)    signed-fields: .*?\n/#
    ) { match in
      "one-time: 2\n\(match.1)\(match.2)"
    }
    .replacing("    keyholders: [chandra]\n    expires", with: "    one-time: 2\n    expires")
    .replacing(
      "  - {id: sign-targets, do: sign, role: targets, keyholder: ada}\n",
      with: "  - id: use-targets\n    do: use\n    role: targets\n"
    )
    .replacing(
      "  - {id: sign-bins, do: sign, role: bins, keyholder: chandra}\n",
      with: "  - {id: use-bins, do: use, role: bins}\n"
    )
    .replacing(
      "  - id: build-root\n",
      with:
        "  - id: make-targets\n    do: make\n    role: targets\n  - {id: make-bins, do: make, role: bins}\n  - id: build-root\n"
    )
    .replacing(
      #/(?s)(  - id: sign-root-ada\n.*?)(  - \{id: build-targets.*?)(?=  - \{id: verify-targets)(.*?)(  - \{id: build-bins.*?)(?=  - \{id: verify-bins)/#
    ) { match in
      "\(match.2)\(match.4)  - id: wipe\n    do: wipe\n\(match.1)\(match.3)"
    }

  /// The same with a key on a card that deletes it.
  static let discarding =
    delegating
    .replacing("    name: Chandra\n", with: "    name: Chandra\n    absent: stop\n")
    .replacing(
      "    keyholders: [chandra]\n    expires", with: "    keyholders: [chandra]\n    discarded: true\n    expires"
    )
    .replacing(
      #/(?s)(  - id: sign-root-ada\n.*?)(  - \{id: build-targets.*?)(?=  - \{id: verify-targets)(.*?)(  - \{id: build-bins.*?)(?=  - \{id: verify-bins)/#
    ) { match in
      "\(match.4)\(discard)\(match.2)\(match.1)\(match.3)"
    }

  static let discard = "  - id: discard-chandra\n    do: discard\n    keyholder: chandra\n"

  private static func steps(_ role: String, _ signer: String) -> String {
    """
      - {id: build-\(role), do: build, role: \(role)}
      - {id: show-\(role), do: show, role: \(role)}
      - {id: sign-\(role), do: sign, role: \(role), keyholder: \(signer)}
      - {id: verify-\(role), do: verify, role: \(role)}
      - {id: write-\(role), do: write, role: \(role)}

    """
  }

  /// The root that ``rotation`` goes on from: four root keys, and targets metadata by the service's key.
  static func baseline() throws -> Baseline {
    let root = try Samples.root(keys: [1, 2, 3, 4], online: 5)
    let targets = Targets(version: 3, expires: try Samples.time("2027-01-01T00:00:00Z"))
    return try Baseline(
      Samples.signed(root.json, by: [1, 2, 3]).serialized(), named: "1.root.json",
      metadata: [("3.targets.json", Samples.signed(targets.json, by: [5]).serialized())])
  }

  private static func digits(_ number: UInt8) -> String {
    ((try? Signer(number).key.keyID) ?? "").prefix(10).description
  }

  /// A sound script that goes on from a root, with every key that only such a script can have.
  static let rotation = """
    ceremony: 2
    title: Example rotation
    repository: Example repository
    administrator: Ann
    witness: Will

    previous:
      root: {file: 1.root.json, sha256: 28c47d52b0ff5ea1f5ea6f3d2b7b8a5f3d0c8a7e6b5f4d3c2b1a09f8e7d6c5b4}
      head: 3dbaa35a1eb9e1a19d1e8c5a0a6a6d1f8a4b8b2f3f5f0f7a5a3d5e1c9b7a6f50
      metadata:
        - {file: 3.targets.json, sha256: 5ee77ee2d30b4bb6a0f4b5a5e9a5f0a3e0f1c2d3b4a5968778695a4b3c2d1e0f}

    keyholders:
      ada:
        name: Ada
        card: 12345678
        key: "\(digits(1))"
      boris:
        name: Boris
        card: record
        key: {root: "\(digits(2))", targets: "\(digits(2))"}
        absent: keep
        firmware: refused
      chandra:
        name: Chandra
        card: record
        key: "\(digits(3))"
      dora:
        name: Dora
        card: record
        algorithm: ecdsa-p256
        model: other
        payload-limit: 2500
      fatima:
        name: Fatima
        card: record
        enrol: "00112233445566778899aabbccddeeff"
        absent: pending

    leaving:
      chandra: {reason: left}
      "\(digits(4))": {reason: lost, name: Emeka}

    withdrawn: [4813494d137e1631bba301d5acab6e7bb7aa74ce1185d456565ef51d737677b2]

    cards:
      attestation: optional

    roles:
      root:
        threshold: 2
        keyholders: [ada, boris, dora, fatima]
        expires: 2027-12-01T00:00:00Z
      targets:
        threshold: 1
        keyholders: [boris]
        expires: 2027-12-01T00:00:00Z
      snapshot:
        threshold: 1
        keys: [service]
      timestamp:
        threshold: 1
        keys: [service]

    online-keys:
      service:
        ed25519: \(service)

    steps:
      - id: card-chandra
        do: identify
        keyholder: chandra
      - id: prove-ada
        do: prove
        keyholder: ada
      - id: prove-boris
        do: prove
        keyholder: boris
      - id: card-dora
        do: provision
        keyholder: dora
      - id: enrol-fatima
        do: enrol
        keyholder: fatima
      - id: build-root
        do: build
        role: root
      - id: show-root
        do: show
        role: root
      - id: sign-root-ada
        do: sign
        role: root
        keyholder: ada
      - id: sign-root-boris
        do: sign
        role: root
        keyholder: boris
      - id: sign-root-chandra
        do: sign
        role: root
        keyholder: chandra
      - id: collect-root
        do: collect
        role: root
      - id: verify-root
        do: verify
        role: root
      - id: write-root
        do: write
        role: root
      - id: build-targets
        do: build
        role: targets
      - id: show-targets
        do: show
        role: targets
      - id: sign-targets-boris
        do: sign
        role: targets
        keyholder: boris
      - id: verify-targets
        do: verify
        role: targets
      - id: write-targets
        do: write
        role: targets
      - id: close
        do: close
      - id: wipe-chandra
        do: destroy
        keyholder: chandra

    """

  /// A sound script that takes in the signatures that a pending root waits for.
  static let collecting = """
    ceremony: 2
    title: Example rotation, finished
    repository: Example repository
    administrator: Ann
    witness: Will

    previous:
      root: {file: 1.root.json, sha256: 28c47d52b0ff5ea1f5ea6f3d2b7b8a5f3d0c8a7e6b5f4d3c2b1a09f8e7d6c5b4}
      pending:
        head: 3dbaa35a1eb9e1a19d1e8c5a0a6a6d1f8a4b8b2f3f5f0f7a5a3d5e1c9b7a6f50
        payload: 4813494d137e1631bba301d5acab6e7bb7aa74ce1185d456565ef51d737677b2

    keyholders:
      ada: {name: Ada, card: record, key: "\(digits(1))"}
      boris: {name: Boris, card: record, key: "\(digits(2))", absent: pending}
      chandra: {name: Chandra, card: record, key: "\(digits(3))"}

    seal: 1

    roles:
      root:
        threshold: 2
        keyholders: [ada, boris, chandra]

    steps:
      - id: collect-root
        do: collect
        role: root
      - id: verify-root
        do: verify
        role: root
      - id: write-root
        do: write
        role: root
      - id: close
        do: close
        seal: [ada, chandra]

    """

  /// A sound script of an answer, as the program writes them.
  static let answer = """
    ceremony: 2
    title: "Boris: a signature for Example rotation"
    repository: Example repository
    administrator: Boris
    witness:
      name: Will
      over: stream

    request:
      file: request.json
      sha256: 4813494d137e1631bba301d5acab6e7bb7aa74ce1185d456565ef51d737677b2

    keyholders:
      boris: {name: Boris, card: record, key: "\(digits(2))"}

    cards:
      attestation: optional

    roles:
      root:
        threshold: 1
        keyholders: [boris]

    steps:
      - id: request
        do: build
        role: root
      - id: changes
        do: show
        who: boris
        role: root
      - id: card-boris
        do: identify
        keyholder: boris
      - id: sign-boris
        do: sign
        role: root
        keyholder: boris
      - id: verify
        do: verify
        role: root
      - id: write
        do: write
        role: root
      - id: close
        do: close
        seal: [boris]

    """

  private static let service = ((try? Signer(5).key.publicKey?.bytes) ?? []).map { Hex.encode([$0]) }.joined()

  /// All of them, in this order.
  /// The rotation without targets, which clients refuse afterwards.
  static let orphaning =
    rotation
    .replacing(#/(?s)  - id: build-targets\n.*?(?=  - id: close\n)/#, with: "")
    .replacing(
      #/  metadata:\n    - \{file: 3.targets.json, sha256: [0-9a-f]{64}\}\n/#,
      with: "  orphaned: {targets: The service signs it within the hour.}\n")

  static let all = [text, delegating, oneTime, rotation, orphaning, collecting, answer, discarding]
}
