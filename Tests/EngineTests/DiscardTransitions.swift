import CeremonyScript
import Testing

@testable import CeremonyEngine

/// What the engine makes of events while a card deletes a key that has signed, and gets another management key.
@Suite struct DiscardTransitions {
  /// What a card cannot do is known before it makes a key.
  private static let asking = TransitionTable(
    Films.discarding,
    """
    card-ada/identify card abilities 9c
      ok -> show The card of Ada can do what this ceremony needs; @card-ada/reset; ? Reset the card of Ada [reset]
      card abilities no deletion -> finding CARD-UNSUPPORTED; release; ? CARD-UNSUPPORTED [retry]
      card abilities no metadata -> finding CARD-UNSUPPORTED; release; ? CARD-UNSUPPORTED [retry]
      card abilities deletion unknown -> ? Not everything is known of the card of Ada [accept refuse]
    """)

  /// The slot must hold the key that was made here.
  private static let looking = TransitionTable(
    Films.discarding,
    """
    card-ada/prove-targets card sign 9a
      ok -> signature proof ada; show Ada has signed a proof of the new key; @card-ada/set-aside; show The card of Ada
        has its keys; release; @card-boris/identify; show Insert the card of Boris (serial 30000002); await boris
        30000002
    discard-ada card read-metadata 9a
      ok -> card delete-key 9a
      card slot another key -> finding SLOT-MISMATCH; release; ? SLOT-MISMATCH [retry]
      card slot empty -> finding SLOT-MISMATCH; release; ? SLOT-MISMATCH [retry]
      card slot blank -> finding SLOT-MISMATCH; release; ? SLOT-MISMATCH [retry]
      card slot not said -> finding CARD-UNSUPPORTED; release; ? CARD-UNSUPPORTED [retry]
      card slot unknown -> finding CARD-UNSUPPORTED; release; ? CARD-UNSUPPORTED [retry]
      fails removed -> finding CARD-REMOVED; release; ? CARD-REMOVED [retry]
    """)

  /// Only a card that gave no answer may have deleted it.
  private static let deleting = TransitionTable(
    Films.discarding,
    """
    discard-ada card delete-key 9a
      ok -> card read-metadata 9a
      fails no DELETE KEY -> finding KEY-NOT-DISCARDED; release; ? KEY-NOT-DISCARDED [retry]
      fails management needed -> finding MANAGEMENT-NEEDED; release; ? MANAGEMENT-NEEDED [retry]
      fails no such key -> finding SLOT-EMPTY; release; ? SLOT-EMPTY [retry]
      fails no such key > type retry > inserted > ok > card slot empty -> finding SLOT-MISMATCH; release; ? SLOT-MISMATCH
        [retry]
      fails removed > type retry > inserted > ok > ok -> card delete-key 9a
      fails removed > type retry > inserted > ok > card slot empty -> show The targets key of Ada is deleted; show Delete what has signed;
        make ada/management-key
    discard-ada card read-metadata 9a 2
      ok -> show The targets key of Ada is deleted; show Delete what has signed; make ada/management-key
      card slot still full -> finding KEY-NOT-DISCARDED; release; ? KEY-NOT-DISCARDED [retry]
      card slot blank -> finding KEY-NOT-DISCARDED; release; ? KEY-NOT-DISCARDED [retry]
      card slot unknown -> finding KEY-NOT-DISCARDED; release; ? KEY-NOT-DISCARDED [retry]
      fails removed > type retry > inserted > ok > ok -> show The targets key of Ada is deleted; show Delete what has signed;
        make ada/management-key
    """)

  /// The card whose new management key nobody knows is not provisioned anew.
  private static let replacing = TransitionTable(
    Films.discarding,
    """
    discard-ada make ada/management-key
      ok -> card set-management-key
      went-on -> show Delete what has signed; make ada/management-key
    discard-ada card set-management-key
      ok -> forget ada/management-key
      fails removed -> finding CARD-REMOVED; release; ? CARD-REMOVED [retry]
      fails removed > type retry > inserted > ok > ok -> show The targets key of Ada is deleted; card try-factory-key
      fails removed > type retry > inserted > ok > ok > card factory key refused -> create
        cards/20000001/root_pubkey.pem; create cards/20000001/root_attestation.pem; create cards/20000001/targets_pubkey.pem; create cards/20000001/targets_attestation.pem; create
        cards/20000001/attestation_intermediate.pem; create cards/20000001/card.json; show The card of Ada is ready;
        release; @sign-root-ada; show Insert the card of Ada (serial 20000001); await ada 20000001
      fails removed > type retry > inserted > ok > ok > ok -> show Delete what has signed; make ada/management-key
    discard-ada card try-factory-key
      ok -> create cards/20000001/root_pubkey.pem; create cards/20000001/root_attestation.pem; create
        cards/20000001/targets_pubkey.pem; create cards/20000001/targets_attestation.pem; create
        cards/20000001/attestation_intermediate.pem; create cards/20000001/card.json; show The card of Ada is ready;
        release; @sign-root-ada; show Insert the card of Ada (serial 20000001); await ada 20000001
      card factory key opens -> finding FACTORY-SECRET; release; ? FACTORY-SECRET [retry]
    """)

  static let rows = asking.rows + looking.rows + deleting.rows + replacing.rows

  @Test(arguments: rows)
  func whatComesOfIt(_ row: TransitionTable.Row) throws { try row.judge() }
}
