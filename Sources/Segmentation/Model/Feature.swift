import Glibc

/// What a customer's state says about it at a clock; the coordinates in which segments are found.
public enum Feature: String, CaseIterable, Sendable {
  /// 0.5 · log1p(days since the last purchase / 30).
  case recency
  /// log1p(decayed frequency at the clock).
  case frequency
  /// log1p of the decayed average order (decayed monetary / decayed frequency, major units), with its sign.
  case averageOrder = "average_order"
  /// log1p of the decayed monetary value at the clock (major units), with its sign.
  case monetary
  /// log1p(orders).
  case orders
  /// 0.5 · log1p(days since the first purchase / 30).
  case tenure
  /// Refunded / gross, 0 to 1.
  case refundShare = "refund_share"
}

/// A feature and how much it counts: its scaled value is multiplied by the weight.
public struct WeightedFeature: Sendable, Equatable {
  /// Which feature.
  public var feature: Feature
  /// Above 0, at most 8.
  public var weight: Double

  /// Makes a weighted feature.
  public init(_ feature: Feature, weight: Double = 1) {
    self.feature = feature
    self.weight = weight
  }

  /// Recency, frequency and average order, each with weight 1.
  public static let defaults = [
    WeightedFeature(.recency), WeightedFeature(.frequency), WeightedFeature(.averageOrder),
  ]
}

/// Up to eight features of one customer; the first four suffice for most lists.
struct FeatureVector {
  var low: SIMD4<Double> = .zero
  var high: SIMD4<Double> = .zero

  static let countMax = 8

  @inline(__always)
  subscript(index: Int) -> Double {
    get { index < 4 ? low[index] : high[index &- 4] }
    set { if index < 4 { low[index] = newValue } else { high[index &- 4] = newValue } }
  }
}

/// Computes raw features of rows.
struct FeatureRules {
  let features: [Feature]
  private let isDefault: Bool
  let count: Int
  let decay: Decay
  /// Major units in a minor one: 1, 0.01 or 0.001.
  let majorPerMinor: Double
  private let logarithm = Logarithm()

  init(_ settings: SegmentationSettings) {
    features = settings.features.map(\.feature)
    isDefault = features == WeightedFeature.defaults.map(\.feature)
    count = features.count
    decay = Decay(halfLifeMs: settings.halfLifeMs)
    majorPerMinor = [1, 0.1, 0.01, 0.001][settings.currency.digits]
  }

  /// The raw features of a row with a purchase at a clock.
  @inline(__always)
  func raw(_ row: UnsafePointer<CustomerRow>, clockMs: Int64) -> FeatureVector {
    let age = max(0, clockMs &- row.pointee.lastPurchaseMs)
    let frequency = row.pointee.decayedFrequency * decay.weight(age)
    if isDefault {
      return FeatureVector(
        low: SIMD4(logDays(age), logarithm.onePlus(max(0, frequency)), averageOrder(row, frequency), 0))
    }
    return general(row, clockMs: clockMs, age: age, frequency: frequency)
  }

  @inline(never)
  private func general(_ row: UnsafePointer<CustomerRow>, clockMs: Int64, age: Int64, frequency: Double)
    -> FeatureVector
  {
    var vector = FeatureVector()
    for index in 0..<count {
      vector[index] =
        switch features[index] {
        case .recency: logDays(age)
        case .frequency: logarithm.onePlus(max(0, frequency))
        case .averageOrder: averageOrder(row, frequency)
        case .monetary: signedLog(row.pointee.decayedMonetary * decay.weight(age) * majorPerMinor)
        case .orders: logarithm.onePlus(Double(max(0, row.pointee.orders)))
        case .tenure: logDays(max(0, clockMs &- row.pointee.firstPurchaseMs))
        case .refundShare:
          row.pointee.grossMinor == 0
            ? 0 : min(1, Double(row.pointee.refundedMinor) / Double(row.pointee.grossMinor))
        }
    }
    return vector
  }

  @inline(__always)
  private func averageOrder(_ row: UnsafePointer<CustomerRow>, _ frequency: Double) -> Double {
    if frequency < 1e-6 { return 0 }
    return signedLog(row.pointee.decayedMonetary / row.pointee.decayedFrequency * majorPerMinor)
  }

  @inline(__always)
  private func logDays(_ ageMs: Int64) -> Double {
    ageMs == 0 ? 0 : 0.5 * logarithm.onePlus(Double(ageMs) * (1 / (30 * Double(msPerDay))))
  }

  @inline(__always)
  private func signedLog(_ x: Double) -> Double {
    x < 0 ? -logarithm.onePlus(-x) : logarithm.onePlus(x)
  }
}

/// Recency, frequency and monetary values of a customer at a clock, as people read them.
struct RFMValues {
  var recencyMs: Int64
  var recencyDays: Double { Double(recencyMs) / Double(msPerDay) }
  /// At the clock.
  var decayedFrequency: Double
  /// At the clock, minor units.
  var decayedMonetaryMinor: Int64
  /// Net / orders, minor units, half to even; 0 without an order.
  var averageOrderMinor: Int64
}

extension FeatureRules {
  /// The values of a row with a purchase at a clock.
  func rfm(_ row: UnsafePointer<CustomerRow>, clockMs: Int64) -> RFMValues {
    let age = max(0, clockMs &- row.pointee.lastPurchaseMs)
    let weight = decay.weight(age)
    let orders = Double(row.pointee.orders)
    return RFMValues(
      recencyMs: age, decayedFrequency: max(0, row.pointee.decayedFrequency * weight),
      decayedMonetaryMinor: Self.minor(row.pointee.decayedMonetary * weight),
      averageOrderMinor: orders > 0 ? Self.minor(Double(row.pointee.netMinor) / orders) : 0)
  }

  private static func minor(_ value: Double) -> Int64 {
    Int64(max(-9e18, min(9e18, value)).rounded(.toNearestOrEven))
  }
}
