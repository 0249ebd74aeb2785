import Foundation
import Testing

/// What `run` of the built program answers over HTTP, on a real Kafka.
@Suite(.serialized, .enabled(if: testBroker != nil, "SKIPPED, no Kafka: SEGMENTER_TEST_KAFKA is not set"))
struct HTTPKafkaProgramTests {
  /// Starts `run` on a port of its own; `$url` is where it answers, once it does.
  private static let startScript = """
    . ./topic
    start() {  # options of run
      timeout --foreground 120 "$PROGRAM" run --config segmenter.yaml --log.level info "$@" 2> run.err & pid=$!
      for n in $(seq 300); do
        url=$(sed -n 's/.* answering at //p' run.err)
        [ -n "$url" ] && break
        sleep 0.1
      done
    }
    ready() {  # waits until the probe says so
      for n in $(seq 300); do
        curl -fsSk "$url"health/ready > ready.json 2> curl.err && return
        sleep 0.1
      done
      cat curl.err run.err
    }

    """

  @Test("A daemon that reads is ready, counts what it reads, and shows its model")
  func answers() throws {
    let outcome = try Program.run(
      Self.startScript + """
        segmenter generate --events 20000 --customers 500 --topic $TOPIC --config segmenter.yaml
        start --http.listen 127.0.0.1:0
        ready
        for n in $(seq 300); do
          curl -fsS "$url"v1/model > model.json 2> curl.err && break
          sleep 0.1
        done
        curl -sS "$url"metrics | grep -E '^segmenter_(ready|records_total|partitions_live) '
        curl -sS "$url"v1/status | grep -o '"has_joined":true'
        grep -o '"generation":[0-9]*' model.json | head -n 1
        curl -sS -o problem.json -w '%{http_code} %{content_type}\\n' "$url"v2
        kill -TERM $pid
        wait $pid
        echo "run ended with $?"
        """, in: Scratch.ofGroup("http"))
    #expect(
      outcome.stdout == """
        segmenter_ready 1
        segmenter_records_total 20000
        segmenter_partitions_live 4
        "has_joined":true
        "generation":1
        404 application/problem+json
        run ended with 0

        """, "\(outcome.stderr)")
  }

  @Test("With a token and TLS it lets in who bears the token, over TLS alone")
  func secured() throws {
    let outcome = try Program.run(
      Self.startScript + """
        segmenter generate --events 100 --customers 5 --topic $TOPIC --config segmenter.yaml
        openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 \\
          -subj /CN=localhost 2> openssl.err
        printf 'a-token-of-16-bytes-or-more\\n' > token
        start --http.listen 0.0.0.0:0 --http.read_token_file token \\
          --http.certificate_file cert.pem --http.key_file key.pem
        url=$(echo "$url" | sed 's/0\\.0\\.0\\.0/127.0.0.1/')
        echo "${url%%:*}"
        ready
        for token in wrong a-token-of-16-bytes-or-more; do
          curl -sSk -o answer -w '%{http_code}\\n' -H "Authorization: Bearer $token" "$url"v1/status
        done
        kill -TERM $pid
        wait $pid
        echo "run ended with $?"
        """, in: Scratch.ofGroup("https"))
    #expect(outcome.stdout == "https\n401\n200\nrun ended with 0\n", "\(outcome.stderr)")
  }

  @Test(
    "What cannot be listened at, or lets in too many, ends it before it reads",
    arguments: [
      ("--http.listen 0.0.0.0:0", 78, "without a token and TLS"),
      ("--http.listen 127.0.0.1:0 --http.key_file key.pem", 78, "go together"),
      ("--http.listen 127.0.0.1:0 --http.read_token_file short", 78, "shorter than 16 bytes"),
      ("--http.listen 127.0.0.1:0 --http.read_token_file absent", 78, "cannot be read"),
      ("--http.listen 203.0.113.7:7878 --http.allow_insecure", 69, "cannot listen at 203.0.113.7:7878"),
    ])
  func refused(_ options: String, _ code: Int32, _ words: String) throws {
    let outcome = try Program.run(
      "echo abc > short\nsegmenter run --config segmenter.yaml \(options)", in: Scratch.ofGroup("http"))
    #expect(outcome.exitCode == code && outcome.stderr.contains(words), "\(outcome.stderr)")
  }
}
