// What the Swift side of this module needs of liblinear.
#pragma once

#include <linear.h>
