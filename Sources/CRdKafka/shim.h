// What the Swift side of this module needs of librdkafka.
#pragma once

#include <librdkafka/rdkafka.h>
