import Foundation
import Testing

/// `model export`, `model import`, `model show` and `run --shadow` of the built program on a real Kafka.
@Suite(.serialized, .enabled(if: testBroker != nil, "SKIPPED, no Kafka: SEGMENTER_TEST_KAFKA is not set"))
struct ModelCommandsKafkaProgramTests {
  private static func folder() throws -> Scratch { try Scratch.ofGroup("models", kafka: "session.timeout.ms: 6000") }

  private static let lifeScript = """
    . ./topic
    options="--config segmenter.yaml"
    segmenter generate --events 20000 --customers 1500 --topic $TOPIC $options
    for command in "model show" "model export" "run --shadow"; do
      segmenter $command $options 2> /dev/null
      echo "never $command: $?"
    done
    timeout --foreground 100 "$PROGRAM" run $options & pid=$!
    for n in $(seq 100); do
      segmenter model export $options --output model.json 2> /dev/null && break
      sleep 0.2
    done
    echo "== running"; segmenter run --shadow $options --json
    echo "== active"; segmenter model import model.json $options 2>&1; echo "ended with $?"
    kill -TERM $pid; wait $pid
    segmenter model export $options > model.json
    for n in $(seq 100); do
      segmenter model import model.json $options 2> words && break
      sleep 0.2
    done
    echo "== same"; cat words
    echo "== stopped"; segmenter run --shadow $options --json --k 3
    sed 's/"name":"[^"]*","customers":[^,]*,/"name":"Mine","customers":null,/' model.json > other.json
    echo "== unfit"; segmenter model import other.json $options --k 3 2>&1; echo "ended with $?"
    echo "== import"; segmenter model import other.json $options 2>&1; echo "ended with $?"
    echo "== before"; segmenter model show model.json --json
    echo "== after"; segmenter model show $options --json
    echo "== fresh"; segmenter model import - $options --group $TOPIC-fresh < model.json 2>&1; echo "ended with $?"
    segmenter model export $options --group $TOPIC-fresh > fresh.json
    segmenter model show fresh.json --json > fresh.shown
    segmenter model show model.json --json |
      sed 's/"customers":[0-9]*,"share":[0-9.]*/"customers":null,"share":null/g' | cmp - fresh.shown && echo whole
    """

  /// What a script said, by its `== name` lines.
  private static func parts(_ text: String) -> [String: String] {
    var parts: [String: String] = [:]
    var name = ""
    for line in text.split(separator: "\n") {
      if line.hasPrefix("== ") { name = String(line.dropFirst(3)) } else { parts[name, default: ""] += line + "\n" }
    }
    return parts
  }

  private static func json(_ text: String?) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data((text ?? "").utf8)) as? [String: Any])
  }

  @Test("A model goes out of a group and into others, beside a daemon and after it, and a shadow tells what would be")
  func life() throws {
    let outcome = try Program.run(Self.lifeScript, in: Self.folder())
    let parts = Self.parts(outcome.stdout)
    let words: Comment = "\(outcome.stdout)\(outcome.stderr)"
    for command in ["model show", "model export", "run --shadow"] {
      #expect(outcome.stdout.contains("never \(command): 66"), words)
    }
    let running = try Self.json(parts["running"])
    #expect(running["moved"] as? Int == 0 && running["source"] as? String == "state", words)
    #expect((running["customers"] as? Int ?? 0) > 1_000, words)
    #expect(parts["active"]?.contains("has members: `segmenter-0` at ") == true, words)
    #expect(parts["active"]?.hasSuffix("ended with 75\n") == true, words)
    #expect(parts["same"]?.contains("has that model already") == true, words)
    let stopped = try Self.json(parts["stopped"])
    #expect(stopped["fitted"] as? Bool == true && (stopped["moved"] as? Int ?? 0) > 0, words)
    #expect(parts["unfit"]?.contains("`model.k` says 3") == true, words)
    #expect(parts["unfit"]?.hasSuffix("ended with 78\n") == true, words)
    #expect(parts["import"]?.hasSuffix("ended with 0\n") == true, words)
    let (before, after) = (try Self.json(parts["before"]), try Self.json(parts["after"]))
    let generation = try #require(before["generation"] as? Int)
    #expect(after["generation"] as? Int == generation + 1, words)
    let names = (after["segments"] as? [[String: Any]])?.compactMap { $0["name"] as? String } ?? []
    #expect(names.first == "Mine" && names.count == 6, words)
    #expect(parts["fresh"]?.hasSuffix("ended with 0\nwhole\n") == true, words)
  }
}
