// The same work as `Benchmarks decode`, by simdjson on demand: all members of each record are visited, ids hashed, the
// amount read as minor units from its digits, the time as ms since 1970. Prints ns a record and the same sum.
#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

using namespace simdjson;

static inline uint64_t load64(const char *bytes) {
  uint64_t word;
  memcpy(&word, bytes, 8);
  return word;
}

static inline uint64_t fold(uint64_t a, uint64_t b) {
  unsigned __int128 product = (unsigned __int128)a * b;
  return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

static inline uint64_t hash_bytes(const char *bytes, size_t count) {
  const uint64_t first = 0xa0761d6478bd642f, second = 0xe7037ed1a0b428db;
  uint64_t seed = first, a, b;
  if (count <= 16) {
    if (count >= 8) {
      a = load64(bytes);
      b = load64(bytes + count - 8);
    } else if (count >= 4) {
      uint32_t low, high;
      memcpy(&low, bytes, 4);
      memcpy(&high, bytes + count - 4, 4);
      a = low;
      b = high;
    } else if (count > 0) {
      a = (uint64_t)(uint8_t)bytes[0] << 16 | (uint64_t)(uint8_t)bytes[count >> 1] << 8 | (uint8_t)bytes[count - 1];
      b = 0;
    } else {
      a = b = 0;
    }
  } else {
    size_t offset = 0;
    for (; count - offset > 16; offset += 16)
      seed = fold(load64(bytes + offset) ^ second, load64(bytes + offset + 8) ^ seed);
    a = load64(bytes + count - 16);
    b = load64(bytes + count - 8);
  }
  return fold(second ^ count, fold(a ^ second, b ^ seed));
}

static inline bool digits(const char *text, int count, int64_t &value) {
  value = 0;
  for (int i = 0; i < count; i++) {
    unsigned digit = (unsigned char)text[i] - '0';
    if (digit > 9) return false;
    value = value * 10 + digit;
  }
  return true;
}

static bool day_ms(const char *p, int64_t &ms) {
  int64_t year, month, day;
  if (p[4] != '-' || p[7] != '-' || !digits(p, 4, year) || !digits(p + 5, 2, month) || !digits(p + 8, 2, day))
    return false;
  static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (month < 1 || month > 12 || day < 1 || day > lengths[month - 1] + (month == 2 && leap)) return false;
  int64_t y = month <= 2 ? year - 1 : year;
  int64_t era = y / 400, yoe = y - era * 400;
  int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  ms = (era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468) * 86400000;
  return true;
}

// YYYY-MM-DDTHH:MM:SS.mmmZ, by the same means as the decoder's: the last date is remembered, eight digits at a time.
static inline bool time_ms(std::string_view text, int64_t &ms) {
  static uint64_t cached_first = 0;
  static uint16_t cached_last = 0;
  static int64_t cached_ms = 0;
  const char *p = text.data();
  if (text.size() != 24 || p[10] != 'T' || p[23] != 'Z') return false;
  uint16_t last;
  memcpy(&last, p + 8, 2);
  if (load64(p) != cached_first || last != cached_last) {
    if (!day_ms(p, cached_ms)) return false;
    cached_first = load64(p);
    cached_last = last;
  }
  uint64_t word = load64(p + 11) ^ 0x30303A30303A3030;
  if (((word + 0x76767F76767F7676) | word) & 0x8080808080808080) return false;
  uint64_t pairs = word * 10 + (word >> 8);
  uint64_t hour = pairs & 0xFF, minute = pairs >> 24 & 0xFF, second = pairs >> 48 & 0xFF;
  uint32_t fraction;
  memcpy(&fraction, p + 19, 4);
  fraction ^= 0x3030302E;
  if (hour > 23 || minute > 59 || second > 59 || (((fraction + 0x7676767F) | fraction) & 0x80808080)) return false;
  ms = cached_ms + (hour * 3600 + minute * 60 + second) * 1000 + (fraction >> 8 & 0xFF) * 100 +
       (fraction >> 16 & 0xFF) * 10 + (fraction >> 24);
  return true;
}

// A JSON number with at most two digits behind the point, as cents.
static inline bool cents(std::string_view token, int64_t &minor) {
  const char *p = token.data(), *end = p + token.size();
  bool negative = p < end && *p == '-';
  if (negative) p++;
  const char *first = p;
  int64_t value = 0;
  for (; p < end && (unsigned char)(*p - '0') <= 9; p++) value = value * 10 + (*p - '0');
  if (p == first || p - first > 15) return false;
  int behind = 0;
  if (p < end && *p == '.')
    for (p++; p < end && (unsigned char)(*p - '0') <= 9; p++, behind++) value = value * 10 + (*p - '0');
  if (behind > 2) return false;
  for (; behind < 2; behind++) value *= 10;
  while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')) p++;
  minor = negative ? -value : value;
  return p == end;
}

struct Record {
  uint64_t customer = 0, transaction = 0, order = 0, kind = 0;
  int64_t minor = 0, ms = 0;
};

static bool decode(ondemand::parser &parser, padded_string_view json, Record &record) {
  ondemand::document document;
  if (parser.iterate(json).get(document)) return false;
  ondemand::object object;
  if (document.get_object().get(object)) return false;
  int seen = 0;
  for (auto field : object) {
    ondemand::raw_json_string key;
    if (field.key().get(key)) return false;
    std::string_view text;
    const char *k = key.raw();
    switch (k[0]) {
      case 'c':
        if (key.unsafe_is_equal("customer_id")) {
          if (field.value().get_string().get(text) || text.empty() || text.size() > 256) return false;
          record.customer = hash_bytes(text.data(), text.size());
          seen |= 1;
          continue;
        }
        if (key.unsafe_is_equal("currency")) {
          if (field.value().get_string().get(text) || text != "EUR") return false;
          continue;
        }
        break;
      case 't':
        if (key.unsafe_is_equal("transaction_id")) {
          if (field.value().get_string().get(text)) return false;
          record.transaction = hash_bytes(text.data(), text.size()) | 1;
          continue;
        }
        if (key.unsafe_is_equal("timestamp")) {
          if (field.value().get_string().get(text) || !time_ms(text, record.ms)) return false;
          seen |= 2;
          continue;
        }
        if (key.unsafe_is_equal("type")) {
          if (field.value().get_string().get(text)) return false;
          if (text == "refund") {
            record.kind = 1;
          } else if (text != "purchase") {
            return false;
          }
          continue;
        }
        break;
      case 'o':
        if (key.unsafe_is_equal("order_id")) {
          if (field.value().get_string().get(text)) return false;
          record.order = hash_bytes(text.data(), text.size()) | 1;
          continue;
        }
        break;
      case 'a':
        if (key.unsafe_is_equal("amount")) {
          std::string_view token;
          if (field.value().raw_json_token().get(token) || !cents(token, record.minor)) return false;
          seen |= 4;
          continue;
        }
        break;
    }
    // A member that is not mapped: simdjson skips it, checked for UTF-8 and quotes only.
  }
  return seen == 7 && document.current_location().error() == OUT_OF_BOUNDS;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: simdjson_peer FILE [passes]\n");
    return 64;
  }
  int passes = argc > 2 ? atoi(argv[2]) : 20;
  padded_string text;
  if (padded_string::load(argv[1]).get(text)) {
    fprintf(stderr, "cannot read %s\n", argv[1]);
    return 66;
  }
  std::vector<padded_string_view> lines;
  const char *start = text.data(), *end = text.data() + text.size();
  for (const char *p = start; p < end; p++)
    if (*p == '\n') {
      lines.emplace_back(start, p - start, end - start + SIMDJSON_PADDING);
      start = p + 1;
    }
  ondemand::parser parser;
  double best = 1e300;
  uint64_t sum = 0;
  size_t failures = 0;
  for (int pass = 0; pass < passes; pass++) {
    sum = 0;
    auto before = std::chrono::steady_clock::now();
    for (auto line : lines) {
      Record record;
      if (!decode(parser, line, record)) {
        failures++;
        continue;
      }
      sum += record.customer + record.transaction * 3 + record.order * 5 + (uint64_t)record.minor * 7 +
             (uint64_t)record.ms * 11 + record.kind * 13;
    }
    std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - before;
    best = std::min(best, time.count() / lines.size());
  }
  if (failures) fprintf(stderr, "%zu records failed\n", failures);
  printf("%.1f %llu\n", best, (unsigned long long)sum);
  return failures ? 65 : 0;
}
