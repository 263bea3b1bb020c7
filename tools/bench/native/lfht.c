// SPDX-License-Identifier: GPL-2.0-only
/*
 * rculfhash as its users use it: a node in each of their objects, and the key
 * in it.  Without the kernel's headers: liburcu has some of the same names.
 */
#include <stdlib.h>
#include <string.h>
#include <urcu/urcu-mb.h>
#include <urcu/rculfhash.h>
#include "../sequence.h"
#include "lfht.h"

struct item {
	struct cds_lfht_node node;
	char key[KEY_LEN];
	char value[VALUE_LEN];
};

static int matches(struct cds_lfht_node *node, const void *key)
{
	return !memcmp(caa_container_of(node, struct item, node)->key, key,
		       KEY_LEN);
}

struct cds_lfht *lfht_make(uint32_t entries)
{
	unsigned long buckets = 1;

	/* As many as it would have grown to */
	while (buckets < entries)
		buckets *= 2;
	return cds_lfht_new_flavor(buckets, buckets, 0, 0, &urcu_mb_flavor,
				   NULL);
}

void lfht_put(struct cds_lfht *table, uint32_t hash, const char *key,
	      const char *value)
{
	struct item *item = malloc(sizeof(*item));

	if (!item)
		abort();
	cds_lfht_node_init(&item->node);
	memcpy(item->key, key, KEY_LEN);
	memcpy(item->value, value, VALUE_LEN);
	urcu_mb_read_lock();
	cds_lfht_add(table, hash, &item->node);
	urcu_mb_read_unlock();
}

long lfht_get(struct cds_lfht *table, uint32_t hash, const char *key,
	      char *value)
{
	struct cds_lfht_iter iter;
	struct cds_lfht_node *node;

	cds_lfht_lookup(table, hash, matches, key, &iter);
	node = cds_lfht_iter_get_node(&iter);
	if (!node)
		return -1;
	memcpy(value, caa_container_of(node, struct item, node)->value,
	       VALUE_LEN);
	return 0;
}

void lfht_end(struct cds_lfht *table)
{
	struct cds_lfht_iter iter;
	struct cds_lfht_node *node;

	/* Nobody reads any more. */
	urcu_mb_read_lock();
	cds_lfht_for_each(table, &iter, node) {
		cds_lfht_del(table, node);
		free(caa_container_of(node, struct item, node));
	}
	urcu_mb_read_unlock();
	cds_lfht_destroy(table, NULL);
}
