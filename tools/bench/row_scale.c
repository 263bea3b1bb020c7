// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows scale2: what two CPUs do together, against what one of them does alone
 *
 * In turns: the one CPU alone, the other alone, both.  Their threads begin
 * together and each takes its own time, so that waking them is not part of it.
 */
#include <err.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "report.h"
#include "row.h"
#include "subject.h"

#define CPUS		2
#define KEYS		10000
#define ENTRIES		(2 * KEYS)
#define SLICE		2000
#define GOAL		1.85

/**
 * struct lane - a CPU and what its thread does
 * @thread: bound to @cpu
 * @go: one slice is to be done
 * @done: it is
 * @gate: threads that still have to come before any begins
 * @work: the contender, with the sequence of this lane
 * @from: first step of the slice
 * @to: the step behind its last
 * @ns: of a step in it
 * @stop: there is nothing more to do
 */
struct lane {
	pthread_t thread;
	int cpu;
	sem_t go;
	sem_t *done;
	atomic_int *gate;
	struct contender work;
	size_t from;
	size_t to;
	double ns;
	bool stop;
};

struct track {
	struct lane lanes[CPUS];
	struct sequence seqs[CPUS];
	sem_t done;
	atomic_int gate;
};

static void bind_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "sched_setaffinity");
}

static void run_slice(struct lane *l)
{
	uint64_t begin;

	atomic_fetch_sub(l->gate, 1);
	while (atomic_load(l->gate))
		;
	begin = sample_now();
	if (l->work.run(&l->work, l->from, l->to))
		errx(1, "%s failed on CPU %d", l->work.sample->name, l->cpu);
	l->ns = (double)(sample_now() - begin) / (l->to - l->from);
}

static void *run_lane(void *arg)
{
	struct lane *l = arg;

	bind_to(l->cpu);
	for (;;) {
		while (sem_wait(&l->go))
			;
		if (l->stop)
			return NULL;
		run_slice(l);
		sem_post(l->done);
	}
}

static void track_begin(struct track *t, struct contender work)
{
	struct lane *l;
	int i;

	sem_init(&t->done, 0, 0);
	for (i = 0; i < CPUS; i++) {
		l = &t->lanes[i];
		*l = (struct lane){
			.cpu = i, .done = &t->done, .gate = &t->gate,
			.work = work,
		};
		l->work.seq = &t->seqs[i];
		sem_init(&l->go, 0, 0);
		if (pthread_create(&l->thread, NULL, run_lane, l))
			errx(1, "no thread");
	}
}

static void track_end(struct track *t)
{
	int i;

	for (i = 0; i < CPUS; i++) {
		t->lanes[i].stop = true;
		sem_post(&t->lanes[i].go);
		pthread_join(t->lanes[i].thread, NULL);
		sequence_free(&t->seqs[i]);
	}
}

/* The lanes from @first on, so many of them, do their slice. */
static void run_together(struct track *t, int first, int count, size_t slice)
{
	int i;

	atomic_store(&t->gate, count);
	for (i = first; i < first + count; i++) {
		t->lanes[i].from = slice * SLICE;
		t->lanes[i].to = (slice + 1) * SLICE;
		sem_post(&t->lanes[i].go);
	}
	for (i = 0; i < count; i++)
		while (sem_wait(&t->done))
			;
}

/* Nanoseconds of a step: of one CPU alone, and of both together */
static void run_turns(struct track *t, size_t slice, double *one, double *both)
{
	struct lane *l = t->lanes;

	run_together(t, 0, 1, slice);
	run_together(t, 1, 1, slice);
	*one = 2 / (1 / l[0].ns + 1 / l[1].ns);
	run_together(t, 0, CPUS, slice);
	*both = 1 / (1 / l[0].ns + 1 / l[1].ns);
}

static void run_round(struct track *t, double *one, double *both)
{
	size_t slices = t->seqs[0].count / SLICE, i;

	for (i = 0; i < slices; i++)
		run_turns(t, i, &one[i], &both[i]);
}

