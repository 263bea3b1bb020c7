// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvc-example CACHE - the first steps with libkvc
 *
 * Puts a few pairs, reads one back, counts it up the way that loses no other
 * program's step, and lists what is there:
 *
 *	cc kvc-example.c $(pkg-config --cflags --libs kvcache)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kvcache.h>

static void check(const char *what, int ret)
{
	if (!ret)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(-ret));
	exit(1);
}

static void put_text(struct kvc *kvc, const char *key, const char *value)
{
	check("put", kvc_put(kvc, key, strlen(key), value, strlen(value),
			     NULL, NULL));
}

/* Reads, adds one, and writes if nobody else did meanwhile; else once more. */
static unsigned long count_up(struct kvc *kvc, const char *key)
{
	char text[32];
	struct kvc_meta meta;
	unsigned long count;
	size_t len;
	int ret;

	do {
		len = sizeof(text) - 1;
		check("get", kvc_get(kvc, key, strlen(key), text, &len, &meta));
		text[len] = '\0';
		count = strtoul(text, NULL, 10) + 1;
		len = snprintf(text, sizeof(text), "%lu", count);
		ret = kvc_cas(kvc, key, strlen(key), text, len, &meta.version);
	} while (ret == -ESTALE);
	check("cas", ret);
	return count;
}

static void list(struct kvc *kvc, const char *prefix)
{
	struct kvc_range range = {
		.start = prefix,
		.start_len = strlen(prefix),
		.flags = KVC_SCAN_F_PREFIX,
	};
	struct kvc_cursor *cursor;
	struct kvc_pair pair;
	int ret;

	check("scan", kvc_scan_open(kvc, &range, &cursor));
	while ((ret = kvc_scan_next(cursor, &pair)) > 0)
		printf("%.*s = %.*s\n", (int)pair.key_len,
		       (const char *)pair.key, (int)pair.value_len,
		       (const char *)pair.value);
	check("scan", ret);
	kvc_scan_close(cursor);
}

int main(int argc, char **argv)
{
	struct kvc *kvc;

	if (argc != 2) {
		fprintf(stderr, "usage: kvc-example CACHE\n");
		return 1;
	}
	check("open " KVC_DEVICE_PATH, kvc_open(O_RDWR, &kvc));
	check(argv[1], kvc_attach(kvc, argv[1]));
	put_text(kvc, "example/colour", "blue");
	put_text(kvc, "example/count", "41");
	put_text(kvc, "example/place", "here");
	printf("counted to %lu\n", count_up(kvc, "example/count"));
	check("del", kvc_del(kvc, "example/place", strlen("example/place")));
	list(kvc, "example/");
	kvc_close(kvc);
	return fclose(stdout) ? 1 : 0;
}
