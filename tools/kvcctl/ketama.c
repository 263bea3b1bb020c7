// SPDX-License-Identifier: GPL-2.0-only
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <openssl/evp.h>

#include "ketama.h"
#include "util.h"

#define POINTS_OF_SERVER	160
#define POINTS_OF_DIGEST	4
#define DIGEST_LEN		16
#define NAME_MOST		128

const char ketama_hashes[] =
	"fnv1a_64, fnv1a_32, md5, crc32, crc32a or one_at_a_time";

static void md5(const void *data, size_t len, unsigned char out[DIGEST_LEN])
{
	/* Not for secrets: a system that forbids it for them has it here. */
	EVP_MD *kind = EVP_MD_fetch(NULL, "MD5", "-fips");

	if (!kind || !EVP_Digest(data, len, out, NULL, kind, NULL))
		memset(out, 0, DIGEST_LEN);
	EVP_MD_free(kind);
}

static uint32_t word_of(const unsigned char digest[DIGEST_LEN], unsigned int i)
{
	const unsigned char *d = digest + 4 * i;

	return (uint32_t)d[3] << 24 | d[2] << 16 | d[1] << 8 | d[0];
}

/* The bytes of a key are signed where these functions come from. */
static uint32_t byte_of(const void *key, size_t i)
{
	return (uint32_t)((const signed char *)key)[i];
}

/* FNV-1a with the 64-bit constants cut to 32 bits: that is what it is. */
static uint32_t hash_fnv1a_64(const void *key, size_t len)
{
	uint32_t hash = (uint32_t)0xcbf29ce484222325ull;
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ byte_of(key, i)) * (uint32_t)0x100000001b3ull;
	return hash;
}

static uint32_t hash_fnv1a_32(const void *key, size_t len)
{
	uint32_t hash = 2166136261u;
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ byte_of(key, i)) * 16777619u;
	return hash;
}

static uint32_t hash_md5(const void *key, size_t len)
{
	unsigned char digest[DIGEST_LEN];

	md5(key, len, digest);
	return word_of(digest, 0);
}

static uint32_t hash_crc32a(const void *key, size_t len)
{
	const unsigned char *byte = key;
	uint32_t crc = ~0u;
	size_t i;
	int bit;

	for (i = 0; i < len; i++) {
		crc ^= byte[i];
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

/* 15 bits, as the first clients had it. */
static uint32_t hash_crc32(const void *key, size_t len)
{
	return hash_crc32a(key, len) >> 16 & 0x7fff;
}

static uint32_t hash_one_at_a_time(const void *key, size_t len)
{
	uint32_t hash = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		hash += byte_of(key, i);
		hash += hash << 10;
		hash ^= hash >> 6;
	}
	hash += hash << 3;
	hash ^= hash >> 11;
	return hash + (hash << 15);
}

ketama_hash_fn ketama_hash(const char *name)
{
	static const struct {
		const char *name;
		ketama_hash_fn fn;
	} hashes[] = {
		{ "fnv1a_64", hash_fnv1a_64 },
		{ "fnv1a_32", hash_fnv1a_32 },
		{ "md5", hash_md5 },
		{ "crc32", hash_crc32 },
		{ "crc32a", hash_crc32a },
		{ "one_at_a_time", hash_one_at_a_time },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hashes); i++) {
		if (!strcmp(hashes[i].name, name))
			return hashes[i].fn;
	}
	return NULL;
}

/* In floats, as it is computed there: rounding makes points. */
static uint32_t digests_of(uint32_t weight, uint64_t total, uint32_t servers)
{
	float share = (float)weight / (float)total;

	return (uint32_t)floorf((float)(share * POINTS_OF_SERVER /
					POINTS_OF_DIGEST * (float)servers +
					0.0000000001));
}

uint32_t ketama_points(const char *name, uint32_t weight, uint64_t total,
		       uint32_t servers, uint32_t *point)
{
	uint32_t digests = digests_of(weight, total, servers), i, part;
	unsigned char digest[DIGEST_LEN];
	char text[NAME_MOST];
	int len;

	for (i = 0; i < digests; i++) {
		len = snprintf(text, sizeof(text), "%s-%u", name, i);
		md5(text, len, digest);
		for (part = 0; part < POINTS_OF_DIGEST; part++)
			*point++ = word_of(digest, part);
	}
	return digests * POINTS_OF_DIGEST;
}
