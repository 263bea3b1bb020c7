// SPDX-License-Identifier: GPL-2.0-only
/*
 * A BPF hash map, by the operations that the kernel itself calls it by.  It is
 * made as a program would make it; the process that loads this module has the
 * descriptor until it ends.
 */
#include <linux/bpf.h>
#include <linux/err.h>
#include "bench.h"

#if IS_ENABLED(CONFIG_BPF_SYSCALL)

/* Exported, and in no header */
int kern_sys_bpf(int cmd, union bpf_attr *attr, unsigned int size);

static void *make(u32 pairs)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_HASH,
		.key_size = KEY_LEN,
		.value_size = VALUE_LEN,
		.max_entries = pairs,
	};
	int fd = kern_sys_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));

	return fd < 0 ? ERR_PTR(fd) : bpf_map_get(fd);
}

static int put(void *table, const u8 *key, const u8 *value)
{
	struct bpf_map *map = table;
	int err;

	rcu_read_lock();
	err = map->ops->map_update_elem(map, (void *)key, (void *)value,
					BPF_ANY);
	rcu_read_unlock();
	return err;
}

static long get(void *table, const u8 *key, u8 *value)
{
	struct bpf_map *map = table;
	void *found;

	rcu_read_lock();
	found = map->ops->map_lookup_elem(map, (void *)key);
	if (found)
		memcpy(value, found, VALUE_LEN);
	rcu_read_unlock();
	return !found;
}

static void end(void *table)
{
	bpf_map_put(table);
}

#else

static void *make(u32 pairs)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static int put(void *table, const u8 *key, const u8 *value)
{
	return -EOPNOTSUPP;
}

static long get(void *table, const u8 *key, u8 *value)
{
	return -EOPNOTSUPP;
}

static void end(void *table)
{
}

#endif

static void ready(void *table)
{
}

const struct table bench_bpfmap = {
	.name = "BPF-HASH",
	.make = make,
	.put = put,
	.ready = ready,
	.get = get,
	.free = end,
};
