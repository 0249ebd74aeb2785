/// What columns of a table of customers are, by their names: general patterns, all of which can be overridden.
///
/// A name is compared without case and without what is neither letter nor digit: `Year_Birth` is `yearbirth`.
///
/// | role | names |
/// | --- | --- |
/// | birth-year | `year_birth`, `birth_year`, `year_of_birth`, `yob` |
/// | enrolment | dates: `dt_customer`, `customer_since`, `join_date`, `signup`, `registered`, `enrolled` … |
/// | spend | numbers that begin with `mnt`, `spend_`, `spent_`, `amt_`, `amount_` |
/// | channel | numbers `num…purchases`; `web`, `store`, `catalog`, `online`, `app`, `phone` + `purchases`, `orders` |
/// | deals | such a name with `deal`, `discount` or `coupon` |
/// | children | numbers that begin with `kid`, `teen` or `child` |
/// | education | `education…`, `degree` |
/// | marital | `marital…`, `civil_status` |
/// | campaign | yes or no: `accepted…`, `cmp` or `campaign` and a number |
/// | contact-cost, response-revenue | `…cost_contact`, `contact_cost`; `z_revenue`, `response_revenue` |
enum CustomerLayout {
  /// The name without case, and without what is neither letter nor digit.
  static func plain(_ name: String) -> String {
    String(name.lowercased().unicodeScalars.filter { $0.properties.isAlphabetic || $0.properties.numericType != nil })
  }

  private static let identifierNames: Set<String> = [
    "id", "customer", "customerid", "custid", "clientid", "userid", "memberid", "accountid", "personid", "rowid",
    "customerno", "customernumber", "clientno", "memberno", "cardno", "cardnumber", "email", "uuid",
  ]

  /// Whether a column of this name may identify the rows.
  static func isIdentifierName(_ name: String) -> Bool {
    let plain = plain(name)
    return identifierNames.contains(plain) || name.lowercased().hasSuffix("_id") || name.hasSuffix("ID")
  }

  /// What a column of this name and kind is.
  static func role(of name: String, _ kind: ColumnKind) -> ColumnRole {
    let plain = plain(name)
    switch kind {
    case .date:
      let isDay = ["dtcustomer", "customersince", "membersince", "since"].contains(plain)
      return isDay || ["join", "signup", "registr", "registered", "enrol"].contains { plain.hasPrefix($0) }
        ? .enrolment : .none
    case .category, .text:
      if plain.hasPrefix("education") || plain == "degree" { return .education }
      return plain.hasPrefix("marital") || plain == "civilstatus" ? .marital : .none
    case .boolean, .number: return role(ofNumber: plain, lowercased: name.lowercased(), kind)
    case .identifier: return .none
    }
  }

  private static func role(ofNumber plain: String, lowercased: String, _ kind: ColumnKind) -> ColumnRole {
    if plain.hasSuffix("costcontact") || plain == "contactcost" { return .contactCost }
    if plain == "zrevenue" || plain == "responserevenue" { return .responseRevenue }
    if kind == .boolean {
      let isNumbered = plain.last.map(\.isNumber) ?? false
      if plain.hasPrefix("accepted") { return .campaign }
      if isNumbered, plain.hasPrefix("cmp") || plain.hasPrefix("campaign") { return .campaign }
    }
    if ["kid", "teen", "child"].contains(where: { plain.hasPrefix($0) }) { return .children }
    if kind == .boolean { return .none }
    if ["yearbirth", "birthyear", "yearofbirth", "yob"].contains(plain) { return .birthYear }
    if plain.hasPrefix("mnt") { return .spend }
    if ["spend_", "spent_", "amt_", "amount_"].contains(where: { lowercased.hasPrefix($0) }) { return .spend }
    let isCount = plain.hasSuffix("purchases") || plain.hasSuffix("orders")
    guard isCount else { return .none }
    if ["deal", "discount", "coupon"].contains(where: { plain.contains($0) }) { return .deals }
    let channels = ["web", "store", "catalog", "online", "app", "phone"]
    let isChannel = plain.hasPrefix("num") && plain.count > 12 || channels.contains { plain.hasPrefix($0) }
    return isChannel ? .channel : .none
  }

  /// What a column of this name is about; what is not recognised is behaviour.
  static func group(of name: String) -> FeatureGroup {
    let plain = plain(name)
    let behaviour = [
      "spend", "spent", "purchase", "order", "visit", "amount", "mnt", "recency", "frequency", "monetary",
    ]
    let people = [
      "age", "birth", "income", "salary", "gender", "sex", "genre", "education", "degree", "marital", "civilstatus",
      "kid", "teen", "child", "household", "family", "partner", "city", "country", "region", "state", "zip", "postcode",
      "job", "occupation", "profession", "married",
    ]
    let mind = [
      "attitude", "satisf", "opinion", "interest", "lifestyle", "accepted", "campaign", "cmp", "response", "complain",
      "nps", "rating", "prefer", "score",
    ]
    if behaviour.contains(where: { plain.contains($0) }) { return .behavioural }
    if people.contains(where: { plain.hasPrefix($0) || plain.count > 4 && plain.contains($0) && $0.count > 3 }) {
      return .demographic
    }
    return mind.contains { plain.contains($0) } ? .psychographic : .behavioural
  }

  /// The groups of education in their order, and what belongs to each.
  static let educationGroups = ["Undergraduate", "Graduate", "Postgraduate"]

  /// The group of a level of education; `nil` where it is not recognised.
  static func educationGroup(of level: String) -> String? {
    let plain = plain(level)
    if ["postgrad", "master", "2ncycle", "phd", "doctor", "mba"].contains(where: { plain.hasPrefix($0) }) {
      return educationGroups[2]
    }
    if ["graduat", "bachelor", "college", "university"].contains(where: { plain.hasPrefix($0) }) {
      return educationGroups[1]
    }
    let first = ["basic", "primary", "second", "high", "undergrad", "school", "none"]
    return first.contains { plain.hasPrefix($0) } ? educationGroups[0] : nil
  }

  /// Whether a marital status means a partner; `nil` where it is not recognised.
  static func hasPartner(_ status: String) -> Bool? {
    let plain = plain(status)
    if ["married", "together", "partner", "cohabit", "engaged", "domestic"].contains(where: { plain.hasPrefix($0) }) {
      return true
    }
    let alone = ["single", "divorc", "widow", "separat", "alone", "never", "unmarried", "absurd", "yolo"]
    return alone.contains { plain.hasPrefix($0) } ? false : nil
  }
}
