import Configuration
import Pipeline
import Segmentation

extension RecordMap {
  /// The map that the settings describe. Throws where a time zone is unknown.
  init(_ map: MapSettings, timeZone: String) throws(CommandFailure) {
    self.init()
    format =
      switch map.format {
      case .json: .json
      case .columns: .columns
      case .csv(let delimiter, let quote, let header):
        .csv(delimiter: delimiter, quote: quote, header: header == .firstRecord)
      }
    customerID = Place(map.customerID)
    customerIDIsInteger = map.customerIDIsInteger
    amount = map.amount.map(Place.init)
    timestamp = Place(map.timestamp)
    timeFormat = TimeFormat(map.timeFormat)
    zone = try ZoneTable(zone: map.zone ?? timeZone)
    transactionID = map.transactionID.map(Place.init)
    orderID = map.orderID.map(Place.init)
    currency = map.currency.map(Place.init)
    type = map.type.map(Place.init)
  }
}

extension RecordMap.Place {
  init(_ place: MapSettings.Place) {
    switch place {
    case .path(let steps): self = .path(steps)
    case .column(let number): self = .column(number)
    case .constant(let text): self = .constant(text)
    }
  }
}

extension RecordMap.TimeFormat {
  init(_ format: MapSettings.TimeFormat) {
    switch format {
    case .automatic: self = .automatic
    case .iso8601: self = .iso8601
    case .epochSeconds: self = .epochSeconds
    case .epochMs: self = .epochMs
    case .pattern(let pattern): self = .pattern(pattern)
    }
  }
}

extension ZoneTable {
  /// The table of a zone of the IANA database.
  init(zone name: String) throws(CommandFailure) {
    guard let zone = ZoneTransitions(zone: name) else {
      throw CommandFailure(.configuration, "there is no time zone `\(name)`: use a name such as Europe/London")
    }
    self.init(initialOffsetMs: zone.initialOffsetMs, transitions: zone.transitions.map { ($0.utcMs, $0.offsetMs) })
  }
}

extension RecordLimits {
  /// The limits of the settings.
  init(_ limits: Settings.Limits) {
    self.init()
    recordBytesMax = limits.recordBytes
    customerIDBytesMax = limits.customerIDBytes
    jsonDepthMax = limits.jsonDepth
  }
}

extension Currency {
  /// The currency and the rates of the settings.
  init(_ input: Settings.Input) {
    self.init(code: input.currency, rates: input.rates.compactMapValues(Rate.init))
  }
}

extension Currency.Rate {
  /// The rate of a decimal text that the settings have checked.
  init?(_ text: String) {
    let parts = text.split(separator: ".")
    guard let mantissa = Int64(parts.joined()) else { return nil }
    self.init(mantissa: mantissa, scale: parts.count == 2 ? parts[1].count : 0)
  }
}

extension RuleTable {
  /// The table of the settings; the program's own where they have none. Throws where a cell is not covered once.
  init(_ rules: [RuleSettings]) throws(CommandFailure) {
    if rules.isEmpty {
      self = .standard
      return
    }
    do throws(RuleTableError) {
      try self.init(rules.map { Line(name: $0.name, r: $0.r, f: $0.f, m: $0.m) })
    } catch {
      throw CommandFailure(.configuration, "`rules`: \(error)")
    }
  }
}

extension SegmentationSettings {
  /// The core's part of the settings. Throws where the core objects.
  init(_ settings: Settings) throws(CommandFailure) {
    self.init()
    kind = settings.segments == .rules ? .rules : .kmeans
    rules = try RuleTable(settings.rules)
    cuts.recency = settings.cuts.recency
    cuts.frequency = settings.cuts.frequency.map { $0.map { Int64($0) } }
    cuts.monetary = settings.cuts.monetary
    if let fixed = settings.model.k { k = fixed } else { kIsAuto = true }
    halfLifeDays = settings.model.halfLifeDays
    // In the order of the table, not of the file: the same features are the same model.
    features = featureNames.compactMap { name in
      guard let weight = settings.model.features[name], weight > 0 else { return nil }
      return Feature(rawValue: name).map { WeightedFeature($0, weight: weight) }
    }
    currency = Currency(settings.input)
    transactionWindow = settings.windows.transactions
    orderWindow = settings.windows.orders
    margin = settings.hysteresis.margin
    returnMargin = settings.hysteresis.returnMargin
    returnMs = Int64(settings.hysteresis.returnDays * 86_400_000)
    dwellMs = Int64(settings.hysteresis.dwellHours * 3_600_000)
    names = settings.model.names
    isFrozen = settings.model.frozen
    seed = UInt64(settings.seed)
    if let problem { throw CommandFailure(.configuration, problem) }
  }
}

extension ModelFile {
  /// The model that the settings name; `nil` for none. Throws where it cannot be used with them.
  init?(_ settings: Settings, _ core: SegmentationSettings) throws(CommandFailure) {
    guard let path = settings.model.file else { return nil }
    do throws(ModelFileError) {
      try self.init(path: path)
      try check(core)
    } catch {
      throw CommandFailure(error)
    }
  }
}
