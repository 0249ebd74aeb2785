import Kafka

extension StreamError {
  /// What to do about a broker that does not answer.
  static func advice(onSilence error: KafkaError) -> String {
    if error.name == "_ALL_BROKERS_DOWN" || error.name == "_SSL" {
      return "something listens there but hangs up: check that `kafka.security.protocol` is the listener's "
        + "(PLAINTEXT, SSL, SASL_SSL, SASL_PLAINTEXT), and `kafka.bootstrap.servers`"
    }
    return "check `kafka.bootstrap.servers` and that a broker listens there"
  }

  /// What to do about a refusal of who we are, or who the broker is, by the words that Kafka or TLS said.
  static func advice(onRefusal text: String) -> String {
    for (words, advice) in advices where text.contains(words) { return advice }
    return "check `kafka.security.protocol`, `kafka.sasl.*` and `kafka.ssl.*`"
  }

  /// What to do by words of a refusal; the first that fits.
  private static let advices = [
    (
      "another host name",
      "in `kafka.bootstrap.servers`, and in the brokers' advertised.listeners, name each host as its certificate does, "
        + "or have the certificate made for that name"
    ),
    ("not valid yet", "check the clock of this machine, or have the certificate renewed"),
    ("has expired", "have the broker's certificate renewed; if it is new, check the clock of this machine"),
    (
      "broker's certificate",
      "set `kafka.ssl.ca.location` to a PEM file with the certificate of the authority that signed it"
    ),
    (
      "SSL alert number",
      "the broker refuses our certificate: set `kafka.ssl.certificate.location` and `kafka.ssl.key.location` to one "
        + "that an authority which the broker trusts has signed"
    ),
    ("Unsupported SASL mechanism", "set `kafka.sasl.mechanisms` to one that the broker supports"),
    (
      "SCRAM",
      "check `kafka.sasl.username` and `kafka.sasl.password` (or `kafka.sasl.password_file`); with librdkafka before "
        + "2.6.1 SCRAM does not work against Kafka 4.0 and newer: use PLAIN over TLS or mutual TLS"
    ),
    ("SASL", "check `kafka.sasl.username` and `kafka.sasl.password` (or `kafka.sasl.password_file`)"),
  ]
}
