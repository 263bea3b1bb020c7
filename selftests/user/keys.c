// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <linux/minmax.h>
#include "keys.h"

#define EXTENDED	13	/* every so manyth key is the one before and a ! */
#define LONG		17

#define SECOND		1000000000ULL

static u32 base_key(u8 *key, u32 number)
{
	u32 len = 5;

	key[0] = number % 7 * 40;
	key[1] = number % 3 ? 'k' : 0xff;
	key[2] = number >> 16;
	key[3] = number >> 8;
	key[4] = number;
	if (number % LONG == 0) {
		memset(key + len, number, KEYS_LEN - 1 - len);
		len = KEYS_LEN - 1 - number % 100;
		key[len - 1] = '.';
	}
	return len;
}

u32 keys_make(u8 *key, u32 number)
{
	u32 len;

	if (number % EXTENDED != EXTENDED - 1)
		return base_key(key, number);
	len = base_key(key, number - 1);
	key[len] = '!';
	return len + 1;
}

u32 keys_number(const u8 *key, u32 len)
{
	u32 number = key[2] << 16 | key[3] << 8 | key[4];
	u8 own[KEYS_LEN];

	if (number % EXTENDED == EXTENDED - 2 && len > base_key(own, number))
		number++;
	return number;
}

int keys_order(const u8 *a, u32 a_len, const u8 *b, u32 b_len)
{
	u32 i;

	for (i = 0; i < a_len && i < b_len; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return a_len < b_len ? -1 : a_len > b_len;
}

u64 random_next(struct random *r)
{
	u64 z = (r->state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

u32 random_below(struct random *r, u32 below)
{
	return (random_next(r) >> 32) * below >> 32;
}

u64 random_expiry(struct random *r, u64 now)
{
	u32 kind = random_below(r, 100);

	if (kind < 80)
		return 0;
	return kind < 98 ? now + random_below(r, 20) * SECOND + 1 :
			   now - random_below(r, 2);
}
