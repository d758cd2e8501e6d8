import Findings

extension Area {
  static let json = Area(
    "Metadata and records that are not sound JSON", saidBy: .json,
    [
      Entry(
        .jsonEmpty, "The file is empty, or holds white space alone.",
        next: "Fetch the file again: its writing or its download was cut off."),
      Entry(
        .jsonPage, "The file is a page for people (HTML or XML) and no JSON. A server sends one where it lacks a file.",
        next: "Look at the address, and at the server: clients need status 404 for a file that is not there."),
      Entry(
        .jsonSyntax,
        """
        The file is not JSON (RFC 8259). Something is wrong or missing at the line and column that are named, or \
        the file ends in the middle.
        """,
        next: "Fetch the file again. If it stays so, ask the one who made it."),
      Entry(
        .jsonByteOrderMark, "The file begins with a byte-order mark, which JSON does not allow (RFC 8259 §8.1).",
        next: """
          Save the file as UTF-8 without a byte-order mark. If it is signed, fetch the original instead: signatures \
          are over its signed part alone, but clients read the whole file.
          """),
      Entry(
        .jsonInvalidUTF8, "Some bytes of the file are not UTF-8. Readers would disagree on what it says.",
        next: "Fetch the file again. If it stays so, ask the one who made it."),
      Entry(
        .jsonLoneSurrogate,
        "An escape in a text is half of a character (RFC 8259 §8.2). Readers would disagree on what it says.",
        next: "Ask the one who made the file to write the whole character, and to sign again."),
      Entry(
        .jsonControlCharacter, "A control character stands in a text and is not written as an escape (RFC 8259 §7).",
        next: "Fetch the file again. If it stays so, ask the one who made it."),
      Entry(
        .jsonDuplicateName,
        """
        One object has two members of the same name. Some readers take the first and some the last, so nobody can \
        say what was signed.
        """,
        next: "Do not use the file. Ask the one who made it to keep one of the two, and to sign again."),
      Entry(
        .jsonFloat, "A number has a fraction or an exponent. TUF's canonical form has whole numbers only.",
        next: "Ask the one who made the file to write a whole number, and to sign again."),
      Entry(
        .jsonNegativeZero, "A number is written as -0, which readers write back in different ways.",
        next: "Ask the one who made the file to write 0, and to sign again."),
      Entry(
        .jsonIntegerRange, "A number is beyond ±2^53. Some readers round it and then see another file.",
        next: "Ask the one who made the file to write a smaller number, and to sign again."),
      Entry(
        .jsonDepth, "Arrays and objects are nested more than 64 deep. No TUF metadata is.",
        next: "Find out what the file is, and who put it there."),
      Entry(
        .jsonTrailing, "Something follows after the end of the document.",
        next: "Fetch the file again. If it stays so, find out who added it."),
      Entry(
        .jsonNotCanonical,
        "This is JSON, but not in the canonical form, byte by byte. Records and seals are written in no other form.",
        next: "Treat the file as changed: an editor may have saved it anew. Compare it with another copy."),
    ])
}