static void measure(struct track *t, const struct bench *bench,
		    struct sample *both, struct sample *one)
{
	size_t slices = t->seqs[0].count / SLICE;
	double *ns = calloc(2 * slices, sizeof(*ns));
	unsigned int round;

	if (!ns)
		err(1, "slices");
	run_round(t, ns, ns + slices);
	for (round = 0; round < bench->rounds.count; round++) {
		run_round(t, ns, ns + slices);
		sample_add(one, sample_middle(ns, slices));
		sample_add(both, sample_middle(ns + slices, slices));
	}
	free(ns);
}

static void contest(const struct bench *bench, struct track *t,
		    struct contender work, const char *row, const char *what,
		    double goal)
{
	struct sample one = { .name = "1 CPU" };
	struct sample both = { .name = "2 CPUs together" };

	work.sample = &both;
	track_begin(t, work);
	measure(t, bench, &both, &one);
	track_end(t);
	report_row(&(struct result){
		.row = row, .what = what, .unit = "ns", .ours = &both,
		.other = &one, .goal = goal > 0 ? GOAL_RATIO_LEAST : GOAL_NONE,
		.goal_value = goal,
	});
}

/* The same keys for all CPUs, each in an order of its own */
static void seqs_b(struct track *t, const struct keys *keys,
		   const struct bench *bench)
{
	int i;

	for (i = 0; i < CPUS; i++) {
		sequence_zipf(&t->seqs[i], keys, bench->ops, bench->seed + 2 * i);
		sequence_update(&t->seqs[i], 5, bench->seed + 2 * i + 1);
	}
}

/* Updates only, and no key is of two CPUs */
static void seqs_write(struct track *t, const struct keys *keys,
		       const struct bench *bench)
{
	struct keys part = { .count = keys->count / CPUS };
	size_t at;
	int i;

	for (i = 0; i < CPUS; i++) {
		sequence_zipf(&t->seqs[i], &part, bench->ops, bench->seed + i);
		t->seqs[i].keys = keys;
		for (at = 0; at < t->seqs[i].count; at++)
			t->seqs[i].steps[at] = t->seqs[i].steps[at] * CPUS + i;
		sequence_update(&t->seqs[i], 100, bench->seed);
	}
}

/* One key, read by all */
static void seqs_hot(struct track *t, const struct keys *keys,
		     const struct bench *bench)
{
	struct keys one = { .count = 1 };
	int i;

	for (i = 0; i < CPUS; i++) {
		sequence_uniform(&t->seqs[i], &one, bench->ops, bench->seed);
		t->seqs[i].keys = keys;
	}
}

static const struct course {
	const char *row;
	const char *map_row;
	const char *what;
	void (*make)(struct track *t, const struct keys *keys,
		     const struct bench *bench);
} courses[] = {
	{ "scale2", "scale2-bpf", "YCSB-B: 95 % reads, 5 % updates, Zipf .99 over 10,000 keys",
	  seqs_b },
	{ "scale2-write", "scale2-wr-bpf", "updates, Zipf .99 over 5,000 keys of each CPU's own",
	  seqs_write },
	{ "scale2-hot", "scale2-hot-bpf", "reads of one key", seqs_hot },
};

void row_scale(const struct bench *bench)
{
	struct subject subject;
	struct track track;
	struct keys keys;
	size_t i;

	if (sysconf(_SC_NPROCESSORS_ONLN) < CPUS) {
		report_missing("scale2", "there is one CPU only");
		return;
	}
	keys_make(&keys, KEYS);
	for (i = 0; i < sizeof(courses) / sizeof(courses[0]); i++) {
		subject_make(&subject, &keys, BPF_MAP_TYPE_LRU_HASH, ENTRIES);
		courses[i].make(&track, &keys, bench);
		contest(bench, &track, subject_cache(&subject, NULL, NULL),
			courses[i].row, courses[i].what, GOAL);
		courses[i].make(&track, &keys, bench);
		contest(bench, &track, subject_map(&subject, NULL, NULL),
			courses[i].map_row, courses[i].what, 0);
		subject_close(&subject);
	}
	keys_free(&keys);
}
