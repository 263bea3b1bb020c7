// SPDX-License-Identifier: GPL-2.0-only
#include <linux/module.h>

MODULE_DESCRIPTION("kvcache: unit tests of the core");
MODULE_LICENSE("GPL");
