/// What a column is in a table of customers, so that features can be made of it.
public enum ColumnRole: String, CaseIterable, Codable, Sendable {
  /// The year of birth: gives the age at the newest date of the table.
  case birthYear = "birth-year"
  /// The day the customer came: gives the tenure at the newest date of the table.
  case enrolment
  /// Money spent on a category of goods: gives total spend and the category's share.
  case spend
  /// Purchases through a channel: gives total purchases and the channel's share.
  case channel
  /// Purchases with a discount: gives their share of all purchases.
  case deals
  /// Children or teenagers at home: gives the number of children.
  case children
  /// The level of education: gives groups in their order.
  case education
  /// The marital status: gives partner or none.
  case marital
  /// Whether an earlier campaign was accepted: gives the number accepted.
  case campaign
  /// What a contact costs.
  case contactCost = "contact-cost"
  /// What a response earns.
  case responseRevenue = "response-revenue"
  /// None of these.
  case none
}
