import CRdKafka
import Synchronization

/// Says what was wrong with a broker's certificate: librdkafka says the same words for a wrong authority, a wrong host
/// name and an expired certificate.
enum CertificateCheck {
  /// What OpenSSL's verdict means, in words; the numbers are the `X509_V_ERR_…` of x509_vfy.h.
  static func words(ofVerdict number: Int32) -> String {
    switch number {
    case 9: "the broker's certificate is not valid yet"
    case 10: "the broker's certificate has expired"
    case 18: "the broker's certificate is signed by itself and not trusted"
    case 19, 20, 21: "the broker's certificate is signed by an authority that is not trusted"
    case 23: "the broker's certificate has been revoked"
    case 62, 64: "the broker's certificate is for another host name"
    default: "the broker's certificate was refused (OpenSSL's verdict \(number))"
    }
  }

  /// Has librdkafka ask us about each certificate; the verdict stays OpenSSL's.
  static func install(in handle: OpaquePointer) {
    rd_kafka_conf_set_ssl_cert_verify_cb(handle, onCertificate)
  }
}

/// librdkafka's certificate callback: any thread. Answers 1 where OpenSSL has nothing against the certificate, else 0.
private func onCertificate(
  client: OpaquePointer?, broker: UnsafePointer<CChar>?, brokerID: Int32, verdict: UnsafeMutablePointer<Int32>?,
  depth: Int32, certificate: UnsafePointer<CChar>?, certificateCount: Int, reason: UnsafeMutablePointer<CChar>?,
  reasonCapacity: Int, opaque: UnsafeMutableRawPointer?
) -> Int32 {
  // Without a verdict nothing is known to be good.
  guard let verdict else { return 0 }
  guard verdict.pointee != 0 else { return 1 }
  let words = CertificateCheck.words(ofVerdict: verdict.pointee)
  if let context = context(opaque) {
    let name = broker.map { String(cString: $0) } ?? "?"
    context.certificateProblem.withLock { $0 = "`\(name)`: \(words)" }
  }
  if let reason, reasonCapacity > 0 {
    let bytes = words.utf8.prefix(reasonCapacity - 1)
    for (index, byte) in bytes.enumerated() { reason[index] = CChar(bitPattern: byte) }
    reason[bytes.count] = 0
  }
  return 0
}
