// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "alloc.h"
#include "error.h"

_Noreturn void out_of_memory(void)
{
	/* A JSON report would need memory itself. */
	error_set_json(false);
	exit(fail(STATUS_REFUSED, ENOMEM, NULL, "out of memory"));
}

void *xrealloc(void *old, size_t size)
{
	void *mem = realloc(old, size ? size : 1);

	if (!mem)
		out_of_memory();
	return mem;
}
