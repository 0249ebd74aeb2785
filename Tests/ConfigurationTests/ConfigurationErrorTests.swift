import Testing

@testable import Configuration

@Suite("Mistakes in settings")
struct ConfigurationErrorTests {
  @Test(
    "A mistake in the file names file, line, key, value and what is allowed",
    arguments: [
      (
        "seed: 1\nmodel: {k: 1}",
        "f.yaml:2: `model.k` cannot be `1`; allowed: auto, or an integer from 2 to 64 (segments)"
      ),
      ("model:\n  k: six", "f.yaml:2: `model.k` cannot be `six`; allowed: auto, or an integer from 2 to 64 (segments)"),
      ("model: {half_life_days: nan}", "f.yaml:1: `model.half_life_days` cannot be `nan`; allowed: a number from 0.01"),
      ("hysteresis: {margin: 1}", "f.yaml:1: `hysteresis.margin` cannot be `1`; allowed: a number from 0 to 0.99"),
      ("input: {partitioned_by_customer: yes}", "cannot be `yes`; allowed: true or false"),
      ("input: {on_error: skipp}", "allowed: dead_letter, skip, fail: did you mean `skip`?"),
      ("input: {topic: 'a b'}", "f.yaml:1: `input.topic` cannot be `a b`; allowed: a topic name"),
      ("input: {currency: eur}", "`input.currency` cannot be `eur`; allowed: an ISO 4217 code"),
      ("input: {time_zone: Europe/Lodnon}", "cannot be `Europe/Lodnon`; allowed: a time zone"),
      ("input: {time_zone: Europe/Lodnon}", "did you mean `Europe/London`?"),
      ("input: {time_zone: london}", "did you mean `Europe/London`?"),
      ("http: {listen: localhost:80}", "`http.listen` cannot be `localhost:80`; allowed: a numeric address and a port"),
      ("http: {listen: '127.0.0.1:65536'}", "cannot be `127.0.0.1:65536`; allowed: a numeric address and a port"),
      ("http: on", "f.yaml:1: `http` cannot be a single value; allowed: a mapping of listen, read_token_file"),
      ("http: off\nhttp.listen: off", "f.yaml:2: `http.listen` comes twice, first at f.yaml:1"),
      ("input: {rates: {USD: -1}}", "`input.rates.USD` cannot be `-1`; allowed: a decimal number above 0"),
      ("input: {rates: {usd: 1}}", "`input.rates.usd` cannot be `1`; allowed: an ISO 4217 code"),
      ("model: {features: {recncy: 1}}", "refund_share, each a number from 0 to 8: did you mean `recency`?"),
      ("model: {features: {recency: 0}}", "`model.features` needs at least one weight above 0"),
      ("model: {features: {}}", "`model.features` needs at least one weight above 0"),
      ("model: {names: {s1: A, s2: A}}", "f.yaml:1: `model.names` gives two segments the same name"),
      ("model: {names: {x1: A}}", "allowed: a segment id such as s3"),
      ("sweep: {period: 10}", "`sweep.period` cannot be `10`; allowed: auto, or a time from 1s to 1d"),
      ("sweep: {period: 2d}", "`sweep.period` cannot be `2d`; allowed: auto"),
      ("model: [1]", "f.yaml:1: `model` cannot be a list; allowed: a mapping of k, half_life_days"),
      ("model: {k: [6]}", "f.yaml:1: `model.k` cannot be a list; allowed: auto, or an integer"),
      ("model: {k: {a: 6}}", "f.yaml:1: `model.k` cannot be a mapping; allowed: auto, or an integer"),
      ("kafka: {client.id: [a]}", "`kafka.client.id` cannot be a list; allowed: a single value"),
      ("kafka: x", "`kafka` cannot be `********`; allowed: any librdkafka setting by its own name"),
      ("kafka: {group.id: x}", "`kafka.group.id` cannot be `x`; it belongs to the program: set `group` instead"),
      ("model: {k: 6}\nmodel.k: 7", "f.yaml:2: `model.k` comes twice, first at f.yaml:1"),
      ("kafka: {client.id: a}\nkafka.client.id: b", "f.yaml:2: `kafka.client.id` comes twice"),
      ("seed: 1\nmodle: {k: 6}", "f.yaml:2: there is no setting `modle`: did you mean `model`?"),
      (
        "model: {half_live_days: 6}", "there is no setting `model.half_live_days`: did you mean `model.half_life_days`?"
      ),
      ("k: 6", "f.yaml:1: there is no setting `k`: did you mean `model.k`?"),
      ("zzzzzz: 6", "f.yaml:1: there is no setting `zzzzzz`"),
      ("- a", "f.yaml:1: the file is a list: a mapping is expected"),
      ("input: {map: missing.yaml}", "the map `"),
      ("kafka: {sasl.password_file: missing}", "the file of `sasl.password` `"),
    ])
  func file(yaml: String, message: String) throws {
    let error = try #require(throws: ConfigurationError.self) { try load(yaml) }
    #expect(error.messages.contains { $0.contains(message) }, "\(error.messages)")
  }

