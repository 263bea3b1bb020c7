/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_NULLCALL_H
#define BENCH_NULLCALL_H

#include "sample.h"

/* Opens /dev/null, which knows no ioctl. */
int nullcall_open(void);
/* An ioctl that does nothing, once for each step; @fd must stay in place. */
struct contender nullcall(int *fd, const struct sequence *seq,
			  struct sample *sample);

#endif
