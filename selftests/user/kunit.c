// SPDX-License-Identifier: GPL-2.0-only
/* usage: kunit [SUITE]: runs the case lists of kmod/tests and of this place */
#include <stdlib.h>
#include <kunit/test.h>

int main(int argc, char **argv)
{
	return shim_kunit_run(argc > 1 ? argv[1] : "") ? EXIT_FAILURE :
							 EXIT_SUCCESS;
}
