import CeremonyScript
import Findings
import TUFMetadata

extension ReferencePage {
  static let opening = """
    # The script of a ceremony

    A script of `tuf-ceremony` decides everything before the day: who takes part, which keys are made, and each step. It is
    one YAML file. The exact bytes that ran lie in the products folder as `script.yaml`, and the first record of the transcript
    names their SHA-256.

        tuf-ceremony check SCRIPT

    finds all that is wrong with a script, each with a code, its line and column, and what to do. It says how many bytes
    each card will have to sign. It ends with 0 where `run` takes the script, and with 3 where only `rehearse` does.

    `ceremony.schema.json` is for editors: the line

        # yaml-language-server: $schema=ceremony.schema.json

    at the top of a script that lies beside it has an editor name the keys while you write, and underline what is wrong.
    `check` says all that the schema says, and more: whether names refer to something, the order of the steps, dates.

    ## How it is written

    - UTF-8 without a byte-order mark, at most 262,144 bytes. Lines end with LF or CR LF.
    - One YAML document. No anchors, aliases, tags, merge keys or directives, and no key twice.
    - A key that is not on this page is refused.
    - *Text* is one line of 1 to \(ScriptText.longest) characters that people can see. `~`, `null` and nothing are no text;
      in quotes they are. What YAML takes for something else, such as `yes` or `1e3`, is the text that is written.
    - A `#` after a space begins a comment. Put a text that has one in quotes.
    - A *name* has small letters, digits, and `.` `_` `-` after the first of them; at most 40, and never `..`.
    - A *custom field* is named `x-vendor-name`: small letters and digits in parts joined by hyphens, at most 60 characters. Its
      value is text; digits without quotes are a number, and `true` and `false` without quotes are truths.
    - A *whole number* is written in digits, without quotes, sign or zeros in front.
    - A *moment* is in UTC: `2027-12-01T00:00:00Z`.
    - A *SHA-256* has 64 characters `0-9a-f`, as `sha256sum` prints them.
    - A name that came with a later version than the script's own is refused: the column *since* has the first line that it
      needs.

    """

  static var order: String {
    """
    ## The order of the steps

    A root is made in this order:

    1. `provision` for every card that gets its keys here: of each keyholder who has a role, and of each official who has
       one. `prove` for every kept card that is here, `enrol` for every key that was made elsewhere.
    2. For each role that is signed here: `build`, `show`, then `sign` by as many keyholders as its threshold or more,
       `verify`, `write`. The root must be written. Where somebody signs elsewhere, `collect` stands before `verify`; if
       the root is not reached then, it waits, and the ceremony ends pending. So may a first root; nothing but a root waits.
    3. `close`.
    4. After it only \(StepKind.followingClose).

    A script with `previous.pending` finishes a root that waits: `collect`, `verify` and `write` without `build` and `sign`. A
    first root follows none: there `previous` has nothing but `pending`.

    `say`, `confirm`, `attendance`, `time`, `preflight`, `bag` and `head` may stand between them. A step with `initials` of
    an official who has a card comes after that card is provisioned.

    """
  }

