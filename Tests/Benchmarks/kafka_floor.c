// What one thread can read of a Kafka topic at all: librdkafka's batches, counted and given back.
//
//     kafka_floor BOOTSTRAP TOPIC PARTITIONS
//
// Prints records a second, from the assignment to the ends of all partitions.
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BATCH = 8192 };

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
  char text[512];
  if (rd_kafka_conf_set(conf, name, value, text, sizeof text) != RD_KAFKA_CONF_OK) {
    fprintf(stderr, "kafka_floor: %s\n", text);
    exit(1);
  }
}

int main(int argc, char **argv) {
  if (argc != 4) return fprintf(stderr, "usage: kafka_floor BOOTSTRAP TOPIC PARTITIONS\n"), 64;
  int partitions = atoi(argv[3]);
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", argv[1]);
  set(conf, "group.id", "floor");
  set(conf, "enable.auto.commit", "false");
  set(conf, "enable.partition.eof", "true");
  set(conf, "queued.min.messages", "10000000");
  set(conf, "queued.max.messages.kbytes", "262144");
  char text[512];
  rd_kafka_t *client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text);
  if (!client) return fprintf(stderr, "kafka_floor: %s\n", text), 1;
  rd_kafka_poll_set_consumer(client);
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
  for (int partition = 0; partition < partitions; partition++)
    rd_kafka_topic_partition_list_add(list, argv[2], partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  rd_kafka_assign(client, list);
  rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(client);
  static rd_kafka_message_t *messages[BATCH];
  long records = 0, bytes = 0;
  for (int ended = 0; ended < partitions;) {
    ssize_t count = rd_kafka_consume_batch_queue(queue, 10, messages, BATCH);
    for (ssize_t index = 0; index < count; index++) {
      if (messages[index]->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        records++;
        bytes += messages[index]->len;
      } else if (messages[index]->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        ended++;
      }
      rd_kafka_message_destroy(messages[index]);
    }
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  double seconds = (end.tv_sec - start.tv_sec) + (end.tv_nsec - start.tv_nsec) * 1e-9;
  printf("floor %.0f records/s (%ld records, %ld MB, %.0f ms)\n", records / seconds, records, bytes / 1000000,
         seconds * 1e3);
  return 0;
}
