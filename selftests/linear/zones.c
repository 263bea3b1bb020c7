// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "zones.h"

/**
 * struct zone - the time in which a register must, or at least can, have had a
 *	value
 * @low: its beginning
 * @high: its end
 * @forward: at each moment of it, it had the value: one operation had ended
 *	before it, and one began after.  Else they all went on at the same time,
 *	and it need not be more than a moment of it.
 * @op: the first operation of the value
 */
struct zone {
	uint64_t low;
	uint64_t high;
	bool forward;
	const struct zones_op *op;
};

static int order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* By register and value, the write first */
static int by_value(const void *a, const void *b)
{
	const struct zones_op *x = a, *y = b;
	int diff = order(x->key, y->key);

	if (!diff)
		diff = order(x->value, y->value);
	return diff ? diff : order(y->write, x->write);
}

/* By register, kind and time */
static int by_time(const void *a, const void *b)
{
	const struct zone *x = a, *y = b;
	int diff = order(x->op->key, y->op->key);

	if (!diff)
		diff = order(y->forward, x->forward);
	return diff ? diff : order(x->low, y->low);
}

static struct zone zone_of(const struct zones_op *ops, size_t count)
{
	uint64_t ended = UINT64_MAX, began = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		if (ops[i].res < ended)
			ended = ops[i].res;
		if (ops[i].inv > began)
			began = ops[i].inv;
	}
	return (struct zone){
		.low = ended < began ? ended : began,
		.high = ended < began ? began : ended,
		.forward = ended < began,
		.op = ops,
	};
}

static struct zones_bad check_value(const struct zones_op *ops, size_t count)
{
	size_t i;

	if (!ops[0].write)
		return (struct zones_bad){ "read, but never written", ops,
					   NULL };
	for (i = 1; i < count; i++) {
		if (ops[i].write)
			return (struct zones_bad){ "written twice", ops,
						   &ops[i] };
		if (ops[i].res < ops[0].inv)
			return (struct zones_bad){ "read before it was written",
						   ops, &ops[i] };
	}
	return (struct zones_bad){ 0 };
}

/* The values of all registers; sets *zones to how many they are. */
static struct zones_bad make_zones(const struct zones_op *ops, size_t count,
				   struct zone *zone, size_t *zones)
{
	struct zones_bad bad = { 0 };
	size_t at, n;

	for (*zones = 0, at = 0; at < count && !bad.why; at += n) {
		for (n = 1; at + n < count; n++)
			if (ops[at + n].key != ops[at].key ||
			    ops[at + n].value != ops[at].value)
				break;
		bad = check_value(ops + at, n);
		zone[(*zones)++] = zone_of(ops + at, n);
	}
	return bad;
}

/* The last of the sorted zones that begins before a moment, or NULL */
static const struct zone *last_before(const struct zone *zone, size_t count,
				      uint64_t moment)
{
	size_t low = 0, high = count, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (zone[mid].low < moment)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? &zone[low - 1] : NULL;
}

/* The zones of one register, the forward ones first */
static struct zones_bad check_register(const struct zone *zone, size_t count)
{
	const struct zone *around;
	size_t forward, i;

	for (forward = 0; forward < count && zone[forward].forward; forward++)
		if (forward && zone[forward].low < zone[forward - 1].high)
			return (struct zones_bad){
				"two values at the same time",
				zone[forward - 1].op, zone[forward].op,
			};
	for (i = forward; i < count; i++) {
		around = last_before(zone, forward, zone[i].low);
		if (around && zone[i].high < around->high)
			return (struct zones_bad){
				"a value while there was another one",
				around->op, zone[i].op,
			};
	}
	return (struct zones_bad){ 0 };
}

static struct zones_bad check_registers(const struct zone *zone, size_t count)
{
	struct zones_bad bad = { 0 };
	size_t at, n;

	for (at = 0; at < count && !bad.why; at += n) {
		for (n = 1; at + n < count; n++)
			if (zone[at + n].op->key != zone[at].op->key)
				break;
		bad = check_register(zone + at, n);
	}
	return bad;
}

struct zones_bad zones_check(struct zones_op *ops, size_t count)
{
	struct zone *zone = calloc(count ? count : 1, sizeof(*zone));
	struct zones_bad bad;
	size_t zones;

	if (!zone)
		return (struct zones_bad){ "no memory to check it", NULL,
					   NULL };
	qsort(ops, count, sizeof(*ops), by_value);
	bad = make_zones(ops, count, zone, &zones);
	if (!bad.why) {
		qsort(zone, zones, sizeof(*zone), by_time);
		bad = check_registers(zone, zones);
	}
	free(zone);
	return bad;
}
