// What the Swift side of this module needs of librdkafka.
#pragma once

#include <malloc.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

// Queues one record; copies key and value. A null `value` is a tombstone, a timestamp of 0 is "now".
// On success librdkafka owns `headers`; on failure the caller still does.
static inline rd_kafka_resp_err_t segmenter_produce(
    rd_kafka_t *client, rd_kafka_topic_t *topic, int32_t partition, const void *key, size_t key_count,
    const void *value, size_t value_count, int64_t timestamp_ms, rd_kafka_headers_t *headers) {
  rd_kafka_vu_t arguments[7] = {
      {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = topic},
      {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = partition},
      {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
      {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)key, key_count}},
      {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {(void *)value, value_count}},
      {.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = timestamp_ms},
      {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers},
  };
  rd_kafka_error_t *error = rd_kafka_produceva(client, arguments, headers ? 7 : 6);
  if (!error) return RD_KAFKA_RESP_ERR_NO_ERROR;
  rd_kafka_resp_err_t code = rd_kafka_error_code(error);
  rd_kafka_error_destroy(error);
  return code;
}
