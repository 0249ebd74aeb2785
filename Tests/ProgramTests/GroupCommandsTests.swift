import Foundation
import Testing

/// `state`, `customer` and `reset` of the built program on a real Kafka.
@Suite(.serialized, .enabled(if: testBroker != nil, "SKIPPED, no Kafka: SEGMENTER_TEST_KAFKA is not set"))
struct GroupCommandsKafkaProgramTests {
  private static func folder() throws -> Scratch { try Scratch.ofGroup("commands", kafka: "session.timeout.ms: 6000") }

  /// A life from before the first start to behind the reset.
  private static let lifeScript = """
    . ./topic
    options="--config segmenter.yaml"
    segmenter generate --events 20000 --customers 500 --topic $TOPIC $options
    for command in state "customer c0000042"; do
      segmenter $command $options 2> never
      echo "never $command: $?"
    done
    cat never
    timeout --foreground 100 "$PROGRAM" run $options & pid=$!
    for n in $(seq 100); do
      segmenter state $options --json 2> /dev/null > state.json
      grep -q '"generation":' state.json && segmenter customer c0000042 $options --json 2> /dev/null |
        grep -q '"sequence":[1-9]' && break
      sleep 0.2
    done
    echo "== running"; segmenter state $options --json
    echo "== active"; segmenter reset $options --yes 2>&1; echo "ended with $?"
    kill -TERM $pid; wait $pid
    echo "== table"; segmenter state $options
    echo "== window"; segmenter state $options --windows.orders 0 2>&1; echo "ended with $?"
    echo "== half-life"; segmenter state $options --model.half_life_days 3
    echo "== json"; segmenter customer c0000042 $options --json
    echo "== text"; segmenter customer c0000042 $options
    echo "== changes"; timeout 20 "$PROGRAM" watch $options --customer c0000042 --json | head -n 1
    echo "== unknown"; segmenter customer nobody $options 2>&1; echo "ended with $?"
    echo "== other"; segmenter customer c0000042 $options --model.half_life_days 3 2>&1; echo "ended with $?"
    for n in $(seq 100); do
      segmenter reset $options --dry-run > dry.txt 2> /dev/null && break
      sleep 0.2
    done
    echo "== dry"; cat dry.txt
    echo "== unasked"; segmenter reset $options 2>&1 >/dev/null; echo "ended with $?"
    echo "== still"; segmenter state $options > /dev/null; echo "ended with $?"
    echo "== reset"; segmenter reset $options --yes 2> words; echo "ended with $?"
    echo "== after"; segmenter state $options 2>&1; echo "ended with $?"
    echo "== again"; segmenter reset $options --yes 2>&1; echo "ended with $?"
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

  @Test("State, a customer and a reset, while the daemon runs and when it does not")
  func life() throws {
    let outcome = try Program.run(Self.lifeScript, in: Self.folder())
    let parts = Self.parts(outcome.stdout)
    let words: Comment = "\(outcome.stdout)\(outcome.stderr)"
    #expect(outcome.stdout.contains("never state: 66") && outcome.stdout.contains("never customer c0000042: 66"), words)
    #expect(outcome.stdout.contains("has never run"), words)

    let running = try Self.json(parts["running"])
    let partitions = try #require(running["partitions"] as? [[String: Any]], words)
    #expect(running["trainer"] as? String == "segmenter-0" && running["state"] as? String == "Stable")
    #expect(partitions.map { $0["partition"] as? Int } == [0, 1, 2, 3])
    for partition in partitions {
      #expect((partition["owner"] as? [String: Any])?["name"] as? String == "segmenter-0")
      #expect((partition["committed"] as? Int ?? 0) > 0 && partition["lag"] as? Int == 0)
      let log = try #require(partition["log"] as? [String: Any])
      #expect(log["input_offset"] as? Int == partition["committed"] as? Int)
      #expect((log["offsets"] as? Int ?? 0) > 0 && (log["table_rows"] as? Int ?? 0) > 50)
    }
    #expect(parts["active"]?.contains("has members: `segmenter-0` at ") == true, words)
    #expect(parts["active"]?.hasSuffix("ended with 75\n") == true, words)
    let table = try #require(parts["table"], words)
    #expect(
      table.split(separator: "\n").allSatisfy { $0.count <= 100 } && table.contains("model: ")
        && !table.contains("none yet"), words)

    for name in ["window", "half-life"] { #expect(parts[name]?.contains("under other settings") == true, words) }

    try expectCustomer(parts, words)
    #expect(parts["unknown"]?.contains("there is no customer `nobody`") == true, words)
    #expect(parts["unknown"]?.hasSuffix("ended with 66\n") == true, words)
    #expect(parts["other"]?.contains("kept under other settings") == true, words)
    #expect(parts["other"]?.hasSuffix("ended with 81\n") == true, words)

    #expect(parts["dry"]?.contains("-state") == true && parts["dry"]?.contains("group `commands-") == true, words)
    #expect(parts["unasked"]?.hasSuffix("ended with 64\n") == true && parts["still"] == "ended with 0\n", words)
    #expect(parts["reset"]?.hasSuffix("ended with 0\n") == true, words)
    #expect(parts["after"]?.hasSuffix("ended with 66\n") == true, words)
    #expect(parts["again"]?.contains("nothing to reset") == true, words)
    #expect(parts["again"]?.hasSuffix("ended with 0\n") == true, words)
  }

  /// What `customer` says goes together, and with the customer's last change.
  private func expectCustomer(_ parts: [String: String], _ words: Comment) throws {
    let customer = try Self.json(parts["json"])
    let change = try Self.json(parts["changes"])
    let segment = try #require(customer["segment"] as? [String: Any], words)
    #expect(segment["id"] as? String == (change["to"] as? [String: Any])?["id"] as? String, words)
    #expect(segment["since"] as? String == change["effective_at"] as? String, words)
    #expect(customer["sequence"] as? Int == change["sequence"] as? Int, words)
    let changes = try #require(customer["changes"] as? [[String: Any]], words)
    #expect(changes.last?["effective_at"] as? String == change["effective_at"] as? String, words)
    let rfm = try #require(change["rfm"] as? [String: Any], words)
    #expect(customer["orders"] as? Int == rfm["frequency"] as? Int, words)
    #expect(customer["net"] as? String == rfm["monetary"] as? String, words)
    let standing = try #require(customer["standing"] as? [String: Any], words)
    let distances = try #require(standing["distances"] as? [[String: Any]], words)
    #expect(distances.count == 6)
    #expect((standing["moves_at"] == nil) != (standing["stays_until"] == nil), words)
    let text = try #require(parts["text"], words)
    let name = try #require(segment["name"] as? String)
    #expect(text.contains("segment    \(name) (") && text.contains("if silent  ") && text.contains(", its own"), words)
  }
}
