// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvc-threads CACHE - threads that share one handle lose no step
 *
 * Each counts one number up by compare and swap, and scans in between; the
 * number must then be how often that was done.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kvcache.h>

#define THREADS	4
#define STEPS	500
#define KEY	"threads/count"

static struct kvc *kvc;

static void check(const char *what, int ret)
{
	if (!ret)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(-ret));
	exit(1);
}

static unsigned long read_count(struct kvc_meta *meta)
{
	unsigned long count;
	size_t len = sizeof(count);

	check("get", kvc_get(kvc, KEY, strlen(KEY), &count, &len, meta));
	return count;
}

/* A cursor of its own over the handle of all; sees the key exactly once. */
static void scan_key(void)
{
	struct kvc_range range = {
		.start = KEY,
		.start_len = strlen(KEY),
		.flags = KVC_SCAN_F_PREFIX,
	};
	struct kvc_cursor *cursor;
	struct kvc_pair pair;
	int count = 0, ret;

	check("scan", kvc_scan_open(kvc, &range, &cursor));
	while ((ret = kvc_scan_next(cursor, &pair)) > 0)
		count++;
	check("scan", ret);
	check("count of a scan", count == 1 ? 0 : -ERANGE);
	kvc_scan_close(cursor);
}

static void *count_up(void *arg)
{
	struct kvc_meta meta;
	unsigned long count;
	int i, ret;

	for (i = 0; i < STEPS; i++) {
		do {
			count = read_count(&meta) + 1;
			ret = kvc_cas(kvc, KEY, strlen(KEY), &count,
				      sizeof(count), &meta.version);
		} while (ret == -ESTALE);
		check("cas", ret);
		scan_key();
	}
	return arg;
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];
	unsigned long count = 0;
	int i;

	if (argc != 2)
		return 1;
	check("open", kvc_open(O_RDWR, &kvc));
	check("attach", kvc_attach(kvc, argv[1]));
	check("put", kvc_put(kvc, KEY, strlen(KEY), &count, sizeof(count), NULL,
			     NULL));
	for (i = 0; i < THREADS; i++)
		check("thread", -pthread_create(&threads[i], NULL, count_up,
						NULL));
	for (i = 0; i < THREADS; i++)
		check("join", -pthread_join(threads[i], NULL));
	count = read_count(NULL);
	kvc_close(kvc);
	printf("%lu\n", count);
	return count != THREADS * STEPS;
}
