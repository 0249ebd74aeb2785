// What the Swift side of this module needs of LAPACK.
#pragma once

#include <lapacke.h>
