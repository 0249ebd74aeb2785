/// How many of some customers responded.
public struct ResponseRate: Equatable, Sendable {
  /// Customers who were contacted.
  public let contactCount: Int
  /// Those of them who responded.
  public let responseCount: Int

  /// Responses / contacts; 0 without contacts.
  public var rate: Double { contactCount == 0 ? 0 : Double(responseCount) / Double(contactCount) }
}

/// What a contact costs and what a response brings, in the same money.
public struct CampaignMoney: Equatable, Sendable {
  /// Of a contact; not negative.
  public var costPerContact: Double
  /// Of a response; `nil` takes what made the whole campaign break even: cost / rate.
  public var valuePerResponse: Double?

  /// By default a contact costs 1 (all money is then counted in contacts), and a response brings what made the whole
  /// campaign break even: no profit is made up, and segments compare with the average.
  public init(costPerContact: Double = 1, valuePerResponse: Double? = nil) {
    self.costPerContact = costPerContact
    self.valuePerResponse = valuePerResponse
  }
}

/// How a segment responded to a campaign.
public struct SegmentResponse: Equatable, Sendable {
  /// Its name.
  public let name: String
  /// Contacts and responses.
  public let rate: ResponseRate
  /// Where the true rate lies with 95 % confidence (Wilson 1927).
  public let interval: ClosedRange<Double>
  /// Its rate / the rate of all; `nil` where nobody responded.
  public let lift: Double?
  /// Money; `nil` where nobody responded.
  public let costPerResponse: Double?
  /// Contacts that the reallocation proposes.
  public let proposedContactCount: Int
  /// Responses expected of them at the segment's rate.
  public let proposedResponses: Double
}

/// How customers responded to a campaign.
public struct CampaignResponse: Equatable, Sendable {
  /// The campaign's column.
  public let name: String
  /// All contacts.
  public let all: ResponseRate
  /// Where the true rate of all lies with 95 % confidence.
  public let interval: ClosedRange<Double>
  /// What a contact costs, and what a response brings (given, or the one that breaks even), money.
  public let costPerContact: Double, valuePerResponse: Double?
  /// All segments, in the order given.
  public let segments: [SegmentResponse]
  /// What the reallocation takes for granted, and what could not be done: sentences.
  public let notes: [String]
}
