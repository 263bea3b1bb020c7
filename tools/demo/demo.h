/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DEMO_DEMO_H
#define DEMO_DEMO_H

#include <kvcache.h>

/* Ends the program with the text when @ret is a negative errno. */
void demo_need(int ret, const char *what);
/* A handle that may read and write @cache. */
struct kvc *demo_attach(const char *cache);
void demo_stats(struct kvc *kvc, struct kvc_stats *stats);

/* The commands: what follows their name in argv; they return 0 or end. */
int demo_popular(int argc, char **argv);
int demo_bypass(int argc, char **argv);
int demo_time(int argc, char **argv);

#endif