  /// What is judged of a script that can be read. A test says when a code is missing.
  static let known: [(code: Finding.Code, rule: String)] = [
    (.scriptSyntax, "The file is YAML, as it is said above."),
    (.scriptDuplicateKey, "No key stands twice."),
    (.scriptVersion, "`ceremony` is a version that this program reads."),
    (.scriptUnknownKey, "Every key is on this page, and in the script's version."),
    (.scriptMissingKey, "What must be there is. A step that wants initials has them from the script."),
    (.scriptValue, "Every value has its form. Two steps do not have one id."),
    (
      .scriptReference,
      "What a name refers to is in the script. A keyholder who signs for a role is one of its keyholders."
    ),
    (.scriptComment, "A warning: a text ends with a comment that was perhaps meant as text."),
    (.scriptText, "Letters and their accents are written together (normal form C)."),
    (.scriptNameRepeated, "No two keyholders have names that look the same, whatever their case and spaces."),
    (.stepOrder, "The steps stand in their order."),
    (.stepRepeated, "What happens once happens once."),
    (.stepMissing, "The root is written, the transcript closed, and no card of an official left without its step."),
    (
      .scriptThreshold,
      "No threshold is above the number of keys, the root's is at least 2, and `close` lets enough keyholders seal."
    ),
    (.quorumWithoutSpare, "A warning: a role needs all of its keys, so that one lost card ends it."),
    (.keyholderWithoutRole, "A warning: a keyholder has no key of any role."),
    (.slotConflict, "Root and targets take different slots of a card that has both."),
    (.serialRepeated, "No serial stands twice among all cards and spare cards."),
    (.thresholdUnreachable, "No role of the metadata needs more signatures than it has keys."),
    (.expiryMissing, "A role that is built has `expires`."),
    (.expiryRelative, "For `run` a moment, and no days."),
    (
      .expiryWindow,
      "A role that is built expires after the present and within \(ReviewRules.longestDays) days. A rehearsal's metadata expires in a week or earlier."
    ),
    (.payloadTooLarge, "What a card has to sign is not larger than it can sign."),
    (.vendorMissing, "For `run`, with `attestation: required`: vendor certificates are pinned."),
    (.attestationOptional, "A warning: `attestation: optional` takes keys that nothing proves to be on hardware."),
    (.otherVendors, "A warning: `other-vendors: accepted` takes a root that anybody can have made."),
    (.readBackOptional, "A warning: `read-back: optional` takes cards that do not say what they hold."),
    (
      .triesOptional,
      "A warning: `tries: optional` takes cards whose tries cannot be set, and numbers of tries are given."
    ),
    (.sealBelowRoot, "A warning: `seal` is below the root's threshold."),
    (.bagState, "A warning: no card is used that is in its bag, and each bag that is opened is closed, in turn."),
    (.baselineInvalid, "The root to go on from verifies by itself, as a client would start from it."),
    (.baselineUnknownRole, "It has TUF's four roles alone."),
    (.baselineField, "The names of its custom fields can be seen, and have at most 500 characters."),
    (.baselineRehearsal, "For `run`: it was not made in a rehearsal."),
    (.baselineExpired, "A warning: it has expired."),
    (.keptKeyUnknown, "A kept key is named by digits with which one key id of that root begins."),
    (.keptKeyKind, "It is of a kind that cards have, under an id that is its digest, once."),
    (.keptAndMade, "A card with a kept key gets no other, and nothing that belongs to new keys."),
    (.keyRepeated, "No two keyholders keep the same key."),
    (.leavingUnknown, "Who leaves is in that root."),
    (.leavingUnstated, "Every key of that root that is in no role of this one leaves with a reason."),
    (.leavingStays, "Who leaves has no role, and nobody keeps the key."),
    (.wipeStays, "Only the card of a keyholder who leaves is wiped."),
    (.oldQuorum, "As many keys of that root sign as it needs."),
    (.quorumUnproven, "As many keys of the new root are made or proven as it needs."),
    (.fieldUnstated, "Every custom field of that root is repeated, or taken away by `null`."),
    (.targetsBaseline, "Where targets is built, the one that clients have is named."),
    (
      .targetsOrphaned,
      "Where so many targets keys leave that clients would refuse targets, it is signed again. A warning, where `previous.orphaned` says why not."
    ),
    (.targetsNotOrphaned, "`previous.orphaned` stands only where targets would be refused and is not signed again."),
    (.delegationMissing, "From targets on something delegates to every role that TUF does not have."),
    (
      .delegationShadowed,
      "Each role is delegated to once, and none stands behind one that ends the search for all its files."
    ),
    (.delegationBins, "Where a role has bins, it delegates to nothing else."),
    (.delegationUnsigned, "Whoever delegates has its metadata built here."),
    (
      .delegationKept,
      "After another root, too, the script says itself who delegates to each role that it describes."
    ),
    (.discardElsewhere, "Keys that are discarded are made here, by keyholders who may not be absent."),
    (.onlineKey, "An online key is a public key that TUF clients verify, and not a weak one."),
    (.onlineKeyStandIn, "For `run`: no online key is the stand-in of a script that comes with this program."),
  ]

  static var rules: String {
    """
    ## What `check` knows

    All of these are errors, where nothing else is said. *For `run`* means that `rehearse` takes the script all the same.
    What the steps build is reviewed with keys that stand in for those of the day, as it will be before it is signed. So codes
    of metadata can stand beside these.

    | code | what holds |
    |---|---|

    """ + known.map { "| `\($0.code)` | \($0.rule) |\n" }.joined()
  }

  static var whole: String {
    """
    ## A script with every key

    ```yaml
    \(WholeScript.text)```

    ## A script that delegates

    ```yaml
    \(WholeScript.delegating)```

    ## A script with one-time keys

    ```yaml
    \(WholeScript.oneTime)```

    ## A script with a key that is discarded

    ```yaml
    \(WholeScript.discarding)```

    ## A script that goes on from a root

    ```yaml
    \(WholeScript.rotation)```

    ## A script that finishes a root that waits

    ```yaml
    \(WholeScript.collecting)```

    ## The script of an answer

    `tuf-ceremony sign` writes it.

    ```yaml
    \(WholeScript.answer)```

    """
  }
}
