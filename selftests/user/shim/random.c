// SPDX-License-Identifier: GPL-2.0-only
#include <linux/random.h>
#include <linux/types.h>

static u64 state = 1;

void shim_random_seed(unsigned long seed)
{
	state = seed;
}

/* splitmix64 */
static u64 next(void)
{
	u64 z = (state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

void get_random_bytes(void *buf, size_t len)
{
	u8 *p = buf;

	while (len--)
		*p++ = next();
}
