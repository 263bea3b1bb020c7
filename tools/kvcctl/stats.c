// SPDX-License-Identifier: GPL-2.0-only
/* kvcctl stats: how a cache does */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <kvcache.h>

#include "cache.h"
#include "command.h"
#include "control.h"
#include "error.h"
#include "json.h"
#include "output.h"

#define LINES_PER_HEADING	20
#define NSEC_PER_SEC		1000000000ull

static const struct {
	const char *name;
	size_t field;
} figures[] = {
#define FIGURE(f) { #f, offsetof(struct kvc_stats, f) }
	FIGURE(gets),
	FIGURE(hits_tier),
	FIGURE(hits_memtable),
	FIGURE(misses),
	FIGURE(puts),
	FIGURE(updates_tier),
	FIGURE(updates_memtable),
	FIGURE(deletes),
	FIGURE(touches),
	FIGURE(refused),
	FIGURE(migrated),
	FIGURE(promoted),
	FIGURE(evicted_limit),
	FIGURE(evicted_pressure),
	FIGURE(expired),
	FIGURE(cleared),
	FIGURE(purged),
	FIGURE(fenced),
	FIGURE(bypass_switches),
	FIGURE(tier_resizes),
	FIGURE(index_resizes),
	FIGURE(entries_tier),
	FIGURE(entries_memtable),
	FIGURE(bytes_tier),
	FIGURE(bytes_memtable),
	FIGURE(bytes_index),
	FIGURE(bytes_deferred),
	FIGURE(limit),
	FIGURE(tier_target),
	FIGURE(events),
	FIGURE(bytes_events),
	FIGURE(dirty_entries),
	FIGURE(dirty_bytes),
	FIGURE(dirty_ms),
	FIGURE(runs_sealed),
	FIGURE(runs_committed),
	FIGURE(records_flushed),
	FIGURE(flush_waits),
#undef FIGURE
};

static uint64_t figure(const struct kvc_stats *stats, size_t field)
{
	return *(const uint64_t *)((const char *)stats + field);
}

/* A rate of lookups; there is none before the first. */
static void add_rate(json_t *object, const char *name, uint64_t part,
		     uint64_t whole)
{
	json_add(object, name,
		 whole ? json_real((double)part / whole) : json_null());
}

static json_t *error_json(uint32_t err)
{
	const char *name = err ? strerrorname_np(err) : NULL;

	if (!err)
		return json_null();
	return name ? json_string(name) : json_integer(err);
}

static void print_json(const struct options *opt, const struct kvc_stats *s)
{
	json_t *top = json_new();
	size_t i;

	json_add(top, "cache", json_string(s->name));
	for (i = 0; i < ARRAY_SIZE(figures); i++)
		json_add_u64(top, figures[i].name, figure(s, figures[i].field));
	json_add_u64(top, "shards", s->shards);
	json_add(top, "bypass", json_boolean(s->bypass));
	json_add_u64(top, "runs_waiting", s->runs_waiting);
	json_add(top, "flusher", json_boolean(s->flusher));
	json_add(top, "flush_error", error_json(s->flush_error));
	json_add_u64(top, "entries", s->entries_tier + s->entries_memtable);
	add_rate(top, "hit_rate", s->hits_tier + s->hits_memtable, s->gets);
	add_rate(top, "hit_rate_tier", s->hits_tier, s->gets);
	add_rate(top, "hit_rate_memtable", s->hits_memtable, s->gets);
	output_json(opt, top);
}

static const char *rate_text(uint64_t part, uint64_t whole, char *text,
			     size_t len)
{
	if (whole)
		snprintf(text, len, "%.1f %%", 100.0 * part / whole);
	else
		snprintf(text, len, "-");
	return text;
}

/* Bytes for a human's eye: three digits or so, with a unit. */
static const char *bytes_text(uint64_t bytes, char *text, size_t len)
{
	static const char units[] = "BKMGTPE";
	double scaled = bytes;
	int unit = 0;

	while (scaled >= 1024) {
		scaled /= 1024;
		unit++;
	}
	snprintf(text, len, unit ? "%.1f%c" : "%.0f%c", scaled, units[unit]);
	return text;
}

struct tier {
	uint64_t pairs;
	uint64_t bytes;
	uint64_t hits;
	uint64_t updates;
};

