// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "kvcctl.h"

/*
 * With a standard descriptor closed, the device would get its number and
 * receive the output.  The stand-in fails reads or writes as a closed one does.
 */
static void guard_standard_files(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
	}
}

int main(int argc, char **argv)
{
	int status;

	guard_standard_files();
	/* A closed pipe is an error to report, not a silent end. */
	signal(SIGPIPE, SIG_IGN);
	status = kvcctl_run(argc, argv);
	if (fclose(stdout) && !status)
		status = fail(STATUS_REFUSED, errno, NULL,
			      "cannot write the output: %s", strerror(errno));
	return status;
}
