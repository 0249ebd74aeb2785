import Foundation
import Testing

@Suite struct ModelFileProgramTests {
  /// Two segments of whole numbers.
  static let model = """
    {"generation":2,"version":9,"features":["recency","orders"],"scaler":{"mean":[0.5,1.0],"sd":[0.25,0.5],
    "lower":[0.0,0.5],"upper":[2.0,4.0],"clamp":[8.0,8.0]},"segments":[{"id":"s1","name":"Loyal","customers":30,
    "centroid":[-1.0,1.0]},{"id":"s3","name":"Lost","customers":10,"centroid":[2.0,-0.5]}],
    "cuts":{"recency":[1.0,7.5,30.0,90.0],"frequency":[1,2,4,9],"monetary":["1.00","2.00","3.00","4.00"]},
    "trainer":{"format":1,"fitted_customers":40,"fitted_span_ms":864000000,"start_ms":null,"last_segment":3,"k":2,
    "half_life_days":90.0,"currency_digits":2,"features":[{"name":"recency","weight":1.0},
    {"name":"orders","weight":1.0}],"cells":["Loyal","Lost"],"monetary_cuts_minor":[100,200,300,400],
    "retired":[{"id":"s2","name":"New"}]}}

    """

  @Test("A model is shown in days, orders and money")
  func show() throws {
    try Golden.expect("segmenter model show model.json", is: "model-show", with: ["model.json": Self.model])
    try Golden.expect(
      "segmenter model show - --json < model.json", is: "model-show-json", with: ["model.json": Self.model])
  }

  @Test("A broken model is refused with its place, one that is not there by its name")
  func broken() throws {
    let half = String(Self.model.prefix(200))
    try Golden.expect("segmenter model show model.json", is: "model-no-json", with: ["model.json": half])
    let bent = Self.model.replacingOccurrences(of: "\"sd\":[0.25", with: "\"sd\":[-0.25")
    try Golden.expect("segmenter model show model.json", is: "model-bent", with: ["model.json": bent])
    try Golden.expect("segmenter model show model.json", is: "model-missing")
  }

  @Test("A model that does not fit the configuration is refused, and every difference named")
  func unfit() throws {
    try Golden.expect(
      "segmenter replay --model-file model.json --model.half_life_days 30 --currency JPY a.json", is: "model-unfit",
      with: ["model.json": Self.model, "a.json": ReplayTests.purchases])
    // A currency that only the log names is compared when it is known.
    try Golden.expect(
      "sed 's/EUR/JPY/; s/[.]50/00/' a.json | segmenter replay --model-file model.json --k 2 "
        + "--model.features recency=1,orders=1 -",
      is: "model-unfit-currency", with: ["model.json": Self.model, "a.json": ReplayTests.purchases])
  }

  @Test("A frozen model needs one, and a file is found beside the configuration that names it")
  func whereItIs() throws {
    try Golden.expect(
      "segmenter replay --frozen a.json", is: "model-frozen-none", with: ["a.json": ReplayTests.purchases])
    let settings = "model: {k: 2, features: {recency: 1, orders: 1}, frozen: true, file: model.json}\n"
    let outcome = try Program.run(
      "mkdir etc; mv model.json segmenter.yaml etc; segmenter replay --quiet --customers - --config etc/segmenter.yaml "
        + "a.json | cut -d, -f1-3",
      in: Scratch(["model.json": Self.model, "segmenter.yaml": settings, "a.json": ReplayTests.purchases]))
    #expect(outcome.exitCode == 0, "\(outcome.stderr)")
    #expect(outcome.stdout.split(separator: "\n").count == 4 && outcome.stdout.contains("c0,s1,Loyal"))
  }