static void print_tier(const char *name, const struct tier *tier, uint64_t gets)
{
	char bytes[32], rate[32];

	printf("%-10s %12" PRIu64 " %12s %12" PRIu64 " %10s %12" PRIu64 "\n",
	       name, tier->pairs, bytes_text(tier->bytes, bytes, sizeof(bytes)),
	       tier->hits, rate_text(tier->hits, gets, rate, sizeof(rate)),
	       tier->updates);
}

static void print_tiers(const struct kvc_stats *s)
{
	const struct tier tier = {
		s->entries_tier, s->bytes_tier, s->hits_tier, s->updates_tier,
	};
	const struct tier memtable = {
		s->entries_memtable, s->bytes_memtable, s->hits_memtable,
		s->updates_memtable,
	};
	const struct tier both = {
		tier.pairs + memtable.pairs, tier.bytes + memtable.bytes,
		tier.hits + memtable.hits, tier.updates + memtable.updates,
	};

	printf("%-10s %12s %12s %12s %10s %12s\n", "", "pairs", "bytes", "hits",
	       "hit rate", "updates");
	print_tier(s->bypass ? "tier (off)" : "tier", &tier, s->gets);
	print_tier("memtable", &memtable, s->gets);
	print_tier("both", &both, s->gets);
}

enum kind {
	KIND_COUNT,
	KIND_BYTES,
};

/* What stands below the tiers; a line for each section. */
struct row {
	const char *section;
	const char *label;
	enum kind kind;
	size_t field;
};

static const struct row rows[] = {
#define ROW(section, label, kind, f) \
	{ section, label, kind, offsetof(struct kvc_stats, f) }
	ROW("operations", "gets", KIND_COUNT, gets),
	ROW("operations", "misses", KIND_COUNT, misses),
	ROW("operations", "puts", KIND_COUNT, puts),
	ROW("operations", "deletes", KIND_COUNT, deletes),
	ROW("operations", "touches", KIND_COUNT, touches),
	ROW("operations", "refused", KIND_COUNT, refused),
	ROW("moves", "to the memtable", KIND_COUNT, migrated),
	ROW("moves", "back to the tier", KIND_COUNT, promoted),
	ROW("evicted", "for the limit", KIND_COUNT, evicted_limit),
	ROW("evicted", "under pressure", KIND_COUNT, evicted_pressure),
	ROW("removed", "expired", KIND_COUNT, expired),
	ROW("removed", "cleared", KIND_COUNT, cleared),
	ROW("removed", "purged", KIND_COUNT, purged),
	ROW("events", "written", KIND_COUNT, events),
	ROW("events", "log", KIND_BYTES, bytes_events),
	ROW("events", "misses by the fence", KIND_COUNT, fenced),
	ROW("adaptation", "tier's size", KIND_BYTES, tier_target),
	ROW("adaptation", "resizes", KIND_COUNT, tier_resizes),
	ROW("adaptation", "switches", KIND_COUNT, bypass_switches),
	ROW("memory", "limit", KIND_BYTES, limit),
	ROW("memory", "index", KIND_BYTES, bytes_index),
	ROW("memory", "to be freed", KIND_BYTES, bytes_deferred),
	ROW("index", "resizes", KIND_COUNT, index_resizes),
};

/* Of a write-behind cache */
static const struct row flush_rows[] = {
	ROW("dirty", "pairs", KIND_COUNT, dirty_entries),
	ROW("dirty", "bytes", KIND_BYTES, dirty_bytes),
	ROW("dirty", "oldest in ms", KIND_COUNT, dirty_ms),
	ROW("dirty", "writes that waited", KIND_COUNT, flush_waits),
	ROW("runs", "sealed", KIND_COUNT, runs_sealed),
	ROW("runs", "committed", KIND_COUNT, runs_committed),
	ROW("runs", "records", KIND_COUNT, records_flushed),
#undef ROW
};

static const char *row_text(enum kind kind, uint64_t value, char *text,
			    size_t len)
{
	if (kind == KIND_BYTES)
		return bytes_text(value, text, len);
	snprintf(text, len, "%llu", (unsigned long long)value);
	return text;
}

static void print_rows(const struct row *row, size_t count,
		       const struct kvc_stats *s)
{
	const char *section = "";
	char text[32];

	for (; count--; row++) {
		if (strcmp(section, row->section))
			printf("\n%-11s ", row->section);
		else
			printf(", ");
		section = row->section;
		printf("%s %s", row->label,
		       row_text(row->kind, figure(s, row->field), text,
				sizeof(text)));
	}
}

