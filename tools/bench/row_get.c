// SPDX-License-Identifier: GPL-2.0-only
/* Rows null, get1-hot, get1-1k and get1-floor: reading 10,000 hot keys, YCSB-C */
#include <linux/bpf.h>
#include <unistd.h>

#include "nullcall.h"
#include "report.h"
#include "row.h"
#include "subject.h"

#define KEYS	10000
#define WHAT	"YCSB-C: reads, Zipf .99 over 10,000 keys of 16 B, values of "
#define LONG	1024

/* Everything that these rows compare */
struct field {
	struct keys keys;
	struct sequence seq;
	struct subject subject;
	int null;
};

static void field_make(struct field *f, const struct bench *bench,
		       uint32_t value_len)
{
	keys_make(&f->keys, KEYS);
	f->keys.value_len = value_len;
	sequence_zipf(&f->seq, &f->keys, bench->ops, bench->seed);
	subject_make(&f->subject, &f->keys, BPF_MAP_TYPE_HASH, KEYS);
	f->null = nullcall_open();
}

static void field_end(struct field *f)
{
	subject_end(&f->subject);
	close(f->null);
	sequence_free(&f->seq);
	keys_free(&f->keys);
}

void row_null(const struct bench *bench)
{
	struct sample map = { .name = "BPF HASH lookup" };
	struct sample null = { .name = "null ioctl" };
	struct field f;

	field_make(&f, bench, VALUE_LEN);
	sample_contest((struct contender[]){
		subject_map(&f.subject, &f.seq, &map),
		nullcall(&f.null, &f.seq, &null),
	}, 2, &bench->rounds);
	report_row(&(struct result){
		.row = "null", .what = WHAT "32 B", .unit = "ns", .ours = &map,
		.other = &null, .cost = true,
	});
	report_note("null is for scale: there is no kvcache in this row");
	field_end(&f);
}

static void contest_map(const struct bench *bench, uint32_t value_len,
			struct result result)
{
	struct sample cache = { .name = "GET" };
	struct sample map = { .name = "BPF HASH lookup" };
	struct field f;

	field_make(&f, bench, value_len);
	sample_contest((struct contender[]){
		subject_cache(&f.subject, &f.seq, &cache),
		subject_map(&f.subject, &f.seq, &map),
	}, 2, &bench->rounds);
	result.ours = &cache;
	result.other = &map;
	report_row(&result);
	field_end(&f);
}

void row_get1_hot(const struct bench *bench)
{
	contest_map(bench, VALUE_LEN, (struct result){
		.row = "get1-hot", .what = WHAT "32 B", .unit = "ns",
		.goal = GOAL_RATIO_LEAST, .goal_value = 2.5, .stretch = 3.2,
	});
}

void row_get1_1k(const struct bench *bench)
{
	contest_map(bench, LONG, (struct result){
		.row = "get1-1k", .what = WHAT "1024 B", .unit = "ns",
		.goal = GOAL_RATIO_LEAST, .goal_value = 2.5, .stretch = 3,
	});
}

void row_get1_floor(const struct bench *bench)
{
	struct sample cache = { .name = "GET" };
	struct sample null = { .name = "null ioctl" };
	struct field f;

	field_make(&f, bench, VALUE_LEN);
	sample_contest((struct contender[]){
		subject_cache(&f.subject, &f.seq, &cache),
		nullcall(&f.null, &f.seq, &null),
	}, 2, &bench->rounds);
	report_row(&(struct result){
		.row = "get1-floor", .what = WHAT "32 B", .unit = "ns",
		.ours = &cache, .other = &null, .cost = true,
		.goal = GOAL_RATIO_MOST, .goal_value = 2.2, .stretch = 1.8,
	});
	field_end(&f);
}
