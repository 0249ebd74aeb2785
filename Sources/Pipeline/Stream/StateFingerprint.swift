import Segmentation

/// The fingerprint of what a customer's state depends on: state that was kept under another is of no use.
struct StateFingerprint {
  /// 64 bits of it.
  let value: UInt64

  /// The fingerprint of a daemon's half-life, currency and rates, windows, map and clock rule.
  init(_ options: DaemonOptions) {
    let (settings, map) = (options.settings, options.map)
    let rates = settings.currency.rates.sorted { $0.key < $1.key }.map {
      "\($0.key)=\($0.value.mantissa)e-\($0.value.scale)"
    }
    let parts: [String] = [
      "half-life \(settings.halfLifeDays)",
      "currency \(settings.currency.code ?? "") \(settings.currency.digits) \(rates.joined(separator: ","))",
      "windows \(settings.orderWindow) \(settings.transactionWindow)",
      "customer \(Self.text(map.customerID)) \(map.customerIDIsInteger)",
      "amount \(map.amount.map(Self.text).joined(separator: "*"))",
      "time \(Self.text(map.timestamp)) \(map.timeFormat) \(Self.text(map.zone))",
      "order \(Self.text(map.orderID)) transaction \(Self.text(map.transactionID))",
      "money \(Self.text(map.currency)) type \(Self.text(map.type))",
    ]
    let bytes = Array(parts.joined(separator: "\n").utf8)
    value = bytes.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return 0 }
      return hashBytes(base, count: bytes.count)
    }
  }

  private static func text(_ place: RecordMap.Place?) -> String {
    switch place {
    case nil: "none"
    case .path(let steps): "path \(steps)"
    case .column(let number): "column \(number)"
    case .constant(let value): "constant \(value)"
    }
  }

  /// A zone by its transitions up to 2020: later ones come and go with updates of the system's zone data.
  private static func text(_ zone: ZoneTable) -> String {
    zone.entries.filter { $0.localMs < 1_577_836_800_000 }.map { "\($0.localMs)/\($0.offsetMs)" }
      .joined(separator: ",")
  }
}