static void print_flush(const struct kvc_stats *s)
{
	print_rows(flush_rows, ARRAY_SIZE(flush_rows), s);
	printf(", waiting %u\n%-11s %s", s->runs_waiting, "flusher",
	       s->flusher ? "there" : "none");
	if (s->flush_error)
		printf(", last error: %s", strerror(s->flush_error));
	printf("\n");
}

static void print_text(const struct kvc_stats *s, bool writebehind)
{
	printf("cache %s\n\n", s->name);
	print_tiers(s);
	print_rows(rows, ARRAY_SIZE(rows), s);
	printf(", shards %u\n", s->shards);
	if (writebehind)
		print_flush(s);
}

static int take(struct kvc_ctl *ctl, const char *name, struct kvc_stats *stats)
{
	int ret = kvc_stats(ctl, name, stats);

	return ret ? cache_failed(ctl, "stats", name, ret) : STATUS_OK;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

static void sleep_until(uint64_t when)
{
	struct timespec ts = {
		.tv_sec = when / NSEC_PER_SEC,
		.tv_nsec = when % NSEC_PER_SEC,
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) ==
	       EINTR)
		;
}

/* What happened since @old, as a line. */
static void print_line(const struct kvc_stats *old, const struct kvc_stats *s,
		       double seconds)
{
	uint64_t gets = s->gets - old->gets;
	uint64_t tier = s->hits_tier - old->hits_tier;
	uint64_t hits = tier + s->hits_memtable - old->hits_memtable;
	uint64_t evicted = s->evicted_limit - old->evicted_limit +
			   s->evicted_pressure - old->evicted_pressure;
	char all[32], of_tier[32], bytes[32];

	printf("%10.0f %8s %8s %10.0f %10.0f %12" PRIu64 " %10s %-6s\n",
	       gets / seconds, rate_text(hits, gets, all, sizeof(all)),
	       rate_text(tier, gets, of_tier, sizeof(of_tier)),
	       (s->puts - old->puts) / seconds, evicted / seconds,
	       s->entries_tier + s->entries_memtable,
	       bytes_text(s->bytes_tier + s->bytes_memtable, bytes,
			  sizeof(bytes)),
	       s->bypass ? "off" : "on");
}

static void print_heading(void)
{
	printf("%10s %8s %8s %10s %10s %12s %10s %-6s\n", "gets/s", "hits",
	       "tier", "puts/s", "evicts/s", "pairs", "bytes", "tier is");
}

/* The figures of each interval; those up to now come first in JSON only. */
static int repeat(const struct options *opt, struct kvc_ctl *ctl,
		  const char *name, struct kvc_stats *old)
{
	struct kvc_stats stats;
	uint64_t begin = now_ns(), last = begin, now, i;
	int status = STATUS_OK;

	for (i = 0; !status && (!opt->count || i < opt->count); i++) {
		sleep_until(begin + (i + 1) * opt->interval);
		status = take(ctl, name, &stats);
		if (status)
			break;
		now = now_ns();
		if (opt->json)
			print_json(opt, &stats);
		if (!opt->json && i % LINES_PER_HEADING == 0)
			print_heading();
		if (!opt->json)
			print_line(old, &stats, (now - last) / 1e9);
		*old = stats;
		last = now;
		status = output_flush(stdout, "the output");
	}
	return status;
}

static bool is_writebehind(struct kvc_ctl *ctl, const char *name)
{
	struct kvc_config config;

	return !kvc_cache_get(ctl, name, &config) &&
	       config.flags & KVC_CACHE_F_WRITEBEHIND;
}

static int run(const struct options *opt, struct kvc_ctl *ctl, const char *name)
{
	struct kvc_stats stats;
	int status;

	status = take(ctl, name, &stats);
	if (status)
		return status;
	if (opt->given & OPT_INTERVAL)
		return repeat(opt, ctl, name, &stats);
	if (opt->json)
		print_json(opt, &stats);
	else
		print_text(&stats, is_writebehind(ctl, name));
	return STATUS_OK;
}

int cmd_stats(const struct options *opt, int argc, char **argv)
{
	struct kvc_ctl *ctl;
	int status;

	(void)argc;
	if ((opt->given & OPT_COUNT) && !(opt->given & OPT_INTERVAL))
		return bad_usage("--count needs --interval");
	status = control_open(&ctl);
	if (status)
		return status;
	status = run(opt, ctl, argv[0]);
	kvc_ctl_close(ctl);
	return status;
}
