import Foundation

extension Scripts {
  /// The first rehearsal with bags, the time, initials, and an ending in which everybody leaves.
  static var room: String {
    get throws {
      try first
        .replacing("administrator: Administrator", with: "administrator: {name: Administrator, initials: AD}")
        .replacing("witness: Witness", with: "witness: {name: Witness, initials: WI}")
        .replacing(
          "  - id: card-ada\n",
          with: """
              - {id: time, do: time}
              - {id: bag-ada, do: bag, keyholder: ada, bag: opened}
              - id: card-ada

            """
        )
        .replacing("do: show\n", with: "do: show\n    initials: both\n")
        .replacing(
          "    do: close\n",
          with: """
                do: close
              - {id: bag-back, do: bag, keyholder: ada, bag: closed}
              - {id: farewell, do: confirm, confirm: Nothing is left.}
              - {id: departure, do: departure}

            """
        )
    }
  }
}
