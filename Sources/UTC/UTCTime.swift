/// A moment in UTC, to the second: written `YYYY-MM-DDTHH:MM:SSZ`, the one form TUF's `expires` and a transcript know
/// (TUF §4.2.1, RFC 3339). Years 1970 to 9999; leap seconds do not exist here.
package struct UTCTime: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Seconds since 1970-01-01T00:00:00Z.
  package let seconds: Int64

  /// 1970-01-01T00:00:00Z.
  package static let epoch = UTCTime(bounded: 0)

  /// nil before 1970 or after 9999.
  package init?(seconds: Int64) {
    guard (0...253_402_300_799).contains(seconds) else { return nil }
    self.seconds = seconds
  }

  /// Exactly `YYYY-MM-DDTHH:MM:SSZ` with a real date and time of day; otherwise nil.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 20 else { return nil }
    for (index, mark) in [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, "Z")]
    where bytes[index] != mark.utf8.first {
      return nil
    }
    func number(_ range: Range<Int>) -> Int64? {
      var value: Int64 = 0
      for byte in bytes[range] {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        value = value * 10 + Int64(byte - UInt8(ascii: "0"))
      }
      return value
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
      year >= 1970, (1...12).contains(month), day >= 1, day <= Self.days(in: month, of: year),
      hour < 24, minute < 60, second < 60
    else { return nil }
    seconds = Self.daysSince1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
  }

  /// This moment plus a number of seconds, held within the years 1970 to 9999.
  package func adding(seconds delta: Int64) -> UTCTime {
    let (sum, overflow) = seconds.addingReportingOverflow(delta)
    let bounded = overflow ? (delta < 0 ? 0 : Self.latest) : min(max(sum, 0), Self.latest)
    return UTCTime(bounded: bounded)
  }

  /// This moment plus a number of days of 86,400 seconds, held within the years 1970 to 9999.
  package func adding(days: Int64) -> UTCTime {
    let (product, overflow) = days.multipliedReportingOverflow(by: 86_400)
    return adding(seconds: overflow ? (days < 0 ? .min : .max) : product)
  }

  package var description: String {
    let (year, month, day) = Self.civil(seconds / 86_400)
    let rest = seconds % 86_400
    func padded(_ value: Int64, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
      + "T\(padded(rest / 3600, 2)):\(padded(rest / 60 % 60, 2)):\(padded(rest % 60, 2))Z"
  }

  package static func < (a: UTCTime, b: UTCTime) -> Bool { a.seconds < b.seconds }

  private static let latest: Int64 = 253_402_300_799
  private init(bounded seconds: Int64) { self.seconds = seconds }

  private static func days(in month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  // The proleptic Gregorian calendar counted in eras of 400 years, with the year beginning in March
  // so that the leap day comes last.
  private static func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func civil(_ days: Int64) -> (Int64, Int64, Int64) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthIndex = (5 * dayOfYear + 2) / 153
    let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthIndex + 2) / 5 + 1)
  }
}
