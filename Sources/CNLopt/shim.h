// What the Swift side of this module needs of NLopt.
#pragma once

#include <nlopt.h>
