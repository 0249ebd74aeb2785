import Foundation
import Testing

/// The built program on a real Kafka, as a person would use it from a shell.
@Suite(.serialized, .enabled(if: testBroker != nil, "SKIPPED, no Kafka: SEGMENTER_TEST_KAFKA is not set"))
struct KafkaProgramTests {
  private static func folder() throws -> Scratch { try Scratch.ofGroup("program") }

  @Test("Purchases in a topic become changes that watch shows, and SIGTERM ends the daemon with 0 within 10 s")
  func endToEnd() throws {
    let outcome = try Program.run(
      """
      . ./topic
      segmenter generate --events 20000 --customers 500 --topic $TOPIC --config segmenter.yaml || echo "generate: $?"
      timeout --foreground 120 "$PROGRAM" run --config segmenter.yaml & pid=$!
      for n in $(seq 50); do  # until its topics are there
        segmenter watch --config segmenter.yaml --json 2> watch.err | head -n 1 > change.json
        [ -s change.json ] && break
        sleep 0.2
      done
      segmenter watch --config segmenter.yaml 2>> watch.err | head -n 1 > change.txt
      began=$SECONDS
      kill -TERM $pid
      wait $pid
      echo "run ended with $?, in time: $((SECONDS - began < 10))"
      cat change.json
      wc -l < change.txt
      """, in: Self.folder())
    let lines = outcome.stdout.split(separator: "\n").map(String.init)
    try #require(lines.count == 3, "\(outcome.stdout)\(outcome.stderr)")
    #expect(lines[0] == "run ended with 0, in time: 1")
    #expect(lines[1].hasPrefix(#"{"customer_id":"c"#) && lines[1].contains(#""sequence":1,"from":null"#))
    #expect(lines[2] == "1")
  }

  @Test("A topic that is not there is named, with the command that makes it", arguments: ["run", "watch"])
  func missingTopic(_ command: String) throws {
    let outcome = try Program.run("segmenter \(command) --config segmenter.yaml", in: Self.folder())
    #expect(outcome.exitCode == 66)
    #expect(outcome.stderr.contains("there is no topic") && outcome.stderr.contains("kafka-topics.sh"))
  }

  @Test("The check of a configuration shows how real records decode")
  func sample() throws {
    let outcome = try Program.run(
      """
      . ./topic
      segmenter generate --events 1000 --customers 20 --topic $TOPIC --config segmenter.yaml
      segmenter config check --config segmenter.yaml --sample 10 | grep -c 'partition [0-3], offset'
      """, in: Self.folder())
    #expect(outcome.stdout == "10\n", "\(outcome.stderr)")
  }
}
