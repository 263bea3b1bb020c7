/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kselftest_harness.h with a limit that only a hang reaches
 *
 * The harness's own 30 s are for machines; some of these tests take longer in a
 * guest whose kernel has KASAN and lockdep, and whose CPU is emulated.
 */
#ifndef KVC_SELFTEST_HARNESS_H
#define KVC_SELFTEST_HARNESS_H

#include <kselftest_harness.h>

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 300	/* seconds */

#endif
