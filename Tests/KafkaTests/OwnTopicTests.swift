import CRdKafka
import Testing

@testable import Kafka
@testable import Pipeline

@Suite struct OwnTopicTests {
  @Test(
    "A broker that went away under a producer ends it with 69 and a sentence, however librdkafka calls it",
    arguments: [
      (RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, false), (RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, true),
      (RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, true), (RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, true),
      (RD_KAFKA_RESP_ERR__INCONSISTENT, true), (RD_KAFKA_RESP_ERR__FATAL, true),
    ])
  func goneAway(_ code: rd_kafka_resp_err_t, _ isFatal: Bool) {
    let failure = OwnTopic.failure(KafkaError(code, "words", isFatal: isFatal), topic: "purchases")
    #expect(failure.exitCode == 69)
    #expect(failure.description.hasPrefix("the broker went away while records were on their way to `purchases`"))
  }

  @Test("What a broker refuses keeps its code")
  func refused() {
    let refusals = [(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 77), (RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, 66)]
    for (code, exitCode) in refusals {
      #expect(OwnTopic.failure(KafkaError(code), topic: "purchases").exitCode == Int32(exitCode))
    }
  }
}
