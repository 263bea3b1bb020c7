// SPDX-License-Identifier: GPL-2.0-only
/* kvcd - the node daemon of kvcache: brings write-behind caches into a store */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kvcctl/number.h"
#include "config.h"
#include "daemon.h"
#include "kernel.h"
#include "log.h"

#define STOP_TIMEOUT	60000000000ull

enum {
	CODE_CHECK = 256,
	CODE_STOP_TIMEOUT,
};

static const struct option longs[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "device", required_argument, NULL, 'D' },
	{ "foreground", no_argument, NULL, 'f' },
	{ "check", no_argument, NULL, CODE_CHECK },
	{ "stop-timeout", required_argument, NULL, CODE_STOP_TIMEOUT },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
	"kvcd - bring write-behind caches of kvcache into a store\n\n"
	"kvcd [-fq] [-c FILE] [-D DEVICE] [--stop-timeout TIME]\n"
	"kvcd --check [-c FILE]\n\n"
	"  -c, --config FILE    the configuration (" CONFIG_FILE ")\n"
	"      --check          test it and end\n"
	"  -D, --device DEVICE  the kernel's device (" KERNEL_DEVICE ")\n"
	"  -f, --foreground     do not detach, which kvcd never does\n"
	"  -q, --quiet          no messages but warnings and errors\n"
	"      --stop-timeout TIME  for the last flush, at the end (60s)\n"
	"  -h, --help, -V, --version\n\n"
	"TIME: a number with ns, us, ms, s, m, h or d\n"
	"Exit: 0 ok, 1 usage or configuration, 2 not all was flushed,\n"
	"      3 the store cannot be used, 4 the socket cannot be used\n";

struct arguments {
	const char *config;
	const char *device;
	uint64_t stop_timeout;
	bool check;
	bool about;	/* done already */
};

static int bad_usage(const char *fmt, const char *what)
{
	fprintf(stderr, "kvcd: ");
	fprintf(stderr, fmt, what);
	fprintf(stderr, "\nkvcd: 'kvcd --help' shows how to use it\n");
	return STATUS_USAGE;
}

static int take_option(struct arguments *args, int code)
{
	switch (code) {
	case 'c':
		args->config = optarg;
		break;
	case 'D':
		args->device = optarg;
		break;
	case 'f':
		break;
	case CODE_CHECK:
		args->check = true;
		break;
	case CODE_STOP_TIMEOUT:
		if (duration_parse(optarg, INT64_MAX / 2, &args->stop_timeout))
			return bad_usage("--stop-timeout: '%s' is no time such as 60s",
					 optarg);
		break;
	case 'q':
		log_limit(LOG_WARNING);
		break;
	case 'h':
		args->about = true;
		fputs(help, stdout);
		break;
	case 'V':
		args->about = true;
		printf("kvcd %s\n", KVC_TOOLS_VERSION);
		break;
	}
	return STATUS_OK;
}

static int parse(struct arguments *args, int argc, char **argv)
{
	int code, status = STATUS_OK;

	opterr = 0;
	while (!status && !args->about) {
		code = getopt_long(argc, argv, ":c:D:fqhV", longs, NULL);
		if (code < 0)
			break;
		if (code == '?')
			return bad_usage("there is no option '%s'",
					 argv[optind - 1]);
		if (code == ':')
			return bad_usage("'%s' needs a value",
					 argv[optind - 1]);
		status = take_option(args, code);
	}
	if (!status && !args->about && optind < argc)
		return bad_usage("'%s' is one argument too many", argv[optind]);
	return status;
}

/* Else a store's file could get the number of a standard one. */
static void guard_standard_files(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", O_RDWR);
	}
}

static int run(const struct arguments *args)
{
	struct config config;
	struct why why;
	int status;

	if (config_read(&config, args->config, &why)) {
		log_say(LOG_ERR, "%s", why.text);
		return STATUS_USAGE;
	}
	if (args->check) {
		printf("%s: ok, %zu cache(s)\n", args->config, config.count);
		status = STATUS_OK;
	} else {
		status = daemon_run(&config, args->device, args->stop_timeout);
	}
	config_free(&config);
	return status;
}

int main(int argc, char **argv)
{
	struct arguments args = {
		.config = CONFIG_FILE,
		.device = KERNEL_DEVICE,
		.stop_timeout = STOP_TIMEOUT,
	};
	int status;

	guard_standard_files();
	status = parse(&args, argc, argv);
	if (!status && !args.about)
		status = run(&args);
	if (fclose(stdout) && !status) {
		log_say(LOG_ERR, "the output cannot be written: %s",
			strerror(errno));
		status = STATUS_USAGE;
	}
	return status;
}
