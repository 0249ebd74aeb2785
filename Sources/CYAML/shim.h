// What the Swift side of this module needs of libyaml.
#pragma once

#include <yaml.h>
