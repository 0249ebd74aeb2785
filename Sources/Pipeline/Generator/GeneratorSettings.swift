/// What synthetic purchases to make.
package struct GeneratorSettings: Sendable, Equatable {
  /// How many records, exactly: purchases, refunds, repeats and broken ones together.
  package var events = 1_000_000
  /// How many customers; some may never buy where there are few events.
  package var customers = 50_000
  /// The same seed gives the same bytes.
  package var seed: UInt64 = 1
  /// The days over which the events are planned to spread (with a rate: events / rate instead).
  package var spanDays = 30.0
  /// When the first day begins, in ms since 1970; 2026-01-01T00:00:00Z. With a rate the caller sets the wall clock.
  package var startMs: Int64 = 1_767_225_600_000
  /// Records a second in the stream's own time; 0 for `spanDays`.
  ///
  /// Whoever wants real time asks the generator for no more than is due by the wall clock.
  package var ratePerSecond = 0.0
  /// The share of records that are refunds.
  package var refundShare = 0.02
  /// The share of records that repeat a recent one byte for byte.
  package var duplicateShare = 0.01
  /// The share of records that carry a time long past.
  package var lateShare = 0.01
  /// The share of records that cannot be used.
  package var brokenShare = 0.001
  /// The share of customers who fall silent, at most 0.9: somebody has to make the rest of the records.
  package var silentShare = 0.15

  /// The default settings.
  package init() {}

  /// The length of the stream's time, in ms.
  var spanMs: Double {
    ratePerSecond > 0 ? Double(events) / ratePerSecond * 1000 : spanDays * 86_400_000
  }

  /// Throws where a value is out of its limits.
  func validate() throws(GeneratorSettingsError) {
    let shares = [
      ("refunds", refundShare), ("duplicates", duplicateShare), ("late", lateShare), ("broken", brokenShare),
      ("silent", silentShare),
    ]
    for (name, share) in shares where !(0...0.9).contains(share) {
      throw GeneratorSettingsError("`\(name)` is `\(share)`; a share is between 0 and 0.9")
    }
    let sum = refundShare + duplicateShare + brokenShare + lateShare
    if sum > 0.9 {
      throw GeneratorSettingsError(
        "`refunds`, `duplicates`, `late` and `broken` come to `\(sum)`; together they may be at most 0.9")
    }
    if !(0...99_999_999_999).contains(events) {
      throw GeneratorSettingsError("`events` is `\(events)`; it is between 0 and 99,999,999,999")
    }
    if !(1...1_000_000_000).contains(customers) {
      throw GeneratorSettingsError("`customers` is `\(customers)`; it is between 1 and 1,000,000,000")
    }
    if !(spanDays > 0 && spanDays <= 36_500) {
      throw GeneratorSettingsError("`span` is `\(spanDays)` days; it is above 0 and at most 36,500")
    }
    if !(ratePerSecond >= 0 && ratePerSecond <= 1e9) {
      throw GeneratorSettingsError("`rate` is `\(ratePerSecond)`; it is between 0 and 1,000,000,000 a second")
    }
  }
}

/// A setting of the generator that is out of its limits.
package struct GeneratorSettingsError: Error, CustomStringConvertible {
  /// Which, its value, and what is allowed.
  package let description: String

  init(_ description: String) {
    self.description = description
  }
}
