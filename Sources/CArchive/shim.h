// What the Swift side of this module needs of libarchive.
#pragma once

#include <archive.h>
#include <archive_entry.h>
