/// What a contact costs and what a response brings, in the same money.
public struct CampaignMoney: Equatable, Sendable {
  /// Of a contact; above 0.
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
  /// Contacts and responses, with the interval of the rate.
  public let rate: ResponseRate
  /// Its rate / the rate of all; `nil` where nobody responded at all.
  public let lift: Double?
  /// Money; `nil` where nobody of the segment responded.
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
  /// All contacts, with the interval of the rate.
  public let all: ResponseRate
  /// What a contact costs, money.
  public let costPerContact: Double
  /// What a response brings, money: given, or what breaks even; `nil` where nobody responded and none is given.
  public let valuePerResponse: Double?
  /// Whether the value is given.
  public let isValueGiven: Bool
  /// All segments, in the order given.
  public let segments: [SegmentResponse]
  /// What the reallocation takes for granted, and what could not be done: sentences.
  public let notes: [String]

  /// The rate from which on a contact pays: cost / value.
  public var breakEvenRate: Double? { valuePerResponse.map { costPerContact / $0 } }
  /// Contacts that the reallocation proposes.
  public var proposedContactCount: Int { segments.reduce(0) { $0 + $1.proposedContactCount } }
  /// Responses that are expected of them.
  public var proposedResponses: Double { segments.reduce(0) { $0 + $1.proposedResponses } }

  /// Counts who responded; every customer was contacted. `labels` are numbers of `names`, others are of no segment.
  public init(
    name: String, response: [Bool], labels: [Int], names: [String], money: CampaignMoney = CampaignMoney()
  ) throws(AnalysisError) {
    precondition(response.count == labels.count, "each customer has a label")
    guard !response.isEmpty else { throw AnalysisError(.unusableInput, "the campaign `\(name)` has no customers") }
    guard money.costPerContact > 0, money.costPerContact < .infinity else {
      throw AnalysisError(.usage, "a cost per contact of `\(money.costPerContact)`: give a number above 0")
    }
    if let value = money.valuePerResponse, !(value > 0 && value < .infinity) {
      throw AnalysisError(.usage, "a value per response of `\(value)`: give a number above 0")
    }
    let all = ResponseRate(contactCount: response.count, responseCount: response.count { $0 })
    var (contacts, responses) = ([Int](repeating: 0, count: names.count), [Int](repeating: 0, count: names.count))
    for (isResponse, label) in zip(response, labels) where names.indices.contains(label) {
      contacts[label] += 1
      if isResponse { responses[label] += 1 }
    }
    let rates = zip(contacts, responses).map { ResponseRate(contactCount: $0, responseCount: $1) }
    let breakEven = money.valuePerResponse.map { money.costPerContact / $0 }
    let proposed = Reallocation(rates, breakEvenRate: breakEven)
    self.name = name
    self.all = all
    costPerContact = money.costPerContact
    valuePerResponse = money.valuePerResponse ?? (all.responseCount > 0 ? money.costPerContact / all.rate : nil)
    isValueGiven = money.valuePerResponse != nil
    segments = names.indices.map { segment in
      let rate = rates[segment]
      return SegmentResponse(
        name: names[segment], rate: rate, lift: all.responseCount > 0 ? rate.rate / all.rate : nil,
        costPerResponse: rate.responseCount > 0
          ? money.costPerContact * Double(rate.contactCount) / Double(rate.responseCount) : nil,
        proposedContactCount: proposed.contacts[segment],
        proposedResponses: Double(proposed.contacts[segment]) * rate.rate)
    }
    notes = proposed.notes
  }
}
