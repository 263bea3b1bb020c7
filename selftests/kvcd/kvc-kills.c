// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvcd killed at random moments of a load, over and over, and what it and the
 * kernel have compared with a model, key by key; in a guest, with a write-behind
 * cache "c" and a configuration of kvcd that serves it:
 *	kvc-kills CONFIGURATION SEED ROUNDS
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kvcache.h>

#define KEYS		3000
#define VALUE_MOST	600
/* Longest time that kvcd runs in a round, us */
#define LIFE_MOST	200000
/* Most writes while it is dead */
#define ALONE_MOST	300

static unsigned int generation[KEYS];	/* 0: the key is not there */
static unsigned int last;
static uint64_t seed;
static struct kvc *kvc;
static const char *conf;
static pid_t kvcd;
static unsigned int failed, lost, compared, refused, written;

static uint64_t next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static void die(const char *what, int err)
{
	printf("not ok - %s: %s\n", what, strerror(abs(err)));
	exit(1);
}

static size_t value_of(unsigned int key, unsigned int gen, char *value)
{
	size_t len = snprintf(value, VALUE_MOST, "%u of %u ", gen, key);
	size_t whole = (gen * 2654435761u >> 8) % VALUE_MOST;

	if (whole > len) {
		memset(value + len, 'a' + gen % 26, whole - len);
		len = whole;
	}
	return len;
}

static size_t key_of(unsigned int key, char *text)
{
	return sprintf(text, "k%05u", key);
}

/*
 * A put or a del, which are in the model when they are acknowledged.  They do not
 * wait: while nobody commits, what is dirty can fill the cache.
 */
static void write_one(void)
{
	unsigned int key = next_random() % KEYS, gen = 0;
	char value[VALUE_MOST], text[16];
	size_t len = key_of(key, text);
	int ret;

	if (next_random() % 4) {
		gen = ++last;
		ret = kvc_put(kvc, text, len, value,
			      value_of(key, gen, value), NULL, NULL);
	} else {
		ret = kvc_del(kvc, text, len);
	}
	if (ret == -EAGAIN) {
		refused++;
		return;
	}
	if (ret && (gen || ret != -ENOENT))
		die("write", ret);
	generation[key] = gen;
	written++;
}

static void complain(unsigned int key, int ret, const char *got, size_t len)
{
	if (lost++ < 10)
		printf("# key %u, generation %u: %s, '%.*s'\n", key,
		       generation[key], strerror(-ret), (int)(len < 40 ? len : 40),
		       ret ? "" : got);
}

typedef int read_fn(struct kvc *kvc, const void *key, size_t len, void **value,
		    size_t *value_len, struct kvc_meta *meta);

static void compare_key(read_fn *get, unsigned int key)
{
	char expected[VALUE_MOST], text[16];
	size_t len = 0, want;
	void *value = NULL;
	int ret;

	ret = get(kvc, text, key_of(key, text), &value, &len, NULL);
	compared++;
	if (!generation[key]) {
		if (ret != -ENOENT)
			complain(key, ret, value, len);
	} else {
		want = value_of(key, generation[key], expected);
		if (ret || len != want || memcmp(value, expected, want))
			complain(key, ret, value, len);
	}
	if (!ret)
		free(value);
}

static void compare_all(read_fn *get, const char *name)
{
	unsigned int key;

	lost = 0;
	for (key = 0; key < KEYS; key++)
		compare_key(get, key);
	printf("%sok - %s: %u of %u keys differ\n", lost ? "not " : "", name,
	       lost, KEYS);
	failed += !!lost;
}

static void start_kvcd(void)
{
	kvcd = fork();
	if (!kvcd) {
		execlp("kvcd", "kvcd", "-q", "-c", conf, NULL);
		_exit(127);
	}
}

/* Until it answers, which it only does when it has read its store. */
static void wait_ready(void)
{
	char *json;
	size_t len;
	int ret;

	while ((ret = kvc_store_stats(kvc, &json, &len))) {
		if (waitpid(kvcd, NULL, WNOHANG))
			die("kvcd does not start", ret);
		usleep(2000);
	}
	free(json);
}

static void *killer(void *arg)
{
	usleep(*(useconds_t *)arg);
	kill(kvcd, SIGKILL);
	return NULL;
}

/* One life of kvcd, from before it is ready on, and some time without it. */
static void live_and_die(void)
{
	useconds_t life = next_random() % LIFE_MOST;
	unsigned int left;
	pthread_t thread;
	int status;

	if (pthread_create(&thread, NULL, killer, &life))
		die("pthread_create", EAGAIN);
	for (left = 100 + next_random() % 200; left; left--)
		write_one();
	pthread_join(thread, NULL);
	if (waitpid(kvcd, &status, 0) != kvcd || !WIFSIGNALED(status) ||
	    WTERMSIG(status) != SIGKILL)
		die("kvcd ended by itself", 0);
	for (left = next_random() % ALONE_MOST; left; left--)
		write_one();
	start_kvcd();
}

static void some_keys(void)
{
	unsigned int left;

	for (left = 100; left; left--)
		compare_key(kvc_get_alloc, next_random() % KEYS);
}

static void rounds(unsigned int count)
{
	unsigned int round;

	for (round = 1; round <= count; round++) {
		/* Sometimes it is killed while it starts. */
		if (next_random() % 4)
			wait_ready();
		live_and_die();
		if (round % 10)
			continue;
		wait_ready();
		some_keys();
	}
	printf("%sok - kvcd killed %u times, %u writes and %u refused, %u keys compared meanwhile: %u differ\n",
	       lost ? "not " : "", count, written, refused, compared, lost);
	failed += !!lost;
}

/* From the kernel, from the store through the kernel, from the store itself. */
static void at_the_end(void)
{
	int ret;

	wait_ready();
	compare_all(kvc_get_alloc, "what there is");
	ret = kvc_flush(kvc);
	if (ret)
		die("flush", ret);
	ret = kvc_clear(kvc);
	if (ret)
		die("clear", ret);
	compare_all(kvc_get_alloc, "what is read through");
	compare_all(kvc_store_get, "what the store has");
}

int main(int argc, char **argv)
{
	int ret;

	if (argc != 4)
		return 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	conf = argv[1];
	seed = strtoull(argv[2], NULL, 10);
	ret = kvc_open(O_RDWR, &kvc);
	if (!ret)
		ret = kvc_attach(kvc, "c");
	if (ret)
		die("attach", ret);
	fcntl(kvc_fd(kvc), F_SETFL, O_RDWR | O_NONBLOCK);
	start_kvcd();
	rounds(strtoul(argv[3], NULL, 10));
	at_the_end();
	kill(kvcd, SIGTERM);
	if (waitpid(kvcd, &ret, 0) != kvcd || ret)
		die("kvcd's end", EIO);
	kvc_close(kvc);
	return !!failed;
}
