// A prefetch hint, which Swift has no word for.
#pragma once

static inline void prefetch_for_write(const void *address) { __builtin_prefetch(address, 1, 3); }
