import CRdKafka

/// Lets the process's allocator keep what is freed, for a process that reads and writes much of Kafka.
///
/// librdkafka frees on one thread what another has allocated, from headers of some bytes to fetches of a megabyte, and
/// Glibc by itself gives pages back to the system only to ask for them again at once.
package func keepFreedMemory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20)
  mallopt(M_TRIM_THRESHOLD, 1 << 30)
  mallopt(M_TOP_PAD, 64 << 20)
}
