import Foundation
import Judges

extension Scripts {
  /// The first rehearsal with bags, the time, initials, and an ending in which everybody leaves.
  static var room: String {
    get throws { try room(first) }
  }

  /// The same made of another script that was made of the first rehearsal.
  static func room(_ script: String) throws -> String {
    try script
      .editing("administrator: Administrator", with: "administrator: {name: Administrator, initials: AD}")
      .editing("witness: Witness", with: "witness: {name: Witness, initials: WI}")
      .editing(
        "  - id: card-ada\n",
        with: """
            - {id: time, do: time}
            - {id: bag-ada, do: bag, keyholder: ada, bag: opened}
            - id: card-ada

          """
      )
      .editing("do: show\n", with: "do: show\n    initials: both\n")
      .editing(
        "    do: close\n",
        with: """
              do: close
            - {id: bag-back, do: bag, keyholder: ada, bag: closed}
            - {id: farewell, do: confirm, confirm: Nothing is left.}
            - {id: departure, do: departure}

          """
      )
  }

  /// The room with cards for administrator and witness, which sign initials before and after the close. Initials that are
  /// signed name every record before them.
  static func officialCards(algorithm: String = "ed25519", signingInitials: Bool = true) throws -> String {
    let script = try officialCards(algorithm)
    return signingInitials
      ? script
      : try script.editing("    initials: both\n", with: "").editing(", initials: [witness]}", with: "}")
  }

  private static func officialCards(_ algorithm: String) throws -> String {
    try room
      .editing("initials: AD}", with: "initials: AD, card: record}")
      .editing("initials: WI}", with: "initials: WI, card: 40000001}")
      .editing("threshold: 2\n", with: "threshold: 2\n    algorithm: \(algorithm)\n")
      .editing("confirm: Nothing is left.}", with: "confirm: Nothing is left., initials: [witness]}")
      .editing(
        "  - id: head-cards\n",
        with: """
            - {id: bag-witness, do: bag, keyholder: witness, bag: opened}
            - {id: card-witness, do: provision, keyholder: witness}
            - {id: card-administrator, do: provision, keyholder: administrator}
            - id: head-cards

          """)
  }
}