  @Test("A frozen replay keeps its model to the bit, with any number of workers, and never makes a second version")
  func frozen() throws {
    let outcome = try Program.run(
      """
      segmenter generate --events 20000 --customers 1500 > a.json
      segmenter replay --quiet a.json --model first.json
      for n in 1 2; do
        segmenter replay --quiet --frozen --model-file first.json --workers $n --model m$n --changes c$n \
          --customers k$n a.json
      done
      cmp m1 m2 && cmp c1 c2 && cmp k1 k2 && echo same
      grep -o '"model":{[^}]*}' c1 | sort -u
      segmenter replay --quiet --frozen --model-file m1 --changes - a.json | cmp - c1 && echo again
      for f in first.json m1; do
        segmenter model show --json $f | sed 's/"customers":[^,]*,"share":[^,]*/N/g' > $f.shown
      done
      cmp first.json.shown m1.shown && grep -o '"generation":[0-9]*,"version":[0-9]*' first.json
      """, in: Scratch())
    let lines = outcome.stdout.split(separator: "\n").map(String.init)
    try #require(lines.count == 4, "\(outcome.stdout)\(outcome.stderr)")
    #expect(lines[0] == "same" && lines[2] == "again")
    #expect(lines[1] == "\"model\":{\(lines[3])}", "changes cite the one model")
  }

  @Test("A replay that learns on from a model begins with its segments and moves on")
  func learning() throws {
    let outcome = try Program.run(
      """
      segmenter generate --events 20000 --customers 1500 > a.json
      segmenter replay --quiet a.json --model first.json
      segmenter replay --quiet --model-file first.json --model second.json --changes c a.json
      for f in first second; do grep -o '"generation":[0-9]*,"version":[0-9]*' $f.json; done
      head -n 1 c | grep -o '"model":{[^}]*}'
      """, in: Scratch())
    let lines = outcome.stdout.split(separator: "\n").map(String.init)
    try #require(lines.count == 3, "\(outcome.stdout)\(outcome.stderr)")
    #expect(lines[2] == "\"model\":{\(lines[0])}" && lines[0] != lines[1])
  }

  @Test("Two replays of one configuration differ in nothing; of two they do, and the tables add up")
  func shadow() throws {
    let outcome = try Program.run(
      """
      segmenter generate --events 20000 --customers 1500 > a.json
      for shadow in same other; do segmenter replay --shadow $shadow.yaml --summary json a.json; done
      segmenter replay --shadow other.yaml a.json | head -n 1
      segmenter replay --shadow other.yaml --model m a.json; echo $?
      segmenter replay --shadow other.yaml - < a.json; echo $?
      ls
      """, in: Scratch(["same.yaml": "model: {k: 6}", "other.yaml": "{model: {k: 4}, hysteresis: {margin: 0.05}}"]))
    let lines = outcome.stdout.split(separator: "\n").map(String.init)
    try #require(lines.count == 8, "\(outcome.stdout)\(outcome.stderr)")
    let reports = try lines[..<2].map {
      try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    let changes = try reports.map { try #require($0["followed"] as? [String: Any]) }
    #expect(reports[0]["moved"] as? Int == 0)
    #expect(changes[0]["published"] as? [String: Int] == changes[0]["proposed"] as? [String: Int])
    #expect(changes[1]["published"] as? [String: Int] == changes[0]["published"] as? [String: Int])
    #expect(changes[1]["published"] as? [String: Int] != changes[1]["proposed"] as? [String: Int])
    let segments = try #require(reports[1]["segments"] as? [[String: Any]])
    let moves = try #require(reports[1]["moves"] as? [[String: Any]])
    let customers = try #require(reports[1]["customers"] as? Int)
    #expect(segments.count { $0["after"] as? Int ?? 0 > 0 } == 4)
    for side in ["before", "after"] { #expect(segments.reduce(0) { $0 + ($1[side] as? Int ?? 0) } == customers) }
    #expect(moves.reduce(0) { $0 + ($1["customers"] as? Int ?? 0) } == reports[1]["moved"] as? Int)
    #expect(lines[3...4] == ["64", "64"] && lines[5...] == ["a.json", "other.yaml", "same.yaml"], "it writes nothing")
  }
}