  @Test("A mistake in a variable names it")
  func variables() throws {
    let error = try #require(throws: ConfigurationError.self) {
      try load(environment: ["SEGMENTER_MODEL_K": "x", "SEGMENTER_MODLE_K": "1", "SEGMENTER_KAFKA": "a"])
    }
    #expect(
      error.messages == [
        "SEGMENTER_KAFKA: `kafka` cannot be `********`; allowed: any librdkafka setting by its own name",
        "SEGMENTER_MODEL_K: `model.k` cannot be `x`; allowed: auto, or an integer from 2 to 64 (segments)",
        "SEGMENTER_MODLE_K: no setting has this variable: did you mean `SEGMENTER_MODEL_K`?",
      ])
    #expect(error.kind == .configuration)
  }

  @Test("What Kubernetes sets for a service of this name is nobody's setting")
  func kubernetes() throws {
    let environment = [
      "SEGMENTER_SERVICE_HOST": "10.0.0.1", "SEGMENTER_PORT": "tcp://10.0.0.1:80", "SEGMENTER_PORT_80_TCP_ADDR": "x",
    ]
    #expect(try load(environment: environment).settings == Settings())
  }

  @Test("A mistake in a flag is wrong usage")
  func flags() throws {
    let error = try #require(throws: ConfigurationError.self) {
      try load(flags: [.init(key: "model.k", text: "65", name: "--k")])
    }
    #expect(error.messages == ["--k: `model.k` cannot be `65`; allowed: auto, or an integer from 2 to 64 (segments)"])
    #expect(error.kind == .usage)
  }

  @Test("All mistakes are reported at once")
  func all() throws {
    let error = try #require(throws: ConfigurationError.self) {
      try load(
        "model: {k: 1}\nseed: x", environment: ["SEGMENTER_WORKERS": "0"], required: ["input.topic", "input.currency"])
    }
    #expect(error.messages.count == 5)
    #expect(error.messages.contains { $0.contains("SEGMENTER_INPUT_TOPIC or as --input.topic") })
  }

  @Test("A file that is not there is named")
  func missing() throws {
    let error = try #require(throws: ConfigurationError.self) {
      try Configuration.load(file: "/no/such.yaml", environment: [:], flags: [])
    }
    #expect(error.kind == .noInput)
    #expect(error.messages[0].contains("`/no/such.yaml` cannot be read: No such file"))
  }

  @Test("The nearest name is by few slips, or the last part of a longer one")
  func nearest() {
    let names = settingsTable.map(\.key)
    #expect(nearestName(to: "model.K", among: names) == "model.k")
    #expect(nearestName(to: "half_life_days", among: names) == "model.half_life_days")
    #expect(nearestName(to: "wrokers", among: names) == "workers")
    #expect(nearestName(to: "completely.different", among: names) == nil)
    #expect(nearestName(to: "", among: ["abc"]) == nil)
    #expect(nearestName(to: String(repeating: "x", count: 5000), among: names) == nil)
  }
}
