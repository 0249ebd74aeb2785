import Testing

@testable import Analysis

@Suite struct CampaignResponseTests {
  @Test(
    "Wilson's intervals are those of Newcombe 1998, table I",
    arguments: [
      (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718),
    ])
  func wilson(_ responses: Int, _ contacts: Int, _ low: Double, _ high: Double) {
    let interval = ResponseRate(contactCount: contacts, responseCount: responses).interval
    #expect(abs(interval.lowerBound - low) < 6e-5 && abs(interval.upperBound - high) < 6e-5)
  }

  @Test("An interval holds its rate and lies within 0 and 1, whatever the counts")
  func bounds() {
    for contacts in 0...60 {
      for responses in 0...contacts {
        let rate = ResponseRate(contactCount: contacts, responseCount: responses)
        #expect(rate.interval.lowerBound >= 0 && rate.interval.upperBound <= 1)
        #expect(rate.interval.contains(rate.rate))
      }
    }
  }

  private func campaign(
    _ counts: [(yes: Int, no: Int)], money: CampaignMoney = CampaignMoney()
  ) throws -> CampaignResponse {
    var (response, labels): ([Bool], [Int]) = ([], [])
    for (segment, count) in counts.enumerated() {
      response += [Bool](repeating: true, count: count.yes) + [Bool](repeating: false, count: count.no)
      labels += [Int](repeating: segment, count: count.yes + count.no)
    }
    return try CampaignResponse(
      name: "spring", response: response, labels: labels, names: counts.indices.map { "s\($0)" }, money: money)
  }

  @Test("The reallocation keeps the contacts, doubles none by more, and expects more responses")
  func reallocation() throws {
    let found = try campaign([(50, 50), (10, 190), (30, 70), (0, 100)])
    #expect(found.proposedContactCount == 500)
    #expect(found.segments.map(\.proposedContactCount) == [200, 100, 200, 0])
    #expect(found.proposedResponses == 100 + 5 + 60)
  }

  @Test("Whole contacts are dealt, none lost, none made")
  func whole() throws {
    for yes in 1...20 {
      let found = try campaign([(yes, 31), (3, 17), (7, 5), (1, 1)])
      #expect(found.proposedContactCount == found.all.contactCount)
      for segment in found.segments { #expect(segment.proposedContactCount <= 2 * segment.rate.contactCount) }
    }
  }

  @Test("Who surely does not pay gets no contact; what nobody can take is not spent")
  func doesNotPay() throws {
    let found = try campaign([(60, 40), (2, 298)], money: CampaignMoney(costPerContact: 3, valuePerResponse: 11))
    #expect(found.segments.map(\.proposedContactCount) == [200, 0])
    #expect(found.notes.contains("200 contacts are better not made: no segment that pays can take them."))
    #expect(found.breakEvenRate == 3.0 / 11)
  }

  @Test("Without a value a response brings what made the campaign break even")
  func breakEven() throws {
    let found = try campaign([(10, 30), (0, 10)], money: CampaignMoney(costPerContact: 2))
    #expect(found.valuePerResponse == 10 && !found.isValueGiven)
    #expect(found.segments.map(\.lift) == [1.25, 0])
    #expect(found.segments.map(\.costPerResponse) == [8, nil])
  }

  @Test("All responded, nobody responded, a segment of nobody: numbers or none, no trap")
  func ends() throws {
    let all = try campaign([(5, 0), (0, 0)])
    #expect(all.all.rate == 1 && all.segments[1].rate.interval == 0...1 && all.proposedContactCount == 5)
    let nobody = try campaign([(0, 5), (0, 7)])
    #expect(nobody.valuePerResponse == nil && nobody.segments.map(\.lift) == [nil, nil])
    #expect(nobody.segments.map(\.proposedContactCount) == [5, 7])
    #expect(throws: AnalysisError.self) { try campaign([]) }
    for section in [all, nobody] {
      let failure = AnalysisError(.unusableInput, "none")
      let found = ReportSection.campaigns(.success([section]), response: nil, segment: .failure(failure))
      #expect(!"\(found)".contains("nan"))
    }
  }

  @Test("Senseless money is refused")
  func money() {
    for (cost, value) in [(0.0, nil), (-1, nil), (.nan, nil), (1, 0), (1, .infinity)] as [(Double, Double?)] {
      #expect(throws: AnalysisError.self) {
        try campaign([(1, 1)], money: CampaignMoney(costPerContact: cost, valuePerResponse: value))
      }
    }
  }
}
