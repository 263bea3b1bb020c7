// SPDX-License-Identifier: GPL-2.0-only
/* kvc-demo - the parts of the demo that a shell is too slow for */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "demo.h"

static const struct {
	const char *name;
	int arguments;
	int (*run)(int argc, char **argv);
	const char *usage;
} commands[] = {
	{ "popular", 3, demo_popular, "popular CACHE TSV GETS" },
	{ "bypass", 1, demo_bypass, "bypass CACHE" },
	{ "time", 2, demo_time, "time CACHE KEY" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

void demo_need(int ret, const char *what)
{
	if (ret >= 0)
		return;
	errno = -ret;
	err(1, "%s", what);
}

struct kvc *demo_attach(const char *cache)
{
	struct kvc *kvc;

	demo_need(kvc_open(O_RDWR, &kvc), KVC_DEVICE_PATH);
	demo_need(kvc_attach(kvc, cache), cache);
	return kvc;
}

void demo_stats(struct kvc *kvc, struct kvc_stats *stats)
{
	static struct kvc_ctl *ctl;
	struct kvc_info info;

	if (!ctl)
		demo_need(kvc_ctl_open(&ctl), "kvc_ctl_open");
	demo_need(kvc_info(kvc, &info), "info");
	demo_need(kvc_stats(ctl, info.name, stats), "stats");
}

int main(int argc, char **argv)
{
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < COMMANDS; i++)
		if (argc == commands[i].arguments + 2 &&
		    !strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 2, argv + 2);
	for (i = 0; i < COMMANDS; i++)
		fprintf(stderr, "usage: kvc-demo %s\n", commands[i].usage);
	return 1;
}
